"""Figures and tables of the page on segmented variational mode decomposition."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from precursor_lib.decompose import SegmentedVMDResult, VMDResult, join_weights, modes_at
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn

Array = NDArray[np.float64]


@drawn
def weights(n: int, window: int, step: int, starts: Array, interval: float) -> Figure:
    """How much each window counts at each sample, for the two rules of joining.

    Parameters
    ----------
    n, window, step : int
        Samples.
    starts : array of int
        First sample of each window.
    interval : float
        Sampling interval, s.
    """
    figure, axes = plt.subplots(2, 1, sharex=True, figsize=(PAGE_WIDTH, 3.4))
    day = interval / 86400.0
    for axis, join in zip(axes, ("overlap-add", "centre"), strict=True):
        for i, (first, row) in enumerate(
            zip(starts, join_weights(starts, window, n, join), strict=True)
        ):
            shown = row > 0
            axis.plot(
                (first + np.arange(window))[shown] * day, row[shown], color=CYCLE[i % len(CYCLE)]
            )
        axis.set(ylabel=f"weight\n{join}", ylim=(0, 1.08))
    axes[-1].set_xlabel("day of the record")
    return figure


def jump_table(results: Mapping[str, SegmentedVMDResult], step: int) -> pd.DataFrame:
    """How much a mode changes from sample to sample where the centre rule joins, and elsewhere.

    Parameters
    ----------
    results : mapping
        Joined modes by name, of one record and the same windows.
    step : int
        Samples between windows.

    Returns
    -------
    DataFrame
        Mean absolute change across a join over that of all other pairs of samples, by mode.
    """
    rows = {}
    for name, result in results.items():
        inner = (result.starts[:-1] + result.starts[1:] + result.window - 1) // 2
        change = np.abs(np.diff(result.modes, axis=1))
        across = np.zeros(change.shape[1], dtype=bool)
        across[inner] = True
        ratio = change[:, across].mean(axis=1) / change[:, ~across].mean(axis=1)
        rows[name] = {f"k{k + 1}": value for k, value in enumerate(ratio)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("join")


def position_errors(x: Array, whole: VMDResult, window: int, step: int, bins: int) -> pd.DataFrame:
    """How far a window's modes are from those of the whole record, by position in the window.

    The centre frequencies are held at the whole record's, so that what is left is the doing of the
    ends.

    Parameters
    ----------
    x : array, shape (n,)
        The record.
    whole : VMDResult
        Its decomposition.
    window, step : int
        Samples.
    bins : int
        Positions that are told apart.

    Returns
    -------
    DataFrame
        Median over windows of the root mean square difference in a bin, over that of the mode in
        the window (index: middle of the bin as a share of the window).
    """
    starts = np.arange(0, x.size - window + 1, step)
    size = window // bins
    ratios = []
    for a in starts:
        truth = whole.modes[:, a : a + window]
        error = np.square(
            modes_at(x[a : a + window], whole.centre_frequencies, whole.alpha) - truth
        )
        binned = error[:, : size * bins].reshape(len(truth), bins, size).mean(axis=2)
        ratios.append(np.sqrt(binned / np.square(truth).mean(axis=1)[:, None]))
    return pd.DataFrame(
        np.median(ratios, axis=0).T,
        index=pd.Index((np.arange(bins) + 0.5) / bins, name="position"),
        columns=[f"k{k + 1}" for k in range(len(whole.modes))],
    )


@drawn
def position_curves(errors: pd.DataFrame, days: float) -> Figure:
    """Error by position in the window, a curve a mode.

    Parameters
    ----------
    errors : DataFrame
        From `position_errors`.
    days : float
        Length of the window.
    """
    figure, axis = plt.subplots()
    for k, name in enumerate(errors):
        axis.plot(errors.index * days, 100 * errors[name], color=CYCLE[k % len(CYCLE)], label=name)
    axis.set(
        yscale="log", xlabel="position in the window (days)",
        ylabel="difference to the whole record (%)",
    )  # fmt: skip
    axis.legend(ncols=5)
    return figure


@drawn
def centre_tracks(
    results: Mapping[str, SegmentedVMDResult], whole: VMDResult, interval: float
) -> Figure:
    """Period of each mode's centre in each window, a panel for each way of starting.

    Parameters
    ----------
    results : mapping
        Segmented decompositions by name.
    whole : VMDResult
        The whole record's, drawn as dashed lines.
    interval : float
        Sampling interval, s.
    """
    figure, axes = plt.subplots(
        1, len(results), sharey=True, figsize=(PAGE_WIDTH, 3.6), squeeze=False
    )
    for axis, (name, result) in zip(axes[0], results.items(), strict=True):
        middle = (result.starts + result.window / 2) * interval / 86400.0
        for k in range(len(result.modes)):
            colour = CYCLE[k % len(CYCLE)]
            axis.plot(
                middle, interval / 60 / result.centre_frequencies[:, k], ".-", markersize=4,
                color=colour, label=f"k{k + 1}",
            )  # fmt: skip
            axis.axhline(
                interval / 60 / whole.centre_frequencies[k],
                color=colour, linestyle="--", linewidth=0.8,
            )  # fmt: skip
        axis.set(yscale="log", xlabel="middle of the window (day)", title=name)
    axes[0, 0].set_ylabel("period of the centre (min)")
    axes[0, -1].legend(ncols=3, fontsize=8)
    return figure


@drawn
def joined(
    modes: Mapping[str, Array], mode: int, span: tuple[int, int], joins: Array, interval: float
) -> Figure:
    """One mode around a join, by the rules of joining and from the whole record.

    Parameters
    ----------
    modes : mapping
        Modes (K, n) by name.
    mode : int
        Which one, from 0.
    span : (int, int)
        Samples shown.
    joins : array of int
        Last sample before each join of the centre rule.
    interval : float
        Sampling interval, s.
    """
    figure, axis = plt.subplots()
    hours = np.arange(*span) * interval / 3600.0
    for k, (name, value) in enumerate(modes.items()):
        axis.plot(hours, value[mode, span[0] : span[1]], color=CYCLE[k], label=name)
    for sample in joins[(joins >= span[0]) & (joins < span[1])]:
        axis.axvline((sample + 0.5) * interval / 3600.0, color=COLOURS["grey"], linewidth=0.8)
    axis.set(xlabel="hour of the record", ylabel=f"k{mode + 1} (nT)")
    axis.legend()
    return figure


def agreement_table(
    results: Mapping[str, SegmentedVMDResult], whole: VMDResult, interval: float
) -> pd.DataFrame:
    """Joined modes against those of the whole record.

    Parameters
    ----------
    results : mapping
        Segmented decompositions by name.
    whole : VMDResult
        The whole record's.
    interval : float
        Sampling interval, s.
    """
    rows = []
    for name, result in results.items():
        periods = interval / 60 / result.centre_frequencies
        for k in range(len(whole.modes)):
            apart = np.sum((result.modes[k] - whole.modes[k]) ** 2) / np.sum(whole.modes[k] ** 2)
            low, middle, high = np.quantile(periods[:, k], [0.0, 0.5, 1.0])
            rows.append(
                {
                    "windows start from": name,
                    "mode": f"k{k + 1}",
                    "whole record (min)": interval / 60 / whole.centre_frequencies[k],
                    "windows, median (min)": middle,
                    "shortest (min)": low,
                    "longest (min)": high,
                    "correlation": float(np.corrcoef(result.modes[k], whole.modes[k])[0, 1]),
                    "difference (%)": 100 * float(np.sqrt(apart)),
                }
            )
    return pd.DataFrame(rows)
