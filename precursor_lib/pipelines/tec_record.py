"""A TEC record made ready for forecasts: outliers out, gaps filled, indices beside it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.statespace.structural import UnobservedComponents

from precursor_lib.context.space_weather import index_at
from precursor_lib.errors import InputError
from precursor_lib.forecast.windows import Split, split_windows

Fill = Literal["filter", "smoother"]
_FITTED_DAYS = 60
"""Days at the end of the training part that the model of the fill is fitted to."""


@dataclass(frozen=True)
class TecRecord:
    """VTEC of a network, as observed and as a model is given it.

    Attributes
    ----------
    times : pandas.DatetimeIndex
        UTC, at an even step that divides a day; the first one is a midnight.
    stations : tuple of str
        Names.
    observed : numpy.ndarray, shape (station, time)
        TECU; outliers and gaps are NaN.
    filled : numpy.ndarray, shape (station, time)
        The same with outliers and gaps filled.
    inputs : numpy.ndarray, shape (3, time)
        Kp, ap and F10.7 of the interval of each time.
    season : int
        Samples a day.
    bounds : three pairs of int
        Training, validation and test: first sample, and the sample after the last.
    outliers : int
        Values that were taken out.
    """

    times: pd.DatetimeIndex
    stations: tuple[str, ...]
    observed: np.ndarray
    filled: np.ndarray
    inputs: np.ndarray
    season: int
    bounds: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    outliers: int

    @property
    def report(self) -> list[str]:
        """What was taken out and filled in, and what the parts are."""
        missing = int(np.isnan(self.observed).sum())
        parts = (
            f"{name} {self.times[a]:%Y-%m-%d} to {self.times[b - 1]:%Y-%m-%d}"
            for name, (a, b) in zip(("training", "validation", "test"), self.bounds, strict=True)
        )
        return [
            f"{self.outliers} of {self.observed.size} values taken out as outliers",
            f"{missing} values missing or taken out, filled in",
            ", ".join(parts),
        ]

    @property
    def test_times(self) -> slice:
        """The test part."""
        return slice(*self.bounds[2])

    def split(self, days: int = 3, horizon: int | None = None, *, stride: int = 1) -> Split:
        """Windows of the filled record with its indices.

        Parameters
        ----------
        days : int
            Days that a model sees.
        horizon : int, optional
            Samples that it forecasts; a day by default. Validation and test windows follow each
            other by so many, from the first midnight on that has `days` days of its part before it.
        stride : int
            Samples between the starts of training windows.
        """
        ahead = self.season if horizon is None else horizon
        return split_windows(
            np.concatenate([self.filled, self.inputs]),
            days * self.season,
            ahead,
            stride=stride,
            evaluation_stride=ahead,
            inputs=len(self.inputs),
            bounds=self.bounds,
        )

    def placed(self, forecasts: np.ndarray, split: Split) -> np.ndarray:
        """Forecasts of the test windows as a record (station, time) in TECU, NaN elsewhere."""
        out = np.full(self.observed.shape, np.nan)
        windows = split.test
        ahead = windows.starts[:, None] + windows.length + np.arange(windows.horizon)
        out[:, ahead] = np.moveaxis(split.scaler.invert(forecasts), 2, 0)
        return out


def prepare_tec(
    data: xr.Dataset,
    activity: xr.Dataset,
    *,
    validation: str,
    test: str,
    sigma: float = 3.0,
    fill: Fill = "filter",
    whole_record: bool = False,
) -> TecRecord:
    """Take outliers out, fill gaps, and set the indices beside the record.

    Parameters
    ----------
    data : xarray.Dataset
        ``VTEC`` (time, station) in TECU at an even step that divides a day.
    activity : xarray.Dataset
        ``Kp`` and ``ap`` along ``time``, ``F107`` along ``day``.
    validation, test : str
        First day of the validation and of the test part (UTC). Training ends where validation
        starts, and validation where the test starts.
    sigma : float
        Values so many standard deviations from the mean are outliers. Both are those of the
        training part.
    fill : {"filter", "smoother"}
        `filter` fills a value from what came before it. `smoother` also uses what came after, as
        the paper does: then the record at a time depends on later ones.
    whole_record : bool
        Take mean and standard deviation of the whole record, as the paper does.

    Raises
    ------
    InputError
        If the times are not even, the parts are not in order, or an index does not cover them.
    """
    times = pd.DatetimeIndex(data["time"].values)
    season = _samples_a_day(times)
    values = data["VTEC"].transpose("station", "time").to_numpy().astype(float)
    middle, late = (_position(times, day, name) for day, name in _days(validation, test))
    if not 0 < middle < late < times.size:
        raise InputError(f"validation {validation}, test {test}: expected in order in the record")
    bounds = ((0, middle), (middle, late), (late, times.size))
    reference = values if whole_record else values[:, :middle]
    mean = np.nanmean(reference, axis=1, keepdims=True)
    limit = sigma * np.nanstd(reference, axis=1, keepdims=True)
    off = np.abs(values - mean) > limit
    observed = np.where(off, np.nan, values)
    inputs = np.stack(
        [
            index_at(times, activity["Kp"].to_series(), "3h"),
            index_at(times, activity["ap"].to_series(), "3h"),
            index_at(times, activity["F107"].to_series(), "1D"),
        ]
    )
    for name, row in zip(("Kp", "ap", "F107"), inputs, strict=True):
        if np.isnan(row).any():
            raise InputError(f"{name}: no value for {times[int(np.isnan(row).argmax())]}")
    filled = kalman_fill(observed, season, end=middle, how=fill)
    names = tuple(str(name) for name in data["station"].values)
    return TecRecord(times, names, observed, filled, inputs, season, bounds, int(off.sum()))


def kalman_fill(values: ArrayLike, season: int, *, end: int, how: Fill = "filter") -> np.ndarray:
    """Fill gaps by a structural model: a level that walks, and a daily course of two harmonics.

    Its variances are fitted by maximum likelihood to the last 60 days before sample `end`.

    Parameters
    ----------
    values : array_like, shape (station, time)
        Gaps are NaN.
    season : int
        Samples a day.
    end : int
        Sample after the last one that may be fitted to.
    how : {"filter", "smoother"}
        Expected value given what came before, or given the whole record.

    Returns
    -------
    numpy.ndarray, shape (station, time)

    Raises
    ------
    InputError
        If the first day of a station holds no value, or `how` is unknown.
    """
    if how not in ("filter", "smoother"):
        raise InputError(f"how '{how}': expected filter or smoother")
    record = np.array(values, dtype=float)
    if np.isnan(record[:, :season]).all(axis=1).any():
        raise InputError("values: expected at least one value in the first day of each station")
    for row in record:
        gap = np.isnan(row)
        if not gap.any():
            continue
        first = max(0, end - _FITTED_DAYS * season)
        with warnings.catch_warnings():
            # A fit that stops short gives other variances, not other data.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            model = _structural(row[first:end], season)
            fitted = model.fit(disp=False, maxiter=30, method="lbfgs").params
        whole = _structural(row, season)
        if how == "filter":
            guess = whole.filter(fitted).filter_results.forecasts[0]
        else:
            smooth = whole.smooth(fitted).smoother_results
            guess = smooth.design[0, :, 0] @ smooth.smoothed_state
        row[gap] = np.maximum(guess[gap], 0.0)
    return record


def _structural(row: np.ndarray, season: int) -> UnobservedComponents:
    return UnobservedComponents(
        row, level="local level", freq_seasonal=[{"period": season, "harmonics": 2}]
    )


def _samples_a_day(times: pd.DatetimeIndex) -> int:
    day = pd.Timedelta("1D")
    steps = np.unique(np.diff(times.to_numpy()))
    if steps.size != 1 or steps[0] <= np.timedelta64(0, "ns") or day % pd.Timedelta(steps[0]):
        raise InputError("time: expected an even step that divides a day")
    if times[0] != times[0].normalize():
        raise InputError(f"time: expected a midnight first, not {times[0]}")
    return int(day / pd.Timedelta(steps[0]))


def _days(validation: str, test: str) -> Sequence[tuple[str, str]]:
    return (validation, "validation"), (test, "test")


def _position(times: pd.DatetimeIndex, day: str, name: str) -> int:
    moment = pd.Timestamp(day)
    if moment != moment.normalize():
        raise InputError(f"{name} {day}: expected a day")
    return int(times.searchsorted(moment))
