"""Encoder-decoder LSTM, and series that are seen and not forecast."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from precursor_lib.errors import InputError
from precursor_lib.forecast import (
    MODELS,
    Windows,
    forecaster,
    predict,
    predict_record,
    split_windows,
    train,
)
from precursor_lib.forecast.tuning import choose_model

EXTRA = {"seasonal_naive": {"season": 6}, "pyraformer": {"strides": (2, 2)}}


def record(rng, samples=600):
    """Two series that follow an input of a day before, and cannot be known without it."""
    driver = rng.normal(size=samples)
    late = np.concatenate([np.zeros(4), driver[:-4]])
    return np.stack([late, -late, driver]) + 0.01 * rng.normal(size=(3, samples))


def lstm(cells, x):
    """One LSTM layer by its equations (Hochreiter and Schmidhuber 1997; gates i, f, g, o)."""
    w, u, b, c = (
        getattr(cells, n).detach().double().numpy()
        for n in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    )
    hidden = state = np.zeros(u.shape[1])
    out = []
    for sample in x:
        i, f, g, o = np.split(w @ sample + u @ hidden + b + c, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        state = f * state + i * np.tanh(g)
        hidden = o * np.tanh(state)
        out.append(hidden)
    return np.array(out)


def test_the_network_is_the_equations():
    settings = {"length": 7, "horizon": 3, "channels": 2, "inputs": 3, "width": 5, "dropout": 0.4}
    model = forecaster("ed_lstme", settings, seed=2).eval()
    x = np.random.default_rng(0).normal(size=(7, 5))
    network = model.network
    summary = lstm(network.encoder, x)[-1]
    decoded = lstm(network.decoder, np.tile(summary, (3, 1)))
    readout = network.readout
    expected = decoded @ readout.weight.detach().double().numpy().T
    expected += readout.bias.detach().double().numpy()
    found = model(torch.tensor(x[None], dtype=torch.float32))[0].detach().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(("width", "layers", "inputs"), [(8, 1, 3), (6, 2, 0)])
def test_parameter_count(width, layers, inputs):
    settings = {"length": 9, "channels": 5, "inputs": inputs, "width": width, "layers": layers}
    first, later = 4 * width * (5 + inputs + width + 2), 4 * width * (2 * width + 2)
    expected = first + (layers - 1) * later + layers * later + 5 * width + 5
    assert forecaster("ed_lstme", settings).parameter_count == expected


def test_inputs_are_seen_and_not_forecast():
    values = np.arange(40.0).reshape(2, 20)
    values[1, 12:14] = np.nan  # the input; the windows that only have it ahead are kept
    windows = Windows.within(values.T.astype(np.float32), 4, 3, inputs=1)
    assert windows.starts.tolist() == [*range(9)]
    assert windows.left_out == 5
    x, y = windows.batch([0, 5])
    assert x.shape == (2, 4, 2)
    assert y[..., 0].tolist() == [[4, 5, 6], [9, 10, 11]]
    with pytest.raises(InputError, match="inputs 2"):
        Windows.within(values.T, 4, 3, inputs=2)


@pytest.mark.parametrize("norm", ["none", "last", "moments"])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_takes_inputs(name, norm):
    common = {"length": 24, "horizon": 3, "channels": 2, "inputs": 2, "window_norm": norm}
    model = forecaster(name, {**common, **EXTRA.get(name, {})}).eval()
    x = torch.randn(5, 24, 4, generator=torch.Generator().manual_seed(1))
    assert model(x).shape == (5, 3, 2)
    if model.parameter_count:
        other = x.clone()
        other[:, -3, 3] += 3.0
        assert not torch.equal(model(other), model(x))


def test_steps_fed_back_are_refused_with_inputs():
    settings = {"length": 8, "horizon": 2, "inputs": 1, "head": "single_step"}
    with pytest.raises(InputError, match="direct"):
        forecaster("ed_lstme", settings)


def test_training_finds_what_only_the_input_tells():
    values = record(np.random.default_rng(4))
    with_input = split_windows(values, 8, 2, inputs=1)
    alone = split_windows(values[:2], 8, 2)
    assert with_input.training.batch([0])[1].shape == (1, 2, 2)
    loss = {}
    for name, split in (("with", with_input), ("alone", alone)):
        shape = {"length": 8, "horizon": 2, "channels": 2, "inputs": split.training.inputs}
        model = forecaster("ed_lstme", {**shape, "width": 12}, seed=1)
        how = {"epochs": 30, "learning_rate": 0.02, "patience": 30}
        loss[name] = min(train(model, split, how, progress=False).validation_loss)
        forecasts, targets = predict(model, split.test)
        assert forecasts.shape == targets.shape == (len(split.test), 2, 2)
    assert loss["with"] < 0.2
    assert loss["alone"] > 0.8


def test_a_record_is_forecast_from_what_lies_before_each_block():
    values = record(np.random.default_rng(7), 200)
    split = split_windows(values, 8, 4, inputs=1)
    model = forecaster(
        "ed_lstme", {"length": 8, "horizon": 4, "channels": 2, "inputs": 1, "width": 6}
    )
    whole = predict_record(model, values, split.scaler)
    assert whole.shape == (2, 200)
    assert np.isnan(whole[:, :8]).all()
    later = values.copy()
    later[:, 108:] = 5.0  # the block from 104 on still sees what it saw
    np.testing.assert_array_equal(
        predict_record(model, later, split.scaler)[:, :108], whole[:, :108]
    )
    gap = values.copy()
    gap[2, 50] = np.nan  # a gap of the input stops the blocks that see it
    missing = np.isnan(predict_record(model, gap, split.scaler)).all(axis=0)
    assert np.flatnonzero(missing[8:]).tolist() == list(range(44, 52))


def test_a_size_is_chosen_by_validation():
    split = split_windows(record(np.random.default_rng(4), 300), 8, 2, inputs=1)
    grid = [{"width": 4}, {"width": 6}]
    choice = choose_model("ed_lstme", grid, split, {"epochs": 1})
    assert choice.settings.inputs == 1
    assert choice.settings.channels == 2
    with pytest.raises(InputError, match="the windows have 1"):
        choose_model("ed_lstme", [{"width": 4, "inputs": 0}], split, {"epochs": 1})
