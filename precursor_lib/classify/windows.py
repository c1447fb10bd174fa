"""Labelled windows of a record: views of one array, scaled and filled batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from precursor_lib.errors import InputError

Scaling = Literal["printed", "centred"]


@dataclass(frozen=True)
class LabelledWindows:
    """Windows of one record with a class each.

    Attributes
    ----------
    series : numpy.ndarray of float32, shape (components, time)
        The record in nT, the vertical component last; gaps are NaN. Every part of a split holds the
        same array.
    starts : numpy.ndarray of int, shape (windows,)
        First sample of each window.
    labels : numpy.ndarray of int, shape (windows,)
        1 before an earthquake, 0 for quiet.
    length : int
        Samples of a window.
    scaling : {"centred", "printed"}
        ``printed``: divided by the largest absolute value of the vertical component in the window,
        as the paper says. ``centred``: each component's mean is taken off before.
    left_out : int
        Windows that are not here for gaps or for the record's ends.
    """

    series: np.ndarray
    starts: np.ndarray
    labels: np.ndarray
    length: int
    scaling: Scaling
    left_out: int = 0

    def __len__(self) -> int:
        return self.starts.size

    @property
    def ends(self) -> np.ndarray:
        """Sample after the last of each window."""
        return self.starts + self.length

    @property
    def majority(self) -> float:
        """Share of the larger class; NaN without windows."""
        share = float(self.labels.mean()) if len(self) else np.nan
        return max(share, 1 - share)

    def subset(self, chosen: ArrayLike) -> LabelledWindows:
        """Some of the windows, by number or mask; the record is shared."""
        pick = np.asarray(chosen)
        return replace(self, starts=self.starts[pick], labels=self.labels[pick])

    def relabelled(self, labels: ArrayLike) -> LabelledWindows:
        """The same windows with other classes."""
        return replace(self, labels=_classes(labels, len(self)))

    def view(self) -> np.ndarray:
        """Every window of the record, shape (components, time - length + 1, length); no copy."""
        return np.lib.stride_tricks.sliding_window_view(self.series, self.length, axis=1)

    def batch(self, chosen: ArrayLike) -> tuple[Tensor, Tensor]:
        """Windows by number, filled and scaled: (batch, components, length), and (batch,)."""
        pick = np.asarray(chosen)
        x = self.view()[:, self.starts[pick]].swapaxes(0, 1)
        missing = np.isnan(x)
        if missing.any():
            mean = np.nanmean(x, axis=2, keepdims=True)
            x = np.where(missing, mean, x)
        if self.scaling == "centred":
            x = x - x.mean(axis=2, keepdims=True, dtype=np.float64).astype(np.float32)
        size = np.abs(x[:, -1]).max(axis=1)
        # A window whose vertical component does not move is left in nT.
        x = x / np.where(size > 0, size, 1.0)[:, None, None].astype(np.float32)
        return torch.from_numpy(np.ascontiguousarray(x)), torch.from_numpy(self.labels[pick])

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All windows in order, `size` at a time."""
        for first in range(0, len(self), size):
            yield self.batch(np.arange(first, min(first + size, len(self))))


