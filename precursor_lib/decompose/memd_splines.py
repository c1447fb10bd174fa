"""Cubic-spline envelopes through the extrema of a projection, for `WIDTH` channels at once.

The splines are those of `scipy.interpolate.CubicSpline` with its default not-a-knot ends. They are
written with s = (second derivative) / 6 at the knots. For knots h_i apart and values y_i,

    h_(i-1) s_(i-1) + 2 (h_(i-1) + h_i) s_i + h_i s_(i+1) = d_i - d_(i-1),
    d_i = (y_(i+1) - y_i) / h_i.

The matrix depends on the knots alone: it is factorised once a direction and serves all channels.
"""

from __future__ import annotations

from numba import njit

from precursor_lib.decompose.memd_kernels import FAST
from precursor_lib.decompose.vectors import load, spread, store, total


@njit(cache=True, fastmath=FAST)
def factorise(knots, n, inverse_step, inverse_pivot, upper, lower):
    """Factorise the spline system of `n` >= 3 knots (Thomas algorithm).

    Rows 1 to n-2 are unknowns. The end conditions (one cubic through the first three knots, one
    through the last three) are eliminated into the first and the last row. `inverse_step` receives
    1/h_i; `upper` and `lower` are multiplied by the inverse pivot.
    """
    for i in range(n - 1):
        inverse_step[i] = 1.0 / (knots[i + 1] - knots[i])
    a = float(knots[1] - knots[0])
    b = float(knots[2] - knots[1])
    if n == 3:
        # A parabola: all three second derivatives are equal.
        inverse_pivot[1] = 1.0 / (3.0 * (a + b))
        upper[1] = 0.0
        lower[1] = 0.0
        return
    pivot = b / ((a + b) * (a + 2.0 * b))
    last_upper = (b - a) * (a + b) * inverse_step[1] * pivot
    inverse_pivot[1] = pivot
    upper[1] = last_upper
    lower[1] = 0.0
    for i in range(2, n - 2):
        a = b
        b = float(knots[i + 1] - knots[i])
        pivot = 1.0 / (2.0 * (a + b) - a * last_upper)
        last_upper = b * pivot
        inverse_pivot[i] = pivot
        upper[i] = last_upper
        lower[i] = a * pivot
    i = n - 2
    a = float(knots[i] - knots[i - 1])
    b = float(knots[i + 1] - knots[i])
    off = (a - b) * (a + b) * inverse_step[i - 1]
    pivot = 1.0 / ((a + b) * (b + 2.0 * a) * inverse_step[i - 1] - off * last_upper)
    inverse_pivot[i] = pivot
    upper[i] = 0.0
    lower[i] = off * pivot


@njit(cache=True, fastmath=FAST)
def solve(block, sources, n, inverse_step, inverse_pivot, upper, lower, s):
    """Solve for `s` (knot, WIDTH) with the values ``block[sources]`` of a block (time, WIDTH)."""
    y = load(block, sources[1])
    slope = inverse_step[0] * (y - load(block, sources[0]))
    s_here = spread(0.0)
    for i in range(1, n - 1):
        y_next = load(block, sources[i + 1])
        slope_next = inverse_step[i] * (y_next - y)
        s_here = inverse_pivot[i] * (slope_next - slope) - lower[i] * s_here
        store(s, i, s_here)
        y = y_next
        slope = slope_next
    for i in range(n - 3, 0, -1):
        s_here = load(s, i) - upper[i] * s_here
        store(s, i, s_here)
    if n == 3:
        store(s, 0, s_here)
        store(s, 2, s_here)
        return
    s1 = load(s, 1)
    store(s, 0, s1 + (inverse_step[1] / inverse_step[0]) * (s1 - load(s, 2)))
    s1 = load(s, n - 2)
    ratio = inverse_step[n - 3] / inverse_step[n - 2]
    store(s, n - 1, s1 + ratio * (s1 - load(s, n - 3)))


@njit(cache=True, fastmath=FAST)
def cubic(block, knots, sources, inverse_step, s, i):
    """Coefficients of piece `i`: a + x (b + x (c + x d)), x counted from its left knot."""
    step = inverse_step[i]
    h = float(knots[i + 1] - knots[i])
    left = load(s, i)
    right = load(s, i + 1)
    a = load(block, sources[i])
    b = step * (load(block, sources[i + 1]) - a) - h * (2.0 * left + right)
    return a, b, 3.0 * left, step * (right - left)


@njit(cache=True, fastmath=FAST)
def evaluate(block, knots, sources, inverse_step, s, i, start, stop, out):
    """Write the spline at samples `start` to `stop` (exclusive) to `out` (time, WIDTH).

    `i` is the piece that holds `start`; the piece that holds `stop` is returned, so that the next
    call can begin there.
    """
    final = knots.size - 2
    t = start
    while True:
        a, b, c, d = cubic(block, knots, sources, inverse_step, s, i)
        end = stop if i == final else min(knots[i + 1], stop)
        for place in range(t - start, end - start):
            x = float(place + start - knots[i])
            store(out, place, a + x * (b + x * (c + x * d)))
        t = end
        if i < final and knots[i + 1] <= stop:
            i += 1
        if t >= stop:
            return i


@njit(cache=True, fastmath=FAST)
def accumulate(block, knots, sources, inverse_step, s, i, start, stop, other, sums, squares):
    """Evaluate as `evaluate` does, and add instead of writing.

    ``spline + other`` is added to `sums` (time, WIDTH), and the squared distance between the two
    to `squares` (time,).
    """
    final = knots.size - 2
    t = start
    while True:
        a, b, c, d = cubic(block, knots, sources, inverse_step, s, i)
        end = stop if i == final else min(knots[i + 1], stop)
        for place in range(t - start, end - start):
            x = float(place + start - knots[i])
            value = a + x * (b + x * (c + x * d))
            first = load(other, place)
            store(sums, place, load(sums, place) + (value + first))
            apart = first - value
            squares[place] += total(apart * apart)
        t = end
        if i < final and knots[i + 1] <= stop:
            i += 1
        if t >= stop:
            return i
