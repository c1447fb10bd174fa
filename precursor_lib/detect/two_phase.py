"""Two sigmoids on top of each other through one cumulative curve."""

from __future__ import annotations

from dataclasses import dataclass

import lmfit
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from precursor_lib.detect.curves import two_phases, two_phases_gradient
from precursor_lib.detect.growth import GrowthFit
from precursor_lib.detect.growth_checks import (
    bound_problem,
    checked_points,
    gave_up,
    standard_errors,
    width_problem,
)
from precursor_lib.errors import InputError

Array = NDArray[np.float64]
_NAMES = ("A0", "N1", "x1", "dx1", "N2", "x2", "dx2")
# A phase that rises by less than this share of the whole rise is not seen as one.
_FLAT = 0.02


@dataclass(frozen=True)
class TwoPhaseFit(GrowthFit):
    """A fitted sum of two sigmoids; attributes as `GrowthFit`.

    ``parameters`` and ``errors`` hold ``A0`` (level long before both), and of each phase in order
    of time its rise ``N1``, ``N2``, centre ``x1``, ``x2`` and time constant ``dx1``, ``dx2``.
    """

    def predict(self, x: ArrayLike) -> Array:
        """The curve at `x`."""
        return two_phases(x, *(self.parameters[name] for name in _NAMES))


def fit_two_phase(x: ArrayLike, y: ArrayLike, *, starts: int = 3) -> TwoPhaseFit:
    """Fit the sum of two sigmoids by least squares.

    The sum of squares is mapped over pairs of sigmoids from a grid of centre and time constant,
    where the level and both rises follow in closed form. Its best pairs, no two of them alike,
    start lmfit's Levenberg-Marquardt, and the best end is kept. Nothing is random.

    The fit counts as converged only if the optimiser says so, all standard errors are finite, and
    there are two phases to be told apart. Otherwise `converged` is False and `reason` names what
    failed: a phase is flat (its rise is below 2 % of the whole or below twice its error), the
    phases coincide (the centres are less apart than the larger time constant, or than twice the
    error of their difference), they have opposite signs, a centre lies outside the window, or a
    time constant is below a quarter of the spacing or above half the window.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Days and cumulative values; `x` strictly ascending.
    starts : int
        Number of pairs that are followed.

    Returns
    -------
    TwoPhaseFit
        Compare its ``bic`` with that of `fit_sigmoid` before believing in the second phase.

    Raises
    ------
    InputError
        As `fit_sigmoid`.
    """
    x_, y_ = checked_points(x, y)
    if starts < 1:
        raise InputError(f"starts: expected at least 1, got {starts}")
    n, width, rise = x_.size, float(x_[-1] - x_[0]), float(np.ptp(y_))
    if n < 8:
        return _refused(x_, f"7 parameters need at least 8 points, given {n}")
    if rise == 0:
        return _refused(x_, "y does not vary")
    spacing = float(np.median(np.diff(x_)))
    limits = {
        "A0": (float(y_.min()) - 10 * rise, float(y_.max()) + 10 * rise),
        **dict.fromkeys(("N1", "N2"), (-10 * rise, 10 * rise)),
        **dict.fromkeys(("x1", "x2"), (float(x_[0]) - width, float(x_[-1]) + width)),
        **dict.fromkeys(("dx1", "dx2"), (0.02 * spacing, 10 * width)),
    }
    best = None
    for start in _starts(x_, y_, spacing, starts):
        parameters = lmfit.Parameters()
        for name in _NAMES:
            low, high = limits[name]
            margin = 1e-3 * (high - low) if name[0] != "d" else 0.0
            value = min(max(start[name], low + margin), high - margin)
            parameters.add(name, value=value, min=low, max=high)
        result = lmfit.minimize(_residual, parameters, args=(x_, y_), max_nfev=4000)
        if best is None or result.chisqr < best.chisqr:
            best = result
    assert best is not None
    values = {name: float(best.params[name].value) for name in _NAMES}
    errors = standard_errors(best, _NAMES, two_phases_gradient(x_, **values))
    difference = _difference_error(best)
    if values["x1"] > values["x2"]:
        values, errors = _swapped(values), _swapped(errors)
    reason = _doubt(best, values, errors, difference, limits, x_, spacing)
    return TwoPhaseFit(
        "two sigmoids",
        values,
        errors,
        1 - float(best.chisqr) / float(np.sum((y_ - y_.mean()) ** 2)),
        float(best.aic),
        float(best.bic),
        n,
        (float(x_[0]), float(x_[-1])),
        not reason,
        reason,
    )


