"""Event coincidence analysis (Donges et al., 2016): how often one event meets another in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms.intervals import (
    Moment,
    contained,
    day_numbers,
    merged,
    record_days,
    span_days,
    within_one,
    without,
)
from precursor_lib.evaluate.alarms.shifts import shift_chance
from precursor_lib.evaluate.recovery import wilson_interval

# Shifted times that are held at once.
_PART = 2_000_000


@dataclass(frozen=True)
class CoincidenceRate:
    """Share of events of one kind that meet at least one of the other.

    Attributes
    ----------
    trials, hits : int
        Events whose window was observed wholly, and those with one of the other kind in it.
    rate : float
        Their ratio; NaN without trials.
    interval : tuple of float
        Wilson's 95 % interval.
    expected : float
        Rate if the other kind were a Poisson process: ``1 - (1 - window / time) ** number``.
    p_poisson : float
        Binomial chance of as many hits or more at that rate.
    p_shift : float
        Share of circular shifts, the true place among them, with a rate at least as large; NaN
        without trials.
    """

    trials: int
    hits: int
    rate: float
    interval: tuple[float, float]
    expected: float
    p_poisson: float
    p_shift: float


@dataclass(frozen=True)
class Coincidence:
    """Both rates of an event coincidence analysis.

    Attributes
    ----------
    precursor : CoincidenceRate
        Target events with an anomaly before them.
    trigger : CoincidenceRate
        Anomalies with a target event after them.
    anomalies, events : int
        Anomalies in observed time, and target events in the record.
    """

    precursor: CoincidenceRate
    trigger: CoincidenceRate
    anomalies: int
    events: int


def coincidence(
    anomalies: ArrayLike,
    event_times: ArrayLike,
    *,
    window: float,
    lag: float = 0.0,
    record: tuple[Moment, Moment],
    gaps: tuple[ArrayLike, ArrayLike] | None = None,
    shifts: int = 2000,
    seed: int = 0,
) -> Coincidence:
    """Rates at which anomalies precede events, and events follow anomalies.

    An anomaly at b and an event at a coincide if ``lag <= a - b <= lag + window``. An event counts
    only if all of ``a - lag - window`` to ``a - lag`` was observed, and an anomaly only if its
    window ends within the record; so that gaps and ends take from the trials, not from the rate.

    Parameters
    ----------
    anomalies : array_like of datetime64, shape (n,)
        Times at which each anomaly was known, UTC. Those in gaps or outside the record are dropped.
    event_times : array_like of datetime64, shape (m,)
        UTC. The catalogue has to be complete over the record, gaps included.
    window, lag : float
        Days, above 0, and 0 or more.
    record, gaps, shifts, seed
        As for `precursor_lib.evaluate.alarms.score_intervals`. Events are shifted, which keeps the
        clusters of both.

    Raises
    ------
    InputError
        If a number is out of range, or `window` and `lag` do not fit into the record.
    """
    length, origin = record_days(record)
    if not (window > 0 and lag >= 0 and lag + window < length):
        raise InputError(
            f"window, lag: expected days above 0, and 0 or more, shorter together than the record "
            f"({length:g} days), got {window}, {lag}"
        )
    if shifts < 1:
        raise InputError(f"shifts {shifts}: expected 1 or more")
    observed = without(np.array([[0.0, length]]), merged(*span_days(gaps, origin, "gaps")))
    b = np.sort(day_numbers(anomalies, origin, "anomalies"))
    b = b[contained(b, observed)]
    a = np.sort(day_numbers(event_times, origin, "event_times"))
    a = a[(a >= 0) & (a < length)]
    moves = np.concatenate([[0.0], np.random.default_rng(seed).uniform(0, length, shifts)])
    seen = float(np.diff(observed).sum())

    # In parts, so that a long catalogue does not fill the memory.
    parts = np.array_split(moves, 1 + moves.size * max(a.size, b.size) // _PART)
    hits, trials = _joined([_before(a, b, m, window, lag, length, observed) for m in parts])
    precursor = _rate(hits, trials, 1 - (1 - min(window / seen, 1)) ** b.size)
    hits, trials = _joined([_after(a, b, m, window, lag, length) for m in parts])
    trigger = _rate(hits, trials, 1 - (1 - window / length) ** a.size)
    return Coincidence(precursor, trigger, b.size, a.size)


def _joined(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    hits, trials = (np.concatenate(column) for column in zip(*parts, strict=True))
    return hits, trials


def _before(
    a: np.ndarray,
    b: np.ndarray,
    moves: np.ndarray,
    window: float,
    lag: float,
    length: float,
    observed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Shifted events with an anomaly before them, and those whose window was observed."""
    late = (a + moves[:, None]) % length - lag
    early = late - window
    whole = within_one(early, late, observed)
    met = np.searchsorted(b, late, side="right") > np.searchsorted(b, early, side="left")
    return (met & whole).sum(axis=1), whole.sum(axis=1)


def _after(
    a: np.ndarray, b: np.ndarray, moves: np.ndarray, window: float, lag: float, length: float
) -> tuple[np.ndarray, np.ndarray]:
    """Anomalies with a shifted event after them, and those whose window ends in the record."""
    kept = b[b + lag + window < length]
    # Moving the window back on the circle is moving the events on; two turns hold every window.
    early = (kept + lag - moves[:, None]) % length
    turns = np.concatenate([a, a + length])
    met = np.searchsorted(turns, early + window, side="right") > np.searchsorted(
        turns, early, side="left"
    )
    return met.sum(axis=1), np.full(moves.size, kept.size)


def _rate(hits: np.ndarray, trials: np.ndarray, expected: float) -> CoincidenceRate:
    k, n = int(hits[0]), int(trials[0])
    with np.errstate(invalid="ignore", divide="ignore"):
        shifted = hits / trials
    return CoincidenceRate(
        trials=n,
        hits=k,
        rate=k / n if n else np.nan,
        interval=wilson_interval(k, n),
        expected=float(expected),
        p_poisson=float(stats.binom.sf(k - 1, n, expected)),
        p_shift=shift_chance(shifted) if n else np.nan,
    )
