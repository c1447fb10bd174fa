"""Runs of the STMN chain that a page compares, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.detect import days_to, fit_power_law, fit_trend, growth_ratio
from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.alarm_days import day_recovery
from precursor_lib.pipelines.stmn import Forecast, forecast_stations, spread_over
from precursor_lib.pipelines.stmn_reference import Learnt, learn_reference
from precursor_lib.pipelines.stmn_settings import SignalSettings, StmnSettings
from precursor_lib.pipelines.stmn_signal import kept_signal

WINDOW = (-180.0, 0.0)
"""Days before the earthquake through which curves are fitted: the six months of figure 5."""
FLAT = {
    "base": 0.05,
    "phases": [{"number": 60, "centre": -39, "width": 9}],
    "exponent": 0.0,
}
"""The source of luding-strain without its decay: as strong everywhere as at 100 km."""
Record = xr.Dataset | xr.DataArray
CURVES = {"points": "cumulative_points", "days": "cumulative"}
"""What an anomaly is counted as, and the column of its cumulative curve."""


@dataclass
class Bench:
    """Records of a case, and what the chain makes of them.

    Attributes
    ----------
    reference : xarray.Dataset or xarray.DataArray
        The quiet station, as `kept_signal` takes it.
    networks : dict of str to xarray.Dataset or xarray.DataArray
        Records of the target stations by name.
    folder : pathlib.Path or None
        Where decompositions and checkpoints are kept.
    """

    reference: Record
    networks: dict[str, Record]
    folder: Path | None = None
    _signals: dict[tuple[str, str], xr.DataArray] = field(default_factory=dict, repr=False)
    _learnt: dict[tuple[str, int], Learnt] = field(default_factory=dict, repr=False)
    _predicted: dict[tuple[str, str, int], xr.DataArray] = field(default_factory=dict, repr=False)

    def signal(self, name: str, settings: SignalSettings) -> xr.DataArray:
        """Series of a network, or of ``"reference"``."""
        key = name, settings.model_dump_json()
        if key not in self._signals:
            if name != "reference" and name not in self.networks:
                raise InputError(unknown("network", name, self.networks))
            data = self.reference if name == "reference" else self.networks[name]
            self._signals[key] = kept_signal(data, settings, folder=self.folder, progress=False)
        return self._signals[key]

    def learnt(self, settings: StmnSettings, seed: int) -> Learnt:
        """The network trained on the reference, once for all that only differs after it."""
        key = _trained_by(settings), seed
        if key not in self._learnt:
            self._learnt[key] = learn_reference(
                self.signal("reference", settings.signal),
                settings,
                seed=seed,
                folder=self.folder,
                progress=False,
            )
        return self._learnt[key]

    def with_networks(self, **networks: Record) -> Bench:
        """The same reference and what it has taught, for other records."""
        reference = {key: value for key, value in self._signals.items() if key[0] == "reference"}
        return Bench(self.reference, networks, self.folder, reference, self._learnt)

    def forecast(self, name: str, settings: StmnSettings, seed: int = 0) -> Forecast:
        """The chain on one network."""
        learnt, signal = self.learnt(settings, seed), self.signal(name, settings.signal)
        key = name, _trained_by(settings), seed
        if key not in self._predicted:
            self._predicted[key] = forecast_stations(learnt, signal)
        return spread_over(learnt, signal, self._predicted[key], settings)


def page_settings(*, length_hours: float, epochs: int, windows_per_epoch: int) -> StmnSettings:
    """The chain with the budget of a page, the same for every network that it trains."""
    return StmnSettings.model_validate(
        {
            "length_hours": length_hours,
            "network": {"window_norm": "moments", "layers": 1},
            "training": {
                "epochs": epochs,
                "windows_per_epoch": windows_per_epoch,
                "batch_size": 64,
                "learning_rate": 3e-3,
                "patience": 3,
                "threads": 1,
            },
        }
    )


def step_of(step: str) -> float:
    """A sampling interval such as ``"1h"`` in hours."""
    return pd.Timedelta(step) / pd.Timedelta(hours=1)


def _trained_by(settings: StmnSettings) -> str:
    """What the training follows from."""
    return settings.model_dump_json(exclude={"graph", "graph_days", "graph_steps", "sigma"})


def growth(
    forecast: Forecast,
    event: str,
    *,
    sigma: str | None = None,
    unit: str = "points",
    window: tuple[float, float] = WINDOW,
) -> pd.DataFrame:
    """Sigmoid and line through each station's cumulative curve (tables 3 of the paper).

    Parameters
    ----------
    forecast : Forecast
        The chain's result.
    event : str
        Time of the earthquake, UTC.
    sigma, unit : str
        As for `Forecast.days`, and ``"points"`` or ``"days"``.
    window : tuple of float
        First and last day from the event.

    Returns
    -------
    pandas.DataFrame
        Index ``station``; ``distance`` (km), ``count`` in the window, ``r2`` and ``r2_line``,
        ``ratio``, ``delta_aic``, ``inflection`` and ``error`` (days before the event; NaN where the
        sigmoid did not converge), ``fit`` (``"converged"`` or why not).
    """
    distance = forecast.observed["distance"].to_series()
    rows = {}
    for name, (x, y) in curves(forecast, event, sigma=sigma, unit=unit, window=window).items():
        fit = growth_ratio(x, y)
        good = fit.sigmoid.converged
        rows[name] = {
            "distance": float(distance[name]),
            "count": int(y[-1] - y[0]) if y.size else 0,
            "r2": fit.sigmoid.r2,
            "r2_line": fit.line.r2,
            "ratio": fit.ratio,
            "delta_aic": fit.delta_aic,
            "inflection": -fit.sigmoid.parameters["x0"] if good else np.nan,
            "error": fit.sigmoid.errors["x0"] if good else np.nan,
            "fit": fit.sigmoid.reason or "converged",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("station")


def curves(
    forecast: Forecast,
    event: str,
    *,
    sigma: str | None = None,
    unit: str = "points",
    window: tuple[float, float] = WINDOW,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Days from the event and cumulative counts of each station within the window."""
    if unit not in CURVES:
        raise InputError(unknown("unit", unit, CURVES))
    out = {}
    for name, frame in forecast.days(sigma=sigma).items():
        x = days_to(pd.DatetimeIndex(frame.index), event, zone_hours=forecast.settings.zone_hours)
        inside = (x >= window[0]) & (x <= window[1])
        out[name] = x[inside], frame[CURVES[unit]].to_numpy(dtype=float)[inside]
    return out


