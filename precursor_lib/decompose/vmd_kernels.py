"""Compiled passes over the spectrum, for variational mode decomposition.

Frequencies are handled in chunks of fixed size. Each chunk writes its own partial sums, and the
caller adds them in the order of the chunks, so that a result does not depend on how many threads
shared the work. The passes release the interpreter's lock: a plain thread pool runs them side by
side, which needs no threading layer of numba and may be called from any thread. It is numba, not
torch, because a pass fuses some ten operations per mode and bin while they are in the cache; one
array operation after the other would read and write each array from memory every time.

Notation: bin ``i`` has the frequency ``i * df``; ``P`` is the power per bin; a mode is a real gain
``g`` times the spectrum; ``d = alpha * (f - w)**2`` is its penalty at frequency ``f``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

CHUNK = 8192
"""Frequencies per chunk; the unit of work of one thread and of one partial sum."""

_BLOCK = 512  # frequencies whose scratch arrays stay in the first-level cache
_NEAREST = 1e-10  # smallest scaled distance to a centre: keeps 1 / x**2 finite at x = 0

# Sums may be reordered and multiplications fused, so that loops run on vector units. NaN and
# infinity keep their meaning. `error_model="numpy"` drops Python's test for a zero divisor,
# which would keep the loops scalar; every divisor here is at least one or kept from zero.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
}


@njit(**_OPTIONS)
def _sweep_mode(g, p, s, ramp, offset, alpha, m):
    """Update one mode on one block; `s` is what the other modes leave, and is kept up to date."""
    den = 0.0
    num = 0.0
    change = 0.0
    for i in range(m):
        x = ramp[i] + offset
        old = g[i]
        free = s[i] + old
        new = free / (1.0 + alpha * x * x)
        s[i] = free - new
        g[i] = new
        q = p[i] * new * new
        den += q
        num += q * x
        change += p[i] * (new - old) * (new - old)
    return den, num, change


@njit(**_OPTIONS)
def sweep(G, L, P, df, w, alpha, tau, first, last, part):
    """Do one sweep of the classic algorithm on the chunks ``first`` to ``last - 1``.

    Parameters
    ----------
    G : ndarray, shape (K, n)
        Gains, updated in place, mode after mode.
    L : ndarray, shape (n,) or (0,)
        Dual variable in units of the spectrum, updated in place; unused where `tau` is 0.
    P : ndarray, shape (n,)
        Power per bin.
    df, alpha, tau : float
        Bin width, bandwidth penalty, step of the dual ascent.
    w : ndarray, shape (K,)
        Centre frequencies at the start of the sweep.
    first, last : int
        Range of chunks.
    part : ndarray, shape (chunks, K, 3)
        Per chunk and mode: energy, first moment about ``w[k]``, energy of the change. The change
        of half the dual variable is counted with the first mode.
    """
    modes, n = G.shape
    s = np.empty(_BLOCK)
    ramp = np.arange(_BLOCK) * df
    for chunk in range(first, last):
        part[chunk] = 0.0
        for b in range(chunk * CHUNK, min((chunk + 1) * CHUNK, n), _BLOCK):
            m = min(_BLOCK, n - b)
            p = P[b : b + m]
            s[:] = 1.0
            if tau != 0.0:
                dual = L[b : b + m]
                for i in range(m):
                    s[i] -= 0.5 * dual[i]
            for k in range(modes):
                g = G[k, b : b + m]
                for i in range(m):
                    s[i] -= g[i]
            for k in range(modes):
                den, num, change = _sweep_mode(G[k, b : b + m], p, s, ramp, b * df - w[k], alpha, m)
                part[chunk, k, 0] += den
                part[chunk, k, 1] += num
                part[chunk, k, 2] += change
            if tau != 0.0:
                dual = L[b : b + m]
                change = 0.0
                for i in range(m):
                    step = -tau * (s[i] + 0.5 * dual[i])
                    dual[i] += step
                    change += 0.25 * p[i] * step * step
                part[chunk, 0, 2] += change


@njit(**_OPTIONS)
def _roots(T, r, ramp, offset, w, scale, m):
    """Fill ``T[k]`` with the signed root of mode k's closed-form gain, and `r` with what is left.

    With a = 1 / (sqrt(alpha) (f - w_k)): r = 1 / (1 + sum a**2) and g_k = a_k**2 r.
    """
    r[:] = 1.0
    for k in range(w.size):
        t = T[k]
        for i in range(m):
            x = (ramp[i] + (offset - w[k])) * scale
            x = _NEAREST if abs(x) < _NEAREST else x
            a = 1.0 / x
            t[i] = a
            r[i] += a * a
    for i in range(m):
        r[i] = 1.0 / r[i]
    for k in range(w.size):
        t = T[k]
        for i in range(m):
            t[i] *= np.sqrt(r[i])


@njit(**_OPTIONS)
def _moments(t, p, ramp, offset, m):
    """Return the sums of p g**2, p g**2 (f - w) and p g**3, and replace each t by t**3."""
    den = 0.0
    num = 0.0
    third = 0.0
    for i in range(m):
        g = t[i] * t[i]
        q = p[i] * g * g
        den += q
        num += q * (ramp[i] + offset)
        third += q * g
        t[i] *= g
    return den, num, third


@njit(**_OPTIONS)
def objective(P, df, w, alpha, first, last, part):
    """Evaluate the reduced objective, its gradient and its Hessian on a range of chunks.

    With the modes at their closed form for given centre frequencies ``w``, the objective of the
    decomposition is ``j(w) = sum P r`` with ``r = 1 / (1 + sum_k 1 / d_k)``, and
    ``dj/dw_k = -2 alpha sum P g_k**2 (f - w_k)``,
    ``d2j/dw_k dw_l = 8 alpha sum P s_k s_l (g_k g_l)**1.5 - 6 alpha delta_kl sum P g_k**2``,
    where ``s_k`` is the sign of ``f - w_k``.

    Parameters
    ----------
    P, df, w, alpha, first, last
        As for `sweep`.
    part : ndarray, shape (chunks, K + 1, K + 2)
        Per chunk and mode: energy, first moment about ``w[k]``, then in column ``2 + l`` (l <= k)
        the sum of P (g_k g_l)**1.5 with its sign. The last row holds the objective.
    """
    n = P.size
    modes = w.size
    scale = np.sqrt(alpha)
    T = np.empty((modes, _BLOCK))
    r = np.empty(_BLOCK)
    weighted = np.empty(_BLOCK)
    ramp = np.arange(_BLOCK) * df
    for chunk in range(first, last):
        part[chunk] = 0.0
        for b in range(chunk * CHUNK, min((chunk + 1) * CHUNK, n), _BLOCK):
            m = min(_BLOCK, n - b)
            p = P[b : b + m]
            _roots(T, r, ramp, b * df, w, scale, m)
            total = 0.0
            for i in range(m):
                total += p[i] * r[i]
            part[chunk, modes, 0] += total
            for k in range(modes):
                den, num, third = _moments(T[k], p, ramp, b * df - w[k], m)
                part[chunk, k, 0] += den
                part[chunk, k, 1] += num
                part[chunk, k, 2 + k] += third
                t = T[k]
                for i in range(m):
                    weighted[i] = p[i] * t[i]
                for other in range(k):
                    u = T[other]
                    cross = 0.0
                    for i in range(m):
                        cross += weighted[i] * u[i]
                    part[chunk, k, 2 + other] += cross


@njit(**_OPTIONS)
def closed_gains(G, df, w, alpha, first, last):
    """Write the closed-form gains for the centre frequencies `w` into `G`, shape (K, n)."""
    modes, n = G.shape
    T = np.empty((modes, _BLOCK))
    r = np.empty(_BLOCK)
    ramp = np.arange(_BLOCK) * df
    for b in range(first * CHUNK, min(last * CHUNK, n), _BLOCK):
        m = min(_BLOCK, n - b)
        _roots(T, r, ramp, b * df, w, np.sqrt(alpha), m)
        for k in range(modes):
            for i in range(m):
                G[k, b + i] = T[k, i] * T[k, i]


@njit(**_OPTIONS)
def gap(G, P, df, w, alpha, first, last, part):
    """Sum ``P (G - g)**2`` over modes, with g the closed-form gains for `w`, into ``part[chunk]``.

    Chunk by chunk; `part` has the shape (chunks,).
    """
    modes, n = G.shape
    T = np.empty((modes, _BLOCK))
    r = np.empty(_BLOCK)
    ramp = np.arange(_BLOCK) * df
    for chunk in range(first, last):
        part[chunk] = 0.0
        for b in range(chunk * CHUNK, min((chunk + 1) * CHUNK, n), _BLOCK):
            m = min(_BLOCK, n - b)
            p = P[b : b + m]
            _roots(T, r, ramp, b * df, w, np.sqrt(alpha), m)
            for k in range(modes):
                g = G[k, b : b + m]
                t = T[k]
                total = 0.0
                for i in range(m):
                    e = g[i] - t[i] * t[i]
                    total += p[i] * e * e
                part[chunk] += total
