"""Where the fixed point's own iteration ends, against converged classic sweeps from one start.

The two have the same fixed points; a series has several. In the cases below both end in the same
one, except where the table says otherwise: there both are checked to be fixed points.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from vmd_reference import objective, red_noise

from precursor_lib.decompose.vmd import ConvergenceWarning, vmd
from precursor_lib.decompose.vmd_solver import Spectrum

N = 900


def series(kind, seed):
    rng = np.random.default_rng(seed)
    t = np.arange(N)
    match kind:
        case "tides":
            return red_noise(N, seed)
        case "pink":
            return red_noise(N, seed, tides=False)
        case "brown":
            return red_noise(N, seed, slope=2.0, tides=False)
        case "white":
            return rng.normal(size=N)
        case "chirp":
            return np.cos(2 * np.pi * (0.02 * t + 0.1 * t**2 / N)) + 0.1 * rng.normal(size=N)
    walk = np.cumsum(rng.normal(size=N))
    return walk if kind == "walk" else walk - walk.mean()


def both(x, modes, alpha, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        fast = vmd(x, modes, alpha, **kwargs)
        swept = vmd(x, modes, alpha, 1e-6, method="sweeps", max_iterations=20_000, **kwargs)
    return fast, swept


@pytest.mark.parametrize("init", ["uniform", "zero", "random"])
@pytest.mark.parametrize(("modes", "alpha"), [(3, 2000.0), (5, 5000.0), (7, 1000.0)])
@pytest.mark.parametrize("kind", ["tides", "pink", "brown", "white", "chirp", "level walk"])
def test_same_fixed_point(kind, modes, alpha, init):
    x = series(kind, 0)
    fast, swept = both(x, modes, alpha, init=init)
    np.testing.assert_allclose(fast.centre_frequencies, swept.centre_frequencies, atol=1e-6)
    # Each is within its own tolerance of the fixed point.
    scale = np.linalg.norm(x - x.mean())
    assert np.linalg.norm(fast.modes - swept.modes) < 2e-6 * scale
    assert fast.iterations < 250


@pytest.mark.parametrize(
    ("modes", "alpha", "init"), [(4, 1000.0, "uniform"), (5, 5000.0, "random")]
)
def test_another_fixed_point(modes, alpha, init):
    """A walk far from zero: its mean outweighs all else, and two modes contend for it."""
    x = series("walk", 7)
    fast, swept = both(x, modes, alpha, init=init, seed=7)
    assert np.abs(fast.centre_frequencies - swept.centre_frequencies).max() > 1e-3
    # Started from where the other ended, neither moves: both are fixed points.
    moved, stays = (vmd(x, modes, alpha, init=r) for r in (fast, swept))
    np.testing.assert_allclose(moved.centre_frequencies, fast.centre_frequencies, atol=1e-9)
    np.testing.assert_allclose(stays.centre_frequencies, swept.centre_frequencies, atol=1e-6)
    # With the mean taken off they agree.
    fast, swept = both(x - x.mean(), modes, alpha, init=init, seed=7)
    np.testing.assert_allclose(fast.centre_frequencies, swept.centre_frequencies, atol=1e-6)


def test_each_step_lowers_the_objective():
    x = series("tides", 1)
    result = vmd(x)
    late = result.history[100:]
    values = []
    for w in late:
        gains = np.empty((5, N))
        Spectrum(np.ones(N), 5000.0).closed_gains(gains, w)
        values.append(objective(x, gains, w, 5000.0))
    assert (np.diff(values) <= 1e-12 * values[0]).all()
    assert values[-1] < values[0]
