"""Where windows lie: before earthquakes, in quiet times, and in the parts of a split."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError


def starts_before(
    events: ArrayLike, first: str | pd.Timestamp, step: float, length: int
) -> np.ndarray:
    """First sample of the window that ends with the last sample before each event.

    Parameters
    ----------
    events : array_like of datetime64
        Origin times, UTC.
    first : str or pandas.Timestamp
        Time of the record's first sample.
    step : float
        Seconds from one sample to the next.
    length : int
        Samples of a window.

    Returns
    -------
    numpy.ndarray of int
        May be negative, where a window starts before the record. The sample in which an event
        falls stays outside, so that its own shaking or its effects are not in the window.
    """
    if not step > 0 or length < 1:
        raise InputError(f"step {step}, length {length}: expected above 0 and 1 or more")
    seconds = (pd.DatetimeIndex(events) - pd.Timestamp(first)) / pd.Timedelta(seconds=1)
    return np.floor(np.asarray(seconds, dtype=float) / step).astype(int) - length


def extreme_in(
    index: pd.Series,
    interval: str,
    first: str | pd.Timestamp,
    step: float,
    starts: ArrayLike,
    length: int,
    *,
    largest: bool = True,
) -> np.ndarray:
    """Largest or smallest value of an activity index in each window.

    Parameters
    ----------
    index : pandas.Series
        By the start of its interval (UTC), ascending; such as Kp.
    interval : str
        Its length, such as ``"3h"``.
    first, step, length
        As for `starts_before`.
    starts : array_like of int
        Windows.
    largest : bool
        False gives the smallest, as for a ring-current index.

    Returns
    -------
    numpy.ndarray
        NaN where the index has no value for a part of the window.
    """
    begin = pd.DatetimeIndex(index.index).to_numpy(dtype="datetime64[ns]")
    long = np.timedelta64(pd.Timedelta(interval).value, "ns")
    values = index.to_numpy(dtype=float)
    origin = np.datetime64(pd.Timestamp(first), "ns")
    tick = np.timedelta64(round(step * 1e9), "ns")
    low = origin + np.asarray(starts) * tick
    high = low + length * tick
    i = np.searchsorted(begin, low, side="right") - 1
    j = np.searchsorted(begin, high, side="left")
    found = np.full(i.size, np.nan)
    # Intervals that follow on one another without a hole, up to and with each.
    steps = np.concatenate([[0], np.cumsum(np.diff(begin) == long)])
    inside = (i >= 0) & (j > i)
    a, b = np.where(inside, i, 0), np.where(inside, j, 1) - 1
    whole = inside & (begin[b] + long >= high) & (steps[b] - steps[a] == b - a)
    # Windows of one length touch one of two or three numbers of intervals.
    for number in np.unique((b - a)[whole]):
        at = np.flatnonzero(whole & (b - a == number))
        blocks = np.lib.stride_tricks.sliding_window_view(values, number + 1)
        extreme = blocks.max(axis=1) if largest else blocks.min(axis=1)
        found[at] = extreme[a[at]]
    return found


def keep_clear(starts: ArrayLike, length: int, events: ArrayLike, *, clear: int) -> np.ndarray:
    """The windows that lie away from every event.

    Parameters
    ----------
    starts : array_like of int
        First sample of each window.
    length : int
        Samples of a window.
    events : array_like of int
        Sample of each event.
    clear : int
        Samples that have to lie between a window and any event, on either side.

    Returns
    -------
    numpy.ndarray of int
        The first samples of those kept.
    """
    first = np.asarray(starts, dtype=int)
    at = np.sort(np.asarray(events, dtype=int))
    low = np.searchsorted(at, first - clear, side="left")
    high = np.searchsorted(at, first + length + clear, side="left")
    return first[low == high]


def window_grid(samples: int, length: int, stride: int | None = None) -> np.ndarray:
    """First samples of the windows of a grid, `stride` (a window's length by default) apart."""
    apart = length if stride is None else stride
    if length < 1 or apart < 1:
        raise InputError(f"length {length}, stride {apart}: expected 1 or more")
    return np.arange(0, samples - length + 1, apart)


def split_in_time(
    starts: ArrayLike,
    length: int,
    shares: Sequence[float] = (0.6, 0.2, 0.2),
    *,
    by: ArrayLike | None = None,
) -> list[np.ndarray]:
    """Parts of a set of windows one after the other in time, none of which share a sample.

    The cuts are at quantiles of the windows' first samples, so that parts hold about their share of
    the windows. A window that reaches over a cut belongs to no part.

    Parameters
    ----------
    starts : array_like of int
        First sample of each window.
    length : int
        Samples of a window.
    shares : sequence of float
        Shares of the parts; they sum to 1.
    by : array_like of int, optional
        First samples of the windows of which each part is to hold its share, such as those before
        earthquakes; all by default.

    Returns
    -------
    list of numpy.ndarray of int
        Numbers of each part's windows.

    Raises
    ------
    InputError
        If shares do not sum to 1 or a part is empty.
    """
    first = np.asarray(starts, dtype=int)
    if not np.isclose(sum(shares), 1.0) or min(shares) <= 0:
        raise InputError(f"shares {list(shares)}: expected parts above 0 that sum to 1")
    order = np.sort(first if by is None else np.asarray(by, dtype=int))
    if not (first.size and order.size):
        raise InputError("starts, by: expected at least one window of each")
    position = np.round(np.cumsum(shares)[:-1] * order.size).astype(int)
    edges = [int(first.min()), *order[np.minimum(position, order.size - 1)]]
    edges.append(int(first.max()) + length)
    parts = [np.flatnonzero((first >= a) & (first + length <= b)) for a, b in pairwise(edges)]
    for number, part in enumerate(parts, 1):
        if not part.size:
            raise InputError(f"part {number} of {len(parts)} has no window of {first.size}")
    return parts


def split_at_random(number: int, shares: Sequence[float], seed: int) -> list[np.ndarray]:
    """Parts of a set of windows drawn at random, whatever they share; numbers of each part."""
    if not np.isclose(sum(shares), 1.0) or min(shares) <= 0:
        raise InputError(f"shares {list(shares)}: expected parts above 0 that sum to 1")
    order = np.random.default_rng(seed).permutation(number)
    cuts = np.round(np.cumsum(shares)[:-1] * number).astype(int)
    return [np.sort(part) for part in np.split(order, cuts)]


def sharing(starts: ArrayLike, others: ArrayLike, length: int) -> np.ndarray:
    """Which windows have a sample in common with any of the others.

    Parameters
    ----------
    starts, others : array_like of int
        First samples of the windows of either set.
    length : int
        Samples of every window.

    Returns
    -------
    numpy.ndarray of bool, of the first set's size
    """
    first = np.asarray(starts, dtype=int)
    at = np.sort(np.asarray(others, dtype=int))
    low = np.searchsorted(at, first - length, side="right")
    high = np.searchsorted(at, first + length, side="left")
    return high > low
