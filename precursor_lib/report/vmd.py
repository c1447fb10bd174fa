"""Figures and tables of the pages on variational mode decomposition."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from precursor_lib.decompose import ConvergenceWarning, VMDResult, half_power_width, vmd
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn

Array = NDArray[np.float64]


def classic(x: Array, sweeps: int, **kwargs: Any) -> VMDResult:
    """Do classic sweeps without a warning where they do not converge; the page says it itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return vmd(x, method="sweeps", max_iterations=sweeps, **kwargs)


def bandwidth_table(alphas: Sequence[float], interval: float) -> pd.DataFrame:
    """What alpha means: the half-power width of a mode's filter.

    Parameters
    ----------
    alphas : sequence of float
        Bandwidth penalties.
    interval : float
        Sampling interval, s.
    """
    rows = []
    for alpha in alphas:
        width = half_power_width(alpha)
        rows.append(
            {
                "alpha": f"{alpha:g}",
                "width (cycles a sample)": width,
                "width (mHz)": 1e3 * width / interval,
                "a mode at 0 passes periods above (min)": interval / 60 / (width / 2),
            }
        )
    return pd.DataFrame(rows).set_index("alpha")


def period_table(results: Mapping[str, VMDResult], interval: float) -> pd.DataFrame:
    """Period of each mode's centre frequency in minutes, a row for each decomposition."""
    rows: dict[str, dict[str, Any]] = {}
    for name, result in results.items():
        # A centre this close to zero is the mean's; its period has no meaning.
        w = np.where(result.centre_frequencies < 1e-9, 0.0, result.centre_frequencies)
        with np.errstate(divide="ignore"):
            periods = interval / 60 / w
        rows[name] = {f"k{k + 1}": p for k, p in enumerate(periods)}
        rows[name]["converged"] = bool(result.converged)
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("")
    return frame[[c for c in frame if c != "converged"] + ["converged"]]


def stopping_table(
    x: Array, end: VMDResult, stopped: Mapping[str, VMDResult], interval: float
) -> pd.DataFrame:
    """Modes of sweeps that were stopped, against those of the fixed point, a row a mode.

    Parameters
    ----------
    x : array, shape (n,)
        The series about its mean.
    end : VMDResult
        The fixed point.
    stopped : mapping
        Name and result of each run of sweeps.
    interval : float
        Sampling interval, s.
    """
    power = np.sum(x**2)
    columns: dict[str, Any] = {
        "share of the variance (%)": 100 * np.sum(end.modes**2, axis=1) / power,
        "period (min)": interval / 60 / end.centre_frequencies,
    }
    for name, result in stopped.items():
        apart = np.sum((result.modes - end.modes) ** 2, axis=1) / np.sum(end.modes**2, axis=1)
        columns[f"period, {name} (min)"] = interval / 60 / result.centre_frequencies
        columns[f"difference, {name} (%)"] = 100 * np.sqrt(apart)
    index = pd.Index([f"k{k + 1}" for k in range(len(end.modes))], name="mode")
    return pd.DataFrame(columns, index=index)


