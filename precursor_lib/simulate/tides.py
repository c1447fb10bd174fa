r"""Strain of the solid Earth's tide at its surface, from five constituents.

With the tidal potential of degree two, :math:`W = g\,H\,F(\theta)\,c(V + m\lambda)`, the surface
moves by :math:`u_r = h W / g` upwards and :math:`u = l \nabla W / g` along the ground. Its strain
on a sphere of radius r is

.. math::
    e_{\theta\theta} = \frac{h W + l W_{\theta\theta}}{g r}, \quad
    e_{\varphi\varphi} = \frac{1}{g r}\Bigl(h W + l\,\frac{W_{\varphi\varphi}}{\sin^2\theta}
        + l \cot\theta\, W_\theta\Bigr), \quad
    e_{\theta\varphi} = \frac{l}{g r \sin\theta}
        \bigl(W_{\theta\varphi} - \cot\theta\, W_\varphi\bigr),

so that the areal strain is :math:`(2h - 6l)\,W / (g r)`.

The heights H are those of Cartwright and Edden (1973), the Love and Shida numbers those of the IERS
Conventions (2003, table 7.5a): the nominal ones, and for O1 and K1 those at their own frequencies,
which the resonance of the liquid core changes. Differences from a full tidal code: five
constituents and their nodal companions alone (in a year's record K2 stands beside S2, and P1 beside
K1); no potential of degree three (up to 3 % of N2); Love numbers that do not depend on latitude (up
to 2 % of the areal strain); no ocean loading; no out-of-phase parts; no effect of the shape and
stiffness of ground and borehole, which at real gauges changes amplitudes by tens of percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precursor_lib.errors import InputError, unknown

# Mean radius and equatorial radius (m); gravity on the equator, to which the heights refer, is in
# them already.
RADIUS, EQUATOR = 6_371_000.0, 6_378_137.0
_FLATTENING = 1.0 / 298.257223563
# Spherical harmonics of the heights' normalisation: F = sin(theta) cos(theta), sin(theta)^2.
_NORM = {1: -3.0 * np.sqrt(5.0 / (24.0 * np.pi)), 2: 3.0 * np.sqrt(5.0 / (96.0 * np.pi))}
_J2000 = np.datetime64("2000-01-01T12:00", "ns")


@dataclass(frozen=True)
class Constituent:
    """One line of the tide.

    Attributes
    ----------
    species : int
        m: 1 diurnal, 2 semidiurnal.
    multiples : tuple of int
        Of the mean longitudes s, h and p in the argument beside ``m`` times the hour angle.
    height : float
        H in m (Cartwright and Edden, 1973).
    h, l : float
        Love and Shida number.
    nodal : tuple of (int, float)
        Companions: multiple of the node's longitude N in their argument, height relative to H.
    """

    species: int
    multiples: tuple[int, int, int]
    height: float
    h: float
    l: float  # noqa: E741 (the number's own name)
    nodal: tuple[tuple[int, float], ...] = ()


CONSTITUENTS = {
    "M2": Constituent(2, (-2, 2, 0), 0.63192, 0.6078, 0.0847, ((1, -0.0373),)),
    "S2": Constituent(2, (0, 0, 0), 0.29400, 0.6078, 0.0847),
    "O1": Constituent(1, (-2, 1, 0), -0.26221, 0.6028, 0.0846, ((1, 0.1886),)),
    "K1": Constituent(1, (0, 1, 0), 0.36878, 0.5236, 0.0870, ((-1, 0.1356), (1, -0.0198))),
    "N2": Constituent(2, (-3, 2, 1), 0.12099, 0.6078, 0.0847, ((1, -0.0373),)),
}


def _chosen(names: Sequence[str]) -> list[Constituent]:
    for name in names:
        if name not in CONSTITUENTS:
            raise InputError(f"tides.constituents: {unknown('constituent', name, CONSTITUENTS)}")
    if len(set(names)) < len(names):
        raise InputError("tides.constituents: expected each constituent once")
    return [CONSTITUENTS[name] for name in names]


def mean_longitudes(times: np.ndarray) -> dict[str, np.ndarray]:
    """Hour angle of the mean Sun and mean longitudes, in degrees.

    Parameters
    ----------
    times : array of datetime64
        UTC, which stands for UT1 and for the ephemeris' time: the Moon moves 0.01 degrees in that
        difference.

    Returns
    -------
    dict of array
        ``T`` (15 degrees an hour from 0:00 UTC), ``s`` Moon, ``h`` Sun, ``p`` the Moon's perigee,
        ``N`` its ascending node; polynomials of Meeus (1998) to the first order.
    """
    days = (np.asarray(times, dtype="datetime64[ns]") - _J2000) / np.timedelta64(1, "D")
    century = days / 36525.0
    return {
        "T": 360.0 * ((days + 0.5) % 1.0),
        "s": 218.3164477 + 481267.88123421 * century,
        "h": 280.4664567 + 36000.7697489 * century,
        "p": 83.3532465 + 4069.0137287 * century,
        "N": 125.0445479 - 1934.1362891 * century,
    }


def phasors(times: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Course of each constituent at Greenwich, with its nodal companions.

    Returns
    -------
    array, shape (constituent, time), complex
        ``exp(i V)``, with the factor ``1 + sum(ratio * exp(i k N))``.

    Raises
    ------
    InputError
        If a name is unknown or stands twice.
    """
    chosen = _chosen(names)
    angles = {k: np.radians(v % 360.0) for k, v in mean_longitudes(times).items()}
    out = np.empty((len(chosen), len(times)), dtype=complex)
    node = np.exp(1j * angles["N"])
    for row, one in zip(out, chosen, strict=True):
        s, h, p = one.multiples
        argument = one.species * angles["T"] + s * angles["s"] + h * angles["h"] + p * angles["p"]
        factor = 1.0 + sum(
            ratio * (node if multiple > 0 else node.conj()) ** abs(multiple)
            for multiple, ratio in one.nodal
        )
        np.exp(1j * argument, out=row)
        row *= factor
    return out


