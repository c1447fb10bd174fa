"""Windows of a record: split in time, scaled by the training part, without gaps in them.

A window is `length` samples that a model sees, followed by `horizon` samples that it forecasts.
Windows are views of one array; only the windows of a batch are copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from precursor_lib.errors import InputError

Bounds = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation of each channel, of the training part alone.

    Attributes
    ----------
    mean, spread : numpy.ndarray, shape (channels,)
        In the units of the record.
    """

    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def fit(cls, values: ArrayLike) -> Scaler:
        """From a record (channel, time); gaps (NaN) are left out.

        Raises
        ------
        InputError
            If a channel has no two values that differ.
        """
        record = as_record(values)
        present = np.isfinite(record)
        if (present.sum(axis=1) < 2).any():
            raise InputError("values: expected two samples or more in each channel to scale by")
        spread = np.nanstd(record, axis=1)
        # A constant has a spread of rounding errors.
        flat = spread <= 1e-12 * np.nanmax(np.abs(record), axis=1)
        if flat.any():
            raise InputError(f"values: channel {int(flat.argmax())} does not vary; leave it out")
        return cls(np.nanmean(record, axis=1), spread)

    def apply(self, values: ArrayLike) -> np.ndarray:
        """Scaled record, (channel, time)."""
        return (as_record(values) - self.mean[:, None]) / self.spread[:, None]

    def invert(self, forecasts: ArrayLike) -> np.ndarray:
        """Forecasts or targets (..., channel) back in the units of the record.

        They are those of the record's first channels; inputs come after them.
        """
        values = np.asarray(forecasts, dtype=float)
        channels = values.shape[-1]
        return values * self.spread[:channels] + self.mean[:channels]


