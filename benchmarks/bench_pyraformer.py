"""Training steps of 32 windows: Pyraformer, its authors' program, and dense Transformers.

Run with ``python -m pytest benchmarks/bench_pyraformer.py``. The authors' program is not a
package: check out ``ant-research/Pyraformer`` and name its folder in ``PYRAFORMER_OFFICIAL``;
without it, its rows are skipped. ``PYRAFORMER_THREADS`` sets torch's threads (1: other load
disturbs least).

Every program runs in a process of its own, which has done one step before the clock starts. All
have the same sizes (`SIZES`), dropout 0.05, Adam, and single precision. Each row says

- ``cpu_seconds``: least processor time of a step, all threads together;
- ``process_MB``: peak memory of the whole process, and ``added_MB``: what the steps added to a
  process that has imported everything and holds the model.

The authors' program computes attention densely on a CPU, with a mask. `test_same_numbers` gives
both programs the same weights and compares outputs and gradients. `test_growth` fits the slope of
time and memory against the length, on log-log axes, with every node computed (`whole`).
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from precursor_lib.forecast import forecaster

OFFICIAL = os.environ.get("PYRAFORMER_OFFICIAL")
THREADS = int(os.environ.get("PYRAFORMER_THREADS", "1"))
BATCH = 32
Sizes = dict[str, Any]
# Sizes of the authors' scripts for hourly records (168) and for their synthetic series (720).
SIZES: dict[int, Sizes] = {
    168: {"width": 512, "inner": 512, "head_width": 128, "strides": (4, 4, 4), "bottleneck": 128},
    720: {"width": 256, "inner": 512, "head_width": 64, "strides": (12, 7, 4), "bottleneck": 64},
}
COMMON: Sizes = {"heads": 4, "layers": 4, "dropout": 0.05}


def sizes_of(length: int) -> Sizes:
    return {"length": length, "horizon": length, **COMMON, **SIZES[length]}


def ours(sizes: Sizes, **changes: Any) -> nn.Module:
    return forecaster("pyraformer", {**sizes, **changes})


ours_recomputing = partial(ours, recompute=True)
ours_every_node = partial(ours, whole=True)


def our_transformer(sizes: Sizes) -> nn.Module:
    kept = {k: v for k, v in sizes.items() if k not in ("strides", "bottleneck")}
    return forecaster("transformer", kept)


class TorchTransformer(nn.Module):
    """torch.nn.TransformerEncoder, with the embedding and the readout of ours."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.parts = our_transformer(sizes).network
        layer = nn.TransformerEncoderLayer(
            sizes["width"], 4, sizes["inner"], sizes["dropout"], "gelu", batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, sizes["layers"])
        self.parts.layers = nn.ModuleList()

    def forward(self, x: Tensor) -> Tensor:
        padded = nn.functional.pad(x, (0, 0, 0, 1))
        read = self.encoder(self.parts.embedding(padded))[:, -1]
        return self.parts.readout(read).unflatten(1, (-1, 1))


class Official(nn.Module):
    """The authors' program with its default decoder; calendar features are zero."""

    def __init__(self, sizes: Sizes, device: str = "cpu") -> None:
        super().__init__()
        assert OFFICIAL is not None
        sys.path.insert(0, OFFICIAL)
        # A name that it imports and does not use is gone from torch.
        importlib.import_module("torch.functional").align_tensors = None
        s = sizes
        options = {
            "model": "Pyraformer",
            "decoder": "FC",
            "input_size": s["length"],
            "predict_step": s["horizon"],
            "enc_in": 1,
            "embed_type": "DataEmbedding",
            "d_model": s["width"],
            "d_inner_hid": s["inner"],
            "d_k": s["head_width"],
            "d_v": s["head_width"],
            "d_bottleneck": s["bottleneck"],
            "n_head": s["heads"],
            "n_layer": s["layers"],
            "window_size": list(s["strides"]),
            "inner_size": 3,
            "CSCM": "Bottleneck_Construct",
            "truncate": False,
            "use_tvm": False,
            "dropout": s["dropout"],
            "device": torch.device(device),
        }
        module = importlib.import_module("pyraformer.Pyraformer_LR")
        self.model = module.Model(SimpleNamespace(**options))

    def forward(self, x: Tensor) -> Tensor:
        padded = nn.functional.pad(x, (0, 0, 0, 1))
        return self.model(padded, padded.new_zeros(*padded.shape[:2], 4), None, None, False)


Program = Callable[[Sizes], nn.Module]


def _peak() -> float:
    """Peak memory in MB of this process; getrusage would tell its parent's where that is larger."""
    rows = Path("/proc/self/status").read_text().splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM"))


def _serve(connection: Connection, program: Program, sizes: Sizes, batch: int) -> None:
    """In the child: a step each time that the parent asks, then say what it needed."""
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    model = program(sizes)
    optimizer = torch.optim.Adam(model.parameters(), 1e-4)
    x, y = torch.randn(batch, sizes["length"], 1), torch.randn(batch, sizes["horizon"], 1)
    with torch.no_grad():
        model(x[:2])  # loads compiled code
    before = _peak()

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()

    step()
    cpu = np.inf
    connection.send("ready")
    while connection.recv():
        clock = time.process_time()
        step()
        cpu = min(cpu, time.process_time() - clock)
        connection.send("done")
    peak = _peak()
    connection.send(
        {
            "cpu_seconds": round(cpu, 3),
            "process_MB": round(peak),
            "added_MB": round(peak - before),
            "parameters": sum(p.numel() for p in model.parameters()),
        }
    )


