"""Whether a classifier knows anything: accuracy beside the larger class, ROC, and permutations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import wilson_interval


@dataclass(frozen=True)
class Accuracy:
    """Share of right answers beside that of always giving the larger class.

    Attributes
    ----------
    windows, right : int
        Answers, and those that are right.
    accuracy : float
        Their ratio.
    interval : tuple of float
        Wilson's 95 % interval of the accuracy; for independent windows.
    majority : float
        Share of the larger class among these windows.
    p : float
        Exact binomial chance of that many right answers or more at the rate `majority`.
    sensitivity, specificity : float
        Share of class 1 and of class 0 that is told right; NaN without such windows.
    """

    windows: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    majority: float
    p: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True)
class RocArea:
    """Area under the ROC curve with its uncertainty.

    Attributes
    ----------
    area : float
        Chance that a window of class 1 has a higher score than one of class 0, ties counting half.
    interval : tuple of float
        95 % interval by the variance of DeLong et al. (1988), on the logit of the area, so that it
        stays within 0 and 1. Where the classes are told apart without a fault, the variance is
        zero; the bound is then that of as many faultless pairs as the smaller class has windows.
        (0, 1) where all scores are equal.
    error : float
        Standard error of the area.
    """

    area: float
    interval: tuple[float, float]
    error: float


def accuracy_beside_majority(
    labels: ArrayLike, scores: ArrayLike, threshold: float = 0.5, confidence: float = 0.95
) -> Accuracy:
    """Accuracy of a threshold on scores.

    Parameters
    ----------
    labels : array_like of 0 and 1, shape (windows,)
        True classes.
    scores : array_like, shape (windows,)
        Such as the probability of class 1; above `threshold` means class 1.
    threshold : float
        Fixed before these windows were seen.
    confidence : float
        Of the interval.

    Raises
    ------
    InputError
        If lengths differ, nothing is given, a class is not 0 or 1, or a score is missing.
    """
    y, s = _pair(labels, scores)
    answer = (s > threshold).astype(int)
    right = int((answer == y).sum())
    share = max(float(y.mean()), 1 - float(y.mean()))
    return Accuracy(
        windows=y.size,
        right=right,
        accuracy=right / y.size,
        interval=wilson_interval(right, y.size, confidence),
        majority=share,
        p=float(stats.binom.sf(right - 1, y.size, share)),
        sensitivity=float((answer[y == 1] == 1).mean()) if (y == 1).any() else np.nan,
        specificity=float((answer[y == 0] == 0).mean()) if (y == 0).any() else np.nan,
    )


def roc_curve(labels: ArrayLike, scores: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False and true positive rates as the threshold falls through all scores.

    Returns
    -------
    false_rate, true_rate, threshold : numpy.ndarray
        From (0, 0) at infinity to (1, 1) at the lowest score; one point a distinct score, so that
        ties are a slope.

    Raises
    ------
    InputError
        As `accuracy_beside_majority`, or if a class is missing.
    """
    y, s = _both(labels, scores)
    order = np.argsort(-s, kind="stable")
    y, s = y[order], s[order]
    last = np.append(np.flatnonzero(np.diff(s)), s.size - 1)
    true = np.cumsum(y)[last] / y.sum()
    false = np.cumsum(1 - y)[last] / (1 - y).sum()
    return (
        np.concatenate([[0.0], false]),
        np.concatenate([[0.0], true]),
        np.concatenate([[np.inf], s[last]]),
    )


def roc_area(labels: ArrayLike, scores: ArrayLike, confidence: float = 0.95) -> RocArea:
    """Area under the ROC curve, with DeLong's variance from mid-ranks.

    Parameters and errors are those of `roc_curve`; `confidence` is that of the interval.
    """
    y, s = _both(labels, scores)
    positive, negative = s[y == 1], s[y == 0]
    m, n = positive.size, negative.size
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    # For each window the share of the other class that it is placed right against.
    of_positive = (ranks[:m] - stats.rankdata(positive)) / n
    of_negative = 1 - (ranks[m:] - stats.rankdata(negative)) / m
    area = float(of_positive.mean())
    if m < 2 or n < 2:
        return RocArea(area, (0.0, 1.0), np.nan)
    error = float(np.sqrt(of_positive.var(ddof=1) / m + of_negative.var(ddof=1) / n))
    if area in (0.0, 1.0):
        reach = ((1 - confidence) / 2) ** (1 / min(m, n))
        return RocArea(area, (reach, 1.0) if area else (0.0, 1 - reach), error)
    if error == 0:
        return RocArea(area, (0.0, 1.0), error)
    reach = stats.norm.isf((1 - confidence) / 2) * error / (area * (1 - area))
    low, high = (float(1 / (1 + np.exp(-(np.log(area / (1 - area)) + d)))) for d in (-reach, reach))
    return RocArea(area, (low, high), error)


def permutation_test(
    labels: ArrayLike,
    scores: ArrayLike,
    statistic: Callable[[np.ndarray, np.ndarray], float] | None = None,
    *,
    permutations: int = 999,
    seed: int = 0,
    circular: bool = False,
) -> tuple[float, np.ndarray]:
    """How often labels that were moved at random do as well as the true ones.

    Parameters
    ----------
    labels, scores : array_like, shape (windows,)
        In order of time.
    statistic : callable, optional
        From labels and scores to a number that is large for a good classifier; by default the area
        under the ROC curve.
    permutations : int
        Number drawn.
    seed : int
        Of the draw.
    circular : bool
        Shift all labels along the windows instead of shuffling them. That keeps clusters of labels
        and slow changes of the scores as they are. There are only as many shifts as windows, and p
        is no smaller than one in so many.

    Returns
    -------
    p : float
        (1 + as good or better) / (1 + permutations).
    null : numpy.ndarray, shape (permutations,)
        The statistic under each.

    Raises
    ------
    InputError
        As `roc_curve`, or if `permutations` is below 1.
    """
    y, s = _both(labels, scores)
    if permutations < 1:
        raise InputError(f"permutations {permutations}: expected 1 or more")
    rng = np.random.default_rng(seed)
    measure = statistic or (lambda a, b: _area(a, b))
    own = measure(y, s)
    null = np.empty(permutations)
    for k in range(permutations):
        moved = np.roll(y, int(rng.integers(1, y.size))) if circular else rng.permutation(y)
        null[k] = measure(moved, s)
    # Equal areas can differ by rounding; they count as good.
    better = int((null >= own - 1e-12).sum())
    return (1 + better) / (1 + permutations), null


def _area(y: np.ndarray, s: np.ndarray) -> float:
    m = int(y.sum())
    return float((stats.rankdata(s)[y == 1].sum() - m * (m + 1) / 2) / (m * (y.size - m)))


def _pair(labels: ArrayLike, scores: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y, s = np.asarray(labels), np.asarray(scores, dtype=float)
    if y.ndim != 1 or y.shape != s.shape or not y.size:
        raise InputError(f"labels, scores: expected one of each a window, got {y.shape}, {s.shape}")
    if not np.isin(y, (0, 1)).all():
        raise InputError("labels: expected 0 and 1")
    if not np.isfinite(s).all():
        raise InputError("scores: expected finite numbers")
    return y.astype(int), s


def _both(labels: ArrayLike, scores: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y, s = _pair(labels, scores)
    if not 0 < y.sum() < y.size:
        raise InputError("labels: expected windows of both classes")
    return y, s
