"""The Sun over the training and test years, and OLR about the epicentre (figure 9)."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn


@drawn
def solar_years(flux: pd.Series, spans: Mapping[str, tuple[str, str]]) -> Figure:
    """F10.7 with spans of time marked below it.

    Parameters
    ----------
    flux : pandas.Series
        Daily F10.7 by day.
    spans : mapping of str to pair of str
        First and last day by name.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.3))
    shown = flux["2001":"2017"]
    axis.plot(shown.index, shown, color="#BBBBBB", linewidth=0.5, label="day")
    smooth = shown.rolling(81, center=True).mean()
    axis.plot(shown.index, smooth, color="black", linewidth=1.2, label="mean of 81 days")
    colours = [COLOURS[name] for name in ("orange", "sky", "green", "purple", "vermilion")]
    # A few days are flares in the measurement and would set the scale.
    top = float(shown.quantile(0.99))
    for number, ((name, (first, last)), colour) in enumerate(
        zip(spans.items(), colours, strict=False)
    ):
        mean = float(flux[first:last].mean())
        height = top * (1.03 + 0.06 * (number % 2))
        ends = pd.Timestamp(first), pd.Timestamp(last)
        axis.plot(ends, [height] * 2, color=colour, linewidth=6, solid_capstyle="butt")
        axis.plot(ends, [mean] * 2, color=colour, linewidth=2.5, label=f"{name}: mean {mean:.0f}")
    axis.set(ylabel="F10.7 (sfu)", ylim=(60, top * 1.14))
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


@drawn
def olr_days(index: xr.DataArray, place: tuple[float, float], first: str, last: str) -> Figure:
    """RST index of each day on a map, a panel a day; see figure 9.

    Parameters
    ----------
    index : xarray.DataArray
        ``index`` of `precursor_lib.detect.rst.rst_index` (time, latitude, longitude).
    place : tuple of float
        Epicentre: latitude and longitude in degrees.
    first, last : str
        Days.
    """
    days = index.sel(time=slice(first, last))
    columns = 4
    rows = -(-days.sizes["time"] // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(PAGE_WIDTH, 1.65 * rows + 0.6), sharex=True, sharey=True
    )
    image = None
    for axis, field in zip(axes.flat, days, strict=False):
        image = axis.pcolormesh(
            field["longitude"],
            field["latitude"],
            field,
            cmap="RdBu_r",
            vmin=-4,
            vmax=4,
            shading="nearest",
        )
        axis.plot(place[1], place[0], "*", color="black", markeredgecolor="white", markersize=10)
        axis.set_facecolor("#DDDDDD")
        axis.grid(visible=False)
        axis.set_title(f"{pd.Timestamp(field['time'].item()):%d %B}", fontsize=9.5)
    for axis in axes.flat[days.sizes["time"] :]:
        axis.set_axis_off()
    figure.supxlabel("longitude (° E)", fontsize=9.5)
    figure.supylabel("latitude (° N)", fontsize=9.5)
    if image is not None:
        figure.colorbar(image, ax=axes, label="RST index", shrink=0.7, extend="both")
    return figure


def near(index: xr.DataArray, place: tuple[float, float], radius_km: float) -> pd.Series:
    """Largest RST index of each day within a distance of a place.

    Parameters
    ----------
    index : xarray.DataArray
        (time, latitude, longitude).
    place : tuple of float
        Latitude and longitude in degrees.
    radius_km : float
    """
    lat, lon = np.meshgrid(index["latitude"], index["longitude"], indexing="ij")
    inside = geodesic_distance_km(*place, lat, lon) <= radius_km
    values = index.transpose("time", "latitude", "longitude").to_numpy()[:, inside]
    daily = np.where(np.isfinite(values), values, -np.inf).max(axis=1)
    return pd.Series(np.where(np.isfinite(daily), daily, np.nan), index=index["time"].to_index())
