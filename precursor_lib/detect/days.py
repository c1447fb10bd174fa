"""Anomalous points counted by local day, anomalous days, and their distance to an event."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precursor_lib.detect.accumulate import cumulative_by_day
from precursor_lib.errors import InputError

DAY = np.timedelta64(1, "D")


def anomalous_days(
    times: ArrayLike,
    points: ArrayLike,
    *,
    threshold: float,
    valid: ArrayLike | None = None,
    zone_hours: float = 8.0,
    least_coverage: float = 0.5,
    counted: float | None = None,
) -> pd.DataFrame:
    """Count anomalous points a day; a day with more than `threshold` of them is anomalous.

    The Lushan paper asks for more than 40 to 50 points (geomagnetic field) or 20 to 30 (strain) of
    the 1440 minutes of a day.

    Parameters
    ----------
    times : array_like of datetime64, shape (n,)
        UTC, ascending.
    points : array_like of bool, shape (n,)
        From `residual_points`.
    threshold : float
        Points that a day must exceed.
    valid : array_like of bool, shape (n,), optional
        False where a sample is missing (see `usable`); all are there by default.
    zone_hours : float
        A day runs from midnight to midnight in the time zone this many hours east of UTC; 8 is
        Beijing time, which the papers' days are taken to be in.
    least_coverage : float
        A day with a smaller share of its samples is left out: it is neither anomalous nor calm.
        The threshold is not lowered for a day with gaps.
    counted : float, optional
        Samples of a full day; from the median step of `times` by default.

    Returns
    -------
    pandas.DataFrame
        Index ``day`` (local date). Columns ``points``, ``samples``, ``anomalous`` and
        ``cumulative`` (anomalous days so far). ``attrs``: ``threshold``, ``zone_hours``,
        ``samples_a_day``, ``least_coverage``, ``left_out`` (list of dates with too few samples,
        days without any within the record among them).

    Raises
    ------
    InputError
        If shapes differ, times are no dates or do not ascend, a point stands where `valid` is
        False, a parameter is out of range, or no day has enough samples.
    """
    if not (np.isfinite(threshold) and threshold >= 0):
        raise InputError(f"threshold: expected a number of points >= 0, got {threshold}")
    frame = cumulative_points(
        times,
        points,
        valid=valid,
        zone_hours=zone_hours,
        least_coverage=least_coverage,
        counted=counted,
    )
    frame["anomalous"] = frame["points"] > threshold
    frame["cumulative"] = frame["anomalous"].cumsum()
    frame.attrs["threshold"] = float(threshold)
    return frame[["points", "samples", "anomalous", "cumulative"]]


def cumulative_points(
    times: ArrayLike,
    points: ArrayLike,
    *,
    valid: ArrayLike | None = None,
    zone_hours: float = 8.0,
    least_coverage: float = 0.5,
    counted: float | None = None,
) -> pd.DataFrame:
    """Count anomalous points a day and accumulate them.

    Parameters and errors are those of `anomalous_days`.

    Returns
    -------
    pandas.DataFrame
        Index ``day`` (local date). Columns ``points``, ``samples`` and ``cumulative`` (points so
        far). ``attrs`` as in `anomalous_days`, without ``threshold``.
    """
    time, point, held = _record(times, points, valid)
    if not 0 <= least_coverage <= 1:
        raise InputError(f"least_coverage: expected a share from 0 to 1, got {least_coverage}")
    if not (np.isfinite(zone_hours) and -12 <= zone_hours <= 14):
        raise InputError(f"zone_hours: expected hours from -12 to 14, got {zone_hours}")
    if counted is None:
        if time.size < 2:
            raise InputError("times: expected two samples or more to tell the step from")
        counted = float(DAY / np.median(np.diff(time)))
    if not (np.isfinite(counted) and counted > 0):
        raise InputError(f"counted: expected a number of samples a day above 0, got {counted}")
    day = _local_day(time, zone_hours)
    every = np.arange(day[0], day[-1] + 1)
    samples = cumulative_by_day(day, every, counts=held)["count"].to_numpy(dtype=int)
    # A day without a single sample is left out even where no coverage is asked for.
    kept = (samples > 0) & (samples >= least_coverage * counted - 1e-9)
    if not kept.any():
        raise InputError(
            f"times: no day holds {least_coverage:g} of its {counted:g} samples; "
            f"the fullest holds {samples.max()}"
        )
    inside = kept[day - day[0]]
    frame = cumulative_by_day(day[inside], every[kept], counts=point[inside].astype(int))
    frame = frame.rename(columns={"count": "points"})
    frame.insert(1, "samples", samples[kept])
    frame.index = pd.DatetimeIndex(every[kept].astype("datetime64[D]"), name="day")
    frame.attrs.update(
        zone_hours=float(zone_hours),
        samples_a_day=counted,
        least_coverage=float(least_coverage),
        left_out=[str(d) for d in every[~kept].astype("datetime64[D]")],
    )
    return frame


def days_to(days: pd.DatetimeIndex, event: Any, *, zone_hours: float = 8.0) -> NDArray[np.float64]:
    """Days from an event to the end of each local day; negative before it.

    A cumulative curve holds at the end of a day what that day has brought, so this is the abscissa
    for its fits: with the start of the day every inflection would come a day early.

    Parameters
    ----------
    days : pandas.DatetimeIndex
        Local dates, as the index of `anomalous_days`.
    event : datetime-like
        UTC.
    zone_hours : float
        As for `anomalous_days`.
    """
    moment = pd.Timestamp(event)
    if moment is pd.NaT or moment.tz is not None:
        raise InputError(f"event: expected a time in UTC without a zone, got {event}")
    ends = days + pd.Timedelta(days=1) - pd.Timedelta(hours=zone_hours)
    return np.asarray((ends - moment) / pd.Timedelta(days=1), dtype=float)


def _local_day(time: NDArray[np.datetime64], zone_hours: float) -> NDArray[np.int64]:
    local = time + np.timedelta64(round(3.6e12 * zone_hours), "ns")
    return local.astype("datetime64[D]").astype(np.int64)


def _record(
    times: ArrayLike, points: ArrayLike, valid: ArrayLike | None
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_], NDArray[np.int64]]:
    time = np.asarray(times)
    if time.dtype.kind != "M" or time.ndim != 1 or time.size == 0:
        raise InputError(f"times: expected dates, got {time.dtype} of shape {time.shape}")
    time = time.astype("datetime64[ns]")
    if np.isnat(time).any():
        raise InputError("times: expected times, got NaT")
    back = np.flatnonzero(np.diff(time) <= np.timedelta64(0))
    if back.size:
        raise InputError(f"times[{back[0] + 1}] is {time[back[0] + 1]}: expected them to ascend")
    point = np.asarray(points)
    held = np.ones(time.shape, dtype=bool) if valid is None else np.asarray(valid)
    for name, values in (("points", point), ("valid", held)):
        if values.dtype != bool or values.shape != time.shape:
            raise InputError(
                f"{name}: expected {time.size} booleans, got {values.dtype} of {values.shape}"
            )
    if (point & ~held).any():
        raise InputError(f"points[{np.flatnonzero(point & ~held)[0]}] stands where valid is False")
    return time, point, held.astype(np.int64)
