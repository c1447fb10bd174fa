import numpy as np
import pytest
import pywt
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.decompose import (
    boundary_reach,
    detrending_response,
    dwt_detrend,
    fill_gaps,
)
from precursor_lib.errors import InputError

REACH = boundary_reach("db5", 6)


def walk(n, seed=0):
    return np.cumsum(np.random.default_rng(seed).normal(size=n))


@pytest.mark.parametrize("n", [577, 1000, 1440, 14_400, 14_401])
def test_details_and_approximation_add_up(n):
    x = walk(n)
    kept = dwt_detrend(x)
    coefficients = pywt.wavedec(x, "db5", level=6)
    dropped = pywt.waverec([coefficients[0]] + [np.zeros_like(c) for c in coefficients[1:]], "db5")[
        :n
    ]
    assert kept.shape == x.shape
    np.testing.assert_allclose(kept + dropped, x, atol=1e-9 * np.abs(x).max())


@pytest.mark.parametrize("mode", ["symmetric", "antireflect", "periodization", "smooth"])
def test_each_record_of_a_batch_is_treated_alone(mode):
    x = np.stack([walk(1200, s) for s in range(6)]).reshape(2, 3, 1200)
    together = dwt_detrend(x, mode=mode)
    for i in range(2):
        for j in range(3):
            np.testing.assert_allclose(together[i, j], dwt_detrend(x[i, j], mode=mode), atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.integers(0, 99), st.integers(600, 900))
def test_linear(a, b, seed, n):
    x, y = walk(n, seed), walk(n, seed + 100)
    np.testing.assert_allclose(
        dwt_detrend(a * x + b * y), a * dwt_detrend(x) + b * dwt_detrend(y), atol=1e-6
    )


@pytest.mark.parametrize("degree", range(5))
def test_polynomials_below_degree_five_vanish_away_from_the_ends(degree):
    t = np.linspace(-1, 1, 4000)
    # The filters of db5 are known to about 1e-12; six levels add to that.
    assert np.abs(dwt_detrend(t**degree)[REACH:-REACH]).max() < 1e-9


def test_degree_five_does_not_vanish():
    t = np.linspace(-1, 1, 2000)
    assert np.abs(dwt_detrend(t**5)[REACH:-REACH]).max() > 1e-7


def test_constants_vanish_to_the_ends_and_big_fields_keep_their_digits():
    assert np.abs(dwt_detrend(np.full(1000, 5e4))).max() < 1e-6
    x = dwt_detrend(walk(2000))
    np.testing.assert_allclose(dwt_detrend(x + 5e4), dwt_detrend(x), atol=1e-6)


def test_it_is_a_projection_where_the_transform_is_orthogonal():
    x = walk(1280)
    once = dwt_detrend(x, mode="periodization")
    np.testing.assert_allclose(dwt_detrend(once, mode="periodization"), once, atol=1e-9)
    assert np.dot(once, x - once) == pytest.approx(0, abs=1e-8 * np.dot(x, x))


