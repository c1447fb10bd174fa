"""Training with early stopping, to the same result whether it was stopped between or not."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from precursor_lib.errors import InputError, PrecursorError
from precursor_lib.forecast.checkpoints import fingerprint, load_checkpoint, save_checkpoint
from precursor_lib.forecast.models import Forecaster
from precursor_lib.forecast.settings import TrainingSettings
from precursor_lib.forecast.windows import Split, Windows
from precursor_lib.simulate.settings import require, whole_seed


class TrainingError(PrecursorError):
    """A training could not go on."""


@dataclass
class TrainingRecord:
    """How a training went.

    Attributes
    ----------
    training_loss, validation_loss : list of float
        Mean of each epoch, in scaled units.
    seconds : list of float
        Wall time of each epoch, validation included.
    best_epoch : int
        Epoch (from 0) whose weights the model has; -1 for a model without weights.
    stopped : str
        ``"early"``, ``"epochs"``, or ``"nothing to train"``.
    device : str
        Where it ran.
    """

    training_loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    best_epoch: int = -1
    stopped: str = ""
    device: str = "cpu"

    @property
    def frame(self) -> pd.DataFrame:
        """One row an epoch: ``training_loss``, ``validation_loss``, ``seconds``."""
        columns = {
            name: getattr(self, name) for name in ("training_loss", "validation_loss", "seconds")
        }
        return pd.DataFrame(columns).rename_axis("epoch")


LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": functional.mse_loss,
    "mae": functional.l1_loss,
}


def train(
    model: Forecaster,
    split: Split,
    settings: TrainingSettings | Mapping[str, Any] | None = None,
    *,
    checkpoint: Path | str | None = None,
    progress: bool = True,
    device: str | None = None,
) -> TrainingRecord:
    """Train on the training windows until the validation loss no longer falls.

    The model ends with the weights of the epoch of least validation loss. The test windows are not
    looked at.

    Parameters
    ----------
    model : Forecaster
        Is changed. It has to have its first weights, also when a training goes on.
    split : Split
        Windows.
    settings : TrainingSettings or mapping, optional
        How.
    checkpoint : path, optional
        File to go on from, and to keep the state in. On a CPU the result is the same to the bit as
        without a stop. It may come from another device.
    progress : bool
        Show a bar with the time left (at most: early stopping may end it sooner).
    device : str, optional
        CUDA if there is one, else the CPU.

    Returns
    -------
    TrainingRecord

    Raises
    ------
    InputError
        If a setting is unknown, the windows are not the model's, or the checkpoint is another's.
    TrainingError
        If the loss is no longer a number.
    """
    s = require(TrainingSettings, {} if settings is None else settings, "training")
    whole_seed(s.seed)
    m = model.settings
    if (split.training.length, split.training.horizon) != (m.length, m.horizon):
        raise InputError(
            f"windows of {split.training.length} + {split.training.horizon} samples: the "
            f"{model.name} model was made for {m.length} + {m.horizon}"
        )
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    with threads_of_torch(s.threads), torch.random.fork_rng():
        run = _Run(model, split, s, where, None if checkpoint is None else Path(checkpoint))
        if model.parameter_count:
            run.all_epochs(progress)
        else:
            run.record.validation_loss.append(run.validate())
            run.record.stopped = "nothing to train"
    return run.record


@contextmanager
def threads_of_torch(number: int | None) -> Iterator[None]:
    """Let torch use so many threads meanwhile; None leaves them as they are."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Run:
    """One training: what a checkpoint holds, and the steps between two of them."""

    def __init__(
        self,
        model: Forecaster,
        split: Split,
        settings: TrainingSettings,
        device: torch.device,
        path: Path | None,
    ) -> None:
        self.settings = settings
        self.split = split
        self.device = device
        self.path = path
        self.key = "" if path is None else fingerprint(model, split, settings)
        self.model = model.to(device)
        self.record = TrainingRecord(device=str(device))
        self.epoch = self.step = 0
        self.total = self.spent = 0.0
        self.best: dict[str, Tensor] = {}
        self.random: Tensor | None = None
        if model.parameter_count:
            self.optimizer = torch.optim.AdamW(
                model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
            )
        found = None if path is None else load_checkpoint(path, self.key)
        if found is not None:
            self.model.load_state_dict(found.pop("model"))
            self.optimizer.load_state_dict(found.pop("optimizer"))
            self.record = TrainingRecord(**found.pop("record"))
            vars(self).update(found)
            if torch.device(self.record.device).type != device.type:
                self.random = None  # another device draws other numbers: the epoch's begin anew
            self.record.device = str(device)

    def save(self) -> None:
        if self.path is None:
            return
        state = {name: getattr(self, name) for name in ("epoch", "step", "total", "spent", "best")}
        state |= {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "record": vars(self.record),
            "random": _random_state(self.device) if self.step else None,
        }
        save_checkpoint(self.path, self.key, state)

    def all_epochs(self, progress: bool) -> None:
        s = self.settings
        windows = len(self.split.training)
        drawn = min(windows, s.windows_per_epoch or windows)
        steps = max(1, drawn // s.batch_size)
        with tqdm(
            total=s.epochs * steps,
            initial=self.epoch * steps + self.step,
            desc=self.model.name,
            unit="step",
            disable=not progress,
        ) as bar:
            while not self.record.stopped:
                self.one_epoch(steps, bar)
        self.model.load_state_dict(self.best)
        self.model.eval()

    def one_epoch(self, steps: int, bar: Any) -> None:
        s, clock = self.settings, time.perf_counter() - self.spent
        # All of an epoch's random numbers follow from the seed and its number.
        seeds = np.random.SeedSequence([s.seed, self.epoch])
        order = np.random.default_rng(seeds).permutation(len(self.split.training))
        if self.random is None:
            torch.manual_seed(int(seeds.generate_state(1)[0]))
        else:
            _restore_random_state(self.random, self.device)
            self.random = None
        for group in self.optimizer.param_groups:
            group["lr"] = s.learning_rate * (1 - s.decay) ** self.epoch
        self.model.train()
        while self.step < steps:
            first = self.step * s.batch_size
            self.total += self.one_step(order[first : first + s.batch_size])
            self.step += 1
            bar.update()
            if s.checkpoint_steps and self.step % s.checkpoint_steps == 0 and self.step < steps:
                self.spent = time.perf_counter() - clock
                self.save()
        record = self.record
        record.training_loss.append(self.total / steps)
        record.validation_loss.append(self.validate())
        record.seconds.append(time.perf_counter() - clock)
        bar.set_postfix(
            training=f"{record.training_loss[-1]:.4g}",
            validation=f"{record.validation_loss[-1]:.4g}",
        )
        if record.best_epoch < 0 or record.validation_loss[-1] < min(record.validation_loss[:-1]):
            record.best_epoch = self.epoch
            self.best = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.epoch, self.step, self.total, self.spent = self.epoch + 1, 0, 0.0, 0.0
        if self.epoch - 1 - record.best_epoch >= s.patience:
            record.stopped = "early"
        elif self.epoch == s.epochs:
            record.stopped = "epochs"
        self.save()

    def one_step(self, chosen: np.ndarray) -> float:
        x, y = self.split.training.batch(chosen)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(x, y)
        value = self.finite(loss.item())
        loss.backward()
        if self.settings.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.optimizer.step()
        return value

    def finite(self, loss: float) -> float:
        if not math.isfinite(loss):
            raise TrainingError(
                f"{self.model.name}: the loss is {loss} after step {self.step} of epoch "
                f"{self.epoch}; a smaller learning_rate or clip may help"
            )
        return loss

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.bf16):
            forecast = self.model(x.to(self.device))
        return LOSSES[self.settings.loss](forecast.float(), y.to(self.device))

    def validate(self) -> float:
        windows: Windows = self.split.validation
        total = 0.0
        self.model.eval()
        with torch.inference_mode():
            for x, y in windows.batches(4 * self.settings.batch_size):
                total += self.loss(x, y).item() * len(x)
        return self.finite(total / len(windows))


def _random_state(device: torch.device) -> Tensor:
    """State of the generator that dropout draws from on a device."""
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.random.get_rng_state()


def _restore_random_state(state: Tensor, device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.random.set_rng_state(state)
