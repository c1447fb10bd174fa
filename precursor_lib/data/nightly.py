"""Records of a station network cut into nights, read or made a night at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.times import utc


@dataclass(frozen=True)
class NightlyNetwork:
    """A network's record in equal windows, one a night; nothing is held but what is asked for.

    Attributes
    ----------
    stations : pandas.DataFrame
        Index: station id. Columns: ``latitude``, ``longitude`` (degrees), ``distance`` (km from the
        epicentre).
    nights : pandas.DatetimeIndex
        Start of each window, UTC, ascending.
    duration : float
        Length of a window in s.
    rate : float
        Samples a second (Hz).
    component : str
        Name of the variable in a night's dataset, such as ``"Z"`` (nT).
    load : callable
        ``load(i)`` gives night `i` as an ``xarray.Dataset`` with dimensions ``(time, station)``. It
        must give the same night whenever and in whichever process it is called, and pickle.
    attrs : dict
        ``origin`` (``"observed"`` or ``"simulated"``), ``dataset``, ``seed`` and the like.
    truth : pandas.DataFrame or None
        What a simulation put in, one row an event: ``kind`` (``source``, ``pi2``, ``box``,
        ``spike``), ``time`` (UTC, centre), ``night`` (index), ``duration`` (s), ``frequency`` (Hz)
        and one column ``amplitude_<station>`` (nT) a station. None for observations.
    """

    stations: pd.DataFrame
    nights: pd.DatetimeIndex
    duration: float
    rate: float
    component: str
    load: Callable[[int], xr.Dataset]
    attrs: dict[str, Any] = field(default_factory=dict)
    truth: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.nights)

    def __iter__(self) -> Iterator[xr.Dataset]:
        return (self.night(i) for i in range(len(self)))

    @property
    def samples(self) -> int:
        """Samples in a night."""
        return round(self.duration * self.rate)

    def night(self, index: int) -> xr.Dataset:
        """Night `index` as a dataset ``(time, station)``.

        Raises
        ------
        InputError
            If there is no such night.
        """
        if not 0 <= index < len(self):
            raise InputError(f"night {index}: expected 0 to {len(self) - 1}")
        return self.load(index)

    def days_from(self, event: str | pd.Timestamp) -> np.ndarray:
        """Whole days from `event` (UTC) to each night.

        Day 0 is the night that starts in the 24 hours up to the event: a shock at 18:04 UTC falls
        on day 0 when nights start at 16:00 UTC.
        """
        since = (self.nights - utc(event, "event")) / pd.Timedelta(days=1)
        return np.asarray(np.floor(since) + 1, dtype=int)
