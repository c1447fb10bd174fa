"""Multivariate EMD of one network night (7 stations x 14,400 samples, 64 directions), beside peers.

Run with ``python -m pytest benchmarks/bench_memd.py``. The peers are in
``benchmarks/requirements.txt``; one that is not installed is skipped with a message. Each row of
the night says how much memory its own process needed at its peak above what imports and a short
first run take.
"""

from __future__ import annotations

import importlib
import multiprocessing
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from precursor_lib.decompose import memd

STATIONS, SAMPLES, DIRECTIONS = 7, 14_400, 64


def night(stations: int = STATIONS, samples: int = SAMPLES) -> np.ndarray:
    """Noise with power 1/f at each station and a common wave of 60 s, standard deviation 1 each."""
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(size=(stations, samples)))
    frequency = np.fft.rfftfreq(samples)
    spectrum[:, 1:] /= np.sqrt(frequency[1:])
    spectrum[:, 0] = 0
    noise = np.fft.irfft(spectrum, samples)
    wave = np.sqrt(2) * np.sin(2 * np.pi * np.arange(samples) / 60)
    return noise / noise.std(axis=1, keepdims=True) + wave


def ours(x: np.ndarray) -> np.ndarray:
    return memd(x, DIRECTIONS)


def ours_one_thread(x: np.ndarray) -> np.ndarray:
    return memd(x, DIRECTIONS, threads=1)


def pysdkit(x: np.ndarray) -> np.ndarray:
    return importlib.import_module("pysdkit").MEMD(n_dir=DIRECTIONS).fit_transform(x)


def modewise(x: np.ndarray) -> np.ndarray:
    return importlib.import_module("modewise").memd(x, 1.0, num_directions=DIRECTIONS).modes


PROGRAMS = [ours, ours_one_thread, pysdkit, modewise]


def require(work: Callable[[np.ndarray], np.ndarray]) -> None:
    """Skip where the peer is not installed."""
    if work.__name__ in ("pysdkit", "modewise"):
        pytest.importorskip(work.__name__, reason=f"{work.__name__}: benchmarks/requirements.txt")


def _peak(work: Callable[[np.ndarray], np.ndarray], answer: multiprocessing.Queue) -> None:
    x = night()
    work(night(samples=600))
    before = _high_water()
    work(x)
    answer.put(_high_water() - before)


def _high_water() -> float:
    """Peak of this process's resident memory, in MB; getrusage's outlives the parent's exec."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def peak_memory(work: Callable[[np.ndarray], np.ndarray]) -> float:
    """MB that the decomposition adds to the peak of a process of its own."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=_peak, args=(work, answer))
    process.start()
    megabytes = answer.get(timeout=600)
    process.join()
    return megabytes


@pytest.mark.parametrize("work", PROGRAMS, ids=[w.__name__ for w in PROGRAMS])
def test_network_night(benchmark, work):
    require(work)
    benchmark.group = "MEMD, 7 x 14,400 samples, 64 directions, standard stopping rule"
    mine = work in (ours, ours_one_thread)
    imfs = benchmark.pedantic(
        work, (night(),), rounds=5 if mine else 1, warmup_rounds=1 if mine else 0
    )
    benchmark.extra_info["imfs"] = np.shape(imfs)[0]
    benchmark.extra_info["peak_memory_MB"] = round(peak_memory(work))


def test_modes_of_pysdkit(benchmark):
    """On pysdkit's own directions: how far its first IMFs lie from ours."""
    peer = pytest.importorskip("pysdkit", reason="pysdkit: benchmarks/requirements.txt")
    benchmark.group = "MEMD, 7 x 2,000 samples: agreement on pysdkit's directions"
    x = night(samples=2_000)
    program = peer.MEMD(n_dir=DIRECTIONS)
    theirs = program.fit_transform(x).transpose(0, 2, 1)
    found = benchmark.pedantic(
        memd, (x, program.direction_vectors(STATIONS)), rounds=3, warmup_rounds=1
    )
    shared = min(len(found), len(theirs))
    apart = np.abs(found[:shared] - theirs[:shared]).max(axis=(1, 2))
    benchmark.extra_info["largest_difference_by_imf"] = [float(f"{d:.1e}") for d in apart]
    assert apart[0] < 1e-10


# Growth is that of a sifting: the number of siftings depends on the series as well.
@pytest.mark.parametrize("samples", [3_600, 7_200, 14_400, 28_800, 57_600, 115_200])
def test_growth_with_length(benchmark, samples):
    benchmark.group = "MEMD growth with length: 7 channels, 64 directions, 10 siftings, 1 IMF"
    _grow(benchmark, night(samples=samples), DIRECTIONS)


@pytest.mark.parametrize("channels", [2, 4, 8, 16, 32, 64])
def test_growth_with_channels(benchmark, channels):
    benchmark.group = "MEMD growth with channels: 7,200 samples, 64 directions, 10 siftings, 1 IMF"
    _grow(benchmark, night(channels, 7_200), DIRECTIONS)


@pytest.mark.parametrize("directions", [16, 32, 64, 128, 256, 512])
def test_growth_with_directions(benchmark, directions):
    benchmark.group = "MEMD growth with directions: 7 x 7,200 samples, 10 siftings, 1 IMF"
    _grow(benchmark, night(samples=7_200), directions)


def _grow(benchmark, x: np.ndarray, directions: int) -> None:
    benchmark.pedantic(
        memd,
        (x, directions),
        {"stop": "fixed", "siftings": 10, "max_imfs": 1},
        rounds=3,
        warmup_rounds=1,
    )
