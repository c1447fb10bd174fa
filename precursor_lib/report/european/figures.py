"""Figures of the records and of the earthquakes: map, a week, filters."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import signal

from precursor_lib.classify import QuietRule, keep_clear, starts_before, window_grid
from precursor_lib.errors import InputError
from precursor_lib.report import maps
from precursor_lib.report.european.inputs import MINUTES, OBSERVATORIES, Site, chosen_events
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn

NYQUIST = 1.0 / 120.0
# Readings of the paper's corner of 0.02, in Hz.
CORNERS: Mapping[str, float] = {
    "0.02 Hz": 0.02,
    "0.02 cycles a minute": 0.02 / 60.0,
    "0.02 of Nyquist": 0.02 * NYQUIST,
    "0.02 mHz": 0.02e-3,
}
ORDER = 4


@drawn
def event_map(catalogues: Mapping[str, pd.DataFrame]) -> Figure:
    """Observatories, the circles of the criteria, and the events in the years of Table 1.

    Parameters
    ----------
    catalogues : mapping
        By the observatory's code.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 4.3))
    axis.grid(visible=False)
    maps.base(axis, 10.0, 33.5, 37.5, 48.0, rivers=False, resolution="l")
    for code, place in OBSERVATORIES.items():
        events = chosen_events(catalogues[code], place, place.years["Table 1"])
        axis.scatter(
            events["longitude"],
            events["latitude"],
            s=4 + 8 * (events["magnitude"] - 4) ** 2,
            facecolors="none",
            edgecolors=COLOURS["vermilion"],
            linewidths=0.7,
            zorder=4,
            label="earthquake" if code == "DUR" else "_",
        )
        ring = maps.circle(place.latitude, place.longitude, place.radius_km)
        axis.plot(
            ring[:, 0], ring[:, 1], color=COLOURS["grey"], linestyle=":", linewidth=1.2, zorder=3
        )
        axis.plot(
            place.longitude,
            place.latitude,
            "^",
            color=COLOURS["blue"],
            markersize=7,
            zorder=5,
            label="observatory" if code == "DUR" else "_",
        )
        axis.annotate(
            code,
            (place.longitude, place.latitude + place.radius_km / maps.KM_PER_DEGREE),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
        )
    maps.scale_bar(axis)
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    return figure


def quiet_week(site: Site, rule: QuietRule) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """The first week from a midnight that is free of storms, gaps and events, in minutes.

    Returns
    -------
    times : pandas.DatetimeIndex
        UTC.
    field : numpy.ndarray, shape (3, minutes)
        nT.

    Raises
    ------
    InputError
        If there is none.
    """
    length = MINUTES["week"]
    starts = window_grid(site.minutes.shape[1], length, MINUTES["day"])
    starts = starts[rule.holds(site.first, 60.0, starts, length)]
    events = starts_before(site.events["time"], site.first, 60.0, 1) + 1
    for start in keep_clear(starts, length, events, clear=0):
        field = site.minutes[:, start : start + length]
        if np.isfinite(field).all():
            times = site.first + pd.to_timedelta(np.arange(length) + start, unit="min")
            return pd.DatetimeIndex(times), field
    raise InputError(f"{site.code}: no week is free of storms, gaps and events")


@drawn
def week(times: pd.DatetimeIndex, field: np.ndarray, day: int = 3) -> Figure:
    """A week of X, Y and Z with one day shaded; see figure 2.

    Parameters
    ----------
    times : pandas.DatetimeIndex, shape (minutes,)
        UTC.
    field : numpy.ndarray, shape (3, minutes)
        nT.
    day : int
        Day that is shaded.
    """
    figure, axes = plt.subplots(3, 1, figsize=(PAGE_WIDTH, 4.4), sharex=True)
    days = np.asarray((times - times[0]) / pd.Timedelta(days=1))
    for axis, values, name in zip(
        axes, field, ("Bx (north)", "By (east)", "Bz (down)"), strict=True
    ):
        axis.plot(days, values, color=COLOURS["black"], linewidth=0.7)
        axis.axvspan(day, day + 1, color=COLOURS["purple"], alpha=0.25, linewidth=0)
        axis.set_ylabel(f"{name}\n(nT)")
        axis.ticklabel_format(axis="y", useOffset=False)
        axis.locator_params(axis="y", nbins=4)
    axes[-1].set_xlabel(f"days from {times[0]:%Y-%m-%d} 00:00 UTC")
    axes[-1].set_xlim(0, days[-1])
    return figure


