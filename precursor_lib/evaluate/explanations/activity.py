"""What of a daily count follows a known driver, judged on days that the fit has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.explanations.findings import block_interval, rank_correlation

Array = NDArray[np.float64]
Scale = Literal["root", "log"]
_SCALES: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "root": (np.sqrt, np.square),
    "log": (np.log1p, np.expm1),
}


@dataclass(frozen=True)
class Explained:
    """A daily count beside its drivers.

    Attributes
    ----------
    days : int
        Of the judged half.
    rho, rho_low, rho_high : float
        Rank correlation of the count with the first driver, in the judged half.
    left : float
        The same for what the fit leaves over.
    share, low, high : float
        Share of the variance of the transformed count in the judged half that the fit of the first
        half foretells, ``1 - sum (y - f)^2 / sum (y - mean y)^2``. Below 0 where it is worse than
        a constant.
    expected : pandas.Series
        The fit, as a count of 0 or more, on all days.
    """

    days: int
    rho: float
    rho_low: float
    rho_high: float
    left: float
    share: float
    low: float
    high: float
    expected: pd.Series


def by_local_day(
    index: pd.Series, days: pd.DatetimeIndex, zone_hours: float, how: str = "mean"
) -> Array:
    """Mean or largest value of an index on local days; NaN where it has none.

    Parameters
    ----------
    index : pandas.Series
        By the start of its interval, UTC.
    days : pandas.DatetimeIndex
        Dates in the time zone.
    zone_hours : float
        Hours east of UTC.
    how : {"mean", "max"}
    """
    if how not in ("mean", "max"):
        raise InputError(f"how: expected 'mean' or 'max', got {how!r}")
    local = index.dropna().copy()
    local.index = pd.DatetimeIndex(local.index) + pd.Timedelta(hours=zone_hours)
    return np.asarray(local.resample("D").agg(how).reindex(days), dtype=float)


def explained_by(
    counts: pd.Series,
    drivers: ArrayLike,
    *,
    scale: Scale = "root",
    block: int = 10,
    draws: int = 400,
    seed: int = 0,
) -> Explained:
    """Fit counts to drivers by least squares on the first half of the days, judge the second.

    Parameters
    ----------
    counts : pandas.Series
        By day, ascending.
    drivers : array_like, shape (days, drivers)
        Days on which one is missing are left out.
    scale : {"root", "log"}
        What is fitted: the square root of the count, which makes the spread of random counts even,
        or ``log(1 + count)``.
    block, draws, seed : int
        Of the interval, see `block_interval`; a block in days. The fit is held fixed.

    Returns
    -------
    Explained

    Raises
    ------
    InputError
        If lengths differ or a half has fewer than twenty days, or less than two blocks.
    """
    x = np.asarray(drivers, dtype=float)
    if x.ndim != 2 or len(x) != len(counts):
        raise InputError(f"drivers: expected shape ({len(counts)}, drivers), got {x.shape}")
    if scale not in _SCALES:
        raise InputError(unknown("scale", str(scale), _SCALES))
    forward, backward = _SCALES[scale]
    y = forward(counts.to_numpy(dtype=float))
    held = np.isfinite(y) & np.isfinite(x).all(axis=1)
    x, y = x[held], y[held]
    cut = y.size // 2
    if cut < max(20, 2 * block):
        raise InputError(f"counts: expected {max(40, 4 * block)} days or more, got {y.size}")
    design = np.column_stack([np.ones(y.size), x])
    fit = np.linalg.lstsq(design[:cut], y[:cut], rcond=None)[0]
    f = design @ fit
    settings = {"block": block, "draws": draws, "seed": seed}
    rho = block_interval(rank_correlation, y[cut:], x[cut:, 0], **settings)
    share = block_interval(_foretold, y[cut:], f[cut:], **settings)
    expected = pd.Series(backward(np.maximum(f, 0.0)), index=counts.index[held])
    left = rank_correlation(y[cut:] - f[cut:], x[cut:, 0])
    return Explained(y.size - cut, *rho, left, *share, expected)


def _foretold(y: Array, f: Array) -> float:
    total = np.sum((y - y.mean()) ** 2)
    return float(1 - np.sum((y - f) ** 2) / total) if total > 0 else np.nan


def season(days: pd.DatetimeIndex) -> Array:
    """Sine and cosine of the day of the year, shape (days, 2)."""
    angle = 2 * np.pi * (np.asarray(days.day_of_year, dtype=float) - 1) / 365.25
    return np.column_stack([np.sin(angle), np.cos(angle)])
