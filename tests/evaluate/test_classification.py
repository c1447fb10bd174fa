"""Accuracy, ROC and permutations: closed forms, brute force and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from precursor_lib.errors import InputError
from precursor_lib.evaluate.classification import (
    accuracy_beside_majority,
    permutation_test,
    roc_area,
    roc_curve,
)


@st.composite
def answers(draw):
    number = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = rng.integers(0, 2, number)
    labels[:2] = 0, 1
    # Few distinct values, so that ties are common.
    return labels, rng.integers(0, 8, number) / 7 + 0.2 * labels * draw(st.booleans())


@given(answers())
@settings(max_examples=60, deadline=None)
def test_roc_as_in_scikit_learn(case):
    labels, scores = case
    false, true, _ = roc_curve(labels, scores)
    theirs = metrics.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(false, theirs[0])
    np.testing.assert_allclose(true, theirs[1])
    area = roc_area(labels, scores)
    assert area.area == pytest.approx(metrics.roc_auc_score(labels, scores))
    assert area.area == pytest.approx(np.trapezoid(true, false))
    assert 0 <= area.interval[0] <= area.area <= area.interval[1] <= 1


@given(answers())
@settings(max_examples=30, deadline=None)
def test_the_area_does_not_feel_the_scale(case):
    labels, scores = case
    turned = roc_area(labels, -scores).area
    assert roc_area(labels, np.exp(3 * scores)).area == pytest.approx(1 - turned)


def test_delongs_variance_by_brute_force():
    rng = np.random.default_rng(3)
    positive, negative = rng.normal(0.7, 1, 25), rng.normal(0, 1, 40)
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    expected = np.sqrt(wins.mean(1).var(ddof=1) / 25 + wins.mean(0).var(ddof=1) / 40)
    labels = np.r_[np.ones(25, int), np.zeros(40, int)]
    area = roc_area(labels, np.r_[positive, negative])
    assert area.area == pytest.approx(wins.mean())
    assert area.error == pytest.approx(expected)


def test_the_interval_of_the_area_covers():
    rng = np.random.default_rng(5)
    truth = stats.norm.cdf(0.8 / np.sqrt(2))
    labels = np.r_[np.ones(40, int), np.zeros(40, int)]
    inside = 0
    for _ in range(400):
        area = roc_area(labels, rng.standard_normal(80) + 0.8 * labels)
        inside += area.interval[0] <= truth <= area.interval[1]
    assert stats.binomtest(inside, 400, 0.95).pvalue > 0.001


def test_perfect_and_constant_scores():
    labels = [0, 0, 1, 1]
    assert roc_area(labels, [1, 2, 3, 4]).area == 1.0
    low, high = roc_area(labels, [1, 2, 3, 4]).interval
    # Two faultless pairs: the exact (Clopper and Pearson's) bound of 2 in 2.
    assert low == pytest.approx(stats.binomtest(2, 2).proportion_ci().low)
    assert high == 1.0
    assert roc_area(labels, [4, 3, 2, 1]).interval == pytest.approx((0.0, 1 - low))
    assert roc_area(labels, [7, 7, 7, 7]).area == 0.5


def test_accuracy_by_hand():
    found = accuracy_beside_majority([1, 1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1, 0.6])
    assert (found.windows, found.right, found.accuracy) == (5, 3, 0.6)
    assert found.majority == 0.6
    assert found.sensitivity == pytest.approx(2 / 3)
    assert found.specificity == 0.5
    assert found.p == pytest.approx(stats.binomtest(3, 5, 0.6, alternative="greater").pvalue)
    assert found.interval == pytest.approx(
        tuple(stats.binomtest(3, 5).proportion_ci(method="wilson"))
    )


def test_a_constant_answer_is_the_majority():
    labels = np.r_[np.ones(30, int), np.zeros(20, int)]
    found = accuracy_beside_majority(labels, np.full(50, 0.9))
    assert found.accuracy == found.majority == 0.6
    assert found.p > 0.5
    assert found.specificity == 0.0


def test_p_of_permutations_against_the_exact_one():
    """Three of seven in the first three places: the rank-sum test's exact p."""
    labels, scores = np.array([1, 1, 1, 0, 0, 0, 0]), np.arange(7, 0, -1.0)
    p, null = permutation_test(labels, scores, permutations=4000, seed=1)
    exact = stats.mannwhitneyu(scores[:3], scores[3:], alternative="greater", method="exact").pvalue
    assert p == pytest.approx(exact, abs=0.01)
    assert null.mean() == pytest.approx(0.5, abs=0.02)


def test_p_is_even_without_skill():
    rng = np.random.default_rng(0)
    values = [
        permutation_test(
            np.arange(40) % 2, rng.standard_normal(40), permutations=99, seed=int(seed)
        )[0]
        for seed in range(200)
    ]
    assert stats.kstest(values, "uniform").pvalue > 0.001
    assert min(values) >= 0.01


def test_shifts_keep_runs_of_labels_together():
    """Slow scores and slow labels: shuffling finds skill where there is none, shifts do not."""
    labels = (np.arange(120) // 30) % 2
    scores = np.sin(2 * np.pi * (np.arange(120) - 37) / 60)
    shuffled, _ = permutation_test(labels, scores, permutations=499)
    shifted, _ = permutation_test(labels, scores, permutations=499, circular=True)
    assert shuffled < 0.05 < shifted


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: roc_area([0, 0], [1, 2]), "both classes"),
        (lambda: roc_curve([0, 2], [1, 2]), "expected 0 and 1"),
        (lambda: accuracy_beside_majority([0, 1], [1, np.nan]), "finite"),
        (lambda: accuracy_beside_majority([], []), "one of each"),
        (lambda: accuracy_beside_majority([0, 1], [1]), "one of each"),
        (lambda: permutation_test([0, 1], [1, 2], permutations=0), "permutations 0"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(InputError, match=words):
        call()
