"""Daily fields of outgoing longwave radiation (OLR) over years, with anomalies of known truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.errors import InputError
from precursor_lib.simulate import olr_settings as own
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate.settings import DEFAULTS
from precursor_lib.simulate.signals import red_network
from precursor_lib.times import utc

Part = Mapping[str, Any] | None
_STREAMS = ("weather", "clouds", "slow", "instrument", "gaps")
YEAR = 365.2425


def olr_fields(
    *,
    seed: int,
    start: str,
    end: str,
    region: Mapping[str, Any] = DEFAULTS,
    pixel: float = 2.5,
    climate: Mapping[str, Any] = DEFAULTS,
    weather: Part = DEFAULTS,
    clouds: Part = DEFAULTS,
    slow: Part = DEFAULTS,
    noise: float = 1.5,
    missing: float = 0.01,
    anomalies: Sequence[Mapping[str, Any]] | None = None,
) -> xr.Dataset:
    """Simulate daily OLR on a grid, by default 2.5 degrees around Xinjiang.

    Every part takes a mapping of the settings of its class in `olr_settings`: ``{}`` is its
    default, ``None`` leaves it out. Each part has its own stream of random numbers, so that none
    changes another.

    Parameters
    ----------
    seed : int
        0 or more.
    start, end : str
        First day, and end (left out), UTC.
    region : mapping
        `Region`.
    pixel : float
        Degrees between pixels.
    climate : mapping
        `OlrClimate`.
    weather, clouds, slow : mapping or None
        `Weather`, `Clouds`, `Slow`.
    noise : float
        Standard deviation of the instrument's noise, W m-2.
    missing : float
        Part of the days without any field.
    anomalies : sequence of mappings, optional
        `OlrAnomaly`.

    Returns
    -------
    xarray.Dataset
        ``OLR`` (time, latitude, longitude) in W m-2, with ascending coordinates, missing days NaN.
        ``attrs["truth"]`` lists the anomalies.

    Raises
    ------
    InputError
        If a setting is unknown or out of range, or an anomaly lies outside the days.
    """
    parts.whole_seed(seed)
    days = _days(start, end)
    latitude, longitude = _axes(parts.require(own.Region, region, "region"), pixel)
    for name, value in (("noise", noise), ("missing", missing)):
        if not (np.isfinite(value) and value >= 0 and (name == "noise" or value < 1)):
            raise InputError(f"{name} {value}: expected 0 or more, and below 1 for missing")
    chosen: dict[str, Any] = {
        "climate": parts.require(own.OlrClimate, climate, "climate"),
        "weather": parts.configure(own.Weather, weather, "weather"),
        "clouds": parts.configure(own.Clouds, clouds, "clouds"),
        "slow": parts.configure(own.Slow, slow, "slow"),
    }
    placed = [
        parts.require(own.OlrAnomaly, a, f"anomalies[{i}]") for i, a in enumerate(anomalies or ())
    ]
    spawned = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    streams = {n: np.random.default_rng(s) for n, s in zip(_STREAMS, spawned, strict=True)}
    distance = _distances(latitude, longitude)
    values = _regular(chosen["climate"], days, latitude, longitude)
    flat = values.reshape(days.size, -1)
    for name in ("weather", "slow"):
        field = chosen[name]
        if field is not None:
            alike = np.exp(-distance / field.reach)
            flat += field.size * red_network(alike, field.days, days.size, streams[name])
    if chosen["clouds"] is not None:
        cover = chosen["clouds"]
        unit = red_network(
            np.exp(-distance / cover.reach), cover.days, days.size, streams["clouds"]
        )
        flat -= cover.depth * np.maximum(unit - stats.norm.isf(cover.share), 0.0)
    truth = []
    for number, anomaly in enumerate(placed):
        change, entry = _anomaly(anomaly, number, days, latitude, longitude)
        values += change
        truth.append(entry)
    flat += noise * streams["instrument"].standard_normal(flat.shape)
    values[streams["gaps"].random(days.size) < missing] = np.nan
    kept = {name: None if part is None else part.model_dump() for name, part in chosen.items()}
    kept |= {"noise": noise, "missing": missing, "anomalies": [a.model_dump() for a in placed]}
    lost = int(np.isnan(values[:, 0, 0]).sum())
    return xr.Dataset(
        {"OLR": (("time", "latitude", "longitude"), values.round(2), {"units": "W m-2"})},
        coords={
            "time": days.to_numpy().astype("datetime64[ns]"),
            "latitude": ("latitude", latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", longitude, {"units": "degrees_east"}),
        },
        attrs={
            "origin": "simulated",
            "seed": seed,
            "settings": kept,
            "truth": truth,
            "report": [
                f"simulated from seed {seed}; attrs['truth'] lists every anomaly",
                f"OLR: {lost} of {days.size} days missing",
            ],
        },
    )


def _days(start: str, end: str) -> pd.DatetimeIndex:
    first, last = utc(start, "start"), utc(end, "end")
    if first != first.normalize() or last != last.normalize() or not first < last:
        raise InputError(f"start {start}, end {end}: expected two days, the earlier one first")
    return pd.date_range(first, last, freq="D", inclusive="left", unit="ns")


def _axes(box: own.Region, pixel: float) -> tuple[np.ndarray, np.ndarray]:
    axes = []
    for low, high, names in (
        (box.south, box.north, "south, north"),
        (box.west, box.east, "west, east"),
    ):
        steps = (high - low) / pixel if pixel > 0 else np.nan
        if not (steps >= 1 and abs(steps - round(steps)) < 1e-9):
            raise InputError(
                f"region: {names}: expected pixels of {pixel} degrees from {low} to {high}"
            )
        axes.append(low + pixel * np.arange(round(steps) + 1))
    return axes[0], axes[1]


def _distances(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Kilometres between all pixels; they depend on two latitudes and the step in longitude."""
    lat, lon = latitude.size, longitude.size
    away = geodesic_distance_km(
        latitude[:, None, None], 0.0, latitude[None, :, None], longitude - longitude[0]
    )
    step = np.abs(np.arange(lon)[:, None] - np.arange(lon))
    return away[:, :, step].transpose(0, 2, 1, 3).reshape(lat * lon, lat * lon)


