"""The network of Table 2: shapes, parameters, gradients, and that it learns and repeats."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from precursor_lib.classify import (
    classifier,
    labelled_windows,
    layer_table,
    predict_probability,
    train_classifier,
)
from precursor_lib.errors import InputError

# Table 2 of the paper.
SHAPES = [
    (3, 10080, 32),
    (3, 5040, 32),
    (3, 5040, 64),
    (3, 2520, 64),
    (3, 2520, 64),
    (483840,),
    (64,),
    (2,),
]
PARAMETERS = [320, 0, 6208, 0, 12352, 0, 30965824, 130]


def test_shapes_and_parameters_are_those_of_the_table():
    table = layer_table({"length": 10080})
    assert list(table["shape"]) == SHAPES
    assert list(table["parameters"]) == PARAMETERS


def test_the_full_network_is_what_the_table_lists():
    network = classifier({"length": 10080})
    assert network.parameter_count == sum(PARAMETERS)
    with torch.inference_mode():
        assert network(torch.randn(1, 3, 10080)).shape == (1, 2)


@given(
    length=st.integers(4, 40),
    components=st.integers(1, 4),
    filters=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    in_a_row=st.integers(1, 3),
)
@settings(max_examples=25, deadline=None)
def test_parameters_by_the_closed_form(length, components, filters, in_a_row):
    # (kernel * inputs + 1) * outputs for each layer.
    expected, channels = 0, 1
    for block, number in enumerate(filters):
        for k in range(in_a_row):
            kernel = 9 if block == k == 0 else 3
            expected += (kernel * channels + 1) * number
            channels = number
    flat = channels * components * (length // 2 ** (len(filters) - 1))
    expected += (flat + 1) * 7 + (7 + 1) * 2
    sizes = {"length": length, "components": components, "filters": filters, "in_a_row": in_a_row}
    network = classifier({**sizes, "dense": 7})
    assert network.parameter_count == expected
    assert layer_table({**sizes, "dense": 7})["parameters"].sum() == expected
    assert network(torch.zeros(2, components, length)).shape == (2, 2)


def test_forward_by_hand():
    """Convolutions, poolings and dense layers written out in numpy."""
    network = classifier({"length": 9, "filters": (2, 3), "dense": 4}, seed=3)
    x = np.random.default_rng(0).standard_normal((3, 9))
    weights = {k: v.detach().numpy() for k, v in network.state_dict().items()}

    def convolve(a, w, b):
        high = w.shape[2] // 2
        padded = np.pad(a, ((0, 0), (high, high), (1, 1)))
        out = np.zeros((w.shape[0], *a.shape[1:]))
        for o, i, j in np.ndindex(*out.shape):
            out[o, i, j] = np.sum(padded[:, i : i + w.shape[2], j : j + 3] * w[o]) + b[o]
        return np.maximum(out, 0)

    a = convolve(x[None], weights["layers.0.weight"], weights["layers.0.bias"])
    a = np.maximum(a[..., 0:8:2], a[..., 1:8:2])
    a = convolve(a, weights["layers.3.weight"], weights["layers.3.bias"])
    a = np.maximum(weights["layers.6.weight"] @ a.ravel() + weights["layers.6.bias"], 0)
    a = weights["layers.8.weight"] @ a + weights["layers.8.bias"]
    got = network(torch.from_numpy(x[None].astype(np.float32))).detach().numpy()[0]
    np.testing.assert_allclose(got, a, atol=1e-5)


def test_gradients_agree_with_differences():
    network = classifier({"length": 8, "filters": (2, 2), "dense": 3}, seed=1).double()
    x = torch.randn(2, 3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([0, 1])

    def loss(*_):
        return functional.cross_entropy(network(x), y)

    for parameter in network.parameters():
        assert torch.autograd.gradcheck(loss, (parameter,), atol=1e-6)


def test_softmax_stands_where_it_is_asked_for():
    printed = classifier({"length": 8, "dense_activation": "softmax"})
    inner = printed.layers[:-1](torch.randn(4, 1, 3, 8))
    np.testing.assert_allclose(inner.sum(dim=1).detach(), np.ones(4), rtol=1e-5)
    assert layer_table({"length": 8, "dense_activation": "softmax"})["activation"][6] == "Softmax"


def bumps(windows=120, length=32, seed=0):
    """Noise, and a bump in every second window."""
    rng = np.random.default_rng(seed)
    series = rng.standard_normal((3, windows * length)).astype(np.float32)
    labels = np.arange(windows) % 2
    starts = np.arange(windows) * length
    for start in starts[labels == 1]:
        series[:, start + 8 : start + 24] += 2.0
    return labelled_windows(series, starts, labels, length)


def test_it_learns_a_plain_signal_and_one_seed_gives_one_result():
    windows = bumps()
    training, validation = windows.subset(np.arange(80)), windows.subset(np.arange(80, 120))
    runs = []
    for _ in range(2):
        network = classifier({"length": 32, "filters": (8, 8)}, seed=1)
        history = train_classifier(network, training, validation, {"epochs": 8, "threads": 1})
        runs.append((history.frame, predict_probability(network, validation)))
    assert runs[0][0].equals(runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    assert runs[0][0]["validation_accuracy"].iloc[-1] > 0.9
    assert ((runs[0][1] > 0.5) == validation.labels).mean() > 0.9


def test_the_best_epoch_is_kept():
    windows = bumps(60)
    # Labels that cannot be learnt: the validation loss rises again.
    windows = windows.relabelled(np.random.default_rng(0).integers(0, 2, 60))
    training, validation = windows.subset(np.arange(40)), windows.subset(np.arange(40, 60))
    network = classifier({"length": 32, "filters": (8,)}, seed=2)
    settings_ = {"epochs": 12, "learning_rate": 0.02, "keep": "best", "threads": 1}
    history = train_classifier(network, training, validation, settings_)
    p = predict_probability(network, validation)
    loss = -np.log(np.where(validation.labels == 1, p, 1 - p)).mean()
    assert loss == pytest.approx(history.frame["validation_loss"].min(), rel=1e-4)
    assert history.best_epoch == history.frame["validation_loss"].argmin() < 11


@pytest.mark.parametrize("name", ["Adam", "Adagrad", "Adamax", "SGD", "RMSprop"])
def test_each_optimiser_lowers_the_loss(name):
    windows = bumps(64)
    network = classifier({"length": 32, "filters": (4,)}, seed=0)
    frame = train_classifier(
        network, windows, windows, {"epochs": 6, "optimizer": name, "threads": 1}
    ).frame
    assert frame["training_loss"].iloc[-1] < frame["training_loss"].iloc[0]


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"length": 3}, "length 3: expected 4 or more"),
        ({"length": 8, "filter": (3,)}, "filters"),
        ({"length": 8, "filters": ()}, "one block or more"),
        ({"length": 0}, "network.length"),
    ],
)
def test_bad_settings_are_named(settings_, words):
    with pytest.raises(InputError, match=words):
        classifier(settings_)


def test_windows_of_another_shape_are_refused():
    network = classifier({"length": 32})
    with pytest.raises(InputError, match=r"expected \(batch, 3, 32\)"):
        network(torch.zeros(1, 3, 31))
    windows = bumps(8, length=16)
    with pytest.raises(InputError, match="3 x 16"):
        train_classifier(network, windows, windows)
    with pytest.raises(InputError, match="at least one window"):
        train_classifier(network, windows.subset(np.arange(0)), windows)
