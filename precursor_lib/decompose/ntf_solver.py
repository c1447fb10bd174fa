"""Block coordinate descent for the (spatially weighted) non-negative tensor factorisation."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from precursor_lib.decompose import ntf_kernels as kernels
from precursor_lib.decompose.ntf_rows import Rows

# HALS: coordinate rounds a row, and how often the two small factors take turns in an iteration.
SWEEPS = 6
TURNS = 6
# Extrapolation of HALS: its first length and its longest, the growth of both while it helps, and
# what divides it when it does not (the scheme and numbers of Ang and Gillis, 2019, but for the
# longest, which they let grow faster).
LENGTH, LONGEST, GROWTH, CEILING_GROWTH, SHRINK = 0.5, 1.0, 1.05, 1.01, 1.5


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

    def copy(self) -> State:
        """A state that shares nothing with this one."""
        return State(*(getattr(self, f.name).copy() for f in fields(self)))

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

    def take_turns(self, prior: Prior, turns: int) -> None:
        """Update `a` and `c` by HALS, by turns, for the `b` of the last pass."""
        for _ in range(turns):
            self.update("a", prior, SWEEPS, kernels.HALS)
            self.update("c", prior, SWEEPS, kernels.HALS)

    def fit_scale(self) -> None:
        """Multiply the model by the number that fits the tensor best."""
        cross = (kernels.contract(self.moments, self.c, True) * self.a).sum()
        model = (self.inner * (self.a.T @ self.a) * (self.c.T @ self.c)).sum()
        self.b *= cross / model
        self.moments *= cross / model
        self.inner *= (cross / model) ** 2

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

        The product stays, and ``||s c_r - omega||`` is least at ``s = <c_r, omega> / ||c_r||^2``:
        the objective cannot rise. Without a penalty `c` gets unit norm.
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

    state: State
    objective: list[float]
    residual: float
    misfit: float
    converged: bool


class Multiplicative:
    """The multiplicative rule, once for each factor: frequency, time, station."""

    def __init__(self, rows: Rows, state: State, prior: Prior) -> None:
        self.rows, self.state, self.prior = rows, state, prior

    def step(self, objective: float) -> tuple[float, float]:
        """One iteration. Gives the objective after it, and a KKT residual met on the way."""
        rows, state, prior = self.rows, self.state, self.prior
        state.update("a", prior, 1, kernels.MULTIPLICATIVE)
        residual = state.residual(prior)
        of_time = rows.sweep(state, 1, kernels.MULTIPLICATIVE)
        state.update("c", prior, 1, kernels.MULTIPLICATIVE)
        return state.objective(rows.energy, prior), max(residual, of_time)


class Hals:
    """HALS with extrapolated small factors; a step that would raise the objective is not taken."""

    def __init__(self, rows: Rows, state: State, prior: Prior) -> None:
        self.rows, self.state, self.prior = rows, state, prior
        self.length, self.ceiling = LENGTH, LONGEST
        self.before: State | None = None
        state.balance(prior)
        # The two small factors first follow the data alone: a prior that acts while the time factor
        # is still random makes the components alike, and the run often ends in a poor minimum.
        trial = state.copy()
        trial.take_turns(Prior(prior.omega, np.zeros_like(prior.penalty)), TURNS)
        trial.balance(prior)
        if trial.objective(rows.energy, prior) <= state.objective(rows.energy, prior):
            self.state = trial

    def step(self, objective: float) -> tuple[float, float]:
        """One iteration. Gives the objective after it, and a KKT residual met on the way."""
        rows, old, prior = self.rows, self.state, self.prior
        residual = old.residual(prior)
        new = State(old.a.copy(), old.b.copy(), old.c.copy())
        if self.before is not None:
            new.a = np.maximum(old.a + self.length * (old.a - self.before.a), 0.0)
            new.c = np.maximum(old.c + self.length * (old.c - self.before.c), 0.0)
        of_time = rows.sweep(new, SWEEPS, kernels.HALS)
        new.update("c", prior, SWEEPS, kernels.HALS)
        new.take_turns(prior, TURNS)
        new.balance(prior)
        reached = new.objective(rows.energy, prior)
        if self.before is not None:
            if reached > objective:
                self.ceiling = self.length
                self.length /= SHRINK
                self.before = None
                return objective, np.inf
            self.length = min(self.length * GROWTH, self.ceiling)
            self.ceiling = min(self.ceiling * CEILING_GROWTH, LONGEST)
        self.before, self.state = old, new
        return reached, max(residual, of_time)


def solve(
    rows: Rows,
    factors: tuple[np.ndarray, np.ndarray, np.ndarray],
    prior: Prior,
    rule: int,
    iterations: int,
    tol: float,
    fit_scale: bool,
) -> Solution:
    """Update frequency, time and station factors in turn until the KKT residual is at most `tol`.

    `fit_scale` multiplies the starting model by the number that fits the tensor best.
    """
    state = State(*(np.array(f, dtype=float, order="C") for f in factors))
    rows.sweep(state, 0, rule)
    if fit_scale:
        state.fit_scale()
    objective = [state.objective(rows.energy, prior)]
    solver = (Hals if rule == kernels.HALS else Multiplicative)(rows, state, prior)
    converged = False
    for _ in range(iterations):
        reached, residual = solver.step(objective[-1])
        objective.append(reached)
        # The residual is one met within the step; what counts is that of the factors after it.
        if residual <= tol and kkt(rows, solver.state, prior) <= tol:
            converged = True
            break
    state = solver.state
    residual = kkt(rows, state, prior)
    misfit = rows.squared_residual(state.a, state.b, state.c)
    return Solution(state, objective, residual, misfit, converged)


def kkt(rows: Rows, state: State, prior: Prior) -> float:
    """KKT residual over all three factors, and the moments of these factors."""
    return max(rows.sweep(state, 0, kernels.HALS), state.residual(prior))
