"""How far forecasts are from what came, and whether one model is better than another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from precursor_lib.errors import InputError


def mse(forecast: ArrayLike, target: ArrayLike) -> float:
    """Mean squared error, ``mean((y - f)^2)``, in squared units."""
    f, y = _pair(forecast, target)
    return float(np.mean((y - f) ** 2))


def mae(forecast: ArrayLike, target: ArrayLike) -> float:
    """Mean absolute error, ``mean(|y - f|)``, in units."""
    f, y = _pair(forecast, target)
    return float(np.mean(np.abs(y - f)))


def rmse(forecast: ArrayLike, target: ArrayLike) -> float:
    """Root of the mean squared error, in units."""
    return float(np.sqrt(mse(forecast, target)))


def smape(forecast: ArrayLike, target: ArrayLike) -> float:
    """Symmetric mean absolute percentage error, 0 to 200 %.

    ``100 mean(2 |y - f| / (|y| + |f|))``; a term with y = f = 0 counts as 0. It depends on where
    zero lies: for a series that crosses zero it says little.
    """
    f, y = _pair(forecast, target)
    size = np.abs(y) + np.abs(f)
    terms = np.divide(2 * np.abs(y - f), size, out=np.zeros_like(size), where=size > 0)
    return float(100 * np.mean(terms))


def forecast_metrics(forecast: ArrayLike, target: ArrayLike) -> dict[str, float]:
    """``mse``, ``mae``, ``rmse`` and ``smape`` (in %) of arrays of one shape.

    Raises
    ------
    InputError
        If shapes differ, nothing is given, or a value is missing: leave gaps out before, so that
        their number is known.
    """
    return {part.__name__: part(forecast, target) for part in (mse, mae, rmse, smape)}


@dataclass(frozen=True)
class PairedTest:
    """One model against another, run by run.

    Attributes
    ----------
    runs : int
        Pairs.
    difference : float
        Mean of the first minus the second.
    interval : tuple of float
        Confidence interval of the mean difference by Student's t.
    t_p, wilcoxon_p : float
        Two-sided p-values of the paired t-test and of Wilcoxon's signed-rank test. NaN where all
        differences are zero.
    """

    runs: int
    difference: float
    interval: tuple[float, float]
    t_p: float
    wilcoxon_p: float


def paired_test(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> PairedTest:
    """Compare two models by a score of each over the same runs (the same seeds in the same order).

    Runs from several seeds on one record differ by chance of the training alone. A small p-value
    says that the models differ on this record, not that they would on another one.

    Parameters
    ----------
    first, second : array_like, shape (runs,)
        Scores; two runs or more.
    confidence : float
        Of the interval.

    Returns
    -------
    PairedTest

    Raises
    ------
    InputError
        If lengths differ, there are fewer than two runs, a score is missing, or `confidence` is
        not between 0 and 1.
    """
    a, b = _pair(first, second)
    if a.ndim != 1 or a.size < 2:
        raise InputError(f"scores {a.shape}: expected two runs or more, one number each")
    if not 0 < confidence < 1:
        raise InputError(f"confidence {confidence}: expected between 0 and 1")
    d = a - b
    mean = float(d.mean())
    half = float(stats.t.ppf((1 + confidence) / 2, d.size - 1) * stats.sem(d))
    interval = (mean - half, mean + half)
    if not d.any():
        return PairedTest(d.size, mean, interval, np.nan, np.nan)
    if half == 0:  # equal differences: no spread to set the mean against
        return PairedTest(d.size, mean, interval, 0.0, float(stats.wilcoxon(d).pvalue))
    t_p = float(stats.ttest_rel(a, b).pvalue)
    return PairedTest(d.size, mean, interval, t_p, float(stats.wilcoxon(d).pvalue))


def _pair(a: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of one shape, not empty, without missing values."""
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if x.shape != y.shape:
        raise InputError(f"shapes {x.shape} and {y.shape}: expected the same")
    if x.size == 0:
        raise InputError("expected at least one value")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("expected finite values; leave gaps out before")
    return x, y
