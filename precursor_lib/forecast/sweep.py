"""The same training from many seeds: how much of a result is chance of the first weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from tqdm import tqdm

from precursor_lib.errors import InputError
from precursor_lib.forecast.models import Forecaster, forecaster, model_settings
from precursor_lib.forecast.predict import predict
from precursor_lib.forecast.settings import ForecastSettings, TrainingSettings
from precursor_lib.forecast.training import TrainingRecord, threads_of_torch, train
from precursor_lib.forecast.windows import Split
from precursor_lib.simulate.settings import require

Score = Callable[[np.ndarray, np.ndarray], Mapping[str, float]]


@dataclass(frozen=True)
class SeedRuns:
    """Results of one model from several seeds.

    Attributes
    ----------
    name : str
        Model.
    parameters : int
        Numbers that training changes.
    runs : pandas.DataFrame
        One row a ``seed``; a column for each score of the test windows, then
        ``validation_loss`` (best), ``epochs`` and ``seconds`` (wall time of training).
    """

    name: str
    parameters: int
    runs: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """``mean`` and ``std`` (n - 1 in the denominator; NaN from one run) of each column."""
        return self.runs.agg(["mean", "std"]).T


def trained_model(
    name: str,
    settings: Mapping[str, Any] | ForecastSettings,
    split: Split,
    training: TrainingSettings | Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    folder: Path | str | None = None,
    progress: bool = True,
) -> tuple[Forecaster, TrainingRecord]:
    """Make a model, and train it from one seed as a sweep does.

    Parameters
    ----------
    name, settings
        As for `precursor_lib.forecast.forecaster`.
    split : Split
        Windows; those of the test part are not looked at.
    training : TrainingSettings or mapping, optional
        How; its own seed is not used.
    seed : int
        Sets the first weights, the order of the windows and dropout.
    folder : path, optional
        Where checkpoints are kept, one file for each model, settings, training and seed. A training
        that is finished there is read; one that was stopped goes on.
    progress : bool
        Show a bar over the steps.

    Returns
    -------
    model : Forecaster
    record : TrainingRecord
    """
    typed = model_settings(name, settings)
    how = require(TrainingSettings, {} if training is None else training, "training")
    how = how.model_copy(update={"seed": seed})
    model = forecaster(name, typed, seed=seed)
    path = None if folder is None else Path(folder) / _file_name(name, typed, how)
    return model, train(model, split, how, checkpoint=path, progress=progress)


def _file_name(name: str, settings: ForecastSettings, training: TrainingSettings) -> str:
    """Name of a checkpoint: trainings with other settings have other names."""
    how = training.model_dump(exclude={"seed"})
    said = json.dumps([settings.model_dump(), how], sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()[:8]
    return f"{name}-{digest}-seed-{training.seed:04d}.pt"


def run_seeds(
    name: str,
    settings: Mapping[str, Any] | ForecastSettings,
    split: Split,
    training: TrainingSettings | Mapping[str, Any] | None,
    seeds: Iterable[int],
    *,
    score: Score,
    folder: Path | str | None = None,
    workers: int = 1,
    progress: bool = True,
) -> SeedRuns:
    """Train a model from each seed and score it on the test windows, in units of the record.

    A seed sets the first weights, the order of the windows and dropout. Two models run with the
    same seeds on the same windows can be compared seed by seed.

    Parameters
    ----------
    name, settings
        As for `precursor_lib.forecast.forecaster`.
    split : Split
        Windows; the same for every seed.
    training : TrainingSettings or mapping, optional
        How; its own seed is not used.
    seeds : iterable of int
        Seeds, each once.
    score : callable
        From forecasts and targets, each (windows, horizon, channels), to named numbers; such as
        `precursor_lib.evaluate.metrics.forecast_metrics`.
    folder : path, optional
        Where checkpoints are kept: a sweep that was stopped goes on. See :func:`trained_model`.
    workers : int
        Trainings at a time, as jobs of joblib; more than one gives each a thread. The results are
        those of one worker with ``threads`` 1.
    progress : bool
        Show a bar over the seeds, and one over the steps where there is one worker.

    Returns
    -------
    SeedRuns

    Raises
    ------
    InputError
        If a seed comes twice or none is given, or settings are not what they have to be.
    """
    typed = model_settings(name, settings)
    how = require(TrainingSettings, {} if training is None else training, "training")
    chosen = list(seeds)
    if not chosen or len(set(chosen)) < len(chosen):
        raise InputError(f"seeds {chosen}: expected one or more, each once")
    if workers < 1:
        raise InputError(f"workers {workers}: expected 1 or more")
    if workers > 1:
        how = how.model_copy(update={"threads": 1})
    place = None if folder is None else Path(folder)
    jobs = (
        joblib.delayed(_one)(name, typed, split, how, seed, score, place, progress and workers == 1)
        for seed in chosen
    )
    done = joblib.Parallel(n_jobs=workers, return_as="generator")(jobs)
    rows = list(tqdm(done, total=len(chosen), desc=name, unit="seed", disable=not progress))
    runs = pd.DataFrame(rows, index=pd.Index(chosen, name="seed"))
    return SeedRuns(name, forecaster(name, typed).parameter_count, runs)


def _one(
    name: str,
    settings: ForecastSettings,
    split: Split,
    training: TrainingSettings,
    seed: int,
    score: Score,
    folder: Path | None,
    progress: bool,
) -> dict[str, float]:
    """Train from one seed and score."""
    model, record = trained_model(
        name, settings, split, training, seed=seed, folder=folder, progress=progress
    )
    with threads_of_torch(training.threads):
        forecasts, targets = predict(model, split.test)
    scores = score(split.scaler.invert(forecasts), split.scaler.invert(targets))
    return {
        **scores,
        "validation_loss": min(record.validation_loss),
        "epochs": len(record.training_loss),
        "seconds": sum(record.seconds),
    }