def _regular(
    climate: own.OlrClimate, days: pd.DatetimeIndex, latitude: np.ndarray, longitude: np.ndarray
) -> np.ndarray:
    north = latitude - 45.0
    phase = 2 * np.pi * (np.asarray(days.day_of_year, dtype=float) - climate.peak) / YEAR
    season = (climate.season + climate.growth * north) * np.cos(phase)[:, None]
    course = climate.level + climate.slope * north + season
    return np.repeat(course[:, :, None], longitude.size, axis=2)


def _anomaly(
    a: own.OlrAnomaly,
    number: int,
    days: pd.DatetimeIndex,
    latitude: np.ndarray,
    longitude: np.ndarray,
) -> tuple[np.ndarray, dict[str, Any]]:
    first = utc(a.day, f"anomalies[{number}].day").normalize()
    last = first + pd.Timedelta(days=a.days - 1)
    if first < days[0] or last > days[-1]:
        raise InputError(
            f"anomalies[{number}]: {first.date()} to {last.date()} is not within the days "
            f"{days[0].date()} to {days[-1].date()}"
        )
    away = geodesic_distance_km(latitude[:, None], longitude, a.latitude, a.longitude)
    place = a.size * np.exp(-((away / a.radius) ** 2))
    count = np.asarray((days - first) / pd.Timedelta(days=1), dtype=float)
    inside = (count >= 0) & (count < a.days)
    course = np.where(inside, np.sin(np.pi * (count + 0.5) / a.days) ** 2, 0.0)
    # With an even number of days none stands in the middle; the largest has the stated size.
    course /= course.max()
    entry = {
        "kind": "anomaly",
        "station": "",
        "time": str(first),
        "end": str(last + pd.Timedelta(days=1)),
        "amplitude": float(a.size),
        "radius": float(a.radius),
        "latitude": float(a.latitude),
        "longitude": float(a.longitude),
    }
    return course[:, None, None] * place, entry