def strain_coefficients(latitude: float, longitude: float, names: Sequence[str]) -> np.ndarray:
    """Complex amplitudes of the strain at a place; the strain is ``Re(coefficients @ phasors)``.

    Parameters
    ----------
    latitude, longitude : float
        Degrees (geodetic, north and east positive).
    names : sequence of str

    Returns
    -------
    array, shape (3, constituent), complex
        Of the areal strain ``e_NN + e_EE``, of ``e_NN - e_EE`` and of ``2 e_NE`` (N north, E east),
        in nanostrain, extension positive.

    Raises
    ------
    InputError
        If a name is unknown or stands twice, or the latitude is not within -90 to 90.
    """
    if not (np.isfinite(longitude) and abs(latitude) <= 90):
        raise InputError(f"latitude {latitude}, longitude {longitude}: expected degrees")
    geocentric = np.arctan2(
        (1 - _FLATTENING) ** 2 * np.sin(np.radians(latitude)), np.cos(np.radians(latitude))
    )
    theta = np.pi / 2 - geocentric
    sine, cosine = np.sin(theta), np.cos(theta)
    out = np.empty((3, len(names)), dtype=complex)
    for column, one in enumerate(_chosen(names)):
        if one.species == 2:
            f, f_theta2, f_phi, cross = (
                sine**2,
                2 * np.cos(2 * theta),
                2 * cosine**2 - 4,
                2 * cosine,
            )
            wave = 1.0 + 0j  # W goes as cos(V + m lambda)
        else:
            double = np.sin(2 * theta)
            f, f_theta2, f_phi, cross = sine * cosine, -2 * double, -double, -sine
            wave = -1j  # W goes as sin(V + m lambda)
        e_nn = one.h * f + one.l * f_theta2
        e_ee = one.h * f + one.l * f_phi
        # d/dphi turns exp(i x) into i exp(i x); north is -theta, which changes the sign.
        e_ne = -1j * one.l * cross
        scale = 1e9 * one.height * _NORM[one.species] * (RADIUS / EQUATOR) ** 2 / RADIUS
        turn = np.exp(1j * one.species * np.radians(longitude))
        out[:, column] = scale * wave * turn * np.array([e_nn + e_ee, e_nn - e_ee, 2 * e_ne])
    return out


def tidal_strain(
    times: np.ndarray,
    latitude: float,
    longitude: float,
    names: Sequence[str] = tuple(CONSTITUENTS),
) -> np.ndarray:
    """Strain of the solid Earth's tide at a place.

    Returns
    -------
    array, shape (3, time)
        ``e_NN + e_EE``, ``e_NN - e_EE`` and ``2 e_NE`` in nanostrain.
    """
    return in_phase(strain_coefficients(latitude, longitude, names), phasors(times, names))


def in_phase(coefficients: np.ndarray, course: np.ndarray) -> np.ndarray:
    """``Re(coefficients @ course)`` without complex products, shape (3, time)."""
    return np.asarray(coefficients.real @ course.real - coefficients.imag @ course.imag)
