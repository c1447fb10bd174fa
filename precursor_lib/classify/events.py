"""Earthquakes near a station, and which of them belong to another's sequence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.context.seismicity import MAGNITUDE_ROUNDING, select_events
from precursor_lib.errors import InputError

_DEGREE_KM = 110.5  # no degree of latitude is shorter


def events_near(
    catalogue: pd.DataFrame,
    *,
    latitude: float,
    longitude: float,
    radius_km: float,
    max_depth_km: float | None = None,
    above: float | None = None,
    min_magnitude: float | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Events within a distance of a station, with that distance.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        Columns ``time latitude longitude depth magnitude`` (UTC, degrees, km).
    latitude, longitude : float
        Of the station, degrees.
    radius_km : float
        Largest epicentral distance, included.
    max_depth_km : float, optional
        Largest depth, included. Events of unknown depth are then left out and counted.
    above, min_magnitude : float, optional
        Only magnitudes above the one, or from the other on.
    start, end : str or pandas.Timestamp, optional
        Span ``start <= time < end``, UTC.

    Returns
    -------
    pandas.DataFrame
        The events with a column ``distance`` (km) in order of time; ``attrs["report"]`` says how
        many were left out for an unknown depth.

    Raises
    ------
    InputError
        If a column is missing, the radius is not above 0, or both limits of magnitude are given.
    """
    if not radius_km > 0:
        raise InputError(f"radius_km {radius_km}: expected a number above 0")
    if above is not None and min_magnitude is not None:
        raise InputError("above, min_magnitude: expected one of the two")
    found = select_events(catalogue, start=start, end=end, min_magnitude=min_magnitude)
    keep = (found["latitude"] - latitude).abs() <= radius_km / _DEGREE_KM
    if above is not None:
        keep &= found["magnitude"] > above + MAGNITUDE_ROUNDING
    found = found[keep]
    distance = geodesic_distance_km(
        latitude, longitude, found["latitude"].to_numpy(), found["longitude"].to_numpy()
    )
    found = found.assign(distance=distance)[distance <= radius_km]
    if max_depth_km is not None:
        unknown = int(found["depth"].isna().sum())
        found = found[found["depth"] <= max_depth_km]
        if unknown:
            found.attrs["report"] = [
                *catalogue.attrs.get("report", []),
                f"{unknown} events near the station left out because their depth is unknown",
            ]
    return found.sort_values("time", kind="stable").reset_index(drop=True)


def sequence_windows(magnitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reach of a sequence in km and days (Gardner and Knopoff, 1974).

    ``10 ** (0.1238 M + 0.983)`` km; ``10 ** (0.5409 M - 0.547)`` days, and from M 6.5 on
    ``10 ** (0.032 M + 2.7389)``.
    """
    m = np.asarray(magnitude, dtype=float)
    days = np.where(m >= 6.5, 10 ** (0.032 * m + 2.7389), 10 ** (0.5409 * m - 0.547))
    return 10 ** (0.1238 * m + 0.983), days


def mainshocks(events: pd.DataFrame) -> np.ndarray:
    """Which events are not part of a larger one's sequence.

    From the largest event down (of equal ones the earlier first), each that is still free is a
    mainshock and takes all smaller events within its `sequence_windows`, before and after it alike.
    A smaller event that was taken takes none itself.

    Parameters
    ----------
    events : pandas.DataFrame
        Columns ``time latitude longitude magnitude``. What is not listed can take no event, so that
        a list cut at a distance or magnitude has a few mainshocks too many.

    Returns
    -------
    numpy.ndarray of bool, shape (events,)
    """
    number = len(events)
    days = (events["time"] - pd.Timestamp("1900-01-01")) / pd.Timedelta(days=1)
    t, m = days.to_numpy(), events["magnitude"].to_numpy(dtype=float)
    latitude, longitude = events["latitude"].to_numpy(), events["longitude"].to_numpy()
    reach, span = sequence_windows(m)
    free, main = np.ones(number, dtype=bool), np.zeros(number, dtype=bool)
    for i in np.lexsort((t, -m)):
        if not free[i]:
            continue
        main[i], free[i] = True, False
        near = np.flatnonzero(
            free
            & (np.abs(t - t[i]) <= span[i])
            # No event farther off in latitude alone is within reach; distances take time.
            & (np.abs(latitude - latitude[i]) * _DEGREE_KM <= reach[i])
        )
        distance = geodesic_distance_km(latitude[i], longitude[i], latitude[near], longitude[near])
        free[near[distance <= reach[i]]] = False
    return main
