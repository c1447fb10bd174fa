"""NTF and SW-NTF against brute force, closed forms and tensorly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorly as tl
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorly.decomposition import non_negative_parafac, non_negative_parafac_hals

from precursor_lib.decompose import normalise, ntf, reconstruct, spatial_prior, sw_ntf

DISTANCES = [175.0, 191.0, 321.0, 374.0, 375.0, 661.0, 830.0]


def draw(shape, rank, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.random((n, rank)) for n in shape]


def build(factors):
    return np.einsum("ir,jr,kr->ijk", *factors)


def noisy(shape=(12, 90, 5), rank=3, noise=0.1, seed=0):
    rng = np.random.default_rng(seed + 1)
    return build(draw(shape, rank, seed)) + noise * rng.random(shape)


def multiply(x, factors, omega, penalty, iterations, scale=1.0):
    """The paper's cyclic multiplicative updates, with every product written out."""
    x = x / scale
    a, b, c = (f.copy() for f in factors)

    def kr(p, q):
        return np.array([np.kron(p[:, r], q[:, r]) for r in range(p.shape[1])]).T

    unfold = [np.moveaxis(x, n, 0).reshape(x.shape[n], -1) for n in range(3)]
    objectives = []
    for _ in range(iterations):
        a *= (unfold[0] @ kr(b, c)) / (a @ ((b.T @ b) * (c.T @ c)))
        b *= (unfold[1] @ kr(a, c)) / (b @ ((a.T @ a) * (c.T @ c)))
        c *= (unfold[2] @ kr(a, b) + penalty * omega[:, None]) / (
            c @ ((a.T @ a) * (b.T @ b)) + penalty * c
        )
        misfit = ((x - build((a, b, c))) ** 2).sum()
        objectives.append(misfit + penalty * ((c - omega[:, None]) ** 2).sum())
    return (a, b, c), np.array(objectives)


def match(found, true):
    """Largest difference of unit columns under the best order of the components."""
    true = [f / np.linalg.norm(f, axis=0) for f in true]
    rank = true[0].shape[1]
    return min(
        max(np.abs(f[:, list(order)] - t).max() for f, t in zip(found, true, strict=True))
        for order in itertools.permutations(range(rank))
    )


def factors_of(result):
    return result.frequency, result.time, result.station


@pytest.mark.parametrize("penalty", [0.0, 0.1, 30.0])
def test_multiplicative_rule_is_the_papers(penalty):
    x = noisy()
    init = draw(x.shape, 3, seed=7)
    omega = spatial_prior(DISTANCES[:5])
    expected, objective = multiply(x, init, omega, penalty, 40)
    result = sw_ntf(
        x, 3, omega, penalty, scale="none", method="mu", iterations=40, tol=0, init=init
    )
    np.testing.assert_allclose(result.objective[1:], objective, rtol=1e-10)
    model = build(expected)
    np.testing.assert_allclose(reconstruct(result), model, rtol=1e-9, atol=1e-10 * model.max())


def test_scale_divides_the_tensor_and_gives_its_units_back():
    x = noisy()
    init = draw(x.shape, 2, seed=3)
    omega = spatial_prior(DISTANCES[:5])
    scale = np.linalg.norm(x)
    expected, objective = multiply(x, init, omega, 0.1, 25, scale)
    result = sw_ntf(x, 2, omega, 0.1, method="mu", iterations=25, tol=0, init=init)
    assert result.scale == pytest.approx(scale)
    np.testing.assert_allclose(result.objective[1:], objective, rtol=1e-10)
    np.testing.assert_allclose(reconstruct(result), scale * build(expected), rtol=1e-8)


