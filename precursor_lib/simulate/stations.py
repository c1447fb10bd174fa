"""The stations of a simulated network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.errors import InputError
from precursor_lib.simulate import settings as parts


def station_table(
    given: Sequence[Mapping[str, Any]],
    centre: parts.Epicentre,
    model: type[parts.Station] = parts.Station,
) -> pd.DataFrame:
    """Table of the stations by id, with the geodesic distance (km) where none is given.

    Raises
    ------
    InputError
        If there is no station, one stands twice, or a setting of one is not what it has to be.
    """
    rows = [parts.require(model, s, f"stations[{i}]") for i, s in enumerate(given)]
    if not rows:
        raise InputError("stations: expected at least one")
    table = pd.DataFrame([r.model_dump() for r in rows]).set_index("id")
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise InputError(f"stations: '{twice[0]}' stands twice")
    lines = geodesic_distance_km(
        table["latitude"], table["longitude"], centre.latitude, centre.longitude
    )
    table["distance"] = table["distance"].astype(float).fillna(pd.Series(lines, table.index))
    return table


def station_coordinates(table: pd.DataFrame, **more: str) -> dict[str, Any]:
    """Coordinates along `station` for a dataset: place, distance, name, and columns with units."""
    units = {"latitude": "degree", "longitude": "degree", "distance": "km", **more}
    place: dict[str, Any] = {
        c: ("station", table[c].to_numpy(dtype=float), {"units": u}) for c, u in units.items()
    }
    return place | {"name": ("station", list(table["name"]))}
