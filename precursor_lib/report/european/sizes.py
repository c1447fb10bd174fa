"""Sizes: memory of windows, parameters of other networks, and learning curves of known form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.classify import LabelledWindows
from precursor_lib.evaluate.learning_curve import LearningCurve, fit_learning_curve
from precursor_lib.report.verdict import Claim


def memory_table(windows: LabelledWindows, batch: int) -> pd.DataFrame:
    """Bytes of a record, of its windows as views, of a batch, and of all windows copied."""
    x, _ = windows.batch(np.arange(batch))
    one = windows.series.itemsize * windows.series.shape[0] * windows.length
    rows = {
        "record": windows.series.nbytes,
        f"{len(windows):,} windows as views": windows.starts.nbytes + windows.labels.nbytes,
        f"batch of {batch}": x.numpy().nbytes,
        "all windows copied": one * len(windows),
    }
    shared = np.shares_memory(windows.view(), windows.series)
    return pd.DataFrame(
        {
            "MiB": [size / 2**20 for size in rows.values()],
            "shares the record's memory": ["", "yes" if shared else "no", "no", "no"],
        },
        index=pd.Index(rows, name="what"),
    )


def convolution_parameters(kernel: int, inputs: int, outputs: int) -> int:
    """Weights and biases of a convolution with a square kernel."""
    return (kernel * kernel * inputs + 1) * outputs


def other_networks(ledger: Mapping[str, Claim]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Parameters of AlexNet and VGG16 counted from their layers, and over their images.

    AlexNet (Krizhevsky et al., 2012) with its convolutions in two groups; VGG16 (Simonyan and
    Zisserman, 2015), configuration D.

    Returns
    -------
    table : pandas.DataFrame
        Counted and printed numbers, as text.
    values : dict
        By claim id.
    """
    alexnet = sum(
        convolution_parameters(*layer)
        for layer in ((11, 3, 96), (5, 48, 256), (3, 256, 384), (3, 192, 384), (3, 192, 256))
    ) + sum((a + 1) * b for a, b in ((9216, 4096), (4096, 4096), (4096, 1000)))
    widths = [3, 64, 64, 128, 128, 256, 256, 256, *[512] * 6]
    body = sum(convolution_parameters(3, a, b) for a, b in pairwise(widths))
    body += 25089 * 4096 + 4097 * 4096
    vgg = {f"{classes} classes": body + 4097 * classes for classes in (1000, 196)}
    images = {"AlexNet": 1_300_000, "VGG16": 16_185}
    millions: dict[str, Any] = {
        name: ledger[f"cnn-sec5-{key}-parameters"].published
        for name, key in (("AlexNet", "alexnet"), ("VGG16", "vgg"))
    }
    factor = {name: 1e6 * number / images[name] for name, number in millions.items()}
    values = {
        "cnn-sec5-alexnet-parameters": alexnet / 1e6,
        "cnn-sec5-alexnet-factor": factor["AlexNet"],
        "cnn-sec5-vgg-parameters": {name: number / 1e6 for name, number in vgg.items()},
        "cnn-sec5-vgg-factor": factor["VGG16"],
    }
    rows = {
        name: {
            "parameters counted": f"{counted:,}",
            "printed": f"{millions[name]} million",
            "images": f"{images[name]:,}",
            "parameters an image": f"{factor[name]:,.1f}",
            "printed factor": f"{ledger[f'cnn-sec5-{key}-factor'].published}",
        }
        for name, key, counted in (
            ("AlexNet", "alexnet", alexnet),
            ("VGG16", "vgg", vgg["1000 classes"]),
        )
    }
    return pd.DataFrame(rows).T.rename_axis("network"), values


def known_curves(
    number: Sequence[int], noise: float, repeats: int, seed: int
) -> dict[str, tuple[np.ndarray, list[LearningCurve]]]:
    """Learning curves of known form with noise, and the power laws fitted to them.

    Parameters
    ----------
    number : sequence of int
        Training windows.
    noise : float
        Standard deviation of an accuracy.
    repeats : int
        Draws of the noise.
    seed : int
        Of the noise.
    """
    n = np.asarray(number, dtype=float)
    truths = {
        "rises to 0.9": 0.9 - 2.0 * n**-0.6,
        "still rising": 0.5 + 0.1 * np.log10(n / n[0]),
        "flat": np.full(n.size, 0.58),
    }
    rng = np.random.default_rng(seed)
    return {
        name: (
            truth,
            [
                fit_learning_curve(n, truth + noise * rng.standard_normal(n.size))
                for _ in range(repeats)
            ],
        )
        for name, truth in truths.items()
    }


def curve_table(curves: Mapping[str, tuple[np.ndarray, list[LearningCurve]]]) -> pd.DataFrame:
    """How often a power law is accepted, its ceiling, and why it is refused most often."""
    rows = {}
    for name, (_, fits) in curves.items():
        good = [fit for fit in fits if fit.converged]
        reasons = pd.Series([fit.reason.split("(")[0].split(":")[0] for fit in fits])
        refused = reasons[reasons != ""]
        ceilings = [fit.parameters["ceiling"] for fit in good]
        rows[name] = {
            "accepted": f"{len(good)} of {len(fits)}",
            "median ceiling": float(np.median(ceilings)) if good else np.nan,
            "median error": float(np.median([f.errors["ceiling"] for f in good]))
            if good
            else np.nan,
            "refused most often": refused.mode()[0] if refused.size else "",
        }
    return pd.DataFrame(rows).T.rename_axis("truth")
