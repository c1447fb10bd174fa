"""What a residual rule finds in noise, in closed form.

A forecast that is as good as can be leaves noise. How many of its samples exceed the rule, and how
many days then count as anomalous, follows from the distribution of the noise alone. The scale is
taken as that of a long record.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from precursor_lib.detect.residual_rule import PointRule
from precursor_lib.errors import InputError, unknown

Noise = Literal["gaussian", "laplace"]
MINUTES = 1440
# Nodes of Gauss and Legendre's rule in a panel as wide as one innovation, and the end of the range.
_NODES, _FAR = 4, 6.5

# Chances below this count as zero: products of them underflow, which slows the processor down.
_TINY = 1e-40


def point_chance(rule: PointRule, noise: Noise = "gaussian") -> float:
    """Chance that one sample of noise is an anomalous point.

    With the scale of the noise itself: ``2 (1 - Phi(k sqrt(2 / pi)))`` and ``exp(-k)`` for a
    multiple k of the mean size of Gaussian and Laplacian noise; ``2 (1 - Phi(Z))`` and
    ``exp(-Z sqrt(2))`` for Z standard deviations. Correlation in time does not change it.

    Parameters
    ----------
    rule : PointRule
        Kind and factor.
    noise : {"gaussian", "laplace"}
        Distribution of the residuals, about zero.

    Returns
    -------
    float
    """
    if noise == "gaussian":
        return float(2 * stats.norm.sf(_limit(rule)))
    if noise == "laplace":
        # In units of its mean size, which is its standard deviation over sqrt(2).
        multiple = rule.factor * (1.0 if rule.kind == "mean_multiple" else np.sqrt(2.0))
        return float(np.exp(-multiple))
    raise InputError(unknown("noise", str(noise), ("gaussian", "laplace")))


def day_count(
    rule: PointRule,
    *,
    samples: int = MINUTES,
    noise: Noise = "gaussian",
    correlation: float = 0.0,
) -> tuple[float, float]:
    """Mean and standard deviation of the anomalous points of one day of noise.

    With correlation, the covariance of two exceedances ``|x| > c`` that are h samples apart is the
    Hermite series ``sum_j (2 phi(c) He_{2j-1}(c))^2 r^(2jh) / (2j)!``, for r the correlation of
    neighbours in a Gaussian first-order autoregression.

    Parameters
    ----------
    rule : PointRule
        Kind and factor.
    samples : int
        Samples a day.
    noise : {"gaussian", "laplace"}
        Distribution of the residuals.
    correlation : float
        Of neighbouring samples, 0 to 0.995; other than 0 for Gaussian noise alone.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    p = point_chance(rule, noise)
    _check(samples, noise, correlation)
    variance = samples * p * (1 - p)
    if correlation > 0:
        c = _limit(rule)
        h = np.arange(1, samples)
        # Terms h_n = He_n(c) / sqrt(n!) by their recurrence, so that none overflows.
        before, now = 1.0, c
        terms = max(int(np.log(1e-10) / np.log(correlation)), 3)
        for n in range(1, terms):
            if n % 2:
                weight = (2 * stats.norm.pdf(c) * now) ** 2 / (n + 1)
                variance += 2 * weight * float(np.sum((samples - h) * correlation ** ((n + 1) * h)))
            before, now = now, (c * now - np.sqrt(n) * before) / np.sqrt(n + 1)
    return samples * p, float(np.sqrt(variance))


def day_chance(
    rule: PointRule,
    threshold: ArrayLike,
    *,
    samples: int = MINUTES,
    noise: Noise = "gaussian",
    correlation: float = 0.0,
) -> Any:
    """Chance that a day of noise has more than `threshold` anomalous points.

    Independent samples give a binomial count. For a Gaussian first-order autoregression the size of
    the residual is a Markov process; the distribution of its count over a day that starts in its
    stationary state is carried from sample to sample on quadrature nodes that respect the limit.

    Parameters
    ----------
    rule, samples, noise, correlation
        As for `day_count`.
    threshold : float or array_like
        Points that the day must exceed. Several at once cost what the largest costs.

    Returns
    -------
    float or numpy.ndarray
        As `threshold`.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    _check(samples, noise, correlation)
    limits = np.asarray(threshold, dtype=float)
    if not (np.isfinite(limits).all() and np.all(limits >= 0)):
        raise InputError(f"threshold: expected numbers of points >= 0, got {limits}")
    most = np.minimum(np.floor(limits), samples).astype(int)
    if correlation == 0:
        chance = stats.binom.sf(most, samples, point_chance(rule, noise))
    else:
        counts = _markov(_limit(rule), int(most.max()), samples, correlation)
        chance = np.clip(1 - np.cumsum(counts)[most], 0.0, 1.0)
    return np.asarray(chance) if limits.ndim else float(chance)


def _markov(limit: float, most: int, samples: int, r: float) -> NDArray[np.float64]:
    """Chances of 0 to `most` exceedances in an autoregression of correlation `r`."""
    step = np.sqrt(1 - r * r)
    end = max(_FAR, limit + 2.0)
    y, w = _panels(0.0, limit, step)
    above_y, above_w = _panels(limit, end, step)
    above = np.concatenate((np.zeros(y.size, bool), np.ones(above_y.size, bool)))
    y, w = np.concatenate((y, above_y)), np.concatenate((w, above_w))
    # Sizes of neighbours: the density of |y| given |x|, times the weight of the node.
    move = (
        stats.norm.pdf((y[None, :] - r * y[:, None]) / step)
        + stats.norm.pdf((y[None, :] + r * y[:, None]) / step)
    ) * (w[None, :] / step)
    move /= move.sum(axis=1, keepdims=True)
    move[move < _TINY] = 0.0
    start = 2 * stats.norm.pdf(y) * w
    start /= start.sum()
    held = np.zeros((most + 1, y.size))
    held[0, ~above] = start[~above]
    if most >= 1:
        held[1, above] = start[above]
    for _ in range(samples - 1):
        next_ = held @ move
        # A node above the limit has counted one more; beyond `most` it is gone.
        next_[1:, above] = next_[:-1, above].copy()
        next_[0, above] = 0.0
        next_[next_ < _TINY] = 0.0
        held = next_
    return np.asarray(held.sum(axis=1))


def _panels(low: float, high: float, width: float) -> tuple[NDArray[np.float64], ...]:
    count = max(int(np.ceil((high - low) / width)), 2)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    edges = np.linspace(low, high, count + 1)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()


def _limit(rule: PointRule) -> float:
    """The rule's limit in standard deviations of Gaussian noise."""
    return rule.factor * (np.sqrt(2 / np.pi) if rule.kind == "mean_multiple" else 1.0)


def _check(samples: int, noise: str, correlation: float) -> None:
    if samples < 1:
        raise InputError(f"samples: expected at least 1, got {samples}")
    if not 0 <= correlation <= 0.995:
        raise InputError(f"correlation: expected a number from 0 to 0.995, got {correlation}")
    if correlation > 0 and noise != "gaussian":
        raise InputError("correlation: expected 0 where the noise is not Gaussian")
