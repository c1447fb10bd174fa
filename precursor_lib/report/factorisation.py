"""Figures of the page on tensor factorisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.decompose import Factorisation, order_by_band_energy
from precursor_lib.evaluate.factor_recovery import KnownTensor
from precursor_lib.evaluate.recovery import match_factors
from precursor_lib.evaluate.source_factors import NightTensor
from precursor_lib.report import style
from precursor_lib.report.figures import tensor_factors

DASHES = ("-", "--", ":", "-.")


@style.drawn
def known_and_found(
    known: KnownTensor,
    results: Mapping[str, Factorisation],
    names: Sequence[str],
    stations: Sequence[str],
    *,
    seconds: float = 4.0,
) -> Figure:
    """True factors and those of several factorisations, a row each component.

    Parameters
    ----------
    known : KnownTensor
        The truth, drawn in grey; every vector relative to its maximum.
    results : mapping of str to Factorisation
        By method; components are paired with the true ones.
    names, stations : sequence of str
        Of the components and of the stations.
    seconds : float
        Length of a time step.
    """
    figure, axes = plt.subplots(
        3, 3, figsize=(style.PAGE_WIDTH, 5.2), sharex="col", width_ratios=[1, 1.4, 1]
    )
    hours = np.arange(known.time.shape[0]) * seconds / 3600
    places = np.arange(len(stations))
    grounds = (known.frequencies, hours, places)
    orders = {
        method: match_factors((r.frequency, r.time, r.station), known.factors)[0]
        for method, r in results.items()
    }
    for row, true in zip(range(3), zip(*(f.T for f in known.factors), strict=True), strict=True):
        for axis, x, vector in zip(axes[row], grounds, true, strict=True):
            wide = {"color": style.COLOURS["grey"], "alpha": 0.45, "linewidth": 4}
            axis.plot(x, vector / vector.max(), label="true", **wide)
        for (method, result), dash in zip(results.items(), DASHES, strict=False):
            factors = (result.frequency, result.time, result.station)
            for axis, x, factor in zip(axes[row], grounds, factors, strict=True):
                vector = factor[:, orders[method][row]]
                axis.plot(x, vector / vector.max(), dash, linewidth=1.0, label=method)
        axes[row, 0].set(ylabel=names[row], xscale="log")
    axes[2, 0].set_xlabel("frequency (Hz)")
    axes[2, 1].set_xlabel("time (h)")
    axes[2, 2].set_xticks(places, stations, rotation=60, ha="right")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels))
    return figure


@style.drawn
def convergence(histories: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Excess of the objective over the lowest one reached, against the iteration.

    Parameters
    ----------
    histories : mapping of str to mapping of str to ndarray
        For each panel, the objective after each iteration by method; the first entry is the start.
    """
    figure, axes = plt.subplots(1, len(histories), sharey=True, squeeze=False)
    for axis, (title, curves) in zip(axes[0], histories.items(), strict=True):
        lowest = min(curve.min() for curve in curves.values())
        for (method, curve), dash in zip(curves.items(), DASHES, strict=False):
            excess = curve[1:] / lowest - 1
            steps = np.arange(1, curve.size)
            axis.plot(steps[excess > 1e-12], excess[excess > 1e-12], dash, label=method)
        axis.set(xscale="log", yscale="log", xlabel="iteration", title=title)
        axis.legend()
    axes[0, 0].set_ylabel("objective / lowest - 1")
    return figure


@style.drawn
def prior_regimes(sweeps: Mapping[str, pd.DataFrame], marks: Mapping[str, float]) -> Figure:
    """Angle to the prior and misfit against the norm of the tensor, for one penalty.

    Parameters
    ----------
    sweeps : mapping of str to DataFrame
        By tensor; see `precursor_lib.evaluate.factor_recovery.scale_sweep`.
    marks : mapping of str to float
        Norms to mark by a vertical line.
    """
    figure, (angle, misfit) = plt.subplots(1, 2, sharex=True)
    for (name, sweep), dash in zip(sweeps.items(), DASHES, strict=False):
        angle.plot(sweep.index, sweep["mean angle"], dash, marker="o", markersize=3, label=name)
        misfit.plot(sweep.index, sweep["relative error"], dash, marker="o", markersize=3)
    for number, (name, norm) in enumerate(marks.items()):
        colour = list(style.COLOURS.values())[(0, 8)[number % 2]]
        for axis in (angle, misfit):
            axis.axvline(norm, color=colour, linewidth=0.9, linestyle=DASHES[1 + number % 3])
        top = 0.97 - 0.09 * number
        angle.text(
            norm, top, f" {name}", transform=angle.get_xaxis_transform(), va="top", color=colour,
            fontsize=8.5,
        )  # fmt: skip
    angle.set(xscale="log", xlabel="norm of the tensor", ylabel="mean angle to the prior (degrees)")
    angle.set_ylim(0, 1.35 * angle.get_ylim()[1])
    misfit.set(xlabel="norm of the tensor", ylabel="relative error")
    angle.legend(loc="upper left")
    return figure


@style.drawn
def recovery_by_method(scores: Mapping[str, pd.DataFrame], column: str, label: str) -> Figure:
    """One score of every night by method, with its median, for several cases.

    Parameters
    ----------
    scores : mapping of str to DataFrame
        By case; see `precursor_lib.evaluate.source_factors.source_recovery`.
    column, label : str
        Which score, and its axis label.
    """
    figure, axis = plt.subplots(figsize=(style.PAGE_WIDTH, 3.4))
    methods = list(dict.fromkeys(next(iter(scores.values()))["method"]))
    offsets = np.linspace(-0.17, 0.17, len(scores))
    for (case, frame), offset, marker in zip(scores.items(), offsets, "os^D", strict=False):
        (points,) = axis.plot([], [], marker, label=case)
        for place, method in enumerate(methods):
            values = frame.loc[frame["method"] == method, column].to_numpy()
            spot = np.full(values.size, place + offset)
            axis.plot(spot, values, marker, color=points.get_color(), alpha=0.4, markersize=4)
            middle = np.median(values)
            ends = [place + offset - 0.13, place + offset + 0.13]
            axis.plot(ends, [middle, middle], color=points.get_color(), linewidth=2.5)
    axis.axhline(0, color=style.COLOURS["grey"], linewidth=0.8)
    axis.set_xticks(range(len(methods)), [m.replace(", ", ",\n") for m in methods])
    axis.grid(visible=False, axis="x")
    axis.set_ylabel(label)
    figure.legend(loc="outside upper left", ncols=len(scores))
    return figure


def night_components(night: NightTensor, result: Factorisation, stations: Sequence[str]) -> Figure:
    """A night's components as `tensor_factors` draws them, ordered by their share in the band."""
    ordered, shares = order_by_band_energy(result, night.frequencies)
    factors = ordered.frequency, ordered.time, ordered.station
    return tensor_factors(night.frequencies, night.hours, *factors, stations, shares=shares)
