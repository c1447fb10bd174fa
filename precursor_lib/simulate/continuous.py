"""What continuous records share: their axis, their streams, and the truth of single events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.simulate import settings as parts
from precursor_lib.simulate.activity import Activity, StepRate
from precursor_lib.simulate.events import log_uniform
from precursor_lib.simulate.observing import kp_driven
from precursor_lib.simulate.signals import box
from precursor_lib.simulate.source import activity_between
from precursor_lib.simulate.strain_settings import DailyGaps, Spikes
from precursor_lib.times import utc

# First key of each part's streams. A number once given stays, or every seed changes its record.
_STREAMS = {
    "source": 101,
    "background": 102,
    "days": 103,
    "spikes": 104,
    "gaps": 105,
    "noise": 106,
    "poisson": 107,
    "clustered": 108,
    "kp": 109,
    "station": 110,
    "drift": 111,
    "annual": 112,
    "temperature": 113,
    "pressure": 114,
    "rain": 115,
    "steps": 116,
    "walk": 117,
}
DAY = 86400.0


@dataclass(frozen=True)
class Axis:
    """Time axis and random streams of a continuous record.

    Attributes
    ----------
    seed : int
    start : pandas.Timestamp
        First sample (UTC).
    event : pandas.Timestamp
        The shock from which days count.
    samples : int
    step : float
        Seconds between samples.
    """

    seed: int
    start: pd.Timestamp
    event: pd.Timestamp
    samples: int
    step: float

    @classmethod
    def between(cls, seed: int, start: str, end: str, step: str, event: str) -> Axis:
        """Axis from `start` to `end` (left out).

        Raises
        ------
        InputError
            If a time or the step is none, or no sample lies between.
        """
        first, last = utc(start, "start"), utc(end, "end")
        try:
            seconds = pd.Timedelta(step).total_seconds()
        except (ValueError, TypeError) as error:
            raise InputError(f"step {step!r}: expected a length of time such as '1min'") from error
        # The weather is stated for periods down to a day, which needs two samples.
        if not 1.0 <= seconds <= DAY / 2 or seconds % 1.0:
            raise InputError(f"step {step!r}: expected whole seconds, 1 s to 12 h")
        samples = int(np.ceil((last - first).total_seconds() / seconds)) if first < last else 0
        if samples < 2:
            raise InputError(f"end {end}: expected two samples or more after start {start}")
        return cls(parts.whole_seed(seed), first, utc(event, "epicentre.time"), samples, seconds)

    @property
    def rate(self) -> float:
        """Samples a second."""
        return 1.0 / self.step

    @property
    def length(self) -> float:
        """Length of the record in s."""
        return self.samples * self.step

    @property
    def seconds(self) -> np.ndarray:
        """Seconds from the first sample."""
        return np.arange(self.samples) * self.step

    @property
    def times(self) -> np.ndarray:
        """Times of the samples, datetime64[ns]."""
        return self.at(self.seconds)

    @property
    def end(self) -> pd.Timestamp:
        return self.start + pd.Timedelta(seconds=self.length)

    @property
    def days(self) -> tuple[float, float]:
        """Days from the event to the record's start and end."""
        start = (self.start - self.event).total_seconds() / DAY
        return start, start + self.length / DAY

    def at(self, seconds: np.ndarray) -> np.ndarray:
        """Times of moments in s from the first sample, to the nearest ms."""
        offset = np.round(np.asarray(seconds, dtype=float) * 1e3).astype("timedelta64[ms]")
        return self.start.to_datetime64().astype("datetime64[ns]") + offset

    def since_start(self, days: np.ndarray) -> np.ndarray:
        """Seconds from the first sample of moments in days from the event."""
        return (np.asarray(days, dtype=float) - self.days[0]) * DAY

    def stream(self, part: str, station: str = "", number: int = 0) -> np.random.Generator:
        """Random stream of a part, of one station or (without one) of the whole network.

        A station's stream hangs on its id alone, so that leaving out a station changes no other.
        """
        key = crc32(station.encode()) + 1 if station else 0
        return np.random.default_rng(
            np.random.SeedSequence(self.seed, spawn_key=(_STREAMS[part], key, number))
        )

    def streams(self, part: str, stations: pd.DataFrame) -> list[np.random.Generator]:
        """The common stream of a part and one a station."""
        return [self.stream(part), *(self.stream(part, s) for s in stations.index)]


