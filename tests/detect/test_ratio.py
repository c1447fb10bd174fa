import numpy as np
import pytest
from scipy.optimize import curve_fit

from precursor_lib.detect import compare_growth, growth_ratio, sigmoid
from precursor_lib.errors import InputError

DAYS = np.arange(-180.0, 61.0)


def test_a_line_is_the_limit_of_sigmoids():
    # Matched in slope at the middle, the sigmoid's third order is what is left: it falls as 1/dx^2.
    gaps = []
    for dx in (1e3, 1e4, 1e5):
        y = sigmoid(DAYS, -2 * dx, 2 * dx, 0.0, dx)
        gaps.append(np.max(np.abs(y - DAYS)))
    np.testing.assert_allclose(
        np.array(gaps) * np.array([1e3, 1e4, 1e5]) ** 2, 180**3 / 12, rtol=0.02
    )


def test_of_finished_fits_it_is_not_below_one():
    rng = np.random.default_rng(1)
    for rate in (0.2, 5.0, 100.0):
        for _ in range(15):
            found = growth_ratio(DAYS, np.cumsum(rng.poisson(rate, DAYS.size)))
            # A bound of dx at ten windows leaves the last hair.
            assert found.ratio > 1 - 1e-4


def test_it_is_the_ratio_of_compare_growth_where_that_has_one():
    y = sigmoid(DAYS, 0, 30, -30, 9) + 0.3 * np.sin(DAYS)
    known = compare_growth(DAYS, y)
    found = growth_ratio(DAYS, y)
    assert found.ratio == known.ratio and found.delta_aic == known.delta_aic
    straight = growth_ratio(DAYS, DAYS + np.sin(DAYS))
    assert np.isnan(compare_growth(DAYS, DAYS + np.sin(DAYS)).ratio)
    assert straight.ratio == pytest.approx(1, abs=1e-6) and not straight.sigmoid.converged


@pytest.mark.parametrize("share", [0.2, 1 / 3, 0.5])
def test_a_step_through_a_line_has_the_r2_of_the_closed_form(share):
    x = np.linspace(0, 1, 20001)
    start = {"A1": share / 2, "A2": (1 + share) / 2, "x0": share + 2e-5, "dx": 1e-7}
    found = growth_ratio(x, x, stop_after=1, start=start)
    assert found.ratio == pytest.approx(3 * share * (1 - share), abs=1e-3)


def test_a_search_that_is_stopped_early_falls_below_one_and_goes_on_to_one():
    y = np.cumsum(np.random.default_rng(2).poisson(3.0, DAYS.size))
    by_steps = [growth_ratio(DAYS, y, stop_after=n) for n in (1, 3, 6, 300)]
    assert by_steps[0].ratio < 0.85
    assert np.all(np.diff([f.ratio for f in by_steps]) > -1e-9)
    assert by_steps[-1].ratio > 0.999
    assert "stopped after" in by_steps[0].sigmoid.reason
    assert not any(f.sigmoid.converged for f in by_steps)


def test_a_stopped_search_that_may_run_on_ends_where_curve_fit_does():
    y = sigmoid(DAYS, 0, 30, -30, 9) + 0.3 * np.sin(DAYS)
    start = {"A1": 0.0, "A2": 20.0, "x0": -50.0, "dx": 20.0}
    found = growth_ratio(DAYS, y, stop_after=2000, start=start)
    best, _ = curve_fit(sigmoid, DAYS, y, list(start.values()))
    for name, value in zip(start, best, strict=True):
        assert found.sigmoid.parameters[name] == pytest.approx(value, rel=1e-4, abs=1e-4)
    full = growth_ratio(DAYS, y)
    assert found.sigmoid.aic == pytest.approx(full.sigmoid.aic, abs=1e-6)
    assert found.sigmoid.bic == pytest.approx(full.sigmoid.bic, abs=1e-6)
    assert found.ratio == pytest.approx(full.ratio, rel=1e-9)


def test_nothing_to_fit_gives_no_ratio():
    assert np.isnan(growth_ratio(DAYS, np.ones(DAYS.size)).ratio)
    assert np.isnan(growth_ratio(DAYS, np.ones(DAYS.size), stop_after=5).ratio)
    assert np.isnan(growth_ratio([0, 1, 2, 3], [0, 1, 1, 2], stop_after=5).ratio)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stop_after": 0}, "stop_after"),
        ({"start": {"A1": 0}}, "only together"),
        ({"stop_after": 3, "start": {"A1": 0.0, "A2": 1.0, "x0": 0.0}}, "start"),
        ({"stop_after": 3, "start": {"A1": 0.0, "A2": 1.0, "x0": 0.0, "dx": 0.0}}, "dx not 0"),
    ],
)
def test_bad_input_is_named(change, message):
    with pytest.raises(InputError, match=message):
        growth_ratio(DAYS, DAYS, **change)
