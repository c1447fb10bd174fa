import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.detect import fit_line, fit_many, fit_sigmoid, sigmoid
from precursor_lib.errors import InputError

DAYS = np.arange(-90.0, 31.0)
NAMES = ["A1", "A2", "x0", "dx"]


def noise(runs, seed, rate=0.4):
    rng = np.random.default_rng(seed)
    burst = rng.gamma(0.5, 2.0, (runs, DAYS.size)) if seed % 2 else 1.0
    return np.cumsum(rng.poisson(rate * burst, (runs, DAYS.size)), axis=1)


@pytest.mark.parametrize(("seed", "rate"), [(1, 0.4), (2, 0.4), (3, 20.0), (4, 0.1)])
def test_it_finds_what_the_single_fit_finds(seed, rate):
    curves = noise(40, seed, rate)
    batch = fit_many(DAYS, curves)
    for curve, row in zip(curves, batch.itertuples(), strict=True):
        single = fit_sigmoid(DAYS, curve)
        # Never worse; and the same sigmoid where there is one to be believed.
        assert row.r2_s >= single.r2 - 1e-5
        assert row.believed == single.converged
        assert row.r2_line == pytest.approx(fit_line(DAYS, curve).r2, abs=1e-12)
        assert row.ratio == pytest.approx(row.r2_s / row.r2_line)
        if single.converged:
            assert row.r2_s == pytest.approx(single.r2, abs=1e-8)
            assert row.x0 == pytest.approx(single.parameters["x0"], abs=0.02)
            assert row.dx == pytest.approx(single.parameters["dx"], rel=2e-3)
            assert row.x0_error == pytest.approx(single.errors["x0"], rel=5e-3)
            assert row.dx_error == pytest.approx(single.errors["dx"], rel=5e-3)


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
    found = fit_many(DAYS, sigmoid(DAYS, a1, a2, x0, dx)[None]).iloc[0]
    assert found["believed"]
    for name, value in zip(NAMES, (a1, a2, x0, dx), strict=True):
        assert found[name] == pytest.approx(value, abs=1e-4 * max(rise, 1))
    assert found["r2_s"] > 1 - 1e-10


def test_the_sum_of_squares_is_stationary_at_the_end():
    curves = noise(30, 5)
    found = fit_many(DAYS, curves)
    believed = found[found["believed"]]
    assert len(believed) > 5

    def squares(p, y):
        return np.sum((sigmoid(DAYS, *p) - y) ** 2)

    for run, row in believed.iterrows():
        best = row[NAMES].to_numpy(dtype=float)
        for k in range(4):
            for sign in (-1, 1):
                other = best.copy()
                other[k] += sign * 1e-3 * max(abs(best[k]), 1)
                assert squares(other, curves[run]) >= squares(best, curves[run]) * (1 - 1e-9)


def test_shift_and_unit_of_days_and_counts_carry_through():
    curves = noise(20, 6)
    one = fit_many(DAYS, curves)
    other = fit_many(24 * DAYS + 100, 1e6 * curves - 5)
    held = one["believed"]
    assert held.sum() > 3
    np.testing.assert_array_equal(other["believed"], held)
    np.testing.assert_allclose(other["x0"][held], 24 * one["x0"][held] + 100, rtol=1e-5, atol=1e-2)
    np.testing.assert_allclose(other["dx"][held], 24 * one["dx"][held], rtol=1e-4)
    np.testing.assert_allclose(other["r2_s"], one["r2_s"], atol=1e-8)


def test_a_curve_does_not_depend_on_its_neighbours():
    curves = noise(600, 7)
    whole = fit_many(DAYS, curves)
    part = fit_many(DAYS, curves[511:514]).set_index(whole.index[511:514])
    np.testing.assert_allclose(part.to_numpy(float), whole.iloc[511:514].to_numpy(float), rtol=1e-9)


def test_a_curve_that_does_not_vary_has_no_fit():
    curves = np.vstack([np.full(DAYS.size, 3.0), noise(1, 8)])
    found = fit_many(DAYS, curves)
    assert found.loc[0].drop("believed").isna().all() and not found.loc[0, "believed"]
    assert np.isfinite(found.loc[1, "r2_s"])


@pytest.mark.parametrize(
    ("x", "curves", "message"),
    [
        (DAYS, DAYS, "expected shape"),
        (DAYS, np.zeros((2, 7)), "expected 121 values"),
        (np.arange(4), np.zeros((2, 4)), "at least 5"),
        (DAYS[::-1], np.zeros((2, 121)), "ascend"),
        (DAYS, np.full((1, 121), np.nan), r"curves\[0, 0\]"),
    ],
)
def test_bad_input_is_named(x, curves, message):
    with pytest.raises(InputError, match=message):
        fit_many(x, curves)
    with pytest.raises(InputError, match="starts"):
        fit_many(DAYS, np.zeros((1, 121)), starts=0)
