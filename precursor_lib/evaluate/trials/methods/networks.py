"""Networks that learn the training record's stations together, and what their forecasts leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.kinds import Budget, Training
from precursor_lib.evaluate.trials.methods.residuals import (
    ResidualScorer,
    SizeRule,
    learnt_scorer,
)
from precursor_lib.evaluate.trials.methods.signals import (
    Array,
    EvenRecord,
    Series,
    as_it_is,
    even_record,
    known,
)
from precursor_lib.forecast import (
    Forecaster,
    Scaler,
    Split,
    TrainingSettings,
    Windows,
    forecaster,
    predict_record,
    train,
)
from precursor_lib.forecast.settings import ForecastSettings
from precursor_lib.forecast.training import threads_of_torch
from precursor_lib.simulate.settings import require


@dataclass(frozen=True)
class NetworkResidual:
    """A series less its forecast by a trained network.

    Attributes
    ----------
    series : callable
        From a record to what is forecast, (station, n).
    model : Forecaster
        Trained.
    scalers : mapping of str to Scaler
        By station, of its series and the inputs.
    inputs : tuple of str
        Indices that the model sees.
    threads : int
        Of torch.
    """

    series: Series
    model: Forecaster
    scalers: Mapping[str, Scaler]
    inputs: tuple[str, ...]
    threads: int

    def __call__(self, even: EvenRecord) -> Array:
        """What the forecasts leave.

        Raises
        ------
        InputError
            If an input or a station is missing, or the record is shorter than a window.
        """
        missing = [name for name in self.inputs if name not in even.indices]
        if missing:
            raise InputError(f"record: expected the inputs {self.inputs}, without {missing}")
        seen = self.series(even)
        left = np.full(seen.shape, np.nan)
        indices = [even.indices[name] for name in self.inputs]
        with threads_of_torch(self.threads):
            for row, name in enumerate(even.stations):
                if np.isfinite(seen[row]).any():
                    scaler = known(self.scalers, name)
                    forecast = predict_record(self.model, np.stack([seen[row], *indices]), scaler)
                    left[row] = seen[row] - forecast[0]
        return left


@dataclass(frozen=True)
class NetworkLearner:
    """Learns a network from a training record, and the scale of its residuals.

    Attributes
    ----------
    model : str
        One of `precursor_lib.forecast.MODELS`, or ``"linear"``.
    settings : mapping
        Its own.
    length, horizon : int or str
        Samples, or a time.
    rule : SizeRule
    learning_rate : float
    prepare : callable, optional
        From the training record to how series are made of records; the record itself by default.
    inputs : bool
        The model sees the record's indices.
    quiet, step
        As for `precursor_lib.evaluate.trials.methods.residuals.ResidualScorer`.
    """

    model: str
    settings: Mapping[str, Any]
    length: int | str
    horizon: int | str
    rule: SizeRule
    learning_rate: float = 1e-3
    prepare: Callable[[EvenRecord], Series] | None = None
    inputs: bool = False
    quiet: bool = False
    step: str | None = None

    def __call__(self, training: Training) -> ResidualScorer:
        """Learn.

        Raises
        ------
        InputError
            If the training record is not even, too short or without a window free of gaps.
        """
        even = even_record(training.calm, step=self.step)
        series = as_it_is if self.prepare is None else self.prepare(even)
        inputs = tuple(n for n, x in even.indices.items() if self.inputs and np.nanstd(x) > 0)
        length, horizon = _samples(self.length, even), _samples(self.horizon, even)
        split, scalers, cut = pooled_split(even, series(even), length, horizon, inputs)
        shape = {"length": length, "horizon": horizon, "inputs": len(inputs), **self.settings}
        if self.model == "linear":
            model = _linear(shape, split, training)
        else:
            model = forecaster(self.model, shape, seed=training.seed)
            how = training_settings(training.budget, training.seed, self.learning_rate)
            train(model, split, how, progress=False, device="cpu")
        residual = NetworkResidual(series, model, scalers, inputs, training.budget.threads)
        return learnt_scorer(
            residual, self.rule, even, training, first=cut, step=self.step, quiet=self.quiet
        )


def _samples(span: int | str, even: EvenRecord) -> int:
    return span if isinstance(span, int) else max(1, round(pd.Timedelta(span) / even.step))


def pooled_split(
    even: EvenRecord,
    series: Array,
    length: int,
    horizon: int,
    inputs: Sequence[str],
    validation: float = 0.2,
) -> tuple[Split, dict[str, Scaler], int]:
    """Windows of all stations for one network, each station scaled by itself.

    Parameters
    ----------
    even : EvenRecord
        Of the training.
    series : numpy.ndarray, shape (station, n)
        What is forecast.
    length, horizon : int
        Samples that the network sees and forecasts.
    inputs : sequence of str
        Indices that it sees.
    validation : float
        Share of the record at its end. What a validation window is to forecast no training window
        was.

    Returns
    -------
    Split
        Without a test: other records are.
    dict
        Scaler of each station, of its part for training.
    int
        First sample of the part for validation.

    Raises
    ------
    InputError
        If a station or an index does not vary, or a part is left without a window.
    """
    cut = round(series.shape[1] * (1 - validation))
    # A column of NaN keeps windows from reaching over to the next station.
    wall = np.full((1 + len(inputs), 1), np.nan)
    indices = [even.indices[name] for name in inputs]
    scalers, early, late = {}, [], []
    for name, row in zip(even.stations, series, strict=True):
        whole = np.stack([row, *indices])
        try:
            scalers[name] = Scaler.fit(whole[:, :cut])
        except InputError as error:
            raise InputError(f"training record, station {name}: {error}") from error
        scaled = scalers[name].apply(whole)
        early += [scaled[:, :cut], wall]
        late += [scaled[:, cut:], wall]
    number = len(inputs)
    both = [np.concatenate(part, axis=1).T.astype(np.float32) for part in (early, late)]
    training, rest = (
        Windows.within(part, length, horizon, stride=stride, inputs=number)
        for part, stride in zip(both, (1, horizon), strict=True)
    )
    for part, windows in (("training", training), ("validation", rest)):
        if not len(windows):
            raise InputError(
                f"training record: none of its {series.shape[1]} samples a station begins a "
                f"window of {length} + {horizon} without a gap for {part}"
            )
    nothing = Windows(both[1], rest.starts[:0], length, horizon, 0, number)
    ends = both[0].shape[0], both[1].shape[0]
    bounds = (0, ends[0]), (0, ends[1]), (ends[1], ends[1])
    identity = Scaler(np.zeros(1 + number), np.ones(1 + number))
    return Split(training, rest, nothing, identity, bounds), scalers, cut


def training_settings(budget: Budget, seed: int, learning_rate: float) -> TrainingSettings:
    """How a network spends its budget: all of it, and the weights of the best epoch."""
    return TrainingSettings(
        epochs=budget.epochs,
        windows_per_epoch=budget.windows_per_epoch,
        batch_size=budget.batch_size,
        learning_rate=learning_rate,
        patience=budget.epochs,
        threads=budget.threads,
        seed=seed,
    )


def _linear(shape: Mapping[str, Any], split: Split, training: Training) -> Forecaster:
    """The map of least squares, from as many windows as a network sees."""
    settings = require(ForecastSettings, shape, "linear")
    windows, budget = split.training, training.budget
    number = min(len(windows), budget.epochs * budget.windows_per_epoch)
    rng = np.random.default_rng(training.seed)
    x, y = windows.batch(np.sort(rng.choice(len(windows), number, replace=False)))
    layer = nn.Linear(settings.length, settings.horizon, bias=True)
    seen, target = ((part - x[:, -1:])[..., 0].numpy().astype(float) for part in (x, y))
    design = np.column_stack([seen, np.ones(number)])
    found = np.linalg.lstsq(design, target, rcond=None)[0].T
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(found[:, :-1]))
        layer.bias.copy_(torch.from_numpy(found[:, -1]))
    network = nn.Sequential(nn.Flatten(), layer, nn.Unflatten(1, (settings.horizon, 1)))
    return Forecaster("linear", settings, network)
