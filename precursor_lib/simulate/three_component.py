"""Three components of one observatory, minute by minute, with packets before given earthquakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError
from precursor_lib.simulate import background as field
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate.events import log_uniform
from precursor_lib.simulate.minutes import RATE, size_of_days
from precursor_lib.simulate.settings import DEFAULTS, NotNegative, Positive, Range, Settings
from precursor_lib.simulate.signals import packet
from precursor_lib.simulate.space_weather import real_kp, real_rc
from precursor_lib.simulate.strain_settings import MinuteBackground
from precursor_lib.times import utc

COMPONENTS = ("X", "Y", "Z")
# Red noise of the north and east components relative to the vertical one's, whose size is that of
# `precursor_lib.simulate.minutes`; the three share a third of their variance.
_RELATIVE = np.array([1.6, 1.2, 1.0])
_SHARED = 1.0 / 3.0
# Of the quiet variation: the east component follows the slope of the vertical dip over this time,
# the north one is zero at the latitude of the current's focus and grows away from it.
_SQ_HOURS, _SQ_FOCUS, _SQ_SCALE = 3.5, 35.0, 20.0


class PrecursorPackets(Settings):
    """Wave packets before each earthquake, alike for all of them: the best case for a classifier.

    Attributes
    ----------
    amplitude : float
        Peak in nT of the vertical component at the observatory.
    lead_days : float
        Packets fall within so many days before an event.
    number : float
        Expected packets an event (Poisson).
    direction : tuple of float
        Amplitudes of X, Y and Z relative to `amplitude`.
    duration : tuple of float
        Range in s, drawn uniformly: the time in which the envelope is above 10 % of its peak.
    period : tuple of float
        Range of the carrier's period in s, drawn log-uniformly.
    """

    amplitude: NotNegative = 5.0
    lead_days: Positive = 7.0
    number: NotNegative = 7.0
    direction: tuple[float, float, float] = (0.5, 0.3, 1.0)
    duration: Range = (7200.0, 28800.0)
    period: Range = (3600.0, 14400.0)


class RecordGaps(Settings):
    """Missing samples of all components: gaps a month, and their length in s (log-uniform)."""

    rate: NotNegative = 1.0
    duration: Range = (60.0, 7200.0)


def observatory_minutes(
    *,
    seed: int,
    station: str,
    latitude: float,
    longitude: float,
    start: str,
    end: str,
    levels: Sequence[float] = (24000.0, 1500.0, 39000.0),
    secular: Sequence[float] = (15.0, 45.0, 35.0),
    quiet: float = 30.0,
    gaps: Mapping[str, Any] | None = DEFAULTS,
    noise: float = 0.1,
    digits: int = 1,
    events: ArrayLike = (),
    source: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Simulate X (north), Y (east) and Z (down) of one observatory.

    Each is the sum of a constant with a steady secular change, the ring current's field from the
    real RC of those days, the solar quiet variation with a size that changes from day to day, red
    noise at the level of the real Kp, and white noise of the instrument. Z is made as in
    `precursor_lib.simulate.minutes.station_minutes`; X and Y follow in a simple form, of the right
    order. Nothing but the packets of `source` knows of the earthquakes.

    Parameters
    ----------
    seed : int
        0 or more.
    station : str
        Code of the observatory.
    latitude, longitude : float
        Degrees.
    start, end : str
        First sample, and end (left out), UTC.
    levels, secular : sequence of three float
        Field at the start in nT, and its change in nT a year.
    quiet : float
        Size of the quiet variation of Z at the latitude where it is greatest, nT.
    gaps : mapping or None
        `RecordGaps`; None: no gaps.
    noise : float
        Standard deviation of the instrument's noise, nT.
    digits : int
        Decimals to which the field is rounded.
    events : array_like of datetime64
        Earthquakes (UTC) that packets come before.
    source : mapping or None
        `PrecursorPackets`; None: no source, whatever the events.

    Returns
    -------
    xarray.Dataset
        ``X``, ``Y``, ``Z`` (time, station) in nT; gaps are NaN. ``attrs["truth"]`` lists the
        packets and gaps, as `precursor_lib.simulate.truth.truth_table` reads them.

    Raises
    ------
    InputError
        If a setting is out of range, or an index does not cover the time.
    """
    parts.whole_seed(seed)
    first, last = utc(start, "start"), utc(end, "end")
    if not first < last:
        raise InputError(f"end {end}: expected after start {start}")
    for name, three in (("levels", levels), ("secular", secular)):
        if len(three) != 3 or not np.isfinite(three).all():
            raise InputError(f"{name} {list(three)}: expected three finite numbers, of X, Y and Z")
    packets = parts.configure(PrecursorPackets, source, "source")
    holes = parts.configure(RecordGaps, gaps, "gaps")
    times = pd.date_range(first, last, freq="min", inclusive="left")
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(7)]
    record = _quiet_field(times, (latitude, longitude), quiet, streams)
    years = np.arange(times.size) / (60 * 24 * 365.25)
    for row, level, change in zip(record, levels, secular, strict=True):
        row += level + change * years
    truth: list[dict[str, Any]] = []
    if packets is not None:
        added, drawn = packets_before(times, events, packets, seed=seed)
        record += added
        truth += [{"kind": "source", "station": station, **row} for row in drawn]
    for row in record:
        row += noise * streams[5].standard_normal(times.size)
    record = record.round(digits)
    report = [f"simulated from seed {seed}"]
    if holes is not None:
        missing = _cut_gaps(record, holes, streams[6])
        report.append(f"{missing} of {times.size} minutes missing in all components")
    return xr.Dataset(
        {
            name: (("time", "station"), row[:, None], {"units": "nT"})
            for name, row in zip(COMPONENTS, record, strict=True)
        },
        coords={
            "time": times.to_numpy().astype("datetime64[ns]"),
            "station": [station],
            "latitude": ("station", [float(latitude)]),
            "longitude": ("station", [float(longitude)]),
        },
        attrs={"origin": "simulated", "seed": seed, "report": report, "truth": truth},
    )


