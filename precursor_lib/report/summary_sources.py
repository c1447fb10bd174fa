"""Where the one-page summary finds what it says of each paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from precursor_lib.errors import NotebookError, unknown


@dataclass(frozen=True)
class Source:
    """Where the summary finds what it says of one paper.

    Attributes
    ----------
    name : str
        Of the paper's column.
    noise, method : str
        The paper in the table of noise, and its method in that of trials.
    table : str
        The table of what the method finds in an observed record.
    record : str
        The dataset of that record.
    found : callable
        From the table's cells to a few words and a sentence.
    """

    name: str
    noise: str
    method: str
    table: str
    record: str
    found: Callable[[pd.DataFrame], tuple[str, str]]


def _night(frame: pd.DataFrame) -> tuple[str, str]:
    number = _only(frame, method="SW-NTF", component="1")["anomalies"]
    return (
        f"{number} anomalies in a night",
        f"In one night without an earthquake its first component has {number} anomalies",
    )


def _april(frame: pd.DataFrame) -> tuple[str, str]:
    row = _only(frame, measure="share of anomalous days")
    rank = f"{row['rank']} of {row['of']}"
    return (
        f"the month ranks {rank}",
        f"By anomalous days at one gauge the month of the earthquake ranks {rank} (p = {row['p']})",
    )


def _half_year(frame: pd.DataFrame) -> tuple[str, str]:
    row = _only(frame, counts="timesnet, points")
    count, ratio = (row[name].split(" ")[0] for name in ("p, anomalies", "p, Ratio"))
    return (
        f"Ratio of a half year: p = {ratio}",
        "Among all half years at one gauge that before the Lushan earthquake has p = "
        f"{count} by its anomalies and p = {ratio} by its Ratio",
    )


def _moved(frame: pd.DataFrame) -> tuple[str, str]:
    row = _only(frame, shift="all")
    accuracy = f"{row['accuracy']} ({row['from']} to {row['to']})"
    return (
        f"accuracy {accuracy}",
        "At one observatory, with earthquakes moved to random days of its record, it tells days "
        f"before them from others with an accuracy of {accuracy}",
    )


def _windows(frame: pd.DataFrame) -> tuple[str, str]:
    shares = [float(s) for s in frame["share with as many"][frame["rule"] == "ED-LSTME"]]
    if not shares:
        raise NotebookError("no row of the rule 'ED-LSTME'")
    ends = f"{100 * min(shares):.0f} to {100 * max(shares):.0f} %"
    return (
        f"as many flags in {ends} of windows",
        f"As many quiet flags as before {len(shares)} earthquakes are in {ends} of all other "
        "windows",
    )


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "swntf": Source("SW-NTF", "SW-NTF", "SW-NTF", "swobs-anomalies", "usgs-1s-network", _night),
        "lushan": Source(
            "VMD-Pyraformer", "Lushan", "VMD-Pyraformer", "lushan-months-rank", "guza-gauge", _april
        ),
        "stmn": Source("STMN", "STMN", "STMN", "stmn-guza-ranks", "guza-gauge", _half_year),
        "cnn": Source("CNN", "CNN", "CNN", "cnn-eskdalemuir", "esk", _moved),
        "tec": Source("ED-LSTME", "TEC", "ED-LSTME", "tecobs-events", "vtec", _windows),
    }
)


def _only(frame: pd.DataFrame, **wanted: str) -> pd.Series:
    """The one row whose cells are as wanted."""
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise NotebookError(unknown("column", missing[0], map(str, frame.columns)))
    chosen = frame
    for name, value in wanted.items():
        chosen = chosen[chosen[name] == value]
    if len(chosen) != 1:
        raise NotebookError(f"{len(chosen)} rows with {wanted}, expected one")
    return chosen.iloc[0]
