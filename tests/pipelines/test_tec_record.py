"""A TEC record made ready: outliers, gaps, parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from statsmodels.tsa.statespace.structural import UnobservedComponents

from precursor_lib.errors import InputError
from precursor_lib.pipelines.tec_record import kalman_fill, prepare_tec
from precursor_lib.simulate.space_weather import real_activity

SEASON = 24


def course(days=80, seed=0, stations=2):
    rng = np.random.default_rng(seed)
    hour = np.arange(days * SEASON)
    level = 12 + 0.1 * np.cumsum(rng.normal(size=(stations, hour.size)), axis=1)
    return level - 6 * np.cos(2 * np.pi * hour / SEASON) + 0.2 * rng.normal(size=level.shape)


def dataset(values, start="2015-01-01", step="1h"):
    times = pd.date_range(start, periods=values.shape[1], freq=step)
    names = [f"S{i}" for i in range(len(values))]
    return xr.Dataset(
        {"VTEC": (("time", "station"), values.T)}, coords={"time": times, "station": names}
    )


def prepare(values, **changes):
    parts = {"validation": "2015-02-15", "test": "2015-03-01"}
    return prepare_tec(dataset(values), real_activity(), **{**parts, **changes})


def test_outliers_are_judged_by_the_training_part():
    values = course()
    values[0, 100] = 200.0
    values[1, 1800:1810] += 150.0  # in the test part
    record = prepare(values)
    assert np.isnan(record.observed[0, 100])
    assert np.isnan(record.observed[1, 1800:1810]).all()
    assert record.outliers == 11
    # Many of one kind widen the limit for themselves where the whole record sets it.
    many = course()
    many[1, 1700:1800] += 60.0
    assert prepare(many, sigma=5.0).outliers == 100
    assert prepare(many, sigma=5.0, whole_record=True).outliers == 0
    clean = ~np.isnan(record.observed)
    np.testing.assert_array_equal(record.filled[clean], values[clean])
    assert np.isfinite(record.filled).all()


def test_the_filter_knows_nothing_of_what_comes_after():
    values = course()
    values[0, 1500:1530] = np.nan
    later = values.copy()
    later[0, 1530:] += 3.0
    a, b = (kalman_fill(v, SEASON, end=1000)[0, 1500:1530] for v in (values, later))
    np.testing.assert_array_equal(a, b)
    a, b = (kalman_fill(v, SEASON, end=1000, how="smoother")[0, 1500:1530] for v in (values, later))
    assert np.abs(a - b).max() > 0.5


def test_fills_are_near_what_was_there_and_the_smoother_is_nearer():
    values = course(seed=5)
    holes = values.copy()
    for first in range(200, 1900, 150):
        holes[:, first : first + 10] = np.nan
    gap = np.isnan(holes)
    error = {
        how: np.sqrt(np.mean((kalman_fill(holes, SEASON, end=1000, how=how) - values)[gap] ** 2))
        for how in ("filter", "smoother")
    }
    assert error["filter"] < 1.0
    assert error["smoother"] < 0.85 * error["filter"]


def test_a_filled_gap_is_the_forecast_of_statsmodels():
    values = course(stations=1)
    values[0, 1900:] = np.nan
    found = kalman_fill(values, SEASON, end=1500)[0, 1900:]
    model = {"level": "local level", "freq_seasonal": [{"period": SEASON, "harmonics": 2}]}
    fitted = UnobservedComponents(values[0, 60:1500], **model).fit(
        disp=False, maxiter=30, method="lbfgs"
    )
    known = UnobservedComponents(values[0, :1900], **model).filter(fitted.params)
    np.testing.assert_allclose(found, known.forecast(20), rtol=1e-6)


def test_parts_inputs_and_windows():
    record = prepare(course())
    assert record.season == SEASON
    assert record.bounds == ((0, 45 * 24), (45 * 24, 59 * 24), (59 * 24, 80 * 24))
    activity = real_activity()
    moment = pd.Timestamp("2015-03-17 14:00")
    column = record.inputs[:, record.times.get_loc(moment)]
    assert column[0] == float(activity["Kp"].sel(time="2015-03-17 12:00"))
    assert column[2] == float(activity["F107"].sel(day="2015-03-17"))
    split = record.split(3, stride=6)
    assert split.training.inputs == 3
    ahead = split.test.starts + split.test.length
    assert (ahead % SEASON == 0).all()  # each block is a whole day
    assert np.array_equal(np.diff(ahead), np.full(ahead.size - 1, SEASON))
    assert ahead[0] == record.bounds[2][0] + 3 * SEASON
    placed = record.placed(split.test.batch(np.arange(len(split.test)))[1].numpy(), split)
    known = np.isfinite(placed)
    np.testing.assert_allclose(placed[known], record.filled[known], rtol=1e-5, atol=1e-4)
    assert known.all(axis=0).sum() == len(split.test) * SEASON
    assert any("outliers" in line for line in record.report)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"validation": "2015-03-02"}, "in order"),
        ({"test": "2015-03-01 06:00"}, "expected a day"),
        ({"fill": "spline"}, "filter or smoother"),
    ],
)
def test_bad_settings_are_named(changes, words):
    values = course()
    values[0, 30] = np.nan
    with pytest.raises(InputError, match=words):
        prepare(values, **changes)


def test_bad_records_are_named():
    values = course(10)
    parts = {"validation": "2015-01-05", "test": "2015-01-07"}
    with pytest.raises(InputError, match="midnight"):
        prepare_tec(dataset(values, "2015-01-01 03:00"), real_activity(), **parts)
    with pytest.raises(InputError, match="even step"):
        prepare_tec(dataset(values).isel(time=[0, 1, 3]), real_activity(), **parts)
    early = {"validation": "1950-01-05", "test": "1950-01-07"}
    with pytest.raises(InputError, match="Kp: no value"):
        prepare_tec(dataset(values, "1950-01-01"), real_activity(), **early)
    values[1, :30] = np.nan
    with pytest.raises(InputError, match="first day"):
        prepare_tec(dataset(values), real_activity(), **parts)
