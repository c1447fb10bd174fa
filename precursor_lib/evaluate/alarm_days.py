"""Anomalous days held against a source whose times are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import poisson_interval, wilson_interval

DAYS_A_YEAR = 365.25


def day_recovery(
    days_frame: pd.DataFrame,
    truth: pd.DataFrame,
    event_time: Any = None,
    *,
    kind: str = "source",
    station: str | None = None,
    zone_hours: float = 8.0,
    inflection: float | None = None,
    expected: float | None = None,
    confidence: float = 0.95,
) -> dict[str, Any]:
    """How many source days were found, how many calm days were not calm, and how far off the time.

    Parameters
    ----------
    days_frame : pandas.DataFrame
        From `precursor_lib.detect.anomalous_days`: index of local dates, column ``anomalous``.
    truth : pandas.DataFrame
        Columns ``kind``, ``station``, ``time`` and ``end`` (UTC), as
        `precursor_lib.simulate.truth.truth_table` gives it.
    event_time : datetime-like, optional
        UTC; needed with `inflection`.
    kind : str
        Of the true events that are to be found.
    station : str, optional
        Only true events of this station, or of none, count; all by default.
    zone_hours : float
        Of the days, as for `anomalous_days`.
    inflection : float, optional
        Fitted day of inflection, from `event_time`.
    expected : float, optional
        Day that it should have. By default the median time of the true events, which is the
        inflection of their own cumulative count wherever that is symmetric about it.
    confidence : float
        Of the intervals.

    Returns
    -------
    dict
        ``source_days`` (analysed days on which a true event was under way), ``found``,
        ``detection_rate`` and ``detection_interval`` (Wilson); ``source_days_left_out``;
        ``calm_days``, ``false_days``, ``false_days_a_year`` and its interval (Poisson; days in
        clusters make it too narrow); ``timing_error`` (days, fitted less expected) and
        ``expected_inflection``, NaN where not asked for. A rate without days is NaN.

    Raises
    ------
    InputError
        If a column is missing, `truth` has an event that ends before it begins, or `inflection`
        comes without `event_time`.
    """
    _columns(days_frame, ("anomalous",), "days_frame")
    _columns(truth, ("kind", "station", "time", "end"), "truth")
    if inflection is not None and event_time is None:
        raise InputError("event_time: expected a time where an inflection is given")
    events = truth[truth["kind"] == kind]
    if station is not None:
        events = events[(events["station"] == station) | events["station"].isna()]
    busy = _busy_days(events, zone_hours)
    held = pd.DatetimeIndex(days_frame.index)
    flagged = days_frame["anomalous"].to_numpy(dtype=bool)
    source = held.isin(busy)
    found, on = int(np.sum(flagged & source)), int(np.sum(source))
    false, calm = int(np.sum(flagged & ~source)), int(np.sum(~source))
    low, high = poisson_interval(false, confidence)
    year = calm / DAYS_A_YEAR
    inside = busy[(busy >= held.min()) & (busy <= held.max())] if len(held) else busy[:0]
    error, centre = np.nan, np.nan
    if inflection is not None:
        centre = _centre(events, event_time) if expected is None else float(expected)
        error = float(inflection) - centre
    return {
        "source_days": on,
        "found": found,
        "detection_rate": found / on if on else np.nan,
        "detection_interval": wilson_interval(found, on, confidence),
        "source_days_left_out": int((~inside.isin(held)).sum()),
        "calm_days": calm,
        "false_days": false,
        "false_days_a_year": false / year if year else np.nan,
        "false_days_interval": (low / year, high / year) if year else (np.nan, np.nan),
        "timing_error": error,
        "expected_inflection": centre,
    }


def _busy_days(events: pd.DataFrame, zone_hours: float) -> pd.DatetimeIndex:
    """Local dates on which an event is under way, each once."""
    shift = pd.Timedelta(hours=zone_hours)
    start = pd.to_datetime(events["time"])
    # An event without an end lasts a moment.
    end = pd.to_datetime(events["end"]).fillna(start)
    if (end < start).any():
        raise InputError(f"truth: the event at {start[end < start].iloc[0]} ends before it begins")
    days: set[pd.Timestamp] = set()
    for first, last in zip((start + shift).dt.floor("D"), (end + shift).dt.floor("D"), strict=True):
        days.update(pd.date_range(first, last, freq="D"))
    return pd.DatetimeIndex(sorted(days))


def _centre(events: pd.DataFrame, event_time: Any) -> float:
    if events.empty:
        return np.nan
    times = pd.to_datetime(events["time"])
    return float(((times - pd.Timestamp(event_time)) / pd.Timedelta(days=1)).median())


def _columns(frame: pd.DataFrame, names: tuple[str, ...], what: str) -> None:
    missing = [name for name in names if name not in frame]
    if missing:
        raise InputError(f"{what}: column '{missing[0]}' is missing, got {list(frame.columns)}")
