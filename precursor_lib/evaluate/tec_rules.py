"""How often the rules that call TEC anomalous do so: in noise, in records, and with an anomaly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import lfilter

from precursor_lib.detect.day_grid import DayGrid
from precursor_lib.detect.residual_rule import PointRule
from precursor_lib.detect.rule_chance import day_chance
from precursor_lib.detect.tec_chance import error_chance, median_chance, nominal_chance
from precursor_lib.detect.tec_rules import (
    Spread,
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


def chance_table(per_day: int, days: int = 15) -> pd.DataFrame:
    """Chance in percent that one value of independent noise lies outside.

    Parameters
    ----------
    per_day : int
        Samples a day.
    days : int
        Days in the window.
    """
    rows = {
        ERROR: (
            days * per_day,
            nominal_chance(2.0),
            error_chance(days * per_day),
            error_chance(days * per_day, window="through"),
            np.nan,
        )
    }
    spreads: dict[str, Spread] = {MEDIAN: "quartiles", SIGMA: "sigma"}
    for name, spread in spreads.items():
        rows[name] = (
            days,
            nominal_chance(1.5, "iqr"),
            median_chance(days, spread=spread),
            median_chance(days, window="through", spread=spread),
            median_chance(days, spread=spread, noise="student3"),
        )
    columns = ["values", "true spread", "days before", "through the value", "heavy tails"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("rule")
    table.iloc[:, 1:] *= 100.0
    return table


def noise(kind: str, memory_hours: float, shape: tuple[int, int], per_day: int, seed: int) -> Array:
    """Series of noise: Gaussian or Student's t (3) innovations, with a memory.

    Parameters
    ----------
    kind : {"gaussian", "student3"}
    memory_hours : float
        Time in which the correlation falls to 1/e; 0 for none.
    shape : (int, int)
        Series and samples.
    per_day : int
        Samples a day.
    seed : int
    """
    rng = np.random.default_rng(seed)
    kept = np.exp(-24.0 / per_day / memory_hours) if memory_hours > 0 else 0.0
    warm = int(np.ceil(10 * memory_hours * per_day / 24))
    size = (shape[0], shape[1] + warm)
    drawn_ = rng.standard_normal(size) if kind == "gaussian" else rng.standard_t(3, size)
    return np.asarray(lfilter([1.0], [1.0, -kept], drawn_, axis=1)[:, warm:])


def noise_rates(
    kind: str, memory_hours: float, *, series: int, days: int, per_day: int, seed: int
) -> pd.DataFrame:
    """Share of values, and of days with one or more, that the rules call anomalous in noise.

    The error rule has the noise itself as the forecast's error.

    Returns
    -------
    DataFrame
        Index rule; columns ``values`` and ``days``, in percent.
    """
    step = np.timedelta64(86400 // per_day, "s")
    times = np.datetime64("2016-01-01", "ns") + np.arange(days * per_day) * step
    values = noise(kind, memory_hours, (series, times.size), per_day, seed)
    bounds = {
        ERROR: error_bounds(values, times),
        MEDIAN: median_bounds(values, times),
        SIGMA: median_bounds(values, times, spread="sigma"),
    }
    rows = {}
    for name, limit in bounds.items():
        found = DayGrid.of(times).fold(outside(values, limit))
        tested = np.isfinite(found)
        flag = tested & (found != 0)
        rows[name] = (
            100.0 * flag.sum() / tested.sum(),
            100.0 * flag.any(axis=-1)[tested.all(axis=-1)].mean(),
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["values", "days"])
    return table.rename_axis("rule")


def memory_table(memories: Sequence[float], **size: int) -> pd.DataFrame:
    """Rates in Gaussian noise by its memory, with the closed form for days of the error rule.

    Parameters
    ----------
    memories : sequence of float
        Hours; 0 for independent values.
    **size
        For `noise_rates`.

    Returns
    -------
    DataFrame
        Columns ``memory``, ``rule``, ``values``, ``days``, ``closed form`` (percent; NaN where
        there is none).
    """
    rows = []
    for memory in memories:
        rates = noise_rates("gaussian", memory, **size)
        kept = np.exp(-24.0 / size["per_day"] / memory) if memory > 0 else 0.0
        for name, row in rates.iterrows():
            exact = np.nan
            if name == ERROR:
                rule = PointRule("confidence", 2.0)
                exact = 100.0 * day_chance(rule, 0, samples=size["per_day"], correlation=kept)
            rows.append((memory, name, row["values"], row["days"], exact))
    return pd.DataFrame(rows, columns=["memory", "rule", "values", "days", "closed form"])


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
