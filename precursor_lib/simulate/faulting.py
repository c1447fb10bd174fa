"""Where simulated earthquakes fall: on faults, about their parents, and how deep."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from precursor_lib.simulate.settings import Finite, NotNegative, Range, Settings

KM_PER_DEGREE = 111.195

# Aftershocks about a point: density of the distance ~ r (r^2 + d^2)^-_DECAY.
_DECAY = 1.8


class Mainshock(Settings):
    """The mainshock, at the epicentre and its time: strike (degrees) and half length (km) too."""

    magnitude: Finite = 7.4
    depth: NotNegative = 10.0
    strike: Finite = 105.0
    half_length: NotNegative = 80.0


class Faults(Settings):
    """Where background events fall: on straight faults of random place and length, or anywhere.

    `number` faults of `length` km (range) strike within `scatter` degrees (1 sigma) of `strike`;
    events scatter about them by `width` km (1 sigma). `diffuse` is the share of events anywhere.
    """

    number: int = Field(default=40, ge=0)
    length: Range = (50.0, 300.0)
    strike: Finite = 110.0
    scatter: NotNegative = 20.0
    width: NotNegative = 4.0
    diffuse: float = Field(default=0.2, ge=0, le=1)


def degrees(
    x: np.ndarray, y: np.ndarray, latitude: float, longitude: float
) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude of points `x` km east and `y` km north of a place."""
    lat = latitude + y / KM_PER_DEGREE
    return lat, longitude + x / (KM_PER_DEGREE * np.cos(np.radians(lat)))


def background_places(
    settings: Faults,
    centre: tuple[float, float],
    half_width: float,
    count: int,
    fault_rng: np.random.Generator,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Places of background events in km east and north of the centre.

    What falls outside the region is drawn again, so that the region's rate is the one asked for.

    Parameters
    ----------
    settings : Faults
    centre : tuple of float
        Latitude and longitude of the region's middle (degrees).
    half_width : float
        Half of the region's width and height in degrees.
    count : int
        Number of events.
    fault_rng, rng : numpy.random.Generator
        For the faults, and for the events.

    Returns
    -------
    x, y : array, shape (count,)
    """
    n, reach = settings.number, half_width * KM_PER_DEGREE
    # Wide enough for the side of the region that lies nearer the equator.
    widest = np.cos(np.radians(max(abs(centre[0]) - half_width, 0.0)))
    size = np.array([reach * widest, reach])
    # The middle of each fault lies in the region, so that events on it can.
    middle = fault_rng.uniform(-1.0, 1.0, (n, 2)) * reach
    middle[:, 0] *= np.cos(np.radians(centre[0] + middle[:, 1] / KM_PER_DEGREE))
    length = fault_rng.uniform(*settings.length, n)
    strike = np.radians(settings.strike + settings.scatter * fault_rng.standard_normal(n))
    along = np.stack([np.sin(strike), np.cos(strike)], axis=1)
    across = np.stack([np.cos(strike), -np.sin(strike)], axis=1)
    places = np.empty((count, 2))
    left = np.arange(count)
    while left.size:
        place = rng.uniform(-1.0, 1.0, (left.size, 2)) * size
        on = np.flatnonzero(rng.random(left.size) >= (settings.diffuse if n else 1.0))
        if on.size:
            # A longer fault has more events.
            which = rng.choice(n, on.size, p=length / length.sum())
            move = rng.uniform(-0.5, 0.5, on.size) * length[which]
            aside = settings.width * rng.standard_normal(on.size)
            place[on] = (
                middle[which] + move[:, None] * along[which] + aside[:, None] * across[which]
            )
        lat, lon = degrees(place[:, 0], place[:, 1], *centre)
        inside = (np.abs(lat - centre[0]) <= half_width) & (np.abs(lon - centre[1]) <= half_width)
        places[left[inside]] = place[inside]
        left = left[~inside]
    return places[:, 0], places[:, 1]


def rupture_places(
    mainshock: Mainshock, count: int, width: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Places along the mainshock's rupture, `width` km (1 sigma) about it; km east and north."""
    along = mainshock.half_length * rng.uniform(-1.0, 1.0, count)
    across = width * rng.standard_normal(count)
    strike = np.radians(mainshock.strike)
    return (
        along * np.sin(strike) + across * np.cos(strike),
        along * np.cos(strike) - across * np.sin(strike),
    )


def about(magnitude: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Offsets in km of aftershocks from parents of these magnitudes.

    The scale d is half of the rupture length ``10 ** (-2.44 + 0.59 M)`` km of Wells and Coppersmith
    (1994), at least 1 km.
    """
    scale = np.maximum(1.0, 0.5 * 10.0 ** (-2.44 + 0.59 * magnitude))
    u = rng.random(magnitude.size)
    distance = scale * np.sqrt((1.0 - u) ** (-1.0 / (_DECAY - 1.0)) - 1.0)
    angle = rng.uniform(0.0, 2 * np.pi, magnitude.size)
    return distance * np.sin(angle), distance * np.cos(angle)


def depths(count: int, mean: float, scatter: float, rng: np.random.Generator) -> np.ndarray:
    """Depths in km: a normal distribution folded at the surface."""
    return np.abs(mean + scatter * rng.standard_normal(count))
