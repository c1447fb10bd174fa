"""Variational mode decomposition (K = 5, alpha = 5000) at one-minute sampling, beside peers.

Run with ``python -m pytest benchmarks/bench_vmd.py``; the peers are in
``benchmarks/requirements.txt``, and one that is not installed is skipped with a message. Every
program runs in a process of its own, which has imported it and decomposed a short series before
the clock starts. Each row says

- ``cpu_seconds``: least processor time of a round, all threads together;
- ``process_MB``: peak memory of the whole process, and ``added_MB``: what the decomposition added;
- ``difference``: largest difference of its modes to ours after the same sweeps, over the largest
  sample (rows of 499 sweeps), or relative distance of its modes to the fixed point (the others).

vmdpy and its kin do 499 sweeps and return the modes before the last one. modewise starts from
other centre frequencies; ours are given the same for the comparison.
"""

from __future__ import annotations

import importlib
import multiprocessing
import resource
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from precursor_lib.decompose import segmented_vmd, vmd

MODES, ALPHA = 5, 5000.0
FOUR_MONTHS, YEAR = 172_800, 525_600
UNIFORM = 0.5 * np.arange(MODES) / MODES
LINEAR = np.linspace(0.0, 0.5, MODES)
# Memory that a peer was seen to need at 172,800 samples, in GB; it is skipped where less is free.
HEAVY = {"vmdpy": 17.0, "pysdkit": 17.0}


def series(n: int) -> np.ndarray:
    """Four tidal waves, noise with power 1/f of unit variance, and white noise of 0.05."""
    rng = np.random.default_rng(0)
    f = np.fft.rfftfreq(n)
    spectrum = rng.normal(size=f.size) + 1j * rng.normal(size=f.size)
    spectrum[0] = 0.0
    spectrum[1:] /= np.sqrt(f[1:])
    red = np.fft.irfft(spectrum, n)
    x = red / red.std() + 0.05 * rng.normal(size=n)
    minutes = np.arange(n)
    for period, height in ((745.2, 2.0), (720.0, 1.0), (1549.2, 1.2), (1436.1, 1.0)):
        x += height * np.cos(2 * np.pi * minutes / period + rng.uniform(0, 2 * np.pi))
    return x


def ours_sweeps(x: np.ndarray, sweeps: int = 499, **kwargs: Any) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 499 sweeps do not converge, which is why we say so
        return vmd(x, MODES, ALPHA, method="sweeps", max_iterations=sweeps, **kwargs).modes


def ours_sweeps_one_thread(x: np.ndarray) -> np.ndarray:
    return ours_sweeps(x, workers=1)


def ours_fixed_point(x: np.ndarray) -> np.ndarray:
    return vmd(x, MODES, ALPHA, 1e-7).modes


def ours_fixed_point_one_thread(x: np.ndarray) -> np.ndarray:
    return vmd(x, MODES, ALPHA, 1e-7, workers=1).modes


def ours_segmented(x: np.ndarray) -> np.ndarray:
    return segmented_vmd(x, min(10_080, x.size), 1_440, MODES, ALPHA).modes


def ours_segmented_previous(x: np.ndarray) -> np.ndarray:
    return segmented_vmd(x, min(10_080, x.size), 1_440, MODES, ALPHA, init="previous").modes


def modewise(x: np.ndarray, sweeps: int = 499) -> np.ndarray:
    peer = importlib.import_module("modewise")
    result = peer.vmd(
        x[None], 1.0, MODES, ALPHA, init="linear", tau=0.0, tolerance=1e-300, max_iterations=sweeps
    )
    return np.asarray(result.modes)[:, 0]


def modewise_5000(x: np.ndarray) -> np.ndarray:
    return modewise(x, 5000)


def fast_vmdpy(x: np.ndarray) -> np.ndarray:
    return importlib.import_module("fast_vmdpy").VMD(x, ALPHA, 0.0, MODES, False, 1, 0.0)[0]


def pysdkit(x: np.ndarray) -> np.ndarray:
    peer = importlib.import_module("pysdkit").VMD(ALPHA, MODES, 0.0, tol=0.0)
    return peer.fit_transform(x)


def vmdpy(x: np.ndarray) -> np.ndarray:
    return importlib.import_module("vmdpy").VMD(x, ALPHA, 0.0, MODES, 0, 1, 0.0)[0]


Program = Callable[[np.ndarray], np.ndarray]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _serve(connection: Connection, program: Program, x: np.ndarray, reference: Any) -> None:
    """In the child: run the program each time that the parent asks, then say what it needed."""
    program(x[:2_000])
    before = _peak()
    cpu = np.inf
    modes = np.empty(0)
    connection.send("ready")
    while connection.recv():
        clock = time.process_time()
        modes = program(x)
        cpu = min(cpu, time.process_time() - clock)
        connection.send("done")
    after = _peak()
    facts = {"cpu_seconds": round(cpu, 3), "process_MB": round(after)}
    facts["added_MB"] = round(after - before)
    if reference is not None:
        facts["difference"] = float(f"{reference(x, modes):.1e}")
    connection.send(facts)


@contextmanager
def _child(program: Program, x: np.ndarray, reference: Any) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, program, x, reference))
    process.start()
    there.close()
    try:
        yield here
    finally:
        here.close()
        process.join()