def labelled_windows(
    series: np.ndarray,
    starts: ArrayLike,
    labels: ArrayLike,
    length: int,
    *,
    longest_gap: int = 3,
    scaling: Scaling = "centred",
) -> LabelledWindows:
    """Windows at given places, without those that cannot be filled.

    Gaps up to `longest_gap` samples are filled by the component's mean in the window, as the paper
    does up to three minutes; windows with longer ones, or over the record's ends, are left out and
    counted. The result is in order of time.

    Parameters
    ----------
    series : numpy.ndarray of float32, shape (components, time)
        Record in nT, the vertical component last. Is not copied.
    starts, labels : array_like of int, shape (windows,)
        First sample and class (0 or 1) of each window.
    length : int
        Samples of a window.
    longest_gap : int
        Longest run of missing samples of a component that is filled.
    scaling : {"centred", "printed"}
        See `LabelledWindows`.

    Raises
    ------
    InputError
        If shapes, types or classes are not what they have to be.
    """
    if not isinstance(series, np.ndarray) or series.ndim != 2 or series.dtype != np.float32:
        raise InputError("series: expected a float32 array (components, time)")
    if length < 1 or longest_gap < 0:
        raise InputError(
            f"length {length}, longest_gap {longest_gap}: expected 1 or more and 0 or more"
        )
    if scaling not in ("centred", "printed"):
        raise InputError(f"scaling '{scaling}': expected 'centred' or 'printed'")
    first = np.asarray(starts)
    if first.ndim != 1 or first.dtype.kind not in "iu":
        raise InputError("starts: expected whole numbers, one a window")
    classes = _classes(labels, first.size)
    inside = (first >= 0) & (first + length <= series.shape[1])
    bad = np.concatenate([[0], np.cumsum(_long_gaps(series, longest_gap))])
    low, high = np.where(inside, first, 0), np.where(inside, first + length, 0)
    kept = np.flatnonzero(inside & (bad[high] == bad[low]))
    kept = kept[np.argsort(first[kept], kind="stable")]
    return LabelledWindows(
        series, first[kept].astype(int), classes[kept], length, scaling, first.size - kept.size
    )


def joined(sets: Sequence[LabelledWindows]) -> LabelledWindows:
    """Windows of several records as one set, the sets in their order.

    The records are put one after the other, each copied once; a missing sample stands between, so
    that no window can reach over a seam.

    Raises
    ------
    InputError
        If none is given, or lengths, components or scalings differ.
    """
    if not sets:
        raise InputError("sets: expected at least one set of windows")
    if len({(s.length, s.scaling, s.series.shape[0]) for s in sets}) > 1:
        raise InputError("sets: expected one length, one scaling and the same components")
    seam = np.full((sets[0].series.shape[0], 1), np.nan, dtype=np.float32)
    pieces = [piece for s in sets for piece in (s.series, seam)]
    offsets = np.cumsum([0, *(s.series.shape[1] + 1 for s in sets)])
    return replace(
        sets[0],
        series=np.concatenate(pieces, axis=1),
        starts=np.concatenate([s.starts + k for s, k in zip(sets, offsets, strict=False)]),
        labels=np.concatenate([s.labels for s in sets]),
        left_out=sum(s.left_out for s in sets),
    )


def block_means(values: np.ndarray, factor: int) -> np.ndarray:
    """Means of blocks of samples, of those present; NaN where fewer than half are.

    Parameters
    ----------
    values : numpy.ndarray, shape (components, time)
        Record; a last block that is not full is dropped.
    factor : int
        Samples of a block; 1 gives the record as float32.

    Returns
    -------
    numpy.ndarray of float32, shape (components, time // factor)
    """
    record = np.asarray(values)
    if record.ndim != 2 or factor < 1:
        raise InputError(f"values {record.shape}, factor {factor}: expected (components, time), 1+")
    if factor == 1:
        return record.astype(np.float32)
    size = record.shape[1] // factor
    blocks = record[:, : size * factor].reshape(record.shape[0], size, factor)
    present = np.isfinite(blocks)
    count = present.sum(axis=2)
    total = np.where(present, blocks, 0.0).sum(axis=2, dtype=float)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=2 * count >= factor)
    return mean.astype(np.float32)


def _classes(labels: ArrayLike, number: int) -> np.ndarray:
    classes = np.asarray(labels)
    if classes.shape != (number,) or not np.isin(classes, (0, 1)).all():
        raise InputError(f"labels: expected {number} of 0 or 1, got shape {classes.shape}")
    return classes.astype(np.int64)


def _long_gaps(series: np.ndarray, longest: int) -> np.ndarray:
    """Samples at which a component misses more than `longest` in a row."""
    found = np.zeros(series.shape[1], dtype=bool)
    for row in series:
        missing = np.concatenate([[False], np.isnan(row), [False]])
        edges = np.flatnonzero(missing[1:] != missing[:-1])
        for first, end in edges.reshape(-1, 2):
            if end - first > longest:
                found[first:end] = True
    return found
