"""How often the rules that call TEC anomalous do so in a record, and with an anomaly in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from precursor_lib.detect.day_grid import DayGrid
from precursor_lib.detect.tec_rules import (
    TecBounds,
    Window,
    error_bounds,
    median_bounds,
    outside,
    quiet_times,
)

Array = NDArray[np.float64]
ERROR, MEDIAN, SIGMA = "error, 2 sd", "median, quartiles", "median, 1.34 sd"


@dataclass(frozen=True)
class RuleResult:
    """One rule on a record.

    Attributes
    ----------
    bounds : TecBounds
        For TEC, (station, time).
    dtec : numpy.ndarray, shape (station, time)
        As `outside` gives it.
    """

    bounds: TecBounds
    dtec: Array

    def of(self, station: int) -> RuleResult:
        """The rule at one station, arrays (time,)."""
        b = self.bounds
        return RuleResult(
            TecBounds(b.lower[station], b.upper[station], b.used[station]), self.dtec[station]
        )


def day_before(tec: Array, times: NDArray[np.datetime64]) -> Array:
    """The value of the same time a day before, NaN on the first day, (station, time)."""
    slots = DayGrid.of(times).slots
    forecast = np.full_like(tec, np.nan)
    forecast[..., slots:] = tec[..., :-slots]
    return forecast


def three_rules(
    tec: Array, times: NDArray[np.datetime64], window: Window = "before"
) -> dict[str, RuleResult]:
    """The error rule on the forecast `day_before`, and the median rule with either spread.

    Parameters
    ----------
    tec : array, shape (station, time)
    times : array of datetime64, shape (time,)
    window : {"before", "through"}
        See `precursor_lib.detect.tec_rules`.
    """
    forecast = day_before(tec, times)
    of_error = error_bounds(tec - forecast, times, window=window)
    bounds = {
        ERROR: TecBounds(forecast + of_error.lower, forecast + of_error.upper, of_error.used),
        MEDIAN: median_bounds(tec, times, window=window),
        SIGMA: median_bounds(tec, times, window=window, spread="sigma"),
    }
    return {name: RuleResult(b, outside(tec, b)) for name, b in bounds.items()}


def record_rates(records: Mapping[str, xr.Dataset], window: Window = "before") -> pd.DataFrame:
    """What the rules find in records of TEC, in percent.

    Parameters
    ----------
    records : mapping
        By name: `VTEC` (time, station), `Kp` and `Dst` along time.
    window : {"before", "through"}

    Returns
    -------
    DataFrame
        Columns ``record`` and ``rule``; ``values`` (anomalous ones of those with bounds), ``quiet
        values`` and ``other values`` (by Kp < 3 and Dst > -30 nT), ``above`` (part of the anomalous
        ones); and of the days with quiet values those on which some are anomalous at ``one
        station`` (mean over stations), at ``any``, or at ``all at once``.
    """
    rows = []
    for record, data in records.items():
        times = data["time"].to_numpy()
        tec = data["VTEC"].transpose("station", "time").to_numpy()
        quiet = quiet_times(data["Kp"].to_numpy(), data["Dst"].to_numpy())
        for rule, result in three_rules(tec, times, window).items():
            rates = _rates(result.dtec, quiet, DayGrid.of(times))
            rows.append({"record": record, "rule": rule} | {k: 100 * v for k, v in rates.items()})
    return pd.DataFrame(rows)


def _rates(dtec: Array, quiet: NDArray[np.bool_], grid: DayGrid) -> dict[str, float]:
    tested = np.isfinite(dtec)
    flag = tested & (dtec != 0)
    calm, found = tested & quiet, flag & quiet
    judged, alarms = (grid.fold(part.astype(float), 0.0) > 0 for part in (calm, found))
    seen, alarm = judged.any(axis=-1), alarms.any(axis=-1)
    at_once = alarms.all(axis=0).any(axis=-1)
    whole = judged.all(axis=0).any(axis=-1)
    return {
        "values": flag.sum() / tested.sum(),
        "quiet values": found.sum() / calm.sum(),
        "other values": (flag & ~quiet).sum() / max((tested & ~quiet).sum(), 1),
        "above": (flag & (dtec > 0)).sum() / max(flag.sum(), 1),
        "days, one station": alarm.sum() / seen.sum(),
        "days, any": alarm.any(axis=0).sum() / seen.any(axis=0).sum(),
        "days, all at once": at_once.sum() / whole.sum(),
    }


def sign_table(
    results: Mapping[str, RuleResult],
    times: NDArray[np.datetime64],
    quiet: NDArray[np.bool_],
    *,
    days: int = 28,
    share: float = 0.75,
) -> pd.DataFrame:
    """How often the anomalies of some weeks lie mostly on one side.

    Parameters
    ----------
    results : mapping
        By rule, arrays (station, time).
    times : array of datetime64, shape (time,)
    quiet : array of bool, shape (time,)
        Only these values count.
    days : int
        Length of a span; they follow each other without overlap, and the last is whole.
    share : float
        Part of a span's anomalies that has to lie on one side, 0.5 to 1.

    Returns
    -------
    DataFrame
        Index rule; ``spans`` with an anomaly; in percent of them those ``mostly above`` and
        ``mostly below``; and ``last span, below``, the part of its anomalies that lie below.
    """
    grid = DayGrid.of(times)
    rows = {}
    for rule, result in results.items():
        sign = np.where(np.isfinite(result.dtec) & quiet, np.sign(result.dtec), 0.0)
        by_day = [
            grid.fold(np.asarray(side, dtype=float), 0.0).sum(axis=(0, 2))
            for side in (sign > 0, sign < 0)
        ]
        spans = grid.days // days
        above, below = (
            part[grid.days - spans * days :].reshape(spans, days).sum(axis=1) for part in by_day
        )
        total = above + below
        some = total > 0
        part_below = below[some] / total[some]
        rows[rule] = (
            int(some.sum()),
            100.0 * (part_below <= 1 - share).mean(),
            100.0 * (part_below >= share).mean(),
            100.0 * part_below[-1],
        )
    columns = ["spans", "mostly above", "mostly below", "last span, below"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("rule")


def power(
    tec: Array,
    times: NDArray[np.datetime64],
    quiet: NDArray[np.bool_],
    sizes: Sequence[float],
    *,
    hours: float = 6.0,
    start_hour: float = 6.0,
) -> pd.DataFrame:
    """Share of days on which an anomaly that is put in is found, by its size.

    The anomaly is a raised cosine at one station on one day; it counts as found where one of its
    quiet samples is called anomalous with its sign. The bounds of the days before do not hold the
    day itself, so that every day is a trial of its own.

    Parameters
    ----------
    tec : array, shape (time,)
        One station, TECU.
    times : array of datetime64, shape (time,)
    quiet : array of bool, shape (time,)
    sizes : sequence of float
        Peaks in TECU; below 0 for a loss.
    hours, start_hour : float
        Length, and start in hours after 0:00 UTC.

    Returns
    -------
    DataFrame
        Index size (TECU), one column a rule: percent of the days with a quiet sample in those
        hours.
    """
    grid = DayGrid.of(times)
    clock = np.arange(grid.slots) * 24.0 / grid.slots
    share = (clock - start_hour) / hours
    shape = np.where((share > 0) & (share < 1), np.sin(np.pi * share) ** 2, 0.0)
    found = {}
    for rule, result in three_rules(tec[None], times).items():
        low, high = (grid.fold(part[0]) for part in (result.bounds.lower, result.bounds.upper))
        values = grid.fold(tec)
        usable = (grid.fold(quiet.astype(float), 0.0) > 0) & np.isfinite(values - low)
        usable &= shape > 0
        trials = np.asarray(usable.any(axis=-1))
        column = []
        for size in sizes:
            changed = values + size * shape
            beyond = np.asarray(changed > high if size >= 0 else changed < low)
            column.append(100.0 * np.asarray((beyond & usable).any(axis=-1))[trials].mean())
        found[rule] = column
    return pd.DataFrame(found, index=pd.Index(list(sizes), name="size (TECU)"))
