"""Figures of decompositions into modes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from precursor_lib.decompose import ImfSelection
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn


@drawn
def modes_by_channel(
    imfs: NDArray[np.float64],
    names: Sequence[str],
    *,
    rate: float = 1.0,
    unit: str = "nT",
    keep: NDArray[np.bool_] | None = None,
    rows: int | None = None,
) -> Figure:
    """Modes as rows and channels as columns, the record on top and the residue at the bottom.

    Parameters
    ----------
    imfs : (imf, channel, time) ndarray
        The last row is the residue.
    names : sequence of str
        Of the channels.
    rate : float
        Samples a second.
    unit : str
        Of the record.
    keep : (imf, channel) ndarray of bool, optional
        Modes that were kept are drawn in blue, the others in grey.
    rows : int, optional
        Show that many modes and the sum of the others with the residue.
    """
    shown = len(imfs) - 1 if rows is None else min(rows, len(imfs) - 1)
    panels = [imfs.sum(axis=0), *imfs[:shown], imfs[shown:].sum(axis=0)]
    rest = "residue" if shown == len(imfs) - 1 else "rest"
    labels = ["record", *(f"IMF {i + 1}" for i in range(shown)), rest]
    minutes = np.arange(imfs.shape[2]) / rate / 60
    figure, axes = plt.subplots(
        len(panels),
        len(names),
        figsize=(PAGE_WIDTH, 0.3 + 0.62 * len(panels)),
        sharex=True,
        sharey="row",
        squeeze=False,
    )
    for r, (panel, label) in enumerate(zip(panels, labels, strict=True)):
        for c, axis in enumerate(axes[r]):
            kept = keep is not None and 1 <= r <= shown and keep[r - 1, c]
            colour = COLOURS["black"] if keep is None or r in (0, shown + 1) else COLOURS["grey"]
            axis.plot(minutes, panel[c], color=COLOURS["blue"] if kept else colour, linewidth=0.7)
            axis.locator_params(axis="y", nbins=2)
        axes[r, 0].set_ylabel(label, rotation=0, ha="right", va="center")
    for c, name in enumerate(names):
        axes[0, c].set_title(name)
        axes[-1, c].set_xlabel("time (min)")
    figure.supylabel(unit, fontsize=9.5)
    return figure


@drawn
def selection_planes(
    selections: Mapping[str, ImfSelection], limits: tuple[float, float] = (3.0, 0.3)
) -> Figure:
    """Kurtosis against energy entropy, a panel a rule.

    Kept IMFs are blue triangles, the others grey dots; the shaded corner is the rule's.

    Parameters
    ----------
    selections : mapping
        By the rule's name; IMFs without a kurtosis are left out.
    limits : (kurtosis, entropy)
    """
    figure, axes = plt.subplots(1, len(selections), figsize=(PAGE_WIDTH, 3.2), squeeze=False)
    for axis, (name, found) in zip(axes[0], selections.items(), strict=True):
        kept = found.keep
        judged = np.isfinite(found.kurtosis)
        for mask, colour, marker in (
            (judged & ~kept, COLOURS["grey"], "o"),
            (kept, COLOURS["blue"], "^"),
        ):
            axis.scatter(
                found.kurtosis[mask], found.entropy[mask], s=18, color=colour, marker=marker
            )
        top = max(1.15 * limits[1], 1.05 * float(np.nanmax(found.entropy)))
        right = 1.15 * max(limits[0] + 1, float(np.nanmax(found.kurtosis)))
        axis.set(xscale="log", xlim=(1, right), ylim=(0, top))
        axis.fill_between([limits[0], right], 0, limits[1], color=COLOURS["sky"], alpha=0.2, lw=0)
        title = f"{name}: {int(kept.sum())} of {int(judged.sum())} kept"
        axis.set(title=title, xlabel="kurtosis")
        ticks = [t for t in (1, 2, 3, 5, 10, 20, 50, 100) if t < right]
        axis.set_xticks(ticks, labels=[str(t) for t in ticks])
        axis.minorticks_off()
    axes[0, 0].set_ylabel("energy entropy")
    return figure


@drawn
def noise_pass_figure(rates: pd.DataFrame, names: Mapping[float, str]) -> Figure:
    """Share of noise IMFs that pass, against their mean period: kurtosis alone, whole rule.

    Parameters
    ----------
    rates : DataFrame
        As `precursor_lib.evaluate.imf_rules.noise_pass_rates` returns it.
    names : mapping
        Of the colours, by exponent.
    """
    panels = {"kurtosis": "kurtosis above 3", "share": "whole rule, entropy of the energy share"}
    figure, axes = plt.subplots(1, len(panels), figsize=(PAGE_WIDTH, 3.0), sharey=True)
    for axis, (column, title) in zip(axes, panels.items(), strict=True):
        for colour, marker, (exponent, name) in zip(CYCLE, "osD", names.items(), strict=False):
            part = rates[rates["exponent"] == exponent]
            axis.plot(
                part["period"], part[column], marker=marker, markersize=4, color=colour, label=name
            )
        axis.set(xscale="log", ylim=(-0.03, 1.03), title=title, xlabel="mean period (s)")
    axes[0].set_ylabel("share of the IMFs")
    axes[1].legend()
    return figure


@drawn
def end_error_figure(
    errors: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> Figure:
    """Error against the distance from the record's end, a line a case.

    Parameters
    ----------
    errors : mapping
        Distance (periods of the slow tone) and error by the case's name.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.8))
    for style, (name, (distance, error)) in zip(("-", "--", ":"), errors.items(), strict=False):
        axis.plot(distance, error, style, label=name)
    axis.set(
        yscale="log",
        xlabel="distance from the end (periods of the slow tone)",
        ylabel="rms error of IMF 1\n(amplitude of the tone = 1)",
    )
    low, high = axis.get_ylim()
    ticks = [t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if low < t < high]
    axis.set_yticks(ticks, labels=[f"{t:g}" for t in ticks])
    axis.minorticks_off()
    axis.legend()
    return figure
