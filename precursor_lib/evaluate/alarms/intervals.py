"""Sets of half-open intervals on a line of days."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError

# A time in UTC.
Moment: TypeAlias = str | np.datetime64 | pd.Timestamp


def day_numbers(times: ArrayLike, origin: np.datetime64, name: str) -> np.ndarray:
    """Times as days since an origin, shape (n,).

    Raises
    ------
    InputError
        If a time is missing or has a zone; the error gives `name`.
    """
    moments = pd.DatetimeIndex(np.atleast_1d(np.asarray(times)))
    if moments.hasnans or moments.tz is not None:
        raise InputError(f"{name}: expected times in UTC without a zone")
    return (moments.to_numpy(dtype="datetime64[ns]") - origin) / np.timedelta64(1, "D")


def merged(starts: ArrayLike, ends: ArrayLike) -> np.ndarray:
    """Union of intervals ``start <= t < end`` as disjoint ascending ones, shape (intervals, 2).

    Raises
    ------
    InputError
        If lengths differ or one ends before it begins.
    """
    a, b = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
    if a.ndim != 1 or a.shape != b.shape:
        raise InputError(f"starts, ends: expected one of each, got {a.shape}, {b.shape}")
    if (b < a).any():
        raise InputError(f"ends[{int(np.flatnonzero(b < a)[0])}]: lies before its start")
    a, b = a[b > a], b[b > a]
    order = np.argsort(a, kind="stable")
    a, b = a[order], b[order]
    if not a.size:
        return np.empty((0, 2))
    reach = np.maximum.accumulate(b)
    new = np.concatenate([[True], a[1:] > reach[:-1]])
    last = np.append(np.flatnonzero(new)[1:] - 1, a.size - 1)
    return np.column_stack([a[new], reach[last]])


def without(intervals: np.ndarray, holes: np.ndarray) -> np.ndarray:
    """Disjoint ascending intervals less others; both as `merged` gives them."""
    if not len(intervals) or not len(holes):
        return intervals
    edges = np.concatenate([[-np.inf], holes.ravel(), [np.inf]]).reshape(-1, 2)
    low = np.maximum(intervals[:, None, 0], edges[None, :, 0])
    high = np.minimum(intervals[:, None, 1], edges[None, :, 1])
    kept = high > low
    return np.column_stack([low[kept], high[kept]])


def contained(times: np.ndarray, intervals: np.ndarray) -> np.ndarray:
    """Which times (any shape) lie in disjoint ascending intervals."""
    return np.searchsorted(intervals.ravel(), times, side="right") % 2 == 1


def within_one(starts: np.ndarray, ends: np.ndarray, intervals: np.ndarray) -> np.ndarray:
    """Which closed windows (any shape) lie wholly in one of disjoint ascending intervals."""
    if not len(intervals):
        return np.zeros(starts.shape, dtype=bool)
    place = np.clip(
        np.searchsorted(intervals[:, 0], starts, side="right") - 1, 0, len(intervals) - 1
    )
    return (starts >= intervals[place, 0]) & (ends <= intervals[place, 1])


def record_days(record: tuple[Moment, Moment]) -> tuple[float, np.datetime64]:
    """Length of a record in days, and its start.

    Raises
    ------
    InputError
        If it does not end after its start.
    """
    start, end = (pd.DatetimeIndex([v]).to_numpy(dtype="datetime64[ns]")[0] for v in record)
    if not end > start:
        raise InputError(f"record: expected an end after its start, got {start} to {end}")
    return float((end - start) / np.timedelta64(1, "D")), start


def span_days(
    pair: tuple[ArrayLike, ArrayLike] | None, origin: np.datetime64, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of spans as days since an origin; none for None."""
    if pair is None:
        return np.empty(0), np.empty(0)
    a, b = (day_numbers(v, origin, name) for v in pair)
    return a, b
