"""How often the rules that call TEC anomalous do so in noise of stated distribution and memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from precursor_lib.detect.day_grid import DayGrid
from precursor_lib.detect.residual_rule import PointRule
from precursor_lib.detect.rule_chance import day_chance
from precursor_lib.detect.tec_chance import error_chance, median_chance, nominal_chance
from precursor_lib.detect.tec_rules import Spread, error_bounds, median_bounds, outside
from precursor_lib.evaluate.tec_rules import ERROR, MEDIAN, SIGMA

Array = NDArray[np.float64]


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
