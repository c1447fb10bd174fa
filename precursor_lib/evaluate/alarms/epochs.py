"""Superposed epochs over all events of a record, and how striking one chosen event can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms.cells import checked
from precursor_lib.evaluate.alarms.shifts import TIE, shift_chance, shifted_means

Null = Literal["shift", "blocks"]


@dataclass(frozen=True)
class Epochs:
    """Mean of a score by day from the events, with what chance gives.

    Attributes
    ----------
    offset : numpy.ndarray of int, shape (offsets,)
        Days from the event; negative before it.
    mean : numpy.ndarray, shape (offsets,)
        Mean over the events that have a score there.
    count : numpy.ndarray of int, shape (offsets,)
        Those events.
    low, high : numpy.ndarray, shape (offsets,)
        Central part of the null at each offset, for an offset named beforehand.
    whole_low, whole_high : numpy.ndarray, shape (offsets,)
        Band that holds the whole curve with the chance asked for: the null's mean less and plus a
        multiple of its standard deviation at each offset.
    p : float
        Chance that a curve of the null leaves its mean, in standard deviations, by as much.
    """

    offset: np.ndarray
    mean: np.ndarray
    count: np.ndarray
    low: np.ndarray
    high: np.ndarray
    whole_low: np.ndarray
    whole_high: np.ndarray
    p: float


def superposed_epochs(
    score: ArrayLike,
    events: ArrayLike,
    offsets: ArrayLike,
    *,
    null: Null = "shift",
    block: int = 27,
    draws: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Epochs:
    """Superpose a daily score around all events of the record.

    Parameters
    ----------
    score : array_like, shape (days,)
        Consecutive days; NaN where not observed. Not shifted: the score of the day itself.
    events : array_like of int, shape (days,)
        Events of each day. A day with k events counts k times.
    offsets : array_like of int, shape (offsets,)
        Days from the event.
    null : {"shift", "blocks"}
        All circular shifts of the events, or the record cut into blocks that are put in a random
        order.
    block, draws, seed : int
        Of the blocks: their length in days, the number of orders, and the seed.
    confidence : float
        Of both bands.

    Raises
    ------
    InputError
        As `precursor_lib.evaluate.alarms.cells.checked`, if a parameter is out of range, or if no
        event has a score at one of the offsets.
    """
    s, e, _ = checked(score, events)
    at = np.atleast_1d(np.asarray(offsets))
    if at.dtype.kind not in "iu" or at.ndim != 1 or not at.size or np.abs(at).max() >= s.size:
        raise InputError("offsets: expected whole days, fewer than those of the record")
    if not 0 < confidence < 1:
        raise InputError(f"confidence: expected a number between 0 and 1, got {confidence}")
    if null == "shift":
        curves = shifted_means(_moved(s, at), e).T
    else:
        curves = _block_curves(s, e, at, block, draws, seed)
    there = np.isfinite(_moved(s, at))
    return _bands(at, curves, there @ e, confidence)


def _moved(score: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Score as many days on, NaN beyond the record, shape (offsets, days)."""
    places = np.arange(score.size) + offsets[:, None]
    inside = (places >= 0) & (places < score.size)
    return np.where(inside, score[np.clip(places, 0, score.size - 1)], np.nan)


