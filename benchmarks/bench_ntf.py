"""A night's tensor (200 frequencies, 14,400 s, 7 stations) factorised, beside tensorly.

Run with ``pytest benchmarks/bench_ntf.py``: about three minutes on two free cores, nearly all of it
tensorly's. All solvers start from the same factors. Beside the time of 200 iterations, a row says

- ``processor_seconds``: of all threads, which other work on the machine disturbs less;
- ``error``: relative error after them;
- ``iterations_to_error``, ``seconds_to_error``: the way to an error within 0.01 % of the one at
  convergence, or None where 200 iterations do not reach it;
- ``peak_MB``: memory above the tensor itself and the imports, in a process of its own.
"""

from __future__ import annotations

import functools
import multiprocessing
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from precursor_lib.decompose import ntf

SHAPE = (200, 14_400, 7)
RANK = 3
ITERATIONS = 200


@functools.lru_cache(maxsize=1)
def tensor(shape: tuple[int, int, int] = SHAPE, dtype: str = "float64") -> np.ndarray:
    """Three spectral peaks, each with a wandering course, seen by all stations, and noise."""
    rng = np.random.default_rng(0)
    n_frequency, n_time, n_station = shape
    f = np.log(np.geomspace(0.001, 0.5, n_frequency))[:, None]
    a = np.exp(-0.5 * ((f - np.log([0.02, 0.08, 0.3])) / [0.4, 0.5, 0.4]) ** 2)
    b = np.abs(np.cumsum(rng.normal(size=(n_time, RANK)), axis=0))
    c = rng.random((n_station, RANK)) + 0.1
    x = np.einsum("ir,jr,kr->ijk", a, b / b.max(axis=0), c, optimize=True)
    x += np.abs(rng.normal(scale=0.02, size=shape))
    return np.ascontiguousarray(x, dtype=dtype)


def start(x: np.ndarray) -> list[np.ndarray]:
    """Random factors, scaled together to fit `x` best."""
    rng = np.random.default_rng(1)
    a, b, c = (rng.random((n, RANK)) for n in x.shape)
    moments = np.einsum("ijk,jr->ikr", x, b.astype(x.dtype), optimize=True)
    inner = np.einsum("ikr,ir,kr->", moments, a, c, optimize=True)
    return [a, b * inner / ((a.T @ a) * (b.T @ b) * (c.T @ c)).sum(), c]


def ours(x, init, method: str, iterations: int, threads: int | None = None) -> np.ndarray:
    """Relative error after each iteration."""
    result = ntf(x, RANK, method=method, iterations=iterations, tol=0, init=init, threads=threads)
    return np.sqrt(result.objective[1:] / result.objective[-1]) * result.relative_error


def theirs(x, init, method: str, iterations: int) -> np.ndarray:
    """Relative error after each iteration; a tolerance of -1 never stops it."""
    from tensorly.cp_tensor import CPTensor
    from tensorly.decomposition import non_negative_parafac, non_negative_parafac_hals

    solver = {"hals": non_negative_parafac_hals, "mu": non_negative_parafac}[method]
    first = CPTensor((np.ones(RANK), [factor.copy() for factor in init]))
    _, errors = solver(
        x, RANK, n_iter_max=iterations, init=first, tol=-1, cvg_criterion="rec_error",
        return_errors=True,
    )  # fmt: skip
    return np.array([float(error) for error in errors])


SOLVERS = {"ours": ours, "tensorly": theirs}


