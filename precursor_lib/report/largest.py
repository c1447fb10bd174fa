"""Whether an earthquake is the largest of its country since a date, from open catalogues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.report import basemap

Place = tuple[float, float]


def crossings(lines: Iterable[np.ndarray], start: Place, end: Place) -> int:
    """How often the straight way between two places crosses some lines.

    Parameters
    ----------
    lines : iterable of numpy.ndarray, shape (points, 2)
        Longitude and latitude.
    start, end : (latitude, longitude)
        Degrees. The way is straight on a map whose axes are longitude and latitude.
    """
    a, b = np.array(start[::-1]), np.array(end[::-1])
    number = 0
    for line in lines:
        # Which side of the way each point is on, and which side of each piece the two ends are on.
        side = _cross(b - a, line - a) > 0
        first, last = line[:-1], line[1:]
        ends = (_cross(last - first, a - first) > 0) != (_cross(last - first, b - first) > 0)
        number += int(((side[:-1] != side[1:]) & ends).sum())
    return number


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def border_between(places: Sequence[Place], centre: Place) -> list[bool]:
    """Whether the straight way from a centre to each place crosses a border on land.

    Where it crosses none, the place is in the same country or beyond the sea; where it crosses two,
    it may be in the same country too. So this is a rough rule, of use where few places matter.
    """
    if not places:
        return []
    both = np.array([*places, centre])
    (south, west), (north, east) = both.min(axis=0) - 0.5, both.max(axis=0) + 0.5
    borders = basemap.lines("borders", float(west), float(east), float(south), float(north))
    return [crossings(borders, centre, place) > 0 for place in places]


def largest_since(
    catalogues: Mapping[str, pd.DataFrame],
    shock: pd.Series,
    since: str,
    box: tuple[float, float, float, float],
    number: int,
) -> pd.DataFrame:
    """The largest earthquakes of a box from a date up to a shock, and which lie beyond a border.

    Parameters
    ----------
    catalogues : mapping of str to pandas.DataFrame
        By name, in order of time: each is used up to the first event of the next.
    shock : pandas.Series
        A row of the last catalogue.
    since : str
        UTC; events from then on.
    box : (south, north, west, east)
        Degrees.
    number : int
        How many events are listed; all that are larger than the shock are, however many.

    Returns
    -------
    pandas.DataFrame
        ``time latitude longitude magnitude catalogue larger`` and ``border between``, the largest
        first; the shock itself is left out.

    Raises
    ------
    InputError
        If the first catalogue begins after `since`.
    """
    names = list(catalogues)
    begin = catalogues[names[0]]["time"].min()
    if begin > pd.Timestamp(since):
        raise InputError(f"catalogue '{names[0]}' begins on {begin:%Y-%m-%d}, after {since}")
    ends = [catalogues[name]["time"].min() for name in names[1:]] + [shock["time"]]
    parts = []
    for name, end in zip(names, ends, strict=True):
        frame = catalogues[name]
        chosen = frame[
            (frame["time"] >= pd.Timestamp(since))
            & (frame["time"] < end)
            & frame["latitude"].between(*box[:2])
            & frame["longitude"].between(*box[2:])
        ]
        parts.append(chosen.assign(catalogue=name))
    found = pd.concat(parts).sort_values("magnitude", ascending=False, kind="stable")
    found = found.head(max(number, int((found["magnitude"] > shock["magnitude"]).sum())))
    places = list(zip(found["latitude"], found["longitude"], strict=True))
    columns = ["time", "latitude", "longitude", "magnitude", "catalogue"]
    table = found[columns].reset_index(drop=True)
    table["larger"] = table["magnitude"] > shock["magnitude"]
    table["border between"] = border_between(places, (shock["latitude"], shock["longitude"]))
    return table
