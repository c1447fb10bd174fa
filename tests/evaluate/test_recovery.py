import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate import (
    cosine_similarity,
    match_events,
    match_factors,
    poisson_interval,
    wilson_interval,
)


def best_by_listing(found, truth, tolerance):
    """Most pairs, then the smallest sum of differences, over all pairings."""
    small, large = sorted((found, truth), key=len)
    best = (0, 0.0)
    for chosen in itertools.permutations(range(len(large)), len(small)):
        away = [abs(small[i] - large[j]) for i, j in enumerate(chosen)]
        kept = [d for d in away if d <= tolerance]
        best = min(best, (-len(kept), sum(kept)))
    return best


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 20).map(float), max_size=6),
    st.lists(st.integers(0, 20).map(float), max_size=6),
    st.integers(0, 6).map(float),
)
def test_pairs_are_the_best_of_all_pairings(found, truth, tolerance):
    match = match_events(found, truth, tolerance)
    assert len(set(match.detected.tolist())) == len(set(match.true.tolist())) == match.hits
    assert np.all(np.abs(match.error) <= tolerance)
    expected = best_by_listing(found, truth, tolerance)
    assert (-match.hits, np.abs(match.error).sum()) == pytest.approx(expected)
    assert match.misses == len(truth) - match.hits
    assert match.false_alarms == len(found) - match.hits


def test_greedy_pairing_would_lose_a_hit():
    match = match_events([10.0, 14.0], [5.0, 11.0], tolerance=5.0)
    assert match.hits == 2
    assert match.error.tolist() == [5.0, 3.0]


def test_dates_and_seconds_agree_and_order_does_not_matter():
    start = pd.Timestamp("2021-05-01")
    found, truth = np.array([90.5, 10.0, 400.0]), np.array([85.0, 12.0])
    by_date = match_events(
        start + pd.to_timedelta(found, unit="s"), start + pd.to_timedelta(truth, unit="s"), 10
    )
    by_second = match_events(found, truth, 10)
    np.testing.assert_allclose(by_date.error, by_second.error)
    assert by_date.detected.tolist() == by_second.detected.tolist() == [1, 0]
    assert by_second.true.tolist() == [1, 0]
    assert by_second.hit_rate == 1
    assert by_second.precision == pytest.approx(2 / 3)


def test_long_lists_are_no_burden():
    truth = np.arange(20_000) * 50.0
    found = truth[::2] + 3
    match = match_events(found, truth, 10)
    assert match.hits == 10_000
    assert np.all(match.error == 3)


def test_rates_and_intervals():
    match = match_events([0.0, 100.0, 200.0], [1.0, 500.0], 5)
    assert match.hit_rate_interval() == wilson_interval(1, 2)
    assert match.precision_interval(0.9) == wilson_interval(1, 3, 0.9)
    rate, low, high = match.false_alarm_rate(4)
    assert rate == 0.5
    assert (4 * low, 4 * high) == pytest.approx(poisson_interval(2))
    empty = match_events([], [], 5)
    assert np.isnan(empty.hit_rate) and np.isnan(empty.precision)
    assert empty.hit_rate_interval() == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (3, 10), (10, 10), (500, 1000)])
def test_wilson_equals_scipy(hits, trials):
    for confidence in (0.8, 0.95):
        known = stats.binomtest(hits, trials).proportion_ci(confidence, method="wilson")
        assert wilson_interval(hits, trials, confidence) == pytest.approx((known.low, known.high))


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_poisson_limits_leave_half_the_rest_on_each_side(count):
    low, high = poisson_interval(count)
    assert stats.poisson.cdf(count, high) == pytest.approx(0.025)
    assert low == 0 if count == 0 else stats.poisson.sf(count - 1, low) == pytest.approx(0.025)


def test_cosines():
    assert cosine_similarity([1, 0], [1, 1]) == pytest.approx(np.sqrt(0.5))
    assert cosine_similarity([1e-200, 0], [5e-250, 0]) == pytest.approx(1)
    assert np.isnan(cosine_similarity([0, 0], [1, 1]))
    a = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_allclose(cosine_similarity(a, -2 * a), -1)
    assert cosine_similarity(a, a, axis=1).shape == (4,)


def test_factors_are_paired_whatever_their_order_and_scale():
    rng = np.random.default_rng(1)
    true = [rng.random((n, 3)) for n in (8, 30, 5)]
    shuffled = [f[:, [2, 0, 1]] * scale for f, scale in zip(true, (3, 0.1, 7), strict=True)]
    order, cosine = match_factors(shuffled, true)
    assert order.tolist() == [1, 2, 0]
    np.testing.assert_allclose(cosine, 1)
    order, cosine = match_factors([f[:, :1] for f in shuffled], true)
    assert order.tolist() == [-1, -1, 0]
    np.testing.assert_allclose(cosine, [[0] * 3, [0] * 3, [1] * 3])


def test_bad_input_is_named():
    with pytest.raises(InputError, match="tolerance"):
        match_events([1.0], [1.0], -1)
    with pytest.raises(InputError, match="both as seconds"):
        match_events([1.0], pd.to_datetime(["2021-05-01"]), 1)
    with pytest.raises(InputError, match="NaT"):
        match_events(pd.to_datetime([None]), pd.to_datetime(["2021-05-01"]), 1)
    with pytest.raises(InputError, match="finite"):
        match_events([np.nan], [1.0], 1)
    with pytest.raises(InputError, match="exposure"):
        match_events([1.0], [1.0], 1).false_alarm_rate(0)
    with pytest.raises(InputError, match="hits"):
        wilson_interval(3, 2)
    with pytest.raises(InputError, match="confidence"):
        wilson_interval(1, 2, 1.0)
    with pytest.raises(InputError, match="count"):
        poisson_interval(-1)
    with pytest.raises(InputError, match="as many modes"):
        match_factors([np.ones((2, 2))], [])
    with pytest.raises(InputError, match="mode 0"):
        match_factors([np.ones((2, 2))], [np.ones((3, 2))])
