"""Sigmoid and line through many curves at once, for nulls of thousands of curves."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import ArrayLike
from scipy.special import expit

from precursor_lib.detect.growth_checks import (
    LONGEST_RISE,
    SHORTEST_RISE,
    checked_points,
)
from precursor_lib.errors import InputError

# Curves whose map over the grid is held at a time, 1220 numbers each: few enough for the cache.
_CHUNK = 128
_CENTRES, _SCALES = 61, 20
# R2 that the best point of the grid may lack.
_GRID_LOSS = 0.03


def fit_many(
    x: ArrayLike, curves: ArrayLike, *, starts: int = 2, least_r2: float = 0.0
) -> pd.DataFrame:
    """Fit a Boltzmann sigmoid and a line to each of many curves over the same days.

    For given x0 and dx the best A1 and A2 are known, so two parameters are left (variable
    projection). They start at the best local minima of a grid, as in `fit_sigmoid`, and go down by
    Levenberg-Marquardt in x0 and log dx within the same bounds of x0 and dx. A1 and A2 are free.

    Parameters
    ----------
    x : array_like, shape (n,)
        Days, ascending strictly; at least five.
    curves : array_like, shape (runs, n)
        Cumulative curves.
    starts : int
        Grid minima that are followed for each curve.
    least_r2 : float
        A sigmoid with a smaller R2 is of no interest: a curve whose best R2 on the grid is more
        than 0.03 below is not fitted, and all NaN. A search gains less than that on the grid.

    Returns
    -------
    pandas.DataFrame
        A row a curve: ``A1 A2 x0 dx`` (dx above 0), ``x0_error`` and ``dx_error`` (one standard
        error for independent residuals, too small for a cumulative curve), ``r2_s``, ``r2_line``,
        ``ratio`` (the first R2 over the second) and ``believed``: what `fit_sigmoid` asks of a
        sigmoid holds. All NaN, and not believed, where a curve does not vary.

    Raises
    ------
    InputError
        If shapes do not match, a value is not finite, `x` does not ascend or has fewer than five
        points, or `starts` is below 1.
    """
    y = np.asarray(curves, dtype=float)
    if y.ndim != 2:
        raise InputError(f"curves: expected shape (runs, n), got {y.shape}")
    x_, _ = checked_points(x, np.zeros(np.shape(x)))
    if y.shape[1] != x_.size or x_.size < 5:
        raise InputError(
            f"curves: expected {x_.size} values each as x has, and at least 5, got {y.shape[1]}"
        )
    if not np.isfinite(y).all():
        run, place = np.argwhere(~np.isfinite(y))[0]
        raise InputError(f"curves[{run}, {place}] is {y[run, place]}: expected finite numbers")
    if starts < 1:
        raise InputError(f"starts: expected at least 1, got {starts}")
    width, spacing = float(x_[-1] - x_[0]), float(np.median(np.diff(x_)))
    centres, scales, shape = _grid(x_.tobytes())
    limits = np.array([x_[0] - width, x_[-1] + width, np.log(0.02 * spacing), np.log(10 * width)])
    found = np.full((y.shape[0], 8), np.nan)
    for first in range(0, y.shape[0], _CHUNK):
        part = np.ascontiguousarray(y[first : first + _CHUNK])
        gain = (part - part.mean(axis=1, keepdims=True)) @ shape.T
        np.square(gain, out=gain)
        _descend(
            x_, part, gain.reshape(-1, _CENTRES, _SCALES), centres, np.log(scales), limits,
            starts, least_r2 - _GRID_LOSS, found[first : first + _CHUNK],
        )  # fmt: skip
    names = ["A1", "A2", "x0", "dx", "x0_error", "dx_error", "r2_s", "r2_line"]
    frame = pd.DataFrame(found, columns=names)
    frame["ratio"] = frame["r2_s"] / frame["r2_line"].where(frame["r2_line"] > 0)
    low, rise = y.min(axis=1), np.ptp(y, axis=1)
    high = y.max(axis=1)
    inside = np.ones(y.shape[0], dtype=bool)
    for name in ("A1", "A2"):
        margin = 1e-3 * (high - low + 20 * rise)
        inside &= (frame[name] > low - 10 * rise + margin).to_numpy()
        inside &= (frame[name] < high + 10 * rise - margin).to_numpy()
    frame["believed"] = (
        inside
        & frame["dx"].between(SHORTEST_RISE * spacing, LONGEST_RISE * width).to_numpy()
        & frame["x0"].between(x_[0], x_[-1], inclusive="neither").to_numpy()
        & (frame["x0_error"] < width).to_numpy()
    )
    return frame


@lru_cache(maxsize=4)
def _grid(x_bytes: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres, scales and centred unit shapes (all pairs, n) of the grid over days.

    Kept for the last few sets of days: for a few curves it costs more than their fits.
    """
    x = np.frombuffer(x_bytes)
    width, spacing = float(x[-1] - x[0]), float(np.median(np.diff(x)))
    centres = np.linspace(x[0] - 0.25 * width, x[-1] + 0.25 * width, _CENTRES)
    scales = np.geomspace(0.1 * spacing, 2 * width, _SCALES)
    shape = expit((x - centres[:, None, None]) / scales[None, :, None]).reshape(-1, x.size)
    shape -= shape.mean(axis=1, keepdims=True)
    size = np.linalg.norm(shape, axis=1, keepdims=True)
    return centres, scales, np.divide(shape, size, out=np.zeros_like(shape), where=size > 1e-6)


