"""From a TEC record and its forecast to anomalies: the ED-LSTME paper's rule and its rival."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr
from sklearn.linear_model import LinearRegression

from precursor_lib.context.ionosphere import iri_tec
from precursor_lib.context.space_weather import index_at
from precursor_lib.detect.tec_rules import (
    TecBounds,
    Window,
    error_bounds,
    median_bounds,
    outside,
    quiet_times,
)
from precursor_lib.forecast.windows import Split
from precursor_lib.pipelines.tec_record import TecRecord


@dataclass(frozen=True)
class Detection:
    """What a rule makes of a record.

    Attributes
    ----------
    times : pandas.DatetimeIndex
        UTC.
    stations : tuple of str
    observed, lower, upper : numpy.ndarray, shape (station, time)
        TECU; NaN where there is none.
    dtec : numpy.ndarray, shape (station, time)
        TECU beyond the limits, with its sign; 0 within them and where nothing can be judged.
    judged : numpy.ndarray of bool, shape (station, time)
        Where a value stands beside its limits.
    quiet : numpy.ndarray of bool, shape (time,)
        Kp and Dst within the paper's limits.
    """

    times: pd.DatetimeIndex
    stations: tuple[str, ...]
    observed: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    dtec: np.ndarray
    judged: np.ndarray
    quiet: np.ndarray

    @property
    def sign(self) -> np.ndarray:
        """1 or -1 where all judged stations lie beyond their limits on one side, else 0."""
        return synchronous(self.dtec, self.judged)

    @property
    def any_judged(self) -> np.ndarray:
        """Times at which a synchronous anomaly could be found, (time,)."""
        return self.judged.sum(axis=0) >= min(3, len(self.stations))

    def station(self, name: str) -> Detection:
        """One station alone."""
        row = [self.stations.index(name)]
        parts = {
            key: getattr(self, key)[row] for key in ("observed", "lower", "upper", "dtec", "judged")
        }
        return replace(self, stations=(name,), **parts)

    def by_day(self) -> pd.DataFrame:
        """Synchronous flags a day (UTC): ``flagged``, ``quiet_flagged``, ``sign`` and ``judged``.

        ``sign`` is that of most of the quiet flags, 0 without any.
        """
        sign = self.sign
        quiet = np.where(self.quiet, sign, 0)
        table = pd.DataFrame(
            {
                "flagged": sign != 0,
                "quiet_flagged": quiet != 0,
                "sign": quiet,
                "judged": self.any_judged,
            },
            index=self.times,
        )
        days = table.groupby(self.times.normalize()).sum()
        days["sign"] = np.sign(days["sign"])
        return days


def synchronous(dtec: np.ndarray, judged: np.ndarray, *, least: int = 3) -> np.ndarray:
    """Sign of an anomaly that all stations show at one time.

    Parameters
    ----------
    dtec : numpy.ndarray, shape (station, time)
        Distance beyond the limit: above 0, below 0, or 0 within the limits.
    judged : numpy.ndarray of bool, shape (station, time)
        Where a station has both an observation and limits.
    least : int
        Fewest stations that have to be judged; all of them where there are fewer.

    Returns
    -------
    numpy.ndarray of int, shape (time,)
        1 or -1 where every judged station lies beyond its limit on that side, else 0.
    """
    need = min(least, len(dtec))
    enough = judged.sum(axis=0) >= need
    above = ((dtec > 0) | ~judged).all(axis=0) & enough
    below = ((dtec < 0) | ~judged).all(axis=0) & enough
    return above.astype(int) - below.astype(int)


def activity_at(
    times: pd.DatetimeIndex, kp: pd.Series, dst: pd.Series
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kp, Dst and whether both are quiet, at each time.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        UTC.
    kp, dst : pandas.Series
        By the start of their three hours and of their hour.
    """
    a, b = index_at(times, kp, "3h"), index_at(times, dst, "1h")
    return a, b, quiet_times(a, b)