@pytest.mark.parametrize("method", ["hals", "mu"])
@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 40), st.integers(1, 5)),
    rank=st.integers(1, 4),
    exponent=st.integers(-9, 9),
    zeros=st.floats(0, 0.9),
    penalty=st.sampled_from([0.0, 1e-3, 0.1, 10.0, 1e5]),
    seed=st.integers(0, 999),
)
def test_objective_never_rises(method, shape, rank, exponent, zeros, penalty, seed):
    rng = np.random.default_rng(seed)
    x = rng.random(shape) ** 3 * (rng.random(shape) >= zeros)
    x.flat[rng.integers(x.size)] = 1.0  # never zero everywhere
    x *= 10.0**exponent
    omega = rng.random(shape[2]) + 0.1
    kwargs = {"method": method, "iterations": 30, "tol": 0.0, "seed": seed}
    for result, energy in (
        (ntf(x, rank, **kwargs), (x**2).sum()),
        (sw_ntf(x, rank, omega, penalty, **kwargs), 1 + penalty * rank * (omega @ omega)),
    ):
        assert (np.diff(result.objective) <= 1e-12 * energy).all()
        for factor in (*factors_of(result), result.weights):
            assert (factor >= 0).all() and np.isfinite(factor).all()


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_exact_tensor_is_recovered(rank):
    shape = (15, 200, 7)
    rng = np.random.default_rng(rank)
    true = [rng.random((n, rank)) * (rng.random((n, rank)) > 0.4) + 1e-3 for n in shape]
    result = ntf(build(true), rank, iterations=3000, tol=1e-11, starts=3)
    assert result.relative_error < 1e-8
    assert match(factors_of(result), true) < 1e-6
    np.testing.assert_allclose(reconstruct(result), build(true), atol=1e-7)


