"""Windows are views; gaps, scaling, block means, parts of a split."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.classify import (
    block_means,
    extreme_in,
    keep_clear,
    labelled_windows,
    sharing,
    split_at_random,
    split_in_time,
    starts_before,
    window_grid,
)
from precursor_lib.errors import InputError


def record(samples=400, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((3, samples)) + np.array([[24000], [1500], [39000]])).astype(
        np.float32
    )


def test_a_year_of_minutes_is_not_copied():
    minutes, week = 525_600, 10_080
    series = np.zeros((3, minutes), dtype=np.float32)
    series[2] = np.sin(np.arange(minutes))
    starts = np.arange(0, minutes - week, 60)
    tracemalloc.start()
    windows = labelled_windows(series, starts, np.zeros(starts.size, dtype=int), week)
    parts = [windows.subset(p) for p in split_in_time(windows.starts, week)]
    _, making = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    batch, _ = parts[0].batch(np.arange(8))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(np.shares_memory(part.view(), series) for part in parts)
    # Every window in full would be 8,589 * 3 * 10,080 * 4 bytes: more than 1 GB.
    assert making < 3 * series.nbytes
    assert batch.shape == (8, 3, week)
    assert peak < series.nbytes


def test_scaling_by_the_definition():
    series = record()
    for scaling in ("printed", "centred"):
        windows = labelled_windows(series, [10, 50], [0, 1], 30, scaling=scaling)
        got, labels = windows.batch([1, 0])
        assert labels.tolist() == [1, 0]
        for row, start in zip(got.numpy(), (50, 10), strict=True):
            x = series[:, start : start + 30].astype(float)
            if scaling == "centred":
                x = x - x.mean(axis=1, keepdims=True)
            np.testing.assert_allclose(row, x / np.abs(x[2]).max(), rtol=0, atol=2e-3)


def test_short_gaps_are_filled_by_the_mean_and_long_ones_left_out():
    series = record(200)
    series[1, 20:23] = np.nan
    series[0, 100:104] = np.nan
    windows = labelled_windows(series, [0, 10, 60, 101, 120], [0, 1, 0, 1, 1], 50)
    assert windows.starts.tolist() == [0, 10, 120]
    assert windows.labels.tolist() == [0, 1, 1]
    assert windows.left_out == 2
    x, _ = windows.batch([0])
    assert np.isfinite(x.numpy()).all()
    np.testing.assert_allclose(x[0, 1, 20:23], 0, atol=1e-2)  # the mean, taken off
    y, _ = labelled_windows(series, [0], [0], 50, scaling="printed").batch([0])
    np.testing.assert_allclose(
        y[0, 1, 20], np.nanmean(series[1, :50]) / series[2, :50].max(), rtol=1e-5
    )


def test_windows_over_the_ends_are_left_out():
    windows = labelled_windows(record(100), [-1, 0, 70, 71], [0, 0, 1, 1], 30)
    assert windows.starts.tolist() == [0, 70]
    assert windows.left_out == 2
    assert windows.majority == 0.5


@given(st.integers(1, 7), st.integers(0, 40), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_block_means_by_a_loop(factor, samples, seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, samples + factor))
    x[rng.random(x.shape) < 0.4] = np.nan
    got = block_means(x, factor)
    assert got.shape == (2, x.shape[1] // factor)
    for c, k in np.ndindex(*got.shape):
        block = x[c, k * factor : (k + 1) * factor]
        present = block[np.isfinite(block)]
        expected = present.mean() if 2 * present.size >= factor and present.size else np.nan
        np.testing.assert_allclose(got[c, k], expected, rtol=1e-5, atol=1e-6)


starts_lists = st.lists(st.integers(0, 300), min_size=12, max_size=60)


@given(starts_lists, st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_parts_in_time_share_no_sample(starts, length):
    try:
        parts = split_in_time(starts, length)
    except InputError as error:
        assert "has no window" in str(error)  # windows too close together for three parts
        return
    at = np.asarray(starts)
    assert len(set(np.concatenate(parts).tolist())) == sum(p.size for p in parts)
    for earlier, later in ((0, 1), (1, 2), (0, 2)):
        assert at[parts[earlier]].max() + length <= at[parts[later]].min()
        assert not sharing(at[parts[earlier]], at[parts[later]], length).any()


@given(starts_lists, st.integers(1, 20), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_parts_hold_their_share_of_the_windows_asked_for(starts, length, seed):
    at = np.unique(starts) * 3 * length  # none overlap, so that none is lost at a cut
    some = at[np.random.default_rng(seed).random(at.size) < 0.6]
    if some.size < 10:
        return
    parts = split_in_time(at, length, by=some)
    held = [np.isin(at[part], some).sum() for part in parts]
    expected = np.diff(np.round([0, 0.6 * some.size, 0.8 * some.size, some.size]))
    assert held == expected.astype(int).tolist()


@given(starts_lists, starts_lists, st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_sharing_by_brute_force(a, b, length):
    expected = [any(abs(x - y) < length for y in b) for x in a]
    assert sharing(a, b, length).tolist() == expected


def test_a_random_split_is_whole_and_repeats():
    parts = split_at_random(101, (0.8, 0.2), seed=4)
    assert [p.size for p in parts] == [81, 20]
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(101))
    again = split_at_random(101, (0.8, 0.2), seed=4)
    assert all(np.array_equal(p, q) for p, q in zip(parts, again, strict=True))


def test_windows_end_before_the_event():
    times = pd.to_datetime(["2015-01-01T01:00:00", "2015-01-01T01:00:59", "2015-01-01T00:10:00"])
    starts = starts_before(times, "2015-01-01", 60.0, 30)
    assert starts.tolist() == [30, 30, -20]


def test_windows_keep_clear_by_brute_force():
    rng = np.random.default_rng(1)
    events, starts = rng.integers(0, 5000, 12), window_grid(5000, 50, 37)
    got = keep_clear(starts, 50, events, clear=120)
    expected = [s for s in starts if not any(s - 120 <= e < s + 170 for e in events)]
    assert got.tolist() == expected
    assert len(expected) > 5


def test_extremes_of_an_index_by_brute_force():
    kp = pd.Series(
        np.random.default_rng(2).uniform(0, 9, 80),
        index=pd.date_range("2015-01-01", periods=80, freq="3h"),
    )
    starts = np.arange(0, 14000, 333)
    got = extreme_in(kp, "3h", "2015-01-01T01:00", 60.0, starts, 700)
    low = extreme_in(kp, "3h", "2015-01-01T01:00", 60.0, starts, 700, largest=False)
    for value, small, start in zip(got, low, starts, strict=True):
        begin = pd.Timestamp("2015-01-01T01:00") + pd.Timedelta(minutes=int(start))
        end = begin + pd.Timedelta(minutes=700)
        touched = kp[(kp.index < end) & (kp.index + pd.Timedelta("3h") > begin)]
        if end > kp.index[-1] + pd.Timedelta("3h"):
            assert np.isnan(value) and np.isnan(small)
        else:
            assert value == touched.max() and small == touched.min()


def test_an_index_with_a_hole_gives_nothing_there():
    kp = pd.Series(1.0, index=pd.date_range("2015-01-01", periods=8, freq="3h")).drop(
        pd.Timestamp("2015-01-01T09:00")
    )
    got = extreme_in(kp, "3h", "2015-01-01", 3600.0, [0, 6, 12], 6)
    assert np.isfinite(got).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: labelled_windows(record().astype(float), [0], [0], 5), "float32"),
        (lambda: labelled_windows(record(), [0], [2], 5), "labels"),
        (lambda: labelled_windows(record(), [0.5], [0], 5), "whole numbers"),
        (lambda: labelled_windows(record(), [0], [0], 0), "length 0"),
        (lambda: labelled_windows(record(), [0], [0], 5, scaling="z"), "scaling 'z'"),
        (lambda: split_in_time([0, 1, 2], 1, (0.5, 0.4)), "sum to 1"),
        (lambda: split_at_random(9, (0.5, 0.4), 0), "sum to 1"),
        (lambda: split_in_time([5, 5, 5], 4), "has no window"),
        (lambda: window_grid(100, 10, 0), "stride 0"),
        (lambda: starts_before([], "2015-01-01", 0, 3), "step 0"),
        (lambda: block_means(record(), 0), "factor 0"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(InputError, match=words):
        call()
