"""Vertical TEC, simulated or observed, with gains and losses of some hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.kinds import ROLES, Kind, Role
from precursor_lib.evaluate.trials.records.parts import Made, days_of
from precursor_lib.evaluate.trials.records.series import (
    HeldRecords,
    daily_kind,
    described,
    parts_in_time,
    seed_of,
)
from precursor_lib.simulate.settings import whole_seed
from precursor_lib.simulate.tec import tec_network

AMPLITUDES = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
HOURS = (4.0, 12.0)
INDICES = ("Kp", "Dst", "F107")
#: Four of the ED-LSTME paper's stations about the Hutubi earthquake.
STATIONS: tuple[Mapping[str, Any], ...] = (
    {"id": "XJSH", "name": "Shizihe", "latitude": 44.2, "longitude": 86.1},
    {"id": "XJWL", "name": "Wulasitai", "latitude": 42.9, "longitude": 86.7},
    {"id": "XJDS", "name": "Dushanzi", "latitude": 44.3, "longitude": 84.8},
    {"id": "XJKE", "name": "Kuerlei", "latitude": 41.7, "longitude": 86.1},
)


@dataclass(frozen=True)
class TecChanges:
    """Puts a gain or a loss of TEC into all stations for each event.

    It is a raised cosine as in `precursor_lib.simulate.tec`, with the event's amplitude at its
    peak; sign and length come from the event's seed. TEC stays 0 or more, so that a loss larger
    than what is there is cut: by night large losses are smaller than they say.

    Attributes
    ----------
    hours : tuple of float
        Range of the length from start to end, drawn uniformly.
    """

    hours: tuple[float, float]

    def __call__(self, record: xr.Dataset, events: pd.DataFrame) -> xr.Dataset:
        """Give the record with changes; every sample outside them, and every gap, as it was."""
        out = record.copy()
        times = record["time"].to_numpy()
        values = record["value"].transpose("time", "station").to_numpy().copy()
        for event in events.itertuples():
            rng = np.random.default_rng(int(event.seed))
            sign, length = rng.choice((-1.0, 1.0)), rng.uniform(*self.hours)
            hours = (times - event.time.to_datetime64()) / np.timedelta64(1, "h")
            inside = np.abs(hours) < length / 2
            change = sign * event.amplitude * np.cos(np.pi * hours[inside] / length) ** 2
            values[inside] = np.maximum(values[inside] + change[:, None], 0.0)
        changed = xr.DataArray(values, dims=("time", "station"), attrs=record["value"].attrs)
        out["value"] = changed.transpose(*record["value"].dims)
        return out


def simulated_tec(
    *,
    seed: int = 0,
    days: tuple[int, int, int] = (90, 180, 180),
    step: str = "1h",
    amplitudes: Sequence[float] = AMPLITUDES,
    hours: tuple[float, float] = HOURS,
    stations: Sequence[Mapping[str, Any]] = STATIONS,
) -> Kind:
    """Simulated TEC of a network: PyIRI's course, storms and weather, days of 2011 to 2013.

    Parameters
    ----------
    seed : int
        Of the records.
    days : tuple of int
        Length of the records for training, calibration and test.
    step : str
        Sampling interval; divides an hour.
    amplitudes : sequence of float
        TECU, at every station; each event is a gain or a loss at random.
    hours : tuple of float
        Range of a source's length.
    stations : sequence of mappings
        As `precursor_lib.simulate.tec.tec_network` takes them.

    Returns
    -------
    Kind
        Records hold ``value`` (time, station) in TECU, ``Kp``, ``Dst`` (the index RC) and ``F107``.

    Raises
    ------
    InputError
        If a setting is out of range.
    """
    whole_seed(seed)
    made = Made(partial(_simulated, seed, days, step, tuple(stations)))
    return _kind("Simulated TEC", made, amplitudes, hours)


def observed_tec(
    record: xr.Dataset,
    *,
    calibration: str = "2016-01-01",
    test: str = "2017-01-01",
    amplitudes: Sequence[float] = AMPLITUDES,
    hours: tuple[float, float] = HOURS,
) -> Kind:
    """Observed TEC, cut in time.

    The defaults fit ``open_dataset("vtec")``: 2015 for training, 2016 for calibration and 2017 for
    test. Solar activity falls over these years, and TEC with it.

    Parameters
    ----------
    record : xarray.Dataset
        ``VTEC`` (time, station) in TECU, and ``Kp``, ``Dst``, ``F107`` along time, with
        ``attrs["origin"]``; simulated where the stand-in was opened.
    calibration, test : str
        First days (UTC) of these parts; what comes before is for training.
    amplitudes, hours
        As for `simulated_tec`.

    Raises
    ------
    InputError
        If a variable is missing, a part is empty, or a setting is out of range.
    """
    values = _as_value(record)
    held = HeldRecords(parts_in_time(values, None, (calibration, test, None)))
    name = "Observed TEC" if values.attrs["origin"] == "observed" else "Simulated TEC at 10 E"
    return _kind(name, held, amplitudes, hours)


def _kind(
    name: str,
    record: Made | HeldRecords,
    amplitudes: Sequence[float],
    hours: tuple[float, float],
) -> Kind:
    if not 0 < hours[0] <= hours[1]:
        raise InputError(f"hours {hours}: expected a range above 0 that ascends")
    return daily_kind(name, record, amplitudes, TecChanges(hours), pd.Timedelta(hours=hours[1]))


def _simulated(
    seed: int,
    days: tuple[int, int, int],
    step: str,
    stations: Sequence[Mapping[str, Any]],
    role: Role,
    number: int,
) -> xr.Dataset:
    start, end = days_of(role, days)
    own = seed_of(seed, ROLES.index(role))
    return _as_value(tec_network(seed=own, stations=stations, start=start, end=end, step=step))


def _as_value(data: xr.Dataset) -> xr.Dataset:
    """The record with VTEC as its value, and the indices that a method may take as inputs."""
    for name in ("VTEC", *INDICES):
        if name not in data:
            raise InputError(f"record: expected VTEC, {', '.join(INDICES)}; {name} is missing")
    record = described(data["VTEC"], data, "TECU", "VTEC with the indices of its times")
    return record.assign({name: data[name] for name in INDICES})