@pytest.mark.parametrize("method", ["hals", "mu"])
def test_rank_one_of_a_matrix_is_its_leading_singular_pair(method):
    x = np.random.default_rng(4).random((9, 80, 1))
    u, s, vt = np.linalg.svd(x[:, :, 0])
    result = ntf(x, 1, method=method, iterations=500, tol=1e-12)
    assert result.weights[0] == pytest.approx(s[0], rel=1e-10)
    np.testing.assert_allclose(result.frequency[:, 0], np.abs(u[:, 0]), atol=1e-8)
    np.testing.assert_allclose(result.time[:, 0], np.abs(vt[0]), atol=1e-8)
    assert result.relative_error == pytest.approx(np.sqrt((s[1:] ** 2).sum() / (s**2).sum()))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_reaches_at_least_what_tensorly_does_from_the_same_start(seed):
    x = noisy((14, 120, 6), 3, 0.3, seed)
    init = draw(x.shape, 3, seed + 50)
    start = tl.cp_tensor.CPTensor((np.ones(3), [f.copy() for f in init]))

    def error(cp):
        return np.linalg.norm(x - tl.cp_to_tensor(cp)) / np.linalg.norm(x)

    mu = error(non_negative_parafac(x, 3, init=start, n_iter_max=300, tol=0))
    start = tl.cp_tensor.CPTensor((np.ones(3), [f.copy() for f in init]))
    hals = error(non_negative_parafac_hals(x, 3, init=start, n_iter_max=300, tol=0))
    ours = {
        m: ntf(x, 3, method=m, iterations=300, tol=0, init=init).relative_error
        for m in ("mu", "hals")
    }
    # tensorly's multiplicative rule runs through the factors in the same order.
    assert ours["mu"] == pytest.approx(mu, rel=1e-5)
    assert ours["hals"] <= hals * (1 + 1e-6)
    assert ours["hals"] <= ours["mu"] * (1 + 1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("penalty", [1e-3, 0.1, 3.0])
def test_hals_with_a_prior_ends_no_higher_than_the_multiplicative_rule(seed, penalty):
    x = noisy((14, 120, 7), 3, 0.3, seed)
    omega = spatial_prior(DISTANCES)
    init = draw(x.shape, 3, seed + 9)
    ends = [
        sw_ntf(x, 3, omega, penalty, method=m, iterations=300, init=init).objective[-1]
        for m in ("hals", "mu")
    ]
    assert ends[0] <= ends[1] * (1 + 1e-9)


@pytest.mark.parametrize("penalty", [0.0, 0.05, 2.0])
@pytest.mark.parametrize("method", ["hals", "mu"])
def test_kkt_residual_agrees_with_finite_differences(method, penalty):
    x = noisy((5, 12, 4), 2, 0.5, 3)
    omega = spatial_prior(DISTANCES[:4])
    result = sw_ntf(x, 2, omega, penalty, method=method, iterations=7, tol=0, seed=2)
    # Normalised factors, then c at the length where its penalty is least: there the solver stands
    # after an iteration of HALS.
    a, b, c = (f.copy() for f in factors_of(result))
    x = x / result.scale
    weights = result.weights / result.scale
    size = (omega @ c) / (c**2).sum(axis=0) if penalty else np.ones(2)
    if method == "mu":
        (a, b, c), _ = multiply(x, scaled_start(x, 2, 2), omega, penalty, 7)
    else:
        c *= size
        b *= weights / size
    factors = [a, b, c]

    def objective():
        return ((x - build(factors)) ** 2).sum() + penalty * ((c - omega[:, None]) ** 2).sum()

    worst = 0.0
    for mode, factor in enumerate(factors):
        others = [f for m, f in enumerate(factors) if m != mode]
        norms = np.prod([np.linalg.norm(f, axis=0) for f in others], axis=0)
        gradient = np.zeros_like(factor)
        for index in np.ndindex(factor.shape):
            h, kept = 1e-5 * factor.max(), factor[index]
            factor[index] = kept + h
            up = objective()
            factor[index] = kept - h
            gradient[index] = (up - objective()) / (2 * h) / 2
            factor[index] = kept
        gram = np.prod([f.T @ f for f in others], axis=0)
        if mode == 2:
            gram = gram + penalty * np.eye(2)
        projection = (factor @ gram - gradient) / norms
        violation = np.abs(np.minimum(factor * norms, gradient / norms))
        worst = max(worst, violation.max() / projection.max())
    assert result.kkt == pytest.approx(worst, rel=1e-4)
    assert result.kkt > 1e-5


def scaled_start(x, rank, seed):
    """The factors that a seed draws, scaled together to fit `x` best."""
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    a, b, c = (rng.random((n, rank)) for n in x.shape)
    model = build((a, b, c))
    return a, b * (x * model).sum() / (model**2).sum(), c


@pytest.mark.parametrize("method", ["hals", "mu"])
def test_stops_where_the_conditions_hold(method):
    result = ntf(noisy(), 2, method=method, iterations=5000, tol=1e-6)
    assert result.converged and result.kkt <= 1e-6 and result.iterations < 5000
    assert len(result.objective) == result.iterations + 1
    short = ntf(noisy(), 2, method=method, iterations=2, tol=1e-6)
    assert not short.converged and short.kkt > 1e-6


def test_objective_and_error_are_those_of_the_factors():
    x = noisy()
    result = ntf(x, 3)
    misfit = ((x - reconstruct(result)) ** 2).sum()
    assert result.objective[-1] == pytest.approx(misfit, rel=1e-9)
    assert result.relative_error == pytest.approx(np.sqrt(misfit / (x**2).sum()), rel=1e-12)
    for factor in factors_of(result):
        np.testing.assert_allclose(np.linalg.norm(factor, axis=0), 1)
    assert (np.diff(result.weights) <= 0).all()


def test_penalty_zero_is_plain_ntf():
    x = noisy()
    plain, weighted = ntf(x, 3, seed=5), sw_ntf(x, 3, np.ones(5), 0.0, scale="none", seed=5)
    for p, w in zip(factors_of(plain), factors_of(weighted), strict=True):
        np.testing.assert_array_equal(p, w)


def test_large_penalty_makes_the_station_factor_the_prior():
    x = noisy((12, 90, 7))
    omega = spatial_prior(DISTANCES)
    angles = []
    for penalty in (1e-2, 1.0, 1e2, 1e4, 1e6):
        result = sw_ntf(x, 3, omega, penalty, iterations=2000)
        angles.append(np.abs(result.station - omega[:, None]).max())
    assert angles[-1] < 1e-5
    assert (np.diff(angles) < 0).all()
    # What is left is the factorisation of the tensor seen through omega.
    seen = ntf((x @ omega)[:, :, None], 3, iterations=5000, starts=5)
    seen_misfit = (x**2).sum() - ((x @ omega) ** 2).sum() + seen.objective[-1]
    best = sw_ntf(x, 3, omega, 1e6, iterations=5000, starts=5)
    assert best.objective[-1] * best.scale**2 == pytest.approx(seen_misfit, rel=1e-3)


def test_penalty_prices_the_angle_alone():
    """At the best length of c_r the prior's term is penalty ||omega||^2 sin^2(angle)."""
    x = noisy((12, 90, 7))
    omega = 2.5 * spatial_prior(DISTANCES)
    result = sw_ntf(x, 3, omega, 0.05, iterations=1000, tol=1e-8)
    cosine = result.station.T @ omega / np.linalg.norm(omega)
    term = 0.05 * (omega @ omega) * (1 - cosine**2).sum()
    assert result.objective[-1] == pytest.approx(result.relative_error**2 + term, rel=1e-9)


def test_one_penalty_a_component_ties_only_that_one():
    x = noisy((12, 90, 7), noise=0.3)
    omega = spatial_prior(DISTANCES)
    result = sw_ntf(x, 3, omega, [1e5, 0.0, 0.0], iterations=500)
    gap = np.abs(result.station - omega[:, None]).max(axis=0)
    assert gap[0] < 1e-4 and gap[1:].min() > 1e-2


@pytest.mark.parametrize("method", ["hals", "mu"])
@pytest.mark.parametrize("power", [-40, -3, 1, 30])
def test_powers_of_two_change_nothing_but_the_weights(method, power):
    x = noisy()
    omega = spatial_prior(DISTANCES[:5])
    for plain, scaled in (
        (ntf(x, 3, method=method), ntf(x * 2.0**power, 3, method=method)),
        (
            sw_ntf(x, 3, omega, method=method, iterations=20),
            sw_ntf(x * 2.0**power, 3, omega, method=method, iterations=20),
        ),
    ):
        for p, s in zip(factors_of(plain), factors_of(scaled), strict=True):
            np.testing.assert_allclose(p, s, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(scaled.weights, plain.weights * 2.0**power, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), axis=st.integers(0, 2), method=st.sampled_from(["hals", "mu"]))
def test_permuting_an_axis_permutes_its_factor(seed, axis, method):
    x = noisy(seed=seed)
    init = draw(x.shape, 3, seed + 1)
    order = np.random.default_rng(seed).permutation(x.shape[axis])
    moved = [f[order] if n == axis else f for n, f in enumerate(init)]
    kwargs = {"method": method, "iterations": 15, "tol": 0.0}
    plain = ntf(x, 3, init=init, **kwargs)
    permuted = ntf(np.take(x, order, axis), 3, init=moved, **kwargs)
    for n, (p, q) in enumerate(zip(factors_of(plain), factors_of(permuted), strict=True)):
        np.testing.assert_allclose(p[order] if n == axis else p, q, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("method", ["hals", "mu"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_zero_slices_get_zero_rows(method, axis):
    x = noisy()
    np.moveaxis(x, axis, 0)[2] = 0.0
    result = ntf(x, 3, method=method, iterations=50)
    np.testing.assert_array_equal(factors_of(result)[axis][2], 0.0)
    assert np.isfinite(result.kkt)


def test_more_components_than_the_tensor_has():
    x = build(draw((6, 40, 4), 1))
    result = ntf(x, 5, iterations=500)
    assert result.relative_error < 1e-4
    assert np.isfinite(np.concatenate(factors_of(result))).all()


def test_same_bits_for_one_seed_any_layout_and_any_number_of_threads():
    x = noisy((20, 2000, 7))
    plain = ntf(x, 3, seed=11, iterations=12, threads=1)
    by_time = np.ascontiguousarray(np.moveaxis(x, 1, 0))
    for other in (
        ntf(x, 3, seed=11, iterations=12, threads=1),
        ntf(x, 3, seed=11, iterations=12, threads=2),
        ntf(x, 3, seed=11, iterations=12, threads=5),
        ntf(np.asfortranarray(x), 3, seed=11, iterations=12),
        ntf(np.moveaxis(by_time, 0, 1), 3, seed=11, iterations=12),
    ):
        for p, q in zip(factors_of(plain), factors_of(other), strict=True):
            np.testing.assert_array_equal(p, q)
        np.testing.assert_array_equal(plain.objective, other.objective)
    assert not np.array_equal(ntf(x, 3, seed=12, iterations=12).time, plain.time)


def test_several_starts_keep_the_best():
    x = noisy((8, 30, 5), 4, 1.0)
    kwargs = {"iterations": 20, "tol": 0.0, "seed": 3}
    ends = []
    for stream in np.random.SeedSequence(3).spawn(6):
        rng = np.random.default_rng(stream)
        a, b, c = (rng.random((n, 4)) for n in x.shape)
        model = build((a, b, c))
        init = (a, b * (x * model).sum() / (model**2).sum(), c)
        ends.append(ntf(x, 4, init=init, iterations=20, tol=0.0).objective[-1])
    best = ntf(x, 4, starts=6, **kwargs)
    assert best.objective[-1] == pytest.approx(min(ends), rel=1e-9)
    assert best.start == int(np.argmin(ends))
    assert best.objective[-1] <= ntf(x, 4, **kwargs).objective[-1]


def test_float32_is_as_good_as_its_rounding():
    x = noisy((20, 500, 7))
    double, single = ntf(x, 3), ntf(x.astype(np.float32), 3)
    assert single.relative_error == pytest.approx(double.relative_error, rel=1e-5)
    np.testing.assert_allclose(single.frequency, double.frequency, atol=1e-4)


def test_float32_is_summed_in_float64():
    x = noisy((20, 501, 7)).astype(np.float32)
    single, same = ntf(x, 3), ntf(x.astype(np.float64), 3)
    np.testing.assert_allclose(single.time, same.time, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(single.objective, same.objective, rtol=1e-12)


def test_integers_are_read_as_float64():
    x = np.random.default_rng(0).integers(0, 9, (6, 30, 4))
    np.testing.assert_array_equal(ntf(x, 2).time, ntf(x.astype(float), 2).time)


def test_scales():
    x = noisy()
    omega = np.ones(5)

    def used(scale):
        return sw_ntf(x, 2, omega, scale=scale, iterations=1).scale

    assert used("norm") == pytest.approx(np.linalg.norm(x))
    assert used("rms") == pytest.approx(np.sqrt((x**2).mean()))
    assert used("max") == x.max()
    assert used("none") == 1 and used(2.5) == 2.5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"X": np.ones((3, 4))}, r"X: shape \(3, 4\).*frequency, time, station"),
        ({"X": np.ones((3, 0, 2))}, "none of them 0"),
        ({"X": np.zeros((3, 4, 2))}, "zero everywhere"),
        ({"X": np.ones((3, 4, 2)) * 1j}, "dtype complex128"),
        ({"X": np.full((3, 4, 2), np.inf)}, "finite"),
        ({"X": np.full((3, 4, 2), 1e150)}, "unit"),
        ({"rank": 0}, "rank: 0"),
        ({"rank": 2.0}, "rank: 2.0"),
        ({"iterations": 0}, "iterations: 0"),
        ({"starts": 0}, "starts: 0"),
        ({"tol": -1.0}, "tol: -1.0"),
        ({"tol": np.nan}, "tol: nan"),
        ({"threads": 0}, "threads: 0"),
        ({"method": "hal"}, "nearest is 'hals'"),
        ({"init": [np.ones((3, 2)), np.ones((4, 2))]}, "init: 2 arrays"),
        ({"init": [np.ones((3, 2)), np.ones((4, 1)), np.ones((2, 2))]}, r"time factor.*\(4, 2\)"),
        ({"init": [np.ones((3, 2)), -np.ones((4, 2)), np.ones((2, 2))]}, "time factor.*>= 0"),
        ({"init": draw((3, 4, 2), 2), "starts": 2}, "starts: 2; expected 1"),
    ],
)
def test_bad_input_is_named(change, words):
    kwargs = {"X": np.ones((3, 4, 2)), "rank": 2} | change
    with pytest.raises(ValueError, match=words):
        ntf(**kwargs)


@pytest.mark.parametrize("value", [np.nan, -1e-9])
@pytest.mark.parametrize("by_time", [False, True])
def test_nan_and_negative_values_are_located(value, by_time):
    x = np.ones((3, 50, 4))
    if by_time:
        x = np.moveaxis(np.ones((50, 3, 4)), 0, 1)
    x[1, 20, 3] = value
    with pytest.raises(ValueError, match=r"1 values are NaN or negative.*\(1, 20, 3\)"):
        ntf(x, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prior": np.ones(3)}, r"prior: shape \(3,\); expected \(2,\)"),
        ({"prior": np.array([1.0, -1.0])}, "prior: expected finite weights"),
        ({"prior": np.zeros(2)}, "not all of them zero"),
        ({"penalty": -0.1}, "penalty: expected"),
        ({"penalty": [0.1, 0.1, 0.1]}, r"penalty: shape \(3,\)"),
        ({"scale": "nrm"}, "nearest is 'norm'"),
        ({"scale": 0.0}, "scale: 0.0"),
    ],
)
def test_bad_prior_is_named(change, words):
    kwargs = {"X": np.ones((3, 4, 2)), "rank": 2, "prior": np.ones(2)} | change
    with pytest.raises(ValueError, match=words):
        sw_ntf(**kwargs)


@pytest.mark.parametrize("norm", ["l2", "sum", "max"])
def test_normalise_keeps_the_model(norm):
    result = ntf(noisy(), 3)
    other = normalise(result, norm)
    np.testing.assert_allclose(reconstruct(other), reconstruct(result), rtol=1e-12)
    size = {"l2": np.linalg.norm, "sum": np.sum, "max": np.max}[norm]
    for factor in factors_of(other):
        np.testing.assert_allclose([size(column) for column in factor.T], 1)
