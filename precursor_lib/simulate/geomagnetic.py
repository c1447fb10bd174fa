"""A geomagnetic network with known truth, made a night at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError, unknown
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate.nights import Nights
from precursor_lib.simulate.observing import day_of, window_starts
from precursor_lib.simulate.settings import DEFAULTS
from precursor_lib.simulate.source import source_activity, source_events
from precursor_lib.simulate.space_weather import index_around, real_kp, real_rc
from precursor_lib.simulate.stations import station_table

Part = Mapping[str, Any] | None


def geomagnetic_network(
    *,
    seed: int,
    stations: Sequence[Mapping[str, Any]],
    epicentre: Mapping[str, Any],
    nights_start: str,
    nights: int,
    duration: float = 14400.0,
    rate: float = 1.0,
    component: str = "Z",
    source: Part = None,
    control: Part = None,
    background: Part = DEFAULTS,
    sq: Part = DEFAULTS,
    storms: Part = DEFAULTS,
    pi2: Part = DEFAULTS,
    man_made: Part = DEFAULTS,
    tones: Sequence[Mapping[str, Any]] = (),
    gaps: Part = DEFAULTS,
    instrument: Part = DEFAULTS,
    kp: float | pd.Series | None = None,
    rc: float | pd.Series | None = None,
) -> NightlyNetwork:
    """Simulate the vertical field of a network of variometers, cut into nights.

    Every part takes a mapping of the settings named in `precursor_lib.simulate.settings`: ``{}`` is
    its default, ``None`` leaves it out. Each night is drawn from its own streams, spawned from the
    seed by part, night and station, so that it is the same in any order and process, and no part
    changes another.

    Parameters
    ----------
    seed : int
        0 or more.
    stations : sequence of mappings
        ``id name latitude longitude``, and ``distance`` (km) where the geodesic one is not wanted.
    epicentre : mapping
        ``latitude longitude time`` (degrees, UTC).
    nights_start : str
        Start of night 0 (UTC); the others follow by whole days.
    nights : int
        Number of nights.
    duration : float
        Length of a night in s.
    rate : float
        Samples a second.
    component : str
        ``"Z"``, the one that is modelled.
    source : mapping or None
        Packets from the epicentral region (`settings.Source`). None: no source.
    control : mapping or None
        Process that gives the packets their times in place of the sigmoid rate
        (`settings.Control`): ``poisson``, ``clustered`` or ``kp``.
    background, sq, storms, pi2, man_made, gaps, instrument : mapping or None
        Settings of these parts.
    tones : sequence of mappings
        Steady lines, ``station frequency amplitude`` (Hz, nT).
    kp, rc : float, pandas.Series or None
        Kp by the start of its three hours and RC (nT) by the start of its hour. None takes the real
        ones; a number holds everywhere.

    Returns
    -------
    NightlyNetwork
        ``attrs`` hold ``origin`` ``"simulated"``, the seed, the settings and ``expected_packets``,
        the expected number of packets up to and with each night. ``truth`` holds every packet,
        train, box, spike and gap, with the carrier's ``phase`` (rad) in a further column. A gap has
        NaN as its station's amplitude.

    Raises
    ------
    InputError
        If a setting is unknown or out of range, a station stands twice, or an index does not cover
        the nights.
    """
    _check(seed, nights, duration, rate, component)
    centre = parts.require(parts.Epicentre, epicentre, "epicentre")
    table = station_table(stations, centre)
    starts = window_starts(nights_start, nights)
    first = day_of(starts[0], centre.time)
    end = starts[-1] + pd.Timedelta(seconds=duration)
    origin = parts.configure(parts.Source, source, "source")
    other = parts.configure(parts.Control, control, "control")
    if origin is None and other is not None:
        raise InputError("control: expected a source whose packets it times; source is None")
    loader = Nights(
        seed=seed,
        stations=table,
        starts=starts,
        samples=round(duration * rate),
        rate=rate,
        component=component,
        kp=index_around(kp, real_kp, starts[0], end, "3h", "kp"),
        rc=index_around(rc, real_rc, starts[0], end, "1h", "rc"),
        background=parts.configure(parts.Background, background, "background"),
        sq=parts.configure(parts.Quiet, sq, "sq"),
        storms=parts.configure(parts.Storms, storms, "storms"),
        pi2=parts.configure(parts.Pi2, pi2, "pi2"),
        man_made=parts.configure(parts.ManMade, man_made, "man_made"),
        gaps=parts.configure(parts.Gaps, gaps, "gaps"),
        instrument=parts.configure(parts.Instrument, instrument, "instrument"),
        tones=tuple(parts.require(parts.Tone, t, f"tones[{i}]") for i, t in enumerate(tones)),
    )
    _check_frequencies(loader, origin)
    expected = np.zeros(nights)
    if origin is not None:
        activity = source_activity(origin, other, starts, duration, first, loader.kp)
        rng = loader.stream("source" if other is None else other.kind)
        packets = source_events(activity, origin, table, starts, duration, first, rng)
        loader = replace(loader, packets=packets)
        expected = activity.expected(first + np.arange(nights), since=first - 1.0)
    attrs: dict[str, Any] = {
        "origin": "simulated",
        "seed": seed,
        "units": "nT",
        "report": [f"simulated from seed {seed}; the truth table lists every event"],
        "settings": _plain(loader, origin, other, centre),
        "expected_packets": expected.tolist(),
    }
    return NightlyNetwork(
        stations=table,
        nights=starts,
        duration=float(duration),
        rate=float(rate),
        component=component,
        load=loader,
        attrs=attrs,
        truth=loader.truth(),
    )


def night_parts(network: NightlyNetwork, index: int) -> xr.Dataset:
    """The parts of a simulated night, which add up to it before it is rounded and cut by gaps.

    Returns
    -------
    xarray.Dataset
        ``background sq storms pi2 tones man_made noise source`` with dimensions
        ``(time, station)``, in nT.

    Raises
    ------
    InputError
        If the network is not one of :func:`geomagnetic_network` or has no such night.
    """
    if not 0 <= index < len(network):
        raise InputError(f"night {index}: expected 0 to {len(network) - 1}")
    return _loader(network).parts(index)


def without_source(network: NightlyNetwork) -> NightlyNetwork:
    """The same network without the source's packets; nothing else changes.

    Raises
    ------
    InputError
        If the network is not one of :func:`geomagnetic_network`.
    """
    loader = replace(_loader(network), packets=None)
    settings = {**network.attrs["settings"], "source": None, "control": None}
    attrs = {**network.attrs, "settings": settings, "expected_packets": [0.0] * len(network)}
    return replace(network, load=loader, attrs=attrs, truth=loader.truth())


def _loader(network: NightlyNetwork) -> Nights:
    if not isinstance(network.load, Nights):
        raise InputError("network: expected one that geomagnetic_network made")
    return network.load


def _check(seed: int, nights: int, duration: float, rate: float, component: str) -> None:
    parts.whole_seed(seed)
    if isinstance(nights, bool) or not isinstance(nights, int) or nights < 1:
        raise InputError(f"nights {nights!r}: expected a whole number, 1 or more")
    if not (0 < duration <= 86400):
        raise InputError(f"duration {duration}: expected above 0 and at most 86400 s")
    if not (np.isfinite(rate) and rate > 0) or abs(duration * rate - round(duration * rate)) > 1e-9:
        raise InputError(f"rate {rate} Hz: expected a whole number of samples in {duration:g} s")
    if component != "Z":
        raise InputError(f"component '{component}': expected 'Z', the one that is modelled")


def _check_frequencies(loader: Nights, source: parts.Source | None) -> None:
    nyquist = loader.rate / 2
    if source is not None and source.frequency[1] > nyquist:
        raise InputError(f"source.frequency: expected at most {nyquist:g} Hz")
    if loader.background is not None and loader.background.band[1] > nyquist:
        raise InputError(f"background.band: expected at most {nyquist:g} Hz")
    ids = list(loader.stations.index)
    for tone in loader.tones:
        if tone.station not in ids:
            raise InputError(f"tones: {unknown('station', tone.station, ids)}")
        if tone.frequency > nyquist:
            raise InputError(f"tones: {tone.frequency:g} Hz is above {nyquist:g} Hz")


def _plain(
    loader: Nights,
    source: parts.Source | None,
    control: parts.Control | None,
    centre: parts.Epicentre,
) -> dict[str, Any]:
    """Every setting in effect, as plain values."""
    names = ("background", "sq", "storms", "pi2", "man_made", "gaps", "instrument")
    chosen: dict[str, parts.Settings | None] = {n: getattr(loader, n) for n in names}
    chosen |= {"source": source, "control": control, "epicentre": centre}
    plain: dict[str, Any] = {k: None if v is None else v.model_dump() for k, v in chosen.items()}
    return plain | {"tones": [t.model_dump() for t in loader.tones]}
