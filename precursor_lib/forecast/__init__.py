"""Forecasts of a record by learnt models, and the floors below them."""

from precursor_lib.forecast.models import MODELS, Forecaster, forecaster, model_settings
from precursor_lib.forecast.pyramid import (
    AttentionPattern,
    ReceptiveField,
    attention_pattern,
    receptive_field,
)
from precursor_lib.forecast.station_graph import StationGraph
from precursor_lib.forecast.timesnet import strongest_periods

__all__ = [
    "MODELS",
    "AttentionPattern",
    "Forecaster",
    "ReceptiveField",
    "StationGraph",
    "attention_pattern",
    "forecaster",
    "model_settings",
    "receptive_field",
    "strongest_periods",
]
