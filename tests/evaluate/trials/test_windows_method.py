"""Classifiers of windows as methods of trials."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.classify.windows import labelled_windows
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import (
    Budget,
    Kind,
    Method,
    Training,
    block_of,
    false_alarms,
    plan_sources,
    power_curves,
    run_trials,
)
from precursor_lib.evaluate.trials.methods.windows import (
    _examples,
    _in_blocks,
    _octaves,
    cnn,
    logistic_power,
)

BUDGET = Budget(epochs=3, windows_per_epoch=256, batch_size=32)
SMALL: dict[str, Any] = {"filters": (8, 8), "dense": 8, "learning_rate": 0.01}


def lesson(kind: Kind, calm: xr.Dataset) -> Training:
    """Sources of size 6 that last six hours, in every other day."""
    times = calm["time"].to_numpy()
    events = plan_sources(times, "1D", pd.Timedelta("6h"), (6.0,), every=2, seed=1)
    return Training(calm, kind.add(calm, events), events, "1D", BUDGET, 0)


@pytest.fixture(scope="module")
def calm(kind: Kind) -> xr.Dataset:
    return kind.record("training", 0)


@pytest.fixture(scope="module")
def training(kind: Kind, calm: xr.Dataset) -> Training:
    return lesson(kind, calm)


@pytest.fixture
def record(kind: Kind) -> xr.Dataset:
    return kind.record("test", 0).isel(time=slice(0, 24 * 15)).copy(deep=True)


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("make", [partial(cnn, **SMALL), logistic_power])
def test_a_large_source_is_found_and_timed(
    make: Callable[..., Method], joint: bool, kind: Kind
) -> None:
    less = replace(kind, records={"training": 1, "calibration": 6, "test": 2})
    method = make(joint=joint, window="12h", stride="2h")
    trials = run_trials([(less, [method])], stations=(3,), budget=BUDGET)
    curve = power_curves(trials).set_index("amplitude")
    # One day in thirty would be found by chance, and its peak lies anywhere in the day.
    assert curve.loc[8.0, "rate"] > 0.8
    assert curve.loc[8.0, "error_h"] < 4
    assert curve.loc[0.5, "rate"] < 0.5
    assert float(false_alarms(trials)["share"].iloc[0]) < 0.1


def test_what_it_is_taught_is_what_was_put_in(kind: Kind, calm: xr.Dataset) -> None:
    # A record of zeros: windows of class 1 hold a source alone, and those of class 0 nothing.
    training = lesson(kind, calm * 0)
    level = dict.fromkeys(calm["station"].to_numpy(), 0.0)
    for samples, whole in ((10, True), (4, False)):
        for joint in (True, False):
            taught, validation = _examples(training, level, samples, joint, 3)
            assert taught.series.shape[0] == (3 if joint else 1)
            assert 0 < len(validation) < len(taught) <= BUDGET.windows_per_epoch
            for part in (taught, validation):
                held = part.view()[:, part.starts].sum(axis=-1)
                assert (held[:, part.labels == 0] == 0).all()
                full = 6.0 * (6 if whole else samples)
                assert (held[:, part.labels == 1] >= full).all()
                assert part.labels.mean() == pytest.approx(0.5)


def test_validation_takes_the_last_sources(training: Training) -> None:
    level = dict.fromkeys(training.calm["station"].to_numpy(), 0.0)
    taught, validation = _examples(training, level, 10, True, 3)
    # Two records follow each other in a set, with one sample between them.
    size = training.calm.sizes["time"] + 1
    assert (taught.starts % size).max() + 10 <= (validation.starts % size).min()


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(2, 12),
    stride=st.integers(1, 8),
    cuts=st.lists(st.integers(1, 70), max_size=4, unique=True),
)
def test_windows_lie_in_blocks_and_span_no_break(samples, stride, cuts) -> None:
    times = pd.date_range("2020-01-01 05:00", periods=72, freq="1h").to_numpy()
    times = np.delete(times, cuts)
    blocks = block_of(times, "1D")
    expected = []
    for block in blocks.unique():
        own = np.flatnonzero(blocks == block)
        for start in range(own[0], own[-1] + 1, stride):
            part = times[start : start + samples]
            if start + samples - 1 <= own[-1] and (np.diff(part) == np.timedelta64(1, "h")).all():
                expected.append(start)
    if expected:
        np.testing.assert_array_equal(_in_blocks(times, samples, stride, "1D"), expected)
    else:
        with pytest.raises(InputError, match="no block"):
            _in_blocks(times, samples, stride, "1D")


def test_a_block_is_judged_by_itself(training: Training, record: xr.Dataset) -> None:
    scorer = logistic_power(window="12h").learn(training)
    other = record.copy(deep=True)
    other["value"][24 * 10 : 24 * 11] *= 5
    one, two = scorer(record)["score"], scorer(other)["score"]
    same = np.arange(one.sizes["block"]) != 10
    np.testing.assert_array_equal(one[same], two[same])
    assert (one[10] != two[10]).all()


def test_gaps_are_filled_when_short_and_not_judged_when_long(
    training: Training, record: xr.Dataset
) -> None:
    scorer = logistic_power(window="1D").learn(training)
    record["value"][30:32, 0] = np.nan
    record["value"][54:60, 1] = np.nan
    score = scorer(record)["score"]
    assert np.isfinite(score[1]).all()
    np.testing.assert_array_equal(np.isnan(score[2]), [False, True, False])
    joint = cnn(window="1D", joint=True, **SMALL).learn(training)(record)["score"]
    np.testing.assert_array_equal(np.isnan(joint[:3, 0]), [False, False, True])


@settings(max_examples=25, deadline=None)
@given(length=st.integers(4, 65), rows=st.integers(1, 3), seed=st.integers(0, 1000))
def test_octaves_hold_all_of_the_power(length: int, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    series = rng.normal(size=(rows, 3 * length)).astype(np.float32)
    windows = labelled_windows(series, np.arange(4), np.zeros(4, dtype=int), length)
    found = np.exp(_octaves(windows)).reshape(4, rows, -1).sum(axis=-1)
    for start in range(4):
        x = series[:, start : start + length].astype(float)
        x = (x - x.mean(axis=1, keepdims=True)) * np.hanning(length)
        # Parseval: twice the one-sided power, less what stands at zero and at Nyquist.
        f = np.fft.fft(x)
        whole = length * (x**2).sum(axis=1) - np.abs(f[:, 0]) ** 2
        nyquist = np.abs(f[:, length // 2]) ** 2 if length % 2 == 0 else 0.0
        np.testing.assert_allclose(2 * found[start] - nyquist, whole, rtol=1e-6)


def test_the_network_sees_shape_and_not_size(training: Training, record: xr.Dataset) -> None:
    scorer = cnn(**SMALL).learn(training)
    other = record.assign(value=1000.0 + 4.0 * record["value"])
    np.testing.assert_allclose(scorer(other)["score"], scorer(record)["score"], atol=1e-2)


def test_one_seed_gives_one_result(training: Training, record: xr.Dataset) -> None:
    one, two = (cnn(**SMALL).learn(training)(record) for _ in range(2))
    xr.testing.assert_identical(one, two)


def test_scorers_go_to_other_processes(training: Training, record: xr.Dataset) -> None:
    for method in (cnn(**SMALL), logistic_power()):
        scorer = pickle.loads(pickle.dumps(method)).learn(training)
        xr.testing.assert_identical(pickle.loads(pickle.dumps(scorer))(record), scorer(record))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"window": "2D"}, "block at most"), ({"window": "1h"}, "four steps"),
     ({"stride": "1min"}, "a step or more")],
)  # fmt: skip
def test_windows_that_do_not_fit_are_refused(training, arguments, message) -> None:
    with pytest.raises(InputError, match=message):
        logistic_power(**arguments).learn(training)


def test_too_little_to_learn_from_is_refused(kind: Kind, calm: xr.Dataset) -> None:
    with pytest.raises(InputError, match="two sources or more"):
        logistic_power().learn(lesson(kind, calm.isel(time=slice(0, 48))))
    with pytest.raises(InputError, match="no gap"):
        logistic_power().learn(lesson(kind, calm * np.nan))


def test_a_station_that_was_not_learnt_is_refused(training: Training, record: xr.Dataset) -> None:
    scorer = logistic_power().learn(training)
    with pytest.raises(InputError, match="learnt from"):
        scorer(record.assign_coords(station=["s0", "s1", "other"]))