def spatial(table: pd.DataFrame) -> dict[str, float]:
    """How counts and inflections of `growth` go with distance.

    Returns
    -------
    dict
        ``exponent`` with ``exponent_error``, ``exponent_low``, ``exponent_high``, ``power_r2`` and
        ``power_p`` of the counts; ``correlation``, of log count and log distance with its sign
        turned; ``slope``, ``slope_r2`` and ``slope_p`` of the inflections. NaN with fewer than
        three stations.
    """
    names = ("exponent", "exponent_error", "exponent_low", "exponent_high", "power_r2", "power_p")
    out = dict.fromkeys((*names, "correlation", "slope", "slope_r2", "slope_p"), np.nan)
    counted = table[table["count"] > 0]
    if len(counted) >= 3:
        law = fit_power_law(counted["distance"], counted["count"])
        values = (law.exponent, law.exponent_error, *law.interval, law.r2, law.p)
        out |= dict(zip(names, values, strict=True))
        logs = np.log(counted[["distance", "count"]].to_numpy(dtype=float))
        out["correlation"] = float(-np.corrcoef(logs.T)[0, 1]) if np.ptp(logs[:, 1]) > 0 else 0.0
    turned = table.dropna(subset=["inflection"])
    if len(turned) >= 3:
        line = fit_trend(turned["distance"], turned["inflection"])
        out |= {"slope": line.slope, "slope_r2": line.r2, "slope_p": line.p}
    return out


def recovered(
    forecast: Forecast, truth: pd.DataFrame, event: str, *, sigma: str | None = None
) -> pd.DataFrame:
    """Anomalous days of each station against the known source (see `day_recovery`).

    Returns
    -------
    pandas.DataFrame
        Index ``station``; what `day_recovery` gives, and ``found_at_tenth``: the share of source
        days found if the limit of points is set so that a tenth of the calm days exceed it.
    """
    fits = growth(forecast, event, sigma=sigma, unit="days")
    rows = {}
    for name, frame in forecast.days(sigma=sigma).items():
        day = fits.loc[name, "inflection"]
        rows[name] = {
            "distance": fits.loc[name, "distance"],
            **day_recovery(
                frame,
                truth,
                event,
                station=name,
                zone_hours=forecast.settings.zone_hours,
                inflection=None if np.isnan(day) else -day,
            ),
            "found_at_tenth": found_at(frame, truth, name, forecast.settings.zone_hours),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("station")


def found_at(
    frame: pd.DataFrame,
    truth: pd.DataFrame,
    station: str,
    zone_hours: float,
    false_share: float = 0.1,
) -> float:
    """Share of source days above the limit of points that `false_share` of the calm days exceed.

    The limit is read off the calm days of the known truth, so that detectors are compared at one
    share of false days. It is no limit that could be set beforehand.
    """
    limits = np.unique(frame["points"].to_numpy())
    low, high = 0, limits.size - 1
    best: Mapping[str, float] = {}
    while low <= high:
        middle = (low + high) // 2
        flagged = frame.assign(anomalous=frame["points"] > limits[middle])
        result = day_recovery(flagged, truth, station=station, zone_hours=zone_hours)
        if result["false_days"] <= false_share * result["calm_days"]:
            best, high = result, middle - 1
        else:
            low = middle + 1
    return float(best["detection_rate"])
