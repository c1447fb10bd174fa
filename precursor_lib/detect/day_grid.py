"""Records folded into whole days (UTC), for rules that look at the days before or at one hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError

Array = NDArray[np.float64]
DAY = np.timedelta64(86_400_000_000_000, "ns")


@dataclass(frozen=True)
class DayGrid:
    """Where the samples of a record stand in whole days.

    Attributes
    ----------
    slots : int
        Samples a day.
    days : int
        Days that the record touches.
    offset : int
        Samples that the first day lacks before the record.
    samples : int
        Length of the record.
    """

    slots: int
    days: int
    offset: int
    samples: int

    @classmethod
    def of(cls, times: ArrayLike) -> DayGrid:
        """The grid of a regular time axis.

        Raises
        ------
        InputError
            If it is not regular, its step does not divide a day, or no tick stands at 0:00 UTC.
        """
        t = np.asarray(times).astype("datetime64[ns]")
        if t.ndim != 1 or t.size < 2 or np.isnat(t).any():
            raise InputError(f"times: expected two times or more in one row, got shape {t.shape}")
        steps = np.diff(t)
        step = steps[0]
        if step <= np.timedelta64(0, "ns") or (steps != step).any():
            raise InputError("times: expected an ascending axis with one step")
        since = t[0] - t[0].astype("datetime64[D]").astype("datetime64[ns]")
        if DAY % step or since % step:
            seconds = step / np.timedelta64(1, "s")
            raise InputError(
                f"times: expected a step that divides a day and ticks at 0:00 UTC, got {seconds:g} "
                f"s from {t[0]}"
            )
        slots, offset = int(DAY / step), int(since / step)
        return cls(slots, -(-(offset + t.size) // slots), offset, t.size)

    def fold(self, values: Array, fill: float = np.nan) -> Array:
        """(..., n) to (..., day, slot), filled before the first sample and after the last."""
        whole = np.full((*values.shape[:-1], self.days * self.slots), fill)
        whole[..., self.offset : self.offset + self.samples] = values
        return whole.reshape(*values.shape[:-1], self.days, self.slots)

    def unfold(self, folded: Array) -> Array:
        """The way back: (..., day, slot) to (..., n)."""
        flat = folded.reshape(*folded.shape[:-2], self.days * self.slots)
        return flat[..., self.offset : self.offset + self.samples]

    def spread(self, by_day: Array) -> Array:
        """(..., day) to (..., n): each day's value at its samples."""
        return self.unfold(np.repeat(by_day[..., None], self.slots, axis=-1))
