"""Sparse attention against dense attention with a mask: outputs and gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from precursor_lib.errors import InputError
from precursor_lib.forecast import attention_pattern
from precursor_lib.forecast.pyramidal_attention import (
    Neighbours,
    gathered_attention,
    sparse_attention,
)


def tensors(batch: int, queries: int, keys: int, dtype: torch.dtype, seed: int) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    shapes = [(batch, n, 2, 4) for n in (queries, keys, keys)]
    return [torch.tensor(2 * rng.normal(size=s), dtype=dtype, requires_grad=True) for s in shapes]


def dense(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Softmax over all keys, those that are no neighbours at minus infinity."""
    score = torch.einsum("bihd,bjhd->bhij", q, k) / q.shape[-1] ** 0.5
    weight = score.masked_fill(~mask, float("-inf")).softmax(-1)
    return torch.einsum("bhij,bjhd->bihd", weight, v)


def gathered(q: Tensor, k: Tensor, v: Tensor, neighbours: Neighbours) -> Tensor:
    return gathered_attention(q * q.shape[-1] ** -0.5, k, v, neighbours)


def outcome(program, q: Tensor, k: Tensor, v: Tensor, *rest) -> list[Tensor]:
    """Output and the gradients of a sum with uneven weights."""
    out = program(q, k, v, *rest)
    uneven = torch.linspace(-1, 1, out.numel(), dtype=out.dtype).view_as(out)
    return [out, *torch.autograd.grad((out * uneven).sum(), (q, k, v))]


@settings(max_examples=25)
@given(
    length=st.integers(16, 70),
    strides=st.sampled_from([(2,), (4, 3), (2, 2, 2), (12,)]),
    a=st.sampled_from([1, 3, 5]),
    batch=st.integers(1, 3),
)
@pytest.mark.parametrize("program", [sparse_attention, gathered])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_as_dense_attention_with_a_mask(
    program, dtype: torch.dtype, length: int, strides: tuple[int, ...], a: int, batch: int
) -> None:
    pattern = attention_pattern(length, strides, a)
    qkv = tensors(batch, pattern.nodes, pattern.nodes, dtype, length)
    got = outcome(program, *qkv, Neighbours(pattern))
    expected = outcome(dense, *qkv, torch.from_numpy(pattern.dense()))
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    for ours, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def test_some_queries_and_their_keys() -> None:
    pattern = attention_pattern(30, (4,), 3)
    queries = pattern.ancestry(17)
    keys = pattern.attended(queries)
    qkv = tensors(2, queries.size, keys.size, torch.float64, 1)
    got = outcome(sparse_attention, *qkv, Neighbours(pattern, queries, keys))
    mask = torch.from_numpy(pattern.dense()[np.ix_(queries, keys)])
    for ours, theirs in zip(got, outcome(dense, *qkv, mask), strict=True):
        torch.testing.assert_close(ours, theirs)
    with pytest.raises(InputError, match="every node that a query attends to"):
        Neighbours(pattern, queries, keys[:-1])


def test_threads_change_nothing() -> None:
    pattern = attention_pattern(40, (4,), 3)
    qkv = tensors(5, pattern.nodes, pattern.nodes, torch.float32, 2)
    one = outcome(sparse_attention, *qkv, Neighbours(pattern))
    torch.set_num_threads(3)
    try:
        three = outcome(sparse_attention, *qkv, Neighbours(pattern))
    finally:
        torch.set_num_threads(1)
    for ours, theirs in zip(one, three, strict=True):
        assert torch.equal(ours, theirs)


def test_dropout_keeps_the_mean_and_its_gradient() -> None:
    pattern = attention_pattern(16, (4,), 3)
    q, k, v = tensors(1, pattern.nodes, pattern.nodes, torch.float64, 3)
    neighbours = Neighbours(pattern)

    def draw(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        torch.manual_seed(4)
        return sparse_attention(q, k, v, neighbours, 0.5)

    assert torch.autograd.gradcheck(draw, (q, k, v))
    torch.manual_seed(5)
    with torch.no_grad():
        many = sparse_attention(*(x.expand(4000, -1, -1, -1) for x in (q, k, v)), neighbours, 0.3)
        plain = sparse_attention(q, k, v, neighbours)
    error = (many.mean(0) - plain[0]).abs() / (many.std(0) / 4000**0.5)
    assert error.max() < 5


def test_half_precision_is_computed_in_single() -> None:
    pattern = attention_pattern(16, (4,), 3)
    qkv = [
        x.detach().bfloat16() for x in tensors(2, pattern.nodes, pattern.nodes, torch.float32, 6)
    ]
    got = sparse_attention(*qkv, Neighbours(pattern))
    assert got.dtype == torch.bfloat16
    expected = dense(*(x.float() for x in qkv), torch.from_numpy(pattern.dense()))
    torch.testing.assert_close(got.float(), expected, atol=0.05, rtol=0.02)


def test_nothing_of_nodes_by_nodes_is_kept() -> None:
    """All tensors kept for the gradient grow with the length, not with its square."""

    def kept(length: int) -> int:
        sizes: list[int] = []
        pattern = attention_pattern(length, (4, 4), 3)
        qkv = tensors(1, pattern.nodes, pattern.nodes, torch.float32, 7)
        with torch.autograd.graph.saved_tensors_hooks(
            lambda x: (sizes.append(x.numel()), x)[1], lambda x: x
        ):
            sparse_attention(*qkv, Neighbours(pattern))
        return sum(sizes)

    short, long = kept(256), kept(1024)
    assert 3.9 < long / short < 4.1


def test_wrong_number_of_queries() -> None:
    pattern = attention_pattern(16, (4,), 3)
    q, k, v = tensors(1, 10, pattern.nodes, torch.float32, 8)
    with pytest.raises(InputError, match="queries 10: expected 20"):
        sparse_attention(q, k, v, Neighbours(pattern))
