"""The Ratio of the STMN paper, R2 of a sigmoid over R2 of a line, and what an unfinished fit gives.

Where both fits are the best ones the Ratio cannot be below 1, but for a hair: with A1 and A2 far
apart, dx large and x0 in the window, the middle of a sigmoid is a line to any accuracy. So the line
is a limit of sigmoids, and the best of them fits at least as well. A Ratio clearly below 1
says that the search for the sigmoid ended early or elsewhere. A sigmoid so narrow that it is a step
has, on a straight curve, an R2 of ``3 f (1 - f)`` where f is the share of the window before the
step: 0.75 at most.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from precursor_lib.detect.curves import sigmoid, sigmoid_gradient
from precursor_lib.detect.growth import GrowthComparison, GrowthFit, fit_line, fit_sigmoid
from precursor_lib.detect.growth_checks import checked_points
from precursor_lib.errors import InputError

Array = NDArray[np.float64]
_NAMES = ("A1", "A2", "x0", "dx")


def growth_ratio(
    x: ArrayLike,
    y: ArrayLike,
    *,
    stop_after: int | None = None,
    start: Mapping[str, float] | None = None,
) -> GrowthComparison:
    """R2 of a sigmoid over R2 of a line, of fits as they stand.

    `compare_growth` gives no Ratio where the sigmoid is not to be believed, which is right for a
    finding. This gives one in any case: the Ratio of a curve that is straight, or of a search that
    was stopped.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Days and cumulative values; `x` strictly ascending.
    stop_after : int, optional
        Evaluations of the curve after which one Levenberg-Marquardt search is stopped. By default
        `fit_sigmoid` runs to its end, from the best places of a grid.
    start : mapping, optional
        Where the stopped search begins: ``A1 A2 x0 dx``. By default smallest and largest value,
        the middle of the window and a time constant of one unit of `x` (``b = 1`` of the STMN
        paper's form), which on daily points is a step.

    Returns
    -------
    GrowthComparison
        ``sigmoid.converged`` and its reason say what the Ratio is worth. NaN where one of the fits
        is refused, or the line has an R2 of 0.

    Raises
    ------
    InputError
        As `fit_sigmoid`; or if `stop_after` is below 1, or `start` comes without it or incomplete.
    """
    line = fit_line(x, y)
    if stop_after is None:
        if start is not None:
            raise InputError("start: expected only together with stop_after")
        curve = fit_sigmoid(x, y)
    else:
        curve = _stopped(x, y, stop_after, start)
    ratio = curve.r2 / line.r2 if line.r2 > 0 else np.nan
    return GrowthComparison(curve, line, ratio, line.aic - curve.aic)


def _stopped(
    x: ArrayLike, y: ArrayLike, stop_after: int, start: Mapping[str, float] | None
) -> GrowthFit:
    x_, y_ = checked_points(x, y)
    if stop_after < 1:
        raise InputError(f"stop_after: expected at least 1 evaluation, got {stop_after}")
    if start is None:
        start = {
            "A1": float(y_.min()),
            "A2": float(y_.max()),
            "x0": float(x_[0] + x_[-1]) / 2,
            "dx": 1.0,
        }
    missing = [name for name in _NAMES if not np.isfinite(start.get(name, np.nan))]
    if missing or start["dx"] == 0:
        raise InputError(f"start: expected finite {', '.join(_NAMES)} and dx not 0, got {start}")
    n, varied = x_.size, float(np.sum((y_ - y_.mean()) ** 2))
    window = (float(x_[0]), float(x_[-1]))
    if n < 5 or varied == 0:
        return fit_sigmoid(x_, y_)  # which says why there is no fit

    def misfit(p: Array) -> Array:
        return sigmoid(x_, *p) - y_

    def gradient(p: Array) -> Array:
        return sigmoid_gradient(x_, *p)

    found = least_squares(
        misfit,
        [start[name] for name in _NAMES],
        jac=gradient,
        method="lm",
        max_nfev=stop_after,
    )
    low, high, centre, scale = (float(v) for v in found.x)
    if scale < 0:
        low, high, scale = high, low, -scale
    squares = 2 * float(found.cost)
    level = n * np.log(max(squares, np.finfo(float).tiny) / n)
    reason = (
        f"stopped after {found.nfev} evaluations"
        if found.status <= 0
        else "one search from one start, which may have ended elsewhere than at the best"
    )
    return GrowthFit(
        "sigmoid",
        dict(zip(_NAMES, (low, high, centre, scale), strict=True)),
        dict.fromkeys(_NAMES, np.nan),
        1 - squares / varied,
        float(level + 8),
        float(level + 4 * np.log(n)),
        n,
        window,
        False,
        reason,
    )
