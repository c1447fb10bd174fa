"""Formulas of the audit: fits, regressions, tests and shares; see `formulas`."""

from __future__ import annotations

import numpy as np
from scipy import stats

from precursor_lib.evaluate.audit.ranges import How
from precursor_lib.evaluate.audit.registry import register
from precursor_lib.evaluate.recovery import wilson_interval

Array = np.ndarray


# Fits


@register("R² of the line that the Ratio implies, R² of the sigmoid / Ratio", "fit")
def implied_line(r2: Array, ratio: Array) -> Array:
    """R2 of the line."""
    return r2 / ratio


@register("the adjusted R² for so many points", "fit")
def adjusted_r2(r2: Array, points: Array, parameters: Array) -> Array:
    """``1 - (1 - R2) (n - 1) / (n - p)``."""
    return 1 - (1 - r2) * (points - 1) / (points - parameters)


def _line(x: Array, y: Array) -> tuple[Array, Array, Array]:
    dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
    sxx, syy, sxy = (dx**2).sum(axis=0), (dy**2).sum(axis=0), (dx * dy).sum(axis=0)
    slope = sxy / sxx
    return slope, y.mean(axis=0) - slope * x.mean(axis=0), sxy**2 / (sxx * syy)


@register("the slope of the least-squares line", "regression", How.SEARCH)
def line_slope(x: Array, y: Array) -> Array:
    """Slope."""
    return _line(x, y)[0]


@register("the intercept of the least-squares line", "regression", How.SEARCH)
def line_intercept(x: Array, y: Array) -> Array:
    """Intercept."""
    return _line(x, y)[1]


@register("R² of the least-squares line", "regression", How.SEARCH)
def line_r2(x: Array, y: Array) -> Array:
    """R2."""
    return _line(x, y)[2]


@register("p of the slope of the least-squares line", "significance", How.SEARCH)
def line_p(x: Array, y: Array) -> Array:
    """Two-sided p-value with n - 2 degrees of freedom."""
    return p_from_r2(_line(x, y)[2], np.array(len(x)))


@register("p of a line with this R² and number of points", "significance")
def p_from_r2(r2: Array, n: Array) -> Array:
    """Two-sided p-value of the slope: without one, R2 has a beta distribution."""
    return stats.beta.sf(r2, 0.5, (n - 2) / 2)


@register("p of the estimate over its error", "significance")
def p_from_error(estimate: Array, error: Array, freedom: Array) -> Array:
    """Two-sided p-value of Student's t; the estimate must not change its sign."""
    return 2 * stats.t.sf(np.abs(estimate) / error, freedom)


@register("the upper end of the estimate's 95 % interval", "significance")
def upper_limit(estimate: Array, error: Array, freedom: Array) -> Array:
    """Estimate plus Student's t times the error."""
    return estimate + stats.t.ppf(0.975, freedom) * error


@register("the difference over the errors in quadrature", "significance", How.SEARCH)
def errors_apart(a: Array, error_a: Array, b: Array, error_b: Array) -> Array:
    """``|a - b| / sqrt(error_a**2 + error_b**2)``."""
    return np.abs(a - b) / np.hypot(error_a, error_b)


@register("p of Welch's test", "significance", How.SEARCH)
def welch_p(mean_a: Array, sd_a: Array, mean_b: Array, sd_b: Array, n: Array) -> Array:
    """Two-sided p-value of two means of n runs each."""
    test = stats.ttest_ind_from_stats(mean_a, sd_a, n, mean_b, sd_b, n, equal_var=False)
    return np.asarray(test.pvalue)


@register("the error b / sqrt(N)", "fit")
def b_error(b: Array, n: Array) -> Array:
    """Error of a b-value."""
    return b / np.sqrt(n)


# Shares of windows: as many quiet ones as events, of which a part is for training


def _windows(events: Array, part: Array) -> Array:
    """Windows in a part (per cent) of twice the events, rounded to whole ones."""
    return np.round(2 * np.atleast_2d(events).sum(axis=0) * part / 100)


def _counts(share: Array, windows: Array) -> Array:
    return np.round(share * windows)


@register("the lower end of the share's 95 % interval", "significance", How.MIDDLE)
def share_low(share: Array, events: Array, part: Array) -> Array:
    """Lower end of Wilson's interval."""
    n = _windows(events, part)
    hits = _counts(share, n)
    return np.array([wilson_interval(int(k), int(m))[0] for k, m in zip(hits, n, strict=True)])


@register("the nearest share of whole windows", "sum or count", How.MIDDLE)
def nearest_share(share: Array, events: Array, part: Array) -> Array:
    """The fraction k / n that is nearest to a printed share."""
    n = _windows(events, part)
    return _counts(share, n) / n


@register("Fisher's exact p of two shares", "significance", How.MIDDLE)
def fisher_p(share_a: Array, part_a: Array, share_b: Array, part_b: Array, events: Array) -> Array:
    """Two-sided p-value."""
    sizes = _windows(events, part_a), _windows(events, part_b)
    hits = [_counts(s, n) for s, n in zip((share_a, share_b), sizes, strict=True)]
    tables = np.array([[k, n - k] for k, n in zip(hits, sizes, strict=True)])
    return np.array([stats.fisher_exact(table).pvalue for table in np.moveaxis(tables, -1, 0)])


@register("the parameters per window", "size of a network", How.MIDDLE)
def per_window(parameters: Array, events: Array, part: Array) -> Array:
    """Parameters over windows."""
    return parameters / _windows(events, part)


@register("the entropy of the labels", "bound or order")
def entropy(share: Array) -> Array:
    """Cross-entropy (nats) of a constant answer at the share, which must not cross one half."""
    return -share * np.log(share) - (1 - share) * np.log1p(-share)
