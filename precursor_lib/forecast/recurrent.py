"""LSTM and GRU: the recurrent baselines."""

from __future__ import annotations

from torch import Tensor, nn

from precursor_lib.forecast.settings import RecurrentSettings


class RecurrentNetwork(nn.Module):
    """Recurrent layers, and a linear layer on the last hidden state.

    Parameters
    ----------
    settings : RecurrentSettings
        Sizes.
    cell : type
        ``torch.nn.LSTM`` or ``torch.nn.GRU``.
    """

    def __init__(self, settings: RecurrentSettings, cell: type[nn.LSTM] | type[nn.GRU]) -> None:
        super().__init__()
        s = settings
        self.settings = s
        between = s.dropout if s.layers > 1 else 0.0
        self.cells = cell(s.seen, s.width, s.layers, batch_first=True, dropout=between)
        self.readout = nn.Linear(s.width, s.steps * s.channels)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, seen) to (batch, steps, channels)."""
        hidden, _ = self.cells(x)
        return self.readout(hidden[:, -1]).unflatten(1, (-1, self.settings.channels))
