"""What evenly sampled records share: cuts in time, means over longer steps, packets put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from precursor_lib.context.space_weather import index_at
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.kinds import ROLES, Kind, Role
from precursor_lib.evaluate.trials.records.parts import Made
from precursor_lib.simulate.events import log_uniform
from precursor_lib.simulate.settings import whole_seed
from precursor_lib.simulate.signals import PACKET_EXTENT, packet
from precursor_lib.times import utc


@dataclass(frozen=True)
class HeldRecords:
    """Records kept in memory, given out as copies, so that no method changes another's.

    Attributes
    ----------
    records : mapping of role to sequence of xarray.Dataset
    """

    records: Mapping[Role, Sequence[xr.Dataset]]

    def __call__(self, role: Role, number: int) -> xr.Dataset:
        """A copy of the record of a role and number."""
        return self.records[role][number].copy(deep=True)


@dataclass(frozen=True)
class Packets:
    """Sources put into a record: one packet an event, the same at every station.

    The waveform is `precursor_lib.simulate.signals.packet`, with the event's amplitude as the peak
    of its envelope. What is drawn comes from the event's own seed.

    Attributes
    ----------
    duration : tuple of float
        Range in s of the width in which the envelope is above 10 % of its peak.
    frequency : tuple of float or None
        Range of the carrier in Hz, drawn log-uniformly, with a phase of its own; durations are then
        drawn uniformly. None: no carrier, a bump of either sign, with log-uniform durations.
    cycles : float
        Fewest periods in a duration, where there is a carrier.
    within : int
        Samples of a finer record of which each value is the mean.
    """

    duration: tuple[float, float]
    frequency: tuple[float, float] | None = None
    cycles: float = 2.0
    within: int = 1

    @property
    def extent(self) -> pd.Timedelta:
        """What the longest packet spans from zero to zero, in whole seconds."""
        return pd.Timedelta(seconds=int(np.ceil(self.duration[1] * PACKET_EXTENT)))

    def __call__(self, record: xr.Dataset, events: pd.DataFrame) -> xr.Dataset:
        """Give the record with packets centred at the events' times; gaps stay gaps.

        Raises
        ------
        InputError
            If the record's step is not even, or an event does not lie within it.
        """
        times = record["time"].to_numpy()
        fine = pd.Timedelta(even_step(times)) / self.within
        outside = (events["start"] < times[0]) | (events["end"] > times[-1])
        if outside.any():
            first = events.loc[outside, "start"].iloc[0]
            raise InputError(f"events: the one at {first} does not lie within the record")
        # The first of the finer samples, of which the first value is the mean.
        begin = pd.Timestamp(times[0]) - (self.within - 1) / 2 * fine
        added = np.zeros(times.size * self.within)
        for event in events.itertuples():
            centre = (event.time - begin).total_seconds()
            shape = self._shape(int(event.seed))
            where, wave = packet(added.size, 1.0 / fine.total_seconds(), centre, *shape)
            added[where] += event.amplitude * wave
        means = added.reshape(times.size, self.within).mean(axis=1)
        value = record["value"]
        both = (value + xr.DataArray(means, dims="time")).transpose(*value.dims)
        return record.assign(value=both.assign_attrs(value.attrs))

    def _shape(self, seed: int) -> tuple[float, float, float]:
        """Duration (s), frequency (Hz) and phase (rad); without a carrier the phase is the sign."""
        rng = np.random.default_rng(seed)
        if self.frequency is None:
            duration = float(log_uniform(rng, self.duration, 1)[0])
            return duration, 0.0, float(rng.choice((0.0, np.pi)))
        frequency = float(log_uniform(rng, self.frequency, 1)[0])
        longest = self.duration[1]
        shortest = min(max(self.duration[0], self.cycles / frequency), longest)
        return float(rng.uniform(shortest, longest)), frequency, float(rng.uniform(0.0, 2 * np.pi))


def even_step(times: ArrayLike) -> np.timedelta64:
    """The step of a time axis, in ns.

    Raises
    ------
    InputError
        If there are fewer than two times, or they do not ascend by one step.
    """
    steps = np.diff(np.asarray(times).astype("datetime64[ns]"))
    if not steps.size or steps[0] <= np.timedelta64(0) or (steps != steps[0]).any():
        raise InputError("time: expected two or more times at an even step; fill gaps with NaN")
    return np.timedelta64(steps[0])


def samples_in(step: str, own: str | np.timedelta64) -> int:
    """Samples of a record's own step in a longer one.

    Raises
    ------
    InputError
        If `step` is no multiple of `own`, or no part of a day.
    """
    unit = pd.Timedelta(own)
    try:
        asked = pd.Timedelta(step)
        fits = asked >= unit and not asked % unit and not pd.Timedelta("1D") % asked
    except ValueError:
        fits = False
    if not fits:
        raise InputError(f"step {step!r}: expected a multiple of {unit} and a part of a day")
    return int(asked / unit)


def step_means(series: xr.DataArray, step: str) -> tuple[xr.DataArray, int]:
    """Means over longer steps, counted from midnight, at the middle of their samples.

    Parameters
    ----------
    series : xarray.DataArray
        Dimension ``time`` at an even step.
    step : str
        A multiple of the series' own step and a part of a day.

    Returns
    -------
    xarray.DataArray
        NaN where fewer than half of the samples are present; steps that the record holds in part
        are left out.
    int
        Samples of a mean.

    Raises
    ------
    InputError
        If the steps do not fit.
    """
    times = series["time"].to_numpy()
    number = samples_in(step, even_step(times))
    if number == 1:
        return series, 1
    whole = series.sel(time=slice(pd.Timestamp(times[0]).ceil(step), None))
    groups = whole.coarsen(time=number, boundary="trim")
    return groups.mean().where(groups.count() >= number / 2), number


def described(series: xr.DataArray, source: xr.Dataset, unit: str, note: str) -> xr.Dataset:
    """A record of one variable, ``value`` (time, station), that says where it comes from.

    Raises
    ------
    InputError
        If the source does not say whether it is observed or simulated.
    """
    if source.attrs.get("origin") not in ("observed", "simulated"):
        raise InputError("record: expected attrs['origin'] to be 'observed' or 'simulated'")
    record = series.transpose("time", "station").rename("value").to_dataset()
    record["value"].attrs = {"units": unit}
    kept = {k: source.attrs[k] for k in ("origin", "dataset", "seed") if k in source.attrs}
    record.attrs = kept | {"report": [*source.attrs.get("report", []), note]}
    return record


def with_index(record: xr.Dataset, name: str, index: pd.Series, interval: str) -> xr.Dataset:
    """Add an index as a variable on time: the value of the interval that each time lies in."""
    return record.assign({name: ("time", index_at(record["time"].to_numpy(), index, interval))})


def parts_in_time(
    record: xr.Dataset, start: str | None, until: tuple[str, str, str | None]
) -> dict[Role, list[xr.Dataset]]:
    """One record a role, from a record cut at moments: training, then calibration, then test.

    Parameters
    ----------
    record : xarray.Dataset
    start : str or None
        UTC; None for the record's.
    until : tuple of str
        End of each part (left out), UTC; None for the record's own.

    Raises
    ------
    InputError
        If a part has fewer than two samples, or no value.
    """
    times = record["time"].to_numpy()
    begin = times[0] if start is None else utc(start, "start").to_datetime64()
    parts: dict[Role, list[xr.Dataset]] = {}
    for role, end in zip(ROLES, until, strict=True):
        after = times[-1] + np.timedelta64(1, "ns")
        stop = after if end is None else utc(end, f"end of {role}").to_datetime64()
        part = record.sel(time=(times >= begin) & (times < stop))
        if part.sizes["time"] < 2 or not np.isfinite(part["value"].to_numpy()).any():
            raise InputError(f"record: expected values for {role} from {begin} to {stop}")
        parts[role], begin = [part], stop
    return parts


def seed_of(seed: int, number: int) -> int:
    """Seed of a record: another for each number."""
    return int(np.random.SeedSequence([whole_seed(seed), number]).generate_state(1)[0])


def name_of(words: str, record: xr.Dataset) -> str:
    """Name of a kind of one record by its stations, which says whether they are simulated."""
    names = words + ", ".join(str(s) for s in record["station"].to_numpy())
    if record.attrs.get("origin") == "simulated":
        return f"{names} (simulated)"
    return names


def daily_kind(
    name: str,
    record: Made | HeldRecords,
    amplitudes: Sequence[float],
    add: Callable[[xr.Dataset, pd.DataFrame], xr.Dataset],
    duration: pd.Timedelta,
    *,
    together: bool = False,
) -> Kind:
    """A kind with one record a role, whose blocks are days (UTC)."""
    # Made here: what is wrong is said at once, and processes get the records with the kind.
    first = [record(role, 0) for role in ROLES]
    return Kind(
        name=name,
        origin=first[0].attrs["origin"],
        unit=first[0]["value"].attrs["units"],
        block="1D",
        blocks_a_year=365.25,
        amplitudes=tuple(float(a) for a in amplitudes),
        record=record,
        records=dict.fromkeys(ROLES, 1),
        add=add,
        duration=duration,
        together=together,
    )
