"""The papers' chains, from a network's record to anomalies."""

from precursor_lib.pipelines.chain import (
    METHODS,
    PAPER,
    Chain,
    Factors,
    NightResult,
    Prepared,
)
from precursor_lib.pipelines.nights import NetworkResult, run_network
from precursor_lib.pipelines.sw_ntf import (
    factorise,
    find_anomalies,
    prepare_night,
    run_night,
)

__all__ = [
    "METHODS",
    "PAPER",
    "Chain",
    "Factors",
    "NetworkResult",
    "NightResult",
    "Prepared",
    "factorise",
    "find_anomalies",
    "prepare_night",
    "run_network",
    "run_night",
]
