"""Figures of trials: power curves, the smallest source, and the league."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn

# Methods of the power curves in the order of the colours.
PLACES = ("SW-NTF", "band power", "VMD-Pyraformer", "Day before", "STMN", "CNN", "ED-LSTME")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


@drawn
def power_figure(curves: pd.DataFrame, units: pd.Series, false_share: float) -> Figure:
    """Share of sources found against amplitude, a panel a kind of data, a line a method.

    Parameters
    ----------
    curves : pandas.DataFrame
        From `precursor_lib.evaluate.trials.power_curves`, at one number of stations.
    units : pandas.Series
        Of the amplitudes, by kind.
    false_share : float
        Share of calm blocks with an alarm that the thresholds were set to: the dotted line.
    """
    kinds = list(curves["kind"].unique())
    figure, axes = _panels(len(kinds), 2.5)
    looks = _looks(curves["method"])
    for axis, kind in zip(axes, kinds, strict=False):
        for method, part in curves[curves["kind"] == kind].groupby("method", sort=False):
            colour, marker = looks[method]
            axis.plot(part["amplitude"], part["rate"], color=colour, marker=marker, markersize=4,
                      label=method)  # fmt: skip
            axis.fill_between(
                part["amplitude"], part["low"], part["high"], color=colour, alpha=0.12, linewidth=0
            )
        axis.axhline(false_share, color=COLOURS["black"], linestyle=":", linewidth=1)
        axis.set(xscale="log", ylim=(-0.03, 1.03), title=kind, xlabel=f"amplitude ({units[kind]})")
        _plain(axis.xaxis, sorted(curves["amplitude"][curves["kind"] == kind].unique()))
    _finish(figure, axes, len(kinds), "sources found", looks)
    return figure


@drawn
def timing_figure(curves: pd.DataFrame, units: pd.Series) -> Figure:
    """Median error of the time of found sources against amplitude, a panel a kind of data.

    Parameters
    ----------
    curves, units
        As for `power_figure`. Amplitudes at which nothing was found have no point.
    """
    kinds = list(curves["kind"].unique())
    figure, axes = _panels(len(kinds), 2.5)
    looks = _looks(curves["method"])
    for axis, kind in zip(axes, kinds, strict=False):
        here = curves[curves["kind"] == kind]
        for method, part in here.dropna(subset="error_h").groupby("method", sort=False):
            colour, marker = looks[str(method)]
            axis.plot(
                part["amplitude"], 60 * part["error_h"], color=colour, marker=marker, markersize=4
            )
        axis.set(xscale="log", yscale="log", title=kind, xlabel=f"amplitude ({units[kind]})")
        _plain(axis.xaxis, sorted(here["amplitude"].unique()))
        _plain(axis.yaxis)
    _finish(figure, axes, len(kinds), "timing error (min)", looks)
    return figure


@drawn
def station_figure(smallest: pd.DataFrame) -> Figure:
    """The smallest source that is found in half of all blocks, against the number of stations.

    An open marker at the top or bottom stands for a source larger or smaller than all that were
    tried; it is drawn at the end of their range.

    Parameters
    ----------
    smallest : pandas.DataFrame
        From `precursor_lib.evaluate.trials.smallest_found`.
    """
    kinds = list(smallest["kind"].unique())
    figure, axes = _panels(len(kinds), 2.5)
    looks = _looks(smallest["method"])
    for axis, kind in zip(axes, kinds, strict=False):
        here = smallest[smallest["kind"] == kind]
        _against(axis, here, "stations", looks)
        axis.set(title=kind, xlabel="stations", xticks=sorted(here["stations"].unique()))
        axis.set_ylabel(here["unit"].iloc[0])
    _finish(figure, axes, len(kinds), None, looks)
    return figure


@drawn
def distance_figure(far: pd.DataFrame) -> Figure:
    """What a source at 100 km has to be, to be found by stations at a distance.

    Parameters
    ----------
    far : pandas.DataFrame
        From `precursor_lib.evaluate.trials.at_distance`, at one number of stations.
    """
    kinds = list(far["kind"].unique())
    figure, axes = _panels(len(kinds), 2.5)
    looks = _looks(far["method"])
    for axis, kind in zip(axes, kinds, strict=False):
        here = far[far["kind"] == kind]
        for method, part in here.groupby("method", sort=False):
            colour, marker = looks[method]
            known = part[np.isfinite(part["smallest"]) & (part["smallest"] > 0)]
            axis.plot(known["distance"], known["smallest"], color=colour, marker=marker,
                      markersize=4)  # fmt: skip
            axis.fill_between(
                known["distance"], known["low"], known["high"].where(np.isfinite(known["high"])),
                color=colour, alpha=0.12, linewidth=0,
            )  # fmt: skip
        axis.set(xscale="log", yscale="log", title=kind, xlabel="distance (km)")
        axis.set_ylabel(f"at 100 km ({here['unit'].iloc[0]})")
        _plain(axis.xaxis, sorted(far["distance"].unique()))
        _plain(axis.yaxis)
    _finish(figure, axes, len(kinds), None, looks)
    return figure


@drawn
def league_figure(table: pd.DataFrame) -> Figure:
    """Share of all sources found, with its interval, a panel a kind and a row a method.

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.trials.league`, with the column ``paper`` (None for a rival).
    """
    kinds = list(table["kind"].unique())
    counts = [int((table["kind"] == kind).sum()) for kind in kinds]
    figure, axes = plt.subplots(
        len(kinds), 1, figsize=(PAGE_WIDTH, 0.24 * sum(counts) + 0.5 * len(kinds) + 0.4),
        sharex=True, squeeze=False, height_ratios=counts,
    )  # fmt: skip
    for axis, kind in zip(axes[:, 0], kinds, strict=True):
        part = table[table["kind"] == kind].sort_values("rate", kind="stable")
        for row, entry in enumerate(part.to_dict("records")):
            rival = entry["paper"] is None
            colour = COLOURS["grey"] if rival else COLOURS["blue"]
            axis.plot([entry["rate_low"], entry["rate_high"]], [row, row], color=colour)
            axis.plot(entry["rate"], row, "s" if rival else "o", color=colour, markersize=5)
        axis.set_yticks(range(len(part)), part["method"])
        axis.set(title=kind, xlim=(-0.02, 1.02), ylim=(-0.7, len(part) - 0.3))
    axes[-1, 0].set_xlabel("sources found, all amplitudes together (95 % interval)")
    return figure


def _against(
    axis: Axes, here: pd.DataFrame, column: str, looks: dict[str, tuple[str, str]]
) -> None:
    """Smallest amplitudes with intervals against a column; open markers beyond the range tried."""
    least, most = here["least"].min(), here["most"].max()
    methods = list(here["method"].unique())
    for number, (method, part) in enumerate(here.groupby("method", sort=False)):
        colour, marker = looks[str(method)]
        # Side by side, so that intervals do not cover each other.
        place = part[column] + 0.06 * (number - (len(methods) - 1) / 2)
        value = part["smallest"].clip(least, most)
        inside = np.isfinite(part["smallest"]) & (part["smallest"] > 0)
        axis.plot(place, value, color=colour, linewidth=1)
        axis.vlines(
            place, part["low"].clip(least, most), part["high"].clip(least, most),
            color=colour, linewidth=1, alpha=0.6,
        )  # fmt: skip
        axis.plot(place[inside], value[inside], marker, color=colour, markersize=5)
        axis.plot(place[~inside], value[~inside], marker, color=colour, markersize=6,
                  markerfacecolor="white")  # fmt: skip
    axis.set(yscale="log", ylim=(least / 1.3, most * 1.3))
    _plain(axis.yaxis)


def _plain(axis: Axis, ticks: Sequence[float] | None = None) -> None:
    """Plain numbers on a logarithmic axis: those given, or 1, 2 and 5 of each decade."""
    axis.set_major_locator(FixedLocator(ticks) if ticks else LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def _panels(number: int, height: float) -> tuple[Figure, Sequence[Axes]]:
    columns = 2 if number > 1 else 1
    rows = -(-number // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(PAGE_WIDTH, height * rows + 0.7), squeeze=False
    )
    for axis in axes.flat[number:]:
        axis.set_axis_off()
    return figure, list(axes.flat)


def _looks(methods: pd.Series) -> dict[str, tuple[str, str]]:
    """A colour and a marker for each method, the same on every page for those that have a place."""
    names = [str(name) for name in methods.unique()]
    places = (*PLACES, *(name for name in names if name not in PLACES))
    looks = dict(zip(places, cycle(zip(cycle(CYCLE), MARKERS, strict=False)), strict=False))
    return {name: looks[name] for name in names}


def _finish(
    figure: Figure,
    axes: Sequence[Axes],
    number: int,
    ylabel: str | None,
    looks: dict[str, tuple[str, str]],
) -> None:
    if ylabel:
        for axis in axes[:number:2]:
            axis.set_ylabel(ylabel)
    handles = [
        plt.Line2D([], [], color=colour, marker=marker, markersize=4, label=name)
        for name, (colour, marker) in looks.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
