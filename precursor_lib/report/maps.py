"""Station maps, drawn straight with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from geographiclib.geodesic import Geodesic
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from precursor_lib.errors import InputError
from precursor_lib.report import basemap, style
from precursor_lib.report.labels import place_labels

KM_PER_DEGREE = 111.2


def circle(latitude: float, longitude: float, radius_km: float, points: int = 181) -> np.ndarray:
    """Points at one distance from a place, on the WGS84 ellipsoid.

    Parameters
    ----------
    latitude, longitude : float
        Degrees.
    radius_km : float
    points : int
        The last is the first again.

    Returns
    -------
    numpy.ndarray, shape (points, 2)
        Longitude and latitude, degrees; the longitude does not jump at the date line.
    """
    if not radius_km > 0:
        raise InputError(f"radius_km: expected a positive number, got {radius_km}")
    line = Geodesic.WGS84
    ends = [
        line.Direct(latitude, longitude, azimuth, radius_km * 1000)
        for azimuth in np.linspace(0, 360, points)
    ]
    lon = np.array([end["lon2"] for end in ends])
    lon -= 360 * np.round((lon - longitude) / 360)
    return np.column_stack([lon, [end["lat2"] for end in ends]])


def base(
    axis: Axes,
    west: float,
    east: float,
    south: float,
    north: float,
    *,
    rivers: bool = True,
    coasts: bool = True,
    resolution: basemap.Resolution = "i",
) -> None:
    """Draw coasts, lakes, rivers and borders, and set the axis up as a map.

    Parameters
    ----------
    axis : matplotlib axis
    west, east, south, north : float
        Degrees. One degree of longitude is drawn as long as it is in the box's middle.
    rivers, coasts : bool
        Whether to draw them; lakes go with the coasts.
    resolution : {"c", "l", "i"}
        See `precursor_lib.report.basemap.lines`.
    """
    layers: list[tuple[basemap.Layer, dict[str, Any]]] = [
        ("coast", {"colors": "#5B7C99", "linewidths": 0.7}),
        (
            "borders",
            {"colors": style.COLOURS["grey"], "linewidths": 0.8, "linestyles": (0, (4, 2))},
        ),
    ]
    if not coasts:
        del layers[0]
    if rivers:
        layers.insert(0, ("rivers", {"colors": "#B9D3E8", "linewidths": 0.5}))
    for layer, looks in layers:
        found = basemap.lines(layer, west, east, south, north, resolution=resolution)
        axis.add_collection(LineCollection(found, zorder=1, **looks))
    axis.set(xlim=(west, east), ylim=(south, north))
    axis.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    for side in ("top", "right"):
        axis.spines[side].set_visible(True)
    axis.xaxis.set_major_formatter(lambda value, _: degrees(value, "EW"))
    axis.yaxis.set_major_formatter(lambda value, _: degrees(value, "NS"))


def degrees(value: float, letters: str) -> str:
    """An angle with its hemisphere: ``98°E``, ``30°S``.

    Parameters
    ----------
    value : float
        Degrees; longitudes outside -180 to 180 are turned into it.
    letters : {"EW", "NS"}
    """
    turned = (value + 180) % 360 - 180 if letters == "EW" else value
    side = "" if turned in (0, -180) else letters[0] if turned > 0 else letters[1]
    return f"{abs(turned):g}°{side}"


def scale_bar(axis: Axes) -> float:
    """Draw a bar of a round length in the lower left corner, true in the map's middle latitude.

    Returns
    -------
    float
        Its length in km.
    """
    (west, east), (south, north) = axis.get_xlim(), axis.get_ylim()
    per_degree = KM_PER_DEGREE * np.cos(np.radians((south + north) / 2))
    target = 0.25 * (east - west) * per_degree
    power = 10 ** np.floor(np.log10(target))
    length = float(max(step * power for step in (1, 2, 5) if step * power <= target))
    left, low = west + 0.04 * (east - west), south + 0.04 * (north - south)
    height = 0.012 * (north - south)
    axis.add_patch(
        Rectangle((left, low), length / per_degree, height, color=style.COLOURS["black"], zorder=6)
    )
    axis.annotate(
        f"{length:g} km",
        (left + length / per_degree / 2, low + height),
        xytext=(0, 2),
        textcoords="offset points",
        ha="center",
        fontsize=9,
        zorder=6,
    )
    return length


@style.drawn
def station_map(
    stations: pd.DataFrame,
    *,
    epicentre: tuple[float, float] | None = None,
    radius_km: float | None = None,
    faults: Sequence[np.ndarray] | None = None,
    margin: float = 1.5,
    rivers: bool = True,
) -> Figure:
    """Map of stations, with epicentre, distances, faults and a circle of the preparation zone.

    Parameters
    ----------
    stations : pandas.DataFrame
        Index: name. Columns: ``latitude``, ``longitude`` (degrees) and, where there is an
        epicentre, ``distance`` (km), which is written beside the name.
    epicentre : (latitude, longitude), optional
        Degrees.
    radius_km : float, optional
        Radius of a circle round the epicentre. Where it leaves the frame, a second panel shows it
        whole, with the frame in it.
    faults : sequence of arrays of shape (points, 2), optional
        Longitude and latitude of fault traces, degrees.
    margin : float
        Degrees between the outermost symbol and the frame.
    rivers : bool

    Raises
    ------
    InputError
        If a column is missing, there is no station, or a circle has no centre.
    """
    for column in ("latitude", "longitude"):
        if column not in stations:
            raise InputError(f"stations: the column '{column}' is missing")
    if stations.empty:
        raise InputError("stations: there is none")
    if radius_km is not None and epicentre is None:
        raise InputError("radius_km: a circle needs an epicentre")
    lat = stations["latitude"].to_numpy(dtype=float)
    # On the side of the date line where the first station is.
    lon = stations["longitude"].to_numpy(dtype=float)
    lon = lon - 360 * np.round((lon - lon[0]) / 360)
    ring = None if epicentre is None or radius_km is None else circle(*epicentre, radius_km)
    lats, lons = [*lat], [*lon]
    if epicentre is not None:
        centre_lon = epicentre[1] - 360 * np.round((epicentre[1] - lon[0]) / 360)
        lats, lons = [*lats, epicentre[0]], [*lons, centre_lon]
    west, east = min(lons) - margin, max(lons) + margin
    south, north = min(lats) - margin, max(lats) + margin

    frame = (west, east, south, north)
    if epicentre is not None and ring is not None:
        ring[:, 0] += lons[-1] - epicentre[1]
    figure, axis, overview = _panels(frame, ring)
    base(axis, *frame, rivers=rivers)
    if faults is not None:
        looks: dict[str, Any] = {"color": "#8C6D46", "linewidth": 0.8}
        axis.add_collection(LineCollection(list(faults), zorder=2, **looks))
        axis.plot([], [], label="active fault", **looks)
    axis.scatter(lon, lat, marker="^", s=42, color=style.COLOURS["blue"], zorder=5, label="station")
    if epicentre is not None:
        for panel in (axis, overview):
            if panel is not None:
                _star(panel, float(lons[-1]), float(lats[-1]), 170 if panel is axis else 60)
    if ring is not None:
        looks = {"color": style.COLOURS["vermilion"], "linewidth": 1.2, "linestyle": ":"}
        (axis if overview is None else overview).plot(*ring.T, zorder=3, **looks)
        axis.plot([], [], label=f"{radius_km:.0f} km", **looks)
    scale_bar(axis)
    names = [str(name) for name in stations.index]
    if "distance" in stations:
        values = stations["distance"].to_numpy(dtype=float)
        names = [f"{name}, {value:.0f} km" for name, value in zip(names, values, strict=True)]
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    halo = {"boxstyle": "square,pad=0.05", "facecolor": "white", "alpha": 0.75, "linewidth": 0}
    # The epicentre's symbol counts as taken: it is passed as a place with an empty label.
    extra = [] if epicentre is None else [(float(lons[-1]), float(lats[-1]))]
    places = [*zip(lon, lat, strict=True), *extra]
    place_labels(axis, places, [*names, *[""] * len(extra)], fontsize=9, bbox=halo)
    return figure


def _panels(
    frame: tuple[float, float, float, float], ring: np.ndarray | None
) -> tuple[Figure, Axes, Axes | None]:
    """The map's panel, and beside it one of the whole circle where that leaves the frame."""
    west, east, south, north = frame
    shape = (north - south) / (east - west) / np.cos(np.radians((south + north) / 2))
    lows, highs = ((west, south), (east, north)) if ring is None else (ring.min(0), ring.max(0))
    beside = bool(np.any(lows < (west, south)) or np.any(highs > (east, north)))
    width = style.PAGE_WIDTH * (0.68 if beside else 1.0)
    figure, axes = plt.subplots(
        ncols=2 if beside else 1,
        figsize=(style.PAGE_WIDTH, float(np.clip(width * shape + 0.4, 2.8, 6.5))),
        width_ratios=[2.3, 1] if beside else None,
        squeeze=False,
    )
    for panel in axes[0]:
        panel.grid(visible=False)
    if not beside or ring is None:
        return figure, axes[0, 0], None
    overview = axes[0, 1]
    edge = 0.12 * (highs[1] - lows[1])
    base(
        overview,
        *(lows[0] - edge, highs[0] + edge, lows[1] - edge, highs[1] + edge),
        rivers=False,
        resolution="l",
    )
    overview.set(xticks=[], yticks=[])
    overview.add_patch(
        Rectangle((west, south), east - west, north - south, fill=False, linewidth=0.8, zorder=4)
    )
    return figure, axes[0, 0], overview


def _star(axis: Axes, longitude: float, latitude: float, size: float) -> None:
    axis.scatter(
        longitude,
        latitude,
        marker="*",
        s=size,
        color=style.COLOURS["vermilion"],
        edgecolor=style.COLOURS["black"],
        linewidth=0.6,
        zorder=5,
        label="epicentre",
    )
