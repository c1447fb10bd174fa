"""Variational mode decomposition: closed forms, an independent reference, and properties."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import hilbert
from vmd_reference import objective, red_noise, sweeps

from precursor_lib.decompose.vmd import ConvergenceWarning, half_power_width, modes_at, vmd
from precursor_lib.decompose.vmd_kernels import CHUNK
from precursor_lib.decompose.vmd_solver import Spectrum
from precursor_lib.errors import InputError

UNIFORM = 0.5 * np.arange(5) / 5


def quietly(*args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return vmd(*args, **kwargs)


def tones(n, parts, noise=0.0, seed=0):
    t = np.arange(n)
    clean = np.array([a * np.cos(2 * np.pi * f * t + p) for f, a, p in parts])
    return clean, clean.sum(axis=0) + noise * np.random.default_rng(seed).normal(size=n)


PARTS = ((0.013, 1.0, 0.3), (0.075, 0.8, 1.0), (0.21, 0.6, 2.0), (0.37, 0.5, 2.5))


@pytest.mark.parametrize("method", ["fixed-point", "sweeps"])
def test_tones_are_separated_at_their_frequencies(method):
    clean, x = tones(6000, PARTS)
    result = quietly(x, modes=4, alpha=2000.0, method=method, max_iterations=2000)
    np.testing.assert_allclose(result.centre_frequencies, [p[0] for p in PARTS], atol=2e-5)
    middle = slice(600, -600)
    for mode, tone in zip(result.modes, clean, strict=True):
        assert np.abs(mode - tone)[middle].max() < 0.02


@pytest.mark.parametrize("n", [600, 601])
@pytest.mark.parametrize(("tau", "dc"), [(0.0, False), (0.0, True), (0.3, False), (0.1, True)])
def test_sweeps_are_the_reference(n, tau, dc):
    x = red_noise(n, 1) + 3.0
    modes, w, history = sweeps(x, UNIFORM, 2000.0, 60, tau=tau, dc=dc)
    result = quietly(x, alpha=2000.0, method="sweeps", max_iterations=60, tau=tau, dc=dc, tol=1e-30)
    assert result.iterations == 60
    assert result.method == "sweeps"
    np.testing.assert_allclose(result.history, history, rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.centre_frequencies, w, rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.modes, modes, rtol=0, atol=1e-10 * np.abs(x).max())


@pytest.mark.parametrize(
    ("tau", "dc", "init"), [(0.0, 0, 1), (0.0, 1, 1), (0.0, 0, 0), (0.2, 0, 1)]
)
def test_sweeps_are_vmdpy(tau, dc, init):
    vmdpy = pytest.importorskip("vmdpy", reason="vmdpy is a benchmark-only dependency")
    x = red_noise(2000, 4)
    modes, _, history = vmdpy.VMD(x, 5000.0, tau, 5, dc, init, 0.0)
    # vmdpy does 499 sweeps and returns the modes before the last one.
    assert len(history) == 499
    result = quietly(
        x, method="sweeps", max_iterations=498, tau=tau, dc=bool(dc),
        init=("zero", "uniform")[init], tol=1e-30,
    )  # fmt: skip
    np.testing.assert_allclose(result.centre_frequencies, history[-1], atol=1e-9)
    # It also writes the top bin's value into the Nyquist bin, where a mirrored series has none: a
    # constant with alternating sign. But for that the modes are the same.
    alternating = (-1.0) ** np.arange(x.size)
    apart = modes - result.modes
    extra = (apart * alternating).mean(axis=1, keepdims=True) * alternating
    assert np.abs(extra).max() < 1e-2 * np.abs(x).max()
    np.testing.assert_allclose(apart - extra, 0.0, atol=1e-8)


def test_closed_form_is_what_long_sweeps_tend_to():
    """With centre frequencies held, plain Gauss-Seidel sweeps per bin tend to the closed form."""
    n, alpha = 400, 2000.0
    w = np.array([0.0203, 0.1109, 0.3004])
    f = np.arange(n) / (2 * n)
    d = alpha * (f - w[:, None]) ** 2
    gains = np.zeros((3, n))
    for _ in range(200_000):
        for k in range(3):
            gains[k] = (1 - gains.sum(axis=0) + gains[k]) / (1 + d[k])
        if np.abs((1 - gains.sum(axis=0)) - d * gains).max() < 1e-12:
            break
    closed = np.empty((3, n))
    Spectrum(np.ones(n), alpha).closed_gains(closed, w)
    np.testing.assert_allclose(closed, gains, atol=1e-9)
    np.testing.assert_allclose(closed, (1 / d) / (1 + (1 / d).sum(axis=0)), rtol=1e-9)
    # A bin at a centre frequency goes to that mode alone; two modes there share it.
    Spectrum(np.ones(n), alpha).closed_gains(closed, np.array([0.1, 0.2, 0.2]))
    np.testing.assert_allclose(closed[:, 80], [1.0, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(closed[:, 160], [0.0, 0.5, 0.5], atol=1e-12)


@pytest.mark.parametrize("n", [300, CHUNK + 700])
def test_reduced_objective_gradient_and_hessian(n):
    x = red_noise(n, 2, tides=False)
    power = np.square(np.abs(np.fft.fft(np.concatenate([x, x[::-1]]))[:n]))
    spectrum = Spectrum(power, 800.0)
    w = np.array([0.011, 0.0523, 0.17, 0.171])
    gains = np.empty((4, n))
    spectrum.closed_gains(gains, w)
    value, energy, moment, hessian = spectrum.objective(w)
    assert value == pytest.approx(objective(x, gains, w, 800.0), rel=1e-12)
    f = np.arange(n) / (2 * n)
    np.testing.assert_allclose(energy, (power * gains**2).sum(axis=1), rtol=1e-12)
    gradient = -2 * 800.0 * moment
    np.testing.assert_allclose(
        gradient, -2 * 800.0 * ((f - w[:, None]) * power * gains**2).sum(axis=1), rtol=1e-9
    )
    h = 1e-6
    for k, unit in enumerate(np.eye(4)):
        up, down = spectrum.objective(w + h * unit), spectrum.objective(w - h * unit)
        assert (up[0] - down[0]) / (2 * h) == pytest.approx(gradient[k], rel=1e-5, abs=1e-7 * value)
        column = -2 * 800.0 * (up[2] - down[2]) / (2 * h)
        np.testing.assert_allclose(column, hessian[k], atol=1e-4 * np.abs(hessian).max())


def test_fixed_point_is_one_of_the_classic_sweeps():
    """One more classic sweep, done by the reference, moves nothing."""
    x = red_noise(1500, 3)
    result = vmd(x)
    assert result.converged
    assert result.distance <= 1e-7
    n = x.size
    spectrum = np.fft.fft(np.concatenate([x, x[::-1]]))[:n]
    f = np.arange(n) / (2 * n)
    doubled = np.concatenate([result.modes, result.modes[:, ::-1]], axis=1)
    u = np.fft.fft(doubled)[:, :n]
    w = result.centre_frequencies
    for k in range(5):
        others = u.sum(axis=0) - u[k]
        new = (spectrum - others) / (1 + 5000.0 * (f - w[k]) ** 2)
        assert np.linalg.norm(new - u[k]) < 1e-10 * np.linalg.norm(spectrum)
        power = np.abs(new) ** 2
        assert (f * power).sum() / power.sum() == pytest.approx(w[k], abs=1e-9)


@pytest.mark.parametrize("method", ["fixed-point", "sweeps"])
def test_scale_and_sign_do_not_matter(method):
    x = red_noise(800, 5)
    one = quietly(x, method=method)
    for factor in (-1.0, 2.0**-40, 1e150, 1e-150):
        other = quietly(factor * x, method=method)
        assert other.iterations == one.iterations
        assert other.converged == one.converged
        np.testing.assert_allclose(other.modes, factor * one.modes, rtol=0, atol=abs(factor) * 1e-9)


def test_a_shift_belongs_to_the_dc_mode():
    x = red_noise(900, 6)
    one, other = vmd(x, dc=True), vmd(x + 47000.0, dc=True)
    assert one.centre_frequencies[0] == 0.0
    np.testing.assert_allclose(other.centre_frequencies, one.centre_frequencies, atol=1e-9)
    np.testing.assert_allclose(other.modes[0], one.modes[0] + 47000.0, atol=1e-6)
    np.testing.assert_allclose(other.modes[1:], one.modes[1:], atol=1e-6)


def test_time_reversal_reverses_the_modes():
    x = red_noise(1001, 7)
    np.testing.assert_allclose(vmd(x[::-1]).modes, vmd(x).modes[:, ::-1], atol=1e-8)


@settings(max_examples=25)
@given(
    n=st.integers(2, 400),
    modes=st.integers(1, 6),
    alpha=st.floats(1.0, 1e5),
    seed=st.integers(0, 2**32 - 1),
    dc=st.booleans(),
    init=st.sampled_from(["uniform", "zero", "random"]),
)
def test_any_noise_gives_ordered_modes_that_add_up(n, modes, alpha, seed, dc, init):
    x = np.random.default_rng(seed).normal(size=n)
    result = quietly(x, modes=modes, alpha=alpha, dc=dc, init=init, seed=seed)
    assert result.modes.shape == (modes, n)
    assert np.isfinite(result.modes).all()
    w = result.centre_frequencies
    assert (np.diff(w) >= 0).all()
    assert w[0] >= 0
    assert w[-1] <= 0.5
    np.testing.assert_allclose(result.modes.sum(axis=0) + result.residual, x, atol=1e-12)
    assert result.converged == (result.distance <= 1e-7)
    # Gains lie in [0, 1] and add up to at most 1 in every bin.
    assert np.sum(result.modes**2) <= np.sum(x**2) * (1 + 1e-9)
    again = quietly(x, modes=modes, alpha=alpha, dc=dc, init=init, seed=seed, workers=1)
    assert np.array_equal(again.modes, result.modes)


def test_threads_do_not_change_a_bit():
    x = red_noise(5 * CHUNK + 17, 8)
    for method, limit in (("fixed-point", None), ("sweeps", 20)):
        results = [
            quietly(x, method=method, max_iterations=limit, workers=count) for count in (1, 2, 3, 8)
        ]
        for other in results[1:]:
            assert np.array_equal(other.modes, results[0].modes)
            assert np.array_equal(other.history, results[0].history)


def test_several_series_are_the_single_ones():
    x = np.array([red_noise(701, seed) for seed in range(3)])
    together = vmd(x, modes=4, init="random", seed=3)
    assert together.modes.shape == (3, 4, 701)
    assert together.iterations.shape == together.converged.shape == together.distance.shape == (3,)
    for i, row in enumerate(x):
        alone = vmd(row, modes=4, init="random", seed=3)
        assert np.array_equal(together.modes[i], alone.modes)
        assert np.array_equal(together.residual[i], alone.residual)
        assert np.array_equal(together.history[i], alone.history)
        assert together.iterations[i] == alone.iterations


def test_a_result_is_a_warm_start():
    x = red_noise(2000, 9)
    first = vmd(x)
    again = vmd(x, init=first)
    assert again.converged
    assert again.iterations <= 2 < first.iterations
    np.testing.assert_allclose(again.modes, first.modes, atol=1e-9)
    swept = vmd(x, init=first, method="sweeps")
    assert swept.converged
    assert swept.iterations <= 20
    np.testing.assert_allclose(swept.modes, first.modes, atol=1e-6)


def test_held_centres_are_a_linear_bank_of_filters():
    x, y = red_noise(901, 12), red_noise(901, 13)
    result = vmd(x)
    w = result.centre_frequencies
    np.testing.assert_allclose(modes_at(x, w), result.modes, atol=1e-6)
    both = modes_at(np.array([x, y]), w)
    np.testing.assert_allclose(modes_at(2 * x - 3 * y, w), 2 * both[0] - 3 * both[1], atol=1e-10)
    # Centres within one another's width share by inverse square distance, whatever alpha.
    n = 1000
    line = np.cos(
        np.pi * 20 * (np.arange(n) + 0.5) / n
    )  # all power in bin 20, 0.01 cycles a sample
    for alpha in (1.0, 100.0):
        found = modes_at(line, [0.009, 0.012], alpha)
        np.testing.assert_allclose(found[0], 0.8 * line, atol=1e-3)
        np.testing.assert_allclose(found[1], 0.2 * line, atol=1e-3)
    with pytest.raises(InputError, match=r"between 0 and 0\.5"):
        modes_at(x, [0.1, 0.6])


def test_length_and_amplitude_do_not_decide_on_convergence():
    """A tolerance in the series' unit would stop the weak series at once."""
    x = red_noise(3000, 10)
    for factor in (1.0, 1e-6):
        with pytest.warns(ConvergenceWarning, match="stopped after 40 iterations"):
            result = vmd(factor * x, method="sweeps", max_iterations=40)
        assert not result.converged
        assert result.distance > 1e-3


