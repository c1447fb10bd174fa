"""Figures 9 to 11 of the Madoi case, and the indices of table 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.detect.growth import GrowthFit, sigmoid
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn, mark_days


@drawn
def benioff_and_anomalies(
    anomalies: pd.DataFrame,
    strain: pd.DataFrame,
    fits: Mapping[str, Sequence[GrowthFit]],
) -> Figure:
    """Cumulative anomalies and cumulative Benioff strain with their sigmoids; see figure 9.

    Parameters
    ----------
    anomalies, strain : pandas.DataFrame
        Index: day; column ``cumulative`` (count, and J**0.5).
    fits : mapping
        ``"anomalies"`` and ``"strain"``: the sigmoids by phase, dashed first, then solid.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.6))
    other = axis.twinx()
    axis.plot(anomalies.index, anomalies["cumulative"], ".", color="black", markersize=4)
    other.plot(strain.index, strain["cumulative"], ".", color=COLOURS["orange"], markersize=3)
    for panel, key, colour in (
        (axis, "anomalies", COLOURS["vermilion"]),
        (other, "strain", COLOURS["blue"]),
    ):
        for fit, style in zip(fits[key], ("--", "-"), strict=False):
            if not fit.converged:
                continue
            x = np.linspace(*fit.window, 200)
            panel.plot(x, sigmoid(x, **fit.parameters), style, color=colour, linewidth=1.6)
    mark_days(axis)
    axis.set_xlabel("day from the mainshock")
    axis.set_ylabel("cumulative anomalies")
    other.set_ylabel("cumulative Benioff strain (J$^{1/2}$)", color=COLOURS["orange"])
    handles = [
        Line2D([], [], color="black", marker=".", linestyle="", label="anomalies"),
        Line2D([], [], color=COLOURS["orange"], marker=".", linestyle="", label="Benioff strain"),
        Line2D([], [], color=COLOURS["vermilion"], label="sigmoids of the anomalies"),
        Line2D([], [], color=COLOURS["blue"], label="sigmoids of the strain"),
    ]
    axis.legend(handles=handles, loc="upper left")
    return figure


@drawn
def b_in_time(
    cumulative: pd.DataFrame, b: pd.DataFrame, truth: float | None, *, label: str = "anomalies"
) -> Figure:
    """Cumulative curve above the moving b-value with its errors; see figure 10.

    Parameters
    ----------
    cumulative : pandas.DataFrame
        Index: day; column ``cumulative``.
    b : pandas.DataFrame
        Index: day of a window's centre; columns ``b`` and ``error``.
    truth : float or None
        The b-value that a simulated catalogue was made with.
    """
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 4.6), sharex=True)
    top.step(cumulative.index, cumulative["cumulative"], where="post", color="black")
    top.set_ylabel(f"cumulative {label}")
    bottom.errorbar(
        b.index, b["b"], b["error"], fmt=".", color=COLOURS["blue"], ecolor="0.7", linewidth=0.8
    )
    bottom.axhline(b["b"].mean(), color=COLOURS["blue"], linewidth=1, label="mean")
    if truth is not None:
        bottom.axhline(truth, color=COLOURS["green"], linestyle="-.", linewidth=1.2, label="truth")
    bottom.set_ylabel("b-value")
    bottom.set_xlabel("day from the mainshock")
    bottom.legend(loc="upper right")
    for axis in (top, bottom):
        mark_days(axis)
    return figure


@drawn
def b_maps(
    maps: Mapping[str, xr.Dataset], epicentre: tuple[float, float], stations: pd.DataFrame | None
) -> Figure:
    """b-value on a grid, a panel an interval; see figure 11.

    Parameters
    ----------
    maps : mapping of str to xarray.Dataset
        Title to ``b`` over latitude and longitude.
    epicentre : tuple of float
        Latitude and longitude in degrees.
    stations : pandas.DataFrame or None
        Columns ``latitude`` and ``longitude``.
    """
    columns = 2
    rows = -(-len(maps) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(PAGE_WIDTH, 3.2 * rows), sharex=True, sharey=True, squeeze=False
    )
    for axis, (title, grid) in zip(axes.flat, maps.items(), strict=False):
        image = axis.pcolormesh(
            grid["longitude"],
            grid["latitude"],
            grid["b"],
            cmap="viridis",
            vmin=0.4,
            vmax=1.6,
            shading="nearest",
            rasterized=True,
        )
        axis.plot(epicentre[1], epicentre[0], "*", color=COLOURS["vermilion"], markersize=11)
        if stations is not None:
            axis.plot(
                stations["longitude"],
                stations["latitude"],
                "^",
                color="black",
                markersize=5,
                linestyle="",
            )
        axis.set_xlim(float(grid["longitude"].min()), float(grid["longitude"].max()))
        axis.set_ylim(float(grid["latitude"].min()), float(grid["latitude"].max()))
        axis.set_facecolor("0.93")
        axis.set_title(title)
    for axis in axes[-1]:
        axis.set_xlabel("longitude (° E)")
    for axis in axes[:, 0]:
        axis.set_ylabel("latitude (° N)")
    figure.colorbar(image, ax=axes, shrink=0.7).set_label("b-value (grey: under 20 events)")
    return figure


def series(indices: xr.Dataset, name: str) -> pd.Series:
    """One index of a dataset as a series by UTC time."""
    return indices[name].to_series().dropna()


@drawn
def indices_by_night(
    dst: xr.Dataset, activity: xr.Dataset, network: NightlyNetwork, event: str
) -> Figure:
    """Dst and ap within the nights, with the limits of table 2.

    Parameters
    ----------
    dst, activity : xarray.Dataset
        ``Dst`` (nT, hourly) and ``ap`` (three-hourly).
    network : NightlyNetwork
        Whose nights are shown.
    event : str
        Time (UTC) that days are counted from.
    """
    figure, axes = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 3.8), sharex=True)
    panels = (("Dst", "Dst (nT)", dst, (-30, -50, 30, 50)), ("ap", "ap", activity, (32, 48)))
    for axis, (name, label, data, limits) in zip(axes, panels, strict=True):
        values = series(data, name)
        for start, day in zip(network.nights, network.days_from(event), strict=True):
            inside = values.loc[start - pd.Timedelta("2h59min") : start + pd.Timedelta("3h59min")]
            axis.plot(np.full(len(inside), day), inside, ".", color=COLOURS["blue"], markersize=3)
        for limit in limits:
            axis.axhline(limit, color=COLOURS["vermilion"], linewidth=0.8, linestyle=":")
        axis.set_ylabel(label)
        mark_days(axis, label="")
    axes[-1].set_xlabel("day from the mainshock")
    return figure
