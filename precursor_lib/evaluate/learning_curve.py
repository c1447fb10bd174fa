"""An inverse power law through a learning curve, and whether it may be believed."""

from __future__ import annotations

from dataclasses import dataclass

import lmfit
import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError

_NAMES = ("ceiling", "scale", "exponent")
_EXPONENTS = (0.02, 5.0)


@dataclass(frozen=True)
class LearningCurve:
    """Score against the number of training windows, ``ceiling - scale * n ** -exponent``.

    Attributes
    ----------
    parameters, errors : dict
        Best values and one standard error each; NaN where none could be had.
    points : int
        Points fitted.
    converged : bool
        Whether the fit may be used to look ahead.
    reason : str
        Why it may not; empty where it may.
    """

    parameters: dict[str, float]
    errors: dict[str, float]
    points: int
    converged: bool
    reason: str = ""

    def predict(self, number: ArrayLike) -> np.ndarray:
        """The score at a number of windows."""
        p = self.parameters
        return p["ceiling"] - p["scale"] * np.asarray(number, dtype=float) ** -p["exponent"]

    def windows_for(self, score: float) -> float:
        """Windows at which the curve reaches a score; infinite at or above the ceiling, NaN where
        the fit may not be used."""
        if not self.converged:
            return np.nan
        p = self.parameters
        if score >= p["ceiling"]:
            return np.inf
        return float((p["scale"] / (p["ceiling"] - score)) ** (1 / p["exponent"]))


def fit_learning_curve(
    number: ArrayLike, score: ArrayLike, errors: ArrayLike | None = None
) -> LearningCurve:
    """Fit an inverse power law (Figueroa et al., 2012) to a learning curve by least squares.

    For each exponent of a grid, ceiling and scale follow in closed form; the best of them starts
    lmfit's Levenberg-Marquardt. The fit counts as converged only if the optimiser says so, all
    standard errors are finite, no parameter is at its bound, the curve rises by more than two
    standard errors of its scale, and the ceiling is at most 1 and known to better than 0.25.

    Parameters
    ----------
    number : array_like, shape (points,)
        Training windows, above 0, ascending; four points or more, or the fit is refused.
    score : array_like, shape (points,)
        Such as an accuracy or an area under the ROC curve, 0 to 1.
    errors : array_like, optional
        Standard error of each score, above 0; equal ones if None.

    Raises
    ------
    InputError
        If shapes differ, a value is not finite, or numbers do not ascend.
    """
    n, y = np.asarray(number, dtype=float), np.asarray(score, dtype=float)
    e = np.ones_like(y) if errors is None else np.asarray(errors, dtype=float)
    if n.ndim != 1 or n.shape != y.shape or e.shape != y.shape:
        raise InputError(f"number, score: expected one length, got {n.shape}, {y.shape}, {e.shape}")
    if not (np.isfinite(n).all() and np.isfinite(y).all() and np.isfinite(e).all()):
        raise InputError("number, score, errors: expected finite numbers")
    if (e <= 0).any() or (n <= 0).any() or (np.diff(n) <= 0).any():
        raise InputError("number, errors: expected above 0, and numbers that ascend")
    nothing = dict.fromkeys(_NAMES, np.nan)
    if n.size < 4:
        reason = f"3 parameters need at least 4 points, given {n.size}"
        return LearningCurve(nothing, dict(nothing), n.size, False, reason)
    if np.ptp(y) == 0:
        return LearningCurve(nothing, dict(nothing), n.size, False, "the score does not vary")
    parameters = lmfit.Parameters()
    start = _start(n, y, e)
    parameters.add("ceiling", value=min(max(start[0], -0.9), 1.9), min=-1.0, max=2.0)
    # The scale is fitted at the first point, where it does not depend on the exponent.
    parameters.add("drop", value=start[1], min=-10.0, max=10.0)
    parameters.add("exponent", value=start[2], min=_EXPONENTS[0], max=_EXPONENTS[1])

    def residual(p: lmfit.Parameters) -> np.ndarray:
        curve = p["ceiling"].value - p["drop"].value * (n / n[0]) ** -p["exponent"].value
        return (curve - y) / e

    result = lmfit.minimize(residual, parameters, scale_covar=errors is None, max_nfev=4000)
    best = result.params
    values = {
        "ceiling": float(best["ceiling"].value),
        "scale": float(best["drop"].value * n[0] ** best["exponent"].value),
        "exponent": float(best["exponent"].value),
    }
    spread = {name: _error(best[name]) for name in ("ceiling", "drop", "exponent")}
    reason = _doubt(result, values, spread)
    # To first order, with the correlation of drop and exponent left out only where it is unknown.
    gradient = n[0] ** values["exponent"] * np.array([1.0, best["drop"].value * np.log(n[0])])
    scale_error = np.nan
    if result.covar is not None:
        order = [result.var_names.index(name) for name in ("drop", "exponent")]
        scale_error = float(np.sqrt(gradient @ result.covar[np.ix_(order, order)] @ gradient))
    errors_ = {"ceiling": spread["ceiling"], "scale": scale_error, "exponent": spread["exponent"]}
    return LearningCurve(values, errors_, n.size, not reason, reason)


def _start(n: np.ndarray, y: np.ndarray, e: np.ndarray) -> tuple[float, float, float]:
    """Ceiling, drop at the first point and exponent of the best curve on a grid of exponents."""
    best = (np.inf, 0.0, 0.0, 0.5)
    for exponent in np.geomspace(2 * _EXPONENTS[0], _EXPONENTS[1] / 2, 24):
        design = np.column_stack([np.ones_like(n), -((n / n[0]) ** -exponent)]) / e[:, None]
        (ceiling, drop), *_ = np.linalg.lstsq(design, y / e, rcond=None)
        cost = float(np.sum((design @ [ceiling, drop] - y / e) ** 2))
        if cost < best[0]:
            best = (cost, float(ceiling), float(drop), float(exponent))
    return best[1], float(np.clip(best[2], -9.9, 9.9)), best[3]


def _doubt(
    result: lmfit.minimizer.MinimizerResult, values: dict[str, float], errors: dict[str, float]
) -> str:
    """The first reason not to believe a fit, or nothing."""
    drop = float(result.params["drop"].value)
    if not result.success:
        return f"the optimiser gave up: {result.message}"
    if not all(map(np.isfinite, errors.values())):
        return "no finite standard error"
    if drop <= 2 * errors["drop"]:
        return f"no rise: {drop:.2g} at the first point, with an error of {errors['drop']:.2g}"
    low, high = _EXPONENTS
    if not 1.05 * low < values["exponent"] < 0.99 * high:
        return f"the exponent lies at its bound ({values['exponent']:.2g})"
    if values["ceiling"] > 1:
        return f"the ceiling lies at {values['ceiling']:.2g}, above 1"
    if errors["ceiling"] > 0.25:
        return f"the ceiling is uncertain by {errors['ceiling']:.2g}"
    return ""


def _error(parameter: lmfit.Parameter) -> float:
    return float(parameter.stderr) if parameter.stderr is not None else np.nan
