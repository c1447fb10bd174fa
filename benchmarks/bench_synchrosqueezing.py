"""Synchrosqueezing of one station's night (14,400 samples, 0.001-0.5 Hz), beside ssqueezepy.

Run with ``pytest benchmarks/bench_synchrosqueezing.py``; each row says how much memory its own
process needed at its peak above what the imports take.
"""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from precursor_lib.decompose import dwt_detrend, synchrosqueeze

SAMPLES = 14_400


def record(samples: int = SAMPLES) -> np.ndarray:
    """A detrended random walk: red, as the field is."""
    return dwt_detrend(np.cumsum(np.random.default_rng(0).normal(size=samples)))


def ours(x: np.ndarray, dtype: str, voices: int) -> None:
    synchrosqueeze(x, 1.0, fmin=0.001, fmax=0.5, voices=voices, dtype=dtype)


def theirs(x: np.ndarray, dtype: str, voices: int) -> None:
    from ssqueezepy import Wavelet, ssq_cwt

    wavelet = Wavelet(("morlet", {"mu": 6.0, "dtype": dtype}))
    # The scales that ours takes: from five times 0.5 Hz to 1.8 times below 0.001 Hz.
    number = int(np.ceil(voices * np.log2(0.5 / 0.001 * 9))) + 1
    scales = 6.0 / (2 * np.pi * 2.5) * 2 ** (np.arange(number) / voices)
    frequencies = np.geomspace(0.001, 0.5, number)
    ssq_cwt(x.astype(dtype), wavelet, scales=scales, fs=1.0, ssq_freqs=frequencies)


def _high_water() -> float:
    """Largest resident size of this process so far, in MB (Linux)."""
    # Not getrusage: its maximum is handed down by the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _peak(work, dtype: str, voices: int, answer) -> None:
    work(record(2_000), dtype, voices)  # compiles and imports
    before = _high_water()
    work(record(), dtype, voices)
    answer.put(_high_water() - before)


def peak_memory(work, dtype: str, voices: int) -> float:
    """MB above the process's own peak before, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=_peak, args=(work, dtype, voices, answer))
    process.start()
    megabytes = answer.get(timeout=300)
    process.join()
    return megabytes


@pytest.mark.parametrize("voices", [16, 32])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("work", [ours, theirs], ids=["ours", "ssqueezepy"])
def test_one_station_night(benchmark, work, dtype, voices):
    benchmark.group = f"synchrosqueezing, 14,400 samples, {dtype}, {voices} voices"
    x = record()
    benchmark.pedantic(work, (x, dtype, voices), rounds=5, warmup_rounds=1)
    benchmark.extra_info["peak_memory_MB"] = round(peak_memory(work, dtype, voices))


@pytest.mark.parametrize("samples", [3_600, 7_200, 14_400, 28_800, 57_600])
def test_growth_with_length(benchmark, samples):
    benchmark.group = "synchrosqueezing, growth with length, float32"
    x = record(samples)
    benchmark.pedantic(ours, (x, "float32", 16), rounds=3, warmup_rounds=1)