def test_the_continuation_reaches_no_further_than_said():
    x = walk(3000)
    for other in ("zero", "antireflect"):
        difference = np.abs(dwt_detrend(x) - dwt_detrend(x, mode=other))
        assert difference[REACH:-REACH].max() < 1e-9 * np.abs(x).max()
        assert difference[: REACH // 2].max() > 1e-3
    assert REACH == 567


def test_not_shift_invariant_but_for_shifts_of_the_coarsest_grid():
    x = walk(4000)
    inside = slice(REACH + 64, -REACH - 64)
    by_64 = dwt_detrend(np.roll(x, 64))
    np.testing.assert_allclose(by_64[inside], np.roll(dwt_detrend(x), 64)[inside], atol=1e-8)
    by_5 = dwt_detrend(np.roll(x, 5))
    assert np.abs(by_5[inside] - np.roll(dwt_detrend(x), 5)[inside]).max() > 0.01


def test_response_of_an_orthogonal_wavelet():
    f = np.geomspace(1e-3, 0.5, 40)
    response = detrending_response(f)
    # A projection gives <y, x> = |y|**2, so the mean power is the coherent gain.
    np.testing.assert_allclose(response.power, response.coherent, atol=1e-10)
    assert np.all(response.low <= response.high)
    assert response.power[0] < 1e-5
    assert response.power[-1] == pytest.approx(1, abs=1e-6)
    # The half-band filters are half at the nominal edge, level after level.
    assert detrending_response(np.linspace(0.005, 0.011, 61)).edge() == pytest.approx(
        1 / 128, rel=0.005
    )


@pytest.mark.parametrize(("rate", "levels"), [(1.0, 4), (0.1, 6), (50.0, 3)])
def test_edge_goes_with_rate_and_levels(rate, levels):
    nominal = rate / 2 ** (levels + 1)
    f = np.linspace(0.5, 1.5, 41) * nominal
    assert detrending_response(f, rate, levels=levels).edge() == pytest.approx(nominal, rel=0.01)


def test_response_is_what_a_tone_in_a_record_meets():
    f, n = 0.009, 40_000
    t = np.arange(n)
    measured = dwt_detrend(np.cos(2 * np.pi * f * t))[REACH:-REACH]
    response = detrending_response([f])
    assert 2 * np.mean(measured**2) == pytest.approx(response.power[0], rel=0.01)


def test_short_gaps_are_filled_and_long_ones_left():
    x = np.array([np.nan, 1, 2, np.nan, np.nan, 5, np.nan, np.nan, np.nan, 9, np.nan])
    filled, report = fill_gaps(x, longest=2)
    np.testing.assert_array_equal(filled, [1, 1, 2, 3, 4, 5, np.nan, np.nan, np.nan, 9, 9])
    assert report == ["record 0: 7 samples missing in 4 gaps, 4 filled by straight lines, 3 left"]
    assert np.isnan(x[0])
    assert np.isnan(fill_gaps(x, longest=0)[0]).sum() == 7
    assert not np.isnan(fill_gaps(x, longest=3)[0]).any()


def test_gaps_are_reported_by_name_and_complete_records_are_not():
    x = np.ones((3, 10))
    x[1, 4:6] = np.nan
    x[2] = np.nan
    filled, report = fill_gaps(x, longest=5, names=["a", "b", "c"])
    assert [line.split(":")[0] for line in report] == ["b", "c"]
    assert "10 left" in report[1]
    np.testing.assert_array_equal(filled[1], 1)
    with pytest.raises(InputError, match=r"\(2, 0\)"):
        dwt_detrend(np.repeat(filled, 100, axis=1))


@given(st.lists(st.sampled_from([0.0, 1.0, np.nan]), min_size=1, max_size=40), st.integers(0, 6))
def test_filling_touches_nothing_that_was_observed(values, longest):
    x = np.array(values)
    filled, _ = fill_gaps(x, longest=longest)
    np.testing.assert_array_equal(filled[~np.isnan(x)], x[~np.isnan(x)])
    again, report = fill_gaps(filled, longest=longest)
    np.testing.assert_array_equal(again, filled)
    assert all(" 0 filled" in line for line in report)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dwt_detrend(np.zeros(575)), "575 samples are too few.*at least 576"),
        (lambda: dwt_detrend(np.r_[np.zeros(600), np.nan]), r"sample \(600,\) is nan"),
        (lambda: dwt_detrend(np.zeros(600), wavelet="db5x"), "nearest is 'db5'"),
        (lambda: dwt_detrend(np.zeros(600), mode="symetric"), "nearest is 'symmetric'"),
        (lambda: dwt_detrend(np.zeros(600), levels=0), "levels"),
        (lambda: dwt_detrend(3.0), "0 samples"),
        (lambda: fill_gaps([1.0, np.inf], longest=1), "infinite"),
        (lambda: fill_gaps([1.0], longest=-1), "longest"),
        (lambda: fill_gaps(np.ones((2, 3)), longest=1, names=["a"]), "expected 2 names"),
        (lambda: fill_gaps([], longest=1), "shape"),
        (lambda: detrending_response([0.1, 0.7]), "within 0 to 0.5"),
        (lambda: detrending_response([0.1, 0.05]), "ascending"),
        (lambda: detrending_response([0.1], 0.0), "rate"),
        (lambda: detrending_response([0.1, 0.2]).edge(), "does not cross"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
