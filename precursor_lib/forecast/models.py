"""One interface to every model: windows in, forecasts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from precursor_lib.errors import InputError, unknown
from precursor_lib.forecast.ed_lstme import EncoderDecoder
from precursor_lib.forecast.floors import Persistence, SeasonalNaive
from precursor_lib.forecast.pyraformer import PyraformerNetwork
from precursor_lib.forecast.recurrent import RecurrentNetwork
from precursor_lib.forecast.settings import (
    EncoderDecoderSettings,
    ForecastSettings,
    PersistenceSettings,
    PyraformerSettings,
    RecurrentSettings,
    SeasonalNaiveSettings,
    TimesNetSettings,
    TransformerSettings,
)
from precursor_lib.forecast.timesnet import TimesNetNetwork
from precursor_lib.forecast.transformer import TransformerNetwork
from precursor_lib.simulate.settings import require, whole_seed

MODELS: Mapping[str, tuple[type[ForecastSettings], Callable[[Any], nn.Module]]] = MappingProxyType(
    {
        "pyraformer": (PyraformerSettings, PyraformerNetwork),
        "transformer": (TransformerSettings, TransformerNetwork),
        "lstm": (RecurrentSettings, partial(RecurrentNetwork, cell=nn.LSTM)),
        "gru": (RecurrentSettings, partial(RecurrentNetwork, cell=nn.GRU)),
        "ed_lstme": (EncoderDecoderSettings, EncoderDecoder),
        "timesnet": (TimesNetSettings, TimesNetNetwork),
        "persistence": (PersistenceSettings, Persistence),
        "seasonal_naive": (SeasonalNaiveSettings, SeasonalNaive),
    }
)
"""Settings and network of each model's name."""

# A window that does not vary is not divided by its standard deviation.
_LEAST_SPREAD = 1e-6


class Forecaster(nn.Module):
    """A network with what all models share: window norm, and steps fed back.

    Parameters
    ----------
    name : str
        Model.
    settings : ForecastSettings
        Its settings.
    network : torch.nn.Module
        (batch, length, seen) to (batch, steps, channels).

    Attributes
    ----------
    name, settings, network
        As given.
    """

    def __init__(self, name: str, settings: ForecastSettings, network: nn.Module) -> None:
        super().__init__()
        self.name = name
        self.settings = settings
        self.network = network

    @property
    def parameter_count(self) -> int:
        """Numbers that training changes."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    def forward(self, x: Tensor) -> Tensor:
        """Forecast.

        Parameters
        ----------
        x : Tensor, shape (batch, length, channels + inputs)
            Windows without gaps.

        Returns
        -------
        Tensor, shape (batch, horizon, channels)

        Raises
        ------
        InputError
            If the shape is another.
        """
        s = self.settings
        if x.ndim != 3 or x.shape[1:] != (s.length, s.seen):
            raise InputError(f"windows {tuple(x.shape)}: expected (batch, {s.length}, {s.seen})")
        if s.window_norm == "none":
            return self._steps(x)
        if s.window_norm == "last":
            offset = x[:, -1:]
            return self._steps(x - offset) + offset[..., : s.channels]
        offset = x.mean(1, keepdim=True)
        spread = (x.var(1, keepdim=True, correction=0) + _LEAST_SPREAD**2).sqrt()
        forecast = self._steps((x - offset) / spread)
        return forecast * spread[..., : s.channels] + offset[..., : s.channels]

    def _steps(self, x: Tensor) -> Tensor:
        """All steps of the horizon, from one pass or from forecasts fed back."""
        parts = [self.network(x)]
        for _ in range(self.settings.horizon // self.settings.steps - 1):
            x = torch.cat([x[:, 1:], parts[-1]], dim=1)
            parts.append(self.network(x))
        return torch.cat(parts, dim=1)


def model_settings(name: str, settings: Mapping[str, Any] | ForecastSettings) -> ForecastSettings:
    """Typed settings of a model.

    Raises
    ------
    InputError
        If the model or a setting is unknown (the nearest is named), or a value is not possible.
    """
    if name not in MODELS:
        raise InputError(unknown("model", name, MODELS))
    return require(MODELS[name][0], settings, name)


def forecaster(
    name: str, settings: Mapping[str, Any] | ForecastSettings, *, seed: int = 0
) -> Forecaster:
    """Make a model with its first weights.

    Parameters
    ----------
    name : str
        ``"pyraformer"``, ``"transformer"``, ``"lstm"``, ``"gru"``, ``"ed_lstme"``,
        ``"timesnet"``, ``"persistence"`` or ``"seasonal_naive"``.
    settings : mapping or ForecastSettings
        At least ``length``; see `precursor_lib.forecast.settings`.
    seed : int
        Seed of the first weights. Other random numbers of torch are not disturbed.

    Returns
    -------
    Forecaster
        Module from (batch, length, channels + inputs) to (batch, horizon, channels), on the CPU.

    Raises
    ------
    InputError
        If the model or a setting is unknown (the nearest is named), or a value is not possible.
    """
    typed = model_settings(name, settings)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(whole_seed(seed))
        return Forecaster(name, typed, MODELS[name][1](typed))
