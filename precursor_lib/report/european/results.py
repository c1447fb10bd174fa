"""Figures of the trainings: epochs, optimisers, lengths, learning curves, ROC, signal sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from precursor_lib.evaluate.classification import roc_curve
from precursor_lib.evaluate.learning_curve import LearningCurve
from precursor_lib.evaluate.window_trials import WindowTrial
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn


@drawn
def histories(trials: Mapping[str, WindowTrial]) -> Figure:
    """Accuracy and loss by epoch, a row a trial; see figure 5.

    Parameters
    ----------
    trials : mapping of str to WindowTrial
        Title to trial.
    """
    figure, axes = plt.subplots(
        len(trials), 2, figsize=(PAGE_WIDTH, 1.9 * len(trials) + 0.5), sharex=True, squeeze=False
    )
    for row, (name, trial) in zip(axes, trials.items(), strict=True):
        epoch = np.arange(1, len(trial.history) + 1)
        for part, colour in (("training", "blue"), ("validation", "vermilion")):
            for axis, what in zip(row, ("accuracy", "loss"), strict=True):
                axis.plot(epoch, trial.history[f"{part}_{what}"], color=COLOURS[colour], label=part)
        row[0].axhline(trial.accuracy.majority, color=COLOURS["grey"], linestyle=":")
        row[1].axhline(np.log(2), color=COLOURS["grey"], linestyle=":")
        row[0].set(ylabel="accuracy", ylim=(0.2, 1.03), title=name)
        row[1].set(ylabel="cross-entropy", ylim=(0, 1.15 * float(np.nanmax(_losses(trial)))))
    for axis in axes[-1]:
        axis.set_xlabel("epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0, 1].legend(loc="lower right")
    return figure


def _losses(trial: WindowTrial) -> np.ndarray:
    return trial.history[["training_loss", "validation_loss"]].to_numpy()


@drawn
def optimisers(trials: Mapping[str, Sequence[WindowTrial]]) -> Figure:
    """Training and validation loss by epoch for each optimiser; see figure 6."""
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.2), sharey=True)
    for colour, (name, runs) in zip(CYCLE, trials.items(), strict=False):
        for axis, part in zip(axes, ("training", "validation"), strict=True):
            mean = np.mean([run.history[f"{part}_loss"] for run in runs], axis=0)
            axis.plot(np.arange(1, mean.size + 1), mean, color=colour, label=name)
    for axis, title in zip(axes, ("training", "validation"), strict=True):
        axis.axhline(np.log(2), color=COLOURS["grey"], linestyle=":")
        axis.set(title=title, xlabel="epoch")
    axes[0].set_ylabel("cross-entropy")
    axes[0].set_ylim(0, 1.6)
    axes[0].legend(loc="lower left")
    return figure


@drawn
def lengths(frame: pd.DataFrame, printed: Mapping[str, float]) -> Figure:
    """Accuracy and loss by length of the window; see figure 7.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `precursor_lib.report.european.trials.by_length` gives it.
    printed : mapping
        Length to the paper's accuracy.
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.2))
    names = list(dict.fromkeys(frame.index.get_level_values("window")))
    for shift, how, colour in ((-0.12, "random", "vermilion"), (0.12, "time", "blue")):
        part = frame.xs(how, level="split").reindex(names)
        x = np.arange(len(names)) + shift
        reach = np.abs(part[["from", "to"]].to_numpy().T - part["accuracy"].to_numpy())
        label = "split at random" if how == "random" else "split in time"
        axes[0].errorbar(x, part["accuracy"], reach, fmt="o", color=COLOURS[colour], label=label)
        axes[0].plot(x, part["larger class"], "_", color=COLOURS[colour], markersize=12)
        axes[1].plot(x, part["validation loss"], "o", color=COLOURS[colour], label=label)
    at = [names.index(name) for name in printed]
    axes[0].plot(at, list(printed.values()), "x", color=COLOURS["black"], label="printed")
    axes[0].set(ylabel="accuracy", ylim=(0, 1))
    axes[1].set(ylabel="validation loss (cross-entropy)")
    axes[1].axhline(np.log(2), color=COLOURS["grey"], linestyle=":")
    for axis in axes:
        axis.set_xticks(range(len(names)), names)
        axis.set_xlabel("length of the windows")
        axis.set_xlim(-0.5, len(names) - 0.5)
    for place, name in enumerate(names):
        if frame.loc[name, "accuracy"].isna().all():
            for axis in axes:
                axis.text(place, 0.5, "too few", transform=axis.get_xaxis_transform(), ha="center")
    axes[0].legend(loc="lower left", fontsize=8.5)
    return figure


