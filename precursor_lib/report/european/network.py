"""The network of Table 2: what its numbers say, what it costs, and a drawing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from precursor_lib.classify import (
    LabelledWindows,
    classifier,
    labelled_windows,
    layer_table,
    train_classifier,
)
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn
from precursor_lib.report.verdict import Claim

LAYERS = ("conv1", "pool1", "conv2", "pool2", "conv3", "flat", "dense1", "dense2")


def deduced_kernels(ledger: Mapping[str, Claim]) -> dict[str, list[int]]:
    """Kernels that the printed parameters ask for: weights an input and output filter.

    Nine are 3 x 3; three are 1 x 3, for a kernel across components alone would be no convolution in
    time.
    """
    found, inputs = {}, 1
    for name in ("conv1", "conv2", "conv3"):
        filters = int(printed(ledger, f"shape-{name}")[-1])
        weights = printed(ledger, f"parameters-{name}") / filters - 1
        found[name] = [3, 3] if weights / inputs == 9 else [1, round(weights / inputs)]
        inputs = filters
    return found


def printed(ledger: Mapping[str, Claim], name: str) -> Any:
    """Published value of a claim on Table 2."""
    return ledger[f"cnn-tab2-{name}"].published


def deduced_input(ledger: Mapping[str, Claim]) -> list[int]:
    """Components and samples of a window that the first dense layer's parameters ask for.

    Two poolings leave a quarter of the samples.
    """
    width, filters = 64, int(printed(ledger, "shape-conv3")[-1])
    flat = (printed(ledger, "parameters-dense1") - width) // width
    components = int(printed(ledger, "shape-conv3")[0])
    return [components, 4 * flat // (filters * components)]


def table_of_layers(settings: Mapping[str, Any]) -> pd.DataFrame:
    """The layers as Table 2 lists them, as text."""
    table = layer_table(settings)
    return pd.DataFrame(
        {
            "filters": ["" if pd.isna(n) else f"{int(n)}" for n in table["filters"]],
            "window": ["" if k is None else f"{k[0]} × {k[1]}" for k in table["kernel"]],
            "activation": table["activation"],
            "output": [" × ".join(f"{n:,}" for n in shape) for shape in table["shape"]],
            "parameters": [f"{n:,}" for n in table["parameters"]],
        },
        index=pd.Index(table["layer"], name="layer"),
    )


def table_values(ledger: Mapping[str, Claim], learnt: pd.DataFrame) -> dict[str, Any]:
    """Values of the ledger's claims on Table 2, from the network itself.

    Parameters
    ----------
    ledger : mapping
        Published values.
    learnt : pandas.DataFrame
        As `softmax_trial` gives it.
    """
    components, samples = deduced_input(ledger)
    table = layer_table({"length": samples, "components": components})
    values: dict[str, Any] = {"cnn-tab2-input": [components, samples]}
    for name, shape, number in zip(LAYERS, table["shape"], table["parameters"], strict=True):
        if name in ("conv1", "pool1", "conv2", "pool2", "conv3", "flat"):
            shown = list(shape)
            values[f"cnn-tab2-shape-{name}"] = shown if len(shown) > 1 else shown[0]
        if number:
            values[f"cnn-tab2-parameters-{name}"] = number
    for name, kernel in deduced_kernels(ledger).items():
        values[f"cnn-tab2-kernel-{name}"] = kernel
    last = learnt[learnt["epoch"] == learnt["epoch"].max()]
    accuracy = last.groupby("activation")["validation_accuracy"].mean()
    loss = last.groupby("activation")["training_loss"].mean()
    values["cnn-tab2-padding"] = table["shape"][0][1] == samples
    values["cnn-tab2-softmax"] = "last layer"
    values["cnn-tab2-softmax-harmless"] = {
        "accuracy": bool(accuracy["softmax"] >= accuracy["relu"] - 0.05),
        "loss": bool(loss["softmax"] <= loss["relu"] + 0.05),
    }
    return values


def plain_signal(windows: int, length: int, size: float, seed: int) -> LabelledWindows:
    """White noise of three components, and a bump in every second window.

    Parameters
    ----------
    windows, length : int
        Number of windows, side by side, and their samples.
    size : float
        Height of the bump in standard deviations of the noise; it lasts a quarter of the window.
    seed : int
        Of the noise.
    """
    rng = np.random.default_rng(seed)
    series = rng.standard_normal((3, windows * length)).astype(np.float32)
    starts, labels = np.arange(windows) * length, np.arange(windows) % 2
    for start in starts[labels == 1]:
        series[:, start + length // 4 : start + length // 2] += size
    return labelled_windows(series, starts, labels, length)


def softmax_trial(windows: LabelledWindows, epochs: int, seeds: Sequence[int]) -> pd.DataFrame:
    """Loss and accuracy by epoch with ReLU and with softmax after the dense layer.

    The last third of the windows is for validation.

    Returns
    -------
    pandas.DataFrame
        ``activation``, ``seed``, ``epoch`` (from 1) and the columns of the history.
    """
    cut = 2 * len(windows) // 3
    training, validation = (
        windows.subset(np.arange(a, b)) for a, b in ((0, cut), (cut, len(windows)))
    )
    frames = []
    for activation in ("relu", "softmax"):
        for seed in seeds:
            network = classifier(
                {"length": windows.length, "dense_activation": activation}, seed=seed
            )
            frame = train_classifier(
                network, training, validation, {"epochs": epochs, "seed": seed, "threads": 1}
            ).frame.reset_index()
            frames.append(frame.assign(activation=activation, seed=seed, epoch=frame["epoch"] + 1))
    return pd.concat(frames, ignore_index=True)


@drawn
def softmax_curves(trial: pd.DataFrame) -> Figure:
    """Validation accuracy and training loss by epoch for either place of the softmax."""
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.0))
    names = {"relu": "ReLU (text)", "softmax": "softmax (table)"}
    for colour, (activation, name) in zip(CYCLE, names.items(), strict=False):
        part = trial[trial["activation"] == activation]
        for axis, key in zip(axes, ("validation_accuracy", "training_loss"), strict=True):
            for number, (_, run) in enumerate(part.groupby("seed")):
                label = name if number == 0 else "_"
                axis.plot(run["epoch"], run[key], color=colour, linewidth=1, label=label)
            axis.set_xlabel("epoch")
            axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].axhline(0.5, color=COLOURS["grey"], linestyle=":")
    axes[1].axhline(np.log(2), color=COLOURS["grey"], linestyle=":")
    axes[0].set(ylabel="validation accuracy", ylim=(0.3, 1.03))
    axes[1].set(ylabel="training loss (cross-entropy)", ylim=(0, None))
    axes[0].legend(loc="lower right", title="after the dense layer")
    return figure


@drawn
def drawing(settings: Mapping[str, Any]) -> Figure:
    """The layers from left to right, heights by filters, with shapes and parameters; see figure 4.

    Widths are by the logarithm of the samples.
    """
    table = layer_table(settings)
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.1))
    colours = {
        "convolution": COLOURS["blue"],
        "max pooling": COLOURS["orange"],
        "flatten": COLOURS["grey"],
        "dense": COLOURS["green"],
    }
    left = 0.0
    for layer, shape, number in zip(
        table["layer"], table["shape"], table["parameters"], strict=True
    ):
        wide = len(shape) == 3
        width = 0.25 * np.log10(shape[1]) if wide else 0.35
        height = 0.5 + shape[2] / 64 if wide else 0.4 + 0.3 * np.log10(shape[0])
        axis.add_patch(
            Rectangle((left, -height / 2), width, height, color=colours[layer], alpha=0.75)
        )
        middle = left + width / 2
        text = "×".join(f"{n:,}" for n in shape)
        axis.text(middle, height / 2 + 0.07, text, ha="center", fontsize=7.5)
        if number:
            axis.text(
                middle, -height / 2 - 0.07, f"{number:,}", ha="center", va="top", fontsize=7.5
            )
        left += width + 0.45
    for layer, colour in colours.items():
        axis.plot([], [], "s", color=colour, alpha=0.75, label=layer)
    axis.text(0.0, -1.55, "above: components × samples × filters; below: parameters", fontsize=8)
    axis.set(xlim=(-0.3, left), ylim=(-1.7, 1.45))
    axis.axis("off")
    figure.legend(loc="outside lower center", ncols=4)
    return figure
