"""Molchan's diagram: closed forms, scikit-learn's ROC, brute force and properties."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score, roc_curve

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms import (
    area_skill,
    binomial_band,
    molchan_curve,
    shift_band,
    whole_band,
)


def _case(seed: int, days: int = 40, levels: int | None = None, gaps: float = 0.2):
    rng = np.random.default_rng(seed)
    score = rng.normal(size=days) if levels is None else rng.integers(0, levels, days).astype(float)
    score[rng.random(days) < gaps] = np.nan
    events = rng.poisson(0.3, days)
    seen = np.flatnonzero(np.isfinite(score))
    events[seen[0]] += 1
    return score, events


def test_an_equal_score_gives_the_diagonal():
    curve = molchan_curve(np.ones(10), np.arange(10))
    assert curve.fraction.tolist() == [0, 1]
    assert curve.missed.tolist() == [1, 0]
    assert curve.area == 0.5
    found = area_skill(np.ones(10), np.arange(10))
    assert (found.area, found.p_independent, found.p_shift) == (0.5, 1.0, 1.0)


@pytest.mark.parametrize("share", [1, 5, 20])
def test_a_perfect_alarm_has_area_one_less_half_its_share(share):
    score, events = np.zeros(100), np.zeros(100, dtype=int)
    score[3 : 3 + share] = 1.0
    events[3 : 3 + share] = 2
    found = area_skill(score, events)
    assert found.area == pytest.approx(1 - share / 200)
    assert molchan_curve(score, events).area == pytest.approx(found.area)
    # All of the events in alarm: the chance is that of so many hits, and one place fits.
    assert found.p_independent == pytest.approx((share / 100) ** (2 * share), abs=1e-13)
    assert found.p_shift == pytest.approx(0.01)


def test_the_curve_equals_a_count_at_every_threshold():
    score, events = _case(4, levels=6)
    curve = molchan_curve(score, events)
    seen = np.isfinite(score)
    for tau, missed, threshold in zip(curve.fraction, curve.missed, curve.threshold, strict=True):
        alarm = seen & (score >= threshold)
        assert tau == pytest.approx(alarm.sum() / seen.sum())
        assert missed == pytest.approx(1 - events[alarm].sum() / events[seen].sum())
    assert np.all(np.diff(curve.threshold) < 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 3, 8]))
def test_area_is_what_scikit_learn_s_roc_says(seed, levels):
    # With one event a day at most: area = (1 - p) AUC + p / 2, p the share of days with an event.
    score, events = _case(seed, levels=levels)
    events = (events > 0).astype(int)
    seen = np.isfinite(score)
    label = events[seen]
    if label.all():
        return
    p = label.mean()
    expected = (1 - p) * roc_auc_score(label, score[seen]) + p / 2
    assert area_skill(score, events).area == pytest.approx(expected)
    false, true, _ = roc_curve(label, score[seen], drop_intermediate=False)
    curve = molchan_curve(score, events)
    assert np.allclose(curve.missed, 1 - true)
    assert np.allclose(curve.fraction, p * true + (1 - p) * false)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 4]))
def test_what_does_not_depend_on_units_order_or_direction(seed, levels):
    score, events = _case(seed, levels=levels)
    found = area_skill(score, events)
    assert molchan_curve(score, events).area == pytest.approx(found.area)
    for other_score, other_events in (
        (np.exp(3 * score), events),
        (score[::-1], events[::-1]),
        (np.roll(score, 5), np.roll(events, 5)),
    ):
        other = area_skill(other_score, other_events)
        assert other.area == pytest.approx(found.area)
        assert other.p_independent == pytest.approx(found.p_independent)
        assert other.p_shift == pytest.approx(found.p_shift)
    assert area_skill(-score, events).area == pytest.approx(1 - found.area)
    assert np.allclose(area_skill(-score, events).shifted, 1 - found.shifted, equal_nan=True)


def test_days_not_observed_leave_time_and_events():
    score, events = _case(6)
    seen = np.isfinite(score)
    whole, cut = molchan_curve(score, events), molchan_curve(score[seen], events[seen])
    assert np.array_equal(whole.fraction, cut.fraction)
    assert np.array_equal(whole.missed, cut.missed)
    assert (whole.days, whole.events) == (seen.sum(), events[seen].sum())


@pytest.mark.parametrize("levels", [None, 3])
def test_the_exact_chance_equals_all_ways_of_placing_three_events(levels):
    score, _ = _case(7, days=9, levels=levels, gaps=0.0)
    events = np.zeros(9, dtype=int)
    events[[1, 4]] = [2, 1]
    found = area_skill(score, events)
    areas = []
    for days in product(range(9), repeat=3):
        placed = np.bincount(days, minlength=9)
        areas.append(molchan_curve(score, placed).area)
    areas = np.array(areas)
    assert found.p_independent == pytest.approx(np.mean(areas >= found.area - 1e-9))
    low, high = found.null
    assert np.mean(areas < low - 1e-9) <= 0.025 < np.mean(areas <= low + 1e-9)
    assert np.mean(areas <= high + 1e-9) >= 0.975


def test_the_exact_chance_approaches_the_sum_of_uniform_numbers():
    # Irwin and Hall's law for three events and many days.
    score = np.random.default_rng(8).normal(size=3000)
    events = np.zeros(3000, dtype=int)
    events[np.argsort(score)[[2900, 2000, 2600]]] = 1
    found = area_skill(score, events)
    total = 3 * found.area
    closed = 1 - (total**3 - 3 * (total - 1) ** 3 + 3 * max(total - 2, 0) ** 3) / 6
    assert found.p_independent == pytest.approx(closed, rel=2e-3)


def test_many_events_take_the_normal_law_near_the_exact_one():
    rng = np.random.default_rng(9)
    score = rng.normal(size=2000)
    small, large = rng.poisson(0.4, 2000), rng.poisson(2.0, 2000)
    exact, normal = area_skill(score, small), area_skill(score, large)
    assert exact.null[1] - 0.5 == pytest.approx(1.96 / np.sqrt(12 * exact.events), rel=0.01)
    assert normal.null[1] - 0.5 == pytest.approx(1.96 / np.sqrt(12 * normal.events), rel=0.01)
    assert normal.p_independent == pytest.approx(
        stats.norm.sf((normal.area - 0.5) * np.sqrt(12 * normal.events)), rel=1e-3
    )


def test_the_bands_hold_what_they_say():
    rng = np.random.default_rng(10)
    score = rng.normal(size=400)
    tau = np.array([0.05, 0.2, 0.5, 0.8])
    every = np.linspace(0, 1, 401)
    low, high = binomial_band(12, tau)
    whole_low, whole_high = whole_band(12, every)
    inside, whole = [], []
    for _ in range(2000):
        events = np.bincount(rng.integers(0, 400, 12), minlength=400)
        curve = molchan_curve(score, events)
        inside.append((curve.missed_at(tau) < low - 1e-9).mean())
        missed = curve.missed_at(every)
        whole.append(np.all((missed >= whole_low - 1e-9) & (missed <= whole_high + 1e-9)))
    # At most half of 5 % below, within four Monte Carlo errors.
    assert np.mean(inside) <= 0.025 + 4 * np.sqrt(0.025 / 2000)
    assert abs(np.mean(whole) - 0.95) < 4 * np.sqrt(0.05 * 0.95 / 2000) + 0.005


@pytest.mark.parametrize("levels", [None, 4])
def test_the_band_of_shifts_equals_a_loop_over_shifts(levels):
    score, events = _case(11, levels=levels)
    tau = np.array([0.0, 0.13, 0.5, 1.0])
    missed = []
    for s in range(score.size):
        moved = np.roll(events, s)
        if moved[np.isfinite(score)].any():
            missed.append(molchan_curve(score, moved).missed_at(tau))
    low, high = shift_band(score, events, tau)
    expected = np.quantile(missed, [0.025, 0.975], axis=0)
    assert np.allclose([low, high], expected, atol=1e-9)


def test_shifted_areas_equal_a_loop_over_shifts():
    score, events = _case(12, days=30)
    seen = np.isfinite(score)
    found = area_skill(score, events)
    for s in range(30):
        moved = np.roll(events, s)
        if moved[seen].any():
            assert found.shifted[s] == pytest.approx(molchan_curve(score, moved).area)
        else:
            assert np.isnan(found.shifted[s])


def test_clusters_mislead_the_independent_chance_and_not_the_shifts():
    # 300 records whose score and events both come in clusters of 20 days, without a relation.
    rng = np.random.default_rng(13)
    independent, shifted = [], []
    for _ in range(300):
        score = np.repeat(rng.normal(size=40), 20) + 0.01 * rng.normal(size=800)
        days = rng.integers(0, 780, 6)[:, None] + rng.integers(0, 20, (6, 8))
        found = area_skill(score, np.bincount(days.ravel(), minlength=800))
        independent.append(found.p_independent <= 0.05)
        shifted.append(found.p_shift <= 0.05)
    assert np.mean(independent) > 0.15
    assert np.mean(shifted) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(shifted) > 0.015


@pytest.mark.parametrize(
    ("score", "events", "word"),
    [
        (np.zeros(3), np.zeros(4, dtype=int), "each a day"),
        (np.zeros(3), np.array([0.5, 0, 1]), "whole"),
        (np.zeros(3), np.array([-1, 0, 1]), "whole"),
        (np.array([np.inf, 0, 1]), np.array([1, 0, 1]), "finite"),
        (np.array([np.nan, np.nan, 1]), np.array([1, 0, 1]), "two observed"),
        (np.array([np.nan, 0, 1]), np.array([1, 0, 0]), "at least one"),
    ],
)
def test_bad_cells_are_refused(score, events, word):
    with pytest.raises(InputError, match=word):
        molchan_curve(score, events)


def test_bad_bands_are_refused():
    with pytest.raises(InputError, match="shares"):
        binomial_band(3, [1.2])
    with pytest.raises(InputError, match="confidence"):
        whole_band(3, [0.2], 1.0)