def measure(benchmark: Any, program: Program, sizes: Sizes, rounds: int, batch: int = BATCH) -> Any:
    """Steps in a process of its own; the facts go into the benchmark's row."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, program, sizes, batch))
    process.start()
    there.close()

    def ask() -> None:
        here.send(True)
        here.recv()

    try:
        here.recv()
        if benchmark is None:
            for _ in range(rounds):
                ask()
        else:
            benchmark.pedantic(ask, rounds=rounds)
        here.send(False)
        facts = here.recv()
    finally:
        here.close()
        process.join()
    if benchmark is not None:
        benchmark.extra_info.update(facts)
    return facts


needs_official = pytest.mark.skipif(
    OFFICIAL is None or not (Path(OFFICIAL) / "pyraformer" / "Pyraformer_LR.py").exists(),
    reason="PYRAFORMER_OFFICIAL: expected a checkout of ant-research/Pyraformer",
)


@pytest.mark.parametrize("length", SIZES)
@pytest.mark.parametrize(
    "program",
    [
        pytest.param(ours, id="ours"),
        pytest.param(ours_recomputing, id="ours, recomputing"),
        pytest.param(ours_every_node, id="ours, every node"),
        pytest.param(Official, id="official", marks=needs_official),
        pytest.param(our_transformer, id="Transformer, ours"),
        pytest.param(TorchTransformer, id="Transformer, torch"),
    ],
)
def test_training_step(benchmark, length, program):
    benchmark.group = f"training step of {BATCH} windows of {length} samples, {THREADS} thread(s)"
    measure(benchmark, program, sizes_of(length), rounds=2 if program is Official else 4)


def copy_weights(ours: nn.Module, theirs: nn.Module) -> list[tuple[nn.Parameter, nn.Parameter]]:
    """Give our network the weights of theirs; the pairs of parameters."""
    enc = theirs.encoder
    pairs = [
        (ours.embedding.values, enc.enc_embedding.value_embedding.tokenConv),
        (ours.cscm.narrow, enc.conv_layers.down),
        (ours.cscm.widen, enc.conv_layers.up),
        (ours.cscm.norm, enc.conv_layers.norm),
        (ours.readout, theirs.predictor.linear),
    ]
    for mine, other in zip(ours.cscm.scales, enc.conv_layers.conv_layers, strict=True):
        pairs += [(mine[0], other.downConv), (mine[1], other.norm)]
    for mine, other in zip(ours.layers, enc.layers, strict=True):
        a, b, f, g = mine.attention, other.slf_attn, mine.feed_forward, other.pos_ffn
        pairs += [(a.query, b.w_qs), (a.key, b.w_ks), (a.value, b.w_vs), (a.out, b.fc)]
        pairs += [(a.norm, b.layer_norm), (f.first, g.w_1), (f.second, g.w_2)]
        pairs += [(f.norm, g.layer_norm)]
    for mine, other in pairs:
        mine.load_state_dict(other.state_dict())
    return [
        both
        for mine, other in pairs
        for both in zip(mine.parameters(), other.parameters(), strict=True)
    ]


@needs_official
@pytest.mark.parametrize("length", SIZES)
def test_same_numbers(length):
    """Outputs and gradients of both programs with the same weights, in single precision."""
    sizes = {**sizes_of(length), "width": 64, "inner": 96, "head_width": 16, "dropout": 0.0}
    theirs, mine = Official(sizes), ours(sizes)
    pairs = copy_weights(mine.network, theirs.model)
    assert len(pairs) == len(list(mine.parameters()))
    # Its calendar features are a linear layer of zeros: its bias.
    theirs.model.encoder.enc_embedding.temporal_embedding.embed.bias.data.zero_()
    x = torch.randn(4, length, 1, generator=torch.Generator().manual_seed(0))
    outputs = []
    for model in (mine, theirs):
        outputs.append(model(x))
        outputs[-1].square().sum().backward()
    torch.testing.assert_close(*outputs, atol=1e-5, rtol=1e-5)
    # Sums over many nodes: to 1e-5 of the largest gradient of all.
    largest = max(other.grad.abs().max() for _, other in pairs)
    worst = max((a.grad - b.grad).abs().max() / largest for a, b in pairs)
    print(f"{length}: outputs {(outputs[0] - outputs[1]).abs().max():.1e}, gradients {worst:.1e}")
    assert worst < 1e-5


def test_growth():
    """Slope of a step's time and memory against the length, every node computed."""
    lengths = [2048, 4096, 8192, 16384, 32768]
    sizes = {"horizon": 1, "width": 32, "strides": (4, 4, 4), "layers": 2, "whole": True}
    rows = [
        measure(None, ours, {**sizes, "length": length}, rounds=3, batch=4) for length in lengths
    ]
    for name in ("cpu_seconds", "added_MB"):
        values = [row[name] for row in rows]
        slope = np.polyfit(np.log(lengths), np.log(values), 1)[0]
        print(f"{name}: {dict(zip(lengths, values, strict=True))}, slope {slope:.2f}")
        assert 0.8 < slope < 1.25
