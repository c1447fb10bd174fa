"""Figures 6 to 8, 10 and 11: anomalies beside Kp and Dst, and windows without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from precursor_lib.pipelines.tec import Detection
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn, mark_days

KP_LIMIT, DST_LIMIT = 3.0, -30.0


def days_from(times: pd.DatetimeIndex, event: str) -> np.ndarray:
    """Days since the midnight (UTC) before an event: the day of the event is 0 to 1."""
    return np.asarray((times - pd.Timestamp(event).normalize()) / pd.Timedelta("1D"), dtype=float)


@drawn
def anomaly_days(
    found: Detection,
    activity: Mapping[str, pd.Series],
    first: str,
    last: str,
    *,
    event: str | None = None,
    placed: Sequence[tuple[str, str]] = (),
) -> Figure:
    """Observed TEC, its limits and what lies beyond them, over Kp and Dst; see figures 6 to 8.

    Parameters
    ----------
    found : Detection
    activity : mapping
        ``"Kp"`` (three-hourly) and ``"Dst"`` (nT, hourly), by the start of the interval.
    first, last : str
        Days, UTC; the last one is shown whole.
    event : str, optional
        Time of the earthquake; days count from it.
    placed : sequence of pairs of str
        Start and end of anomalies that were put in.
    """
    stop = pd.Timestamp(last) + pd.Timedelta("1D")
    origin = event or first
    part = (found.times >= pd.Timestamp(first)) & (found.times < stop)
    days = days_from(found.times[part], origin)
    rows = len(found.stations)
    figure, axes = plt.subplots(
        rows + 2,
        1,
        figsize=(PAGE_WIDTH, 0.95 * rows + 2.2),
        sharex=True,
        height_ratios=[1.25] * rows + [0.8, 0.8],
    )
    for number, (axis, name) in enumerate(zip(axes, found.stations, strict=False)):
        low, high = found.lower[number, part], found.upper[number, part]
        axis.fill_between(days, low, high, color=COLOURS["sky"], alpha=0.45, linewidth=0)
        axis.plot(days, found.observed[number, part], color="black", linewidth=0.7)
        beyond = found.dtec[number, part]
        for sign, colour in ((1, COLOURS["vermilion"]), (-1, COLOURS["blue"])):
            here = np.where(sign * beyond > 0, found.observed[number, part], np.nan)
            axis.plot(days, here, ".", color=colour, markersize=3.5)
        axis.set_ylabel(f"{name}\n(TECU)")
    _activity(axes[-2], axes[-1], activity, pd.Timestamp(first), stop, origin)
    for axis in axes:
        for begin, end in placed:
            span = days_from(pd.DatetimeIndex([begin, end]), origin)
            axis.axvspan(*span, color=COLOURS["yellow"], alpha=0.4, linewidth=0)
        if event is not None:
            moment = float(days_from(pd.DatetimeIndex([event]), origin)[0])
            mark_days(axis, event=moment, label="")
    axes[-1].set_xlim(days[0], np.ceil(days[-1]))
    ticks = np.arange(np.floor(days[0]), np.ceil(days[-1]) + 1)
    axes[-1].set_xticks(ticks[:: max(1, ticks.size // 14)])
    what = f"days from {pd.Timestamp(origin):%Y-%m-%d} 00:00 UTC"
    axes[-1].set_xlabel(what)
    handles = [
        Patch(color=COLOURS["sky"], alpha=0.45, label="within the limits"),
        Line2D([], [], color=COLOURS["vermilion"], marker=".", ls="", label="above"),
        Line2D([], [], color=COLOURS["blue"], marker=".", ls="", label="below"),
    ]
    if placed:
        handles.append(Patch(color=COLOURS["yellow"], alpha=0.4, label="put in"))
    figure.legend(handles=handles, loc="outside upper right", ncols=4)
    return figure


def _activity(
    kp_axis: Axes,
    dst_axis: Axes,
    activity: Mapping[str, pd.Series],
    first: pd.Timestamp,
    stop: pd.Timestamp,
    origin: str,
) -> None:
    """Kp as bars and Dst as a line, with the paper's limits; disturbed ones in another colour."""
    kp, dst = (
        series[(series.index >= first) & (series.index < stop)]
        for series in (activity["Kp"], activity["Dst"])
    )
    colours = np.where(kp.to_numpy() < KP_LIMIT, COLOURS["green"], COLOURS["vermilion"])
    kp_axis.bar(
        days_from(pd.DatetimeIndex(kp.index), origin), kp, 0.125, align="edge", color=colours
    )
    kp_axis.axhline(KP_LIMIT, color="black", linewidth=0.7, linestyle=":")
    kp_axis.set(ylabel="Kp", ylim=(0, max(6.0, float(kp.max()) + 0.5)))
    place = days_from(pd.DatetimeIndex(dst.index), origin)
    dst_axis.plot(place, dst, color=COLOURS["green"], linewidth=0.9)
    beyond = np.where(dst.to_numpy() > DST_LIMIT, np.nan, dst.to_numpy())
    dst_axis.plot(place, beyond, color=COLOURS["vermilion"], linewidth=1.2)
    dst_axis.axhline(DST_LIMIT, color="black", linewidth=0.7, linestyle=":")
    dst_axis.set_ylabel("Dst\n(nT)")


