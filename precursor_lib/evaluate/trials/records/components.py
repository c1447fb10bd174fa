"""X, Y and Z of one observatory, simulated or observed, with packets in all of them."""

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
    Packets,
    daily_kind,
    described,
    even_step,
    name_of,
    parts_in_time,
    seed_of,
    step_means,
    with_index,
)
from precursor_lib.simulate.settings import require, whole_seed
from precursor_lib.simulate.space_weather import real_kp, real_rc
from precursor_lib.simulate.three_component import (
    COMPONENTS,
    PrecursorPackets,
    observatory_minutes,
)

AMPLITUDES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
#: Muntele Rosu of the CNN paper.
PLACE: Mapping[str, Any] = {"station": "MLR", "latitude": 45.491, "longitude": 25.945}


@dataclass(frozen=True)
class ComponentPackets:
    """Puts one packet into all components for each event.

    Attributes
    ----------
    packets : Packets
        Its waveform.
    direction : tuple of float
        Size in X, Y and Z; an event's amplitude is that of a component of size 1.
    """

    packets: Packets
    direction: tuple[float, float, float]

    def __call__(self, record: xr.Dataset, events: pd.DataFrame) -> xr.Dataset:
        """Give the record with packets; every sample outside them, and every gap, as it was.

        Raises
        ------
        InputError
            If a station is none of X, Y and Z, or as `Packets`.
        """
        sizes = dict(zip(COMPONENTS, self.direction, strict=True))
        names = [str(s) for s in record["station"].to_numpy()]
        if not set(names) <= set(sizes):
            raise InputError(f"record: expected stations among {list(COMPONENTS)}, got {names}")
        size = xr.DataArray([sizes[n] for n in names], coords={"station": record["station"]})
        value = record["value"]
        wave = self.packets(record.assign(value=xr.zeros_like(value)), events)["value"]
        both = (value + size * wave).transpose(*value.dims)
        return record.assign(value=both.assign_attrs(value.attrs))


def simulated_components(
    *,
    seed: int = 0,
    days: tuple[int, int, int] = (90, 180, 180),
    step: str = "5min",
    amplitudes: Sequence[float] = AMPLITUDES,
    source: Mapping[str, Any] | None = None,
    place: Mapping[str, Any] = PLACE,
) -> Kind:
    """Simulated X, Y and Z of an observatory, under the real Kp and RC of the days of 2011 to 2013.

    The components stand as three stations. A source is one packet of
    `precursor_lib.simulate.three_component.PrecursorPackets` (2 to 8 h, periods of 1 to 4 h) within
    a day, the same in all components but for its size: 0.5 of the amplitude in X, 0.3 in Y and 1 in
    Z by default. Unlike there it lasts two periods or more: a shorter one may pass without a crest.

    Parameters
    ----------
    seed : int
        Of the records.
    days : tuple of int
        Length of the records for training, calibration and test.
    step : str
        Of the records, in whole minutes; a value is the mean of its minutes.
    amplitudes : sequence of float
        nT, of Z.
    source : mapping, optional
        Settings of `PrecursorPackets`: ``direction``, ``duration`` and ``period`` are used.
    place : mapping
        ``station latitude longitude``.

    Returns
    -------
    Kind
        Records hold ``value`` (time, station) in nT, ``Kp`` and ``Dst`` (the index RC).

    Raises
    ------
    InputError
        If a setting is out of range.
    """
    whole_seed(seed)

    return _kind(
        "Simulated three components",
        Made(partial(_simulated, seed, days, step, dict(place))),
        amplitudes,
        source,
        step,
    )


def observed_components(
    record: xr.Dataset,
    *,
    calibration: str = "2003-04-01",
    test: str = "2003-08-01",
    step: str = "5min",
    amplitudes: Sequence[float] = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0),
    source: Mapping[str, Any] | None = None,
) -> Kind:
    """Observed X, Y and Z of an observatory, cut in time.

    The defaults fit ``open_dataset("esk", component=["X", "Y", "Z"])``: Eskdalemuir in 2003, a very
    disturbed year, with the great storms of October and November in the test part.

    Parameters
    ----------
    record : xarray.Dataset
        ``X``, ``Y``, ``Z`` (time, station) in nT of one station, minute by minute, with
        ``attrs["origin"]``. A component that is missing is left out: the simulated stand-in of
        ``esk`` has Z alone.
    calibration, test : str
        First days (UTC) of these parts; what comes before is for training.
    step, amplitudes, source
        As for `simulated_components`.

    Raises
    ------
    InputError
        If no component is there, there is more than one station, the step is no minute, a part is
        empty, or a setting is out of range.
    """
    if even_step(record["time"].to_numpy()) != np.timedelta64(1, "m"):
        raise InputError("record: expected a value a minute")
    values = _as_stations(record, step)
    held = HeldRecords(parts_in_time(values, None, (calibration, test, None)))
    return _kind(name_of("Components of ", record), held, amplitudes, source, step)


def _kind(
    name: str,
    record: Made | HeldRecords,
    amplitudes: Sequence[float],
    source: Mapping[str, Any] | None,
    step: str,
) -> Kind:
    s = require(PrecursorPackets, source or {}, "source")
    within = max(1, int(pd.Timedelta(step) / pd.Timedelta(minutes=1)))
    packets = Packets(s.duration, (1 / s.period[1], 1 / s.period[0]), within=within)
    add = ComponentPackets(packets, s.direction)
    return daily_kind(name, record, amplitudes, add, packets.extent, together=True)


def _simulated(
    seed: int,
    days: tuple[int, int, int],
    step: str,
    place: Mapping[str, Any],
    role: Role,
    number: int,
) -> xr.Dataset:
    start, end = days_of(role, days)
    own = seed_of(seed, ROLES.index(role))
    return _as_stations(observatory_minutes(seed=own, start=start, end=end, **place), step)


def _as_stations(data: xr.Dataset, step: str) -> xr.Dataset:
    """Components as stations, in means over a step, with Kp and Dst beside them."""
    names = [name for name in COMPONENTS if name in data]
    if not names:
        raise InputError(f"record: expected X, Y and Z, got {list(data.data_vars)}")
    if data.sizes["station"] != 1:
        raise InputError(f"record: expected one station, got {data.sizes['station']}")
    rows = np.stack([data[name].isel(station=0).to_numpy() for name in names], axis=1)
    minutes = xr.DataArray(
        rows,
        dims=("time", "station"),
        coords={"time": data["time"], "station": names},
    )
    values, _ = step_means(minutes, step)
    record = described(values, data, "nT", f"{', '.join(names)} as stations, means over {step}")
    return with_index(with_index(record, "Kp", real_kp(), "3h"), "Dst", real_rc(), "1h")
