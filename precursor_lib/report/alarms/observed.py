"""A daily index against a catalogue: which events, and the tables of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.classify.events import mainshocks
from precursor_lib.context.seismicity import select_events
from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms import (
    DayCells,
    alarm_score,
    area_skill,
    best_event_chance,
    best_of_chance,
    coincidence,
    event_chances,
    family_chance,
    score_intervals,
    shift_chance,
)
from precursor_lib.evaluate.classification import roc_area

DAY = pd.Timedelta(days=1)


def daily_largest(indices: xr.Dataset, start: str, end: str) -> pd.Series:
    """Largest Kp of each UTC day from `start` to before `end`; NaN where a value is missing."""
    kp = indices["Kp"].to_series()
    kp = kp[(kp.index >= pd.Timestamp(start)) & (kp.index < pd.Timestamp(end))]
    days = kp.resample("D")
    return days.max().where(days.count() == 8)


def target_events(
    catalogue: pd.DataFrame, start: str, end: str, magnitudes: Sequence[float], most: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Events from the lowest magnitude that leaves few enough mainshocks, before any score is seen.

    Parameters
    ----------
    catalogue : pandas.DataFrame
    start, end : str
        Span ``start <= time < end``, UTC.
    magnitudes : sequence of float
        Tried from the highest down.
    most : int
        Mainshocks at most.

    Returns
    -------
    all_events, main, counts : pandas.DataFrame
        Events from that magnitude on, those of them that are mainshocks, and
        the numbers at each magnitude tried; the last has too many, or is the lowest.

    Raises
    ------
    InputError
        If even the highest leaves more, or the one taken leaves none.
    """
    rows, chosen = [], None
    # A smaller event takes none, so that what is cut off here changes no mainshock.
    for magnitude in sorted(magnitudes, reverse=True):
        strong = select_events(catalogue, start=start, end=end, min_magnitude=magnitude)
        main = strong[mainshocks(strong)].reset_index(drop=True)
        rows.append({"from magnitude": magnitude, "events": len(strong), "mainshocks": len(main)})
        if len(main) > most:
            break
        chosen = strong, main
    if chosen is None or chosen[1].empty:
        raise InputError(f"magnitudes: expected one with 1 to {most} mainshocks, got {rows}")
    return *chosen, pd.DataFrame(rows)


def lead_table(
    cells: DayCells, leads: Sequence[int], reach: int
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Area skill of high and of low activity in the days before, by lead.

    Returns
    -------
    table : pandas.DataFrame
        Columns ``alarm on``, ``days before``, ``area``, ``ROC area``, ``independent``,
        ``all shifts`` and ``near shifts``.
    best : dict
        Number of tests, the smallest chance among them, and `family_chance`.
    """
    rows, shifted = [], []
    for name, sign in (("high activity", 1.0), ("low activity", -1.0)):
        for lead in leads:
            score = alarm_score(sign * cells.score, 1, lead)
            found = area_skill(score, cells.events)
            seen = np.isfinite(score)
            shifted.append(found.shifted)
            rows.append(
                {
                    "alarm on": name,
                    "days before": f"1 to {lead}",
                    "area": found.area,
                    "ROC area": roc_area((cells.events[seen] > 0).astype(int), score[seen]).area,
                    "independent": found.p_independent,
                    "all shifts": found.p_shift,
                    "near shifts": shift_chance(found.shifted, reach),
                }
            )
    table = pd.DataFrame(rows)
    return table, {
        "tests": len(rows),
        "smallest": float(table["all shifts"].min()),
        "of all": family_chance(np.stack(shifted)),
    }


def storm_ends(daily: pd.Series, threshold: float) -> np.ndarray:
    """Ends of the days on which Kp reached a threshold: when an alarm can begin."""
    # Kp comes in thirds.
    return (daily.index[daily >= threshold - 1e-6] + DAY).to_numpy()


def alarm_table(
    daily: pd.Series,
    events: pd.DataFrame,
    main: pd.DataFrame,
    thresholds: Sequence[float],
    window: int,
    seed: int,
) -> pd.DataFrame:
    """Alarms of some days after each storm day: time, hits, gain and chance."""
    record, gaps = _record(daily)
    rows: list[dict[str, Any]] = []
    for threshold in thresholds:
        starts = storm_ends(daily, threshold)
        for name, targets in (("all", events), ("mainshocks", main)):
            if not starts.size:
                continue
            found = score_intervals(
                starts,
                starts + window * np.timedelta64(1, "D"),
                targets["time"].to_numpy(),
                record=record,
                gaps=gaps,
                seed=seed,
            )
            low, high = found.gain_interval
            rows.append(
                {
                    "Kp from": threshold,
                    "events": name,
                    "time in alarm": f"{100 * found.fraction:.1f} %",
                    "hits": f"{found.hits} of {found.events}",
                    "gain": f"{found.gain:.2f} ({low:.2f} to {high:.2f})",
                    "binomial": found.p_binomial,
                    "shifts": found.p_shift,
                }
            )
    return pd.DataFrame(rows)


def coincidence_table(
    daily: pd.Series,
    events: pd.DataFrame,
    main: pd.DataFrame,
    threshold: float,
    windows: Sequence[int],
    seed: int,
) -> pd.DataFrame:
    """Both coincidence rates of storm days with events, beside Poisson's and the shifts'."""
    record, gaps = _record(daily)
    rows = []
    for window in windows:
        for name, targets in (("all", events), ("mainshocks", main)):
            found = coincidence(
                storm_ends(daily, threshold),
                targets["time"].to_numpy(),
                window=float(window),
                record=record,
                gaps=gaps,
                seed=seed,
            )
            for kind, rate in (
                ("events with a storm before", found.precursor),
                ("storms with an event after", found.trigger),
            ):
                rows.append(
                    {
                        "window (days)": window,
                        "events": name,
                        "share of": kind,
                        "met": f"{rate.hits} of {rate.trials}",
                        "percent": 100 * rate.rate,
                        "Poisson's percent": 100 * rate.expected,
                        "Poisson": rate.p_poisson,
                        "shifts": rate.p_shift,
                    }
                )
    return pd.DataFrame(rows)


def chosen_events(cells: DayCells, main: pd.DataFrame, lead: int) -> tuple[pd.DataFrame, int]:
    """The mainshocks before which the index was highest, and what chance says of the best.

    Returns
    -------
    table : pandas.DataFrame
        What is asked, and the chance.
    day : int
        Place of the best event's day in the record.
    """
    score = alarm_score(cells.score, 1, lead)
    days = ((main["time"] - cells.days[0]) // DAY).to_numpy().astype(int)
    alone = event_chances(score, days)
    place = int(np.nanargmin(alone))
    events, best = int(np.isfinite(alone).sum()), float(alone[place])
    table = pd.DataFrame(
        [
            ("this event, as if chosen beforehand", best),
            (f"the best of {events} independent events", best_of_chance(best, events)),
            (f"the best of these {events} events, shifted", best_event_chance(score, days)),
        ],
        columns=["question", "chance"],
    )
    return table, int(days[place])


def _record(
    daily: pd.Series,
) -> tuple[tuple[pd.Timestamp, pd.Timestamp], tuple[np.ndarray, np.ndarray]]:
    """Span of the record and its gaps."""
    missing = daily.index[daily.isna()]
    gaps = missing.to_numpy(), (missing + DAY).to_numpy()
    return (daily.index[0], daily.index[-1] + DAY), gaps
