"""Tables of trials."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.report.tables import NOTHING, number


def joined_least(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the least number of stations that each kind and method was tried with.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``kind``, ``method`` and ``stations``.
    """
    least = frame.groupby(["kind", "method"])["stations"].transform("min")
    return frame[frame["stations"] == least]


def smallest_table(
    smallest: pd.DataFrame, curves: pd.DataFrame, false: pd.DataFrame
) -> pd.DataFrame:
    """Smallest source, timing error and false alarms, a row a kind, method and number of stations.

    Parameters
    ----------
    smallest, curves, false : pandas.DataFrame
        From `precursor_lib.evaluate.trials`: `smallest_found`, `power_curves` and `false_alarms`.
    """
    keys = ["kind", "method", "stations"]
    largest = curves.sort_values("amplitude").groupby(keys, sort=False).last().reset_index()
    table = smallest.merge(largest[[*keys, "error_h"]], on=keys).merge(
        false[[*keys, "a_year", "low", "high"]], on=keys, suffixes=("", "_false")
    )
    return pd.DataFrame(
        {
            "data": table["kind"],
            "method": table["method"],
            "stations": table["stations"],
            "found in half of the blocks": [amplitude(row) for row in table.to_dict("records")],
            "timing error": [duration(v) for v in table["error_h"]],
            "false alarms a year": [
                span(row["a_year"], row["low_false"], row["high_false"])
                for row in table.to_dict("records")
            ],
        }
    )


def rivals_table(compared: pd.DataFrame) -> pd.DataFrame:
    """Methods beside their rivals on the same sources.

    Parameters
    ----------
    compared : pandas.DataFrame
        From `precursor_lib.evaluate.trials.against_rivals`.
    """
    return pd.DataFrame(
        {
            "data": compared["kind"],
            "method": compared["method"],
            "rival": compared["rival"],
            "stations": compared["stations"],
            "sources": compared["sources"],
            "method alone": compared["method_only"],
            "rival alone": compared["rival_only"],
            "p": [number(p, 1) for p in compared["p"]],
            "verdict": compared["verdict"],
        }
    )


def league_table(table: pd.DataFrame) -> pd.DataFrame:
    """The league as text.

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.trials.league`.
    """
    rows = table.to_dict("records")
    return pd.DataFrame(
        {
            "data": table["kind"],
            "method": table["method"],
            "found (%)": [
                span(100 * r["rate"], 100 * r["rate_low"], 100 * r["rate_high"]) for r in rows
            ],
            "smallest found": [
                amplitude(r | {"low": r["smallest_low"], "high": r["smallest_high"]}) for r in rows
            ],
            "timing error": [duration(v) for v in table["error_h"]],
            "false alarms a year": [
                span(r["a_year"], r["a_year_low"], r["a_year_high"]) for r in rows
            ],
            "learning": [seconds(v) for v in table["learn_s"]],
            "100 blocks": [seconds(v) for v in table["score_s"]],
        }
    )


def amplitude(row: Mapping[Hashable, Any]) -> str:
    """An amplitude with its interval and unit; a bound where it lies outside those tried.

    Parameters
    ----------
    row : mapping
        ``smallest``, ``low``, ``high``, ``least``, ``most`` and ``unit``.
    """
    value, low, high, unit = (row[k] for k in ("smallest", "low", "high", "unit"))
    below, above = f"< {number(row['least'], 2)}", f"> {number(row['most'], 2)}"
    if value == np.inf:
        return f"{above} {unit}"
    if value == 0:
        return f"{below} {unit}"
    first = number(low, 2) if low > 0 else below
    last = number(high, 2) if np.isfinite(high) else above
    return f"{number(value, 2)} ({first} to {last}) {unit}"


def duration(hours: float) -> str:
    """A length of time in seconds, minutes or hours."""
    if np.isnan(hours):
        return NOTHING
    for unit, size in (("s", 1 / 3600), ("min", 1 / 60)):
        if hours < 90 * size:
            return f"{number(hours / size, 2)} {unit}"
    return f"{number(hours, 2)} h"


def span(value: float, low: float, high: float) -> str:
    """A value and its interval, without decimals from ten on."""
    return f"{_short(value)} ({_short(low)} to {_short(high)})"


def seconds(value: float) -> str:
    """Processor time. nbval is told not to compare what has this form."""
    return f"{value:.2g} s CPU" if value >= 0.01 else "< 0.01 s CPU"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}"
