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
    half_width: tuple[float, float],
    count: int,
    fault_rng: np.random.Generator,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Places of background events in km east and north of the centre.

    Parameters
    ----------
    settings : Faults
    half_width : tuple of float
        Half of the region's width and height in km.
    count : int
        Number of events.
    fault_rng, rng : numpy.random.Generator
        For the faults, and for the events.

    Returns
    -------
    x, y : array, shape (count,)
    """
    n = settings.number
    centre = fault_rng.uniform(-1.0, 1.0, (2, n)) * np.array(half_width)[:, None]
    length = fault_rng.uniform(*settings.length, n)
    strike = np.radians(settings.strike + settings.scatter * fault_rng.standard_normal(n))
    on = rng.random(count) >= (settings.diffuse if n else 1.0)
    # A longer fault has more events.
    which = rng.choice(n, count, p=length / length.sum()) if n else np.zeros(count, dtype=int)
    along = rng.uniform(-0.5, 0.5, count)
    across = settings.width * rng.standard_normal(count)
    x, y = (rng.uniform(-1.0, 1.0, (2, count)).T * half_width).T
    if n:
        sine, cosine = np.sin(strike[which]), np.cos(strike[which])
        reach = along * length[which]
        x = np.where(on, centre[0, which] + reach * sine + across * cosine, x)
        y = np.where(on, centre[1, which] + reach * cosine - across * sine, y)
    return x, y


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
