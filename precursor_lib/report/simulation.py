"""Figures and tables of what a simulation holds."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.report import style

NAMES = {
    "background": "red background",
    "sq": "Sq",
    "storms": "ring current",
    "pi2": "Pi2 trains",
    "man_made": "boxes, spikes",
    "noise": "white noise",
    "tones": "tones",
    "source": "source",
}


@style.drawn
def night_of_parts(night: xr.DataArray, parts: xr.Dataset, station: str) -> Figure:
    """The record of one station in one night, and below it the parts that it is the sum of.

    Parameters
    ----------
    night : xarray.DataArray
        The record, ``(time, station)``, in nT.
    parts : xarray.Dataset
        As `precursor_lib.simulate.geomagnetic.night_parts` gives them.
    station : str
    """
    rows = {"record": night, **{NAMES[str(k)]: parts[k] for k in parts.data_vars}}
    return stacked(rows, station, "nT", np.timedelta64(1, "h"), "hours")


def stacked(
    rows: Mapping[str, xr.DataArray], station: str, unit: str, step: np.timedelta64, steps: str
) -> Figure:
    """Traces of one station below each other, the source's in another colour.

    Parameters
    ----------
    rows : mapping of xarray.DataArray
        By name, ``(time, station)`` on one time axis.
    station : str
    unit : str
        Of all traces.
    step : numpy.timedelta64
        Unit of the time axis.
    steps : str
        Its name.
    """
    figure, axes = plt.subplots(
        len(rows), 1, sharex=True, figsize=(style.PAGE_WIDTH, 0.85 * len(rows) + 0.4)
    )
    time = next(iter(rows.values()))["time"].to_numpy()
    since = (time - time[0]) / step
    for axis, (name, values) in zip(axes, rows.items(), strict=True):
        colour = style.COLOURS["vermilion" if name == "source" else "blue"]
        axis.plot(since, values.sel(station=station), linewidth=0.7, color=colour)
        axis.annotate(name, (1.01, 0.5), xycoords="axes fraction", va="center")
        axis.locator_params(axis="y", nbins=3)
    figure.supylabel(unit)
    axes[-1].set_xlabel(f"{steps} from {pd.Timestamp(time[0]):%Y-%m-%d %H:%M} UTC")
    return figure


@style.drawn
def spectra(pairs: Mapping[str, Mapping[str, xr.DataArray]], band: tuple[float, float]) -> Figure:
    """Spectra of the first station side by side, a panel a pair.

    Parameters
    ----------
    pairs : mapping of mappings
        By panel title, then by the record's name: densities in nT^2/Hz.
    band : tuple of float
        Band in Hz to shade.
    """
    figure, axes = plt.subplots(
        1, len(pairs), sharey=True, squeeze=False, figsize=(style.PAGE_WIDTH, 3.2)
    )
    for axis, (title, records) in zip(axes[0], pairs.items(), strict=True):
        for name, density in records.items():
            inner = density.isel(station=0, frequency=slice(1, None))
            axis.loglog(inner["frequency"], inner, linewidth=1, label=name)
        axis.axvspan(*band, color=style.COLOURS["grey"], alpha=0.2, linewidth=0)
        axis.set(title=title, xlabel="frequency (Hz)")
        axis.legend()
    axes[0, 0].set_ylabel("power (nT$^2$/Hz)")
    return figure


@style.drawn
def levels_by_kp(
    levels: Mapping[str, pd.DataFrame], level: float, growth: float, band: tuple[float, float]
) -> Figure:
    """Hourly band level and slope against Kp, with the rule that sets the simulated level.

    Parameters
    ----------
    levels : mapping of pandas.DataFrame
        By the record's name, as `precursor_lib.evaluate.levels.hourly_levels` gives them.
    level, growth : float
        The rule ``level * 10 ** (growth * Kp)`` in nT.
    band : tuple of float
        The band in Hz.
    """
    figure, axes = plt.subplots(1, 2, figsize=(style.PAGE_WIDTH, 3.4))
    for shift, (name, table) in zip((-0.08, 0.08), levels.items(), strict=True):
        axes[0].semilogy(table["kp"] + shift, table["rms"], ".", markersize=4, label=name)
        axes[1].plot(table["kp"] + shift, table["slope"], ".", markersize=4, label=name)
    kp = np.linspace(0, 9, 50)
    axes[0].semilogy(kp, level * 10 ** (growth * kp), color="black", label="rule")
    axes[0].set(xlabel="Kp", ylabel=f"rms in {band[0]:g} to {band[1]:g} Hz (nT)")
    axes[1].set(xlabel="Kp", ylabel="slope of the spectrum")
    axes[0].legend()
    return figure


@style.drawn
def packets_by_day(
    networks: Mapping[str, NightlyNetwork], means: Mapping[str, np.ndarray], event: str
) -> Figure:
    """Cumulative packets by day: of the record, and the mean of many draws; expected: dashed.

    Parameters
    ----------
    networks : mapping of NightlyNetwork
        Simulated ones, by name.
    means : mapping of array
        By the same names, the mean of further draws, shape (night,).
    event : str
        The moment from which days count.
    """
    figure, axes = plt.subplots(1, 2, sharey=True, figsize=(style.PAGE_WIDTH, 3.4))
    for index, (name, network) in enumerate(networks.items()):
        day = network.days_from(event)
        colour = style.CYCLE[index]
        axes[0].step(day, packets_until(network), where="post", color=colour, label=name)
        axes[1].plot(day, means[name], color=colour)
        axes[1].plot(day, network.attrs["expected_packets"], color="black", linestyle=":")
    axes[1].plot([], [], color="black", linestyle=":", label="expected")
    for axis, title in zip(axes, ("one record", "mean of many draws"), strict=True):
        style.mark_days(axis, label="")
        axis.set(xlabel="days from the mainshock", title=title)
        axis.legend()
    axes[0].set_ylabel("cumulative packets")
    return figure


def packets_until(network: NightlyNetwork) -> np.ndarray:
    """Number of a simulated network's packets up to and with each night.

    Raises
    ------
    InputError
        If the network carries no truth, as observations do not.
    """
    if network.truth is None:
        raise InputError("network: expected a simulated one, with the truth of what it holds")
    packets = network.truth.loc[network.truth["kind"] == "source", "night"]
    return np.cumsum(np.bincount(packets, minlength=len(network)))


def truth_table(network: NightlyNetwork) -> pd.DataFrame:
    """What a simulated network's truth table holds, a row a kind of event.

    Returns
    -------
    pandas.DataFrame
        Index ``kind``; ``events``, ``a night``, the median ``duration`` (s) and, at the nearest and
        the farthest station, the median absolute ``amplitude`` (nT) of the events there.

    Raises
    ------
    InputError
        If the network carries no truth, as observations do not.
    """
    if network.truth is None:
        raise InputError("network: expected a simulated one, with the truth of what it holds")
    near, far = (network.stations["distance"].idxmin(), network.stations["distance"].idxmax())
    group = network.truth.groupby("kind")
    table = pd.DataFrame({"events": group.size(), "duration": group["duration"].median()})
    table.insert(1, "a night", table["events"] / len(network))
    for name in (near, far):
        size = network.truth[f"amplitude_{name}"].abs().where(lambda a: a > 0)
        table[f"amplitude, {name}"] = size.groupby(network.truth["kind"]).median()
    return table


@style.drawn
def catalogue(events: pd.DataFrame, event: str, b: float, completeness: float) -> Figure:
    """Magnitudes of a catalogue, and its cumulative number by kind of event.

    Parameters
    ----------
    events : pandas.DataFrame
        As `precursor_lib.simulate.catalogue.seismic_catalogue` gives it.
    event : str
        Time of the mainshock (UTC).
    b, completeness : float
        Slope of the line to draw from the completeness magnitude.
    """
    figure, axes = plt.subplots(1, 2, figsize=(style.PAGE_WIDTH, 3.2))
    magnitude = events["magnitude"].round(1).value_counts().sort_index()
    axes[0].semilogy(magnitude.index, magnitude, ".", label="events in 0.1")
    grid = np.arange(completeness, 5.0, 0.1)
    above = events["magnitude"] >= completeness + 0.45
    count = above.sum() * (1 - 10 ** (-0.1 * b)) * 10 ** (-b * (grid - completeness - 0.5))
    axes[0].semilogy(grid, count, color="black", label=f"b = {b:g}")
    axes[0].axvline(completeness, color=style.COLOURS["grey"], linestyle="--", linewidth=1)
    axes[0].set(xlabel="magnitude", ylabel="events", ylim=(0.7, None))
    axes[0].legend()
    days = (events["time"] - pd.Timestamp(event)) / pd.Timedelta(days=1)
    for kind in ("background", "aftershock"):
        t = np.sort(days[events["kind"] == kind])
        axes[1].step(t, np.arange(1, t.size + 1), where="post", label=kind)
    style.mark_days(axes[1], label="")
    axes[1].set(xlabel="days from the mainshock", ylabel="cumulative events")
    axes[1].legend()
    return figure
