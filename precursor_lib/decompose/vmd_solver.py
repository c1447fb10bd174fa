"""The two ways to a fixed point of variational mode decomposition, on the power spectrum alone.

A series mirrored by half its length at both ends is the periodic even extension of the series, up
to a shift. Its half spectrum is therefore the series' cosine transform (DCT-II), with as many bins
as there are samples: real numbers, for any length, even or odd. A mode is a gain per bin times
that spectrum, and so is the dual variable; the phases never enter.

`sweep_until_settled` does the classic sweeps. `follow_flow` iterates the centre frequencies alone.
For fixed centre frequencies the modes that the sweeps tend to are known in closed form; put into
the objective they leave a function j(w) of K numbers, whose stationary points are the fixed
points of the sweeps. One sweep moves w_k to the mean frequency m_k of mode k, a step along
dw/dt = m(w) - w, which never raises j. The flow is followed with exponential Euler steps (exact
for a quadratic j) bounded by a share of the bandwidth, so that they stay in the valley in which
slow sweeps would move; close to the minimum they turn into Newton steps.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from precursor_lib.decompose import vmd_kernels as kernels

Array = NDArray[np.float64]

REACH = 0.25
"""Longest step of a centre frequency along the flow, in units of 1 / sqrt(alpha)."""

_EMPTY = 1e-30  # share of the power below which a mode has no measurable centre frequency
_CHECK = 20  # sweeps between two checks of convergence
_SPANS = np.geomspace(1.0, 1e12, 240)  # lengths of a step along the flow, in sweeps
_STUCK = 1e-9  # reach at which rounding hides the shape: modes that share a line, for example
_FLAT = 1e-9  # curvature, relative to a sweep's, that counts as zero


@dataclass
class Settled:
    """Where an iteration ended.

    Attributes
    ----------
    w : ndarray, shape (K,)
        Centre frequencies, cycles a sample; the gains stand in the array that was passed in.
    history : list of ndarray
        Centre frequencies before the first and after each iteration.
    distance : float
        Estimated distance to the fixed point, relative to the series (see `follow_flow`).
    converged : bool
        Whether that distance is within the tolerance.
    """

    w: Array
    history: list[Array]
    distance: float = np.inf
    converged: bool = False


@dataclass
class Spectrum:
    """A power spectrum with the passes over it, shared between threads.

    Attributes
    ----------
    power : ndarray, shape (n,)
        Power per bin; it sums to one over all bins but the first, which holds the mean.
    alpha : float
        Bandwidth penalty.
    fixed : int
        Number of leading modes (0 or 1) whose centre frequency is kept.
    pool : Executor or None
        Where the further threads run; None computes in the calling thread.
    threads : int
        Number of threads, the calling one included.
    """

    power: Array
    alpha: float
    fixed: int = 0
    pool: Executor | None = None
    threads: int = 1
    df: float = field(init=False)
    chunks: int = field(init=False)

    def __post_init__(self) -> None:
        self.df = 0.5 / self.power.size
        self.chunks = -(-self.power.size // kernels.CHUNK)

    def _share(self, kernel: Callable[..., None], before: tuple, after: tuple = ()) -> None:
        """Run a kernel over all chunks, an equal range of them in each thread."""
        threads = min(self.threads, self.chunks) if self.pool else 1
        edges = [self.chunks * i // threads for i in range(threads + 1)]
        jobs = [
            self.pool.submit(kernel, *before, a, b, *after)  # type: ignore[union-attr]
            for a, b in pairwise(edges[1:])
        ]
        kernel(*before, edges[0], edges[1], *after)
        for job in jobs:
            job.result()

    def sweep(self, gains: Array, dual: Array, w: Array, tau: float) -> tuple[Array, float]:
        """Do one classic sweep in place; return the new centre frequencies and the change."""
        part = np.empty((self.chunks, w.size, 3))
        args = (gains, dual, self.power, self.df, w, self.alpha, tau)
        self._share(kernels.sweep, args, (part,))
        energy, moment, change = part.sum(0).T
        return self._moved(w, energy, moment), float(np.sqrt(change.sum()))

    def _moved(self, w: Array, energy: Array, moment: Array) -> Array:
        """Give each mode's mean frequency; a mode without power keeps its centre frequency."""
        new = w.copy()
        free = energy > _EMPTY
        free[: self.fixed] = False
        new[free] += moment[free] / energy[free]
        return new

    def objective(self, w: Array) -> tuple[float, Array, Array, Array]:
        """Return j(w), each mode's energy and first moment, and the Hessian of j."""
        k = w.size
        part = np.empty((self.chunks, k + 1, k + 2))
        self._share(kernels.objective, (self.power, self.df, w, self.alpha), (part,))
        sums = part.sum(0)
        lower = np.tril(sums[:k, 2:])
        hessian = 8.0 * self.alpha * (lower + np.tril(lower, -1).T)
        hessian[np.diag_indices(k)] -= 6.0 * self.alpha * sums[:k, 0]
        return float(sums[k, 0]), sums[:k, 0], sums[:k, 1], hessian

    def closed_gains(self, gains: Array, w: Array) -> None:
        """Write the gains that the sweeps tend to, for fixed centre frequencies, into `gains`."""
        self._share(kernels.closed_gains, (gains, self.df, w, self.alpha))

    def gap(self, gains: Array, w: Array) -> float:
        """Return the distance of `gains` from the closed form at `w`, relative to the series."""
        part = np.empty(self.chunks)
        self._share(kernels.gap, (gains, self.power, self.df, w, self.alpha), (part,))
        return float(np.sqrt(part.sum()))

    def valley(self, w: Array, at: tuple[float, Array, Array, Array]) -> Valley:
        """Give the local quadratic shape of j, in the metric in which a sweep has unit rate."""
        _, energy, moment, hessian = at
        free = energy > _EMPTY
        free[: self.fixed] = False
        root = np.sqrt(2.0 * self.alpha * energy[free])
        rates, axes = np.linalg.eigh(hessian[np.ix_(free, free)] / np.outer(root, root))
        pull = axes.T @ (2.0 * self.alpha * moment[free] / root)
        return Valley(w, free, rates, axes / root[:, None], pull, np.sqrt(self.alpha))


