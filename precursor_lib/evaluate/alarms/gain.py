"""A fixed alarm, by days or by intervals, against a catalogue: hits, gain and chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms.cells import checked
from precursor_lib.evaluate.alarms.intervals import (
    Moment,
    contained,
    day_numbers,
    merged,
    record_days,
    span_days,
    without,
)
from precursor_lib.evaluate.alarms.shifts import shift_chance, shifted_means


@dataclass(frozen=True)
class AlarmScore:
    """What an alarm caught.

    Attributes
    ----------
    observed_days, alarm_days : float
        Observed time, and the part of it in alarm.
    events, hits : int
        Events in observed time, and those in alarm.
    unseen : int
        Events in gaps, which count nowhere.
    fraction, hit_rate : float
        Share of time in alarm, and share of events in it.
    gain : float
        ``hit_rate / fraction``: how much more frequent events are in alarm than on average; NaN
        without alarm.
    gain_interval : tuple of float
        95 %, from Clopper and Pearson's limits of the hit rate. For independent events.
    p_binomial : float
        Chance of as many hits or more, were events independent and spread evenly.
    p_shift : float
        Share of circular shifts of the events, the true place among them, with a hit rate at least
        as large.
    """

    observed_days: float
    alarm_days: float
    events: int
    hits: int
    unseen: int
    fraction: float
    hit_rate: float
    gain: float
    gain_interval: tuple[float, float]
    p_binomial: float
    p_shift: float


def score_days(
    alarm: ArrayLike, events: ArrayLike, *, observed: ArrayLike | None = None
) -> AlarmScore:
    """Hold an alarm of whole days against events.

    Parameters
    ----------
    alarm : array_like of bool, shape (days,)
        Days in alarm, consecutive.
    events : array_like of int, shape (days,)
        Target events of each day.
    observed : array_like of bool, shape (days,), optional
        Days on which the alarm could have been on; all by default.

    Raises
    ------
    InputError
        If shapes differ, or an alarm stands on a day not observed, and as
        `precursor_lib.evaluate.alarms.cells.checked`.
    """
    on = np.asarray(alarm, dtype=bool)
    seen = np.ones(on.shape, dtype=bool) if observed is None else np.asarray(observed, dtype=bool)
    if on.shape != seen.shape:
        raise InputError(f"alarm, observed: expected one shape, got {on.shape}, {seen.shape}")
    if (on & ~seen).any():
        raise InputError(f"alarm: day {int(np.flatnonzero(on & ~seen)[0])} was not observed")
    values, e, _ = checked(np.where(seen, on.astype(float), np.nan), events)
    return _summary(
        float(seen.sum()),
        float(on.sum()),
        int(e[seen].sum()),
        int(e[on].sum()),
        int(e[~seen].sum()),
        shift_chance(shifted_means(values, e)),
    )


def score_intervals(
    starts: ArrayLike,
    ends: ArrayLike,
    event_times: ArrayLike,
    *,
    record: tuple[Moment, Moment],
    gaps: tuple[ArrayLike, ArrayLike] | None = None,
    shifts: int = 2000,
    seed: int = 0,
) -> AlarmScore:
    """Hold alarms given by their starts and ends against events.

    Parameters
    ----------
    starts, ends : array_like of datetime64, shape (alarms,)
        UTC; ends are left out. Alarms may overlap and reach beyond the record.
    event_times : array_like of datetime64, shape (events,)
        UTC. Those outside the record are dropped.
    record : pair of str, datetime64 or pandas.Timestamp
        Start and end of the record, UTC; the end is left out.
    gaps : pair of array_like of datetime64, optional
        Starts and ends of what was not observed. Neither alarm time nor events there count.
    shifts : int
        Circular shifts drawn, evenly from the record's length.
    seed : int
        Of the draw.

    Raises
    ------
    InputError
        If an interval ends before it begins, the record is empty, or no event is in observed time.
    """
    if shifts < 1:
        raise InputError(f"shifts {shifts}: expected 1 or more")
    length, origin = record_days(record)
    times = day_numbers(event_times, origin, "event_times")
    times = np.sort(times[(times >= 0) & (times < length)])
    whole = np.array([[0.0, length]])
    left_out = merged(*span_days(gaps, origin, "gaps"))
    observed = without(whole, left_out)
    alarm = without(
        without(merged(*span_days((starts, ends), origin, "starts, ends")), left_out),
        np.array([[-np.inf, 0.0], [length, np.inf]]),
    )
    rng = np.random.default_rng(seed)
    moved = (times + np.concatenate([[0.0], rng.uniform(0, length, shifts)])[:, None]) % length
    there = contained(moved, observed)
    caught = (contained(moved, alarm) & there).sum(axis=1)
    number = there.sum(axis=1)
    if not number[0]:
        raise InputError("event_times: expected at least one in the observed time")
    with np.errstate(invalid="ignore"):
        chance = shift_chance(np.where(number > 0, caught / number, np.nan))
    return _summary(
        float(np.diff(observed).sum()),
        float(np.diff(alarm).sum()),
        int(number[0]),
        int(caught[0]),
        int(times.size - number[0]),
        chance,
    )


def _summary(
    observed: float, alarm: float, events: int, hits: int, unseen: int, p_shift: float
) -> AlarmScore:
    share = alarm / observed
    test = stats.binomtest(hits, events, share, alternative="greater")
    limits = stats.binomtest(hits, events, share).proportion_ci(0.95, method="exact")
    rate = hits / events
    return AlarmScore(
        observed_days=observed,
        alarm_days=alarm,
        events=events,
        hits=hits,
        unseen=unseen,
        fraction=share,
        hit_rate=rate,
        gain=rate / share if share else np.nan,
        gain_interval=(limits.low / share, limits.high / share) if share else (np.nan, np.nan),
        p_binomial=float(test.pvalue),
        p_shift=p_shift,
    )
