"""Windows before earthquakes against quiet ones, and their parts for training and test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.classify.labels import (
    extreme_in,
    keep_clear,
    split_at_random,
    split_in_time,
    starts_before,
    window_grid,
)
from precursor_lib.classify.windows import LabelledWindows, Scaling, joined, labelled_windows
from precursor_lib.errors import InputError


@dataclass(frozen=True)
class QuietRule:
    """When a window is free of storms: every Kp below a limit, every RC above one.

    Attributes
    ----------
    kp, rc : pandas.Series
        Kp by the start of its three hours, RC (nT) by the start of its hour, UTC.
    below_kp, above_rc : float
        Limits, left out. The defaults are the usual bounds of a moderate storm.
    """

    kp: pd.Series
    rc: pd.Series
    below_kp: float = 5.0
    above_rc: float = -50.0

    def holds(
        self, first: str | pd.Timestamp, step: float, starts: ArrayLike, length: int
    ) -> np.ndarray:
        """For each window whether it is free of storms; not so where an index has no value."""
        kp = extreme_in(self.kp, "3h", first, step, starts, length)
        rc = extreme_in(self.rc, "1h", first, step, starts, length, largest=False)
        # A comparison with NaN is false.
        return (kp < self.below_kp) & (rc > self.above_rc)


def event_and_quiet(
    series: np.ndarray,
    *,
    first: str | pd.Timestamp,
    step: float,
    length: int,
    events: ArrayLike,
    rule: QuietRule,
    storm_free: Literal["quiet", "both"] = "quiet",
    clock: Literal["free", "fixed"] = "free",
    balance: bool = True,
    listed: ArrayLike | None = None,
    seed: int = 0,
    longest_gap: int = 3,
    scaling: Scaling = "centred",
) -> LabelledWindows:
    """Windows that end before earthquakes (class 1), and quiet windows (class 0).

    Quiet windows do not overlap, are free of storms, and lie at least a window's length away from
    any listed event. Where the classes differ in number and are to be balanced, windows of the
    larger one are drawn at random.

    Earthquakes come at any hour. Quiet windows that all begin at the same hour differ from those
    before earthquakes in the phase of the daily variation, which is easily learnt and says nothing
    of earthquakes. So each begins at an hour drawn at random.

    Parameters
    ----------
    series : numpy.ndarray of float32, shape (components, time)
        Record in nT.
    first : str or pandas.Timestamp
        Time of its first sample, UTC.
    step : float
        Seconds from one sample to the next.
    length : int
        Samples of a window.
    events : array_like of datetime64
        Earthquakes that get a window.
    rule : QuietRule
        What is free of storms.
    storm_free : {"quiet", "both"}
        Classes that the rule holds for. The paper names the quiet one alone.
    clock : {"free", "fixed"}
        Quiet windows begin at random within a day, or side by side from the record's first sample.
    balance : bool
        As many windows of either class.
    listed : array_like of datetime64, optional
        Earthquakes that quiet windows keep clear of; `events` by default. To be given where
        aftershocks were taken from `events`.
    seed : int
        Of the draws.
    longest_gap, scaling
        As for `labelled_windows`.

    Raises
    ------
    InputError
        As `labelled_windows`.
    """
    before = np.unique(starts_before(events, first, step, length))
    if storm_free == "both":
        before = before[rule.holds(first, step, before, length)]
    shocks = starts_before(events if listed is None else listed, first, step, 1) + 1
    rng = np.random.default_rng(seed)
    grid = window_grid(series.shape[1], length)
    if clock == "free":
        day = max(1, round(86400 / step))
        grid = window_grid(series.shape[1] - day, length, length + day)
        grid = grid + rng.integers(0, day, grid.size)
    quiet = keep_clear(grid, length, shocks, clear=length)
    quiet = quiet[rule.holds(first, step, quiet, length)]
    windows = labelled_windows(
        series,
        np.concatenate([before, quiet]),
        np.repeat([1, 0], [before.size, quiet.size]),
        length,
        longest_gap=longest_gap,
        scaling=scaling,
    )
    if not balance:
        return windows
    return windows.subset(balanced(windows, np.arange(len(windows)), rng))


def balanced(windows: LabelledWindows, part: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Numbers of a part's windows with as many of either class, drawn at random, in order."""
    sides = [part[windows.labels[part] == k] for k in (0, 1)]
    number = min(side.size for side in sides)
    drawn = [side if side.size == number else rng.choice(side, number, False) for side in sides]
    return np.sort(np.concatenate(drawn))


def split_sets(
    sets: Sequence[LabelledWindows],
    how: Literal["time", "random"],
    shares: Sequence[float],
    seed: int = 0,
    *,
    balance: bool = False,
) -> tuple[LabelledWindows, list[np.ndarray]]:
    """Several records' windows as one set, with the numbers of each part's windows.

    Parameters
    ----------
    sets : sequence of LabelledWindows
        One a record, in order of time.
    how : {"time", "random"}
        In time each record is cut by itself, one part after the other; at random all windows are
        dealt out whatever they share.
    shares : sequence of float
        Of the parts; they sum to 1.
    seed : int
        Of a random split, and of balancing.
    balance : bool
        Cut each record in time where its windows of class 1 reach the shares, and draw as many of
        either class in each part. A record that is balanced as a whole is not so in its parts, for
        earthquakes come in clusters.
    """
    if how not in ("time", "random"):
        raise InputError(f"how '{how}': expected 'time' or 'random'")
    whole = joined(sets)
    if how == "random":
        return whole, split_at_random(len(whole), shares, seed)
    offsets = np.cumsum([0, *(len(s) for s in sets)])
    parts = [
        split_in_time(s.starts, s.length, shares, by=s.starts[s.labels == 1] if balance else None)
        for s in sets
    ]
    if balance:
        rng = np.random.default_rng(seed)
        parts = [
            [balanced(s, part, rng) for part in own] for s, own in zip(sets, parts, strict=True)
        ]
    return whole, [
        np.concatenate([p[k] + n for p, n in zip(parts, offsets, strict=False)])
        for k in range(len(shares))
    ]
