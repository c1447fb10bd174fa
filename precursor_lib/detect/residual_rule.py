"""From forecast residuals to anomalous points; `detect.days` counts them by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError, unknown

RuleKind = Literal["mean_multiple", "confidence"]
# The factors that the papers use: the middle of k in [2, 3], and Z.
_PUBLISHED = {"mean_multiple": 2.5, "confidence": 1.5}


@dataclass(frozen=True)
class PointRule:
    """When a residual counts as an anomalous point: where it exceeds a multiple of a scale.

    Attributes
    ----------
    kind : {"mean_multiple", "confidence"}
        ``mean_multiple``: ``|e| > k mean(|e|)`` (Lushan paper, eqs. 7 and 8). ``confidence``: the
        value lies outside ``forecast +- Z sigma`` with sigma the standard deviation of e (STMN
        paper). Both inequalities are strict. Neither rule takes off the mean of e, so a forecast
        that is biased gives points on one side; and sigma is about that mean (divisor n).
    factor : float
        k or Z. By default 2.5, the middle of the range 2 to 3 of the Lushan paper, and 1.5 of the
        STMN paper.
    """

    kind: RuleKind = "mean_multiple"
    factor: float = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.kind not in _PUBLISHED:
            raise InputError(unknown("kind of rule", str(self.kind), _PUBLISHED))
        if self.factor is None:
            object.__setattr__(self, "factor", _PUBLISHED[self.kind])
        if not (np.isfinite(self.factor) and self.factor > 0):
            raise InputError(f"factor: expected a finite number above 0, got {self.factor}")

    def scale(self, residual: ArrayLike) -> NDArray[np.float64]:
        """The scale of residuals along the last axis: mean of the size, or standard deviation.

        Parameters
        ----------
        residual : array_like, shape (..., n)
            NaN are left out.

        Returns
        -------
        numpy.ndarray, shape (...)
            In the unit of `residual`.

        Raises
        ------
        InputError
            If a series holds no value or an infinite one.
        """
        e = np.asarray(residual, dtype=float)
        if np.isinf(e).any():
            raise InputError("residual: expected finite numbers or NaN, got an infinite one")
        held = np.isfinite(e).sum(axis=-1)
        if e.ndim == 0 or np.any(held == 0):
            raise InputError(
                f"residual of shape {e.shape}: a series holds no value to take the scale from"
            )
        if self.kind == "mean_multiple":
            return np.asarray(np.nanmean(np.abs(e), axis=-1))
        return np.asarray(np.nanstd(e, axis=-1))


def residual_points(
    observed: ArrayLike,
    predicted: ArrayLike,
    rule: PointRule,
    *,
    reference: slice | ArrayLike | None = None,
    scale: ArrayLike | None = None,
) -> NDArray[np.bool_]:
    """Mark the samples whose residual exceeds the rule's multiple of its scale.

    Read as printed, the papers take the scale from the residuals that are tested. Then an active
    record raises its own threshold: with k = 2.5 no record can have more than 40 % of its samples
    above it (Markov's inequality). A `reference` span before the tested one, or a `scale` from a
    validation span or another station, does not use what is tested.

    Parameters
    ----------
    observed, predicted : array_like, shape (..., n)
        Values and their forecasts, time last. NaN where one of them is missing.
    rule : PointRule
        Kind and factor.
    reference : slice or array_like of bool, shape (n,), optional
        The samples along time that the scale is taken from; all by default.
    scale : array_like, shape (...), optional
        The scale itself (see `PointRule.scale`), in place of `reference`.

    Returns
    -------
    numpy.ndarray of bool, shape (..., n)
        True at anomalous points. A missing sample is no point; `usable` tells it from a calm one.

    Raises
    ------
    InputError
        If shapes differ, a value is infinite, both `reference` and `scale` are given, or a
        reference holds no sample.
    """
    e = _residual(observed, predicted)
    if reference is not None and scale is not None:
        raise InputError("reference, scale: expected one of the two, got both")
    if scale is None:
        part = e if reference is None else e[..., _span(reference, e.shape[-1])]
        size = rule.scale(part)
    else:
        size = np.asarray(scale, dtype=float)
        if np.broadcast_shapes(size.shape, e.shape[:-1]) != e.shape[:-1]:
            raise InputError(f"scale: expected shape {e.shape[:-1]}, got {size.shape}")
        if not (np.isfinite(size).all() and np.all(size >= 0)):
            raise InputError("scale: expected finite numbers >= 0")
    # A comparison with NaN is False.
    return np.asarray(np.abs(e) > rule.factor * size[..., None])


def usable(observed: ArrayLike, predicted: ArrayLike) -> NDArray[np.bool_]:
    """Samples where both the value and its forecast are there, shape (..., n)."""
    return np.asarray(np.isfinite(_residual(observed, predicted)))


def _residual(observed: ArrayLike, predicted: ArrayLike) -> NDArray[np.float64]:
    y, f = np.asarray(observed, dtype=float), np.asarray(predicted, dtype=float)
    if y.shape != f.shape or y.ndim == 0:
        raise InputError(
            f"observed, predicted: expected arrays of one shape, got {y.shape} and {f.shape}"
        )
    for name, values in (("observed", y), ("predicted", f)):
        if np.isinf(values).any():
            raise InputError(f"{name}: expected finite numbers or NaN, got an infinite one")
    return y - f


def _span(reference: slice | ArrayLike, n: int) -> slice | NDArray[np.bool_]:
    if isinstance(reference, slice):
        return reference
    mask = np.asarray(reference)
    if mask.dtype != bool or mask.shape != (n,):
        raise InputError(
            f"reference: expected a slice or {n} booleans, got {mask.dtype} of shape {mask.shape}"
        )
    return mask
