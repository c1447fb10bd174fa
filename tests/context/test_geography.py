import numpy as np
import pytest
from geographiclib.constants import Constants
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from precursor_lib.context import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.errors import InputError

A = Constants.WGS84_a / 1000
F = Constants.WGS84_f


@pytest.mark.parametrize("degrees", [0.001, 1.0, 45.0, 179.0])
def test_along_the_equator_it_is_an_arc_of_a_circle(degrees):
    assert geodesic_distance_km(0, 10, 0, 10 + degrees) == pytest.approx(A * np.radians(degrees))


@pytest.mark.parametrize(("south", "north"), [(0, 90), (-30, 40), (34.59, 36.23)])
def test_along_a_meridian_it_is_the_elliptic_integral(south, north):
    e2 = F * (2 - F)
    arc, _ = integrate.quad(
        lambda p: A * (1 - e2) / (1 - e2 * np.sin(p) ** 2) ** 1.5,
        np.radians(south),
        np.radians(north),
        epsabs=1e-10,
    )
    assert geodesic_distance_km(south, 98, north, 98) == pytest.approx(arc, rel=1e-10)


def test_karneys_published_example():
    # Wellington to Salamanca, in the documentation of GeographicLib: 19 959 679.267 m.
    assert geodesic_distance_km(-41.32, 174.81, 40.96, -5.50) == pytest.approx(
        19959.679267, abs=1e-6
    )


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_symmetric_and_near_the_sphere(a, b, c, d):
    there, back = geodesic_distance_km(a, b, c, d), geodesic_distance_km(c, d, a, b)
    assert there == pytest.approx(back, abs=1e-9)
    p, q, r, s = np.radians([a, b, c, d])
    half = np.sin((r - p) / 2) ** 2 + np.cos(p) * np.cos(r) * np.sin((s - q) / 2) ** 2
    sphere = 2 * 6371.0088 * np.arcsin(np.sqrt(min(1.0, half)))
    assert there == pytest.approx(sphere, rel=0.0075, abs=1e-6)


def test_broadcasts():
    lengths = geodesic_distance_km(34.59, 98.34, [[34.48], [36.23]], [100.25, 98.1, 97.39])
    assert lengths.shape == (2, 3)
    assert lengths[1, 2] == geodesic_distance_km(34.59, 98.34, 36.23, 97.39)


def test_radius():
    assert dobrovolsky_radius_km(7.0) == pytest.approx(1023.29, abs=0.005)
    np.testing.assert_allclose(dobrovolsky_radius_km([0, 1]), [1, 10**0.43])


def test_bad_input_is_named():
    with pytest.raises(InputError, match=r"latitude_b.*98"):
        geodesic_distance_km(0, 0, 98.34, 34.59)
    with pytest.raises(InputError, match="longitude_a"):
        geodesic_distance_km(0, np.nan, 0, 0)
    with pytest.raises(InputError, match="magnitude"):
        dobrovolsky_radius_km(np.nan)