def _swapped(values: dict[str, float]) -> dict[str, float]:
    other = {"1": "2", "2": "1"}
    return {name: values[name[:-1] + other.get(name[-1], name[-1])] for name in _NAMES}


def _starts(x: Array, y: Array, spacing: float, starts: int) -> list[dict[str, float]]:
    """The best pairs of sigmoids of a grid, each pair unlike those before it."""
    width = x[-1] - x[0]
    centres = np.linspace(x[0] - 0.1 * width, x[-1] + 0.1 * width, 31)
    scales = np.geomspace(0.3 * spacing, width, 8)
    grid = [(c, s) for c in centres for s in scales]
    at, over = np.array(grid).T
    shape = expit((x - at[:, None]) / over[:, None])
    mean = shape.mean(axis=1)
    about = shape - mean[:, None]
    gram, shared = about @ about.T, about @ (y - y.mean())
    own = np.diag(gram)
    determinant = own[:, None] * own[None, :] - gram**2
    usable = determinant > 1e-6 * own[:, None] * own[None, :] + 1e-12
    safe = np.where(usable, determinant, 1.0)
    first = (own[None, :] * shared[:, None] - gram * shared[None, :]) / safe
    gain = np.where(usable, first * shared[:, None] + first.T * shared[None, :], -np.inf)
    gain[np.tril_indices(len(grid))] = -np.inf
    found: list[dict[str, float]] = []
    for flat in np.argsort(-gain, axis=None, kind="stable")[:20000]:
        i, j = divmod(int(flat), len(grid))
        (ci, si), (cj, sj) = grid[i], grid[j]
        if not np.isfinite(gain[i, j]):
            break
        near = 0.1 * width
        if any(abs(ci - f["x1"]) < near and abs(cj - f["x2"]) < near for f in found):
            continue
        found.append(
            {
                "A0": float(y.mean() - first[i, j] * mean[i] - first[j, i] * mean[j]),
                "N1": float(first[i, j]),
                "x1": float(ci),
                "dx1": float(si),
                "N2": float(first[j, i]),
                "x2": float(cj),
                "dx2": float(sj),
            }
        )
        if len(found) == starts:
            break
    return found


def _residual(p: lmfit.Parameters, x: Array, y: Array) -> Array:
    return two_phases(x, *(p[name].value for name in _NAMES)) - y


def _difference_error(result: lmfit.minimizer.MinimizerResult) -> float:
    """Standard error of ``x2 - x1``; NaN where there is no covariance."""
    if getattr(result, "covar", None) is None:
        return np.nan
    i, j = result.var_names.index("x1"), result.var_names.index("x2")
    c = result.covar
    return float(np.sqrt(max(c[i, i] + c[j, j] - 2 * c[i, j], 0.0)))


def _doubt(
    result: lmfit.minimizer.MinimizerResult,
    values: dict[str, float],
    errors: dict[str, float],
    difference: float,
    limits: dict[str, tuple[float, float]],
    x: Array,
    spacing: float,
) -> str:
    """The first reason not to believe in two phases, or nothing."""
    problem = gave_up(result)
    if problem:
        return problem
    whole = abs(values["N1"]) + abs(values["N2"])
    for k in "12":
        size, error = abs(values[f"N{k}"]), errors[f"N{k}"]
        if size < _FLAT * whole or size < 2 * error:
            return f"phase {k} is flat: its rise is {values[f'N{k}']:.3g} ± {error:.2g}"
    for k in "12":
        problem = width_problem(f"dx{k}", values[f"dx{k}"], spacing, float(x[-1] - x[0]))
        if problem:
            return problem
        if not x[0] < values[f"x{k}"] < x[-1]:
            return f"x{k} = {values[f'x{k}']:.3g} lies outside the window {x[0]:.3g} to {x[-1]:.3g}"
    apart = values["x2"] - values["x1"]
    if apart < max(values["dx1"], values["dx2"]) or apart < 2 * difference:
        return f"the phases coincide: their centres are {apart:.3g} ± {difference:.2g} apart"
    if values["N1"] * values["N2"] < 0:
        return f"the phases oppose each other: {values['N1']:.3g} and {values['N2']:.3g}"
    problem = bound_problem(values, limits)
    if problem:
        return problem
    missing = [name for name, error in errors.items() if not np.isfinite(error)]
    return f"no finite standard error for {', '.join(missing)}" if missing else ""


def _refused(x: Array, reason: str) -> TwoPhaseFit:
    nan, window = np.nan, (float(x[0]), float(x[-1]))
    nothing = dict.fromkeys(_NAMES, nan)
    return TwoPhaseFit(
        "two sigmoids", nothing, dict(nothing), nan, nan, nan, x.size, window, False, reason
    )
