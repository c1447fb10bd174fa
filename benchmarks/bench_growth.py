"""Sigmoids through many cumulative curves: `fit_many` beside lmfit and scipy, a curve at a time.

Run with ``python -m pytest benchmarks/bench_growth.py -s``. ``PRECURSOR_BENCH_CURVES`` sets the
number of curves of `fit_many` (5000 by default); the others get a fiftieth. scipy's ``curve_fit``
starts at the curve's own range and the middle of the window, as it is commonly called.
"""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from scipy.optimize import curve_fit

from precursor_lib.detect import fit_many, fit_sigmoid, sigmoid
from precursor_lib.evaluate.nulls import poisson_curves

CURVES = int(os.environ.get("PRECURSOR_BENCH_CURVES", "5000"))
DAYS = np.arange(-89.0, 31.0)


def _scipy_r2(curve: np.ndarray) -> float:
    start = [curve[0], curve[-1], DAYS.mean(), 10.0]
    try:
        best, _ = curve_fit(sigmoid, DAYS, curve, start, maxfev=4000)
    except RuntimeError:
        return np.nan
    return float(
        1 - np.sum((sigmoid(DAYS, *best) - curve) ** 2) / np.sum((curve - curve.mean()) ** 2)
    )


def test_curves_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    curves = poisson_curves(48, DAYS.size, CURVES, seed=1).astype(float)
    fit_many(DAYS, curves[:2])  # compiles
    start = time.perf_counter()
    batch = fit_many(DAYS, curves)
    rates = {"fit_many": CURVES / (time.perf_counter() - start)}
    few = max(CURVES // 50, 10)
    r2 = {}
    for name, one in (
        ("fit_sigmoid (lmfit)", lambda c: fit_sigmoid(DAYS, c).r2),
        ("scipy", _scipy_r2),
    ):
        start = time.perf_counter()
        r2[name] = np.array([one(curve) for curve in curves[:few]])
        rates[name] = few / (time.perf_counter() - start)
    found = batch["r2_s"].to_numpy()[:few]
    assert np.all(found >= r2["fit_sigmoid (lmfit)"] - 1e-5)
    worse = np.mean(~(r2["scipy"] >= found - 1e-4))
    with capsys.disabled():
        print()
        for name, rate in rates.items():
            print(f"{name}: {rate:.0f} curves of {DAYS.size} days a second")
        print(
            f"scipy from one start ends elsewhere, or nowhere, in {100 * worse:.0f} % of the curves"
        )
