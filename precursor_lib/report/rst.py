"""Figures of the robust satellite technique: fields of its index, and where it is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.figure import Figure

from precursor_lib.detect.rst import rst_index
from precursor_lib.errors import InputError
from precursor_lib.report import maps
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn
from precursor_lib.times import utc

# Red and blue of even lightness, white between.
DIVERGING = "RdBu_r"


@drawn
def index_maps(
    index: xr.DataArray,
    event: str,
    epicentre: tuple[float, float],
    *,
    first: int = -8,
    last: int = 3,
    limit: float = 3.0,
    threshold: float = 2.0,
    faults: pd.DataFrame | None = None,
) -> Figure:
    """Maps of the index, a day a panel, around the day of a shock.

    Parameters
    ----------
    index : xarray.DataArray
        ``(time, latitude, longitude)``, daily.
    event : str
        Time of the shock, UTC; its day is day 0.
    epicentre : (float, float)
        Latitude and longitude, degrees; a star.
    first, last : int
        Days shown, from the shock's.
    limit : float
        Ends of the colour scale.
    threshold : float
        Pixels above it are outlined.
    faults : DataFrame, optional
        As `precursor_lib.data.faults.read_faults` gives them.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If the index does not hold all the days.
    """
    day = utc(event, "event").normalize()
    ordered = index.transpose("time", "latitude", "longitude")
    numbers = list(range(first, last + 1))
    wanted = pd.DatetimeIndex([day + pd.Timedelta(days=n) for n in numbers])
    held = pd.DatetimeIndex(ordered["time"].to_numpy())
    if not wanted.isin(held).all():
        gone = wanted[~wanted.isin(held)][0]
        raise InputError(f"index: expected every day from {first} to {last}, lacks {gone.date()}")
    columns = min(4, len(numbers))
    rows = -(-len(numbers) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        sharex=True,
        sharey=True,
        figsize=(PAGE_WIDTH, 0.4 + 1.72 * rows),
        squeeze=False,
    )
    for axis, number, moment in zip(axes.flat, numbers, wanted, strict=False):
        values = ordered.sel(time=moment)
        mesh = _field(axis, values, -limit, limit, DIVERGING)
        _outline(axis, values, threshold)
        if faults is not None:
            _faults(axis, faults)
        _star(axis, epicentre)
        label = f"day {number:+d}".replace("-", "−") if number else "day 0"
        axis.set_title(f"{label}, {moment.day} {moment:%b}", fontsize=9, pad=3)
        axis.tick_params(labelsize=8)
    for axis in axes.flat[len(numbers) :]:
        axis.set_visible(False)
    bar = figure.colorbar(mesh, ax=axes, shrink=0.6, extend="both", aspect=30)
    bar.set_label("RST index")
    bar.ax.axhline(threshold, color=COLOURS["black"], lw=1.2)
    return figure


@drawn
def rate_map(index: xr.DataArray, threshold: float, epicentre: tuple[float, float]) -> Figure:
    """Share of days on which each pixel's index is above and below a threshold.

    Parameters
    ----------
    index : xarray.DataArray
        ``(time, latitude, longitude)``.
    threshold : float
    epicentre : (float, float)
        Latitude and longitude, degrees; a star.
    """
    figure, axes = plt.subplots(1, 2, sharey=True, figsize=(PAGE_WIDTH, 2.9))
    known = index.count("time")
    above, below = (
        100 * found.sum("time") / known for found in (index > threshold, index < -threshold)
    )
    top = float(max(above.max(), below.max()))
    for axis, field, text in (
        (axes[0], above, f"index > {threshold:g}"),
        (axes[1], below, f"index < −{threshold:g}"),
    ):
        mesh = _field(axis, field, 0.0, top, "viridis")
        _star(axis, epicentre)
        axis.set_title(text)
    figure.colorbar(mesh, ax=axes, shrink=0.85).set_label("days (%)")
    return figure


@drawn
def pixel_years(
    field: xr.DataArray, place: tuple[float, float], year: int, factor: float = 2.0
) -> Figure:
    """One pixel's values by day of the year: all years, their mean and spread, and one year.

    Parameters
    ----------
    field : xarray.DataArray
        ``(time, latitude, longitude)``, daily.
    place : (float, float)
        Latitude and longitude, degrees; the nearest pixel is drawn.
    year : int
        The year that is drawn in colour; the mean and spread are those of the others.
    factor : float
        Standard deviations to either side of the mean.
    """
    pixel = field.sel(latitude=[place[0]], longitude=[place[1]], method="nearest")
    found = rst_index(pixel, reference="others")
    series = pixel[:, 0, 0].to_series()
    part = found.sel(time=str(year)).isel(latitude=0, longitude=0)
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.2))
    for other, values in series.groupby(series.index.year):
        if other != year:
            axis.plot(
                values.index.day_of_year, values, ".", color="#BBBBBB", markersize=1.6, zorder=1
            )
    axis.plot([], [], ".", color="#999999", label="other years")
    day = pd.DatetimeIndex(part["time"].to_numpy()).day_of_year
    mean, spread = part["mean"].to_numpy(), part["deviation"].to_numpy()
    axis.fill_between(
        day,
        mean - factor * spread,
        mean + factor * spread,
        color=COLOURS["sky"],
        alpha=0.35,
        linewidth=0,
        label=f"their mean ± {factor:g} standard deviations",
    )
    axis.plot(day, series[str(year)], color=COLOURS["blue"], lw=0.9, label=str(year))
    axis.set(xlabel="day of the year", ylabel="OLR (W m$^{-2}$)", xlim=(1, 366))
    axis.legend(loc="lower center", ncols=3)
    axis.margins(y=0.2)
    return figure


@drawn
def size_curves(own: pd.DataFrame, power: pd.DataFrame, years: int, threshold: float) -> Figure:
    """The index against the size of an anomaly, and the share of anomalies found.

    Parameters
    ----------
    own : DataFrame
        Of `precursor_lib.evaluate.rst_alarms.own_year`, columns ``others`` and ``all``.
    power : DataFrame
        Of `precursor_lib.evaluate.rst_alarms.anomaly_power`.
    years : int
        Years with a value on that day: with all of them in the reference the index cannot exceed
        ``(N - 1) / sqrt(N)``, which is marked.
    threshold : float
        Of the index, marked.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.2))
    names = {"others": "other years", "all": "all years"}
    for column, name, dash in zip(names, names.values(), ("-", "--"), strict=True):
        left.plot(own.index, own[column], dash, label=f"reference: {name}")
    left.axhline((years - 1) / np.sqrt(years), color=COLOURS["vermilion"], lw=1, ls=":")
    left.axhline(threshold, color=COLOURS["grey"], lw=1)
    left.set(xlabel="added to one day (W m$^{-2}$)", ylabel="RST index")
    left.legend(loc="upper left")
    for column, marker, name in (("found", "o", "any day"), ("two in a row", "s", "two in a row")):
        right.plot(power.index, power[column], marker=marker, label=name)
    right.set(xlabel="peak of the anomaly (W m$^{-2}$)", ylabel="windows with an alarm (%)")
    right.set_ylim(0, 104)
    right.legend(loc="lower right")
    return figure


