"""Event coincidence analysis against loops, closed forms and time reversal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms import coincidence
from precursor_lib.evaluate.alarms.coincidences import _after, _before

ORIGIN = np.datetime64("2020-01-01", "ns")


def _times(days) -> np.ndarray:
    return ORIGIN + (np.asarray(days, dtype=float) * 86400e9).astype("timedelta64[ns]")


def _record(days: float):
    return ORIGIN, _times(days)


def test_a_small_case_by_hand():
    found = coincidence(
        _times([10, 40, 41, 95]), _times([2, 12, 44, 80]), window=5.0, record=_record(100)
    )
    # The event of day 2 has its window before the record; the anomaly of day 95 beyond its end.
    assert (found.precursor.trials, found.precursor.hits) == (3, 2)
    assert (found.trigger.trials, found.trigger.hits) == (3, 3)
    assert found.precursor.expected == pytest.approx(1 - 0.95**4)
    assert found.precursor.p_poisson == pytest.approx(stats.binom.sf(1, 3, 1 - 0.95**4))
    assert found.trigger.expected == pytest.approx(1 - 0.95**4)
    assert (found.anomalies, found.events) == (4, 4)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 2.0]), st.booleans())
def test_rates_equal_loops_with_gaps(seed, lag, with_gaps):
    rng = np.random.default_rng(seed)
    b, a = rng.uniform(0, 100, 12), rng.uniform(0, 100, 15)
    gaps = (np.array([20.0, 70.0]), np.array([30.0, 71.0])) if with_gaps else None
    window = 4.0
    found = coincidence(
        _times(b),
        _times(a),
        window=window,
        lag=lag,
        record=_record(100),
        gaps=None if gaps is None else tuple(_times(g) for g in gaps),
        shifts=1,
    )
    spans = [(0, 20), (30, 70), (71, 100)] if with_gaps else [(0, 100)]
    b = np.array([t for t in b if any(s <= t < e for s, e in spans)])
    hits = trials = 0
    for t in a:
        if any(s <= t - lag - window and t - lag <= e for s, e in spans):
            trials += 1
            hits += any(lag <= t - u <= lag + window for u in b)
    assert (found.precursor.hits, found.precursor.trials) == (hits, trials)
    kept = [u for u in b if u + lag + window < 100]
    met = sum(any(lag <= t - u <= lag + window for t in a) for u in kept)
    assert (found.trigger.hits, found.trigger.trials) == (met, len(kept))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_time_reversal_turns_one_rate_into_the_other(seed):
    rng = np.random.default_rng(seed)
    b, a = rng.uniform(0, 100, 9), rng.uniform(0, 100, 14)
    forth = coincidence(_times(b), _times(a), window=3.0, lag=1.0, record=_record(100), shifts=1)
    back = coincidence(
        _times(100 - a), _times(100 - b), window=3.0, lag=1.0, record=_record(100), shifts=1
    )
    assert forth.precursor.hits == back.trigger.hits
    assert forth.precursor.trials == back.trigger.trials


def test_shifted_counts_equal_loops_over_shifts():
    rng = np.random.default_rng(5)
    a, b = np.sort(rng.uniform(0, 50, 8)), np.sort(rng.uniform(0, 50, 6))
    moves = np.array([0.0, 3.3, 17.0, 49.0])
    observed = np.array([[0.0, 18.0], [25.0, 50.0]])
    hits, trials = _before(a, b, moves, 2.0, 1.0, 50.0, observed)
    met, number = _after(a, b, moves, 2.0, 1.0, 50.0)
    for k, s in enumerate(moves):
        moved = (a + s) % 50
        whole = [any(low <= t - 3 and t - 1 <= high for low, high in observed) for t in moved]
        assert trials[k] == sum(whole)
        assert hits[k] == sum(
            w and any(1 <= t - u <= 3 for u in b) for t, w in zip(moved, whole, strict=True)
        )
        kept = [u for u in b if u + 3 < 50]
        assert number[k] == len(kept)
        assert met[k] == sum(any(1 <= t - u <= 3 for t in moved) for u in kept)


def test_the_parts_of_a_long_catalogue_join(monkeypatch):
    rng = np.random.default_rng(4)
    arguments = {"window": 2.0, "record": _record(100), "shifts": 50}
    b, a = _times(rng.uniform(0, 100, 9)), _times(rng.uniform(0, 100, 30))
    whole = coincidence(b, a, **arguments)
    monkeypatch.setattr("precursor_lib.evaluate.alarms.coincidences._PART", 100)
    assert coincidence(b, a, **arguments) == whole


def test_poisson_sequences_meet_as_often_as_the_closed_form_says():
    rng = np.random.default_rng(6)
    rates, poisson, shifted = [], [], []
    for seed in range(300):
        b, a = rng.uniform(0, 1000, 40), rng.uniform(0, 1000, 25)
        found = coincidence(
            _times(b), _times(a), window=10.0, record=_record(1000), shifts=199, seed=seed
        )
        rates.append(found.precursor.rate)
        poisson.append(found.precursor.p_poisson <= 0.05)
        shifted.append(found.precursor.p_shift <= 0.05)
    assert np.mean(rates) == pytest.approx(1 - 0.99**40, abs=4 * np.std(rates) / np.sqrt(300))
    limit = 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(poisson) < limit and np.mean(shifted) < limit


def test_a_real_relation_is_found_in_its_window_only():
    rng = np.random.default_rng(7)
    a = np.sort(rng.uniform(20, 1000, 40))
    b = a[:20] - rng.uniform(5, 8, 20)
    near, far = (
        coincidence(_times(b), _times(a), window=4.0, lag=lag, record=_record(1000), seed=1)
        for lag in (4.5, 40.0)
    )
    # Shifts of about a day either way keep the relation, and are counted.
    assert near.precursor.p_shift <= 0.004 and near.trigger.p_shift <= 0.004
    assert far.precursor.p_shift > 0.05
    assert near.trigger.rate == 1.0


def test_without_anomalies_there_is_no_rate_of_them():
    found = coincidence(
        np.empty(0, dtype="datetime64[ns]"), _times([50]), window=5.0, record=_record(100)
    )
    assert found.precursor.rate == 0.0 and found.precursor.p_poisson == 1.0
    assert found.trigger.trials == 0
    assert np.isnan(found.trigger.rate) and np.isnan(found.trigger.p_shift)


@pytest.mark.parametrize(
    "changes", [{"window": 0.0}, {"lag": -1.0}, {"window": 60.0, "lag": 50.0}, {"shifts": 0}]
)
def test_bad_windows_are_refused(changes):
    arguments = {"window": 5.0, "record": _record(100), **changes}
    with pytest.raises(InputError):
        coincidence(_times([1]), _times([2]), **arguments)
