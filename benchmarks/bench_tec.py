"""Training steps and forecasts of TEC: ED-LSTME beside a plain LSTM sequence-to-sequence model.

Run with ``python -m pytest benchmarks/bench_tec.py -s``. ``TEC_THREADS`` sets torch's threads (1:
other load disturbs least), ``TEC_ROUNDS`` how often each step is timed.

The plain model is what torch's users write with ``torch.nn.LSTM``: an encoder, and a decoder that
starts from its state and gets its own last forecast, step by step. Both see three days of
five stations and three indices, forecast a day, and have the same width; `SIZES` has hourly and
quarter-hourly sampling. Each row says

- ``weights``: numbers that training changes;
- ``train_ms``: least processor time of a step of 64 windows, forward, backward and Adam;
- ``forecast_ms``: least processor time of forecasts of 64 windows.

`test_baselines` times the fit and the forecasts of scikit-learn's regressors and of ARIMA on a
simulated year, a trial each.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from precursor_lib.forecast import forecaster
from precursor_lib.forecast.classical import choose_classical
from precursor_lib.pipelines.tec_models import GRIDS
from precursor_lib.pipelines.tec_record import prepare_tec
from precursor_lib.simulate.space_weather import real_activity
from precursor_lib.simulate.tec import tec_network

THREADS = int(os.environ.get("TEC_THREADS", "1"))
ROUNDS = int(os.environ.get("TEC_ROUNDS", "10"))
BATCH, CHANNELS, INPUTS, WIDTH = 64, 5, 3, 32
SIZES = {"hourly": (72, 24), "quarter-hourly": (288, 96)}


class PlainSequence(nn.Module):
    """Encoder and decoder of ``torch.nn.LSTM``; each forecast is the decoder's next input."""

    def __init__(self, horizon: int) -> None:
        super().__init__()
        self.horizon = horizon
        self.encoder = nn.LSTM(CHANNELS + INPUTS, WIDTH, batch_first=True)
        self.decoder = nn.LSTM(CHANNELS, WIDTH, batch_first=True)
        self.readout = nn.Linear(WIDTH, CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        _, state = self.encoder(x)
        last, steps = x[:, -1:, :CHANNELS], []
        for _ in range(self.horizon):
            hidden, state = self.decoder(last, state)
            last = self.readout(hidden)
            steps.append(last)
        return torch.cat(steps, dim=1)


def least(step: Callable[[], object]) -> float:
    """Least processor time of a call in ms, after one that does not count."""
    step()
    spent = []
    for _ in range(ROUNDS):
        clock = time.process_time()
        step()
        spent.append(time.process_time() - clock)
    return 1000 * min(spent)


def timed(model: nn.Module, length: int, horizon: int) -> dict[str, float]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(BATCH, length, CHANNELS + INPUTS, generator=generator)
    y = torch.randn(BATCH, horizon, CHANNELS, generator=generator)
    optimizer = torch.optim.Adam(model.parameters())

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()

    def forecast() -> Tensor:
        with torch.inference_mode():
            return model(x)

    assert forecast().shape == y.shape
    return {
        "weights": sum(p.numel() for p in model.parameters()),
        "train_ms": least(step),
        "forecast_ms": least(forecast),
    }


@pytest.mark.parametrize("sampling", SIZES)
def test_beside_a_plain_sequence_model(sampling):
    length, horizon = SIZES[sampling]
    torch.set_num_threads(THREADS)
    shape = {"length": length, "horizon": horizon, "channels": CHANNELS, "inputs": INPUTS}
    rows = {
        "ED-LSTME": timed(forecaster("ed_lstme", {**shape, "width": WIDTH}), length, horizon),
        "torch.nn.LSTM, fed back": timed(PlainSequence(horizon), length, horizon),
    }
    print(f"\n{sampling}, {THREADS} thread(s)\n{pd.DataFrame(rows).T.round(2).to_string()}")
    assert rows["ED-LSTME"]["forecast_ms"] < rows["torch.nn.LSTM, fed back"]["forecast_ms"]


def test_baselines():
    stations = [
        {"id": f"S{number}", "latitude": 42.0 + number, "longitude": 86.0} for number in range(5)
    ]
    data = tec_network(seed=1, stations=stations, start="2015-01-01", end="2016-01-01", step="1h")
    record = prepare_tec(data, real_activity(), validation="2015-09-01", test="2015-11-01")
    split = record.split(3, stride=4)
    rows = {}
    for name, grid in GRIDS.items():
        if name != "ed_lstme":
            choice = choose_classical(name, grid[-1:], split, season=24, samples=2000)
            forecast = least(lambda model=choice.model: model.predict(split.test))
            rows[name] = {"fit_s": choice.table["seconds"].sum(), "forecast_ms": forecast}
    print(f"\n{len(split.test)} test windows\n{pd.DataFrame(rows).T.round(2).to_string()}")
    assert set(rows) == set(GRIDS) - {"ed_lstme"}
