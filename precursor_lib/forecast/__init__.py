"""Forecasts of a record by learnt models, and the floors below them."""

from precursor_lib.forecast.models import MODELS, Forecaster, forecaster, model_settings
from precursor_lib.forecast.predict import predict, predict_record
from precursor_lib.forecast.pyramid import (
    AttentionPattern,
    ReceptiveField,
    attention_pattern,
    receptive_field,
)
from precursor_lib.forecast.settings import TrainingSettings
from precursor_lib.forecast.station_graph import StationGraph
from precursor_lib.forecast.sweep import SeedRuns, run_seeds, trained_model
from precursor_lib.forecast.timesnet import strongest_periods
from precursor_lib.forecast.training import TrainingError, TrainingRecord, train
from precursor_lib.forecast.tuning import Choice, choose_model
from precursor_lib.forecast.windows import Scaler, Split, Windows, split_windows

__all__ = [
    "MODELS",
    "AttentionPattern",
    "Choice",
    "Forecaster",
    "ReceptiveField",
    "Scaler",
    "SeedRuns",
    "Split",
    "StationGraph",
    "TrainingError",
    "TrainingRecord",
    "TrainingSettings",
    "Windows",
    "attention_pattern",
    "choose_model",
    "forecaster",
    "model_settings",
    "predict",
    "predict_record",
    "receptive_field",
    "run_seeds",
    "split_windows",
    "strongest_periods",
    "train",
    "trained_model",
]
