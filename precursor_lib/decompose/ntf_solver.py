"""Block coordinate descent for the (spatially weighted) non-negative tensor factorisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np

from precursor_lib.decompose import ntf_kernels as kernels
from precursor_lib.errors import InputError

# The sums over time are taken in this many parts, in the same order however many threads work on
# them: a result does not depend on the number of cores.
PARTS = 32
# HALS: coordinate rounds a row, and how often the two small factors take turns in an iteration.
SWEEPS = 4
TURNS = 6


class Rows:
    """A tensor as rows of time, and the passes over it.

    Attributes
    ----------
    data : ndarray (J, I * K)
        The tensor's values, float32 or float64, C-contiguous.
    shape : tuple
        ``(I, J, K)``: frequency, time, station.
    energy : float
        Sum of squares.
    """

    def __init__(self, x: np.ndarray, executor: Executor | None) -> None:
        self._executor = executor
        self.shape = x.shape
        n_frequency, n_time, n_station = x.shape
        length = -(-max(-(-n_time // PARTS), 64) // 4) * 4
        edges = [*range(0, n_time, length), n_time]
        self._parts = list(zip(edges[:-1], edges[1:], strict=True))
        by_time = x.transpose(1, 0, 2)
        if by_time.flags.c_contiguous:
            self.data = by_time.reshape(n_time, -1)
            found = self._map(lambda lo, hi: kernels.check_rows(self.data, lo, hi))
        else:
            x = np.ascontiguousarray(x)
            self.data = np.empty((n_time, n_frequency * n_station), dtype=x.dtype)
            found = self._map(lambda lo, hi: kernels.to_rows(x, self.data, lo, hi))
        self.energy = float(sum(total for total, _ in found))
        self.bad = sum(bad for _, bad in found)

    def _map(self, work: Callable[[int, int], Any]) -> list[Any]:
        if self._executor is None:
            return [work(lo, hi) for lo, hi in self._parts]
        return list(self._executor.map(lambda part: work(*part), self._parts))

    def sweep(
        self, a: np.ndarray, b: np.ndarray, c: np.ndarray, sweeps: int, rule: int
    ) -> tuple[np.ndarray, np.ndarray, float]:
        """Update `b` in place; give moments (R, I, K), B'B and the residual of `b` before it."""
        rank = b.shape[1]
        w = khatri_rao(a, c)
        gram = (a.T @ a) * (c.T @ c)
        norms = np.sqrt(np.diag(gram))

        def work(lo: int, hi: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            sums = np.zeros_like(w), np.zeros((rank, rank)), np.zeros(2)
            kernels.time_pass(self.data, w, gram, norms, b, *sums, lo, hi, sweeps, rule)
            return sums

        moments, inner, worst = np.zeros_like(w), np.zeros((rank, rank)), np.zeros(2)
        for part in self._map(work):
            moments += part[0]
            inner += part[1]
            np.maximum(worst, part[2], out=worst)
        residual = worst[0] / worst[1] if worst[1] > 0 else worst[0]
        return moments.reshape(rank, self.shape[0], self.shape[2]), inner, float(residual)

    def squared_residual(self, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
        """``||X - model||^2``, taken entry by entry."""
        w = khatri_rao(a, c)
        return float(
            sum(self._map(lambda lo, hi: kernels.squared_residual(self.data, w, b, lo, hi)))
        )


def khatri_rao(a: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Column-wise Kronecker product of `a` (I, R) and `c` (K, R), as (R, I * K)."""
    return np.einsum("ir,kr->rik", a, c).reshape(a.shape[1], -1)


@contextmanager
def open_rows(x: np.ndarray, threads: int | None) -> Iterator[Rows]:
    """Rows of a checked tensor, with threads to work on them while the context lasts."""
    count = numba.get_num_threads() if threads is None else threads
    small = x.size < 200_000  # handing work to threads would take longer than doing it
    with nullcontext() if count == 1 or small else ThreadPoolExecutor(count) as executor:
        rows = Rows(x, executor)
        if rows.bad:
            index = tuple(int(i) for i in np.argwhere(~(x >= 0))[0])
            raise InputError(
                f"X: {rows.bad} values are NaN or negative, the first {x[index]} at (frequency, "
                f"time, station) = {index}; expected finite values >= 0 (fill or cut gaps first)"
            )
        if not np.isfinite(rows.energy):
            raise InputError("X: has infinite values, or a sum of squares that overflows")
        if rows.energy == 0:
            raise InputError("X: is zero everywhere; there is nothing to factorise")
        if not 1e-200 < rows.energy < 1e200:
            raise InputError(
                f"X: the sum of squares {rows.energy:.1e} leaves the range 1e-200 to 1e200; "
                "use another unit"
            )
        yield rows


@dataclass
class Prior:
    """``sum_r penalty_r ||c_r - omega||^2``, with the penalty in units of X squared."""

    omega: np.ndarray
    penalty: np.ndarray

    def value(self, c: np.ndarray) -> float:
        """The term itself."""
        return float(self.penalty @ ((c - self.omega[:, None]) ** 2).sum(axis=0))


@dataclass
class State:
    """Factors, and what the last pass over the tensor left."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    moments: np.ndarray = field(default_factory=lambda: np.empty(0))
    inner: np.ndarray = field(default_factory=lambda: np.empty(0))

    def system(self, mode: str, prior: Prior) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Right-hand side, Gram matrix and column norms of the least squares of one small factor.

        The prior only adds to the two: ``penalty * omega`` and, on the diagonal, ``penalty``.
        """
        other = self.c if mode == "a" else self.a
        gram = self.inner * (other.T @ other)
        norms = np.sqrt(np.diag(gram))
        target = kernels.contract(self.moments, other, mode == "a")
        if mode == "c":
            target += prior.omega[:, None] * prior.penalty
            gram = gram + np.diag(prior.penalty)
        return target, gram, norms

    def update(self, mode: str, prior: Prior, sweeps: int, rule: int) -> None:
        """Update `a` or `c` from the moments."""
        target, gram, _ = self.system(mode, prior)
        kernels.update_factor(getattr(self, mode), target, gram, sweeps, rule)

    def residual(self, prior: Prior) -> float:
        """KKT residual of `a` and `c`."""
        parts = []
        for mode in ("a", "c"):
            target, gram, norms = self.system(mode, prior)
            parts.append(kernels.residual_of_factor(getattr(self, mode), target, gram, norms))
        return max(parts)

    def objective(self, energy: float, prior: Prior) -> float:
        """``||X - model||^2`` plus the prior's term, from the moments alone."""
        cross = float((kernels.contract(self.moments, self.c, True) * self.a).sum())
        model = float((self.inner * (self.a.T @ self.a) * (self.c.T @ self.c)).sum())
        return max(energy - 2 * cross + model, 0.0) + prior.value(self.c)

    def balance(self, prior: Prior) -> None:
        """Move size between the factors: `a` to unit norm, `c` to where its penalty is least.

        The product stays, and the penalty of ``s c_r`` is least at ``s = <c_r, omega> / ||c_r||^2``,
        so the objective cannot rise. Without a penalty `c` gets unit norm.
        """
        for r in range(self.a.shape[1]):
            size_a = np.linalg.norm(self.a[:, r])
            size_c = np.linalg.norm(self.c[:, r])
            if size_a == 0 or size_c == 0:
                continue
            along = prior.omega @ self.c[:, r]
            s = along / size_c**2 if prior.penalty[r] > 0 and along > 0 else 1 / size_c
            self.a[:, r] /= size_a
            self.c[:, r] *= s
            self.b[:, r] *= size_a / s
            self.moments[r] *= size_a / s
            self.inner[r, :] *= size_a / s
            self.inner[:, r] *= size_a / s


@dataclass
class Solution:
    """Factors as the solver leaves them, not normalised."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    objective: list[float]
    residual: float
    misfit: float
    converged: bool


def solve(
    rows: Rows,
    factors: tuple[np.ndarray, np.ndarray, np.ndarray],
    prior: Prior,
    rule: int,
    iterations: int,
    tol: float,
    fit_scale: bool,
) -> Solution:
    """Update frequency, time and station factors in turn until the KKT residual is below `tol`.

    `fit_scale` multiplies the starting model by the number that fits the tensor best.
    """
    state = State(*(np.array(f, dtype=float, order="C") for f in factors))
    hals = rule == kernels.HALS
    sweeps = SWEEPS if hals else 1
    state.moments, state.inner, _ = rows.sweep(state.a, state.b, state.c, 0, rule)
    if fit_scale:
        cross = (kernels.contract(state.moments, state.c, True) * state.a).sum()
        model = (state.inner * (state.a.T @ state.a) * (state.c.T @ state.c)).sum()
        state.b *= cross / model
        state.moments *= cross / model
        state.inner *= (cross / model) ** 2
    if hals:
        state.balance(prior)
    objective = [state.objective(rows.energy, prior)]
    converged = False
    for _ in range(iterations):
        state.update("a", prior, sweeps, rule)
        small = state.residual(prior)
        state.moments, state.inner, of_time = rows.sweep(state.a, state.b, state.c, sweeps, rule)
        state.update("c", prior, sweeps, rule)
        if hals:
            for _ in range(TURNS):
                state.update("a", prior, sweeps, rule)
                state.update("c", prior, sweeps, rule)
            state.balance(prior)
        objective.append(state.objective(rows.energy, prior))
        # The residual is that of the factors as the pass met them; those after it are checked too.
        if max(small, of_time) <= tol and kkt(rows, state, prior) <= tol:
            converged = True
            break
    a, b, c = state.a, state.b, state.c
    return Solution(
        a, b, c, objective, kkt(rows, state, prior), rows.squared_residual(a, b, c), converged
    )


def kkt(rows: Rows, state: State, prior: Prior) -> float:
    """KKT residual over all three factors."""
    _, _, of_time = rows.sweep(state.a, state.b, state.c, 0, kernels.HALS)
    return max(of_time, state.residual(prior))
