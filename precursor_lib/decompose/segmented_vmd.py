"""Variational mode decomposition in overlapping windows, joined to modes of the whole length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from precursor_lib.decompose.vmd import VMDResult, warn
from precursor_lib.decompose.vmd_input import check, processors, starting_points
from precursor_lib.decompose.vmd_rows import LIMITS, Options, decompose
from precursor_lib.decompose.vmd_solver import Settled
from precursor_lib.errors import InputError, unknown

Array = NDArray[np.float64]

JOINS = ("overlap-add", "centre", "earliest")
MATCHES = ("order", "overlap")


@dataclass(frozen=True)
class SegmentedVMDResult:
    """Modes of the whole length, joined from those of windows.

    Attributes
    ----------
    modes : ndarray, shape (K, n)
        The joined modes, by rising mean centre frequency; NaN where no window covers a sample.
    centre_frequencies : ndarray, shape (windows, K)
        Centre frequency of each mode in each window, cycles a sample.
    residual : ndarray, shape (n,)
        The series less the sum of the modes.
    starts : ndarray of int, shape (windows,)
        First sample of each window that was decomposed.
    skipped : ndarray of int
        First sample of each window that was left out because it holds a gap.
    iterations, converged, distance : ndarray, shape (windows,)
        As for `VMDResult`, per window.
    window, step : int
        Samples, as given.
    method, join, match : str
        What ran.
    """

    modes: Array
    centre_frequencies: Array
    residual: Array
    starts: NDArray[np.int64]
    skipped: NDArray[np.int64]
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]
    distance: Array
    window: int
    step: int
    method: str
    join: str
    match: str


def segment_starts(n: int, window: int, step: int) -> NDArray[np.int64]:
    """Return the first samples of the windows: every `step`, and one that ends with the series.

    All windows have full length. Where the steps leave a rest at the end, a last window is laid
    so that it ends there; it then overlaps the one before by more than the others do.

    Parameters
    ----------
    n, window, step : int
        Samples of the series, of a window, and between two windows.

    Returns
    -------
    ndarray of int
        Rising; every sample lies in at least one window.

    Raises
    ------
    InputError
        If a window is shorter than two samples, longer than the series or shorter than a step.
    """
    for name, value in {"window": window, "step": step}.items():
        if int(value) != value or value < 1:
            raise InputError(f"{name}: expected a whole number of samples, at least 1, got {value}")
    if not 2 <= window <= n:
        raise InputError(f"window: expected between 2 and the series' {n} samples, got {window}")
    if step > window:
        raise InputError(
            f"step: {step} samples would leave samples between windows of {window} uncovered"
        )
    starts = np.arange(0, n - window + 1, step)
    if starts[-1] + window < n:
        starts = np.append(starts, n - window)
    return starts


def join_weights(starts: ArrayLike, window: int, n: int, join: str) -> Array:
    """Return how much each window counts at each of its samples; they add up to one per sample.

    ``"centre"``: a sample is taken from the window whose centre is nearest, the earlier one in a
    tie. With equal steps that is the central step of each window, and at the two ends of the
    series all that lies before or after. ``"overlap-add"``: windows count by a raised cosine,
    ``sin(pi (i + 1/2) / window)**2`` at their sample i, over the sum of all that cover the sample.
    ``"earliest"``: a sample is taken from the first window that holds it. From the second window on
    that is the last step of each, so that no value knows more than a step of what comes after it.

    Parameters
    ----------
    starts : array_like of int, shape (windows,)
        First sample of each window, rising.
    window, n : int
        Samples of a window and of the series.
    join : {"overlap-add", "centre", "earliest"}
        The rule.

    Returns
    -------
    ndarray, shape (windows, window)
    """
    first = np.asarray(starts)
    if join == "centre":
        inner = (first[:-1] + first[1:] + window - 1) // 2  # last sample nearer to the earlier one
        low = np.concatenate([[0], inner + 1])[:, None] - first[:, None]
        high = np.concatenate([inner, [n]])[:, None] - first[:, None]
        sample = np.arange(window)
        return ((sample >= low) & (sample <= high)).astype(float)
    if join == "earliest":
        known = np.concatenate([[0], np.maximum(first[:-1] + window - first[1:], 0)])
        return (np.arange(window) >= known[:, None]).astype(float)
    taper = np.sin(np.pi * (np.arange(window) + 0.5) / window) ** 2
    total = np.zeros(n)
    for a in first:
        total[a : a + window] += taper
    return np.stack([taper / total[a : a + window] for a in first])


def segmented_vmd(
    x: ArrayLike,
    window: int,
    step: int,
    modes: int = 5,
    alpha: float = 5000.0,
    tol: float = 1e-7,
    *,
    join: str = "overlap-add",
    match: str = "order",
    init: str | ArrayLike | VMDResult = "uniform",
    gaps: str = "refuse",
    method: str = "fixed-point",
    tau: float = 0.0,
    dc: bool = False,
    max_iterations: int | None = None,
    seed: int = 0,
    workers: int | None = None,
) -> SegmentedVMDResult:
    """Decompose a long series window by window and join the modes.

    Parameters
    ----------
    x : array_like, shape (n,)
        Evenly sampled series.
    window, step : int
        Samples of a window and between two windows: 10,080 and 1,440 for seven days every day at
        one-minute sampling.
    modes, alpha, tol, method, tau, dc, max_iterations, seed, workers
        As for `precursor_lib.decompose.vmd`, in each window. With `dc`, each window's mean goes
        to the first mode.
    join : {"overlap-add", "centre", "earliest"}
        See `join_weights`. The first has no steps where windows meet; the second takes each sample
        from one window only; the third does so from the one that ends soonest after it.
    match : {"order", "overlap"}
        Which modes of two windows are one: those of the same rank in centre frequency, which is
        also the assignment of least total (or total squared) change of centre frequency; or the
        assignment of least squared difference over the samples that the two windows share.
    init : as for `vmd`, or "previous"
        The same start in each window, or ``"previous"``: each window starts from the centre
        frequencies of the one before it, which is faster and keeps to one valley of the objective.
    gaps : {"refuse", "skip"}
        What to do where a sample is not finite: raise, or leave out the windows that hold one.
        Samples that no window covers are then NaN in all modes.

    Returns
    -------
    SegmentedVMDResult

    Raises
    ------
    InputError
        As for `vmd`; if the windows do not fit the series; if gaps are refused or in every window.

    Warns
    -----
    ConvergenceWarning
        If windows did not converge: how many, and the first.

    Notes
    -----
    The value of a mode at a time depends on samples up to a window later; with ``"earliest"`` up to
    a step later, once a first window has passed and if `init` and `match` use nothing later. There
    the value comes from the end of a window, where modes are worst.
    """
    series, usable, skipped = _windows(x, window, step, gaps)
    check(modes, alpha, tol, method, tau, max_iterations, workers)
    for name, value, known in (("join", join, JOINS), ("match", match, MATCHES)):
        if value not in known:
            raise InputError(f"{name}: {unknown(name, str(value), known)}")
    follow = isinstance(init, str) and init == "previous"
    warm = isinstance(init, VMDResult)
    start = starting_points("uniform" if follow else init, modes, (1, window), dc, seed)
    options = Options(alpha, tol, method, tau, dc, warm, max_iterations or LIMITS[method])
    threads = workers or processors()
    weights = join_weights(usable, window, series.size, join)
    covered = np.zeros(series.size, dtype=bool)
    joined = np.zeros((modes, series.size))
    ends: list[Settled] = []
    centres: list[Array] = []
    before: Array | None = None
    # Few windows at a time: all their modes together would take many times the series' memory.
    batch = 1 if follow else 4 * threads
    for a in range(0, usable.size, batch):
        some = usable[a : a + batch]
        rows = np.stack([series[b : b + window] for b in some])
        if follow and a:
            options = Options(alpha, tol, method, tau, dc, True, options.limit)
            start = ends[-1].w[None]
        found, settled = decompose(rows, np.repeat(start, some.size, 0), options, threads)
        for i, (b, u, end) in enumerate(zip(some, found, settled, strict=True), start=a):
            w = end.w
            if before is not None:
                shared = usable[i - 1] + window - b
                order = _matched(before, centres[-1], u, w, int(shared), match)
                u, w = u[order], w[order]
            joined[:, b : b + window] += weights[i] * u
            covered[b : b + window] = True
            before = u
            centres.append(w)
            ends.append(end)
    warn(ends, method, tol, "windows")
    joined[:, ~covered] = np.nan
    frequencies = np.array(centres)
    rank = np.argsort(frequencies.mean(axis=0), kind="stable")
    joined = joined[rank]
    return SegmentedVMDResult(
        modes=joined,
        centre_frequencies=frequencies[:, rank],
        residual=series - joined.sum(axis=0),
        starts=usable,
        skipped=skipped,
        iterations=np.array([len(end.history) - 1 for end in ends]),
        converged=np.array([end.converged for end in ends]),
        distance=np.array([end.distance for end in ends]),
        window=window,
        step=step,
        method=method,
        join=join,
        match=match,
    )


def _windows(x: ArrayLike, window: int, step: int, gaps: str) -> tuple[Array, Any, Any]:
    """Give the series, the first samples of the windows to decompose, and of those left out."""
    given = np.asarray(x)
    if given.ndim != 1 or given.dtype.kind not in "iuf":
        raise InputError(
            f"x: expected one series of real numbers, shape (n,), got {given.shape} {given.dtype}"
        )
    series = given.astype(np.float64)
    starts = segment_starts(series.size, window, step)
    if gaps not in ("refuse", "skip"):
        raise InputError(f"gaps: {unknown('policy', str(gaps), ('refuse', 'skip'))}")
    bad = ~np.isfinite(series)
    if bad.any() and gaps == "refuse":
        raise InputError(
            f"x[{bad.argmax()}] is {series[bad.argmax()]}, and {bad.sum()} samples in all are not "
            "finite; fill the gaps, or leave out the windows that hold one with gaps='skip'"
        )
    count = np.concatenate([[0], np.cumsum(bad)])
    holed = count[starts + window] > count[starts]
    if holed.all():
        raise InputError(f"x: each of the {starts.size} windows of {window} samples holds a gap")
    return series, starts[~holed], starts[holed]


def _matched(
    before: Array, before_w: Array, u: Array, w: Array, shared: int, match: str
) -> NDArray[np.int64]:
    """Return the order in which this window's modes continue those of the window before."""
    if match == "overlap" and shared > 0:
        tail, head = before[:, -shared:], u[:, :shared]
        cost = np.square(tail[:, None] - head[None]).sum(axis=-1)
        return linear_sum_assignment(cost)[1]
    return np.argsort(w, kind="stable")[np.argsort(np.argsort(before_w, kind="stable"))]
