"""Training and answers of the window classifier, beside plain torch and scikit-learn.

The peers: a loop in plain torch over windows that were all copied first, as in many examples, and
scikit-learn's multilayer perceptron of the same dense width on the flattened windows.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from torch import nn

from precursor_lib.classify import (
    classifier,
    labelled_windows,
    predict_probability,
    train_classifier,
)

LENGTHS = [144, 1008, 10080]
WINDOWS, BATCH = 64, 32


def windows(length, number=WINDOWS):
    rng = np.random.default_rng(0)
    series = rng.standard_normal((3, length * (number + 1) // 2)).astype(np.float32)
    # Each window shares half of its samples with the next one.
    starts = np.arange(number) * (length // 2)
    return labelled_windows(series, starts, np.arange(number) % 2, length)


def plain_network(length):
    flat = 64 * 3 * (length // 4)
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d((1, 2)),
        nn.Conv2d(32, 64, (1, 3), padding=(0, 1)),
        nn.ReLU(),
        nn.MaxPool2d((1, 2)),
        nn.Conv2d(64, 64, (1, 3), padding=(0, 1)),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(flat, 64),
        nn.ReLU(),
        nn.Linear(64, 2),
    )


@pytest.mark.parametrize("length", LENGTHS)
def test_one_epoch(benchmark, length):
    data = windows(length)
    network = classifier({"length": length})
    settings = {"epochs": 1, "batch_size": BATCH}
    benchmark.pedantic(
        train_classifier, (network, data, data.subset([0]), settings), rounds=3, warmup_rounds=1
    )


@pytest.mark.parametrize("length", LENGTHS)
def test_one_epoch_in_plain_torch(benchmark, length):
    x, y = windows(length).batch(np.arange(WINDOWS))
    network = plain_network(length)
    optimizer = torch.optim.Adam(network.parameters())

    def epoch():
        for first in range(0, WINDOWS, BATCH):
            optimizer.zero_grad(set_to_none=True)
            logits = network(x[first : first + BATCH, None])
            nn.functional.cross_entropy(logits, y[first : first + BATCH]).backward()
            optimizer.step()

    benchmark.pedantic(epoch, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("length", LENGTHS)
def test_one_epoch_of_scikit_learn(benchmark, length):
    x, y = windows(length).batch(np.arange(WINDOWS))
    flat, labels = x.numpy().reshape(WINDOWS, -1), y.numpy()

    def epoch():
        # One epoch is no end of a training, which scikit-learn warns of.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            MLPClassifier((64,), batch_size=BATCH, max_iter=1).fit(flat, labels)

    benchmark.pedantic(epoch, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("length", LENGTHS)
def test_answers(benchmark, length):
    data = windows(length)
    network = classifier({"length": length})
    benchmark.pedantic(predict_probability, (network, data), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("length", LENGTHS)
def test_answers_in_plain_torch(benchmark, length):
    x, _ = windows(length).batch(np.arange(WINDOWS))
    network = plain_network(length).eval()

    def answers():
        with torch.inference_mode():
            return [network(x[k : k + 64, None]).softmax(dim=1) for k in range(0, WINDOWS, 64)]

    benchmark.pedantic(answers, rounds=3, warmup_rounds=1)