@dataclass
class Valley:
    """j near a point: curvatures `rates` along `axes`, and the downhill `pull` along each."""

    w: Array
    free: Any
    rates: Array
    axes: Array
    pull: Array
    scale: float

    def to(self, shift: Array) -> Array:
        """Return the centre frequencies moved by `shift` of the free modes, kept in [0, 0.5]."""
        w = self.w.copy()
        w[self.free] += shift
        return np.clip(w, 0.0, 0.5)

    def newton(self) -> Array | None:
        """Return the step to the minimum of the quadratic shape, or None where it has none."""
        if self.rates.size and self.rates[0] <= _FLAT:
            return None
        return self.axes @ (self.pull / self.rates)

    def flow(self, reach: float) -> Array | None:
        """Return the longest step along the flow within `reach`; None if a sweep goes further."""
        rates = self.rates[:, None]
        safe = np.where(np.abs(rates) < _FLAT, 1.0, rates)
        exponent = np.minimum(-rates * _SPANS, 600.0)
        spans = np.where(np.abs(rates) < _FLAT, _SPANS, -np.expm1(exponent) / safe)
        steps = self.axes @ (spans * self.pull[:, None])
        beyond = np.flatnonzero(np.abs(steps).max(0) * self.scale > reach)
        if beyond.size and beyond[0] == 0:
            return None
        return steps[:, beyond[0] - 1 if beyond.size else -1]

    def length(self, shift: Array) -> float:
        """Return the longest move of a centre frequency, in units of the bandwidth."""
        return float(np.abs(shift).max(initial=0.0) * self.scale)

    def off_the_ridge(self, reach: float) -> Array:
        """Return a step along the most negative curvature, to leave a saddle point."""
        axis = self.axes[:, 0] * np.sign(self.axes[np.abs(self.axes[:, 0]).argmax(), 0])
        return axis * (0.5 * reach / (np.abs(axis).max() * self.scale))


