"""Molchan's diagram of a daily score, its area, and what chance gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft, stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms.cells import checked
from precursor_lib.evaluate.alarms.shifts import shift_chance, shifted_means

# Longest table of the exact distribution of a sum of ranks.
_MOST_VALUES = 1 << 22


@dataclass(frozen=True)
class MolchanCurve:
    """Share of the events missed against share of the days in alarm, as the threshold falls.

    Attributes
    ----------
    fraction : numpy.ndarray, shape (points,)
        Observed days in alarm over observed days, from 0 to 1.
    missed : numpy.ndarray, shape (points,)
        Events on observed days without alarm over events on observed days, from 1 to 0.
    threshold : numpy.ndarray, shape (points,)
        A day is in alarm from this score on; infinite at the first point. Between two points the
        curve is straight: equal scores are taken in a random order.
    days, events : int
        Observed days, and events on them.
    """

    fraction: np.ndarray
    missed: np.ndarray
    threshold: np.ndarray
    days: int
    events: int

    @property
    def area(self) -> float:
        """Area above the curve: 1/2 for a guess, ``1 - t / 2`` for a perfect alarm of share t."""
        return float(np.trapezoid(1 - self.missed, self.fraction))

    def missed_at(self, fraction: ArrayLike) -> np.ndarray:
        """Missed share at any alarm share."""
        return np.interp(np.asarray(fraction, dtype=float), self.fraction, self.missed)


@dataclass(frozen=True)
class AreaSkill:
    """Area above Molchan's curve (Zechar and Jordan, 2008) and how often chance gives as much.

    Attributes
    ----------
    area : float
        0 to 1; 1/2 is expected of a score that knows nothing.
    days, events : int
        Observed days, and events on them.
    null : tuple of float
        Central 95 % of the area if events fell independently and evenly on the observed days.
    p_independent : float
        Chance of this area or more then; exact up to 4 million possible sums, else by the normal
        law with the exact variance.
    shifted : numpy.ndarray, shape (days of the record,)
        Area for each circular shift of the events; element 0 is `area`.
    p_shift : float
        `shift_chance` of it.
    """

    area: float
    days: int
    events: int
    null: tuple[float, float]
    p_independent: float
    shifted: np.ndarray
    p_shift: float


def molchan_curve(score: ArrayLike, events: ArrayLike) -> MolchanCurve:
    """Molchan's diagram of a daily score (Molchan, 1990).

    Parameters
    ----------
    score : array_like, shape (days,)
        Known before each day (see `alarm_score`); NaN where not observed.
    events : array_like of int, shape (days,)
        Target events of each day.

    Raises
    ------
    InputError
        As `precursor_lib.evaluate.alarms.cells.checked`.
    """
    s, e, seen = checked(score, events)
    s, e = s[seen], e[seen]
    order = np.argsort(-s, kind="stable")
    s, e = s[order], e[order]
    last = np.append(np.flatnonzero(np.diff(s)), s.size - 1)
    total = int(e.sum())
    return MolchanCurve(
        fraction=np.concatenate([[0.0], (last + 1) / s.size]),
        missed=np.concatenate([[1.0], 1 - np.cumsum(e)[last] / total]),
        threshold=np.concatenate([[np.inf], s[last]]),
        days=s.size,
        events=total,
    )


def standing(score: ArrayLike) -> np.ndarray:
    """Share of the observed days with a lower score, equal ones (itself too) counting half.

    Its mean over events is the area above Molchan's curve. NaN where there is no score.
    """
    s = np.asarray(score, dtype=float)
    seen = np.isfinite(s)
    place = np.full(s.shape, np.nan)
    place[seen] = (stats.rankdata(s[seen]) - 0.5) / max(int(seen.sum()), 1)
    return place


def area_skill(score: ArrayLike, events: ArrayLike, *, reach: int | None = None) -> AreaSkill:
    """Area above Molchan's curve with its exact and its shifted null.

    Parameters
    ----------
    score, events
        As for `molchan_curve`.
    reach : int, optional
        Largest shift that `p_shift` uses, in days; all by default.

    Raises
    ------
    InputError
        As `molchan_curve`, or if `reach` is out of range.
    """
    s, e, seen = checked(score, events)
    place = standing(s)
    number = int(e[seen].sum())
    shifted = shifted_means(place, e)
    area = float(np.sum(place[seen] * e[seen]) / number)
    # Without the rounding of the transform.
    shifted[0] = area
    low, high, chance = _independent(place[seen], number, area)
    return AreaSkill(
        area=area,
        days=int(seen.sum()),
        events=number,
        null=(low, high),
        p_independent=chance,
        shifted=shifted,
        p_shift=shift_chance(shifted, reach),
    )


def _independent(place: np.ndarray, number: int, area: float) -> tuple[float, float, float]:
    """Central 95 % of the mean of independent draws, and the chance of `area` or more."""
    days = place.size
    # Ranks are multiples of one half, so that these are whole numbers.
    steps = np.round(2 * days * place).astype(int)
    low, high = int(steps.min()), int(steps.max())
    length = number * (high - low) + 1
    if high == low:
        return area, area, 1.0
    if length > _MOST_VALUES:
        law = stats.norm(0.5, place.std() / np.sqrt(number))
        return float(law.ppf(0.025)), float(law.ppf(0.975)), float(law.sf(area))
    one = np.bincount(steps - low, minlength=high - low + 1) / days
    size = fft.next_fast_len(length, real=True)
    mass = np.clip(fft.irfft(fft.rfft(one, size) ** number, size)[:length], 0, None)
    mass /= mass.sum()
    own = round(area * 2 * days * number) - number * low
    below = np.cumsum(mass)
    ends = np.searchsorted(below, [0.025, 0.975])
    a, b = (ends + number * low) / (2 * days * number)
    return float(a), float(b), float(min(1.0, mass[own:].sum()))


def binomial_band(
    events: int, fraction: ArrayLike, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Missed share of a guess at each alarm share, point by point.

    Parameters
    ----------
    events : int
        Target events, independent and evenly spread under the null.
    fraction : array_like, shape (points,)
        Alarm shares fixed beforehand.
    confidence : float

    Returns
    -------
    low, high : numpy.ndarray, shape (points,)
        The missed share is below `low` with a chance of at most half of ``1 - confidence``, and
        above `high` likewise.
    """
    tau = _fractions(events, fraction, confidence)
    tail = (1 - confidence) / 2
    most = stats.binom.isf(tail, events, tau)
    least = stats.binom.ppf(tail, events, tau)
    return 1 - most / events, 1 - least / events


