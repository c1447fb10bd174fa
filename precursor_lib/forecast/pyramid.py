"""The pyramid of nodes that Pyraformer attends over, and what its output can depend on.

Liu et al., "Pyraformer: Low-Complexity Pyramidal Attention for Long-Range Time Series Modeling and
Forecasting", ICLR 2022, section 3.1. Scale 0 holds the samples. A node of a coarser scale has C
children. A node attends to its neighbours within A places of its own scale (itself included), to
its children and to its parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from precursor_lib.errors import InputError


@dataclass(frozen=True)
class AttentionPattern:
    """Which node attends to which.

    Nodes are numbered scale by scale, from fine to coarse, each scale in order of time. Edges are
    sorted by `query`, then by `key`; both directions of a pair are listed.

    Attributes
    ----------
    sizes : tuple of int
        Nodes of each scale.
    strides : tuple of int
        Children of a node of scale 1, 2, ...
    neighbours : int
        Nodes within its scale that a node attends to.
    query, key : numpy.ndarray of int, shape (edges,)
        Node that attends, and node that is attended to.
    """

    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    neighbours: int
    query: np.ndarray
    key: np.ndarray

    @property
    def nodes(self) -> int:
        """All nodes of all scales."""
        return sum(self.sizes)

    @cached_property
    def starts(self) -> np.ndarray:
        """First node of each scale, and the number of nodes at the end."""
        return np.concatenate([[0], np.cumsum(self.sizes)])

    @cached_property
    def offsets(self) -> np.ndarray:
        """Edges of node i are ``offsets[i]`` to ``offsets[i + 1] - 1``."""
        return np.searchsorted(self.query, np.arange(self.nodes + 1))

    @cached_property
    def scale(self) -> np.ndarray:
        """Scale of each node, shape (nodes,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def samples(self) -> np.ndarray:
        """First and last sample below each node, shape (nodes, 2)."""
        low = high = np.arange(self.sizes[0])
        spans = [np.stack([low, high], axis=1)]
        for stride, size in zip(self.strides, self.sizes[1:], strict=True):
            first = np.arange(size) * stride
            last = np.append(first[1:] - 1, low.size - 1)
            low, high = low[first], high[last]
            spans.append(np.stack([low, high], axis=1))
        return np.concatenate(spans)

    @cached_property
    def kind(self) -> np.ndarray:
        """Each edge as ``"self"``, ``"neighbour"``, ``"child"`` or ``"parent"``."""
        step = self.scale[self.key] - self.scale[self.query]
        names = np.array(["child", "neighbour", "parent"])[step + 1]
        return np.where(self.query == self.key, "self", names)

    def ancestry(self, sample: int) -> np.ndarray:
        """Node of a sample, then its parent, its parent's parent, up to the coarsest scale."""
        place = range(self.sizes[0])[sample]
        line = [place]
        for scale, stride in enumerate(self.strides, start=1):
            place = min(place // stride, self.sizes[scale] - 1)
            line.append(int(self.starts[scale]) + place)
        return np.array(line)

    def dense(self) -> np.ndarray:
        """The pattern as a matrix of booleans, shape (nodes, nodes): for drawing and for tests."""
        matrix = np.zeros((self.nodes, self.nodes), dtype=bool)
        matrix[self.query, self.key] = True
        return matrix

    def attended(self, nodes: np.ndarray) -> np.ndarray:
        """All nodes that any of `nodes` attends to, sorted."""
        wanted = np.zeros(self.nodes, dtype=bool)
        wanted[nodes] = True
        return np.unique(self.key[wanted[self.query]])


@dataclass(frozen=True)
class ReceptiveField:
    """What the forecast can depend on, layer by layer.

    Attributes
    ----------
    pattern : AttentionPattern
        The pyramid.
    nodes : tuple of numpy.ndarray
        ``nodes[l]`` are the nodes whose value after `l` attention layers matters; ``nodes[0]``
        are those of the pyramid before attention, ``nodes[-1]`` those that the forecast is read
        from.
    """

    pattern: AttentionPattern
    nodes: tuple[np.ndarray, ...]

    @property
    def by_attention(self) -> np.ndarray:
        """Samples whose own node is reached by attention, as booleans, shape (samples,)."""
        reached = np.zeros(self.pattern.nodes, dtype=bool)
        reached[self.nodes[0]] = True
        return reached[: self.pattern.sizes[0]]

    @property
    def samples(self) -> np.ndarray:
        """Samples that reach the forecast, also through the CSCM, shape (samples,) of booleans.

        A coarse node is convolved from whole strides of samples: what a stride leaves over at the
        end of a scale is in no coarse node, although it has a parent to attend to.
        """
        reached = self.by_attention.copy()
        width = 1
        for scale, stride in enumerate(self.pattern.strides, start=1):
            width *= stride
            first = int(self.pattern.starts[scale])
            size = self.pattern.sizes[scale]
            for node in self.nodes[0]:
                if first <= node < first + size:
                    reached[(node - first) * width : (node - first + 1) * width] = True
        return reached


def attention_pattern(
    length: int,
    strides: Sequence[int] = (4, 4, 4),
    neighbours: int = 3,
    *,
    remainder: str = "adopt",
) -> AttentionPattern:
    """Build the pyramidal graph (equation 2 of the paper) in time and memory linear in `length`.

    Parameters
    ----------
    length : int
        Nodes of the finest scale.
    strides : sequence of int
        C: children of a node, from scale 1 to the coarsest. The paper has one C for all scales.
    neighbours : int
        A: nodes of its own scale that a node attends to, itself included; odd.
    remainder : {"adopt", "refuse"}
        A scale of n nodes has ``n // C`` parents. What is left over at its end become children of
        the last parent (`adopt`), or is an error (`refuse`). The paper needs no rule: its lengths
        are multiples of C at every scale.

    Returns
    -------
    AttentionPattern

    Raises
    ------
    InputError
        If the coarsest scale would be empty, a stride or `neighbours` is not possible, or nodes
        are left over and `remainder` is ``"refuse"``.
    """
    if length < 1:
        raise InputError(f"length {length}: expected at least one sample")
    if neighbours < 1 or neighbours % 2 == 0:
        raise InputError(f"neighbours {neighbours}: expected an odd number, 1 or more")
    if remainder not in ("adopt", "refuse"):
        raise InputError(f"remainder '{remainder}': expected 'adopt' or 'refuse'")
    sizes = [length]
    for stride in strides:
        if stride < 2:
            raise InputError(f"strides {list(strides)}: expected 2 or more each")
        if sizes[-1] < stride:
            raise InputError(
                f"strides {list(strides)}: {length} samples leave no node at scale {len(sizes)}; "
                f"expected at least {int(np.prod(strides))} samples"
            )
        if remainder == "refuse" and sizes[-1] % stride:
            raise InputError(
                f"length {length}: {sizes[-1]} nodes at scale {len(sizes) - 1} are no multiple of "
                f"the stride {stride}"
            )
        sizes.append(sizes[-1] // stride)
    query, key = [], []
    start = 0
    for scale, size in enumerate(sizes):
        nodes = np.arange(size)
        reach = neighbours // 2
        for shift in range(-reach, reach + 1):
            inside = nodes[(nodes + shift >= 0) & (nodes + shift < size)]
            query.append(start + inside)
            key.append(start + inside + shift)
        if scale < len(strides):
            parent = start + size + np.minimum(nodes // strides[scale], sizes[scale + 1] - 1)
            query += [start + nodes, parent]
            key += [parent, start + nodes]
        start += size
    queries, keys = np.concatenate(query), np.concatenate(key)
    order = np.lexsort((keys, queries))
    return AttentionPattern(tuple(sizes), tuple(strides), neighbours, queries[order], keys[order])


def receptive_field(pattern: AttentionPattern, layers: int, sample: int = -1) -> ReceptiveField:
    """Follow the attention backwards from a sample's node and its ancestors.

    Parameters
    ----------
    pattern : AttentionPattern
        The pyramid.
    layers : int
        Attention layers.
    sample : int
        The sample whose node and ancestors the forecast is read from; the last by default.

    Returns
    -------
    ReceptiveField
        ``layers + 1`` sets of nodes, each contained in the one before it.
    """
    if layers < 0:
        raise InputError(f"layers {layers}: expected 0 or more")
    sets = [np.sort(pattern.ancestry(sample))]
    for _ in range(layers):
        sets.append(pattern.attended(sets[-1]))
    return ReceptiveField(pattern, tuple(reversed(sets)))
