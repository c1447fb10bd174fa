"""The criterion of the TEC paper on noise: values outside their bounds before a shock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precursor_lib.context.space_weather import index_at
from precursor_lib.detect.tec_rules import error_bounds, median_bounds, outside
from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise.chance import Bools
from precursor_lib.evaluate.tec_noise import noise

#: Days that are looked at, from the shock's day (UTC); the paper shows -8 to +3.
DAYS = range(-15, 4)
#: Days on which it reports precursors.
LEAD = (-8, -1)
#: Stations, and days of the bounds' window.
STATIONS = 5
BOUND_DAYS = 15
SIGMA_RULE, IQR_RULE = "2 sigma of the error", "interquartile range"
# Windows that are drawn at a time; with hourly values 5 MB a series.
_PART = 250


def quiet_hours(
    kp: pd.Series, shock: str, per_day: int, *, limit: float = 3.0, days: Sequence[int] = DAYS
) -> Bools:
    """Where Kp was below `limit` in the days around a shock, shape (days, per_day).

    Parameters
    ----------
    kp : pandas.Series
        Kp by the start of its three hours (UTC).
    shock : str
        Date of the shock (UTC).
    per_day : int
        Samples a day.
    limit : float
        The paper's is 3.
    days : sequence of int
        Days from the shock's.

    Raises
    ------
    InputError
        If Kp does not cover a time.
    """
    step = pd.Timedelta(days=1) / per_day
    first = pd.Timestamp(shock).normalize() + pd.Timedelta(days=days[0])
    times = first + step * np.arange(len(days) * per_day)
    value = index_at(times, kp, "3h")
    if np.isnan(value).any():
        raise InputError(f"kp: no value at {times[np.isnan(value)][0]}")
    return np.asarray(value < limit).reshape(len(days), per_day)


def flagged_days(
    windows: int,
    seed: int,
    *,
    memory_hours: float,
    shared: float,
    quiet: Bools,
    stations: int = STATIONS,
) -> dict[str, NDArray[np.bool_]]:
    """Days with a value outside its bounds at a quiet time, in noise.

    The forecast's error is Gaussian noise with an exponential memory; for the median rule the noise
    is that of TEC about its own daily course, which the rule takes off.

    Parameters
    ----------
    windows : int
        Stretches of days that are drawn.
    seed : int
        Of the generator.
    memory_hours : float
        See `precursor_lib.evaluate.tec_noise.noise`.
    shared : float
        Share of the variance that all stations have in common, 0 to 1.
    quiet : numpy.ndarray of bool, shape (days, per_day)
        Times at which a value counts; see `quiet_hours`.
    stations : int
        Number of stations.

    Returns
    -------
    dict of numpy.ndarray of bool, shape (windows, stations, days)
        By rule.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    if windows < 1 or stations < 1 or not 0 <= shared <= 1:
        raise InputError(
            "windows, stations, shared: expected 1 or more and a share from 0 to 1, got "
            f"{windows}, {stations}, {shared}"
        )
    days, per_day = quiet.shape
    step = np.timedelta64(86400 // per_day, "s")
    found: dict[str, list[NDArray[np.bool_]]] = {SIGMA_RULE: [], IQR_RULE: []}
    parts = [min(_PART, windows - first) for first in range(0, windows, _PART)]
    for part, child in zip(parts, np.random.SeedSequence(seed).spawn(len(parts)), strict=True):
        # Windows follow one another in one record, after the days that their bounds need.
        samples = (BOUND_DAYS + part * days) * per_day
        drawn = noise(
            "gaussian", memory_hours, (stations + 1, samples), per_day,
            int(child.generate_state(1)[0]),
        )  # fmt: skip
        values = np.sqrt(shared) * drawn[0] + np.sqrt(1 - shared) * drawn[1:]
        times = np.datetime64("2001-01-01", "ns") + np.arange(samples) * step
        for name, bounds in (
            (SIGMA_RULE, error_bounds(values, times, days=BOUND_DAYS)),
            (IQR_RULE, median_bounds(values, times, days=BOUND_DAYS)),
        ):
            out = outside(values, bounds)[:, BOUND_DAYS * per_day :]
            flags = (out != 0).reshape(stations, part, days, per_day) & quiet
            found[name].append(flags.any(axis=-1).swapaxes(0, 1))
    return {name: np.concatenate(flags) for name, flags in found.items()}


def lead_passes(
    flags: NDArray[np.bool_],
    lead: tuple[int, int] = LEAD,
    *,
    together: bool,
    days: Sequence[int] = DAYS,
) -> Bools:
    """Whether a window has a flagged day in the lead time.

    Parameters
    ----------
    flags : numpy.ndarray of bool, shape (windows, stations, days)
        From `flagged_days`.
    lead : tuple of int
        First and last day, both included.
    together : bool
        True: all stations on one day. False: any station.
    days : sequence of int
        Days of `flags`.

    Returns
    -------
    numpy.ndarray of bool, shape (windows,)
    """
    day = np.asarray(days)
    part = flags[:, :, (day >= lead[0]) & (day <= lead[1])]
    joined = np.all(part, axis=1) if together else np.any(part, axis=1)
    return np.asarray(np.any(joined, axis=1))