def _block_curves(
    score: np.ndarray, events: np.ndarray, offsets: np.ndarray, block: int, draws: int, seed: int
) -> np.ndarray:
    """The record's own curve and those of shuffled blocks, shape (1 + draws, offsets)."""
    if not (1 <= block <= score.size // 2 and draws >= 1):
        raise InputError(
            f"block, draws: expected 1 to {score.size // 2} days, and 1 or more, "
            f"got {block}, {draws}"
        )
    rng = np.random.default_rng(seed)
    blocks = np.array_split(np.arange(score.size), np.arange(block, score.size, block))
    held = np.flatnonzero(events)
    # Rows of the gather: the days at each offset from each day with events.
    places = held + offsets[:, None]
    inside = (places >= 0) & (places < score.size)
    places = np.clip(places, 0, score.size - 1)
    curves = np.empty((draws + 1, offsets.size))
    for k in range(draws + 1):
        order = np.arange(score.size)
        if k:
            order = np.concatenate([blocks[i] for i in rng.permutation(len(blocks))])
        values = score[order][places]
        weight = np.where(inside & np.isfinite(values), events[held], 0)
        total = weight.sum(axis=1)
        sums = (np.where(weight > 0, values, 0.0) * weight).sum(axis=1)
        curves[k] = np.where(total > 0, sums / np.maximum(total, 1), np.nan)
    return curves


def _bands(offsets: np.ndarray, curves: np.ndarray, count: np.ndarray, confidence: float) -> Epochs:
    """Bands from curves by null sample, of which the first is the record's own."""
    tail = (1 - confidence) / 2
    if not count.all():
        raise InputError(f"offsets: no score at {int(offsets[count == 0][0])} days from any event")
    # With gaps a shift may leave nothing.
    curves = curves[np.isfinite(curves).any(axis=1)]
    low, high = np.nanquantile(curves, [tail, 1 - tail], axis=0)
    centre, spread = np.nanmean(curves, axis=0), np.nanstd(curves, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        varies = spread > TIE * np.abs(centre).max()
        away = np.where(varies, np.abs(curves - centre) / spread, 0.0)
    largest = np.nanmax(away, axis=1)
    reach = float(np.quantile(largest, confidence)) * spread
    return Epochs(
        offset=offsets,
        mean=curves[0],
        count=count,
        low=low,
        high=high,
        whole_low=centre - reach,
        whole_high=centre + reach,
        p=float(np.mean(largest >= largest[0] - TIE * max(1.0, largest[0]))),
    )


def event_chances(score: ArrayLike, event_days: ArrayLike) -> np.ndarray:
    """For each event alone: share of the observed days with a score at least as high.

    It is what a reader would quote who had chosen this one event. Of n events without any relation
    to the score the smallest is about 1 / (n + 1).

    Parameters
    ----------
    score : array_like, shape (days,)
        From the days before each day (see `alarm_score`); NaN where not observed.
    event_days : array_like of int, shape (events,)
        Places of the events in it.

    Returns
    -------
    numpy.ndarray, shape (events,)
        NaN for an event on a day without a score.

    Raises
    ------
    InputError
        If an event lies outside or nothing was observed.
    """
    s, days = np.asarray(score, dtype=float), np.asarray(event_days)
    seen = np.isfinite(s)
    if s.ndim != 1 or not seen.any():
        raise InputError("score: expected at least one observed day")
    if days.dtype.kind not in "iu" or ((days < 0) | (days >= s.size)).any():
        raise InputError(f"event_days: expected whole numbers from 0 to {s.size - 1}")
    ordered = np.sort(s[seen])
    own = s[days]
    share = (ordered.size - np.searchsorted(ordered, own, side="left")) / ordered.size
    return np.where(np.isfinite(own), share, np.nan)


def best_event_chance(score: ArrayLike, event_days: ArrayLike) -> float:
    """Share of circular shifts of the events whose best event is as good as the true best.

    What `best_of_chance` says of independent events, with the clusters of events and the memory of
    the score kept.

    Parameters
    ----------
    score, event_days
        As for `event_chances`, at least one event on an observed day.

    Raises
    ------
    InputError
        As `event_chances` and `shift_chance`.
    """
    chances = event_chances(score, event_days)
    s, days = np.asarray(score, dtype=float), np.unique(np.asarray(event_days))
    if not np.isfinite(chances).any():
        raise InputError("event_days: expected at least one on an observed day")
    best = np.full(s.size, -np.inf)
    held = np.where(np.isfinite(s), s, -np.inf)
    for day in days:
        best = np.maximum(best, np.roll(held, -day))
    return shift_chance(np.where(np.isfinite(best), best, np.nan))


def best_of_chance(chance: float, events: int) -> float:
    """Chance that the best of independent events has this chance or a smaller one.

    ``1 - (1 - chance) ** events``.
    """
    if not 0 <= chance <= 1 or events < 1:
        raise InputError(f"chance, events: expected 0 to 1, and 1 or more, got {chance}, {events}")
    return float(-np.expm1(events * np.log1p(-chance))) if chance < 1 else 1.0
