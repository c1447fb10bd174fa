"""ARIMA of each channel by statsmodels, forecast from every window at once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.statespace.sarimax import SARIMAX

from precursor_lib.errors import InputError
from precursor_lib.forecast.windows import Split, Windows


@dataclass
class ArimaForecaster:
    """ARIMA(p, d, q), plain or of the difference from the day before.

    The parameters are fitted to the end of the training part. A forecast is then
    ``Z T^h a(t+1|t)`` with the state that the Kalman filter predicts from all samples before the
    window's end, in statsmodels' state-space form.

    Attributes
    ----------
    order : sequence of int
        p, d, q.
    seasonal : bool
        Model the difference from the same hour of the day before.
    season : int
        Samples a day.
    samples : int
        Last samples of the training part that are fitted to.
    """

    order: Sequence[int]
    seasonal: bool
    season: int
    samples: int = 2000
    _fitted: list[np.ndarray] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if len(self.order) != 3 or min(self.order) < 0:
            raise InputError(f"order {self.order}: expected p, d, q of 0 or more")

    def fit(self, split: Split) -> ArimaForecaster:
        """Fit each channel to the end of the training part.

        Raises
        ------
        InputError
            If the horizon is longer than the season that differences are taken over.
        """
        windows = split.training
        if self.seasonal and windows.horizon > self.season:
            raise InputError(f"horizon {windows.horizon}: expected at most a season, {self.season}")
        first, end = split.bounds[0]
        self._fitted = []
        for series in self._differences(windows)[:, max(first, end - self.samples) : end]:
            with warnings.catch_warnings():
                # A start that is not stationary, or a step short of convergence, gives a worse
                # model, which validation judges.
                warnings.simplefilter("ignore", ConvergenceWarning)
                warnings.simplefilter("ignore", UserWarning)
                self._fitted.append(self._model(series).fit(disp=False, maxiter=50).params)
        return self

    def predict(self, windows: Windows) -> np.ndarray:
        """Forecast each window: (windows, horizon, channels), scaled as the windows are."""
        first = windows.starts + windows.length
        ahead = first[:, None] + np.arange(windows.horizon)
        parts = []
        for number, series in enumerate(self._differences(windows)):
            filtered = self._model(series).filter(self._fitted[number])
            state = filtered.filter_results.predicted_state[:, first]
            design = filtered.filter_results.design[0, :, 0]
            transition = filtered.filter_results.transition[:, :, 0]
            steps = []
            for _ in range(windows.horizon):
                steps.append(design @ state)
                state = transition @ state
            parts.append(np.stack(steps, axis=1))
            if self.seasonal:
                parts[-1] += windows.series[ahead - self.season, number]
        return np.stack(parts, axis=2)

    def _differences(self, windows: Windows) -> np.ndarray:
        """What is modelled, (channel, time)."""
        values = windows.series[:, : windows.series.shape[1] - windows.inputs].T.astype(float)
        if not self.seasonal:
            return values
        start = np.full((len(values), self.season), np.nan)
        return np.concatenate([start, values[:, self.season :] - values[:, : -self.season]], axis=1)

    def _model(self, series: np.ndarray) -> Any:
        return SARIMAX(series, order=tuple(self.order))
