"""ED-LSTME: an encoder-decoder LSTM that sees indices beside the series it forecasts."""

from __future__ import annotations

from torch import Tensor, nn

from precursor_lib.forecast.settings import EncoderDecoderSettings


class EncoderDecoder(nn.Module):
    """LSTM to one vector, repeated for each step ahead, LSTM again, one linear layer for all steps.

    Figure 2 of Xiong et al. (2022): the encoder reads the series and their inputs (Kp, ap, F10.7);
    its last hidden state is what the repeat layer hands to each step of the decoder.

    Parameters
    ----------
    settings : EncoderDecoderSettings
        Sizes.
    """

    def __init__(self, settings: EncoderDecoderSettings) -> None:
        super().__init__()
        s = settings
        self.settings = s
        between = s.dropout if s.layers > 1 else 0.0
        self.encoder = nn.LSTM(s.seen, s.width, s.layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(s.dropout)
        self.decoder = nn.LSTM(s.width, s.width, s.layers, batch_first=True, dropout=between)
        self.readout = nn.Linear(s.width, s.channels)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, seen) to (batch, steps, channels)."""
        _, (hidden, _) = self.encoder(x)
        summary = self.dropout(hidden[-1])
        repeated = summary[:, None].expand(-1, self.settings.steps, -1)
        decoded, _ = self.decoder(repeated)
        return self.readout(decoded)