def twice(sections: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Amplitude that a filter passes when applied forward and backward."""
    _, response = signal.sosfreqz(sections, frequency, fs=2 * NYQUIST)
    return np.abs(response) ** 2


def diurnal_passes(corner: float) -> float | None:
    """Share of a daily wave's amplitude that the high-pass filter lets through, forward and back.

    None where the corner is at or above the Nyquist frequency, and no filter exists.
    """
    if corner >= NYQUIST:
        return None
    sections = signal.butter(ORDER, corner, "high", fs=2 * NYQUIST, output="sos")
    return float(twice(sections, np.array([1 / 86400.0]))[0])


@drawn
def filters(times: pd.DatetimeIndex, vertical: np.ndarray) -> Figure:
    """The filters that 0.02 can mean, and a week through two of them; see figure 3.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        Of the minutes.
    vertical : numpy.ndarray, shape (minutes,)
        Bz in nT, without gaps.
    """
    figure, axes = plt.subplots(3, 1, figsize=(PAGE_WIDTH, 6.4), height_ratios=[1.2, 1, 1])
    top = axes[0]
    frequency = np.geomspace(2e-6, 0.03, 600)
    below = frequency[frequency < NYQUIST]
    looks = zip(("vermilion", "blue", "green", "orange"), CORNERS.items(), strict=True)
    for colour, (name, corner) in looks:
        if corner >= NYQUIST:
            top.axvline(corner, color=COLOURS[colour], label=f"{name}: no filter")
            continue
        for kind, dash in (("high", "-"), ("low", "--")):
            sections = signal.butter(ORDER, corner, kind, fs=2 * NYQUIST, output="sos")
            label = f"{name} ({1 / corner / 3600:.3g} h)" if kind == "high" else "_"
            top.plot(below, twice(sections, below), dash, color=COLOURS[colour], label=label)
    top.axvline(1 / 86400, color=COLOURS["black"], linewidth=0.8, linestyle=":")
    top.axvline(NYQUIST, color=COLOURS["grey"], linewidth=1.2, linestyle="-.")
    top.text(1 / 86400 * 1.05, 0.5, "1 day", rotation=90, va="center", fontsize=8.5)
    top.text(NYQUIST * 0.95, 0.5, "Nyquist", rotation=90, va="center", ha="right", fontsize=8.5)
    top.set_xscale("log")
    top.set(xlabel="frequency (Hz)", ylabel="amplitude passed", xlim=(2e-6, 0.03))
    top.legend(fontsize=8, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    days = np.asarray((times - times[0]) / pd.Timedelta(days=1))
    for axis, name in zip(axes[1:], ("0.02 mHz", "0.02 cycles a minute"), strict=True):
        for kind, colour in (("low", "black"), ("high", "blue")):
            sections = signal.butter(ORDER, CORNERS[name], kind, fs=2 * NYQUIST, output="sos")
            part = signal.sosfiltfilt(sections, vertical - vertical.mean())
            axis.plot(days, part, color=COLOURS[colour], linewidth=0.8, label=f"{kind}-pass")
        axis.set_title(f"corner {name}")
        axis.set_ylabel("Bz (nT)")
        axis.legend(loc="upper right", ncols=2)
    axes[1].set_xticklabels([])
    axes[2].set_xlabel(f"days from {times[0]:%Y-%m-%d} 00:00 UTC")
    return figure
