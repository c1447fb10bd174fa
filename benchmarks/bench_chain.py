"""The SW-NTF chain over a network's nights at the paper's size, as the Madoi page runs it.

Run with ``python -m pytest benchmarks/bench_chain.py -s``. ``PRECURSOR_BENCH_NIGHTS`` sets how many
of the 120 nights are taken (12 by default; 120 for the whole case). No peer offers the chain; the
parts have their own benchmarks.
"""

from __future__ import annotations

import os
import time

import numba
import pytest

from precursor_lib.data import open_dataset
from precursor_lib.pipelines import PAPER, run_network, run_night

NIGHTS = int(os.environ.get("PRECURSOR_BENCH_NIGHTS", "12"))


@pytest.mark.parametrize("workers", [1, 2])
def test_nights_at_full_size(workers: int, capsys: pytest.CaptureFixture[str]) -> None:
    opened = open_dataset("madoi-network", mode="bundled", gaps=None).data
    event = opened.attrs["settings"]["epicentre"]["time"]
    numba.set_num_threads(min(workers, numba.config.NUMBA_NUM_THREADS))
    run_night(opened.night(0), 0, PAPER)  # compiles
    start = time.perf_counter()
    result = run_network(opened, event=event, nights=range(NIGHTS), workers=workers, progress=False)
    seconds = time.perf_counter() - start
    assert len(result.nights) == NIGHTS
    with capsys.disabled():
        print(
            f"\n{NIGHTS} nights of 7 x 14,400 samples, 200 frequencies, three detectors, "
            f"{workers} at a time: {seconds:.0f} s, {seconds / NIGHTS:.2f} s a night, "
            f"{120 * seconds / NIGHTS / 60:.1f} min for 120"
        )
