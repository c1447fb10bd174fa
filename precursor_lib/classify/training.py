"""Training of the window classifier, and its answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from precursor_lib.classify.network import WindowClassifier
from precursor_lib.classify.settings import ClassifierTraining
from precursor_lib.classify.windows import LabelledWindows
from precursor_lib.errors import InputError
from precursor_lib.forecast.training import TrainingError, threads_of_torch
from precursor_lib.simulate.settings import require, whole_seed


@dataclass
class ClassifierHistory:
    """How a training went.

    Attributes
    ----------
    epochs : list of dict
        ``training_loss``, ``training_accuracy``, ``validation_loss``, ``validation_accuracy``. The
        training ones are means over the epoch's steps, each before its change of the weights.
    best_epoch : int
        Epoch (from 0) of least validation loss.
    """

    epochs: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0

    @property
    def frame(self) -> pd.DataFrame:
        """One row an epoch."""
        return pd.DataFrame(self.epochs).rename_axis("epoch")


def train_classifier(
    model: WindowClassifier,
    training: LabelledWindows,
    validation: LabelledWindows,
    settings: ClassifierTraining | Mapping[str, Any] | None = None,
) -> ClassifierHistory:
    """Train by cross-entropy, and follow loss and accuracy of both parts.

    Parameters
    ----------
    model : WindowClassifier
        Is changed.
    training, validation : LabelledWindows
        Windows; no other windows are looked at.
    settings : ClassifierTraining or mapping, optional
        How. On one machine one seed gives one result.

    Raises
    ------
    InputError
        If a setting is unknown, a part is empty, or windows are not of the model's length.
    TrainingError
        If the loss is no longer a number.
    """
    s = require(ClassifierTraining, {} if settings is None else settings, "training")
    whole_seed(s.seed)
    for name, part in (("training", training), ("validation", validation)):
        if not len(part):
            raise InputError(f"{name}: expected at least one window")
        _fits(model, part)
    history = ClassifierHistory()
    best: dict[str, torch.Tensor] = {}
    optimizer = getattr(torch.optim, s.optimizer)(model.parameters(), lr=s.rate)
    with threads_of_torch(s.threads):
        for epoch in range(s.epochs):
            order = np.random.default_rng([s.seed, epoch]).permutation(len(training))
            loss, accuracy = _one_epoch(model, training, optimizer, order, s.batch_size)
            row = {"training_loss": loss, "training_accuracy": accuracy}
            row |= _scores(model, validation, s.batch_size)
            if not all(map(math.isfinite, row.values())):
                raise TrainingError(
                    f"the loss is no number after epoch {epoch}; a smaller learning_rate than "
                    f"{s.rate:g} may help"
                )
            history.epochs.append(row)
            if row["validation_loss"] < history.epochs[history.best_epoch]["validation_loss"]:
                history.best_epoch = epoch
            if s.keep == "best" and history.best_epoch == epoch:
                best = {k: v.detach().clone() for k, v in model.state_dict().items()}
    if best:
        model.load_state_dict(best)
    model.eval()
    return history


def predict_probability(
    model: WindowClassifier, windows: LabelledWindows, *, batch_size: int = 64
) -> np.ndarray:
    """Probability of class 1 (before an earthquake) of each window, shape (windows,)."""
    _fits(model, windows)
    model.eval()
    with torch.inference_mode():
        parts = [
            torch.softmax(model(x), dim=1)[:, 1].numpy() for x, _ in windows.batches(batch_size)
        ]
    return np.concatenate(parts).astype(float) if parts else np.empty(0)


def _one_epoch(
    model: WindowClassifier,
    windows: LabelledWindows,
    optimizer: torch.optim.Optimizer,
    order: np.ndarray,
    batch_size: int,
) -> tuple[float, float]:
    model.train()
    total = right = 0.0
    for first in range(0, order.size, batch_size):
        x, y = windows.batch(order[first : first + batch_size])
        optimizer.zero_grad(set_to_none=True)
        logits = model(x)
        loss = functional.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += float((logits.argmax(dim=1) == y).sum())
    return total / order.size, right / order.size


def _scores(model: WindowClassifier, windows: LabelledWindows, batch_size: int) -> dict[str, float]:
    model.eval()
    total = right = 0.0
    with torch.inference_mode():
        for x, y in windows.batches(2 * batch_size):
            logits = model(x)
            total += functional.cross_entropy(logits, y, reduction="sum").item()
            right += float((logits.argmax(dim=1) == y).sum())
    return {"validation_loss": total / len(windows), "validation_accuracy": right / len(windows)}


def _fits(model: WindowClassifier, windows: LabelledWindows) -> None:
    shape = (windows.series.shape[0], windows.length)
    if shape != (model.settings.components, model.settings.length):
        raise InputError(
            f"windows of {shape[0]} x {shape[1]}: the network was made for "
            f"{model.settings.components} x {model.settings.length}"
        )
