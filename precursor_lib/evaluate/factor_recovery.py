"""How tensor factorisations recover known factors, and what start, rank and scale do to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.decompose import (
    Factorisation,
    order_by_band_energy,
    sw_ntf,
)
from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import cosine_similarity, match_factors

Method = Callable[[np.ndarray], Factorisation]


@dataclass(frozen=True)
class KnownTensor:
    """A tensor and the factors in it: ``frequency`` (I, 3), ``time`` (J, 3), ``station`` (K, 3)."""

    tensor: np.ndarray
    frequencies: np.ndarray
    frequency: np.ndarray
    time: np.ndarray
    station: np.ndarray

    @property
    def factors(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The three factors in the order of the tensor's dimensions."""
        return self.frequency, self.time, self.station


def known_tensor(
    distance: ArrayLike,
    *,
    bins: int = 60,
    steps: int = 900,
    noise: float = 0.05,
    line_station: int = 4,
    seed: int = 0,
) -> KnownTensor:
    """Three components that the SW-NTF paper expects in a night, and noise.

    1. A source: bursts about 0.02 Hz whose amplitude falls as 1 / distance.
    2. A regional disturbance: a slowly wandering level about 0.08 Hz, nearly the same everywhere.
    3. A local line: steady at 0.05 and 0.15 Hz, at one far station and a tenth of it elsewhere.

    Parameters
    ----------
    distance : array_like (K,)
        Epicentral distances in km.
    bins, steps : int
        Frequencies (0.005 to 0.5 Hz, logarithmic) and time steps.
    noise : float
        Scale of the folded normal noise on each value; the components' largest values are 1.
    line_station : int
        Index of the station with the line.
    seed : int
        Of bursts, wandering and noise.

    Returns
    -------
    KnownTensor
        Dimensions (frequency, time, station).
    """
    rng = np.random.default_rng(seed)
    d = np.asarray(distance, dtype=float)
    if not 0 <= line_station < d.size:
        raise InputError(f"line_station: {line_station}; expected 0 to {d.size - 1}")
    frequencies = np.geomspace(0.005, 0.5, bins)

    def peak(centre: float, width: float) -> np.ndarray:
        return np.exp(-0.5 * (np.log(frequencies / centre) / width) ** 2)

    t = np.arange(steps)
    centres = rng.uniform(0, steps, 6)
    bursts = np.exp(-0.5 * ((t[:, None] - centres) / (steps / 60)) ** 2).sum(axis=1)
    wander = np.cumsum(rng.normal(size=steps))
    wander = 0.2 + 0.8 * (wander - wander.min()) / np.ptp(wander)
    line = np.full(d.size, 0.1)
    line[line_station] = 1.0
    a = np.column_stack([peak(0.02, 0.3), peak(0.08, 0.5), peak(0.05, 0.06) + peak(0.15, 0.06)])
    b = np.column_stack([bursts / bursts.max(), 0.5 * wander, 0.9 + 0.1 * rng.random(steps)])
    c = np.column_stack([d.min() / d, 0.8 + 0.2 * rng.random(d.size), line])
    tensor = np.einsum("ir,jr,kr->ijk", a, b, c, optimize=True)
    tensor += noise * np.abs(rng.normal(size=tensor.shape))
    return KnownTensor(tensor, frequencies, a, b, c)


def known_recovery(
    known: Mapping[float, KnownTensor], methods: Mapping[str, Method], names: Sequence[str]
) -> pd.DataFrame:
    """How alike the found and the true components are, by noise level and method.

    Returns
    -------
    pandas.DataFrame
        Index ``noise``; columns ``method``, ``relative error`` and, by the names of the components,
        the product over the modes of the cosines between found and true factor.
    """
    rows = []
    for noise, case in known.items():
        for name, method in methods.items():
            result = method(case.tensor)
            found = (result.frequency, result.time, result.station)
            _, cosine = match_factors(found, case.factors)
            row = {"noise": noise, "method": name, "relative error": result.relative_error}
            rows.append(row | dict(zip(names, cosine.prod(axis=1), strict=True)))
    return pd.DataFrame(rows).set_index("noise")


