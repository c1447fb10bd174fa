"""A network of four-gauge borehole strainmeters with known truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate import strain_settings as own
from precursor_lib.simulate import weather
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
from precursor_lib.simulate.settings import DEFAULTS
from precursor_lib.simulate.stations import station_coordinates, station_table
from precursor_lib.simulate.strain_parts import (
    add_annual,
    add_drift,
    add_shots,
    add_steps,
    draw_shots,
    gauge_matrix,
    gauge_noise,
)
from precursor_lib.simulate.tides import in_phase, phasors, strain_coefficients

Part = Mapping[str, Any] | None
GAUGES = ("S1", "S2", "S3", "S4")


def strain_network(
    *,
    seed: int,
    stations: Sequence[Mapping[str, Any]],
    epicentre: Mapping[str, Any],
    start: str,
    end: str,
    step: str = "1min",
    source: Part = None,
    control: Part = None,
    tides: Part = DEFAULTS,
    drift: Part = DEFAULTS,
    annual: Part = DEFAULTS,
    pressure: Part = DEFAULTS,
    rain: Part = DEFAULTS,
    steps: Part = DEFAULTS,
    spikes: Part = DEFAULTS,
    gaps: Part = DEFAULTS,
    noise: Part = DEFAULTS,
) -> xr.Dataset:
    """Simulate the four gauges of borehole strainmeters, with pressure, rain and temperature.

    The ground's strain is the sum of tides, drift, annual wave, effects of air pressure and rain,
    the ground's steps and the shots of the source. Gauge i of azimuth A sees
    ``(e_N + e_E) / 2 + (e_N - e_E) / 2 cos 2A + e_NE sin 2A``, the first pair of gauges times
    ``sqrt(k)`` and the second over it, so that ``S1 + S3 = k (S2 + S4)``. Spikes, steps of single
    gauges, noise and gaps come on top and do not keep that.

    Every part takes a mapping of the settings named in `precursor_lib.simulate.strain_settings`:
    ``{}`` is its default, ``None`` leaves it out. Every part of every station is drawn from a
    stream of its own, spawned from the seed, so that no part changes another. A record of another
    length or step is another draw, except for the tides.

    Parameters
    ----------
    seed : int
        0 or more.
    stations : sequence of mappings
        ``id name latitude longitude``, and ``distance`` (km) where the geodesic one is not wanted,
        ``azimuth`` of gauge 1 (degrees from north) and ``k``, see `StrainStation`.
    epicentre : mapping
        ``latitude longitude time`` (degrees, UTC).
    start, end : str
        First sample, and end (left out), UTC.
    step : str
        Sampling interval, such as ``"1min"`` or ``"1h"``.
    source : mapping or None
        Shots from the epicentral region (`StrainSource`). None: no source.
    control : mapping or None
        Process that gives the shots their times in place of the sigmoid rate
        (`settings.Control`): ``poisson`` or ``clustered``.
    tides, drift, annual, pressure, rain, steps, spikes, gaps, noise : mapping or None
        Settings of these parts. Without `pressure` or `annual`, pressure or temperature is
        constant; without `rain` there is none.

    Returns
    -------
    xarray.Dataset
        ``S1`` to ``S4`` (nanostrain, extension positive), ``pressure`` (hPa), ``rain`` (mm in the
        step that ends with the sample) and ``temperature`` (degC) with dimensions ``(time,
        station)``; coordinates ``latitude longitude distance name azimuth k`` along station. Gaps
        are NaN in the four gauges. ``attrs`` hold ``origin``, ``seed``, ``settings``, ``report``,
        ``expected_packets`` (expected number of shots up to the end of each day of the record) and
        ``truth``, a list of every event, see `precursor_lib.simulate.truth.truth_table`.

    Raises
    ------
    InputError
        If a setting is unknown or out of range, or a station stands twice.
    """
    centre = parts.require(parts.Epicentre, epicentre, "epicentre")
    table = station_table(stations, centre, own.StrainStation)
    axis = Axis.between(seed, start, end, step, centre.time)
    table["k"] = [_k(axis, s, k) for s, k in table["k"].items()]
    shot = parts.configure(own.StrainSource, source, "source")
    other = parts.configure(parts.Control, control, "control")
    if shot is None and other is not None:
        raise InputError("control: expected a source whose shots it times; source is None")
    truth = Truth(axis)
    maker = _Maker(
        axis,
        table,
        truth,
        tides=parts.configure(own.Tides, tides, "tides"),
        drift=parts.configure(own.Drift, drift, "drift"),
        annual=parts.configure(own.Annual, annual, "annual"),
        pressure=parts.configure(own.Pressure, pressure, "pressure"),
        rain=parts.configure(own.Rain, rain, "rain"),
        steps=parts.configure(own.Steps, steps, "steps"),
        spikes=parts.configure(own.Spikes, spikes, "spikes"),
        gaps=parts.configure(own.DailyGaps, gaps, "gaps"),
        noise=parts.configure(own.GaugeNoise, noise, "noise"),
    )
    process = None if shot is None else activity(axis, shot, other)
    if shot is not None and process is not None:
        stream = axis.stream("source" if other is None else other.kind)
        maker.shots = draw_shots(shot, axis, process, table, stream, truth)
    gauges = maker.gauges()
    data = {name: gauges[:, i] for i, name in enumerate(GAUGES)} | maker.surroundings
    return xr.Dataset(
        {k: (("time", "station"), v.T, {"units": _UNITS.get(k, "1e-9")}) for k, v in data.items()},
        coords={
            "time": axis.times,
            "station": list(table.index),
            **station_coordinates(table, azimuth="degree", k="1"),
        },
        attrs={
            "origin": "simulated",
            "seed": seed,
            "settings": plain_settings(
                {n: getattr(maker, n) for n in _PARTS}
                | {"source": shot, "control": other, "epicentre": centre}
            ),
            "report": [
                f"simulated from seed {seed}; attrs['truth'] lists every event",
                *gap_report(gauges[:, 0], table),
            ],
            "expected_packets": expected_events(axis, process),
            "truth": truth.rows(),
        },
    )


_PARTS = ("tides", "drift", "annual", "pressure", "rain", "steps", "spikes", "gaps", "noise")
_UNITS = {"pressure": "hPa", "rain": "mm", "temperature": "degC"}


def _k(axis: Axis, station: str, given: float | None) -> float:
    if given is None or np.isnan(given):
        return float(axis.stream("station", station).uniform(0.95, 1.0))
    return float(given)


@dataclass
class _Maker:
    """Adds up the parts of a network, a station at a time; None leaves a part out."""

    axis: Axis
    stations: pd.DataFrame
    truth: Truth
    tides: own.Tides | None
    drift: own.Drift | None
    annual: own.Annual | None
    pressure: own.Pressure | None
    rain: own.Rain | None
    steps: own.Steps | None
    spikes: own.Spikes | None
    gaps: own.DailyGaps | None
    noise: own.GaugeNoise | None
    shots: pd.DataFrame | None = None

    @cached_property
    def course(self) -> np.ndarray | None:
        """Phasors of the tides, the same for all stations."""
        return None if self.tides is None else phasors(self.axis.times, self.tides.constituents)

    @cached_property
    def surroundings(self) -> dict[str, np.ndarray]:
        """Pressure, rain and temperature, each of shape (station, time)."""
        axis, stations = self.axis, self.stations
        out = {
            "pressure": np.full((len(stations), axis.samples), own.Pressure().mean),
            "rain": np.zeros((len(stations), axis.samples)),
            "temperature": np.full((len(stations), axis.samples), own.Annual().temperature),
        }
        if self.pressure is not None:
            out["pressure"] = weather.pressure(self.pressure, axis, stations)
        if self.rain is not None:
            out["rain"] = weather.rain(self.rain, axis, stations, self.truth)
        if self.annual is not None:
            out["temperature"] = weather.temperature(self.annual, axis, stations)
        return out

    def gauges(self) -> np.ndarray:
        """Readings, shape (station, gauge, time)."""
        out = np.empty((len(self.stations), len(GAUGES), self.axis.samples))
        for index, place in enumerate(self.stations.itertuples()):
            name = str(place.Index)
            rows = out[index]
            ground, jumps = self._ground(index, place)
            np.matmul(gauge_matrix(place.azimuth, place.k), ground, out=rows)
            for gauge, sample, size in jumps:
                rows[gauge, sample:] += size
            if self.spikes is not None:
                add_spikes(self.spikes, self.axis, rows, name, self.truth)
            if self.noise is not None:
                gauge_noise(self.noise, self.axis, rows, name)
                round_to(rows, self.noise.resolution)
            if self.gaps is not None:
                cut_gaps(self.gaps, self.axis, rows, name, self.truth)
        return out

    def _ground(self, index: int, place: Any) -> tuple[np.ndarray, list[tuple[int, int, float]]]:
        """Areal strain, ``e_N - e_E`` and ``2 e_NE`` of a station, and the steps of its gauges."""
        axis, name = self.axis, str(place.Index)
        ground = np.zeros((3, axis.samples))
        jumps: list[tuple[int, int, float]] = []
        if self.tides is not None and self.course is not None:
            names = self.tides.constituents
            coefficients = strain_coefficients(place.latitude, place.longitude, names)
            ground += in_phase(self.tides.factor * coefficients, self.course)
        if self.drift is not None:
            add_drift(self.drift, axis, ground, name)
        if self.annual is not None:
            add_annual(self.annual, axis, ground, name)
        if self.pressure is not None:
            around = self.surroundings["pressure"][index] - self.pressure.mean
            ground[0] += self.pressure.admittance * around
        if self.rain is not None:
            load = weather.rain_load(self.rain, axis, self.surroundings["rain"][index])
            ground[0] += self.rain.coefficient * load
        if self.steps is not None:
            jumps = add_steps(self.steps, axis, ground, name, self.truth)
        if self.shots is not None:
            add_shots(self.shots, axis, ground, name)
        return ground, jumps
