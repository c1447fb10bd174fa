import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarm_days import day_recovery
from precursor_lib.evaluate.recovery import poisson_interval, wilson_interval

DAYS = pd.date_range("2013-01-01", periods=100, name="day")


def frame(flagged, days=DAYS):
    return pd.DataFrame({"anomalous": flagged}, index=days)


def truth(starts, hours=2.0, kind="source", station="A"):
    time = pd.to_datetime(list(starts))
    return pd.DataFrame(
        {"kind": kind, "station": station, "time": time, "end": time + pd.Timedelta(hours=hours)}
    )


def test_rates_and_intervals_by_hand():
    flagged = np.zeros(100, dtype=bool)
    flagged[[9, 20, 21, 60]] = True
    # 2013-01-10 00:30 in Beijing; 22 January; 20 February, which is not flagged.
    events = truth(["2013-01-09T16:30", "2013-01-22T04:00", "2013-02-20T04:00"])
    found = day_recovery(frame(flagged), events)
    assert (found["source_days"], found["found"]) == (3, 2)
    assert found["detection_rate"] == pytest.approx(2 / 3)
    assert found["detection_interval"] == wilson_interval(2, 3)
    assert (found["calm_days"], found["false_days"]) == (97, 2)
    assert found["false_days_a_year"] == pytest.approx(2 / 97 * 365.25)
    np.testing.assert_allclose(
        found["false_days_interval"], np.array(poisson_interval(2)) / 97 * 365.25
    )
    assert np.isnan(found["timing_error"])


def test_an_event_over_midnight_makes_two_days_and_one_day_counts_once():
    events = truth(["2013-01-09T15:30", "2013-01-09T17:00", "2013-01-09T18:00"])
    assert day_recovery(frame(np.zeros(100, bool)), events)["source_days"] == 2
    assert day_recovery(frame(np.zeros(100, bool)), events, zone_hours=0)["source_days"] == 1


def test_days_that_were_left_out_are_neither_missed_nor_calm():
    kept = DAYS.delete([9, 30])
    events = truth(["2013-01-09T16:30", "2013-01-22T04:00", "2014-01-01T00:00"])
    found = day_recovery(frame(np.zeros(98, bool), kept), events)
    assert (found["source_days"], found["source_days_left_out"]) == (1, 1)
    assert found["calm_days"] == 97


def test_only_the_station_and_kind_asked_for_count():
    events = pd.concat(
        [
            truth(["2013-01-05T04:00"]),
            truth(["2013-01-06T04:00"], station="B"),
            truth(["2013-01-07T04:00"], station=None),
            truth(["2013-01-08T04:00"], kind="spike"),
        ]
    )
    calm = frame(np.zeros(100, bool))
    assert day_recovery(calm, events)["source_days"] == 3
    assert day_recovery(calm, events, station="A")["source_days"] == 2
    assert day_recovery(calm, events, kind="spike")["source_days"] == 1


def test_timing_is_fitted_less_expected():
    events = truth(["2013-03-01T00:00", "2013-03-11T00:00", "2013-03-31T00:00"])
    found = day_recovery(frame(np.zeros(100, bool)), events, "2013-04-20T00:00", inflection=-37.0)
    assert found["expected_inflection"] == -40.0 and found["timing_error"] == 3.0
    given_ = day_recovery(
        frame(np.zeros(100, bool)), events, "2013-04-20T00:00", inflection=-37.0, expected=-35.0
    )
    assert given_["timing_error"] == -2.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_days_are_shared_out(seed):
    rng = np.random.default_rng(seed)
    flagged = rng.random(100) < rng.random()
    start = pd.Timestamp("2012-12-20") + pd.to_timedelta(rng.uniform(0, 120, 30), "D")
    events = truth(start, hours=rng.uniform(0, 60))
    found = day_recovery(frame(flagged), events)
    assert found["source_days"] + found["calm_days"] == 100
    assert found["found"] + found["false_days"] == flagged.sum()
    busy = {
        day
        for event in events.itertuples()
        for day in DAYS
        if event.time + pd.Timedelta(hours=8) < day + pd.Timedelta(days=1)
        and event.end + pd.Timedelta(hours=8) >= day
    }
    assert found["source_days"] == len(busy)
    none = day_recovery(frame(flagged), events.iloc[:0])
    assert np.isnan(none["detection_rate"]) and none["false_days"] == flagged.sum()


def test_bad_input_is_named():
    events = truth(["2013-01-05T04:00"])
    calm = frame(np.zeros(100, bool))
    with pytest.raises(InputError, match="days_frame: column 'anomalous'"):
        day_recovery(calm.rename(columns={"anomalous": "flag"}), events)
    with pytest.raises(InputError, match="truth: column 'end'"):
        day_recovery(calm, events.drop(columns="end"))
    with pytest.raises(InputError, match="event_time"):
        day_recovery(calm, events, inflection=1.0)
    with pytest.raises(InputError, match="ends before"):
        day_recovery(calm, truth(["2013-01-05T04:00"], hours=-1))
