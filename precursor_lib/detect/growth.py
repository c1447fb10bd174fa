"""Sigmoid and straight line through a cumulative curve, and whether a fit may be believed."""

from __future__ import annotations

from dataclasses import dataclass, field

import lmfit
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from precursor_lib.detect.curves import sigmoid, sigmoid_gradient
from precursor_lib.detect.growth_checks import (
    bound_problem,
    checked_points,
    gave_up,
    standard_errors,
    width_problem,
)
from precursor_lib.errors import InputError


@dataclass(frozen=True)
class GrowthFit:
    """A fitted growth curve.

    Attributes
    ----------
    model : str
        ``"sigmoid"`` or ``"line"``.
    parameters, errors : dict
        Best values and one standard error each: ``A1``, ``A2``, ``x0``, ``dx`` of the sigmoid,
        ``intercept``, ``slope`` of the line. An error is NaN where none could be had. The errors
        hold for independent residuals of equal size. A cumulative curve's residuals are neither,
        so its errors are too small: read them as a lower bound.
    r2 : float
        Coefficient of determination; NaN where `y` does not vary.
    aic, bic : float
        Akaike's and the Bayesian information criterion, from the residual sum of squares; to be
        compared between fits to the same points.
    points : int
        Number of points.
    window : tuple of float
        Smallest and largest `x`.
    converged : bool
        Whether the fit may be used as one.
    reason : str
        Why it may not; empty where it may.
    """

    model: str
    parameters: dict[str, float]
    errors: dict[str, float]
    r2: float
    aic: float
    bic: float
    points: int
    window: tuple[float, float]
    converged: bool
    reason: str = field(default="")

    def predict(self, x: ArrayLike) -> np.ndarray:
        """The curve at `x`."""
        p = self.parameters
        if self.model == "line":
            return p["intercept"] + p["slope"] * np.asarray(x, dtype=float)
        return sigmoid(x, p["A1"], p["A2"], p["x0"], p["dx"])


@dataclass(frozen=True)
class GrowthComparison:
    """A sigmoid and a line through the same points.

    Attributes
    ----------
    sigmoid, line : GrowthFit
        The fits.
    ratio : float
        R2 of the sigmoid over R2 of the line (Ratio of the STMN paper); NaN where either fit did
        not converge. A line is nearly a sigmoid with a large dx, so the ratio of a fit that
        converged to its best is hardly ever below 1, and a cumulative curve gives both a high R2
        whatever drives it.
    delta_aic : float
        AIC of the line minus AIC of the sigmoid: positive where the sigmoid earns its two more
        parameters; NaN as above.
    """

    sigmoid: GrowthFit
    line: GrowthFit
    ratio: float
    delta_aic: float


def fit_sigmoid(x: ArrayLike, y: ArrayLike, *, starts: int = 4) -> GrowthFit:
    """Fit Boltzmann's sigmoid (SW-NTF, eq. 8) by least squares.

    The sum of squares is first mapped on a grid of (x0, dx), where the best A1 and A2 follow in
    closed form; its lowest local minima start lmfit's Levenberg-Marquardt, and the best end is
    kept. Nothing is random.

    The fit counts as converged only if the optimiser says so, no parameter lies at its bound, all
    standard errors are finite, x0 lies inside the window, its error is smaller than the window,
    and the rise can be resolved: dx is at least a quarter of the median spacing of `x` and at most
    half the window. Otherwise `converged` is False and `reason` names what failed; the parameters
    are given all the same, for inspection.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Days and cumulative values; `x` strictly ascending, at least two points.
    starts : int
        Number of grid minima that are followed.

    Returns
    -------
    GrowthFit
        With ``dx`` positive; a falling curve has ``A1 > A2``.

    Raises
    ------
    InputError
        If the shapes differ, a value is not finite, `x` does not ascend or `starts` is below 1.
    """
    x_, y_ = checked_points(x, y)
    if starts < 1:
        raise InputError(f"starts: expected at least 1, got {starts}")
    n, width, rise = x_.size, float(x_[-1] - x_[0]), float(np.ptp(y_))
    names = ("A1", "A2", "x0", "dx")
    if n < 5:
        return _refused("sigmoid", names, x_, f"4 parameters need at least 5 points, given {n}")
    if rise == 0:
        return _refused("sigmoid", names, x_, "y does not vary")
    spacing = float(np.median(np.diff(x_)))
    bounds = {
        "A1": (float(y_.min()) - 10 * rise, float(y_.max()) + 10 * rise),
        "A2": (float(y_.min()) - 10 * rise, float(y_.max()) + 10 * rise),
        "x0": (float(x_[0]) - width, float(x_[-1]) + width),
        "dx": (0.02 * spacing, 10 * width),
    }
    best = None
    for start in _grid_starts(x_, y_, spacing, starts):
        parameters = lmfit.Parameters()
        for name in names:
            low, high = bounds[name]
            margin = 1e-3 * (high - low) if name != "dx" else 0.0
            value = min(max(start[name], low + margin), high - margin)
            parameters.add(name, value=value, min=low, max=high)
        result = lmfit.minimize(_residual, parameters, args=(x_, y_), max_nfev=4000)
        if best is None or result.chisqr < best.chisqr:
            best = result
    assert best is not None
    values = {name: float(best.params[name].value) for name in names}
    errors = standard_errors(best, names, sigmoid_gradient(x_, **values))
    reason = _doubt(best, values, errors, bounds, x_, spacing)
    return _fit("sigmoid", best, values, errors, x_, y_, reason)


