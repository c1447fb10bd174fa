"""Series whose best possible forecast is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.simulate.known import known_series


@given(st.floats(-0.95, 0.95), st.floats(0.1, 10))
def test_least_error_of_a_first_order_in_closed_form(phi: float, spread: float) -> None:
    series = known_series(10, seed=0, autoregression={1: phi}, spread=spread)
    steps = np.arange(1, 6)
    expected = spread**2 * (1 - phi ** (2 * steps)) / (1 - phi**2)
    np.testing.assert_allclose(series.least_mse(5), expected, rtol=1e-9)


def test_the_best_forecast_has_the_least_error() -> None:
    """Measured over many windows, at each step; and no linear regression does better."""
    series = known_series(
        60_000, seed=1, autoregression={1: 1.2, 2: -0.5}, cycles={24: 3.0}, spread=2.0
    )
    ends = np.arange(100, 59_990)
    targets = series.values[ends[:, None] + np.arange(4)]
    errors = ((series.best_forecasts(ends, 4) - targets) ** 2).mean(axis=0)
    np.testing.assert_allclose(errors, series.least_mse(4), rtol=0.03)
    past = series.values[ends[:, None] - np.arange(1, 60)]
    fitted = past @ np.linalg.lstsq(past, targets, rcond=None)[0]
    regression = ((fitted - targets) ** 2).mean(axis=0)
    assert (regression > 0.99 * series.least_mse(4)).all()
    assert regression == pytest.approx(series.least_mse(4), rel=0.08)


def test_an_echo() -> None:
    series = known_series(20_000, seed=2, autoregression={48: 0.95})
    assert series.values.var() == pytest.approx(1 / (1 - 0.95**2), rel=0.15)
    np.testing.assert_array_equal(series.least_mse(48), 1)
    ends = np.array([48, 500])
    np.testing.assert_allclose(
        series.best_forecasts(ends, 3), 0.95 * series.values[ends[:, None] - 48 + np.arange(3)]
    )
    later = series.best_forecasts(ends, 60)[:, 48:]
    np.testing.assert_allclose(later, 0.95**2 * series.values[ends[:, None] - 48 + np.arange(12)])


def test_noise_and_seeds() -> None:
    noise = known_series(5000, seed=3, spread=0.5)
    assert noise.values.std() == pytest.approx(0.5, rel=0.05)
    np.testing.assert_array_equal(noise.best_forecasts([0, 7], 2), 0)
    np.testing.assert_array_equal(noise.least_mse(2), 0.25)
    same, other = (known_series(50, seed=s, cycles={5: 1.0}).values for s in (3, 4))
    np.testing.assert_array_equal(same, known_series(50, seed=3, cycles={5: 1.0}).values)
    assert not np.allclose(same, other)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"autoregression": {1: 1.0}}, "not stationary"),
        ({"autoregression": {0: 0.5}}, r"lags \[0\]"),
        ({"cycles": {-3: 0.5}}, r"periods \[-3\]"),
        ({"spread": 0.0}, "spread 0.0"),
    ],
)
def test_bad_series(named: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        known_series(10, seed=0, **named)
    series = known_series(10, seed=0, autoregression={4: 0.5})
    for ends in ([3], [9]):
        with pytest.raises(InputError, match="expected 4 samples before and 2 from each"):
            series.best_forecasts(ends, 2)
