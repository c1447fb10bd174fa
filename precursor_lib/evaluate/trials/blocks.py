"""Blocks of a record, the sources planned into them, and what a block scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError


def block_of(times: ArrayLike, block: str | pd.Timedelta) -> pd.DatetimeIndex:
    """The start (UTC) of the block that each time lies in; blocks count from 1970.

    Parameters
    ----------
    times : array_like of datetime64
        UTC.
    block : str or pandas.Timedelta
        Length, such as ``"1D"``.

    Raises
    ------
    InputError
        If the length is not positive.
    """
    length = pd.Timedelta(block)
    if length <= pd.Timedelta(0):
        raise InputError(f"block {block!r}: expected a positive length")
    return pd.DatetimeIndex(np.asarray(times)).floor(length)


def plan_sources(
    times: ArrayLike,
    block: str | pd.Timedelta,
    duration: pd.Timedelta,
    amplitudes: Sequence[float],
    *,
    every: int,
    seed: int,
) -> pd.DataFrame:
    """One source in every so many blocks, at a random moment and with each amplitude equally often.

    Parameters
    ----------
    times : array_like of datetime64
        Of the record, UTC. A block counts if its samples span the duration.
    block, duration
        As in `Kind`.
    amplitudes : sequence of float
        In random order, each as often as the others where the blocks divide so.
    every : int
        A source in each block of this number, from the middle of the first such group on.
    seed : int
        Of the moments and the order.

    Returns
    -------
    pandas.DataFrame
        ``block``, ``start``, ``time`` (centre), ``end`` (UTC), ``amplitude`` and ``seed``, one row
        a source, in order of time.

    Raises
    ------
    InputError
        If `every` is below 2 (calm blocks must lie between sources) or no block can hold a source.
    """
    if every < 2:
        raise InputError(f"every {every}: expected 2 or more, so that calm blocks lie between")
    axis = pd.DatetimeIndex(np.asarray(times))
    spans = pd.Series(axis, index=block_of(axis, block)).groupby(level=0).agg(["min", "max"])
    held = spans[spans["max"] - spans["min"] >= duration]
    chosen = held.iloc[every // 2 :: every]
    if chosen.empty:
        raise InputError(f"record: none of its {len(spans)} blocks can hold a source of {duration}")
    rng = np.random.default_rng(seed)
    free = (chosen["max"] - chosen["min"] - duration).to_numpy()
    start = chosen["min"].to_numpy() + (rng.random(free.size) * free).astype("timedelta64[ns]")
    # In random order first, so that too few sources leave out any of the amplitudes.
    size = np.resize(rng.permutation(np.asarray(amplitudes, dtype=float)), free.size)
    size = rng.permutation(size)
    half = (duration / 2).to_timedelta64()
    return pd.DataFrame(
        {
            "block": chosen.index,
            "start": start,
            "time": start + half,
            "end": start + 2 * half,
            "amplitude": size,
            "seed": rng.integers(2**31, size=free.size),
        }
    )


def block_scores(
    times: ArrayLike,
    values: ArrayLike,
    block: str | pd.Timedelta,
    stations: Sequence[Any],
    *,
    how: Literal["max", "sum", "mean"] = "max",
    least_coverage: float = 0.5,
) -> xr.Dataset:
    """What each block scores, from a measure of strangeness at each sample.

    Parameters
    ----------
    times : array_like of datetime64, shape (n,)
        UTC, ascending.
    values : array_like, shape (station, n)
        NaN where not judged. Where every sample of a block is missing, or fewer than
        `least_coverage` of the samples of the fullest block are present, its score is NaN.
    block : str or pandas.Timedelta
        Length.
    stations : sequence
        Names.
    how : {"max", "sum", "mean"}
        The largest value of the block, their sum or their mean. The peak is the time of the
        largest, or the middle of the times that share it.
    least_coverage : float
        0 to 1.

    Returns
    -------
    xarray.Dataset
        ``score`` and ``peak`` (block, station).

    Raises
    ------
    InputError
        If the shapes do not agree or times do not ascend.
    """
    axis = pd.DatetimeIndex(np.asarray(times))
    array = np.asarray(values, dtype=float)
    if array.shape != (len(stations), axis.size):
        raise InputError(
            f"values: expected the shape {(len(stations), axis.size)}, got {array.shape}"
        )
    if not axis.size or not axis.is_monotonic_increasing:
        raise InputError("times: expected one or more, ascending")
    starts, first = np.unique(block_of(axis, block), return_index=True)
    present = np.isfinite(array)
    count = np.add.reduceat(present, first, axis=1)
    fullest = np.diff(np.append(first, axis.size)).max()
    low = np.where(present, array, -np.inf)
    top = np.maximum.reduceat(low, first, axis=1)
    number = np.repeat(np.arange(starts.size), np.diff(np.append(first, axis.size)))
    score = top
    if how != "max":
        score = np.add.reduceat(np.where(present, array, 0.0), first, axis=1)
        if how == "mean":
            score = score / np.maximum(count, 1)
    judged = (count > 0) & (count >= least_coverage * fullest)
    score = np.where(judged, score, np.nan)
    peak = _middle_of_largest(low, top, number, axis.to_numpy("datetime64[ns]"), first)
    return xr.Dataset(
        {
            "score": (("block", "station"), score.T),
            "peak": (("block", "station"), np.where(judged, peak, np.datetime64("NaT")).T),
        },
        coords={"block": starts.astype("datetime64[ns]"), "station": list(stations)},
    )


def _middle_of_largest(
    low: NDArray[np.float64],
    top: NDArray[np.float64],
    number: NDArray[np.int64],
    axis: NDArray[np.datetime64],
    first: NDArray[np.int64],
) -> NDArray[np.datetime64]:
    """The middle of those times of a block at which its largest value is reached."""
    reached = low == top[:, number]
    position = np.arange(axis.size)
    earliest = np.minimum.reduceat(np.where(reached, position, axis.size), first, axis=1)
    latest = np.maximum.reduceat(np.where(reached, position, -1), first, axis=1)
    return np.asarray(axis[earliest] + (axis[latest] - axis[earliest]) / 2)
