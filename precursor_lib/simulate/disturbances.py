"""Events that are no source: Pi2 trains, boxes, spikes and gaps, drawn a night at a time."""

from __future__ import annotations

import numpy as np

from precursor_lib.simulate.events import Events, log_uniform
from precursor_lib.simulate.settings import Gaps, ManMade, Pi2


def pi2_trains(
    settings: Pi2,
    kp: np.ndarray,
    duration: float,
    rng: np.random.Generator,
    station_rngs: list[np.random.Generator],
) -> Events:
    """Trains of a night, at a rate that follows Kp.

    The onsets are a Poisson process, sampled by thinning at the night's highest rate.

    Parameters
    ----------
    settings : Pi2
    kp : array
        Kp over the night, evenly spaced.
    duration : float
        Length of the night in s; the onsets fall within it.
    rng : numpy.random.Generator
        For the trains.
    station_rngs : list of numpy.random.Generator
        One a station, for its factors.
    """
    hourly = settings.rate * (1.0 + settings.rate_growth * kp)
    count = rng.poisson(hourly.max() * duration / 3600.0)
    place = rng.uniform(0.0, 1.0, count)
    at = np.minimum((place * kp.size).astype(int), kp.size - 1)
    keep = rng.uniform(0.0, hourly.max(), count) < hourly[at]
    onset, level = place[keep] * duration, 10.0 ** (settings.growth * kp[at[keep]])
    n = onset.size
    period = log_uniform(rng, settings.period, n)
    length = period * rng.uniform(*settings.cycles, n)
    peak = settings.amplitude * level * np.exp(settings.scatter * rng.standard_normal(n))
    factor = np.stack([r.standard_normal(n) for r in station_rngs], axis=1)
    return Events(
        kind="pi2",
        centre=onset + length / 2,
        duration=length,
        frequency=1.0 / period,
        phase=rng.uniform(0.0, 2 * np.pi, n),
        amplitude=peak[:, None] * np.exp(settings.station_scatter * factor),
    )


def _at_station(
    kind: str,
    station: int,
    stations: int,
    centre: np.ndarray,
    duration: np.ndarray,
    amplitude: np.ndarray,
) -> Events:
    table = np.zeros((centre.size, stations))
    table[:, station] = amplitude
    nothing = np.full(centre.size, np.nan)
    return Events(kind, centre, duration, nothing, nothing, table)


def man_made(
    settings: ManMade, duration: float, station: int, stations: int, rng: np.random.Generator
) -> list[Events]:
    """Boxes and spikes of one station in a night; their centres fall anywhere in it."""
    found = []
    for kind, mean, median, bounds in (
        ("box", settings.boxes, settings.box_amplitude, settings.box_duration),
        ("spike", settings.spikes, settings.spike_amplitude, settings.spike_duration),
    ):
        n = int(rng.poisson(mean))
        size = median * np.exp(settings.scatter * rng.standard_normal(n))
        sign = np.where(rng.random(n) < 0.5, -1.0, 1.0)
        centre, length = rng.uniform(0.0, duration, n), log_uniform(rng, bounds, n)
        found.append(_at_station(kind, station, stations, centre, length, sign * size))
    return found


def gaps(
    settings: Gaps, duration: float, station: int, stations: int, rng: np.random.Generator
) -> Events:
    """Gaps of one station in a night."""
    n = int(rng.poisson(settings.rate))
    centre = rng.uniform(0.0, duration, n)
    length = log_uniform(rng, settings.duration, n)
    return _at_station("gap", station, stations, centre, length, np.full(n, np.nan))
