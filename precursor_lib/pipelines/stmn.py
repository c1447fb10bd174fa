"""The STMN chain: learn a quiet reference station, transfer, count what the forecast misses.

Areal strain goes through segmented VMD (modes 3 to 5). A network learns the reference station's
series and forecasts those of the target stations unchanged. Two graph layers mix the forecasts of
the stations. A sample beyond the forecast by more than 1.5 sigma is an anomalous point.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.forecast import StationGraph, predict_record
from precursor_lib.pipelines.stmn_graph import fit_graph, mixed, station_graph
from precursor_lib.pipelines.stmn_reference import Learnt, daily, learn_reference, rule
from precursor_lib.pipelines.stmn_settings import StmnSettings
from precursor_lib.pipelines.stmn_signal import HOUR, kept_signal, step_hours


@dataclass(frozen=True)
class Forecast:
    """A network's series beside their forecasts.

    Attributes
    ----------
    observed, predicted : xarray.DataArray
        Dimensions (station, time), in the unit of the strain; NaN where one is missing. `observed`
        is NaN where a gap was bridged, too.
    learnt : Learnt
        The reference's network.
    settings : StmnSettings
        Settings.
    graph : StationGraph or None
        The graph that mixed the forecasts.
    counted_from : numpy.datetime64
        Samples before are not counted: trainable weights have learnt from them.
    """

    observed: xr.DataArray
    predicted: xr.DataArray
    learnt: Learnt
    settings: StmnSettings
    graph: StationGraph | None
    counted_from: np.datetime64

    @property
    def mse(self) -> pd.Series:
        """Mean squared error by station, in the squared unit of the strain."""
        observed, predicted = self._counted()
        return ((observed - predicted) ** 2).mean("time").to_series().rename("mse")

    def _counted(self) -> tuple[xr.DataArray, xr.DataArray]:
        inside = self.observed["time"].values >= self.counted_from
        return self.observed[:, inside], self.predicted[:, inside]

    def sigma(self, kind: str | None = None) -> pd.Series:
        """Sigma of the bounds by station, from the reference or from each record itself."""
        observed, predicted = self._counted()
        if (kind or self.settings.sigma) == "reference":
            values: Any = np.full(observed.sizes["station"], self.learnt.sigma)
        else:
            values = rule(self.settings).scale(observed.values - predicted.values)
        return pd.Series(values, index=observed["station"].values.astype(str), name="sigma")

    def days(self, *, sigma: str | None = None) -> dict[str, pd.DataFrame]:
        """Anomalous points and days of each station.

        Parameters
        ----------
        sigma : {"reference", "record"}, optional
            In place of the settings' own.

        Returns
        -------
        dict of str to pandas.DataFrame
            By station: index ``day`` (local date); columns ``points`` and ``samples`` of the day,
            ``cumulative_points``, ``anomalous`` and ``cumulative`` (anomalous days so far). A day
            with less than half its samples is left out.
        """
        observed, predicted = self._counted()
        scale = self.sigma(sigma)
        found = {}
        for name, series, forecast in zip(
            scale.index, observed.values, predicted.values, strict=True
        ):
            frame = daily(
                observed["time"].values, series, forecast, float(scale[name]), self.settings
            )
            frame["anomalous"] = frame["points"] > self.learnt.day_points
            frame["cumulative"] = frame["anomalous"].cumsum()
            found[name] = frame
        return found


def forecast_stations(learnt: Learnt, signal: xr.DataArray) -> xr.DataArray:
    """Forecast each station by the reference's network as it is.

    Parameters
    ----------
    learnt : Learnt
        From `learn_reference`.
    signal : xarray.DataArray
        Series of the stations, from `kept_signal` with the same settings.

    Raises
    ------
    InputError
        If the sampling differs from the reference's.
    """
    if not np.isclose(hours := step_hours(signal), learnt.step_hours):
        raise InputError(f"target: one sample in {hours:g} h, the reference {learnt.step_hours:g}")
    rows = [
        predict_record(learnt.model, series[None], learnt.scaler)[0] for series in signal.values
    ]
    return signal.copy(data=np.stack(rows))


def spread_over(
    learnt: Learnt, signal: xr.DataArray, predicted: xr.DataArray, settings: StmnSettings
) -> Forecast:
    """Mix the stations' forecasts by the graph of the settings, if they have one.

    Parameters
    ----------
    learnt : Learnt
        From `learn_reference`.
    signal, predicted : xarray.DataArray
        Series of the stations, and from `forecast_stations`. With a graph they need the coordinates
        ``latitude``, ``longitude`` and ``distance``.
    settings : StmnSettings
        Settings.
    """
    observed = signal.where(signal["present"])
    graph, start = None, signal["time"].values[0]
    if settings.graph is not None:
        graph = station_graph(signal, settings)
        unit = float(learnt.scaler.spread[0])
        if settings.graph.trainable:
            start = start + settings.graph_days * 24 * HOUR
            early = signal["time"].values < start
            fit_graph(graph, predicted[:, early] / unit, observed[:, early] / unit, settings)
        predicted = mixed(graph, predicted)
    return Forecast(observed, predicted, learnt, settings, graph, start)


def transfer(learnt: Learnt, signal: xr.DataArray, settings: StmnSettings) -> Forecast:
    """`forecast_stations` and `spread_over` in one."""
    return spread_over(learnt, signal, forecast_stations(learnt, signal), settings)


def run_stmn(
    reference: xr.Dataset,
    target: xr.Dataset,
    settings: StmnSettings | None = None,
    *,
    seed: int = 0,
    folder: Path | str | None = None,
    progress: bool = True,
) -> Forecast:
    """The chain from two records to forecasts of the target; see the parts for parameters."""
    s = settings or StmnSettings()
    quiet = kept_signal(reference, s.signal, folder=folder, progress=progress)
    learnt = learn_reference(quiet, s, seed=seed, folder=folder, progress=progress)
    return transfer(learnt, kept_signal(target, s.signal, folder=folder, progress=progress), s)