def whole_band(
    events: int, fraction: ArrayLike, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Band that holds the whole curve of a guess with the given chance.

    The shares of time at which independent events are first warned of are uniform, so that the
    curve is an empirical distribution and Kolmogorov's two-sided law (exact for the number of
    events) gives the band. For thresholds chosen after a look at the curve.
    """
    tau = _fractions(events, fraction, confidence)
    reach = float(stats.kstwo.ppf(confidence, events))
    return np.clip(1 - tau - reach, 0, 1), np.clip(1 - tau + reach, 0, 1)


def shift_band(
    score: ArrayLike, events: ArrayLike, fraction: ArrayLike, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Missed share at each alarm share over all circular shifts of the events, point by point.

    Parameters
    ----------
    score, events
        As for `molchan_curve`.
    fraction : array_like, shape (points,)
    confidence : float

    Returns
    -------
    low, high : numpy.ndarray, shape (points,)
    """
    s, e, seen = checked(score, events)
    tau = _fractions(int(e[seen].sum()), fraction, confidence)
    rank = standing(s)[seen]
    order = np.argsort(-rank, kind="stable")
    # Days that an alarm share covers in part count in part, and equal scores share alike.
    covered = np.clip(tau[:, None] * rank.size - np.arange(rank.size), 0, 1)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(rank[order]) != 0]))
    sizes = np.diff(np.append(starts, rank.size))
    shared = np.repeat(np.add.reduceat(covered, starts, axis=1) / sizes, sizes, axis=1)
    alarm = np.full((tau.size, s.size), np.nan)
    columns = np.flatnonzero(seen)[order]
    alarm[:, columns] = shared
    missed = 1 - shifted_means(alarm, e)
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(missed, [tail, 1 - tail], axis=1)
    return low, high


def _fractions(events: int, fraction: ArrayLike, confidence: float) -> np.ndarray:
    tau = np.atleast_1d(np.asarray(fraction, dtype=float))
    if events < 1 or tau.ndim != 1 or not ((tau >= 0) & (tau <= 1)).all():
        raise InputError("events, fraction: expected 1 event or more, and shares from 0 to 1")
    if not 0 < confidence < 1:
        raise InputError(f"confidence: expected a number between 0 and 1, got {confidence}")
    return tau
