"""Encoder of full attention: the baseline that Pyraformer is a sparse form of."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from precursor_lib.forecast.layers import AttentionLayer, Embedding
from precursor_lib.forecast.settings import TransformerSettings


class TransformerNetwork(nn.Module):
    """Embedding, layers of full attention (Vaswani et al. 2017), and a linear layer.

    The forecast is read from the last node, which alone is computed in the last layer.

    Parameters
    ----------
    settings : TransformerSettings
        Sizes.
    """

    def __init__(self, settings: TransformerSettings) -> None:
        super().__init__()
        s = settings
        self.settings = s
        self.embedding = Embedding(s.seen, s.width, s.tokens, s.dropout)
        head_width = s.head_width or s.width // s.heads
        self.layers = nn.ModuleList(
            AttentionLayer(s.width, s.heads, head_width, s.inner or 2 * s.width, s.dropout)
            for _ in range(s.layers)
        )
        self.readout = nn.Linear(s.width, s.steps * s.channels, bias=False)
        nn.init.xavier_normal_(self.readout.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, seen) to (batch, steps, channels)."""
        if self.settings.predict_token:
            x = functional.pad(x, (0, 0, 0, 1))
        nodes = self.embedding(x)
        last = nodes.new_full((1,), nodes.shape[1] - 1).long()
        for i, layer in enumerate(self.layers, start=1):
            nodes = layer(nodes, last if i == len(self.layers) else None)
        return self.readout(nodes[:, -1]).unflatten(1, (-1, self.settings.channels))
