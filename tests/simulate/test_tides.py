"""Tidal strain: against pysolid's displacements, Doodson's potential and lengths on the sphere."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.simulate import tides
from precursor_lib.simulate.strain_parts import gauge_matrix
from precursor_lib.simulate.tides import (
    CONSTITUENTS,
    phasors,
    strain_coefficients,
    tidal_strain,
)

NAMES = tuple(CONSTITUENTS)
YEAR = np.arange("2012-05-01", "2013-05-01", dtype="datetime64[h]").astype("datetime64[ns]")


def geocentric(latitude):
    return np.arctan((1 - 1 / 298.257223563) ** 2 * np.tan(np.radians(latitude)))


def areal(name, latitude):
    return abs(strain_coefficients(latitude, 0.0, [name])[0, 0])


# Doodson (1921): relative sizes in units of his constant, whose potential over gravity is 26.87 cm.
DOODSON = {"M2": 0.90812, "S2": 0.42286, "N2": 0.17387, "K1": 0.53050, "O1": 0.37689}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("latitude", [-60.0, 10.0, 30.0, 45.0])
def test_areal_amplitudes_follow_from_doodsons_potential(name, latitude):
    one = CONSTITUENTS[name]
    phi = geocentric(latitude)
    place = np.cos(phi) ** 2 if one.species == 2 else abs(np.sin(2 * phi))
    potential = 0.26868 * DOODSON[name] * place  # W / g in m
    expected = 1e9 * (2 * one.h - 6 * one.l) * potential / 6_371_000
    assert areal(name, latitude) == pytest.approx(expected, rel=0.004)


def test_zeros_of_the_areal_tide():
    assert areal("M2", 90.0) == pytest.approx(0.0, abs=1e-9)
    assert areal("O1", 0.0) == pytest.approx(0.0, abs=1e-9)
    assert areal("K1", 90.0) == pytest.approx(0.0, abs=1e-9)
    assert areal("M2", 0.0) > areal("M2", 20.0) > areal("M2", 60.0)


PERIODS = {"M2": 12.4206012, "S2": 12.0, "O1": 25.8193417, "K1": 23.9344696, "N2": 12.6583482}


@pytest.mark.parametrize("name", NAMES)
def test_periods(name):
    turns = np.unwrap(np.angle(phasors(YEAR, [name])[0]))
    # A nodal period of 18.6 years turns the phase by less than 0.2 rad in one.
    assert (YEAR.size - 1) / (turns[-1] - turns[0]) * 2 * np.pi == pytest.approx(
        PERIODS[name], rel=1e-4
    )


# Nodal factors at N = 0 and 180 degrees (Pugh and Woodworth, 2014).
NODAL = {"M2": (0.963, 1.037), "N2": (0.963, 1.037), "O1": (1.19, 0.81), "K1": (1.12, 0.88)}


@pytest.mark.parametrize("name", NODAL)
def test_nodal_factors(name):
    days = np.arange("1995-01-01", "2015-01-01", dtype="datetime64[D]")
    size = np.abs(phasors(days, [name])[0])
    node = tides.mean_longitudes(days)["N"] % 360.0
    for angle, factor in zip((0.0, 180.0), NODAL[name], strict=True):
        nearest = np.abs((node - angle + 180) % 360 - 180).argmin()
        assert size[nearest] == pytest.approx(factor, abs=0.01)
    assert np.abs(phasors(days, ["S2"])).max() == pytest.approx(1.0)


def displaced(theta, phi, name, course):
    """Displacement in m of a point of the sphere, from the potential by finite differences."""
    one = CONSTITUENTS[name]
    norm = {1: -3 * np.sqrt(5 / (24 * np.pi)), 2: 3 * np.sqrt(5 / (96 * np.pi))}[one.species]

    def height(t, p):
        place = np.sin(t) ** 2 if one.species == 2 else np.sin(t) * np.cos(t)
        angle = np.angle(course) + one.species * p
        wave = np.cos(angle) if one.species == 2 else np.sin(angle)
        scale = one.height * norm * (tides.RADIUS / tides.EQUATOR) ** 2 * abs(course)
        return scale * place * wave

    e = 1e-5
    along_theta = (height(theta + e, phi) - height(theta - e, phi)) / (2 * e)
    along_phi = (height(theta, phi + e) - height(theta, phi - e)) / (2 * e * np.sin(theta))
    st_, ct, sp, cp = np.sin(theta), np.cos(theta), np.sin(phi), np.cos(phi)
    up = np.array([st_ * cp, st_ * sp, ct])
    south, east = np.array([ct * cp, ct * sp, -st_]), np.array([-sp, cp, 0.0])
    return one.h * height(theta, phi) * up + one.l * (along_theta * south + along_phi * east)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    latitude=st.floats(-80, 80),
    longitude=st.floats(-180, 180),
    azimuth=st.floats(0, 180),
    hour=st.integers(0, 8000),
)
def test_gauges_measure_changes_of_length(name, latitude, longitude, azimuth, hour):
    """Gauge 1 sees by how much two points of the sphere along its azimuth move apart."""
    when = YEAR[hour : hour + 1]
    course = phasors(when, [name])[0, 0]
    theta, phi = np.pi / 2 - geocentric(latitude), np.radians(longitude)
    angle, step = np.radians(azimuth), 1e-3
    ends = []
    for sign in (-1.0, 1.0):
        # Along the great circle through the point.
        t = np.arccos(
            np.cos(theta) * np.cos(step)
            + np.sin(theta) * np.sin(step) * np.cos(angle if sign > 0 else angle + np.pi)
        )
        turn = np.arctan2(
            sign * np.sin(angle) * np.sin(step) * np.sin(theta),
            np.cos(step) - np.cos(theta) * np.cos(t),
        )
        p = phi + turn
        point = tides.RADIUS * np.array([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)])
        ends.append((point, displaced(t, p, name, course)))
    line, apart = ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]
    expected = 1e9 * (line @ apart) / (line @ line)
    ground = tidal_strain(when, latitude, longitude, [name])
    assert (gauge_matrix(azimuth, 1.0) @ ground)[0, 0] == pytest.approx(expected, abs=2e-3)


# Other lines of the full tide, degrees an hour, that a year's fit has to hold.
OTHERS = [
    14.9589314, 30.0821373, 13.3986609, 28.5125831, 27.9682084, 27.8953548, 29.5284789,
    29.9589333, 12.9271398, 16.1391017, 15.5854433, 14.4966939, 1.0980331, 0.5443747,
    0.0821373, 15.0821353, 15.1232059, 12.8542862, 16.6834764,
]  # fmt: skip


def pysolid_strain(latitude, longitude):
    """Strain from pysolid's displacements of five points, by central differences."""
    pysolid = pytest.importorskip("pysolid")
    d, r = 1.0, 6_371_000.0

    def point(lat, lon):
        begin, end = datetime(2012, 5, 1), datetime(2013, 5, 1)
        found = pysolid.calc_solid_earth_tides_point(
            lat, lon, begin, end, step_sec=3600, verbose=False
        )
        return [np.asarray(x, dtype=float)[: YEAR.size] for x in found[1:]]

    phi, angle = np.radians(latitude), np.radians(d)
    east, north, up = point(latitude, longitude)
    n, s = point(latitude + d, longitude), point(latitude - d, longitude)
    e, w = point(latitude, longitude + d), point(latitude, longitude - d)
    e_nn = (n[1] - s[1]) / (2 * angle * r) + up / r
    e_ee = (e[0] - w[0]) / (2 * angle * r * np.cos(phi)) + up / r - north * np.tan(phi) / r
    shear = (
        (n[0] - s[0]) / (2 * angle * r)
        + (e[1] - w[1]) / (2 * angle * r * np.cos(phi))
        + east * np.tan(phi) / r
    )
    return 1e9 * np.array([e_nn + e_ee, e_nn - e_ee, shear])