def test_distance_is_measured_not_taken_from_the_step():
    """The distance given for unfinished sweeps is that to where they end."""
    x = red_noise(1200, 11)
    end = vmd(x)
    for limit in (300, 500):
        late = quietly(x, method="sweeps", max_iterations=limit)
        true = np.sqrt(np.sum((late.modes - end.modes) ** 2) / np.sum((x - x.mean()) ** 2))
        assert late.distance == pytest.approx(true, rel=0.35)


def test_dual_ascent_adds_up_to_the_series():
    _, x = tones(500, PARTS, noise=0.1)
    free = quietly(x, modes=4, alpha=500.0, method="sweeps", max_iterations=2000)
    tied = vmd(x, modes=4, alpha=500.0, method="sweeps", tau=0.5, tol=1e-5, max_iterations=20000)
    assert tied.converged
    assert np.linalg.norm(tied.residual) < 1e-4 * np.linalg.norm(x)
    assert np.linalg.norm(free.residual) > 1e-2 * np.linalg.norm(x)


@pytest.mark.parametrize("method", ["fixed-point", "sweeps"])
def test_dead_and_tiny_series(method):
    for value in (0.0, 3.0):
        result = vmd(np.full(51, value), method=method)
        assert result.converged
        np.testing.assert_allclose(result.modes[0], value, atol=1e-12)
        np.testing.assert_allclose(result.modes[1:], 0.0, atol=1e-12)
    pair = quietly([1.0, 4.0], modes=2, method=method)
    np.testing.assert_allclose(pair.modes.sum(axis=0) + pair.residual, [1.0, 4.0], atol=1e-12)
    assert vmd(np.arange(7), modes=1, method=method).modes.shape == (1, 7)


