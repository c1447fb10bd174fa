"""How many anomalous points of strain come from tides, pressure, rain and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from precursor_lib.context.borehole import areal_strain
from precursor_lib.detect import PointRule, residual_points
from precursor_lib.errors import InputError
from precursor_lib.evaluate.explanations.findings import block_interval
from precursor_lib.evaluate.tidal_fit import BESIDE, robust_fit
from precursor_lib.simulate.tides import CONSTITUENTS, phasors

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
RULE = PointRule("mean_multiple", 2.5)


def hour_before(values: ArrayLike) -> Array:
    """What is left of hourly values when the value before is the forecast."""
    x = np.asarray(values, dtype=float)
    return np.concatenate([[np.nan], np.diff(x)])


def linear_residual(values: ArrayLike, *, lags: int = 72, training: float = 0.5) -> Array:
    """What is left after a linear forecast of one step from the values before it.

    Least squares on the changes of the first part of the record; the rest, which it has not seen,
    is forecast with the same coefficients. Tides are sums of few waves, which such a forecast
    follows; it stands for the networks of the papers, which see as many hours.

    Parameters
    ----------
    values : array_like, shape (n,)
        Hourly; NaN in gaps. A forecast needs all its lags.
    lags : int
    training : float
        Part of the record.

    Returns
    -------
    numpy.ndarray, shape (n,)
        NaN where there is no forecast, and in the part that it was fitted to.
    """
    x = hour_before(values)
    if not 0 < training < 1 or lags < 1 or x.size < 4 * lags:
        raise InputError(f"values: expected {4 * lags} or more for {lags} lags, got {x.size}")
    design = sliding_window_view(x, lags)[:-1]
    target, cut = x[lags:], round(training * x.size) - lags
    whole = np.isfinite(design).all(axis=1) & np.isfinite(target)
    fitted = whole[:cut].nonzero()[0]
    if fitted.size < 2 * lags:
        raise InputError(f"values: {fitted.size} whole windows to fit; expected {2 * lags} or more")
    weights = np.linalg.lstsq(design[fitted], target[fitted], rcond=None)[0]
    rest = np.full(x.size, np.nan)
    later = cut + whole[cut:].nonzero()[0]
    rest[lags + later] = target[later] - design[later] @ weights
    return rest


FORECASTS: Mapping[str, Callable[[ArrayLike], Array]] = {
    "the hour before": hour_before,
    "72 h, linear": linear_residual,
}


def marked(record: xr.Dataset, forecast: Callable[[ArrayLike], Array]) -> tuple[Array, Bools]:
    """Residuals of the areal strain by the forecast, and which exceed the rule, by station.

    Returns
    -------
    residual, points : numpy.ndarray, shape (stations, time)
        The scale of the rule is each station's own, over all that is tested, as the paper has it.
    """
    values = areal_strain(record).transpose("station", "time").values
    residual = np.stack([forecast(row) for row in values])
    return residual, residual_points(residual, np.zeros_like(residual), RULE)


def without_parts(
    full: xr.Dataset,
    others: Mapping[str, xr.Dataset],
    forecast: Callable[[ArrayLike], Array],
    *,
    days: int = 10,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Share of the anomalous points that are gone when a part of a simulated record is left out.

    The threshold stays that of the full record; the forecast is fitted anew. Gaps are the same.

    Parameters
    ----------
    full : xarray.Dataset
        Gauges of strain meters, hourly.
    others : mapping of str to xarray.Dataset
        The same record without the parts named.
    forecast : callable
        One of `FORECASTS`.
    days, draws, seed : int
        Of the interval: length of a block, number of draws, and seed.

    Returns
    -------
    pandas.DataFrame
        Index: what is left out. ``points`` (in the full record), ``left``, and ``share`` gone with
        its 95 % interval ``low``, ``high``. Negative where there are more points without it.
    """
    residual, points = marked(full, forecast)
    scale = RULE.scale(residual)
    rows = {}
    for name, record in others.items():
        rest = np.stack(
            [forecast(v) for v in areal_strain(record).transpose("station", "time").values]
        )
        kept = residual_points(rest, np.zeros_like(rest), RULE, scale=scale)
        share = block_interval(
            _gone, points.sum(axis=0), kept.sum(axis=0), block=24 * days, draws=draws, seed=seed
        )
        rows[name] = (int(points.sum()), int(kept.sum()), *share)
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["points", "left", "share", "low", "high"]
    ).rename_axis("left out")


