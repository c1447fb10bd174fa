"""Events near a station by brute force, and the declustering by its definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.classify import events_near, mainshocks, sequence_windows
from precursor_lib.context import geodesic_distance_km
from precursor_lib.errors import InputError


def catalogue(number=300, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "time": pd.Timestamp("2015-01-01")
            + pd.to_timedelta(np.sort(rng.uniform(0, 1500, number)), unit="D"),
            "latitude": rng.uniform(39, 44, number),
            "longitude": rng.uniform(11, 18, number),
            "depth": rng.uniform(0, 60, number),
            "magnitude": rng.choice([3.9, 4.0, 4.1, 5.2], number),
        }
    )


def test_events_near_by_brute_force():
    events = catalogue()
    events.loc[::7, "depth"] = np.nan
    got = events_near(
        events, latitude=41.4, longitude=14.3, radius_km=200, max_depth_km=30, above=4.0
    )
    distance = geodesic_distance_km(41.4, 14.3, events["latitude"], events["longitude"])
    keep = (distance <= 200) & (events["depth"] <= 30) & (events["magnitude"] > 4.05)
    assert got["time"].tolist() == events.loc[keep, "time"].tolist()
    np.testing.assert_allclose(got["distance"], distance[keep])
    assert "unknown" in got.attrs["report"][-1]


def test_above_leaves_the_limit_out_and_minimum_keeps_it():
    near = {"latitude": 41.4, "longitude": 14.3, "radius_km": 400.0}
    above = events_near(catalogue(), above=4.0, **near)
    least = events_near(catalogue(), min_magnitude=4.0, **near)
    assert above["magnitude"].min() == 4.1
    assert least["magnitude"].min() == 4.0


def test_windows_of_sequences_at_printed_values():
    # Gardner and Knopoff (1974), table 1: rounded.
    km, days = sequence_windows(np.array([4.0, 5.0, 6.0]))
    np.testing.assert_allclose(km, [30, 40, 54], rtol=0.05)
    np.testing.assert_allclose(days, [42, 155, 510], rtol=0.08)


def brute(events):
    """The definition, one pair at a time."""
    rows = events.reset_index(drop=True)
    free, main = set(rows.index), set()
    for i in sorted(rows.index, key=lambda k: (-rows["magnitude"][k], rows["time"][k])):
        if i not in free:
            continue
        free.remove(i)
        main.add(i)
        km, days = sequence_windows(rows["magnitude"][i])
        for j in list(free):
            apart = abs(rows["time"][j] - rows["time"][i]) / pd.Timedelta(days=1)
            distance = geodesic_distance_km(
                rows["latitude"][i], rows["longitude"][i], rows["latitude"][j], rows["longitude"][j]
            )
            if apart <= days and distance <= km:
                free.remove(j)
    return [k in main for k in rows.index]


@given(st.integers(1, 40), st.integers(0, 50))
@settings(max_examples=20, deadline=None)
def test_mainshocks_by_brute_force(number, seed):
    rng = np.random.default_rng(seed)
    events = catalogue(number, seed).assign(
        latitude=42 + 0.3 * rng.standard_normal(number),
        longitude=13 + 0.3 * rng.standard_normal(number),
        magnitude=np.round(rng.uniform(4, 6.6, number), 2),
    )
    found = mainshocks(events)
    assert found.tolist() == brute(events)
    # The order of the rows does not matter, and mainshocks among themselves all stay.
    order = rng.permutation(number)
    assert mainshocks(events.iloc[order]).tolist() == found[order].tolist()
    assert mainshocks(events[found]).all()


def test_a_sequence_keeps_its_largest_event():
    events = catalogue(4).assign(
        time=pd.to_datetime(["2016-08-24", "2016-10-26", "2016-10-30", "2019-01-01"]),
        latitude=42.8,
        longitude=13.1,
        magnitude=[6.0, 5.9, 6.5, 4.2],
    )
    assert mainshocks(events).tolist() == [False, False, True, False]
    events.loc[3, "time"] = pd.Timestamp("2019-12-01")
    assert mainshocks(events).tolist() == [False, False, True, True]


def test_bad_input_is_named():
    near = {"latitude": 41.4, "longitude": 14.3}
    with pytest.raises(InputError, match="radius_km 0"):
        events_near(catalogue(), radius_km=0, **near)
    with pytest.raises(InputError, match="one of the two"):
        events_near(catalogue(), radius_km=9, above=4, min_magnitude=4, **near)
    with pytest.raises(InputError, match="columns"):
        events_near(catalogue().drop(columns="depth"), radius_km=9, **near)
