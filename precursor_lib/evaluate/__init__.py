"""How well a detection recovers a known truth, and what chance would give."""

from precursor_lib.evaluate.recovery import (
    EventMatch,
    cosine_similarity,
    match_events,
    match_factors,
    poisson_interval,
    wilson_interval,
)

__all__ = [
    "EventMatch",
    "cosine_similarity",
    "match_events",
    "match_factors",
    "poisson_interval",
    "wilson_interval",
]
