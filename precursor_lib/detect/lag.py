"""When a cumulative curve rises, which of two comes first, and what unrelated ones give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precursor_lib.detect.curves import sigmoid
from precursor_lib.detect.growth_batch import fit_many
from precursor_lib.detect.growth_checks import checked_points
from precursor_lib.errors import InputError, unknown

Array = NDArray[np.float64]
Method = Literal["inflection", "alignment"]
# Shares of its own rise at which two curves are aligned.
_SHARES = np.linspace(0.1, 0.9, 81)


@dataclass(frozen=True)
class Lag:
    """Time of one cumulative curve less that of another.

    Attributes
    ----------
    days : float
        Negative where the first curve comes first. NaN where an inflection is asked for and a
        sigmoid is not to be believed.
    low, high : float
        Interval of the bootstrap.
    p : float
        Two-sided: twice the smaller share of `null` at or beyond `days` on one side. NaN as above.
    null : numpy.ndarray
        Lags of unrelated steady processes on the same days. Those without a believed sigmoid are
        left out.
    method : str
        ``"inflection"`` or ``"alignment"``.
    fitted : float
        Share of the bootstrap's runs that gave a lag.
    """

    days: float
    low: float
    high: float
    p: float
    null: Array
    method: str
    fitted: float


@dataclass(frozen=True)
class RiseTime:
    """When a cumulative curve rises.

    Attributes
    ----------
    days : float
        NaN where an inflection is asked for and the sigmoid is not to be believed.
    low, high : float
        Interval of the bootstrap; NaN as above.
    fitted : float
        Share of the bootstrap's runs that gave a time.
    """

    days: float
    low: float
    high: float
    fitted: float


def rise_time(
    days: ArrayLike,
    curve: ArrayLike,
    *,
    method: Method = "inflection",
    block: int = 14,
    runs: int = 500,
    confidence: float = 0.95,
    seed: int = 0,
) -> RiseTime:
    """Inflection or middle of one cumulative curve, with an interval that knows of its steps.

    The standard error of a sigmoid through a cumulative curve takes the residuals for independent,
    and they are not: each count stays in all later values. Here the counts are drawn anew, as for
    `growth_lag`, whose parameters and errors these are.

    Returns
    -------
    RiseTime
    """
    _settings(method, block, runs, confidence)
    x, counts = _record(days, curve, "given")
    rng = np.random.default_rng(seed)
    time, rate = _first(x, counts, method)
    drawn = _times(x, _draw(counts, rate, block, runs, rng), method)
    low, high, fitted = _interval(time, drawn, confidence)
    return RiseTime(time, low, high, fitted)


def growth_lag(
    days_a: ArrayLike,
    curve_a: ArrayLike,
    days_b: ArrayLike,
    curve_b: ArrayLike,
    *,
    method: Method = "inflection",
    common: bool = False,
    block: int = 14,
    runs: int = 500,
    confidence: float = 0.95,
    seed: int = 0,
) -> Lag:
    """Lag of cumulative curve a behind cumulative curve b (negative: a leads).

    Both estimates measure each curve by its own rise over its own record. So a record that
    begins earlier has its middle earlier, with nothing behind it: two steady processes give a lag
    of half the difference of their starts. `common` cuts both to the days that they share.

    Uncertainty: counts are drawn about the fitted sigmoid's daily rate, ``Poisson(rate G)``, with
    one gamma factor G of mean 1 for each block of days. Its variance is what the record's own
    block sums have in excess of Poisson's, so that clusters widen the interval. It says how far the
    lag of two curves of this shape is known. Where a curve is noise about a line, the sigmoid has
    taken up part of the noise and the interval is too narrow: ask `p` there.

    Null: the same about a constant rate, each process with its own rate, its own dispersion about
    it, and its own days. `p` asks whether unrelated steady processes give such a lag; it does not
    ask whether the lag is zero.

    Parameters
    ----------
    days_a, days_b : array_like, shape (n,), (m,)
        Days, ascending strictly, each at least 10.
    curve_a, curve_b : array_like, shape (n,), (m,)
        Cumulative counts that do not fall. The first value is what the first day brought.
    method : {"inflection", "alignment"}
        ``inflection``: difference of the x0 of two sigmoids. ``alignment``: mean difference of the
        days at which the curves pass the same share of their rise, over shares of 10 to 90 %.
    common : bool
        Whether only the days from the later start to the earlier end count.
    block : int
        Days in a block; longer than clusters last, else these look like less than they are.
    runs : int
        Of the bootstrap and of the null.
    confidence : float
        Of the interval, between percentiles.
    seed : int
        Of both.

    Returns
    -------
    Lag

    Raises
    ------
    InputError
        If a curve falls, does not rise or is too short, the records share fewer than ten days
        where `common` is asked for, or a parameter is out of range.
    """
    _settings(method, block, runs, confidence)
    records = [_record(days_a, curve_a, "a"), _record(days_b, curve_b, "b")]
    if common:
        first = max(days[0] for days, _ in records)
        last = min(days[-1] for days, _ in records)
        records = [_cut(days, counts, first, last) for days, counts in records]
    # One stream for each record, in the order given.
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2)]
    times: list[float] = []
    drawn: list[Array] = []
    steady: list[Array] = []
    for (days, counts), rng in zip(records, streams, strict=True):
        time, growing = _first(days, counts, method)
        flat = np.full(days.size, counts.sum() / days.size)
        curves = [_draw(counts, rate, block, runs, rng) for rate in (growing, flat)]
        both = _times(days, np.concatenate(curves), method)
        times.append(time)
        drawn.append(both[:runs])
        steady.append(both[runs:])
    lag = float(times[0] - times[1])
    low, high, fitted = _interval(lag, drawn[0] - drawn[1], confidence)
    null = steady[0] - steady[1]
    null = null[np.isfinite(null)]
    p = np.nan
    if np.isfinite(lag) and null.size:
        side = min(np.sum(null <= lag), np.sum(null >= lag))
        p = float(min(1.0, 2 * (1 + side) / (1 + null.size)))
    return Lag(lag, low, high, p, null, method, fitted)


def _settings(method: str, block: int, runs: int, confidence: float) -> None:
    if method not in ("inflection", "alignment"):
        raise InputError(unknown("method", str(method), ("inflection", "alignment")))
    if block < 1 or runs < 20:
        raise InputError(f"block, runs: expected at least 1 and 20, got {block} and {runs}")
    if not 0 < confidence < 1:
        raise InputError(f"confidence: expected a number between 0 and 1, got {confidence}")


def _interval(value: float, drawn: Array, confidence: float) -> tuple[float, float, float]:
    """Percentiles of what was drawn, and the share that is there; NaN without a value."""
    held = np.isfinite(drawn)
    if not (np.isfinite(value) and held.any()):
        return np.nan, np.nan, float(held.mean())
    low, high = np.quantile(drawn[held], [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high), float(held.mean())


def _record(days: ArrayLike, curve: ArrayLike, name: str) -> tuple[Array, Array]:
    try:
        x, y = checked_points(days, curve)
    except InputError as error:
        raise InputError(f"record {name}: {error}") from None
    counts = np.diff(y, prepend=0.0)
    if np.any(counts < 0):
        raise InputError(f"curve_{name}[{np.flatnonzero(counts < 0)[0]}]: the curve falls")
    _enough(x, counts, f"record {name}")
    return x, counts


def _cut(days: Array, counts: Array, first: float, last: float) -> tuple[Array, Array]:
    inside = (days >= first) & (days <= last)
    _enough(days[inside], counts[inside], f"the common days {first:g} to {last:g}")
    return days[inside], counts[inside]


def _enough(days: Array, counts: Array, name: str) -> None:
    if days.size < 10:
        raise InputError(f"{name}: expected at least 10 days, got {days.size}")
    if np.count_nonzero(counts) < 2:
        raise InputError(f"{name}: expected counts on at least two days")


def _first(days: Array, counts: Array, method: Method) -> tuple[float, Array]:
    """The time of a record, and its expected daily counts by the best sigmoid, of equal total."""
    curve = np.cumsum(counts)
    fits = fit_many(days, curve[None])
    time = _inflections(fits) if method == "inflection" else _middles(days, curve[None])
    fit, step = fits.iloc[0], float(np.median(np.diff(days)))
    ends, starts = (
        sigmoid(t, fit["A1"], fit["A2"], fit["x0"], fit["dx"]) for t in (days, days - step)
    )
    rate = np.maximum(ends - starts, 0.0)
    if rate.sum() == 0:
        rate = np.ones(days.size)
    return float(time[0]), rate * curve[-1] / rate.sum()


def _times(days: Array, curves: Array, method: Method) -> Array:
    """The time of each curve (runs,); NaN where there is none."""
    return (
        _inflections(fit_many(days, curves)) if method == "inflection" else _middles(days, curves)
    )


def _inflections(fits: pd.DataFrame) -> Array:
    return fits["x0"].where(fits["believed"]).to_numpy(dtype=float)


def _middles(days: Array, curves: Array) -> Array:
    """Mean day at which each curve passes 10 to 90 % of its rise."""
    found = np.full(len(curves), np.nan)
    for run, curve in enumerate(curves):
        rise = curve[-1] - curve[0]
        if rise > 0:
            # A day counts where the curve moves, so that a plateau has one time for its level.
            moved = np.concatenate(([True], np.diff(curve) > 0))
            found[run] = np.interp(_SHARES, (curve[moved] - curve[0]) / rise, days[moved]).mean()
    return found


def _excess(counts: Array, rate: Array, block: int) -> float:
    """Variance of a block's gamma factor: squared deviations of block sums beyond Poisson's."""
    starts = np.arange(0, counts.size, block)
    seen, expected = np.add.reduceat(counts, starts), np.add.reduceat(rate, starts)
    beyond = np.sum((seen - expected) ** 2) - np.sum(expected)
    return max(float(beyond / np.sum(expected**2)), 0.0)


def _draw(counts: Array, rate: Array, block: int, runs: int, rng: np.random.Generator) -> Array:
    """Curves (runs, n) whose counts are drawn about a rate, in clusters of a block."""
    excess, blocks = _excess(counts, rate, block), -(-rate.size // block)
    if excess > 0:
        factor = rng.gamma(1 / excess, excess, (runs, blocks))
    else:
        factor = np.ones((runs, blocks))
    drawn = rng.poisson(rate * np.repeat(factor, block, axis=1)[:, : rate.size])
    return np.cumsum(drawn, axis=1, dtype=float)
