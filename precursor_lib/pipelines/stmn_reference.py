"""What the reference teaches the STMN chain: a network, its sigma and the points of a day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.detect import PointRule, cumulative_points, residual_points, usable
from precursor_lib.errors import InputError
from precursor_lib.forecast import (
    Forecaster,
    Scaler,
    Split,
    TrainingRecord,
    predict,
    predict_record,
    split_windows,
)
from precursor_lib.forecast.sweep import trained_model
from precursor_lib.forecast.tuning import Choice, choose_model
from precursor_lib.pipelines.stmn_settings import StmnSettings
from precursor_lib.pipelines.stmn_signal import step_hours


@dataclass(frozen=True)
class Learnt:
    """What the reference station has taught.

    Attributes
    ----------
    model : Forecaster
        Trained network.
    scaler : Scaler
        Of the reference's training part, in the unit of the strain.
    sigma : float
        Standard deviation of the residuals of the validation part, in the unit of the strain.
    day_points : float
        Points that an anomalous day exceeds: a quantile of the validation days.
    test_mse : float
        Mean squared error in the reference's test part, in scaled units.
    record : TrainingRecord
        How the training went.
    step_hours : float
        Sampling of what was learnt.
    """

    model: Forecaster
    scaler: Scaler
    sigma: float
    day_points: float
    test_mse: float
    record: TrainingRecord
    step_hours: float


def rule(settings: StmnSettings) -> PointRule:
    """The paper's confidence bounds."""
    return PointRule("confidence", settings.factor)


def daily(
    time: np.ndarray,
    observed: np.ndarray,
    predicted: np.ndarray,
    sigma: float,
    settings: StmnSettings,
) -> pd.DataFrame:
    """Anomalous points by day and accumulated: ``points``, ``samples``, ``cumulative_points``."""
    points = residual_points(observed, predicted, rule(settings), scale=sigma)
    frame = cumulative_points(
        time, points, valid=usable(observed, predicted), zone_hours=settings.zone_hours
    )
    return frame.rename(columns={"cumulative": "cumulative_points"})


def reference_split(signal: xr.DataArray, settings: StmnSettings) -> Split:
    """Windows of the reference, split in time: training, validation, test.

    Raises
    ------
    InputError
        If there is not exactly one station or a part of the split has no window.
    """
    if signal.sizes["station"] != 1:
        raise InputError(f"reference: expected one station, got {signal.sizes['station']}")
    length, horizon = settings.samples(step_hours(signal))
    return split_windows(
        signal.values[0],
        length,
        horizon,
        validation=settings.validation,
        test=settings.test,
        evaluation_stride=horizon,
    )


def choose_network(
    signal: xr.DataArray,
    settings: StmnSettings,
    grid: Sequence[Mapping[str, Any]],
    *,
    seeds: Sequence[int] = (0,),
    folder: Path | str | None = None,
) -> tuple[StmnSettings, Choice]:
    """Choose the settings of a network by the reference's validation part.

    Parameters
    ----------
    signal : xarray.DataArray
        The reference's series, from `kept_signal`.
    settings : StmnSettings
        Names the network and the budget, the same for every entry.
    grid : sequence of mapping
        Entries as `precursor_lib.forecast.tuning.choose_model` takes them; what an entry leaves out
        stays as in ``settings.network``.
    seeds : sequence of int
        Each entry is trained from each.
    folder : path, optional
        Where checkpoints are kept; `learn_reference` with the chosen settings finds its own there.

    Returns
    -------
    StmnSettings
        With the chosen network and training.
    Choice
        The grid and its losses.

    Raises
    ------
    InputError
        As for `reference_split` and `choose_model`.
    """
    choice = choose_model(
        settings.model,
        [{**settings.network, **entry} for entry in grid],
        reference_split(signal, settings),
        settings.training,
        seeds=seeds,
        folder=_place(signal, folder),
    )
    network = {name: value for name, value in choice.entry.items() if name != "training"}
    return settings.model_copy(update={"network": network, "training": choice.training}), choice


def learn_reference(
    signal: xr.DataArray,
    settings: StmnSettings | None = None,
    *,
    seed: int = 0,
    folder: Path | str | None = None,
    progress: bool = True,
) -> Learnt:
    """Train the network on the reference station alone.

    The record is split in time: training, validation (early stopping, sigma, points of a day) and
    test.

    Parameters
    ----------
    signal : xarray.DataArray
        One station's series, from `kept_signal`.
    settings : StmnSettings, optional
        Settings.
    seed : int
        First weights, order of the windows and dropout.
    folder : path, optional
        Where the checkpoint is kept; a training that was stopped goes on from there.
    progress : bool
        Show a bar with the time left.

    Raises
    ------
    InputError
        As for `reference_split`.
    """
    s = settings or StmnSettings()
    split = reference_split(signal, s)
    series = signal.values[0]
    model, record = trained_model(
        s.model,
        {**s.network, "length": split.training.length, "horizon": split.training.horizon},
        split,
        s.training,
        seed=seed,
        folder=_place(signal, folder),
        progress=progress,
    )
    first, last = split.bounds[1]
    inside = slice(first, last)
    forecast = predict_record(model, series[inside], split.scaler)[0]
    observed = np.where(signal["present"].values[0], series, np.nan)[inside]
    sigma = float(rule(s).scale(observed - forecast))
    quiet = daily(signal["time"].values[inside], observed, forecast, sigma, s)
    forecasts, targets = predict(model, split.test)
    mse = float(np.mean((forecasts - targets) ** 2))
    day_points = float(quiet["points"].quantile(s.day_share))
    return Learnt(model, split.scaler, sigma, day_points, mse, record, step_hours(signal))


def _place(signal: xr.DataArray, folder: Path | str | None) -> Path | None:
    """Where trainings on this series are kept: apart from those on others."""
    if folder is None:
        return None
    return Path(folder) / f"reference-{hashlib.sha256(signal.values.tobytes()).hexdigest()[:16]}"
