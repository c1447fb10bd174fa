"""Anomalies that stations far apart see at the same time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.evaluate.nights import TOLERANCE

Array = NDArray[np.float64]


def shared_anomalies(
    times: Mapping[str, ArrayLike],
    places: pd.DataFrame,
    length: float,
    *,
    apart_km: float = 1000.0,
    tolerance: float = TOLERANCE,
    draws: int = 200,
    seed: int = 0,
) -> dict[str, float]:
    """How many anomalies are seen at the same time far apart, and how many would be by chance.

    Anomalies of all stations that follow on one another within `tolerance` are one event. It is
    shared if two of its stations are `apart_km` or more apart: no source in the crust near one of
    them reaches the other. Chance: the anomalies of each station moved along the night (in a
    circle) by a time of its own.

    Parameters
    ----------
    times : mapping of str to array_like
        Peaks by station, s from the start of the night.
    places : pandas.DataFrame
        ``latitude longitude`` by station.
    length : float
        Of the night, s.
    apart_km, tolerance : float
    draws, seed : int

    Returns
    -------
    dict
        ``events``, ``shared``, ``chance`` (mean share that is shared when moved), and
        ``most_stations``, of one event.
    """
    names = list(times)
    lat, lon = (places.loc[names, c].to_numpy(dtype=float) for c in ("latitude", "longitude"))
    far = geodesic_distance_km(lat[:, None], lon[:, None], lat, lon) >= apart_km
    peaks = [np.asarray(times[name], dtype=float) for name in names]
    station = np.repeat(np.arange(len(names)), [p.size for p in peaks])
    at = np.concatenate([np.empty(0), *peaks])
    events, shared, most = _grouped(at, station, far, tolerance)
    rng = np.random.default_rng(seed)
    by_chance = []
    for _ in range(draws):
        moved = (at + rng.uniform(0, length, len(names))[station]) % length
        number, joint, _ = _grouped(moved, station, far, tolerance)
        by_chance.append(joint / number if number else np.nan)
    chance = float(np.nanmean(by_chance)) if events else np.nan
    return {"events": events, "shared": shared, "chance": chance, "most_stations": most}


def _grouped(
    at: Array, station: NDArray[np.int64], far: NDArray[np.bool_], tolerance: float
) -> tuple[int, int, int]:
    """Events, those with two stations that are far apart, and the most stations of one."""
    order = np.argsort(at, kind="stable")
    group = np.cumsum(np.diff(at[order], prepend=-np.inf) > tolerance)
    shared = most = 0
    for number in np.unique(group):
        members = np.unique(station[order][group == number])
        shared += bool(far[np.ix_(members, members)].any())
        most = max(most, members.size)
    return int(np.unique(group).size), int(shared), int(most)
