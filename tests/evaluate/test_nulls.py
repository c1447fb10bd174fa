"""Random sequences and printed updates against what theory says of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.nulls import (
    line_r2,
    poisson_curves,
    share_of_peaks,
    share_of_sigmoids,
)
from precursor_lib.evaluate.printed_updates import EQUATIONS, descends, printed_path


def test_poisson_curves_have_poisson_totals():
    totals = poisson_curves(27, 121, 4000, seed=1)[:, -1]
    assert totals.mean() == pytest.approx(27, abs=4 * np.sqrt(27 / 4000))
    assert totals.var() == pytest.approx(27, rel=0.1)


def test_line_r2_is_the_squared_correlation():
    days = np.arange(40.0)
    curve = poisson_curves(20, 40, 1, seed=2)
    expected = np.corrcoef(days, curve[0])[0, 1] ** 2
    assert line_r2(curve, days)[0] == pytest.approx(expected)


def test_share_of_sigmoids_sees_a_sigmoid_and_no_constant():
    days = np.arange(-50.0, 1.0)
    curve = np.round(10 / (1 + np.exp(-(days + 25) / 3)))
    curves = np.stack([curve, np.zeros_like(curve)])
    share, error = share_of_sigmoids(curves, days, [(-50, 0)], [0.99], together=True)
    assert share == 0.5
    assert error == pytest.approx(np.sqrt(0.25 / 2))
    both, _ = share_of_sigmoids(curves, days, [(-50, 0), (-5, 0)], [0.99, 2.0], together=True)
    any_, _ = share_of_sigmoids(curves, days, [(-50, 0), (-5, 0)], [0.99, 2.0], together=False)
    assert (both, any_) == (0.0, 0.5)


def test_share_of_peaks_counts_series_with_all_peaks():
    def series(run: int) -> pd.Series:
        values = np.zeros(20)
        values[5] = 1.0
        values[12] = 1.0 if run else 0.0
        return pd.Series(values, index=np.arange(20.0))

    share, _ = share_of_peaks(series, 2, [5, 13], reach=1)
    assert share == 0.5


def test_bad_sizes_are_refused():
    with pytest.raises(InputError, match="events"):
        poisson_curves(0, 10, 1, seed=0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("equation", ["eq3", "eq7-derived"])
def test_right_updates_descend(equation, seed):
    assert descends(printed_path(equation, seed=seed))


@pytest.mark.parametrize("equation", ["eq4", "eq5", "eq7"])
def test_misprinted_updates_rise(equation):
    assert not descends(printed_path(equation))


def test_unknown_equation_is_refused():
    with pytest.raises(InputError, match=str(EQUATIONS[0])):
        printed_path("eq9")
