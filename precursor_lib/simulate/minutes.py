"""One station's vertical field at one-minute sampling, over months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from scipy.interpolate import PchipInterpolator

from precursor_lib.errors import InputError
from precursor_lib.simulate import background as field
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate.space_weather import real_kp, real_rc
from precursor_lib.simulate.strain_settings import MinuteBackground
from precursor_lib.times import utc

RATE = 1.0 / 60.0
# The share changes which draws one station takes, so that it stays what it was at first.
_BACKGROUND = MinuteBackground(coherent=0.6)
_DAY_TO_DAY = 0.3


def station_minutes(
    *,
    seed: int,
    start: str,
    end: str,
    station: str,
    latitude: float,
    longitude: float,
    level: float = 46000.0,
    quiet: float = 30.0,
    noise: float = 0.1,
    digits: int = 1,
) -> xr.Dataset:
    """Simulate the downward field Z of one observatory, minute by minute, without gaps.

    It is the sum of a constant, the solar quiet variation with a size that changes from day to day
    (lognormal, 30 %) and with the season, the ring current's field from the real RC of those days,
    red noise at the level of the real Kp, and white noise of the instrument.

    Parameters
    ----------
    seed : int
        0 or more.
    start, end : str
        First sample, and end (left out), UTC.
    station : str
        Code of the station.
    latitude, longitude : float
        Degrees.
    level : float
        Constant part, nT.
    quiet : float
        Size of the quiet variation at the latitude where it is greatest, nT.
    noise : float
        Standard deviation of the instrument's noise, nT.
    digits : int
        Decimals to which the field is rounded.

    Returns
    -------
    xarray.Dataset
        ``Z`` (time, station) in nT.

    Raises
    ------
    InputError
        If a setting is out of range, or an index does not cover the time.
    """
    parts.whole_seed(seed)
    first, last = utc(start, "start"), utc(end, "end")
    if not first < last:
        raise InputError(f"end {end}: expected after start {start}")
    times = pd.date_range(first, last, freq="min", inclusive="left")
    seconds = field.seconds_since(times, first)
    where = np.array([latitude], dtype=float), np.array([longitude], dtype=float)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(4)]
    kp = field.kp_at(field.cut(real_kp(), first, last, "kp"), first, seconds)
    rc = field.cut(real_rc(), first, last, "rc")
    z = np.full((1, times.size), level)
    z += field.storm(parts.Storms(), rc, *where, first, seconds)
    z += field.red_background(_BACKGROUND, kp, RATE, streams[:2])
    pattern = field.sq(parts.Quiet(amplitude=quiet, season=0.0), *where, first, seconds)
    z += pattern * size_of_days(times, float(latitude), streams[2])
    z += noise * streams[3].standard_normal(times.size)
    return xr.Dataset(
        {"Z": (("time", "station"), z.T.round(digits), {"units": "nT"})},
        coords={
            "time": times.to_numpy().astype("datetime64[ns]"),
            "station": [station],
            "latitude": ("station", where[0]),
            "longitude": ("station", where[1]),
        },
        attrs={"origin": "simulated", "seed": seed, "report": [f"simulated from seed {seed}"]},
    )


def size_of_days(times: pd.DatetimeIndex, latitude: float, rng: np.random.Generator) -> np.ndarray:
    """Factor of the quiet variation: from day to day, smooth between noons, and by the season."""
    noons = pd.date_range(
        times[0].normalize() - pd.Timedelta("36h"), times[-1] + pd.Timedelta("36h"), freq="D"
    )
    factor = np.exp(_DAY_TO_DAY * rng.standard_normal(noons.size) - _DAY_TO_DAY**2 / 2)
    day = np.asarray(noons.day_of_year, dtype=float)
    season = parts.Quiet().season * np.sign(latitude) * np.cos(2 * np.pi * (day - 172) / 365.25)
    position = np.asarray((noons - times[0]) / pd.Timedelta(minutes=1), dtype=float)
    return PchipInterpolator(position, factor * (1.0 + season))(np.arange(times.size))