def _gone(before: Array, after: Array) -> float:
    return float(1 - after.sum() / before.sum()) if before.sum() else np.nan


def known_terms(times: ArrayLike, pressure: ArrayLike | None = None, lags: int = 3) -> Array:
    """Tidal waves and air pressure as columns: what a strain meter feels that is known.

    Parameters
    ----------
    times : array_like of datetime64, shape (n,)
        Hourly, UTC.
    pressure : array_like, shape (n,), optional
        hPa; with the values of the `lags` hours before beside it.
    lags : int

    Returns
    -------
    numpy.ndarray, shape (n, terms)
        Real and imaginary parts of the phasors of the constituents and of P1, S1 and K2.
    """
    t = np.asarray(times, dtype="datetime64[ns]")
    course = phasors(t, tuple(CONSTITUENTS))
    hours = (t - t[0]) / np.timedelta64(3600, "s")
    waves = np.exp(1j * np.radians(np.outer(BESIDE, hours)))
    columns = [*course.real, *course.imag, *waves.real, *waves.imag]
    if pressure is not None:
        p = np.asarray(pressure, dtype=float)
        for lag in range(lags + 1):
            columns.append(np.concatenate([np.full(lag, np.nan), p[: p.size - lag]]))
    return np.column_stack(columns)


def less_terms(values: ArrayLike, terms: ArrayLike, *, training: float = 0.5) -> Array:
    """Values less what a fit of the first part to terms gives for the whole record.

    Parameters
    ----------
    values : array_like, shape (n,)
        Hourly.
    terms : array_like, shape (n, terms)
        See `known_terms`.
    training : float
        Part of the record whose changes are fitted; those far from the fit are left out.

    Returns
    -------
    numpy.ndarray, shape (n,)
        NaN in gaps of either.
    """
    x = np.asarray(terms, dtype=float)
    cut = round(training * len(x))
    fit = robust_fit(np.diff(x[:cut], axis=0), hour_before(values)[1:cut])[0]
    return np.asarray(values, dtype=float) - x @ fit


def unseen_residuals(
    pair: Sequence[ArrayLike], forecast: Callable[[ArrayLike], Array], *, training: float = 0.5
) -> list[Array]:
    """Residuals of two forms of one record in the part that no fit has seen, where both have one.

    Parameters
    ----------
    pair : sequence of two array_like, shape (n,)
        Such as a record and what `less_terms` gives for it.
    forecast : callable
        One of `FORECASTS`.
    training : float
        Part of the record that fits have seen.
    """
    residuals = [forecast(one) for one in pair]
    held = np.isfinite(residuals[0]) & np.isfinite(residuals[1])
    held &= np.arange(held.size) >= round(training * held.size)
    return [np.where(held, one, np.nan) for one in residuals]


def fewer_points(
    before: ArrayLike, after: ArrayLike, *, days: int = 10, draws: int = 200, seed: int = 0
) -> tuple[Bools, Bools, tuple[float, float, float]]:
    """Points before and after terms are taken off, at the threshold of before, and the share gone.

    Parameters
    ----------
    before, after : array_like, shape (n,)
        Hourly residuals.
    days, draws, seed : int
        As for `without_parts`.

    Returns
    -------
    points, left : numpy.ndarray of bool, shape (n,)
    share : tuple of float
        With its 95 % interval.
    """
    pair = [np.asarray(one, dtype=float) for one in (before, after)]
    scale = RULE.scale(pair[0])
    points, left = (residual_points(e, np.zeros_like(e), RULE, scale=scale) for e in pair)
    share = block_interval(
        _gone, points.astype(float), left.astype(float), block=24 * days, draws=draws, seed=seed
    )
    return points, left, share


def half_years(times: ArrayLike, points: ArrayLike, months: Sequence[int]) -> float:
    """Points in some months over points in the others, an hour with a residual each.

    Parameters
    ----------
    times : array_like of datetime64, shape (n,)
    points : array_like, shape (n,)
        0 and 1, and NaN where there is no residual.
    months : sequence of int
    """
    inside = np.isin(pd.DatetimeIndex(times).month, list(months))
    p = np.asarray(points, dtype=float)
    return (
        float(np.nanmean(p[inside]) / np.nanmean(p[~inside])) if np.nansum(p[~inside]) else np.nan
    )
