"""Figures of the observed records of the Lushan case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import dates
from matplotlib.figure import Figure

from precursor_lib.report.lushan.ledger import EVENT
from precursor_lib.report.lushan.observed import MONTH
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn


@drawn
def months_figure(table: pd.DataFrame, month: str = MONTH) -> Figure:
    """Share of anomalous days, points and largest residual by month."""
    figure, axes = plt.subplots(3, 1, figsize=(PAGE_WIDTH, 4.8), sharex=True)
    x = np.arange(len(table))
    marked = table.index == pd.Period(month)
    colours = np.where(marked, COLOURS["vermilion"], COLOURS["blue"])
    labels = {
        "share": "share of days\nanomalous",
        "points": "points",
        "largest": "largest residual\n(mean sizes)",
    }
    for axis, (name, label) in zip(axes, labels.items(), strict=True):
        axis.bar(x, table[name], color=colours, width=0.8)
        axis.set_ylabel(label, fontsize=8.5)
        axis.grid(visible=False, axis="x")
    axes[2].set_yscale("log")
    first = [i for i, period in enumerate(table.index) if period.month in (1, 7)]
    axes[-1].set_xticks(first, [f"{table.index[i]:%m/%Y}" for i in first])
    axes[-1].set_xlabel("month (red: April 2013)")
    figure.align_ylabels(axes)
    return figure


@drawn
def years_figure(curves: Mapping[str, pd.DataFrame], printed: Sequence[pd.Timestamp]) -> Figure:
    """Cumulative anomalous days of each year from 1 May.

    Parameters
    ----------
    curves : mapping
        From `years`.
    printed : sequence of pandas.Timestamp
        Dates that the paper prints for 2012/13, dotted.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.4))
    for (name, frame), colour in zip(curves.items(), CYCLE, strict=False):
        axis.step(frame.index, frame["cumulative"], where="post", color=colour, label=name)
    begin = pd.Timestamp("2012-05-01")
    for number, date in enumerate(printed):
        label = "printed x0, 2012/13" if number == 0 else "_nolegend_"
        day = (date - begin).days
        axis.axvline(day, color=COLOURS["black"], linestyle=":", linewidth=1, label=label)
    axis.axvline(
        (pd.Timestamp(EVENT) - begin).days,
        color=COLOURS["black"],
        linestyle="--",
        linewidth=1,
        label="mainshock, 2013",
    )
    months = pd.date_range("2012-05-01", "2013-05-01", freq="2MS")
    axis.set_xticks([(m - begin).days for m in months], [f"{m:%B}" for m in months])
    axis.set(xlabel="day of the year from May", ylabel="cumulative anomalous days")
    axis.legend(loc="upper left")
    return figure


@drawn
def activity_figure(table: pd.DataFrame) -> Figure:
    """Points a day in time and against the day's largest Kp."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(PAGE_WIDTH, 2.9), sharey=True, width_ratios=[1.7, 1]
    )
    colours = np.where(table["anomalous"], COLOURS["vermilion"], COLOURS["blue"])
    left.scatter(table.index, table["points"], c=colours, s=9)
    right.scatter(table["Kp"], table["points"], c=colours, s=9)
    left.set(ylabel="points a day", xlabel="day of 2003")
    right.set(xlabel="largest Kp of the day")
    left.xaxis.set_major_locator(dates.MonthLocator(interval=2))
    left.xaxis.set_major_formatter(dates.DateFormatter("%B"))
    return figure