@drawn
def indices(
    activity: Mapping[str, pd.Series], first: str, last: str, event: str | None = None
) -> Figure:
    """Kp and Dst alone; see figure 11."""
    figure, (kp_axis, dst_axis) = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 3.4), sharex=True)
    stop = pd.Timestamp(last) + pd.Timedelta("1D")
    origin = event or first
    _activity(kp_axis, dst_axis, activity, pd.Timestamp(first), stop, origin)
    for axis in (kp_axis, dst_axis):
        if event is not None:
            mark_days(axis, event=float(days_from(pd.DatetimeIndex([event]), origin)[0]), label="")
    dst_axis.set_xlabel(f"days from {pd.Timestamp(origin):%Y-%m-%d} 00:00 UTC")
    return figure


@drawn
def by_day_and_hour(
    results: Mapping[str, Detection], first: str, last: str, event: str, *, quiet: bool = False
) -> Figure:
    """DTEC by day and hour, a column a method and a row a station; see figure 10.

    Parameters
    ----------
    results : mapping of str to Detection
        By method.
    first, last : str
        Days, UTC.
    event : str
        Time of the earthquake (UTC).
    quiet : bool
        Leave out what falls into disturbed times.
    """
    names = next(iter(results.values())).stations
    figure, axes = plt.subplots(
        len(names),
        len(results),
        figsize=(PAGE_WIDTH, 1.15 * len(names) + 0.9),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    moment = pd.Timestamp(event)
    image = None
    for column, (method, found) in zip(axes.T, results.items(), strict=True):
        part = found.times.normalize().isin(pd.date_range(first, last))
        times = found.times[part]
        days = np.unique(np.floor(days_from(times, event))).astype(int)
        hours = np.asarray((times - times.normalize()) / pd.Timedelta("1h"), dtype=float)
        values = np.where(found.quiet | (not quiet), found.dtec, 0.0)[:, part]
        step = float(hours[1] - hours[0])
        for number, axis in enumerate(column):
            grid = values[number].reshape(days.size, -1).T
            image = axis.pcolormesh(
                np.append(days, days[-1] + 1),
                np.append(np.unique(hours), 24.0) if step else hours,
                np.where(grid == 0, np.nan, grid),
                cmap="RdBu_r",
                vmin=-5,
                vmax=5,
            )
            axis.set_facecolor("#F4F4F4")
            axis.grid(visible=False)
            clock = (moment - moment.normalize()) / pd.Timedelta("1h")
            axis.plot(clock / 24, clock, "*", color="black", markersize=9, markeredgecolor="white")
            axis.set_yticks([0, 6, 12, 18, 24])
        column[0].set_title(method)
        column[-1].set_xlabel("days from the earthquake's day")
    for axis, name in zip(axes[:, 0], names, strict=True):
        axis.set_ylabel(f"{name}\nhour (UTC)")
    if image is not None:
        figure.colorbar(image, ax=axes, label="DTEC (TECU)", shrink=0.6, extend="both")
    return figure


@drawn
def window_counts(tables: Mapping[str, pd.DataFrame], shown: str) -> Figure:
    """Flagged quiet samples in every window, against the share of quiet time in it.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        From `precursor_lib.evaluate.tec.window_flags`, by method.
    shown : str
        First day of the paper's window, which is marked.
    """
    figure, axes = plt.subplots(
        1, len(tables), figsize=(PAGE_WIDTH, 3.2), sharex=True, sharey=True, squeeze=False
    )
    for axis, (method, table) in zip(axes[0], tables.items(), strict=True):
        axis.plot(
            100 * table["quiet"], table["quiet_flagged"], ".", color=COLOURS["blue"], alpha=0.5
        )
        day = pd.Timestamp(shown)
        if day in table.index:
            row = table.loc[day]
            axis.plot(
                100 * row["quiet"],
                row["quiet_flagged"],
                "D",
                color=COLOURS["vermilion"],
                label="27 March to 7 April 2016",
            )
        axis.set_title(method)
        axis.set_xlabel("quiet share of the window (%)")
    axes[0, 0].set_ylabel("flagged quiet samples")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside upper right")
    return figure
