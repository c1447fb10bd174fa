"""How well TEC is forecast, and what alarms on it are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.metrics import mae, rmse
from precursor_lib.evaluate.recovery import poisson_interval, wilson_interval

ALL = "all stations"
_YEAR = 365.25


def skill(observed: ArrayLike, forecast: ArrayLike) -> dict[str, float]:
    """Metrics of forecasts, over the samples that both have.

    Parameters
    ----------
    observed, forecast : array_like
        TECU, of one shape; NaN where there is none.

    Returns
    -------
    dict
        ``r2`` and ``rho`` (equations 4 and 6 of Xiong et al. 2022: ``r2`` is the square of
        ``rho``), ``mae``, ``rmse`` (5 and 3), ``explained`` (1 - mean square error / variance, the
        usual coefficient of determination), ``bias`` (mean of forecast less observed), ``spread``
        and ``observed_spread`` (standard deviations) and ``samples``.

    Raises
    ------
    InputError
        If shapes differ, or fewer than two samples are there.
    """
    f, y = np.asarray(forecast, dtype=float), np.asarray(observed, dtype=float)
    if f.shape != y.shape:
        raise InputError(f"shapes {y.shape} and {f.shape}: expected the same")
    both = np.isfinite(f) & np.isfinite(y)
    if both.sum() < 2:
        raise InputError("expected two samples or more that are observed and forecast")
    f, y = f[both], y[both]
    flat = f.std() == 0 or y.std() == 0
    rho = float("nan") if flat else float(np.corrcoef(y, f)[0, 1])
    error = rmse(f, y)
    return {
        "r2": rho**2,
        "mae": mae(f, y),
        "rmse": error,
        "rho": rho,
        "explained": 1 - error**2 / float(y.var()) if y.std() else float("nan"),
        "bias": float(np.mean(f - y)),
        "spread": float(f.std()),
        "observed_spread": float(y.std()),
        "samples": float(both.sum()),
    }


def skill_table(
    observed: np.ndarray, forecasts: Mapping[str, np.ndarray], stations: Sequence[str]
) -> pd.DataFrame:
    """Metrics of several models, for all stations and for each, over the samples that all have.

    Parameters
    ----------
    observed : numpy.ndarray, shape (station, time)
        TECU.
    forecasts : mapping of str to numpy.ndarray, shape (station, time)
        By model.
    stations : sequence of str
        Names.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model`` and ``station``, first `ALL`; columns as :func:`skill` gives them.
    """
    known = np.isfinite(np.stack([observed, *forecasts.values()])).all(axis=0)
    target = np.where(known, observed, np.nan)
    rows = {}
    for name, forecast in forecasts.items():
        rows[name, ALL] = skill(target, forecast)
        for number, station in enumerate(stations):
            rows[name, station] = skill(target[number], forecast[number])
    frame = pd.DataFrame(rows).T
    frame.index.names = ["model", "station"]
    return frame


def daily_errors(observed: np.ndarray, forecast: np.ndarray, season: int) -> np.ndarray:
    """Mean square error of each whole day over the stations, TECU squared; NaN for none.

    Parameters
    ----------
    observed, forecast : numpy.ndarray, shape (station, time)
        TECU, from a midnight on.
    season : int
        Samples a day.
    """
    squares = (forecast - observed) ** 2
    days = squares.shape[1] // season
    folded = squares[:, : days * season].reshape(len(squares), days, season)
    known = np.isfinite(folded)
    count = known.sum(axis=(0, 2))
    total = np.where(known, folded, 0.0).sum(axis=(0, 2))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def surely_better(first: ArrayLike, second: ArrayLike, *, level: float = 0.01) -> bool:
    """Whether one model's daily errors are smaller than another's, beyond chance.

    Student's t of the differences in pairs, one-sided. Days follow each other with a correlation
    that the test leaves out, hence the small level.

    Parameters
    ----------
    first, second : array_like, shape (days,)
        From :func:`daily_errors`; NaN in either leaves a day out.
    level : float
        Largest p.
    """
    d = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    d = d[np.isfinite(d)]
    if d.size < 3 or not d.any():
        return False
    return bool(stats.ttest_1samp(d, 0.0, alternative="less").pvalue < level)


def window_flags(
    times: pd.DatetimeIndex, sign: ArrayLike, quiet: ArrayLike, judged: ArrayLike, days: int = 12
) -> pd.DataFrame:
    """Flagged samples in every window of so many days, one starting each day.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        UTC.
    sign : array_like of int, shape (time,)
        1 or -1 where an anomaly is flagged, else 0.
    quiet, judged : array_like of bool, shape (time,)
        Samples in quiet times, and samples at which an anomaly could have been found.
    days : int
        Length of a window.

    Returns
    -------
    pandas.DataFrame
        Indexed by the window's first day: ``judged`` (share of its samples), ``quiet`` (share of
        the judged ones), ``flagged`` (flagged samples), ``quiet_flagged`` (those in quiet times).
    """
    first = times.normalize()
    table = pd.DataFrame(
        {
            "samples": 1.0,
            "judged": np.asarray(judged, dtype=float),
            "quiet": np.asarray(judged, dtype=bool) & np.asarray(quiet, dtype=bool),
            "flagged": (np.asarray(sign) != 0) & np.asarray(judged, dtype=bool),
        },
        index=times,
    )
    table["quiet_flagged"] = table["flagged"] & table["quiet"]
    by_day = table.astype(float).groupby(first).sum()
    # The last day of a window is where a rolling sum stands; the index moves to the first one.
    sums = by_day.rolling(days).sum().shift(1 - days).dropna()
    out = sums[["flagged", "quiet_flagged"]].astype(int)
    out.insert(0, "judged", sums["judged"] / sums["samples"])
    out.insert(1, "quiet", sums["quiet"] / sums["judged"].where(sums["judged"] > 0))
    return out.rename_axis("first day")


def anomaly_recovery(
    times: pd.DatetimeIndex,
    sign: ArrayLike,
    quiet: ArrayLike,
    judged: ArrayLike,
    truth: pd.DataFrame,
    *,
    after_days: int = 1,
) -> dict[str, Any]:
    """How many anomalies put in are flagged, and how many other days.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        UTC.
    sign, quiet, judged : array_like, shape (time,)
        As in :func:`window_flags`; only quiet, judged samples count as flagged.
    truth : pandas.DataFrame
        One row an anomaly: ``time``, ``end`` (UTC) and ``size`` (TECU, with its sign).
    after_days : int
        Days after an anomaly that are not counted as false: the forecast has seen it by then.

    Returns
    -------
    dict
        ``placed`` (anomalies with a judged quiet sample), ``found`` (those with a flag of their
        sign between start and end), ``share`` with its 95 % interval ``low`` and ``high``,
        ``days`` (judged days without an anomaly), ``false_days`` and ``false_a_year`` with
        ``false_low`` and ``false_high``.
    """
    usable = np.asarray(judged, dtype=bool) & np.asarray(quiet, dtype=bool)
    flags = np.where(usable, np.asarray(sign), 0)
    placed = found = 0
    touched: set[pd.Timestamp] = set()
    for row in truth.itertuples():
        begin, end = pd.Timestamp(row.time), pd.Timestamp(row.end)
        inside = np.asarray((times >= begin) & (times <= end))
        days = pd.date_range(begin.normalize(), end.normalize() + pd.Timedelta(days=after_days))
        touched.update(days)
        if (usable & inside).any():
            placed += 1
            found += bool((flags[inside] == np.sign(row.size)).any())
    day = times.normalize()
    free = ~day.isin(list(touched))
    judged_days = day[free & usable].unique()
    false_days = day[free & (flags != 0)].unique()
    low, high = wilson_interval(found, placed) if placed else (float("nan"), float("nan"))
    years = len(judged_days) / _YEAR
    false_low, false_high = poisson_interval(len(false_days))
    return {
        "placed": placed,
        "found": found,
        "share": found / placed if placed else float("nan"),
        "low": low,
        "high": high,
        "days": len(judged_days),
        "false_days": len(false_days),
        "false_a_year": len(false_days) / years if years else float("nan"),
        "false_low": false_low / years if years else float("nan"),
        "false_high": false_high / years if years else float("nan"),
    }


def place_anomalies(
    times: pd.DatetimeIndex,
    free: ArrayLike,
    *,
    number: int,
    hours: float,
    size: float,
    radius: float,
    seed: int,
    apart_days: int = 3,
) -> list[dict[str, Any]]:
    """Anomalies for `precursor_lib.simulate.tec.tec_network` at times drawn at random.

    Parameters
    ----------
    times : pandas.DatetimeIndex
        UTC, at an even step.
    free : array_like of bool, shape (time,)
        Where an anomaly may lie; all of it has to.
    number : int
        How many, fewer if there is no room.
    hours, size, radius : float
        Of each; the sign alternates. Sizes of one seed stand at the same times.
    seed : int
    apart_days : int
        Fewest days between two of them.

    Raises
    ------
    InputError
        If there is room for none.
    """
    step = times[1] - times[0]
    length = round(pd.Timedelta(hours=hours) / step) + 1
    room = np.lib.stride_tricks.sliding_window_view(np.asarray(free, dtype=bool), length).all(1)
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    apart = pd.Timedelta(days=apart_days) / step
    for start in rng.permutation(np.flatnonzero(room)):
        if all(abs(int(start) - other) >= apart for other in chosen):
            chosen.append(int(start))
        if len(chosen) == number:
            break
    if not chosen:
        raise InputError(f"free: no {hours:g} hours in a row")
    return [
        {
            "time": str(times[start]),
            "hours": hours,
            "size": size * (-1) ** rank,
            "radius": radius,
        }
        for rank, start in enumerate(sorted(chosen))
    ]
