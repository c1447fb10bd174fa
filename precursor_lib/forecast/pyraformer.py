"""Pyraformer (Liu et al., ICLR 2022): a pyramid of nodes, and attention along its edges."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from precursor_lib.forecast.layers import AttentionLayer, Embedding
from precursor_lib.forecast.pyramid import attention_pattern, receptive_field
from precursor_lib.forecast.pyramidal_attention import Neighbours
from precursor_lib.forecast.settings import PyraformerSettings

# Windows whose attention layers are run again together, where memory is to be saved.
_RECOMPUTED_TOGETHER = 4


class Cscm(nn.Module):
    """Coarser-scale construction module (section 3.2 of the paper).

    A linear layer narrows the features; convolutions whose kernel is as long as their stride give
    one scale after the other; a linear layer widens the features again; samples and scales are
    joined from fine to coarse and pass a layer norm. Batch norm and ELU follow each convolution, as
    in the authors' program; the paper does not name them.

    Parameters
    ----------
    width, bottleneck : int
        Features outside and within the module.
    strides : sequence of int
        Children of a node, scale by scale.
    """

    def __init__(self, width: int, bottleneck: int, strides: Sequence[int]) -> None:
        super().__init__()
        self.narrow = nn.Linear(width, bottleneck)
        self.scales = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(bottleneck, bottleneck, stride, stride=stride),
                nn.BatchNorm1d(bottleneck),
                nn.ELU(),
            )
            for stride in strides
        )
        self.widen = nn.Linear(bottleneck, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, samples, width) to (batch, nodes, width)."""
        fine = self.narrow(x).transpose(1, 2)
        coarse = []
        for convolve in self.scales:
            fine = convolve(fine)
            coarse.append(fine)
        widened = self.widen(torch.cat(coarse, dim=2).transpose(1, 2))
        # The norm acts on each node by itself; before joining, it keeps less for the gradient.
        return torch.cat([self.norm(x), self.norm(widened)], dim=1)


class PyraformerNetwork(nn.Module):
    """Embedding, CSCM, pyramidal attention, and a linear layer on the last node of each scale.

    The forecast is read from the last node of the finest scale and its ancestors. A layer computes
    only nodes that they can depend on (`receptive_field`): output and gradients are the same as if
    all were computed (`settings.whole`).

    Parameters
    ----------
    settings : PyraformerSettings
        Sizes.
    """

    def __init__(self, settings: PyraformerSettings) -> None:
        super().__init__()
        s = settings
        self.settings = s
        self.pattern = attention_pattern(s.tokens, s.strides, s.neighbours, remainder=s.remainder)
        self.field = receptive_field(self.pattern, s.layers)
        self.embedding = Embedding(s.seen, s.width, s.tokens, s.dropout)
        self.cscm = Cscm(s.width, s.bottleneck or max(1, s.width // 4), s.strides)
        head_width = s.head_width or s.width // s.heads
        self.layers = nn.ModuleList(
            AttentionLayer(s.width, s.heads, head_width, s.inner or 2 * s.width, s.dropout)
            for _ in range(s.layers)
        )
        every = np.arange(self.pattern.nodes)
        sets = [every] * (s.layers + 1) if s.whole else list(self.field.nodes)
        self.neighbours = nn.ModuleList(
            Neighbours(self.pattern, after, before) for before, after in pairwise(sets)
        )
        # Where the nodes of each step stand among those of the step before it.
        for i, (before, after) in enumerate(pairwise([every, *sets, self.field.nodes[-1]])):
            rows = None
            if after.size < before.size:
                rows = torch.from_numpy(np.searchsorted(before, after))
            self.register_buffer(f"rows{i}", rows, persistent=False)
        scales = len(self.pattern.sizes)
        self.readout = nn.Linear(scales * s.width, s.steps * s.channels, bias=False)
        nn.init.xavier_normal_(self.readout.weight)

    def _rows(self, step: int) -> Tensor | None:
        return self._buffers[f"rows{step}"]

    def attend(self, nodes: Tensor) -> Tensor:
        """All attention layers: (batch, nodes, width) to (batch, nodes left, width)."""
        rows = self._rows(0)
        nodes = nodes if rows is None else nodes.index_select(1, rows)
        for i, layer in enumerate(self.layers, start=1):
            nodes = layer(nodes, self._rows(i), self.neighbours[i - 1])
        return nodes

    def encode(self, x: Tensor) -> Tensor:
        """Nodes after the last layer: (batch, length, seen) to (batch, nodes, width).

        The nodes are all of them if `settings.whole`, else the last one of each scale.
        """
        if self.settings.predict_token:
            x = functional.pad(x, (0, 0, 0, 1))
        nodes = self.cscm(self.embedding(x))
        if not (self.settings.recompute and torch.is_grad_enabled()):
            return self.attend(nodes)
        parts = nodes.split(_RECOMPUTED_TOGETHER)
        return torch.cat([checkpoint(self.attend, part, use_reentrant=False) for part in parts])

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, seen) to (batch, steps, channels)."""
        nodes = self.encode(x)
        rows = self._rows(len(self.layers) + 1)
        read = nodes if rows is None else nodes.index_select(1, rows)
        return self.readout(read.flatten(1)).unflatten(1, (-1, self.settings.channels))
