"""Figures of the pages on Luding 2022 and Changning 2019."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from precursor_lib.context.geography import dobrovolsky_radius_km
from precursor_lib.detect import fit_power_law, fit_sigmoid, fit_trend
from precursor_lib.pipelines.stmn import Forecast
from precursor_lib.report import maps
from precursor_lib.report.labels import place_labels
from precursor_lib.report.stmn.experiment import curves
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn, mark_days

MARKERS = "o^sDv"


@drawn
def network_map(
    stations: pd.DataFrame,
    reference: pd.DataFrame,
    epicentres: Mapping[str, tuple[float, float, float]],
    catalogue: pd.DataFrame,
) -> Figure:
    """Stations, reference, epicentres, their radii and the shocks of a catalogue; see figure 1.

    Parameters
    ----------
    stations, reference : pandas.DataFrame
        Index: station; ``latitude``, ``longitude`` (degrees).
    epicentres : mapping
        Name to latitude, longitude and magnitude.
    catalogue : pandas.DataFrame
        ``latitude``, ``longitude``, ``magnitude``.
    """
    west, east, south, north = 92.0, 112.0, 21.5, 41.5
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 6.6))
    axis.grid(visible=False)
    maps.base(axis, west, east, south, north, rivers=False, resolution="l")
    near = catalogue[
        catalogue["latitude"].between(south, north) & catalogue["longitude"].between(west, east)
    ]
    if len(near):
        origin = catalogue.attrs.get("origin", "observed")
        axis.scatter(
            near["longitude"],
            near["latitude"],
            s=4 * (near["magnitude"] - 4).clip(lower=0.3) ** 2,
            color=COLOURS["grey"],
            alpha=0.6,
            linewidth=0,
            label=f"shocks, {origin} catalogue",
        )
    for (name, (lat, lon, magnitude)), colour in zip(epicentres.items(), CYCLE[1:], strict=False):
        radius = float(dobrovolsky_radius_km(magnitude))
        axis.plot(*maps.circle(lat, lon, radius).T, linestyle="--", color=colour, linewidth=1)
        axis.scatter(
            lon, lat, marker="*", s=190, color=colour, edgecolor="black", linewidth=0.6, zorder=5,
            label=f"{name}, radius {radius:.0f} km",
        )  # fmt: skip
    places = []
    for frame, marker, text in ((stations, "^", "station"), (reference, "s", "reference")):
        lon, lat = frame["longitude"], frame["latitude"]
        axis.scatter(lon, lat, marker=marker, s=40, color=CYCLE[0], zorder=5, label=text)
        places += list(zip(lon, lat, strict=True))
    maps.scale_bar(axis)
    centres = [(lon, lat) for lat, lon, _ in epicentres.values()]
    names = [*map(str, stations.index), *map(str, reference.index), *[""] * len(centres)]
    figure.legend(loc="outside lower center", ncols=3)
    place_labels(axis, [*places, *centres], names, fontsize=9)
    return figure


@drawn
def framework(
    areal: xr.DataArray, forecast: Forecast, alone: Forecast, days: tuple[int, int]
) -> Figure:
    """What each stage of the chain makes of the first station's record; see figure 2.

    Parameters
    ----------
    areal : xarray.DataArray
        Areal strain (station, time), before the chain.
    forecast, alone : Forecast
        The chain with and without the graph.
    days : tuple of int
        Shown part, days from the start of the record.
    """
    figure, axes = plt.subplots(3, 2, figsize=(PAGE_WIDTH, 6.6))
    time = (areal["time"].values - areal["time"].values[0]) / np.timedelta64(1, "D")
    part = (time >= days[0]) & (time < days[1])
    x = time[part]
    series = areal.values[0][part]
    axes[0, 0].plot(x, series - np.nanmean(series), linewidth=0.8)
    axes[0, 0].set_title("1 areal strain")
    signal = forecast.settings.signal
    modes = "+".join(str(mode) for mode in signal.keep)
    axes[0, 1].plot(x, alone.observed.values[0][part], linewidth=0.8)
    axes[0, 1].set_title(f"2 IMF {modes}, windows of {signal.window_days} d")
    for axis, result, title in (
        (axes[1, 0], alone, f"3 forecast ({alone.learnt.model.name})"),
        (axes[2, 0], forecast, "5 forecast after the graph, ±1.5 σ"),
    ):
        axis.plot(x, result.observed.values[0][part], linewidth=0.7, label="record")
        middle = result.predicted.values[0][part]
        axis.plot(x, middle, linewidth=0.9, label="forecast")
        half = result.settings.factor * float(result.sigma("record").iloc[0])
        axis.fill_between(x, middle - half, middle + half, color=CYCLE[1], alpha=0.2, linewidth=0)
        axis.set_title(title)
    axes[1, 0].legend(loc="upper right", fontsize=8)
    axes[1, 1].set_title("4 weights of the graph")
    _graph(axes[1, 1], forecast)
    frame = forecast.days()[str(forecast.observed["station"].values[0])]
    axes[2, 1].step(np.arange(len(frame)), frame["cumulative_points"], where="post")
    axes[2, 1].set(
        title="6 anomalous points, accumulated", xlabel="day of the record", ylabel="points"
    )
    for axis in (axes[0, 0], axes[0, 1], axes[1, 0], axes[2, 0]):
        axis.set_ylabel("strain (10⁻⁹)")
        axis.set_xlabel("day of the record")
    return figure


def _graph(axis: Axes, forecast: Forecast) -> None:
    graph = forecast.graph
    assert graph is not None
    edges = graph.edge_weights().detach().numpy()
    weights = edges * graph.station_weights().detach().numpy()
    names = forecast.observed["station"].values.astype(str)
    axis.imshow(weights, cmap="viridis", vmin=0)
    axis.grid(visible=False)
    axis.set_xticks(range(names.size), names, rotation=45, fontsize=7)
    axis.set_yticks(range(names.size), names, fontsize=7)
    for (i, j), value in np.ndenumerate(weights):
        axis.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=7,
                  color="white" if value < 0.6 * weights.max() else "black")  # fmt: skip


@drawn
def cumulative(
    panels: Mapping[str, Forecast],
    event: str,
    *,
    sigma: str,
    unit: str,
    window: tuple[float, float],
) -> Figure:
    """Cumulative anomalies of each station, and the first one's with its fit; figures 5 and 7.

    Parameters
    ----------
    panels : mapping
        Title of a row to the chain's result.
    event : str
        UTC.
    sigma, unit : str
        As for `precursor_lib.report.stmn.experiment.growth`.
    window : tuple of float
        Days that are fitted.
    """
    figure, axes = plt.subplots(
        len(panels), 2, figsize=(PAGE_WIDTH, 2.9 * len(panels) + 0.5), squeeze=False, sharex=True
    )
    for (title, forecast), (left, right) in zip(panels.items(), axes, strict=True):
        found = curves(forecast, event, sigma=sigma, unit=unit, window=(-np.inf, np.inf))
        distance = forecast.observed["distance"].to_series()
        for number, (name, (x, y)) in enumerate(found.items()):
            left.step(
                x, y, where="post", color=CYCLE[number], label=f"{name}, {distance[name]:.0f} km"
            )
        name, (x, y) = next(iter(found.items()))
        right.step(x, y, where="post", color=CYCLE[0], alpha=0.6, label=name)
        inside = (x >= window[0]) & (x <= window[1])
        fit = fit_sigmoid(x[inside], y[inside])
        if fit.converged:
            text = f"sigmoid, $R^2$ = {fit.r2:.3f}\n$x_0$ = {fit.parameters['x0']:.1f} d"
            right.plot(x[inside], fit.predict(x[inside]), color=CYCLE[1], label=text)
        else:
            right.plot([], [], " ", label="sigmoid: no fit")
        for axis in (left, right):
            mark_days(axis, label="")
            axis.set_title(title)
            axis.legend(loc="upper left", fontsize=7.5)
        left.set_ylabel(f"anomalous {unit}")
    for axis in axes[-1]:
        axis.set_xlabel("days from the earthquake")
    return figure


@drawn
def distance_panels(fits: Mapping[str, pd.DataFrame], printed: float | None = None) -> Figure:
    """Inflection and count against distance with their fits; figures 6 and 8.

    Parameters
    ----------
    fits : mapping
        Title to `precursor_lib.report.stmn.experiment.growth`.
    printed : float, optional
        Exponent of the paper's power law, drawn through the first station's count.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.9))
    for number, (title, table) in enumerate(fits.items()):
        looks = {"color": CYCLE[number], "marker": MARKERS[number]}
        turned = table.dropna(subset=["inflection"])
        left.errorbar(
            turned["distance"],
            turned["inflection"],
            turned["error"],
            linestyle="",
            capsize=2,
            **looks,
        )
        line = np.linspace(table["distance"].min(), table["distance"].max(), 50)
        if len(turned) >= 3:
            trend = fit_trend(turned["distance"], turned["inflection"])
            left.plot(line, trend.predict(line), color=CYCLE[number], linewidth=0.9)
        counted = table[table["count"] > 0]
        text = title
        if len(counted) >= 3:
            law = fit_power_law(counted["distance"], counted["count"])
            right.plot(line, law.predict(line), color=CYCLE[number], linewidth=0.9)
            text = f"{title}: {law.exponent:+.3f} ± {law.exponent_error:.3f}"
        right.plot(counted["distance"], counted["count"], linestyle="", label=text, **looks)
    if not any(table["inflection"].notna().any() for table in fits.values()):
        left.text(0.5, 0.5, "no sigmoid converged", ha="center", transform=left.transAxes)
        left.set(yticks=[])
    if printed is not None:
        first = next(iter(fits.values())).iloc[0]
        line = np.linspace(first["distance"], 360, 50)
        law = first["count"] * (line / first["distance"]) ** printed
        right.plot(line, law, ":", color="black", label=f"exponent as printed, {printed:+.3f}")
    left.set(
        xlabel="epicentral distance (km)",
        ylabel="inflection (days before)",
        xlim=right.get_xlim(),
    )
    right.set(xlabel="epicentral distance (km)", ylabel="anomalous points", ylim=(0, None))
    figure.legend(
        *right.get_legend_handles_labels(), loc="outside lower center", fontsize=8, ncols=2
    )
    return figure
