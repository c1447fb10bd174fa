"""Figures of the page on growth curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.detect import GrowthFit
from precursor_lib.report.growth_curves.curves import Array
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn, mark_days


@drawn
def fitted(panels: Mapping[str, tuple[Array, Sequence[GrowthFit]]], days: Array) -> Figure:
    """Curves with the fits through them, a panel each.

    Parameters
    ----------
    panels : mapping
        Title; curve (n,) and its fits.
    days : array, shape (n,)
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(PAGE_WIDTH, 3.5), squeeze=False)
    for axis, (title, (curve, fits)) in zip(axes[0], panels.items(), strict=True):
        axis.step(days, curve, where="post", color=COLOURS["grey"], label="counts so far")
        for row, (fit, colour) in enumerate(zip(fits, CYCLE, strict=False)):
            style = "-" if fit.converged else "--"
            axis.plot(days, fit.predict(days), color=colour, linestyle=style, label=fit.model)
            axis.text(
                0.03, 0.97 - 0.075 * row, f"R² {fit.r2:.3f}", color=colour, fontsize=9,
                va="top", transform=axis.transAxes,
            )  # fmt: skip
        mark_days(axis, label="")
        axis.set(title=title, xlabel="day", ylim=(None, 1.3 * curve.max()))
    axes[0, 0].set_ylabel("counts")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    for handle in handles:
        handle.set_linestyle("-")
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


@drawn
def noise_distributions(
    fits: Mapping[str, pd.DataFrame], published: Mapping[str, Sequence[float]]
) -> Figure:
    """Distributions of R2 and Ratio of noise, with published values.

    Parameters
    ----------
    fits : mapping
        From `noise_fits`.
    published : mapping
        Values marked by column: ``r2_s`` and ``ratio``.
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.5))
    spans = {"r2_s": (0.6, 1.0), "ratio": (0.6, 1.4)}
    labels = {"r2_s": "R² of the sigmoid", "ratio": "Ratio"}
    for axis, column in zip(axes, spans, strict=True):
        low, high = spans[column]
        bins = np.linspace(low, high, 81)
        for (kind, frame), colour in zip(fits.items(), CYCLE, strict=False):
            values = np.clip(frame[column], low, high)
            share = 100 * np.histogram(values, bins)[0] / len(values)
            axis.stairs(share, bins, color=colour, label=kind, linewidth=1.3)
        top = axis.get_ylim()[1]
        axis.plot(
            published[column], np.full(len(published[column]), 1.03 * top), "v",
            color=COLOURS["black"], markersize=5, label="published", clip_on=False,
        )  # fmt: skip
        axis.set(xlabel=labels[column], xlim=(low, high), ylim=(0, top))
    axes[0].set_ylabel("curves in a bin (%)")
    axes[0].legend(loc="upper left")
    return figure


@drawn
def unfinished_ratio(found: pd.DataFrame, band: tuple[float, float]) -> Figure:
    """Ratio against the evaluations after which a search was stopped.

    Parameters
    ----------
    found : DataFrame
        From `precursor_lib.report.growth_curves.curves.unfinished`.
    band : tuple of float
        The published range for periods without an earthquake.
    """
    figure, axis = plt.subplots()
    axis.axhspan(*band, color=COLOURS["orange"], alpha=0.25, lw=0, label="published, no earthquake")
    for (share, part), colour in zip(found.groupby("share"), CYCLE, strict=False):
        groups = part.groupby("steps")["ratio"]
        steps = np.array(sorted(part["steps"].unique()))
        low, middle, high = (groups.quantile(q).to_numpy() for q in (0.05, 0.5, 0.95))
        axis.fill_between(steps, low, high, color=colour, alpha=0.2, lw=0)
        axis.plot(steps, middle, "o-", color=colour, markersize=4, label=f"begins at {share:.0%}")
    axis.axhline(1.0, color=COLOURS["black"], linestyle=":", linewidth=1)
    axis.set(xscale="log", xlabel="evaluations before the search is stopped", ylabel="Ratio")
    ticks = sorted(found["steps"].unique())
    axis.set_xticks(ticks, labels=[str(t) for t in ticks])
    axis.minorticks_off()
    axis.legend(loc="center right", title="place in the window")
    return figure


@drawn
def lags(trials: pd.DataFrame) -> Figure:
    """Lags of unrelated pairs of records, a panel an estimate.

    Parameters
    ----------
    trials : DataFrame
        From `precursor_lib.report.growth_curves.tables.lag_trials`.
    """
    figure, axes = plt.subplots(2, 2, sharex=True, figsize=(PAGE_WIDTH, 4.2), squeeze=False)
    bins = np.linspace(trials["lag"].min(), trials["lag"].max(), 25)
    for axis, (name, part) in zip(
        axes.ravel(), trials.groupby("estimate", sort=False), strict=True
    ):
        held = part["lag"].dropna()
        axis.stairs(np.histogram(held, bins)[0], bins, color=CYCLE[0], fill=True, alpha=0.7)
        axis.axvline(held.median(), color=CYCLE[1], label="median")
        axis.axvline(0.0, color=COLOURS["black"], linestyle=":", linewidth=1)
        axis.set_title(name)
        axis.yaxis.get_major_locator().set_params(integer=True)
    for axis in axes[1]:
        axis.set_xlabel("lag of the long record (d)")
    for axis in axes[:, 0]:
        axis.set_ylabel("pairs")
    axes[0, 1].legend()
    return figure
