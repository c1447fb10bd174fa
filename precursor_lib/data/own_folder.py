"""What a user's folder holds: stations, the spans of its files, and how to read a part of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data import own_csv
from precursor_lib.data.geomagnetic import iaga_header, read_records, unpacked
from precursor_lib.data.series import SAME_STATION, Record, on_one_axis, wrap_longitude
from precursor_lib.errors import InputError, unknown

IAGA_SUFFIXES = {".sec", ".min", ".hor", ".iaga", ".gz", ".zip"}
STATION_COLUMNS = ["station", "latitude", "longitude"]
COMPONENT_COLUMNS = ["component", "units"]


def folder_files(folder: Path) -> list[Path]:
    """Every file in the folder that is read from it, sorted."""
    kinds = {".csv", *IAGA_SUFFIXES}
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix.lower() in kinds]


@dataclass(frozen=True)
class IagaFile:
    """An IAGA-2002 file, its station and its first and last sample (UTC)."""

    path: Path
    station: str
    first: np.datetime64
    last: np.datetime64


@dataclass(frozen=True)
class FolderRecord:
    """What a folder holds, and how to read a part of it; small, so that it pickles.

    Attributes
    ----------
    stations : pandas.DataFrame
        ``latitude``, ``longitude``, ``units`` by station.
    component : str
    files : sequence
        Checked CSV files, or observatory files with their spans.
    first, last : numpy.datetime64
        First and last sample, UTC.
    step : numpy.timedelta64
        Sampling interval.
    report : list of str
    """

    stations: pd.DataFrame
    component: str
    files: Sequence[own_csv.CsvFile | IagaFile]
    first: np.datetime64
    last: np.datetime64
    step: np.timedelta64
    report: list[str]

    def read(self, start: np.datetime64, end: np.datetime64) -> xr.Dataset:
        """Read from `start` up to `end` (left out): ``(time, station)``, gaps NaN and reported."""
        names = list(self.stations.index)
        records = {name: [self._empty(name)] for name in names}
        for file in self.files:
            if file.last < start or file.first >= end:
                continue
            if isinstance(file, own_csv.CsvFile):
                for record in self._csv(file, start, end):
                    records[record.station].append(record)
            else:
                records[file.station] += read_records([file.path], self.component, None, start, end)
        flat = [record for name in names for record in records[name]]
        data = on_one_axis(flat, start, end, names, self.step)
        data[self.component].attrs["units"] = self._units()
        return data

    def _units(self) -> str:
        return str(self.stations["units"].iloc[0])

    def _empty(self, name: str) -> Record:
        place = self.stations.loc[name]
        none = np.array([], dtype="datetime64[ns]")
        values = {self.component: np.array([])}
        units = {self.component: self._units()}
        return Record(name, place["latitude"], place["longitude"], none, values, units, name)

    def _csv(self, file: own_csv.CsvFile, start: np.datetime64, end: np.datetime64) -> list[Record]:
        frame = file.between(start, end)
        empty = [self._empty(name) for name in file.stations]
        return [
            Record(
                station=blank.station,
                latitude=blank.latitude,
                longitude=blank.longitude,
                times=frame.index.to_numpy(),
                values={self.component: frame[blank.station].to_numpy()},
                units=blank.units,
                label=file.path.name,
            )
            for blank in empty
        ]


def read_stations(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read ``stations.csv``: columns ``station,latitude,longitude`` and, if given, ``units``.

    Returns
    -------
    pandas.DataFrame, list of str
        ``latitude``, ``longitude`` (degrees), ``units`` by station; what was assumed.

    Raises
    ------
    InputError
        If a column is missing, a station stands twice or a coordinate is out of range.
    """
    if not path.is_file():
        raise InputError(f"{path}: expected this file with the columns station,latitude,longitude")
    label = path.name
    table = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False)
    table.columns = [str(name).strip().lower() for name in table.columns]
    if list(table.columns) not in (STATION_COLUMNS, [*STATION_COLUMNS, "units"]):
        raise InputError(
            f"{label}: row 1: expected station,latitude,longitude and perhaps units, got "
            f"{','.join(table.columns)}"
        )
    for at, row in enumerate(table.itertuples(index=False), start=2):
        if not row.station.strip():
            raise InputError(f"{label}: row {at}: station: expected a name")
        for name, limit in (("latitude", 90.0), ("longitude", 360.0)):
            text = getattr(row, name)
            try:
                good = abs(float(text)) <= limit
            except ValueError:
                good = False
            if not good:
                raise InputError(f"{label}: row {at}: {name}: expected degrees, got '{text}'")
    ids = table["station"].str.strip()
    if ids.duplicated().any():
        at = int(np.flatnonzero(ids.duplicated())[0])
        raise InputError(f"{label}: row {at + 2}: station {ids[at]} stands twice")
    if not len(ids):
        raise InputError(f"{label}: expected at least one station")
    notes = []
    if "units" not in table:
        table["units"] = "nT"
        notes.append(f"{label} states no units: taken as nT")
    if len(set(table["units"])) > 1:
        raise InputError(f"{label}: units: expected one unit for all stations")
    frame = pd.DataFrame(
        {
            "latitude": table["latitude"].astype(float).to_numpy(),
            "longitude": wrap_longitude(table["longitude"].astype(float).to_numpy()),
            "units": table["units"].to_numpy(),
        },
        index=pd.Index(ids.to_numpy(), name="station"),
    )
    return frame, notes


