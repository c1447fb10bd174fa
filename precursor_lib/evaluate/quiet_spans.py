"""Statements such as "no storm in these days", and how often they are true of any days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.errors import InputError


@dataclass(frozen=True)
class QuietSpan:
    """A span of days in which an index is said to stay on one side of a limit.

    Attributes
    ----------
    paper, words : str
        Who says it, and what.
    index : str
        Name of the index.
    first, last : str
        First and last day, UTC, both part of the span.
    limit : float
        The index must stay above it if `above`, else below it; the limit itself is outside.
    above : bool
    """

    paper: str
    words: str
    index: str
    first: str
    last: str
    limit: float
    above: bool

    @property
    def days(self) -> int:
        """Number of days."""
        return (pd.Timestamp(self.last) - pd.Timestamp(self.first)).days + 1


def daily_extreme(index: pd.Series, above: bool) -> pd.Series:
    """The least (`above`) or largest value of each day; NaN for a day without a value.

    Raises
    ------
    InputError
        If the index is empty or its times do not ascend.
    """
    values = index.dropna()
    if values.empty or not values.index.is_monotonic_increasing:
        raise InputError("index: expected values with ascending times")
    days = values.resample("D")
    return days.min() if above else days.max()


def span_extremes(index: pd.Series, days: int, above: bool) -> pd.Series:
    """The extreme of every span of so many days, by its first day; none where a day is empty.

    Raises
    ------
    InputError
        If `days` is not positive or no span is complete.
    """
    if days < 1:
        raise InputError(f"days: expected 1 or more, got {days}")
    rolled = daily_extreme(index, above).rolling(days)
    spans = (rolled.min() if above else rolled.max()).shift(1 - days).dropna()
    if spans.empty:
        raise InputError(f"index: no complete span of {days} days")
    return spans


def span_result(span: QuietSpan, index: pd.Series) -> dict[str, float | bool | int]:
    """Whether a statement is true, and the share of all equally long spans for which it is.

    Parameters
    ----------
    span : QuietSpan
    index : pandas.Series
        By time, UTC.

    Returns
    -------
    dict
        ``extreme`` of the span, ``holds``, ``share`` of all spans of that length in the record that
        would pass, ``spans`` of that length that do not overlap, and ``samples`` beyond the limit.

    Raises
    ------
    InputError
        If the record does not cover the span.
    """
    spans = span_extremes(index, span.days, span.above)
    first = pd.Timestamp(span.first)
    if first not in spans.index:
        raise InputError(f"index {span.index}: no complete days from {span.first} to {span.last}")
    inside = index[span.first : span.last].dropna()
    passed = spans > span.limit if span.above else spans < span.limit
    beyond = inside <= span.limit if span.above else inside >= span.limit
    return {
        "extreme": float(spans[first]),
        "holds": bool(passed[first]),
        "share": float(passed.mean()),
        "spans": int((len(spans) + span.days - 1) // span.days),
        "samples": int(beyond.sum()),
    }


def event_result(
    catalogue: pd.DataFrame,
    place: tuple[float, float],
    radius_km: float,
    days: tuple[str, str],
    least: float,
) -> dict[str, float | int]:
    """Earthquakes in a circle and a span of days, beside all equally long spans of the catalogue.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        ``time latitude longitude magnitude``.
    place : tuple of float
        Latitude and longitude of the centre, degrees.
    radius_km : float
    days : tuple of str
        First and last day, UTC, both part of the span.
    least : float
        Least magnitude.

    Returns
    -------
    dict
        ``events`` in the span, and ``share without``: of all spans of that length in the catalogue,
        those without an event.

    Raises
    ------
    InputError
        If the span reaches beyond the catalogue.
    """
    first, last = (pd.Timestamp(day) for day in days)
    start, end = catalogue["time"].min().normalize(), catalogue["time"].max().normalize()
    if first < start or last > end:
        raise InputError(f"catalogue: expected to cover {days[0]} to {days[1]}")
    strong = catalogue[catalogue["magnitude"] >= least]
    away = geodesic_distance_km(*place, strong["latitude"], strong["longitude"])
    when = strong["time"][away <= radius_km].dt.normalize()
    counts = when.value_counts().reindex(pd.date_range(start, end), fill_value=0).sort_index()
    length = (last - first).days + 1
    spans = counts.rolling(length).sum().dropna()
    return {
        "events": int(counts[first:last].sum()),
        "share without": float((spans == 0).mean()),
    }


def quantiles(index: pd.Series, spans: Sequence[QuietSpan], levels: Sequence[float]) -> np.ndarray:
    """Quantiles of the extremes of equally long spans, shape (spans, levels)."""
    return np.array([span_extremes(index, s.days, s.above).quantile(list(levels)) for s in spans])
