"""A tensor as rows of time, shared out to threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from itertools import pairwise
from typing import Any, Protocol

import numba
import numpy as np

from precursor_lib.decompose import ntf_kernels as kernels
from precursor_lib.decompose.ntf_inputs import check_energy, describe_bad
from precursor_lib.errors import InputError

# The sums over time are taken in this many parts, in the same order however many threads work on
# them: a result does not depend on the number of cores.
PARTS = 32


class Factors(Protocol):
    """Three factors, and room for what a pass over the tensor gathers."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    moments: np.ndarray
    inner: np.ndarray


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

    def __init__(self, x: np.ndarray, executor: Executor | None, threads: int) -> None:
        self._executor, self._threads = executor, threads
        self.shape = x.shape
        n_frequency, n_time, n_station = x.shape
        length = -(-max(-(-n_time // PARTS), 64) // 8) * 8  # blocks of 8 rows
        edges = [*range(0, n_time, length), n_time]
        self._parts = list(pairwise(edges))
        by_time = x.transpose(1, 0, 2)
        if by_time.flags.c_contiguous:
            self.data = by_time.reshape(n_time, -1)
        else:
            x = np.ascontiguousarray(x)
            self.data = np.empty((n_time, n_frequency * n_station), dtype=x.dtype)
            self._map(lambda lo, hi: kernels.to_rows(x, self.data, lo, hi))
        found = self._map(lambda lo, hi: kernels.check_rows(self.data, lo, hi))
        self.energy = float(sum(total for total, _ in found))
        self.bad = sum(bad for _, bad in found)

    def _map(self, work: Callable[[int, int], Any]) -> list[Any]:
        if self._executor is None:
            return [work(lo, hi) for lo, hi in self._parts]
        groups = [g.tolist() for g in np.array_split(np.array(self._parts), self._threads)]
        done = self._executor.map(lambda group: [work(lo, hi) for lo, hi in group], groups)
        return [result for group in done for result in group]

    def sweep(self, state: Factors, sweeps: int, rule: int) -> float:
        """Update ``state.b`` and take its moments and B'B; give its KKT residual before it."""
        rank = state.b.shape[1]
        w = khatri_rao(state.a, state.c)
        gram = (state.a.T @ state.a) * (state.c.T @ state.c)
        norms = np.sqrt(np.diag(gram))
        single = self.data.dtype == np.float32
        time_pass = kernels.time_pass_single if single else kernels.time_pass

        def work(lo: int, hi: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            sums = np.zeros_like(w), np.zeros((rank, rank)), np.zeros(2)
            time_pass(self.data, w, gram, norms, state.b, *sums, lo, hi, sweeps, rule)
            return sums

        moments, inner, worst = np.zeros_like(w), np.zeros((rank, rank)), np.zeros(2)
        for part in self._map(work):
            moments += part[0]
            inner += part[1]
            np.maximum(worst, part[2], out=worst)
        state.moments = moments.reshape(rank, self.shape[0], self.shape[2])
        state.inner = inner
        return float(worst[0] / worst[1] if worst[1] > 0 else worst[0])

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
    if threads is not None and (not isinstance(threads, int) or threads < 1):
        raise InputError(f"threads: {threads!r}; expected a whole number >= 1")
    count = numba.get_num_threads() if threads is None else threads
    small = x.size < 200_000  # handing work to threads would take longer than doing it
    with nullcontext() if count == 1 or small else ThreadPoolExecutor(count) as executor:
        rows = Rows(x, executor, count)
        if rows.bad:
            raise describe_bad(x, rows.bad)
        check_energy(rows.energy)
        yield rows
