"""Tensors of known factors, and how factorisations with and without a prior recover them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.decompose import (
    Factorisation,
    dwt_detrend,
    fill_gaps,
    order_by_band_energy,
    sw_ntf,
    synchrosqueeze,
)
from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import cosine_similarity, match_factors
from precursor_lib.simulate.geomagnetic import night_parts

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
        Columns ``noise``, ``method``, ``relative error`` and, by the names of the components, the
        product over the modes of the cosines between found and true factor.
    """
    rows = []
    for noise, case in known.items():
        for name, method in methods.items():
            result = method(case.tensor)
            found = (result.frequency, result.time, result.station)
            _, cosine = match_factors(found, case.factors)
            row = {"noise": noise, "method": name, "relative error": result.relative_error}
            rows.append(row | dict(zip(names, cosine.prod(axis=1), strict=True)))
    return pd.DataFrame(rows)


def scale_sweep(
    tensor: np.ndarray,
    prior: np.ndarray,
    scales: Sequence[float],
    *,
    rank: int = 3,
    penalty: float = 0.1,
    seed: int = 0,
) -> pd.DataFrame:
    """What one penalty does as the tensor's Frobenius norm goes through `scales` (best of 3 starts).

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
        result = sw_ntf(tensor, rank, prior, penalty, scale=size / scale, seed=seed, starts=3)
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

    Each method is called with the tensor, the rank and a seed. ``excess`` is the objective's
    largest excess over the best start (%), ``same`` the share of starts whose first component
    agrees with the best start's (product of the three cosines above 0.95), ``share`` the range of
    its energy in the band.
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
                    "excess": 100 * (ends.max() / ends.min() - 1),
                    "same": np.mean(np.array(alike) > 0.95),
                    "lowest share": min(shares),
                    "highest share": max(shares),
                }
            )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class NightTensor:
    """A night's tensor and what a factorisation should find of the source in it."""

    tensor: np.ndarray
    frequencies: np.ndarray
    course: np.ndarray
    pattern: np.ndarray


def night_tensor(
    network: NightlyNetwork,
    index: int,
    *,
    bins: int = 60,
    step: int = 4,
    band: tuple[float, float] = (0.01, 0.05),
) -> NightTensor:
    """Detrended and synchrosqueezed night of a simulated network, with the source's own amplitude.

    MEMD is left out, so that what is seen is the factorisation's doing. The source alone, through
    the same steps, gives `course` (its amplitude in `band`, summed over stations, by time) and
    `pattern` (the same over time, by station).
    """
    record, _ = fill_gaps(network.night(index)[network.component].values.T, longest=600)
    source = night_parts(network, index)["source"].values.T
    amplitudes = [
        synchrosqueeze(
            dwt_detrend(x), network.rate, fmin=0.005, fmax=0.5, n_frequencies=bins, step=step
        )
        for x in (record, source)
    ]
    frequencies = amplitudes[0].frequency
    inside = (frequencies >= band[0]) & (frequencies <= band[1])
    alone = amplitudes[1].amplitude[:, inside].sum(axis=1)
    tensor = np.moveaxis(amplitudes[0].amplitude, 0, -1)
    return NightTensor(tensor, frequencies, alone.sum(axis=0), alone.sum(axis=1))


def source_recovery(
    nights: Mapping[int, NightTensor], methods: Mapping[str, Method], station: int
) -> pd.DataFrame:
    """How the first component of each night agrees with the source, method by method.

    Returns
    -------
    pandas.DataFrame
        Columns ``night``, ``method``, ``course`` (correlation of the time factor with the source's
        course), ``pattern`` (cosine between the station factor and the source's pattern),
        ``station`` (share of the station at index `station` in the sum of the station factor) and
        ``share`` (of the spectrum's energy in the band).
    """
    rows = []
    for index, night in nights.items():
        for name, method in methods.items():
            found, share = order_by_band_energy(method(night.tensor), night.frequencies)
            c = found.station[:, 0]
            rows.append(
                {
                    "night": index,
                    "method": name,
                    "course": np.corrcoef(found.time[:, 0], night.course)[0, 1],
                    "pattern": float(cosine_similarity(c, night.pattern)),
                    "station": c[station] / c.sum(),
                    "share": share[0],
                }
            )
    return pd.DataFrame(rows)
