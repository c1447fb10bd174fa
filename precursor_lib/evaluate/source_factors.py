"""Whether the components of a simulated night's tensor are those of the source in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.decompose import (
    Factorisation,
    dwt_detrend,
    fill_gaps,
    order_by_band_energy,
    synchrosqueeze,
)
from precursor_lib.evaluate.recovery import cosine_similarity
from precursor_lib.simulate.geomagnetic import night_parts

Method = Callable[[np.ndarray], Factorisation]


@dataclass(frozen=True)
class NightTensor:
    """A night's tensor and what a factorisation should find of the source in it.

    Attributes
    ----------
    tensor : ndarray (I, J, K)
        Amplitudes in nT by frequency, time and station.
    frequencies : ndarray (I,)
        Hz.
    seconds : float
        Length of a time step in s.
    course, pattern : ndarray (J,), (K,)
        The source's amplitude by time and by station, in nT.
    """

    tensor: np.ndarray
    frequencies: np.ndarray
    seconds: float
    course: np.ndarray
    pattern: np.ndarray

    @property
    def hours(self) -> np.ndarray:
        """Centres of the time steps in hours from the start."""
        return (np.arange(self.course.size) + 0.5) * self.seconds / 3600


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
    return NightTensor(
        tensor, frequencies, step / network.rate, alone.sum(axis=0), alone.sum(axis=1)
    )


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


def median_scores(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Medians over the nights of what `source_recovery` gave for several cases."""
    names = {
        "course": "course",
        "pattern": "stations",
        "station": "share of the station",
        "share": "energy in band",
    }
    together = pd.concat(scores, names=["case"]).groupby(["case", "method"], sort=False)
    return together[list(names)].median().rename(columns=names).reset_index().set_index("case")


def median_night(scores: pd.DataFrame, method: str) -> int:
    """The night in which a method's course score is its median (the lower of the middle two)."""
    chosen = scores[scores["method"] == method].sort_values("course")["night"]
    return int(chosen.iloc[(len(chosen) - 1) // 2])
