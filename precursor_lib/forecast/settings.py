"""Sizes and choices of each model, as typed settings that a manifest can hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from precursor_lib.simulate.settings import NotNegative, Positive, Settings

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


class ForecastSettings(Settings):
    """What all models have in common.

    Attributes
    ----------
    length : int
        Samples that a model sees.
    horizon : int
        Samples that it forecasts.
    channels : int
        Series forecast together.
    inputs : int
        Further series that are seen and not forecast, such as indices of activity: the last ones
        of a record. Nothing of them is known after the last sample seen.
    head : {"direct", "single_step"}
        `direct` gives all samples of the horizon at once. `single_step` gives one sample; further
        ones come from feeding each forecast back.
    window_norm : {"none", "last", "moments"}
        What is taken from each window and put back onto its forecast: nothing, its last sample,
        or its mean and standard deviation.
    """

    length: Count
    horizon: Count = 1
    channels: Count = 1
    inputs: Annotated[int, Field(ge=0)] = 0
    head: Literal["direct", "single_step"] = "direct"
    window_norm: Literal["none", "last", "moments"] = "none"

    @model_validator(mode="after")
    def _inputs_end(self) -> ForecastSettings:
        if self.inputs and self.steps < self.horizon:
            raise ValueError("expected head 'direct': inputs are not known ahead to be fed back")
        return self

    @property
    def seen(self) -> int:
        """Series that a model sees: those that it forecasts, then its inputs."""
        return self.channels + self.inputs

    @property
    def steps(self) -> int:
        """Samples that the network itself gives."""
        return self.horizon if self.head == "direct" else 1


class AttentionSettings(ForecastSettings):
    """Models of attention layers.

    Attributes
    ----------
    width : int
        Features a node (``d_model``).
    heads, head_width : int
        Attention heads and the features of each (None: `width` over `heads`).
    inner : int, optional
        Features within the feed-forward part (None: twice `width`).
    layers : int
        Attention layers.
    dropout : float
        Share of features set to zero while training.
    predict_token : bool
        Append a sample of zeros to each window, whose node the forecast is read from.
    """

    width: Count = 32
    heads: Count = 4
    head_width: Count | None = None
    inner: Count | None = None
    layers: Count = 2
    dropout: Share = 0.05
    predict_token: bool = True

    @model_validator(mode="after")
    def _heads_divide(self) -> AttentionSettings:
        if self.head_width is None and self.width % self.heads:
            raise ValueError(f"expected width {self.width} to be a multiple of heads {self.heads}")
        if self.width % 2:
            raise ValueError(f"expected an even width, not {self.width}")
        return self

    @property
    def tokens(self) -> int:
        """Nodes of the finest scale."""
        return self.length + self.predict_token


class PyraformerSettings(AttentionSettings):
    """Pyraformer.

    A forecast depends on the whole window only if the coarsest scale has few enough nodes: about
    ``tokens / product of strides - 1 <= layers * (neighbours - 1) / 2`` (the paper's lemma 1 holds
    it for every node). `precursor_lib.forecast.receptive_field` says which samples are seen.

    Attributes
    ----------
    strides : tuple of int
        Children of a node, from the second scale to the coarsest (C of the paper).
    neighbours : int
        Nodes of its own scale that a node attends to, itself included; odd (A of the paper).
    bottleneck : int, optional
        Features within the CSCM (None: a quarter of `width`).
    remainder : {"adopt", "refuse"}
        Nodes that a stride leaves over at the end of a scale: `adopt` makes them children of the
        last parent, `refuse` makes them an error.
    whole : bool
        Compute every node in every layer, also those that no forecast can depend on.
    recompute : bool
        Keep nothing of the attention layers for the gradient, and run them again, a few windows at
        a time: less memory, more time.
    """

    strides: Annotated[tuple[Annotated[int, Field(ge=2)], ...], Field(min_length=1)] = (4, 4, 4)
    neighbours: Count = 3
    bottleneck: Count | None = None
    remainder: Literal["adopt", "refuse"] = "adopt"
    whole: bool = False
    recompute: bool = False


class TransformerSettings(AttentionSettings):
    """Encoder of full attention."""


class RecurrentSettings(ForecastSettings):
    """LSTM and GRU: hidden features, layers, and dropout between layers."""

    width: Count = 32
    layers: Count = 1
    dropout: Share = 0.0

    @model_validator(mode="after")
    def _dropout_has_a_place(self) -> RecurrentSettings:
        if self.dropout and self.layers == 1:
            raise ValueError("expected no dropout with one layer: it acts between layers")
        return self


class EncoderDecoderSettings(ForecastSettings):
    """Encoder-decoder LSTM: hidden features and layers of each part, dropout after the encoder."""

    width: Count = 32
    layers: Count = 1
    dropout: Share = 0.0


class TimesNetSettings(ForecastSettings):
    """TimesNet.

    Attributes
    ----------
    width, inner : int
        Features of a sample, and within a block (None: as `width`).
    layers : int
        Blocks.
    periods : int
        Periods that a block works with (k).
    kernels : tuple of int
        Odd side lengths of the inception kernels.
    shared_periods : bool
        Choose periods from the mean amplitude of the batch, as the authors' program does. By
        default each window has its own, so that a forecast does not depend on what else is in the
        batch.
    dropout : float
        Share of features set to zero while training.
    """

    width: Count = 16
    inner: Count | None = None
    layers: Count = 2
    periods: Count = 3
    kernels: Annotated[tuple[Count, ...], Field(min_length=1)] = (1, 3, 5, 7)
    shared_periods: bool = False
    dropout: Share = 0.05

    @model_validator(mode="after")
    def _possible(self) -> TimesNetSettings:
        if any(side % 2 == 0 for side in self.kernels):
            raise ValueError(f"expected odd kernels, not {list(self.kernels)}")
        if self.periods > (self.length + self.steps) // 2:
            raise ValueError(f"expected at most half of length + horizon periods: {self.periods}")
        if self.width % 2:
            raise ValueError(f"expected an even width, not {self.width}")
        return self


class PersistenceSettings(ForecastSettings):
    """The last sample, repeated."""


class SeasonalNaiveSettings(ForecastSettings):
    """The last `season` samples, repeated."""

    season: Count

    @model_validator(mode="after")
    def _season_fits(self) -> SeasonalNaiveSettings:
        if self.season > self.length:
            raise ValueError(f"expected a season of at most {self.length} samples")
        return self


class StationGraphSettings(Settings):
    """The graph over stations: see :class:`precursor_lib.forecast.station_graph.StationGraph`.

    Attributes
    ----------
    tau : float
        Scale of the Gaussian in km.
    edges : {"interstation", "epicentral", "uniform"}
        Weight w_ij of the edge from station j to station i: a Gaussian of the distance between the
        two, a Gaussian of the epicentral distance of j, or 1. The STMN paper does not say.
    trainable : bool
        Start from these weights and learn.
    rectify : bool
        ReLU after the first layer, as printed. It sets negative values to zero.
    """

    tau: Positive = 200.0
    edges: Literal["interstation", "epicentral", "uniform"] = "interstation"
    trainable: bool = False
    rectify: bool = True


class TrainingSettings(Settings):
    """How a model is trained.

    Attributes
    ----------
    epochs : int
        At most so many passes.
    batch_size : int
        Windows a step. Windows that do not fill a last batch wait for another epoch's order.
    windows_per_epoch : int, optional
        Windows drawn for an epoch, without repetition (None: all).
    learning_rate, weight_decay : float
        Of AdamW.
    decay : float
        Share by which the learning rate falls from epoch to epoch.
    loss : {"mse", "mae"}
        What is made small, and what validation judges by, in scaled units.
    patience : int
        Epochs without a better validation loss before training ends.
    clip : float, optional
        Largest norm of a gradient (None: any).
    bf16 : bool
        Multiply matrices in bfloat16. It helps where the processor has instructions for it.
    threads : int, optional
        Threads of torch on a CPU (None: as they are).
    checkpoint_steps : int, optional
        Steps from one checkpoint to the next within an epoch (None: only after epochs).
    seed : int
        Order of the windows, and dropout.
    """

    epochs: Count = 50
    batch_size: Count = 32
    windows_per_epoch: Count | None = None
    learning_rate: Positive = 1e-3
    weight_decay: NotNegative = 0.0
    decay: Share = 0.0
    loss: Literal["mse", "mae"] = "mse"
    patience: Count = 5
    clip: Positive | None = 1.0
    bf16: bool = False
    threads: Count | None = None
    checkpoint_steps: Count | None = None
    seed: int = 0
