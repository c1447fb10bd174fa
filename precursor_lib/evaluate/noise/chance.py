"""A chance with its error, and the fits of many curves in a window of days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from precursor_lib.detect.growth_batch import fit_many
from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import wilson_interval

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Curves of one call of a thread: enough for the call to cost nothing beside them.
_PART = 512


@dataclass(frozen=True)
class Chance:
    """Chance of passing.

    Attributes
    ----------
    share : float
        The chance, or its estimate.
    low, high : float
        Wilson's interval of 95 %; both equal `share` where it is exact.
    runs : int
        Simulations; 0 where it is exact.
    """

    share: float
    low: float
    high: float
    runs: int


def counted(passed: ArrayLike) -> Chance:
    """Chance from simulations.

    Parameters
    ----------
    passed : array_like of bool, shape (runs,)

    Raises
    ------
    InputError
        If there is no run.
    """
    hits = np.asarray(passed, dtype=bool)
    if hits.ndim != 1 or hits.size == 0:
        raise InputError(f"passed: expected one value a run, got shape {hits.shape}")
    low, high = wilson_interval(int(hits.sum()), hits.size)
    return Chance(float(hits.mean()), low, high, hits.size)


def exact(share: float) -> Chance:
    """Chance known in closed form."""
    if not 0 <= share <= 1:
        raise InputError(f"share: expected a number from 0 to 1, got {share}")
    return Chance(float(share), float(share), float(share), 0)


def window_fits(
    days: Array,
    curves: Array,
    window: tuple[float, float],
    *,
    least_r2: float = 0.0,
    cores: int = 1,
) -> pd.DataFrame:
    """Sigmoid and line through each curve within a window, see `detect.growth_batch.fit_many`.

    Parameters
    ----------
    days : numpy.ndarray, shape (n,)
    curves : numpy.ndarray, shape (runs, n)
        Cumulative curves.
    window : tuple of float
        First and last day, both included.
    least_r2 : float
        As for `fit_many`: curves whose sigmoid stays below may be left NaN.
    cores : int
        Threads. The result does not depend on it.
    """
    inside = (days >= window[0]) & (days <= window[1])
    if inside.sum() < 5:
        raise InputError(f"window: expected at least 5 days in {window}, got {inside.sum()}")
    x, part = days[inside], np.asarray(curves[:, inside], dtype=float)
    if cores == 1 or part.shape[0] <= _PART:
        return fit_many(x, part, least_r2=least_r2)
    edges = [*range(0, part.shape[0], _PART), part.shape[0]]
    found = Parallel(n_jobs=cores, prefer="threads")(
        delayed(fit_many)(x, part[a:b], least_r2=least_r2) for a, b in pairwise(edges)
    )
    return pd.concat(found, ignore_index=True)


def line_r2(days: Array, curves: Array, window: tuple[float, float] = (-np.inf, np.inf)) -> Array:
    """R2 of a line through each curve within a window; NaN where it does not vary.

    Parameters
    ----------
    days : numpy.ndarray, shape (n,)
    curves : numpy.ndarray, shape (runs, n)
    window : tuple of float
        First and last day, both included.

    Returns
    -------
    numpy.ndarray, shape (runs,)
        The squared correlation of days and values.
    """
    inside = (days >= window[0]) & (days <= window[1])
    x = days[inside] - days[inside].mean()
    y = curves[:, inside] - curves[:, inside].mean(axis=1, keepdims=True)
    varied = (x @ x) * (y * y).sum(axis=1)
    shared = (y @ x) ** 2
    return np.asarray(np.divide(shared, varied, out=np.full(len(y), np.nan), where=varied > 0))