@njit(nogil=True, cache=True)
def _project(x, y, centre, scale, shape):
    """Best A1 and A2 of one sigmoid, its sum of squares; `shape` gets the rise from 0 to 1."""
    n = x.size
    mean = level = 0.0
    for i in range(n):
        z = (x[i] - centre) / scale
        if z >= 0:
            shape[i] = 1 / (1 + np.exp(-z))
        else:
            e = np.exp(z)
            shape[i] = e / (1 + e)
        mean += shape[i]
        level += y[i]
    mean /= n
    level /= n
    varied = shared = 0.0
    for i in range(n):
        d = shape[i] - mean
        varied += d * d
        shared += d * (y[i] - level)
    rise = shared / varied if varied > 1e-12 else 0.0
    low = level - rise * mean
    squares = 0.0
    for i in range(n):
        r = y[i] - low - rise * shape[i]
        squares += r * r
    return low, rise, squares


@njit(nogil=True, cache=True)
def _normal(x, y, centre, scale, low, rise, shape):
    """Normal equations of x0 and log dx, with A1 and A2 projected out."""
    n = x.size
    mean = m0 = m1 = 0.0
    for i in range(n):
        slope = shape[i] * (1 - shape[i])
        mean += shape[i]
        m0 += slope
        m1 += slope * (x[i] - centre) / scale
    mean /= n
    m0 /= n
    m1 /= n
    varied = c0 = c1 = 0.0
    for i in range(n):
        slope = shape[i] * (1 - shape[i])
        d = shape[i] - mean
        varied += d * d
        c0 += d * (slope - m0)
        c1 += d * (slope * (x[i] - centre) / scale - m1)
    c0 /= varied
    c1 /= varied
    h00 = h01 = h11 = g0 = g1 = 0.0
    for i in range(n):
        slope = shape[i] * (1 - shape[i])
        d = shape[i] - mean
        j0 = -rise / scale * (slope - m0 - c0 * d)
        j1 = -rise * (slope * (x[i] - centre) / scale - m1 - c1 * d)
        r = y[i] - low - rise * shape[i]
        h00 += j0 * j0
        h01 += j0 * j1
        h11 += j1 * j1
        g0 += j0 * r
        g1 += j1 * r
    return h00, h01, h11, g0, g1


