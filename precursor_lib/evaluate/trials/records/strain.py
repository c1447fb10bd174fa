"""Borehole strain hour by hour, simulated or observed.

The sources are bumps of either sign, two to six hours long, as the simulated source's shots are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import xarray as xr

from precursor_lib.context.borehole import areal_strain
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
)
from precursor_lib.simulate.strain import strain_network

#: The five stations of the Luding case. Guza (Kangding) and Xiaomiao stand at published places; the
#: others were solved for from the distances that the paper prints, as the manifest says.
STATIONS: tuple[Mapping[str, Any], ...] = (
    {"id": "51010", "name": "Kangding", "latitude": 30.12, "longitude": 102.17, "azimuth": 51},
    {"id": "51304", "name": "Jinhe", "latitude": 28.813, "longitude": 102.484, "azimuth": 20},
    {"id": "51009", "name": "Xiaomiao", "latitude": 27.91, "longitude": 102.22},
    {"id": "53022", "name": "Zhaotong", "latitude": 27.271, "longitude": 103.833, "azimuth": 10},
    {"id": "53006", "name": "Yongsheng", "latitude": 26.757, "longitude": 100.435, "azimuth": 35},
)
AMPLITUDES = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
# Distances count from here and nothing else, for the simulated records hold no source.
_EPICENTRE = {"latitude": 29.59, "longitude": 102.08, "time": "2022-09-05T04:52:18"}
_DURATION = (7200.0, 21600.0)
# A spike of minutes fills a whole step of the simulator, which a step of an hour would overdo.
_STEP = "5min"


def simulated_strain(
    *,
    seed: int = 0,
    days: tuple[int, int, int] = (365, 365, 365),
    stations: Sequence[Mapping[str, Any]] = STATIONS,
    step: str = "1h",
    amplitudes: Sequence[float] = AMPLITUDES,
    **parts: Any,
) -> Kind:
    """Areal strain of a simulated network: tides, drift, seasons, pressure, rain, steps, spikes.

    Parameters
    ----------
    seed : int
        0 or more; each record has another that follows from it.
    days : tuple of int
        Length of the records for training, calibration and test, see
        `precursor_lib.evaluate.trials.records.parts.days_of`. A year of hours has as many samples
        as two months of ten minutes, and all seasons.
    stations : sequence of mappings
        As in `precursor_lib.simulate.strain.strain_network`.
    step : str
        Of which means are taken, of samples five minutes apart; a part of a day.
    amplitudes : sequence of float
        Areal strain at the peak of a bump at every station, 1e-9, ascending.
    **parts
        Further settings of `strain_network`, such as ``rain=None``.

    Returns
    -------
    Kind
        Blocks are days (UTC). The records hold ``value`` (time, station), the areal strain (Zhang
        et al. 2026, EQ4) in 1e-9, and ``pressure`` on time, the mean of the stations in hPa.

    Raises
    ------
    InputError
        If a setting is not what it has to be.
    """
    make = partial(_simulated, seed, days, list(stations), step, dict(parts))
    packets = Packets(_DURATION, within=samples_in(step, _STEP))
    return daily_kind("Simulated strain", Made(make), amplitudes, packets, packets.extent)


def observed_strain(
    record: xr.Dataset,
    *,
    start: str = "2008-07-01",
    calibration: str = "2009-07-01",
    test: str = "2010-07-01",
    end: str = "2012-07-01",
    variable: str = "S1",
    amplitudes: Sequence[float] = AMPLITUDES,
) -> Kind:
    """A strain meter's record cut in time.

    The defaults fit ``open_dataset("guza-gauge")``, gauge 1 of Guza, from seven weeks after the
    Wenchuan earthquake until ten months before that of Lushan, so that the test holds neither.

    Parameters
    ----------
    record : xarray.Dataset
        `variable` (time, station) in 1e-9 at an even step, with ``attrs["origin"]``; a simulated
        one in its place gives a kind of simulated origin. Values are taken as samples, not means.
    start, calibration, test : str
        First days (UTC) of training and the other parts.
    end : str
        UTC, left out.
    variable : str
        What stands for the strain; ``"Sa"`` takes the areal strain of four gauges.
    amplitudes : sequence of float
        At the peak of a bump in the variable, 1e-9, ascending.

    Returns
    -------
    Kind
        As `simulated_strain`, without ``pressure``.

    Raises
    ------
    InputError
        If the record has no such variable in 1e-9 or no origin, its step is not even, or a part is
        empty.
    """
    if variable != "Sa" and variable not in record:
        raise InputError(f"variable {variable}: expected 'Sa' or one of {list(record.data_vars)}")
    series = areal_strain(record) if variable == "Sa" else record[variable]
    if series.attrs.get("units") != "1e-9":
        raise InputError(f"{variable}: expected the unit 1e-9, got {series.attrs.get('units')}")
    even_step(record["time"].to_numpy())
    whole = described(series, record, "1e-9", f"{variable}, cut in time")
    held = HeldRecords(parts_in_time(whole, start, (calibration, test, end)))
    packets = Packets(_DURATION)
    return daily_kind(name_of("Strain of ", record), held, amplitudes, packets, packets.extent)


def _simulated(
    seed: int,
    days: tuple[int, int, int],
    stations: list[Mapping[str, Any]],
    step: str,
    parts: Mapping[str, Any],
    role: Role,
    number: int,
) -> xr.Dataset:
    start, end = days_of(role, days)
    data = strain_network(
        seed=seed_of(seed, ROLES.index(role)),
        stations=stations,
        epicentre=_EPICENTRE,
        start=start,
        end=end,
        step=_STEP,
        **parts,
    )
    areal, pressure = (step_means(v, step)[0] for v in (areal_strain(data), data["pressure"]))
    record = described(areal, data, "1e-9", f"areal strain of four gauges, means of {step}")
    return record.assign(pressure=pressure.mean("station").assign_attrs(units="hPa"))
