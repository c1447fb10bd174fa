"""Vertical total electron content at a network of receivers, with anomalies of known truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.context.ionosphere import iri_tec
from precursor_lib.context.space_weather import index_at
from precursor_lib.errors import InputError
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate import tec_settings as tec
from precursor_lib.simulate.settings import DEFAULTS
from precursor_lib.simulate.space_weather import real_activity, real_rc
from precursor_lib.simulate.tec_parts import (
    cut_gaps,
    day_to_day,
    placed_anomaly,
    receiver_errors,
    storm_response,
    travelling_waves,
)
from precursor_lib.times import utc

Part = Mapping[str, Any] | None
_STREAMS = ("variability", "travelling", "receiver", "gaps")


def tec_network(
    *,
    seed: int,
    stations: Sequence[Mapping[str, Any]],
    start: str,
    end: str,
    step: str = "15min",
    epicentre: Mapping[str, Any] | None = None,
    anomalies: Sequence[Mapping[str, Any]] | None = None,
    climate: Mapping[str, Any] = DEFAULTS,
    variability: Part = DEFAULTS,
    storms: Part = DEFAULTS,
    travelling: Part = DEFAULTS,
    receiver: Part = DEFAULTS,
    gaps: Part = DEFAULTS,
) -> xr.Dataset:
    """Simulate vertical TEC: PyIRI's regular course under the real F10.7, and its disturbances.

    Every part takes a mapping of the settings in `precursor_lib.simulate.tec_settings`: ``{}`` is
    its default, ``None`` leaves it out. Kp, ap, F10.7 and RC are the real ones of those days. Each
    part has its own stream of random numbers, so that no part changes another.

    Parameters
    ----------
    seed : int
        0 or more.
    stations : sequence of mappings
        ``id name latitude longitude`` in degrees.
    start, end : str
        First sample, and end (left out), UTC.
    step : str
        Sampling interval, one hour at most; divides an hour.
    epicentre : mapping, optional
        ``latitude longitude time``: for the stations' distances and the anomalies' centre.
    anomalies : sequence of mappings, optional
        See `tec_settings.Anomaly`.
    climate : mapping
        Regular course.
    variability, storms, travelling, receiver, gaps : mapping or None
        These parts.

    Returns
    -------
    xarray.Dataset
        ``VTEC`` (time, station) in TECU, 0 where it would be less, and along time ``Kp``, ``ap``,
        ``Dst`` (nT; the index RC, without a fit) and ``F107`` of the interval that each time lies
        in. ``attrs["truth"]`` lists each anomaly at each station with its peak there, each packet,
        outlier and gap.

    Raises
    ------
    InputError
        If a setting is unknown or out of range, a station stands twice, an anomaly lies outside
        the record, or an index does not cover it.
    """
    parts.whole_seed(seed)
    times = _times(start, end, step)
    centre = parts.configure(parts.Epicentre, epicentre, "epicentre")
    table = _stations(stations, centre)
    chosen: dict[str, Any] = {
        "climate": parts.require(tec.Climate, climate, "climate"),
        "variability": parts.configure(tec.Variability, variability, "variability"),
        "storms": parts.configure(tec.IonosphericStorms, storms, "storms"),
        "travelling": parts.configure(tec.Travelling, travelling, "travelling"),
        "receiver": parts.configure(tec.Receiver, receiver, "receiver"),
        "gaps": parts.configure(tec.TecGaps, gaps, "gaps"),
    }
    placed = [
        parts.require(tec.Anomaly, a, f"anomalies[{i}]") for i, a in enumerate(anomalies or ())
    ]
    spawned = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    streams = {n: np.random.default_rng(s) for n, s in zip(_STREAMS, spawned, strict=True)}
    index, smooth = _indices(times)
    lat, lon = (table[name].to_numpy(dtype=float) for name in ("latitude", "longitude"))
    regular = chosen["climate"].level + chosen["climate"].scale * iri_tec(lat, lon, times, smooth)
    hours = float((times[1] - times[0]) / pd.Timedelta("1h"))
    change = np.zeros(regular.shape)
    if chosen["variability"] is not None:
        change += day_to_day(
            chosen["variability"], table, times.size, hours, streams["variability"]
        )
    if chosen["storms"] is not None:
        change += storm_response(chosen["storms"], index, lat, lon, times, hours)
    truth: list[dict[str, Any]] = []
    if chosen["travelling"] is not None:
        waves, packets = travelling_waves(
            chosen["travelling"], lat, lon, times, streams["travelling"]
        )
        change += waves
        truth += packets
    values = regular * np.exp(change)
    for number, anomaly in enumerate(placed):
        shape, entries = placed_anomaly(anomaly, number, table, centre, times)
        values += shape
        truth += entries
    if chosen["receiver"] is not None:
        truth += receiver_errors(
            chosen["receiver"], values, times, table.index, streams["receiver"]
        )
    values = np.maximum(values, 0.0).round(2)
    if chosen["gaps"] is not None:
        truth += cut_gaps(chosen["gaps"], values, times, table.index, streams["gaps"])
    kept = {name: None if part is None else part.model_dump() for name, part in chosen.items()}
    kept |= {"anomalies": [a.model_dump() for a in placed]}
    kept |= {"epicentre": None if centre is None else centre.model_dump(), "step": step}
    return _dataset(values, index, times, table, seed, kept, truth)


def _times(start: str, end: str, step: str) -> pd.DatetimeIndex:
    first, last = utc(start, "start"), utc(end, "end")
    try:
        interval = pd.Timedelta(step)
    except ValueError as error:
        raise InputError(f"step {step!r}: expected an interval such as 15min") from error
    hour = pd.Timedelta("1h")
    if not pd.Timedelta(0) < interval <= hour or hour % interval:
        raise InputError(f"step {step!r}: expected an interval that divides an hour")
    times = pd.date_range(first, last, freq=interval, inclusive="left", unit="ns")
    if len(times) < 2:
        raise InputError(f"end {end}: expected two steps or more after start {start}")
    return times


def _stations(given: Sequence[Mapping[str, Any]], centre: parts.Epicentre | None) -> pd.DataFrame:
    rows = [parts.require(parts.Station, s, f"stations[{i}]") for i, s in enumerate(given)]
    if not rows:
        raise InputError("stations: expected at least one")
    table = pd.DataFrame([r.model_dump() for r in rows]).set_index("id")
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise InputError(f"stations: '{twice[0]}' stands twice")
    if centre is not None:
        table["distance"] = geodesic_distance_km(
            table["latitude"], table["longitude"], centre.latitude, centre.longitude
        )
    return table


def _indices(times: pd.DatetimeIndex) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Indices of each time's interval, and F10.7 smoothed for the climate.

    IRI is driven by the mean of the day's flux and that of 81 days about it (Richards et al. 1994,
    Journal of Geophysical Research 99, 8981).
    """
    data = real_activity()
    flux = data["F107"].to_series()
    driver = (flux + flux.rolling(81, center=True, min_periods=41).mean()) / 2
    found = {
        "Kp": index_at(times, data["Kp"].to_series(), "3h"),
        "ap": index_at(times, data["ap"].to_series(), "3h"),
        "Dst": index_at(times, real_rc(), "1h"),
        "F107": index_at(times, flux, "1D"),
    }
    smooth = index_at(times, driver, "1D")
    for name, values in [*found.items(), ("F107", smooth)]:
        if np.isnan(values).any():
            raise InputError(f"{name}: no value for {times[int(np.isnan(values).argmax())]}")
    return found, smooth


