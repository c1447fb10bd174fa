"""What an encoder-decoder is compared with: scikit-learn's regressors and statsmodels' ARIMA.

They forecast the same windows as the networks do, in the same scaled units. A regressor sees of a
window what is known of it in the literature on TEC: the same hour of the days before, the last
values, the last day's mean, the inputs, and the hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor

from precursor_lib.errors import InputError, unknown
from precursor_lib.forecast.arima import ArimaForecaster
from precursor_lib.forecast.windows import Split, Windows

REGRESSORS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "dnn": MLPRegressor,
        "random_forest": RandomForestRegressor,
        "svm": SVR,
        "decision_tree": DecisionTreeRegressor,
    }
)
"""Regressors of scikit-learn by name; SVR has no random part."""


def lag_features(
    windows: Windows, chosen: np.ndarray, lead: np.ndarray, channel: np.ndarray, season: int
) -> np.ndarray:
    """What a regressor is given to forecast one sample.

    Parameters
    ----------
    windows : Windows
        Of a length of one season or more; the horizon is a season at most.
    chosen, lead, channel : numpy.ndarray of int, shape (samples,)
        Window by number, samples ahead from 0, and the channel that is forecast.
    season : int
        Samples a day. The record starts at the beginning of one.

    Returns
    -------
    numpy.ndarray of float32, shape (samples, features)
        The same hour of each earlier day in the window, the last two values, the mean of the last
        season, each input's last value and its mean over the last season, sine and cosine of the
        hour, and the lead as a share of the season.

    Raises
    ------
    InputError
        If the windows are too short or the horizon is too long.
    """
    if windows.length < season or windows.horizon > season:
        raise InputError(
            f"season {season}: expected windows of at least one season that forecast at most one, "
            f"not {windows.length} + {windows.horizon}"
        )
    series, inputs = windows.series, windows.inputs
    first = windows.starts[chosen] + windows.length  # the first sample that is not known
    days = np.arange(1, windows.length // season + 1)
    same = series[(first + lead)[:, None] - season * days, channel[:, None]]
    last = series[first[:, None] - np.array([1, 2]), channel[:, None]]
    sums = np.concatenate([np.zeros((1, series.shape[1])), np.cumsum(series, axis=0, dtype=float)])
    means = (sums[first] - sums[first - season]) / season
    own = np.take_along_axis(means, channel[:, None], axis=1)
    seen = series.shape[1] - inputs
    angle = 2 * np.pi * ((first + lead) % season) / season
    return np.concatenate(
        [
            same,
            last,
            own,
            series[first - 1, seen:],
            means[:, seen:],
            np.stack([np.sin(angle), np.cos(angle), lead / season], axis=1),
        ],
        axis=1,
    ).astype(np.float32)


@dataclass
class Regression:
    """A regressor of scikit-learn as a forecaster of windows.

    One regressor serves all channels and all steps ahead.

    Attributes
    ----------
    name : str
        Key of `REGRESSORS`.
    settings : dict
        Its arguments.
    season : int
        Samples a day.
    samples : int
        Samples drawn from the training windows to fit to.
    seed : int
        Of the draw, and of the regressor where it has a random part.
    """

    name: str
    settings: dict[str, Any]
    season: int
    samples: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.name not in REGRESSORS:
            raise InputError(unknown("regressor", self.name, REGRESSORS))
        own = {} if self.name == "svm" else {"random_state": self.seed}
        try:
            self.regressor = REGRESSORS[self.name](**{**own, **self.settings})
        except TypeError as error:
            raise InputError(f"{self.name}: {error}") from error

    def fit(self, split: Split) -> Regression:
        """Fit to samples drawn from the training windows."""
        windows = split.training
        rng = np.random.default_rng(self.seed)
        channels = windows.series.shape[1] - windows.inputs
        total = len(windows) * windows.horizon * channels
        drawn = np.sort(rng.choice(total, min(self.samples, total), replace=False))
        which, lead, channel = np.unravel_index(drawn, (len(windows), windows.horizon, channels))
        target = windows.series[windows.starts[which] + windows.length + lead, channel]
        self.regressor.fit(lag_features(windows, which, lead, channel, self.season), target)
        return self

    def predict(self, windows: Windows) -> np.ndarray:
        """Forecast each window: (windows, horizon, channels), scaled as the windows are."""
        shape = len(windows), windows.horizon, windows.series.shape[1] - windows.inputs
        which, lead, channel = (axis.ravel() for axis in np.indices(shape))
        features = lag_features(windows, which, lead, channel, self.season)
        return self.regressor.predict(features).reshape(shape)


@dataclass(frozen=True)
class ClassicalChoice:
    """A baseline chosen by validation.

    Attributes
    ----------
    name : str
        ``"arima"`` or a key of `REGRESSORS`.
    table : pandas.DataFrame
        One row a trial: its settings, ``validation_loss`` (mean squared error, scaled),
        ``seconds``, ``chosen``.
    model : Regression or ArimaForecaster
        The one of least validation loss, fitted.
    """

    name: str
    table: pd.DataFrame
    model: Regression | ArimaForecaster


def choose_classical(
    name: str,
    grid: Sequence[Mapping[str, Any]],
    split: Split,
    *,
    season: int,
    samples: int = 10_000,
    seed: int = 0,
) -> ClassicalChoice:
    """Fit each entry of a grid and keep the one of least validation loss.

    Parameters
    ----------
    name : str
        ``"arima"`` or a key of `REGRESSORS`.
    grid : sequence of mapping
        Settings to try; as many for each model make an equal budget of trials.
    split : Split
        Windows; those of the test are not looked at.
    season : int
        Samples a day.
    samples : int
        Samples to fit to: for ARIMA the last ones of the training part, for the others drawn.
    seed : int
        Of the draw.

    Raises
    ------
    InputError
        If the grid is empty, or a name or setting is unknown.
    """
    if not grid:
        raise InputError(f"grid of {name}: expected one entry or more")
    rows, models = [], []
    for entry in grid:
        clock = time.perf_counter()
        model: Regression | ArimaForecaster
        if name == "arima":
            model = ArimaForecaster(**entry, season=season, samples=samples).fit(split)
        else:
            model = Regression(name, dict(entry), season, samples, seed).fit(split)
        loss = float(np.mean((model.predict(split.validation) - targets(split.validation)) ** 2))
        seconds = time.perf_counter() - clock
        rows.append({**entry, "validation_loss": loss, "seconds": seconds})
        models.append(model)
    table = pd.DataFrame(rows)
    best = int(table["validation_loss"].argmin())
    table["chosen"] = table.index == best
    return ClassicalChoice(name, table, models[best])


def targets(windows: Windows) -> np.ndarray:
    """What came: (windows, horizon, channels)."""
    ahead = windows.starts[:, None] + windows.length + np.arange(windows.horizon)
    return windows.series[ahead, : windows.series.shape[1] - windows.inputs]


def recurrence(windows: Windows, samples: int) -> np.ndarray:
    """The value of `samples` before, such as those of 27 days: a rotation of the Sun.

    Returns
    -------
    numpy.ndarray, shape (windows, horizon, channels)
        NaN where the record does not reach back so far.

    Raises
    ------
    InputError
        If `samples` is less than the horizon: the value would not be known.
    """
    if samples < windows.horizon:
        raise InputError(f"samples {samples}: expected the horizon, {windows.horizon}, or more")
    ahead = windows.starts[:, None] + windows.length + np.arange(windows.horizon) - samples
    values = windows.series[np.maximum(ahead, 0), : windows.series.shape[1] - windows.inputs]
    return np.where(ahead[..., None] >= 0, values, np.nan)
