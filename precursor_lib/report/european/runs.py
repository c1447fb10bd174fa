"""The trainings of the paper's figures 5, 6 and 8, and of the sizes of a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.classify import LabelledWindows, QuietRule
from precursor_lib.evaluate.learning_curve import LearningCurve, fit_learning_curve
from precursor_lib.evaluate.window_trials import (
    WindowTrial,
    learning_curve,
    run_trial,
    signal_sweep,
)
from precursor_lib.report.european.inputs import Site
from precursor_lib.report.european.trials import (
    HONEST,
    PAPER,
    by_setting,
    packet_fields,
    setting_table,
    split_usable,
    window_sets,
)

Prepared = tuple[LabelledWindows, list[np.ndarray]]
OPTIMISERS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = MappingProxyType(
    {name: ({}, {"optimizer": name}) for name in ("Adam", "Adagrad", "Adamax", "SGD", "RMSprop")}
)
OTHERS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = MappingProxyType(
    {
        "rate 0.0001": ({}, {"learning_rate": 0.0001}),
        "rate 0.01": ({}, {"learning_rate": 0.01}),
        "two in a row": ({"in_a_row": 2}, {}),
        "three in a row": ({"in_a_row": 3}, {}),
    }
)


def prepare(
    sites: Mapping[str, Site], sampling: tuple[int, int], rule: QuietRule, seed: int
) -> dict[str, Prepared]:
    """Windows and parts of the paper's figures: ``printed``, ``removed`` and ``in time``.

    The first two are split at random, the third in time and balanced in each part. The names say
    how windows are scaled: as printed, or with the mean removed.
    """
    printed = window_sets(sites, sampling, rule, seed=seed, scaling="printed")
    removed = window_sets(sites, sampling, rule, seed=seed)
    every = window_sets(sites, sampling, rule, seed=seed, balance=False)
    return {
        "printed": split_usable(printed, "random", PAPER, seed),
        "removed": split_usable(removed, "random", PAPER, seed),
        "in time": split_usable(every, "time", HONEST, seed),
    }


def histories(
    prepared: Mapping[str, Prepared], training: Mapping[str, Any], seed: int
) -> dict[str, WindowTrial]:
    """Figure 5: the network and scaling as printed, then with the text's softmax."""
    softmax = {"dense_activation": "softmax"}
    return {
        "scaled and softmax as printed": run_trial(
            *prepared["printed"], softmax, training, seed=seed
        ),
        "mean removed, softmax last": run_trial(*prepared["removed"], {}, training, seed=seed),
        "mean removed, split in time": run_trial(*prepared["in time"], {}, training, seed=seed),
    }


def other_settings(
    windows: Prepared,
    adam: Sequence[WindowTrial],
    training: Mapping[str, Any],
    seeds: Sequence[int],
) -> pd.DataFrame:
    """Learning rates and depths beside the runs with Adam's default and one convolution."""
    found = by_setting(*windows, OTHERS, training, seeds)
    runs = {
        "rate 0.0001": found["rate 0.0001"],
        "rate 0.001": adam,
        "rate 0.01": found["rate 0.01"],
        "one in a row": adam,
        "two in a row": found["two in a row"],
        "three in a row": found["three in a row"],
    }
    return setting_table(runs)


def curves(
    sites: Mapping[str, Site],
    sampling: tuple[int, int],
    rule: QuietRule,
    without: Prepared,
    amplitude: float,
    shares: Sequence[float],
    repeats: int,
    training: Mapping[str, Any],
    seed: int,
) -> tuple[dict[str, pd.DataFrame], dict[str, LearningCurve]]:
    """Figure 8 without and with packets, and the power laws through the mean accuracies.

    Parameters
    ----------
    sites, sampling, rule
        As for `prepare`.
    without : tuple
        Windows and parts without packets.
    amplitude : float
        Of the packets, nT.
    shares, repeats
        As for `learning_curve`.
    training : mapping
        As for `run_trial`.
    seed : int
        Of packets, draws and trainings.
    """
    added = packet_fields(sites, sampling[1], {"amplitude": amplitude}, seed)
    with_packets = split_usable(
        [
            site.windows(*sampling, rule, seed=seed, balance=False, added=added[code])
            for code, site in sites.items()
        ],
        "time",
        HONEST,
        seed,
    )
    found = {
        name: learning_curve(*case, shares, repeats, {}, training, seed=seed)
        for name, case in {
            "without a source": without,
            f"with packets of {amplitude:g} nT": with_packets,
        }.items()
    }
    means = {name: curve.groupby("windows")["accuracy"].mean() for name, curve in found.items()}
    return found, {name: fit_learning_curve(m.index, m) for name, m in means.items()}


def signals(
    site: Site,
    sampling: tuple[int, int],
    amplitudes: Sequence[float],
    numbers: Sequence[int],
    standard: tuple[float, int],
    repeats: int,
    training: Mapping[str, Any],
    seed: int,
) -> pd.DataFrame:
    """Sizes of the signal at one number of windows, and numbers at one size; by both.

    Parameters
    ----------
    site : Site
        Whose record is taken.
    sampling : tuple of int
        Samples of a window and minutes of a sample.
    amplitudes, numbers : sequence
        Amplitudes in nT, and windows of either class.
    standard : tuple
        Amplitude that goes with the numbers, and number that goes with the amplitudes.
    repeats, training, seed
        As for `signal_sweep`.
    """
    cases = {(amplitude, standard[1]) for amplitude in amplitudes}
    cases |= {(standard[0], number) for number in numbers}
    return signal_sweep(
        site.coarse[sampling[1]],
        site.axis(sampling[1]),
        sampling[0],
        sorted(cases),
        repeats,
        training=training,
        seed=seed,
    )
