"""Residuals of the page on residual rules: simulated noise, a source in it, a simple forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.signal import lfilter

from precursor_lib.detect import PointRule, anomalous_days, residual_points
from precursor_lib.detect.rule_chance import MINUTES
from precursor_lib.errors import InputError

Array = NDArray[np.float64]
# Kind and correlation of neighbours of each noise on the page.
NOISES: dict[str, dict[str, Any]] = {
    "Gaussian, white": {"noise": "gaussian", "correlation": 0.0},
    "Gaussian, AR(1) 0.9": {"noise": "gaussian", "correlation": 0.9},
    "Gaussian, AR(1) 0.99": {"noise": "gaussian", "correlation": 0.99},
    "Laplacian, white": {"noise": "laplace", "correlation": 0.0},
}


def simulated_noise(days: int, seed: int) -> dict[str, Array]:
    """Residuals of unit standard deviation at one-minute sampling, one series for each of `NOISES`.

    Parameters
    ----------
    days, seed : int
        Length, and seed.
    """
    found = {}
    for (name, kind), stream in zip(
        NOISES.items(), np.random.SeedSequence(seed).spawn(len(NOISES)), strict=True
    ):
        rng, r, n = np.random.default_rng(stream), kind["correlation"], days * MINUTES
        if kind["noise"] == "laplace":
            found[name] = rng.laplace(0.0, 1 / np.sqrt(2), n)
            continue
        e = rng.normal(size=n)
        e[1:] *= np.sqrt(1 - r * r)
        found[name] = lfilter([1.0], [1.0, -r], e)
    return found


def minute_times(days: int, start: str = "2012-12-31T16:00") -> NDArray[np.datetime64]:
    """Times of whole days of minutes (UTC); the default begins at midnight in Beijing."""
    return np.datetime64(start, "ns") + np.arange(days * MINUTES) * np.timedelta64(60, "s")


def days_of(
    residual: Array, rule: PointRule, threshold: float, *, zone_hours: float = 8.0
) -> pd.DataFrame:
    """Anomalous days of residuals at one-minute sampling whose scale is their own."""
    times = minute_times(residual.size // MINUTES)
    points = residual_points(residual, np.zeros_like(residual), rule)
    return anomalous_days(times, points, threshold=threshold, zone_hours=zone_hours)


def active_record(days: int, active: int, minutes: int, size: float, seed: int) -> Array:
    """White Gaussian residuals of size 1 with a source in the last days.

    Parameters
    ----------
    days, active : int
        All days, and those at the end with a source.
    minutes : int
        Minutes of each active day in which the source adds Gaussian residuals.
    size : float
        Standard deviation that it adds.
    seed : int
    """
    rng = np.random.default_rng(seed)
    e = rng.normal(size=(days, MINUTES))
    e[-active:, :minutes] += size * rng.normal(size=(active, minutes))
    return e.ravel()


def hour_ago(values: Array, minutes: int = 60) -> Array:
    """What is left of one-minute values when the value some minutes before is the forecast."""
    if values.size <= minutes:
        raise InputError(f"values: expected more than {minutes} samples, got {values.size}")
    return np.concatenate((np.full(minutes, np.nan), values[minutes:] - values[:-minutes]))


def moments(residual: Array, lag: int = 1) -> dict[str, float]:
    """Excess kurtosis, correlation of neighbours, and mean size over standard deviation.

    Gaussian noise has 0, 0 and 0.798; Laplacian 3, 0 and 0.707.
    """
    e = residual[np.isfinite(residual)]
    a, b = residual[:-lag], residual[lag:]
    pair = np.isfinite(a) & np.isfinite(b)
    return {
        "excess kurtosis": float(stats.kurtosis(e)),
        "correlation of neighbours": float(np.corrcoef(a[pair], b[pair])[0, 1]),
        "mean size / standard deviation": float(np.mean(np.abs(e)) / np.std(e)),
    }
