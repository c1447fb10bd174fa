"""Forecasts without anything learnt: the floor that a model has to beat."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from precursor_lib.forecast.settings import ForecastSettings, SeasonalNaiveSettings


class Persistence(nn.Module):
    """Repeat the last sample."""

    def __init__(self, settings: ForecastSettings) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, channels) to (batch, steps, channels)."""
        return x[:, -1:].expand(-1, self.settings.steps, -1)


class SeasonalNaive(nn.Module):
    """Repeat the last season: ``y[t] = x[t - season]``."""

    def __init__(self, settings: SeasonalNaiveSettings) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, channels) to (batch, steps, channels)."""
        season = self.settings.season
        ahead = torch.arange(self.settings.steps, device=x.device) % season
        return x[:, x.shape[1] - season + ahead]
