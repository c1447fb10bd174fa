"""Event processes whose expected cumulative count is known.

Times are in days from a chosen moment (such as an earthquake). Every process samples exactly: the
Poisson ones by inverting their compensator in closed form, the clustered one with its parents drawn
far enough back for it to be stationary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, logit

from precursor_lib.errors import InputError


class Activity(Protocol):
    """What a process of events offers: its expectation and its samples."""

    def expected(self, t: np.ndarray | float, since: float = 0.0) -> np.ndarray:
        """Expected number of events from `since` to `t` (days)."""
        ...

    def sample(self, start: float, end: float, rng: np.random.Generator) -> np.ndarray:
        """Event times in ``(start, end]`` in days, ascending."""
        ...


def _window(start: float, end: float) -> None:
    if not (np.isfinite(start) and np.isfinite(end) and start < end):
        raise InputError(f"start {start}, end {end}: expected two finite days with start < end")


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"{name} {value}: expected a finite number above 0")


@dataclass(frozen=True)
class Phase:
    """An accelerating and then slowing phase: one sigmoid of the cumulative curve.

    Attributes
    ----------
    number : float
        Expected number of events in the whole phase, ``A2 - A1``.
    centre : float
        Inflection point ``x0`` in days.
    width : float
        Time constant ``dx`` in days; 1 % to 99 % of the phase takes 9.19 of them.
    """

    number: float
    centre: float
    width: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.number) and self.number >= 0):
            raise InputError(f"phase number {self.number}: expected a finite number, 0 or more")
        if not np.isfinite(self.centre):
            raise InputError(f"phase centre {self.centre}: expected a finite day")
        _positive(width=self.width)


@dataclass(frozen=True)
class SigmoidRate:
    r"""Poisson process whose expected cumulative count is a line plus sigmoids.

    .. math::
        \lambda(t) = \lambda_0 + \sum_k \frac{N_k}{4\,dx_k}
            \operatorname{sech}^2\!\frac{t - x_{0k}}{2\,dx_k}, \qquad
        \Lambda(t) = \lambda_0 t + \sum_k \frac{N_k}{1 + e^{-(t - x_{0k})/dx_k}} ,

    so that a phase is the Boltzmann sigmoid ``A2 + (A1 - A2) / (1 + exp((t - x0) / dx))`` with
    ``A2 - A1 = N``. Without phases it is the homogeneous Poisson process.

    Attributes
    ----------
    base : float
        Events a day of the constant part.
    phases : tuple of Phase
        The accelerating phases.
    """

    base: float
    phases: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        if not (np.isfinite(self.base) and self.base >= 0):
            raise InputError(f"base {self.base}: expected a finite rate, 0 or more events a day")

    def rate(self, t: np.ndarray | float) -> np.ndarray:
        """Events a day at `t` (days)."""
        t = np.asarray(t, dtype=float)
        total = np.full(t.shape, float(self.base))
        for p in self.phases:
            # sech^2(z/2)/4 = s(z) s(-z), which neither overflows nor loses digits far from x0.
            z = (t - p.centre) / p.width
            total += p.number / p.width * expit(z) * expit(-z)
        return total

    def expected(self, t: np.ndarray | float, since: float = 0.0) -> np.ndarray:
        """Expected number of events from `since` to `t` (days)."""
        t = np.asarray(t, dtype=float)
        total = self.base * (t - since)
        for p in self.phases:
            total = total + p.number * (
                expit((t - p.centre) / p.width) - expit((since - p.centre) / p.width)
            )
        return np.asarray(total)

    def sample(self, start: float, end: float, rng: np.random.Generator) -> np.ndarray:
        """Event times in ``(start, end]``, ascending; each part's compensator is inverted exactly.

        Raises
        ------
        InputError
            Unless ``start < end``, both finite.
        """
        _window(start, end)
        parts = [rng.uniform(start, end, rng.poisson(self.base * (end - start)))]
        for p in self.phases:
            # Reflected when the window lies past x0, so that the logistic is inverted where it
            # still resolves single events.
            sign = -1.0 if start > p.centre else 1.0
            low, high = sorted((sign * (start - p.centre), sign * (end - p.centre)))
            low, high = expit(low / p.width), expit(high / p.width)
            count = rng.poisson(p.number * (high - low))
            parts.append(p.centre + sign * p.width * logit(rng.uniform(low, high, count)))
        return np.sort(np.clip(np.concatenate(parts), np.nextafter(start, end), end))


@dataclass(frozen=True)
class StepRate:
    """Poisson process with a piecewise constant rate, such as one that follows an index.

    Attributes
    ----------
    edges : numpy.ndarray
        Edges of the pieces in days, ascending, shape (n + 1,). The rate is 0 outside.
    rates : numpy.ndarray
        Events a day in each piece, shape (n,).
    """

    edges: np.ndarray
    rates: np.ndarray

    def __post_init__(self) -> None:
        if self.edges.ndim != 1 or self.edges.size != self.rates.size + 1:
            raise InputError(
                f"edges of shape {self.edges.shape} and rates of shape {self.rates.shape}: "
                "expected one edge more than rates"
            )
        if not (np.isfinite(self.edges).all() and (np.diff(self.edges) > 0).all()):
            raise InputError("edges: expected finite ascending days")
        if not (np.isfinite(self.rates).all() and (self.rates >= 0).all()):
            raise InputError("rates: expected finite rates, 0 or more events a day")

    def _cumulative(self) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(self.rates * np.diff(self.edges))])

    def rate(self, t: np.ndarray | float) -> np.ndarray:
        """Events a day at `t` (days)."""
        t = np.asarray(t, dtype=float)
        piece = np.searchsorted(self.edges, t, side="left") - 1
        inside = (piece >= 0) & (piece < self.rates.size)
        return np.where(inside, self.rates[np.clip(piece, 0, self.rates.size - 1)], 0.0)

    def expected(self, t: np.ndarray | float, since: float = 0.0) -> np.ndarray:
        """Expected number of events from `since` to `t` (days)."""
        cumulative = self._cumulative()
        return np.asarray(
            np.interp(t, self.edges, cumulative) - np.interp(since, self.edges, cumulative)
        )

    def sample(self, start: float, end: float, rng: np.random.Generator) -> np.ndarray:
        """Event times in ``(start, end]``, ascending, by inversion of the compensator."""
        _window(start, end)
        cumulative = self._cumulative()
        low, high = np.interp([start, end], self.edges, cumulative)
        level = np.sort(rng.uniform(low, high, rng.poisson(high - low)))
        # The piece that holds a level has risen to it, so its rate is above 0.
        piece = np.maximum(np.searchsorted(cumulative, level, side="left") - 1, 0)
        return self.edges[piece] + (level - cumulative[piece]) / self.rates[piece]


@dataclass(frozen=True)
class ClusteredRate:
    """Stationary Neyman-Scott process: Poisson parents, Poisson numbers of events after each.

    A parent is no event itself. Its events follow it by independent delays, uniform in ``(0,
    spread)``. With mean cluster size m the count of a window much longer than `spread` has a
    variance of ``(1 + m)`` times its mean.

    Attributes
    ----------
    mean_rate : float
        Events a day.
    size : float
        Mean number of events in a cluster.
    spread : float
        Longest delay after the parent, in days.
    """

    mean_rate: float
    size: float
    spread: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean_rate) and self.mean_rate >= 0):
            raise InputError(f"mean_rate {self.mean_rate}: expected a finite rate, 0 or more")
        _positive(size=self.size, spread=self.spread)

    def expected(self, t: np.ndarray | float, since: float = 0.0) -> np.ndarray:
        """Expected number of events from `since` to `t` (days)."""
        return np.asarray(self.mean_rate * (np.asarray(t, dtype=float) - since))

    def variance(self, length: float) -> float:
        """Variance of the number of events in a window of `length` days.

        The mean plus the mean number of pairs of one cluster; the difference of two delays has the
        triangular density ``(spread - |u|) / spread**2``.
        """
        s = self.spread
        u = min(length, s)
        pairs = 2.0 * (length * (s * u - u**2 / 2) - (s * u**2 / 2 - u**3 / 3)) / s**2
        return self.mean_rate * (length + self.size * pairs)

    def sample(self, start: float, end: float, rng: np.random.Generator) -> np.ndarray:
        """Event times in ``(start, end]``, ascending; parents go back by the longest delay."""
        _window(start, end)
        reach = start - self.spread
        parents = rng.uniform(reach, end, rng.poisson(self.mean_rate / self.size * (end - reach)))
        t = np.repeat(parents, rng.poisson(self.size, parents.size))
        t = t + rng.uniform(0.0, self.spread, t.size)
        return np.sort(t[(t > start) & (t <= end)])