def read_components(path: Path) -> dict[str, str]:
    """Read ``components.csv``, columns ``component,units``; empty where there is none.

    Raises
    ------
    InputError
        If a column or a cell is missing or a component stands twice.
    """
    if not path.is_file():
        return {}
    label = path.name
    table = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False)
    table.columns = [str(name).strip().lower() for name in table.columns]
    if list(table.columns) != COMPONENT_COLUMNS:
        raise InputError(f"{label}: row 1: expected component,units, got {','.join(table.columns)}")
    units: dict[str, str] = {}
    for at, (name, unit) in enumerate(table.itertuples(index=False), start=2):
        name, unit = name.strip(), unit.strip()
        if not name or not unit:
            raise InputError(f"{label}: row {at}: expected a component and its units")
        if name in units:
            raise InputError(f"{label}: row {at}: component {name} stands twice")
        units[name] = unit
    return units


def folder_record(folder: Path, component: str, alone: bool = True) -> FolderRecord:
    """Find and check what a folder holds of one component.

    Parameters
    ----------
    folder : pathlib.Path
    component : str
    alone : bool
        False where it is one of several, whose units are then not assumed.

    Raises
    ------
    InputError
        If the folder is not laid out as it has to be or a file is not in form.
    """
    stations, report = read_stations(folder / "stations.csv")
    units = read_components(folder / "components.csv")
    if units:
        if not report:
            raise InputError("units: expected in components.csv or in stations.csv, got both")
        if component not in units:
            raise InputError(f"components.csv: {unknown('component', component, units)}")
        stations["units"] = units[component]
        report = []
    elif report and not alone:
        raise InputError(
            f"{report[0].split(':')[0]}; for several components expected components.csv with the "
            "columns component,units"
        )
    form = re.compile(rf"{re.escape(component)}(_.*)?\.csv")
    tables = [path for path in sorted(folder.glob("*.csv")) if form.fullmatch(path.name)]
    packed = [p for p in folder_files(folder) if p.suffix.lower() in IAGA_SUFFIXES]
    if bool(tables) == bool(packed):
        raise InputError(
            f"{folder.name}: expected either IAGA-2002 files or {component}.csv (or "
            f"{component}_*.csv), got {'both' if tables else 'neither'}"
        )
    files: list[own_csv.CsvFile | IagaFile] = []
    steps: dict[str, np.timedelta64] = {}
    for path in tables:
        checked = own_csv.scan(path, list(stations.index), str(stations["units"].iloc[0]))
        files.append(checked)
        steps[path.name] = checked.step
        span = int((checked.last - checked.first) // checked.step) + 1
        if span > checked.rows:
            report.append(f"{path.name}: {span - checked.rows} of {span} rows missing")
    for path in packed:
        file, step = _span(path, stations)
        if file is None:
            report.append(f"{path.name}: passed over, for its station is not in stations.csv")
            continue
        files.append(file)
        steps[path.name] = step
    if not files:
        raise InputError(f"{folder.name}: no file holds a station of stations.csv")
    if len(set(steps.values())) > 1:
        listed = ", ".join(f"{k}: {v / np.timedelta64(1, 's'):g} s" for k, v in steps.items())
        raise InputError(f"{folder.name}: files differ in their sampling interval ({listed})")
    return FolderRecord(
        stations=stations,
        component=component,
        files=files,
        first=min(file.first for file in files),
        last=max(file.last for file in files),
        step=next(iter(steps.values())),
        report=report,
    )


def _span(path: Path, stations: pd.DataFrame) -> tuple[IagaFile | None, np.timedelta64]:
    """Station, span and sampling interval of an IAGA-2002 file, without parsing its samples."""
    with unpacked(path) as plain:
        header = iaga_header(plain, path.name)
        code = header.get("IAGA CODE", "").upper()
        with plain.open("rb") as stream:
            for _ in range(int(header["ROWS BEFORE"])):
                stream.readline()
            head = [stream.readline() for _ in range(2)]
            stream.seek(max(stream.tell(), plain.stat().st_size - 512))
            tail = stream.read().split(b"\n")
    if code not in stations.index:
        return None, np.timedelta64(0, "ns")
    place = stations.loc[code]
    try:
        there = (float(header["GEODETIC LATITUDE"]), float(header["GEODETIC LONGITUDE"]))
        ends = [line for line in tail if line.strip()]
        moments = [
            np.datetime64(pd.Timestamp(" ".join(line.decode("ascii").split()[:2])), "ns")
            for line in (*head, ends[-1] if ends else head[-1])
        ]
    except (KeyError, ValueError) as error:
        raise InputError(f"{path.name}: is not in the form of IAGA-2002: {error}") from error
    apart = abs(there[0] - place["latitude"]), abs(wrap_longitude(there[1]) - place["longitude"])
    if max(apart) > SAME_STATION:
        raise InputError(
            f"{path.name}: {code} stands at {there} there, at "
            f"({place['latitude']}, {place['longitude']}) in stations.csv"
        )
    return IagaFile(path, code, moments[0], moments[2]), np.timedelta64(moments[1] - moments[0])
