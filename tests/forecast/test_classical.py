"""Baselines of scikit-learn and statsmodels on windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.arima_process import arma_generate_sample
from statsmodels.tsa.statespace.sarimax import SARIMAX

from precursor_lib.errors import InputError
from precursor_lib.forecast import split_windows
from precursor_lib.forecast.arima import ArimaForecaster
from precursor_lib.forecast.classical import (
    REGRESSORS,
    Regression,
    choose_classical,
    lag_features,
    recurrence,
    targets,
)
from precursor_lib.forecast.windows import Windows

SEASON = 6
SMALL = {
    "dnn": {"hidden_layer_sizes": (16,), "max_iter": 200},
    "random_forest": {"n_estimators": 10},
    "svm": {"C": 10.0},
    "decision_tree": {"max_depth": 6},
}


def record(samples=480, noise=0.1, seed=1):
    """A daily course whose size follows an input of the day before."""
    rng = np.random.default_rng(seed)
    days = samples // SEASON
    driver = np.repeat(rng.uniform(0.5, 1.5, days), SEASON)
    size = np.concatenate([np.ones(SEASON), driver[:-SEASON]])
    course = size * np.sin(2 * np.pi * np.arange(samples) / SEASON)
    return np.stack([course, 2 * course + 1, driver]) + noise * rng.normal(size=(3, samples))


def split_of(values, **changes):
    return split_windows(values, 12, 6, inputs=1, **changes)


def test_features_by_hand():
    series = np.stack([np.arange(30.0), 100 + np.arange(30.0), 1000 + np.arange(30.0)], axis=1)
    windows = Windows.within(series.astype(np.float32), 12, 6, inputs=1)
    # Window 3 sees samples 3 to 14; two steps ahead is sample 16.
    row = lag_features(windows, np.array([3]), np.array([1]), np.array([1]), SEASON)[0]
    expected = [110, 104, 114, 113, np.mean(np.arange(109, 115)), 1014]
    expected += [np.mean(np.arange(1009, 1015)), np.sin(2 * np.pi * 4 / 6)]
    expected += [np.cos(2 * np.pi * 4 / 6), 1 / 6]
    np.testing.assert_allclose(row, expected, rtol=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 40), st.integers(0, 5), st.integers(0, 1))
def test_features_know_nothing_ahead(window, lead, channel):
    values = record(noise=1.0)
    windows = split_of(values).training
    place = [np.array([v]) for v in (window, lead, channel)]
    before = lag_features(windows, *place, SEASON)
    later = windows.series.copy()
    later[windows.starts[window] + windows.length :] = 99.0
    after = Windows(later, windows.starts, windows.length, windows.horizon, 0, windows.inputs)
    np.testing.assert_array_equal(lag_features(after, *place, SEASON), before)


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_learns_what_the_day_before_does_not_tell(name):
    split = split_of(record())
    model = Regression(name, SMALL[name], SEASON, samples=1500).fit(split)
    forecast = model.predict(split.test)
    assert forecast.shape == (len(split.test), 6, 2)
    error = np.mean((forecast - targets(split.test)) ** 2)
    day_before = np.mean((recurrence(split.test, SEASON) - targets(split.test)) ** 2)
    assert error < 0.6 * day_before
    again = Regression(name, SMALL[name], SEASON, samples=1500).fit(split)
    np.testing.assert_array_equal(again.predict(split.test), forecast)


@pytest.mark.parametrize("order", [(1, 0, 0), (2, 0, 1), (1, 1, 1)])
def test_arima_forecasts_are_those_of_statsmodels(order):
    values = np.stack([arma_generate_sample([1, -0.8], [1, 0.3], 240), np.cumsum(np.ones(240)) % 7])
    values[0] += 0.01 * np.arange(240)
    split = split_windows(values, 10, 4)
    model = ArimaForecaster(order, seasonal=False, season=SEASON, samples=150).fit(split)
    found = model.predict(split.test)
    for window in (0, 7, len(split.test) - 1):
        known = split.test.series[: split.test.starts[window] + 10, 0].astype(float)
        reference = SARIMAX(known, order=order).filter(model._fitted[0]).forecast(4)
        np.testing.assert_allclose(found[window, :, 0], reference, rtol=1e-5, atol=1e-6)


def test_seasonal_arima_is_the_day_before_and_a_fading_difference():
    rng = np.random.default_rng(3)
    change = arma_generate_sample([1, -0.9], [1], 600, distrvs=rng.standard_normal)
    values = np.zeros(600)
    for t in range(SEASON, 600):
        values[t] = values[t - SEASON] + change[t]
    split = split_windows(values, 12, 4)
    model = ArimaForecaster((1, 0, 0), seasonal=True, season=SEASON, samples=500).fit(split)
    phi = model._fitted[0][0]
    assert phi == pytest.approx(0.9, abs=0.06)
    x = split.test.series[:, 0]
    first = int(split.test.starts[5]) + 12
    last = x[first - 1] - x[first - 1 - SEASON]
    expected = x[first - SEASON : first - SEASON + 4] + last * phi ** np.arange(1, 5)
    np.testing.assert_allclose(model.predict(split.test)[5, :, 0], expected, rtol=1e-5)


def test_the_best_of_a_grid_is_kept():
    split = split_of(record())
    grid = [{"max_depth": 1}, {"max_depth": 5}]
    choice = choose_classical("decision_tree", grid, split, season=SEASON, samples=1000)
    losses = choice.table["validation_loss"]
    assert losses[1] < losses[0]
    assert choice.table["chosen"].tolist() == [False, True]
    assert choice.model.settings == {"max_depth": 5}
    arima = choose_classical(
        "arima",
        [{"order": (1, 0, 0), "seasonal": False}, {"order": (1, 0, 0), "seasonal": True}],
        split,
        season=SEASON,
        samples=150,
    )
    assert arima.table["chosen"].tolist() == [False, True]


def test_recurrence():
    series = np.arange(60.0)[:, None].astype(np.float32)
    windows = Windows.within(series, 4, 3)
    found = recurrence(windows, 10)
    assert np.isnan(found[5]).tolist() == [[True], [False], [False]]
    np.testing.assert_array_equal(found[20], targets(windows)[20] - 10)


def test_parts_by_date():
    values = record()
    split = split_windows(values, 12, 6, inputs=1, bounds=((0, 300), (300, 380), (390, 470)))
    assert split.bounds[1] == (300, 380)
    assert split.test.starts[0] == 390
    assert split.test.starts[-1] == 470 - 18
    np.testing.assert_allclose(split.scaler.mean, values[:, :300].mean(axis=1))
    with pytest.raises(InputError, match="in order"):
        split_windows(values, 12, 6, bounds=((0, 300), (290, 380), (390, 470)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: Regression("forest", {}, SEASON), "random_forest"),
        (lambda s: Regression("svm", {"gama": 1}, SEASON), "gama"),
        (lambda s: Regression("svm", {}, 18).fit(s), "at least one season"),
        (lambda s: ArimaForecaster((1, 0), False, SEASON), "p, d, q"),
        (lambda s: ArimaForecaster((1, 0, 0), True, 5).fit(s), "at most a season"),
        (lambda s: recurrence(s.test, 3), "or more"),
        (lambda s: choose_classical("svm", [], s, season=SEASON), "one entry"),
    ],
)
def test_bad_settings_are_named(call, words):
    with pytest.raises(InputError, match=words):
        call(split_of(record()))
