"""Stretches of even steps in a record, such as nights, and the level of a run within one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError


def stretches(times: ArrayLike) -> list[slice]:
    """Runs of samples that follow on each other at the record's step.

    Parameters
    ----------
    times : array_like of datetime64, shape (n,)
        UTC, ascending. A pause of two usual (median) steps or more ends a stretch.

    Raises
    ------
    InputError
        If there are fewer than two times, or steps within a stretch differ.
    """
    steps, usual = _steps(times)
    pause = steps >= 2 * usual
    # Times are kept in ns, so that the steps of an even record may differ by one.
    if (np.abs(steps[~pause] - usual) > 2).any():
        raise InputError("time: expected an ascending axis with one step within a night")
    ends = [0, *(np.flatnonzero(pause) + 1).tolist(), steps.size + 1]
    return [slice(a, b) for a, b in pairwise(ends)]


def step_seconds(times: ArrayLike) -> float:
    """The usual (median) step of times in s.

    Raises
    ------
    InputError
        If there are fewer than two.
    """
    return 1e-9 * _steps(times)[1]


def _steps(times: ArrayLike) -> tuple[NDArray[np.float64], float]:
    """Steps and their median in ns."""
    steps = np.diff(np.asarray(times).astype("datetime64[ns]")).astype(np.float64)
    if not steps.size:
        raise InputError("time: expected two samples or more")
    return steps, float(np.sort(steps)[steps.size // 2])


def rule_levels(
    course: ArrayLike, rate: float, shortest: float, longest: float
) -> NDArray[np.float64]:
    """The highest level that a series exceeds in a run of a given duration, at the run's middle.

    The rule of the SW-NTF paper asks for a run above ``k sigma`` that lasts from `shortest` to
    `longest`. It finds one for every k below the largest value given here (down to the level at
    which the run grows too long), and none above, so that this value is what the rule thresholds.

    Parameters
    ----------
    course : array_like, shape (n,)
        Finite.
    rate : float
        Samples a second.
    shortest, longest : float
        s, both included; `longest` may be infinite.

    Returns
    -------
    numpy.ndarray, shape (n,)
        For each sample, the smallest value of the run about it, if that is above both neighbours of
        the run; the largest where several runs of these durations share a middle; -inf where there
        is none. A run of an even number of samples has the later of its two middle samples.

    Raises
    ------
    InputError
        If no duration of whole samples lies between the two.
    """
    x = np.asarray(course, dtype=float)
    first = max(1, int(np.ceil(shortest * rate - 1e-9)))
    most = np.floor(longest * rate + 1e-9)
    if first > most:
        raise InputError(f"shortest {shortest:g} s, longest {longest:g} s: no run at {rate:g} Hz")
    last = int(min(x.size, most))
    levels = np.full(x.size, -np.inf)
    outside = np.concatenate(([-np.inf], x, [-np.inf]))
    floor = x.copy()
    for length in range(1, last + 1):
        if length > 1:
            floor = np.minimum(floor[:-1], x[length - 1 :])
        if length < first:
            continue
        beside = np.maximum(outside[: floor.size], outside[length + 1 :])
        middle = slice(length // 2, length // 2 + floor.size)
        np.maximum(levels[middle], np.where(floor > beside, floor, -np.inf), out=levels[middle])
    return levels
