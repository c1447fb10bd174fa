"""Cumulative curves of the page on growth curves: of known truth, and of noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from precursor_lib.detect import GrowthComparison, fit_many, growth_ratio
from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.nulls import poisson_curves
from precursor_lib.simulate.activity import ClusteredRate, Phase, SigmoidRate

Array = NDArray[np.float64]
NOISES = ("steady", "clustered", "disturbed")
# Mean size and longest delay (days) of the clusters.
_CLUSTER = (8.0, 15.0)


def day_axis(days: int, after: int = 0) -> Array:
    """Days from an event to the end of each day; the last `after` days follow the event."""
    return np.arange(1.0 - days, 1.0) + after


def true_curves(
    days: Array, phases: Sequence[Phase], runs: int, seed: int, base: float = 0.0
) -> Array:
    """Cumulative daily counts of Poisson processes with known phases, shape (runs, n)."""
    process = SigmoidRate(base, tuple(phases))
    expected = np.diff(process.expected(np.concatenate(([days[0] - 1], days)), since=days[0] - 1))
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.poisson(expected, (runs, days.size)), axis=1).astype(float)


def noise_curves(kind: str, days: int, runs: int, seed: int, rate: float = 0.4) -> Array:
    """Cumulative daily counts of noise whose expectation is a straight line, shape (runs, days).

    Parameters
    ----------
    kind : {"steady", "clustered", "disturbed"}
        ``steady``: independent events. ``clustered``: eight at a time on the mean, within fifteen
        days. ``disturbed``: anomalous points of a disturbed record, 100 a day on the mean with a
        lognormal spread of 1.4 times that and a correlation of 0.6 from day to day.
    days, runs, seed : int
        Length and number of the curves, and the seed.
    rate : float
        Events a day of the first two.
    """
    rng = np.random.default_rng(seed)
    if kind == "steady":
        return poisson_curves(rate * days, days, runs, seed).astype(float)
    if kind == "clustered":
        process = ClusteredRate(rate, *_CLUSTER)
        edges = np.arange(days + 1.0)
        counts = [
            np.histogram(process.sample(0.0, float(days), rng), edges)[0] for _ in range(runs)
        ]
        return np.cumsum(counts, axis=1).astype(float)
    if kind == "disturbed":
        spread, memory = np.sqrt(np.log(1 + 1.4**2)), 0.6
        level = rng.normal(size=(runs, days))
        level[:, 1:] *= np.sqrt(1 - memory**2)
        level = lfilter([1.0], [1.0, -memory], level, axis=1)
        return np.cumsum(rng.poisson(100 * np.exp(spread * level - spread**2 / 2)), axis=1) * 1.0
    raise InputError(unknown("kind of noise", kind, NOISES))


def noise_fits(days: int, runs: int, seed: int) -> dict[str, pd.DataFrame]:
    """Sigmoid and line through each curve of the three kinds of noise (see `fit_many`).

    The rare curve without any event has no fit, and is left out.
    """
    axis = day_axis(days)
    found = {kind: fit_many(axis, noise_curves(kind, days, runs, seed)) for kind in NOISES}
    return {kind: frame[frame["r2_s"].notna()] for kind, frame in found.items()}


def unfinished(
    curves: Array, days: Array, steps: Sequence[int], shares: Sequence[float]
) -> pd.DataFrame:
    """Ratio of searches that are stopped early, from steps at several places.

    Parameters
    ----------
    curves : array, shape (runs, n)
        Cumulative curves over `days`.
    days : array, shape (n,)
    steps : sequence of int
        Evaluations after which the search is stopped.
    shares : sequence of float
        Where in the window the search begins, as a share of it; its time constant begins at a day.

    Returns
    -------
    pandas.DataFrame
        Columns ``share``, ``steps``, ``run``, ``r2``, ``ratio``.
    """
    rows = []
    for share in shares:
        for run, curve in enumerate(curves):
            place = float(days[0] + share * (days[-1] - days[0]))
            start = {"A1": curve[0], "A2": curve[-1], "x0": place, "dx": 1.0}
            for stop in steps:
                found: GrowthComparison = growth_ratio(days, curve, stop_after=stop, start=start)
                rows.append(
                    {
                        "share": share,
                        "steps": stop,
                        "run": run,
                        "r2": found.sigmoid.r2,
                        "ratio": found.ratio,
                    }
                )
    return pd.DataFrame(rows)
