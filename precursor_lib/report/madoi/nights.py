"""Figures of the Madoi case: counterparts of the SW-NTF paper's figures 2 and 7 to 11."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.pipelines import NetworkResult, Prepared
from precursor_lib.report.style import (
    COLOURS,
    METHOD_COLOURS,
    METHOD_NAMES,
    PAGE_WIDTH,
    drawn,
    mark_days,
)


@drawn
def preprocessing(prepared: Prepared, names: Sequence[str], rate: float, step: int) -> Figure:
    """One night at every station: record, detrended, kept IMFs, synchrosqueezed amplitude.

    Parameters
    ----------
    prepared : Prepared
        From `precursor_lib.pipelines.prepare_night`.
    names : sequence of str
        Stations, a row each.
    rate : float
        Samples a second of the record.
    step : int
        Samples a time step of the tensor.
    """
    count = len(names)
    figure, axes = plt.subplots(
        count, 4, figsize=(PAGE_WIDTH, 1.0 * count + 0.8), sharex=True, squeeze=False
    )
    hours = np.arange(prepared.raw.shape[1]) / rate / 3600
    steps = (np.arange(prepared.tensor.shape[1]) + 0.5) * step / rate / 3600
    top = np.percentile(prepared.tensor, 99.8) or 1.0
    for row, name in enumerate(names):
        series = (prepared.raw - np.nanmean(prepared.raw, axis=1, keepdims=True))[row]
        for column, values in enumerate((series, prepared.detrended[row], prepared.selected[row])):
            axes[row, column].plot(hours, values, linewidth=0.4, color=COLOURS["blue"])
        image = axes[row, 3].pcolormesh(
            steps,
            prepared.frequency,
            prepared.tensor[:, :, row],
            vmin=0,
            vmax=top,
            cmap="viridis",
            shading="nearest",
            rasterized=True,
        )
        axes[row, 3].set_yscale("log")
        axes[row, 0].set_ylabel(f"{name}\nnT", fontsize=8)
        axes[row, 3].yaxis.tick_right()
    titles = ("record less its mean", "detrended", "kept IMFs", "amplitude by Hz")
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("hours")
    for axis in axes.flat:
        axis.tick_params(labelsize=7)
    figure.align_ylabels(axes[:, 0])
    figure.colorbar(
        image, ax=axes, orientation="horizontal", shrink=0.4, aspect=40, pad=0.07
    ).set_label("amplitude (nT)")
    return figure


@drawn
def dominant_station(table: pd.DataFrame, stations: pd.DataFrame) -> Figure:
    """Distance of each night's dominant station, coloured by its share; see figure 7.

    Parameters
    ----------
    table : pandas.DataFrame
        From `NetworkResult.by_day`.
    stations : pandas.DataFrame
        Index: id; column ``distance`` (km).
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.4))
    points = axis.scatter(
        table.index,
        table["distance"],
        c=table["contribution"],
        cmap="cividis",
        vmin=0,
        vmax=1,
        s=26,
        edgecolor="black",
        linewidth=0.3,
        zorder=3,
    )
    for distance, name in _merged(stations["distance"]).items():
        axis.axhline(distance, color="0.85", linewidth=0.8, zorder=1)
        axis.annotate(
            f"{name}", (1.01, distance), xycoords=("axes fraction", "data"), fontsize=7, va="center"
        )
    mark_days(axis)
    axis.set_xlabel("day from the mainshock")
    axis.set_ylabel("distance of the dominant\nstation (km)")
    figure.colorbar(points, ax=axis, pad=0.11).set_label("share of the dominant station")
    return figure


def _merged(distances: pd.Series, apart: float = 30.0) -> dict[float, str]:
    """Names by distance, those that would be written over each other in one."""
    merged: dict[float, str] = {}
    for name, distance in distances.sort_values().items():
        last = next(reversed(merged), -np.inf)
        if distance - last < apart:
            merged[last] += f", {name}"
        else:
            merged[float(distance)] = str(name)
    return merged


@drawn
def amplitude_by_day(
    table: pd.DataFrame, packets: pd.DataFrame | None, phases: Sequence[float]
) -> Figure:
    """Largest amplitude of the first component in each night, with the packets put in; figure 8.

    Parameters
    ----------
    table : pandas.DataFrame
        From `NetworkResult.by_day`.
    packets : pandas.DataFrame or None
        Columns ``day`` and ``amplitude`` (nT at the nearest station).
    phases : sequence of float
        Days at which the paper's phases begin and end.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.0))
    axis.plot(table.index, table["amplitude"], color=COLOURS["blue"], label="first component")
    if packets is not None:
        axis.scatter(
            packets["day"],
            packets["amplitude"],
            marker="v",
            s=24,
            color=COLOURS["orange"],
            label="packets put in (nearest station)",
            zorder=3,
        )
    for day in phases:
        axis.axvline(day, color="0.7", linewidth=0.8, linestyle=":")
    mark_days(axis)
    axis.set_yscale("log")
    axis.set_xlabel("day from the mainshock")
    axis.set_ylabel("largest amplitude (nT)")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return figure


@drawn
def recovery_by_amplitude(sweep: pd.DataFrame) -> Figure:
    """Share of packets found and false alarms against the source's amplitude.

    Parameters
    ----------
    sweep : pandas.DataFrame
        From `precursor_lib.evaluate.nights.amplitude_sweep`.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.2), sharex=True)
    for number, (method, part) in enumerate(sweep.groupby("method", sort=False)):
        style = {
            "color": METHOD_COLOURS[method],
            "label": METHOD_NAMES[method],
            "marker": "os^"[number],
            "markersize": 4,
            "capsize": 2,
        }
        for axis, middle, low, high in (
            (left, "hit_rate", "hit_low", "hit_high"),
            (right, "false_per_night", "false_low", "false_high"),
        ):
            spread = np.abs(part[[low, high]].to_numpy().T - part[middle].to_numpy())
            axis.errorbar(part["amplitude"], part[middle], spread, **style)
    left.set_ylim(-0.03, 1.03)
    left.set_ylabel("share of packets found")
    right.set_ylabel("false alarms a night")
    right.set_ylim(bottom=0)
    for axis in (left, right):
        axis.set_xlabel("amplitude at 100 km (nT)")
    left.legend(loc="upper left")
    return figure


@drawn
def with_and_without(
    curves: Mapping[str, NetworkResult], windows: Sequence[tuple[float, float]]
) -> Figure:
    """Cumulative anomalies of each method, a panel an input.

    Parameters
    ----------
    curves : mapping of str to NetworkResult
        Title to result, such as with and without a source.
    windows : sequence of tuple of float
        The paper's phases, shaded.
    """
    figure, axes = plt.subplots(
        1, len(curves), figsize=(PAGE_WIDTH, 3.2), sharey=True, squeeze=False
    )
    for axis, (title, result) in zip(axes[0], curves.items(), strict=True):
        for method in METHOD_NAMES:
            found = result.cumulative(method)
            axis.step(
                found.index,
                found["cumulative"],
                where="post",
                color=METHOD_COLOURS[method],
                label=METHOD_NAMES[method],
            )
        for low, high in windows:
            axis.axvspan(low, high, color="0.92", zorder=0)
        mark_days(axis)
        axis.set_title(title)
        axis.set_xlabel("day from the mainshock")
    axes[0, 0].set_ylabel("cumulative anomalies")
    axes[0, 0].legend(loc="upper left")
    return figure