def test_modes_that_share_a_line_are_not_called_converged():
    """Three modes on the one line that a spectrum has: how they share it is undetermined."""
    x = np.cos(np.pi * 100 * (np.arange(1000) + 0.5) / 1000)
    with pytest.warns(ConvergenceWarning, match="no distance to a fixed point can be given"):
        result = vmd(x, modes=3)
    assert not result.converged
    np.testing.assert_allclose(result.modes.sum(axis=0), x, atol=1e-9)


def test_a_saddle_point_is_left():
    """Equal centre frequencies given as a start are a stationary point, but no minimum."""
    _, x = tones(2000, PARTS[1:3], noise=0.2)
    level = vmd(x, modes=2, alpha=500.0)
    middle = np.full(2, level.centre_frequencies.mean())
    left = vmd(x, modes=2, alpha=500.0, init=replace(level, centre_frequencies=middle))
    assert left.converged
    np.testing.assert_allclose(left.centre_frequencies, level.centre_frequencies, atol=1e-6)


def test_half_power_width_is_that_of_the_filter():
    width = half_power_width(5000.0)
    assert (1 / (1 + 5000.0 * (width / 2) ** 2)) ** 2 == pytest.approx(0.5)
    # Measured: white noise through a single mode at a held centre frequency of zero.
    x = np.zeros(20001)
    x[10000] = 1.0
    mode = vmd(x, modes=1, alpha=5000.0, dc=True).modes[0]
    power = np.abs(np.fft.rfft(mode)) ** 2
    edge = np.interp(-0.5, -power / power[0], np.fft.rfftfreq(x.size))
    assert 2 * edge == pytest.approx(width, rel=2e-3)


