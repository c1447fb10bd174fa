"""Magnetic observatory files: IAGA-2002 and ImagCDF, read by geomagpy."""

from __future__ import annotations

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.geomagpy import geomagpy
from precursor_lib.data.series import Record, on_one_axis, without_duplicates, wrap_longitude
from precursor_lib.errors import InputError, unknown
from precursor_lib.times import utc_moment

ANGLES = frozenset("DI")
HEADER_LINES = 200


def read_geomagnetic(
    paths: Sequence[Path | str],
    component: str | Sequence[str] = "Z",
    stations: Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
) -> xr.Dataset:
    """Read observatory files into one dataset on a regular time axis.

    IAGA-2002 (plain, gz or zip) and ImagCDF are told apart by content. The values 99999 and 88888
    of IAGA-2002 and the fill value of ImagCDF become NaN.

    Parameters
    ----------
    paths : sequence of path
        Files of any number of stations and days, with one sampling interval.
    component : str or sequence of str
        What to read, as the files report it: ``X Y Z H D E F I``.
    stations : sequence of str, optional
        IAGA codes to read, in this order; by default all.
    start, end : str, optional
        First sample and end (left out) of the axis, UTC; by default what the files cover.

    Returns
    -------
    xarray.Dataset
        One variable ``(time, station)`` a component, in nT (degrees for D and I), with station
        coordinates; ``attrs["report"]`` tells gaps and doubled samples.

    Raises
    ------
    InputError
        If a file is of another format, damaged or without the component; if times run backwards
        or files do not fit together.
    """
    records = read_records(paths, component, stations, start, end)
    return on_one_axis(records, utc_moment(start), utc_moment(end), stations)


def read_records(
    paths: Sequence[Path | str],
    component: str | Sequence[str],
    stations: Sequence[str] | None = None,
    start: str | np.datetime64 | None = None,
    end: str | np.datetime64 | None = None,
) -> list[Record]:
    """Read observatory files as `read_geomagnetic` does, one record a file.

    Of ImagCDF files, `start` and `end` leave the record whole.
    """
    wanted = [component] if isinstance(component, str) else list(component)
    first, last = utc_moment(start), utc_moment(end)
    records = []
    seen = []
    for path in map(Path, paths):
        with unpacked(path) as plain, TemporaryDirectory() as folder:
            row = 1
            header = iaga_header(plain, path.name) if geomagpy().is_iaga(str(plain)) else None
            if header is not None:
                seen.append(header.get("IAGA CODE", "").upper())
                if stations is not None and seen[-1] not in stations:
                    continue
                plain, row = _between(plain, Path(folder), header, first, last)
            record = _read(plain, path.name, wanted, row)
        seen.append(record.station)
        if stations is None or record.station in stations:
            records.append(without_duplicates(record, row))
    for name in stations or ():
        if name not in seen:
            raise InputError(unknown("station", name, seen))
    return records


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give a plain copy of a gz or zip file for a while, or the file itself if it is plain.

    Raises
    ------
    InputError
        If there is no such file, it is damaged, or a zip holds other than one file.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    suffix = path.suffix.lower()
    if suffix not in {".gz", ".zip"}:
        yield path
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "plain"
        try:
            if suffix == ".gz":
                with gzip.open(path) as packed, copy.open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
            else:
                with zipfile.ZipFile(path) as archive:
                    names = archive.namelist()
                    if len(names) != 1:
                        raise InputError(f"{path.name}: expected one file in it, got {len(names)}")
                    with archive.open(names[0]) as packed, copy.open("wb") as plain:
                        shutil.copyfileobj(packed, plain)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise InputError(f"{path.name}: cannot be unpacked: {error}") from error
        yield copy


def iaga_header(path: Path, label: str) -> dict[str, str]:
    """Header fields of a plain IAGA-2002 file by name in capitals, and its ``COLUMNS``.

    Raises
    ------
    InputError
        If the line that names the columns is missing.
    """
    fields: dict[str, str] = {}
    with path.open(encoding="ascii", errors="replace") as stream:
        for number, line in enumerate(stream):
            if line.startswith("DATE"):
                fields["COLUMNS"] = line
                fields["ROWS BEFORE"] = str(number + 1)
                return fields
            if number > HEADER_LINES:
                break
            if not line.startswith(" #"):
                fields[line[:24].strip().upper()] = line[24:69].strip()
    raise InputError(f"{label}: expected a line that starts with DATE before the samples")


