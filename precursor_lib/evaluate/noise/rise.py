"""Likelihood ratio of a step or a sigmoid in the rate, against a null fitted to the counts.

The test keeps its level where the form of the null holds: see `RiseTest`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise.processes import Clusters, Counts, Null, Steady, daily_counts
from precursor_lib.simulate.activity import ClusteredRate, Phase, SigmoidRate

Array = NDArray[np.float64]
# Sizes of clusters that a fitted null may have; 0 is the Poisson process.
_SIZES = np.array([0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0])


def step_shapes(days: int, margin: int = 5) -> Array:
    """Shares by day of events that begin on a day and go on to the end, a row a first day."""
    shapes = np.array([np.arange(days) >= first for first in range(margin, days - margin)], float)
    return np.asarray(shapes / shapes.sum(axis=1, keepdims=True))


def sigmoid_shapes(
    days: int, *, every: int = 4, widths: Sequence[float] = (1.0, 2.5, 5.0, 10.0)
) -> Array:
    """Shares by day of events of a sigmoidal phase, one row a centre and width (days)."""
    edges = np.arange(days + 1.0)
    rows = [
        np.diff(SigmoidRate(0.0, (Phase(1.0, centre, width),)).expected(edges))
        for centre in np.arange(every / 2, days, every)
        for width in widths
    ]
    return np.asarray([row / row.sum() for row in rows])


def rise_ratios(counts: ArrayLike, shapes: ArrayLike) -> Array:
    """Twice the log likelihood ratio of a constant rate plus a shape, to a constant rate.

    Given their number, events fall on days with the chances ``(1 - w) / n + w shape``. The share w
    of the shape, 0 to 1, is the most likely one.

    Parameters
    ----------
    counts : array_like of int, shape (runs, n)
        Counts a day.
    shapes : array_like, shape (k, n)
        Shares by day; each row sums to 1.

    Returns
    -------
    numpy.ndarray, shape (runs, k)

    Raises
    ------
    InputError
        If shapes differ, a count is negative or a row of `shapes` does not sum to 1.
    """
    c, g = np.asarray(counts), np.asarray(shapes, dtype=float)
    if c.ndim != 2 or g.ndim != 2 or c.shape[1] != g.shape[1]:
        raise InputError(f"counts, shapes: expected as many days in both, got {c.shape}, {g.shape}")
    if (c < 0).any():
        raise InputError("counts: expected numbers >= 0")
    if (g < 0).any() or not np.allclose(g.sum(axis=1), 1):
        raise InputError("shapes: expected shares >= 0 that sum to 1 in each row")
    return _ratios(np.ascontiguousarray(c, dtype=np.float64), g * g.shape[1] - 1)


@njit(nogil=True, cache=True)
def _ratios(counts, excess):
    """Ratios for shapes given as their excess over a constant, in units of it."""
    runs, n = counts.shape
    found = np.zeros((runs, excess.shape[0]))
    held = np.empty(n)
    over = np.empty(n)
    for run in range(runs):
        for k in range(excess.shape[0]):
            m = 0
            slope = 0.0
            for day in range(n):
                if counts[run, day] > 0:
                    held[m] = counts[run, day]
                    over[m] = excess[k, day]
                    slope += held[m] * over[m]
                    m += 1
            if slope <= 0:
                continue
            # The slope falls in w: Newton within a bracket that shrinks.
            low, high, w = 0.0, 1.0, 0.1
            for _ in range(60):
                slope = bend = 0.0
                for i in range(m):
                    # At w = 1 a day of share 0 would divide by 0; the bracket stays below it.
                    part = over[i] / (1 + w * over[i])
                    slope += held[i] * part
                    bend += held[i] * part * part
                if slope > 0:
                    low = w
                else:
                    high = w
                step = slope / bend
                w_ = w + step
                if not low < w_ < high:
                    w_ = 0.5 * (low + high)
                if abs(w_ - w) < 1e-9:
                    break
                w = w_
            total = 0.0
            for i in range(m):
                total += held[i] * np.log1p(w * over[i])
            found[run, k] = 2 * max(total, 0.0)
    return found


class RiseTest:
    """Largest likelihood ratio of many shapes, against a fitted null (parametric bootstrap).

    Parameters
    ----------
    shapes : array_like, shape (k, n)
        See `step_shapes` and `sigmoid_shapes`.
    draws : int
        Of the null for each fit.
    seed : int
        Of the generator.
    spread : float, optional
        Without it the null is a Poisson process: given the number of events it has no parameter
        left. With it, clusters whose events follow their parents within this many days.
    size : float, optional
        Mean size of the clusters, known from elsewhere. Without it, it follows from how the counts
        of blocks as long as `block` vary, rounded to a few values, so that records that are alike
        share their draws; a source then counts as a cluster too.
    block : int
        Days.
    """

    def __init__(
        self,
        shapes: ArrayLike,
        *,
        draws: int = 499,
        seed: int = 0,
        spread: float | None = None,
        size: float | None = None,
        block: int = 15,
    ) -> None:
        self._shapes = np.asarray(shapes, dtype=float)
        if draws < 1 or self._shapes.ndim != 2 or self._shapes.shape[1] < 2 * block:
            raise InputError(
                f"shapes, draws: expected two blocks of {block} days and one draw or more"
            )
        if size is not None and spread is None:
            raise InputError("spread: expected days where the size of clusters is given")
        self._draws, self._seed, self._block = draws, seed, block
        self._spread, self._size = spread, size
        self._nulls: dict[tuple[int, float], Array] = {}

    def p_values(self, counts: Counts) -> Array:
        """Chance of the null to have a ratio as large, a value a run, shape (runs,).

        Parameters
        ----------
        counts : numpy.ndarray of int, shape (runs, n)
            A run without events has p = 1.
        """
        largest = rise_ratios(counts, self._shapes).max(axis=1)
        sizes = self.fitted_sizes(counts)
        found = np.ones(counts.shape[0])
        for run, total in enumerate(counts.sum(axis=1)):
            if total > 0:
                null = self._null(int(total), float(sizes[run]))
                above = self._draws - np.searchsorted(null, largest[run] - 1e-9, side="left")
                found[run] = (1 + above) / (1 + self._draws)
        return found

    def fitted_sizes(self, counts: Counts) -> Array:
        """Mean size of the clusters of each run; 0 throughout for the Poisson null."""
        if self._spread is None or self._size is not None:
            return np.full(counts.shape[0], self._size or 0.0)
        length = self._block
        whole = counts.shape[1] // length
        blocks = counts[:, : whole * length].reshape(-1, whole, length).sum(axis=2)
        mean = np.maximum(blocks.mean(axis=1), 1e-9)
        excess = np.maximum(blocks.var(axis=1, ddof=1) / mean - 1, 0.0)
        # Variance over mean of a block is 1 + size * unit, in closed form.
        unit = ClusteredRate(1.0 / length, 1.0, self._spread).variance(length) - 1.0
        return np.asarray(_SIZES[np.argmin(np.abs(excess[:, None] / unit - _SIZES), axis=1)])

    def _null(self, total: int, size: float) -> Array:
        key = (total, size)
        if key not in self._nulls:
            days = self._shapes.shape[1]
            null: Null = Steady() if size == 0 else Clusters(size, float(self._spread or 1.0))
            seed = np.random.SeedSequence([self._seed, total, round(10 * size)]).generate_state(1)
            drawn = daily_counts(null, total / days, days, self._draws, int(seed[0]), total=total)
            self._nulls[key] = np.sort(rise_ratios(drawn, self._shapes).max(axis=1))
        return self._nulls[key]
