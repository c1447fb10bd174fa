"""The TEC rules on a year of 15-minute values at five stations, beside pandas' rolling windows.

Run with ``python -m pytest benchmarks/bench_tec_rules.py``. `error_bounds` with a window through
the value is what pandas' rolling mean and standard deviation give; `median_bounds` through the
value is what its rolling quantiles over the days of one time of day give. Each row's
``difference`` is the largest difference of the bounds, in TECU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from precursor_lib.detect.tec_rules import error_bounds, median_bounds

STATIONS, SLOTS, DAYS, WINDOW = 5, 96, 366, 15
TIMES = np.datetime64("2016-01-01", "ns") + np.arange(DAYS * SLOTS) * np.timedelta64(15, "m")


@pytest.fixture(scope="module")
def tec() -> np.ndarray:
    """A daily wave with noise, (station, time)."""
    rng = np.random.default_rng(0)
    clock = 2 * np.pi * np.arange(TIMES.size) / SLOTS
    return 15 - 8 * np.cos(clock) + rng.standard_normal((STATIONS, TIMES.size))


def pandas_error(tec: np.ndarray) -> np.ndarray:
    rolling = pd.DataFrame(tec.T).rolling(WINDOW * SLOTS)
    return (rolling.mean() + 2 * rolling.std()).to_numpy().T


def pandas_median(tec: np.ndarray) -> np.ndarray:
    by_day = tec.reshape(STATIONS, DAYS, SLOTS).transpose(1, 0, 2).reshape(DAYS, -1)
    rolling = pd.DataFrame(by_day).rolling(WINDOW)
    low, middle, high = (rolling.quantile(q) for q in (0.25, 0.5, 0.75))
    upper = (middle + 1.5 * (high - low)).to_numpy()
    return upper.reshape(DAYS, STATIONS, SLOTS).transpose(1, 0, 2).reshape(STATIONS, -1)


OURS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "error": lambda x: error_bounds(x, TIMES, window="through", least=1.0).upper,
    "median": lambda x: median_bounds(x, TIMES, window="through", least=1.0).upper,
}
PANDAS = {"error": pandas_error, "median": pandas_median}


@pytest.mark.parametrize("program", ["precursor_lib", "pandas"])
@pytest.mark.parametrize("rule", ["error", "median"])
def test_year_of_five_stations(benchmark: Any, tec: np.ndarray, rule: str, program: str) -> None:
    benchmark.group = rule
    run = (OURS if program == "precursor_lib" else PANDAS)[rule]
    upper = benchmark.pedantic(run, args=(tec,), rounds=5, warmup_rounds=1)
    other = (PANDAS if program == "precursor_lib" else OURS)[rule](tec)
    difference = float(np.nanmax(np.abs(upper - other)))
    benchmark.extra_info["difference"] = difference
    assert difference < 1e-6
    assert (np.isfinite(upper) == np.isfinite(other)).all()
