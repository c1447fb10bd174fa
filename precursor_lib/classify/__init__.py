"""Windows of a record told apart by a convolutional network."""

from precursor_lib.classify.events import events_near, mainshocks, sequence_windows
from precursor_lib.classify.labels import (
    extreme_in,
    quiet_starts,
    sharing,
    split_at_random,
    split_in_time,
    starts_before,
    window_grid,
)
from precursor_lib.classify.network import WindowClassifier, classifier, layer_table
from precursor_lib.classify.settings import ClassifierTraining, NetworkSettings
from precursor_lib.classify.training import (
    ClassifierHistory,
    predict_probability,
    train_classifier,
)
from precursor_lib.classify.windows import LabelledWindows, block_means, labelled_windows

__all__ = [
    "ClassifierHistory",
    "ClassifierTraining",
    "LabelledWindows",
    "NetworkSettings",
    "WindowClassifier",
    "block_means",
    "classifier",
    "events_near",
    "extreme_in",
    "labelled_windows",
    "layer_table",
    "mainshocks",
    "predict_probability",
    "quiet_starts",
    "sequence_windows",
    "sharing",
    "split_at_random",
    "split_in_time",
    "starts_before",
    "train_classifier",
    "window_grid",
]
