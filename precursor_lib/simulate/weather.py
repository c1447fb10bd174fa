"""Air pressure, temperature and rain of a network, as records of strain need them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from precursor_lib.simulate.continuous import DAY, Axis, Truth
from precursor_lib.simulate.events import log_uniform
from precursor_lib.simulate.signals import red_noise
from precursor_lib.simulate.strain_settings import Annual, Pressure, Rain

YEAR = 365.25 * DAY
# Hours of local solar time at which the atmosphere's S1 and S2 are greatest.
_S1_HOUR, _S2_HOUR = 6.0, 9.7
# Band in which the weather's rms is stated: from ten days to one.
_BAND = (0.1 / DAY, 1.0 / DAY)
# Days of the year on which temperature and rain are greatest.
_WARMEST, _WETTEST = 200.0, 200.0
# Afternoon hour of the highest temperature, local solar time.
_WARM_HOUR = 15.0


def year_angle(axis: Axis, day: float) -> np.ndarray:
    """Phase in rad of the year that is 0 on a day of it."""
    first = axis.start.day_of_year - 1 + (axis.start - axis.start.normalize()).total_seconds() / DAY
    return 2 * np.pi * ((first - day) * DAY + axis.seconds) / YEAR


def solar_hours(axis: Axis, longitude: float) -> np.ndarray:
    """Local mean solar time in hours (not folded into a day)."""
    midnight = (axis.start - axis.start.normalize()).total_seconds()
    return (midnight + axis.seconds) / 3600.0 + longitude / 15.0


def weather_noise(
    axis: Axis, part: str, slope: float, stations: pd.DataFrame, coherent: float
) -> np.ndarray:
    """Red noise of unit rms from one to ten days, shape (station, time)."""
    noise = red_noise(axis.samples, axis.rate, slope, _BAND, _BAND[0], axis.streams(part, stations))
    own = noise[1:]
    own *= np.sqrt(1.0 - coherent)
    own += np.sqrt(coherent) * noise[0]
    return own


def pressure(settings: Pressure, axis: Axis, stations: pd.DataFrame) -> np.ndarray:
    """Air pressure in hPa, shape (station, time)."""
    out = weather_noise(axis, "pressure", settings.slope, stations, settings.coherent)
    out *= settings.rms
    winter = -settings.winter * np.cos(year_angle(axis, _WARMEST))
    for row, station in zip(out, stations.itertuples(), strict=True):
        angle = 2 * np.pi / 24.0 * solar_hours(axis, station.longitude)
        fall = np.cos(np.radians(station.latitude)) ** 3
        row += settings.diurnal * fall * np.cos(angle - 2 * np.pi * _S1_HOUR / 24)
        row += settings.semidiurnal * fall * np.cos(2 * angle - 4 * np.pi * _S2_HOUR / 24)
        row += settings.mean + np.sign(station.latitude) * winter
    return out


def temperature(settings: Annual, axis: Axis, stations: pd.DataFrame) -> np.ndarray:
    """Air temperature in degC, shape (station, time)."""
    out = weather_noise(axis, "temperature", 2.5, stations, 0.8)
    out *= settings.weather
    year = np.cos(year_angle(axis, _WARMEST))
    for row, station in zip(out, stations.itertuples(), strict=True):
        hour = solar_hours(axis, station.longitude) - _WARM_HOUR
        row += settings.noon * np.cos(2 * np.pi / 24.0 * hour)
        row += settings.temperature + np.sign(station.latitude) * settings.summer * year
    return out


def rain(settings: Rain, axis: Axis, stations: pd.DataFrame, truth: Truth) -> np.ndarray:
    """Rain in mm in the step that ends with the sample, shape (station, time).

    Storms are a Poisson process whose rate follows the year; the rain of one falls as
    ``1 - cos(2 pi x)`` over its duration, so that its depth is kept exactly.
    """
    rng = axis.stream("rain")
    most = settings.rate * (1 + settings.season)
    # A storm that begun before the record reaches into it.
    reach = settings.duration[1]
    count = rng.poisson(most * (axis.length + reach) / DAY)
    start = np.sort(rng.uniform(-reach, axis.length, count))
    angle = year_angle(axis, _WETTEST)[0] + 2 * np.pi * start / YEAR
    keep = rng.uniform(0.0, most, count) < settings.rate * (1 + settings.season * np.cos(angle))
    duration = log_uniform(rng, settings.duration, count)
    start, duration = start[keep], duration[keep]
    out = np.zeros((len(stations), axis.samples))
    for row, name in zip(out, stations.index, strict=True):
        own = axis.stream("rain", name)
        reached = own.random(start.size) < settings.reach
        depth = settings.depth * own.exponential(size=start.size)
        for begin, length, size in zip(
            start[reached], duration[reached], depth[reached], strict=True
        ):
            _pour(row, axis, begin, length, size)
        seen = reached & (start + duration > 0)
        truth.add(
            "rain",
            name,
            start[seen],
            (start + duration)[seen],
            amplitude=depth[seen],
            event=np.flatnonzero(seen),
        )
    return out


def _pour(row: np.ndarray, axis: Axis, begin: float, length: float, depth: float) -> None:
    first = max(0, int(np.ceil(begin * axis.rate)))
    last = min(axis.samples, int(np.ceil((begin + length) * axis.rate)) + 1)
    if first >= last:
        return
    x = np.clip((np.arange(first - 1, last) * axis.step - begin) / length, 0.0, 1.0)
    row[first:last] += np.diff(depth * (x - np.sin(2 * np.pi * x) / (2 * np.pi)))


def rain_load(settings: Rain, axis: Axis, fallen: np.ndarray) -> np.ndarray:
    """Water in mm that loads the ground: each rain drains away exponentially."""
    keep = np.exp(-axis.step / (settings.decay * DAY))
    return np.asarray(lfilter([1.0], [1.0, -keep], fallen))
