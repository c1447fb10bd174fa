"""What a test of another explanation found, and the rule that says what follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import wilson_interval

Array = NDArray[np.float64]

#: Part of an effect that an explanation has to account for.
NEEDED = 0.5


@dataclass(frozen=True)
class Finding:
    """How much of an effect another explanation accounts for.

    Attributes
    ----------
    explanation : str
    bears_on : str
        The paper and what it says.
    tested_on : str
        The record, and whether it is observed or simulated.
    measure : str
        What the share is of.
    share, low, high : float
        Share of the effect, 1 for all of it, with its 95 % interval. Below 0 where the effect goes
        the other way, above 1 where the explanation gives more than is reported.
    """

    explanation: str
    bears_on: str
    tested_on: str
    measure: str
    share: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``can explain`` where the whole interval is at `NEEDED` or above, ``cannot`` where it is
        below, else ``open``; also where there is no interval."""
        if not np.all(np.isfinite([self.low, self.high])):
            return "open"
        if self.low >= NEEDED:
            return "can explain"
        return "cannot" if self.high < NEEDED else "open"


def beyond_chance(hits: int, trials: int, chance: float) -> tuple[float, float, float]:
    """Share of trials that hit for a reason: ``(p - c) / (1 - c)`` if a share c hits by chance.

    Trials either hit for the reason, or hit with chance c. This is Abbott's formula; the interval
    is Wilson's for p, through the same formula, with c taken as known.

    Parameters
    ----------
    hits, trials : int
    chance : float
        From 0 up to 1, left out.

    Returns
    -------
    share, low, high : float
        NaN without trials.
    """
    if not 0 <= chance < 1:
        raise InputError(f"chance: expected 0 up to 1, got {chance}")
    if trials == 0:
        return np.nan, np.nan, np.nan
    p = np.array([hits / trials, *wilson_interval(hits, trials)])
    share, low, high = (p - chance) / (1 - chance)
    return float(share), float(low), float(high)


def block_interval(
    statistic: Callable[..., float],
    *series: ArrayLike,
    block: int,
    draws: int,
    seed: int,
    confidence: float = 0.95,
) -> tuple[float, float, float]:
    """A statistic of aligned series with its interval from blocks drawn with replacement.

    Blocks of neighbouring samples keep most of the dependence in time (circular block bootstrap,
    Politis and Romano 1992). The interval is between percentiles of the draws.

    Parameters
    ----------
    statistic : callable
        Takes the series and gives a number; draws for which it is NaN are left out.
    *series : array_like, shape (n, ...)
        Drawn together.
    block : int
        Samples of a block, longer than they depend on each other.
    draws, seed : int
    confidence : float

    Returns
    -------
    value, low, high : float

    Raises
    ------
    InputError
        If lengths differ, the block is not within the series, or a parameter is out of range.
    """
    arrays = [np.asarray(one) for one in series]
    sizes = {len(one) for one in arrays}
    if len(sizes) != 1:
        raise InputError(f"series: expected one length, got {sorted(sizes)}")
    n = sizes.pop()
    if not 1 <= block <= n:
        raise InputError(f"block: expected 1 to {n}, got {block}")
    if draws < 20 or not 0 < confidence < 1:
        raise InputError(
            f"draws, confidence: expected 20 or more and 0 to 1, got {draws}, {confidence}"
        )
    rng = np.random.default_rng(seed)
    found = np.empty(draws)
    for k in range(draws):
        starts = rng.integers(0, n, -(-n // block))
        at = ((starts[:, None] + np.arange(block)) % n).ravel()[:n]
        found[k] = statistic(*(one[at] for one in arrays))
    held = found[np.isfinite(found)]
    value = float(statistic(*arrays))
    if held.size == 0:
        return value, np.nan, np.nan
    low, high = np.quantile(held, [(1 - confidence) / 2, (1 + confidence) / 2])
    return value, float(low), float(high)


def rank_correlation(x: Any, y: Any) -> float:
    """Spearman's correlation of the samples that both have; NaN where one is constant."""
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    held = np.isfinite(a) & np.isfinite(b)
    a, b = stats.rankdata(a[held]), stats.rankdata(b[held])
    if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return float(np.corrcoef(a, b)[0, 1])
