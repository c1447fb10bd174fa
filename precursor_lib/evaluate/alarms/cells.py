"""A daily score and a catalogue of target events on one grid of days, gaps kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError


@dataclass(frozen=True)
class DayCells:
    """Days of a record with what was measured and what happened.

    Attributes
    ----------
    days : pandas.DatetimeIndex, shape (days,)
        Consecutive dates (UTC).
    score : numpy.ndarray, shape (days,)
        NaN on days that were not observed.
    events : numpy.ndarray of int, shape (days,)
        Target events of each day, those of days without a score too.
    outside : int
        Events of the catalogue before the first or after the last day.
    """

    days: pd.DatetimeIndex
    score: np.ndarray
    events: np.ndarray
    outside: int

    @property
    def observed(self) -> np.ndarray:
        """Days with a score."""
        return np.isfinite(self.score)

    @property
    def unseen(self) -> int:
        """Events on days without a score. No statistic counts them."""
        return int(self.events[~self.observed].sum())


def day_cells(score: pd.Series, catalogue: pd.DataFrame) -> DayCells:
    """Put a daily score and a catalogue on consecutive days.

    Parameters
    ----------
    score : pandas.Series
        Index of ascending dates (UTC, midnight); dates that are left out count as not observed.
    catalogue : pandas.DataFrame
        Column ``time`` (UTC).

    Raises
    ------
    InputError
        If the index holds no dates, repeats one or is not in order, there is no score, a score is
        infinite, or `catalogue` has no ``time``.
    """
    index = score.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or not len(index):
        raise InputError("score: expected a series over dates (UTC, without a zone)")
    if not index.equals(index.normalize()) or not (
        index.is_monotonic_increasing and index.is_unique
    ):
        raise InputError("score: expected ascending dates at midnight, each once")
    if "time" not in catalogue:
        raise InputError(f"catalogue: column 'time' is missing, got {list(catalogue.columns)}")
    days = pd.date_range(index[0], index[-1], freq="D")
    values = score.reindex(days).to_numpy(dtype=float)
    if np.isinf(values).any():
        raise InputError("score: expected finite numbers, or NaN on days not observed")
    time = pd.DatetimeIndex(catalogue["time"])
    if time.hasnans or time.tz is not None:
        raise InputError("catalogue: expected times in UTC without a zone in 'time'")
    place = np.floor((time - days[0]) / pd.Timedelta(days=1)).to_numpy().astype(int)
    inside = (place >= 0) & (place < len(days))
    events = np.bincount(place[inside], minlength=len(days))
    return DayCells(days, values, events, int((~inside).sum()))


def alarm_score(score: ArrayLike, first: int, last: int, *, least_days: int = 1) -> np.ndarray:
    """Score of a day from the days before it: their largest.

    An alarm declared by a threshold on this score is on for a day if the score of any of the days
    from `last` to `first` days before it exceeds the threshold. So an alarm never knows its own
    day, as long as `first` is 1 or more.

    Parameters
    ----------
    score : array_like, shape (days,)
        Consecutive days, NaN where not observed.
    first, last : int
        Shortest and longest lead in days, ``0 <= first <= last``.
    least_days : int
        Observed days that the span must have; with fewer the day has no score.

    Returns
    -------
    numpy.ndarray, shape (days,)
        NaN where there is none, as on the first `last` days of the record.

    Raises
    ------
    InputError
        If a lead or `least_days` is out of range.
    """
    values = np.asarray(score, dtype=float)
    if values.ndim != 1 or not 0 <= first <= last:
        raise InputError(f"first, last: expected days with 0 <= first <= last, got {first}, {last}")
    width = last - first + 1
    if not 1 <= least_days <= width:
        raise InputError(f"least_days {least_days}: expected 1 to {width}")
    result = np.full(values.size, np.nan)
    if values.size <= last:
        return result
    seen = np.isfinite(values)
    spans = sliding_window_view(np.where(seen, values, -np.inf), width)
    enough = sliding_window_view(seen, width).sum(axis=1) >= least_days
    # The span that begins on day i serves day i + last.
    held = np.where(enough, spans.max(axis=1), np.nan)[: values.size - last]
    result[last:] = held
    return result


def checked(score: ArrayLike, events: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, events and which days are observed, as arrays that fit.

    Raises
    ------
    InputError
        If shapes differ, a score is infinite, a count is negative or no whole number, fewer than
        two days are observed, or no event falls on an observed day.
    """
    s, e = np.asarray(score, dtype=float), np.asarray(events)
    if s.ndim != 1 or s.shape != e.shape:
        raise InputError(f"score, events: expected one of each a day, got {s.shape}, {e.shape}")
    if e.dtype.kind not in "iub" or np.any(e < 0):
        raise InputError("events: expected whole numbers >= 0")
    if np.isinf(s).any():
        raise InputError("score: expected finite numbers, or NaN on days not observed")
    seen = np.isfinite(s)
    if seen.sum() < 2:
        raise InputError(f"score: expected at least two observed days, got {int(seen.sum())}")
    if not e[seen].sum():
        raise InputError("events: expected at least one on an observed day")
    return s, e.astype(int), seen
