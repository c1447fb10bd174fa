from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from precursor_lib.detect import compare_growth, fit_line, fit_sigmoid, sigmoid
from precursor_lib.detect.growth_checks import standard_errors
from precursor_lib.errors import InputError

DAYS = np.arange(-90.0, 31.0)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-5, 5),
    st.floats(1, 100),
    st.floats(-75, 15),
    st.floats(0.5, 20),
    st.booleans(),
)
def test_known_parameters_come_back(low, rise, x0, dx, falling):
    a1, a2 = (low + rise, low) if falling else (low, low + rise)
    fit = fit_sigmoid(DAYS, sigmoid(DAYS, a1, a2, x0, dx))
    assert fit.converged, fit.reason
    expected = {"A1": a1, "A2": a2, "x0": x0, "dx": dx}
    for name, value in expected.items():
        assert fit.parameters[name] == pytest.approx(value, abs=2e-3 * max(rise, 1))
    assert fit.r2 > 1 - 1e-6


# The centre of the days is also the middle of the bounds of x0, where lmfit's step is zero.
@pytest.mark.parametrize("x0", [-30.0, -40.0])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_errors_are_those_of_the_derivatives_wherever_the_fit_ends(x0, noise):
    y = sigmoid(DAYS, 0.0, 18.0, x0, 8.0) + noise * np.sign(DAYS - x0)
    fit = fit_sigmoid(DAYS, y)
    assert fit.converged, fit.reason
    best = list(fit.parameters.values())
    step = 1e-5
    j = np.column_stack(
        [
            (sigmoid(DAYS, *(best + step * e)) - sigmoid(DAYS, *(best - step * e))) / (2 * step)
            for e in np.eye(4)
        ]
    )
    variance = np.sum((fit.predict(DAYS) - y) ** 2) / (DAYS.size - 4)
    expected = np.sqrt(variance * np.diag(np.linalg.inv(j.T @ j)))
    np.testing.assert_allclose(list(fit.errors.values()), expected, rtol=2e-3, atol=1e-9)


def test_a_line_without_noise_has_no_error():
    line = fit_line(np.arange(8.0), 4 * np.arange(8.0))
    assert line.converged and all(0 <= error < 1e-12 for error in line.errors.values())


def test_parameters_that_the_points_do_not_tell_apart_have_no_error():
    params = {"a": SimpleNamespace(stderr=None), "b": SimpleNamespace(stderr=None)}
    result = SimpleNamespace(params=params, chisqr=1.0)
    same = np.column_stack((np.ones(9), np.ones(9)))
    assert np.isnan(list(standard_errors(result, ("a", "b"), same).values())).all()
    apart = np.column_stack((np.ones(9), np.arange(9.0)))
    found = standard_errors(result, ("a", "b"), apart)
    known = np.sqrt(np.diag(np.linalg.inv(apart.T @ apart)) / 7)
    np.testing.assert_allclose(list(found.values()), known)


def test_errors_cover_the_truth_for_independent_noise():
    rng = np.random.default_rng(3)
    x = np.linspace(-85, -60, 60)
    clean = sigmoid(x, 2, 20, -73.3, 2.5)
    inside = 0
    for _ in range(60):
        fit = fit_sigmoid(x, clean + rng.normal(0, 0.5, x.size))
        assert fit.converged
        inside += abs(fit.parameters["x0"] + 73.3) <= 2 * fit.errors["x0"]
    # 95 % of 60 are 57; a binomial of that rate falls below 51 once in 300 times.
    assert inside >= 51


def test_the_grid_finds_the_better_of_two_rises():
    y = sigmoid(DAYS, 0, 10, -70, 1.5) + sigmoid(DAYS, 0, 30, -20, 1.5)
    fit = fit_sigmoid(DAYS, y)
    assert fit.parameters["x0"] == pytest.approx(-20, abs=4)
    brute = min(
        np.sum((np.column_stack((np.ones(DAYS.size), s)) @ c - y) ** 2)
        for x0 in np.arange(-90, 31, 1.0)
        for dx in np.geomspace(0.3, 60, 40)
        for s in [sigmoid(DAYS, 0, 1, x0, dx)]
        for c in [np.linalg.lstsq(np.column_stack((np.ones(DAYS.size), s)), y, rcond=None)[0]]
    )
    assert np.sum((fit.predict(DAYS) - y) ** 2) <= brute * (1 + 1e-9)