def scale_sweep(
    tensor: np.ndarray,
    prior: np.ndarray,
    scales: Sequence[float],
    *,
    rank: int = 3,
    penalty: float = 0.1,
    seed: int = 0,
) -> pd.DataFrame:
    """What one penalty does as the tensor's norm takes several values (best of two starts).

    Returns
    -------
    pandas.DataFrame
        Index ``norm``; ``relative error`` and the mean and largest ``angle`` (degrees) between the
        station vectors and the prior.
    """
    size = float(np.linalg.norm(tensor))
    rows = []
    for scale in scales:
        # Dividing by size / scale makes the norm that the penalty is weighed against `scale`.
        result = sw_ntf(tensor, rank, prior, penalty, scale=size / scale, seed=seed, starts=2)
        cosine = np.clip(cosine_similarity(result.station, prior[:, None]), -1, 1)
        angle = np.degrees(np.arccos(cosine))
        rows.append(
            {
                "relative error": result.relative_error,
                "mean angle": angle.mean(),
                "largest angle": angle.max(),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(scales, name="norm"))


def start_sensitivity(
    tensor: np.ndarray,
    frequencies: np.ndarray,
    methods: Mapping[str, Callable[[np.ndarray, int, int], Factorisation]],
    ranks: Sequence[int],
    seeds: int,
) -> pd.DataFrame:
    """Spread of the first component over random starts, by method and rank.

    Each method is called with the tensor, the rank and a seed. The excess is the objective's
    largest over the best start; starts agree if the first component is the best start's (product
    of the three cosines above 0.95); the shares are those of its energy in the band.
    """
    rows = []
    for name, method in methods.items():
        for rank in ranks:
            results, shares = [], []
            for seed in range(seeds):
                ordered, share = order_by_band_energy(method(tensor, rank, seed), frequencies)
                results.append(ordered)
                shares.append(share[0])
            ends = np.array([result.objective[-1] for result in results])
            best = results[int(ends.argmin())]
            alike = [
                np.prod(
                    [
                        cosine_similarity(getattr(result, mode)[:, 0], getattr(best, mode)[:, 0])
                        for mode in ("frequency", "time", "station")
                    ]
                )
                for result in results
            ]
            rows.append(
                {
                    "method": name,
                    "R": rank,
                    "excess (%)": 100 * (ends.max() / ends.min() - 1),
                    "starts that agree": np.mean(np.array(alike) > 0.95),
                    "lowest share": min(shares),
                    "highest share": max(shares),
                }
            )
    return pd.DataFrame(rows).set_index("method")


def compare_solvers(
    tensors: Mapping[str, np.ndarray],
    solvers: Mapping[str, Callable[[np.ndarray, int], Factorisation]],
    *,
    paper: int = 200,
    most: int = 1000,
) -> tuple[dict[str, dict[str, np.ndarray]], pd.DataFrame]:
    """Run every solver on every tensor, each called with the tensor and the most iterations.

    Returns
    -------
    histories : dict of dict of ndarray
        Objective at the start and after each iteration, by tensor and solver.
    table : pandas.DataFrame
        ``tensor``, ``method``, ``iterations``, whether it ``converged`` within `most`, and the KKT
        residual after `paper` iterations (or fewer, if it converged).
    """
    histories: dict[str, dict[str, np.ndarray]] = {}
    rows = []
    for case, tensor in tensors.items():
        histories[case] = {}
        for name, solver in solvers.items():
            run, early = solver(tensor, most), solver(tensor, paper)
            histories[case][name] = run.objective
            rows.append(
                {
                    "tensor": case,
                    "method": name,
                    "iterations": run.iterations,
                    "converged": run.converged,
                    f"KKT residual at {paper}": early.kkt,
                }
            )
    return histories, pd.DataFrame(rows).set_index("tensor")