def measure(benchmark: Any, program: Program, x: np.ndarray, reference: Any = None) -> None:
    """Time a program in a process of its own and note what it needed."""
    name = program.__name__.removesuffix("_5000")
    if not name.startswith("ours"):
        pytest.importorskip(name, reason=f"{name}: benchmarks/requirements.txt")
    if name in HEAVY:
        need = HEAVY[name] * x.size / FOUR_MONTHS
        rows = Path("/proc/meminfo").read_text().splitlines()
        free = [row.split()[1] for row in rows if "MemAvailable" in row]
        if not free or float(free[0]) / 2**20 < need:
            pytest.skip(f"{name}: needs {need:.0f} GB of free memory at {x.size} samples")

    def ask() -> None:
        connection.send(True)
        connection.recv()

    with _child(program, x, reference) as connection:
        connection.recv()
        quick = name.startswith("ours") or program is modewise
        benchmark.pedantic(ask, rounds=5 if quick else 1)
        connection.send(False)
        benchmark.extra_info.update(connection.recv())


def same_sweeps(x: np.ndarray, modes: np.ndarray) -> float:
    """Largest difference to our 498 sweeps: vmdpy's modes before its last sweep."""
    return float(np.abs(ours_sweeps(x, 498) - modes).max() / np.abs(x).max())


def same_sweeps_linear(x: np.ndarray, modes: np.ndarray) -> float:
    """The same for modewise, which starts from other centre frequencies and keeps the last one."""
    return float(np.abs(ours_sweeps(x, 499, init=LINEAR) - modes).max() / np.abs(x).max())


def to_fixed_point(x: np.ndarray, modes: np.ndarray, start: Any = UNIFORM) -> float:
    """Distance to the modes that classic sweeps, started at the fixed point's, do not leave."""
    here = vmd(x, MODES, ALPHA, 1e-9, init=start)
    end = vmd(x, MODES, ALPHA, 1e-9, init=here, method="sweeps")
    assert end.converged
    return float(np.linalg.norm(modes - end.modes) / np.linalg.norm(x - x.mean()))


def to_fixed_point_linear(x: np.ndarray, modes: np.ndarray) -> float:
    """The same from modewise's start."""
    return to_fixed_point(x, modes, LINEAR)


@pytest.mark.parametrize(
    ("program", "reference"),
    [
        (ours_sweeps, None),
        (ours_sweeps_one_thread, None),
        (modewise, same_sweeps_linear),
        (fast_vmdpy, same_sweeps),
        (pysdkit, same_sweeps),
        (vmdpy, same_sweeps),
    ],
    ids=lambda p: getattr(p, "__name__", ""),
)
def test_499_sweeps(benchmark, program, reference):
    benchmark.group = "VMD, K=5, alpha=5000, 172,800 samples, 499 sweeps"
    measure(benchmark, program, series(FOUR_MONTHS), reference)


@pytest.mark.parametrize(
    ("program", "reference"),
    [
        (ours_fixed_point, to_fixed_point),
        (ours_fixed_point_one_thread, to_fixed_point),
        (modewise_5000, to_fixed_point_linear),
    ],
    ids=lambda p: getattr(p, "__name__", ""),
)
def test_converged(benchmark, program, reference):
    benchmark.group = "VMD, K=5, alpha=5000, 172,800 samples, converged (modewise: 5,000 sweeps)"
    measure(benchmark, program, series(FOUR_MONTHS), reference)


@pytest.mark.parametrize(
    ("program", "reference"),
    [
        (ours_fixed_point, to_fixed_point),
        (ours_fixed_point_one_thread, to_fixed_point),
        (modewise, to_fixed_point_linear),
        (fast_vmdpy, to_fixed_point),
    ],
    ids=lambda p: getattr(p, "__name__", ""),
)
def test_year(benchmark, program, reference):
    benchmark.group = "VMD, K=5, alpha=5000, a year of minutes, ours converged, peers 499 sweeps"
    measure(benchmark, program, series(YEAR), reference)


@pytest.mark.parametrize("program", [ours_fixed_point, modewise], ids=lambda p: p.__name__)
def test_observed_year(benchmark, program):
    """Eskdalemuir, the vertical component of 2003."""
    benchmark.group = "VMD of Eskdalemuir Z, 2003, about its mean"
    opening = importlib.import_module("precursor_lib.data.opening")
    errors = importlib.import_module("precursor_lib.errors")
    try:
        z = opening.open_dataset("esk").data["Z"].values.ravel()
    except errors.PrecursorError as error:
        pytest.skip(f"esk: {error}")
    measure(benchmark, program, z - z.mean())


@pytest.mark.parametrize(
    "program", [ours_segmented, ours_segmented_previous], ids=lambda p: p.__name__
)
def test_segmented_year(benchmark, program):
    benchmark.group = "Segmented VMD, a year of minutes, 7-day windows, 1-day step"
    measure(benchmark, program, series(YEAR))


@pytest.mark.parametrize("samples", [2**k for k in range(12, 21)])
def test_growth_with_length(benchmark, samples):
    benchmark.group = "VMD growth with length: K=5, converged"
    x = series(samples)
    benchmark.pedantic(vmd, (x,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["iterations"] = vmd(x).iterations


@pytest.mark.parametrize("modes", [2, 4, 8, 16])
def test_growth_with_modes(benchmark, modes):
    benchmark.group = "VMD growth with modes: 65,536 samples, 499 sweeps"
    x = series(2**16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        benchmark.pedantic(
            vmd, (x, modes), {"method": "sweeps", "max_iterations": 499}, rounds=3, warmup_rounds=1
        )
