"""The six models of the TEC case on one record: tuned with equal numbers of trials, then run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.forecast import (
    Forecaster,
    TrainingRecord,
    choose_model,
    forecaster,
    predict,
    train,
)
from precursor_lib.forecast.classical import ClassicalChoice, choose_classical, recurrence
from precursor_lib.forecast.sweep import trained_model
from precursor_lib.forecast.windows import Split, Windows
from precursor_lib.pipelines.tec_record import TecRecord

SHORT: Mapping[str, str] = MappingProxyType(
    {"dnn": "DNN", "random_forest": "RF", "svm": "SVM", "arima": "ARIMA", "decision_tree": "DT"}
)
"""Name of each baseline in the paper."""
GRIDS: Mapping[str, tuple[Mapping[str, Any], ...]] = MappingProxyType(
    {
        "ed_lstme": (
            {"width": 16, "window_norm": "moments"},
            {"width": 32, "window_norm": "none"},
            {"width": 32, "window_norm": "moments"},
        ),
        "dnn": (
            {"hidden_layer_sizes": (32,), "alpha": 1e-3, "early_stopping": True},
            {"hidden_layer_sizes": (64, 32), "alpha": 1e-3, "early_stopping": True},
            {"hidden_layer_sizes": (64, 32), "alpha": 1.0, "early_stopping": True},
        ),
        "random_forest": tuple(
            {"n_estimators": 40, "min_samples_leaf": leaf, "max_features": 0.5}
            for leaf in (3, 10, 30)
        ),
        "svm": ({"C": 0.3}, {"C": 3.0}, {"C": 3.0, "gamma": 0.02}),
        "arima": (
            {"order": (1, 0, 0), "seasonal": True},
            {"order": (2, 0, 0), "seasonal": False},
            {"order": (2, 0, 1), "seasonal": True},
        ),
        "decision_tree": tuple({"min_samples_leaf": leaf} for leaf in (5, 20, 80)),
    }
)
"""What is tried for each model: three settings each, chosen between by validation."""
TRAINING: Mapping[str, Any] = MappingProxyType(
    {"batch_size": 64, "learning_rate": 3e-3, "decay": 0.05, "patience": 4}
)
"""How the encoder-decoder is trained."""
_SAMPLES = {"svm": 0.3, "arima": 0.1}
"""Share of the samples that the slow ones are fitted to."""


@dataclass(frozen=True)
class TecModels:
    """Six fitted models, and what the choice between settings was made by.

    Attributes
    ----------
    network : Forecaster
        The encoder-decoder.
    training : TrainingRecord
        Its last training.
    baselines : mapping of str to ClassicalChoice
        The others, by the paper's names.
    trials : pandas.DataFrame
        One row a trial: ``model``, ``settings``, ``validation loss``, ``seconds``, ``chosen``.
    """

    network: Forecaster
    training: TrainingRecord
    baselines: Mapping[str, ClassicalChoice]
    trials: pd.DataFrame

    def forecasts(self, windows: Windows) -> dict[str, np.ndarray]:
        """Forecasts (windows, horizon, channels) by the paper's names, scaled."""
        found = {"ED-LSTME": predict(self.network, windows)[0].astype(float)}
        return found | {
            name: choice.model.predict(windows) for name, choice in self.baselines.items()
        }


def fit_network(
    settings: Mapping[str, Any], split: Split, *, epochs: int, seed: int
) -> tuple[Forecaster, TrainingRecord]:
    """Train one encoder-decoder on a split of `TecRecord.split`."""
    w = split.training
    shape = {
        "length": w.length,
        "horizon": w.horizon,
        "channels": w.series.shape[1] - w.inputs,
        "inputs": w.inputs,
    }
    model = forecaster("ed_lstme", {**shape, **settings}, seed=seed)
    how = {**TRAINING, "epochs": epochs, "seed": seed}
    return model, train(model, split, how, progress=False)


def fit_models(
    record: TecRecord, split: Split, *, epochs: int, samples: int, trials: int = 3, seed: int = 0
) -> TecModels:
    """Tune and fit the six models.

    Parameters
    ----------
    record : TecRecord
    split : Split
        From ``record.split``.
    epochs : int
        Most epochs of each training of the encoder-decoder.
    samples : int
        Samples that the regressors are fitted to; SVM takes 30 % of them, ARIMA the last 10 %.
    trials : int
        Settings tried for each model, at most those of `GRIDS`.
    seed : int

    Raises
    ------
    InputError
        If `trials` is not 1 to 3.
    """
    if not 1 <= trials <= len(GRIDS["ed_lstme"]):
        raise InputError(f"trials {trials}: expected 1 to {len(GRIDS['ed_lstme'])}")
    how = {**TRAINING, "epochs": epochs, "seed": seed}
    grid = GRIDS["ed_lstme"][-trials:]
    with TemporaryDirectory() as folder:
        # The chosen one is taken up from its checkpoint, not trained again.
        choice = choose_model("ed_lstme", grid, split, how, seeds=(seed,), folder=folder)
        model, training = trained_model(
            "ed_lstme",
            choice.settings,
            split,
            choice.training,
            seed=seed,
            folder=Path(folder),
            progress=False,
        )
    rows = _rows("ED-LSTME", grid, choice.table)
    baselines = {}
    for name, short in SHORT.items():
        grid = GRIDS[name][-trials:]
        fitted = choose_classical(
            name,
            grid,
            split,
            season=record.season,
            samples=round(samples * _SAMPLES.get(name, 1.0)),
            seed=seed,
        )
        baselines[short] = fitted
        rows += _rows(short, grid, fitted.table)
    return TecModels(model, training, baselines, pd.DataFrame(rows))


def floors(record: TecRecord, windows: Windows) -> dict[str, np.ndarray]:
    """What needs no fit: the last value, the day before, and 27 days before, scaled."""
    shape = {
        "length": windows.length,
        "horizon": windows.horizon,
        "channels": len(record.stations),
        "inputs": windows.inputs,
    }
    naive = {
        "persistence": forecaster("persistence", shape),
        "day before": forecaster("seasonal_naive", {**shape, "season": record.season}),
    }
    found = {name: predict(model, windows)[0].astype(float) for name, model in naive.items()}
    return found | {"27 days before": recurrence(windows, 27 * record.season)}


def _rows(
    name: str, grid: tuple[Mapping[str, Any], ...], table: pd.DataFrame
) -> list[dict[str, Any]]:
    return [
        {
            "model": name,
            "settings": ", ".join(f"{key} {value}" for key, value in entry.items()),
            "validation loss": float(table["validation_loss"].iloc[number]),
            "seconds": float(table["seconds"].iloc[number]),
            "chosen": bool(table["chosen"].iloc[number]),
        }
        for number, entry in enumerate(grid)
    ]
