"""Variational mode decomposition of rows of samples that have passed their checks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, idct

from precursor_lib.decompose.vmd_solver import (
    Settled,
    Spectrum,
    follow_flow,
    sweep_until_settled,
)

Array = NDArray[np.float64]

WARM_UP = 100
"""Classic sweeps before the fixed point's own iteration, which choose the valley it goes down."""

LIMITS = {"fixed-point": 1000, "sweeps": 5000}
"""Most iterations unless given."""


@dataclass(frozen=True)
class Options:
    """How to decompose: the checked arguments of `vmd`; `warm` is a start without sweeps before."""

    alpha: float
    tol: float
    method: str
    tau: float
    dc: bool
    warm: bool
    limit: int


def decompose(
    series: Array, starts: Array, options: Options, threads: int
) -> tuple[Array, list[Settled]]:
    """Decompose rows of samples that have passed their checks.

    Parameters
    ----------
    series : ndarray, shape (S, n)
        Finite samples.
    starts : ndarray, shape (S, K)
        Centre frequencies to start from.
    options : Options
        How to do it.
    threads : int
        Threads; one row is shared between them, several rows are taken side by side.

    Returns
    -------
    ndarray, shape (S, K, n)
        The modes, by rising centre frequency.
    list of Settled
        Where each row's iteration ended.
    """
    out = np.empty((*starts.shape, series.shape[1]))

    def one(i: int, spread: int, pool: ThreadPoolExecutor | None) -> Settled:
        spectrum, transform, unit = _spectrum(series[i], options, pool, spread)
        settled = _iterate(spectrum, out[i], starts[i], options)
        rank = np.argsort(settled.w, kind="stable")
        settled.w = settled.w[rank]
        settled.history = [w[rank] for w in settled.history]
        if (rank[1:] < rank[:-1]).any():
            out[i] = out[i][rank]
        _to_time(out[i], transform, unit)
        return settled

    return out, _each(one, series.shape[0], threads)


def held(series: Array, w: Array, alpha: float) -> Array:
    """Return the modes (K, n) of one row for centre frequencies that are held."""
    options = Options(alpha, 1.0, "sweeps", 0.0, False, True, 1)
    spectrum, transform, unit = _spectrum(series, options, None, 1)
    modes = np.empty((w.size, series.size))
    spectrum.closed_gains(modes, w)
    _to_time(modes, transform, unit)
    return modes


def _to_time(gains: Array, transform: Array, unit: float) -> None:
    """Turn gains into modes, in place and one by one: all at once would take twice the memory."""
    for gain in gains:
        gain *= transform
        gain[:] = idct(gain, type=2)
        gain *= unit


def _each(
    one: Callable[[int, int, ThreadPoolExecutor | None], Settled], number: int, threads: int
) -> list[Settled]:
    """Run the series side by side, or one series on all threads."""
    if threads == 1:
        return [one(i, 1, None) for i in range(number)]
    with ThreadPoolExecutor(threads) as pool:
        if number == 1:
            return [one(0, threads, pool)]
        return list(pool.map(lambda i: one(i, 1, None), range(number)))


def _spectrum(
    series: Array, options: Options, pool: ThreadPoolExecutor | None, threads: int
) -> tuple[Spectrum, Array, float]:
    """Transform a series in a unit of its own, so that no power over- or underflows."""
    unit = float(np.abs(series).max()) or 1.0
    transform = dct(series / unit, type=2)
    power = np.square(transform)
    about_mean = power[1:].sum()
    if about_mean <= power.size * np.finfo(float).eps ** 2 * power[0]:
        about_mean = power[0]  # a constant: what stands beside its mean is rounding
    power /= about_mean or 1.0
    spectrum = Spectrum(power, options.alpha, int(options.dc), pool, threads)
    return spectrum, transform, unit


def _iterate(spectrum: Spectrum, gains: Array, start: Array, options: Options) -> Settled:
    """Run a method from a start; the gains are left in `gains`."""
    tol, limit = options.tol, options.limit
    if options.warm:
        spectrum.closed_gains(gains, start)
    else:
        gains[:] = 0.0
    if options.method == "sweeps":
        return sweep_until_settled(spectrum, gains, start, sweeps=limit, tol=tol, tau=options.tau)
    if options.warm:
        return follow_flow(spectrum, gains, start, steps=limit, tol=tol)
    before = sweep_until_settled(spectrum, gains, start, sweeps=WARM_UP)
    after = follow_flow(spectrum, gains, before.w, steps=limit, tol=tol)
    after.history = before.history + after.history[1:]
    return after
