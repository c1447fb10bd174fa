"""What the International Reference Ionosphere gives for total electron content."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError

# Heights in km: finer steps change the integral by less than 0.05 TECU.
_HEIGHTS = np.concatenate([np.arange(80.0, 600.0, 20.0), np.arange(600.0, 2001.0, 100.0)])
_LEVELS = (60.0, 80.0, 110.0, 150.0, 200.0, 260.0)
_MONTHS = np.array([15.0 + 365.25 / 12 * m for m in range(12)])
_YEAR = 2016
TECU = 1e16
"""Electrons per square metre in one TEC unit."""


def iri_tec(
    latitude: ArrayLike, longitude: ArrayLike, times: ArrayLike, flux: ArrayLike
) -> np.ndarray:
    """Monthly median vertical TEC up to 2000 km by PyIRI, interpolated in season, hour and flux.

    The model (Forsythe et al. 2024, Space Weather) is evaluated at the middle of each month, for
    each hour and a few levels of F10.7, once for a set of places, and interpolated linearly
    between. The plasma above 2000 km is not part of it.

    Parameters
    ----------
    latitude, longitude : array_like, shape (stations,)
        Degrees.
    times : array_like of datetime64, shape (time,)
        UTC.
    flux : array_like, shape (time,) or ()
        F10.7 in 10^-22 W m^-2 Hz^-1, smoothed as the user wants it. Beyond 60 and 260 the value of
        the nearest of them holds.

    Returns
    -------
    numpy.ndarray, shape (time, station)
        TECU (10^16 m^-2).

    Raises
    ------
    InputError
        If shapes do not fit, a latitude is out of range, or a value is missing.
    """
    lat, lon = (np.atleast_1d(np.asarray(v, dtype=float)) for v in (latitude, longitude))
    if lat.shape != lon.shape or lat.ndim != 1 or not lat.size:
        raise InputError(f"latitude {lat.shape}, longitude {lon.shape}: expected one each a place")
    if not (np.isfinite(lon).all() and (np.abs(lat) <= 90).all()):
        raise InputError("latitude, longitude: expected degrees within range")
    moments = pd.DatetimeIndex(np.asarray(times))
    solar = np.broadcast_to(np.asarray(flux, dtype=float), (len(moments),))
    if moments.isna().any() or not np.isfinite(solar).all():
        raise InputError("times, flux: expected a value for each time, none missing")
    solar = np.clip(solar, _LEVELS[0], _LEVELS[-1])
    hour = (moments - moments.normalize()) / pd.Timedelta("1h")
    day = np.asarray(moments.day_of_year, dtype=float) - 1 + np.asarray(hour, dtype=float) / 24
    low_hour, part_hour = _cyclic(np.asarray(hour, dtype=float), 24)
    low_month, part_month = _cyclic((day - _MONTHS[0]) * 12 / 365.25, 12)
    rank = np.clip(np.searchsorted(_LEVELS, solar, side="right") - 1, 0, len(_LEVELS) - 2)
    places = tuple(map(float, lat)), tuple(map(float, lon))
    out = np.zeros((len(moments), lat.size))
    for level in np.unique(rank):
        here = rank == level
        lower, upper = _LEVELS[level], _LEVELS[level + 1]
        share = (solar[here] - lower) / (upper - lower)
        for value, weight in ((lower, 1 - share), (upper, share)):
            table = _table(*places, value)
            for m in (0, 1):
                season = np.where(m, part_month[here], 1 - part_month[here])
                for h in (0, 1):
                    daily = np.where(h, part_hour[here], 1 - part_hour[here])
                    rows = table[(low_month[here] + m) % 12, (low_hour[here] + h) % 24]
                    out[here] += (weight * season * daily)[:, None] * rows
    return out


def _cyclic(position: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray]:
    """Node below each position on a circle, and the share of the way to the next one."""
    low = np.floor(position)
    return low.astype(int) % period, position - low


@lru_cache(maxsize=64)
def _table(latitude: tuple[float, ...], longitude: tuple[float, ...], flux: float) -> np.ndarray:
    """TEC at the middle of each month, (month, hour, station)."""
    import PyIRI
    from PyIRI.main_library import IRI_density_1day

    place = np.array(latitude), np.array(longitude)
    table = np.empty((12, 24, len(latitude)))
    for month in range(1, 13):
        density = IRI_density_1day(
            _YEAR, month, 15, np.arange(24.0), place[1], place[0], _HEIGHTS, flux, PyIRI.coeff_dir
        )[-1]
        table[month - 1] = np.trapezoid(density, _HEIGHTS * 1e3, axis=1) / TECU
    table.setflags(write=False)
    return table
