"""Trials of the window classifier: one split, many sizes of a training set, sizes of a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.classify import (
    LabelledWindows,
    classifier,
    labelled_windows,
    predict_probability,
    sharing,
    split_in_time,
    train_classifier,
    window_grid,
)
from precursor_lib.errors import InputError
from precursor_lib.evaluate.classification import (
    Accuracy,
    RocArea,
    accuracy_beside_majority,
    permutation_test,
    roc_area,
)
from precursor_lib.simulate.three_component import PrecursorPackets, packets_before


@dataclass(frozen=True)
class WindowTrial:
    """A classifier trained on one part of a set of windows and tried on another.

    Attributes
    ----------
    sizes : tuple of int
        Windows of each part.
    majority : float
        Share of the larger class among the training windows.
    shared : float
        Share of the tested windows that have samples in common with a training window.
    history : pandas.DataFrame
        Loss and accuracy by epoch.
    labels, scores : numpy.ndarray
        Of the tested windows, in order of time.
    accuracy : Accuracy
        Beside the share of the larger class.
    area : RocArea or None
        None where the tested windows are of one class.
    p : float
        Permutation test of the labels against the area; NaN without it.
    """

    sizes: tuple[int, ...]
    majority: float
    shared: float
    history: pd.DataFrame
    labels: np.ndarray
    scores: np.ndarray
    accuracy: Accuracy
    area: RocArea | None
    p: float

    @property
    def row(self) -> dict[str, Any]:
        """What a table shows of it."""
        a, r = self.accuracy, self.area
        return {
            "tested": a.windows,
            "shared": self.shared,
            "accuracy": a.accuracy,
            "from": a.interval[0],
            "to": a.interval[1],
            "larger class": a.majority,
            "p (accuracy)": a.p,
            "area": np.nan if r is None else r.area,
            "area from": np.nan if r is None else r.interval[0],
            "area to": np.nan if r is None else r.interval[1],
            "p (area)": self.p,
        }


def run_trial(
    windows: LabelledWindows,
    parts: Sequence[np.ndarray],
    network: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    permutations: int = 999,
) -> WindowTrial:
    """Train on the first part and try on the last.

    With three parts the second one chooses the epoch, and the last is not looked at before. With
    two, as in the paper, the second is followed while training and its accuracy after the last
    epoch is taken.

    Parameters
    ----------
    windows : LabelledWindows
        All windows.
    parts : sequence of two or three arrays of int
        Numbers of each part's windows.
    network, training : mapping, optional
        Settings beyond those that follow from the windows.
    seed : int
        First weights, order of the windows, and permutations.
    permutations : int
        Of the test of the area.
    """
    if len(parts) not in (2, 3):
        raise InputError(f"parts: expected two or three, got {len(parts)}")
    sets = [windows.subset(part) for part in parts]
    if not all(len(s) for s in sets):
        raise InputError(f"parts: expected windows in each, got {[len(s) for s in sets]}")
    how = {"keep": "best" if len(parts) == 3 else "last", **(training or {}), "seed": seed}
    size = {"length": windows.length, "components": windows.series.shape[0]}
    model = classifier({**size, **(network or {})}, seed=seed)
    history = train_classifier(model, sets[0], sets[1], how).frame
    scores, labels = predict_probability(model, sets[-1]), sets[-1].labels
    both = 0 < labels.sum() < labels.size
    return WindowTrial(
        sizes=tuple(len(s) for s in sets),
        majority=sets[0].majority,
        shared=float(sharing(sets[-1].starts, sets[0].starts, windows.length).mean()),
        history=history,
        labels=labels,
        scores=scores,
        accuracy=accuracy_beside_majority(labels, scores),
        area=roc_area(labels, scores) if both else None,
        p=permutation_test(labels, scores, permutations=permutations, seed=seed)[0]
        if both
        else np.nan,
    )


def learning_curve(
    windows: LabelledWindows,
    parts: Sequence[np.ndarray],
    shares: Sequence[float],
    repeats: int,
    network: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """Accuracy and loss against the number of training windows, drawn at random.

    Parameters
    ----------
    windows, parts, network, training
        As for `run_trial`.
    shares : sequence of float
        Shares of the training windows that are kept, each with `repeats` draws.
    repeats : int
        Draws.
    seed : int
        Of the draws and trainings.

    Returns
    -------
    pandas.DataFrame
        One row a training: ``windows``, ``repeat``, ``training_loss``, ``validation_loss``,
        ``training_accuracy``, ``validation_accuracy`` (last epoch), ``accuracy`` and ``area``
        (tested windows).
    """
    rows = []
    for share in sorted(shares):
        number = max(2, round(share * parts[0].size))
        for repeat in range(repeats):
            rng = np.random.default_rng([seed, number, repeat])
            kept = np.sort(rng.choice(parts[0], number, replace=False))
            trial = run_trial(
                windows,
                [kept, *parts[1:]],
                network,
                training,
                seed=seed + repeat,
                permutations=1,
            )
            rows.append(
                {
                    "windows": number,
                    "repeat": repeat,
                    **trial.history.iloc[-1].to_dict(),
                    "accuracy": trial.accuracy.accuracy,
                    "area": trial.row["area"],
                }
            )
    return pd.DataFrame(rows)


def signal_trial(
    series: np.ndarray,
    times: pd.DatetimeIndex,
    length: int,
    amplitude: float,
    number: int,
    *,
    source: Mapping[str, Any] | None = None,
    network: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> WindowTrial:
    """A record with packets in known windows: does the classifier find them in later ones?

    Windows side by side are drawn at random, half of them get packets that end with the window, and
    all are split in time.

    Parameters
    ----------
    series : numpy.ndarray of float32, shape (3, time)
        X, Y, Z in nT, without a source.
    times : pandas.DatetimeIndex
        Its axis.
    length : int
        Samples of a window.
    amplitude : float
        Of the packets, nT.
    number : int
        Windows with packets, and windows without.
    source : mapping, optional
        `PrecursorPackets`; the lead is the window and the amplitude is given here.
    network, training : mapping, optional
        As for `run_trial`.
    seed : int
        Of the draw, the packets and the training.

    Raises
    ------
    InputError
        If the record has too few windows without gaps.
    """
    rng = np.random.default_rng([seed, number])
    grid = window_grid(series.shape[1], length)
    whole = labelled_windows(series, grid, np.zeros(grid.size, dtype=int), length).starts
    if whole.size < 2 * number:
        raise InputError(f"number {number}: the record has {whole.size} windows, two each wanted")
    starts = rng.choice(whole, 2 * number, replace=False)
    labels = np.repeat([1, 0], number)
    step = times[1] - times[0]
    days = length * step / pd.Timedelta(days=1)
    packets = PrecursorPackets(**{**(source or {}), "amplitude": amplitude, "lead_days": days})
    shocks = times[0] + (starts[labels == 1] + length) * step
    field, _ = packets_before(times, shocks, packets, seed=seed)
    windows = labelled_windows(series + field.astype(np.float32), starts, labels, length)
    parts = split_in_time(windows.starts, length)
    return run_trial(windows, parts, network, training, seed=seed, permutations=199)


def signal_sweep(
    series: np.ndarray,
    times: pd.DatetimeIndex,
    length: int,
    cases: Sequence[tuple[float, int]],
    repeats: int,
    **settings: Any,
) -> pd.DataFrame:
    """`signal_trial` for pairs of amplitude and number, each from several seeds.

    Returns
    -------
    pandas.DataFrame
        One row a pair: ``amplitude`` (nT), ``number``, ``area`` (of the pooled repeats, with
        ``from`` and ``to``), ``accuracy`` and ``learnt`` (the interval's lower end is above a
        half).
    """
    seed = int(settings.pop("seed", 0))
    rows = []
    for amplitude, number in cases:
        trials = [
            signal_trial(series, times, length, amplitude, number, seed=seed + k, **settings)
            for k in range(repeats)
        ]
        # Ranks within a trial, so that trainings with other levels of answers can be pooled.
        labels = np.concatenate([t.labels for t in trials])
        ranks = np.concatenate([_ranks(t.scores) for t in trials])
        area = roc_area(labels, ranks)
        rows.append(
            {
                "amplitude": amplitude,
                "number": number,
                "tested": labels.size,
                "area": area.area,
                "from": area.interval[0],
                "to": area.interval[1],
                "accuracy": float(np.mean([t.accuracy.accuracy for t in trials])),
                "learnt": area.interval[0] > 0.5,
            }
        )
    return pd.DataFrame(rows)


def _ranks(scores: np.ndarray) -> np.ndarray:
    return pd.Series(scores).rank(pct=True).to_numpy()
