"""The pyramidal graph against the paper's definition, and what a forecast can depend on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.forecast import attention_pattern, receptive_field


def by_definition(length: int, c: int, scales: int, a: int) -> np.ndarray:
    """Equation 2 of Liu et al. (2022), word by word: scales and nodes are counted from 1."""
    nodes = [
        (s, place) for s in range(1, scales + 1) for place in range(1, length // c ** (s - 1) + 1)
    ]
    matrix = np.zeros((len(nodes), len(nodes)), dtype=bool)
    for row, (s, place) in enumerate(nodes):
        for column, (other, j) in enumerate(nodes):
            adjacent = other == s and abs(j - place) <= (a - 1) / 2
            child = other == s - 1 and (place - 1) * c < j <= place * c
            parent = other == s + 1 and j == math.ceil(place / c)
            matrix[row, column] = adjacent or child or parent
    return matrix


@given(
    c=st.integers(2, 4),
    scales=st.integers(2, 3),
    top=st.integers(1, 4),
    a=st.sampled_from([1, 3, 5]),
)
def test_full_lengths_are_as_the_paper_defines(c: int, scales: int, top: int, a: int) -> None:
    length = top * c ** (scales - 1)
    pattern = attention_pattern(length, (c,) * (scales - 1), a, remainder="refuse")
    np.testing.assert_array_equal(pattern.dense(), by_definition(length, c, scales, a))


@given(
    length=st.integers(16, 150),
    strides=st.lists(st.integers(2, 4), min_size=1, max_size=2),
    a=st.sampled_from([1, 3, 5, 7]),
)
def test_any_length(length: int, strides: list[int], a: int) -> None:
    pattern = attention_pattern(length, strides, a)
    matrix = pattern.dense()
    assert (matrix == matrix.T).all()
    assert matrix.diagonal().all()
    assert pattern.query.size == matrix.sum()  # no edge twice
    sizes = [length]
    for stride in strides:
        sizes.append(sizes[-1] // stride)
    assert pattern.sizes == tuple(sizes)
    # Each node below the top has one parent; a parent has C children, the last one those left over.
    kind = pattern.kind
    parents = np.bincount(pattern.query[kind == "parent"], minlength=pattern.nodes)
    assert (parents == (pattern.scale < len(strides))).all()
    children = np.bincount(pattern.query[kind == "child"], minlength=pattern.nodes)
    for scale, stride in enumerate(strides, start=1):
        own = children[pattern.starts[scale] : pattern.starts[scale + 1]]
        assert (own[:-1] == stride).all()
        assert own[-1] == sizes[scale - 1] - (sizes[scale] - 1) * stride
    # Samples below the nodes of a scale follow each other without gap.
    for scale in range(len(sizes)):
        spans = pattern.samples[pattern.starts[scale] : pattern.starts[scale + 1]]
        assert spans[0, 0] == 0
        assert spans[-1, 1] == length - 1
        assert (spans[1:, 0] == spans[:-1, 1] + 1).all()


@given(length=st.integers(64, 300), layers=st.integers(0, 4), sample=st.integers(-64, 63))
def test_receptive_field_is_what_powers_of_the_matrix_reach(
    length: int, layers: int, sample: int
) -> None:
    pattern = attention_pattern(length, (4, 3), 3)
    field = receptive_field(pattern, layers, sample)
    matrix = pattern.dense().astype(int)
    reached = np.zeros(pattern.nodes, dtype=int)
    reached[pattern.ancestry(sample)] = 1
    assert len(field.nodes) == layers + 1
    for nodes in reversed(field.nodes):
        np.testing.assert_array_equal(nodes, np.flatnonzero(reached))
        reached = (reached @ matrix > 0).astype(int)


def test_edges_grow_linearly() -> None:
    edges = [attention_pattern(n, (4, 4, 4), 3).query.size for n in (256, 512, 1024, 2048)]
    assert np.diff(edges, 2).tolist() == [edges[1] - edges[0], 2 * (edges[1] - edges[0])]


def test_two_layers_of_a_small_pyramid() -> None:
    """Eight samples in pairs: the last sample's parent is node 11; both are read from."""
    pattern = attention_pattern(8, (2,), 3)
    assert pattern.sizes == (8, 4)
    field = receptive_field(pattern, 1)
    assert field.nodes[0].tolist() == [6, 7, 10, 11]
    assert field.by_attention.tolist() == [False] * 6 + [True] * 2
    assert field.samples.tolist() == [False] * 4 + [True] * 4


def test_what_is_left_over_is_in_no_coarse_node() -> None:
    field = receptive_field(attention_pattern(9, (4,), 1), 0)
    assert field.nodes[0].tolist() == [8, 10]
    assert field.samples.tolist() == [False] * 4 + [True] * 5
    field = receptive_field(attention_pattern(11, (4,), 1), 0)
    assert field.samples.tolist() == [False] * 4 + [True] * 4 + [False] * 2 + [True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "length 0"),
        ((63, (4, 4, 4)), "at least 64 samples"),
        ((64, (4, 1)), "2 or more"),
        ((64, (4,), 2), "odd number"),
    ],
)
def test_impossible_pyramids(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        attention_pattern(*arguments)


def test_left_over_nodes_can_be_refused() -> None:
    with pytest.raises(InputError, match="42 nodes at scale 1 are no multiple of the stride 4"):
        attention_pattern(168, (4, 4, 4), remainder="refuse")
    with pytest.raises(InputError, match="'adopt' or 'refuse'"):
        attention_pattern(64, (4,), remainder="pad")
