import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from precursor_lib.detect import fit_power_law, fit_trend, p_of_r2
from precursor_lib.errors import InputError

R = np.array([20.0, 95.0, 200.0, 310.0, 350.0, 500.0])


def noisy(seed, scale=0.2):
    return 130 * R**-0.3 * np.exp(np.random.default_rng(seed).normal(0, scale, R.size))


def test_trend_is_the_regression_of_scipy():
    y = noisy(1)
    fit, known = fit_trend(R, y), stats.linregress(R, y)
    for mine, theirs in (
        (fit.slope, known.slope),
        (fit.intercept, known.intercept),
        (fit.slope_error, known.stderr),
        (fit.intercept_error, known.intercept_stderr),
        (fit.p, known.pvalue),
        (fit.r2, known.rvalue**2),
        (p_of_r2(known.rvalue**2, R.size), known.pvalue),
    ):
        assert mine == pytest.approx(theirs, rel=1e-9)
    half = stats.t.ppf(0.975, R.size - 2) * known.stderr
    assert fit.interval == pytest.approx((known.slope - half, known.slope + half))
    np.testing.assert_allclose(fit.predict(R), known.intercept + known.slope * R)


def test_equal_errors_change_nothing_and_unequal_ones_are_weights():
    y = noisy(2)
    plain, equal = fit_trend(R, y), fit_trend(R, y, np.full(R.size, 7.0))
    assert equal.slope == pytest.approx(plain.slope) and equal.p == pytest.approx(plain.p)
    sigma = np.array([1.0, 2.0, 1.0, 3.0, 1.0, 2.0])
    fit = fit_trend(R, y, sigma)
    best, covariance = optimize.curve_fit(lambda r, a, b: a + b * r, R, y, [1, 0], sigma=sigma)
    assert fit.slope == pytest.approx(best[1], rel=1e-6)
    assert fit.slope_error == pytest.approx(np.sqrt(covariance[1, 1]), rel=1e-5)


@pytest.mark.parametrize("method", ["log", "direct"])
@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 1e4), st.floats(-2.5, 1.5))
def test_an_exact_power_law_comes_back(method, coefficient, exponent):
    fit = fit_power_law(R, coefficient * R**exponent, method=method)
    assert fit.coefficient == pytest.approx(coefficient, rel=1e-6)
    assert fit.exponent == pytest.approx(exponent, abs=1e-7)
    np.testing.assert_allclose(fit.predict(R), coefficient * R**exponent, rtol=1e-6)


@pytest.mark.parametrize("method", ["log", "direct"])
@pytest.mark.parametrize("weighted", [False, True])
def test_power_laws_are_those_of_curve_fit(method, weighted):
    y = noisy(3)
    sigma = np.array([5.0, 2.0, 1.0, 3.0, 1.0, 2.0]) if weighted else None
    fit = fit_power_law(R, y, sigma, method=method)
    if method == "direct":
        best, covariance = optimize.curve_fit(
            lambda r, c, b: c * r**b, R, y, [100, -0.3], sigma=sigma
        )
        known = best[0], np.sqrt(covariance[0, 0])
    else:
        best, covariance = optimize.curve_fit(
            lambda q, c, b: c + b * q,
            np.log(R),
            np.log(y),
            [4, -0.3],
            sigma=None if sigma is None else sigma / y,
        )
        known = np.exp(best[0]), np.exp(best[0]) * np.sqrt(covariance[0, 0])
    error = np.sqrt(covariance[1, 1])
    assert fit.exponent == pytest.approx(best[1], rel=1e-4)
    assert fit.exponent_error == pytest.approx(error, rel=1e-3)
    assert fit.coefficient == pytest.approx(known[0], rel=1e-3)
    assert fit.coefficient_error == pytest.approx(known[1], rel=1e-2)
    assert fit.p == pytest.approx(2 * stats.t.sf(abs(best[1]) / error, 4), rel=1e-2)
    half = stats.t.ppf(0.975, 4) * error
    assert fit.interval == pytest.approx((best[1] - half, best[1] + half), rel=1e-3)


def test_interval_of_the_exponent_covers_the_truth():
    inside = [
        low <= -0.3 <= high
        for seed in range(300)
        for low, high in [fit_power_law(R, noisy(seed)).interval]
    ]
    # 95 % of 300 are 285; a binomial of that rate falls below 273 once in 500 times.
    assert 273 <= sum(inside) <= 297


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 10), st.floats(0.1, 10))
def test_units_carry_through(seed, length, size):
    y = noisy(seed)
    one, other = fit_power_law(R, y), fit_power_law(length * R, size * y)
    assert other.exponent == pytest.approx(one.exponent, rel=1e-6)
    assert other.p == pytest.approx(one.p, rel=1e-6)
    assert other.coefficient == pytest.approx(
        size * one.coefficient * length**-one.exponent, rel=1e-6
    )


def test_what_a_printed_r2_implies():
    # t = sqrt(3 * 0.75 / 0.25) = 3; Student's t with 3 degrees of freedom in closed form.
    tail = 0.5 - (np.arctan(np.sqrt(3)) + np.sqrt(3) / 4) / np.pi
    assert p_of_r2(0.75, 5) == pytest.approx(2 * tail)
    assert p_of_r2(0.0, 5) == 1.0
    assert p_of_r2(1.0, 5) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_trend([1, 2], [1, 2]), "at least 3 stations"),
        (lambda: fit_trend([1, 2, 3], [1, 2]), "one length"),
        (lambda: fit_trend([1, 2, 3], [1, 2, np.nan]), r"value\[2\]"),
        (lambda: fit_trend([1, 1, 1], [1, 2, 3]), "distances that differ"),
        (lambda: fit_trend([1, 2, 3], [1, 2, 3], [1, 0, 1]), r"errors\[1\]"),
        (lambda: fit_trend([1, 2, 3], [1, 2, 3], [1, 1]), "errors: expected shape"),
        (lambda: fit_trend([1, 2, 3], [1, 2, 3], confidence=1), "confidence"),
        (lambda: fit_power_law([0, 2, 3], [1, 2, 3]), r"distance_km\[0\]"),
        (lambda: fit_power_law([1, 2, 3], [1, 0, 3]), r"value\[1\]"),
        (lambda: fit_power_law([1, 2, 3], [1, 2, 3], method="loglog"), "method"),
        (lambda: p_of_r2(1.2, 5), "r2"),
        (lambda: p_of_r2(0.2, 2), "n:"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
