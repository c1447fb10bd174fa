"""Every circular shift of a catalogue against a record at once, by the Fourier transform."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

from precursor_lib.errors import InputError

# Equal sums differ by the rounding of the transform; shifts that near count as equal.
TIE = 1e-9


def shifted_sums(weights: ArrayLike, events: ArrayLike) -> np.ndarray:
    """Sum of weights over the events, for each circular shift of the events.

    Parameters
    ----------
    weights : array_like, shape (..., days)
    events : array_like, shape (..., days)
        Events of each day.

    Returns
    -------
    numpy.ndarray, shape (..., days)
        Element s is ``sum_d events[d] * weights[(d + s) % days]``: events moved s days later.

    Raises
    ------
    InputError
        If the numbers of days differ or are 0.
    """
    w, e = np.asarray(weights, dtype=float), np.asarray(events, dtype=float)
    if not w.ndim or not e.ndim or w.shape[-1] != e.shape[-1] or not w.shape[-1]:
        raise InputError(f"weights, events: expected one length, got {w.shape}, {e.shape}")
    days = w.shape[-1]
    return fft.irfft(fft.rfft(w) * np.conj(fft.rfft(e)), n=days)


def shifted_means(values: ArrayLike, events: ArrayLike) -> np.ndarray:
    """Mean of a record over the events, for each circular shift of the events.

    Parameters
    ----------
    values : array_like, shape (..., days)
        NaN where there is none: events there do not count, shift by shift.
    events : array_like, shape (..., days)

    Returns
    -------
    numpy.ndarray, shape (..., days)
        As `shifted_sums`; NaN for a shift that leaves no event on a day with a value.
    """
    v = np.asarray(values, dtype=float)
    there = np.isfinite(v)
    # Around the mean, so that a large level does not cost digits.
    number = np.maximum(there.sum(axis=-1, keepdims=True), 1)
    centre = np.where(there, v, 0.0).sum(axis=-1, keepdims=True) / number
    counts = np.round(shifted_sums(there, events))
    sums = shifted_sums(np.where(there, v - centre, 0.0), events)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan) + centre


def shift_places(days: int, reach: int | None = None) -> np.ndarray:
    """Shifts that a test uses: all, or those of at most `reach` days either way.

    Raises
    ------
    InputError
        If `reach` is below 1 or more than half the record.
    """
    if reach is None:
        return np.arange(days)
    if not 1 <= reach <= (days - 1) // 2:
        raise InputError(f"reach {reach}: expected 1 to {(days - 1) // 2} days")
    return np.concatenate([np.arange(reach + 1), np.arange(days - reach, days)])


def shift_chance(statistic: ArrayLike, reach: int | None = None) -> float:
    """Share of the shifts, the true place among them, with a statistic at least as large.

    The shifts keep the clusters of the events and the memory of the record. With all of them the
    test is exact for a catalogue whose law does not change with time. Where both rates drift, every
    shift takes them apart; shifts within a reach keep what is slower than it. The true place is the
    middle of those, and a middle is seldom the largest of a slow curve, so that this test is
    cautious.

    Parameters
    ----------
    statistic : array_like, shape (days,)
        By shift; element 0 is the true place. NaN do not count.
    reach : int, optional
        See `shift_places`.

    Raises
    ------
    InputError
        If the true place has no statistic.
    """
    values = np.asarray(statistic, dtype=float)
    if values.ndim != 1 or not values.size or not np.isfinite(values[0]):
        raise InputError("statistic: expected numbers, the first of them finite")
    values = values[shift_places(values.size, reach)]
    values = values[np.isfinite(values)]
    slack = TIE * max(1.0, float(np.abs(values).max()))
    return float(np.mean(values >= values[0] - slack))


def family_chance(statistics: ArrayLike) -> float:
    """Chance that the best of several statistics does as well, as all are shifted together.

    For each shift the best is the one with the smallest `shift_chance` of its own; so statistics
    of different spread compare, and their dependence is kept.

    Parameters
    ----------
    statistics : array_like, shape (tests, days)
        By shift; column 0 is the true place. All finite.

    Raises
    ------
    InputError
        If a statistic is not finite or there is none.
    """
    values = np.atleast_2d(np.asarray(statistics, dtype=float))
    if not values.size or not np.isfinite(values).all():
        raise InputError("statistics: expected finite numbers, shape (tests, days)")
    slack = TIE * np.maximum(1.0, np.abs(values).max(axis=1, keepdims=True))
    ordered = np.sort(values, axis=1)
    # Number of shifts at least as large, for each test and shift.
    at_least = np.stack(
        [
            row.size - np.searchsorted(row, own - s, side="left")
            for row, own, s in zip(ordered, values, slack, strict=True)
        ]
    )
    best = at_least.min(axis=0)
    return float(np.mean(best <= best[0]))
