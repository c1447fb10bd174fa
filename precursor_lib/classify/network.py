"""The convolutional network of the paper's Table 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from precursor_lib.classify.settings import NetworkSettings
from precursor_lib.errors import InputError
from precursor_lib.simulate.settings import require, whole_seed


class WindowClassifier(nn.Module):
    """Windows of some components in, logits of two classes out.

    The first kernel is 3 x 3, across the components; the others are 1 x 3, along time. All are
    padded so that the length stays. First weights are Glorot's uniform ones and biases are zero, as
    in the library that the paper names.

    Parameters
    ----------
    settings : NetworkSettings
        Sizes.

    Attributes
    ----------
    settings : NetworkSettings
        As given.
    layers : torch.nn.Sequential
        The layers in order.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        layers: list[nn.Module] = []
        channels, samples = 1, settings.length
        for block, filters in enumerate(settings.filters):
            if block:
                layers.append(nn.MaxPool2d((1, 2)))
                samples //= 2
            for _ in range(settings.in_a_row):
                height = 3 if not layers else 1
                layers += [
                    nn.Conv2d(channels, filters, (height, 3), padding=(height // 2, 1)),
                    nn.ReLU(),
                ]
                channels = filters
        activation = nn.ReLU() if settings.dense_activation == "relu" else nn.Softmax(dim=1)
        layers += [
            nn.Flatten(),
            nn.Linear(channels * settings.components * samples, settings.dense),
            activation,
            nn.Linear(settings.dense, 2),
        ]
        self.layers = nn.Sequential(*layers)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        # Convolutions of this shape run faster with the filters last in memory.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def parameter_count(self) -> int:
        """Numbers that training changes."""
        return sum(p.numel() for p in self.parameters())

    def forward(self, x: Tensor) -> Tensor:
        """Logits of the two classes.

        Parameters
        ----------
        x : Tensor, shape (batch, components, length)
            Scaled windows without gaps.

        Returns
        -------
        Tensor, shape (batch, 2)

        Raises
        ------
        InputError
            If the shape is another.
        """
        expected = (self.settings.components, self.settings.length)
        if x.ndim != 3 or tuple(x.shape[1:]) != expected:
            raise InputError(
                f"windows {tuple(x.shape)}: expected (batch, {expected[0]}, {expected[1]})"
            )
        return self.layers(x[:, None].to(memory_format=torch.channels_last))


def classifier(settings: Mapping[str, Any] | NetworkSettings, *, seed: int = 0) -> WindowClassifier:
    """Make a network with its first weights.

    Parameters
    ----------
    settings : mapping or NetworkSettings
        At least ``length``.
    seed : int
        Seed of the first weights. Other random numbers of torch are not disturbed.

    Raises
    ------
    InputError
        If a setting is unknown or not possible.
    """
    typed = require(NetworkSettings, settings, "network")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(whole_seed(seed))
        return WindowClassifier(typed)


def layer_table(settings: Mapping[str, Any] | NetworkSettings) -> pd.DataFrame:
    """Layers as the paper's Table 2 lists them, from the network itself.

    No memory is taken for the weights, so that the size does not matter.

    Returns
    -------
    pandas.DataFrame
        One row a layer: ``layer``, ``filters``, ``kernel``, ``activation``, ``shape`` (components,
        samples, filters; or one number) and ``parameters``.
    """
    typed = require(NetworkSettings, settings, "network")
    rows: list[dict[str, Any]] = []
    names: dict[type[nn.Module], str] = {
        nn.Conv2d: "convolution",
        nn.MaxPool2d: "max pooling",
        nn.Flatten: "flatten",
        nn.Linear: "dense",
    }
    with torch.device("meta"):
        network = WindowClassifier(typed)
        x = torch.empty(1, 1, typed.components, typed.length)
    for layer in network.layers:
        x = layer(x)
        if type(layer) not in names:
            rows[-1]["activation"] = type(layer).__name__
            continue
        kernel = getattr(layer, "kernel_size", None)
        shape = tuple(x.shape[1:])
        rows.append(
            {
                "layer": names[type(layer)],
                "filters": getattr(layer, "out_channels", None),
                "kernel": kernel and tuple(kernel),
                "activation": "",
                "shape": (*shape[1:], shape[0]) if len(shape) == 3 else shape,
                "parameters": sum(p.numel() for p in layer.parameters()),
            }
        )
    return pd.DataFrame(rows)
