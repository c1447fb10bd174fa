"""Measures of forecasts against torch and by hand; the paired test against scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from torch.nn import functional

from precursor_lib.errors import InputError
from precursor_lib.evaluate.metrics import forecast_metrics, mae, mse, paired_test, smape

finite = st.floats(-1e3, 1e3, allow_subnormal=False)
numbers, few = arrays(float, 12, elements=finite), arrays(float, 6, elements=finite)


@given(f=numbers, y=numbers)
def test_errors_as_torch(f: np.ndarray, y: np.ndarray) -> None:
    got = forecast_metrics(f, y)
    forecast, target = torch.tensor(f), torch.tensor(y)
    assert got["mse"] == pytest.approx(functional.mse_loss(forecast, target).item())
    assert got["mae"] == pytest.approx(functional.l1_loss(forecast, target).item())
    assert got["rmse"] == pytest.approx(functional.mse_loss(forecast, target).sqrt().item())
    assert 0 <= got["smape"] <= 200
    assert got["smape"] == pytest.approx(smape(y, f))
    assert got["smape"] == pytest.approx(smape(-4 * f, -4 * y))
    assert got["mae"] <= got["rmse"] + 1e-9


def test_smape_by_hand() -> None:
    # 0 against 0 counts as no error; 3 against 1 as 100 %; 0 against 5 as 200 %.
    assert smape([0.0, 3.0, 0.0, 2.0], [0.0, 1.0, 5.0, 2.0]) == pytest.approx(75.0)


def test_shapes_and_gaps() -> None:
    assert mse(np.ones((2, 3, 1)), np.zeros((2, 3, 1))) == 1
    with pytest.raises(InputError, match="expected the same"):
        mae(np.ones((2, 3)), np.ones((2, 1)))
    with pytest.raises(InputError, match="leave gaps out"):
        mae([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(InputError, match="at least one"):
        mae([], [])


@settings(max_examples=20)
@given(a=few, b=few)
def test_paired(a: np.ndarray, b: np.ndarray) -> None:
    a = a + np.arange(6) * 0.01  # differences that are not all the same
    got = paired_test(a, b, 0.9)
    turned = paired_test(b, a, 0.9)
    assert got.difference == pytest.approx(-turned.difference)
    assert got.t_p == pytest.approx(turned.t_p)
    d = a - b
    if np.ptp(d) > 1e-6:
        expected = stats.ttest_1samp(d, 0)
        assert got.t_p == pytest.approx(expected.pvalue)
        interval = expected.confidence_interval(0.9)
        assert got.interval == pytest.approx((interval.low, interval.high))
        assert got.wilcoxon_p == pytest.approx(stats.wilcoxon(a, b).pvalue)


def test_paired_without_spread() -> None:
    same = paired_test([1.0, 2.0], [1.0, 2.0])
    assert np.isnan([same.t_p, same.wilcoxon_p]).all()
    assert paired_test([2.0, 3.0, 4.0], [1.0, 2.0, 3.0]).t_p == 0
    for bad in (([1.0], [2.0]), ([[1.0, 2.0]], [[1.0, 2.0]])):
        with pytest.raises(InputError, match="two runs or more"):
            paired_test(*bad)
    with pytest.raises(InputError, match="confidence 95"):
        paired_test([1.0, 2.0], [2.0, 1.0], 95)
