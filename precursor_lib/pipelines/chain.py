"""Settings of the SW-NTF chain, and what it gives for a night."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from precursor_lib.detect.threshold import Spread
from precursor_lib.errors import InputError

ANOMALY_COLUMNS = (
    "method",
    "component",
    "night",
    "time",
    "duration",
    "peak",
    "amplitude",
    "station",
    "contribution",
)
METHODS = ("sw_ntf", "ntf", "band")


@dataclass(frozen=True)
class Chain:
    """Settings of the chain; the defaults are the paper's where it names them.

    Attributes
    ----------
    wavelet, levels : str, int
        Detrending (section 3.2).
    directions : int
        Projections of MEMD.
    kurtosis_above, entropy_below : float
        Which IMFs are kept.
    entropy : str
        Reading of the energy entropy; see `precursor_lib.decompose.select_imfs`.
    band : tuple of float
        Hz; orders the components and is the band of the simple rival.
    frequencies : tuple of float
        Lowest and highest frequency of the tensor, Hz.
    bins : int
        Frequencies in the tensor.
    step : int
        Samples a time step of the tensor averages.
    rank, penalty, iterations, tolerance : int, float, int, float
        Factorisation (R, lambda, maximum of iterations, KKT tolerance).
    prior : str
        Form of omega by distance; see `precursor_lib.decompose.spatial_prior`.
    sigmas, shortest, longest : float
        The anomaly rule: height in sigma, duration in s.
    spread : str
        What sigma is; see `precursor_lib.detect.threshold.exceedances`.
    longest_gap : float
        s; gaps up to this are bridged by a line, which adds no anomaly, and are reported; a night
        with a longer one is refused.
    methods : tuple of str
        Which of ``"sw_ntf"``, ``"ntf"`` and ``"band"`` to run.
    seed : int
        Start of the factorisations.
    """

    wavelet: str = "db5"
    levels: int = 6
    directions: int = 64
    kurtosis_above: float = 3.0
    entropy_below: float = 0.3
    entropy: Literal["share", "time"] = "share"
    band: tuple[float, float] = (0.01, 0.05)
    frequencies: tuple[float, float] = (0.005, 0.5)
    bins: int = 200
    step: int = 1
    rank: int = 3
    penalty: float = 0.1
    iterations: int = 200
    tolerance: float = 1e-5
    prior: str = "inverse"
    sigmas: float = 5.0
    shortest: float = 60.0
    longest: float = 300.0
    spread: Spread = "std"
    longest_gap: float = 300.0
    methods: tuple[str, ...] = METHODS
    seed: int = 0

    def __post_init__(self) -> None:
        odd = set(self.methods) - set(METHODS)
        if odd or not self.methods:
            raise InputError(f"methods: expected some of {METHODS}, got {self.methods}")


@dataclass(frozen=True)
class Factors:
    """One night's components, ordered by their share of energy in the band.

    ``frequency`` (bins, R), ``time`` (steps, R), ``station`` (stations, R), ``share`` (R,); the
    product of a component's three vectors is in nT. The band detector has R = 1.
    """

    frequency: np.ndarray
    time: np.ndarray
    station: np.ndarray
    share: np.ndarray
    converged: bool

    def amplitude(self, component: int = 0) -> np.ndarray:
        """Amplitude at the component's strongest station against time, nT (steps,)."""
        weight = self.frequency[:, component].sum() * self.station[:, component].max()
        return weight * self.time[:, component]


@dataclass(frozen=True)
class NightResult:
    """What the chain found in one night.

    Attributes
    ----------
    night : int
        Index of the night in its network.
    start : pandas.Timestamp
        UTC.
    frequency : numpy.ndarray
        Hz, of the tensor's first dimension.
    factors : dict of str to Factors
        By method.
    anomalies : pandas.DataFrame
        One row an anomaly: ``method``, ``component`` (0 first), ``night``, ``time`` (UTC, of the
        peak), ``duration`` (s), ``peak`` (in sigma), ``amplitude`` (nT), ``station`` (of the
        largest contribution), ``contribution`` (its share).
    report : tuple of str
        Gaps filled, IMFs kept and anything that was not as expected.
    """

    night: int
    start: pd.Timestamp
    frequency: np.ndarray
    factors: dict[str, Factors]
    anomalies: pd.DataFrame
    report: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Prepared:
    """A night on its way to the tensor: what FIG2 shows.

    ``raw``, ``detrended`` and ``selected`` are (station, time) in nT; ``tensor`` is (frequency,
    time step, station) in nT; ``kept`` (imf, station) marks the IMFs kept.
    """

    raw: np.ndarray
    detrended: np.ndarray
    selected: np.ndarray
    kept: np.ndarray
    tensor: np.ndarray
    frequency: np.ndarray
    report: tuple[str, ...]


PAPER = Chain()
"""The paper's settings."""
