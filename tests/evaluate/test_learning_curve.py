"""The inverse power law: known truth, errors that cover, and fits that are refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import curve_fit

from precursor_lib.errors import InputError
from precursor_lib.evaluate.learning_curve import fit_learning_curve

NUMBER = np.array([25, 50, 100, 200, 400, 800, 1600])


def law(n, ceiling=0.92, scale=2.0, exponent=0.5):
    return ceiling - scale * np.asarray(n, dtype=float) ** -exponent


def test_a_law_without_noise_comes_back():
    fit = fit_learning_curve(NUMBER, law(NUMBER))
    assert fit.converged, fit.reason
    expected = {"ceiling": 0.92, "scale": 2.0, "exponent": 0.5}
    assert fit.parameters == pytest.approx(expected, rel=1e-4)
    np.testing.assert_allclose(fit.predict([30, 5000]), law([30, 5000]), rtol=1e-4)
    assert fit.windows_for(0.9) == pytest.approx(10_000, rel=1e-2)
    assert fit.windows_for(0.95) == np.inf


def test_values_and_errors_as_scipys():
    rng = np.random.default_rng(4)
    errors = np.full(NUMBER.size, 0.01)
    score = law(NUMBER) + errors * rng.standard_normal(NUMBER.size)
    fit = fit_learning_curve(NUMBER, score, errors)
    best, covariance = curve_fit(
        law, NUMBER, score, p0=(0.9, 1.0, 0.4), sigma=errors, absolute_sigma=True
    )
    assert list(fit.parameters.values()) == pytest.approx(best, rel=1e-3)
    assert list(fit.errors.values()) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.05)


def test_errors_of_the_ceiling_cover():
    rng = np.random.default_rng(7)
    errors = np.full(NUMBER.size, 0.005)
    fits = [
        fit_learning_curve(NUMBER, law(NUMBER) + errors * rng.standard_normal(NUMBER.size), errors)
        for _ in range(120)
    ]
    assert all(fit.converged for fit in fits)
    inside = sum(
        abs(fit.parameters["ceiling"] - 0.92) < 1.96 * fit.errors["ceiling"] for fit in fits
    )
    assert stats.binomtest(inside, 120, 0.95).pvalue > 0.001


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (np.full(7, 0.5), "does not vary"),
        (0.5 + 0.02 * np.random.default_rng(0).standard_normal(7), "no rise|error|bound|uncertain"),
        (0.8 + 0.05 * np.log10(NUMBER), "bound|above 1"),
        (law(NUMBER)[::-1].copy(), "no rise|error|bound"),
    ],
)
def test_degenerate_curves_are_named(score, words):
    fit = fit_learning_curve(NUMBER, score)
    assert not fit.converged
    assert np.isnan(fit.windows_for(0.9))

    assert re.search(words, fit.reason), fit.reason


def test_three_points_are_too_few():
    fit = fit_learning_curve(NUMBER[:3], law(NUMBER[:3]))
    assert not fit.converged
    assert "at least 4 points" in fit.reason


@pytest.mark.parametrize(
    ("number", "score", "errors", "words"),
    [
        ([1, 2, 3, 4], [1, 2, 3], None, "one length"),
        ([1, 3, 2, 4], [1, 2, 3, 4], None, "ascend"),
        ([1, 2, 3, 4], [1, 2, 3, np.nan], None, "finite"),
        ([1, 2, 3, 4], [1, 2, 3, 4], [1, 1, 0, 1], "above 0"),
    ],
)
def test_bad_input_is_named(number, score, errors, words):
    with pytest.raises(InputError, match=words):
        fit_learning_curve(number, score, errors)