@dataclass(frozen=True)
class Windows:
    """Windows of one scaled record.

    Attributes
    ----------
    series : numpy.ndarray of float32, shape (time, channels + inputs)
        Scaled record; gaps are NaN.
    starts : numpy.ndarray of int
        First sample of each window.
    length, horizon : int
        Samples seen and forecast.
    left_out : int
        Windows that are not here because a sample is missing in them.
    inputs : int
        Last columns of `series` that are seen and not forecast.
    """

    series: np.ndarray
    starts: np.ndarray
    length: int
    horizon: int
    left_out: int
    inputs: int = 0

    @classmethod
    def within(
        cls,
        series: np.ndarray,
        length: int,
        horizon: int,
        *,
        first: int = 0,
        last: int | None = None,
        stride: int = 1,
        inputs: int = 0,
    ) -> Windows:
        """Windows that lie within samples ``first`` to ``last - 1`` and hold no gap.

        Parameters
        ----------
        series : numpy.ndarray, shape (time, channels + inputs)
            Scaled record.
        length, horizon : int
            Samples seen and forecast.
        first, last : int
            Part of the record; all of it by default.
        stride : int
            Samples from one window's start to the next one's.
        inputs : int
            Last columns that are seen and not forecast; they may be missing in the horizon.
        """
        for name, value in (("length", length), ("horizon", horizon), ("stride", stride)):
            if value < 1:
                raise InputError(f"{name} {value}: expected 1 or more")
        end = series.shape[0] if last is None else last
        if not 0 <= first <= end <= series.shape[0]:
            raise InputError(f"samples {first} to {end}: expected a part of {series.shape[0]}")
        possible = np.arange(first, end - length - horizon + 1, stride)
        if not 0 <= inputs < series.shape[1]:
            raise InputError(f"inputs {inputs}: expected fewer than {series.shape[1]} channels")
        ends = (length, series), (length + horizon, series[:, : series.shape[1] - inputs])
        kept = possible
        for end, part in ends:
            missing = np.concatenate([[0], np.cumsum(~np.isfinite(part).all(axis=1))])
            kept = kept[missing[kept + end] == missing[kept]]
        return cls(series, kept, length, horizon, int(possible.size - kept.size), inputs)

    def __len__(self) -> int:
        return self.starts.size

    def batch(self, chosen: ArrayLike) -> tuple[Tensor, Tensor]:
        """Windows by number: (batch, length, channels + inputs), (batch, horizon, channels)."""
        every = np.lib.stride_tricks.sliding_window_view(
            self.series, self.length + self.horizon, axis=0
        )
        both = every[self.starts[np.asarray(chosen)]].swapaxes(1, 2)
        channels = self.series.shape[1] - self.inputs
        return (
            torch.from_numpy(np.ascontiguousarray(both[:, : self.length])),
            torch.from_numpy(np.ascontiguousarray(both[:, self.length :, :channels])),
        )

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All windows in order, `size` at a time."""
        for first in range(0, len(self), size):
            yield self.batch(np.arange(first, min(first + size, len(self))))


@dataclass(frozen=True)
class Split:
    """Training, validation and test windows of one record, in this order of time.

    Attributes
    ----------
    training, validation, test : Windows
        No sample is in windows of two of them.
    scaler : Scaler
        From the samples of the training part.
    bounds : tuple of three pairs of int
        First sample of each part, and the sample after its last.
    """

    training: Windows
    validation: Windows
    test: Windows
    scaler: Scaler
    bounds: Bounds

    @property
    def report(self) -> list[str]:
        """How many windows each part has, and how many were left out for gaps."""
        parts = (("training", self.training), ("validation", self.validation), ("test", self.test))
        return [
            f"{name}: {len(windows)} windows in samples {first} to {end - 1}, "
            f"{windows.left_out} left out for gaps"
            for (name, windows), (first, end) in zip(parts, self.bounds, strict=True)
        ]


def split_windows(
    values: ArrayLike,
    length: int,
    horizon: int = 1,
    *,
    validation: float = 0.15,
    test: float = 0.15,
    gap: int | None = None,
    stride: int = 1,
    evaluation_stride: int | None = None,
    inputs: int = 0,
    bounds: Bounds | None = None,
) -> Split:
    """Cut a record into training, validation and test parts, one after the other in time.

    Parameters
    ----------
    values : array_like, shape (channels + inputs, time) or (time,)
        Record at an even step; gaps are NaN.
    length, horizon : int
        Samples that a model sees and forecasts.
    validation, test : float
        Shares of the record.
    gap : int, optional
        Samples between two parts that belong to none, ``length + horizon`` by default: as far as
        a window reaches. With 0 no sample is shared, but neighbours are.
    stride, evaluation_stride : int
        Samples between window starts in training, and in validation and test (as `stride` if None).
    inputs : int
        How many of the last series are seen and not forecast.
    bounds : three pairs of int, optional
        First sample of each part and the sample after its last, in place of `validation`, `test`
        and `gap`: such as dates require.

    Returns
    -------
    Split

    Raises
    ------
    InputError
        If a part is left without a window, or a channel does not vary in training.
    """
    record = as_record(values)
    for name, share in (("validation", validation), ("test", test)):
        if not 0 < share < 1:
            raise InputError(f"{name} {share}: expected a share between 0 and 1")
    if validation + test >= 1:
        raise InputError(f"validation and test: {validation} + {test} leave nothing to train on")
    between = length + horizon if gap is None else gap
    if between < 0:
        raise InputError(f"gap {between}: expected 0 or more")
    total = record.shape[1]
    second, third = round(total * (1 - validation - test)), round(total * (1 - test))
    if bounds is None:
        bounds = ((0, second - between), (second, third - between), (third, total))
    else:
        edges = [edge for part in bounds for edge in part]
        if edges[0] < 0 or edges != sorted(edges) or edges[-1] > total:
            raise InputError(f"bounds {bounds}: expected parts in order within {total} samples")
    for name, (first, end) in zip(("training", "validation", "test"), bounds, strict=True):
        if end - first < length + horizon:
            raise InputError(
                f"{name}: {max(0, end - first)} of {total} samples; a window needs "
                f"{length + horizon} (gaps between the parts: {between})"
            )
    scaler = Scaler.fit(record[:, : bounds[0][1]])
    series = np.ascontiguousarray(scaler.apply(record).T, dtype=np.float32)
    later = stride if evaluation_stride is None else evaluation_stride
    parts = [
        Windows.within(series, length, horizon, first=first, last=end, stride=step, inputs=inputs)
        for (first, end), step in zip(bounds, (stride, later, later), strict=True)
    ]
    for name, part in zip(("training", "validation", "test"), parts, strict=True):
        if not len(part):
            raise InputError(f"{name}: each of {part.left_out} windows has a gap")
    return Split(parts[0], parts[1], parts[2], scaler, bounds)


def as_record(values: ArrayLike) -> np.ndarray:
    """A record as (channel, time) of float64; infinities are refused.

    Raises
    ------
    InputError
        If it has another number of dimensions, is empty, or holds infinities.
    """
    record = np.asarray(values, dtype=float)
    if record.ndim == 1:
        record = record[None]
    if record.ndim != 2 or record.size == 0:
        raise InputError(f"values: expected (channel, time) or (time,), not {record.shape}")
    if np.isinf(record).any():
        raise InputError("values: expected finite numbers or NaN for gaps, not infinity")
    return record
