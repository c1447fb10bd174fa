"""Selection of IMFs: closed forms, scipy, options and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from precursor_lib.decompose import select_imfs
from precursor_lib.errors import InputError


def modes(seed=0, imfs=5, channels=3, length=400):
    return np.random.default_rng(seed).standard_t(5, size=(imfs, channels, length))


def test_kurtosis_is_pearsons():
    imfs = modes() + 2.0
    found = select_imfs(imfs, residue="judge").kurtosis
    np.testing.assert_allclose(found, stats.kurtosis(imfs, axis=2, fisher=False), rtol=1e-12)


def test_kurtosis_of_closed_forms():
    """A sine has 1.5, a square wave 1, one spike among n samples about n."""
    n = 1200
    sine = np.sin(2 * np.pi * np.arange(n) / 24)
    square = np.sign(np.sin(2 * np.pi * (np.arange(n) + 0.5) / 24))
    spike = np.zeros(n)
    spike[600] = 1.0
    found = select_imfs(np.stack([sine, square, spike, 0 * sine])[:, None]).kurtosis
    np.testing.assert_allclose(found[:3, 0], [1.5, 1.0, n - 2 + 1 / (n - 1)], rtol=1e-3)


def test_share_entropy_by_hand():
    """Energies 1, 1, 2 have shares 1/4, 1/4, 1/2; the residue's energy does not count."""
    imfs = np.zeros((4, 1, 8))
    imfs[0, 0, 0] = imfs[1, 0, 3] = 1.0
    imfs[2, 0, 5] = np.sqrt(2)
    imfs[3] = 100.0
    found = select_imfs(imfs)
    np.testing.assert_allclose(found.share[:3, 0], [0.25, 0.25, 0.5])
    np.testing.assert_allclose(found.entropy[:3, 0], [np.log(4) / 4] * 2 + [np.log(2) / 2])
    assert np.isnan(found.entropy[3, 0])
    # ln(4)/4 = ln(2)/2 = 0.3466: none is below 0.3, all are below 0.35.
    assert not found.keep.any()
    assert select_imfs(imfs, entropy_below=0.35).keep[:, 0].tolist() == [True] * 3 + [False]


@given(st.integers(0, 999))
def test_share_entropies_are_the_terms_of_shannons(seed):
    imfs = modes(seed)
    found = select_imfs(imfs, residue="judge")
    energy = (imfs**2).sum(axis=2)
    np.testing.assert_allclose(found.entropy.sum(axis=0), stats.entropy(energy), rtol=1e-12)
    assert np.all(found.entropy <= 1 / np.e + 1e-15)
    np.testing.assert_allclose(found.share.sum(axis=0), 1)


def test_time_entropy_is_none_for_a_burst_and_one_for_an_even_imf():
    burst = np.zeros(100)
    burst[3] = 1.0
    even = np.tile([1.0, -1.0], 50)
    half = np.concatenate([even[:50], np.zeros(50)])
    found = select_imfs(
        np.stack([burst, even, half, burst])[:, None], entropy="time", segments=20
    ).entropy
    np.testing.assert_allclose(found[:3, 0], [0.0, 1.0, np.log(10) / np.log(20)], atol=1e-14)


@given(st.integers(0, 999), st.sampled_from(["share", "time"]), st.floats(0.01, 100))
def test_the_rule_does_not_depend_on_the_unit(seed, entropy, factor):
    imfs = modes(seed)
    one = select_imfs(imfs, entropy=entropy)
    other = select_imfs(imfs * factor, entropy=entropy)
    np.testing.assert_array_equal(one.keep, other.keep)
    np.testing.assert_allclose(other.signal, one.signal * factor, atol=1e-12 * factor)


def test_the_mask_is_the_rule_and_the_signal_its_sum():
    imfs = modes(3)
    found = select_imfs(imfs, 4.0, 0.35)
    keep = (found.kurtosis > 4.0) & (found.entropy < 0.35)
    np.testing.assert_array_equal(found.keep, keep)
    assert 0 < keep.sum() < keep.size
    np.testing.assert_allclose(found.signal, (imfs * keep[:, :, None]).sum(axis=0), atol=1e-13)


def test_the_residue_is_dropped_unless_judged():
    imfs = modes(4)
    kept = {"kurtosis_above": -np.inf, "entropy_below": np.inf}
    assert not select_imfs(imfs, **kept).keep[-1].any()
    assert select_imfs(imfs, **kept, residue="judge").keep.all()


def test_nothing_kept_is_reported():
    imfs = modes(5)
    imfs[:, 1] = np.sin(np.arange(400) / 3.0)
    found = select_imfs(imfs, 3.0, np.inf)
    assert len(found.report) == 1
    assert found.report[0].startswith("channel 1: none of 4 IMFs has kurtosis above 3")
    assert found.report[0].endswith("zero")
    np.testing.assert_array_equal(found.signal[1], 0)
    every = select_imfs(imfs, 3.0, np.inf, nothing_kept="all")
    assert every.keep[:4, 1].all()
    assert not every.keep[4, 1]
    np.testing.assert_allclose(every.signal[1], imfs[:4, 1].sum(axis=0), atol=1e-13)
    assert every.report[0].endswith("the sum of all")
    with pytest.raises(InputError, match="channel 1: none of 4 IMFs"):
        select_imfs(imfs, 3.0, np.inf, nothing_kept="raise")


@pytest.mark.parametrize("entropy", ["share", "time"])
@pytest.mark.parametrize("level", [0.0, 0.1])
def test_constants_are_not_kept(entropy, level):
    found = select_imfs(np.full((2, 1, 40), level), entropy=entropy)
    assert np.isnan(found.kurtosis).all()
    assert not found.keep.any()
    assert len(found.report) == 1


def test_a_lone_residue_and_short_series():
    found = select_imfs(np.ones((1, 2, 2)))
    assert len(found.report) == 2
    np.testing.assert_array_equal(found.signal, 0)


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"entropy": "times"}, "unknown entropy 'times'; the nearest is 'time'"),
        ({"residue": "keep"}, "unknown residue"),
        ({"nothing_kept": "zeros"}, "the nearest is 'zero'"),
        ({"entropy": "time", "segments": 1}, "segments is 1; expected 2 to 400"),
        ({"entropy": "time", "segments": 401}, "segments is 401"),
        ({"kurtosis_above": np.nan}, "kurtosis_above is nan"),
    ],
)
def test_parameters_out_of_range(keywords, said):
    with pytest.raises(InputError, match=said):
        select_imfs(modes(), **keywords)


def test_bad_arrays():
    with pytest.raises(InputError, match=r"shape \(5, 3\)"):
        select_imfs(np.zeros((5, 3)))
    imfs = modes()
    imfs[2, 1, 7] = np.nan
    with pytest.raises(InputError, match="nan at IMF 2, channel 1, sample 7"):
        select_imfs(imfs)