def noise_table(slopes: Sequence[float], runs: int, n: int, seed: int, **kwargs: Any) -> Any:
    """Decompose noise with power 1/f**slope many times: period of each mode, and its spread.

    Parameters
    ----------
    slopes : sequence of float
        Slopes of the power spectrum; 0 is white.
    runs : int
        Realisations of each.
    n, seed : int
        Samples of each, and the seed.
    **kwargs
        Passed to `precursor_lib.decompose.vmd`.

    Returns
    -------
    DataFrame
        Periods in samples: the median over realisations, with the smallest and largest.
    """
    rows = {}
    f = np.fft.rfftfreq(n)
    for slope in slopes:
        rng = np.random.default_rng([seed, round(100 * slope)])
        drawn_ = rng.normal(size=(runs, f.size)) + 1j * rng.normal(size=(runs, f.size))
        drawn_[:, 0] = 0.0
        drawn_[:, 1:] *= f[1:] ** (-slope / 2)
        result = vmd(np.fft.irfft(drawn_, n), **kwargs)
        periods = 1.0 / result.centre_frequencies
        low, middle, high = periods.min(axis=0), np.median(periods, axis=0), periods.max(axis=0)
        rows[f"$1/f^{{{slope:g}}}$" if slope else "white"] = {
            f"k{k + 1}": f"{middle[k]:.3g} ({low[k]:.3g} to {high[k]:.3g})"
            for k in range(middle.size)
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("power")


@drawn
def filters(x: Array, result: VMDResult, interval: float) -> Figure:
    """The power spectrum of a series, and what its modes pass of it.

    Parameters
    ----------
    x : array, shape (n,)
        The series about its mean.
    result : VMDResult
        Its decomposition.
    interval : float
        Sampling interval, s.
    """
    n = x.size
    edges = np.unique(np.geomspace(1, n // 2, 160).astype(int))
    f = np.fft.rfftfreq(n, interval)
    power = np.abs(np.fft.rfft(x)) ** 2 * 2 * interval / n
    middle = np.array([f[a:b].mean() for a, b in pairwise(edges)])
    density = np.array([power[a:b].mean() for a, b in pairwise(edges)])
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 4.8), sharex=True)
    top.plot(1e3 * middle, density, color=COLOURS["black"])
    top.set(xscale="log", yscale="log", ylabel="power density (nT²/Hz)")
    w = result.centre_frequencies / interval
    a = 1.0 / (result.alpha * interval**2 * (middle - w[:, None]) ** 2)
    gains = a / (1.0 + a.sum(axis=0))
    for k, gain in enumerate(gains):
        label = f"k{k + 1}, {1 / w[k] / 60:.0f} min" if w[k] > 0 else f"k{k + 1}, mean"
        bottom.plot(1e3 * middle, gain, color=CYCLE[k % len(CYCLE)], label=label)
        for axis in (top, bottom):
            axis.axvline(1e3 * w[k], color=CYCLE[k % len(CYCLE)], linewidth=0.8, linestyle=":")
    bottom.plot(1e3 * middle, gains.sum(axis=0), color=COLOURS["grey"], label="sum of all")
    half = half_power_width(result.alpha) / interval / 2
    bottom.axvspan(
        1e3 * middle[0], 1e3 * half, color=COLOURS["yellow"], alpha=0.25, linewidth=0,
        label="half-power width at 0",
    )  # fmt: skip
    bottom.set(xlabel="frequency (mHz)", ylabel="gain of the mode", ylim=(0, 1.02))
    figure.legend(*bottom.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@drawn
def modes_in_time(
    x: Array, modes: Array, interval: float, names: Sequence[str], *, days: tuple[float, float]
) -> Figure:
    """A series and its modes over some days, a row each.

    Parameters
    ----------
    x : array, shape (n,)
        The series.
    modes : array, shape (K, n)
        Its modes.
    interval : float
        Sampling interval, s.
    names : sequence of str
        Label of each mode.
    days : (float, float)
        What is shown, days from the first sample.
    """
    t = np.arange(x.size) * interval / 86400.0
    shown = (t >= days[0]) & (t < days[1])
    figure, axes = plt.subplots(
        len(modes) + 1, 1, figsize=(PAGE_WIDTH, 0.4 + 0.95 * (len(modes) + 1)), sharex=True
    )
    colours = [COLOURS["black"], *(CYCLE[k % len(CYCLE)] for k in range(len(modes)))]
    rows = zip(axes, [x, *modes], ["record", *names], colours, strict=True)
    for axis, values, name, colour in rows:
        axis.plot(t[shown], values[shown], color=colour, linewidth=0.8)
        axis.set_ylabel("nT")
        axis.set_title(name, fontsize=9, pad=2)
    axes[-1].set_xlabel("day of the record")
    figure.align_ylabels(axes)
    return figure


@drawn
def convergence(swept: VMDResult, end: VMDResult, interval: float, *, mark: int = 499) -> Figure:
    """Periods of the centre frequencies by classic sweep, with the fixed point's beside them.

    Parameters
    ----------
    swept, end : VMDResult
        Classic sweeps, and the fixed point from the same start.
    interval : float
        Sampling interval, s.
    mark : int
        Sweeps at which a line is drawn.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.8))
    sweeps = np.arange(1, len(swept.history))
    periods = interval / 60 / swept.history[1:]
    for k in range(periods.shape[1]):
        colour = CYCLE[k % len(CYCLE)]
        axis.plot(sweeps, periods[:, k], color=colour, label=f"k{k + 1}")
        axis.axhline(
            interval / 60 / end.centre_frequencies[k], color=colour, linestyle="--", linewidth=1
        )
    axis.axvline(mark, color=COLOURS["grey"], linewidth=1)
    axis.annotate(
        f"{mark} sweeps", (mark, 0.02), xycoords=("data", "axes fraction"), ha="right",
        rotation=90, xytext=(-3, 0), textcoords="offset points", color=COLOURS["grey"],
    )  # fmt: skip
    axis.set(
        xscale="log", yscale="log", xlabel="classic sweeps", ylabel="period of the centre (min)"
    )
    figure.legend(loc="outside lower center", ncols=5)
    return figure


@drawn
def parameter_effect(
    by_alpha: Mapping[float, VMDResult], by_modes: Mapping[int, VMDResult], interval: float
) -> Figure:
    """Periods of the centre frequencies against alpha, and against the number of modes.

    Parameters
    ----------
    by_alpha, by_modes : mapping
        Converged decompositions by alpha, and by K.
    interval : float
        Sampling interval, s.
    """
    figure, (left, right) = plt.subplots(1, 2, sharey=True)
    alphas = np.array(list(by_alpha))
    tracks = interval / 60 / np.array([r.centre_frequencies for r in by_alpha.values()])
    for k, track in enumerate(tracks.T):
        left.plot(alphas, track, "o-", markersize=3, color=CYCLE[k % len(CYCLE)], label=f"k{k + 1}")
    left.plot(
        alphas, [interval / 60 / (half_power_width(a) / 2) for a in alphas],
        color=COLOURS["grey"], linestyle="--", label="half width",
    )  # fmt: skip
    left.set(xscale="log", yscale="log", xlabel="alpha", ylabel="period of the centre (min)")
    left.legend(ncols=2, fontsize=8)
    for count, result in by_modes.items():
        periods = interval / 60 / result.centre_frequencies
        colours = [CYCLE[k % len(CYCLE)] for k in range(count)]
        right.scatter([count] * count, periods, c=colours, s=18)
    right.set(xlabel="number of modes K")
    return figure
