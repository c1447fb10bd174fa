import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.detect import fit_sigmoid, fit_two_phase, sigmoid, two_phases
from precursor_lib.errors import InputError

DAYS = np.arange(-90.0, 31.0)
TRUTH = {"A0": 2.0, "N1": 12.0, "x1": -65.0, "dx1": 3.0, "N2": 30.0, "x2": -20.0, "dx2": 4.0}


def clean(**change):
    return two_phases(DAYS, **(TRUTH | change))


@settings(max_examples=30, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "A0": st.floats(-5, 5),
            "N1": st.floats(5, 50),
            "x1": st.floats(-75, -55),
            "dx1": st.floats(1, 6),
            "N2": st.floats(5, 50),
            "x2": st.floats(-30, 10),
            "dx2": st.floats(1, 6),
        }
    )
)
def test_known_parameters_come_back(truth):
    fit = fit_two_phase(DAYS, two_phases(DAYS, **truth))
    assert fit.converged, fit.reason
    for name, value in truth.items():
        assert fit.parameters[name] == pytest.approx(value, abs=1e-3)
    np.testing.assert_allclose(fit.predict(DAYS), two_phases(DAYS, **truth), atol=1e-4)


def test_it_is_the_sum_of_two_sigmoids():
    two = sigmoid(DAYS, 0, 12, -65, 3) + sigmoid(DAYS, 0, 30, -20, 4)
    np.testing.assert_allclose(clean(A0=0.0), two, rtol=1e-12)


def test_errors_cover_the_truth_for_independent_noise():
    rng = np.random.default_rng(8)
    inside = 0
    for _ in range(60):
        fit = fit_two_phase(DAYS, clean() + rng.normal(0, 0.5, DAYS.size))
        assert fit.converged, fit.reason
        inside += abs(fit.parameters["x2"] - TRUTH["x2"]) <= 2 * fit.errors["x2"]
    # 95 % of 60 are 57; a binomial of that rate falls below 51 once in 300 times.
    assert inside >= 51


def test_the_best_of_brute_force_is_not_better():
    rng = np.random.default_rng(9)
    y = clean() + rng.normal(0, 1.0, DAYS.size)
    fit = fit_two_phase(DAYS, y)
    found = np.sum((fit.predict(DAYS) - y) ** 2)
    shapes = [
        sigmoid(DAYS, 0, 1, x0, dx) for x0 in np.arange(-90, 31, 6.0) for dx in (1, 3, 5, 10, 30)
    ]
    one = np.ones(DAYS.size)
    for i, first in enumerate(shapes):
        for second in shapes[:i]:
            columns = np.column_stack((one, first, second))
            rest = np.linalg.lstsq(columns, y, rcond=None)[1]
            if rest.size:
                assert found <= rest[0]


def test_a_second_phase_earns_its_parameters_only_where_it_is():
    rng = np.random.default_rng(10)
    both = clean() + rng.normal(0, 0.5, DAYS.size)
    assert fit_two_phase(DAYS, both).bic < fit_sigmoid(DAYS, both).bic - 20
    one = sigmoid(DAYS, 0, 30, -20, 5) + rng.normal(0, 0.5, DAYS.size)
    assert not fit_two_phase(DAYS, one).converged
    assert fit_two_phase(DAYS, one).bic > fit_sigmoid(DAYS, one).bic


def test_it_fits_at_least_as_well_as_one_sigmoid():
    rng = np.random.default_rng(11)
    for _ in range(10):
        y = np.cumsum(rng.poisson(0.4, DAYS.size))
        assert fit_two_phase(DAYS, y).r2 >= fit_sigmoid(DAYS, y).r2 - 1e-6


def test_shift_and_unit_carry_through():
    y = clean() + 0.3 * np.sin(DAYS)
    one, other = fit_two_phase(DAYS, y), fit_two_phase(24 * DAYS + 100, 1e5 * y)
    for k in "12":
        assert other.parameters[f"x{k}"] == pytest.approx(
            24 * one.parameters[f"x{k}"] + 100, rel=1e-4
        )
        assert other.parameters[f"N{k}"] == pytest.approx(1e5 * one.parameters[f"N{k}"], rel=1e-4)
        assert other.errors[f"x{k}"] == pytest.approx(24 * one.errors[f"x{k}"], rel=1e-2)
    assert other.r2 == pytest.approx(one.r2, abs=1e-8)


@pytest.mark.parametrize(
    ("y", "reason"),
    [
        (clean(N1=0.0) + 0.3 * np.sin(DAYS), "flat"),
        (clean(x1=-21.0, dx1=4.5) + 0.3 * np.sin(DAYS), "coincide|flat"),
        (clean(N1=-12.0) + 0.3 * np.sin(DAYS), "oppose"),
        (clean(dx1=1e-3, x1=-64.5), "step between two points"),
        (DAYS + 0.3 * np.sin(DAYS), "flat|above half|outside|bound|no end after"),
        (np.zeros(DAYS.size), "does not vary"),
    ],
)
def test_what_is_not_two_phases_is_named(y, reason):
    fit = fit_two_phase(DAYS, y)
    assert not fit.converged
    assert any(part in fit.reason for part in reason.split("|")), fit.reason


def test_bad_input_is_named():
    assert "at least 8 points" in fit_two_phase(range(7), range(7)).reason
    with pytest.raises(InputError, match=r"y\[1\]"):
        fit_two_phase([0, 1, 2], [0, np.nan, 2])
    with pytest.raises(InputError, match="starts"):
        fit_two_phase(DAYS, DAYS, starts=0)
