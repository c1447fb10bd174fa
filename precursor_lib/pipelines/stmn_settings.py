"""Settings of the STMN chain, as a manifest can hold them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from precursor_lib.forecast.models import model_settings
from precursor_lib.forecast.settings import Count, StationGraphSettings, TrainingSettings
from precursor_lib.simulate.settings import NotNegative, Positive, Settings

Part = Annotated[float, Field(gt=0, lt=1)]


class SignalSettings(Settings):
    """How areal strain becomes the series that is forecast.

    Attributes
    ----------
    frequency : bool
        Keep some modes of a segmented VMD; without it, the areal strain itself.
    window_days, step_days : int
        Windows of the decomposition.
    modes, alpha
        As for `precursor_lib.decompose.vmd`. The paper prints neither; five is the least number
        that has an IMF5.
    keep : tuple of int
        Modes that are added up, counted from 1 at the lowest frequency.
    join, init, dc
        As for `precursor_lib.decompose.segmented_vmd`. With ``"earliest"`` no value knows more than
        a step of what follows. With `dc` the first mode always is the window's mean and trend, as
        the paper describes it; without, the modes move up a place where a window's mean is small.
    longest_gap_hours : float
        Longest gap that is bridged by a straight line. What was bridged is left out again of the
        residuals. Windows with a longer gap are not decomposed.
    """

    frequency: bool = True
    window_days: Count = 7
    step_days: Count = 1
    modes: Count = 5
    alpha: Positive = 5000.0
    keep: Annotated[tuple[Count, ...], Field(min_length=1)] = (3, 4, 5)
    join: Literal["overlap-add", "centre", "earliest"] = "overlap-add"
    init: Literal["uniform", "previous"] = "uniform"
    dc: bool = True
    longest_gap_hours: NotNegative = 3.0

    @model_validator(mode="after")
    def _there(self) -> SignalSettings:
        if max(self.keep) > self.modes or len(set(self.keep)) < len(self.keep):
            raise ValueError(f"expected modes to keep from 1 to {self.modes}, each once")
        if self.step_days > self.window_days:
            raise ValueError(f"expected a step of at most {self.window_days} days")
        return self


class StmnSettings(Settings):
    """The whole chain; the defaults are the paper's where it prints one.

    Attributes
    ----------
    signal : SignalSettings
        Frequency domain.
    model : str
        Name of the network that forecasts (temporal domain).
    length_hours, horizon_hours : float
        What it sees and forecasts; not printed.
    network : dict
        Its further settings. Without any: each window is scaled by its own moments, as TimesNet's
        authors do.
    training : TrainingSettings
        How it is trained on the reference.
    validation, test : float
        Shares of the reference's record, after the training part.
    graph : StationGraphSettings, optional
        Spatial domain; None leaves it out.
    graph_days : int
        First days of the target that trainable weights learn from. They are not counted.
    graph_steps : int
        Steps of that training.
    factor : float
        Z of the confidence bounds.
    sigma : {"reference", "record"}
        Where their sigma comes from: the residuals of the reference's validation part, or those of
        the record that is tested. The paper does not say.
    day_share : float
        A day is anomalous if it has more points than this share of the reference's validation days.
    zone_hours : float
        Days run from midnight to midnight so far east of UTC.
    """

    signal: SignalSettings = SignalSettings()
    model: str = "timesnet"
    length_hours: Positive = 96.0
    horizon_hours: Positive = 6.0
    network: dict[str, Any] = Field(default_factory=lambda: {"window_norm": "moments"})
    training: TrainingSettings = TrainingSettings()
    validation: Part = 0.15
    test: Part = 0.15
    graph: StationGraphSettings | None = StationGraphSettings()
    graph_days: Count = 30
    graph_steps: Count = 300
    factor: Positive = 1.5
    sigma: Literal["reference", "record"] = "reference"
    day_share: Part = 0.95
    zone_hours: float = 8.0

    @model_validator(mode="after")
    def _possible(self) -> StmnSettings:
        # What the network refuses is refused here, before hours of decomposition.
        model_settings(self.model, {"length": 24, "horizon": 1, **self.network})
        if self.validation + self.test >= 1:
            raise ValueError("expected validation and test to leave a part to train on")
        return self

    def samples(self, step_hours: float) -> tuple[int, int]:
        """Length and horizon in samples of `step_hours`, each at least one."""
        return (
            max(1, round(self.length_hours / step_hours)),
            max(1, round(self.horizon_hours / step_hours)),
        )

    def domains(self) -> dict[str, StmnSettings]:
        """The paper's table 5 as settings: time alone, with frequency, with space, with both."""
        plain = self.signal.model_copy(update={"frequency": False})
        return {
            "temporal": self.model_copy(update={"signal": plain, "graph": None}),
            "frequency": self.model_copy(update={"graph": None}),
            "spatial": self.model_copy(update={"signal": plain}),
            "all": self,
        }
