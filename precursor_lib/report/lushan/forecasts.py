"""Figures 6, 9 and 10 of the Lushan case: records and their forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.pipelines.lushan_chain import Array, LushanChain, StationRun
from precursor_lib.report.forecasts import NAMES
from precursor_lib.report.lushan.inputs import Case
from precursor_lib.report.lushan.ledger import MODELS
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn

# A legend over curves that fill their panel stands above it, at the right.
_ABOVE: Any = {
    "loc": "lower right",
    "bbox_to_anchor": (1, 1),
    "borderaxespad": 0,
    "borderpad": 0.2,
    "fontsize": 8,
}


@drawn
def fits_of_models(
    panels: Mapping[str, tuple[Array, Array, Mapping[str, Array]]], units: Sequence[str]
) -> Figure:
    """A day's record and the forecast of each model, a row a model; see figure 6.

    Parameters
    ----------
    panels : mapping
        Title to hours, signal and forecasts as `day_forecasts` gives them.
    units : sequence of str
        Of each panel.
    """
    figure, axes = plt.subplots(
        len(MODELS),
        len(panels),
        figsize=(PAGE_WIDTH, 5.4),
        sharex=True,
        sharey="col",
        squeeze=False,
    )
    for column, (title, (hours, signal, forecasts)), unit in zip(
        axes.T, panels.items(), units, strict=True
    ):
        for axis, name in zip(column, MODELS, strict=True):
            axis.plot(hours, signal, color=COLOURS["grey"], linewidth=0.8, label="record")
            axis.plot(
                hours, forecasts[name], color=COLOURS["vermilion"], linewidth=0.8, label="forecast"
            )
            axis.set_ylabel(f"{NAMES[name]}\n({unit})", fontsize=8)
            axis.tick_params(labelsize=8)
        column[0].set_title(title)
        column[-1].set_xlabel("hour of 1 March 2013 (Beijing time)")
        column[-1].set_xticks(range(0, 25, 6))
    axes[0, 0].legend(ncols=2, **_ABOVE)
    return figure


def in_detail(case: Case, kind: str, *, around: str, hours: float, unit: str) -> Figure:
    """Signal, forecast and anomalous points of each station; see figures 9 and 10.

    Parameters
    ----------
    case : Case
    kind : str
        ``"field"`` or ``"strain"``.
    around : str
        Middle of what is shown, UTC.
    hours : float
        Length of what is shown.
    unit : str
    """
    truth = case.truth[kind]
    return detail(case.found[kind], case.chains[kind], case.names, around, hours, unit, truth=truth)


@drawn
def detail(
    runs: Mapping[str, StationRun],
    chain: LushanChain,
    names: Mapping[str, str],
    around: str,
    hours: float,
    unit: str,
    *,
    truth: pd.DataFrame | None = None,
) -> Figure:
    """As `in_detail`, for any runs.

    Parameters
    ----------
    runs : mapping of str to StationRun
    chain : LushanChain
    names : mapping
        Name of each station.
    around, hours, unit
        As for `in_detail`.
    truth : pandas.DataFrame, optional
        Columns ``station``, ``time`` and ``end`` of what is shaded.
    """
    figure, axes = plt.subplots(
        2 * len(runs),
        1,
        figsize=(PAGE_WIDTH, 2.3 * len(runs) + 0.5),
        sharex=True,
        height_ratios=[2, 1] * len(runs),
    )
    middle = np.datetime64(around, "ns")
    half = np.timedelta64(round(1800 * hours), "s")
    for (upper, lower), (station, run) in zip(axes.reshape(-1, 2), runs.items(), strict=True):
        shown = (run.times >= middle - half) & (run.times <= middle + half)
        x = (run.times[shown] - middle) / np.timedelta64(1, "h")
        upper.plot(x, run.signal[shown], color=COLOURS["grey"], linewidth=0.8, label="record")
        upper.plot(x, run.forecast[shown], color=COLOURS["blue"], linewidth=0.8, label="forecast")
        size = np.abs(run.residual[shown])
        lower.plot(x, size, color=COLOURS["black"], linewidth=0.6)
        lower.axhline(
            chain.factor * run.scale,
            color=COLOURS["vermilion"],
            linewidth=1,
            label=f"{chain.factor:g} x mean",
        )
        found = run.points[shown]
        lower.plot(x[found], size[found], ".", color=COLOURS["vermilion"], markersize=3)
        for begin, end in _spans(truth, station):
            for axis in (upper, lower):
                axis.axvspan(
                    (begin.to_datetime64() - middle) / np.timedelta64(1, "h"),
                    (end.to_datetime64() - middle) / np.timedelta64(1, "h"),
                    color=COLOURS["yellow"],
                    alpha=0.4,
                    linewidth=0,
                )
        upper.set_title(names.get(station, station), fontsize=9)
        upper.set_ylabel(unit, fontsize=8)
        lower.set_ylabel("|residual|", fontsize=8)
        lower.set_xlim(-hours / 2, hours / 2)
    axes[0].legend(ncols=2, **_ABOVE)
    axes[1].legend(**_ABOVE)
    axes[-1].set_xlabel(f"hours from {pd.Timestamp(around):%d %B %Y, %H:%M} UTC")
    return figure


def _spans(truth: pd.DataFrame | None, station: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    if truth is None:
        return []
    own = truth[truth["station"] == station]
    return list(zip(own["time"], own["end"], strict=True))
