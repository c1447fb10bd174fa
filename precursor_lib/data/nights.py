"""Cutting a record into nights: the same window of every day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.data.geomagnetic import read_geomagnetic
from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError, unknown

SECONDS_A_DAY = 86400.0


@dataclass(frozen=True)
class Window:
    """Which part of each day is a night.

    Attributes
    ----------
    start_hour : float
        Hours after 0:00 UTC at which a night starts, 0 up to 24.
    duration : float
        Length in s, at most a day.
    """

    start_hour: float
    duration: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_hour < 24:
            raise InputError(f"start_hour: expected 0 up to 24, got {self.start_hour}")
        if not 0 < self.duration <= SECONDS_A_DAY:
            raise InputError(f"duration: expected up to {SECONDS_A_DAY:g} s, got {self.duration}")

    def starts(self, first: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
        """Starts of the nights that lie wholly between `first` and `end` (UTC, left out)."""
        days = pd.date_range(first.normalize() - pd.Timedelta(days=1), end.normalize(), freq="D")
        starts = days + pd.Timedelta(hours=self.start_hour)
        length = pd.Timedelta(seconds=self.duration)
        return pd.DatetimeIndex(starts[(starts >= first) & (starts + length <= end)])


def as_nightly(
    data: xr.Dataset,
    start_hour: float,
    duration: float,
    *,
    component: str = "Z",
    epicentre: Mapping[str, float] | None = None,
) -> NightlyNetwork:
    """Cut a record in memory into nights.

    Parameters
    ----------
    data : xarray.Dataset
        Variable `component` ``(time, station)`` on a regular time axis (UTC).
    start_hour : float
        Hours after 0:00 UTC at which a night starts.
    duration : float
        Length of a night in s.
    component : str
        The variable to take.
    epicentre : mapping, optional
        ``latitude`` and ``longitude`` (degrees) from which the stations' distances are measured;
        without it they are NaN, or the coordinate ``distance`` that the record has.

    Returns
    -------
    NightlyNetwork
        The nights that the record covers wholly; its ``attrs`` are the record's, and
        ``attrs["report"]`` says how many days were left out at the ends.

    Raises
    ------
    InputError
        If the variable is missing, the time axis is not regular, or no night fits.
    """
    if component not in data.data_vars:
        raise InputError(unknown("component", component, map(str, data.data_vars)))
    times = data["time"].to_numpy().astype("datetime64[ns]")
    steps = np.unique(np.diff(times))
    if steps.size != 1 or steps[0] <= np.timedelta64(0, "ns"):
        raise InputError("time: expected at least two samples in regular, ascending steps")
    end = pd.Timestamp(times[-1] + steps[0])
    nights = Window(start_hour, duration).starts(pd.Timestamp(times[0]), end)
    rate = float(np.timedelta64(1, "s") / steps[0])
    if not len(nights):
        raise InputError(
            f"no night of {duration:g} s from {start_hour:g} h UTC lies within the record, "
            f"{pd.Timestamp(times[0])} to {end}"
        )
    offset = (nights[0].to_numpy() - times[0]) % steps[0]
    if offset:
        raise InputError(f"start_hour: {start_hour} h lies between two samples")
    stations = station_frame(data, epicentre)
    covered = len(pd.date_range(times[0].astype("datetime64[D]"), times[-1], freq="D"))
    report = list(data.attrs.get("report", []))
    report.append(f"{len(nights)} nights cut from a record that touches {covered} days")
    samples = round(duration * rate)
    kept = data[[component]].assign_coords(distance=("station", stations["distance"].to_numpy()))
    return NightlyNetwork(
        stations=stations,
        nights=nights,
        duration=duration,
        rate=rate,
        component=component,
        load=partial(_slice, kept, nights, samples),
        attrs={**data.attrs, "report": report},
    )


def read_nights(
    paths: Sequence[Path],
    start_hour: float,
    duration: float,
    component: str = "Z",
    stations: Sequence[str] | None = None,
    epicentre: Mapping[str, float] | None = None,
    start: str | None = None,
    end: str | None = None,
) -> NightlyNetwork:
    """Read observatory files and cut them into nights.

    Parameters
    ----------
    paths, component, stations, start, end
        See `precursor_lib.data.geomagnetic.read_geomagnetic`.
    start_hour, duration, epicentre
        See `as_nightly`.

    Raises
    ------
    InputError
        As these two do.
    """
    data = read_geomagnetic(paths, component, stations, start, end)
    return as_nightly(data, start_hour, duration, component=component, epicentre=epicentre)


def _slice(data: xr.Dataset, nights: pd.DatetimeIndex, samples: int, index: int) -> xr.Dataset:
    first = int(np.searchsorted(data["time"].to_numpy(), nights[index].to_numpy()))
    return data.isel(time=slice(first, first + samples)).copy(deep=True)


def station_frame(data: xr.Dataset, epicentre: Mapping[str, float] | None) -> pd.DataFrame:
    """Coordinates and distances (km) of a dataset's stations, as a `NightlyNetwork` holds them."""
    names = pd.Index(data["station"].to_numpy(), name="station")
    frame = pd.DataFrame(
        {name: np.asarray(data[name], dtype=float) for name in ("latitude", "longitude")},
        index=names,
    )
    if epicentre is not None:
        frame["distance"] = distances(frame, epicentre)
    elif "distance" in data.coords:
        frame["distance"] = np.asarray(data["distance"], dtype=float)
    else:
        frame["distance"] = np.nan
    return frame


def distances(stations: pd.DataFrame, epicentre: Mapping[str, float]) -> np.ndarray:
    """Distances of stations from an epicentre in km, along the WGS84 ellipsoid.

    Raises
    ------
    InputError
        If the epicentre has no ``latitude`` or ``longitude``.
    """
    for key in ("latitude", "longitude"):
        if key not in epicentre:
            raise InputError(
                f"epicentre: expected 'latitude' and 'longitude', got {list(epicentre)}"
            )
    return geodesic_distance_km(
        stations["latitude"], stations["longitude"], epicentre["latitude"], epicentre["longitude"]
    )
