"""The RST index against brute force, its chance in noise, and what may not change it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.detect.rst import REFERENCES, rst_chance, rst_index
from precursor_lib.errors import InputError


def daily(values: np.ndarray, start: str = "2010-01-01") -> xr.DataArray:
    """`values` of shape (days, pixels) as a field of one row of pixels."""
    return xr.DataArray(
        values[:, None, :],
        dims=("time", "latitude", "longitude"),
        coords={
            "time": pd.date_range(start, periods=len(values), freq="D"),
            "latitude": [45.0],
            "longitude": 80.0 + np.arange(values.shape[1]),
        },
        attrs={"units": "W m-2"},
    )


def noise(days: int, seed: int, pixels: int = 2, holes: float = 0.05) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = 220 + 20 * rng.standard_normal((days, pixels))
    values[rng.random(values.shape) < holes] = np.nan
    return values


def by_hand(field: xr.DataArray, at: int, reference: str, half: int) -> np.ndarray:
    """Values of the reference of one day, gathered one by one; shape (values, pixel)."""
    times = pd.DatetimeIndex(field["time"].to_numpy())
    day = times[at]
    month, number = (2, 28) if (day.month, day.day) == (2, 29) else (day.month, day.day)
    gathered = []
    for year in range(times[0].year, times[-1].year + 1):
        if (reference == "others" and year == day.year) or (
            reference == "past" and year >= day.year
        ):
            continue
        centre = pd.Timestamp(year, month, number)
        if not times[0] <= centre <= times[-1]:
            continue
        for step in range(-half, half + 1):
            near = centre + pd.Timedelta(days=step)
            if times[0] <= near <= times[-1] and (near.month, near.day) != (2, 29):
                gathered.append(field.sel(time=near).values[0])
    return np.array(gathered).reshape(-1, field.sizes["longitude"])


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(REFERENCES), st.sampled_from([0, 1, 10]))
def test_the_index_is_that_of_values_gathered_by_hand(seed: int, reference: str, half: int) -> None:
    field = daily(noise(2300, seed), "2010-11-20")
    found = rst_index(field, reference=reference, half_window=half, least=3)  # type: ignore[arg-type]
    times = pd.DatetimeIndex(field["time"].to_numpy())
    leap = list(np.flatnonzero((times.month == 2) & (times.day == 29)))
    picked = [0, 41, 42, 2299, *leap, *np.random.default_rng(seed).integers(0, 2300, 12)]
    for at in map(int, picked):
        held = by_hand(field, at, reference, half)
        for pixel in range(2):
            values = held[:, pixel]
            values = values[np.isfinite(values)]
            place = {"time": at, "latitude": 0, "longitude": pixel}
            here = {name: found[name][place].item() for name in found}
            if values.size < 3:
                assert np.isnan(here["index"]) and here["used"] == 0
                continue
            mean, deviation = values.mean(), values.std(ddof=1)
            assert here["used"] == values.size
            np.testing.assert_allclose([here["mean"], here["deviation"]], [mean, deviation], 1e-8)
            expected = (field[place].item() - mean) / deviation
            np.testing.assert_allclose(here["index"], expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("reference", REFERENCES)
def test_rates_in_noise_are_the_expected_ones(reference: str) -> None:
    years = 9
    field = daily(noise(years * 365 + 2, 3, pixels=60, holes=0.0))
    index = rst_index(field, reference=reference)["index"]  # type: ignore[arg-type]
    times = pd.DatetimeIndex(field["time"].to_numpy())
    usual = ~((times.month == 2) & (times.day == 29))
    count = 9 if reference != "past" else 6
    part = usual & (times.year == 2015) if reference == "past" else usual
    for threshold in (1.0, 2.0, 2.5):
        for sign in (1, -1):
            rate = float((sign * index[part] > threshold).mean())
            expected = rst_chance(threshold, count, reference)  # type: ignore[arg-type]
            assert rate == pytest.approx(expected, abs=0.004)


def test_the_own_year_bounds_the_index() -> None:
    values = noise(9 * 365 + 2, 4, holes=0.0)
    values[1000] += 1e4
    field = daily(values)
    every = rst_index(field, reference="all")["index"]
    others = rst_index(field, reference="others")["index"]
    assert every[1000].max().item() == pytest.approx(8 / 3, rel=1e-3)
    assert others[1000].min().item() > 100
    assert rst_chance(2.7, 9, "all") == 0.0 < rst_chance(2.6, 9, "all")


def test_a_day_is_no_part_of_what_it_is_tested_against() -> None:
    values = noise(6 * 365, 5, holes=0.0)
    changed = values.copy()
    changed[1500] += 50.0
    for reference, rest in (("others", slice(0, 0)), ("past", slice(0, 1500))):
        one, two = (rst_index(daily(v), reference=reference) for v in (values, changed))  # type: ignore[arg-type]
        # Taking off a level that both days share leaves differences in the last digits.
        np.testing.assert_allclose(one["mean"][1500], two["mean"][1500], rtol=1e-12)
        np.testing.assert_allclose(one["index"][rest], two["index"][rest], rtol=1e-6, atol=1e-9)
        same_day_later = 1500 + 365
        assert (one["mean"][same_day_later] != two["mean"][same_day_later]).all()


@given(st.floats(-1e3, 1e3), st.floats(0.1, 50.0), st.integers(0, 100))
@settings(max_examples=10, deadline=None)
def test_shift_and_scale_change_nothing(shift: float, scale: float, seed: int) -> None:
    values = noise(5 * 365, seed)
    one, two = rst_index(daily(values)), rst_index(daily(shift + scale * values))
    np.testing.assert_allclose(two["index"], one["index"], rtol=1e-5, atol=1e-7)


def test_what_the_scene_shares_can_go() -> None:
    values = noise(5 * 365, 6, pixels=3)
    shared = values + 30 * np.random.default_rng(7).standard_normal((len(values), 1))
    one, two = (rst_index(daily(v), remove_scene=True)["index"] for v in (values, shared))
    np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-8)
    assert not np.allclose(rst_index(daily(values))["index"], one, equal_nan=True)


def test_a_constant_has_no_index_and_dimensions_stay() -> None:
    field = daily(np.full((5 * 365, 2), 200.0)).transpose("longitude", "time", "latitude")
    found = rst_index(field)
    assert found["index"].dims == field.dims
    assert np.isnan(found["index"]).all()
    assert found["mean"].max().item() == pytest.approx(200.0)
    assert found["mean"].attrs["units"] == "W m-2" and found["index"].attrs["units"] == "1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reference": "future"}, "unknown reference 'future'"),
        ({"half_window": -1}, "half_window: expected 0 to 182"),
        ({"least": 1}, "least: expected 2 or more"),
    ],
)
def test_parameters_out_of_range_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        rst_index(daily(noise(800, 1)), **change)  # type: ignore[arg-type]


def test_other_fields_are_refused() -> None:
    field = daily(noise(800, 1))
    with pytest.raises(InputError, match="expected a dimension time, got latitude, longitude"):
        rst_index(field.isel(time=0))
    for wrong in (field.isel(time=slice(None, None, 2)), field.isel(time=[0])):
        with pytest.raises(InputError, match="expected one field a day"):
            rst_index(wrong)
    with pytest.raises(InputError, match="got an infinite one"):
        rst_index(field.where(field["time"] != field["time"][5], np.inf))
    for change in ({"years": 2}, {"threshold": 0.0}, {"reference": "x"}):
        with pytest.raises(InputError, match=r"expected a|unknown reference"):
            rst_chance(**{"threshold": 2.0, "years": 9, **change})  # type: ignore[arg-type]