def _read(path: Path, label: str, wanted: Sequence[str], first_row: int) -> Record:
    """Read one plain file through geomagpy's readers of single formats.

    Its general `read` is not used: it drops repeated times and skips unreadable files in silence.
    """
    tools = geomagpy()
    iaga = geomagpy().is_iaga(str(path))
    if not iaga and not tools.is_imagcdf(str(path)):
        raise InputError(f"{label}: is neither IAGA-2002 nor ImagCDF")
    try:
        stream = (tools.read_iaga if iaga else tools.read_imagcdf)(str(path))
    except Exception as error:
        # geomagpy raises whatever its parsing runs into; say which file and row it was.
        reason = _bad_row(path, first_row) if iaga else f"is damaged: {error}"
        raise InputError(f"{label}: {reason}") from error
    header = stream.header
    columns = {str(header.get(f"col-{key}", "")).upper(): key for key in "xyzf"}
    values, units = {}, {}
    for name in wanted:
        if name not in columns:
            known = sorted(filter(None, columns))
            raise InputError(f"{label}: {unknown('component', name, known)}")
        unit = str(header.get(f"unit-col-{columns[name]}"))
        if unit != ("deg" if name in ANGLES else "nT"):
            raise InputError(f"{label}: component {name} has the unit '{unit}'")
        units[name] = "degrees" if name in ANGLES else "nT"
        values[name] = np.asarray(stream.ndarray[tools.keys.index(columns[name])], dtype=float)
    times = np.asarray(stream.ndarray[0]).astype("datetime64[us]")
    # ImagCDF times pass through floating-point seconds in geomagpy.
    milliseconds = np.round(times.astype(np.int64) / 1000).astype(np.int64)
    return Record(
        station=str(header.get("StationIAGAcode") or header.get("StationID") or "").upper(),
        latitude=_number(header, "DataAcquisitionLatitude", label),
        longitude=wrap_longitude(_number(header, "DataAcquisitionLongitude", label)),
        times=milliseconds.astype("datetime64[ms]").astype("datetime64[ns]"),
        values=values,
        units=units,
        label=label,
    )


def _bad_row(path: Path, first_row: int) -> str:
    """Say which row of an IAGA-2002 file is the first that is not in form."""
    with path.open(encoding="ascii", errors="replace") as stream:
        samples = (line for line in stream if not line.startswith((" ", "DATE", "%")))
        for number, line in enumerate(samples, start=first_row):
            if line.isspace():
                continue
            parts = line.split()
            try:
                pd.Timestamp(f"{parts[0]}T{parts[1]}")
                good = len(parts) >= 7 and all(np.isfinite(float(p)) for p in parts[3:7])
            except (ValueError, IndexError):
                good = False
            if not good:
                return (
                    f"row {number}: expected date, time, day of year and four values, got "
                    f"'{line.strip()}'"
                )
    return "is not in the form of IAGA-2002"


def _between(
    path: Path,
    folder: Path,
    header: dict[str, str],
    start: np.datetime64 | None,
    end: np.datetime64 | None,
) -> tuple[Path, int]:
    """Copy an IAGA-2002 file with the samples of a window alone, for geomagpy parses slowly.

    Gives the copy and the line of the original that holds its first sample.
    """
    row = int(header["ROWS BEFORE"]) + 1
    # Date and time stand first and in ISO order, so that text compares as time does.
    low = "" if start is None else _clock(start)
    high = "~" if end is None else _clock(end)
    # geomagpy warns on the root logger of a name without a date; it makes no use of the date.
    copy = folder / "window20000101.sec"
    first = 0
    with path.open(encoding="ascii", errors="replace") as whole, copy.open("w") as part:
        for number, line in enumerate(whole, start=1):
            if number >= row:
                if not low <= line[:23] < high:
                    continue
                first = first or number
            part.write(line)
    return copy, first or row


def _clock(moment: np.datetime64) -> str:
    return str(pd.Timestamp(moment).isoformat(sep=" ", timespec="milliseconds"))


def _number(header: dict[str, Any], field: str, label: str) -> float:
    try:
        return float(header[field])
    except (KeyError, TypeError, ValueError):
        name = field.removeprefix("DataAcquisition").lower()
        raise InputError(f"{label}: {name}: expected degrees, got {header.get(field)!r}") from None
