"""Settings of the VMD-Pyraformer chain, and what it gives for a station (Lushan 2013)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from precursor_lib.forecast import Forecaster, Split, TrainingRecord, TrainingSettings
from precursor_lib.forecast.settings import Count
from precursor_lib.simulate.settings import Positive, Settings

Array = NDArray[np.float64]
Share = Annotated[float, Field(gt=0, lt=1)]


class LushanChain(Settings):
    """Settings of the chain; the defaults are the paper's where it names them.

    Attributes
    ----------
    modes, alpha, tolerance : int, float, float
        VMD (section 4). The tolerance, printed as "e^-7", is read as 1e-7.
    kept : tuple of int
        Modes that are added up, from 1: 4 and 5 for the geomagnetic field, 2 to 5 for the strain.
    decomposition : {"whole", "segments"}
        VMD of the whole record, or of overlapping windows, each sample from the window whose
        middle is nearest.
    window_days, step_days : float
        Of the windows.
    length, horizon : int
        Samples that the network sees, and forecasts at once. The paper gives neither.
    model : str
        Forecaster; see `precursor_lib.forecast.MODELS`.
    grid : tuple of mapping
        Settings of the model. From several, validation chooses (`choose_model`).
    training : TrainingSettings
        How it is trained.
    training_share, validation_share : float
        Shares of the record, from its beginning; the rest is the test.
    stride : int
        Samples between the starts of training windows.
    factor : float
        k of equation 8.
    reference : {"validation", "all"}
        Where the mean residual comes from. The paper takes all of the record that is searched.
    day_points : float
        Points of 1440 that an anomalous day exceeds: 40 to 50 for the geomagnetic field, 20 to 30
        for the strain. At other sampling intervals the same share of the day.
    zone_hours, least_coverage : float
        See `precursor_lib.detect.anomalous_days`.
    seed : int
        Of the training.
    """

    modes: Count = 5
    alpha: Positive = 5000.0
    tolerance: Positive = 1e-7
    kept: Annotated[tuple[Count, ...], Field(min_length=1)] = (4, 5)
    decomposition: Literal["whole", "segments"] = "whole"
    window_days: Positive = 7.0
    step_days: Positive = 1.0
    length: Count = 64
    horizon: Count = 16
    model: str = "pyraformer"
    grid: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)] = (
        {"width": 16, "heads": 2, "strides": (4, 4)},
    )
    training: TrainingSettings = TrainingSettings(
        epochs=4, windows_per_epoch=4096, batch_size=64, learning_rate=2e-3, patience=2, threads=1
    )
    training_share: Share = 0.3
    validation_share: Share = 0.1
    stride: Count = 1
    factor: Positive = 2.5
    reference: Literal["validation", "all"] = "validation"
    day_points: Positive = 45.0
    zone_hours: float = 8.0
    least_coverage: Annotated[float, Field(gt=0, le=1)] = 0.5
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _possible(self) -> LushanChain:
        if max(self.kept) > self.modes or len(set(self.kept)) < len(self.kept):
            raise ValueError(f"kept {self.kept}: expected modes of 1 to {self.modes}, each once")
        if self.training_share + self.validation_share >= 1:
            raise ValueError("training_share and validation_share leave nothing to test")
        return self

    def with_(self, **changes: Any) -> LushanChain:
        """The same chain with other settings, checked as the first were."""
        return LushanChain(**{**dict(self), **changes})


GEOMAGNETIC = LushanChain()
"""Settings for the vertical geomagnetic field."""
STRAIN = LushanChain(kept=(2, 3, 4, 5), day_points=25.0)
"""Settings for the areal strain."""


@dataclass(frozen=True)
class StationRun:
    """What the chain gives for one station.

    Attributes
    ----------
    station : str
        Name.
    times : numpy.ndarray of datetime64, shape (n,)
        UTC.
    record : numpy.ndarray, shape (n,)
        As read, less its mean; gaps are NaN.
    modes : numpy.ndarray, shape (K, n)
        Of the record with gaps bridged.
    centres : numpy.ndarray, shape (K,)
        Centre frequencies in cycles a sample (of windows: their mean).
    signal, forecast : numpy.ndarray, shape (n,)
        Sum of the kept modes (NaN in gaps), and its forecast (NaN where none could be made).
    bounds : tuple of three pairs of int
        First sample of training, validation and test, and the one after the last.
    scale : float
        Mean size of the residual that the rule measures by.
    points : numpy.ndarray of bool, shape (n,)
        Anomalous points.
    days : pandas.DataFrame
        See `precursor_lib.detect.anomalous_days`.
    model : Forecaster
        Trained.
    split : Split
        Its windows.
    training : TrainingRecord
        How the training went.
    choice : pandas.DataFrame or None
        Table of the search.
    report : tuple of str
        Gaps, windows and days left out.
    """

    station: str
    times: NDArray[np.datetime64]
    record: Array
    modes: Array
    centres: Array
    signal: Array
    forecast: Array
    bounds: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    scale: float
    points: NDArray[np.bool_]
    days: pd.DataFrame
    model: Forecaster
    split: Split
    training: TrainingRecord
    choice: pd.DataFrame | None
    report: tuple[str, ...]

    @property
    def residual(self) -> Array:
        """Signal less forecast, shape (n,)."""
        return self.signal - self.forecast

    def test_days(self, zone_hours: float = 8.0) -> pd.DataFrame:
        """The days that lie wholly in the test, counted from 0 again."""
        first = pd.Timestamp(self.times[self.bounds[2][0]]) + pd.Timedelta(hours=zone_hours)
        part = self.days[self.days.index >= first.ceil("D")].copy()
        part["cumulative"] = part["anomalous"].cumsum()
        return part
