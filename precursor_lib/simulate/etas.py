"""Magnitudes, delays and offspring of an ETAS process, with its branching ratio in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from precursor_lib.errors import InputError
from precursor_lib.simulate.settings import NotNegative, Positive, Settings


class Aftershocks(Settings):
    """Constants of ETAS: see :class:`Etas`."""

    productivity: NotNegative = 0.07
    alpha: NotNegative = 0.7
    c: Positive = 0.01
    p: float = Field(default=1.1, gt=1)


def draw_magnitudes(b: np.ndarray, low: float, high: float, rng: np.random.Generator) -> np.ndarray:
    """Magnitudes of the Gutenberg-Richter law cut at both ends, by inversion.

    Parameters
    ----------
    b : array, shape (n,)
        b-value of each event, above 0.
    low, high : float
        Smallest and largest magnitude.
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n,)
    """
    beta = np.log(10.0) * b
    span = -np.expm1(-beta * (high - low))
    return low - np.log1p(-span * rng.random(b.size)) / beta


# A generation with more events than this is an error of the settings.
_MOST = 2_000_000


@dataclass(frozen=True)
class Etas:
    """Offspring by magnitude and time.

    An event of magnitude M has on average ``productivity * 10 ** (alpha (M - low))`` direct
    offspring, after delays with density ``(p - 1) / c * (1 + t / c) ** -p`` (t in days).

    Attributes
    ----------
    productivity, alpha : float
        See above; alpha in units of 1 / magnitude.
    c, p : float
        Omori's constants: days; p above 1, so that the number is finite.
    b : float
        b-value that offspring have on average, for the branching ratio.
    low, high : float
        Bounds of the magnitudes.
    """

    productivity: float
    alpha: float
    c: float
    p: float
    b: float
    low: float
    high: float

    def __post_init__(self) -> None:
        for name in ("productivity", "alpha"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise InputError(f"{name} {getattr(self, name)}: expected 0 or more")
        if not (np.isfinite(self.c) and self.c > 0):
            raise InputError(f"c {self.c}: expected a finite number of days above 0")
        if not (np.isfinite(self.p) and self.p > 1):
            raise InputError(f"p {self.p}: expected above 1, or the offspring are without number")
        if self.branching_ratio >= 1:
            raise InputError(
                f"productivity {self.productivity}, alpha {self.alpha}, b {self.b}: the branching "
                f"ratio is {self.branching_ratio:.3f}; expected below 1, or the catalogue explodes"
            )

    @property
    def branching_ratio(self) -> float:
        """Mean number of direct offspring of an event.

        ``K b / (b - alpha) * (1 - 10 ** -((b - alpha) D)) / (1 - 10 ** -(b D))`` with ``D`` the
        range of magnitudes, and its limit where alpha equals b.
        """
        span, gap = self.high - self.low, (self.b - self.alpha) * np.log(10.0)
        grown = span if abs(gap * span) < 1e-9 else -np.expm1(-gap * span) / gap
        beta = self.b * np.log(10.0)
        return float(self.productivity * beta * grown / -np.expm1(-beta * span))

    def offspring(
        self, time: np.ndarray, magnitude: np.ndarray, end: float, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Direct offspring until `end`: the index of each one's parent, and its time (days).

        Only the delays that end in time are drawn: their number is Poisson with the mean cut by the
        distribution of delays, which is inverted.

        Raises
        ------
        InputError
            If more are expected than memory should hold.
        """
        until = -np.expm1((1.0 - self.p) * np.log1p(np.maximum(end - time, 0.0) / self.c))
        mean = self.productivity * 10.0 ** (self.alpha * (magnitude - self.low)) * until
        if not mean.sum() <= _MOST:
            raise InputError(
                f"aftershocks: {mean.sum():.3g} direct ones are more than {_MOST:,}; expected a "
                "smaller rate, magnitude, productivity or alpha"
            )
        parent = np.repeat(np.arange(time.size), rng.poisson(mean))
        u = until[parent] * rng.random(parent.size)
        delay = self.c * np.expm1(-np.log1p(-u) / (self.p - 1.0))
        return parent, time[parent] + delay