@drawn
def learning_curves(
    curves: Mapping[str, pd.DataFrame], fits: Mapping[str, LearningCurve]
) -> Figure:
    """Accuracy and loss against the number of training windows; see figure 8.

    Parameters
    ----------
    curves : mapping
        Name to a frame of `precursor_lib.evaluate.window_trials.learning_curve`.
    fits : mapping
        Name to the inverse power law through the mean accuracies; drawn where it converged.
    """
    figure, axes = plt.subplots(
        2, len(curves), figsize=(PAGE_WIDTH, 4.8), sharex=True, sharey="row", squeeze=False
    )
    for column, (name, frame) in zip(axes.T, curves.items(), strict=True):
        for axis, what in zip(column, ("accuracy", "loss"), strict=True):
            for part, colour in (("training", "blue"), ("validation", "vermilion")):
                key = f"{part}_{what}"
                axis.plot(frame["windows"], frame[key], ".", color=COLOURS[colour], alpha=0.6)
                mean = frame.groupby("windows")[key].mean()
                axis.plot(mean.index, mean, color=COLOURS[colour], label=part)
        if fits[name].converged:
            x = np.geomspace(frame["windows"].min(), 4 * frame["windows"].max(), 100)
            column[0].plot(
                x, fits[name].predict(x), "--", color=COLOURS["black"], label="power law"
            )
        column[0].set(title=name, ylim=(0.1, 1.03))
        column[1].set(xlabel="training windows", ylim=(0, 2))
        column[1].set_xscale("log")
        number = sorted(frame["windows"].unique())
        column[1].set_xticks(number, number)
        column[1].minorticks_off()
        column[0].axhline(0.5, color=COLOURS["grey"], linestyle=":")
        column[1].axhline(np.log(2), color=COLOURS["grey"], linestyle=":")
    axes[0, 0].set_ylabel("accuracy")
    axes[1, 0].set_ylabel("cross-entropy")
    axes[0, 0].legend(loc="lower right", fontsize=8.5)
    return figure


@drawn
def roc_curves(trials: Mapping[str, Sequence[WindowTrial]]) -> Figure:
    """ROC curves of protocols, each a median run, and the answers' distribution by class."""
    figure, axis = plt.subplots(figsize=(0.62 * PAGE_WIDTH, 4.2))
    for colour, (name, runs) in zip(CYCLE, trials.items(), strict=False):
        order = np.argsort([run.row["area"] for run in runs], kind="stable")
        run = runs[order[len(runs) // 2]]
        false, true, _ = roc_curve(run.labels, run.scores)
        axis.plot(false, true, color=colour, label=f"{name}: {run.row['area']:.2f}")
    axis.plot([0, 1], [0, 1], ":", color=COLOURS["grey"])
    axis.set(xlabel="false alarms", ylabel="hits", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    for one in (axis.xaxis, axis.yaxis):
        one.set_major_formatter(PercentFormatter(1.0))
    figure.legend(loc="outside lower center", fontsize=8.5)
    return figure


@drawn
def signal_sizes(by_amplitude: pd.DataFrame, by_number: pd.DataFrame) -> Figure:
    """Area under the ROC curve against amplitude and against number of windows.

    Parameters
    ----------
    by_amplitude, by_number : pandas.DataFrame
        As `precursor_lib.evaluate.window_trials.signal_sweep` gives them.
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.3), sharey=True)
    for axis, frame, key, fixed, unit in (
        (axes[0], by_amplitude, "amplitude", "number", "windows of either class"),
        (axes[1], by_number, "number", "amplitude", "nT"),
    ):
        for colour, (value, part) in zip(CYCLE, frame.groupby(fixed), strict=False):
            middle = part["area"].to_numpy()
            reach = np.abs(part[["from", "to"]].to_numpy().T - middle)
            axis.errorbar(
                part[key], middle, reach, fmt="o-", color=colour, label=f"{value:g} {unit}"
            )
        axis.axhline(0.5, color=COLOURS["grey"], linestyle=":")
        axis.legend(loc="lower right", fontsize=8.5)
    axes[0].set(xlabel="amplitude of the packets (nT)", ylabel="area under the ROC curve")
    axes[1].set(xlabel="windows of either class", ylim=(0.2, 1.03))
    axes[1].set_xscale("log")
    axes[1].set_xticks(sorted(by_number["number"].unique()), sorted(by_number["number"].unique()))
    axes[1].minorticks_off()
    return figure
