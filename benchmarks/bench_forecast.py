"""Training steps of LSTM, GRU and TimesNet, and whole epochs, beside what a user would take.

Run with ``python -m pytest benchmarks/bench_forecast.py``. ``FORECAST_LENGTH`` sets the window
(720), ``FORECAST_SAMPLES`` the record of the epochs (172,800), and ``PYRAFORMER_THREADS`` torch's
threads. TimesNet's authors keep it in ``thuml/Time-Series-Library``, which is no package: check it
out and name its folder in ``TIMESNET_OFFICIAL``; without it, its row is skipped.

Steps are measured as in `bench_pyraformer`: 32 windows, forward, backward and Adam, each program in
a process of its own. An epoch is all training windows of a record once: ours from views of the
record, and, beside it, the same model with ``torch.utils.data.DataLoader`` over windows that were
cut before.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks.bench_pyraformer import BATCH, THREADS, Sizes, _peak, measure
from precursor_lib.forecast import forecaster, split_windows, train

OFFICIAL = os.environ.get("TIMESNET_OFFICIAL")
LENGTH = int(os.environ.get("FORECAST_LENGTH", "720"))
SAMPLES = int(os.environ.get("FORECAST_SAMPLES", "172800"))
RECURRENT: Sizes = {"length": LENGTH, "horizon": 16, "width": 64, "layers": 2}
TIMESNET: Sizes = {"length": LENGTH, "horizon": 16, "width": 32, "inner": 32, "layers": 2}


def lstm(sizes: Sizes) -> nn.Module:
    return forecaster("lstm", sizes)


def gru(sizes: Sizes) -> nn.Module:
    return forecaster("gru", sizes)


def timesnet(sizes: Sizes) -> nn.Module:
    return forecaster("timesnet", {**sizes, "window_norm": "moments"})


def timesnet_shared(sizes: Sizes) -> nn.Module:
    return forecaster("timesnet", {**sizes, "window_norm": "moments", "shared_periods": True})


class TorchRecurrent(nn.Module):
    """A recurrent model as torch's own documentation builds it."""

    def __init__(self, sizes: Sizes, cell: type[nn.Module]) -> None:
        super().__init__()
        self.cells = cell(1, sizes["width"], sizes["layers"], batch_first=True)
        self.readout = nn.Linear(sizes["width"], sizes["horizon"])

    def forward(self, x: Tensor) -> Tensor:
        return self.readout(self.cells(x)[0][:, -1])[..., None]


def torch_lstm(sizes: Sizes) -> nn.Module:
    return TorchRecurrent(sizes, nn.LSTM)


def torch_gru(sizes: Sizes) -> nn.Module:
    return TorchRecurrent(sizes, nn.GRU)


class Official(nn.Module):
    """TimesNet's authors' program: periods shared by the batch, kernels averaged."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        assert OFFICIAL is not None
        sys.path.insert(0, OFFICIAL)
        options = {
            "task_name": "short_term_forecast",
            "seq_len": sizes["length"],
            "label_len": 0,
            "pred_len": sizes["horizon"],
            "enc_in": 1,
            "c_out": 1,
            "d_model": sizes["width"],
            "d_ff": sizes["inner"],
            "e_layers": sizes["layers"],
            "top_k": 3,
            "num_kernels": 4,
            "embed": "timeF",
            "freq": "h",
            "dropout": 0.05,
        }
        module = importlib.import_module("models.TimesNet")
        self.model = module.Model(SimpleNamespace(**options))

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x, None, None, None)


needs_official = pytest.mark.skipif(
    OFFICIAL is None or not (Path(OFFICIAL) / "models" / "TimesNet.py").exists(),
    reason="TIMESNET_OFFICIAL: expected a checkout of thuml/Time-Series-Library",
)


@pytest.mark.parametrize(
    ("program", "sizes"),
    [
        pytest.param(lstm, RECURRENT, id="LSTM, ours"),
        pytest.param(torch_lstm, RECURRENT, id="LSTM, torch"),
        pytest.param(gru, RECURRENT, id="GRU, ours"),
        pytest.param(torch_gru, RECURRENT, id="GRU, torch"),
        pytest.param(timesnet, TIMESNET, id="TimesNet, ours"),
        pytest.param(timesnet_shared, TIMESNET, id="TimesNet, ours, shared periods"),
        pytest.param(Official, TIMESNET, id="TimesNet, official", marks=needs_official),
    ],
)
def test_training_step(benchmark, program, sizes):
    benchmark.group = f"{BATCH} windows of {LENGTH} samples, {THREADS} thread(s)"
    facts = measure(benchmark, program, sizes, rounds=4)
    benchmark.extra_info["windows_per_cpu_second"] = round(BATCH / facts["cpu_seconds"])


def _record() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.sin(np.arange(SAMPLES) / 20) + rng.normal(size=SAMPLES)


def _epoch_ours() -> None:
    split = split_windows(_record(), 96, 4, evaluation_stride=16)
    model = forecaster("gru", {"length": 96, "horizon": 4, "width": 16})
    train(model, split, {"epochs": 1, "batch_size": 256, "threads": THREADS}, progress=False)


def _epoch_loader() -> None:
    """The usual way: windows cut out, a DataLoader, validation without gradients."""
    split = split_windows(_record(), 96, 4, evaluation_stride=16)
    parts = [
        torch.utils.data.TensorDataset(*part.batch(np.arange(len(part))))
        for part in (split.training, split.validation)
    ]
    model = forecaster("gru", {"length": 96, "horizon": 4, "width": 16})
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    for x, y in torch.utils.data.DataLoader(parts[0], 256, shuffle=True, drop_last=True):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        for x, y in torch.utils.data.DataLoader(parts[1], 1024):
            nn.functional.mse_loss(model.eval()(x), y)


def _answer(work: Any, connection: Any) -> None:
    torch.set_num_threads(THREADS)
    before, clock = _peak(), time.process_time()
    work()
    spent = time.process_time() - clock
    connection.send({"cpu_seconds": round(spent, 2), "added_MB": round(_peak() - before)})


@pytest.mark.parametrize(
    "work", [pytest.param(_epoch_ours, id="ours"), pytest.param(_epoch_loader, id="DataLoader")]
)
def test_epoch(benchmark, work):
    """One epoch of a small GRU over all windows of a record."""
    context = torch.multiprocessing.get_context("spawn")
    benchmark.group = f"an epoch over {SAMPLES} samples, {THREADS} thread(s)"

    def run() -> None:
        here, there = context.Pipe()
        process = context.Process(target=_answer, args=(work, there))
        process.start()
        benchmark.extra_info.update(here.recv())
        process.join()

    benchmark.pedantic(run, rounds=1)
