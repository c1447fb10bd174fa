"""What a Pyraformer sees, whether its attention is right, and what it keeps in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import Tensor

from precursor_lib.errors import InputError
from precursor_lib.evaluate.cost import growth_exponent
from precursor_lib.forecast import (
    AttentionPattern,
    Forecaster,
    attention_pattern,
    forecaster,
    receptive_field,
)
from precursor_lib.forecast.pyramidal_attention import Neighbours, sparse_attention
from precursor_lib.report.style import PAGE_WIDTH, drawn


def field_table(
    tokens: int, forms: Sequence[tuple[Sequence[int], int]], neighbours: int = 3
) -> pd.DataFrame:
    """What a forecast sees of `tokens` samples, for strides and numbers of layers."""
    rows = []
    for strides, layers in forms:
        pattern = attention_pattern(tokens, strides, neighbours)
        field = receptive_field(pattern, layers)
        rows.append(
            {
                "strides": ", ".join(map(str, strides)),
                "layers": layers,
                "nodes of the coarsest scale": pattern.sizes[-1],
                "samples attended to": int(field.by_attention.sum()),
                "samples seen": int(field.samples.sum()),
                "sees all": bool(field.samples.all()),
                "nodes computed": sum(nodes.size for nodes in field.nodes[1:]),
                "of": layers * pattern.nodes,
            }
        )
    return pd.DataFrame(rows).set_index("strides")


@drawn
def field_figure(length: int, forms: Sequence[tuple[Sequence[int], int]], width: int) -> Figure:
    """Size of the gradient of a forecast with respect to each sample, in untrained models."""
    figure, axes = plt.subplots(
        len(forms), figsize=(PAGE_WIDTH, 1.0 * len(forms) + 0.6), sharex=True, sharey=True
    )
    for axis, (strides, layers) in zip(axes, forms, strict=True):
        common = {"length": length, "width": width, "strides": strides, "layers": layers}
        model = forecaster("pyraformer", {**common, "dropout": 0.0}).eval()
        size = gradient_size(model)
        axis.semilogy(np.arange(length), np.where(size > 0, size, np.nan), ".", markersize=2.5)
        network: Any = model.network
        seen = network.field.samples[:length]
        axis.fill_between(
            np.arange(length), 0, 1, ~seen, transform=axis.get_xaxis_transform(), color="#DDDDDD"
        )
        axis.set_title(
            f"strides {', '.join(map(str, strides))}; {layers} layers: "
            f"{int((size > 0).sum())} of {length} samples",
            fontsize=9.5,
        )
    axes[-1].set_xlabel("sample of the window")
    figure.supylabel("|gradient|", fontsize=9.5)
    return figure


def gradient_size(model: Forecaster, windows: int = 4, seed: int = 0) -> np.ndarray:
    """Mean absolute gradient of the forecast's sum with respect to each sample, (length,).

    Computed from windows of noise in double precision; exactly zero where nothing leads.
    """
    rng = np.random.default_rng(seed)
    shape = (windows, model.settings.length, model.settings.channels)
    x = torch.tensor(rng.normal(size=shape), requires_grad=True)
    model.double()(x).sum().backward()
    assert x.grad is not None
    return x.grad.abs().mean(dim=(0, 2)).numpy()


def agreement_table(
    forms: Sequence[tuple[int, Sequence[int], int]], seed: int, heads: int = 2, features: int = 8
) -> pd.DataFrame:
    """Sparse attention against dense attention with a mask, in double precision.

    Parameters
    ----------
    forms : sequence of (samples, strides, neighbours)
        Pyramids.
    seed : int
        Of queries, keys, values and the gradient that comes from above.
    """
    rows = []
    for samples, strides, neighbours in forms:
        pattern = attention_pattern(samples, strides, neighbours)
        rng = np.random.default_rng(seed)
        shape = (2, pattern.nodes, heads, features)
        parts = [torch.tensor(rng.normal(size=shape)) for _ in range(4)]
        found = []
        for attend in (_sparse, _dense):
            inputs = [part.clone().requires_grad_() for part in parts[:3]]
            out = attend(pattern, *inputs)
            out.backward(parts[3])
            found.append([out.detach(), *(x.grad for x in inputs)])
        apart = [float((a - b).abs().max()) for a, b in zip(*found, strict=True)]
        rows.append(
            {
                "samples": samples,
                "strides": ", ".join(map(str, strides)),
                "neighbours": neighbours,
                "nodes": pattern.nodes,
                "edges": pattern.query.size,
                "pairs, dense": pattern.nodes**2,
                "outputs within 1e-12": apart[0] < 1e-12,
                "gradients within 1e-12": max(apart[1:]) < 1e-12,
            }
        )
    return pd.DataFrame(rows).set_index("samples")


def _sparse(pattern: AttentionPattern, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return sparse_attention(q, k, v, Neighbours(pattern))


def _dense(pattern: AttentionPattern, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    score = torch.einsum("bihd,bjhd->bhij", q, k) / q.shape[-1] ** 0.5
    hidden = ~torch.from_numpy(pattern.dense())
    return torch.einsum("bhij,bjhd->bihd", score.masked_fill(hidden, float("-inf")).softmax(-1), v)


def kept_megabytes(model: Forecaster, seed: int = 0) -> float:
    """Memory that one window's forecast keeps for its gradient (tensors once each), MB."""
    kept: dict[int, int] = {}

    def count(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    own |= {b.untyped_storage().data_ptr() for b in model.buffers()}
    s = model.settings
    x = torch.tensor(np.random.default_rng(seed).normal(size=(1, s.length, s.channels)))
    with torch.autograd.graph.saved_tensors_hooks(count, lambda t: t):
        out = model.train()(x.float())
    del out
    return sum(size for place, size in kept.items() if place not in own) / 1e6


def memory_table(
    models: Mapping[str, Callable[[int], Forecaster]], lengths: Sequence[int]
) -> pd.DataFrame:
    """Memory kept for the gradient by length, a row a model, with the slope on log-log axes."""
    rows = {}
    for name, model in models.items():
        kept = pd.DataFrame(
            {"megabytes": [kept_megabytes(model(length)) for length in lengths]}, index=lengths
        )
        rows[name] = dict(zip(map(str, lengths), kept["megabytes"], strict=True))
        rows[name]["slope"] = growth_exponent(kept, "megabytes")[0]
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("")


def sees(model: Forecaster, delay: int) -> bool:
    """Whether a one-step forecast of a Pyraformer can depend on the sample `delay` before it."""
    network: Any = model.network
    return bool(network.field.samples[model.settings.length - delay])


def passes_of_a_forecast(model: Forecaster) -> int:
    """How often the network runs for one forecast of all samples of its horizon."""
    runs = []
    handle = model.network.register_forward_hook(lambda *_: runs.append(1))
    s = model.settings
    with torch.no_grad():
        out = model.eval()(torch.zeros(1, s.length, s.channels))
    handle.remove()
    if out.shape[1] != s.steps:
        raise InputError(f"the forecast has {out.shape[1]} of {s.steps} samples")
    return len(runs)


def samples_behind_nodes(model: Forecaster, seed: int = 0) -> np.ndarray:
    """Number of embedded samples that each node of the CSCM depends on, in the nodes' order."""
    network: Any = model.double().eval().network
    rng = np.random.default_rng(seed)
    x = torch.tensor(rng.normal(size=(1, network.pattern.sizes[0], network.settings.width)))
    x.requires_grad_()
    nodes = network.cscm(x)
    # The layer norm makes plain sums over features constant, so that they have no gradient.
    weighted = (nodes * torch.tensor(rng.normal(size=nodes.shape[-1]))).sum(dim=(0, 2))
    behind = []
    for node in weighted:
        (grad,) = torch.autograd.grad(node, x, retain_graph=True)
        behind.append(int((grad[0].abs().sum(dim=1) > 0).sum()))
    return np.array(behind)


def claim_values(
    memory: pd.DataFrame, tokens: int, forms: Sequence[tuple[Sequence[int], int]]
) -> dict[str, Any]:
    """Values for the Lushan ledger: cost of sparse attention, range, and the order of the scales.

    Parameters
    ----------
    memory : pandas.DataFrame
        From `memory_table`, with rows ``Pyraformer, every node`` and ``Transformer``.
    tokens : int
        Nodes of the finest scale.
    forms : sequence of (strides, layers)
        Ways in which the paper, which prints none, can be read.
    """
    slopes = memory["slope"]
    small = forecaster(
        "pyraformer",
        {"length": 63, "horizon": 12, "width": 16, "strides": (4, 4, 2), "bottleneck": 8},
    )
    return {
        "lushan-fig3-one-step": passes_of_a_forecast(small) == 1,
        "lushan-fig5-order": bool((np.diff(samples_behind_nodes(small)) >= 0).all()),
        "lushan-fig4-cost": bool(slopes["Pyraformer, every node"] < slopes["Transformer"]),
        "lushan-fig4-range": {
            f"strides {', '.join(map(str, strides))}, {layers} layers": bool(
                receptive_field(attention_pattern(tokens, strides), layers).samples[0]
            )
            for strides, layers in forms
        },
    }
