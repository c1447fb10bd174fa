"""What a tensor factorisation gives, and what is done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError, unknown

NORMS = {
    "l2": lambda m: np.sqrt((m**2).sum(axis=0)),
    "sum": lambda m: m.sum(axis=0),
    "max": lambda m: m.max(axis=0, initial=0.0),
}


@dataclass(frozen=True)
class Factorisation:
    """Non-negative rank-R model ``X[i, j, k] ~ sum_r weights[r] a[i, r] b[j, r] c[k, r]``.

    Attributes
    ----------
    frequency, time, station : ndarray (I, R), (J, R), (K, R)
        The factors a, b and c, >= 0, with columns of unit norm (or zero).
    weights : ndarray (R,)
        Size of each component, in the units of X.
    objective : ndarray (iterations + 1,)
        The objective at the start and after each iteration, divided by `scale` squared. It counts
        the prior's term where there is one, and never rises.
    kkt : float
        Largest violation of the optimality conditions at these factors (see `ntf`), relative.
    iterations : int
        Iterations of the start that was kept.
    converged : bool
        Whether `kkt` is at most the tolerance.
    relative_error : float
        ``||X - model|| / ||X||``.
    scale : float
        What X was divided by, so to say, before the penalty was applied. 1 without a prior.
    start : int
        Which of the starts was kept.
    """

    frequency: np.ndarray
    time: np.ndarray
    station: np.ndarray
    weights: np.ndarray
    objective: np.ndarray
    kkt: float
    iterations: int
    converged: bool
    relative_error: float
    scale: float = 1.0
    start: int = 0

    @property
    def rank(self) -> int:
        """Number of components."""
        return int(self.weights.size)


def normalise(result: Factorisation, norm: str = "l2") -> Factorisation:
    """The same model with columns of another norm; the weights take up the difference.

    Parameters
    ----------
    result : Factorisation
        What `ntf` or `sw_ntf` gave.
    norm : {"l2", "sum", "max"}
        Each column gets unit Euclidean norm, unit sum (a station's share), or unit maximum. A zero
        column stays zero, and so does its weight.

    Raises
    ------
    InputError
        If the norm is unknown.
    """
    if norm not in NORMS:
        raise InputError(f"norm: {unknown('norm', norm, NORMS)}")
    weights = result.weights.copy()
    parts = []
    for factor in (result.frequency, result.time, result.station):
        size = NORMS[norm](factor)
        weights = weights * size
        parts.append(factor / np.where(size > 0, size, 1.0))
    a, b, c = parts
    return replace(result, frequency=a, time=b, station=c, weights=weights)


def reconstruct(result: Factorisation, component: int | None = None) -> np.ndarray:
    """The model (I, J, K), or one component of it, in the units of X.

    Raises
    ------
    InputError
        If there is no such component.
    """
    if component is not None and not 0 <= component < result.rank:
        raise InputError(f"component {component}: expected 0 to {result.rank - 1}")
    keep = slice(None) if component is None else slice(component, component + 1)
    a, b, c = result.frequency[:, keep], result.time[:, keep], result.station[:, keep]
    return np.einsum("ir,jr,kr->ijk", a * result.weights[keep], b, c, optimize=True)


def reorder(result: Factorisation, order: ArrayLike) -> Factorisation:
    """The same model with its components in another order."""
    index = np.asarray(order)
    if sorted(index.tolist()) != list(range(result.rank)):
        raise InputError(f"order: {index.tolist()}; expected each of 0 to {result.rank - 1} once")
    return replace(
        result,
        frequency=result.frequency[:, index],
        time=result.time[:, index],
        station=result.station[:, index],
        weights=result.weights[index],
    )


def by_weight(result: Factorisation) -> Factorisation:
    """The same model with its components by falling weight."""
    return reorder(result, np.argsort(-result.weights, kind="stable"))


def order_by_band_energy(
    result: Factorisation, frequencies: ArrayLike, band: tuple[float, float] = (0.01, 0.05)
) -> tuple[Factorisation, np.ndarray]:
    """Order components by the share of their spectrum's energy that lies in a band.

    ``eta_r = sum_{f in band} a_r(f)^2 / sum_f a_r(f)^2``, in descending order (Yang et al.,
    section 4). The sums run over the rows of the frequency factor, as the paper's do: on a
    logarithmic grid low frequencies count for more than on a linear one.

    Parameters
    ----------
    result : Factorisation
        What `ntf` or `sw_ntf` gave.
    frequencies : array_like (I,)
        Frequency of each row in Hz.
    band : tuple of float
        Lowest and highest frequency in Hz, both included.

    Returns
    -------
    ordered : Factorisation
        Components with the largest share first; equal ones keep their order.
    shares : ndarray (R,)
        eta_r in the new order; 0 for a component that is zero.

    Raises
    ------
    InputError
        If the frequencies do not fit the factor or none lies in the band.
    """
    f = np.asarray(frequencies, dtype=float)
    if f.shape != (result.frequency.shape[0],):
        raise InputError(
            f"frequencies: shape {f.shape}; expected ({result.frequency.shape[0]},), one a row of "
            "the frequency factor"
        )
    low, high = band
    inside = (f >= low) & (f <= high)
    if not inside.any():
        raise InputError(f"band: no frequency lies in {low} to {high} Hz")
    energy = result.frequency**2
    total = energy.sum(axis=0)
    shares = energy[inside].sum(axis=0) / np.where(total > 0, total, 1.0)
    order = np.argsort(-shares, kind="stable")
    return reorder(result, order), shares[order]