def packets_before(
    times: pd.DatetimeIndex,
    events: ArrayLike,
    source: PrecursorPackets | Mapping[str, Any],
    *,
    seed: int,
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Packets before earthquakes alone, to be added to a record.

    The field is proportional to the amplitude: one seed gives the same packets at every size.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        Axis of the record, in even steps.
    events : array_like of datetime64
        Earthquakes, UTC; those whose lead lies outside the record give nothing.
    source : PrecursorPackets or mapping
        What the packets are.
    seed : int
        Of the packets.

    Returns
    -------
    field : numpy.ndarray, shape (3, time)
        X, Y, Z in nT.
    truth : list of dict
        ``time``, ``end`` (envelope above 10 % of its peak), ``amplitude`` (nT, of Z) and ``event``
        (number of the earthquake) of each packet.
    """
    s = parts.require(PrecursorPackets, source, "source")
    rng = np.random.default_rng([parts.whole_seed(seed), 11])
    step = (times[1] - times[0]).total_seconds()
    at = np.asarray((pd.DatetimeIndex(events) - times[0]) / pd.Timedelta(seconds=1), dtype=float)
    field_, truth = np.zeros(times.size), []
    for number, event in enumerate(at):
        count = int(rng.poisson(s.number))
        centre = event - s.lead_days * 86400.0 * rng.random(count)
        duration = rng.uniform(*s.duration, count)
        period = log_uniform(rng, s.period, count)
        phase = rng.uniform(0, 2 * np.pi, count)
        # A packet ends with its event at the latest.
        centre = np.minimum(centre, event - 0.65 * duration)
        for c, d, p, angle in zip(centre, duration, period, phase, strict=True):
            where, wave = packet(times.size, 1 / step, c, d, 1 / p, angle)
            if not wave.size:
                continue
            field_[where] += s.amplitude * wave
            begin, end = (times[0] + pd.Timedelta(seconds=c + side * d / 2) for side in (-1, 1))
            truth.append({"time": begin, "end": end, "amplitude": s.amplitude, "event": number})
    return np.asarray(s.direction)[:, None] * field_, truth


def _quiet_field(
    times: pd.DatetimeIndex,
    place: tuple[float, float],
    quiet: float,
    streams: list[np.random.Generator],
) -> np.ndarray:
    """Red noise, quiet variation and ring current of X, Y and Z: (3, time)."""
    first, last = times[0], times[-1] + pd.Timedelta(minutes=1)
    seconds = field.seconds_since(times, first)
    latitude, longitude = (np.array([v], dtype=float) for v in place)
    kp = field.kp_at(field.cut(real_kp(), first, last, "kp"), first, seconds)
    rc = field.cut(real_rc(), first, last, "rc")
    record = field.red_background(MinuteBackground(coherent=_SHARED), kp, RATE, streams[:4])
    record *= _RELATIVE[:, None]
    dip = field.sq(parts.Quiet(amplitude=quiet, season=0.0), latitude, longitude, first, seconds)[0]
    size = size_of_days(times, place[0], streams[4])
    record[0] += (abs(place[0]) - _SQ_FOCUS) / _SQ_SCALE * dip * size
    record[1] -= _SQ_HOURS * 60 * np.gradient(dip) * size
    record[2] += dip * size
    down = field.storm(parts.Storms(), rc, latitude, longitude, first, seconds)[0]
    record[2] += down
    # The same potential gives RC cos(m) towards the dipole's pole; see `background.storm`.
    m = np.radians(field.dipole_latitude(latitude, longitude))[0]
    q = parts.Storms().induction
    north = -down * (1 + q) / (1 - 2 * q) / np.tan(m)
    bearing = _bearing_of_pole(*place)
    record[0] += north * np.cos(bearing)
    record[1] += north * np.sin(bearing)
    return record


def _bearing_of_pole(latitude: float, longitude: float) -> float:
    """Direction of the dipole's pole from true north, eastward, in rad."""
    lat, pole = np.radians(latitude), np.radians(field.POLE[0])
    away = np.radians(field.POLE[1] - longitude)
    return float(
        np.arctan2(
            np.sin(away) * np.cos(pole),
            np.cos(lat) * np.sin(pole) - np.sin(lat) * np.cos(pole) * np.cos(away),
        )
    )


def _cut_gaps(record: np.ndarray, gaps: RecordGaps, rng: np.random.Generator) -> int:
    """Put gaps into all components; gives the number of samples that are missing."""
    samples = record.shape[1]
    number = int(rng.poisson(gaps.rate * samples / (60 * 24 * 30)))
    begin = rng.integers(0, samples, number)
    length = log_uniform(rng, gaps.duration, number) * RATE
    for first, size in zip(begin, np.maximum(1, np.round(length)).astype(int), strict=True):
        record[:, first : first + size] = np.nan
    return int(np.isnan(record[0]).sum())
