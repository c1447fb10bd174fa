"""What variational mode decomposition accepts: series, parameters and starting points."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError, unknown

Array = NDArray[np.float64]

METHODS = ("fixed-point", "sweeps")
STARTS = ("uniform", "zero", "random")


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def series_rows(x: ArrayLike) -> tuple[Array, bool]:
    """Give the series as rows, and whether a single one was given."""
    given = np.asarray(x)
    if given.dtype.kind not in "iuf":
        raise InputError(f"x: expected real numbers, got the type {given.dtype}")
    if given.ndim not in (1, 2) or given.shape[-1] < 2 or given.shape[0] == 0:
        raise InputError(
            f"x: expected the shape (n,) or (series, n) with n >= 2, got {given.shape}"
        )
    rows = np.atleast_2d(given).astype(np.float64)
    bad = np.argwhere(~np.isfinite(rows))
    if bad.size:
        row, first = bad[0]
        where = f"x[{first}]" if given.ndim == 1 else f"x[{row}, {first}]"
        raise InputError(
            f"{where} is {rows[row, first]}, and {len(bad)} samples in all are not finite; "
            "a decomposition needs a series without gaps"
        )
    return rows, given.ndim == 1


def check(
    modes: int, alpha: float, tol: float, method: str, tau: float,
    max_iterations: int | None, workers: int | None,
) -> None:  # fmt: skip
    """Refuse parameters that are out of their range."""
    if method not in METHODS:
        raise InputError(f"method: {unknown('method', str(method), METHODS)}")
    counts = {"modes": modes, "max_iterations": max_iterations, "workers": workers}
    for name, count in counts.items():
        if count is not None and (int(count) != count or count < 1):
            raise InputError(f"{name}: expected an integer of at least 1, got {count}")
    for name, value in {"alpha": alpha, "tol": tol}.items():
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"{name}: expected a positive number, got {value}")
    if not (np.isfinite(tau) and tau >= 0):
        raise InputError(f"tau: expected a number of at least 0, got {tau}")
    if tau and method != "sweeps":
        raise InputError(
            f"tau: {tau} needs method='sweeps'; the closed form holds without dual ascent (tau=0)"
        )


def starting_points(init: Any, modes: int, shape: tuple[int, int], dc: bool, seed: int) -> Array:
    """Give the centre frequencies that each series starts from, shape (S, K)."""
    count, n = shape
    if isinstance(init, str):
        if init not in STARTS:
            raise InputError(f"init: {unknown('start', init, STARTS)}")
        start = np.zeros(modes)
        if init == "uniform":
            start = 0.5 * np.arange(modes) / modes
        elif init == "random":
            if int(seed) != seed or seed < 0:
                raise InputError(f"seed: expected a whole number of at least 0, got {seed}")
            share = np.random.default_rng(seed).random(modes)
            start = np.sort(np.exp(np.log(1.0 / n) * (1.0 - share) + np.log(0.5) * share))
    else:
        start = np.asarray(getattr(init, "centre_frequencies", init), dtype=np.float64)
        if start.shape not in ((modes,), (count, modes)):
            raise InputError(
                f"init: expected centre frequencies of the shape ({modes},) or "
                f"({count}, {modes}), got {start.shape}"
            )
        if not (np.isfinite(start) & (start >= 0) & (start <= 0.5)).all():
            raise InputError("init: expected centre frequencies between 0 and 0.5 cycles a sample")
    starts = np.broadcast_to(start, (count, modes)).copy()
    if dc:
        starts[:, 0] = 0.0
    return starts
