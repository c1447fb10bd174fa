"""The parts of simulated total electron content: its changes, and what the receiver adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.errors import InputError
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate import tec_settings as tec
from precursor_lib.simulate.signals import red_network
from precursor_lib.times import utc

_EARTH_KM = 6371.0


def day_to_day(
    v: tec.Variability,
    table: pd.DataFrame,
    samples: int,
    hours: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Two first-order autoregressive processes, correlated over distance, (time, station)."""
    lat, lon = (table[name].to_numpy(dtype=float) for name in ("latitude", "longitude"))
    distance = geodesic_distance_km(lat[:, None], lon[:, None], lat, lon)
    alike = np.exp(-distance / v.reach)
    total = np.zeros((samples, lat.size))
    for size, memory in ((v.slow, v.slow_hours), (v.fast, v.fast_hours)):
        total += size * red_network(alike, memory / hours, samples, rng)
    return total


def storm_response(
    s: tec.IonosphericStorms,
    index: Mapping[str, np.ndarray],
    lat: np.ndarray,
    lon: np.ndarray,
    times: pd.DatetimeIndex,
    hours: float,
) -> np.ndarray:
    """Positive and negative phase, (time, station)."""
    gain = _memory(np.maximum(index["Kp"] - 3.0, 0.0), s.gain_hours, hours)
    late = round(s.delay / hours)
    ring = np.concatenate([np.zeros(late), np.maximum(-index["Dst"] - 30.0, 0.0)])[: times.size]
    loss = _memory(ring / 100.0, s.memory, hours)
    clock = np.asarray((times - times.normalize()) / pd.Timedelta("1h"), dtype=float)
    local = clock[:, None] + lon / 15.0
    daylight = np.maximum(np.cos(2 * np.pi * (local - 13.0) / 24.0), 0.0)
    slope = np.sin(np.radians(np.abs(lat))) / np.sin(np.radians(40.0))
    return s.gain * gain[:, None] * daylight - s.loss * loss[:, None] * slope


def _memory(values: np.ndarray, memory: float, hours: float) -> np.ndarray:
    """Exponentially fading mean of a driver."""
    kept = np.exp(-hours / memory)
    return lfilter([1 - kept], [1.0, -kept], values)


def travelling_waves(
    w: tec.Travelling,
    lat: np.ndarray,
    lon: np.ndarray,
    times: pd.DatetimeIndex,
    rng: np.random.Generator,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Plane wave packets as changes of the logarithm, (time, station), and their table."""
    seconds = np.asarray((times - times[0]) / pd.Timedelta("1s"), dtype=float)
    step = seconds[1] - seconds[0]
    number = int(rng.poisson(w.rate * (seconds[-1] + step) / 86400.0))
    centre = rng.uniform(0.0, seconds[-1] + step, number)
    period = 60.0 * np.exp(rng.uniform(np.log(w.period[0]), np.log(w.period[1]), number))
    speed = rng.uniform(*w.speed, number) / 1000.0
    azimuth = rng.uniform(0.0, 2 * np.pi, number)
    phase = rng.uniform(0.0, 2 * np.pi, number)
    size = w.size * np.exp(w.scatter * rng.standard_normal(number))
    north = np.radians(lat - lat.mean()) * _EARTH_KM
    east = np.radians(lon - lon.mean()) * _EARTH_KM * np.cos(np.radians(lat.mean()))
    total = np.zeros((times.size, lat.size))
    entries = []
    for k in range(number):
        arrival = (north * np.cos(azimuth[k]) + east * np.sin(azimuth[k])) / speed[k]
        width = w.cycles * period[k] / 2
        first = np.searchsorted(seconds, centre[k] + arrival.min() - 3 * width)
        last = np.searchsorted(seconds, centre[k] + arrival.max() + 3 * width)
        since = seconds[first:last, None] - centre[k] - arrival
        packet = np.exp(-((since / width) ** 2)) * np.cos(2 * np.pi * since / period[k] + phase[k])
        total[first:last] += size[k] * packet
        moment = times[0] + pd.Timedelta(seconds=float(centre[k]))
        entries.append(
            {
                "kind": "travelling",
                "station": "",
                "time": str(moment - pd.Timedelta(seconds=float(width))),
                "end": str(moment + pd.Timedelta(seconds=float(width))),
                "amplitude": float(size[k]),
                "period": float(period[k]),
            }
        )
    return total, entries


def placed_anomaly(
    a: tec.Anomaly,
    number: int,
    table: pd.DataFrame,
    centre: parts.Epicentre | None,
    times: pd.DatetimeIndex,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """One anomaly, (time, station) in TECU, and its entries in the truth."""
    begin = utc(a.time, f"anomalies[{number}].time")
    finish = begin + pd.Timedelta(hours=a.hours)
    if begin < times[0] or finish > times[-1]:
        raise InputError(
            f"anomalies[{number}]: {begin} to {finish} is not within {times[0]} to {times[-1]}"
        )
    place: Any = a if a.latitude is not None else centre
    if place is None:
        raise InputError(f"anomalies[{number}]: expected a place, or an epicentre")
    away = geodesic_distance_km(
        table["latitude"], table["longitude"], place.latitude, place.longitude
    )
    peak = a.size * np.exp(-((away / a.radius) ** 2))
    share = np.asarray((times - begin) / (finish - begin), dtype=float)
    course = np.where((share >= 0) & (share <= 1), np.sin(np.pi * share) ** 2, 0.0)
    entries = [
        {
            "kind": "anomaly",
            "station": str(name),
            "time": str(begin),
            "end": str(finish),
            "amplitude": float(value),
            "number": number,
        }
        for name, value in zip(table.index, peak, strict=True)
    ]
    return course[:, None] * peak, entries


def receiver_errors(
    r: tec.Receiver,
    values: np.ndarray,
    times: pd.DatetimeIndex,
    names: pd.Index,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Add biases, noise and outliers in place."""
    values += r.bias * rng.standard_normal(len(names))
    values += r.noise * rng.standard_normal(values.shape)
    years = (times[-1] - times[0]) / pd.Timedelta(days=365.25)
    entries = []
    for s, name in enumerate(names):
        number = int(rng.poisson(r.outliers * years))
        for row in np.sort(rng.choice(times.size, min(number, times.size), replace=False)):
            size = float(rng.uniform(*r.outlier) * rng.choice((-1.0, 1.0)))
            values[row, s] += size
            moment = str(times[row])
            entries.append(
                {
                    "kind": "outlier",
                    "station": str(name),
                    "time": moment,
                    "end": moment,
                    "amplitude": size,
                }
            )
    return entries


def cut_gaps(
    g: tec.TecGaps,
    values: np.ndarray,
    times: pd.DatetimeIndex,
    names: pd.Index,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Set gaps in place."""
    hour = pd.Timedelta("1h") / (times[1] - times[0])
    years = times.size / hour / 24 / 365.25
    entries = []
    for s, name in enumerate(names):
        for first in np.sort(rng.integers(0, times.size, int(rng.poisson(g.rate * years)))):
            length = max(
                1, round(float(np.exp(rng.uniform(np.log(g.hours[0]), np.log(g.hours[1])))) * hour)
            )
            last = min(int(first) + length, times.size)
            values[first:last, s] = np.nan
            entries.append(
                {
                    "kind": "gap",
                    "station": str(name),
                    "time": str(times[first]),
                    "end": str(times[last - 1]),
                    "amplitude": float("nan"),
                }
            )
    return entries
