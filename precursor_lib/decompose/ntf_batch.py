"""Many tensors of one shape factorised at once, with torch, on a CPU or a GPU.

The package does not import this module, so that only those who use it wait for torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from precursor_lib.decompose.factors import Factorisation, by_weight, normalise
from precursor_lib.decompose.ntf_inputs import (
    check_energy,
    check_options,
    check_prior,
    check_tensor,
    describe_bad,
    scale_of,
    starting_factors,
)
from precursor_lib.decompose.ntf_solver import (
    CEILING_GROWTH,
    GROWTH,
    LENGTH,
    LONGEST,
    SHRINK,
    SWEEPS,
    TURNS,
)
from precursor_lib.errors import InputError


def ntf_batch(
    X: ArrayLike,
    rank: int,
    *,
    prior: ArrayLike | None = None,
    penalty: float | ArrayLike = 0.1,
    scale: str | float = "norm",
    iterations: int = 200,
    tol: float = 1e-5,
    seed: int = 0,
    init: Sequence[ArrayLike] | None = None,
    device: str | None = None,
) -> list[Factorisation]:
    """Factorise every tensor of a batch by the HALS of `ntf`, or of `sw_ntf` with a prior.

    Each tensor has its own extrapolation, scale and stopping, so a result is that of the single
    call to rounding. It is meant for a GPU; on a CPU the compiled loops of `ntf` are faster, and
    torch's threads slow this down where they have to share cores (``torch.set_num_threads``).

    Parameters
    ----------
    X : array_like (N, I, J, K)
        Batch, frequency, time, station; finite, >= 0. float32 is multiplied in float32, with sums
        of single precision; everything else is float64.
    rank, iterations, tol, seed
        As in `ntf`. Each tensor starts from the factors that `seed` gives it in a single call.
    prior, penalty, scale
        As in `sw_ntf`; without a prior, plain NTF.
    init : sequence of three array_like, optional
        Starting factors of all tensors, as in `ntf`.
    device : str, optional
        Of torch; "cuda" where there is one, else "cpu", unless given.

    Returns
    -------
    list of Factorisation
        One a tensor.

    Raises
    ------
    InputError
        As in `ntf` and `sw_ntf`; a bad tensor is named by its place in the batch.
    """
    x = check_tensor(X, ndim=4)
    check_options(rank, iterations, tol)
    bad = int((~(x >= 0)).sum())
    if bad:
        raise describe_bad(x, bad)
    energies = np.einsum("nijk,nijk->n", x, x, dtype=np.float64, optimize=False)
    for i, energy in enumerate(energies):
        check_energy(float(energy), f"X: tensor {i} of the batch")
    scales = np.ones(len(x))
    omega, strength = np.zeros(x.shape[3]), np.zeros(rank)
    if prior is not None:
        omega, strength = check_prior(prior, penalty, x.shape[3], rank)
        scales = np.array(
            [scale_of(scale, float(e), y.size, y.max) for e, y in zip(energies, x, strict=True)]
        )
    name = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        place = torch.device(name)
        batch = _Batch(x, energies, omega, strength * scales[:, None] ** 2, place)
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"device: torch cannot use '{name}': {error}") from error
    a, b, c = starting_factors(x.shape[1:], rank, seed, init=init)[0]
    ends = batch.solve(a * scales[:, None, None], b, c, iterations, tol, init is None, scales)
    keep_order = prior is not None and np.ndim(penalty) > 0
    return ends if keep_order else [by_weight(end) for end in ends]


def _hals(factor: Tensor, target: Tensor, gram: Tensor) -> Tensor:
    """Rounds of exact column steps on a batch of factors (N, n, R)."""
    size = gram.diagonal(dim1=1, dim2=2)
    inverse = torch.where(size > 0, 1 / size, 0.0)[:, None, :]
    # The new column is max(0, target - factor @ other): the old one cancels, unless its size is 0.
    target = target * inverse
    other = gram * inverse - torch.eye(size.shape[1], dtype=gram.dtype, device=gram.device)
    factor = factor.clone()
    for _ in range(SWEEPS):
        for r in range(size.shape[1]):
            column = slice(r, r + 1)
            new = torch.baddbmm(target[:, :, column], factor, other[:, :, column], alpha=-1)
            factor[:, :, column] = new.clamp_(min=0)
    return factor


def _residual(factor: Tensor, target: Tensor, gram: Tensor, norms: Tensor) -> Tensor:
    """KKT residual of one factor of each tensor (N,), as in `ntf`."""
    alive = norms > 0
    size = torch.where(alive, norms, 1.0)[:, None]
    gradient = (factor @ gram - target) / size
    worst = torch.minimum(factor * size, gradient).abs() * alive[:, None]
    largest = (target / size * alive[:, None]).amax(dim=(1, 2))
    return worst.amax(dim=(1, 2)) / torch.where(largest > 0, largest, 1.0)


def _choose(mask: Tensor, one: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Tensor]:
    """For each tensor the first state where `mask` holds, else the second."""
    return {
        key: torch.where(mask.reshape(-1, *[1] * (value.ndim - 1)), value, other[key])
        for key, value in one.items()
    }


class _Batch:
    """The tensors as rows of time, and the state of all of them."""

    def __init__(
        self,
        x: np.ndarray,
        energies: np.ndarray,
        omega: np.ndarray,
        penalty: np.ndarray,
        place: torch.device,
    ) -> None:
        def put(array: np.ndarray) -> Tensor:
            return torch.as_tensor(array, dtype=torch.float64, device=place)

        self.put = put
        self.shape = x.shape
        rows = torch.as_tensor(x, device=place).permute(0, 2, 1, 3)
        self.rows = rows.reshape(x.shape[0], x.shape[2], -1)
        self.energy, self.omega, self.penalty = put(energies), put(omega), put(penalty)

    def system(self, mode: str, state: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Right-hand side, Gram matrix and column norms for one of the factors."""
        a, c = state["a"], state["c"]
        if mode == "b":
            w = torch.einsum("nir,nkr->nikr", a, c).flatten(1, 2).to(self.rows.dtype)
            gram = (a.mT @ a) * (c.mT @ c)
            return (self.rows @ w).double(), gram, gram.diagonal(dim1=1, dim2=2).sqrt()
        other = c if mode == "a" else a
        gram = state["inner"] * (other.mT @ other)
        norms = gram.diagonal(dim1=1, dim2=2).sqrt()
        if mode == "a":
            return torch.einsum("nrik,nkr->nir", state["moments"], c), gram, norms
        target = torch.einsum("nrik,nir->nkr", state["moments"], a)
        target = target + self.omega[:, None] * self.penalty[:, None, :]
        return target, gram + torch.diag_embed(self.penalty), norms

    def gather(self, state: dict[str, Tensor]) -> None:
        """Moments and B'B of the time factor."""
        b = state["b"]
        moments = (b.mT.to(self.rows.dtype) @ self.rows).double()
        state["moments"] = moments.unflatten(2, (self.shape[1], self.shape[3]))
        state["inner"] = b.mT @ b

    def objective(self, state: dict[str, Tensor]) -> Tensor:
        a, c = state["a"], state["c"]
        cross = torch.einsum("nrik,nkr,nir->n", state["moments"], c, a)
        model = (state["inner"] * (a.mT @ a) * (c.mT @ c)).sum(dim=(1, 2))
        term = (self.penalty * ((c - self.omega[:, None]) ** 2).sum(dim=1)).sum(dim=1)
        return (self.energy - 2 * cross + model).clamp(min=0) + term

    def balance(self, state: dict[str, Tensor]) -> None:
        a, c = state["a"], state["c"]
        size_a, size_c = a.norm(dim=1), c.norm(dim=1)
        along = torch.einsum("k,nkr->nr", self.omega, c)
        alive = (size_a > 0) & (size_c > 0)
        s = torch.where((self.penalty > 0) & (along > 0), along / size_c**2, 1 / size_c)
        s = torch.where(alive, s, 1.0)
        size_a = torch.where(alive, size_a, 1.0)
        up = size_a / s
        state["a"] = a / size_a[:, None]
        state["c"] = c * s[:, None]
        state["b"] = state["b"] * up[:, None]
        state["moments"] = state["moments"] * up[:, :, None, None]
        state["inner"] = state["inner"] * up[:, :, None] * up[:, None, :]

    def take_turns(self, state: dict[str, Tensor], order: str) -> None:
        for mode in order:
            target, gram, _ = self.system(mode, state)
            state[mode] = _hals(state[mode], target, gram)

    def kkt(self, state: dict[str, Tensor], modes: str = "abc") -> Tensor:
        parts = [_residual(state[mode], *self.system(mode, state)) for mode in modes]
        return torch.stack(parts).amax(dim=0)

    def solve(
        self,
        a: np.ndarray,
        b: np.ndarray,
        c: np.ndarray,
        iterations: int,
        tol: float,
        fit_scale: bool,
        scales: np.ndarray,
    ) -> list[Factorisation]:
        n = self.shape[0]
        state = {
            mode: self.put(np.broadcast_to(f, (n, *f.shape[-2:])).copy())
            for mode, f in (("a", a), ("b", b), ("c", c))
        }
        self.gather(state)
        if fit_scale:
            cross = torch.einsum("nrik,nkr,nir->n", state["moments"], state["c"], state["a"])
            gram = (state["a"].mT @ state["a"]) * (state["c"].mT @ state["c"])
            best = cross / (state["inner"] * gram).sum(dim=(1, 2))
            state["b"] = state["b"] * best[:, None, None]
            self.gather(state)
        history = [self.objective(state)]
        self.balance(state)
        trial = dict(state)
        penalty, self.penalty = self.penalty, torch.zeros_like(self.penalty)
        self.take_turns(trial, "ac" * TURNS)
        self.penalty = penalty
        self.balance(trial)
        state = _choose(self.objective(trial) <= self.objective(state), trial, state)
        before = state
        stepped = torch.zeros(n, dtype=torch.bool, device=self.energy.device)
        length, ceiling = (
            torch.full_like(self.energy, LENGTH),
            torch.full_like(self.energy, LONGEST),
        )
        active = torch.ones_like(stepped)
        steps = np.zeros(n, dtype=int)
        for _ in range(iterations):
            steps += active.cpu().numpy()
            reach = (length * stepped)[:, None, None]
            new = dict(state)
            for mode in "ac":
                new[mode] = (state[mode] + reach * (state[mode] - before[mode])).clamp(min=0)
            target, gram, norms = self.system("b", new)
            residual = torch.maximum(
                self.kkt(state, "ac"), _residual(new["b"], target, gram, norms)
            )
            new["b"] = _hals(new["b"], target, gram)
            self.gather(new)
            self.take_turns(new, "c" + "ac" * TURNS)
            self.balance(new)
            reached = self.objective(new)
            rejected = stepped & (reached > history[-1])
            taken = active & ~rejected
            grow = taken & stepped
            ceiling = torch.where(rejected, length, ceiling)
            length = torch.where(rejected, length / SHRINK, length)
            length = torch.where(grow, torch.minimum(length * GROWTH, ceiling), length)
            ceiling = torch.where(grow, (ceiling * CEILING_GROWTH).clamp(max=LONGEST), ceiling)
            stepped = taken
            before = state
            state = _choose(taken, new, state)
            history.append(torch.where(taken, reached, history[-1]))
            if (taken & (residual <= tol)).any():
                active = active & ~(taken & (residual <= tol) & (self.kkt(state) <= tol))
                if not active.any():
                    break
        return self.results(state, history, steps, active, scales)

    def results(
        self,
        state: dict[str, Tensor],
        history: list[Tensor],
        steps: np.ndarray,
        active: Tensor,
        scales: np.ndarray,
    ) -> list[Factorisation]:
        kkt = self.kkt(state).cpu().numpy()
        a, b, c = (state[mode].cpu().numpy() for mode in "abc")
        objective = torch.stack(history, dim=1).cpu().numpy() / scales[:, None] ** 2
        found = []
        for i, count in enumerate(steps):
            w = torch.einsum("ir,kr->rik", state["a"][i], state["c"][i]).flatten(1)
            misfit = ((self.rows[i].double() - state["b"][i] @ w) ** 2).sum()
            end = Factorisation(
                frequency=a[i],
                time=b[i],
                station=c[i],
                weights=np.ones(a.shape[2]),
                objective=objective[i, : count + 1],
                kkt=float(kkt[i]),
                iterations=int(count),
                converged=not bool(active[i]),
                relative_error=float((misfit / self.energy[i]).sqrt()),
                scale=float(scales[i]),
            )
            found.append(normalise(end))
        return found
