"""Choose the size of a model by validation: the smallest that is as good as the best."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from tqdm import tqdm

from precursor_lib.errors import InputError
from precursor_lib.forecast.models import model_settings
from precursor_lib.forecast.predict import predict
from precursor_lib.forecast.settings import ForecastSettings, TrainingSettings
from precursor_lib.forecast.sweep import threads_of_torch, trained_model
from precursor_lib.forecast.windows import Split
from precursor_lib.simulate.settings import require

RULE = (
    "the model of fewest parameters whose mean validation loss is within one standard error of the "
    "least; the error is that of the mean difference over blocks of validation time, joined with "
    "that of the best model's mean over seeds where there are several"
)
# How a training steps is a matter of the model; how long it may go on is the same for all.
TUNED = ("learning_rate", "weight_decay", "decay", "clip")


@dataclass(frozen=True)
class Choice:
    """A model chosen from a grid.

    Attributes
    ----------
    name : str
        Model.
    table : pandas.DataFrame
        One row an entry of the grid, in its order: the settings that differ, ``parameters``,
        ``validation_loss`` (mean over seeds, in scaled units), ``validation_std`` (over seeds; NaN
        from one), ``above_best`` and its ``standard_error``, ``seconds`` (of training, all seeds),
        and ``chosen``.
    settings : ForecastSettings
        Of the chosen entry.
    training : TrainingSettings
        Of the chosen entry.
    rule : str
        How it was chosen.
    """

    name: str
    table: pd.DataFrame
    settings: ForecastSettings
    training: TrainingSettings
    rule: str = RULE

    @property
    def entry(self) -> dict[str, Any]:
        """The chosen entry, as a grid or a comparison of models takes it for other windows."""
        own = self.settings.model_dump(exclude={"length", "horizon", "channels"})
        return {**own, "training": self.training.model_dump(include=set(TUNED))}


def choose_model(
    name: str,
    grid: Sequence[Mapping[str, Any]],
    split: Split,
    training: TrainingSettings | Mapping[str, Any] | None,
    *,
    seeds: Sequence[int] = (0,),
    folder: Path | str | None = None,
    workers: int = 1,
    blocks: int = 10,
    progress: bool = False,
) -> Choice:
    """Train each entry of a grid and choose by validation loss; test windows are not looked at.

    Every entry gets the same windows and the same budget. The best weights of each run are judged
    on all validation windows, by the loss of the training. With losses ``l_m(b)`` of entry m in
    block b of validation time, averaged over seeds, and the best entry *, the smallest entry with

    ``mean_b(l_m - l_*) <= sqrt(var_b(l_m - l_*) / blocks + var_seeds(l_*) / seeds)``

    is chosen (the one-standard-error rule of Breiman et al. 1984, with differences in pairs: a hard
    stretch of the record is hard for all). Of two of one size the better one is taken.

    Parameters
    ----------
    name : str
        Model.
    grid : sequence of mapping
        Settings; ``length``, ``horizon`` and ``channels`` are those of the windows. An entry may
        hold ``training``, a mapping of ``learning_rate``, ``weight_decay``, ``decay`` or ``clip``.
    split : Split
        Windows.
    training : TrainingSettings or mapping, optional
        How; the same for all.
    seeds : sequence of int
        Each entry is trained from each.
    folder : path, optional
        Where checkpoints are kept: a search that was stopped goes on, and a later sweep with the
        chosen settings in the same folder does not train again.
    workers : int
        Trainings at a time, a thread each.
    blocks : int
        Parts of equal number that the validation windows are cut into, in order of time; as many
        as there are windows at most. Windows that overlap are not independent, blocks are nearly.
    progress : bool
        Show a bar over the trainings.

    Returns
    -------
    Choice

    Raises
    ------
    InputError
        If the grid is empty, an entry comes twice or sets what belongs to the budget, a seed comes
        twice, or a setting is unknown.
    """
    how = require(TrainingSettings, {} if training is None else training, "training")
    entries = [grid_entry(name, one, split, how) for one in grid]
    if not entries or len({json.dumps([a.model_dump(), b.model_dump()]) for a, b in entries}) < len(
        entries
    ):
        raise InputError(f"grid of {len(entries)} for {name}: expected one or more, each once")
    if not seeds or len(set(seeds)) < len(seeds):
        raise InputError(f"seeds {list(seeds)}: expected one or more, each once")
    if workers < 1 or blocks < 2:
        raise InputError(f"workers {workers}, blocks {blocks}: expected 1, and 2, or more")
    place = None if folder is None else Path(folder)
    one_thread = {"threads": 1} if workers > 1 else {}
    jobs = (
        joblib.delayed(_losses)(name, a, split, b.model_copy(update=one_thread), seed, place)
        for a, b in entries
        for seed in seeds
    )
    done = joblib.Parallel(n_jobs=workers, return_as="generator")(jobs)
    total = len(entries) * len(seeds)
    runs = list(tqdm(done, total=total, desc=name, unit="training", disable=not progress))
    losses = np.array([run[0] for run in runs]).reshape(len(entries), len(seeds), -1)
    table = _judge(losses, np.array([run[1] for run in runs[:: len(seeds)]]), blocks)
    table["seconds"] = np.array([run[2] for run in runs]).reshape(losses.shape[:2]).sum(axis=1)
    varied = _varied(grid)
    for place_, column in enumerate(varied):
        table.insert(place_, column, varied[column])
    chosen = int(np.flatnonzero(table["chosen"])[0])
    return Choice(name, table, *entries[chosen])


def grid_entry(
    name: str, entry: Mapping[str, Any], split: Split, training: TrainingSettings
) -> tuple[ForecastSettings, TrainingSettings]:
    """Typed settings of an entry of a grid and of its training."""
    shape = split.training
    own = {
        "length": shape.length,
        "horizon": shape.horizon,
        "channels": shape.series.shape[1] - shape.inputs,
        "inputs": shape.inputs,
    }
    settings = {**own, **{k: v for k, v in entry.items() if k != "training"}}
    changes = entry.get("training", {})
    beyond = [key for key in changes if key not in TUNED]
    if beyond:
        raise InputError(
            f"{name}: the grid sets training.{beyond[0]}; expected {', '.join(TUNED)}: everything "
            "else is the same for all"
        )
    typed = model_settings(name, settings)
    for key, value in own.items():
        if getattr(typed, key) != value:
            raise InputError(f"{name}.{key} {getattr(typed, key)}: the windows have {value}")
    how = require(TrainingSettings, {**training.model_dump(), **changes}, f"{name}.training")
    return typed, how


def _losses(
    name: str,
    settings: ForecastSettings,
    split: Split,
    training: TrainingSettings,
    seed: int,
    folder: Path | None,
) -> tuple[np.ndarray, int, float]:
    """Loss of each validation window, parameters, and seconds of training."""
    model, record = trained_model(
        name, settings, split, training, seed=seed, folder=folder, progress=False
    )
    with threads_of_torch(training.threads):
        forecasts, targets = predict(model, split.validation)
    error = np.abs(forecasts.astype(float) - targets)
    loss = (error if training.loss == "mae" else error**2).mean(axis=(1, 2))
    return loss, model.parameter_count, sum(record.seconds)


def _judge(losses: np.ndarray, parameters: np.ndarray, blocks: int) -> pd.DataFrame:
    """Apply the rule to losses (entry, seed, window)."""
    by_seed = losses.mean(axis=2)
    mean = by_seed.mean(axis=1)
    best = int(mean.argmin())
    entries, seeds, windows = losses.shape
    parts = np.array_split(losses.mean(axis=1) - losses.mean(axis=1)[best], min(blocks, windows), 1)
    difference = np.array([part.mean(axis=1) for part in parts])
    variance = np.zeros(entries)
    if len(parts) > 1:
        variance += difference.var(axis=0, ddof=1) / len(parts)
    spread = np.full(entries, np.nan)
    if seeds > 1:
        spread = by_seed.std(axis=1, ddof=1)
        variance += spread[best] ** 2 / seeds
    error = np.sqrt(variance)
    above = mean - mean[best]
    smallest = min(np.flatnonzero(above <= error), key=lambda i: (parameters[i], mean[i]))
    return pd.DataFrame(
        {
            "parameters": parameters,
            "validation_loss": mean,
            "validation_std": spread,
            "above_best": above,
            "standard_error": error,
            "chosen": np.arange(entries) == smallest,
        }
    )


def _varied(grid: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The settings that differ within a grid, by name, one value an entry."""
    flat = [
        {**{k: v for k, v in one.items() if k != "training"}, **one.get("training", {})}
        for one in grid
    ]
    names = list(dict.fromkeys(key for one in flat for key in one))
    columns = {key: [one.get(key) for one in flat] for key in names}
    return {k: v for k, v in columns.items() if any(value != v[0] for value in v)}
