"""Figures of the page on residual rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.detect import PointRule, residual_points
from precursor_lib.detect.rule_chance import MINUTES, Noise, day_chance, point_chance
from precursor_lib.evaluate.alarm_days import DAYS_A_YEAR
from precursor_lib.report.residual_rules.records import NOISES, Array, active_record, days_of
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn


@drawn
def points_by_factor(
    noise: Mapping[str, Array],
    factors: Sequence[float],
    bands: Mapping[str, tuple[float, float]],
) -> Figure:
    """Expected points a day against k, with simulated ones, and the published day thresholds.

    Parameters
    ----------
    noise : mapping
        From `simulated_noise`.
    factors : sequence of float
        Values of k that are simulated.
    bands : mapping
        Name, and lowest and highest threshold.
    """
    figure, axis = plt.subplots()
    k = np.linspace(1.5, 4.0, 101)
    kinds: dict[str, Noise] = {"Gaussian": "gaussian", "Laplacian": "laplace"}
    for (name, kind), colour in zip(kinds.items(), CYCLE, strict=False):
        expected = [MINUTES * point_chance(PointRule("mean_multiple", f), kind) for f in k]
        axis.plot(k, expected, color=colour, label=f"{name}, closed form")
        e = noise[f"{name}, white"]
        seen = [days_of(e, PointRule("mean_multiple", f), 0)["points"].mean() for f in factors]
        axis.plot(factors, seen, "o", color=colour, label=f"{name}, simulated")
    for (name, (low, high)), shade in zip(
        bands.items(), (COLOURS["orange"], COLOURS["grey"]), strict=True
    ):
        axis.axhspan(low, high, color=shade, alpha=0.35, lw=0, label=f"threshold, {name}")
    axis.axvspan(2, 3, color=COLOURS["sky"], alpha=0.15, lw=0)
    axis.text(2.97, 340, "k of the paper", fontsize=9, ha="right")
    axis.set(yscale="log", ylim=(1, 500), xlim=(1.5, 4), xlabel="k", ylabel="points a day")
    axis.legend(fontsize=8.5)
    return figure


@drawn
def days_by_threshold(
    noise: Mapping[str, Array], rules: Sequence[PointRule], bands: Mapping[str, tuple[float, float]]
) -> Figure:
    """Anomalous days a year of noise against the day threshold, a panel a rule.

    Parameters
    ----------
    noise : mapping
        From `simulated_noise`.
    rules : sequence of PointRule
    bands : mapping
        Name, and lowest and highest threshold.
    """
    figure, axes = plt.subplots(
        1, len(rules), sharey=True, figsize=(PAGE_WIDTH, 3.4), squeeze=False
    )
    for axis, rule in zip(axes[0], rules, strict=True):
        fine = np.unique(np.round(np.geomspace(2, 300, 40)))
        coarse = np.unique(np.round(np.geomspace(3, 250, 9)))
        for (name, residual), colour in zip(noise.items(), CYCLE, strict=False):
            expected = DAYS_A_YEAR * day_chance(rule, fine, **NOISES[name])
            axis.plot(fine, expected, color=colour, label=name)
            seen = days_of(residual, rule, 0)["points"].to_numpy()
            axis.plot(
                coarse, DAYS_A_YEAR * (seen[:, None] > coarse).mean(axis=0), "o", markersize=4,
                color=colour,
            )  # fmt: skip
        for (low, high), shade in zip(
            bands.values(), (COLOURS["orange"], COLOURS["grey"]), strict=True
        ):
            axis.axvspan(low, high, color=shade, alpha=0.3, lw=0)
        axis.set(xscale="log", xlabel="threshold (points)", title=f"k = {rule.factor:g}")
        axis.set_xticks([3, 10, 30, 100, 300], labels=["3", "10", "30", "100", "300"])
        axis.minorticks_off()
    axes[0, 0].set_ylabel("anomalous days a year")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@drawn
def own_scale(
    sizes: Sequence[float], shares: Sequence[float], rule: PointRule, minutes: int, seed: int
) -> Figure:
    """Points a day of a source, with the scale of the whole record and of its quiet beginning.

    Parameters
    ----------
    sizes : sequence of float
        Sizes of the source against the noise.
    shares : sequence of float
        Shares of the record's days on which it acts.
    rule : PointRule
    minutes : int
        Minutes of an active day.
    seed : int
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.3))
    days = 100
    quiet = MINUTES * point_chance(rule)
    for share, colour in zip(shares, CYCLE, strict=False):
        active = round(share * days)
        found: dict[str, list[float]] = {"own": [], "before": [], "calm": []}
        for size in sizes:
            e = active_record(days, active, minutes, size, seed)
            zero, calm = np.zeros_like(e), (days - active) * MINUTES
            whole = residual_points(e, zero, rule)
            before = residual_points(e, zero, rule, reference=slice(0, calm))
            found["own"].append(whole[calm:].sum() / active)
            found["before"].append(before[calm:].sum() / active)
            found["calm"].append(whole[:calm].sum() / (days - active))
        label = f"{100 * share:.0f} % of the days"
        axes[0].plot(sizes, found["own"], color=colour, label=label)
        axes[0].plot(sizes, found["before"], color=colour, linestyle="--")
        axes[1].plot(sizes, found["calm"], color=colour, label=label)
    axes[1].axhline(quiet, color=COLOURS["black"], linestyle=":", label="noise alone")
    axes[0].plot([], [], color=COLOURS["grey"], linestyle="--", label="scale from days before")
    axes[0].set(xlabel="source / noise", ylabel="points a day", title="days with a source")
    axes[1].set(xlabel="source / noise", title="days without")
    axes[0].set_ylim(bottom=0)
    axes[1].set_ylim(0, 1.5 * quiet)
    axes[0].legend(fontsize=8.5)
    axes[1].legend(fontsize=8.5)
    return figure


@drawn
def counts_in_time(curves: Mapping[str, pd.DataFrame], thresholds: Mapping[str, float]) -> Figure:
    """Points a day of several records, and their anomalous days accumulated.

    Parameters
    ----------
    curves : mapping
        Frames of `precursor_lib.detect.anomalous_days` by name.
    thresholds : mapping
        Their day thresholds.
    """
    figure, axes = plt.subplots(2, 1, sharex=True, figsize=(PAGE_WIDTH, 4.6))
    for (name, frame), colour in zip(curves.items(), CYCLE, strict=False):
        day = np.arange(len(frame)) + 1
        axes[0].plot(day, frame["points"], color=colour, label=name)
        axes[1].step(day, frame["cumulative"], where="post", color=colour, label=name)
    for threshold in sorted(set(thresholds.values())):
        axes[0].axhline(threshold, color=COLOURS["black"], linestyle=":", linewidth=1)
    axes[0].set(ylabel="points a day")
    axes[1].set(ylabel="anomalous days so far", xlabel="day of the record")
    axes[0].legend(ncols=2)
    return figure
