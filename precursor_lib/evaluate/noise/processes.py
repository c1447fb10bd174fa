"""Daily counts of events without any source, for thousands of runs at once.

Every process here is a Cox process: a rate a day, drawn or given, and independent Poisson counts
about it. So the counts of a run either follow its rate, or a given total is shared out among its
days in proportion to the rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from precursor_lib.errors import InputError

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


class Null(Protocol):
    """What a null offers: rates of events without a source."""

    def rates(self, mean: float, days: int, runs: int, rng: np.random.Generator) -> Array:
        """Events a day expected, shape (runs, days), `mean` on the average."""
        ...


@dataclass(frozen=True)
class Steady:
    """Poisson process of constant rate."""

    def rates(self, mean: float, days: int, runs: int, rng: np.random.Generator) -> Array:
        """See `Null`; nothing is drawn."""
        return np.full((runs, days), mean)


@dataclass(frozen=True)
class LogNormalRate:
    """Cox process whose log rate is a Gaussian first-order autoregression.

    The rate has a variance of ``spread**2`` times its squared mean, and its logarithm a correlation
    of ``exp(-lag / memory)``.

    Attributes
    ----------
    spread : float
        Standard deviation of the rate over its mean.
    memory : float
        Days; 0 for rates independent from day to day.
    """

    spread: float
    memory: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.spread) and self.spread > 0):
            raise InputError(f"spread: expected a finite number above 0, got {self.spread}")
        if not (np.isfinite(self.memory) and self.memory >= 0):
            raise InputError(f"memory: expected finite days, 0 or more, got {self.memory}")

    def rates(self, mean: float, days: int, runs: int, rng: np.random.Generator) -> Array:
        """See `Null`."""
        kept = np.exp(-1.0 / self.memory) if self.memory > 0 else 0.0
        level = rng.standard_normal((runs, days))
        # The first day is drawn from the stationary distribution, so nothing has to settle.
        level[:, 1:] *= np.sqrt(1 - kept**2)
        level = lfilter([1.0], [1.0, -kept], level, axis=1)
        sigma = np.sqrt(np.log1p(self.spread**2))
        return np.asarray(mean * np.exp(sigma * level - sigma**2 / 2))


@dataclass(frozen=True)
class Clusters:
    """Neyman-Scott process, as `simulate.activity.ClusteredRate`, by its rate a day given parents.

    Attributes
    ----------
    size : float
        Mean number of events of a cluster.
    spread : float
        Longest delay after the parent, days; delays are uniform.
    """

    size: float
    spread: float

    def __post_init__(self) -> None:
        for name, value in (("size", self.size), ("spread", self.spread)):
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"{name}: expected a finite number above 0, got {value}")

    def rates(self, mean: float, days: int, runs: int, rng: np.random.Generator) -> Array:
        """See `Null`."""
        number = rng.poisson(mean / self.size * (days + self.spread), runs)
        parent = rng.uniform(-self.spread, days, int(number.sum()))
        run = np.repeat(np.arange(runs), number)
        found = np.empty((runs, days))
        # Share of a cluster that has come by the end of each day, a day at a time.
        before = np.clip(-parent / self.spread, 0.0, 1.0)
        for day in range(days):
            after = np.clip((day + 1.0 - parent) / self.spread, 0.0, 1.0)
            found[:, day] = self.size * np.bincount(run, after - before, minlength=runs)
            before = after
        return found


@dataclass(frozen=True)
class Driven:
    """Poisson process whose rate follows an index: proportional to ``exp(sensitivity * index)``.

    Attributes
    ----------
    index : numpy.ndarray, shape (n,)
        One value a day, such as the daily mean of Kp.
    sensitivity : float
        Growth of the log rate with each unit of the index.
    anywhere : bool
        False: the first `days` values, in every run. True: a stretch that begins on a random day;
        the rate is then scaled over the whole index and `mean` is met on the average.
    """

    index: Array
    sensitivity: float
    anywhere: bool = False

    def __post_init__(self) -> None:
        if np.ndim(self.index) != 1 or not np.isfinite(self.index).all():
            raise InputError("index: expected one finite value a day")
        if not np.isfinite(self.sensitivity):
            raise InputError(f"sensitivity: expected a finite number, got {self.sensitivity}")

    def rates(self, mean: float, days: int, runs: int, rng: np.random.Generator) -> Array:
        """See `Null`.

        Raises
        ------
        InputError
            If the index is shorter than the days asked for.
        """
        if self.index.size < days:
            raise InputError(f"index: expected at least {days} days, got {self.index.size}")
        # The largest value is taken off so that no exponential overflows; the scale drops out.
        strength = np.exp(self.sensitivity * (self.index - self.index.max()))
        if not self.anywhere:
            one = strength[:days]
            return np.tile(mean * one / one.mean(), (runs, 1))
        first = rng.integers(0, self.index.size - days + 1, runs)
        windows = np.lib.stride_tricks.sliding_window_view(strength, days)
        return np.asarray(mean * windows[first] / strength.mean())


def daily_counts(
    null: Null, mean: float, days: int, runs: int, seed: int, *, total: int | None = None
) -> Counts:
    """Draw counts a day.

    Parameters
    ----------
    null : Null
        Process.
    mean : float
        Events a day expected.
    days, runs : int
        Length and number of the sequences.
    seed : int
        Of the generator.
    total : int, optional
        Events of every run, shared out in proportion to its rate; by default their number is drawn.
        A run whose rate is 0 on all days is drawn anew.

    Returns
    -------
    numpy.ndarray of int, shape (runs, days)

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    _check(mean, days, runs)
    rng = np.random.default_rng(seed)
    rates = null.rates(mean, days, runs, rng)
    return _drawn(null, rates, mean, total, rng)


def network_counts(
    null: Null, means: Sequence[float], days: int, runs: int, seed: int, *, shared: bool
) -> Counts:
    """Draw counts a day at several stations.

    Parameters
    ----------
    null : Null
        Process.
    means : sequence of float
        Events a day expected, by station.
    days, runs, seed : int
        As for `daily_counts`.
    shared : bool
        True: all stations have one rate but for a factor, as under a common cause such as magnetic
        activity or weather. False: each has its own. The counts about it are independent in both.

    Returns
    -------
    numpy.ndarray of int, shape (stations, runs, days)
    """
    for mean in means:
        _check(mean, days, runs)
    rng = np.random.default_rng(seed)
    if shared:
        largest = max(means)
        common = null.rates(largest, days, runs, rng)
        return np.stack([rng.poisson(common * (mean / largest)) for mean in means])
    return np.stack([rng.poisson(null.rates(mean, days, runs, rng)) for mean in means])


def _drawn(
    null: Null, rates: Array, mean: float, total: int | None, rng: np.random.Generator
) -> Counts:
    if total is None:
        return rng.poisson(rates)
    if total < 1:
        raise InputError(f"total: expected 1 event or more, got {total}")
    for _ in range(100):
        empty = rates.sum(axis=1) <= 0
        if not empty.any():
            return rng.multinomial(total, rates / rates.sum(axis=1, keepdims=True))
        rates[empty] = null.rates(mean, rates.shape[1], int(empty.sum()), rng)
    raise InputError(f"mean: {mean} events a day leave too many runs without any rate")


def _check(mean: float, days: int, runs: int) -> None:
    if not (np.isfinite(mean) and mean > 0):
        raise InputError(f"mean: expected a finite number of events a day above 0, got {mean}")
    if days < 2 or runs < 1:
        raise InputError(f"days, runs: expected at least 2 and 1, got {days} and {runs}")
