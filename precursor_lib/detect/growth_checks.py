"""Whether the points of a growth curve and the parameters fitted to them may be used."""

from __future__ import annotations

import lmfit
import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError

# A rise takes about 4 dx from 12 % to 88 %. Below a quarter of the sampling it happens between two
# samples; above half the window the curve bends by less than 4 % of its rise: a line.
SHORTEST_RISE = 0.25
LONGEST_RISE = 0.5


def checked_points(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The points of a curve as numbers, of one length, finite, with `x` ascending strictly."""
    x_, y_ = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x_.ndim != 1 or x_.shape != y_.shape or x_.size < 2:
        raise InputError(
            f"x, y: expected two series of one length >= 2, got shapes {x_.shape} and {y_.shape}"
        )
    for name, values in (("x", x_), ("y", y_)):
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise InputError(f"{name}[{bad[0]}] is {values[bad[0]]}: expected finite numbers")
    back = np.flatnonzero(np.diff(x_) <= 0)
    if back.size:
        raise InputError(f"x[{back[0] + 1}]: expected x to ascend strictly")
    return x_, y_


def standard_errors(
    result: lmfit.minimizer.MinimizerResult, names: tuple[str, ...], gradient: np.ndarray
) -> dict[str, float]:
    """One standard error of each parameter of a fit; NaN where none could be had.

    lmfit steps in coordinates that are zero where a parameter lies in the middle of its bounds. A
    fit that ends there has a step of zero, and so no errors. Then they are taken from the
    derivatives of the curve: the inverse of ``J^T J`` times the residual variance.

    Parameters
    ----------
    result : lmfit.minimizer.MinimizerResult
        The fit.
    names : tuple of str
        Parameters, in the order of the columns of `gradient`.
    gradient : numpy.ndarray, shape (n, k)
        Derivatives of the curve by the parameters, at the best values.
    """
    found = [result.params[name].stderr for name in names]
    if any(error is None for error in found):
        found = [np.nan] * len(names)
        size = np.linalg.norm(gradient, axis=0)
        if np.all(size > 0) and np.linalg.cond(gradient / size) < 1e7:
            scaled = gradient / size
            variance = result.chisqr / (gradient.shape[0] - len(names))
            inverse = np.linalg.inv(scaled.T @ scaled)
            found = list(np.sqrt(variance * np.diag(inverse)) / size)
    return {name: float(error) for name, error in zip(names, found, strict=True)}


def width_problem(name: str, dx: float, spacing: float, width: float) -> str:
    """Why a time constant cannot be believed, or nothing."""
    if dx < SHORTEST_RISE * spacing:
        return (
            f"{name} = {dx:.3g} is below a quarter of the spacing {spacing:.3g}: "
            "a step between two points"
        )
    if dx > LONGEST_RISE * width:
        return f"{name} = {dx:.3g} is above half the window {width:.3g}: not told from a line"
    return ""


def bound_problem(values: dict[str, float], bounds: dict[str, tuple[float, float]]) -> str:
    """The first parameter that lies at its bound, as a sentence, or nothing."""
    for name, (low, high) in bounds.items():
        near = 0.0 if name.startswith("dx") else 1e-3 * (high - low)
        if not low + near < values[name] < high - near:
            return f"{name} = {values[name]:.3g} lies at its bound ({low:.3g}, {high:.3g})"
    return ""


def gave_up(result: lmfit.minimizer.MinimizerResult) -> str:
    """Why the optimiser did not arrive, or nothing.

    MINPACK's codes 6 to 8 say that no step makes the fit better: it has arrived.
    """
    if result.success or getattr(result, "ier", None) in (6, 7, 8):
        return ""
    # lmfit says of a search that was cut off that its tolerance is too small.
    message = f"no end after {result.nfev} evaluations" if result.aborted else result.message
    return f"the optimiser gave up: {message}"
