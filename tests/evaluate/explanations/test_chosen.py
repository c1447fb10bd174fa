"""Labels, starts of records, and supposed epicentres."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.classify import QuietRule
from precursor_lib.decompose import spatial_prior
from precursor_lib.errors import InputError
from precursor_lib.evaluate.explanations import epicentres, labels, starts
from precursor_lib.evaluate.noise.processes import Steady
from precursor_lib.pipelines import Chain


@pytest.fixture(scope="module")
def rule() -> QuietRule:
    hours = pd.date_range("2010-01-01", "2016-12-31T23:00", freq="h")
    kp = pd.Series(np.random.default_rng(0).uniform(0, 4, hours.size // 3), hours[::3])
    kp["2012-06-01":"2012-06-30"] = 6.0
    return QuietRule(kp, pd.Series(0.0, hours))


@pytest.fixture(scope="module")
def flux() -> pd.Series:
    days = pd.date_range("2010-01-01", "2016-12-31")
    return pd.Series(np.where(days.year < 2013, 150.0, 80.0), days)


def events(first: str, last: str, number: int, seed: int = 1) -> pd.Series:
    span = pd.Timestamp(last) - pd.Timestamp(first)
    place = np.sort(np.random.default_rng(seed).uniform(0, 1, number))
    return pd.Series(pd.Timestamp(first) + place * span)


def test_windows_keep_the_rules(rule: QuietRule) -> None:
    shocks = events("2010-03-01", "2015-12-01", 40)
    windows = labels.labelled_windows(shocks, shocks, rule, (2010, 2015), 24)
    assert windows["label"].value_counts().tolist() == [40, 40]
    begin = labels.ORIGIN + pd.to_timedelta(windows["start"], unit="h")
    for start, label in zip(begin, windows["label"], strict=True):
        to = (shocks - start) / pd.Timedelta(hours=1)
        if label:
            assert ((to >= 24) & (to < 25)).any()
        else:
            assert not ((to > -24) & (to < 48)).any()
            assert not (start.year == 2012 and start.month == 6)
    calm = labels.labelled_windows(shocks, shocks, rule, (2010, 2015), 24, both_calm=True)
    assert len(calm) <= len(windows)
    with pytest.raises(InputError, match="ten or more"):
        labels.labelled_windows(shocks[:4], shocks, rule, (2010, 2015), 24)


def test_other_years_give_the_labels_away(rule: QuietRule, flux: pd.Series) -> None:
    shocks = events("2010-03-01", "2012-12-01", 60)
    windows = labels.labelled_windows(
        shocks, shocks, rule, (2010, 2012), 24, quiet_years=(2014, 2016)
    )
    known = labels.sun_and_season(windows, 24, rule.kp, flux)
    assert known.shape == (len(windows), 5)
    found = labels.told_apart(windows, known, 24, "random", ["flux"], 0)
    assert found["area"] == 1.0 and found["accuracy"] == 1.0
    with pytest.raises(InputError, match="lacks a class"):
        labels.told_apart(windows, known, 24, "time", ["flux"], 0)


def test_equal_classes_stay_at_chance(rule: QuietRule, flux: pd.Series) -> None:
    shocks = events("2010-03-01", "2015-12-01", 300, seed=2)
    windows = labels.labelled_windows(shocks, shocks[::30], rule, (2010, 2015), 24)
    known = labels.sun_and_season(windows, 24, rule.kp, flux)
    for split in ("random", "time"):
        found = labels.told_apart(windows, known, 24, split, labels.FEATURES["all"], 3)
        assert found["area_low"] < 0.5 < found["area_high"]
    with pytest.raises(InputError, match="feature"):
        labels.told_apart(windows, known, 24, "time", ["fluxx"], 3)
    with pytest.raises(InputError, match="split"):
        labels.told_apart(windows, known, 24, "hash", ["flux"], 3)


def test_features_are_those_of_the_window(rule: QuietRule, flux: pd.Series) -> None:
    start = int((pd.Timestamp("2012-05-31") - labels.ORIGIN) / pd.Timedelta(hours=1))
    windows = pd.DataFrame({"start": [start], "label": [1]})
    row = labels.sun_and_season(windows, 48, rule.kp, flux)[0]
    part = rule.kp["2012-05-31":"2012-06-01T23:00"]
    assert row[0] == 150.0
    assert row[1:3].tolist() == pytest.approx([part.mean(), part.max()])


def test_lag_of_steady_noise_is_half_the_difference_of_starts() -> None:
    lags = starts.lags_by_start(Steady(), 100, [0, 100, 200], 150, 1)
    slope, low, high = starts.lag_slope(lags)
    assert low < -0.5 < high and high < -0.3
    assert slope == pytest.approx(-0.5, abs=0.1)
    assert abs(lags.loc[lags["difference"] == 0, "lag"].median()) < 10
    with pytest.raises(InputError, match="days, runs"):
        starts.inflections(Steady(), 10, 50, 0)


PLACES = pd.DataFrame(
    {"latitude": [30.0, 30.2, 32.0, 28.5, 31.5], "longitude": [102.0, 103.5, 101.0, 103.0, 104.5]},
    index=list("abcde"),
)


def test_grid_keeps_off_the_stations() -> None:
    points = epicentres.grid_about(PLACES, 5)
    assert 15 <= len(points) <= 25
    assert min(epicentres.distances(PLACES, p).min() for p in points) >= 20.0
    near = epicentres.distances(PLACES, (30.0, 102.0))
    assert near[0] == 0 and near[1] == pytest.approx(146, abs=3)
    with pytest.raises(InputError, match="number"):
        epicentres.grid_about(PLACES, 1)


def test_graph_makes_counts_fall_with_distance_from_anywhere() -> None:
    points = epicentres.grid_about(PLACES, 3)
    found = epicentres.graph_exponents(PLACES, points, 20_000, 3)
    mean = found.groupby("reading")["exponent"].mean()
    assert abs(mean["before the graph"]) < 0.02
    assert abs(mean["own sigma"]) < 0.03
    assert mean["one sigma for all stations"] < -0.05


def test_a_strong_prior_moves_the_contribution_and_ntf_stays() -> None:
    rng = np.random.default_rng(4)
    tensor = rng.gamma(2.0, 1.0, (12, 80, 5))
    frequency = np.geomspace(0.005, 0.1, 12)
    points = [(30.05, 102.3), (31.4, 104.3)]
    chain = Chain(methods=("sw_ntf",), penalty=10.0, iterations=200)
    found = epicentres.contributions([tensor], frequency, PLACES, points, chain)
    plain, led = (found[found["method"] == m].set_index("point") for m in ("ntf", "sw_ntf"))
    assert plain["nearest"].sum() < led["nearest"].sum()
    assert (led["exponent"] < plain["exponent"]).all()
    assert led["near_half"].all()
    # With such a penalty the contribution is the prior's.
    prior = spatial_prior(epicentres.distances(PLACES, points[0]))
    assert led["nearest"][0] == pytest.approx(prior.max() / prior.sum(), abs=0.1)


def test_tensor_of_a_record() -> None:
    record = np.random.default_rng(5).standard_normal((3, 3600))
    tensor, frequency = epicentres.record_tensor(record, 1.0, bins=20, step=4)
    assert tensor.shape == (20, 900, 3) and frequency.size == 20
    assert (tensor >= 0).all()
