"""The vertical magnetic field minute by minute, simulated or observed, with storms left in.

The records are means of ten minutes by default, so that a network sees days rather than hours. The
sources are packets of one to three hours with periods of 30 to 90 minutes, which such means keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

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
    samples_in,
    seed_of,
    step_means,
    with_index,
)
from precursor_lib.simulate.minute_network import minute_network
from precursor_lib.simulate.space_weather import real_kp, real_rc

#: The places of the Lushan paper's table 1: three observatories, and Kangding.
STATIONS: tuple[Mapping[str, Any], ...] = (
    {"id": "CD", "name": "Chengdu", "latitude": 30.91, "longitude": 103.76},
    {"id": "XC", "name": "Xichang", "latitude": 27.89, "longitude": 102.55},
    {"id": "ML", "name": "Muli", "latitude": 27.932, "longitude": 101.272},
    {"id": "KD", "name": "Kangding", "latitude": 30.12, "longitude": 102.17},
)
AMPLITUDES = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
# Distances count from here and nothing else, for the simulated records hold no source.
_EPICENTRE = {"latitude": 30.3, "longitude": 103.0, "time": "2013-04-20T00:02"}
_DURATION, _FREQUENCY = (3600.0, 10800.0), (1 / 5400, 1 / 1800)


def simulated_minutes(
    *,
    seed: int = 0,
    days: tuple[int, int, int] = (90, 240, 240),
    stations: Sequence[Mapping[str, Any]] = STATIONS,
    step: str = "10min",
    amplitudes: Sequence[float] = AMPLITUDES,
    kp: pd.Series | None = None,
    rc: pd.Series | None = None,
    **parts: Any,
) -> Kind:
    """Simulated fields of a network of observatories, under the activity of real days.

    Parameters
    ----------
    seed : int
        0 or more; each record has another that follows from it.
    days : tuple of int
        Length of the records for training, calibration and test, see
        `precursor_lib.evaluate.trials.records.parts.days_of`.
    stations : sequence of mappings
        As in `precursor_lib.simulate.minute_network.minute_network`.
    step : str
        Of which means are taken; a part of a day in whole minutes.
    amplitudes : sequence of float
        Peak of a packet's envelope at every station, nT, ascending. It is that of the one-minute
        field; means of ten minutes keep 83 % of a period of 30 minutes.
    kp, rc : pandas.Series, optional
        Kp by the start of its three hours and RC (nT) by the start of its hour; the real ones by
        default.
    **parts
        Further settings of `minute_network`, such as ``storms=None``.

    Returns
    -------
    Kind
        Blocks are days (UTC). The records hold ``value`` (time, station) in nT, and on time ``Kp``
        and ``Dst`` (the index RC): values of the interval that a time lies in, which an observer
        learns at its end.

    Raises
    ------
    InputError
        If a setting is not what it has to be, or an index does not cover the time.
    """
    make = partial(_simulated, seed, days, list(stations), step, kp, rc, dict(parts))
    packets = _packets(samples_in(step, "1min"))
    return daily_kind("Simulated field", Made(make), amplitudes, packets, packets.extent)


def observed_minutes(
    record: xr.Dataset,
    *,
    calibration: str = "2003-04-01",
    test: str = "2003-08-01",
    step: str = "10min",
    amplitudes: Sequence[float] = AMPLITUDES,
    kp: pd.Series | None = None,
    rc: pd.Series | None = None,
) -> Kind:
    """An observatory's field cut in time.

    The defaults fit ``open_dataset("esk")``, Eskdalemuir in 2003: a very disturbed year, with the
    storms of October and November in the test part.

    Parameters
    ----------
    record : xarray.Dataset
        ``Z`` (time, station) in nT at an even step, with ``attrs["origin"]``; a simulated one in
        its place gives a kind of simulated origin.
    calibration, test : str
        First days (UTC) of these parts; what comes before is for training.
    step, amplitudes, kp, rc
        As in `simulated_minutes`.

    Returns
    -------
    Kind
        As `simulated_minutes`.

    Raises
    ------
    InputError
        If the record has no ``Z`` in nT or no origin, its step is not even, or a part is empty.
    """
    if "Z" not in record or record["Z"].attrs.get("units") != "nT":
        raise InputError("record: expected the variable Z in nT")
    packets = _packets(samples_in(step, even_step(record["time"].to_numpy())))
    parts = parts_in_time(_means(record, step, kp, rc), None, (calibration, test, None))
    return daily_kind(
        name_of("Field of ", record), HeldRecords(parts), amplitudes, packets, packets.extent
    )


def _packets(within: int) -> Packets:
    return Packets(duration=_DURATION, frequency=_FREQUENCY, within=within)


def _simulated(
    seed: int,
    days: tuple[int, int, int],
    stations: list[Mapping[str, Any]],
    step: str,
    kp: pd.Series | None,
    rc: pd.Series | None,
    parts: Mapping[str, Any],
    role: Role,
    number: int,
) -> xr.Dataset:
    start, end = days_of(role, days)
    data = minute_network(
        seed=seed_of(seed, ROLES.index(role)),
        stations=stations,
        epicentre=_EPICENTRE,
        start=start,
        end=end,
        kp=kp,
        rc=rc,
        **parts,
    )
    return _means(data, step, kp, rc)


def _means(data: xr.Dataset, step: str, kp: pd.Series | None, rc: pd.Series | None) -> xr.Dataset:
    """Means of Z, with the indices of their times."""
    record = described(step_means(data["Z"], step)[0], data, "nT", f"means of {step}")
    record = with_index(record, "Kp", real_kp() if kp is None else kp, "3h")
    return with_index(record, "Dst", real_rc() if rc is None else rc, "1h")
