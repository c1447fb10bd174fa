"""What the paper's criteria say of sequences that hold nothing: steady random events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from precursor_lib.detect.growth import fit_line, fit_sigmoid
from precursor_lib.errors import InputError


def poisson_curves(events: float, days: int, runs: int, seed: int) -> np.ndarray:
    """Cumulative counts of steady Poisson sequences.

    Parameters
    ----------
    events : float
        Expected number in all days.
    days, runs : int
        Length and number of the sequences.
    seed : int
        Of the generator.

    Returns
    -------
    numpy.ndarray of int, shape (runs, days)
    """
    if not (events > 0 and days >= 2 and runs >= 1):
        raise InputError(
            f"events, days, runs: expected more than 0, 1 and 0, got {events}, {days}, {runs}"
        )
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.poisson(events / days, size=(runs, days)), axis=1)


def sigmoid_r2(
    days: np.ndarray, cumulative: np.ndarray, windows: Sequence[tuple[float, float]]
) -> np.ndarray:
    """R2 of converged sigmoids through windows of a curve; NaN where a fit does not converge.

    Parameters
    ----------
    days, cumulative : numpy.ndarray, shape (n,)
        The curve.
    windows : sequence of tuple of float
        First and last day of each window, both included.
    """
    found = []
    for first, last in windows:
        inside = (days >= first) & (days <= last)
        fit = fit_sigmoid(days[inside], cumulative[inside])
        found.append(fit.r2 if fit.converged else np.nan)
    return np.asarray(found)


def share_of_sigmoids(
    curves: np.ndarray,
    days: np.ndarray,
    windows: Sequence[tuple[float, float]],
    r2: Sequence[float],
    *,
    together: bool,
) -> tuple[float, float]:
    """Share of curves whose sigmoids reach an R2 in the windows.

    Parameters
    ----------
    curves : numpy.ndarray, shape (runs, n)
        Cumulative curves over `days`.
    windows, r2 : sequence
        Windows, and the R2 to reach in each.
    together : bool
        True: in all windows; False: in any.

    Returns
    -------
    tuple of float
        The share and its Monte Carlo standard error.
    """
    limits = np.asarray(r2, dtype=float)
    join = np.all if together else np.any
    hits = [bool(join(sigmoid_r2(days, curve, windows) >= limits)) for curve in curves]
    share = float(np.mean(hits))
    return share, float(np.sqrt(max(share * (1 - share), 1 / len(hits) ** 2) / len(hits)))


def line_r2(curves: np.ndarray, days: np.ndarray) -> np.ndarray:
    """R2 of a line through each curve (runs,)."""
    return np.asarray([fit_line(days, curve).r2 for curve in curves])


def share_of_peaks(
    series: Callable[[int], pd.Series], runs: int, days: Sequence[float], reach: float
) -> tuple[float, float]:
    """Share of series with a local maximum near each of some days.

    Parameters
    ----------
    series : callable
        Gives run `i` as a series indexed by day; NaN are left out.
    runs : int
        Number of runs.
    days : sequence of float
        Days that all need a maximum.
    reach : float
        How near, in days, included.

    Returns
    -------
    tuple of float
        The share and its Monte Carlo standard error.
    """
    hits = []
    for run in range(runs):
        values = series(run).dropna()
        v = values.to_numpy()
        top = np.flatnonzero((v[1:-1] > v[:-2]) & (v[1:-1] >= v[2:])) + 1
        at = values.index.to_numpy(dtype=float)[top]
        hits.append(all(np.any(np.abs(at - day) <= reach) for day in days))
    share = float(np.mean(hits))
    return share, float(np.sqrt(max(share * (1 - share), 1 / runs**2) / runs))
