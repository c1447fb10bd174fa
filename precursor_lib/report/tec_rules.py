"""Figures of the page on the rules that call TEC anomalous."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from precursor_lib.detect.tec_chance import nominal_chance
from precursor_lib.evaluate.tec_rules import ERROR, MEDIAN, SIGMA, RuleResult
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn

Array = NDArray[np.float64]
LOOKS = {ERROR: ("blue", "o"), MEDIAN: ("vermilion", "s"), SIGMA: ("green", "^")}


@drawn
def limits(
    times: NDArray[np.datetime64],
    tec: Array,
    results: Mapping[str, RuleResult],
    quiet: NDArray[np.bool_],
    span: tuple[str, str],
) -> Figure:
    """One station's TEC between the limits of two rules, and what lies outside, over some days.

    Parameters
    ----------
    times : array of datetime64, shape (time,)
    tec : array, shape (time,)
        TECU.
    results : mapping
        By rule, of one station: arrays (time,).
    quiet : array of bool, shape (time,)
        The other times are shaded.
    span : (str, str)
        First time and end, UTC.
    """
    part = (times >= np.datetime64(span[0])) & (times < np.datetime64(span[1]))
    t = times[part]
    figure, axes = plt.subplots(
        len(results) + 1, 1, sharex=True, figsize=(PAGE_WIDTH, 6.0), height_ratios=[2, 2, 1.4]
    )
    for axis, (name, result) in zip(axes, results.items(), strict=False):
        colour = COLOURS[LOOKS[name][0]]
        axis.fill_between(
            t,
            result.bounds.lower[part],
            result.bounds.upper[part],
            color=colour,
            alpha=0.25,
            linewidth=0,
            label=f"limits: {name}",
        )
        axis.plot(t, tec[part], color=COLOURS["black"], linewidth=0.9, label="TEC")
        beyond = np.where(result.dtec[part] != 0, tec[part], np.nan)
        axis.plot(t, beyond, ".", color=COLOURS["vermilion"], markersize=4, label="outside")
        axis.set_ylabel("TEC (TECU)")
        axis.legend(loc="upper left", ncols=3)
        axis.margins(y=0.3)
        axis.set_ylim(bottom=0)
        axes[-1].plot(t, result.dtec[part], color=colour, label=name)
    axes[-1].set_ylabel("DTEC (TECU)")
    axes[-1].legend(loc="upper left", ncols=2)
    axes[-1].margins(y=0.4)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], ~quiet[part], [False]))))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        for axis in axes:
            axis.axvspan(t[first], t[min(last, t.size - 1)], color="#E4E4E4", zorder=0, lw=0)
    axes[-1].xaxis.set_major_locator(mdates.DayLocator(interval=2))
    axes[-1].xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
    axes[-1].set_xlabel(f"day of {span[0][:4]} (UTC)")
    return figure


@drawn
def days_by_memory(table: pd.DataFrame) -> Figure:
    """Share of values and of days called anomalous against the noise's memory.

    Parameters
    ----------
    table : DataFrame
        Of `memory_table`.
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.2), sharex=True)
    places = {m: i for i, m in enumerate(sorted(table["memory"].unique()))}
    for name, part in table.groupby("rule", sort=False):
        colour, marker = LOOKS[str(name)]
        x = part["memory"].map(places)
        for axis, column in zip(axes, ("values", "days"), strict=True):
            axis.plot(x, part[column], marker, color=COLOURS[colour], label=name, markersize=5)
        exact = part["closed form"].to_numpy()
        if np.isfinite(exact).any():
            axes[1].plot(x, exact, color=COLOURS[colour], lw=1, label="closed form")
    axes[0].axhline(100 * nominal_chance(2.0), color=COLOURS["blue"], lw=1, ls="--")
    axes[0].axhline(100 * nominal_chance(1.5, "iqr"), color=COLOURS["vermilion"], lw=1, ls="--")
    axes[0].set(ylabel="values called anomalous (%)", ylim=(0, None))
    axes[1].set(ylabel="days with one or more (%)", ylim=(0, 104))
    for axis in axes:
        axis.set_xticks(list(places.values()), [f"{m:g}" for m in places])
        axis.set_xlabel("memory of the noise (h)")
    handles, labels = axes[1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure


@drawn
def power_curves(table: pd.DataFrame, spread: float) -> Figure:
    """Share of anomalies found against their size.

    Parameters
    ----------
    table : DataFrame
        Of `power`.
    spread : float
        Standard deviation of TEC's change from a day to the next, TECU; marked.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.2))
    for name, column in table.items():
        colour, marker = LOOKS[str(name)]
        axis.plot(column.index, column, marker=marker, color=COLOURS[colour], label=name)
    for side in (-spread, spread):
        axis.axvline(side, color=COLOURS["grey"], ls="--", lw=1)
    axis.set(xlabel="peak of the anomaly (TECU)", ylabel="days on which it is found (%)")
    axis.set_ylim(0, 104)
    axis.legend(loc="lower right")
    return figure
