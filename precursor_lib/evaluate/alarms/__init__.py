"""Alarms in time against a catalogue of target events: Molchan, gain, coincidences, epochs.

Areas under the ROC curve by day come from `precursor_lib.evaluate.classification`, and mainshocks
from `precursor_lib.classify.events`.
"""

from precursor_lib.evaluate.alarms.cells import DayCells, alarm_score, day_cells
from precursor_lib.evaluate.alarms.coincidences import Coincidence, CoincidenceRate, coincidence
from precursor_lib.evaluate.alarms.epochs import (
    Epochs,
    best_event_chance,
    best_of_chance,
    event_chances,
    superposed_epochs,
)
from precursor_lib.evaluate.alarms.gain import AlarmScore, score_days, score_intervals
from precursor_lib.evaluate.alarms.molchan import (
    AreaSkill,
    MolchanCurve,
    area_skill,
    binomial_band,
    molchan_curve,
    shift_band,
    standing,
    whole_band,
)
from precursor_lib.evaluate.alarms.shifts import (
    family_chance,
    shift_chance,
    shift_places,
    shifted_means,
    shifted_sums,
)

__all__ = [
    "AlarmScore",
    "AreaSkill",
    "Coincidence",
    "CoincidenceRate",
    "DayCells",
    "Epochs",
    "MolchanCurve",
    "alarm_score",
    "area_skill",
    "best_event_chance",
    "best_of_chance",
    "binomial_band",
    "coincidence",
    "day_cells",
    "event_chances",
    "family_chance",
    "molchan_curve",
    "score_days",
    "score_intervals",
    "shift_band",
    "shift_chance",
    "shift_places",
    "shifted_means",
    "shifted_sums",
    "standing",
    "superposed_epochs",
    "whole_band",
]