def _field(axis: Axes, values: xr.DataArray, low: float, high: float, colours: str) -> QuadMesh:
    lon, lat = values["longitude"].to_numpy(), values["latitude"].to_numpy()
    half = (lon[1] - lon[0]) / 2, (lat[1] - lat[0]) / 2
    maps.base(
        axis,
        lon[0] - half[0],
        lon[-1] + half[0],
        lat[0] - half[1],
        lat[-1] + half[1],
        rivers=False,
        coasts=False,
        resolution="l",
    )
    axis.grid(visible=False)
    shown = values.transpose("latitude", "longitude").to_numpy()
    return axis.pcolormesh(lon, lat, shown, cmap=colours, vmin=low, vmax=high, zorder=0)


def _outline(axis: Axes, values: xr.DataArray, threshold: float) -> None:
    """Edges between pixels above the threshold and those that are not."""
    lon, lat = values["longitude"].to_numpy(), values["latitude"].to_numpy()
    dx, dy = (lon[1] - lon[0]) / 2, (lat[1] - lat[0]) / 2
    above = np.pad(values.transpose("latitude", "longitude").to_numpy() > threshold, 1)
    lines: list[Sequence[tuple[float, float]]] = []
    for row, column in np.argwhere(above):
        x, y = lon[column - 1], lat[row - 1]
        for across, up in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if not above[row + up, column + across]:
                a, b = x + across * dx, y + up * dy
                lines.append(
                    [
                        (a - dx * (up != 0), b - dy * (across != 0)),
                        (a + dx * (up != 0), b + dy * (across != 0)),
                    ]
                )
    axis.add_collection(LineCollection(lines, colors=COLOURS["black"], linewidths=1.1, zorder=3))


def _faults(axis: Axes, faults: pd.DataFrame) -> None:
    lines = [
        part[["longitude", "latitude"]].to_numpy() for _, part in faults.groupby(["fault", "part"])
    ]
    axis.add_collection(LineCollection(lines, colors=COLOURS["orange"], linewidths=0.6, zorder=2))


def _star(axis: Axes, epicentre: tuple[float, float]) -> None:
    axis.plot(
        epicentre[1],
        epicentre[0],
        "*",
        markersize=9,
        color=COLOURS["yellow"],
        markeredgecolor=COLOURS["black"],
        markeredgewidth=0.7,
        zorder=5,
    )
