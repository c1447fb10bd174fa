"""Areal and shear strain from four gauges, and the check that they agree, against plane strain."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.context import areal_strain, gauge_consistency, shear_strains
from precursor_lib.errors import InputError

NUMBER = st.floats(-1e3, 1e3)


def record(gauges: np.ndarray, units: str = "1e-9") -> xr.Dataset:
    """`gauges` of shape (4, time) or (4, time, station) as a dataset."""
    values = gauges if gauges.ndim == 3 else gauges[..., None]
    return xr.Dataset(
        {
            f"S{i + 1}": (("time", "station"), values[i], {"units": units})
            for i in range(len(values))
        },
        coords={"station": [f"A{i}" for i in range(values.shape[2])]},
    )


def in_field(east: np.ndarray, north: np.ndarray, shear: np.ndarray, azimuth: float) -> np.ndarray:
    """Linear strain along four azimuths 45 degrees apart in a plane field (closed form)."""
    angles = np.radians(azimuth + 45.0 * np.arange(4))[:, None]
    return (
        east * np.sin(angles) ** 2
        + north * np.cos(angles) ** 2
        + 2.0 * shear * np.sin(angles) * np.cos(angles)
    )


@given(NUMBER, NUMBER, NUMBER, st.floats(0.0, 360.0))
def test_areal_strain_is_that_of_the_field_at_any_azimuth(
    east: float, north: float, shear: float, azimuth: float
) -> None:
    data = record(in_field(*(np.array([v]) for v in (east, north, shear)), azimuth))
    area = areal_strain(data)
    assert area.name == "Sa" and area.attrs["units"] == "1e-9"
    np.testing.assert_allclose(area.item(), east + north, atol=1e-9)


@given(NUMBER, NUMBER, NUMBER)
def test_shear_strains_are_those_of_the_field(east: float, north: float, shear: float) -> None:
    """At azimuths 0, 45, 90, 135: S1 - S3 = north - east, S2 - S4 = 2 shear."""
    data = record(in_field(*(np.array([v]) for v in (east, north, shear)), 0.0))
    pairs = shear_strains(data)
    np.testing.assert_allclose(pairs["S13"].item(), north - east, atol=1e-9)
    np.testing.assert_allclose(pairs["S24"].item(), 2.0 * shear, atol=1e-9)
    assert pairs["S24"].attrs["units"] == "1e-9"


def field(samples: int, seed: int = 0) -> np.ndarray:
    east, north, shear = np.random.default_rng(seed).standard_normal((3, samples)).cumsum(axis=1)
    return in_field(east, north, shear, 51.0)


@given(st.floats(0.5, 2.0))
def test_k_is_exact_without_noise(k: float) -> None:
    gauges = field(50)
    gauges[[0, 2]] *= k
    for lag in (0, 1, 3):
        table = gauge_consistency(record(gauges), lag=lag)
        np.testing.assert_allclose(table["k"], k, rtol=1e-9)
        np.testing.assert_allclose(table["correlation"], 1.0)
        assert table["samples"].to_list() == [50 - lag]


def test_k_is_recovered_under_noise_where_a_plain_regression_is_too_flat() -> None:
    gauges = field(20000, seed=1)
    gauges[[0, 2]] *= 0.97
    gauges += 0.5 * np.random.default_rng(2).standard_normal(gauges.shape)
    table = gauge_consistency(record(gauges))
    assert table["k"].item() == pytest.approx(0.97, abs=0.02)
    x, y = np.diff(gauges[1] + gauges[3]), np.diff(gauges[0] + gauges[2])
    assert np.polyfit(x, y, 1)[0] < 0.75
    assert table["correlation"].item() == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_the_slope_is_that_of_the_leading_singular_vector() -> None:
    gauges = np.random.default_rng(3).standard_normal((4, 200))
    table = gauge_consistency(record(gauges), lag=0)
    for name, (a, b, c, d) in {"k": (0, 2, 1, 3), "k_printed": (0, 1, 2, 3)}.items():
        pair = np.stack([gauges[c] + gauges[d], gauges[a] + gauges[b]])
        left = np.linalg.svd(pair - pair.mean(axis=1, keepdims=True))[0][:, 0]
        assert table[name].item() == pytest.approx(left[1] / left[0])


def test_the_printed_relation_fails_where_the_right_one_holds() -> None:
    table = gauge_consistency(record(field(5000, seed=4)))
    assert table["correlation"].item() == pytest.approx(1.0)
    assert table["k"].item() == pytest.approx(1.0)
    assert abs(table["correlation_printed"].item()) < 0.4
    # Strain without a change of area: the sums of neighbours are opposite, not equal.
    wave = np.sin(np.arange(30.0))
    table = gauge_consistency(record(in_field(wave, -wave, wave, 51.0)))
    assert table["k_printed"].item() == pytest.approx(-1.0)


def test_stations_apart_and_gaps_left_out() -> None:
    gauges = np.stack([field(40, seed) for seed in (5, 6, 7)], axis=2)
    gauges[0, :, 1] *= 0.9
    gauges[2, :, 1] *= 0.9
    gauges[3, 10, 0] = np.nan
    gauges[:, 2:, 2] = np.nan
    table = gauge_consistency(record(gauges))
    np.testing.assert_allclose(table["k"], [1.0, 0.9, np.nan])
    assert table["samples"].to_list() == [37, 39, 1]
    assert np.isnan(areal_strain(record(gauges)).values[10, 0])


def test_a_dead_pair_has_no_slope() -> None:
    gauges = field(20)
    gauges[[1, 3]] = 0.0
    assert gauge_consistency(record(gauges))["k"].isna().all()


def test_bad_input_is_named() -> None:
    data = record(field(10))
    with pytest.raises(InputError, match="S3: missing; expected the gauges S1, S2, S3, S4"):
        areal_strain(data.drop_vars("S3"))
    data["S2"].attrs["units"] = "1e-10"
    with pytest.raises(InputError, match="expected one unit, got 1e-10, 1e-9"):
        shear_strains(data)
    with pytest.raises(InputError, match="lag -1: expected"):
        gauge_consistency(record(field(10)), lag=-1)
    with pytest.raises(InputError, match="S1: expected the dimensions time and station"):
        gauge_consistency(record(field(10)).squeeze("station", drop=True))
