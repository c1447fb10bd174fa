"""What a station's vertical field holds without any source: red noise, Sq and storms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator
from scipy.special import ive

from precursor_lib.errors import InputError
from precursor_lib.simulate.settings import Background, Quiet, Storms
from precursor_lib.simulate.signals import red_noise

# Geomagnetic dipole pole (IGRF-13 at 2020): degrees north and east.
POLE = (80.65, 287.3)

# Sq of Z: local hour of the extreme, sharpness of the daytime bump, latitude of greatest effect.
_SQ_HOUR, _SQ_SHARPNESS, _SQ_LATITUDE = 11.5, 3.0, 35.0

KP_STEP = pd.Timedelta(hours=3)


def seconds_since(index: pd.DatetimeIndex, start: pd.Timestamp) -> np.ndarray:
    """Seconds from `start` to each time of `index`."""
    return np.asarray((index - start) / pd.Timedelta(seconds=1), dtype=float)


def cut(series: pd.Series, start: pd.Timestamp, end: pd.Timestamp, name: str) -> pd.Series:
    """The part of an index from two values before `start` to two after `end`, without gaps.

    Raises
    ------
    InputError
        If the index does not cover the time or has gaps in it.
    """
    first = int(series.index.searchsorted(start)) - 2
    last = int(series.index.searchsorted(end, side="right")) + 2
    part = series.iloc[max(first, 0) : last]
    if first < 0 or last > len(series) or part.isna().any():
        raise InputError(
            f"{name}: expected values for all of {start} to {end}; the index runs from "
            f"{series.index[0]} to {series.index[-1]} and has {int(part.isna().sum())} gaps there"
        )
    return part


def kp_at(kp: pd.Series, start: pd.Timestamp, seconds: np.ndarray) -> np.ndarray:
    """Kp at times after `start`, linear between the middles of the three-hour intervals."""
    middle = seconds_since(pd.DatetimeIndex(kp.index), start) + KP_STEP.total_seconds() / 2
    return np.interp(seconds, middle, kp.to_numpy(dtype=float))


def red_background(
    settings: Background,
    kp: np.ndarray,
    rate: float,
    rngs: list[np.random.Generator],
) -> np.ndarray:
    """Red noise of a network at the level that Kp sets.

    Each series is ``q(Kp(t))`` times stationary noise of the quiet slope plus ``s(Kp(t))`` times
    independent noise of the storm's slope, both of unit rms in the band. ``q`` is the level up to
    `storm_kp` and stays there; ``q**2 + s**2`` is the square of the level. The noise of a station
    is ``sqrt(c)`` times the common one plus ``sqrt(1 - c)`` times its own.

    Parameters
    ----------
    settings : Background
    kp : array, shape (time,)
        Kp at each sample.
    rate : float
        Samples a second.
    rngs : list of numpy.random.Generator
        The first for the common noise, then one a station.

    Returns
    -------
    array, shape (station, time)
        In nT.
    """
    quiet = settings.level * 10.0 ** (settings.growth * np.minimum(kp, settings.storm_kp))
    storm = np.sqrt(
        np.maximum((settings.level * 10.0 ** (settings.growth * kp)) ** 2 - quiet**2, 0)
    )
    parts = [(quiet, settings.slope)]
    if storm.any():
        parts.append((storm, settings.storm_slope))
    total = np.zeros((len(rngs) - 1, kp.size))
    for level, slope in parts:
        noise = red_noise(kp.size, rate, slope, settings.band, settings.floor, rngs)
        own = np.sqrt(1.0 - settings.coherent) * noise[1:]
        own += np.sqrt(settings.coherent) * noise[0]
        total += level * own
    return total


def sq(
    settings: Quiet,
    latitude: np.ndarray,
    longitude: np.ndarray,
    start: pd.Timestamp,
    seconds: np.ndarray,
) -> np.ndarray:
    """Solar quiet variation of Z in a simple form.

    A daytime bump about 11:30 local solar time, ``exp(k (cos(h - h0) - 1))`` less its daily mean,
    which is smooth over the day and nearly flat at night. Its size is `amplitude` times
    ``sin(pi/2 * latitude / 35)`` out to 70 degrees, downward field weakening at noon in the north
    and strengthening in the south, and larger in local summer.

    Returns
    -------
    array, shape (station, time)
        In nT.
    """
    midnight = start.normalize()
    hour = ((start - midnight).total_seconds() + seconds) / 3600.0
    angle = 2 * np.pi / 24.0 * (hour[None, :] + longitude[:, None] / 15.0 - _SQ_HOUR)
    bump = np.exp(_SQ_SHARPNESS * (np.cos(angle) - 1.0)) - ive(0, _SQ_SHARPNESS)
    place = np.sin(np.pi / 2 * np.clip(latitude, -70.0, 70.0) / _SQ_LATITUDE)
    year = np.cos(2 * np.pi * (start.day_of_year - 172) / 365.25)
    size = settings.amplitude * (1.0 + settings.season * np.sign(latitude) * year)
    return -(size * place)[:, None] * bump


def dipole_latitude(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Geomagnetic (dipole) latitude in degrees."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    pole_lat, pole_lon = np.radians(POLE)
    sine = np.sin(lat) * np.sin(pole_lat) + np.cos(lat) * np.cos(pole_lat) * np.cos(lon - pole_lon)
    return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))


def storm(
    settings: Storms,
    rc: pd.Series,
    latitude: np.ndarray,
    longitude: np.ndarray,
    start: pd.Timestamp,
    seconds: np.ndarray,
) -> np.ndarray:
    """Field of the ring current in Z, from RC.

    With the external and the induced coefficient of degree one, e and i, and ``Q = i / e``, the
    horizontal field at dipole latitude m is ``(e + i) cos m = RC cos m`` and the downward one
    ``-(e - 2 i) sin m = -RC (1 - 2 Q) / (1 + Q) sin m``. RC, by the start of its hour, holds in the
    middle of it; between these it is taken by monotone cubic (PCHIP) interpolation, which adds no
    extremes.

    Returns
    -------
    array, shape (station, time)
        In nT.
    """
    q = settings.induction
    middle = seconds_since(pd.DatetimeIndex(rc.index), start) + 1800.0
    value = PchipInterpolator(middle, rc.to_numpy(dtype=float))
    response = -(1.0 - 2.0 * q) / (1.0 + q)
    place = np.sin(np.radians(dipole_latitude(latitude, longitude)))
    return response * place[:, None] * value(seconds)
