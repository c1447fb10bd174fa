"""All circular shifts of a catalogue against ten years of daily scores, beside loops.

Run with ``python -m pytest benchmarks/bench_alarms.py``. The area under the ROC for each shift is
what a loop with scikit-learn's `roc_auc_score` gives; with one event a day at most Molchan's area
follows from it. The mean around the events for each shift is what a loop with numpy's `roll` gives.
Each row's ``difference`` is the largest difference of the results. ``PRECURSOR_BENCH_DAYS`` sets
the length of the record.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from precursor_lib.evaluate.alarms import shifted_means, standing

DAYS = int(os.environ.get("PRECURSOR_BENCH_DAYS", "3653"))
OFFSETS = np.arange(-30, 31)


@pytest.fixture(scope="module")
def record() -> tuple[np.ndarray, np.ndarray]:
    """Score and events by day, one event a day at most."""
    rng = np.random.default_rng(0)
    return rng.normal(size=DAYS), (rng.random(DAYS) < 0.03).astype(int)


def area_ours(score: np.ndarray, events: np.ndarray) -> np.ndarray:
    return shifted_means(standing(score), events)


def area_loop(score: np.ndarray, events: np.ndarray) -> np.ndarray:
    share = events.mean()
    areas = [roc_auc_score(np.roll(events, s), score) for s in range(score.size)]
    return (1 - share) * np.array(areas) + share / 2


def epochs_ours(score: np.ndarray, events: np.ndarray) -> np.ndarray:
    return shifted_means(np.stack([np.roll(score, -j) for j in OFFSETS]), events)


def epochs_loop(score: np.ndarray, events: np.ndarray) -> np.ndarray:
    days = np.flatnonzero(events)
    places = days + OFFSETS[:, None]
    size = score.size
    return np.stack([score[(places + s) % size].mean(axis=1) for s in range(size)], axis=1)


RUNS = {
    "area": {"precursor_lib": area_ours, "scikit-learn": area_loop},
    "epochs": {"precursor_lib": epochs_ours, "numpy": epochs_loop},
}


@pytest.mark.parametrize(
    ("task", "program"), [(task, program) for task, runs in RUNS.items() for program in runs]
)
def test_all_shifts(
    benchmark: Any, record: tuple[np.ndarray, np.ndarray], task: str, program: str
) -> None:
    benchmark.group = task
    found = benchmark.pedantic(RUNS[task][program], args=record, rounds=3, warmup_rounds=1)
    (other,) = (run for name, run in RUNS[task].items() if name != program)
    difference = float(np.abs(found - other(*record)).max())
    benchmark.extra_info["difference"] = difference
    assert difference < 1e-9
