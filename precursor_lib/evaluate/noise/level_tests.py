"""Tests of event times and daily counts, with what each takes for granted.

- `kuiper_test`: uniform times, for independent events.
- `block_permutation`: any statistic against the same blocks of days in another order; its level
  holds for counts that are alike in all blocks and forgotten from block to block.

The likelihood ratio of a rise has a module of its own: `rise`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise.processes import Counts

Array = NDArray[np.float64]


def kuiper_test(phases: ArrayLike) -> tuple[float, float]:
    """Kuiper's test that phases are uniform on a circle.

    Parameters
    ----------
    phases : array_like, shape (n,)
        In cycles; their whole part is dropped.

    Returns
    -------
    tuple of float
        The sum of the largest deviations to both sides, and its p-value (Stephens 1970: the
        asymptotic series with a corrected argument), for independent phases.

    Raises
    ------
    InputError
        If there is no phase, or one is not finite.
    """
    z = np.sort(np.mod(np.asarray(phases, dtype=float).ravel(), 1.0))
    n = z.size
    if n == 0 or not np.isfinite(z).all():
        raise InputError("phases: expected at least one, all of them finite")
    k = np.arange(n)
    v = float(np.max((k + 1) / n - z) + np.max(z - k / n))
    argument = v * (np.sqrt(n) + 0.155 + 0.24 / np.sqrt(n))
    if argument < 0.4:
        return v, 1.0
    j2 = np.arange(1, 101) ** 2
    terms = 2 * (4 * j2 * argument**2 - 1) * np.exp(-2 * j2 * argument**2)
    return v, float(np.clip(terms.sum(), 0.0, 1.0))


def block_permutation(
    counts: Counts,
    statistic: Callable[[Counts], Array],
    *,
    block: int,
    draws: int = 499,
    seed: int = 0,
) -> Array:
    """p-values of a statistic against the same blocks of days in random order.

    Parameters
    ----------
    counts : numpy.ndarray, shape (runs, n)
        Counts a day.
    statistic : callable
        From counts (runs, n) to one value a run; large where there is a rise.
    block : int
        Days of a block; a divisor of n.
    draws : int
        Orders, the same for all runs.
    seed : int
        Of the generator.

    Returns
    -------
    numpy.ndarray, shape (runs,)

    Raises
    ------
    InputError
        If blocks do not fill the days, or there are fewer than two of them.
    """
    c = np.asarray(counts)
    if c.ndim != 2 or block < 1 or c.shape[1] % block or c.shape[1] < 2 * block:
        raise InputError(f"block: expected a divisor of the {c.shape[-1]} days, got {block}")
    rng = np.random.default_rng(seed)
    blocks = c.reshape(c.shape[0], -1, block)
    found = statistic(c)
    above = np.ones(c.shape[0])
    for _ in range(draws):
        order = rng.permutation(blocks.shape[1])
        above += statistic(blocks[:, order].reshape(c.shape)) >= found - 1e-9
    return np.asarray(above / (draws + 1))


def largest_step(counts: ArrayLike, margin: int = 5) -> Any:
    """Largest difference in level between the days after and before any change point.

    Parameters
    ----------
    counts : array_like, shape (runs, n)
    margin : int
        Days that lie on either side at least.

    Returns
    -------
    numpy.ndarray, shape (runs,)
        Difference of the means over the square root of ``n / (k (n - k))``, so that it scatters
        alike at all change points k for independent counts. Either direction.
    """
    c = np.asarray(counts, dtype=float)
    n = c.shape[1]
    total = np.cumsum(c, axis=1)[:, :-1]
    k = np.arange(1, n)
    off = np.abs(total - k / n * c.sum(axis=1, keepdims=True)) / np.sqrt(k * (n - k) / n)
    return off[:, margin - 1 : n - margin].max(axis=1)