def _dataset(
    values: np.ndarray,
    index: Mapping[str, np.ndarray],
    times: pd.DatetimeIndex,
    table: pd.DataFrame,
    seed: int,
    kept: dict[str, Any],
    truth: list[dict[str, Any]],
) -> xr.Dataset:
    units = {"Kp": "1", "ap": "2 nT", "Dst": "nT", "F107": "1e-22 W m-2 Hz-1"}
    data = xr.Dataset(
        {"VTEC": (("time", "station"), values, {"units": "TECU"})}
        | {name: ("time", index[name], {"units": unit}) for name, unit in units.items()},
        coords={
            "time": times.to_numpy().astype("datetime64[ns]"),
            "station": [str(name) for name in table.index],
            "latitude": ("station", table["latitude"].to_numpy(dtype=float)),
            "longitude": ("station", table["longitude"].to_numpy(dtype=float)),
            "name": ("station", table["name"].astype(str).to_numpy()),
        },
    )
    if kept["epicentre"] is not None:
        data = data.assign_coords(distance=("station", table["distance"].to_numpy(dtype=float)))
    missing = int(np.isnan(values).sum())
    data.attrs = {
        "origin": "simulated",
        "seed": seed,
        "settings": kept,
        "truth": truth,
        "report": [
            f"simulated from seed {seed}; the truth table lists every anomaly",
            "Dst: the index RC in its place, without a fit",
            f"VTEC: {missing} of {values.size} values missing",
        ],
    }
    return data
