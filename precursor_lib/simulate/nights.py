"""One night of a simulated network, made alone from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.simulate import background as field
from precursor_lib.simulate.disturbances import gaps, man_made, pi2_trains
from precursor_lib.simulate.events import Events, tabulate
from precursor_lib.simulate.settings import (
    Background,
    Gaps,
    Instrument,
    ManMade,
    Pi2,
    Quiet,
    Storms,
    Tone,
)

# First key of each part's streams. A number once given stays, or every seed changes its record.
_STREAMS = {
    "source": 1,
    "background": 2,
    "pi2": 3,
    "man_made": 4,
    "gaps": 5,
    "noise": 6,
    "tones": 7,
    "poisson": 8,
    "clustered": 9,
    "kp": 10,
}


@dataclass(frozen=True)
class Nights:
    """Makes night `i` of a simulated network when called with `i`; pickles.

    Attributes
    ----------
    seed : int
    stations : pandas.DataFrame
        As in `NightlyNetwork`.
    starts : pandas.DatetimeIndex
        Start of each night (UTC).
    samples, rate : int, float
        Samples a night and a second.
    component : str
    kp, rc : pandas.Series
        Kp and RC by the start of their three hours and their hour, around the nights.
    background, sq, storms, pi2, man_made, gaps, instrument
        Settings of the parts; None leaves a part out.
    tones : tuple of Tone
    packets : pandas.DataFrame or None
        The source's events, see `precursor_lib.simulate.source.source_events`.
    """

    seed: int
    stations: pd.DataFrame
    starts: pd.DatetimeIndex
    samples: int
    rate: float
    component: str
    kp: pd.Series
    rc: pd.Series
    background: Background | None
    sq: Quiet | None
    storms: Storms | None
    pi2: Pi2 | None
    man_made: ManMade | None
    gaps: Gaps | None
    instrument: Instrument | None
    tones: tuple[Tone, ...] = ()
    packets: pd.DataFrame | None = None

    def stream(self, part: str, night: int = 0, station: str | None = None) -> np.random.Generator:
        """Random stream of a part in a night, of one station or of the whole network.

        A station's stream hangs on its id alone, so that leaving out a station changes no other.
        """
        key = 0 if station is None else crc32(station.encode()) + 1
        return np.random.default_rng(
            np.random.SeedSequence(self.seed, spawn_key=(_STREAMS[part], night, key))
        )

    def _streams(self, part: str, night: int) -> list[np.random.Generator]:
        return [self.stream(part, night, s) for s in self.stations.index]

    @property
    def _ids(self) -> list[str]:
        return list(self.stations.index)

    def events(self, night: int) -> list[Events]:
        """Every event of a night but the source's."""
        length, n = self.samples / self.rate, len(self.stations)
        found: list[Events] = []
        if self.pi2 is not None:
            minutes = (np.arange(max(1, round(length / 60))) + 0.5) * 60
            kp = field.kp_at(self.kp, self.starts[night], minutes)
            rng, own = self.stream("pi2", night), self._streams("pi2", night)
            found.append(pi2_trains(self.pi2, kp, length, rng, own))
        if self.man_made is not None:
            for k, rng in enumerate(self._streams("man_made", night)):
                found.extend(man_made(self.man_made, length, k, n, rng))
        if self.gaps is not None:
            for k, rng in enumerate(self._streams("gaps", night)):
                found.append(gaps(self.gaps, length, k, n, rng))
        return found

    def truth(self) -> pd.DataFrame:
        """Every event of every night, sorted by time."""
        nights = [self.events(i) for i in range(len(self.starts))]
        table = tabulate(nights, self.starts, self._ids)
        if self.packets is not None and len(self.packets):
            table = pd.concat([t for t in (self.packets, table) if len(t)], ignore_index=True)
        return table.sort_values("time", kind="stable", ignore_index=True)

    def arrays(self, night: int, events: list[Events]) -> dict[str, np.ndarray]:
        """The parts of a night by name, each of shape (station, time), in nT."""
        start, seconds = self.starts[night], np.arange(self.samples) / self.rate
        latitude = self.stations["latitude"].to_numpy(dtype=float)
        longitude = self.stations["longitude"].to_numpy(dtype=float)
        shape = (len(self.stations), self.samples)
        out: dict[str, np.ndarray] = {}
        if self.background is not None:
            kp = field.kp_at(self.kp, start, seconds)
            streams = [self.stream("background", night), *self._streams("background", night)]
            out["background"] = field.red_background(self.background, kp, self.rate, streams)
        if self.sq is not None:
            out["sq"] = field.sq(self.sq, latitude, longitude, start, seconds)
        if self.storms is not None:
            out["storms"] = field.storm(self.storms, self.rc, latitude, longitude, start, seconds)
        out["pi2"], out["man_made"] = np.zeros(shape), np.zeros(shape)
        for event in events:
            if event.kind != "gap":
                part = "pi2" if event.kind == "pi2" else "man_made"
                out[part] += event.render(self.samples, self.rate)
        if self.tones:
            out["tones"] = self._lines(start, seconds)
        if self.instrument is not None:
            out["noise"] = np.stack(
                [r.standard_normal(self.samples) for r in self._streams("noise", night)]
            )
            out["noise"] *= self.instrument.noise
        out["source"] = np.zeros(shape)
        if self.packets is not None:
            rows = self.packets[self.packets["night"] == night]
            out["source"] = Events.of(rows, start, self._ids).render(self.samples, self.rate)
        return out

    def _lines(self, start: pd.Timestamp, seconds: np.ndarray) -> np.ndarray:
        """Steady lines, in step from night to night: the phase counts from the first night."""
        out = np.zeros((len(self.stations), self.samples))
        since = (start - self.starts[0]).total_seconds() + seconds
        for number, tone in enumerate(self.tones):
            phase = self.stream("tones", number, tone.station).uniform(0.0, 2 * np.pi)
            wave = tone.amplitude * np.cos(2 * np.pi * tone.frequency * since + phase)
            out[self._ids.index(tone.station)] += wave
        return out

    def _dataset(self, values: dict[str, np.ndarray], night: int) -> xr.Dataset:
        step = np.round(np.arange(self.samples) * (1e9 / self.rate)).astype("timedelta64[ns]")
        place = {
            c: ("station", self.stations[c].to_numpy(dtype=float), {"units": units})
            for c, units in _COORDINATES.items()
        }
        return xr.Dataset(
            {k: (("time", "station"), v.T, {"units": "nT"}) for k, v in values.items()},
            coords={
                "time": self.starts[night].to_datetime64().astype("datetime64[ns]") + step,
                "station": self._ids,
                **place,
            },
            attrs={"origin": "simulated", "seed": self.seed, "night": night, "units": "nT"},
        )

    def parts(self, night: int) -> xr.Dataset:
        """The parts of a night, ``(time, station)``, in nT."""
        return self._dataset(self.arrays(night, self.events(night)), night)

    def __call__(self, night: int) -> xr.Dataset:
        """A night as it would be recorded: the sum, rounded to the resolution, with its gaps."""
        events = self.events(night)
        values = self.arrays(night, events)
        source = values.pop("source")
        # The source comes last, so that without it every other number is the same.
        total = sum(values.values()) + source
        step = 0.0 if self.instrument is None else self.instrument.resolution
        if step > 0:
            total = np.round(total / step) * step
        for event in events:
            if event.kind == "gap":
                # A box of NaN on the station, of 0 on the others.
                total += event.render(self.samples, self.rate)
        data = self._dataset({self.component: total}, night)
        missing = np.isnan(total).sum(axis=1)
        data.attrs["report"] = [
            f"station {s}: {n} of {self.samples} samples missing (simulated gaps)"
            for s, n in zip(self._ids, missing, strict=True)
            if n
        ]
        return data


_COORDINATES = {"latitude": "degree", "longitude": "degree", "distance": "km"}
