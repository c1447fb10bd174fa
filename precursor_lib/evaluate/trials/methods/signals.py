"""Records as forecasts take them, and the series that are made of them: as they are, or by VMD."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from precursor_lib.decompose import fill_gaps, modes_at
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.records.series import even_step, step_means
from precursor_lib.pipelines.lushan import decompose_record
from precursor_lib.pipelines.lushan_chain import LushanChain
from precursor_lib.pipelines.stmn_settings import SignalSettings
from precursor_lib.pipelines.stmn_signal import kept_signal

Array = NDArray[np.float64]
INDICES = ("Kp", "Dst", "RC", "F107")
"""Variables on time that a forecast may see beside the series."""


@dataclass(frozen=True)
class EvenRecord:
    """A record as forecasts take it.

    Attributes
    ----------
    times : pandas.DatetimeIndex
        UTC.
    step : pandas.Timedelta
        Between two of them.
    stations : tuple of str
        Names.
    values : xarray.DataArray
        Dimensions (station, time). Short gaps are bridged by straight lines, others NaN.
    present : numpy.ndarray of bool, shape (station, n)
        False where the record has a gap.
    indices : mapping of str to numpy.ndarray, shape (n,)
        Those of `INDICES` that the record has.
    """

    times: pd.DatetimeIndex
    step: pd.Timedelta
    stations: tuple[str, ...]
    values: xr.DataArray
    present: NDArray[np.bool_]
    indices: Mapping[str, Array]

    @property
    def rate(self) -> float:
        """Samples a day."""
        return pd.Timedelta("1D") / self.step


def even_record(
    record: xr.Dataset, *, step: str | None = None, longest_gap: str = "3h"
) -> EvenRecord:
    """Prepare a record for forecasts.

    Parameters
    ----------
    record : xarray.Dataset
        ``value`` (time, station) at an even step.
    step : str, optional
        A record of a shorter step is averaged over this one, or over the next longer one that holds
        whole steps of the record and divides a day.
    longest_gap : str
        Gaps up to this are bridged by lines, which look ahead to the value after them. Bridged
        samples are not judged.

    Raises
    ------
    InputError
        If the record has no such values, or its step is not even.
    """
    if "value" not in record or set(record["value"].dims) != {"time", "station"}:
        raise InputError("record: expected the variable value by time and station")
    value = record["value"].astype(float)
    indices = {name: record[name].astype(float) for name in INDICES if name in record}
    own = pd.Timedelta(even_step(record["time"].to_numpy()))
    if step is not None and own < pd.Timedelta(step):
        longer = _longer_step(own, step)
        value, _ = step_means(value, longer)
        indices = {name: step_means(index, longer)[0] for name, index in indices.items()}
    value = value.transpose("station", "time")
    length = pd.Timedelta(even_step(value["time"].to_numpy()))
    filled, _ = fill_gaps(value.to_numpy(), longest=int(pd.Timedelta(longest_gap) / length))
    return EvenRecord(
        times=pd.DatetimeIndex(value["time"].to_numpy()),
        step=length,
        stations=tuple(str(s) for s in value["station"].to_numpy()),
        values=value.copy(data=filled),
        present=np.isfinite(value.to_numpy()),
        indices={name: index.to_numpy() for name, index in indices.items()},
    )


def _longer_step(own: pd.Timedelta, step: str) -> str:
    day = pd.Timedelta("1D")
    if day % own:
        raise InputError(f"record: its step {own} does not divide a day and has no means of {step}")
    number = int(np.ceil(pd.Timedelta(step) / own))
    while day % (number * own) and number * own < day:
        number += 1
    return f"{(number * own).as_unit('ns').value}ns"


Series = Callable[[EvenRecord], Array]
"""From a record to what is forecast, (station, n)."""


def as_it_is(even: EvenRecord) -> Array:
    """The series that are forecast: the record's own."""
    return even.values.to_numpy()


def whole_modes(chain: LushanChain, learnt: bool, even: EvenRecord) -> Series:
    """How VMD of whole records makes series.

    Parameters
    ----------
    chain : LushanChain
        Its modes, alpha and kept count.
    learnt : bool
        Hold the centre frequencies of the training record, by station; else each record has its
        own.
    even : EvenRecord
        The training record.
    """
    if not learnt:
        return partial(_kept_modes, chain, None)
    centres = {}
    for name, row in zip(even.stations, even.values.to_numpy(), strict=True):
        if np.isfinite(row).any():
            centres[name] = decompose_record(_about_mean(row), even.rate, chain)[1]
    return partial(_kept_modes, chain, centres)


def _kept_modes(chain: LushanChain, centres: Mapping[str, Array] | None, even: EvenRecord) -> Array:
    rows = even.values.to_numpy()
    out = np.full(rows.shape, np.nan)
    for place, (name, row) in enumerate(zip(even.stations, rows, strict=True)):
        if not np.isfinite(row).any():
            continue
        whole = _about_mean(row)
        if centres is None:
            found = decompose_record(whole, even.rate, chain)[0]
        else:
            found = modes_at(whole, known(centres, name), chain.alpha)
        out[place] = np.where(np.isnan(row), np.nan, found[[k - 1 for k in chain.kept]].sum(axis=0))
    return out


def _about_mean(row: Array) -> Array:
    """A record with all gaps bridged, less its mean."""
    filled, _ = fill_gaps(row, longest=row.size)
    return np.asarray(filled - filled.mean())


def segment_modes(settings: SignalSettings, even: EvenRecord) -> Series:
    """How a segmented VMD makes a series; it needs nothing from the training record."""
    return partial(_segments, settings)


def _segments(settings: SignalSettings, even: EvenRecord) -> Array:
    held = np.isfinite(even.values.to_numpy()).any(axis=1)
    values = even.values[held].assign_attrs(units=even.values.attrs.get("units", "1"))
    out = np.full(even.values.shape, np.nan)
    if held.any():
        out[held] = kept_signal(values, settings, progress=False).to_numpy()
    return out


def known(of: Mapping[str, Any], name: str) -> Any:
    """What was learnt of a station.

    Raises
    ------
    InputError
        If it was not in the training record.
    """
    if name not in of:
        raise InputError(f"station {name}: expected one of the training record, {list(of)}")
    return of[name]
