"""Scores of stations joined into one for the network, and the threshold that it must pass."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from precursor_lib.errors import InputError

Array = NDArray[np.float64]


def pooled_scores(calibration: xr.Dataset, scores: xr.Dataset | None = None) -> xr.Dataset:
    """Fisher's sum of the stations' p-values, each from the ranks among its calm blocks.

    A station's p is (1 + number of calm scores as large) / (1 + number of calm scores); a calm
    block is held against the others. The pooled score of n stations is the mean of -log p over
    those that were judged, and its peak that of the station of least p. Stations share storms and
    weather, so it has no known distribution: the threshold is set from calm blocks pooled alike.

    Parameters
    ----------
    calibration : xarray.Dataset
        Scores of calm blocks, as `precursor_lib.evaluate.trials.block_scores` gives them.
    scores : xarray.Dataset, optional
        Scores to join, of the same stations; those of `calibration` by default.

    Returns
    -------
    xarray.Dataset
        ``score`` and ``peak`` (block).

    Raises
    ------
    InputError
        If the stations differ, or one has no calm score.
    """
    # A calm block is among those that are as large as it is.
    itself = int(scores is None)
    scores = calibration if scores is None else scores
    names = [str(s) for s in scores["station"].to_numpy()]
    calm_names = [str(s) for s in calibration["station"].to_numpy()]
    if names != calm_names:
        raise InputError(f"scores: expected the stations {calm_names}, got {names}")
    surprise = np.full(scores["score"].shape, np.nan)
    for column, name in enumerate(names):
        calm = np.sort(_finite(calibration["score"].to_numpy()[:, column]))
        if not calm.size:
            raise InputError(f"calibration: no calm block of station {name} has a score")
        value = scores["score"].to_numpy()[:, column]
        there = ~np.isnan(value)
        larger = calm.size - np.searchsorted(calm, value[there], side="left")
        surprise[there, column] = -np.log((1 + larger - itself) / (1 + calm.size - itself))
    judged = np.isfinite(surprise)
    filled = np.where(judged, surprise, 0.0)
    number = judged.sum(axis=1)
    pooled = np.where(number > 0, filled.sum(axis=1) / np.maximum(number, 1), np.nan)
    best = np.where(judged, surprise, -1.0).argmax(axis=1)
    peak = scores["peak"].to_numpy()[np.arange(best.size), best]
    return xr.Dataset(
        {"score": ("block", pooled), "peak": ("block", peak)}, coords={"block": scores["block"]}
    )


def threshold_at(calm: Array, share: float) -> float:
    """The least threshold that no more than a share of the calm scores reaches or passes.

    An alarm is a score above the threshold. NaN do not count.

    Parameters
    ----------
    calm : numpy.ndarray
        Scores of calm blocks.
    share : float
        Of false alarms, above 0 and below 1.

    Raises
    ------
    InputError
        If there are fewer calm scores than one false alarm needs.
    """
    held = np.sort(_finite(calm))
    allowed = int(np.floor(share * held.size + 1e-9))
    if not 0 < share < 1 or allowed < 1:
        raise InputError(
            f"share {share:g}: expected one false alarm or more in {held.size} calm blocks"
        )
    return float(held[held.size - 1 - allowed])


def _finite(values: Array) -> Array:
    return np.asarray(values[np.isfinite(values)], dtype=float)