def high_water() -> float:
    """Largest resident memory of this process so far, in MB.

    From Linux's own account: what `resource` gives begins at the parent's size.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _peak(library: str, method: str, path: str, answer) -> None:
    stored = np.load(path)
    x, init = stored["x"], [stored[name] for name in "abc"]
    small = np.ascontiguousarray(x[:10, :40])
    SOLVERS[library](small, start(small), method, 2)  # compiles and imports
    before = high_water()
    SOLVERS[library](x, init, method, 3)
    answer.put(high_water() - before)


def peak_memory(library: str, method: str, x: np.ndarray) -> float:
    """MB that three iterations add to the peak of a process that holds the tensor."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "tensor.npz")
        np.savez(path, x=x, **dict(zip("abc", start(x), strict=True)))
        process = context.Process(target=_peak, args=(library, method, path, answer))
        process.start()
        megabytes = answer.get(timeout=600)
        process.join()
    return megabytes


@pytest.fixture(scope="module")
def error_at_convergence() -> float:
    x = tensor()
    return ntf(x, RANK, iterations=1000, tol=1e-8, init=start(x)).relative_error


@pytest.mark.parametrize("method", ["hals", "mu"])
@pytest.mark.parametrize("library", ["ours", "tensorly"])
def test_one_night(benchmark, library, method, error_at_convergence):
    benchmark.group = "NTF, 200 x 14,400 x 7, rank 3, 200 iterations, float64"
    x = tensor()
    SOLVERS[library](x[:10, :40], start(x[:10, :40]), method, 2)
    init = start(x)
    before = time.process_time()
    errors = benchmark.pedantic(SOLVERS[library], (x, init, method, ITERATIONS), rounds=1)
    processor = time.process_time() - before
    seconds = benchmark.stats.stats.mean
    near = np.flatnonzero(errors <= 1.0001 * error_at_convergence)
    needed = int(near[0]) + 1 if near.size else None
    benchmark.extra_info |= {
        "processor_seconds": round(processor, 1),
        "error": round(errors[-1], 6),
        "iterations_to_error": needed,
        "seconds_to_error": needed and round(seconds * needed / ITERATIONS, 2),
        "peak_MB": round(peak_memory(library, method, x)),
    }


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_cores_and_precision(benchmark, dtype, threads):
    benchmark.group = "HALS, 200 x 14,400 x 7, rank 3, 100 iterations"
    x = tensor(SHAPE, dtype)
    ours(x[:10, :40], start(x[:10, :40]), "hals", 2)
    errors = benchmark.pedantic(ours, (x, start(x), "hals", 100, threads), rounds=3)
    benchmark.extra_info |= {
        "error": round(errors[-1], 6),
        "peak_MB": round(peak_memory("ours", "hals", x)),
    }


@pytest.mark.parametrize("samples", [1_800, 3_600, 7_200, 14_400, 28_800])
def test_growth_with_length(benchmark, samples):
    benchmark.group = "HALS, growth with length, 200 x samples x 7, rank 3, 50 iterations"
    x = tensor((200, samples, 7))
    benchmark.pedantic(ours, (x, start(x), "hals", 50), rounds=3)


@pytest.mark.parametrize("rank", [1, 2, 3, 5, 8])
def test_growth_with_rank(benchmark, rank):
    benchmark.group = "HALS, growth with rank, 200 x 7,200 x 7, 50 iterations"
    x = tensor((200, 7_200, 7))
    benchmark.pedantic(ntf, (x, rank), {"iterations": 50, "tol": 0}, rounds=3)


@pytest.mark.parametrize("nights", [1, 4, 16])
@pytest.mark.parametrize("way", ["one by one", "torch batch"])
def test_many_nights(benchmark, way, nights):
    benchmark.group = "HALS, growth with nights, 60 x 1,800 x 7, rank 3, 50 iterations"
    import torch

    from precursor_lib.decompose.ntf_batch import ntf_batch

    # Its many small products only wait for each other where threads have to share a core.
    torch.set_num_threads(1)
    x = np.repeat(tensor((60, 1_800, 7))[None], nights, axis=0)
    options = {"iterations": 50, "tol": 0}
    if way == "torch batch":
        benchmark.pedantic(ntf_batch, (x, RANK), options, rounds=2)
    else:
        benchmark.pedantic(lambda: [ntf(y, RANK, **options) for y in x], rounds=2)
