"""Put a source's packets into records, observed or simulated, and keep their truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.simulate.events import Events
from precursor_lib.simulate.nights import Nights
from precursor_lib.simulate.observing import day_of, place_in_nights
from precursor_lib.simulate.settings import Control, Source, configure, require, whole_seed
from precursor_lib.simulate.signals import PACKET_EXTENT
from precursor_lib.simulate.source import source_activity
from precursor_lib.simulate.source import source_events as draw


def packet_events(
    network: NightlyNetwork,
    *,
    seed: int,
    event_time: str,
    source: Mapping[str, Any] | Source,
    control: Mapping[str, Any] | Control | None = None,
    kp: pd.Series | None = None,
) -> pd.DataFrame:
    """Draw packets for the nights and stations of a network, to be injected.

    Parameters
    ----------
    network : NightlyNetwork
        Its nights follow by whole days; its stations have a distance.
    seed : int
        0 or more.
    event_time : str
        The moment (UTC) from which the source's days count.
    source, control : mapping
        As in `precursor_lib.simulate.geomagnetic.geomagnetic_network`.
    kp : pandas.Series, optional
        Kp by the start of its three hours, for the control ``"kp"``.

    Returns
    -------
    pandas.DataFrame
        As `NightlyNetwork.truth`, with the carrier's ``phase`` (rad at the centre).

    Raises
    ------
    InputError
        If the nights are not a day apart, or a setting is not what it has to be.
    """
    steps = np.diff(network.nights.to_numpy())
    if not (steps == np.timedelta64(1, "D")).all():
        raise InputError("network: expected nights a day apart")
    settings = require(Source, source, "source")
    other = configure(Control, control, "control")
    first = day_of(network.nights[0], event_time)
    activity = source_activity(settings, other, network.nights, network.duration, first, kp)
    rng = np.random.default_rng(whole_seed(seed))
    return draw(activity, settings, network.stations, network.nights, network.duration, first, rng)


def redraw_packets(network: NightlyNetwork, runs: int, *, seed: int) -> np.ndarray:
    """Cumulative packets of a simulated network's process, drawn anew many times.

    Parameters
    ----------
    network : NightlyNetwork
        One of `precursor_lib.simulate.geomagnetic.geomagnetic_network` with a source.
    runs : int
        Number of draws.
    seed : int
        0 or more.

    Returns
    -------
    array of int, shape (runs, night)
        Number of packets up to and with each night.

    Raises
    ------
    InputError
        If the network has no simulated source.
    """
    settings = network.attrs.get("settings", {})
    if not isinstance(network.load, Nights) or not settings.get("source"):
        raise InputError("network: expected a simulated one with a source")
    first = day_of(network.nights[0], settings["epicentre"]["time"])
    activity = source_activity(
        require(Source, settings["source"], "source"),
        configure(Control, settings["control"], "control"),
        network.nights,
        network.duration,
        first,
        network.load.kp,
    )
    rng, start, nights = np.random.default_rng(whole_seed(seed)), first - 1.0, len(network)
    counts = np.zeros((runs, nights), dtype=int)
    for row in counts:
        t = activity.sample(start, start + nights, rng)
        row += np.bincount(place_in_nights(t, first, nights, network.duration)[0], minlength=nights)
    return np.cumsum(counts, axis=1)


def inject(
    data: xr.Dataset | NightlyNetwork, events: pd.DataFrame, *, variable: str | None = None
) -> xr.Dataset | NightlyNetwork:
    """Add packets to a record; missing samples stay missing and nothing else changes.

    Parameters
    ----------
    data : xarray.Dataset or NightlyNetwork
        A dataset has dimensions ``time`` and ``station`` and an even time step.
    events : pandas.DataFrame
        ``time`` (UTC, centre), ``duration`` (s), ``frequency`` (Hz), ``phase`` (rad) and
        ``amplitude_<station>`` (units of the record) for every station; the waveform is
        `precursor_lib.simulate.signals.packet`.
    variable : str, optional
        The variable of a dataset that holds the record; needed where it has several.

    Returns
    -------
    xarray.Dataset or NightlyNetwork
        As `data`. ``attrs["injected"]`` counts the packets and the report says so; the origin stays
        what it was. A network's truth gains the packets, and its nights are made when asked for.

    Raises
    ------
    InputError
        If a column is missing or not finite, or a packet does not lie wholly inside the record (for
        a network: inside a night).
    """
    if isinstance(data, NightlyNetwork):
        return _inject_network(data, events)
    names = list(data.data_vars) if variable is None else [variable]
    if len(names) != 1 or names[0] not in data:
        raise InputError(f"variable {variable!r}: expected one of {list(data.data_vars)}")
    name = str(names[0])
    record = data[name].transpose("station", "time")
    times = pd.DatetimeIndex(data["time"].to_numpy())
    steps = np.diff(times.to_numpy()).astype("timedelta64[ns]").astype(float) * 1e-9
    # Times are kept in ns, so that the steps of an even record may differ by one.
    if not steps.size or (np.abs(steps - steps.mean()) > 2e-9).any() or steps.mean() <= 0:
        raise InputError("time: expected an even step; fill the gaps with NaN first")
    rate = 1.0 / float(steps.mean())
    _inside(events, pd.Series(times[0], events.index), times.size / rate)
    packets = Events.of(events, times[0], [str(s) for s in data["station"].to_numpy()])
    added = record + packets.render(times.size, rate)
    out = data.copy()
    out[name] = added.transpose(*data[name].dims).assign_attrs(data[name].attrs)
    out.attrs = _said(data.attrs, len(events))
    return out


def _said(attrs: Mapping[Any, Any], count: int) -> dict[str, Any]:
    report = [*attrs.get("report", []), f"{count} simulated packets were injected"]
    return {**attrs, "injected": int(attrs.get("injected", 0)) + count, "report": report}


def _inside(events: pd.DataFrame, start: pd.Series, length: float) -> None:
    """Refuse a packet that the record does not hold whole."""
    for column in ("time", "duration"):
        if column not in events:
            raise InputError(f"events: column '{column}' is missing")
    centre = (events["time"] - start) / pd.Timedelta(seconds=1)
    half = events["duration"] * PACKET_EXTENT / 2
    out = ~((centre - half >= -1e-6) & (centre + half <= length + 1e-6))
    if out.any():
        row = events.index[out][0]
        raise InputError(
            f"events: row {row} at {events.loc[row, 'time']} does not lie wholly inside the record"
        )


@dataclass(frozen=True)
class _Injected:
    """A night of another loader with its packets added."""

    load: Callable[[int], xr.Dataset]
    component: str
    events: pd.DataFrame

    def __call__(self, night: int) -> xr.Dataset:
        rows = self.events[self.events["night"] == night]
        changed = inject(self.load(night), rows, variable=self.component)
        assert isinstance(changed, xr.Dataset)
        return changed


def _inject_network(network: NightlyNetwork, events: pd.DataFrame) -> NightlyNetwork:
    if "time" not in events:
        raise InputError("events: column 'time' is missing")
    times = pd.DatetimeIndex(events["time"]).as_unit("ns")
    night = network.nights.as_unit("ns").searchsorted(times, side="right") - 1
    if len(events) and night.min() < 0:
        raise InputError(f"events: {events['time'].min()} is before the first night")
    placed = events.assign(night=night, kind="source").reset_index(drop=True)
    starts = pd.Series(network.nights[night], placed.index)
    _inside(placed, starts, network.duration)
    Events.of(placed, network.nights[0], list(network.stations.index))
    known = [t for t in (network.truth, placed) if t is not None and len(t)]
    truth = pd.concat(known, ignore_index=True) if known else placed
    return replace(
        network,
        load=_Injected(network.load, network.component, placed),
        attrs=_said(network.attrs, len(events)),
        truth=truth.sort_values("time", kind="stable", ignore_index=True),
    )
