"""Compiled attention over listed edges: softmax over each query's own keys.

Edges are in compressed rows: query i has edges ``offsets[i]`` to ``offsets[i + 1] - 1``, and edge e
leads to key ``keys[e]``. One call handles the windows ``first`` to ``last - 1`` of a batch, writes
to no other window, and holds no lock: a thread pool shares a batch, and the result does not depend
on how many threads it has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Sums over features may be reordered, so that they run on vector units.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
}


@njit(**_OPTIONS)
def attend(q, k, v, offsets, keys, keep, out, weight, first, last):
    """Attention of each query to its keys.

    Parameters
    ----------
    q : (batch, queries, heads, features)
        Queries, already divided by the root of the number of features.
    k, v : (batch, keys, heads, features)
        Keys and values.
    offsets, keys : (queries + 1,), (edges,)
        Edges in compressed rows.
    keep : (batch, edges, heads) or (0, 0, 0)
        Factor on each weight after the softmax (dropout); empty for none.
    out : (batch, queries, heads, features)
        Written: weighted sums of the values.
    weight : (batch, edges, heads)
        Written: the softmax, before `keep`.
    first, last : int
        Windows to do.
    """
    heads, features = q.shape[2], q.shape[3]
    dropped = keep.size > 0
    for b in range(first, last):
        for i in range(q.shape[1]):
            for h in range(heads):
                a = q[b, i, h]
                o = out[b, i, h]
                top = -np.inf
                for e in range(offsets[i], offsets[i + 1]):
                    c = k[b, keys[e], h]
                    score = a[0] * c[0]
                    for f in range(1, features):
                        score += a[f] * c[f]
                    weight[b, e, h] = score
                    top = max(top, score)
                total = weight.dtype.type(0)
                for e in range(offsets[i], offsets[i + 1]):
                    w = np.exp(weight[b, e, h] - top)
                    weight[b, e, h] = w
                    total += w
                for f in range(features):
                    o[f] = 0
                for e in range(offsets[i], offsets[i + 1]):
                    w = weight[b, e, h] / total
                    weight[b, e, h] = w
                    if dropped:
                        w = w * keep[b, e, h]
                    c = v[b, keys[e], h]
                    for f in range(features):
                        o[f] += w * c[f]


@njit(**_OPTIONS)
def attend_backward(q, k, v, offsets, keys, keep, weight, g, dq, dk, dv, first, last):
    """Gradients of `attend` from the gradient `g` of its output.

    `dq`, `dk` and `dv` have the shapes of `q`, `k` and `v` and hold zeros before. With weight w,
    dropout m and score s of an edge: ``dv += w m g``, ``ds = w (m g.v - sum of w m g.v)``,
    ``dq += ds k``, ``dk += ds q``.
    """
    heads, features = q.shape[2], q.shape[3]
    dropped = keep.size > 0
    slope = np.empty(np.max(np.diff(offsets)), dtype=q.dtype)
    for b in range(first, last):
        for i in range(q.shape[1]):
            start = offsets[i]
            for h in range(heads):
                a = q[b, i, h]
                up = g[b, i, h]
                mean = weight.dtype.type(0)
                for e in range(start, offsets[i + 1]):
                    w = weight[b, e, h]
                    m = keep[b, e, h] if dropped else weight.dtype.type(1)
                    c = v[b, keys[e], h]
                    d = dv[b, keys[e], h]
                    s = up[0] * c[0]
                    for f in range(1, features):
                        s += up[f] * c[f]
                    for f in range(features):
                        d[f] += w * m * up[f]
                    slope[e - start] = m * s
                    mean += w * m * s
                back = dq[b, i, h]
                for e in range(start, offsets[i + 1]):
                    s = weight[b, e, h] * (slope[e - start] - mean)
                    c = k[b, keys[e], h]
                    d = dk[b, keys[e], h]
                    for f in range(features):
                        back[f] += s * c[f]
                        d[f] += s * a[f]
