"""Windows of a record told apart by a convolutional network."""

from precursor_lib.classify.dataset import QuietRule, balanced, event_and_quiet, split_sets
from precursor_lib.classify.events import events_near, mainshocks, sequence_windows
from precursor_lib.classify.labels import (
    extreme_in,
    keep_clear,
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
from precursor_lib.classify.windows import LabelledWindows, block_means, joined, labelled_windows

__all__ = [
    "ClassifierHistory",
    "ClassifierTraining",
    "LabelledWindows",
    "NetworkSettings",
    "QuietRule",
    "WindowClassifier",
    "balanced",
    "block_means",
    "classifier",
    "event_and_quiet",
    "events_near",
    "extreme_in",
    "joined",
    "keep_clear",
    "labelled_windows",
    "layer_table",
    "mainshocks",
    "predict_probability",
    "sequence_windows",
    "sharing",
    "split_at_random",
    "split_in_time",
    "split_sets",
    "starts_before",
    "train_classifier",
    "window_grid",
]
