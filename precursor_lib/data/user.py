"""A user's own folder: stations.csv beside observatory files or CSV, or catalogue.csv.

The layout is documented in the book, page "Your own data".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.catalogue import read_own
from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.data.nights import Window, distances
from precursor_lib.data.own_csv import CsvFile
from precursor_lib.data.own_folder import FolderRecord, folder_record
from precursor_lib.errors import InputError
from precursor_lib.times import utc_moment


def open_folder(
    folder: Path | str,
    *,
    component: str | None = None,
    components: Sequence[str] | None = None,
    start_hour: float | None = None,
    duration: float | None = None,
    epicentre: Mapping[str, float] | None = None,
    start: str | None = None,
    end: str | None = None,
) -> xr.Dataset | NightlyNetwork | pd.DataFrame:
    """Open a user's own folder.

    Parameters
    ----------
    folder : path
        A folder with ``catalogue.csv``, or with ``stations.csv`` and either IAGA-2002 files (plain,
        gz or zip, in any sub-folders) or CSV files ``<component>.csv``, ``<component>_*.csv``.
    component : str, optional
        What to read; by default ``"Z"``.
    components : sequence of str, optional
        Several components in place of one, such as ``["S1", "S2", "S3", "S4", "pressure"]``, each
        in files of its own, on one time axis. ``components.csv`` tells their units.
    start_hour, duration : float, optional
        Start (hours after 0:00 UTC) and length (s) of a night. With both, the record is not held
        but cut into nights that are read one at a time.
    epicentre : mapping, optional
        ``latitude`` and ``longitude`` in degrees, for the stations' distances.
    start, end : str, optional
        Part of the record to take, UTC, the end left out.

    Returns
    -------
    xarray.Dataset, NightlyNetwork or pandas.DataFrame
        A record; the nights, with `start_hour` and `duration`; a catalogue, from ``catalogue.csv``.

    Raises
    ------
    InputError
        If the folder is not laid out so or a file is not in form; the message names file and row.
    """
    place = Path(folder).expanduser()
    if not place.is_dir():
        raise InputError(f"{place}: there is no such folder")
    if (place / "catalogue.csv").is_file():
        return read_own([place / "catalogue.csv"])
    if (start_hour is None) != (duration is None):
        raise InputError("start_hour and duration: expected both or neither")
    records = _records(place, component, components)
    step, anchor = records[0].step, records[0].first
    earliest = min(record.first for record in records)
    latest = max(record.last for record in records) + step
    first = max(earliest, utc_moment(start) or earliest)
    last = min(latest, utc_moment(end) or latest)
    if first >= last:
        raise InputError(f"{place.name}: no samples between {start} and {end}")
    if start_hour is not None and duration is not None:
        if len(records) > 1:
            raise InputError("components: nights hold one; name it as 'component'")
        return _nights(records[0], Window(start_hour, duration), first, last, epicentre)
    first = anchor + -((anchor - first) // step) * step
    parts = [record.read(first, last) for record in records]
    data = xr.merge(parts, join="exact", compat="equals", combine_attrs="override")
    if epicentre is not None:
        places = distances(records[0].stations, epicentre)
        data = data.assign_coords(distance=("station", places))
    sentences = [line for record in records for line in record.report]
    sentences += [line for part in parts for line in part.attrs["report"]]
    data.attrs["report"] = list(dict.fromkeys(sentences))
    return data


def _records(
    place: Path, component: str | None, components: Sequence[str] | None
) -> list[FolderRecord]:
    """What the folder holds of each component, on one time axis."""
    if components is None:
        return [folder_record(place, component or "Z")]
    if component is not None:
        raise InputError("component and components: expected one of them")
    names = list(components)
    if isinstance(components, str) or not names or len(set(names)) < len(names):
        raise InputError(f"components {components!r}: expected a list of names, each once")
    records = [folder_record(place, name, alone=len(names) == 1) for name in names]
    for record in records[1:]:
        if record.step != records[0].step:
            seconds = [float(r.step / np.timedelta64(1, "s")) for r in (records[0], record)]
            raise InputError(
                f"{place.name}: {names[0]} and {record.component} differ in their sampling "
                f"interval ({seconds[0]:g} s, {seconds[1]:g} s)"
            )
        if (record.first - records[0].first) % record.step:
            raise InputError(
                f"{place.name}: the samples of {record.component} lie between those of {names[0]}"
            )
    return records


@dataclass(frozen=True)
class _Load:
    record: FolderRecord
    nights: pd.DatetimeIndex
    length: np.timedelta64
    distance: np.ndarray

    def __call__(self, index: int) -> xr.Dataset:
        start = self.nights[index].to_numpy()
        night = self.record.read(start, start + self.length)
        return night.assign_coords(distance=("station", self.distance))


def _nights(
    record: FolderRecord,
    window: Window,
    first: np.datetime64,
    last: np.datetime64,
    epicentre: Mapping[str, float] | None,
) -> NightlyNetwork:
    starts = window.starts(pd.Timestamp(first), pd.Timestamp(last))
    if not len(starts):
        raise InputError(
            f"no night of {window.duration:g} s from {window.start_hour:g} h UTC lies between "
            f"{pd.Timestamp(first)} and {pd.Timestamp(last)}"
        )
    length = np.timedelta64(round(window.duration * 1e9), "ns")
    if (starts[0].to_numpy() - record.first) % record.step or length % record.step:
        raise InputError("start_hour and duration: expected whole samples")
    stations = record.stations[["latitude", "longitude"]].copy()
    stations["distance"] = np.nan if epicentre is None else distances(stations, epicentre)
    return NightlyNetwork(
        stations=stations,
        nights=starts,
        duration=window.duration,
        rate=float(np.timedelta64(1, "s") / record.step),
        component=record.component,
        load=_Load(record, starts, length, stations["distance"].to_numpy()),
        attrs={"origin": "observed", "report": [*record.report, *_bare(record, starts, length)]},
    )


def _bare(record: FolderRecord, starts: pd.DatetimeIndex, length: np.timedelta64) -> list[str]:
    """How many nights each station has no file for; gaps within files show when a night is read."""
    sentences = []
    for name in record.stations.index:
        spans = [
            (f.first, f.last)
            for f in record.files
            if (name in f.stations if isinstance(f, CsvFile) else name == f.station)
        ]
        begin = starts.to_numpy()
        covered = np.zeros(begin.size, dtype=bool)
        for low, high in spans:
            covered |= (begin <= high) & (begin + length > low)
        if not covered.all():
            sentences.append(f"{name}: no file for {int((~covered).sum())} of {begin.size} nights")
    return sentences
