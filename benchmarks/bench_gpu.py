"""Training steps and factorisations on a GPU; every row is skipped where there is none.

Run with ``python -m pytest benchmarks/bench_gpu.py -s``. Programs and sizes of the training steps
are those of `bench_pyraformer`, with the authors' program where ``PYRAFORMER_OFFICIAL`` names its
checkout (its sparse kernel needs an old TVM, so it runs its dense path here as well). Times are
the median of ten steps after three, between synchronisations; memory is the allocator's peak.
"""

from __future__ import annotations

import time
from functools import partial
from statistics import median

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.bench_pyraformer import (
    BATCH,
    SIZES,
    Official,
    Program,
    TorchTransformer,
    needs_official,
    our_transformer,
    ours,
    ours_every_node,
    sizes_of,
)
from precursor_lib.decompose import ntf
from precursor_lib.decompose.ntf_batch import ntf_batch

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="expected a CUDA device")


def timed_steps(program: Program, length: int, bf16: bool, batch: int) -> tuple[float, float]:
    """Median milliseconds of a training step, and peak memory in MB."""
    torch.manual_seed(0)
    sizes = sizes_of(length)
    model = program(sizes).to("cuda")
    optimizer = torch.optim.Adam(model.parameters(), 1e-4)
    x = torch.randn(batch, length, 1, device="cuda")
    y = torch.randn(batch, sizes["horizon"], 1, device="cuda")
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    times = []
    for turn in range(13):
        torch.cuda.synchronize()
        clock = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cuda", torch.bfloat16, enabled=bf16):
            loss = nn.functional.mse_loss(model(x).float(), y)
        loss.backward()
        optimizer.step()
        torch.cuda.synchronize()
        if turn >= 3:
            times.append(time.perf_counter() - clock)
    return 1e3 * median(times), torch.cuda.max_memory_allocated() / 2**20


@pytest.mark.parametrize("length", SIZES)
@pytest.mark.parametrize(
    "program",
    [
        pytest.param(ours, id="ours"),
        pytest.param(ours_every_node, id="ours-every-node"),
        pytest.param(partial(Official, device="cuda"), id="official", marks=needs_official),
        pytest.param(our_transformer, id="transformer-ours"),
        pytest.param(TorchTransformer, id="transformer-torch"),
    ],
)
@pytest.mark.parametrize("bf16", [False, True], ids=["float32", "bfloat16"])
def test_training_step(length: int, program: Program, bf16: bool, request) -> None:
    for batch in (BATCH, 8 * BATCH):
        milliseconds, megabytes = timed_steps(program, length, bf16, batch)
        print(f"\n{request.node.name}, batch {batch}: {milliseconds:.1f} ms, {megabytes:.0f} MB")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_factorisations(dtype) -> None:
    """Eight nights of 200 x 3,600 x 7, rank 3, 50 iterations, against one after the other."""
    x = np.random.default_rng(0).gamma(2.0, 1.0, (8, 200, 3600, 7)).astype(dtype)
    how = {"iterations": 50, "tol": 0.0}
    ntf(x[0], 3, iterations=2, tol=0.0)  # compiles
    ntf_batch(x[:1], 3, iterations=2, tol=0.0, device="cuda")
    clock = time.perf_counter()
    alone = [ntf(night, 3, **how) for night in x]
    on_cpu = time.perf_counter() - clock
    clock = time.perf_counter()
    together = ntf_batch(x, 3, device="cuda", **how)
    on_gpu = time.perf_counter() - clock
    print(f"\n{np.dtype(dtype).name}: {on_cpu:.2f} s on the CPU, {on_gpu:.2f} s on the GPU")
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_allclose(a.objective[-1], b.objective[-1], rtol=1e-4)
