"""When a series stands out: runs above a multiple of its spread, of a given duration."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError, unknown

Spread = Literal["std", "mad", "iqr"]
Baseline = Literal["mean", "median", "zero"]

_COLUMNS = ["start", "end", "duration", "peak_time", "peak", "excess"]

# A normal distribution's standard deviation over its median absolute deviation and its
# interquartile range.
_SIGMA_PER_MAD = 1.482602218505602
_SIGMA_PER_IQR = 0.7413011092528010


def spread_of(values: ArrayLike, spread: Spread | float = "std") -> float:
    """Spread of a series, scaled so that a normal series gives its standard deviation.

    Parameters
    ----------
    values : array_like, shape (n,)
        The series; NaN are left out.
    spread : {"std", "mad", "iqr"} or float
        ``std`` is the standard deviation (divisor n), ``mad`` 1.4826 times the median absolute
        deviation from the median, ``iqr`` the interquartile range over 1.349. A number is taken
        as it is, for a spread known from elsewhere (all nights together, a quiet station).

    Returns
    -------
    float
        The spread in the unit of `values`; 0 where rounding alone is left of it.

    Raises
    ------
    InputError
        If `spread` is unknown, negative or not finite, or no value is finite.
    """
    x = _finite(values)
    if isinstance(spread, str):
        if spread == "std":
            sigma = float(np.std(x))
        elif spread == "mad":
            sigma = _SIGMA_PER_MAD * float(np.median(np.abs(x - np.median(x))))
        elif spread == "iqr":
            low, high = np.percentile(x, [25.0, 75.0])
            sigma = _SIGMA_PER_IQR * float(high - low)
        else:
            raise InputError(unknown("spread", spread, ("std", "mad", "iqr")))
        # A constant that has no exact mean in binary would else have a spread of one rounding.
        return 0.0 if sigma <= 8 * np.finfo(float).eps * float(np.max(np.abs(x))) else sigma
    if not (np.isfinite(spread) and spread >= 0):
        raise InputError(f"spread: expected a finite number >= 0 or a name, got {spread}")
    return float(spread)


def baseline_of(values: ArrayLike, baseline: Baseline | float = "mean") -> float:
    """Level that a series is measured from: its mean, its median, zero or a given number.

    Raises
    ------
    InputError
        If `baseline` is unknown or not finite, or no value is finite.
    """
    x = _finite(values)
    if isinstance(baseline, str):
        if baseline == "mean":
            return float(np.mean(x))
        if baseline == "median":
            return float(np.median(x))
        if baseline == "zero":
            return 0.0
        raise InputError(unknown("baseline", baseline, ("mean", "median", "zero")))
    if not np.isfinite(baseline):
        raise InputError(f"baseline: expected a finite number or a name, got {baseline}")
    return float(baseline)


def exceedances(
    b: ArrayLike,
    rate: float,
    *,
    sigmas: float = 5.0,
    min_duration: float = 60.0,
    max_duration: float = 300.0,
    spread: Spread | float = "std",
    baseline: Baseline | float = "mean",
    merge_gap: float = 0.0,
) -> pd.DataFrame:
    """Runs in which a series stays above ``baseline + sigmas * spread`` for a given time.

    The rule of the SW-NTF paper (section 4.1): the amplitude exceeds k sigma with k = 5, and the
    duration lies between 60 s and 300 s. The paper does not say what sigma is, nor from which
    level it is counted. Here both are taken from the series itself, that is, from the one night,
    as its mean and standard deviation; the alternatives are named below. The paper prints strict
    inequalities for the duration; here both limits belong to the range, which differs for runs
    of exactly 60 s or 300 s alone.

    With the night's own mean and standard deviation, the time above the threshold cannot exceed
    ``1 / (1 + sigmas**2)`` of the night (Cantelli's inequality): 554 s of four hours at 5 sigma.
    A busy night raises its own threshold. ``spread="mad"`` does not have that limit.

    Parameters
    ----------
    b : array_like, shape (n,)
        The series, such as a time factor. NaN are gaps: they take no part in baseline and
        spread, and a run ends at them.
    rate : float
        Samples a second (Hz). A series reduced to every m-th sample has a rate below the
        record's; a run of k samples lasts ``k / rate`` seconds.
    sigmas : float
        Multiple of the spread.
    min_duration, max_duration : float
        Shortest and longest run kept, in s, both included. ``max_duration`` may be infinite.
    spread : {"std", "mad", "iqr"} or float
        See `spread_of`.
    baseline : {"mean", "median", "zero"} or float
        See `baseline_of`.
    merge_gap : float
        Runs that are at most this long apart (s) count as one, before durations are judged. A run
        is never joined across a gap in the data.

    Returns
    -------
    pandas.DataFrame
        One row a run in order of time: ``start`` and ``end`` (s from the first sample; a sample
        stands for the ``1 / rate`` seconds from its time on), ``duration`` (s), ``peak_time``
        (s), ``peak`` (unit of `b`), ``excess`` (peak above the baseline in units of the spread).
        ``attrs`` holds ``threshold``, ``baseline``, ``spread`` and ``gaps`` (samples that are
        NaN). Where the spread is zero nothing can stand out: no row, and a threshold of NaN.

    Raises
    ------
    InputError
        If `b` is not one-dimensional, is empty, holds infinities or nothing but gaps, or a
        parameter is out of range.
    """
    x = np.asarray(b, dtype=float)
    if x.ndim != 1 or x.size == 0:
        raise InputError(f"b: expected a series of shape (n,) with n >= 1, got shape {x.shape}")
    if not (np.isfinite(rate) and rate > 0):
        raise InputError(f"rate: expected a positive number of samples a second, got {rate}")
    if not (np.isfinite(sigmas) and sigmas >= 0):
        raise InputError(f"sigmas: expected a finite number >= 0, got {sigmas}")
    if not 0 <= min_duration <= max_duration:
        raise InputError(
            "min_duration, max_duration: expected 0 <= min_duration <= max_duration, "
            f"got {min_duration} and {max_duration}"
        )
    if not (np.isfinite(merge_gap) and merge_gap >= 0):
        raise InputError(f"merge_gap: expected a finite number of seconds >= 0, got {merge_gap}")

    level, sigma = baseline_of(x, baseline), spread_of(x, spread)
    threshold = level + sigmas * sigma if sigma > 0 else np.nan
    gap = np.isnan(x)
    above = np.where(gap, False, x > threshold)
    first, last = _runs(above)
    if merge_gap > 0 and first.size > 1:
        pause = first[1:] - last[:-1]
        gaps_before = np.concatenate(([0], np.cumsum(gap)))
        whole = gaps_before[first[1:]] == gaps_before[last[:-1]]
        apart = ~((pause <= merge_gap * rate + 1e-9) & whole)
        first = first[np.concatenate(([True], apart))]
        last = last[np.concatenate((apart, [True]))]
    # Durations are compared as samples, so that k / rate does not miss a limit by one rounding.
    length = last - first
    keep = (length >= min_duration * rate - 1e-9) & (length <= max_duration * rate + 1e-9)
    first, last = first[keep], last[keep]
    tops = np.array([i + int(np.argmax(x[i:j])) for i, j in zip(first, last, strict=True)], int)
    peaks = x[tops]
    frame = pd.DataFrame(
        {
            "start": first / rate,
            "end": last / rate,
            "duration": (last - first) / rate,
            "peak_time": tops / rate,
            "peak": peaks,
            "excess": (peaks - level) / sigma if sigma > 0 else peaks,
        },
        columns=_COLUMNS,
        dtype=float,
    )
    frame.attrs.update(
        threshold=float(threshold), baseline=level, spread=sigma, gaps=int(gap.sum())
    )
    return frame


def _finite(values: ArrayLike) -> np.ndarray:
    x = np.asarray(values, dtype=float).ravel()
    infinite = np.flatnonzero(np.isinf(x))
    if infinite.size:
        raise InputError(f"sample {infinite[0]} is {x[infinite[0]]}: expected finite values or NaN")
    x = x[~np.isnan(x)]
    if x.size == 0:
        raise InputError("the series holds no finite value")
    return x


def _runs(flag: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First index, and index after the last, of each run of True."""
    edges = np.diff(np.concatenate(([0], flag.astype(np.int8), [0])))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
