"""The vertical field of a network at one-minute sampling, over months, with known truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.simulate import background as field
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate import strain_settings as own
from precursor_lib.simulate.continuous import (
    Axis,
    Truth,
    activity,
    add_spikes,
    cut_gaps,
    expected_events,
    gap_report,
    plain_settings,
    round_to,
)
from precursor_lib.simulate.events import AMPLITUDE
from precursor_lib.simulate.minutes import RATE, size_of_days
from precursor_lib.simulate.settings import DEFAULTS
from precursor_lib.simulate.signals import packet
from precursor_lib.simulate.source import distance_decay, draw_packets
from precursor_lib.simulate.space_weather import index_around, real_kp, real_rc
from precursor_lib.simulate.stations import station_coordinates, station_table

Part = Mapping[str, Any] | None


def minute_network(
    *,
    seed: int,
    stations: Sequence[Mapping[str, Any]],
    epicentre: Mapping[str, Any],
    start: str,
    end: str,
    source: Part = None,
    control: Part = None,
    level: float = 36000.0,
    quiet: float = 30.0,
    background: Part = DEFAULTS,
    storms: Part = DEFAULTS,
    gaps: Part = DEFAULTS,
    spikes: Part = DEFAULTS,
    instrument: Part = DEFAULTS,
    kp: float | pd.Series | None = None,
    rc: float | pd.Series | None = None,
) -> xr.Dataset:
    """Simulate the downward field Z of a network of observatories, minute by minute.

    The parts are those of `precursor_lib.simulate.minutes.station_minutes`, with packets of the
    source, spikes and gaps. The red background is partly common to all stations; the size of the
    quiet variation changes from day to day for all of them alike. Every part of every station is
    drawn from a stream of its own, so that no part changes another.

    Parameters
    ----------
    seed : int
        0 or more.
    stations : sequence of mappings
        ``id name latitude longitude``, and ``distance`` (km) where the geodesic one is not wanted.
    epicentre : mapping
        ``latitude longitude time`` (degrees, UTC).
    start, end : str
        First sample, and end (left out), UTC.
    source : mapping or None
        Packets from the epicentral region (`strain_settings.MinuteSource`). None: no source.
    control : mapping or None
        Process that gives the packets their times in place of the sigmoid rate
        (`settings.Control`): ``poisson``, ``clustered`` or ``kp``.
    level : float
        Constant part, nT.
    quiet : float
        Size of the quiet variation at the latitude where it is greatest, nT (0: none).
    background, storms, gaps, spikes, instrument : mapping or None
        Settings of these parts (`MinuteBackground`, `settings.Storms`, `DailyGaps`, `Spikes`,
        `MinuteInstrument`). ``{}`` is the default, None leaves a part out.
    kp, rc : float, pandas.Series or None
        Kp by the start of its three hours and RC (nT) by the start of its hour. None takes the real
        ones; a number holds everywhere.

    Returns
    -------
    xarray.Dataset
        ``Z`` (time, station) in nT; gaps are NaN. Attributes as those of
        `precursor_lib.simulate.strain.strain_network`, with ``expected_packets``.

    Raises
    ------
    InputError
        If a setting is unknown or out of range, a station stands twice, or an index does not cover
        the time.
    """
    centre = parts.require(parts.Epicentre, epicentre, "epicentre")
    table = station_table(stations, centre)
    axis = Axis.between(seed, start, end, "1min", centre.time)
    for name, value in (("level", level), ("quiet", quiet)):
        if not np.isfinite(value) or (name == "quiet" and value < 0):
            raise InputError(f"{name} {value}: expected a finite number of nT, quiet 0 or more")
    packets = parts.configure(own.MinuteSource, source, "source")
    other = parts.configure(parts.Control, control, "control")
    if packets is None and other is not None:
        raise InputError("control: expected a source whose packets it times; source is None")
    red = parts.configure(own.MinuteBackground, background, "background")
    ring = parts.configure(parts.Storms, storms, "storms")
    holes = parts.configure(own.DailyGaps, gaps, "gaps")
    spiky = parts.configure(own.MinuteSpikes, spikes, "spikes")
    sensor = parts.configure(own.MinuteInstrument, instrument, "instrument")
    if packets is not None and packets.frequency[1] > axis.rate / 2:
        raise InputError(f"source.frequency: expected at most {axis.rate / 2:g} Hz")
    kp_around = None
    if red is not None or (other is not None and other.kind == "kp"):
        kp_around = index_around(kp, real_kp, axis.start, axis.end, "3h", "kp")
    where = table["latitude"].to_numpy(dtype=float), table["longitude"].to_numpy(dtype=float)
    seconds = axis.seconds
    z = np.full((len(table), axis.samples), float(level))
    if ring is not None:
        rc_around = index_around(rc, real_rc, axis.start, axis.end, "1h", "rc")
        z += field.storm(ring, rc_around, *where, axis.start, seconds)
    if red is not None and kp_around is not None:
        course = field.kp_at(kp_around, axis.start, seconds)
        z += field.red_background(red, course, RATE, axis.streams("background", table))
    if quiet > 0:
        pattern = field.sq(parts.Quiet(amplitude=quiet, season=0.0), *where, axis.start, seconds)
        times = pd.DatetimeIndex(axis.times)
        for row, latitude in zip(pattern, where[0], strict=True):
            # The days' stream is opened anew: all stations have the same days.
            row *= size_of_days(times, float(latitude), axis.stream("days"))
        z += pattern
    truth = Truth(axis)
    process = None if packets is None else activity(axis, packets, other, kp_around)
    if packets is not None and process is not None:
        stream = axis.stream("source" if other is None else other.kind)
        decay = distance_decay(packets, table)
        t, drawn = draw_packets(process, packets, decay, table, *axis.days, stream)
        _add_packets(z, axis, axis.since_start(t), drawn, table, truth)
    for row, name in zip(z, table.index, strict=True):
        if spiky is not None:
            add_spikes(spiky, axis, row[None, :], name, truth)
        if sensor is not None:
            row += sensor.noise * axis.stream("noise", name).standard_normal(axis.samples)
            round_to(row, sensor.resolution)
        if holes is not None:
            cut_gaps(holes, axis, row[None, :], name, truth)
    chosen = {
        "source": packets,
        "control": other,
        "background": red,
        "storms": ring,
        "gaps": holes,
        "spikes": spiky,
        "instrument": sensor,
        "epicentre": centre,
    }
    return xr.Dataset(
        {"Z": (("time", "station"), z.T, {"units": "nT"})},
        coords={
            "time": axis.times,
            "station": list(table.index),
            **station_coordinates(table),
        },
        attrs={
            "origin": "simulated",
            "seed": seed,
            "settings": plain_settings(chosen) | {"level": level, "quiet": quiet},
            "report": [
                f"simulated from seed {seed}; attrs['truth'] lists every event",
                *gap_report(z, table),
            ],
            "expected_packets": expected_events(axis, process),
            "truth": truth.rows(),
        },
    )


def _add_packets(
    z: np.ndarray,
    axis: Axis,
    centre: np.ndarray,
    drawn: pd.DataFrame,
    stations: pd.DataFrame,
    truth: Truth,
) -> None:
    """Add the source's packets to every station and enter them in the truth."""
    amplitude = drawn[[AMPLITUDE + s for s in stations.index]].to_numpy()
    shape = drawn[["duration", "frequency", "phase"]].to_numpy()
    for middle, (duration, frequency, phase), size in zip(centre, shape, amplitude, strict=True):
        where, wave = packet(axis.samples, axis.rate, middle, duration, frequency, phase)
        z[:, where] += size[:, None] * wave
    duration = shape[:, 0]
    for column, name in enumerate(stations.index):
        truth.add(
            "source",
            name,
            centre - duration / 2,
            centre + duration / 2,
            amplitude=amplitude[:, column],
            event=np.arange(len(drawn)),
            duration=duration,
            frequency=shape[:, 1],
            phase=shape[:, 2],
        )
