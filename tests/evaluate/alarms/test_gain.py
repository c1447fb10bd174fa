"""Alarms by days and by intervals: binomial tails, loops and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms import score_days, score_intervals
from precursor_lib.evaluate.alarms.intervals import contained, merged, within_one, without

ORIGIN = np.datetime64("2020-01-01", "ns")


def _times(days) -> np.ndarray:
    return ORIGIN + (np.asarray(days, dtype=float) * 86400e9).astype("timedelta64[ns]")


def test_gain_and_chance_are_the_binomial_ones():
    alarm = np.zeros(100, dtype=bool)
    alarm[:20] = True
    events = np.zeros(100, dtype=int)
    events[[3, 7, 7, 50, 90]] = 1
    events[7] = 2
    found = score_days(alarm, events)
    assert (found.observed_days, found.alarm_days, found.events, found.hits) == (100, 20, 5, 3)
    assert found.gain == pytest.approx(0.6 / 0.2)
    assert found.p_binomial == pytest.approx(stats.binom.sf(2, 5, 0.2))
    # Clopper and Pearson's limits are quantiles of beta laws.
    low, high = stats.beta.ppf(0.025, 3, 3), stats.beta.ppf(0.975, 4, 2)
    assert found.gain_interval == pytest.approx((low / 0.2, high / 0.2))


def test_alarms_always_and_never():
    events = np.array([0, 1, 0, 2])
    always, never = (score_days(np.full(4, on), events) for on in (True, False))
    assert (always.gain, always.p_binomial, always.p_shift) == (1.0, 1.0, 1.0)
    assert np.isnan(never.gain) and never.hits == 0 and never.p_binomial == 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_days_in_and_out_of_alarm_share_events_and_time(seed):
    rng = np.random.default_rng(seed)
    alarm, seen, events = rng.random(40) < 0.4, rng.random(40) < 0.8, rng.poisson(0.5, 40)
    alarm, events[np.flatnonzero(seen)[0]] = alarm & seen, 1
    on = score_days(alarm, events, observed=seen)
    off = score_days(~alarm & seen, events, observed=seen)
    assert on.hits + off.hits == on.events == events[seen].sum()
    assert on.alarm_days + off.alarm_days == seen.sum()
    assert on.unseen == events[~seen].sum()
    back = score_days(alarm[::-1], events[::-1], observed=seen[::-1])
    assert (back.gain, back.p_shift) == pytest.approx((on.gain, on.p_shift), nan_ok=True)
    rates = []
    for s in range(40):
        moved = np.roll(events, s)
        if moved[seen].any():
            rates.append(moved[alarm].sum() / moved[seen].sum())
    assert on.p_shift == pytest.approx(np.mean(np.array(rates) >= rates[0] - 1e-9))


def test_an_alarm_on_a_day_not_observed_is_refused():
    with pytest.raises(InputError, match="day 1 was not observed"):
        score_days([False, True], [1, 0], observed=[True, False])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)), max_size=8),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8)), max_size=8),
)
def test_sets_of_intervals_equal_sets_of_days(first, second):
    a, b = (merged([s for s, _ in spans], [s + n for s, n in spans]) for spans in (first, second))
    days_a, days_b = ({s + k for s, n in spans for k in range(n)} for spans in (first, second))
    grid = np.arange(45)
    for intervals, days in ((a, days_a), (b, days_b), (without(a, b), days_a - days_b)):
        assert set(grid[contained(grid + 0.5, intervals)]) == days
        assert np.diff(intervals).sum() == len(days)
        assert np.all(intervals[1:, 0] >= intervals[:-1, 1])
    ends = grid + 3.0
    fits = [any(s <= g and g + 3 <= e for s, e in a) for g in grid]
    assert within_one(grid.astype(float), ends, a).tolist() == fits


def test_intervals_of_whole_days_score_as_days_do():
    rng = np.random.default_rng(1)
    alarm, seen = rng.random(60) < 0.3, rng.random(60) < 0.85
    events = rng.poisson(0.4, 60)
    alarm &= seen
    by_day = score_days(alarm, events, observed=seen)
    times = np.repeat(np.arange(60), events) + rng.uniform(0.01, 0.99, events.sum())
    starts, gaps = np.flatnonzero(alarm), np.flatnonzero(~seen)
    by_time = score_intervals(
        _times(np.append(starts, [-5, 59.9 + 2])),
        _times(np.append(starts + 1, [-4, 70])),
        _times(np.append(times, [-1, 60.0])),
        record=(ORIGIN, _times(60)),
        gaps=(_times(gaps), _times(gaps + 1)),
    )
    for name in ("observed_days", "alarm_days", "events", "hits", "unseen", "gain", "p_binomial"):
        assert getattr(by_time, name) == pytest.approx(getattr(by_day, name)), name


def test_the_chance_of_shifted_intervals_is_the_share_of_places():
    # One event in 10 days of alarm out of 100: one shift in ten hits; two events 5 days apart in
    # the same alarm: both hit for one in twenty.
    one = score_intervals(
        _times([20]), _times([30]), _times([25]), record=(ORIGIN, _times(100)), shifts=20000
    )
    two = score_intervals(
        _times([20]), _times([30]), _times([22, 27]), record=(ORIGIN, _times(100)), shifts=20000
    )
    assert one.p_shift == pytest.approx(0.1, abs=0.01)
    assert two.p_shift == pytest.approx(0.05, abs=0.008)
    assert two.p_binomial == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"ends": _times([10])}, "before its start"),
        ({"record": (_times(5), _times(5))}, "record"),
        ({"event_times": _times([200])}, "at least one"),
        ({"gaps": (_times([0]), _times([100]))}, "at least one"),
        ({"starts": np.array(["NaT"], dtype="datetime64[ns]")}, "starts, ends"),
        ({"shifts": 0}, "shifts"),
    ],
)
def test_bad_intervals_are_refused(changes, word):
    arguments = {
        "starts": _times([20]),
        "ends": _times([30]),
        "event_times": _times([25]),
        "record": (ORIGIN, _times(100)),
    }
    with pytest.raises(InputError, match=word):
        score_intervals(**{**arguments, **changes})
