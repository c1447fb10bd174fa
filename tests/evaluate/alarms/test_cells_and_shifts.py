"""Day cells, lead times and circular shifts, against loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms import (
    alarm_score,
    day_cells,
    family_chance,
    shift_chance,
    shift_places,
    shifted_means,
    shifted_sums,
)


def _with_gaps(rng: np.random.Generator, days: int, share: float = 0.2) -> np.ndarray:
    score = rng.normal(size=days)
    score[rng.random(days) < share] = np.nan
    return score


def test_cells_count_events_by_utc_day_and_keep_gaps():
    dates = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-04"])
    times = pd.to_datetime(
        [
            "2019-12-31T23:59:59",
            "2020-01-01T00:00:00",
            "2020-01-01T23:59:59",
            "2020-01-03T00:00:00",
            "2020-01-05T00:00:00",
        ]
    )
    cells = day_cells(pd.Series([1.0, 2.0, 3.0], index=dates), pd.DataFrame({"time": times}))
    assert cells.events.tolist() == [2, 0, 1, 0]
    assert cells.observed.tolist() == [True, True, False, True]
    assert (cells.outside, cells.unseen) == (2, 1)


@pytest.mark.parametrize(
    ("index", "word"),
    [
        (["2020-01-02", "2020-01-01"], "ascending"),
        (["2020-01-01", "2020-01-01"], "ascending"),
        (["2020-01-01T06:00", "2020-01-02T06:00"], "midnight"),
    ],
)
def test_cells_refuse_days_out_of_order(index, word):
    score = pd.Series([1.0, 2.0], index=pd.to_datetime(index))
    with pytest.raises(InputError, match=word):
        day_cells(score, pd.DataFrame({"time": pd.to_datetime(["2020-01-01"])}))


def test_cells_refuse_a_catalogue_without_times():
    score = pd.Series([1.0], index=pd.to_datetime(["2020-01-01"]))
    with pytest.raises(InputError, match="'time' is missing"):
        day_cells(score, pd.DataFrame({"when": []}))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 4), st.integers(0, 6), st.integers(1, 7))
def test_alarm_score_is_the_largest_of_the_days_before(seed, first, more, least):
    last = first + more
    least = min(least, more + 1)
    score = _with_gaps(np.random.default_rng(seed), 30)
    found = alarm_score(score, first, last, least_days=least)
    for day in range(30):
        span = score[day - last : day - first + 1] if day >= last else np.array([])
        span = span[np.isfinite(span)]
        if day < last or span.size < least:
            assert np.isnan(found[day])
        else:
            assert found[day] == span.max()


def test_alarm_score_never_knows_its_own_day():
    score = np.zeros(20)
    score[10] = 5.0
    assert np.flatnonzero(alarm_score(score, 1, 3) == 5.0).tolist() == [11, 12, 13]


@pytest.mark.parametrize(("first", "last", "least"), [(-1, 2, 1), (3, 2, 1), (1, 2, 0), (1, 2, 3)])
def test_alarm_score_refuses_leads_out_of_range(first, last, least):
    with pytest.raises(InputError):
        alarm_score(np.zeros(5), first, last, least_days=least)


@pytest.mark.parametrize("days", [1, 2, 7, 12, 101])
def test_sums_and_means_of_all_shifts_equal_loops(days):
    rng = np.random.default_rng(days)
    score, events = _with_gaps(rng, days, 0.3), rng.poisson(0.4, days)
    weights = np.nan_to_num(score)
    sums, means = shifted_sums(weights, events), shifted_means(1e6 + score, events)
    for s in range(days):
        moved = np.roll(events, s)
        assert sums[s] == pytest.approx((weights * moved).sum(), abs=1e-12)
        seen = np.isfinite(score) & (moved > 0)
        if seen.any():
            expected = 1e6 + np.average(score[seen], weights=moved[seen])
            assert means[s] == pytest.approx(expected, abs=1e-8)
        else:
            assert np.isnan(means[s])


def test_shift_chance_counts_the_true_place_and_ties():
    assert shift_chance([3.0, 1.0, 3.0 - 1e-12, np.nan, 4.0]) == 3 / 4
    assert shift_chance([5.0, 1.0, 2.0, 3.0]) == 1 / 4
    # Only the neighbours, on both sides.
    assert shift_chance([2.0, 1.0, 9.0, 9.0, 9.0, 3.0], reach=1) == 2 / 3
    assert shift_places(7, 2).tolist() == [0, 1, 2, 5, 6]
    with pytest.raises(InputError, match="reach"):
        shift_places(7, 4)
    with pytest.raises(InputError, match="first"):
        shift_chance([np.nan, 1.0])


def test_shift_chance_is_uniform_over_the_places_of_a_catalogue():
    # The group of shifts: over all true places p takes each rank once.
    values = np.random.default_rng(1).normal(size=40)
    found = sorted(shift_chance(np.roll(values, s)) for s in range(40))
    assert np.allclose(found, (1 + np.arange(40)) / 40)


def test_family_chance_of_one_test_or_of_equal_tests_is_that_of_the_test():
    values = np.random.default_rng(2).normal(size=60)
    assert family_chance(values) == shift_chance(values)
    assert family_chance(np.stack([values, 7 * values + 3])) == shift_chance(values)


def test_family_chance_equals_a_loop_and_corrects():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(4, 50)) * np.array([[1.0], [10.0], [0.1], [5.0]])
    best = [min(np.mean(row >= row[s]) for row in values) for s in range(50)]
    assert family_chance(values) == np.mean(np.array(best) <= best[0] + 1e-12)
    assert family_chance(values) >= min(shift_chance(row) for row in values)
    with pytest.raises(InputError):
        family_chance([[np.nan, 1.0]])
