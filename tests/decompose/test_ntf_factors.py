"""Ordering of components, and the prior's weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.decompose import (
    Factorisation,
    normalise,
    order_by_band_energy,
    reconstruct,
    reorder,
    spatial_prior,
)

FORMS = [
    ("inverse", {}),
    ("inverse_square", {}),
    ("power", {"exponent": 1.5}),
    ("exponential", {"length": 200.0}),
    ("gaussian", {"length": 200.0}),
    ("uniform", {}),
]


def make(rank=3, shape=(8, 20, 4), seed=0):
    rng = np.random.default_rng(seed)
    a, b, c = (rng.random((n, rank)) for n in shape)
    return normalise(
        Factorisation(
            frequency=a,
            time=b,
            station=c,
            weights=np.arange(1.0, rank + 1),
            objective=np.zeros(1),
            kkt=0.0,
            iterations=0,
            converged=True,
            relative_error=0.0,
        )
    )


def test_shares_of_known_spectra():
    result = make(3, (4, 5, 2))
    # Energy in the second and third row: none, all, and 2 of 2 + 9 + 0.
    a = np.array([[1.0, 0, 3], [0, 2, 1], [0, 1, 1], [5, 0, 0]])
    result = Factorisation(**{**result.__dict__, "frequency": a})
    ordered, shares = order_by_band_energy(result, [0.001, 0.01, 0.05, 0.1])
    np.testing.assert_allclose(shares, [1, 2 / 11, 0])
    np.testing.assert_array_equal(ordered.frequency, a[:, [1, 2, 0]])
    np.testing.assert_array_equal(ordered.station, result.station[:, [1, 2, 0]])
    np.testing.assert_array_equal(ordered.weights, result.weights[[1, 2, 0]])
    np.testing.assert_allclose(reconstruct(ordered), reconstruct(result), rtol=1e-12)


def test_a_zero_component_comes_last_and_equal_ones_keep_their_order():
    result = make(4, (3, 5, 2))
    a = np.array([[0.0, 1, 1, 2], [0, 1, 1, 0], [0, 0, 0, 0]])
    result = Factorisation(**{**result.__dict__, "frequency": a})
    ordered, shares = order_by_band_energy(result, [0.02, 0.5, 0.6])
    np.testing.assert_allclose(shares, [1, 0.5, 0.5, 0])
    np.testing.assert_array_equal(ordered.weights, result.weights[[3, 1, 2, 0]])


def test_components_add_up_to_the_model():
    result = make()
    parts = sum(reconstruct(result, r) for r in range(3))
    np.testing.assert_allclose(parts, reconstruct(result), rtol=1e-12)
    with pytest.raises(ValueError, match="component 3: expected 0 to 2"):
        reconstruct(result, 3)


def test_a_zero_column_stays_zero():
    result = make()
    b = result.time.copy()
    b[:, 1] = 0
    zero = normalise(Factorisation(**{**result.__dict__, "time": b}), "sum")
    assert zero.weights[1] == 0 and not zero.time[:, 1].any()
    assert np.isfinite(zero.time).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda r: normalise(r, "l1"), "unknown norm 'l1'"),
        (lambda r: reorder(r, [0, 0, 1]), "each of 0 to 2 once"),
        (lambda r: order_by_band_energy(r, [0.1, 0.2]), r"expected \(8,\)"),
        (lambda r: order_by_band_energy(r, np.ones(8)), "no frequency lies in 0.01 to 0.05"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call(make())


@pytest.mark.parametrize(
    ("form", "parameter", "ratio"),
    [
        ("inverse", {}, 1 / 3),
        ("inverse_square", {}, 1 / 9),
        ("power", {"exponent": 3}, 1 / 27),
        ("exponential", {"length": 100}, np.exp(-2)),
        ("gaussian", {"length": 100}, np.exp(-4)),
        ("uniform", {}, 1),
    ],
)
def test_prior_of_two_stations(form, parameter, ratio):
    w = spatial_prior([100.0, 300.0], form, **parameter)
    assert w[1] / w[0] == pytest.approx(ratio)
    assert np.linalg.norm(w) == pytest.approx(1)


@given(
    distance=st.lists(st.floats(0.1, 2e4), min_size=1, max_size=9),
    case=st.sampled_from(FORMS),
    stretch=st.floats(0.1, 10),
)
def test_prior_falls_with_distance(distance, case, stretch):
    form, parameter = case
    w = spatial_prior(distance, form, **parameter)
    assert np.linalg.norm(w) == pytest.approx(1)
    assert (np.diff(w[np.argsort(distance)]) <= 1e-15).all()
    if form not in ("exponential", "gaussian"):
        # A power of distance knows no unit of length.
        np.testing.assert_allclose(
            spatial_prior(np.array(distance) * stretch, form, **parameter), w, rtol=1e-9
        )


@pytest.mark.parametrize(
    ("distance", "kwargs", "words"),
    [
        ([100.0, 0.0], {}, "station 1 has 0.0 km"),
        ([np.nan, 10.0], {}, "station 0 has nan km"),
        ([[1.0]], {}, "one value a station"),
        ([], {}, "one value a station"),
        ([1.0], {"form": "invers"}, "nearest is 'inverse'"),
        ([1.0], {"form": "power"}, "exponent: None; form 'power' expects"),
        ([1.0], {"form": "gaussian", "length": -1.0}, "length: -1.0"),
        ([1.0], {"form": "inverse", "length": 5.0}, "takes none"),
    ],
)
def test_bad_prior_is_named(distance, kwargs, words):
    with pytest.raises(ValueError, match=words):
        spatial_prior(distance, **kwargs)
