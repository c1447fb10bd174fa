"""Rules that call a TEC value anomalous: bounds from the days before, and what lies outside them.

Both rules take their bounds from a window of 15 days. The window of a day is, unless asked
otherwise, the 15 whole days before it (UTC): neither the tested value nor any of its own day is in
it. The paper (Xiong et al. 2022) states this for the median rule alone. For its rolling mean it
says nothing; a rolling window of common programs ends with the tested value itself, which
``window="through"`` gives for comparison.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from precursor_lib.detect.day_grid import DayGrid
from precursor_lib.errors import InputError, unknown

Array = NDArray[np.float64]
Window = Literal["before", "through"]
Spread = Literal["quartiles", "sigma"]

#: Interquartile range of a Gaussian of unit standard deviation, as the paper rounds it.
IQR_OF_SIGMA = 1.34


@dataclass(frozen=True)
class TecBounds:
    """Bounds at every sample.

    Attributes
    ----------
    lower, upper : numpy.ndarray, shape (..., n)
        NaN where the window is not whole or holds too few values.
    used : numpy.ndarray of int, shape (..., n)
        Values that the bounds were taken from; 0 where there are none.
    """

    lower: Array
    upper: Array
    used: NDArray[np.int64]


def error_bounds(
    error: ArrayLike,
    times: ArrayLike,
    *,
    days: int = 15,
    factor: float = 2.0,
    window: Window = "before",
    least: float = 0.5,
) -> TecBounds:
    """Rolling mean plus and minus `factor` standard deviations of a forecast's error (EQ1, EQ2).

    A value is anomalous where its error lies outside. The standard deviation has the divisor
    n - 1.

    Parameters
    ----------
    error : array_like, shape (..., n)
        Observed less forecast, TECU; NaN where one is missing.
    times : array_like of datetime64, shape (n,)
        Regular, UTC; the step divides a day.
    days : int
        Length of the window.
    factor : float
        Standard deviations.
    window : {"before", "through"}
        ``before``: the whole days before the value's day. ``through``: as many samples, the last
        of them the value itself.
    least : float
        Part of the window that has to hold values, above 0 to 1.

    Returns
    -------
    TecBounds
        For the error, TECU.

    Raises
    ------
    InputError
        If shapes do not fit, the time axis is not regular, or a parameter is out of range.
    """
    values, grid = _checked(error, times, days, factor, window, least)
    known = np.isfinite(values)
    # Sums of squares lose digits far from zero. The first value is taken off and goes back onto the
    # mean; a mean of the record would let what comes later change the last digits.
    first = np.argmax(known, axis=-1)[..., None]
    shift = np.nan_to_num(np.take_along_axis(values, first, axis=-1))
    flat = np.where(known, values - shift, 0.0)
    parts = known.astype(float), flat, flat**2
    if window == "before":
        sums = [_of_days_before(grid.fold(part, 0.0).sum(axis=-1), days) for part in parts]
        count, total, square = (grid.spread(part) for part in sums)
    else:
        count, total, square = (_through(part, days * grid.slots) for part in parts)
    enough = count >= max(least * days * grid.slots, 2)
    count = np.where(enough, count, np.nan)
    mean = total / count
    spread = np.sqrt(np.maximum(square - total * mean, 0.0) / (count - 1.0))
    mean = mean + shift
    used = np.nan_to_num(count).astype(np.int64)
    return TecBounds(mean - factor * spread, mean + factor * spread, used)


def median_bounds(
    tec: ArrayLike,
    times: ArrayLike,
    *,
    days: int = 15,
    factor: float = 1.5,
    window: Window = "before",
    spread: Spread = "quartiles",
    least: float = 0.5,
) -> TecBounds:
    """Median plus and minus `factor` interquartile ranges at the same time of day (EQ7, EQ8).

    The paper takes the range to be 1.34 standard deviations, which holds for Gaussian values alone;
    ``quartiles`` takes it from the values in the window (linear between them), ``sigma`` as 1.34
    times their standard deviation (divisor n - 1).

    Parameters
    ----------
    tec : array_like, shape (..., n)
        TECU; NaN where missing.
    times : array_like of datetime64, shape (n,)
        Regular, UTC; the step divides a day.
    days : int
        Days in the window.
    factor : float
        Interquartile ranges.
    window : {"before", "through"}
        ``before``: the days before the value's day; ``through``: as many, the last of them the
        value's own.
    spread : {"quartiles", "sigma"}
        Where the interquartile range is taken from.
    least : float
        Part of the days that have to hold a value at that time of day, above 0 to 1.

    Returns
    -------
    TecBounds
        For TEC, TECU.

    Raises
    ------
    InputError
        If shapes do not fit, the time axis is not regular, or a parameter is out of range.
    """
    values, grid = _checked(tec, times, days, factor, window, least)
    if spread not in ("quartiles", "sigma"):
        raise InputError(unknown("spread", str(spread), ("quartiles", "sigma")))
    folded = grid.fold(values)
    shape = folded.shape
    middle = np.full((int(np.prod(shape[:-2])), *shape[-2:]), np.nan)
    half, used = np.full_like(middle, np.nan), np.zeros_like(middle)
    first = days if window == "before" else days - 1
    fewest = max(int(np.ceil(least * days - 1e-9)), 2)
    # One series at a time: each value stands in the windows of `days` days.
    for row, series in enumerate(folded.reshape(middle.shape)):
        if series.shape[0] <= first:
            continue
        stop = -1 if window == "before" else None
        held = np.sort(sliding_window_view(series, days, axis=0)[:stop], axis=-1)
        count = np.isfinite(held).sum(axis=-1)
        at = np.where(count >= fewest, count, 0)
        middle[row, first:] = _quantile(held, at, 0.5)
        if spread == "quartiles":
            width = _quantile(held, at, 0.75) - _quantile(held, at, 0.25)
        else:
            width = IQR_OF_SIGMA * _deviation(held, at)
        half[row, first:] = factor * width
        used[row, first:] = at
    middle, half, used = (grid.unfold(part.reshape(shape)) for part in (middle, half, used))
    return TecBounds(middle - half, middle + half, used.astype(np.int64))


def outside(values: ArrayLike, bounds: TecBounds) -> Array:
    """How far each value lies outside its bounds: the paper's DTEC.

    Parameters
    ----------
    values : array_like, shape (..., n)
        TEC for `median_bounds`, the forecast's error for `error_bounds`, TECU.
    bounds : TecBounds

    Returns
    -------
    numpy.ndarray, shape (..., n)
        Above 0: the excess over the upper bound. Below 0: what is lacking to the lower one. 0
        inside. NaN where the value or its bounds are missing.

    Raises
    ------
    InputError
        If the shapes differ.
    """
    v = np.asarray(values, dtype=float)
    if v.shape != bounds.lower.shape:
        raise InputError(f"values: expected shape {bounds.lower.shape}, got {v.shape}")
    # Of the two differences one at most is not 0; NaN passes through both.
    return np.maximum(v - bounds.upper, 0.0) + np.minimum(v - bounds.lower, 0.0)


def quiet_times(
    kp: ArrayLike, dst: ArrayLike, *, kp_limit: float = 3.0, dst_limit: float = -30.0
) -> NDArray[np.bool_]:
    """Times of low activity: ``Kp < 3`` and ``Dst > -30 nT``, as the paper filters anomalies.

    Parameters
    ----------
    kp, dst : array_like
        At the same times; Dst in nT. A time without one of them is not quiet.
    kp_limit, dst_limit : float
        Limits, not included.

    Returns
    -------
    numpy.ndarray of bool

    Raises
    ------
    InputError
        If the shapes differ.
    """
    a, b = np.asarray(kp, dtype=float), np.asarray(dst, dtype=float)
    if a.shape != b.shape:
        raise InputError(f"kp, dst: expected one shape, got {a.shape} and {b.shape}")
    return np.asarray((a < kp_limit) & (b > dst_limit))


def _checked(
    values: ArrayLike, times: ArrayLike, days: int, factor: float, window: str, least: float
) -> tuple[Array, DayGrid]:
    x, grid = np.asarray(values, dtype=float), DayGrid.of(times)
    if x.shape[-1:] != (grid.samples,):
        raise InputError(f"values: expected shape (..., {grid.samples}), got {x.shape}")
    if np.isinf(x).any():
        raise InputError("values: expected finite numbers or NaN, got an infinite one")
    if days < 2 or int(days) != days:
        raise InputError(f"days: expected a whole number of 2 or more, got {days}")
    if not (np.isfinite(factor) and factor > 0):
        raise InputError(f"factor: expected a finite number above 0, got {factor}")
    if window not in ("before", "through"):
        raise InputError(unknown("window", str(window), ("before", "through")))
    if not 0 < least <= 1:
        raise InputError(f"least: expected a part of the window above 0 to 1, got {least}")
    return x, grid


def _of_days_before(by_day: Array, days: int) -> Array:
    """Sum over the `days` days before each, 0 where they are not all in the record."""
    out = np.zeros_like(by_day)
    if by_day.shape[-1] > days:
        out[..., days:] = sliding_window_view(by_day, days, axis=-1)[..., :-1, :].sum(axis=-1)
    return out


def _through(values: Array, length: int) -> Array:
    """Sum over `length` samples that end with each, 0 where they are not all in the record."""
    out = np.zeros_like(values)
    if values.shape[-1] >= length:
        total = np.cumsum(values, axis=-1)
        out[..., length - 1 :] = total[..., length - 1 :]
        out[..., length:] -= total[..., :-length]
    return out


def _quantile(held: Array, count: NDArray[np.int64], q: float) -> Array:
    """Quantile of the first `count` sorted values, linear between them; NaN for none."""
    place = q * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.intp)[..., None]
    high = np.minimum(low + 1, np.maximum(count - 1, 0)[..., None])
    below = np.take_along_axis(held, low, axis=-1)[..., 0]
    above = np.take_along_axis(held, high, axis=-1)[..., 0]
    found = below + (place - low[..., 0]) * (above - below)
    return np.where(count > 0, found, np.nan)


def _deviation(held: Array, count: NDArray[np.int64]) -> Array:
    """Standard deviation (divisor n - 1) of the values that are there; NaN for none."""
    known = np.isfinite(held)
    n = np.where(count > 0, count, np.nan)
    mean = np.where(known, held, 0.0).sum(axis=-1) / n
    squares = np.where(known, held - mean[..., None], 0.0) ** 2
    return np.sqrt(squares.sum(axis=-1) / (n - 1.0))
