"""Rates, windows and power of the RST index, against counts by hand and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.context import geodesic_distance_km
from precursor_lib.detect.rst import rst_chance, rst_index
from precursor_lib.errors import InputError
from precursor_lib.evaluate.rst_alarms import (
    anomaly_power,
    chance_rows,
    own_year,
    reference_rates,
    window_alarms,
    within,
)

PLACE = (45.0, 85.0)


def field(values: np.ndarray, start: str = "2008-01-01") -> xr.DataArray:
    """`values` (time, latitude, longitude) on a grid of 2.5 degrees from 42.5 N, 82.5 E."""
    return xr.DataArray(
        values,
        dims=("time", "latitude", "longitude"),
        coords={
            "time": pd.date_range(start, periods=len(values), freq="D"),
            "latitude": 42.5 + 2.5 * np.arange(values.shape[1]),
            "longitude": 82.5 + 2.5 * np.arange(values.shape[2]),
        },
    )


@pytest.fixture(scope="module")
def noise() -> xr.DataArray:
    """Nine years of independent Gaussian fields."""
    return field(np.random.default_rng(1).standard_normal((9 * 365 + 3, 5, 6)))


def test_rates_in_noise_are_the_closed_forms(noise: xr.DataArray) -> None:
    variants = {"others": {"reference": "others"}, "all": {"reference": "all"}}
    table = reference_rates(noise, [1.0, 2.0], variants).set_index("reference")
    exact = chance_rows([1.0, 2.0], {"others": (9, "others"), "all": (9, "all")})
    exact = exact.set_index("reference")
    for column in ("> 1", "< -1", "> 2", "< -2"):
        np.testing.assert_allclose(table[column], exact[column], atol=0.6)
    assert exact.loc["others", "> 2"] == pytest.approx(100 * rst_chance(2.0, 9))
    assert table.loc["all", "largest"] <= exact.loc["all", "largest"] == pytest.approx(8 / 3)


def test_pixels_within_a_distance(noise: xr.DataArray) -> None:
    inside = within(noise, *PLACE, 300.0)
    for (row, column), found in np.ndenumerate(inside):
        lat, lon = float(noise.latitude[row]), float(noise.longitude[column])
        assert found == (geodesic_distance_km(lat, lon, *PLACE) <= 300.0)
    with pytest.raises(InputError, match="radius_km 100: no pixel of the field lies so near"):
        within(noise, 46.2, 86.2, 100)


def test_windows_are_counted_one_by_one() -> None:
    values = np.zeros((40, 3, 3))
    values[20, 1, 1] = 5.0
    values[21, 1, 1] = 4.0
    values[30, 2, 2] = 3.0
    values[5] = np.nan
    index = field(values)
    table = window_alarms(index, PLACE, [1.0, 1000.0], 2.0, days=12, event_day=8)
    near = table.loc[1.0]
    # Windows start on days 6 to 28; those from day 9 or 10 to 20 or 21 hold the two days.
    starts = range(6, 29)
    assert near["windows"] == len(starts) and near["pixels"] == 1
    holds = [s <= 20 < s + 12 or s <= 21 < s + 12 for s in starts]
    both = [s <= 20 and s + 12 > 21 for s in starts]
    before = [s <= 20 < s + 8 or s <= 21 < s + 8 for s in starts]
    top = [s + 7 == 20 for s in starts]
    for name, flags in (
        ("any day", holds),
        ("two in a row", both),
        ("before the shock", before),
        ("largest the day before", top),
    ):
        assert near[name] == pytest.approx(100 * np.mean(flags)), name
    assert table.loc[1000.0, "any day"] > near["any day"]
    assert table.loc[1000.0, "pixels"] == 9


def test_power_rises_from_the_rate_without_an_anomaly(noise: xr.DataArray) -> None:
    found = rst_index(noise)
    table = anomaly_power(
        found, PLACE, [0.0, 1.0, 4.0, 40.0], threshold=2.0, days=5, search_km=50.0
    )
    assert (table.diff().iloc[1:] > 0).all().all()
    assert table.loc[40.0, "found"] == 100.0
    by_hand = 100 * (1 - (1 - rst_chance(2.0, 9)) ** 5)
    assert table.loc[0.0, "found"] == pytest.approx(by_hand, abs=3)


def test_power_is_that_of_fields_with_the_anomaly_in_them(noise: xr.DataArray) -> None:
    """One window: the anomaly is put into the field itself, and the index taken anew."""
    start, days, size = 1500, 5, 3.0
    lat, lon = noise.latitude.to_numpy()[:, None], noise.longitude.to_numpy()
    place = np.exp(-((geodesic_distance_km(lat, lon, *PLACE) / 400.0) ** 2))
    course = np.sin(np.pi * (np.arange(days) + 0.5) / days) ** 2
    changed = noise.copy()
    changed[start : start + days] += size * course[:, None, None] * place
    inside = within(noise, *PLACE, 500.0)
    new = rst_index(changed)["index"].to_numpy()[start : start + days][:, inside]
    part = rst_index(noise).isel(time=slice(start, start + days))
    table = anomaly_power(part, PLACE, [size], threshold=1.5, days=days)
    above = (new > 1.5).any(axis=1)
    assert table.loc[size, "found"] == 100 * above.any()
    assert table.loc[size, "two in a row"] == 100 * (above[1:] & above[:-1]).any()


def test_the_own_year_bends_the_index(noise: xr.DataArray) -> None:
    sizes = [0.0, 5.0, 10.0, 1000.0]
    table = own_year(noise, (45.1, 85.2), "2012-07-05", sizes)
    steps = np.diff(table["others"]) / np.diff(sizes)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert table["all"].iloc[-1] == pytest.approx(8 / 3, rel=1e-2)
    pixel = rst_index(noise)["index"].sel(time="2012-07-05", latitude=45.0, longitude=85.0)
    assert table["others"].iloc[0] == pytest.approx(pixel.item())
    with pytest.raises(InputError, match="day 2030-01-01: is not in the field"):
        own_year(noise, PLACE, "2030-01-01", sizes)
