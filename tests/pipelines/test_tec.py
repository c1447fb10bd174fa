"""From a forecast to anomalies, and the six models on one small record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.context.space_weather import index_at
from precursor_lib.detect.tec_rules import error_bounds
from precursor_lib.errors import InputError
from precursor_lib.pipelines.tec import (
    activity_at,
    climatology,
    detect_by_error,
    detect_by_median,
    errors_by_lead,
    future_inputs,
    synchronous,
)
from precursor_lib.pipelines.tec_models import GRIDS, fit_models, floors
from precursor_lib.pipelines.tec_record import prepare_tec
from precursor_lib.simulate.space_weather import real_activity, real_kp, real_rc
from precursor_lib.simulate.tec import tec_network

STATIONS = [
    {"id": name, "latitude": latitude, "longitude": 86.1}
    for name, latitude in (("A", 44.2), ("B", 41.7), ("C", 43.0))
]
ANOMALY = {"time": "2016-11-28T03:00", "hours": 6, "size": 16.0, "latitude": 43.0}


@pytest.fixture(scope="module")
def data():
    placed = {**ANOMALY, "longitude": 86.1}
    return tec_network(
        seed=2,
        stations=STATIONS,
        start="2016-06-01",
        end="2016-12-16",
        step="1h",
        anomalies=[placed],
        receiver={"outliers": 5.0},
    )


@pytest.fixture(scope="module")
def record(data):
    parts = {"validation": "2016-09-20", "test": "2016-10-20", "sigma": 6.0}
    return prepare_tec(data, real_activity(), **parts)


@pytest.fixture(scope="module")
def quiet(record):
    return activity_at(record.times, real_kp(), real_rc())[2]


def day_before(record):
    late = np.roll(record.filled, record.season, axis=1)
    late[:, : record.bounds[2][0]] = np.nan
    return late


def test_activity_and_quiet_times(record):
    kp, dst, calm = activity_at(record.times, real_kp(), real_rc())
    row = record.times.get_loc("2016-11-25 04:00")
    assert kp[row] == real_kp()["2016-11-25 03:00"]
    assert dst[row] == real_rc()["2016-11-25 04:00"]
    np.testing.assert_array_equal(calm, (kp < 3) & (dst > -30))


def test_errors_beyond_their_bounds(record, quiet):
    forecast = day_before(record)
    found = detect_by_error(record, forecast, quiet)
    error = record.observed - forecast
    bounds = error_bounds(error, record.times.values)
    judged = np.isfinite(error) & np.isfinite(bounds.upper)
    np.testing.assert_array_equal(found.judged, judged)
    above = judged & (error > bounds.upper)
    np.testing.assert_array_equal(found.dtec > 0, above)
    np.testing.assert_allclose(found.dtec[above], (record.observed - found.upper)[above])
    np.testing.assert_allclose(found.upper[judged], (forecast + bounds.upper)[judged])
    # No day is judged before 15 days of errors are there, half of them at least.
    first = record.times[judged.any(axis=0)][0]
    assert first >= record.times[record.bounds[2][0]] + pd.Timedelta("7D")


def test_the_anomaly_is_found_by_both_rules(record, quiet):
    by_error = detect_by_error(record, day_before(record), quiet)
    by_median = detect_by_median(record, quiet, like=by_error)
    inside = (record.times >= "2016-11-28 04:00") & (record.times <= "2016-11-28 08:00")
    for found in (by_error, by_median):
        assert (found.sign[inside] == 1).any()
        day = found.by_day().loc["2016-11-28"]
        assert day["sign"] == 1
        assert 0 < day["quiet_flagged"] <= day["flagged"]
    assert not (by_median.judged & ~by_error.judged).any()
    alone = by_error.station("B")
    assert alone.stations == ("B",)
    np.testing.assert_array_equal(alone.sign, np.sign(by_error.dtec[1]))


def test_climatology_uses_no_later_flux(record, data):
    activity = real_activity()
    found = climatology(record, data, activity)
    test = record.test_times
    error = (found - record.observed)[:, test]
    assert np.sqrt(np.nanmean(error**2)) < 5
    later = activity.copy(deep=True)
    later["F107"] = later["F107"].where(later["day"] < np.datetime64("2016-12-01"), 200.0)
    known = record.times < pd.Timestamp("2016-12-02")
    np.testing.assert_allclose(climatology(record, data, later)[:, known], found[:, known])
    assert not np.allclose(climatology(record, data, later)[:, ~known], found[:, ~known])


def test_future_inputs_are_those_of_the_horizon(record):
    shifted = future_inputs(record, 24)
    np.testing.assert_array_equal(shifted.inputs[:, 100], record.inputs[:, 124])
    split = shifted.split(2)
    x, _ = split.test.batch([0])
    kp = split.scaler.invert(x[0].numpy())[:, 3]
    ahead = record.times[split.test.starts[0] + split.test.length :][:24]
    np.testing.assert_allclose(kp[-24:], index_at(ahead, real_kp(), "3h"), atol=1e-5)


def test_six_models_on_one_record(record):
    split = record.split(2, stride=24)
    models = fit_models(record, split, epochs=2, samples=600, trials=1)
    found = {**models.forecasts(split.test), **floors(record, split.test)}
    assert list(found)[:6] == ["ED-LSTME", "DNN", "RF", "SVM", "ARIMA", "DT"]
    for values in found.values():
        assert values.shape == (len(split.test), 24, 3)
        assert np.isfinite(values).all()
    assert models.trials["chosen"].sum() == len(models.trials) == 6
    lead = errors_by_lead(record, found["day before"], split)
    windows = split.test
    first = (windows.starts + windows.length)[:, None]
    late = record.observed[:, first] - record.filled[:, first - 24]
    assert lead[0] == pytest.approx(np.sqrt(np.nanmean(late**2)), rel=1e-4)
    with pytest.raises(InputError, match="trials"):
        fit_models(record, split, epochs=1, samples=600, trials=9)


def test_equal_numbers_of_trials():
    assert {len(grid) for grid in GRIDS.values()} == {3}


def test_all_stations_on_one_side():
    dtec = np.array([[1, 1, 1, -1, 0, 2], [2, -1, 1, -2, 0, 1], [1, 1, 1, -1, 1, 1.0]])
    judged = np.ones(dtec.shape, dtype=bool)
    judged[1, 1] = False  # a station without data does not speak against it
    judged[:2, 5] = False  # but one alone is not enough
    assert synchronous(dtec, judged, least=2).tolist() == [1, 1, 1, -1, 0, 0]
    assert synchronous(dtec[:1], judged[:1]).tolist() == [1, 1, 1, -1, 0, 0]
