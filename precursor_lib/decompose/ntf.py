"""Non-negative tensor factorisation, plain (NTF) and spatially weighted (SW-NTF)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.decompose.factors import Factorisation, by_weight, normalise
from precursor_lib.decompose.ntf_inputs import (
    RULES,
    check_method,
    check_options,
    check_prior,
    check_tensor,
    scale_of,
    starting_factors,
)
from precursor_lib.decompose.ntf_rows import Rows, open_rows
from precursor_lib.decompose.ntf_solver import Prior, solve


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
      column, some rounds of it. A and C start an iteration extrapolated along their last step (Ang
      and Gillis, 2019); an iteration that would raise the objective is not taken.

    The objective never rises. The tensor is read once an iteration.

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
        element: zero where the optimality conditions hold (after Chi and Kolda, 2012, who take it
        without the scaling, for a Poisson likelihood). The largest of the three counts. It does
        not depend on the scale of X.
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
    x = check_tensor(X)
    check_options(rank, iterations, tol, starts)
    check_method(method)
    starting = starting_factors(x.shape, rank, seed, starts, init)
    with open_rows(x, threads) as rows:
        prior = Prior(np.zeros(x.shape[2]), np.zeros(rank))
        result = _best(rows, starting, prior, RULES[method], iterations, tol, init is None)
    return by_weight(result)


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
    x = check_tensor(X)
    check_options(rank, iterations, tol, starts)
    check_method(method)
    starting = starting_factors(x.shape, rank, seed, starts, init)
    omega, strength = check_prior(prior, penalty, x.shape[2], rank)
    with open_rows(x, threads) as rows:
        s = scale_of(scale, rows.energy, x.size, x.max)
        # X / s is not formed: with A s times as long the objective is s^2 times the one above, if
        # the penalty is multiplied by s^2.
        starting = [(a * s, b, c) for a, b, c in starting]
        weighted = Prior(omega, strength * s**2)
        result = _best(rows, starting, weighted, RULES[method], iterations, tol, init is None, s)
    return result if np.ndim(penalty) else by_weight(result)


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
                    frequency=end.state.a,
                    time=end.state.b,
                    station=end.state.c,
                    weights=np.ones(prior.penalty.size),
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
