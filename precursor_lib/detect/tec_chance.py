"""What the TEC rules find in noise: the chance that one value lies outside its bounds."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import stats

from precursor_lib.detect.tec_rules import IQR_OF_SIGMA, Spread, Window
from precursor_lib.errors import InputError, unknown

Noise = Literal["gaussian", "student3"]
_DISTRIBUTIONS = {"gaussian": stats.norm(), "student3": stats.t(3)}


def error_chance(count: int, factor: float = 2.0, window: Window = "before") -> float:
    """Chance that a value lies outside the mean +- `factor` standard deviations of `count` others.

    For independent Gaussian values. Where the value is not in the window, ``(x - m) / (s sqrt(1 +
    1/n))`` is Student's t with n - 1 degrees of freedom. Where it is the last of the n,
    ``(x - m)^2 n / (s (n - 1))^2`` follows Beta(1/2, (n - 2)/2), so that no value can lie further
    off than ``(n - 1) / sqrt(n)`` standard deviations.

    Parameters
    ----------
    count : int
        n, values in the window.
    factor : float
        Standard deviations (divisor n - 1).
    window : {"before", "through"}
        Without the value, or through it.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    _check(count, factor, window)
    if window == "before":
        return float(2 * stats.t.sf(factor / np.sqrt(1.0 + 1.0 / count), count - 1))
    share = factor**2 * count / (count - 1.0) ** 2
    return float(stats.beta.sf(share, 0.5, (count - 2) / 2))


def median_chance(
    days: int = 15,
    factor: float = 1.5,
    window: Window = "before",
    *,
    spread: Spread = "quartiles",
    noise: Noise = "gaussian",
    draws: int = 100_000,
    seed: int = 0,
) -> float:
    """Chance that a value lies outside median +- `factor` interquartile ranges of `days` values.

    For independent values. The bounds are drawn; where the value is not in the window, the chance
    that it lies outside each draw's bounds is known and is averaged, which with the default number
    of draws leaves a standard error of about 0.0003.

    Parameters
    ----------
    days : int
        Values in the window.
    factor : float
        Interquartile ranges.
    window : {"before", "through"}
        Without the value, or through it.
    spread : {"quartiles", "sigma"}
        As for `median_bounds`.
    noise : {"gaussian", "student3"}
        Distribution: Gaussian, or Student's t with three degrees of freedom.
    draws, seed : int
        Of the simulation.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    _check(days, factor, window)
    if noise not in _DISTRIBUTIONS:
        raise InputError(unknown("noise", str(noise), _DISTRIBUTIONS))
    if spread not in ("quartiles", "sigma"):
        raise InputError(unknown("spread", str(spread), ("quartiles", "sigma")))
    if draws < 1:
        raise InputError(f"draws: expected 1 or more, got {draws}")
    distribution = _DISTRIBUTIONS[noise]
    sample = distribution.rvs((draws, days), random_state=np.random.default_rng(seed))
    low, middle, high = np.quantile(sample, (0.25, 0.5, 0.75), axis=1)
    width = high - low if spread == "quartiles" else IQR_OF_SIGMA * sample.std(axis=1, ddof=1)
    lower, upper = middle - factor * width, middle + factor * width
    if window == "before":
        return float(np.mean(distribution.cdf(lower) + distribution.sf(upper)))
    # Any of the values may stand for the last.
    return float(np.mean((sample < lower[:, None]) | (sample > upper[:, None])))


def nominal_chance(factor: float, spread: Literal["sigma", "iqr"] = "sigma") -> float:
    """Chance that Gaussian noise lies outside `factor` of its true spread to either side.

    Parameters
    ----------
    factor : float
        In units of `spread`.
    spread : {"sigma", "iqr"}
        Standard deviation, or interquartile range (1.349 standard deviations).
    """
    unit = 1.0 if spread == "sigma" else 2.0 * stats.norm.ppf(0.75)
    return float(2 * stats.norm.sf(factor * unit))


def _check(count: int, factor: float, window: str) -> None:
    if count < 3 or int(count) != count:
        raise InputError(f"count: expected a whole number of 3 or more, got {count}")
    if not (np.isfinite(factor) and factor > 0):
        raise InputError(f"factor: expected a finite number above 0, got {factor}")
    if window not in ("before", "through"):
        raise InputError(unknown("window", str(window), ("before", "through")))