def test_an_amplitude_modulated_tone_keeps_its_envelope():
    t = np.arange(5000)
    envelope = 1 + 0.5 * np.cos(2 * np.pi * t / 1250)
    x = envelope * np.cos(2 * np.pi * 0.11 * t) + np.cos(2 * np.pi * 0.31 * t)
    result = vmd(x, modes=2, alpha=2000.0)
    np.testing.assert_allclose(result.centre_frequencies, [0.11, 0.31], atol=1e-4)
    assert np.abs(np.abs(hilbert(result.modes[0])) - envelope)[500:-500].max() < 0.03


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": [1.0, np.nan, 2.0, np.nan]}, r"x\[1\] is nan, and 2 samples in all"),
        ({"x": [[1.0, 2.0], [np.inf, 2.0]]}, r"x\[1, 0\] is inf"),
        ({"x": [1.0]}, r"n >= 2, got \(1,\)"),
        ({"x": np.zeros((2, 2, 2))}, "shape"),
        ({"x": np.zeros(4, dtype=complex)}, "real numbers"),
        ({"x": np.array(["a", "b"])}, "real numbers"),
        ({"modes": 0}, "modes: expected an integer of at least 1"),
        ({"modes": 2.5}, "modes: expected an integer"),
        ({"alpha": 0.0}, "alpha: expected a positive number"),
        ({"tol": np.nan}, "tol: expected a positive number"),
        ({"tau": -1.0}, "tau: expected a number of at least 0"),
        ({"tau": 0.1}, "needs method='sweeps'"),
        ({"method": "sweep"}, "nearest is 'sweeps'"),
        ({"init": "unifrom"}, "nearest is 'uniform'"),
        ({"init": [0.1, 0.2]}, r"shape \(5,\)"),
        ({"init": [0.1, 0.2, 0.3, 0.4, 0.7]}, "between 0 and 0.5"),
        ({"workers": 0}, "workers"),
        ({"init": "random", "seed": -1}, "seed: expected a whole number"),
        ({"max_iterations": 0}, "max_iterations"),
    ],
)
def test_bad_input_is_named(changes, words):
    with pytest.raises(InputError, match=words):
        vmd(**{"x": np.arange(10.0), **changes})