def sweep_until_settled(
    spectrum: Spectrum, gains: Array, start: Array, *, sweeps: int, tol: float = 0.0,
    tau: float = 0.0,
) -> Settled:  # fmt: skip
    """Do classic sweeps until the modes are within `tol` of their fixed point.

    Parameters
    ----------
    spectrum : Spectrum
        The power spectrum.
    gains : ndarray, shape (K, n)
        Where to start from; holds the last sweep's gains afterwards.
    start : ndarray, shape (K,)
        Centre frequencies to start from, cycles a sample.
    sweeps : int
        Most sweeps.
    tol : float
        Largest distance to the fixed point; 0 does all sweeps and leaves the distance unknown.
    tau : float
        Step of the dual ascent.

    Returns
    -------
    Settled
        A small step is no proof of a small distance where sweeps converge slowly. With tau = 0
        the distance is measured: from the gains to their closed form at the minimum of j that a
        Newton step from here predicts. Otherwise it is extrapolated from the last change c and
        the rate q at which changes shrink, c / (1 - q).
    """
    dual = np.zeros(gains.shape[1] if tau else 0)
    out = Settled(start, [start])
    before = np.inf
    for i in range(1, sweeps + 1):
        out.w, change = spectrum.sweep(gains, dual, out.w, tau)
        out.history.append(out.w)
        if tol and (i % _CHECK == 0 or i == sweeps or change == 0.0):
            if tau:
                rate = (change / before) ** (1.0 / _CHECK) if before > 0.0 else 0.0
                out.distance = change / (1.0 - rate) if rate < 1.0 else np.inf
                before = change
            elif change <= tol or i == sweeps:
                step = spectrum.valley(out.w, spectrum.objective(out.w))
                newton = step.newton()
                out.distance = np.inf if newton is None else spectrum.gap(gains, step.to(newton))
            out.converged = out.distance <= tol
            if out.converged:
                break
    return out


def follow_flow(
    spectrum: Spectrum, gains: Array, start: Array, *, steps: int, tol: float
) -> Settled:
    """Iterate the centre frequencies to a minimum of the reduced objective.

    Parameters
    ----------
    spectrum, gains, start
        As for `sweep_until_settled`; `gains` is only written to.
    steps : int
        Most steps; each is one pass over the spectrum.
    tol : float
        Largest distance to the fixed point.

    Returns
    -------
    Settled
        The distance is that between the modes at the last two points, sqrt(sum_k |u_k - u_k'|**2)
        over the norm of the series about its mean, where the last step was a Newton step: what
        is left behind it is of the order of its square.
    """
    out = Settled(start, [start])
    at = spectrum.objective(start)
    reach = REACH
    for _ in range(steps):
        valley = spectrum.valley(out.w, at)
        newton = valley.newton()
        if newton is not None and valley.length(newton) <= reach:
            shift: Array | None = newton
            if valley.length(newton) < 1e-2:
                spectrum.closed_gains(gains, out.w)
                out.distance = spectrum.gap(gains, valley.to(newton))
                out.converged = out.distance <= tol
        else:
            shift = valley.flow(reach)
            if shift is not None and newton is None and valley.length(shift) < 1e-6 * reach:
                shift = valley.off_the_ridge(reach)
        new = spectrum._moved(out.w, at[1], at[2]) if shift is None else valley.to(shift)
        if out.converged:
            out.w = new
            out.history.append(new)
            break
        there = spectrum.objective(new)
        if there[0] > at[0] * (1.0 + 1e-12) and shift is not None:
            # The quadratic shape misled: shorten the reach and do what a sweep would.
            reach *= 0.5
            new = spectrum._moved(out.w, at[1], at[2])
            there = spectrum.objective(new)
        else:
            reach = min(REACH, 1.5 * reach)
        if reach < _STUCK:
            break
        out.w, at = new, there
        out.history.append(new)
    spectrum.closed_gains(gains, out.w)
    return out
