"""Figures of the page on alarms."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from precursor_lib.evaluate.alarms import (
    DayCells,
    alarm_score,
    area_skill,
    binomial_band,
    event_chances,
    molchan_curve,
    shift_band,
    superposed_epochs,
)
from precursor_lib.evaluate.classification import roc_curve
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn

_TAU = np.linspace(0, 1, 101)


def _molchan(axis: plt.Axes, score: np.ndarray, events: np.ndarray) -> None:
    curve = molchan_curve(score, events)
    low, high = shift_band(score, events, _TAU)
    axis.fill_between(
        _TAU, low, high, color=COLOURS["sky"], alpha=0.4, lw=0, label="95 % of the shifts"
    )
    labels = ("95 % of independent events", "_nolegend_")
    for limit, label in zip(binomial_band(curve.events, _TAU), labels, strict=True):
        axis.plot(
            _TAU,
            limit,
            color=COLOURS["orange"],
            lw=1,
            drawstyle="steps-mid",
            label=label,
        )
    axis.plot([0, 1], [1, 0], "--", color=COLOURS["grey"], lw=1, label="a guess")
    axis.plot(curve.fraction, curve.missed, color=COLOURS["blue"], label="score")
    axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="share of days in alarm", ylabel="events missed")


@drawn
def known_diagrams(examples: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Molchan's diagram of one record of each score of known truth."""
    figure, axes = plt.subplots(2, 2, figsize=(PAGE_WIDTH, 6.2), sharex=True, sharey=True)
    for axis, (name, (score, events)) in zip(axes.flat, examples.items(), strict=True):
        _molchan(axis, score, events)
        found = area_skill(score, events)
        axis.set_title(f"{name}: area {found.area:.2f}")
        axis.text(
            0.97,
            0.97,
            f"independent p = {found.p_independent:.2g}\nshifts p = {found.p_shift:.2g}",
            transform=axis.transAxes,
            ha="right",
            va="top",
            fontsize=8.5,
        )
        axis.label_outer()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


@drawn
def molchan_and_roc(cells: DayCells, lead: int) -> Figure:
    """Molchan's diagram and the ROC by day of the index in the days before."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 4.0))
    score = alarm_score(cells.score, 1, lead)
    _molchan(left, score, cells.events)
    seen = np.isfinite(score)
    false, true, _ = roc_curve((cells.events[seen] > 0).astype(int), score[seen])
    right.plot([0, 1], [0, 1], "--", color=COLOURS["grey"], lw=1)
    right.plot(false, true, color=COLOURS["blue"])
    right.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="share of days without event in alarm",
        ylabel="share of days with event in alarm",
    )
    left.set_title("Molchan's diagram")
    right.set_title("ROC, day by day")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


@drawn
def epochs_all_and_one(cells: DayCells, best_day: int, reach: int) -> Figure:
    """The index around all events with its bands, and around the one event that suits best."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 5.6), sharex=True)
    offsets = np.arange(-reach, reach + 1)
    shift = superposed_epochs(cells.score, cells.events, offsets)
    blocks = superposed_epochs(cells.score, cells.events, offsets, null="blocks")
    top.fill_between(
        offsets,
        shift.whole_low,
        shift.whole_high,
        color=COLOURS["sky"],
        alpha=0.25,
        lw=0,
        label="95 % of whole curves, shifted",
    )
    top.fill_between(
        offsets,
        shift.low,
        shift.high,
        color=COLOURS["sky"],
        alpha=0.45,
        lw=0,
        label="95 % day by day, shifted",
    )
    for limit, label in ((blocks.low, "95 % day by day, blocks"), (blocks.high, "_nolegend_")):
        top.plot(offsets, limit, color=COLOURS["orange"], lw=1, label=label)
    top.plot(offsets, shift.mean, color=COLOURS["blue"], label="mean")
    top.set(ylabel="mean daily largest Kp")
    top.set_title(f"all {int(cells.events.sum())} mainshocks, p = {shift.p:.2f}")
    low, high = top.get_ylim()
    top.set_ylim(low, high + 0.35 * (high - low))
    top.legend(ncols=2, loc="upper right", fontsize=8.5)
    places = best_day + offsets
    inside = (places >= 0) & (places < cells.score.size)
    bottom.step(
        offsets[inside], cells.score[places[inside]], where="mid", color=COLOURS["vermilion"]
    )
    level = float(np.nanquantile(cells.score, 0.95))
    bottom.axhline(level, color=COLOURS["grey"], ls=":", label="exceeded on 5 % of all days")
    bottom.set(ylabel="daily largest Kp", xlabel="days from the event", ylim=(0, 9.5))
    bottom.set_title(f"one mainshock: that of {cells.days[best_day]:%Y-%m-%d}")
    bottom.legend(loc="upper right", fontsize=8.5)
    for axis in (top, bottom):
        axis.axvline(0, color=COLOURS["black"], ls="--", lw=1)
    return figure


@drawn
def best_of_many(cells: DayCells, lead: int, draws: int, seed: int) -> Figure:
    """Smallest chance among n events, expected and in random parts of the catalogue."""
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.6))
    score = alarm_score(cells.score, 1, lead)
    days = np.repeat(np.arange(score.size), cells.events)
    alone = event_chances(score, days)
    alone = alone[np.isfinite(alone)]
    number = np.unique(np.geomspace(1, alone.size, 40).round().astype(int))
    # The smallest of n uniform numbers follows a beta law.
    low, middle, high = (stats.beta.ppf(q, 1, number) for q in (0.05, 0.5, 0.95))
    axis.fill_between(
        number, low, high, color=COLOURS["sky"], alpha=0.4, lw=0, label="90 % if unrelated"
    )
    axis.plot(number, middle, color=COLOURS["sky"], label="median if unrelated")
    rng = np.random.default_rng(seed)
    some = number[:: max(1, number.size // 10)]
    medians = [
        np.median([rng.choice(alone, n, replace=False).min() for _ in range(draws)]) for n in some
    ]
    axis.plot(
        some, medians, "o", color=COLOURS["blue"], label="median over random choices of events"
    )
    axis.axhline(0.05, color=COLOURS["grey"], ls=":", label="a chance of 5 %")
    axis.set(
        xscale="log",
        yscale="log",
        xlabel="events to choose from",
        ylabel="chance of the best event alone",
    )
    axis.legend(fontsize=8.5, loc="lower left")
    return figure
