"""Geomagnetic activity at the times of events, and what chance would give."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import gammaln, xlogy

from precursor_lib.errors import InputError

#: Upper limits of the quiet and the moderate level of the SW-NTF paper (table 2): |Dst| in nT, ap.
DST_EDGES = (30.0, 50.0)
AP_EDGES = (32.0, 48.0)

_MOST_TABLES = 2_000_000


def index_at(times: ArrayLike, index: pd.Series, interval: str | pd.Timedelta) -> np.ndarray:
    """Value of an activity index at given times.

    A value holds for the interval that starts at its time: an hourly Dst labelled 03:00 for
    ``03:00 <= t < 04:00``, a three-hourly ap labelled 03:00 for ``03:00 <= t < 06:00``. Series
    labelled at the middle or end of the interval have to be shifted first.

    Parameters
    ----------
    times : array_like of datetime64, shape (n,)
        UTC.
    index : pandas.Series
        The index, with an ascending ``DatetimeIndex`` (UTC, without a zone).
    interval : str or pandas.Timedelta
        Length of an interval, such as ``"1h"`` for Dst or ``"3h"`` for ap.

    Returns
    -------
    numpy.ndarray
        Floats, shape (n,); NaN where the series has no value for the time.

    Raises
    ------
    InputError
        If the series is empty, unsorted, repeats a time, has a time zone, or its intervals overlap.
    """
    starts, length = _intervals(index, interval)
    t = _utc(times, "times")
    place = np.searchsorted(starts, t, side="right") - 1
    inside = (place >= 0) & (t - starts[np.maximum(place, 0)] < length)
    values = index.to_numpy(dtype=float)
    return np.where(inside, values[np.maximum(place, 0)], np.nan)


def classify(values: ArrayLike, edges: Sequence[float]) -> np.ndarray:
    """Level of each value by its magnitude: 0 for ``|v| <= edges[0]``, and so on upwards.

    Parameters
    ----------
    values : array_like
        Dst (nT), ap or the like; the sign is dropped.
    edges : sequence of float
        Ascending upper limits, each belonging to the level below it. ``(30, 50)`` gives three
        levels.

    Returns
    -------
    numpy.ndarray of int
        Levels 0 to ``len(edges)``, and -1 where the value is NaN.

    Raises
    ------
    InputError
        If `edges` is empty or does not ascend.
    """
    limits = _edges(edges)
    v = np.abs(np.asarray(values, dtype=float))
    return np.where(np.isnan(v), -1, np.searchsorted(limits, v, side="left"))


def level_names(symbol: str, edges: Sequence[float]) -> list[str]:
    """Names of the levels as a table prints them, such as ``30 < |Dst| <= 50``."""
    limits = [f"{e:g}" for e in _edges(edges)]
    middle = [f"{a} < {symbol} <= {b}" for a, b in pairwise(limits)]
    return [f"{symbol} <= {limits[0]}", *middle, f"{symbol} > {limits[-1]}"]


def level_shares(
    index: pd.Series,
    edges: Sequence[float],
    interval: str | pd.Timedelta,
    starts: ArrayLike,
    duration: float,
) -> np.ndarray:
    """Share of the observing time that was spent in each level.

    Parameters
    ----------
    index, interval
        As for `index_at`.
    edges : sequence of float
        As for `classify`.
    starts : array_like of datetime64
        Start of each observing window, UTC; windows must not overlap.
    duration : float
        Length of a window in s.

    Returns
    -------
    numpy.ndarray, shape (levels + 1,)
        Shares of the levels, lowest first, and last the share for which the series has no value.
        They sum to 1.

    Raises
    ------
    InputError
        As `index_at` and `classify`, or if there is no window or windows overlap.
    """
    begins, length = _intervals(index, interval)
    opened = np.sort(_utc(starts, "starts"))
    if opened.size == 0 or not duration > 0:
        raise InputError("starts, duration: expected at least one window longer than 0 s")
    window = np.timedelta64(round(duration * 1e9), "ns")
    if np.any(np.diff(opened) < window):
        raise InputError("starts: expected windows that do not overlap")
    late = np.minimum(begins[:, None] + length, opened[None, :] + window)
    overlap = (late - np.maximum(begins[:, None], opened[None, :])) / np.timedelta64(1, "ns")
    seconds = np.clip(overlap, 0, None).sum(axis=1) / 1e9
    level = classify(index.to_numpy(dtype=float), edges)
    spent = np.bincount(level[level >= 0], seconds[level >= 0], minlength=len(edges) + 1)
    share = spent / (duration * opened.size)
    return np.append(share, max(0.0, 1 - share.sum()))


def level_counts(
    event_times: ArrayLike,
    index: pd.Series,
    edges: Sequence[float],
    interval: str | pd.Timedelta,
    *,
    symbol: str = "v",
    starts: ArrayLike | None = None,
    duration: float | None = None,
) -> pd.DataFrame:
    """Count events by the activity level at their time (table 2 of the SW-NTF paper).

    Parameters
    ----------
    event_times, index, interval
        As for `index_at`.
    edges : sequence of float
        As for `classify`.
    symbol : str
        Name of the index in the level names, such as ``"|Dst|"``.
    starts, duration : optional
        Observing windows as for `level_shares`; with them the frame says what events spread
        evenly over the observing time would give.

    Returns
    -------
    pandas.DataFrame
        Index ``level``: the level names and ``no value``. Columns ``count``, and with windows
        ``share`` (of the observing time) and ``expected`` (share times the number of events).

    Raises
    ------
    InputError
        As the functions named.
    """
    level = classify(index_at(event_times, index, interval), edges)
    names = [*level_names(symbol, edges), "no value"]
    count = np.bincount(np.where(level < 0, len(names) - 1, level), minlength=len(names))
    frame = pd.DataFrame({"count": count}, index=pd.Index(names, name="level"))
    if starts is not None:
        if duration is None:
            raise InputError("duration: expected the length of a window in s, as starts is given")
        frame["share"] = level_shares(index, edges, interval, starts, duration)
        frame["expected"] = frame["share"] * count.sum()
    return frame


def chance_of_counts(counts: ArrayLike, shares: ArrayLike) -> dict[str, float]:
    """How likely a table of counts is if events fall evenly over the observing time.

    Parameters
    ----------
    counts : array_like of int, shape (levels,)
        Events in each level, quietest first.
    shares : array_like, shape (levels,)
        Share of the observing time in each level; scaled to sum 1.

    Returns
    -------
    dict
        ``quiet``: binomial chance of at least ``counts[0]`` events in the first level.
        ``table``: exact multinomial test, the chance of all tables that are at most as likely as
        this one.

    Raises
    ------
    InputError
        If shapes differ, a count is negative or no whole number, shares are negative or sum to
        0, or there are too many tables to list.
    """
    n_, p = np.asarray(counts), np.asarray(shares, dtype=float)
    if n_.ndim != 1 or n_.shape != p.shape or n_.size < 2:
        raise InputError(f"counts, shares: expected one length >= 2, got {n_.shape}, {p.shape}")
    if n_.dtype.kind not in "iu" or np.any(n_ < 0):
        raise InputError("counts: expected whole numbers >= 0")
    if not np.all(np.isfinite(p)) or np.any(p < 0) or p.sum() <= 0:
        raise InputError("shares: expected numbers >= 0 with a positive sum")
    p, total = p / p.sum(), int(n_.sum())
    tables = _compositions(total, n_.size)
    logs = gammaln(total + 1) + (xlogy(tables, p) - gammaln(tables + 1)).sum(axis=1)
    own = gammaln(total + 1) + float((xlogy(n_, p) - gammaln(n_ + 1)).sum())
    # Equal chances differ by rounding; the tolerance keeps ties on the side of the observed table.
    table = float(np.exp(logs[logs <= own + 1e-7]).sum()) if np.isfinite(own) else 0.0
    return {"quiet": float(stats.binom.sf(n_[0] - 1, total, p[0])), "table": min(1.0, table)}


def _compositions(total: int, parts: int) -> np.ndarray:
    """All ways of writing `total` as `parts` ordered counts, one a row."""
    rows = np.zeros((1, 0), dtype=int)
    for _ in range(parts - 1):
        left = total - rows.sum(axis=1)
        if (left + 1).sum() > _MOST_TABLES:
            raise InputError(f"counts: {total} events in {parts} levels give too many tables")
        rows = np.repeat(rows, left + 1, axis=0)
        new = np.concatenate([np.arange(k + 1) for k in left])
        rows = np.column_stack((rows, new))
    return np.column_stack((rows, total - rows.sum(axis=1)))


def _edges(edges: Sequence[float]) -> np.ndarray:
    limits = np.asarray(edges, dtype=float)
    if limits.ndim != 1 or limits.size == 0 or np.any(~(np.diff(limits) > 0)):
        raise InputError(f"edges: expected ascending numbers, got {tuple(edges)}")
    return limits


def _utc(times: ArrayLike, name: str) -> np.ndarray:
    moments = pd.DatetimeIndex(np.asarray(times).ravel() if np.ndim(times) == 0 else times)
    if moments.tz is not None:
        raise InputError(f"{name}: expected UTC without a time zone, got {moments.tz}")
    if moments.hasnans:
        raise InputError(f"{name}: expected times, got NaT")
    return moments.to_numpy(dtype="datetime64[ns]")


def _intervals(index: pd.Series, interval: str | pd.Timedelta) -> tuple[np.ndarray, np.timedelta64]:
    if not isinstance(index.index, pd.DatetimeIndex) or index.empty:
        raise InputError("index: expected a series over times with at least one value")
    starts = _utc(index.index, "index")
    length = np.timedelta64(pd.Timedelta(interval).value, "ns")
    if length <= np.timedelta64(0, "ns"):
        raise InputError(f"interval: expected a length above 0, got {interval}")
    close = np.flatnonzero(np.diff(starts) < length)
    if close.size:
        raise InputError(
            f"index: value {close[0] + 1} at {starts[close[0] + 1]} starts less than {interval} "
            "after the one before it"
        )
    return starts, length
