"""Lag of two unrelated records that begin on different days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precursor_lib.detect import fit_trend
from precursor_lib.detect.growth_batch import fit_many
from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise.processes import Null, daily_counts

Array = NDArray[np.float64]


def inflections(null: Null, days: int, runs: int, seed: int, *, rate: float = 0.3) -> Array:
    """Inflection of the best sigmoid through records of noise that end on day 0.

    Parameters
    ----------
    null : Null
        Noise, see `precursor_lib.evaluate.noise.processes`.
    days, runs : int
    seed : int
    rate : float
        Events a day.

    Returns
    -------
    numpy.ndarray, shape (runs,)
        Days; NaN where the fit is not believed.
    """
    if days < 20 or runs < 10:
        raise InputError(f"days, runs: expected 20 and 10 or more, got {days}, {runs}")
    axis = np.arange(1.0 - days, 1.0)
    counts = daily_counts(null, rate, days, runs, seed)
    fits = fit_many(axis, np.cumsum(counts, axis=1).astype(float))
    return np.asarray(fits["x0"].where(fits["believed"]), dtype=float)


def lags_by_start(
    null: Null, short: int, differences: Sequence[int], runs: int, seed: int
) -> pd.DataFrame:
    """Lags of an earlier-starting record behind one of `short` days, for unrelated pairs.

    Parameters
    ----------
    null : Null
    short : int
        Days of the record that starts later.
    differences : sequence of int
        Days by which the other one starts earlier.
    runs : int
        Pairs for each.
    seed : int

    Returns
    -------
    pandas.DataFrame
        A row a pair in which both sigmoids are believed: ``difference`` and ``lag`` (negative: the
        record that starts earlier leads).
    """
    seeds = [int(s) for s in np.random.SeedSequence(seed).generate_state(len(differences) + 1)]
    later = inflections(null, short, runs, seeds[0])
    parts = []
    for difference, child in zip(differences, seeds[1:], strict=True):
        lag = inflections(null, short + difference, runs, child) - later
        parts.append(pd.DataFrame({"difference": difference, "lag": lag[np.isfinite(lag)]}))
    return pd.concat(parts, ignore_index=True)


def lag_slope(lags: pd.DataFrame) -> tuple[float, float, float]:
    """Lag a day of difference, with its 95 % interval; -0.5 for steady noise."""
    line = fit_trend(lags["difference"].to_numpy(dtype=float), lags["lag"].to_numpy(dtype=float))
    return line.slope, *line.interval