@pytest.mark.parametrize(("latitude", "longitude"), [(30.0, 102.0), (-45.0, -70.0), (55.0, -3.0)])
def test_amplitudes_and_phases_of_pysolid(latitude, longitude):
    """In a year of the full tide, the five constituents have our amplitudes and phases."""
    full = pysolid_strain(latitude, longitude)
    course = phasors(YEAR, NAMES)
    hours = np.arange(YEAR.size)
    columns = [np.ones(YEAR.size), *course.real, *course.imag]
    columns += [f(np.radians(w) * hours) for w in OTHERS for f in (np.cos, np.sin)]
    fit = np.linalg.lstsq(np.column_stack(columns), full.T, rcond=None)[0]
    theirs = (fit[1:6] - 1j * fit[6:11]).T
    ours = strain_coefficients(latitude, longitude, NAMES)
    # Areal: better than 2 % of each constituent. pysolid's Love numbers depend on latitude, which
    # makes up to 2 %; its tide of degree three has a line by N2, with another sign in the south.
    for column, name in enumerate(NAMES):
        allowed = 0.045 if name == "N2" else 0.02
        assert abs(ours[0, column] - theirs[0, column]) < allowed * abs(theirs[0, column])
    # Shear: better than 3.5 % of the size of the whole tensor.
    whole = np.abs(theirs).max(axis=0)
    assert (np.abs(ours - theirs) < 0.035 * whole).all()


def test_pysolid_shows_the_core_resonance_of_k1():
    """With O1's Love numbers K1 would be a third too large."""
    one = CONSTITUENTS["K1"]
    assert (2 * one.h - 6 * one.l) / (2 * 0.6028 - 6 * 0.0846) == pytest.approx(0.753, abs=0.01)


def test_five_constituents_hold_most_of_the_areal_tide():
    full = pysolid_strain(30.0, 102.0)[0]
    ours = tidal_strain(YEAR, 30.0, 102.0)[0]
    left = full - full.mean() - ours
    assert left.std() < 0.3 * full.std()


def test_bad_names_and_places():
    with pytest.raises(InputError, match=r"tides\.constituents: unknown constituent 'M3'"):
        phasors(YEAR[:2], ["M3"])
    with pytest.raises(InputError, match="each constituent once"):
        phasors(YEAR[:2], ["M2", "M2"])
    with pytest.raises(InputError, match="latitude 91"):
        strain_coefficients(91.0, 0.0, NAMES)
