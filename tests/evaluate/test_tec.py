"""Skill of TEC forecasts, windows without alarms, and anomalies found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import r2_score, root_mean_squared_error

from precursor_lib.errors import InputError
from precursor_lib.evaluate.tec import (
    ALL,
    anomaly_recovery,
    daily_errors,
    place_anomalies,
    skill,
    skill_table,
    surely_better,
    window_flags,
)

TIMES = pd.date_range("2016-01-01", periods=40 * 24, freq="h")
YES = np.ones(TIMES.size, dtype=bool)


def test_skill_is_that_of_the_libraries():
    rng = np.random.default_rng(2)
    y = rng.normal(15, 5, 200)
    f = 0.8 * y + 2 + rng.normal(0, 2, 200)
    gaps = y.copy()
    gaps[:50] = np.nan
    found = skill(gaps, f)
    assert found["rho"] == pytest.approx(stats.pearsonr(y[50:], f[50:])[0])
    assert found["explained"] == pytest.approx(r2_score(y[50:], f[50:]))
    assert found["rmse"] == pytest.approx(root_mean_squared_error(y[50:], f[50:]))
    assert found["samples"] == 150


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.floats(0.1, 3), st.floats(-5, 5), st.floats(0.01, 5))
def test_identities_of_the_metrics(seed, gain, offset, noise):
    rng = np.random.default_rng(seed)
    y = rng.normal(10, 3, 60)
    f = gain * y + offset + noise * rng.normal(size=60)
    s = skill(y, f)
    assert s["r2"] == pytest.approx(s["rho"] ** 2)
    assert s["rmse"] >= s["mae"]
    # The law of cosines of the Taylor diagram.
    centred = s["rmse"] ** 2 - s["bias"] ** 2
    a, b = s["spread"], s["observed_spread"]
    assert centred == pytest.approx(a**2 + b**2 - 2 * a * b * s["rho"], rel=1e-6)
    assert a * np.sqrt(1 - s["rho"] ** 2) <= np.sqrt(centred) + 1e-9
    assert s["explained"] <= s["r2"] + 1e-12


def test_a_table_compares_on_the_samples_that_all_have():
    rng = np.random.default_rng(3)
    y = rng.normal(size=(2, 50))
    a, b = y + 0.1, y + 0.2
    b[0, :20] = np.nan
    table = skill_table(y, {"a": a, "b": b}, ["S", "T"])
    assert table.loc["a", "samples"].tolist() == table.loc["b", "samples"].tolist() == [80, 30, 50]
    pooled = table.loc[("b", ALL), "rmse"] ** 2
    weights = table.loc["b"]["samples"].iloc[1:] / 80
    assert pooled == pytest.approx((weights * table.loc["b"]["rmse"].iloc[1:] ** 2).sum())


def test_windows_of_days():
    sign = np.zeros(TIMES.size, dtype=int)
    sign[[5 * 24 + 3, 20 * 24]] = 1, -1
    quiet = YES.copy()
    quiet[20 * 24] = False
    judged = YES.copy()
    judged[: 24 * 2] = False
    table = window_flags(TIMES, sign, quiet, judged, days=12)
    assert len(table) == 40 - 12 + 1
    assert table["flagged"].tolist() == [1] * 6 + [0] * 3 + [1] * 12 + [0] * 8
    assert table["quiet_flagged"].sum() == 6
    assert table["judged"].iloc[0] == pytest.approx(10 / 12)
    assert table["quiet"].iloc[10] == pytest.approx(1 - 1 / 288)


def test_found_missed_and_false():
    sign = np.zeros(TIMES.size, dtype=int)
    truth = pd.DataFrame(
        {
            "time": ["2016-01-05 10:00", "2016-01-15 10:00", "2016-01-25 10:00"],
            "end": ["2016-01-05 16:00", "2016-01-15 16:00", "2016-01-25 16:00"],
            "size": [5.0, -5.0, 4.0],
        }
    )
    sign[TIMES.get_loc("2016-01-05 12:00")] = 1
    sign[TIMES.get_loc("2016-01-15 12:00")] = 1  # of the other sign
    sign[TIMES.get_loc("2016-01-25 12:00")] = 1  # not in a quiet time
    quiet = YES.copy()
    quiet[TIMES.get_loc("2016-01-25 00:00") :][:24] = False
    sign[TIMES.get_loc("2016-01-06 12:00")] = -1  # the day after
    sign[TIMES.get_loc("2016-01-10 12:00")] = -1
    sign[TIMES.get_loc("2016-01-10 15:00")] = -1
    got = anomaly_recovery(TIMES, sign, quiet, YES, truth)
    assert (got["placed"], got["found"]) == (2, 1)
    assert got["false_days"] == 1
    assert got["days"] == 40 - 6
    assert got["false_a_year"] == pytest.approx(365.25 / 34)
    assert got["low"] < 0.5 < got["high"]
    assert got["false_low"] < got["false_a_year"] < got["false_high"]


def test_bad_input_is_named():
    with pytest.raises(InputError, match="shapes"):
        skill([1, 2, 3], [1, 2])
    with pytest.raises(InputError, match="two samples"):
        skill([1, np.nan], [np.nan, 2])


@settings(max_examples=20)
@given(st.integers(0, 500), st.integers(1, 8))
def test_anomalies_lie_where_they_may(seed, number):
    free = YES.copy()
    free[100:400] = False
    placed = place_anomalies(TIMES, free, number=number, hours=6, size=3.0, radius=400.0, seed=seed)
    assert 1 <= len(placed) <= number
    starts = pd.DatetimeIndex([a["time"] for a in placed])
    assert (np.diff(starts) >= np.timedelta64(3, "D")).all()
    for begin, one in zip(starts, placed, strict=True):
        inside = (begin <= TIMES) & (begin + pd.Timedelta("6h") >= TIMES)
        assert free[inside].all()
        assert inside.sum() == 7
        assert abs(one["size"]) == 3.0
    assert [np.sign(a["size"]) for a in placed] == [(-1) ** k for k in range(len(placed))]
    other = place_anomalies(TIMES, free, number=number, hours=6, size=9.0, radius=1.0, seed=seed)
    assert [a["time"] for a in other] == [a["time"] for a in placed]


def test_no_room_is_said():
    with pytest.raises(InputError, match="no 6 hours"):
        place_anomalies(TIMES, ~YES, number=1, hours=6, size=1.0, radius=1.0, seed=0)


def test_daily_errors_and_what_is_beyond_chance():
    rng = np.random.default_rng(8)
    y = rng.normal(size=(3, 60 * 24))
    y[0, :30] = np.nan
    close, far = y + rng.normal(0, 1.0, y.shape), y + rng.normal(0, 1.1, y.shape)
    a, b = (daily_errors(y, f, 24) for f in (close, far))
    assert a[0] == pytest.approx(np.nanmean((close - y)[:, :24] ** 2))
    assert surely_better(a, b)
    assert not surely_better(b, a)
    assert not surely_better(a, a)
    p = stats.ttest_rel(a, b, alternative="less").pvalue
    assert not surely_better(a, b, level=p / 2)
    same = [
        surely_better(*rng.normal(size=(2, 50)) ** 2)  # models of one size
        for _ in range(400)
    ]
    assert np.mean(same) < 0.03
    assert np.isnan(daily_errors(np.full((1, 24), np.nan), np.zeros((1, 24)), 24)).all()
