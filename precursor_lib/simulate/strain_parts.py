"""Parts of a strainmeter's record: how gauges see the ground, and what moves it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from precursor_lib.simulate.activity import Activity
from precursor_lib.simulate.continuous import DAY, Axis, Truth, signed
from precursor_lib.simulate.events import AMPLITUDE, log_uniform
from precursor_lib.simulate.signals import packet
from precursor_lib.simulate.source import distance_decay
from precursor_lib.simulate.strain_settings import (
    Annual,
    Drift,
    GaugeNoise,
    Steps,
    StrainSource,
)
from precursor_lib.simulate.weather import YEAR, year_angle

# Day of the year on which the annual strain is greatest, and the scatter of stations about it.
_ANNUAL_DAY, _ANNUAL_SCATTER = 240.0, 30.0


def gauge_matrix(azimuth: float, k: float) -> np.ndarray:
    """What the gauges see of ``e_N + e_E``, ``e_N - e_E`` and ``2 e_NE``, shape (4, 3).

    Gauge i lies at ``azimuth + 45 (i - 1)`` degrees from north. The sensitivities of the two pairs
    differ by the factor `k` and have the geometric mean 1.
    """
    angle = 2 * np.radians(azimuth + 45.0 * np.arange(4))
    rows = 0.5 * np.column_stack([np.ones(4), np.cos(angle), np.sin(angle)])
    rows[[0, 2]] *= np.sqrt(k)
    rows[[1, 3]] /= np.sqrt(k)
    return rows


def tensor(areal: float, shear: float, axis: float) -> np.ndarray:
    """``e_N + e_E``, ``e_N - e_E`` and ``2 e_NE`` of a strain with a shear along an axis (rad)."""
    return np.array([areal, shear * np.cos(2 * axis), shear * np.sin(2 * axis)])


def add_drift(settings: Drift, axis: Axis, ground: np.ndarray, station: str) -> None:
    """Add the line and the cement's exponential, from 0 at the first sample."""
    rng = axis.stream("drift", station)
    factors = np.exp(settings.scatter * rng.standard_normal(2))
    angles = rng.uniform(0.0, np.pi, 2)
    decay = np.exp(-settings.age / settings.time_constant)
    curves = (
        settings.rate * axis.seconds / YEAR,
        -settings.cement * decay * np.expm1(-axis.seconds / (settings.time_constant * DAY)),
    )
    for factor, angle, curve in zip(factors, angles, curves, strict=True):
        ground += factor * tensor(1.0, settings.shear, angle)[:, None] * curve


def add_annual(settings: Annual, axis: Axis, ground: np.ndarray, station: str) -> None:
    """Add the yearly wave of strain."""
    rng = axis.stream("annual", station)
    day = _ANNUAL_DAY + rng.uniform(-_ANNUAL_SCATTER, _ANNUAL_SCATTER)
    size = tensor(settings.amplitude, settings.shear * settings.amplitude, rng.uniform(0, np.pi))
    ground += size[:, None] * np.cos(year_angle(axis, day))


def add_steps(
    settings: Steps, axis: Axis, ground: np.ndarray, station: str, truth: Truth
) -> list[tuple[int, int, float]]:
    """Add the ground's steps; give those of single gauges as gauge, first sample and size."""
    rng = axis.stream("steps", station)
    n = rng.poisson(settings.rate * axis.length / YEAR)
    at = np.sort(rng.uniform(0.0, axis.length, n))
    size = signed(rng, settings.amplitude, settings.scatter, n)
    single = rng.random(n) < settings.gauge
    gauge, angle = rng.integers(0, 4, n), rng.uniform(0.0, np.pi, n)
    first = np.ceil(at * axis.rate).astype(int)
    for k in np.flatnonzero(~single):
        whole = tensor(size[k], settings.shear * size[k], angle[k])
        ground[:, first[k] :] += whole[:, None]
    # Gauge 0 in the truth stands for the ground, which all gauges see.
    truth.add("step", station, at, at, amplitude=size, gauge=np.where(single, gauge + 1, 0))
    return [(int(gauge[k]), int(first[k]), float(size[k])) for k in np.flatnonzero(single)]


def draw_shots(
    source: StrainSource,
    axis: Axis,
    activity: Activity,
    stations: pd.DataFrame,
    rng: np.random.Generator,
    truth: Truth,
) -> pd.DataFrame:
    """Draw the source's shots and enter them in the truth.

    Returns
    -------
    pandas.DataFrame
        ``centre duration shear angle amplitude_<station>``: s from the first sample, s, shear
        strain over areal, rad, and areal strain in nanostrain.
    """
    decay = distance_decay(source, stations)
    centre = axis.since_start(activity.sample(*axis.days, rng))
    n = centre.size
    duration = log_uniform(rng, source.duration, n)
    sign = np.where(rng.random(n) < source.extension, 1.0, -1.0)
    peak = sign * source.amplitude * np.exp(source.scatter * rng.standard_normal(n))
    angle = rng.uniform(0.0, np.pi, n)
    table = pd.DataFrame(
        {"centre": centre, "duration": duration, "shear": source.shear, "angle": angle}
        | {AMPLITUDE + s: peak * d for s, d in zip(stations.index, decay, strict=True)}
    )
    for station in stations.index:
        truth.add(
            "source",
            station,
            centre - duration / 2,
            centre + duration / 2,
            amplitude=table[AMPLITUDE + station].to_numpy(),
            event=np.arange(n),
            duration=duration,
        )
    return table


def add_shots(shots: pd.DataFrame, axis: Axis, ground: np.ndarray, station: str) -> None:
    """Add the source's shots at one station."""
    columns = ["centre", "duration", "shear", "angle", AMPLITUDE + station]
    for centre, duration, shear, angle, size in shots[columns].to_numpy():
        # A packet without a carrier is a bump of one sign.
        where, wave = packet(axis.samples, axis.rate, centre, duration, 0.0, 0.0)
        ground[:, where] += tensor(size, shear * size, angle)[:, None] * wave


def gauge_noise(settings: GaugeNoise, axis: Axis, rows: np.ndarray, station: str) -> None:
    """Add white noise and a random walk to each gauge, shape (4, time)."""
    per_sample = settings.walk * np.sqrt(axis.step / DAY)
    for gauge, row in enumerate(rows):
        draw = axis.stream("noise", station, gauge).standard_normal(axis.samples)
        draw *= settings.white
        row += draw
        walk = axis.stream("walk", station, gauge).standard_normal(axis.samples)
        walk *= per_sample
        row += np.cumsum(walk, out=walk)
