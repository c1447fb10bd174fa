"""Multivariate empirical mode decomposition (MEMD).

Source: N. Rehman & D. P. Mandic (2010), Multivariate empirical mode decomposition, Proc. R. Soc. A
466, 1291-1302. Stopping rule and treatment of the ends: G. Rilling, P. Flandrin & P. Goncalves
(2003), On empirical mode decomposition and its algorithms. Noise-assisted form: N. Rehman &
D. P. Mandic (2011), Filter bank property of multivariate empirical mode decomposition.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numba import get_num_threads
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import qmc

from precursor_lib.decompose.memd_sifting import Sifter
from precursor_lib.errors import InputError, unknown

NEGLIGIBLE = 1e-10
"""What is left is a residue when it is this small beside the signal: its extrema are rounding."""


@dataclass(frozen=True)
class MemdReport:
    """How a decomposition went.

    Attributes
    ----------
    siftings : tuple of int
        Number of siftings of each IMF.
    settled : tuple of bool
        Whether the stopping rule was met; False where `max_siftings` ended the IMF.
    directions : (direction, channel) ndarray
        The unit vectors that were used, noise channels included.
    """

    siftings: tuple[int, ...]
    settled: tuple[bool, ...]
    directions: NDArray[np.float64]


def sphere_directions(count: int, channels: int) -> NDArray[np.float64]:
    """Low-discrepancy unit vectors on the sphere of `channels` dimensions.

    A direction and its opposite give the same mean envelope, so one channel needs one direction,
    and two channels take `count` equal steps of a half circle. Otherwise a Hammersley set (k/count
    and radical inverses to the first primes) is sent through the inverse normal distribution and
    normalised, which makes it uniform on the sphere. Angles, or the cube's points normalised,
    as in programs in wide use, crowd towards the poles or the corners of the cube.

    Parameters
    ----------
    count : int
        Number of directions, at least 1 (for one channel, one is returned).
    channels : int
        Dimensions of the sphere's space, at least 1.

    Returns
    -------
    (count, channels) ndarray
        Rows of unit length.
    """
    if channels == 1:
        return np.ones((1, 1))
    centred = (np.arange(count) + 0.5) / count
    if channels == 2:
        return np.column_stack([np.cos(np.pi * centred), np.sin(np.pi * centred)])
    # Place 0 of the radical inverses is the corner 0, which the normal sends to infinity.
    inverses = qmc.Halton(d=channels - 1, scramble=False).random(count + 1)[1:]
    points = ndtri(np.column_stack([centred, inverses]))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@overload
def memd(
    x: ArrayLike,
    directions: int | ArrayLike = ...,
    *,
    stop: Literal["standard", "fixed"] = ...,
    thresholds: Sequence[float] = ...,
    siftings: int = ...,
    max_imfs: int | None = ...,
    max_siftings: int = ...,
    noise_channels: int = ...,
    noise_level: float = ...,
    seed: int = ...,
    threads: int | None = ...,
    report: Literal[False] = ...,
) -> NDArray[np.float64]: ...
@overload
def memd(
    x: ArrayLike,
    directions: int | ArrayLike = ...,
    *,
    stop: Literal["standard", "fixed"] = ...,
    thresholds: Sequence[float] = ...,
    siftings: int = ...,
    max_imfs: int | None = ...,
    max_siftings: int = ...,
    noise_channels: int = ...,
    noise_level: float = ...,
    seed: int = ...,
    threads: int | None = ...,
    report: Literal[True],
) -> tuple[NDArray[np.float64], MemdReport]: ...
def memd(
    x: ArrayLike,
    directions: int | ArrayLike = 64,
    *,
    stop: Literal["standard", "fixed"] = "standard",
    thresholds: Sequence[float] = (0.075, 0.75, 0.075),
    siftings: int = 10,
    max_imfs: int | None = None,
    max_siftings: int = 1000,
    noise_channels: int = 0,
    noise_level: float = 0.1,
    seed: int = 0,
    threads: int | None = None,
    report: bool = False,
) -> NDArray[np.float64] | tuple[NDArray[np.float64], MemdReport]:
    """Decompose a multivariate series into oscillations that are aligned across its channels.

    The signal is projected on directions; through its values at the maxima (minima) of each
    projection runs a cubic spline (not-a-knot), the upper (lower) envelope. Their mean over
    directions is subtracted until the stopping rule holds: that is an intrinsic mode function
    (IMF). What is left is decomposed in turn, until no projection has three extrema. At each end
    two extrema are mirrored (Rilling et al. 2003).

    Channels should share a unit or be scaled beforehand: directions mix them.

    Parameters
    ----------
    x : (channel, time) array_like
        The series, finite, in any unit.
    directions : int or (direction, channel) array_like, optional
        How many directions, or the directions themselves (any length but zero). Given directions
        must cover the noise channels as well.
    stop : {"standard", "fixed"}, optional
        "standard": with ``e = |mean envelope| / amplitude``, where amplitude is the mean over
        directions of half the distance between the envelopes, stop when ``e > sd`` on at most a
        share `tol` of the samples and ``e <= sd2`` everywhere. "fixed": `siftings` siftings.
    thresholds : (sd, sd2, tol), optional
        Of the standard rule.
    siftings : int, optional
        Of the fixed rule.
    max_imfs : int, optional
        Stop after that many IMFs; the rest is in the last row.
    max_siftings : int, optional
        Limit of the standard rule; reaching it gives a `RuntimeWarning` that names the IMF.
    noise_channels : int, optional
        Channels of white Gaussian noise to decompose along with the signal (noise-assisted MEMD);
        they are not returned.
    noise_level : float, optional
        Standard deviation of that noise, as a share of the root mean variance of the channels.
    seed : int, optional
        Of that noise.
    threads : int, optional
        Threads to use; None takes numba's number (``NUMBA_NUM_THREADS``, all cores by default).
        The result does not depend on it. Give 1 where many nights run side by side.
    report : bool, optional
        Return a `MemdReport` as well.

    Returns
    -------
    imfs : (imf, channel, time) ndarray
        From fast to slow; the last row is the residue. The sum over `imf` is `x` to rounding.
    report : MemdReport
        If `report`.

    Raises
    ------
    InputError
        If `x` is not a finite 2-d array (the first bad channel and sample are named) or a
        parameter is out of range.
    """
    signal = _checked_signal(x)
    _check_parameters(stop, thresholds, siftings, max_imfs, max_siftings, noise_channels, threads)
    channels, length = signal.shape
    # Large offsets (a field of 30,000 nT) would cost digits of the small signal: they are taken
    # off first and end in the residue.
    offset = signal.mean(axis=1, keepdims=True)
    work = signal - offset
    if noise_channels:
        if not (np.isfinite(noise_level) and noise_level > 0):
            raise InputError(f"noise_level is {noise_level}; expected a finite number above 0")
        sigma = noise_level * np.sqrt(work.var(axis=1).mean())
        noise = np.random.default_rng(seed).normal(scale=sigma, size=(noise_channels, length))
        work = np.vstack([work, noise])
    threads = get_num_threads() if threads is None else threads
    vectors = _checked_directions(directions, work.shape[0])
    floor = max(
        NEGLIGIBLE * np.abs(work).max(), 8 * np.finfo(np.float64).eps * np.abs(signal).max()
    )
    imfs: list[NDArray[np.float64]] = []
    counts: list[int] = []
    settled: list[bool] = []
    rest = work
    limit = siftings if stop == "fixed" else max_siftings
    rule = None if stop == "fixed" else thresholds
    with Sifter(work.shape[0], length, vectors, rule, limit, threads) as sifter:
        while (max_imfs is None or len(imfs) < max_imfs) and np.abs(rest).max() > floor:
            found = sifter.next_imf(rest)
            if found is None:
                break
            imf, count, done = found
            if not done:
                warnings.warn(
                    f"IMF {len(imfs)} did not meet the stopping rule in {max_siftings} siftings",
                    RuntimeWarning,
                    stacklevel=2,
                )
            rest = rest - imf
            imfs.append(imf[:channels])
            counts.append(count)
            settled.append(done)
    result = np.stack([*imfs, rest[:channels] + offset])
    if report:
        return result, MemdReport(tuple(counts), tuple(settled), vectors)
    return result


def _checked_signal(x: ArrayLike) -> NDArray[np.float64]:
    """The signal as contiguous float64, or an error that says what is wrong with it."""
    signal = np.ascontiguousarray(x, dtype=np.float64)
    if signal.ndim != 2 or 0 in signal.shape:
        raise InputError(
            f"x has shape {signal.shape}; expected (channel, time), none empty"
            + ("; for one channel give x[None, :]" if signal.ndim == 1 else "")
        )
    bad = ~np.isfinite(signal)
    if bad.any():
        channel, sample = np.argwhere(bad)[0]
        raise InputError(
            f"x is {signal[channel, sample]} at channel {channel}, sample {sample} "
            f"({int(bad.sum())} such values in all); expected finite values: fill gaps first"
        )
    return signal


def _checked_directions(directions: int | ArrayLike, channels: int) -> NDArray[np.float64]:
    """Unit vectors from a count or from given vectors."""
    if isinstance(directions, int | np.integer):
        if directions < 1:
            raise InputError(f"directions is {directions}; expected at least 1")
        return sphere_directions(int(directions), channels)
    vectors = np.array(directions, dtype=np.float64)
    if vectors.ndim != 2 or vectors.shape[1] != channels or len(vectors) == 0:
        raise InputError(
            f"directions has shape {vectors.shape}; expected (direction, {channels}), "
            "one column a channel (noise channels last)"
        )
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(vectors).all() or (norms == 0).any():
        raise InputError("directions holds a zero or non-finite vector; expected finite directions")
    return vectors / norms


def _check_parameters(
    stop: str,
    thresholds: Sequence[float],
    siftings: int,
    max_imfs: int | None,
    max_siftings: int,
    noise_channels: int,
    threads: int | None,
) -> None:
    """Raise InputError for a parameter out of range."""
    if stop not in ("standard", "fixed"):
        raise InputError(unknown("stop", str(stop), ("standard", "fixed")))
    if len(thresholds) != 3 or not all(np.isfinite(v) and v >= 0 for v in thresholds):
        raise InputError(
            f"thresholds is {tuple(thresholds)}; expected (sd, sd2, tol), none below 0"
        )
    for name, value, least in (
        ("siftings", siftings, 1),
        ("max_siftings", max_siftings, 1),
        ("max_imfs", 1 if max_imfs is None else max_imfs, 1),
        ("noise_channels", noise_channels, 0),
        ("threads", 1 if threads is None else threads, 1),
    ):
        if value < least:
            raise InputError(f"{name} is {value}; expected at least {least}")
