import itertools
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.context import (
    AP_EDGES,
    DST_EDGES,
    chance_of_counts,
    classify,
    index_at,
    level_counts,
    level_names,
    level_shares,
)
from precursor_lib.errors import InputError


def hourly(values, start="2021-05-01"):
    return pd.Series(values, index=pd.date_range(start, periods=len(values), freq="h"), dtype=float)


@pytest.mark.parametrize(
    ("clock", "value"),
    [
        ("2021-04-30 23:59:59", np.nan),
        ("2021-05-01 00:00:00", -10),
        ("2021-05-01 00:59:59.999999999", -10),
        ("2021-05-01 01:00:00", -20),
        ("2021-05-01 02:30:00", np.nan),
        ("2021-05-01 03:00:00", np.nan),
    ],
)
def test_an_hourly_value_holds_from_its_time_for_an_hour(clock, value):
    dst = hourly([-10, -20, np.nan])
    np.testing.assert_equal(index_at([clock], dst, "1h"), [value])


def test_a_three_hourly_value_holds_for_three_hours_and_gaps_are_gaps():
    times = pd.DatetimeIndex(["2021-05-01 00:00", "2021-05-01 03:00", "2021-05-01 09:00"])
    ap = pd.Series([4.0, 32.0, 80.0], index=times)
    asked = np.array(
        ["2021-05-01T02:59:59", "2021-05-01T03:00", "2021-05-01T06:00", "2021-05-01T11:59"],
        "datetime64[s]",
    )
    np.testing.assert_equal(index_at(asked, ap, "3h"), [4.0, 32.0, np.nan, 80.0])


def test_limits_belong_to_the_level_below():
    values = [0, -30, -30.1, 50, -50.5, 120, np.nan]
    assert classify(values, DST_EDGES).tolist() == [0, 0, 1, 1, 2, 2, -1]
    assert classify([32, 39, 48, 56], AP_EDGES).tolist() == [0, 1, 1, 2]
    assert level_names("|Dst|", DST_EDGES) == ["|Dst| <= 30", "30 < |Dst| <= 50", "|Dst| > 50"]


@given(
    st.lists(st.sampled_from([0.0, 40.0, 90.0, np.nan]), min_size=1, max_size=30),
    st.lists(st.integers(-3, 12), min_size=1, max_size=5, unique=True),
    st.integers(1, 6),
)
def test_shares_equal_a_count_minute_by_minute(values, slots, hours):
    dst = hourly(values)
    starts = dst.index[0] + pd.to_timedelta(np.array(slots) * 6 * 60 + 25, unit="min")
    share = level_shares(dst, DST_EDGES, "1h", starts, hours * 3600.0)
    minutes = [s + pd.Timedelta(minutes=m) for s in starts for m in range(hours * 60)]
    level = classify(index_at(minutes, dst, "1h"), DST_EDGES)
    expected = [np.mean(level == k) for k in (0, 1, 2, -1)]
    np.testing.assert_allclose(share, expected, atol=1e-12)


def test_table_of_counts():
    dst = hourly([-10] * 12 + [-40] * 8 + [-80] * 4)
    times = np.array(["2021-05-01T01:10", "2021-05-01T13:00", "2021-05-03T00:00"], "datetime64[s]")
    frame = level_counts(
        times, dst, DST_EDGES, "1h", symbol="|Dst|", starts=["2021-05-01"], duration=86400
    )
    assert frame["count"].tolist() == [1, 1, 0, 1]
    np.testing.assert_allclose(frame["share"], [0.5, 1 / 3, 1 / 6, 0], atol=1e-12)
    np.testing.assert_allclose(frame["expected"], [1.5, 1, 0.5, 0], atol=1e-12)
    assert frame.index[-1] == "no value"


@pytest.mark.parametrize(
    ("counts", "shares"),
    [([3, 1, 0], [0.5, 0.3, 0.2]), ([0, 0, 4], [0.8, 0.15, 0.05]), ([2, 2], [0.5, 0.5])],
)
def test_chance_equals_the_listing_of_all_outcomes(counts, shares):
    n, k = sum(counts), len(counts)

    def weight(table):
        chance = float(factorial(n))
        for c, p in zip(table, shares, strict=True):
            chance *= p**c / factorial(c)
        return chance

    tables = [t for t in itertools.product(range(n + 1), repeat=k) if sum(t) == n]
    own = weight(counts)
    exact = sum(weight(t) for t in tables if weight(t) <= own * (1 + 1e-7))
    quiet = sum(weight(t) for t in tables if t[0] >= counts[0])
    chance = chance_of_counts(counts, shares)
    assert chance["table"] == pytest.approx(exact)
    assert chance["quiet"] == pytest.approx(quiet)


def test_a_level_that_never_was_cannot_hold_events():
    assert chance_of_counts([3, 1], [1.0, 0.0])["table"] == 0.0
    assert chance_of_counts([4, 0], [1.0, 0.0]) == {"quiet": 1.0, "table": 1.0}
    assert chance_of_counts([0, 0], [0.5, 0.5]) == {"quiet": 1.0, "table": 1.0}


def test_bad_input_is_named():
    dst = hourly([1, 2, 3])
    with pytest.raises(InputError, match="value 1"):
        index_at(["2021-05-01"], dst, "3h")
    with pytest.raises(InputError, match="starts less than"):
        index_at(["2021-05-01"], dst.iloc[::-1], "1h")
    with pytest.raises(InputError, match="time zone"):
        index_at(pd.DatetimeIndex(["2021-05-01"], tz="UTC"), dst, "1h")
    with pytest.raises(InputError, match="NaT"):
        index_at([pd.NaT], dst, "1h")
    with pytest.raises(InputError, match="over times"):
        index_at(["2021-05-01"], pd.Series([1.0]), "1h")
    with pytest.raises(InputError, match="interval"):
        index_at(["2021-05-01"], dst, "0h")
    with pytest.raises(InputError, match="edges"):
        classify([1], (50, 30))
    with pytest.raises(InputError, match="overlap"):
        level_shares(dst, DST_EDGES, "1h", ["2021-05-01 00:00", "2021-05-01 01:00"], 7200)
    with pytest.raises(InputError, match="at least one window"):
        level_shares(dst, DST_EDGES, "1h", [], 7200)
    with pytest.raises(InputError, match="duration"):
        level_counts(["2021-05-01"], dst, DST_EDGES, "1h", starts=["2021-05-01"])
    with pytest.raises(InputError, match="one length"):
        chance_of_counts([1, 2], [0.2, 0.3, 0.5])
    with pytest.raises(InputError, match="counts"):
        chance_of_counts([1, -2], [0.5, 0.5])
    with pytest.raises(InputError, match="shares"):
        chance_of_counts([1, 2], [0.0, 0.0])
    with pytest.raises(InputError, match="too many"):
        chance_of_counts([9000, 9000, 9000], [0.2, 0.3, 0.5])
