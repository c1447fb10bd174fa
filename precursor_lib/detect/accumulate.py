"""Cumulative curves of anomalies over days."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError


def cumulative_by_day(
    days: ArrayLike, all_days: ArrayLike, *, counts: ArrayLike | None = None
) -> pd.DataFrame:
    """Count events a day and accumulate them over the days that were looked at.

    Parameters
    ----------
    days : array_like of int, shape (n,)
        Day of each event, repeated where a day has several; or, with `counts`, the days that the
        counts belong to.
    all_days : array_like of int
        Every day that was analysed, with or without events. A day on which nothing could be
        analysed stays out, so that it is no day of calm.
    counts : array_like, shape (n,), optional
        Events a day (or any non-negative weight), in the order of `days`.

    Returns
    -------
    pandas.DataFrame
        Index ``day``, ascending. Columns ``count`` and ``cumulative``.

    Raises
    ------
    InputError
        If `all_days` is empty or repeats a day, a day is no whole number, an event falls on a day
        that is not among `all_days`, or a count is negative or not finite.
    """
    analysed = _whole(all_days, "all_days")
    if analysed.size == 0:
        raise InputError("all_days: expected at least one day")
    analysed = np.sort(analysed)
    twice = analysed[:-1][np.diff(analysed) == 0]
    if twice.size:
        raise InputError(f"all_days: day {twice[0]} stands there more than once")
    when = _whole(days, "days")
    stray = np.setdiff1d(when, analysed)
    if stray.size:
        raise InputError(f"days: day {stray[0]} is not among all_days ({stray.size} such days)")
    if counts is None:
        weight = np.ones(when.size, dtype=int)
    else:
        weight = np.asarray(counts)
        if weight.shape != when.shape:
            raise InputError(f"counts: expected shape {when.shape} as days, got {weight.shape}")
        if not (np.all(np.isfinite(weight)) and np.all(weight >= 0)):
            raise InputError("counts: expected finite numbers >= 0")
    count = np.zeros(analysed.size, dtype=weight.dtype)
    np.add.at(count, np.searchsorted(analysed, when), weight)
    index = pd.Index(analysed, name="day")
    return pd.DataFrame({"count": count, "cumulative": np.cumsum(count)}, index=index)


def _whole(values: ArrayLike, name: str) -> np.ndarray:
    x = np.asarray(values)
    if x.ndim != 1:
        raise InputError(f"{name}: expected a list of days, got shape {x.shape}")
    if x.size == 0:
        return np.empty(0, dtype=int)
    if x.dtype.kind not in "iuf" or not np.all(np.isfinite(x)) or np.any(x != np.round(x)):
        raise InputError(f"{name}: expected whole days, got {x.dtype} with other values")
    return x.astype(int)