def fit_line(x: ArrayLike, y: ArrayLike) -> GrowthFit:
    """Fit a straight line by least squares.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        As for `fit_sigmoid`.

    Returns
    -------
    GrowthFit
        Not converged where there are fewer than three points (no error can be had) or `y` does
        not vary.

    Raises
    ------
    InputError
        As `fit_sigmoid`.
    """
    x_, y_ = checked_points(x, y)
    names = ("intercept", "slope")
    if x_.size < 3:
        return _refused("line", names, x_, f"2 parameters need at least 3 points, given {x_.size}")
    if np.ptp(y_) == 0:
        return _refused("line", names, x_, "y does not vary")
    model = lmfit.models.LinearModel()
    result = model.fit(y_, model.guess(y_, x=x_), x=x_)
    values = {name: float(result.params[name].value) for name in names}
    errors = standard_errors(result, names, np.column_stack((np.ones(x_.size), x_)))
    reason = gave_up(result)
    if not reason and not np.all(np.isfinite(list(errors.values()))):
        reason = "no finite standard error"
    return _fit("line", result, values, errors, x_, y_, reason)


def compare_growth(x: ArrayLike, y: ArrayLike, *, starts: int = 4) -> GrowthComparison:
    """Fit a sigmoid and a line to the same points and compare them.

    Parameters and errors are those of `fit_sigmoid`.
    """
    curve, line = fit_sigmoid(x, y, starts=starts), fit_line(x, y)
    if not (curve.converged and line.converged):
        return GrowthComparison(curve, line, np.nan, np.nan)
    ratio = curve.r2 / line.r2 if line.r2 > 0 else np.nan
    return GrowthComparison(curve, line, ratio, line.aic - curve.aic)


def _grid_starts(
    x: np.ndarray, y: np.ndarray, spacing: float, starts: int
) -> list[dict[str, float]]:
    """The lowest local minima of the sum of squares over (x0, dx), with A1 and A2 eliminated."""
    width = x[-1] - x[0]
    centres = np.linspace(x[0] - 0.25 * width, x[-1] + 0.25 * width, 61)
    scales = np.geomspace(0.1 * spacing, 2 * width, 20)
    shape = expit((x - centres[:, None, None]) / scales[None, :, None])
    mean = shape.mean(axis=-1, keepdims=True)
    varied = np.sum((shape - mean) ** 2, axis=-1)
    shared = np.sum((shape - mean) * (y - y.mean()), axis=-1)
    slope = np.divide(shared, varied, out=np.zeros_like(shared), where=varied > 1e-12)
    gain = slope * shared
    padded = np.pad(gain, 1, constant_values=-np.inf)
    neighbours = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).max(axis=(-1, -2))
    peaks = np.flatnonzero((gain >= neighbours) & (gain > 0))
    order = peaks[np.argsort(-gain.ravel()[peaks], kind="stable")][:starts]
    if order.size == 0:
        order = np.array([int(np.argmax(gain))])
    found = []
    for i, j in zip(*np.unravel_index(order, gain.shape), strict=True):
        low = float(y.mean() - slope[i, j] * mean[i, j, 0])
        found.append(
            {
                "A1": low,
                "A2": low + float(slope[i, j]),
                "x0": float(centres[i]),
                "dx": float(scales[j]),
            }
        )
    return found


def _residual(p: lmfit.Parameters, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return sigmoid(x, p["A1"].value, p["A2"].value, p["x0"].value, p["dx"].value) - y


def _doubt(
    result: lmfit.minimizer.MinimizerResult,
    values: dict[str, float],
    errors: dict[str, float],
    bounds: dict[str, tuple[float, float]],
    x: np.ndarray,
    spacing: float,
) -> str:
    """The first reason not to believe a sigmoid, or nothing."""
    width = float(x[-1] - x[0])
    problem = (
        gave_up(result)
        or width_problem("dx", values["dx"], spacing, width)
        or bound_problem(values, bounds)
    )
    if problem:
        return problem
    if not x[0] < values["x0"] < x[-1]:
        return f"x0 = {values['x0']:.3g} lies outside the window {x[0]:.3g} to {x[-1]:.3g}"
    missing = [name for name, error in errors.items() if not np.isfinite(error)]
    if missing:
        return f"no finite standard error for {', '.join(missing)}"
    if errors["x0"] >= width:
        return f"x0 is uncertain by {errors['x0']:.3g}, more than the window {width:.3g}"
    return ""


def _fit(
    model: str,
    result: lmfit.minimizer.MinimizerResult,
    values: dict[str, float],
    errors: dict[str, float],
    x: np.ndarray,
    y: np.ndarray,
    reason: str,
) -> GrowthFit:
    r2 = 1 - float(result.chisqr) / float(np.sum((y - y.mean()) ** 2))
    window = (float(x[0]), float(x[-1]))
    aic, bic = float(result.aic), float(result.bic)
    return GrowthFit(
        model, values, errors, r2, aic, bic, x.size, window, converged=not reason, reason=reason
    )


def _refused(model: str, names: tuple[str, ...], x: np.ndarray, reason: str) -> GrowthFit:
    nothing = dict.fromkeys(names, np.nan)
    window = (float(x[0]), float(x[-1]))
    return GrowthFit(
        model, nothing, dict(nothing), np.nan, np.nan, np.nan, x.size, window, False, reason
    )