def detect_by_error(
    record: TecRecord,
    forecast: np.ndarray,
    quiet: np.ndarray,
    *,
    days: int = 15,
    factor: float = 2.0,
    window: Window = "before",
) -> Detection:
    """The paper's rule (equations 1 and 2): errors beyond their rolling mean and deviation.

    Parameters
    ----------
    record : TecRecord
    forecast : numpy.ndarray, shape (station, time)
        TECU, NaN where there is none.
    quiet : numpy.ndarray of bool, shape (time,)
    days, factor, window
        As for `precursor_lib.detect.tec_rules.error_bounds`.
    """
    error = record.observed - forecast
    bounds = error_bounds(error, record.times.values, days=days, factor=factor, window=window)
    return _detection(record, error, bounds, quiet, forecast)


def detect_by_median(
    record: TecRecord,
    quiet: np.ndarray,
    *,
    days: int = 15,
    factor: float = 1.5,
    like: Detection | None = None,
) -> Detection:
    """The interquartile rule (equations 7 and 8): values beyond those of the days before.

    Parameters
    ----------
    record : TecRecord
    quiet : numpy.ndarray of bool, shape (time,)
    days, factor
        As for `precursor_lib.detect.tec_rules.median_bounds`.
    like : Detection, optional
        Judge only the samples that this one judges, so that the two can be compared.
    """
    bounds = median_bounds(record.observed, record.times.values, days=days, factor=factor)
    found = _detection(record, record.observed, bounds, quiet, np.zeros(record.observed.shape))
    if like is None:
        return found
    judged = found.judged & like.judged
    return replace(found, judged=judged, dtec=np.where(judged, found.dtec, 0.0))


def _detection(
    record: TecRecord, values: np.ndarray, bounds: TecBounds, quiet: np.ndarray, base: np.ndarray
) -> Detection:
    dtec = outside(values, bounds)
    judged = np.isfinite(dtec)
    return Detection(
        times=record.times,
        stations=record.stations,
        observed=record.observed,
        lower=base + bounds.lower,
        upper=base + bounds.upper,
        dtec=np.where(judged, dtec, 0.0),
        judged=judged,
        quiet=quiet,
    )


def climatology(record: TecRecord, data: xr.Dataset, activity: xr.Dataset) -> np.ndarray:
    """PyIRI's TEC as a forecast: level and scale of each station from the training part.

    Parameters
    ----------
    record : TecRecord
    data : xarray.Dataset
        The record's source, for ``latitude`` and ``longitude`` of its stations.
    activity : xarray.Dataset
        ``F107`` along ``day``. A day is forecast with the flux of the day before, averaged with
        the mean of the 81 days that end with it: nothing of it is later than the forecast.

    Returns
    -------
    numpy.ndarray, shape (station, time)
        TECU in the test part, NaN before it.
    """
    flux = activity["F107"].to_series()
    known = ((flux + flux.rolling(81, min_periods=41).mean()) / 2).shift(1, freq="D")
    driver = index_at(record.times, known.dropna(), "1D")
    regular = iri_tec(data["latitude"].values, data["longitude"].values, record.times, driver)
    end = record.bounds[0][1]
    out = np.full(record.observed.shape, np.nan)
    part = record.test_times
    for number, course in enumerate(regular.T):
        seen = np.isfinite(record.observed[number, :end])
        line = LinearRegression().fit(course[:end][seen, None], record.observed[number, :end][seen])
        out[number, part] = line.predict(course[part, None])
    return out


def future_inputs(record: TecRecord, horizon: int) -> TecRecord:
    """The record with indices shifted so that a window's last ones are those of its horizon.

    Real forecasts cannot have them. What they would be worth is the difference to the honest ones.

    Parameters
    ----------
    record : TecRecord
    horizon : int
        Samples to shift by; the last ones of the record repeat its last values.
    """
    late = np.repeat(record.inputs[:, -1:], horizon, axis=1)
    return replace(record, inputs=np.concatenate([record.inputs[:, horizon:], late], axis=1))


def errors_by_lead(record: TecRecord, forecasts: np.ndarray, split: Split) -> np.ndarray:
    """RMSE of the test windows by samples ahead, over observed samples, TECU, shape (horizon,)."""
    placed = record.placed(forecasts, split)
    windows = split.test
    ahead = windows.starts[:, None] + windows.length + np.arange(windows.horizon)
    squares = (placed - record.observed)[:, ahead] ** 2
    return np.sqrt(np.nanmean(squares, axis=(0, 1)))
