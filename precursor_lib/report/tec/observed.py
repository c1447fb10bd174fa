"""The page on observed TEC: windows about earthquakes among all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.detect.tec_rules import median_bounds
from precursor_lib.pipelines.tec import Detection
from precursor_lib.pipelines.tec_record import TecRecord
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn
from precursor_lib.report.tec.claims import Values
from precursor_lib.report.tec.runs import rule_summary

BEFORE, AFTER = 8, 3
"""Days of the paper's window before and after the day of the earthquake."""


def median_forecast(record: TecRecord) -> np.ndarray:
    """Median of the 15 days before at the same hour, as a forecast of the test part, TECU."""
    bounds = median_bounds(record.observed, record.times.values)
    middle = (bounds.lower + bounds.upper) / 2
    middle[:, : record.bounds[2][0]] = np.nan
    return middle


def station_metrics(table: pd.DataFrame) -> pd.DataFrame:
    """RMSE of each place, and R² at 40° N, a row a model.

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.tec.skill_table`.
    """
    rmse = table["rmse"].reset_index().pivot_table("rmse", "model", "station", sort=False)
    rmse["R², 40N"] = table.xs("40N", level="station")["r2"]
    return rmse.rename_axis(columns=None)


def window_of(event: str) -> tuple[str, str]:
    """First and last day (UTC) of an earthquake's window."""
    day = pd.Timestamp(event).normalize()
    first, last = day - pd.Timedelta(days=BEFORE), day + pd.Timedelta(days=AFTER)
    return f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def event_table(windows: Mapping[str, pd.DataFrame], events: Sequence[str]) -> pd.DataFrame:
    """Flags in the windows of earthquakes, and how common so many are.

    Parameters
    ----------
    windows : mapping of str to pandas.DataFrame
        From `precursor_lib.evaluate.tec.window_flags` with 12 days, by rule.
    events : sequence of str
        Times, UTC.
    """
    rows = []
    for rule, table in windows.items():
        # A window that shares a day with one of an earthquake's is none of the others.
        starts = [pd.Timestamp(window_of(e)[0]) for e in events]
        length = pd.Timedelta(days=BEFORE + AFTER + 1)
        touched = np.zeros(len(table), dtype=bool)
        for start in starts:
            touched |= np.asarray(abs(table.index - start) < length)
        others = table.loc[~touched, "quiet_flagged"]
        for event, start in zip(events, starts, strict=True):
            own = table.loc[start]
            rows.append(
                {
                    "rule": rule,
                    "earthquake": f"{pd.Timestamp(event):%Y-%m-%d}",
                    "quiet share": float(own["quiet"]),
                    "quiet flags": int(own["quiet_flagged"]),
                    "median of others": float(others.median()),
                    "others": len(others),
                    "share with as many": float((others >= own["quiet_flagged"]).mean()),
                }
            )
    return pd.DataFrame(rows)


def rule_table(rules: Mapping[str, Detection], windows: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What each rule flags: shares, days a year, windows without any."""
    rows = {name: rule_summary(found, windows[name]) for name, found in rules.items()}
    return pd.DataFrame(rows).T.rename_axis("rule")


@drawn
def windows_in_time(windows: Mapping[str, pd.DataFrame], events: Sequence[str]) -> Figure:
    """Flagged quiet samples of each window by its first day, a panel a rule.

    Parameters
    ----------
    windows, events
        As for `event_table`.
    """
    figure, axes = plt.subplots(
        len(windows), 1, figsize=(PAGE_WIDTH, 1.8 * len(windows) + 0.6), sharex=True
    )
    for axis, (rule, table) in zip(axes, windows.items(), strict=True):
        axis.plot(table.index, table["quiet_flagged"], color=COLOURS["blue"], linewidth=0.9)
        for number, event in enumerate(events):
            start = pd.Timestamp(window_of(event)[0])
            axis.plot(
                start,
                table.loc[start, "quiet_flagged"],
                "*",
                color=COLOURS["vermilion"],
                markersize=12,
                label=None if number else "earthquake, day -8 to 3",
            )
        axis.set_title(rule)
        axis.set_ylabel("quiet flags")
    axes[-1].set_xlabel("first day of the window")
    axes[0].legend(loc="upper right")
    return figure


def claim_values(table: pd.DataFrame) -> Values:
    """What the open record can say on statements of the paper.

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.tec.skill_table`, with the median of 15 days among its models.
    """
    rmse = table["rmse"]
    south, middle = (float(rmse["ED-LSTME", place]) for place in ("10N", "40N"))
    return {
        "tec-sec3-latitude": south > middle,
        "tec-sec1-smaller-windows": middle < float(rmse["median of 15 days", "40N"]),
    }
