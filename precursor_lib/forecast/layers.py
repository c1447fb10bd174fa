"""Parts that the attention models share: embedding, attention block, feed-forward block."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from precursor_lib.forecast.pyramidal_attention import Neighbours, sparse_attention

# As in the authors' program, so that trained weights mean the same.
_NORM_EPS = 1e-6


class Embedding(nn.Module):
    """Samples to features: a convolution over three samples, plus sines of the position.

    The convolution is circular, as in the programs of Pyraformer and TimesNet: the first sample of
    a window also sees its last one. Calendar features are not added; give them as channels.
    """

    position: Tensor

    def __init__(self, channels: int, width: int, length: int, dropout: float) -> None:
        super().__init__()
        self.values = nn.Conv1d(channels, width, 3)
        nn.init.kaiming_normal_(self.values.weight, mode="fan_in", nonlinearity="leaky_relu")
        self.register_buffer("position", sines(length, width), persistent=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, channels) to (batch, length, width)."""
        # The convolution as a product, so that features come out last and are not moved again.
        around = torch.cat([x.roll(1, 1), x, x.roll(-1, 1)], dim=2)
        kernel = self.values.weight.transpose(1, 2).flatten(1)
        features = functional.linear(around, kernel, self.values.bias)
        features += self.position
        return self.dropout(features)


def sines(length: int, width: int) -> Tensor:
    """Sines and cosines of the position (Vaswani et al. 2017, section 3.5), (length, width)."""
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angle = torch.arange(length)[:, None] * rate
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)


class Attention(nn.Module):
    """Multi-head attention with residual and layer norm after it.

    Parameters
    ----------
    width, heads, head_width : int
        Features of a node, heads, features of a head.
    dropout : float
        On the weights and on the output.
    """

    def __init__(self, width: int, heads: int, head_width: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(width, heads * head_width, bias=False)
        self.key = nn.Linear(width, heads * head_width, bias=False)
        self.value = nn.Linear(width, heads * head_width, bias=False)
        self.out = nn.Linear(heads * head_width, width)
        for part in (self.query, self.key, self.value, self.out):
            nn.init.xavier_uniform_(part.weight)
        self.norm = nn.LayerNorm(width, eps=_NORM_EPS)

    def forward(
        self, x: Tensor, rows: Tensor | None = None, neighbours: Neighbours | None = None
    ) -> Tensor:
        """Attend from the nodes `rows` (all by default) to `neighbours` (all nodes by default).

        (batch, nodes, width) to (batch, rows, width).
        """
        asking = x if rows is None else x.index_select(1, rows)
        q, k, v = (
            part(nodes).unflatten(-1, (self.heads, -1))
            for part, nodes in ((self.query, asking), (self.key, x), (self.value, x))
        )
        dropout = self.dropout if self.training else 0.0
        if neighbours is None:
            q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
            seen = functional.scaled_dot_product_attention(q, k, v, dropout_p=dropout)
            seen = seen.transpose(1, 2)
        else:
            seen = sparse_attention(q, k, v, neighbours, dropout)
        update = functional.dropout(self.out(seen.flatten(2)), dropout)
        return self.norm(update + asking)


class FeedForward(nn.Module):
    """Two linear layers on each node with GELU between, residual and layer norm after them."""

    def __init__(self, width: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Linear(width, inner)
        self.second = nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width, eps=_NORM_EPS)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, nodes, width) to the same."""
        hidden = self.dropout(functional.gelu(self.first(x)))
        return self.norm(x + self.dropout(self.second(hidden)))


class AttentionLayer(nn.Module):
    """Attention, then feed-forward."""

    def __init__(self, width: int, heads: int, head_width: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, head_width, dropout)
        self.feed_forward = FeedForward(width, inner, dropout)

    def forward(
        self, x: Tensor, rows: Tensor | None = None, neighbours: Neighbours | None = None
    ) -> Tensor:
        """(batch, nodes, width) to (batch, rows, width)."""
        return self.feed_forward(self.attention(x, rows, neighbours))
