"""Superposed epochs and the choice of one event, against loops and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms import (
    best_event_chance,
    best_of_chance,
    event_chances,
    superposed_epochs,
)

OFFSETS = np.arange(-5, 6)


def _case(seed: int, days: int = 60):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=days)
    score[rng.random(days) < 0.1] = np.nan
    return score, rng.poisson(0.4, days)


def _loop(score, events, offsets):
    means, counts = [], []
    for j in offsets:
        values = [
            score[d + j]
            for d in range(score.size)
            for _ in range(events[d])
            if 0 <= d + j < score.size and np.isfinite(score[d + j])
        ]
        means.append(np.mean(values) if values else np.nan)
        counts.append(len(values))
    return np.array(means), counts


def test_means_and_bands_equal_loops_over_events_and_shifts():
    score, events = _case(1)
    found = superposed_epochs(score, events, OFFSETS)
    mean, count = _loop(score, events, OFFSETS)
    assert np.allclose(found.mean, mean)
    assert found.count.tolist() == count
    curves = np.array([_loop(score, np.roll(events, s), OFFSETS)[0] for s in range(60)])
    assert np.allclose([found.low, found.high], np.quantile(curves, [0.025, 0.975], axis=0))
    away = np.abs(curves - curves.mean(axis=0)) / curves.std(axis=0)
    assert found.p == pytest.approx(np.mean(away.max(axis=1) >= away[0].max() - 1e-9))
    reach = np.quantile(away.max(axis=1), 0.95) * curves.std(axis=0)
    assert np.allclose(found.whole_high, curves.mean(axis=0) + reach)
    assert np.allclose(found.whole_low, curves.mean(axis=0) - reach)


def test_blocks_give_the_same_mean_and_a_band_of_the_same_size():
    score, events = _case(2, days=600)
    shift = superposed_epochs(score, events, OFFSETS)
    blocks = superposed_epochs(score, events, OFFSETS, null="blocks", block=10, draws=600, seed=1)
    assert np.allclose(blocks.mean, shift.mean)
    assert np.allclose(blocks.high - blocks.low, shift.high - shift.low, rtol=0.25)
    again = superposed_epochs(score, events, OFFSETS, null="blocks", block=10, draws=600, seed=1)
    assert np.array_equal(again.low, blocks.low) and again.p == blocks.p


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-100, 100))
def test_units_and_direction_of_time_do_not_matter(seed, factor, level):
    score, events = _case(seed)
    found = superposed_epochs(score, events, OFFSETS)
    other = superposed_epochs(factor * score + level, events, OFFSETS)
    assert np.allclose(other.mean, factor * found.mean + level)
    assert np.allclose(other.whole_high, factor * found.whole_high + level)
    assert other.p == pytest.approx(found.p)
    back = superposed_epochs(score[::-1], events[::-1], OFFSETS)
    assert np.allclose(back.mean[::-1], found.mean)
    assert back.p == pytest.approx(found.p)


def test_a_pulse_before_events_stands_out_on_its_day():
    rng = np.random.default_rng(3)
    events = np.zeros(2000, dtype=int)
    events[rng.choice(np.arange(10, 1990), 80, replace=False)] = 1
    score = rng.normal(size=2000)
    score[np.flatnonzero(events) - 3] += 1.0
    found = superposed_epochs(score, events, OFFSETS)
    # Shifts that leave the pulse on another of the 11 days are no worse or little so.
    assert found.p <= 11 / 2000
    assert OFFSETS[found.mean > found.whole_high].tolist() == [-3]


@pytest.mark.parametrize("null", ["shift", "blocks"])
def test_the_whole_band_keeps_its_level(null):
    rng = np.random.default_rng(4)
    low = []
    for seed in range(300):
        score = np.convolve(rng.normal(size=204), np.ones(5), mode="valid")
        events = np.bincount(rng.integers(0, 200, 15), minlength=200)
        found = superposed_epochs(score, events, OFFSETS, null=null, block=20, draws=99, seed=seed)
        low.append(found.p <= 0.05)
    assert np.mean(low) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)


def test_a_single_event_s_chance_is_a_share_of_days():
    score = np.array([0.0, 3.0, np.nan, 1.0, 3.0])
    assert event_chances(score, [0, 1, 3]).tolist() == [1.0, 0.5, 0.75]
    assert np.isnan(event_chances(score, [2])[0])
    assert np.array_equal(
        event_chances(np.exp(score), [0, 1, 3, 4]), event_chances(score, [0, 1, 3, 4])
    )


def test_the_best_of_many_events_looks_rare():
    rng = np.random.default_rng(5)
    score = rng.normal(size=5000)
    best = [event_chances(score, rng.integers(0, 5000, 50)).min() for _ in range(400)]
    # The smallest of n uniform numbers has the mean 1 / (n + 1) and nearly that spread.
    assert np.mean(best) == pytest.approx(1 / 51, abs=4 / 51 / 20)
    chances = np.array([best_of_chance(b, 50) for b in best])
    assert np.mean(chances) == pytest.approx(0.5, abs=4 / np.sqrt(12 * 400))


def test_the_best_event_under_shifts_equals_a_loop():
    score, events = _case(8)
    days = np.flatnonzero(events)
    best = [np.nanmin(event_chances(score, (days + s) % score.size)) for s in range(score.size)]
    assert best_event_chance(score, days) == np.mean(np.array(best) <= best[0] + 1e-12)


@pytest.mark.parametrize(("chance", "events"), [(0.01, 1), (0.01, 100), (0.0, 5), (1.0, 5)])
def test_the_chance_of_the_best_is_closed(chance, events):
    assert best_of_chance(chance, events) == pytest.approx(1 - (1 - chance) ** events)


@pytest.mark.parametrize(
    "changes",
    [
        {"offsets": [0.5]},
        {"offsets": [70]},
        {"confidence": 1.0},
        {"null": "blocks", "block": 40},
        {"null": "blocks", "draws": 0},
    ],
)
def test_bad_parameters_are_refused(changes):
    score, events = _case(6)
    with pytest.raises(InputError):
        superposed_epochs(score, events, **{"offsets": OFFSETS, **changes})


def test_an_offset_that_no_event_reaches_is_refused():
    events = np.zeros(20, dtype=int)
    events[18] = 1
    with pytest.raises(InputError, match="3 days from any event"):
        superposed_epochs(np.arange(20.0), events, [0, 3])


def test_bad_events_are_refused():
    with pytest.raises(InputError, match="0 to 4"):
        event_chances(np.zeros(5), [5])
    with pytest.raises(InputError, match="observed"):
        event_chances(np.full(5, np.nan), [1])
    with pytest.raises(InputError):
        best_of_chance(1.5, 3)
