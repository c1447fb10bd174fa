"""Projection, extrema, mirrored ends and splines against scipy and by property."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy.interpolate import CubicSpline
from scipy.signal import find_peaks

from precursor_lib.decompose.memd_kernels import MIRRORED, extend, extrema, project
from precursor_lib.decompose.memd_splines import accumulate, evaluate, factorise, solve
from precursor_lib.decompose.vectors import WIDTH, load, store, total


def extrema_of(y):
    maxima, minima = np.zeros((2, y.size // 2 + 8), dtype=np.int64)
    n_max, n_min = extrema(y, maxima, minima)
    return maxima[MIRRORED : MIRRORED + n_max], minima[MIRRORED : MIRRORED + n_min]


@given(
    st.lists(st.integers(-3, 3), min_size=2, max_size=60).map(lambda v: np.array(v, dtype=float))
)
def test_extrema_are_scipys_and_flat_ones_count_once(y):
    """Few integer levels give many plateaus; scipy marks a plateau at its middle as well."""
    maxima, minima = extrema_of(y)
    np.testing.assert_array_equal(maxima, find_peaks(y)[0])
    np.testing.assert_array_equal(minima, find_peaks(-y)[0])


def test_extrema_without_plateaus_are_scipys():
    y = np.random.default_rng(1).normal(size=501)
    maxima, minima = extrema_of(y)
    np.testing.assert_array_equal(maxima, find_peaks(y)[0])
    np.testing.assert_array_equal(minima, find_peaks(-y)[0])


@given(st.integers(0, 2**32 - 1), st.integers(3, 80), st.booleans())
def test_mirrored_knots_increase_and_cover_the_series(seed, length, coarse):
    rng = np.random.default_rng(seed)
    y = rng.integers(-4, 5, length).astype(float) if coarse else rng.normal(size=length)
    knots, sources = np.zeros((2, 2, length // 2 + 8), dtype=np.int64)
    n_max, n_min = extrema(y, knots[0], knots[1])
    if n_max + n_min < 3:
        return
    small = np.zeros((4, 3), dtype=np.int64)
    a, a_end, b, b_end = extend(y, knots, sources, n_max, n_min, small)
    for row, first, end in ((0, a, a_end), (1, b, b_end)):
        assert np.all(np.diff(knots[row, first:end]) > 0)
        assert knots[row, first] <= 0
        assert knots[row, end - 1] >= length - 1
        assert np.all((sources[row, first:end] >= 0) & (sources[row, first:end] < length))
        inner = slice(MIRRORED, MIRRORED + (n_max, n_min)[row])
        np.testing.assert_array_equal(knots[row, inner], sources[row, inner])


def test_the_two_ends_are_treated_alike():
    rng = np.random.default_rng(5)
    for _ in range(200):
        y = rng.normal(size=12)
        found = []
        for series in (y, y[::-1].copy()):
            knots, sources = np.zeros((2, 2, 14), dtype=np.int64)
            n_max, n_min = extrema(series, knots[0], knots[1])
            if n_max + n_min < 3:
                break
            a, a_end, b, b_end = extend(
                series, knots, sources, n_max, n_min, np.zeros((4, 3), dtype=np.int64)
            )
            found.append((knots[0, a:a_end], knots[1, b:b_end], sources[0, a:a_end]))
        if len(found) == 2:
            for forward, backward in zip(*found, strict=True):
                np.testing.assert_array_equal(forward, 11 - backward[::-1])


@pytest.mark.parametrize(
    ("y", "maxima", "minima"),
    [
        # Peak first, the end above the next trough: reflection about the peak at 2.
        ([0.5, 0.8, 1, 0, -1, 0, 1, 0, -1, 0], [-2, 2, 6], [-4, 0, 4, 8]),
        # Peak first, the end below the next trough: the end is a trough, reflection about it.
        ([-2, 0, 1, 0, -1, 0, 1, 0, -1, 0], [-6, -2, 2, 6], [-4, 0, 4, 8]),
    ],
)
def test_left_end_by_hand(y, maxima, minima):
    series = np.array(y, dtype=float)
    knots, sources = np.zeros((2, 2, 14), dtype=np.int64)
    n_max, n_min = extrema(series, knots[0], knots[1])
    a, _, b, _ = extend(series, knots, sources, n_max, n_min, np.zeros((4, 3), dtype=np.int64))
    assert knots[0, a : MIRRORED + n_max].tolist() == maxima
    assert knots[1, b : MIRRORED + n_min].tolist() == minima


def spline_case(seed, count):
    """Random knots around [0, last], values by channel, and scipy's spline of them."""
    rng = np.random.default_rng(seed)
    knots = np.cumsum(rng.integers(1, 9, count)).astype(np.int64)
    knots -= knots[0] + rng.integers(0, knots[1] - knots[0])
    length = int(knots[-1]) + 1
    block = rng.normal(size=(max(length, count), WIDTH))
    sources = rng.integers(0, len(block), count)
    factors = np.empty((4, count))
    s = np.empty((count, WIDTH))
    factorise(knots, count, *factors)
    solve(block, sources, count, *factors, s)
    return knots, block, sources, factors, s, length, CubicSpline(knots, block[sources])


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 40))
def test_spline_is_scipys_not_a_knot_spline(seed, count):
    knots, block, sources, factors, s, length, expected = spline_case(seed, count)
    scale = np.abs(expected(np.arange(length))).max()
    np.testing.assert_allclose(6 * s, expected(knots, 2), atol=1e-10 * np.abs(6 * s).max())
    out = np.empty((length, WIDTH))
    end = evaluate(block, knots, sources, factors[0], s, 0, 0, length, out)
    np.testing.assert_allclose(out, expected(np.arange(length)), atol=1e-11 * scale)
    assert end == count - 2
    # The same in two tiles, the second added to what is there.
    cut = length // 2
    piece = evaluate(block, knots, sources, factors[0], s, 0, 0, cut, out) if cut else 0
    other = np.random.default_rng(0).normal(size=(length - cut, WIDTH))
    sums = np.ones_like(other)
    squares = np.full(length - cut, 2.0)
    accumulate(block, knots, sources, factors[0], s, piece, cut, length, other, sums, squares)
    tail = expected(np.arange(cut, length))
    np.testing.assert_allclose(sums, 1 + other + tail, atol=1e-11 * (scale + 5))
    np.testing.assert_allclose(squares, 2 + ((other - tail) ** 2).sum(axis=1), rtol=1e-9)


def test_projection_is_the_matrix_product():
    rng = np.random.default_rng(2)
    rows, direction = rng.normal(size=(3 * WIDTH, 101)), rng.normal(size=3 * WIDTH)
    out = np.empty(101)
    project(rows, direction, out)
    np.testing.assert_allclose(out, direction @ rows, atol=1e-13)


def test_short_vectors_are_elementwise():
    @njit
    def combine(a, b, out):
        store(out, 1, 2.0 * load(a, 1) + load(a, 0) * load(b, 0) - load(b, 1))
        return total(load(out, 1))

    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 2, WIDTH))
    out = np.zeros((2, WIDTH))
    whole = combine(a, b, out)
    np.testing.assert_allclose(out[1], 2 * a[1] + a[0] * b[0] - b[1], atol=1e-14)
    np.testing.assert_array_equal(out[0], 0)
    assert whole == pytest.approx(out[1].sum(), abs=1e-13)
