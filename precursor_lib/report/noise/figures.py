"""Figures of the page on noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn


@drawn
def distributions(
    fits: Mapping[str, pd.DataFrame], published: Mapping[str, Sequence[float]]
) -> Figure:
    """How often noise stays below a value, with published values marked.

    Parameters
    ----------
    fits : mapping
        See `precursor_lib.report.noise.cases.drawn_fits`.
    published : mapping
        Values by the same columns.
    """
    figure, axes = plt.subplots(2, 2, figsize=(PAGE_WIDTH, 5.6))
    labels = {
        "first": "R² of a sigmoid, days -85 to -60",
        "second": "R² of a sigmoid, days -40 to -17",
        "ratio": "Ratio, last 90 days",
        "inflection": "inflection in the last 90 days (d)",
    }
    spans = {
        "first": (0.8, 1.0),
        "second": (0.8, 1.0),
        "ratio": (0.98, 1.4),
        "inflection": (-90.0, 0.0),
    }
    for axis, (column, label) in zip(axes.flat, labels.items(), strict=True):
        for (name, frame), colour in zip(fits.items(), cycle(CYCLE), strict=False):
            values = np.sort(frame[column].dropna())
            share = 100 * np.arange(1, values.size + 1) / values.size
            axis.step(values, share, where="post", color=colour, label=name)
        marks = list(published[column])
        axis.plot(
            marks, np.full(len(marks), 104.0), "v", color=COLOURS["black"], markersize=5,
            label="published", clip_on=False,
        )  # fmt: skip
        for mark in marks:
            axis.axvline(mark, color=COLOURS["black"], linewidth=0.6, linestyle=":")
        axis.set(xlabel=label, xlim=spans[column], ylim=(0, 104))
    for axis in axes[:, 0]:
        axis.set_ylabel("runs below (%)")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure


@drawn
def power_curves(power: pd.DataFrame, level: float = 0.05) -> Figure:
    """Share of runs in which a test finds a rise, against the size of the source.

    Parameters
    ----------
    power : pandas.DataFrame
        From `precursor_lib.evaluate.noise.power.power_table`.
    level : float
        Dotted.
    """
    noises = list(power["noise"].unique())
    figure, axes = plt.subplots(
        1, len(noises), figsize=(PAGE_WIDTH, 4.2), sharey=True, squeeze=False
    )
    for axis, noise in zip(axes[0], noises, strict=True):
        part = power[power["noise"] == noise]
        for (test, group), colour in zip(
            part.groupby("test", sort=False), cycle(CYCLE), strict=False
        ):
            axis.plot(group["size"], 100 * group["share"], "o-", color=colour, label=test, ms=3.5)
            axis.fill_between(
                group["size"], 100 * group["low"], 100 * group["high"], color=colour, alpha=0.12
            )
        axis.axhline(100 * level, color=COLOURS["black"], linestyle=":", linewidth=1)
        axis.set(title=noise, xlabel="events of the source", ylim=(0, 101))
    axes[0, 0].set_ylabel("runs with a finding (%)")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure
