"""Trials: sources put into held-out records, and how many blocks of them a method finds."""

from precursor_lib.evaluate.trials.blocks import block_of, block_scores, plan_sources
from precursor_lib.evaluate.trials.compare import against_rivals
from precursor_lib.evaluate.trials.curves import (
    Smallest,
    at_distance,
    false_alarms,
    league,
    power_curves,
    smallest_found,
    smallest_source,
)
from precursor_lib.evaluate.trials.kinds import (
    ROLES,
    Budget,
    Kind,
    Method,
    Role,
    Scorer,
    Training,
)
from precursor_lib.evaluate.trials.pooling import pooled_scores, threshold_at
from precursor_lib.evaluate.trials.run import Trials, repeat_trials, run_trials

__all__ = [
    "ROLES",
    "Budget",
    "Kind",
    "Method",
    "Role",
    "Scorer",
    "Smallest",
    "Training",
    "Trials",
    "against_rivals",
    "at_distance",
    "block_of",
    "block_scores",
    "false_alarms",
    "league",
    "plan_sources",
    "pooled_scores",
    "power_curves",
    "repeat_trials",
    "run_trials",
    "smallest_found",
    "smallest_source",
    "threshold_at",
]
