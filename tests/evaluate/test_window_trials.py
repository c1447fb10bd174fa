"""Trials of the classifier: what is tested, what is shared, and that a signal is found or not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.classify import labelled_windows
from precursor_lib.errors import InputError
from precursor_lib.evaluate.window_trials import (
    learning_curve,
    run_trial,
    signal_sweep,
    signal_trial,
)

NETWORK = {"filters": (4, 4)}
TRAINING = {"epochs": 6, "threads": 1}


def bumps(size, windows=120, length=16, seed=0):
    rng = np.random.default_rng(seed)
    series = rng.standard_normal((3, windows * length)).astype(np.float32)
    labels, starts = np.arange(windows) % 2, np.arange(windows) * length
    for start in starts[labels == 1]:
        series[:, start + 4 : start + 12] += size
    return labelled_windows(series, starts, labels, length)


PARTS = [np.arange(60), np.arange(60, 90), np.arange(90, 120)]


def test_a_signal_is_found_and_noise_is_not():
    strong = run_trial(bumps(3.0), PARTS, NETWORK, TRAINING, seed=1, permutations=99)
    assert strong.sizes == (60, 30, 30)
    assert strong.majority == strong.accuracy.majority == 0.5
    assert strong.shared == 0.0
    assert strong.area.area > 0.95 and strong.p == 0.01
    nothing = run_trial(bumps(0.0), PARTS, NETWORK, TRAINING, seed=1, permutations=99)
    assert nothing.area.interval[0] < 0.5 < nothing.area.interval[1]
    assert nothing.p > 0.02


def test_the_test_part_changes_nothing_in_the_training():
    whole = run_trial(bumps(1.0), PARTS, NETWORK, TRAINING, permutations=1)
    half = run_trial(bumps(1.0), [*PARTS[:2], PARTS[2][:15]], NETWORK, TRAINING, permutations=1)
    assert whole.history.equals(half.history)
    np.testing.assert_array_equal(whole.scores[:15], half.scores)


def test_one_class_has_no_area():
    even = PARTS[2][::2]
    trial = run_trial(bumps(1.0), [*PARTS[:2], even], NETWORK, TRAINING, permutations=1)
    assert trial.area is None
    assert np.isnan(trial.row["area"]) and np.isnan(trial.p)


def test_overlap_is_counted():
    windows = bumps(0.0)
    moved = labelled_windows(windows.series, windows.starts + 4, windows.labels, 16)
    both = labelled_windows(
        windows.series,
        np.concatenate([windows.starts, moved.starts]),
        np.concatenate([windows.labels, moved.labels]),
        16,
    )
    assert len(both) == 239
    trial = run_trial(
        both, [np.arange(0, 200, 2), np.arange(1, 200, 2)], NETWORK, TRAINING, permutations=1
    )
    assert trial.shared == 1.0


def test_a_learning_curve_takes_the_shares_asked_for():
    frame = learning_curve(bumps(3.0), PARTS, [0.2, 1.0], 2, NETWORK, TRAINING, seed=2)
    assert frame["windows"].tolist() == [12, 12, 60, 60]
    means = frame.groupby("windows")["accuracy"].mean()
    assert means[60] > 0.8
    again = learning_curve(bumps(3.0), PARTS, [0.2, 1.0], 2, NETWORK, TRAINING, seed=2)
    assert frame.equals(again)


def record(hours=24 * 130):
    rng = np.random.default_rng(4)
    times = pd.date_range("2015-01-01", periods=hours, freq="h")
    return rng.standard_normal((3, hours)).astype(np.float32), times


def test_a_large_signal_is_learnt_and_none_is_not():
    series, times = record()
    sweep = signal_sweep(
        series,
        times,
        24,
        [(0.0, 50), (60.0, 50)],
        1,
        source={"number": 6.0},
        network=NETWORK,
        training={"epochs": 12, "threads": 1},
        seed=1,
    )
    assert sweep["learnt"].tolist() == [False, True]
    assert sweep["tested"].tolist() == [20, 20]
    assert (sweep["from"] <= sweep["area"]).all() and (sweep["area"] <= sweep["to"]).all()


def test_a_record_too_short_is_named():
    series, times = record(24 * 10)
    with pytest.raises(InputError, match="number 6: the record has 10 windows"):
        signal_trial(series, times, 24, 1.0, 6)
    with pytest.raises(InputError, match=r"windows in each, got \[60, 0\]"):
        run_trial(bumps(0.0), [PARTS[0], PARTS[1][:0]])
    with pytest.raises(InputError, match="two or three"):
        run_trial(bumps(0.0), PARTS[:1])
