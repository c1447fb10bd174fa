"""Reading times as UTC: everywhere in the project a time is UTC and carries no zone."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError


class OtherZoneError(ValueError):
    """A time is given in a zone that is not UTC."""


def utc(value: str | datetime | np.datetime64, name: str = "time") -> pd.Timestamp:
    """Give a time as UTC without a zone; one without a zone is UTC already.

    Parameters
    ----------
    value : str, datetime or numpy.datetime64
        ISO 8601 where it is text.
    name : str
        What it is, for messages.

    Raises
    ------
    InputError
        If it is no time.
    """
    try:
        moment = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{name} {value!r}: expected a time such as 2021-05-21T18:04:13 (ISO 8601)"
        ) from error
    if moment is pd.NaT:
        raise InputError(f"{name}: expected a time")
    return moment if moment.tzinfo is None else moment.tz_convert("UTC").tz_localize(None)


def utc_moment(
    value: str | datetime | np.datetime64 | None, name: str = "time"
) -> np.datetime64 | None:
    """Give a time as ``datetime64[ns]``, UTC; None stays None.

    Raises
    ------
    InputError
        If it is no time.
    """
    return None if value is None else np.datetime64(utc(value, name), "ns")


def utc_column(text: pd.Series) -> pd.Series:
    """Give a column of ISO 8601 times in one form, in UTC with or without ``Z``, without a zone.

    Raises
    ------
    OtherZoneError
        If their zone is not UTC.
    ValueError
        If one is no such time or of another form than the first.
    """
    times = pd.to_datetime(text, format="ISO8601")
    if times.dt.tz is None:
        return times
    if times.dt.tz.utcoffset(None) != pd.Timedelta(0):
        raise OtherZoneError(f"expected UTC, got {text.iloc[0]}")
    return times.dt.tz_localize(None)
