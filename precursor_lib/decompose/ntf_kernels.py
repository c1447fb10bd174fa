"""Compiled loops of the tensor factorisation.

The tensor is held as rows of time, ``(time, frequency * station)``. Given the frequency and station
factors, the rows of the time factor are independent of each other. So one pass over the tensor can
update them and gather ``moments[r, f, k] = sum_t X[f, t, k] B[t, r]`` on the way. The moments are
tiny, and with them the other two factors, the objective and its gradient follow without the tensor.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Sums may be reordered so that they vectorise; NaN and infinity keep their meaning.
FAST = {"reassoc", "contract", "nsz", "arcp"}
# Products of numbers below this underflow and slow the processor down; they count as zero.
TINY = 1e-150
# Columns taken at a time: eight rows of them stay in the first-level cache.
TILE = 256
MULTIPLICATIVE = 0
HALS = 1


@njit(nogil=True, fastmath=FAST, cache=True)
def to_rows(x, rows, lo, hi):
    """Copy times `lo` to `hi` of `x` (I, J, K) to `rows` (J, I * K)."""
    n_frequency, _, n_station = x.shape
    for start in range(lo, hi, 32):  # few enough rows for the cache
        stop = min(start + 32, hi)
        for i in range(n_frequency):
            for j in range(start, stop):
                for k in range(n_station):
                    rows[j, i * n_station + k] = x[i, j, k]


@njit(nogil=True, fastmath=FAST, cache=True)
def check_rows(rows, lo, hi):
    """Sum of squares of rows `lo` to `hi`, and the number of their entries that are not >= 0."""
    total, bad = 0.0, 0
    for j in range(lo, hi):
        for value in rows[j]:
            if not value >= 0:
                bad += 1
            total += np.float64(value) * np.float64(value)
    return total, bad


@njit(nogil=True, fastmath=FAST, cache=True)
def update_row(row, target, gram, sweeps, rule):
    """Lower ``row gram row - 2 target row`` over ``row >= 0``, in place.

    Multiplicative rule: one simultaneous step. HALS: `sweeps` rounds of exact coordinate steps.
    """
    rank = row.size
    if rule == MULTIPLICATIVE:
        old = row.copy()
        for r in range(rank):
            below = 0.0
            for s in range(rank):
                below += gram[r, s] * old[s]
            if below > 0.0:
                value = old[r] * target[r] / below
                row[r] = value if value > TINY else 0.0
        return
    for _ in range(sweeps):
        moved = False
        for r in range(rank):
            if gram[r, r] > 0.0:
                slope = target[r]
                for s in range(rank):
                    slope -= gram[r, s] * row[s]
                value = max(row[r] + slope / gram[r, r], 0.0)
                if abs(value - row[r]) > 1e-14 * abs(value):
                    moved = True
                row[r] = value if value > TINY else 0.0
        if not moved:
            break


@njit(nogil=True, fastmath=FAST, cache=True)
def residual_of_row(row, target, gram, norms, out):
    """Raise ``out[0]`` to ``|min(factor, gradient)|`` and ``out[1]`` to the data's projection.

    Both are those of the factor that carries the components' whole size: the other two have
    columns of unit norm, whose product of norms is `norms`.
    """
    for r in range(row.size):
        if norms[r] > 0.0:
            gradient = -target[r]
            for s in range(row.size):
                gradient += gram[r, s] * row[s]
            out[0] = max(out[0], abs(min(row[r] * norms[r], gradient / norms[r])))
            out[1] = max(out[1], target[r] / norms[r])


@njit(nogil=True, fastmath=FAST, cache=True)
def project(x, w, target):
    """``target[q, r] = sum_n x[q, n] w[r, n]`` for a block of at most 8 rows."""
    target[:] = 0.0
    for first in range(0, x.shape[1], TILE):
        last = min(first + TILE, x.shape[1])
        if x.shape[0] == 8:
            # Eight rows at once: each entry of w is loaded once for all of them. (Here and below
            # the slices let the compiler see that no index is negative, and so vectorise.)
            x0, x1, x2, x3 = x[0, first:last], x[1, first:last], x[2, first:last], x[3, first:last]
            x4, x5, x6, x7 = x[4, first:last], x[5, first:last], x[6, first:last], x[7, first:last]
            for r in range(w.shape[0]):
                u = w[r, first:last]
                s0, s1, s2, s3, s4, s5, s6, s7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
                for n in range(u.size):
                    v = u[n]
                    s0 += x0[n] * v
                    s1 += x1[n] * v
                    s2 += x2[n] * v
                    s3 += x3[n] * v
                    s4 += x4[n] * v
                    s5 += x5[n] * v
                    s6 += x6[n] * v
                    s7 += x7[n] * v
                for q, s in enumerate((s0, s1, s2, s3, s4, s5, s6, s7)):
                    target[q, r] += s
        else:
            for q in range(x.shape[0]):
                y = x[q, first:last]
                for r in range(w.shape[0]):
                    u = w[r, first:last]
                    s = 0.0
                    for n in range(u.size):
                        s += y[n] * u[n]
                    target[q, r] += s


@njit(nogil=True, fastmath=FAST, cache=True)
def gather(x, b, moments):
    """``moments[r, n] += sum_q b[q, r] x[q, n]`` for a block of at most 8 rows."""
    for first in range(0, x.shape[1], TILE):
        last = min(first + TILE, x.shape[1])
        for r in range(b.shape[1]):
            m = moments[r, first:last]
            if x.shape[0] == 8:
                x0, x1, x2 = x[0, first:last], x[1, first:last], x[2, first:last]
                x3, x4, x5 = x[3, first:last], x[4, first:last], x[5, first:last]
                x6, x7 = x[6, first:last], x[7, first:last]
                b0, b1, b2, b3 = b[0, r], b[1, r], b[2, r], b[3, r]
                b4, b5, b6, b7 = b[4, r], b[5, r], b[6, r], b[7, r]
                for n in range(m.size):
                    m[n] += (
                        b0 * x0[n] + b1 * x1[n] + b2 * x2[n] + b3 * x3[n]
                        + b4 * x4[n] + b5 * x5[n] + b6 * x6[n] + b7 * x7[n]
                    )  # fmt: skip
            else:
                for q in range(x.shape[0]):
                    y, v = x[q, first:last], b[q, r]
                    for n in range(m.size):
                        m[n] += v * y[n]


@njit(nogil=True, fastmath=FAST, cache=True)
def time_pass(x, w, gram, norms, b, moments, inner, worst, lo, hi, sweeps, rule):
    """Update rows `lo` to `hi` of the time factor and gather their moments.

    Parameters are the tensor's rows (J, N), the Khatri-Rao product of the other two factors
    (R, N), its Gram matrix (R, R) and column norms (R,), the time factor (J, R), and the sums that
    the call adds to: `moments` (R, N), `inner` = B'B (R, R), `worst` (2,) as in `residual_of_row`,
    taken before the update. With no sweeps the factor stays as it is.
    """
    rank = w.shape[0]
    target = np.zeros((8, rank))
    for start in range(lo, hi, 8):
        block, rows = x[start : min(start + 8, hi)], b[start : min(start + 8, hi)]
        project(block, w, target)
        for q in range(rows.shape[0]):
            row = rows[q]
            residual_of_row(row, target[q], gram, norms, worst)
            if sweeps > 0:
                update_row(row, target[q], gram, sweeps, rule)
            for r in range(rank):
                for s in range(rank):
                    inner[r, s] += row[r] * row[s]
        gather(block, rows, moments)


@njit(nogil=True, fastmath=FAST, cache=True)
def time_pass_single(x, w, gram, norms, b, moments, inner, worst, lo, hi, sweeps, rule):
    """`time_pass` for rows of float32, each block made float64 once instead of at every use."""
    block = np.empty((8, x.shape[1]))
    for start in range(lo, hi, 8):
        count = min(8, hi - start)
        block[:count] = x[start : start + count]
        rows = b[start : start + count]
        time_pass(
            block[:count], w, gram, norms, rows, moments, inner, worst, 0, count, sweeps, rule
        )


@njit(nogil=True, fastmath=FAST, cache=True)
def squared_residual(x, w, b, lo, hi):
    """Sum of ``(X - model)^2`` over rows `lo` to `hi`, without cancellation."""
    total = 0.0
    for j in range(lo, hi):
        row = x[j]
        model = np.zeros(w.shape[1])
        for r in range(w.shape[0]):
            weight, u = b[j, r], w[r]
            for n in range(u.size):
                model[n] += weight * u[n]
        for n in range(model.size):
            total += (row[n] - model[n]) ** 2
    return total


@njit(nogil=True, fastmath=FAST, cache=True)
def contract(moments, factor, over_station):
    """Sum `moments` (R, I, K) against the station factor (K, R) or the frequency factor (I, R)."""
    rank, n_frequency, n_station = moments.shape
    out = np.zeros((n_frequency if over_station else n_station, rank))
    for r in range(rank):
        for i in range(n_frequency):
            for k in range(n_station):
                if over_station:
                    out[i, r] += moments[r, i, k] * factor[k, r]
                else:
                    out[k, r] += moments[r, i, k] * factor[i, r]
    return out


@njit(nogil=True, fastmath=FAST, cache=True)
def update_factor(factor, target, gram, sweeps, rule):
    """`update_row` for every row of a factor."""
    for i in range(factor.shape[0]):
        update_row(factor[i], target[i], gram, sweeps, rule)


@njit(nogil=True, fastmath=FAST, cache=True)
def residual_of_factor(factor, target, gram, norms):
    """Largest ``|min(factor, gradient)|``, relative to the data's largest projection."""
    worst = np.zeros(2)
    for i in range(factor.shape[0]):
        residual_of_row(factor[i], target[i], gram, norms, worst)
    return worst[0] / worst[1] if worst[1] > 0.0 else worst[0]
