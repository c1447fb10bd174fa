"""What all catalogue readers share: one form, checked ranges, a report of what was dropped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError

COLUMNS = ["time", "latitude", "longitude", "depth", "magnitude"]
UNITS = {"latitude": "degrees", "longitude": "degrees", "depth": "km", "magnitude": "as published"}


def tidy(table: pd.DataFrame, label: str, report: list[str]) -> pd.DataFrame:
    """Check the ranges of a catalogue, drop rows that repeat one, and sort it by time.

    Parameters
    ----------
    table : pandas.DataFrame
        With the five columns; rows in the order of the file, the index counting from its first.
    label : str
        The file, for messages.
    report : list of str
        What was noticed so far; what is dropped here is added.

    Raises
    ------
    InputError
        If a value is missing or out of range; the message names the row.
    """
    frame = table[COLUMNS].copy()
    for name in COLUMNS[1:]:
        try:
            frame[name] = frame[name].astype(float)
        except ValueError:
            wrong = pd.to_numeric(frame[name], errors="coerce").isna()
            row = frame.index[wrong.to_numpy()][0]
            raise InputError(
                f"{label}: event {_row(frame, row)}: {name}: expected a number, got "
                f"'{frame[name][row]}'"
            ) from None
    ranges = {"latitude": (-90, 90), "longitude": (-180, 360), "magnitude": (-5, 10)}
    for name, (low, high) in ranges.items():
        wrong = ~frame[name].between(low, high).to_numpy()
        if wrong.any():
            row = frame.index[wrong][0]
            raise InputError(
                f"{label}: event {_row(frame, row)}: {name}: expected {low} to {high}, got "
                f"{frame[name][row]}"
            )
    if frame["time"].isna().any():
        row = frame.index[frame["time"].isna().to_numpy()][0]
        raise InputError(f"{label}: event {_row(frame, row)}: time: missing")
    again = frame.duplicated()
    if again.any():
        report = [*report, f"{int(again.sum())} rows that repeat another dropped"]
    frame = frame[~again].sort_values("time", kind="stable").reset_index(drop=True)
    frame["time"] = frame["time"].astype("datetime64[ns]")
    frame.attrs.update(report=[*report, f"{len(frame)} events"], units=UNITS)
    return frame


def _row(frame: pd.DataFrame, row: object) -> str:
    """Number of an event in its file, counted from 1."""
    return str(int(row) + 1) if isinstance(row, int | np.integer) else str(row)


def clock_of(table: pd.DataFrame) -> pd.Series:
    """Times from the columns ``year month day hour min sec``; seconds may be 60."""
    whole = pd.to_datetime(
        {
            "year": table["year"],
            "month": table["month"],
            "day": table["day"],
            "hour": table["hour"],
            "minute": table["min"],
        }
    )
    return whole.astype("datetime64[ns]") + pd.to_timedelta(
        (table["sec"].astype(float) * 1000).round(), unit="ms"
    )


def table_of(path: Path, names: Sequence[str], sep: str, encoding: str) -> pd.DataFrame:
    """Read a text table and check that it has the columns `names`."""
    try:
        table = pd.read_csv(path, sep=sep, encoding=encoding, index_col=False)
    except (ValueError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read: {error}") from error
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise InputError(
            f"{path.name}: row 1: expected the column '{missing[0]}', got "
            f"{', '.join(table.columns)}"
        )
    return table


def only_path(paths: Sequence[Path]) -> Path:
    """Give the one path that a reader of a single file expects."""
    if len(paths) != 1:
        raise InputError(f"expected one file, got {len(paths)}")
    return Path(paths[0])
