"""Distances on the Earth and the zone in which a precursor is looked for."""

from __future__ import annotations

import numpy as np
from geographiclib.geodesic import Geodesic
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError


def geodesic_distance_km(
    latitude_a: ArrayLike, longitude_a: ArrayLike, latitude_b: ArrayLike, longitude_b: ArrayLike
) -> np.ndarray:
    """Length of the shortest line between points on the WGS84 ellipsoid.

    Parameters
    ----------
    latitude_a, longitude_a, latitude_b, longitude_b : array_like
        Degrees, north and east positive; broadcast against each other.

    Returns
    -------
    numpy.ndarray
        Distances in km, of the broadcast shape (zero-dimensional for four numbers).

    Raises
    ------
    InputError
        If a latitude is not within -90 to 90 or a value is not finite.
    """
    points = np.broadcast_arrays(
        *(np.asarray(v, dtype=float) for v in (latitude_a, longitude_a, latitude_b, longitude_b))
    )
    for name, values in zip(
        ("latitude_a", "longitude_a", "latitude_b", "longitude_b"), points, strict=True
    ):
        limit = 90.0 if name.startswith("latitude") else np.inf
        bad = ~(np.isfinite(values) & (np.abs(values) <= limit))
        if bad.any():
            raise InputError(f"{name}: expected degrees within range, got {values[bad].flat[0]}")
    line = Geodesic.WGS84
    flat = zip(*(v.ravel() for v in points), strict=True)
    lengths = [line.Inverse(*map(float, p), Geodesic.DISTANCE)["s12"] / 1000 for p in flat]
    return np.array(lengths).reshape(points[0].shape)


def dobrovolsky_radius_km(magnitude: ArrayLike) -> np.ndarray:
    """Radius of the zone of noticeable precursory strain, ``10 ** (0.43 M)`` km.

    Dobrovolsky, Zubkov and Miachkin (1979); EQ-D of the papers.

    Raises
    ------
    InputError
        If a magnitude is not finite.
    """
    m = np.asarray(magnitude, dtype=float)
    if not np.all(np.isfinite(m)):
        raise InputError("magnitude: expected finite numbers")
    return np.asarray(10 ** (0.43 * m))
