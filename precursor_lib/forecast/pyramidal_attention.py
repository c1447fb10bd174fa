"""Attention of each node to its listed neighbours, in time and memory linear in their number.

No matrix of nodes by nodes exists, forward or backward. On a CPU a compiled kernel goes over the
edges. Elsewhere, a table of neighbours, padded and masked, gathers keys and values.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from precursor_lib.errors import InputError
from precursor_lib.forecast.attention_kernels import attend, attend_backward
from precursor_lib.forecast.pyramid import AttentionPattern


class Neighbours(nn.Module):
    """Edges from some queries to some keys, in the two forms that attention needs.

    Parameters
    ----------
    pattern : AttentionPattern
        The pyramid.
    queries, keys : numpy.ndarray of int, optional
        Nodes that attend and nodes that they find their keys among, both sorted; all by default.
        Every node that a query attends to has to be among `keys`.
    """

    offsets: Tensor
    keys: Tensor
    table: Tensor
    present: Tensor

    def __init__(
        self,
        pattern: AttentionPattern,
        queries: np.ndarray | None = None,
        keys: np.ndarray | None = None,
    ) -> None:
        super().__init__()
        everything = np.arange(pattern.nodes)
        queries = everything if queries is None else queries
        keys = everything if keys is None else keys
        counts = np.diff(pattern.offsets)[queries]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        rows = np.repeat(np.arange(queries.size), counts)
        column = np.arange(offsets[-1]) - offsets[rows]
        wanted = pattern.key[pattern.offsets[queries][rows] + column]
        places = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        if not np.array_equal(keys[places], wanted):
            raise InputError("keys: expected every node that a query attends to")
        table = np.zeros((queries.size, counts.max()), dtype=np.int64)
        present = np.zeros(table.shape, dtype=bool)
        table[rows, column] = places
        present[rows, column] = True
        for name, value in (
            ("offsets", offsets),
            ("keys", places),
            ("table", table),
            ("present", present),
        ):
            self.register_buffer(name, torch.from_numpy(value), persistent=False)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, dropout: float = 0.0) -> Tensor:
        """See :func:`sparse_attention`."""
        return sparse_attention(q, k, v, self, dropout)


def sparse_attention(
    q: Tensor, k: Tensor, v: Tensor, neighbours: Neighbours, dropout: float = 0.0
) -> Tensor:
    """Softmax attention in which a query sees its neighbours alone (equation 3 of the paper).

    ``y_i = sum_j softmax_j(q_i k_j / sqrt(d)) v_j``, j over the neighbours of i.

    Parameters
    ----------
    q : Tensor, shape (batch, queries, heads, d)
        Queries.
    k, v : Tensor, shape (batch, keys, heads, d)
        Keys and values.
    neighbours : Neighbours
        Edges.
    dropout : float
        Share of the weights set to zero; the others grow so that the mean stays.

    Returns
    -------
    Tensor, shape (batch, queries, heads, d)
    """
    expected = (neighbours.offsets.numel() - 1, neighbours.keys.numel())
    if q.shape[1] != expected[0]:
        raise InputError(f"queries {q.shape[1]}: expected {expected[0]}, as the neighbours have")
    q = q * q.shape[-1] ** -0.5
    if q.device.type == "cpu":
        keep = q.new_empty(0, 0, 0)
        if dropout:
            shape = (q.shape[0], expected[1], q.shape[2])
            keep = nn.functional.dropout(torch.ones(shape, dtype=_exact(q)), dropout)
        return _EdgeAttention.apply(q, k, v, keep, neighbours.offsets, neighbours.keys)
    return gathered_attention(q, k, v, neighbours, dropout)


def gathered_attention(
    q: Tensor, k: Tensor, v: Tensor, neighbours: Neighbours, dropout: float = 0.0
) -> Tensor:
    """The same from a padded table of neighbours; `q` is already divided by ``sqrt(d)``."""
    present = neighbours.present[None, :, :, None]
    # (batch, queries, 1, heads, d) times (batch, queries, places, heads, d)
    score = (q.unsqueeze(2) * k[:, neighbours.table]).sum(-1)
    weight = score.masked_fill(~present, float("-inf")).softmax(dim=2)
    weight = nn.functional.dropout(weight, dropout)
    return (weight.unsqueeze(-1) * v[:, neighbours.table]).sum(2)


def _exact(x: Tensor) -> torch.dtype:
    """The type to compute in: half precisions are widened."""
    return torch.float64 if x.dtype == torch.float64 else torch.float32


def _array(x: Tensor, kind: torch.dtype) -> np.ndarray:
    return x.detach().to(kind).contiguous().numpy()


def _share(work: Any, batch: int) -> None:
    """Call ``work(first, last)`` over a batch, on as many threads as torch has."""
    threads = min(torch.get_num_threads(), batch)
    if threads < 2:
        work(0, batch)
        return
    edges = np.linspace(0, batch, threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


class _EdgeAttention(torch.autograd.Function):
    """Attention over edges by the compiled kernels; keeps q, k, v and one weight an edge."""

    @staticmethod
    def forward(
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, keep: Tensor, offsets: Tensor, keys: Tensor
    ) -> Tensor:
        kind = _exact(q)
        a, b, c = (_array(x, kind) for x in (q, k, v))
        out = np.empty_like(a)
        weight = np.empty((a.shape[0], keys.numel(), a.shape[2]), dtype=a.dtype)
        work = partial(
            attend, a, b, c, offsets.numpy(), keys.numpy(), _array(keep, kind), out, weight
        )
        _share(work, a.shape[0])
        ctx.save_for_backward(q, k, v, keep, offsets, keys, torch.from_numpy(weight))
        return torch.from_numpy(out).to(q.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, keep, offsets, keys, weight = ctx.saved_tensors
        kind = _exact(q)
        a, b, c, up = (_array(x, kind) for x in (q, k, v, g))
        grads = [np.zeros_like(x) for x in (a, b, c)]
        work = partial(
            attend_backward,
            a,
            b,
            c,
            offsets.numpy(),
            keys.numpy(),
            _array(keep, kind),
            weight.numpy(),
            up,
            *grads,
        )
        _share(work, a.shape[0])
        dq, dk, dv = (torch.from_numpy(x).to(q.dtype) for x in grads)
        return dq, dk, dv, None, None, None
