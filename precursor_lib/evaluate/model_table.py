"""Models side by side on one record: spread over seeds, and the floor that each has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.metrics import forecast_metrics, paired_test
from precursor_lib.forecast.floors import seasonal_forecasts
from precursor_lib.forecast.settings import ForecastSettings, TrainingSettings
from precursor_lib.forecast.sweep import run_seeds
from precursor_lib.forecast.tuning import choose_model, grid_entry
from precursor_lib.forecast.windows import Split, Windows
from precursor_lib.simulate.settings import require

Grid = Mapping[str, Any] | ForecastSettings | Sequence[Mapping[str, Any]]
METRICS = ("mse", "mae", "rmse", "smape")
_LEVEL = 0.05


def compare_models(
    models: Mapping[str, Grid],
    split: Split,
    training: TrainingSettings | Mapping[str, Any] | None,
    seeds: Sequence[int],
    *,
    floors: Mapping[str, Mapping[str, Any]] | Sequence[str] = ("persistence",),
    tuning_seeds: Sequence[int] = (0,),
    folder: Path | str | None = None,
    workers: int = 1,
    progress: bool = False,
) -> pd.DataFrame:
    """Train models with equal care, and score them and the floors on the same test windows.

    All have the same windows, budget and seeds, and grids of one size; a grid of several entries is
    reduced by `choose_model` first, which looks at validation windows alone.

    Parameters
    ----------
    models : mapping
        Model to its settings, or to a list of settings to choose from. See
        `precursor_lib.forecast.tuning.choose_model` for what an entry may hold. For two forms of
        one model, the names are free and each entry says ``{"model": ..., ...}``.
    split : Split
        Windows.
    training : TrainingSettings or mapping, optional
        How; the same for all.
    seeds : sequence of int
        Runs of each model.
    floors : mapping or sequence of str
        ``"persistence"`` and ``"seasonal_naive"``; the latter needs ``{"season": samples}``, which
        may be longer than a window.
    tuning_seeds : sequence of int
        Runs of each entry of a grid.
    folder : path, optional
        Where checkpoints are kept: what was stopped goes on.
    workers : int
        Trainings at a time, a thread each.
    progress : bool
        Show bars.

    Returns
    -------
    pandas.DataFrame
        One row a floor or model. Columns: ``parameters``; ``mse``, ``mae``, ``rmse`` (units of the
        record) and ``smape`` (%), means over seeds, each followed by ``<name>_std``; ``skill``,
        1 - mse over that of the best floor; ``floor_p``, p-value of the paired t-test of the mse
        against that floor; ``beats_floor``, ``"yes"`` or ``"no"`` where it is below 0.05 and
        ``"open"`` otherwise; ``best_p``, the same test against the model of least mse. The tests
        are over seeds: they say what another training would give, not another record.

        ``attrs`` hold ``floor`` (name of the best), ``runs`` (scores by model and seed),
        ``settings`` and ``training`` (of each model, as dicts), ``windows`` (test windows scored)
        and ``left_out`` (test windows for which a floor lacks a sample).

    Raises
    ------
    InputError
        If grids differ in size, a floor is unknown or none is named, no test window is left, or a
        setting is not what it has to be.

    Examples
    --------
    Full-size models on a year of minutes, 30 seeds; a second call after a stop goes on:

    >>> sizes = {"width": 256, "inner": 512, "layers": 4, "window_norm": "last"}
    >>> table = compare_models(  # doctest: +SKIP
    ...     {"pyraformer": {**sizes, "strides": (12, 7, 4)}, "transformer": sizes,
    ...      "lstm": {"width": 256, "layers": 2, "window_norm": "last"},
    ...      "gru": {"width": 256, "layers": 2, "window_norm": "last"}},
    ...     split_windows(year, 720, 60, stride=5, evaluation_stride=60),
    ...     {"epochs": 30, "batch_size": 128, "checkpoint_steps": 200, "bf16": True},
    ...     range(30),
    ...     floors={"persistence": {}, "seasonal_naive": {"season": 1440}},
    ...     folder="checkpoints",
    ...     progress=True,
    ... )
    """
    how = require(TrainingSettings, {} if training is None else training, "training")
    grids = {name: _as_grid(one) for name, one in models.items()}
    sizes = {name: len(grid) for name, grid in grids.items()}
    if len(set(sizes.values())) != 1:
        raise InputError(f"models {sizes}: expected one or more, with grids of one size")
    named = floors if isinstance(floors, Mapping) else {name: {} for name in floors}
    guesses = {name: _floor(name, settings, split.test) for name, settings in named.items()}
    if not guesses:
        raise InputError("floors: expected at least one")
    whole = np.all([np.isfinite(g).all(axis=(1, 2)) for g in guesses.values()], axis=0)
    if not whole.any():
        raise InputError("floors: no test window has the samples that they repeat")
    test = replace(split.test, starts=split.test.starts[whole])
    scored = replace(split, test=test)
    invert, (_, targets) = split.scaler.invert, test.batch(np.arange(len(test)))
    runs = {
        name: pd.DataFrame([forecast_metrics(invert(guess[whole]), invert(targets))])
        for name, guess in guesses.items()
    }
    floor = min(runs, key=lambda name: runs[name]["mse"].item())
    counts = dict.fromkeys(runs, 0)
    chosen: dict[str, dict[str, Any]] = {"settings": {}, "training": {}}
    for name, entries in grids.items():
        kind = _model_of(name, entries)
        grid = [{k: v for k, v in entry.items() if k != "model"} for entry in entries]
        settings, own = grid_entry(kind, grid[0], split, how)
        if len(grid) > 1:
            choice = choose_model(
                kind, grid, split, how, seeds=tuning_seeds, folder=folder, workers=workers
            )
            settings, own = choice.settings, choice.training
        sweep = run_seeds(
            kind,
            settings,
            scored,
            own,
            seeds,
            score=forecast_metrics,
            folder=folder,
            workers=workers,
            progress=progress,
        )
        runs[name], counts[name] = sweep.runs, sweep.parameters
        chosen["settings"][name] = settings.model_dump(mode="json")
        chosen["training"][name] = own.model_dump(mode="json")
    best = min(grids, key=lambda name: runs[name]["mse"].mean())
    rows = {name: _row(name, runs, floor, best, counts[name]) for name in runs}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    table.attrs = {
        "floor": floor,
        "runs": {
            name: {m: frame[m].tolist() for m in METRICS} | {"seed": frame.index.tolist()}
            for name, frame in runs.items()
        },
        **chosen,
        "windows": len(test),
        "left_out": int((~whole).sum()),
    }
    return table


def _as_grid(one: Grid) -> list[Mapping[str, Any]]:
    if isinstance(one, ForecastSettings):
        return [one.model_dump()]
    return [one] if isinstance(one, Mapping) else list(one)


def _model_of(name: str, grid: Sequence[Mapping[str, Any]]) -> str:
    """The model that a row is of."""
    kinds = {entry.get("model", name) for entry in grid}
    if len(kinds) > 1:
        raise InputError(f"{name}: expected one model, not {sorted(kinds)}")
    return kinds.pop()


def _floor(name: str, settings: Mapping[str, Any], windows: Windows) -> np.ndarray:
    """Forecasts of a floor, NaN where a sample is missing."""
    if name not in ("persistence", "seasonal_naive"):
        raise InputError(unknown("floor", name, ("persistence", "seasonal_naive")))
    expected = {"season"} if name == "seasonal_naive" else set()
    if set(settings) != expected:
        raise InputError(f"{name}: expected the settings {sorted(expected)}, not {list(settings)}")
    # The last sample repeated is a season of one.
    return seasonal_forecasts(windows, settings.get("season", 1))


def _row(
    name: str, runs: Mapping[str, pd.DataFrame], floor: str, best: str, parameters: int
) -> dict[str, Any]:
    own = runs[name]
    row: dict[str, Any] = {"parameters": parameters}
    for metric in METRICS:
        row |= {metric: own[metric].mean(), f"{metric}_std": own[metric].std(ddof=1)}
    limit = runs[floor]["mse"].item()
    row["skill"] = 1 - row["mse"] / limit
    row |= {"floor_p": np.nan, "beats_floor": "", "best_p": np.nan}
    if parameters:
        several = len(own) > 1
        if several:
            row["floor_p"] = paired_test(own["mse"], np.full(len(own), limit)).t_p
        told = several and row["floor_p"] < _LEVEL
        row["beats_floor"] = ("yes" if row["mse"] < limit else "no") if told else "open"
        if several and name != best:
            row["best_p"] = paired_test(own["mse"], runs[best]["mse"]).t_p
    return row
