"""Detections and factors held against a known truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, stats
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from precursor_lib.errors import InputError


@dataclass(frozen=True)
class EventMatch:
    """Detected events paired with true ones.

    Attributes
    ----------
    detected, true : numpy.ndarray of int, shape (hits,)
        Positions of the paired events in the two lists given.
    error : numpy.ndarray, shape (hits,)
        Detected minus true time, in s.
    detections, truths : int
        Lengths of the two lists.
    """

    detected: np.ndarray
    true: np.ndarray
    error: np.ndarray
    detections: int
    truths: int

    @property
    def hits(self) -> int:
        """Pairs."""
        return self.true.size

    @property
    def misses(self) -> int:
        """True events without a detection."""
        return self.truths - self.hits

    @property
    def false_alarms(self) -> int:
        """Detections without a true event."""
        return self.detections - self.hits

    @property
    def hit_rate(self) -> float:
        """Share of the true events that were detected; NaN without true events."""
        return self.hits / self.truths if self.truths else np.nan

    @property
    def precision(self) -> float:
        """Share of the detections that are true; NaN without detections."""
        return self.hits / self.detections if self.detections else np.nan

    def hit_rate_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Wilson's interval of the hit rate."""
        return wilson_interval(self.hits, self.truths, confidence)

    def precision_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Wilson's interval of the precision."""
        return wilson_interval(self.hits, self.detections, confidence)

    def false_alarm_rate(
        self, exposure: float, confidence: float = 0.95
    ) -> tuple[float, float, float]:
        """False alarms a unit of exposure, such as a night or a year, with its interval.

        Parameters
        ----------
        exposure : float
            Observing time in the unit asked for: the number of nights, or of years.
        confidence : float
            Of the interval.

        Returns
        -------
        tuple of float
            Rate, lower and upper limit (see `poisson_interval`).
        """
        if not exposure > 0:
            raise InputError(f"exposure: expected a number above 0, got {exposure}")
        low, high = poisson_interval(self.false_alarms, confidence)
        return self.false_alarms / exposure, low / exposure, high / exposure


def match_events(detected_times: ArrayLike, true_times: ArrayLike, tolerance: float) -> EventMatch:
    """Pair detected with true events, one to one, at most `tolerance` apart.

    Of all such pairings one with the most pairs is taken, and of these the one with the smallest
    sum of time differences (optimal assignment, not greedy).

    Parameters
    ----------
    detected_times, true_times : array_like, shape (n,), (m,)
        Times in s, or ``datetime64``; both of one kind, in any order.
    tolerance : float
        Largest difference of a pair, in s, included.

    Returns
    -------
    EventMatch
        The pairs in order of true time, and what follows from them.

    Raises
    ------
    InputError
        If times are of two kinds or not finite, or `tolerance` is negative.
    """
    found, truth = _seconds(detected_times, true_times)
    if not (np.isfinite(tolerance) and tolerance >= 0):
        raise InputError(f"tolerance: expected seconds >= 0, got {tolerance}")
    left, right = [], []
    order = np.argsort(truth, kind="stable")
    low = np.searchsorted(truth[order], found - tolerance, side="left")
    high = np.searchsorted(truth[order], found + tolerance, side="right")
    near = np.repeat(np.arange(found.size), high - low)
    if near.size:
        far = order[np.concatenate([np.arange(a, b) for a, b in zip(low, high, strict=True)])]
        # Groups of events that can reach each other are independent problems, and small.
        links = sparse.coo_array(
            (np.ones(near.size), (near, far + found.size)), shape=(found.size + truth.size,) * 2
        )
        _, label = connected_components(links, directed=False)
        for group in np.unique(label[near]):
            rows = np.flatnonzero(label[: found.size] == group)
            columns = np.flatnonzero(label[found.size :] == group)
            cost = np.abs(found[rows, None] - truth[columns])
            allowed = cost <= tolerance
            # A forbidden pair costs more than all allowed ones, so that pairs come first.
            barrier = 1 + tolerance * (min(cost.shape) + 1)
            i, j = linear_sum_assignment(np.where(allowed, cost, barrier))
            kept = allowed[i, j]
            left.append(rows[i[kept]])
            right.append(columns[j[kept]])
    a = np.concatenate([*left, np.empty(0, int)]).astype(int)
    b = np.concatenate([*right, np.empty(0, int)]).astype(int)
    by_time = np.argsort(truth[b], kind="stable")
    a, b = a[by_time], b[by_time]
    return EventMatch(a, b, found[a] - truth[b], found.size, truth.size)