class Truth:
    """Collects what a record was made of."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._rows: list[dict[str, Any]] = []

    def add(
        self, kind: str, station: str, start: np.ndarray, end: np.ndarray, **columns: Any
    ) -> None:
        """Add events of one kind at one station; times in s from the first sample."""
        text = [
            np.datetime_as_string(self._axis.at(moment).astype("datetime64[ms]"))
            for moment in (start, end)
        ]
        for i in range(len(start)):
            row = {
                "kind": kind,
                "station": station,
                "time": str(text[0][i]),
                "end": str(text[1][i]),
            }
            values = {k: v if np.ndim(v) == 0 else v[i] for k, v in columns.items()}
            self._rows.append(row | {k: _plain(v) for k, v in values.items()})

    def rows(self) -> list[dict[str, Any]]:
        """Every event, sorted by time, kind and station."""
        return sorted(self._rows, key=lambda r: (r["time"], r["kind"], r["station"]))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def activity(
    axis: Axis, source: parts.Emission, control: parts.Control | None, kp: pd.Series | None = None
) -> Activity:
    """The process of the source's events over a continuous record, in days from the event."""
    start, end = axis.days

    def by_kp(mean: float, sensitivity: float) -> Activity:
        if kp is None:
            raise InputError("control.kind 'kp': expected 'poisson' or 'clustered' for strain")
        whole = kp_driven(kp, pd.DatetimeIndex([axis.start]), axis.length, 1, mean, sensitivity)
        return StepRate(edges=start + whole.edges * (end - start), rates=whole.rates)

    return activity_between(source, control, start, end, by_kp)


def expected_events(axis: Axis, process: Activity | None) -> list[float]:
    """Expected number of the source's events up to the end of each day from the record's start."""
    start, end = axis.days
    marks = np.minimum(start + np.arange(1, np.ceil(axis.length / DAY) + 1), end)
    if process is None:
        return [0.0] * marks.size
    return list(np.asarray(process.expected(marks, since=start)).tolist())


def signed(rng: np.random.Generator, median: float, scatter: float, n: int) -> np.ndarray:
    """Log-normal sizes of either sign."""
    size = median * np.exp(scatter * rng.standard_normal(n))
    return np.where(rng.random(n) < 0.5, -1.0, 1.0) * size


def add_spikes(settings: Spikes, axis: Axis, rows: np.ndarray, station: str, truth: Truth) -> None:
    """Add the spikes of one station to `rows`, shape (channel, time), one channel each."""
    rng = axis.stream("spikes", station)
    n = rng.poisson(settings.rate * axis.length / DAY)
    start = np.sort(rng.uniform(0.0, axis.length, n))
    duration = log_uniform(rng, settings.duration, n)
    size = signed(rng, settings.amplitude, settings.scatter, n)
    channel = rng.integers(0, len(rows), n)
    for k in range(n):
        where = box(axis.samples, axis.rate, start[k] + duration[k] / 2, duration[k])
        rows[channel[k], where] += size[k]
    extra = {"gauge": channel + 1} if len(rows) > 1 else {}
    truth.add("spike", station, start, start + duration, amplitude=size, **extra)


def cut_gaps(settings: DailyGaps, axis: Axis, rows: np.ndarray, station: str, truth: Truth) -> None:
    """Set the gaps of one station in `rows`, shape (channel, time), to NaN."""
    rng = axis.stream("gaps", station)
    n = rng.poisson(settings.rate * axis.length / DAY)
    start = np.sort(rng.uniform(0.0, axis.length, n))
    duration = log_uniform(rng, settings.duration, n)
    for k in range(n):
        rows[:, box(axis.samples, axis.rate, start[k] + duration[k] / 2, duration[k])] = np.nan
    truth.add("gap", station, start, start + duration, amplitude=np.nan)


def round_to(values: np.ndarray, resolution: float) -> None:
    """Round in place to a step; 0 leaves the values as they are."""
    if resolution > 0:
        values /= resolution
        np.round(values, out=values)
        values *= resolution


def plain_settings(chosen: Mapping[str, parts.Settings | None]) -> dict[str, Any]:
    """Every setting in effect, as plain values."""
    return {k: None if v is None else v.model_dump() for k, v in chosen.items()}


def gap_report(values: np.ndarray, stations: pd.DataFrame) -> list[str]:
    """A sentence for each station with gaps; `values` of shape (station, time)."""
    missing = np.isnan(values).sum(axis=1)
    return [
        f"station {s}: {n} of {values.shape[1]} samples missing (simulated gaps)"
        for s, n in zip(stations.index, missing, strict=True)
        if n
    ]
