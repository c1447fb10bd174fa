"""Simulated OLR: each part alone, its statistics against what was asked, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.context import geodesic_distance_km
from precursor_lib.errors import InputError
from precursor_lib.simulate.olr import olr_fields
from precursor_lib.simulate.signals import red_network

SPAN = {"start": "2007-09-01", "end": "2016-09-01"}
NOTHING = {"weather": None, "clouds": None, "slow": None, "noise": 0.0, "missing": 0.0}
SMALL = {"region": {"west": 80.0, "east": 90.0, "south": 40.0, "north": 47.5}}


def test_the_regular_course_is_the_formula() -> None:
    data = olr_fields(seed=1, **SPAN, **NOTHING)
    assert dict(data.sizes) == {"time": 3288, "latitude": 10, "longitude": 13}
    days = pd.DatetimeIndex(data["time"].to_numpy())
    course = 225.0 + 32.0 * np.cos(2 * np.pi * (days.day_of_year - 202) / 365.2425)
    np.testing.assert_allclose(data["OLR"].sel(latitude=45.0)[:, 3], course, atol=0.006)
    north, south = (data["OLR"].sel(latitude=x)[:, 0] for x in (55.0, 32.5))
    assert float(south.mean() - north.mean()) == pytest.approx(1.6 * 22.5, abs=0.1)
    assert float(north.max() - north.min()) > float(south.max() - south.min())


@pytest.mark.parametrize("part", ["weather", "slow"])
def test_red_fields_have_their_size_memory_and_reach(part: str) -> None:
    given = {"size": 8.0, "days": 3.0, "reach": 700.0}
    data = olr_fields(seed=2, **SPAN, **SMALL, **{**NOTHING, part: given})
    quiet = olr_fields(seed=2, **SPAN, **SMALL, **NOTHING)
    field = (data["OLR"] - quiet["OLR"]).to_numpy()
    assert field.std() == pytest.approx(8.0, rel=0.05)
    lagged = np.corrcoef(field[1:, 0, 0], field[:-1, 0, 0])[0, 1]
    assert lagged == pytest.approx(np.exp(-1 / 3), abs=0.04)
    apart = geodesic_distance_km(40.0, 80.0, 47.5, 90.0)
    together = np.corrcoef(field[:, 0, 0], field[:, -1, -1])[0, 1]
    assert together == pytest.approx(float(np.exp(-apart / 700.0)), abs=0.07)


def test_clouds_only_take_away() -> None:
    given = {"share": 0.3, "depth": 20.0}
    data = olr_fields(seed=3, **SPAN, **SMALL, **{**NOTHING, "clouds": given})
    quiet = olr_fields(seed=3, **SPAN, **SMALL, **NOTHING)
    change = (data["OLR"] - quiet["OLR"]).to_numpy()
    assert change.max() <= 0.006
    assert (change < -0.01).mean() == pytest.approx(0.3, abs=0.03)


def test_anomalies_are_where_and_as_large_as_stated() -> None:
    placed = {
        "day": "2010-05-03",
        "days": 6,
        "size": -30.0,
        "radius": 400.0,
        "latitude": 42.5,
        "longitude": 85.0,
    }
    with_one = olr_fields(seed=4, **SPAN, **SMALL, anomalies=[placed])
    without = olr_fields(seed=4, **SPAN, **SMALL)
    change = with_one["OLR"] - without["OLR"]
    days = change.time[np.abs(change).max(["latitude", "longitude"]) > 0.02].to_numpy()
    assert days.min() == np.datetime64("2010-05-03") and days.max() == np.datetime64("2010-05-08")
    centre = change.sel(latitude=42.5, longitude=85.0).sel(time="2010-05-05").item()
    assert centre == pytest.approx(-30.0, abs=0.02)
    off = change.sel(latitude=42.5, longitude=90.0).sel(time="2010-05-05").item()
    away = float(geodesic_distance_km(42.5, 85.0, 42.5, 90.0))
    assert off == pytest.approx(-30.0 * np.exp(-((away / 400.0) ** 2)), abs=0.03)
    (entry,) = with_one.attrs["truth"]
    assert (entry["amplitude"], entry["end"][:10]) == (-30.0, "2010-05-09")


def test_parts_do_not_change_each_other_and_seeds_repeat() -> None:
    one = olr_fields(seed=5, **SPAN, **SMALL)
    assert one.identical(olr_fields(seed=5, **SPAN, **SMALL))
    assert not np.array_equal(one["OLR"], olr_fields(seed=6, **SPAN, **SMALL)["OLR"])
    quiet = olr_fields(seed=5, **SPAN, **SMALL, slow=None)
    bare = olr_fields(seed=5, **SPAN, **SMALL, slow=None, weather=None)
    other = olr_fields(seed=5, **SPAN, **SMALL, weather=None)
    np.testing.assert_allclose(one["OLR"] - quiet["OLR"], other["OLR"] - bare["OLR"], atol=0.03)


def test_missing_days_are_whole_and_reported() -> None:
    data = olr_fields(seed=7, **SPAN, **SMALL, missing=0.1)
    gone = np.isnan(data["OLR"])
    assert (gone.any(["latitude", "longitude"]) == gone.all(["latitude", "longitude"])).all()
    count = int(gone[:, 0, 0].sum())
    assert 250 < count < 410
    assert data.attrs["report"][1] == f"OLR: {count} of 3288 days missing"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed -1: expected"),
        ({"end": "2007-08-01"}, "expected two days, the earlier one first"),
        ({"start": "2007-09-01T06:00"}, "expected two days"),
        ({"pixel": 0.0}, "region: south, north: expected pixels of 0.0 degrees"),
        ({"region": {"west": 72.0}}, "region: west, east: expected pixels of 2.5 degrees"),
        ({"region": {"left": 72.0}}, "region: unknown setting 'left'"),
        ({"noise": -1.0}, "noise -1.0: expected 0 or more"),
        ({"missing": 1.0}, "missing 1.0: expected"),
        ({"clouds": {"share": 1.0}}, r"clouds\.share"),
        ({"weather": {"days": 0.0}}, r"weather\.days"),
        (
            {
                "anomalies": [
                    {"day": "2017-01-01", "days": 2, "size": 1, "latitude": 45, "longitude": 85}
                ]
            },
            r"anomalies\[0\]: 2017-01-01 to 2017-01-02 is not within the days",
        ),
        ({"anomalies": [{"day": "2010-01-01"}]}, r"anomalies\[0\]"),
    ],
)
def test_settings_out_of_range_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        olr_fields(**{"seed": 1, **SPAN, **change})  # type: ignore[arg-type]


def test_red_networks_need_a_correlation_and_a_memory() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="memory 0: expected above 0"):
        red_network(np.eye(2), 0, 10, rng)
    with pytest.raises(InputError, match="expected a positive definite matrix"):
        red_network(np.array([[1.0, 2.0], [2.0, 1.0]]), 1.0, 10, rng)
