"""MEMD: closed forms, properties, edge cases, refusals and repeatability."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from precursor_lib.decompose import memd, sphere_directions
from precursor_lib.errors import InputError

SHORT = settings(deadline=None, max_examples=40)
FEW = {"directions": 8, "max_siftings": 20}

series = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 90)),
    elements=st.floats(-1e3, 1e3, width=32),
)


def noise(seed, channels=3, length=400):
    return np.random.default_rng(seed).normal(size=(channels, length))


def test_two_tones_are_separated_and_aligned():
    """Tones a decade apart: the first IMF is the fast one, in all channels that hold it."""
    t = np.arange(4000)
    fast = np.array([1.0, 0.5, 0.0])[:, None] * np.sin(2 * np.pi * t / 20 + [[0.0], [1.0], [0.0]])
    slow = np.array([0.7, 1.0, 1.0])[:, None] * np.sin(2 * np.pi * t / 400 + [[0.5], [2.0], [0.3]])
    imfs = memd(fast + slow, directions=64)
    inner = slice(400, -400)
    assert np.abs(imfs[0] - fast)[:, inner].max() < 0.05
    assert np.abs(imfs[1:].sum(axis=0) - slow)[:, inner].max() < 0.05
    amplitude = np.sqrt(2) * imfs[0][:, inner].std(axis=1)
    np.testing.assert_allclose(amplitude, [1.0, 0.5, 0.0], atol=0.02)


def test_a_tone_is_its_own_first_imf():
    t = np.arange(1000)
    tone = np.sin(2 * np.pi * t / 25 + np.array([[0.0], [0.7]]))
    imfs, report = memd(tone, report=True)
    assert np.abs(imfs[0] - tone)[:, 100:-100].max() < 0.01
    assert all(report.settled)


def test_a_rotation_in_the_plane_is_one_imf():
    """A bivariate rotation of radius 1: every envelope is a circle, their mean is zero."""
    t = np.arange(1000)
    rotation = np.array([np.cos(2 * np.pi * t / 40), np.sin(2 * np.pi * t / 40)])
    imfs = memd(rotation + np.array([[5.0], [-3.0]]))
    assert np.abs(imfs[0] - rotation)[:, 80:-80].max() < 0.01
    assert np.abs(imfs[1:].sum(axis=0) - [[5.0], [-3.0]])[:, 80:-80].max() < 0.01


def test_equal_channels_are_the_univariate_case():
    x = noise(4, 1, 500)
    one = memd(x)
    two = memd(np.vstack([x, x]))
    assert two.shape == (one.shape[0], 2, 500)
    np.testing.assert_allclose(two, np.broadcast_to(one, two.shape), atol=1e-9)


@SHORT
@given(series)
@pytest.mark.filterwarnings("ignore:IMF:RuntimeWarning")
def test_imfs_sum_to_the_series(x):
    imfs = memd(x, **FEW)
    assert imfs.shape[1:] == x.shape
    np.testing.assert_allclose(imfs.sum(axis=0), x, atol=1e-12 * max(np.abs(x).max(), 1e-300))


@SHORT
@given(st.integers(0, 999), st.integers(-40, 40))
def test_scaling_scales_the_imfs(seed, power):
    """A power of two scales every step without rounding."""
    x = noise(seed, 3, 120)
    np.testing.assert_array_equal(memd(x * 2.0**power, 8), memd(x, 8) * 2.0**power)


def test_scaling_by_any_number_and_shift():
    x = noise(7)
    imfs = memd(x)
    for factor in (-3.0, 1e-9, 1e7 / 3):
        np.testing.assert_allclose(memd(factor * x), factor * imfs, atol=1e-8 * abs(factor))
    shifted = memd(x + 30_000.0)
    np.testing.assert_allclose(shifted[:-1], imfs[:-1], atol=1e-6)
    np.testing.assert_allclose(shifted[-1], imfs[-1] + 30_000.0, atol=1e-6)


@SHORT
@given(st.integers(0, 999), st.permutations(range(4)))
def test_permuted_channels_with_permuted_directions(seed, order):
    x = noise(seed, 4, 150)
    directions = sphere_directions(10, 4)
    expected = memd(x, directions)[:, order]
    np.testing.assert_allclose(memd(x[order], directions[:, order]), expected, atol=1e-8)


@SHORT
@given(st.integers(0, 999), st.integers(60, 200))
def test_time_reversal(seed, length):
    """Both ends follow one rule, so reversal commutes with MEMD to rounding."""
    x = noise(seed, 3, length)
    np.testing.assert_allclose(memd(x[:, ::-1], 8)[:, :, ::-1], memd(x, 8), atol=1e-8)


def test_opposite_directions_give_the_same_modes():
    x = noise(3)
    directions = sphere_directions(16, 3)
    np.testing.assert_allclose(memd(x, -7.0 * directions), memd(x, directions), atol=1e-9)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_too_short_for_oscillations(length):
    x = np.arange(2.0 * length).reshape(2, length) % 3
    np.testing.assert_array_equal(memd(x), x[None])


@pytest.mark.parametrize("value", [0.0, 0.1, -3e4])
def test_constants_are_residue(value):
    x = np.full((3, 50), value)
    imfs = memd(x)
    assert imfs.shape == (1, 3, 50)
    np.testing.assert_allclose(imfs[0], x, rtol=1e-15)


def test_a_constant_channel_stays_constant():
    x = noise(2, 3, 401)
    x[1] = 0.3
    imfs = memd(x)
    assert np.abs(imfs[:-1, 1]).max() < 1e-12
    np.testing.assert_allclose(imfs[-1, 1], 0.3, atol=1e-12)


def test_a_line_is_residue():
    x = np.linspace([0.0, 1.0], [5.0, -2.0], 100).T
    imfs = memd(x)
    assert imfs.shape[0] == 1
    np.testing.assert_allclose(imfs[0], x, atol=1e-14)


def test_limits_of_imfs_and_siftings():
    x = noise(5)
    full, report = memd(x, report=True)
    assert len(report.siftings) == len(full) - 1 == len(report.settled)
    some = memd(x, max_imfs=2)
    assert some.shape[0] == 3
    np.testing.assert_array_equal(some[:2], full[:2])
    np.testing.assert_allclose(some.sum(axis=0), x, atol=1e-13)
    with pytest.warns(RuntimeWarning, match="IMF 0 did not meet the stopping rule in 1 siftings"):
        _, report = memd(x, max_siftings=1, max_imfs=1, report=True)
    assert report.settled == (False,)
    _, report = memd(x, stop="fixed", siftings=4, max_imfs=3, report=True)
    assert report.siftings == (4, 4, 4)
    assert all(report.settled)


def test_noise_channels_are_used_and_removed():
    x = noise(6, 2, 600)
    settings_ = {"noise_channels": 2, "noise_level": 0.5}
    imfs = memd(x, seed=1, **settings_)
    assert imfs.shape[1:] == x.shape
    np.testing.assert_allclose(imfs.sum(axis=0), x, atol=1e-12)
    np.testing.assert_array_equal(imfs, memd(x, seed=1, **settings_))
    other = memd(x, seed=2, **settings_)
    assert other.shape != imfs.shape or np.abs(other - imfs).max() > 1e-3
    # The noise is what the docstring says it is.
    sigma = 0.5 * np.sqrt(x.var(axis=1).mean())
    extra = np.random.default_rng(1).normal(scale=sigma, size=(2, 600))
    mean = x.mean(axis=1, keepdims=True)
    by_hand = memd(np.vstack([x - mean, extra]), directions=sphere_directions(64, 4))
    assert by_hand.shape[0] == imfs.shape[0]
    np.testing.assert_allclose(by_hand[:-1, :2], imfs[:-1], atol=1e-8)


@pytest.mark.parametrize("channels", [1, 3, 8, 9, 17])
def test_threads_do_not_change_a_bit(channels):
    x = noise(channels, channels, 1300)
    one = memd(x, 24, threads=1)
    for threads in (2, 3, 8):
        np.testing.assert_array_equal(memd(x, 24, threads=threads), one)


def test_float32_and_transposed_memory_are_taken():
    x = noise(1, 3, 200).astype(np.float32)
    expected = memd(x.astype(np.float64))
    np.testing.assert_array_equal(memd(x), expected)
    np.testing.assert_array_equal(memd(np.asfortranarray(x.astype(np.float64))), expected)


@pytest.mark.parametrize("channels", [2, 3, 7, 16])
def test_directions_are_even_on_the_sphere(channels):
    """A uniform set has second moments of identity / channels."""
    directions = sphere_directions(512, channels)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, atol=1e-14)
    moments = directions.T @ directions / 512
    assert np.abs(moments - np.eye(channels) / channels).max() < 0.15 / channels
    np.testing.assert_array_equal(directions, sphere_directions(512, channels))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_gaps_are_refused_by_channel_and_sample(bad):
    x = noise(1, 3, 50)
    x[1, 17] = x[2, 3] = bad
    with pytest.raises(InputError, match=rf"x is {bad} at channel 1, sample 17 \(2 such"):
        memd(x)


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"directions": 0}, "directions is 0"),
        (
            {"directions": np.ones((4, 2))},
            r"directions has shape \(4, 2\); expected \(direction, 3",
        ),
        ({"directions": np.zeros((4, 3))}, "zero or non-finite vector"),
        ({"stop": "standart"}, "the nearest is 'standard'"),
        ({"thresholds": (0.1, 0.2)}, "expected .sd, sd2, tol."),
        ({"thresholds": (0.1, -1.0, 0.2)}, "none below 0"),
        ({"siftings": 0}, "siftings is 0; expected at least 1"),
        ({"max_imfs": 0}, "max_imfs is 0"),
        ({"max_siftings": 0}, "max_siftings is 0"),
        ({"noise_channels": -1}, "noise_channels is -1"),
        ({"noise_channels": 1, "noise_level": 0.0}, "noise_level is 0.0"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_parameters_out_of_range(keywords, said):
    with pytest.raises(InputError, match=said):
        memd(noise(0, 3, 50), **keywords)


def test_wrong_shapes():
    with pytest.raises(InputError, match=r"x\[None, :\]"):
        memd(np.zeros(5))
    with pytest.raises(InputError, match=r"\(0, 5\)"):
        memd(np.zeros((0, 5)))
