"""From days to nights: where the events of a day fall when only a window of it is observed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.simulate.activity import StepRate
from precursor_lib.times import utc


def place_in_nights(
    t: np.ndarray, first_day: int, nights: int, window: float, length: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Put events of whole days into the observing window of their day.

    Day ``d`` is the interval ``(d - 1, d]``, as :meth:`NightlyNetwork.days_from` counts. The part
    of the day that has passed becomes the same part of the window, less room for the event itself.
    So the expected number in the night of day d is the process's integral over that day, and the
    number up to and with that night is its expected cumulative count at d.

    Parameters
    ----------
    t : array, shape (n,)
        Event times in days.
    first_day : int
        Day of night 0.
    nights : int
        Number of nights, one a day.
    window : float
        Length of a window in s.
    length : float or array of shape (n,)
        Length of each event in s; the whole event falls inside the window.

    Returns
    -------
    night : array of int, shape (n,)
        Index of the night.
    second : array, shape (n,)
        Centre of the event in s from the start of that night.

    Raises
    ------
    InputError
        If an event lies outside the nights or is longer than a window.
    """
    t = np.asarray(t, dtype=float)
    day = np.ceil(t)
    night = day.astype(int) - first_day
    if t.size and (night.min() < 0 or night.max() >= nights):
        raise InputError(
            f"events from day {t.min():g} to {t.max():g}: expected within days "
            f"{first_day - 1} to {first_day + nights - 1}"
        )
    length = np.broadcast_to(np.asarray(length, dtype=float), t.shape)
    if t.size and length.max() > window:
        raise InputError(f"an event of {length.max():g} s does not fit in a window of {window:g} s")
    return night, length / 2 + (t - day + 1.0) * (window - length)


def kp_driven(
    kp: pd.Series,
    nights: pd.DatetimeIndex,
    window: float,
    first_day: int,
    mean_rate: float,
    sensitivity: float,
) -> StepRate:
    """Process whose rate in the observing windows is proportional to ``exp(sensitivity * Kp)``.

    Parameters
    ----------
    kp : pandas.Series
        Kp by the start of its three-hour interval (UTC).
    nights : pandas.DatetimeIndex
        Start of each window (UTC).
    window : float
        Length of a window in s.
    first_day : int
        Day of night 0.
    mean_rate : float
        Mean events a day over all the nights.
    sensitivity : float
        Growth of the logarithm of the rate for one unit of Kp.

    Returns
    -------
    StepRate
        In days, where the whole of a day stands for its window as in :func:`place_in_nights`.

    Raises
    ------
    InputError
        If the index does not cover a window.
    """
    edges: list[np.ndarray] = []
    values: list[np.ndarray] = []
    starts = kp.index.to_numpy()
    for i, night in enumerate(nights):
        end = night + pd.Timedelta(seconds=window)
        first = int(np.searchsorted(starts, night.to_numpy(), side="right")) - 1
        last = int(np.searchsorted(starts, end.to_numpy(), side="left"))
        piece = kp.iloc[max(first, 0) : last]
        if first < 0 or piece.empty or piece.isna().any():
            raise InputError(f"Kp: no value for all of {night} to {end}")
        inner = (piece.index[1:] - night) / pd.Timedelta(seconds=window)
        edges.append(first_day - 1 + i + np.concatenate([[0.0], np.asarray(inner, dtype=float)]))
        values.append(np.exp(sensitivity * piece.to_numpy(dtype=float)))
    days = np.concatenate([*edges, [float(first_day - 1 + len(nights))]])
    relative = np.concatenate(values)
    mean = float((relative * np.diff(days)).sum() / (days[-1] - days[0]))
    return StepRate(edges=days, rates=mean_rate * relative / mean)


def window_starts(first: str | pd.Timestamp, nights: int) -> pd.DatetimeIndex:
    """Starts of `nights` daily windows (UTC, without a zone), in ns.

    Raises
    ------
    InputError
        If `first` is no time.
    """
    return pd.date_range(utc(first, "nights_start"), periods=nights, freq="D", unit="ns")


def day_of(night: pd.Timestamp, event: str | pd.Timestamp) -> int:
    """Whole days from an event to a night, counted as ``NightlyNetwork.days_from`` does."""
    days = (night - utc(event, "epicentre.time")) / pd.Timedelta(days=1)
    return int(np.floor(days)) + 1
