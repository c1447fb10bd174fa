"""Putting records of single stations on one regular time axis, with a report of what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError

# A record that fills less of the common axis than this is not one record.
EMPTIEST = 0.1
SAME_PLACE = 1e-3
SAME_STATION = 0.05


@dataclass(frozen=True)
class Record:
    """Samples of one station from one file.

    Attributes
    ----------
    station : str
        Station id.
    latitude, longitude : float
        Degrees, longitude -180 to 180.
    times : numpy.ndarray
        UTC, ``datetime64[ns]``, shape ``(n,)``.
    values : dict of str to numpy.ndarray
        By component, shape ``(n,)``, NaN where missing.
    units : dict of str to str
        By component.
    label : str
        The file, for messages.
    report : list of str
        What was noticed on reading.
    """

    station: str
    latitude: float
    longitude: float
    times: np.ndarray
    values: dict[str, np.ndarray]
    units: dict[str, str]
    label: str
    report: list[str] = field(default_factory=list)


def wrap_longitude(longitude: float) -> float:
    """Longitude in degrees from -180 up to 180."""
    return (longitude + 180.0) % 360.0 - 180.0


def without_duplicates(record: Record, first_row: int) -> Record:
    """Drop samples that repeat the time before them, and refuse times that run backwards.

    Parameters
    ----------
    record : Record
        Samples in the order of the file.
    first_row : int
        Number of the file's line that holds the first sample, for messages.

    Raises
    ------
    InputError
        If a time is earlier than the one before it, or a repeated time has other values.
    """
    step = np.diff(record.times)
    back = np.flatnonzero(step < np.timedelta64(0, "ns"))
    if back.size:
        row = int(back[0]) + 1
        raise InputError(
            f"{record.label}: row {first_row + row}: time {_text(record.times[row])} is earlier "
            f"than the one before it, {_text(record.times[row - 1])}; expected ascending times"
        )
    again = np.flatnonzero(step == np.timedelta64(0, "ns")) + 1
    if not again.size:
        return record
    for name, values in record.values.items():
        other = ~_equal(values[again], values[again - 1])
        if other.any():
            row = int(again[other][0])
            raise InputError(
                f"{record.label}: row {first_row + row}: time {_text(record.times[row])} stands "
                f"twice with different values of {name} at {record.station}"
            )
    keep = np.ones(record.times.size, dtype=bool)
    keep[again] = False
    text = (
        f"{record.station}: {again.size} repeated samples dropped in {record.label}, "
        f"the first in row {first_row + int(again[0])}"
    )
    return Record(
        record.station,
        record.latitude,
        record.longitude,
        record.times[keep],
        {name: values[keep] for name, values in record.values.items()},
        record.units,
        record.label,
        [*record.report, text],
    )


def sampling_interval(records: Iterable[Record]) -> np.timedelta64:
    """Sampling interval that all records share: the commonest step between samples.

    Raises
    ------
    InputError
        If no record has two samples, the records differ in it, or samples lie between the ticks of
        the axis.
    """
    found: dict[str, np.timedelta64] = {}
    for record in records:
        if record.times.size < 2:
            continue
        steps, counts = np.unique(np.diff(record.times), return_counts=True)
        step = steps[counts.argmax()]
        off = np.flatnonzero((record.times - record.times[0]) % step)
        if off.size:
            raise InputError(
                f"{record.label}: the sample at {_text(record.times[off[0]])} does not lie on the "
                f"axis of {_seconds(step):g} s that starts at {_text(record.times[0])}"
            )
        found[record.label] = step
    if not found:
        raise InputError("no file has two samples or more: the sampling interval is not known")
    if len(set(found.values())) > 1:
        listed = ", ".join(f"{label}: {_seconds(step):g} s" for label, step in found.items())
        raise InputError(f"files differ in their sampling interval ({listed})")
    return next(iter(found.values()))


def on_one_axis(
    records: Sequence[Record],
    start: np.datetime64 | None = None,
    end: np.datetime64 | None = None,
    stations: Sequence[str] | None = None,
    step: np.timedelta64 | None = None,
) -> xr.Dataset:
    """Put records on one regular time axis, NaN where there is no sample.

    Parameters
    ----------
    records : sequence of Record
        All with the same components and sampling interval.
    start, end : numpy.datetime64, optional
        First sample and end (left out) of the axis; by default what the records cover.
    stations : sequence of str, optional
        Order of the stations; by default that of the records.
    step : numpy.timedelta64, optional
        Sampling interval; by default the one that the records share. With `start` and `end` it lets
        records without a single sample become a dataset of NaN.

    Returns
    -------
    xarray.Dataset
        One variable ``(time, station)`` a component, and a ``report`` in its attributes.

    Raises
    ------
    InputError
        If the records do not fit together.
    """
    if not records:
        raise InputError("no records: expected at least one file with samples")
    step = sampling_interval(records) if step is None else step
    full = [record for record in records if record.times.size]
    first = start if start is not None else min(record.times[0] for record in full)
    last = end if end is not None else max(record.times[-1] for record in full) + step
    anchor = full[0].times[0] if full else first
    first = anchor + -((anchor - first) // step) * step
    times = np.arange(first, last, step, dtype="datetime64[ns]")
    if start is None and sum(r.times.size for r in records) < EMPTIEST * times.size:
        raise InputError(
            f"the files cover {_text(first)} to {_text(last)} but fill less than a tenth of it; "
            "open them apart"
        )
    names = list(stations) if stations else list(dict.fromkeys(r.station for r in records))
    components = list(records[0].values)
    table = {name: np.full((times.size, len(names)), np.nan) for name in components}
    filled = np.zeros((times.size, len(names)), dtype=bool)
    report: list[str] = []
    for record in records:
        report.extend(record.report)
        column = names.index(record.station)
        if record.times.size and (record.times[0] - anchor) % step:
            raise InputError(f"{record.label}: its samples lie between those of {full[0].label}")
        inside = (record.times >= first) & (record.times < last)
        rows = ((record.times[inside] - first) // step).astype(np.intp)
        twice = filled[rows, column]
        for name in components:
            new, old = record.values[name][inside], table[name][rows, column]
            clash = twice & ~_equal(new, old) & np.isfinite(new) & np.isfinite(old)
            if clash.any():
                raise InputError(
                    f"{record.label}: {record.station} at {_text(times[rows[clash][0]])} has "
                    f"another value of {name} than in an earlier file"
                )
            table[name][rows, column] = np.where(np.isfinite(new), new, old)
        if twice.any():
            report.append(f"{record.station}: {int(twice.sum())} samples stand in two files")
        filled[rows, column] = True
    places, notes = _places(records, names)
    report.extend(notes)
    report.extend(gap_report(table, names, times))
    data = xr.Dataset(
        {
            name: (("time", "station"), values, {"units": records[0].units[name]})
            for name, values in table.items()
        },
        coords={
            "time": times,
            "station": np.array(names),
            "latitude": ("station", [places[n][0] for n in names], {"units": "degrees_north"}),
            "longitude": ("station", [places[n][1] for n in names], {"units": "degrees_east"}),
        },
    )
    data.attrs["report"] = report
    return data


def gap_report(
    table: dict[str, np.ndarray], stations: Sequence[str], times: np.ndarray
) -> list[str]:
    """One sentence for each component and station with missing samples.

    Parameters
    ----------
    table : dict of str to numpy.ndarray
        ``(time, station)`` by component.
    stations : sequence of str
        Names of the columns.
    times : numpy.ndarray
        ``datetime64[ns]``.
    """
    sentences = []
    for name, values in table.items():
        for column, station in enumerate(stations):
            missing = np.isnan(values[:, column])
            if not missing.any():
                continue
            edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False]))))
            starts, ends = edges[::2], edges[1::2]
            longest = int((ends - starts).argmax())
            begin = _text(times[starts[longest]])
            sentences.append(
                f"{station}: {int(missing.sum())} of {times.size} samples of {name} missing in "
                f"{starts.size} gap{'s' if starts.size > 1 else ''}, the longest "
                f"{int(ends[longest] - starts[longest])} samples from {begin}"
            )
    return sentences


def _places(
    records: Sequence[Record], names: Sequence[str]
) -> tuple[dict[str, tuple[float, float]], list[str]]:
    given: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for record in records:
        given[record.station].append((record.latitude, record.longitude))
    notes = []
    for name in names:
        spread = np.ptp(np.array(given[name]), axis=0).max()
        if spread > SAME_STATION:
            raise InputError(f"station {name}: the files differ in its coordinates: {given[name]}")
    places = {name: given[name][0] for name in names}
    for a, b in combinations(names, 2):
        if np.abs(np.subtract(places[a], places[b])).max() < SAME_PLACE:
            notes.append(f"{a} and {b} stand at the same place: they are not independent")
    return places, notes


def _equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a == b) | (np.isnan(a) & np.isnan(b))


def _text(moment: np.datetime64) -> str:
    return str(pd.Timestamp(moment).isoformat(sep=" "))


def _seconds(step: np.timedelta64) -> float:
    return float(step / np.timedelta64(1, "s"))
