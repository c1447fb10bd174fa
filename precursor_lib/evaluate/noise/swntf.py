"""The criterion of the SW-NTF paper on noise: two sigmoids and two lines (figure 5)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from precursor_lib.evaluate.noise.chance import Array, Bools, line_r2, window_fits

#: Nights of the record, days from the earthquake.
NIGHTS = np.arange(-90.0, 30.0)
#: Anomalies in all nights (table 2).
EVENTS = 27
#: Windows of the two phases, and the R2 of their sigmoids.
PHASES = ((-85.0, -60.0), (-40.0, -17.0))
PHASE_R2 = (0.98, 0.99)
#: R2 of what the paper calls linear (figure 6).
LINE_R2 = 0.97


def phases_pass(
    days: Array,
    curves: Array,
    windows: Sequence[tuple[float, float]] = PHASES,
    r2: Sequence[float] = PHASE_R2,
    *,
    cores: int = 1,
) -> Bools:
    """Whether a believed sigmoid reaches its R2 in every window.

    Parameters
    ----------
    days : numpy.ndarray, shape (n,)
    curves : numpy.ndarray, shape (runs, n)
        Cumulative curves.
    windows, r2 : sequence
        Windows (days, both ends included), and the R2 to reach in each.
    cores : int
        Threads.

    Returns
    -------
    numpy.ndarray of bool, shape (runs,)
    """
    passed = np.ones(curves.shape[0], dtype=bool)
    for window, limit in zip(windows, r2, strict=True):
        left = np.flatnonzero(passed)
        if left.size:
            fits = window_fits(days, curves[left], window, least_r2=limit, cores=cores)
            passed[left] = (fits["believed"] & (fits["r2_s"] >= limit)).to_numpy()
    return passed


def candidate_windows(
    lengths: Sequence[float] = (20.0, 25.0, 30.0, 35.0),
    step: float = 5.0,
    first: float = -90.0,
    last: float = 0.0,
) -> list[tuple[float, float]]:
    """Windows of the given lengths (days) on a grid of starts, within the days before the shock."""
    starts = np.arange(first, last, step)
    return [(float(s), float(s + n)) for s, n in product(starts, lengths) if s + n <= last]


def free_phases_pass(
    days: Array,
    curves: Array,
    windows: Sequence[tuple[float, float]],
    r2: tuple[float, float] = PHASE_R2,
    *,
    cores: int = 1,
) -> Bools:
    """Whether any two windows, one after the other, hold believed sigmoids of these R2.

    Parameters
    ----------
    days, curves, cores
        As for `phases_pass`.
    windows : sequence of tuple of float
        Candidates; see `candidate_windows`.
    r2 : tuple of float
        To reach in the earlier and in the later window.

    Returns
    -------
    numpy.ndarray of bool, shape (runs,)
    """
    passed = np.zeros(curves.shape[0], dtype=bool)
    # The earliest end of a first phase so far. A window that ends before another begins also
    # begins before it, so in order of their starts no pair is missed.
    ended = np.full(curves.shape[0], np.inf)
    latest = max((first for first, _ in windows), default=-np.inf)
    for first, last in sorted(windows):
        # A window may be the second of a pair, or end the first phase earlier than so far.
        useful = (ended < first) | ((last < ended) & (last < latest))
        left = np.flatnonzero(~passed & useful)
        if left.size == 0:
            continue
        fits = window_fits(days, curves[left], (first, last), least_r2=min(r2), cores=cores)
        value = np.where(fits["believed"], fits["r2_s"], -np.inf)
        passed[left] = (value >= r2[1]) & (ended[left] < first)
        ended[left] = np.where(value >= r2[0], np.minimum(ended[left], last), ended[left])
    return passed


def line_passes(days: Array, curves: Array, r2: float = LINE_R2) -> Bools:
    """Whether a line through each whole curve has an R2 of `r2` or more."""
    return np.asarray(line_r2(days, curves) >= r2)
