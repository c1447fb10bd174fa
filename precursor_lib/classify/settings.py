"""Size of the classifier and how it is trained, as typed settings that a manifest can hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from precursor_lib.simulate.settings import Positive, Settings

Count = Annotated[int, Field(ge=1)]
Optimizer = Literal["Adam", "Adagrad", "Adamax", "SGD", "RMSprop"]


class NetworkSettings(Settings):
    """The network of the paper's Table 2, by default.

    Attributes
    ----------
    length : int
        Samples of a window.
    components : int
        Rows of a window.
    filters : tuple of int
        Filters of each block of convolutions; a pooling of two samples stands between blocks.
    in_a_row : int
        Convolutions of a block.
    dense : int
        Width of the dense layer.
    dense_activation : {"relu", "softmax"}
        What follows the dense layer. The table prints softmax there; the text has it last, where
        the loss brings it in (the network itself gives logits).
    """

    length: Count
    components: Count = 3
    filters: tuple[Count, ...] = (32, 64, 64)
    in_a_row: Count = 1
    dense: Count = 64
    dense_activation: Literal["relu", "softmax"] = "relu"

    @model_validator(mode="after")
    def _room(self) -> NetworkSettings:
        if not self.filters:
            raise ValueError("filters: expected one block or more")
        if self.length < 2 ** (len(self.filters) - 1):
            raise ValueError(
                f"length {self.length}: expected {2 ** (len(self.filters) - 1)} or more, as "
                f"{len(self.filters) - 1} poolings halve it"
            )
        return self


class ClassifierTraining(Settings):
    """How a classifier is trained.

    Attributes
    ----------
    epochs : int
        Passes through the windows.
    batch_size : int
        Windows a step.
    optimizer : str
        One of torch's.
    learning_rate : float, optional
        None takes 0.001, and 0.01 for SGD: the defaults of common libraries.
    keep : {"last", "best"}
        Weights to end with: those of the last epoch, or of the one of least validation loss.
    seed : int
        Order of the windows.
    threads : int, optional
        Threads of torch (None: as they are).
    """

    epochs: Count = 50
    batch_size: Count = 32
    optimizer: Optimizer = "Adam"
    learning_rate: Positive | None = None
    keep: Literal["last", "best"] = "last"
    seed: int = 0
    threads: Count | None = None

    @property
    def rate(self) -> float:
        """Learning rate in use."""
        return self.learning_rate or (0.01 if self.optimizer == "SGD" else 0.001)
