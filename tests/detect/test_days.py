import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.detect import anomalous_days, cumulative_points, days_to
from precursor_lib.errors import InputError


def minutes(start, n, step="1min"):
    return pd.date_range(start, periods=n, freq=step).to_numpy()


def test_days_are_those_of_the_zone():
    # 16:00 UTC is midnight in Beijing: the points of one UTC day fall into two local ones.
    time = minutes("2013-01-01T16:00", 2 * 1440)
    points = np.zeros(time.size, dtype=bool)
    points[1430:1450] = True
    local = anomalous_days(time, points, threshold=5)
    assert local.index.strftime("%Y-%m-%d").tolist() == ["2013-01-02", "2013-01-03"]
    assert local["points"].tolist() == [10, 10]
    assert local["anomalous"].tolist() == [True, True]
    utc = anomalous_days(time, points, threshold=5, zone_hours=0)
    assert utc["points"].tolist() == [20, 0]
    assert utc["samples"].tolist() == [1440, 960]
    assert utc.attrs["left_out"] == ["2013-01-01"]  # 480 of 1440


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(200, 4000),
    st.sampled_from([0.0, 5.5, 8.0, -7.0]),
)
def test_days_partition_points(seed, n, zone):
    rng = np.random.default_rng(seed)
    time = minutes("2020-02-27T13:37", n, "10min")
    valid = rng.random(n) < 0.7
    valid[0] = True
    points = valid & (rng.random(n) < 0.2)
    frame = cumulative_points(time, points, valid=valid, zone_hours=zone, least_coverage=0)
    local = pd.DatetimeIndex(time) + pd.Timedelta(hours=zone)
    counted = pd.Series(points.astype(int)).groupby(local.floor("D")).sum()
    held = pd.Series(valid.astype(int)).groupby(local.floor("D")).sum()
    kept = held[held > 0].index
    assert frame["points"].tolist() == counted[kept].tolist()
    assert frame["samples"].tolist() == held[kept].tolist()
    assert frame.index.tolist() == kept.tolist()
    assert frame["points"].sum() == points.sum()
    assert np.all(np.diff(frame["cumulative"]) >= 0)
    assert frame["cumulative"].iloc[-1] == points.sum()
    days = anomalous_days(
        time, points, valid=valid, zone_hours=zone, least_coverage=0, threshold=10
    )
    assert days["cumulative"].iloc[-1] == (counted > 10).sum()
    assert days["anomalous"].tolist() == (counted[kept] > 10).tolist()


def test_a_day_with_too_little_is_neither_calm_nor_anomalous():
    time = minutes("2013-01-01T16:00", 3 * 1440)
    points = np.zeros(time.size, dtype=bool)
    points[1440 : 1440 + 100] = True
    valid = np.ones(time.size, dtype=bool)
    valid[1440 + 700 : 2880] = False
    frame = anomalous_days(time, points, threshold=40, valid=valid)
    assert frame.attrs["left_out"] == ["2013-01-03"]
    assert len(frame) == 2 and not frame["anomalous"].any()
    lenient = anomalous_days(time, points, threshold=40, valid=valid, least_coverage=0.4)
    assert lenient["anomalous"].tolist() == [False, True, False]
    assert lenient["samples"].tolist() == [1440, 700, 1440]
    assert lenient.attrs["left_out"] == []


def test_a_gap_of_days_without_rows_is_reported():
    time = np.concatenate([minutes("2013-01-01T16:00", 1440), minutes("2013-01-04T16:00", 1440)])
    frame = anomalous_days(time, np.zeros(time.size, dtype=bool), threshold=40)
    assert frame.attrs["left_out"] == ["2013-01-03", "2013-01-04"]
    assert frame.attrs["samples_a_day"] == 1440
    assert frame.attrs["threshold"] == 40 and frame.attrs["zone_hours"] == 8


def test_exactly_the_threshold_does_not_exceed_it():
    time = minutes("2013-01-01T16:00", 1440)
    points = np.arange(1440) < 40
    assert not anomalous_days(time, points, threshold=40)["anomalous"].any()
    assert anomalous_days(time, points, threshold=39)["anomalous"].all()


def test_days_to_an_event_count_to_the_end_of_the_local_day():
    days = pd.DatetimeIndex(["2013-04-19", "2013-04-20"])
    # 08:02 on 20 April in Beijing.
    found = days_to(days, "2013-04-20T00:02")
    np.testing.assert_allclose(found, [-(8 * 60 + 2) / 1440, 1 - (8 * 60 + 2) / 1440])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": np.arange(4)}, "times: expected dates"),
        ({"times": minutes("2013-01-01", 4)[::-1]}, r"times\[1\]"),
        ({"points": np.zeros(4)}, "points: expected 4 booleans"),
        ({"points": np.ones(4, bool), "valid": np.zeros(4, bool)}, r"points\[0\] stands"),
        ({"threshold": -1}, "threshold"),
        ({"least_coverage": 2}, "least_coverage"),
        ({"zone_hours": 480}, "zone_hours"),
        ({"counted": 0}, "counted"),
        ({}, "no day holds"),
    ],
)
def test_bad_input_is_named(change, message):
    given = {
        "times": minutes("2013-01-01", 4),
        "points": np.zeros(4, dtype=bool),
        "threshold": 2,
    } | change
    with pytest.raises(InputError, match=message):
        anomalous_days(given.pop("times"), given.pop("points"), **given)
    with pytest.raises(InputError, match="UTC without a zone"):
        days_to(pd.DatetimeIndex(["2013-04-19"]), "2013-04-20T00:02+08:00")
