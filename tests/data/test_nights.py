"""Cutting a record into nights."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.data import as_nightly
from precursor_lib.data.nights import Window
from precursor_lib.errors import InputError


def record(start: str, hours: float, step: str = "1min") -> xr.Dataset:
    """Two stations; a sample's value is its minute of the record."""
    times = pd.date_range(
        start, periods=round(pd.Timedelta(hours=hours) / pd.Timedelta(step)), freq=step
    )
    values = np.arange(times.size, dtype=float)
    return xr.Dataset(
        {"Z": (("time", "station"), np.column_stack([values, values + 0.5]), {"units": "nT"})},
        coords={
            "time": times.to_numpy().astype("datetime64[ns]"),
            "station": ["AAA", "BBB"],
            "latitude": ("station", [34.0, 36.0]),
            "longitude": ("station", [98.0, 100.0]),
        },
        attrs={"origin": "observed", "report": ["one thing"]},
    )


def test_each_night_is_the_records_own_part() -> None:
    data = record("2021-05-18T12:00", 72)
    network = as_nightly(data, 16, 14400, epicentre={"latitude": 34.59, "longitude": 98.34})
    assert [str(n) for n in network.nights] == [
        "2021-05-18 16:00:00",
        "2021-05-19 16:00:00",
        "2021-05-20 16:00:00",
    ]
    assert (network.samples, network.rate, network.component) == (240, 1 / 60, "Z")
    for index, night in enumerate(network):
        expected = data.sel(
            time=slice(network.nights[index], network.nights[index] + pd.Timedelta("3h59min"))
        )
        xr.testing.assert_equal(night["Z"].drop_vars("distance"), expected["Z"])
    assert list(network.stations.index) == ["AAA", "BBB"]
    assert 60 < network.stations.loc["AAA", "distance"] < 75
    assert network.attrs["origin"] == "observed"
    assert network.attrs["report"] == [
        "one thing",
        "3 nights cut from a record that touches 4 days",
    ]


def test_a_night_may_be_changed_without_changing_the_record() -> None:
    network = as_nightly(record("2021-05-18", 24), 0, 3600)
    network.night(0)["Z"][:] = np.nan
    assert not np.isnan(network.night(0)["Z"]).any()


def test_nights_pickle() -> None:
    network = as_nightly(record("2021-05-18", 24), 0, 3600)
    again = pickle.loads(pickle.dumps(network))
    xr.testing.assert_identical(again.night(0), network.night(0))


def test_without_an_epicentre_distances_are_unknown_or_the_records_own() -> None:
    data = record("2021-05-18", 24)
    assert as_nightly(data, 0, 3600).stations["distance"].isna().all()
    known = data.assign_coords(distance=("station", [1.0, 2.0]))
    assert list(as_nightly(known, 0, 3600).stations["distance"]) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start_hour": 24, "duration": 3600}, "start_hour: expected 0 up to 24"),
        ({"start_hour": 0, "duration": 0}, "duration: expected up to 86400 s"),
        ({"start_hour": 0, "duration": 90000}, "duration: expected up to 86400 s"),
        ({"start_hour": 0, "duration": 3600, "component": "X"}, "unknown component 'X'"),
        ({"start_hour": 22, "duration": 14400}, "no night of 14400 s from 22 h UTC lies within"),
        ({"start_hour": 1.001, "duration": 3600}, "lies between two samples"),
        (
            {"start_hour": 0, "duration": 3600, "epicentre": {"lat": 1}},
            "epicentre: expected 'latitude' and 'longitude'",
        ),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        as_nightly(record("2021-05-18", 24), **arguments)


def test_an_axis_with_breaks_is_refused() -> None:
    data = record("2021-05-18", 24).isel(time=[0, 1, 2, 5, 6])
    with pytest.raises(InputError, match="regular, ascending steps"):
        as_nightly(data, 0, 120)


@given(
    first=st.integers(0, 3 * 24),
    length=st.integers(1, 5 * 24),
    start=st.integers(0, 23),
    duration=st.integers(1, 24),
)
def test_nights_are_all_the_windows_that_fit(
    first: int, length: int, start: int, duration: int
) -> None:
    begin = pd.Timestamp("2021-05-18") + pd.Timedelta(hours=first)
    end = begin + pd.Timedelta(hours=length)
    found = Window(start, duration * 3600.0).starts(begin, end)
    every = pd.date_range("2021-05-10", "2021-06-10", freq="h")
    fits = (every.hour == start) & (every >= begin) & (every + pd.Timedelta(hours=duration) <= end)
    assert list(found) == list(every[fits])