@njit(nogil=True, cache=True)
def _search(x, y, centre, log_scale, limits, shape, trial):
    """Go down from one start; gives the best A1, rise, x0, log dx and sum of squares."""
    low, rise, squares = _project(x, y, centre, np.exp(log_scale), shape)
    damping = 1e-3
    quiet = 0
    for _ in range(200):
        if rise == 0.0:
            break
        h00, h01, h11, g0, g1 = _normal(x, y, centre, np.exp(log_scale), low, rise, shape)
        # A parameter at its bound that would leave it is held.
        held0 = (centre <= limits[0] and g0 < 0) or (centre >= limits[1] and g0 > 0)
        held1 = (log_scale <= limits[2] and g1 < 0) or (log_scale >= limits[3] and g1 > 0)
        if held0 and held1:
            break
        better = False
        while damping < 1e12:
            a, b = h00 * (1 + damping) + 1e-300, h11 * (1 + damping) + 1e-300
            if held0:
                step0, step1 = 0.0, g1 / b
            elif held1:
                step0, step1 = g0 / a, 0.0
            else:
                determinant = a * b - h01 * h01
                step0 = (g0 * b - g1 * h01) / determinant
                step1 = (g1 * a - g0 * h01) / determinant
            step1 = min(max(step1, -2.0), 2.0)
            new0 = min(max(centre + step0, limits[0]), limits[1])
            new1 = min(max(log_scale + step1, limits[2]), limits[3])
            low_, rise_, squares_ = _project(x, y, new0, np.exp(new1), trial)
            if squares_ < squares:
                better = True
                break
            damping *= 4
        if not better:
            break
        gained = squares - squares_
        centre, log_scale, low, rise, squares = new0, new1, low_, rise_, squares_
        shape[:] = trial
        damping = max(damping / 9, 1e-12)
        quiet = quiet + 1 if gained <= 1e-12 * squares else 0
        if quiet == 2:
            break
    return low, rise, centre, log_scale, squares


@njit(nogil=True, cache=True)
def _is_peak(gain, i, j):
    """Whether no neighbour on the grid is higher."""
    for a in range(max(i - 1, 0), min(i + 2, gain.shape[0])):
        for b in range(max(j - 1, 0), min(j + 2, gain.shape[1])):
            if gain[a, b] > gain[i, j]:
                return False
    return True


@njit(nogil=True, cache=True)
def _descend(x, curves, gain, centres, log_scales, limits, starts, least, found):
    """Fit each curve; a row of `found` gets A1 A2 x0 dx, two errors and two R2."""
    n = x.size
    shape, trial = np.empty(n), np.empty(n)
    x_mean = x.mean()
    x_varied = np.sum((x - x_mean) ** 2)
    rows, columns = gain.shape[1], gain.shape[2]
    for run in range(curves.shape[0]):
        y = curves[run]
        level = y.mean()
        varied = np.sum((y - level) ** 2)
        if np.max(y) == np.min(y):
            continue
        best = np.inf
        # Most curves of a null are ruled out here, before any peak is looked for.
        if np.max(gain[run]) < least * varied:
            continue
        used = np.full((rows, columns), False)
        for _ in range(starts):
            top, i_top, j_top = 0.0, -1, -1
            for i in range(rows):
                for j in range(columns):
                    g = gain[run, i, j]
                    if g > top and not used[i, j] and _is_peak(gain[run], i, j):
                        top, i_top, j_top = g, i, j
            if i_top < 0:
                break
            used[i_top, j_top] = True
            low, rise, centre, log_scale, squares = _search(
                x, y, centres[i_top], log_scales[j_top], limits, shape, trial
            )
            if squares < best:
                best = squares
                found[run, 0], found[run, 1] = low, low + rise
                found[run, 2], found[run, 3] = centre, np.exp(log_scale)
        if best == np.inf:
            continue
        slope = np.sum((x - x_mean) * (y - level)) / x_varied
        line = 0.0
        for i in range(n):
            r = y[i] - level - slope * (x[i] - x_mean)
            line += r * r
        found[run, 6] = 1 - best / varied
        found[run, 7] = 1 - line / varied
        centre, scale = found[run, 2], found[run, 3]
        low, rise, _ = _project(x, y, centre, scale, shape)
        if rise == 0.0:
            continue
        h00, h01, h11, _, _ = _normal(x, y, centre, scale, low, rise, shape)
        determinant = h00 * h11 - h01 * h01
        if determinant > 0:
            variance = best / (n - 4)
            found[run, 4] = np.sqrt(variance * h11 / determinant)
            found[run, 5] = scale * np.sqrt(variance * h00 / determinant)
