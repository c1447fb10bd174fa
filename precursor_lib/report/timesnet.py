"""TimesNet drawn from its model object, and what its search for periods finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor
from torch.nn import functional

from precursor_lib.forecast import Forecaster, strongest_periods
from precursor_lib.forecast.timesnet import Inception
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, SEQUENTIAL, drawn


@drawn
def architecture(model: Forecaster, x: Tensor) -> Figure:
    """The first block of a TimesNet at work on one window.

    The window is also folded by its own strongest periods, for comparison.

    Parameters
    ----------
    model : Forecaster
        TimesNet of one channel.
    x : Tensor, shape (1, length, 1)
        Window, scaled as in training.
    """
    network: Any = model.eval().network
    s: Any = model.settings
    block = network.blocks[0]
    with torch.no_grad():
        series = network.lengthened(x)
        period, amplitude = strongest_periods(series, s.periods, s.shared_periods)
        weight = amplitude.softmax(dim=1)[0]
        folded = [block.folded(series, int(p)) for p in period[0]]
        after, forecast = block(series), model(x)
    own = strongest_periods(x, s.periods)[0][0].tolist()
    figure = plt.figure(figsize=(PAGE_WIDTH, 7.8))
    grid = figure.add_gridspec(5, s.periods, height_ratios=[1, 1.3, 1.3, 1.3, 1.1])
    top = figure.add_subplot(grid[0, :])
    top.plot(x[0, :, 0].numpy(), color=COLOURS["grey"], label=f"window, {s.length} × {s.channels}")
    top.plot(
        series[0].mean(-1).numpy(), label=f"embedded and lengthened, {_shape(series)}, mean feature"
    )
    top.set_xlabel("sample")
    # Room for the legend above the curves.
    top.legend(ncols=2, loc="lower left", bbox_to_anchor=(0.0, 1.0))
    for i, (first, p, done) in enumerate(zip(own, period[0].tolist(), folded, strict=True)):
        for row, (part, by, name) in enumerate(
            (
                (x, first, f"window, by {first}"),
                (series, p, f"inside, by {p}"),
                (done, p, f"convolved, weight {weight[i]:.2f}"),
            )
        ):
            axis = figure.add_subplot(grid[1 + row, i])
            picture = pictures(part, by)[0].mean(0).numpy()
            axis.imshow(picture, aspect="auto", cmap=SEQUENTIAL, interpolation="none")
            shape = f": {picture.shape[0]} × {by}" if row < 2 else ""
            axis.set_title(name + shape, fontsize=9.5)
            axis.set_xlabel("place in the period" if row == 2 else "")
            axis.grid(False)
            if i == 0:
                axis.set_ylabel("period")
    bottom = figure.add_subplot(grid[4, :])
    bottom.plot(
        after[0].mean(-1).numpy(), label=f"sum with the input, {_shape(after)}, mean feature"
    )
    bottom.plot(
        np.arange(s.length, s.length + s.steps),
        forecast[0, : s.steps, 0].numpy(),
        "o",
        markersize=3,
        color=COLOURS["vermilion"],
        label=f"forecast after {s.layers} block(s), {s.steps} × {s.channels}",
    )
    bottom.set_xlabel("sample")
    bottom.legend(ncols=2, loc="lower left", bbox_to_anchor=(0.0, 1.0))
    return figure


def _shape(x: Tensor) -> str:
    return " × ".join(map(str, x.shape[1:]))


def pictures(series: Tensor, period: int) -> Tensor:
    """Fold (windows, length, width) to (windows, width, periods, places), zeros at the end."""
    padded = functional.pad(series, (0, 0, 0, -series.shape[1] % period))
    return padded.unflatten(1, (-1, period)).permute(0, 3, 1, 2)


@drawn
def kernels(layer: Inception) -> Figure:
    """Mean size of the weights of each kernel, and of the one convolution that equals them."""
    with torch.no_grad():
        joined = layer.joined()[0]
    parts = [branch.weight.detach() for branch in layer.branches]
    sizes = [part.abs().mean(dim=(0, 1)).numpy() for part in (*parts, joined)]
    figure, axes = plt.subplots(1, len(sizes), figsize=(PAGE_WIDTH, 1.9))
    side = sizes[-1].shape[0]
    for i, (axis, size) in enumerate(zip(axes, sizes, strict=True)):
        half = size.shape[0] / 2
        axis.imshow(size, cmap=SEQUENTIAL, extent=(-half, half, half, -half), vmin=0)
        axis.set(xlim=(-side / 2, side / 2), ylim=(side / 2, -side / 2), xticks=[-3, 0, 3])
        axis.set_yticks([-3, 0, 3] if i == 0 else [])
        axis.grid(False)
        axis.set_title(f"{size.shape[0]} × {size.shape[0]}" if i < len(parts) else "as one")
    axes[0].set_ylabel("periods")
    figure.supxlabel("samples", fontsize=9.5)
    return figure


def joined_difference(layer: Inception, seed: int) -> float:
    """Largest difference between four convolutions joined and projected, and the one, relative."""
    layer = layer.double()
    inputs = layer.branches[0].weight.shape[1]
    x = torch.tensor(np.random.default_rng(seed).normal(size=(2, inputs, 9, 12)))
    with torch.no_grad():
        apart = torch.cat([branch(x) for branch in layer.branches], dim=1)
        expected = layer.project(apart.movedim(1, -1)).movedim(-1, 1)
        return float((layer(x) - expected).abs().max() / expected.abs().max())


def periods_table(
    values: ArrayLike, lengths: Sequence[int], true: Sequence[float], number: int
) -> pd.DataFrame:
    """Periods found in windows of several lengths at the start of a record, strongest first.

    Parameters
    ----------
    values : array_like, shape (time,)
        Record.
    lengths : sequence of int
        Windows.
    true : sequence of float
        Periods that the record has, strongest first.
    number : int
        Periods asked for.
    """
    x = torch.as_tensor(np.asarray(values), dtype=torch.float64)
    rows = []
    for length in lengths:
        period, amplitude = strongest_periods(x[None, :length, None], number)
        nearest = [length / max(1, round(length / one)) for one in true]
        rows.append(
            {
                "length": length,
                **{f"{one:g} on the grid": near for one, near in zip(true, nearest, strict=True)},
                "periods found": period[0].tolist(),
                "weights": [f"{w:.2f}" for w in amplitude.softmax(dim=1)[0].tolist()],
            }
        )
    return pd.DataFrame(rows).set_index("length")


@drawn
def periods_figure(records: Mapping[str, ArrayLike], length: int, number: int) -> Figure:
    """How often each period is among the strongest in windows of a record, a panel each."""
    figure, axes = plt.subplots(
        len(records), figsize=(PAGE_WIDTH, 1.45 * len(records) + 0.5), sharex=True
    )
    for axis, (name, values) in zip(np.atleast_1d(axes), records.items(), strict=True):
        array = np.asarray(values)
        windows = array[: array.size // length * length].reshape(-1, length, 1)
        period = strongest_periods(torch.tensor(windows), number)[0].numpy()
        # Neighbouring frequencies may have one period: a window counts once for it.
        found, count = np.unique(
            np.concatenate([np.unique(row) for row in period]), return_counts=True
        )
        axis.bar(found, 100 * count / len(windows), width=0.8)
        axis.set(title=name, ylabel="windows (%)", ylim=(0, 100))
    np.atleast_1d(axes)[-1].set(xlabel="period (samples)", xscale="log")
    ticks = [2, 3, 5, 10, 20, 50, 100]
    np.atleast_1d(axes)[-1].set_xticks(ticks, [str(t) for t in ticks], minor=False)
    np.atleast_1d(axes)[-1].minorticks_off()
    return figure


def inside_table(models: Mapping[str, Forecaster], windows: Tensor) -> pd.DataFrame:
    """Strongest period in windows, and within models that were given them.

    The last column is the strongest amplitude of a window of zeros, relative to the mean of that of
    the windows: what the model's own constants (biases, sines of the position) give.

    Parameters
    ----------
    models : mapping
        Name to TimesNet of one channel.
    windows : Tensor, shape (batch, length, 1)
        Windows.
    """
    stages: dict[str, Any] = {"the window itself": (lambda x: x, 3)}
    for name, model in models.items():
        network: Any = model.eval().network
        own: Any = model.settings
        stages[f"in {name}"] = (network.lengthened, own.periods)
    rows = {}
    for name, (stage, number) in stages.items():
        with torch.no_grad():
            period, amplitude = strongest_periods(stage(windows), number)
            nothing = strongest_periods(stage(torch.zeros_like(windows[:1])), 1)[1]
        found, count = np.unique(period[:, 0].numpy(), return_counts=True)
        rows[name] = {
            "most often (samples)": int(found[count.argmax()]),
            "in windows (%)": 100 * count.max() / len(period),
            "mean weight": float(amplitude.softmax(dim=1)[:, 0].mean()),
            "amplitude from zeros (%)": float(100 * nothing[0, 0] / amplitude[:, 0].mean()),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("strongest period")


def company_table(
    window: Tensor, others: Mapping[str, Tensor], models: Mapping[bool, Forecaster], number: int
) -> pd.DataFrame:
    """Periods of one window, and its forecast, with what else is in its batch.

    Parameters
    ----------
    window : Tensor, shape (1, length, 1)
        The window.
    others : mapping of str to Tensor, shape (batch, length, 1)
        What it is batched with.
    models : mapping of bool to Forecaster
        An untrained or trained model for either way of choosing (shared or not).
    number : int
        Periods asked for.
    """
    rows = {}
    for shared, name in ((False, "by window"), (True, "by batch (shared)")):
        model = models[shared].eval()
        with torch.no_grad():
            alone = model(window)
        found = strongest_periods(window, number, shared)[0][0].tolist()
        row: dict[str, Any] = {"alone": found}
        changes: list[float] = []
        for label, other in others.items():
            batch = torch.cat([window, other])
            row[f"with {label}"] = strongest_periods(batch, number, shared)[0][0].tolist()
            with torch.no_grad():
                changes.append(float((model(batch)[:1] - alone).abs().max()))
        # Sums in another order are no dependence.
        row["forecast changes by"] = max(changes) if max(changes) > 1e-5 else 0.0
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("periods chosen")
