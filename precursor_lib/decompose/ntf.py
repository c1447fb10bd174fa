"""Non-negative tensor factorisation, plain (NTF) and spatially weighted (SW-NTF)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.decompose import ntf_kernels as kernels
from precursor_lib.decompose.factors import Factorisation, normalise, reorder
from precursor_lib.decompose.ntf_solver import Prior, Rows, open_rows, solve
from precursor_lib.errors import InputError, unknown

RULES = {"hals": kernels.HALS, "mu": kernels.MULTIPLICATIVE}
SCALES = ("norm", "rms", "max", "none")


def ntf(
    X: ArrayLike,
    rank: int,
    *,
    method: str = "hals",
    iterations: int = 200,
    tol: float = 1e-5,
    seed: int = 0,
    starts: int = 1,
    init: Sequence[ArrayLike] | None = None,
    threads: int | None = None,
) -> Factorisation:
    """Factorise a non-negative tensor into `rank` non-negative rank-one components.

    Lowers ``||X - sum_r a_r o b_r o c_r||_F^2`` over a, b, c >= 0 (Yang et al., equation 2) by
    updates of the frequency, time and station factor in turn. With ``M = X_(1) (C kr B)`` and
    ``G = (C'C) * (B'B)`` (kr: Khatri-Rao product, *: Hadamard product), the factor A is updated by

    - ``"mu"``: ``A <- A * M / (A G)``, the multiplicative rule that the paper's equations 3-5
      misprint in the last two denominators (they repeat A where B and C belong, and use one symbol
      for both products);
    - ``"hals"``: ``a_r <- max(0, a_r + (m_r - A g_r) / G_rr)`` for each r, the exact minimum in one
      column, some rounds of it.

    Neither can raise the objective. The tensor is read once an iteration.

    Parameters
    ----------
    X : array_like (I, J, K)
        Frequency, time, station; finite, >= 0. float32 is read as such, everything else as float64;
        sums and factors are float64. A C-ordered array is copied once into another order of axes;
        ``np.moveaxis(Y, 0, 1)`` of a C-ordered ``Y`` (J, I, K) is used without a copy.
    rank : int
        Number of components R.
    method : {"hals", "mu"}
        Update rule.
    iterations : int
        Most iterations.
    tol : float
        Stop when the KKT residual is at most this; 0 goes on to the last iteration. For each factor
        H scaled to carry the components' whole size, the other two having columns of unit norm,
        with M and G as above, the residual is ``max |min(H, H G - M)| / max M``, element by
        element: both are zero where the optimality conditions hold (Chi and Kolda, 2012, whose
        residual is this one before scaling). The largest of the three counts. It does not depend
        on the scale of X.
    seed : int
        Starting factors are uniform on (0, 1), scaled together to fit X best.
    starts : int
        Number of random starts; the one with the lowest objective is kept.
    init : sequence of three array_like, optional
        Starting factors (I, R), (J, R), (K, R), >= 0, used as they are.
    threads : int, optional
        Threads that share a pass over X; as many as numba uses unless given. The result is the
        same to the bit whatever their number.

    Returns
    -------
    Factorisation
        Components by falling weight.

    Raises
    ------
    InputError
        If X has a wrong shape, NaN, infinite or negative values, or nothing but zeros, or another
        argument is not what is said here.
    """
    x, starting = _check(X, rank, method, iterations, tol, seed, starts, init, threads)
    with open_rows(x, threads) as rows:
        prior = Prior(np.zeros(x.shape[2]), np.zeros(rank))
        result = _best(rows, starting, prior, RULES[method], iterations, tol, init is None)
    return _sorted(result)


def sw_ntf(
    X: ArrayLike,
    rank: int,
    prior: ArrayLike,
    penalty: float | ArrayLike = 0.1,
    *,
    scale: str | float = "norm",
    method: str = "hals",
    iterations: int = 200,
    tol: float = 1e-5,
    seed: int = 0,
    starts: int = 1,
    init: Sequence[ArrayLike] | None = None,
    threads: int | None = None,
) -> Factorisation:
    """Factorise with station factors drawn towards a spatial prior.

    Lowers ``||X / s - sum_r a_r o b_r o c_r||_F^2 + sum_r penalty_r ||c_r - omega||^2`` (Yang et
    al., equation 6). The prior adds ``penalty * omega`` to the numerator and ``penalty * C`` to the
    denominator of the update of C (equation 7, whose denominator is misprinted).

    The model alone does not fix the length of c_r, since a_r and b_r can make up for it. So the
    penalty is met at its best length, and what counts is ``penalty ||omega||^2 sin^2(c_r, omega)``:
    a price for the angle between c_r and omega, at most ``penalty ||omega||^2`` a component. It is
    weighed against ``||X / s||^2``. The scale `s` therefore decides between a prior that is ignored
    and one that dominates, and the paper does not give it. The default makes ``||X / s|| = 1``:
    with an omega of unit norm, a penalty of 0.1 lets a component turn fully away from omega when
    that explains more than a tenth of the tensor's energy.

    Parameters
    ----------
    X, rank, method, iterations, tol, seed, starts, init, threads
        As in `ntf`. `init` is that of ``X / s``. The KKT residual includes the prior's terms in the
        station factor. "mu" does the paper's updates as they are; "hals" also moves each c_r to its
        best length after an iteration.
    prior : array_like (K,)
        omega, >= 0, not all zero; see `spatial_prior`.
    penalty : float or array_like (R,)
        lambda, >= 0; the paper's is 0.1 for all components. An array gives each component its own:
        ``[0.1, 0, 0]`` ties only the first to the prior and leaves the others free to take up
        interference. With an array the components keep their order.
    scale : {"norm", "rms", "max", "none"} or float
        s: Frobenius norm of X, root mean square of its values, largest value, 1, or a number in the
        units of X.

    Returns
    -------
    Factorisation
        In the units of X, with the objective that of ``X / s``.

    Raises
    ------
    InputError
        As in `ntf`, and if prior, penalty or scale are not what is said here.
    """
    x, starting = _check(X, rank, method, iterations, tol, seed, starts, init, threads)
    omega = np.asarray(prior, dtype=float)
    if omega.shape != (x.shape[2],):
        raise InputError(f"prior: shape {omega.shape}; expected ({x.shape[2]},), one a station")
    if not (np.isfinite(omega) & (omega >= 0)).all() or not omega.any():
        raise InputError("prior: expected finite weights >= 0, not all of them zero")
    strength = np.asarray(penalty, dtype=float)
    if strength.shape not in ((), (rank,)):
        raise InputError(f"penalty: shape {strength.shape}; expected one number or ({rank},)")
    if not (np.isfinite(strength) & (strength >= 0)).all():
        raise InputError("penalty: expected finite numbers >= 0")
    with open_rows(x, threads) as rows:
        s = _scale(x, rows, scale)
        # X / s is not formed: with A s times as long the objective is s^2 times the one above, if
        # the penalty is multiplied by s^2.
        starting = [(a * s, b, c) for a, b, c in starting]
        weighted = Prior(omega, np.broadcast_to(strength * s**2, (rank,)).copy())
        result = _best(rows, starting, weighted, RULES[method], iterations, tol, init is None, s)
    return result if strength.ndim else _sorted(result)


def _check(
    X: ArrayLike,
    rank: int,
    method: str,
    iterations: int,
    tol: float,
    seed: int,
    starts: int,
    init: Sequence[ArrayLike] | None,
    threads: int | None,
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """The tensor as an array, and the starting factors; the values of X are checked later."""
    x = np.asarray(X)
    if x.ndim != 3 or 0 in x.shape:
        raise InputError(f"X: shape {x.shape}; expected (frequency, time, station), none empty")
    if x.dtype.kind not in "fiu":
        raise InputError(f"X: dtype {x.dtype}; expected real numbers")
    if x.dtype not in (np.float32, np.float64):
        x = x.astype(np.float64)
    for name, value in (("rank", rank), ("iterations", iterations), ("starts", starts)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name}: {value!r}; expected a whole number >= 1")
    if threads is not None and threads < 1:
        raise InputError(f"threads: {threads}; expected a whole number >= 1")
    if not 0 <= tol < np.inf:
        raise InputError(f"tol: {tol}; expected a number >= 0")
    if method not in RULES:
        raise InputError(f"method: {unknown('method', method, RULES)}")
    if init is None:
        streams = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(starts))
        draw = [[g.random((n, rank)) for n in x.shape] for g in streams]
        return x, [(a, b, c) for a, b, c in draw]
    if starts != 1:
        raise InputError(f"starts: {starts}; expected 1 where init is given")
    if len(init) != 3:
        raise InputError(f"init: {len(init)} arrays; expected frequency, time and station factors")
    given = [np.asarray(factor, dtype=float) for factor in init]
    for factor, n, name in zip(given, x.shape, ("frequency", "time", "station"), strict=True):
        if factor.shape != (n, rank):
            raise InputError(f"init: {name} factor of shape {factor.shape}; expected ({n}, {rank})")
        if not (np.isfinite(factor) & (factor >= 0)).all():
            raise InputError(f"init: {name} factor: expected finite values >= 0")
    return x, [(given[0], given[1], given[2])]


def _scale(x: np.ndarray, rows: Rows, scale: str | float) -> float:
    if not isinstance(scale, str):
        if not 0 < scale < np.inf:
            raise InputError(f"scale: {scale}; expected a number > 0 or one of {', '.join(SCALES)}")
        return float(scale)
    if scale not in SCALES:
        raise InputError(f"scale: {unknown('scale', scale, SCALES)}")
    return {
        "norm": np.sqrt(rows.energy),
        "rms": np.sqrt(rows.energy / x.size),
        "max": float(x.max()),
        "none": 1.0,
    }[scale]


def _best(
    rows: Rows,
    starting: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    prior: Prior,
    rule: int,
    iterations: int,
    tol: float,
    fit_scale: bool,
    scale: float = 1.0,
) -> Factorisation:
    """Solve from each start and keep the lowest objective, normalised."""
    best: Factorisation | None = None
    for number, factors in enumerate(starting):
        end = solve(rows, factors, prior, rule, iterations, tol, fit_scale)
        objective = np.array(end.objective) / scale**2
        if best is None or objective[-1] < best.objective[-1]:
            best = normalise(
                Factorisation(
                    frequency=end.a,
                    time=end.b,
                    station=end.c,
                    weights=np.ones(end.a.shape[1]),
                    objective=objective,
                    kkt=end.residual,
                    iterations=objective.size - 1,
                    converged=end.converged,
                    relative_error=float(np.sqrt(end.misfit / rows.energy)),
                    scale=scale,
                    start=number,
                )
            )
    assert best is not None
    return best


def _sorted(result: Factorisation) -> Factorisation:
    """Components by falling weight."""
    return reorder(result, np.argsort(-result.weights, kind="stable"))
