"""The criterion of the Lushan paper on noise: days that grow more frequent (section 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
from scipy import stats

from precursor_lib.evaluate.noise.chance import Array, Bools, window_fits
from precursor_lib.evaluate.noise.processes import Counts

#: Geomagnetic stages, days from the earthquake: January, to the end of March, from early April.
STAGES = (-100.0, -70.0, -20.0, 0.0)
#: Windows of the two strain fits: November to early March, and the time after (prose of figure 12).
PHASES = ((-180.0, -48.0), (-48.0, 0.0))
#: Smallest R2 that figure 12 prints.
PHASE_R2 = 0.99
#: Anomalous days of the first strain phase at Kangding (A2 of figure 12).
FIRST_PHASE_DAYS = 39.64463


def anomalous(counts: Counts) -> Counts:
    """1 on days with an event: a day is anomalous or not, whatever happens on it."""
    return (counts > 0).astype(np.int64)


def stages_grow(days: Array, flags: Counts, edges: Sequence[float] = STAGES) -> Bools:
    """Whether the share of anomalous days grows from each stage to the next, at every station.

    Parameters
    ----------
    days : numpy.ndarray, shape (n,)
        A day belongs to the stage whose first edge is below it and whose second is not.
    flags : numpy.ndarray of int, shape (stations, runs, n)
    edges : sequence of float

    Returns
    -------
    numpy.ndarray of bool, shape (runs,)
    """
    shares = [flags[..., (days > a) & (days <= b)].mean(axis=-1) for a, b in pairwise(edges)]
    return np.asarray((np.diff(np.stack(shares), axis=0) > 0).all(axis=(0, 1)))


def stages_chance(chance: float, lengths: Sequence[int], stations: int = 1) -> float:
    """Exact chance of `stages_grow` where every day is anomalous by itself with one chance.

    Parameters
    ----------
    chance : float
        Of a day.
    lengths : sequence of int
        Days of the stages.
    stations : int
        Independent ones.
    """
    # Weight of each count of the current stage, with all earlier shares growing.
    weight = stats.binom.pmf(np.arange(lengths[0] + 1), lengths[0], chance)
    for before, now in pairwise(lengths):
        k = np.arange(now + 1)
        # Whole numbers are compared, so that equal shares are equal: j / before < k / now.
        less = np.arange(before + 1)[None, :] * now < k[:, None] * before
        weight = stats.binom.pmf(k, now, chance) * (less @ weight)
    return float(weight.sum() ** stations)


def free_stages_grow(
    days: Array, flags: Counts, first: Sequence[float], second: Sequence[float]
) -> Bools:
    """`stages_grow` for any pair of inner edges, one pair for all stations.

    Parameters
    ----------
    days, flags
        As for `stages_grow`.
    first, second : sequence of float
        Candidates of the two inner edges.
    """
    passed = np.zeros(flags.shape[1], dtype=bool)
    for a, b in product(first, second):
        if STAGES[0] < a < b < STAGES[-1]:
            passed |= stages_grow(days, flags, (STAGES[0], a, b, STAGES[-1]))
    return passed


def two_phases(
    days: Array,
    curves: Array,
    starts: Sequence[float] = (PHASES[0][0],),
    borders: Sequence[float] = (PHASES[1][0],),
    r2: float = PHASE_R2,
    *,
    cores: int = 1,
) -> Bools:
    """Whether every station has two sigmoids of that R2, one up to a border and one after it.

    The printed fits have errors far larger than their parameters, so nothing but R2 is asked for.

    Parameters
    ----------
    days : numpy.ndarray, shape (n,)
    curves : numpy.ndarray, shape (stations, runs, n)
        Cumulative anomalous days.
    starts, borders : sequence of float
        First days of the first window, and borders between the two; each station may have its own
        of each. One of each for windows as printed.
    r2 : float
        To reach in both windows.
    cores : int
        Threads.

    Returns
    -------
    numpy.ndarray of bool, shape (runs,)
    """
    passed = np.ones(curves.shape[1], dtype=bool)
    for station in curves:
        found = np.zeros(passed.shape, dtype=bool)
        for border in borders:
            left = np.flatnonzero(passed & ~found)
            if left.size == 0:
                break
            late = window_fits(
                days, station[left], (border, PHASES[1][1]), least_r2=r2, cores=cores
            )
            left = left[(late["r2_s"] >= r2).to_numpy()]
            for start in starts:
                left = left[~found[left]]
                if left.size:
                    early = window_fits(
                        days, station[left], (start, border), least_r2=r2, cores=cores
                    )
                    found[left] = (early["r2_s"] >= r2).to_numpy()
        passed &= found
    return passed
