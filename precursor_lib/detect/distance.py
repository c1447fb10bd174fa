"""How something found at stations goes with their distance: a line and a power law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import lmfit
import numpy as np
import statsmodels.api as sm
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from precursor_lib.errors import InputError, unknown

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trend:
    """A straight line through values at distances.

    Attributes
    ----------
    slope, intercept : float
        The line ``intercept + slope * distance``.
    slope_error, intercept_error : float
        One standard error each.
    interval : tuple of float
        Confidence interval of the slope, by Student's t with n - 2 degrees of freedom.
    r2 : float
        Coefficient of determination (weighted where errors were given).
    p : float
        Two-sided p-value of a slope of zero.
    n : int
        Points.
    """

    slope: float
    intercept: float
    slope_error: float
    intercept_error: float
    interval: tuple[float, float]
    r2: float
    p: float
    n: int

    def predict(self, distance: ArrayLike) -> Array:
        """The line at distances."""
        return self.intercept + self.slope * np.asarray(distance, dtype=float)


@dataclass(frozen=True)
class PowerLawFit:
    """A power law ``coefficient * distance**exponent``.

    Attributes
    ----------
    coefficient, exponent : float
        Best values; the coefficient in the unit of the values at 1 km.
    coefficient_error, exponent_error : float
        One standard error each.
    interval : tuple of float
        Confidence interval of the exponent, by Student's t with n - 2 degrees of freedom.
    r2 : float
        Of the logarithms for ``method="log"``, of the values for ``"direct"``.
    p : float
        Two-sided p-value of an exponent of zero.
    n : int
        Points.
    method : str
        ``"log"`` or ``"direct"``.
    """

    coefficient: float
    exponent: float
    coefficient_error: float
    exponent_error: float
    interval: tuple[float, float]
    r2: float
    p: float
    n: int
    method: str

    def predict(self, distance: ArrayLike) -> Array:
        """The power law at distances."""
        return np.asarray(self.coefficient * np.asarray(distance, dtype=float) ** self.exponent)


def fit_trend(
    distance: ArrayLike,
    value: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
) -> Trend:
    """Fit a straight line by least squares, weighted by ``1 / errors**2`` where these are given.

    Weights count relative to each other: the size of the residuals is taken from the residuals, so
    that p and interval hold even where the errors are all too small by one factor.

    Parameters
    ----------
    distance, value : array_like, shape (n,)
        Distances (km) and values such as days of inflection; at least three.
    errors : array_like, shape (n,), optional
        One standard error of each value.
    confidence : float
        Of the interval.

    Raises
    ------
    InputError
        If shapes differ, there are fewer than three points, a number is not finite, an error is not
        above 0, or all distances are equal.
    """
    r, y, sigma = _stations(distance, value, errors, confidence)
    fit = _least_squares(r, y, sigma)
    low, high = fit.conf_int(1 - confidence)[1]
    return Trend(
        float(fit.params[1]),
        float(fit.params[0]),
        float(fit.bse[1]),
        float(fit.bse[0]),
        (float(low), float(high)),
        _r2(fit, y),
        float(fit.pvalues[1]),
        r.size,
    )


def fit_power_law(
    distance_km: ArrayLike,
    value: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    method: Literal["log", "direct"] = "log",
    confidence: float = 0.95,
) -> PowerLawFit:
    """Fit ``coefficient * distance**exponent`` (STMN paper, figure 6).

    Parameters
    ----------
    distance_km, value : array_like, shape (n,)
        Distances and values such as counts, all above 0; at least three.
    errors : array_like, shape (n,), optional
        One standard error of each value; as weights they count relative to each other.
    method : {"log", "direct"}
        ``log``: a straight line through the logarithms, least squares of relative deviations (an
        error becomes ``error / value``). ``direct``: least squares of the values themselves, by
        lmfit from there; large values count most.
    confidence : float
        Of the interval.

    Raises
    ------
    InputError
        As for `fit_trend`, or if a distance or value is not above 0, or `method` is unknown.
    """
    r, y, sigma = _stations(distance_km, value, errors, confidence)
    for name, values in (("distance_km", r), ("value", y)):
        bad = np.flatnonzero(values <= 0)
        if bad.size:
            raise InputError(f"{name}[{bad[0]}] is {values[bad[0]]}: expected numbers above 0")
    line = _least_squares(np.log(r), np.log(y), None if sigma is None else sigma / y)
    exponent, level = float(line.params[1]), float(np.exp(line.params[0]))
    if method == "log":
        low, high = line.conf_int(1 - confidence)[1]
        return PowerLawFit(
            level,
            exponent,
            level * float(line.bse[0]),
            float(line.bse[1]),
            (float(low), float(high)),
            _r2(line, np.log(y)),
            float(line.pvalues[1]),
            r.size,
            "log",
        )
    if method != "direct":
        raise InputError(unknown("method", str(method), ("log", "direct")))
    # The value at the mean distance, not at 1 km: then the two parameters are nearly independent.
    middle = float(np.exp(np.log(r).mean()))
    weight = np.ones(r.size) if sigma is None else 1 / sigma
    parameters = lmfit.Parameters()
    parameters.add("level", value=level * middle**exponent)
    parameters.add("exponent", value=exponent)

    def misfit(p: lmfit.Parameters) -> Array:
        return weight * (p["level"].value * (r / middle) ** p["exponent"].value - y)

    found = lmfit.minimize(misfit, parameters)
    level, exponent = (float(found.params[name].value) for name in ("level", "exponent"))
    if found.covar is None:
        level_error = error = np.nan
        cross = 0.0
    else:
        level_error, error = (float(e) for e in np.sqrt(np.diag(found.covar)))
        cross = float(found.covar[0, 1])
    coefficient = level * middle**-exponent
    # log C = log L - exponent log m, to first order.
    spread = (
        (level_error / level) ** 2
        + (np.log(middle) * error) ** 2
        - 2 * np.log(middle) * cross / level
    )
    half = float(stats.t.isf((1 - confidence) / 2, r.size - 2)) * error
    mean = np.average(y, weights=weight**2)
    varied = float(np.sum((weight * (y - mean)) ** 2))
    r2 = 1 - float(found.chisqr) / varied if varied > 0 else np.nan
    return PowerLawFit(
        coefficient,
        exponent,
        float(coefficient * np.sqrt(max(spread, 0.0))),
        error,
        (exponent - half, exponent + half),
        r2,
        _t_test(exponent, error, r.size - 2),
        r.size,
        "direct",
    )


def p_of_r2(r2: float, n: int) -> float:
    """Two-sided p-value of the slope of a least-squares line from its R2 and number of points.

    ``t^2 = (n - 2) R2 / (1 - R2)`` with n - 2 degrees of freedom: what a printed R2 implies.

    Raises
    ------
    InputError
        If not ``0 <= r2 <= 1`` or `n` is below 3.
    """
    if not 0 <= r2 <= 1:
        raise InputError(f"r2: expected a number from 0 to 1, got {r2}")
    if n < 3:
        raise InputError(f"n: expected at least 3 points, got {n}")
    if r2 == 1:
        return 0.0
    return float(2 * stats.t.sf(np.sqrt((n - 2) * r2 / (1 - r2)), n - 2))


def _t_test(value: float, error: float, freedom: int) -> float:
    if not np.isfinite(error):
        return np.nan
    return float(2 * stats.t.sf(abs(value) / error, freedom)) if error > 0 else 0.0


def _least_squares(x: Array, y: Array, sigma: Array | None):
    columns = sm.add_constant(x, has_constant="add")
    return sm.OLS(y, columns).fit() if sigma is None else sm.WLS(y, columns, 1 / sigma**2).fit()


def _r2(fit, y: Array) -> float:
    return float(fit.rsquared) if np.ptp(y) > 0 else np.nan


def _stations(
    distance: ArrayLike, value: ArrayLike, errors: ArrayLike | None, confidence: float
) -> tuple[Array, Array, Array | None]:
    r, y = np.asarray(distance, dtype=float), np.asarray(value, dtype=float)
    if r.ndim != 1 or r.shape != y.shape:
        raise InputError(
            f"distance, value: expected two series of one length, got {r.shape} and {y.shape}"
        )
    if r.size < 3:
        raise InputError(f"distance, value: expected at least 3 stations, got {r.size}")
    sigma = None if errors is None else np.asarray(errors, dtype=float)
    if sigma is not None and sigma.shape != y.shape:
        raise InputError(f"errors: expected shape {y.shape} as value, got {sigma.shape}")
    for name, values in (("distance", r), ("value", y), ("errors", sigma)):
        bad = np.flatnonzero(~np.isfinite(values)) if values is not None else np.empty(0, int)
        if bad.size:
            raise InputError(f"{name}[{bad[0]}]: expected finite numbers")
    if sigma is not None and np.any(sigma <= 0):
        raise InputError(f"errors[{np.flatnonzero(sigma <= 0)[0]}]: expected numbers above 0")
    if np.ptp(r) == 0:
        raise InputError("distance: expected distances that differ")
    if not 0 < confidence < 1:
        raise InputError(f"confidence: expected a number between 0 and 1, got {confidence}")
    return r, y, sigma
