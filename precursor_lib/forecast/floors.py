"""Forecasts without anything learnt: the floor that a model has to beat."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from precursor_lib.errors import InputError
from precursor_lib.forecast.settings import ForecastSettings, SeasonalNaiveSettings
from precursor_lib.forecast.windows import Windows


class Persistence(nn.Module):
    """Repeat the last sample."""

    def __init__(self, settings: ForecastSettings) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, seen) to (batch, steps, channels)."""
        return x[:, -1:, : self.settings.channels].expand(-1, self.settings.steps, -1)


class SeasonalNaive(nn.Module):
    """Repeat the last season: ``y[t] = x[t - season]``."""

    def __init__(self, settings: SeasonalNaiveSettings) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, seen) to (batch, steps, channels)."""
        season = self.settings.season
        ahead = torch.arange(self.settings.steps, device=x.device) % season
        return x[:, x.shape[1] - season + ahead, : self.settings.channels]


def seasonal_forecasts(windows: Windows, season: int) -> np.ndarray:
    """Repeat the last season, also where it is longer than a window.

    ``y[t] = x[t - m season]``, with the least whole m that leads to before the forecast.

    Parameters
    ----------
    windows : Windows
        What is forecast; the record before a window is looked at where the season needs it.
    season : int
        Samples.

    Returns
    -------
    numpy.ndarray of float32, shape (windows, horizon, channels)
        NaN where the sample is missing, or lies before the record.
    """
    if season < 1:
        raise InputError(f"season {season}: expected 1 or more")
    ahead = np.arange(windows.horizon)
    place = windows.starts[:, None] + windows.length + ahead % season - season
    return np.where(place[..., None] >= 0, windows.series[np.maximum(place, 0)], np.float32("nan"))
