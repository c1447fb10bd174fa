"""Whether classes of windows can be told apart by the Sun, its activity and the season alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from precursor_lib.classify import QuietRule
from precursor_lib.classify.labels import (
    keep_clear,
    split_at_random,
    split_in_time,
    starts_before,
    window_grid,
)
from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.classification import accuracy_beside_majority, roc_area
from precursor_lib.evaluate.explanations.activity import season

Array = NDArray[np.float64]
HOUR = 3600.0
#: From which the hours of windows count, so that those of several places can be put together.
ORIGIN = pd.Timestamp("2000-01-01")
SHARES = (0.7, 0.3)
FEATURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "F10.7": ("flux",),
        "Kp": ("kp_mean", "kp_max"),
        "day of year": ("sine", "cosine"),
        "all": ("flux", "kp_mean", "kp_max", "sine", "cosine"),
    }
)


def labelled_windows(
    events: ArrayLike,
    listed: ArrayLike,
    rule: QuietRule,
    years: tuple[int, int],
    hours: int,
    *,
    quiet_years: tuple[int, int] | None = None,
    both_calm: bool = False,
    seed: int = 0,
) -> pd.DataFrame:
    """Windows that end before earthquakes (1), and as many quiet ones (0), without any record.

    Rules as those of `precursor_lib.classify.event_and_quiet`: quiet windows do not overlap, are
    free of storms, and lie at least their own length away from any listed event.

    Parameters
    ----------
    events, listed : array_like of datetime64
        Earthquakes that get a window, and those that quiet windows keep clear of.
    rule : QuietRule
    years : tuple of int
        First and last year of the windows before earthquakes.
    hours : int
        Length of a window.
    quiet_years : tuple of int, optional
        Years of the quiet windows; the same by default.
    both_calm : bool
        The rule on storms for both classes; the paper names the quiet one alone.
    seed : int
        Draws the larger class down to the smaller.

    Returns
    -------
    pandas.DataFrame
        ``start`` (hours from `ORIGIN`) and ``label``, in order of time.

    Raises
    ------
    InputError
        If a class has fewer than ten windows.
    """
    spans = [years, quiet_years or years]
    bounds = [
        [int((pd.Timestamp(f"{y}-01-01") - ORIGIN) / pd.Timedelta(hours=1)) for y in (a, b + 1)]
        for a, b in spans
    ]
    before = starts_before(events, ORIGIN, HOUR, hours)
    before = before[(before >= bounds[0][0]) & (before + hours <= bounds[0][1])]
    if both_calm:
        before = before[rule.holds(ORIGIN, HOUR, before, hours)]
    shocks = starts_before(listed, ORIGIN, HOUR, 1) + 1
    quiet = bounds[1][0] + window_grid(bounds[1][1] - bounds[1][0], hours)
    quiet = keep_clear(quiet, hours, shocks, clear=hours)
    quiet = quiet[rule.holds(ORIGIN, HOUR, quiet, hours)]
    number = min(before.size, quiet.size)
    if number < 10:
        raise InputError(
            f"events: {before.size} windows before earthquakes and {quiet.size} quiet ones of "
            f"{hours} h; expected ten or more of each"
        )
    rng = np.random.default_rng(seed)
    chosen = [np.sort(rng.choice(w, number, replace=False)) for w in (quiet, before)]
    table = pd.DataFrame({"start": np.concatenate(chosen), "label": np.repeat([0, 1], number)})
    return table.sort_values("start", kind="stable", ignore_index=True)


def sun_and_season(windows: pd.DataFrame, hours: int, kp: pd.Series, flux: pd.Series) -> Array:
    """What is known of each window without any record: `FEATURES` of ``all``, a row a window.

    Parameters
    ----------
    windows : pandas.DataFrame
        From `labelled_windows`.
    hours : int
    kp : pandas.Series
        By the start of its three hours, UTC.
    flux : pandas.Series
        F10.7 by day.
    """
    start = ORIGIN + pd.to_timedelta(windows["start"].to_numpy(), unit="h")
    end = start + pd.Timedelta(hours=hours)
    times = pd.DatetimeIndex(kp.index)
    values = kp.to_numpy(dtype=float)
    low = np.searchsorted(times, start, side="right") - 1
    high = np.maximum(np.searchsorted(times, end, side="left"), low + 1)
    parts = [values[a:b] for a, b in zip(low, high, strict=True)]
    day = flux.reindex(pd.DatetimeIndex(start).normalize()).to_numpy(dtype=float)
    mean, most = ([f(p) for p in parts] for f in (np.mean, np.max))
    return np.column_stack([day, mean, most, season(pd.DatetimeIndex(start))])


def told_apart(
    windows: pd.DataFrame, known: Array, hours: int, split: str, names: Sequence[str], seed: int
) -> dict[str, float]:
    """Logistic regression on what is known, tested on a part that it has not seen.

    Parameters
    ----------
    windows, known
        From `labelled_windows` and `sun_and_season`.
    hours : int
    split : {"time", "random"}
        The test is the last part in time, without windows that share a sample with training, or
        drawn at random as the paper does.
    names : sequence of str
        Columns, of ``FEATURES["all"]``.
    seed : int

    Returns
    -------
    dict
        ``train``, ``test`` (windows), ``area``, ``area_low``, ``area_high``, ``accuracy``,
        ``low``, ``high``, and ``larger``, the share of the larger class in the test.

    Raises
    ------
    InputError
        If a column is unknown, the split is unknown, or a part lacks a class.
    """
    for name in names:
        if name not in FEATURES["all"]:
            raise InputError(unknown("feature", name, FEATURES["all"]))
    chosen = known[:, [FEATURES["all"].index(name) for name in names]]
    y = windows["label"].to_numpy()
    start = windows["start"].to_numpy()
    if split == "time":
        parts = split_in_time(start, hours, SHARES, by=start[y == 1])
    elif split == "random":
        parts = split_at_random(y.size, SHARES, seed)
    else:
        raise InputError(f"split: expected 'time' or 'random', got {split!r}")
    usable = ~np.any(~np.isfinite(chosen), axis=1)
    train, test = (part[usable[part]] for part in parts)
    for name, part in (("training", train), ("test", test)):
        if len(np.unique(y[part])) < 2:
            raise InputError(f"windows: the {name} part of {part.size} lacks a class")
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(chosen[train], y[train])
    score = model.predict_proba(chosen[test])[:, 1]
    area, hits = roc_area(y[test], score), accuracy_beside_majority(y[test], score)
    return {
        "train": train.size,
        "test": test.size,
        "area": area.area,
        "area_low": area.interval[0],
        "area_high": area.interval[1],
        "accuracy": hits.accuracy,
        "low": hits.interval[0],
        "high": hits.interval[1],
        "larger": hits.majority,
    }