def wilson_interval(hits: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion; ``(0, 1)`` without trials.

    Raises
    ------
    InputError
        If not ``0 <= hits <= trials`` or not ``0 < confidence < 1``.
    """
    if not 0 <= hits <= trials:
        raise InputError(f"hits, trials: expected 0 <= hits <= trials, got {hits}, {trials}")
    _confidence(confidence)
    if trials == 0:
        return 0.0, 1.0
    z2 = float(stats.norm.isf((1 - confidence) / 2)) ** 2
    p = hits / trials
    middle = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = np.sqrt(z2 * (p * (1 - p) + z2 / (4 * trials)) / trials) / (1 + z2 / trials)
    # The ends are exact at 0 and 1, where rounding would leave a trace.
    low = 0.0 if hits == 0 else float(middle - half)
    high = 1.0 if hits == trials else float(middle + half)
    return low, high


def poisson_interval(count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact (Garwood's) interval of a Poisson mean from one count.

    Raises
    ------
    InputError
        If `count` is negative or not ``0 < confidence < 1``.
    """
    if count < 0:
        raise InputError(f"count: expected a number >= 0, got {count}")
    _confidence(confidence)
    tail = (1 - confidence) / 2
    low = float(stats.chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(stats.chi2.isf(tail, 2 * (count + 1))) / 2


def cosine_similarity(a: ArrayLike, b: ArrayLike, axis: int = 0) -> np.ndarray:
    """Cosine of the angle between vectors along `axis`; NaN where one is zero.

    Parameters
    ----------
    a, b : array_like
        Arrays that broadcast against each other.
    axis : int
        Axis of the vectors.

    Returns
    -------
    numpy.ndarray
        Values in -1 to 1.
    """
    x, y = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    # Scaling by the largest entry keeps squares of tiny vectors above underflow.
    size_x, size_y = (np.max(np.abs(v), axis=axis, keepdims=True) for v in (x, y))
    usable = (size_x > 0) & (size_y > 0)
    x = np.divide(x, size_x, out=np.zeros(x.shape), where=usable)
    y = np.divide(y, size_y, out=np.zeros(y.shape), where=usable)
    norm = np.sqrt((x * x).sum(axis=axis) * (y * y).sum(axis=axis))
    dot = (x * y).sum(axis=axis)
    return np.divide(dot, norm, out=np.full(np.shape(dot), np.nan), where=norm > 0)


def match_factors(
    estimated: Sequence[ArrayLike], true: Sequence[ArrayLike]
) -> tuple[np.ndarray, np.ndarray]:
    """Pair the components of two factorisations and say how alike they are, mode by mode.

    Parameters
    ----------
    estimated, true : sequence of array_like, shapes (n_mode, rank_estimated), (n_mode, rank_true)
        The factor matrices, such as frequency, time and station, of either factorisation.

    Returns
    -------
    order : numpy.ndarray of int, shape (rank_true,)
        Estimated component that belongs to each true one, by the largest sum over components of
        the product over modes of the cosines; -1 where none is left.
    cosine : numpy.ndarray, shape (rank_true, modes)
        Cosine of each pair in each mode; 0 where a component is zero or missing.

    Raises
    ------
    InputError
        If the numbers of modes or the lengths of a mode differ.
    """
    if len(estimated) != len(true) or not true:
        raise InputError(
            f"estimated, true: expected as many modes, got {len(estimated)}, {len(true)}"
        )
    tables = []
    for mode, (e, t) in enumerate(zip(estimated, true, strict=True)):
        e_, t_ = np.asarray(e, dtype=float), np.asarray(t, dtype=float)
        if e_.ndim != 2 or t_.ndim != 2 or e_.shape[0] != t_.shape[0]:
            raise InputError(
                f"mode {mode}: expected matrices of one length, got {e_.shape}, {t_.shape}"
            )
        tables.append(np.nan_to_num(cosine_similarity(t_[:, :, None], e_[:, None, :])))
    cosines = np.stack(tables, axis=-1)
    rows, columns = linear_sum_assignment(-cosines.prod(axis=-1))
    order = np.full(cosines.shape[0], -1)
    order[rows] = columns
    matched = np.zeros((cosines.shape[0], len(tables)))
    matched[rows] = cosines[rows, columns]
    return order, matched


def _confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise InputError(f"confidence: expected a number between 0 and 1, got {confidence}")


def _seconds(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    pair = [np.asarray(v).ravel() for v in (a, b)]
    dated = [v.dtype.kind == "M" for v in pair if v.size]
    if any(dated):
        if not all(dated):
            raise InputError(
                "detected_times, true_times: expected both as seconds or both as dates"
            )
        pair = [v.astype("datetime64[ns]") for v in pair]
        if any(np.isnat(v).any() for v in pair):
            raise InputError("detected_times, true_times: expected times, got NaT")
        origin = min(v.min() for v in pair if v.size)
        # Relative to the first time, so that seconds keep their fraction in a float.
        pair = [(v - origin) / np.timedelta64(1, "s") for v in pair]
    found, truth = (v.astype(float) for v in pair)
    if not (np.all(np.isfinite(found)) and np.all(np.isfinite(truth))):
        raise InputError("detected_times, true_times: expected finite times")
    return found, truth
