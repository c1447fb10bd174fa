"""Variational mode decomposition (Dragomiretskiy & Zosso 2014), to a checked fixed point."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from precursor_lib.decompose.vmd_input import check, processors, series_rows, starting_points
from precursor_lib.decompose.vmd_rows import LIMITS, Options, decompose, held
from precursor_lib.decompose.vmd_solver import Settled

Array = NDArray[np.float64]


class ConvergenceWarning(UserWarning):
    """An iteration stopped at its limit before it reached its tolerance."""


@dataclass(frozen=True)
class VMDResult:
    """A variational mode decomposition.

    Attributes
    ----------
    modes : ndarray, shape (K, n) or (S, K, n)
        The modes, by rising centre frequency, in the unit of the series.
    centre_frequencies : ndarray, shape (K,) or (S, K)
        Power-weighted mean frequency of each mode, cycles a sample.
    residual : ndarray, shape (n,) or (S, n)
        The series less the sum of the modes.
    iterations : int or ndarray of int, shape (S,)
        Passes over the spectrum: sweeps, and steps of the fixed point's own iteration.
    converged : bool or ndarray of bool, shape (S,)
        Whether `distance` is within the tolerance.
    distance : float or ndarray, shape (S,)
        Estimated distance of the modes to their fixed point, sqrt(sum_k |u_k - u_k*|**2) over the
        norm of the series about its mean; infinite where no estimate could be had.
    method : str
        What ran: ``"fixed-point"`` or ``"sweeps"``.
    history : ndarray, shape (iterations + 1, K), or list of S such arrays
        Centre frequencies before the first and after each iteration.
    alpha, tol : float
        As given.
    """

    modes: Array
    centre_frequencies: Array
    residual: Array
    iterations: Any
    converged: Any
    distance: Any
    method: str
    history: Any
    alpha: float
    tol: float


def half_power_width(alpha: float) -> float:
    """Return the full width of a mode's filter where it passes half the power.

    Alone in its band, a mode passes the share ``1 / (1 + alpha (f - w)**2)`` of the amplitude,
    whose square is one half at ``|f - w| = sqrt((sqrt(2) - 1) / alpha)``.

    Parameters
    ----------
    alpha : float
        Bandwidth penalty.

    Returns
    -------
    float
        Width in cycles a sample; times the sampling rate in Hz, it is in Hz.
    """
    return 2.0 * float(np.sqrt((np.sqrt(2.0) - 1.0) / alpha))


def modes_at(x: ArrayLike, centre_frequencies: ArrayLike, alpha: float = 5000.0) -> Array:
    """Give the modes for centre frequencies that are held: a fixed bank of filters.

    The gains are those of `vmd` for these centre frequencies,
    ``g_k = (1 / d_k) / (1 + sum_i 1 / d_i)`` with ``d_k = alpha (f - w_k)**2``. Where centres lie
    closer together than the half-power width, alpha cancels: they share the spectrum by the
    inverse square of the distance to each.

    Parameters
    ----------
    x : array_like, shape (n,) or (S, n)
        Evenly sampled series without gaps.
    centre_frequencies : array_like, shape (K,) or (S, K)
        Cycles a sample.
    alpha : float
        Bandwidth penalty.

    Returns
    -------
    ndarray, shape (K, n) or (S, K, n)

    Raises
    ------
    InputError
        As for `vmd`.
    """
    series, single = series_rows(x)
    count = np.asarray(centre_frequencies).shape[-1] if np.ndim(centre_frequencies) else 1
    check(count, alpha, 1.0, "sweeps", 0.0, None, None)
    centres = starting_points(centre_frequencies, count, series.shape, False, 0)
    out = np.stack([held(row, w, alpha) for row, w in zip(series, centres, strict=True)])
    return out[0] if single else out


def vmd(
    x: ArrayLike,
    modes: int = 5,
    alpha: float = 5000.0,
    tol: float = 1e-7,
    *,
    method: str = "fixed-point",
    tau: float = 0.0,
    dc: bool = False,
    init: str | ArrayLike | VMDResult = "uniform",
    max_iterations: int | None = None,
    seed: int = 0,
    workers: int | None = None,
) -> VMDResult:
    """Split a series into modes of narrow bandwidth about centre frequencies of their own.

    The modes u_k minimise ``sum_k alpha |(f - w_k) u_k|**2 + |x - sum_k u_k|**2`` over the
    positive frequencies f of the series mirrored by half its length at both ends, and each
    centre frequency w_k is the power-weighted mean frequency of its mode.

    Parameters
    ----------
    x : array_like, shape (n,) or (S, n)
        Evenly sampled series without gaps, n >= 2; several are decomposed each on its own. The
        mean belongs to the series: take it off, or give it to a mode of its own with `dc`.
    modes : int
        Number of modes, K.
    alpha : float
        Bandwidth penalty, in squared samples a cycle; see `half_power_width`.
    tol : float
        Largest distance of the modes to their fixed point, relative to the series about its mean.
        It does not depend on the series' unit or length.
    method : {"fixed-point", "sweeps"}
        ``"sweeps"`` is the classic algorithm: sweep after sweep of modes and centre frequencies.
        ``"fixed-point"`` does 100 such sweeps, which choose a valley of the objective, and then
        iterates the centre frequencies alone, with the modes in closed form. Both have the same
        fixed points; where there are several, they mostly but not always end in the same one.
    tau : float
        Step of the dual ascent, which forces the modes to add up to the series as sweeps go on;
        0 leaves that to the objective. Needs ``"sweeps"`` if it is not 0.
    dc : bool
        Keep the first mode's centre frequency at 0.
    init : {"uniform", "zero", "random"}, array_like of shape (K,) or (S, K), or VMDResult
        Centre frequencies to start from: evenly spaced from 0, all 0, log-uniform between 1/n and
        0.5 (the same for each series), or as given, in cycles a sample. A result is a warm start:
        its centre frequencies with the modes in closed form, and no sweeps before.
    max_iterations : int, optional
        Most sweeps (5000 unless given) or steps (1000, the sweeps before not counted).
    seed : int
        Seed of the random start.
    workers : int, optional
        Threads; as many as there are processors unless given. The result does not depend on it.

    Returns
    -------
    VMDResult
        The modes, and what can be said of their convergence.

    Raises
    ------
    InputError
        If the series is too short, not real or not finite, or a parameter is out of its range.

    Warns
    -----
    ConvergenceWarning
        If the limit of iterations was reached before the tolerance.

    Notes
    -----
    The penalty enters as ``1 / (1 + alpha (f - w)**2)``, as in the authors' code, where the paper
    has ``2 alpha`` and angular frequency. For given centre frequencies the gains of the modes are
    ``g_k = (1 / d_k) / (1 + sum_i 1 / d_i)`` with ``d_k = alpha (f - w_k)**2``.

    References
    ----------
    K. Dragomiretskiy, D. Zosso (2014), Variational mode decomposition, IEEE Transactions on
    Signal Processing 62(3), 531-544, doi:10.1109/TSP.2013.2288675.
    """
    series, single = series_rows(x)
    check(modes, alpha, tol, method, tau, max_iterations, workers)
    options = Options(
        alpha, tol, method, tau, dc, isinstance(init, VMDResult), max_iterations or LIMITS[method]
    )
    starts = starting_points(init, modes, series.shape, dc, seed)
    out, ends = decompose(series, starts, options, workers or processors())
    warn(ends, method, tol)
    residual = series - out.sum(axis=1)
    values = (
        out,
        np.array([end.w for end in ends]),
        residual,
        np.array([len(end.history) - 1 for end in ends]),
        np.array([end.converged for end in ends]),
        np.array([end.distance for end in ends]),
        [np.array(end.history) for end in ends],
    )
    if single:
        u, w, rest, count, done, distance, history = (value[0] for value in values)
        return VMDResult(
            u, w, rest, int(count), bool(done), float(distance), method, history, alpha, tol
        )
    u, w, rest, count, done, distance, history = values
    return VMDResult(u, w, rest, count, done, distance, method, history, alpha, tol)


def warn(ends: list[Settled], method: str, tol: float, kind: str = "series") -> None:
    """Say how many rows did not converge, and how far from a fixed point the first one is."""
    late = [i for i, end in enumerate(ends) if not end.converged]
    if not late:
        return
    end = ends[late[0]]
    where = f" for {len(late)} of {len(ends)} {kind}, the first at index {late[0]},"
    far = (
        f"an estimated {end.distance:.1e} from their fixed point"
        if np.isfinite(end.distance)
        else "in no valley of the objective, so that no distance to a fixed point can be given"
    )
    warnings.warn(
        f"VMD ({method}) stopped after {len(end.history) - 1} iterations"
        f"{where if len(ends) > 1 else ''} before it reached its tolerance {tol:.1e}; "
        f"the modes are {far}",
        ConvergenceWarning,
        stacklevel=3,
    )