@pytest.mark.parametrize(
    ("y", "reason"),
    [
        (DAYS * 2.0, "not told from a line"),
        ((DAYS > -20) * 4.0, "step between two points"),
        (np.zeros(DAYS.size), "does not vary"),
        (np.exp(DAYS / 10), "bound|outside|not told"),
    ],
)
def test_what_is_no_sigmoid_is_not_called_one(y, reason):
    fit = fit_sigmoid(DAYS, y)
    assert not fit.converged
    assert any(part in fit.reason for part in reason.split("|")), fit.reason


def test_too_few_points_are_no_fit():
    fit = fit_sigmoid([0, 1, 2, 3], [0, 1, 2, 2])
    assert not fit.converged
    assert "at least 5 points" in fit.reason
    assert not fit_line([0, 1], [0, 1]).converged
    assert "does not vary" in fit_line([0, 1, 2], [1, 1, 1]).reason


def test_line_is_the_least_squares_line():
    rng = np.random.default_rng(4)
    x = np.sort(rng.uniform(0, 50, 40))
    y = 3 + 0.4 * x + rng.normal(0, 2, x.size)
    fit, known = fit_line(x, y), stats.linregress(x, y)
    assert fit.converged
    assert fit.parameters["slope"] == pytest.approx(known.slope, rel=1e-6)
    assert fit.parameters["intercept"] == pytest.approx(known.intercept, rel=1e-6)
    assert fit.errors["slope"] == pytest.approx(known.stderr, rel=1e-4)
    assert fit.errors["intercept"] == pytest.approx(known.intercept_stderr, rel=1e-4)
    assert fit.r2 == pytest.approx(known.rvalue**2, rel=1e-8)
    sse = np.sum((y - known.intercept - known.slope * x) ** 2)
    assert fit.aic == pytest.approx(40 * np.log(sse / 40) + 4)
    assert fit.bic == pytest.approx(40 * np.log(sse / 40) + 2 * np.log(40))
    np.testing.assert_allclose(
        fit.predict([1, 2]), known.intercept + known.slope * np.array([1, 2])
    )


def test_comparison_prefers_what_made_the_curve():
    rng = np.random.default_rng(5)
    rise = compare_growth(DAYS, sigmoid(DAYS, 0, 30, -30, 5) + rng.normal(0, 0.5, DAYS.size))
    assert rise.delta_aic > 50
    assert rise.ratio == pytest.approx(rise.sigmoid.r2 / rise.line.r2)
    steady = compare_growth(DAYS, 0.3 * DAYS)
    assert np.isnan(steady.ratio) and np.isnan(steady.delta_aic)
    assert steady.line.converged and not steady.sigmoid.converged


def test_one_series_gives_one_fit():
    y = np.random.default_rng(6).poisson(0.3, DAYS.size).cumsum()
    assert fit_sigmoid(DAYS, y) == fit_sigmoid(DAYS, y)


def test_scale_of_x_and_y_carries_through():
    y = sigmoid(DAYS, 1, 9, -40, 4) + 0.1 * np.sin(DAYS)
    one, other = fit_sigmoid(DAYS, y), fit_sigmoid(24 * DAYS, 1e6 * y)
    assert other.parameters["x0"] == pytest.approx(24 * one.parameters["x0"], rel=1e-4)
    assert other.parameters["dx"] == pytest.approx(24 * one.parameters["dx"], rel=1e-4)
    assert other.parameters["A2"] == pytest.approx(1e6 * one.parameters["A2"], rel=1e-4)
    assert other.r2 == pytest.approx(one.r2, abs=1e-8)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([0, 1], [0], "one length"),
        ([0, 0, 1], [0, 1, 2], r"x\[1\]"),
        ([0, 1, 2], [0, np.nan, 2], r"y\[1\]"),
        ([0], [0], "length >= 2"),
    ],
)
def test_bad_input_is_named(x, y, message):
    for fit in (fit_sigmoid, fit_line):
        with pytest.raises(InputError, match=message):
            fit(x, y)
    with pytest.raises(InputError, match="starts"):
        fit_sigmoid(DAYS, DAYS, starts=0)
