"""Classifiers of windows, taught by examples: the CNN paper's network, and a simple rival."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import torch
import xarray as xr
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from precursor_lib.classify.network import WindowClassifier, classifier
from precursor_lib.classify.training import train_classifier
from precursor_lib.classify.windows import LabelledWindows, joined, labelled_windows
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.blocks import block_of, block_scores
from precursor_lib.evaluate.trials.kinds import Budget, Method, Scorer, Training
from precursor_lib.forecast.training import threads_of_torch

Span: TypeAlias = str | pd.Timedelta | None
Measure: TypeAlias = Callable[[LabelledWindows], np.ndarray]
# Share of the training record's sources, the last ones, that validation takes.
_VALIDATION = 0.25
# Length of a window relative to the longest source.
_ROOM = 1.5


def cnn(
    *,
    joint: bool = False,
    window: Span = None,
    stride: Span = None,
    filters: Sequence[int] = (32, 64, 64),
    dense: int = 64,
    learning_rate: float | None = None,
    longest_gap: int = 3,
    name: str = "CNN",
) -> Method:
    """The convolutional network of Petrescu and Moldovan (2022) on windows within a block.

    It learns to tell windows that hold a source from windows that do not. Its advantage over all
    that learn from calm records alone: it is shown what it will be asked for, sources of the same
    kind as those it is tried on. As in the paper, windows are scaled by their own largest value,
    so that it sees shape and not size. The score is the logit, log p / (1 - p), of the block's
    strangest window, and the peak the middle of that window.

    Parameters
    ----------
    joint : bool
        All stations are one input, as the paper's three components; else one network of a single
        row is taught on all stations and judges each by itself.
    window : str or pandas.Timedelta, optional
        Length of the windows, a block at most. By default half as long again as the longest
        source that it is shown. The paper has an hour, a day and a week.
    stride : str or pandas.Timedelta, optional
        From one window of a block to the next, a quarter of a window by default.
    filters, dense : sequence of int, int
        As in `precursor_lib.classify.NetworkSettings`.
    learning_rate : float, optional
        As in `precursor_lib.classify.ClassifierTraining`.
    longest_gap : int
        Samples of a gap that is filled by the window's mean; a window with a longer one is not
        judged.
    name : str
        Of the method.
    """
    network = {"filters": tuple(filters), "dense": dense}
    teach = partial(_train, network, learning_rate)
    learn = partial(_learn, teach, joint, window, stride, longest_gap)
    return Method(name, learn, paper="cnn", joint=joint)


def logistic_power(
    *,
    joint: bool = False,
    window: Span = None,
    stride: Span = None,
    longest_gap: int = 3,
    name: str = "Logistic band power",
) -> Method:
    """Logistic regression on the logarithm of a window's power in octaves.

    It is taught on the same windows as `cnn`, and scores as it does.

    Parameters
    ----------
    joint, window, stride, longest_gap, name
        As for `cnn`.
    """
    return Method(name, partial(_learn, _fit, joint, window, stride, longest_gap), joint=joint)


@dataclass(frozen=True)
class WindowScorer:
    """Scores blocks by the windows in them.

    Attributes
    ----------
    measure : callable
        From windows to their logits.
    level : mapping
        What is taken off each station's values before they are kept in single precision.
    samples, stride : int
        Length of a window, and from one to the next.
    longest_gap : int
    block : str or pandas.Timedelta
    joint : bool
    """

    measure: Measure
    level: Mapping[Any, float]
    samples: int
    stride: int
    longest_gap: int
    block: str | pd.Timedelta
    joint: bool

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        """Scores of a record's blocks.

        Raises
        ------
        InputError
            If no block holds a window, or a station was not learnt.
        """
        times = record["time"].to_numpy()
        starts = _in_blocks(times, self.samples, self.stride, self.block)
        names = list(record["station"].to_numpy())
        rows = _rows(record, self.level)
        inputs = [rows] if self.joint else [row[None] for row in rows]
        logits = np.full((len(inputs), starts.size), np.nan)
        for number, series in enumerate(inputs):
            windows = _windows(series, starts, 0, self.samples, self.longest_gap)
            if len(windows):
                logits[number, np.searchsorted(starts, windows.starts)] = self.measure(windows)
        middle = times[starts] + (times[starts + self.samples - 1] - times[starts]) / 2
        return block_scores(middle, logits, self.block, ["network"] if self.joint else names)


def _learn(
    teach: Callable[[LabelledWindows, LabelledWindows, Training], Measure],
    joint: bool,
    window: Span,
    stride: Span,
    longest_gap: int,
    training: Training,
) -> Scorer:
    times, events = training.calm["time"].to_numpy(), training.events
    step, block = pd.Timedelta(np.diff(times).min()), pd.Timedelta(training.block)
    longest = min(_ROOM * (events["end"] - events["start"]).max(), block)
    length = longest if window is None else pd.Timedelta(window)
    samples = round(length / step)
    between = samples // 4 if stride is None else round(pd.Timedelta(stride) / step)
    if samples < 4 or between < 1 or length > block:
        raise InputError(
            f"window {length}, stride {stride}: expected four steps of {step} or more and a block "
            f"at most, and a step or more"
        )
    value = training.calm["value"]
    level = dict(
        zip(value["station"].to_numpy(), value.median("time").fillna(0.0).to_numpy(), strict=True)
    )
    taught, validation = _examples(training, level, samples, joint, longest_gap)
    measure = teach(taught, validation, training)
    return WindowScorer(measure, level, samples, between, longest_gap, training.block, joint)


def _examples(
    training: Training, level: Mapping[Any, float], samples: int, joint: bool, longest_gap: int
) -> tuple[LabelledWindows, LabelledWindows]:
    """Windows for training and validation: with a source, and the same without it.

    A window holds its source whole, at a random place, or lies within it where the source is
    longer. Both classes stand at the same times, so that neither hour nor weather tells them apart.
    """
    times, events = training.calm["time"].to_numpy(), training.events
    first = np.searchsorted(times, events["start"].to_numpy())
    last = np.searchsorted(times, events["end"].to_numpy(), side="right") - 1
    low, high = np.minimum(first, last - samples + 1), np.maximum(first, last - samples + 1)
    cut = len(events) - max(1, round(_VALIDATION * len(events)))
    if cut < 1:
        raise InputError(f"events: expected two sources or more to learn from, got {len(events)}")
    pairs = training.budget.windows_per_epoch // 2
    calm, loud = (_rows(r, level) for r in (training.calm, training.sources))
    # What is put in at one time: all rows, or one station's.
    rows = [slice(None)] if joint else [slice(n, n + 1) for n in range(len(calm))]
    rng = np.random.default_rng(training.seed)

    def part(chosen: np.ndarray, number: int) -> LabelledWindows:
        sets = []
        for row in rows:
            event = rng.choice(chosen, max(1, number // len(rows)))
            starts = rng.integers(low[event], high[event] + 1)
            starts = starts[_unbroken(times, starts, samples)]
            for label, series in enumerate((calm[row], loud[row])):
                sets.append(_windows(series, starts, label, samples, longest_gap))
        found = joined(sets)
        if not len(found):
            raise InputError(f"record: no window of {samples} samples with a source and no gap")
        return found

    return part(np.arange(cut), pairs), part(np.arange(cut, len(events)), pairs // 4)


def _train(
    network: Mapping[str, Any],
    learning_rate: float | None,
    windows: LabelledWindows,
    validation: LabelledWindows,
    training: Training,
) -> Measure:
    budget = training.budget
    shape = {"length": windows.length, "components": windows.series.shape[0]}
    model = classifier({**shape, **network}, seed=training.seed)
    how = {
        "epochs": budget.epochs,
        "batch_size": budget.batch_size,
        "learning_rate": learning_rate,
        "keep": "best",
        "seed": training.seed,
        "threads": budget.threads,
    }
    train_classifier(model, windows, validation, how)
    return partial(_logits, model, budget)


def _fit(windows: LabelledWindows, validation: LabelledWindows, training: Training) -> Measure:
    del validation
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(_octaves(windows), windows.labels)
    return partial(_odds, model)


def _logits(model: WindowClassifier, budget: Budget, windows: LabelledWindows) -> np.ndarray:
    """Logits themselves: a probability in single precision is 1 from 17 on."""
    with threads_of_torch(budget.threads), torch.inference_mode():
        parts = [model(x) for x, _ in windows.batches(budget.batch_size)]
    logits = torch.cat(parts).numpy().astype(float)
    return logits[:, 1] - logits[:, 0]


def _odds(model: Pipeline, windows: LabelledWindows) -> np.ndarray:
    return np.asarray(model.decision_function(_octaves(windows)))


def _octaves(windows: LabelledWindows) -> np.ndarray:
    """Logarithm of the power in octaves of each component, shape (windows, features)."""
    x = windows.view()[:, windows.starts].astype(float)
    x = np.where(np.isnan(x), np.nanmean(x, axis=-1, keepdims=True), x)
    x = (x - x.mean(axis=-1, keepdims=True)) * np.hanning(windows.length)
    power = np.abs(np.fft.rfft(x)[..., 1:]) ** 2
    edges = 2 ** np.arange(int(np.log2(power.shape[-1])) + 1) - 1
    octaves = np.log(np.add.reduceat(power, edges, axis=-1) + 1e-12)
    return octaves.swapaxes(0, 1).reshape(len(windows), -1)


def _windows(
    series: np.ndarray, starts: np.ndarray, label: int, samples: int, longest_gap: int
) -> LabelledWindows:
    labels = np.full(starts.size, label)
    return labelled_windows(series, starts, labels, samples, longest_gap=longest_gap)


def _rows(record: xr.Dataset, level: Mapping[Any, float]) -> np.ndarray:
    """Values less each station's level, (station, time) in single precision."""
    names = list(record["station"].to_numpy())
    unknown = [name for name in names if name not in level]
    if unknown:
        raise InputError(f"record: the method learnt from {list(level)}, not from {unknown[0]}")
    values = record["value"].transpose("station", "time").to_numpy()
    return (values - np.array([level[n] for n in names])[:, None]).astype(np.float32)


def _unbroken(times: np.ndarray, starts: np.ndarray, samples: int) -> np.ndarray:
    """Which windows lie in the record and span no break in its times."""
    inside = (starts >= 0) & (starts + samples <= times.size)
    first = np.where(inside, starts, 0)
    last = np.minimum(first + samples - 1, times.size - 1)
    return inside & (times[last] - times[first] == (samples - 1) * np.diff(times).min())


def _in_blocks(
    times: np.ndarray, samples: int, stride: int, block: str | pd.Timedelta
) -> np.ndarray:
    """Starts of windows that lie within a block, from the block's first sample on."""
    _, first, size = np.unique(block_of(times, block), return_index=True, return_counts=True)
    starts = np.concatenate(
        [np.arange(a, a + n - samples + 1, stride) for a, n in zip(first, size, strict=True)]
    ).astype(int)
    starts = starts[_unbroken(times, starts, samples)]
    if not starts.size:
        raise InputError(f"record: no block of {pd.Timedelta(block)} holds {samples} samples")
    return starts
