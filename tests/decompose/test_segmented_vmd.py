"""Windows, joins and matching of segmented variational mode decomposition."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from vmd_reference import red_noise

from precursor_lib.decompose.segmented_vmd import (
    JOINS,
    _matched,
    join_weights,
    segment_starts,
    segmented_vmd,
)
from precursor_lib.decompose.vmd import ConvergenceWarning, vmd
from precursor_lib.errors import InputError


def periodic(n, noise=0.0):
    """Two tones whose common period, 40 samples, divides every step used here."""
    t = np.arange(n)
    parts = np.array([np.cos(2 * np.pi * t / 40 + 0.4), 0.5 * np.cos(2 * np.pi * t / 5)])
    return parts, parts.sum(axis=0) + noise * np.random.default_rng(0).normal(size=n)


@given(window=st.integers(2, 60), step=st.integers(1, 60), extra=st.integers(0, 200))
def test_windows_have_full_length_and_leave_nothing_out(window, step, extra):
    step = min(step, window)
    n = window + extra
    starts = segment_starts(n, window, step)
    assert starts[0] == 0
    assert starts[-1] + window == n
    steps = np.diff(starts)
    assert (steps[:-1] == step).all()
    assert (steps > 0).all()
    assert (steps <= step).all()


@settings(max_examples=60)
@given(
    window=st.integers(2, 40),
    step=st.integers(1, 40),
    extra=st.integers(0, 120),
    join=st.sampled_from(JOINS),
    seed=st.integers(0, 1000),
)
def test_weights_add_up_to_one_wherever_there_is_a_window(window, step, extra, join, seed):
    starts = segment_starts(window + extra, window, min(step, window))
    kept = starts[np.random.default_rng(seed).random(starts.size) < 0.7]
    kept = kept if kept.size else starts[:1]
    total, cover = np.zeros(window + extra), np.zeros(window + extra, dtype=bool)
    weights = join_weights(kept, window, window + extra, join)
    assert (weights >= 0).all()
    for a, w in zip(kept, weights, strict=True):
        total[a : a + window] += w
        cover[a : a + window] = True
    np.testing.assert_allclose(total[cover], 1.0, rtol=1e-12)
    assert (total[~cover] == 0).all()


def test_centre_join_keeps_the_central_day_of_seven():
    starts = segment_starts(70 * 24, 7 * 24, 24)
    weights = join_weights(starts, 7 * 24, 70 * 24, "centre")
    middle = np.zeros(7 * 24)
    middle[3 * 24 : 4 * 24] = 1.0
    assert (weights[1:-1] == middle).all()
    assert (weights[0, : 4 * 24] == 1).all()
    assert weights[0].sum() == 4 * 24
    assert (weights[-1, 3 * 24 :] == 1).all()
    assert weights[-1].sum() == 4 * 24


def test_raised_cosines_are_the_taper_where_windows_are_many():
    weights = join_weights(segment_starts(2000, 200, 50), 200, 2000, "overlap-add")
    taper = np.sin(np.pi * (np.arange(200) + 0.5) / 200) ** 2
    # Four of them add up to two at every sample.
    np.testing.assert_allclose(weights[10], taper / 2, rtol=1e-12)


def test_earliest_join_knows_no_more_than_a_step_of_what_follows():
    x = red_noise(900, 3)
    longer = np.concatenate([x, red_noise(500, 4) + 5.0])
    options = {"window": 200, "step": 50, "modes": 3, "alpha": 300.0, "init": "previous"}
    short = segmented_vmd(x, join="earliest", **options).modes
    assert np.array_equal(segmented_vmd(longer, join="earliest", **options).modes[:, :900], short)
    # What the joins of the papers give changes as far back as a window reaches.
    for join in ("overlap-add", "centre"):
        before = segmented_vmd(x, join=join, **options).modes
        after = segmented_vmd(longer, join=join, **options).modes[:, :900]
        assert np.abs(after - before)[:, 860:].max() > 0.01 * before.std()


@pytest.mark.parametrize("join", JOINS)
def test_one_window_is_the_whole_decomposition(join):
    x = red_noise(801, 1)
    one = segmented_vmd(x, 801, 100, modes=3, join=join)
    whole = vmd(x, modes=3)
    np.testing.assert_allclose(one.modes, whole.modes, atol=1e-12)
    assert np.array_equal(one.centre_frequencies[0], whole.centre_frequencies)
    assert one.iterations[0] == whole.iterations


@pytest.mark.parametrize("match", ["order", "overlap"])
@pytest.mark.parametrize("join", JOINS)
def test_stationary_tones_join_exactly(join, match):
    """All windows hold the same samples, so that the joined modes follow from one of them."""
    n, window, step = 2400, 400, 80
    parts, x = periodic(n)
    result = segmented_vmd(x, window, step, modes=2, alpha=500.0, join=join, match=match)
    one = vmd(x[:window], modes=2, alpha=500.0).modes
    weights = join_weights(result.starts, window, n, join)
    expected = np.zeros((2, n))
    for a, w in zip(result.starts, weights, strict=True):
        expected[:, a : a + window] += w * one
    np.testing.assert_allclose(result.modes, expected, atol=1e-9)
    assert np.ptp(result.centre_frequencies, axis=0).max() < 1e-9
    inner = slice(window, -window)
    # The ends of windows, which "earliest" takes, are several times worse than their middle.
    assert np.abs(result.modes - parts)[:, inner].max() < (0.2 if join == "earliest" else 0.02)
    # The joined modes have the tones' period: no step where windows meet.
    repeat = np.abs(
        result.modes[:, window : -window - step] - result.modes[:, window + step : -window]
    )
    assert repeat.max() < 1e-9


@pytest.mark.parametrize("join", JOINS)
def test_modes_and_residual_are_the_series(join):
    x = red_noise(1733, 2) + 5.0
    result = segmented_vmd(x, 300, 70, modes=3, join=join, dc=True)
    np.testing.assert_allclose(result.modes.sum(axis=0) + result.residual, x, atol=1e-12)
    assert result.starts[-1] == 1733 - 300
    assert result.starts[-1] - result.starts[-2] < 70
    assert (result.centre_frequencies[:, 0] == 0).all()
    assert result.converged.all()
    assert (result.distance <= 1e-7).all()


def test_matching_changes_labels_only():
    x = red_noise(1500, 3)
    one, other = (segmented_vmd(x, 300, 60, modes=4, match=m) for m in ("order", "overlap"))
    np.testing.assert_allclose(one.modes.sum(axis=0), other.modes.sum(axis=0), atol=1e-10)
    np.testing.assert_allclose(
        one.centre_frequencies, np.sort(other.centre_frequencies, axis=1), atol=1e-15
    )


def test_overlap_matching_follows_the_waveform():
    rng = np.random.default_rng(4)
    before, tail = rng.normal(size=(5, 90)), rng.normal(size=(5, 30))
    now = np.concatenate([before[:, 30:], tail], axis=1) + 0.3 * rng.normal(size=(5, 90))
    shuffle = rng.permutation(5)
    order = _matched(before, np.arange(5.0), now[shuffle], np.arange(5.0), 60, "overlap")
    assert np.array_equal(shuffle[order], np.arange(5))
    # Without shared samples the ranks of the centre frequencies decide, whatever the labels.
    labels = np.array([0.3, 0.1, 0.2, 0.5, 0.4])
    order = _matched(before, labels, now, np.array([0.21, 0.11, 0.31, 0.41, 0.51]), 0, "overlap")
    assert np.array_equal(order, [2, 1, 0, 4, 3])


@given(st.integers(1, 8), st.integers(0, 10_000))
def test_order_is_the_least_change_of_centre_frequency(modes, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.random(modes), rng.random(modes)
    order = _matched(np.zeros((modes, 2)), a, np.zeros((modes, 2)), b, 1, "order")
    for power in (1, 2):
        cost = np.abs(a[:, None] - b) ** power
        assert np.abs(a - b[order]).__pow__(power).sum() == pytest.approx(
            cost[linear_sum_assignment(cost)].sum()
        )


def test_gaps_are_refused_or_left_out():
    x = red_noise(1200, 5)
    x[500:503] = np.nan
    with pytest.raises(InputError, match=r"x\[500\] is nan, and 3 samples in all"):
        segmented_vmd(x, 200, 100)
    result = segmented_vmd(x, 200, 100, modes=3, gaps="skip")
    assert np.array_equal(result.skipped, [400, 500])
    covered = np.zeros(1200, dtype=bool)
    for a in result.starts:
        covered[a : a + 200] = True
    assert np.array_equal(np.isfinite(result.modes).all(axis=0), covered)
    assert np.array_equal(np.isnan(result.modes).all(axis=0), ~covered)
    assert (~covered).sum() == 100
    # Far from the gap nothing changes.
    whole = segmented_vmd(np.nan_to_num(x), 200, 100, modes=3)
    np.testing.assert_allclose(result.modes[:, :400], whole.modes[:, :400], atol=1e-12)
    np.testing.assert_allclose(result.modes[:, 700:], whole.modes[:, 700:], atol=1e-12)
    x[::150] = np.nan
    with pytest.raises(InputError, match="each of the 11 windows"):
        segmented_vmd(x, 200, 100, gaps="skip")


def test_previous_window_as_a_start():
    x = red_noise(3000, 6)
    cold = segmented_vmd(x, 600, 100, modes=3)
    warm = segmented_vmd(x, 600, 100, modes=3, init="previous")
    assert warm.converged.all()
    assert warm.iterations[0] == cold.iterations[0]
    assert warm.iterations[1:].mean() < 0.3 * cold.iterations[1:].mean()
    # Each window is at a fixed point of its own, from which classic sweeps do not move.
    for a, w in zip(warm.starts[::5], warm.centre_frequencies[::5], strict=True):
        piece = x[a : a + 600]
        here = vmd(piece, 3, init=replace(vmd(piece, 3), centre_frequencies=w))
        swept = vmd(piece, 3, init=here, method="sweeps")
        np.testing.assert_allclose(swept.centre_frequencies, w, atol=1e-6)


def test_a_given_start_serves_every_window():
    x = red_noise(1000, 7)
    whole = vmd(x, modes=3)
    a = segmented_vmd(x, 400, 200, modes=3, init=whole)
    b = segmented_vmd(x, 400, 200, modes=3, init=whole, workers=1)
    assert np.array_equal(a.modes, b.modes)
    for first, w in zip(a.starts, a.centre_frequencies, strict=True):
        np.testing.assert_array_equal(
            vmd(x[first : first + 400], 3, init=whole).centre_frequencies, w
        )


def test_unfinished_windows_are_counted():
    x = red_noise(900, 8)
    with pytest.warns(ConvergenceWarning, match="for 4 of 4 windows, the first at index 0") as seen:
        result = segmented_vmd(x, 300, 200, method="sweeps", max_iterations=10)
    assert len(seen) == 1
    assert not result.converged.any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        segmented_vmd(x, 300, 200)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": np.zeros((2, 100))}, "one series"),
        ({"x": np.array(["a"] * 100)}, "real numbers"),
        ({"window": 101}, "window: expected between 2 and the series' 100 samples, got 101"),
        ({"window": 1, "step": 1}, "window: expected between 2"),
        ({"window": 10.5}, "window: expected a whole number"),
        ({"step": 0}, "step: expected a whole number"),
        ({"step": 21}, "would leave samples between windows"),
        ({"join": "center"}, "nearest is 'centre'"),
        ({"match": "ordr"}, "nearest is 'order'"),
        ({"gaps": "fill"}, "gaps: unknown policy"),
        ({"init": "prev"}, "unknown start"),
        ({"modes": 0}, "modes"),
    ],
)
def test_bad_input_is_named(changes, words):
    with pytest.raises(InputError, match=words):
        segmented_vmd(**{"x": np.arange(100.0), "window": 20, "step": 10, **changes})
