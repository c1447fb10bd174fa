"""Nights of one-second magnetometers, simulated and observed, and packets put into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.blocks import block_of
from precursor_lib.evaluate.trials.kinds import ROLES, Kind, Role
from precursor_lib.evaluate.trials.records.parts import Made
from precursor_lib.evaluate.trials.records.series import HeldRecords, Packets, seed_of
from precursor_lib.evaluate.trials.stretches import stretches
from precursor_lib.simulate.geomagnetic import geomagnetic_network
from precursor_lib.simulate.settings import Source, whole_seed

DISTANCE_KM = 100.0
"""Of every station from the source, which has one amplitude at all of them."""
NIGHTS_A_YEAR = 365.25
CENTRE = {"latitude": 34.59, "longitude": 98.34, "time": "2021-05-21T18:04:13"}
"""The ring of simulated stations lies around the Madoi epicentre."""


def simulated_nights(
    *,
    seed: int = 0,
    nights: tuple[int, int, int] = (30, 60, 40),
    hours: float = 1.0,
    stations: int = 4,
    amplitudes: Sequence[float] = (0.2, 0.5, 1.0, 2.0, 5.0),
    start: str = "2021-02-20T16:00",
    duration: tuple[float, float] = Source().duration,
    frequency: tuple[float, float] = Source().frequency,
    parts: Mapping[str, Any] | None = None,
) -> Kind:
    """Nights of a simulated network of one-second magnetometers, each a block.

    The stations lie on a ring of 100 km about the source, so that its amplitude is one and the
    prior of SW-NTF, which goes by distance, is right. Background, pulsations, storms, disturbances
    of single stations and gaps are those of
    `precursor_lib.simulate.geomagnetic.geomagnetic_network` with its defaults, driven by the real
    Kp and RC of these nights.

    Parameters
    ----------
    seed : int
        0 or more. Each role has a seed of its own that follows from it.
    nights : tuple of int
        For training, calibration and test, which follow on each other.
    hours : float
        Of a night.
    stations : int
    amplitudes : sequence of float
        Peak of a packet's envelope in nT, ascending.
    start : str
        Of the first night (UTC).
    duration, frequency : tuple of float
        Ranges of the packets' durations (s) and carriers (Hz).
    parts : mapping, optional
        Further arguments of the network, such as ``{"gaps": None}``.

    Raises
    ------
    InputError
        If a night does not lie within one day (UTC), or a setting is not what it has to be.
    """
    first, length = pd.Timestamp(start), pd.Timedelta(hours=hours)
    if length <= pd.Timedelta(0) or first + length > first.normalize() + pd.Timedelta(days=1):
        raise InputError(f"hours {hours:g} from {start}: expected a night within one day (UTC)")
    angles = 2 * np.pi * np.arange(stations) / stations
    ring = [
        {
            "id": f"R{k + 1}",
            "latitude": CENTRE["latitude"] + 0.9 * np.cos(angle),
            "longitude": CENTRE["longitude"] + 1.09 * np.sin(angle),
            "distance": DISTANCE_KM,
        }
        for k, angle in enumerate(angles)
    ]
    whole_seed(seed)
    before = np.concatenate(([0], np.cumsum(nights)))
    networks: dict[Role, NightlyNetwork] = {
        role: geomagnetic_network(
            seed=seed_of(seed, k),
            stations=ring,
            epicentre=CENTRE,
            nights_start=str(first + pd.Timedelta(days=int(before[k]))),
            nights=nights[k],
            duration=3600.0 * hours,
            **(parts or {}),
        )
        for k, role in enumerate(ROLES)
    }
    packets = Packets(duration, frequency)
    return Kind(
        name="Simulated nights",
        origin="simulated",
        unit="nT",
        block="1D",
        blocks_a_year=NIGHTS_A_YEAR,
        amplitudes=tuple(amplitudes),
        record=Made(partial(_all_nights, networks)),
        records=dict.fromkeys(ROLES, 1),
        add=NightPackets(packets),
        duration=packets.extent,
    )


def observed_night(
    network: NightlyNetwork,
    *,
    night: int = 0,
    block: str = "5min",
    blocks: tuple[int, int, int] = (8, 20, 20),
    amplitudes: Sequence[float] = (0.03, 0.1, 0.3, 1.0),
    duration: tuple[float, float] = (60.0, 180.0),
    frequency: tuple[float, float] = Source().frequency,
) -> Kind:
    """One observed night, split in time into training, calibration and test, in short blocks.

    Four hours have four dozen blocks of five minutes. Twenty of them for calibration allow for one
    false alarm in twenty, or for two in twenty, which is steadier, and no smaller share; twenty for
    the test hold few sources: repeat the trial with other seeds. A part is one stretch: a method
    that takes its sigma from the stretch takes it from the sources in the other blocks as well.

    Parameters
    ----------
    network : NightlyNetwork
        Stations in the order in which they are joined.
    night : int
        Which night.
    block : str
        Length of a block.
    blocks : tuple of int
        Whole blocks for training, calibration and test, in order of time from the first on.
    amplitudes, duration, frequency
        As in `simulated_nights`; durations of at most 180 s by default, to fit a block. A packet is
        as large at every station, so that the coordinate ``distance`` is set to 100 km for all.

    Raises
    ------
    InputError
        If the night has too few whole blocks, or a block is shorter than a packet.
    """
    packets = Packets(duration, frequency)
    if pd.Timedelta(block) < packets.extent:
        raise InputError(f"block {block}: expected at least {packets.extent}, a packet's extent")
    held = network.night(night)
    starts = block_of(held["time"].to_numpy(), block)
    count = pd.Series(1, starts).groupby(level=0).sum()
    whole = count.index[count >= int(pd.Timedelta(block).total_seconds() * network.rate)]
    ends = np.concatenate(([0], np.cumsum(blocks)))
    if min(blocks) < 1 or ends[-1] > len(whole):
        raise InputError(
            f"blocks {blocks}: expected 1 or more each and {len(whole)} together at most, the "
            f"whole blocks of {block} in the night"
        )
    far = ("station", np.full(held.sizes["station"], DISTANCE_KM), {"units": "km"})
    record = (
        held[[network.component]]
        .rename({network.component: "value"})
        .assign_coords(distance=far)
        .assign_attrs(network.attrs)
    )
    cut = {
        role: record.isel(time=starts.isin(whole[ends[k] : ends[k + 1]]))
        for k, role in enumerate(ROLES)
    }
    return Kind(
        name="Observed night" if network.attrs["origin"] == "observed" else "Simulated night",
        origin=network.attrs["origin"],
        unit="nT",
        block=block,
        blocks_a_year=NIGHTS_A_YEAR * len(whole),
        amplitudes=tuple(amplitudes),
        record=HeldRecords({role: [part] for role, part in cut.items()}),
        records=dict.fromkeys(ROLES, 1),
        add=NightPackets(packets),
        duration=packets.extent,
    )


@dataclass(frozen=True)
class NightPackets:
    """Puts packets into a record of nights, whose step is even within a night alone.

    Attributes
    ----------
    packets : precursor_lib.evaluate.trials.records.series.Packets
        What they are like.
    """

    packets: Packets

    def __call__(self, record: xr.Dataset, events: pd.DataFrame) -> xr.Dataset:
        """Give the record with packets centred at the events' times.

        Raises
        ------
        InputError
            If an event does not lie within a night.
        """
        times = record["time"].to_numpy()
        start = events["start"].to_numpy()
        out = record.copy(deep=True)
        placed = np.zeros(start.size, dtype=bool)
        for part in stretches(times):
            here = (start >= times[part.start]) & (start <= times[part.stop - 1])
            if here.any():
                changed = self.packets(out.isel(time=part), events[here])
                out["value"][{"time": part}] = changed["value"]
                placed |= here
        if not placed.all():
            first = start[~placed][0]
            raise InputError(f"events: the one at {first} does not lie within a night")
        return out


def _all_nights(networks: Mapping[Role, NightlyNetwork], role: Role, number: int) -> xr.Dataset:
    """The nights of a role one after the other; there is one record, of number 0."""
    network = networks[role]
    record = xr.concat(network, "time", coords="minimal", compat="override")
    record.attrs = {name: network.attrs[name] for name in ("origin", "seed", "units", "report")}
    return record.rename({network.component: "value"})
