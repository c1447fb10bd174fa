"""The form IONEX 1 of ionosphere maps: a header, then maps of whole numbers on a grid.

After S. Schaer, W. Gurtner and J. Feltens, IONEX: The IONosphere Map EXchange format version 1
(1998). Each line's columns 61 to 80 say what its first 60 hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError

MISSING = 9999
PER_LINE = 16
#: Maps that are passed over: their first line and their last.
PASSED = {f"START OF {kind} MAP": f"END OF {kind} MAP" for kind in ("RMS", "HEIGHT")}


@dataclass(frozen=True)
class Maps:
    """The TEC maps of one file.

    Attributes
    ----------
    label : str
        The file, for messages.
    times : list of numpy.datetime64
        UTC, ``datetime64[ns]``, as they stand in the file.
    values : numpy.ndarray
        TECU, shape ``(map, latitude, longitude)``, NaN where missing.
    latitude, longitude : numpy.ndarray
        Degrees, ascending.
    height : float
        Height of the layer, km.
    interval : int
        Seconds between maps, as the header states; 0 where they vary.
    passed : int
        Maps of errors and of heights that were passed over.
    """

    label: str
    times: list[np.datetime64]
    values: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    height: float
    interval: int
    passed: int


class _Lines:
    """Lines of a file with their numbers; each is given with its label."""

    def __init__(self, text: str, name: str) -> None:
        self.lines = text.splitlines()
        self.name = name
        self.row = 0

    def next(self) -> tuple[str, str]:
        if self.row == len(self.lines):
            raise InputError(f"{self.name}: ends before END OF FILE; it is cut short")
        line = self.lines[self.row]
        self.row += 1
        return line[:60], line[60:80].strip()

    def numbers(self, start: int, width: int, count: int, what: str) -> np.ndarray:
        """`count` numbers of `width` columns of the line last given, from column `start` on."""
        line = self.lines[self.row - 1]
        try:
            cells = [line[start + i * width : start + (i + 1) * width] for i in range(count)]
            return np.array([float(cell) for cell in cells])
        except ValueError:
            raise self.error(f"expected {what}") from None

    def error(self, expected: str) -> InputError:
        line = self.lines[self.row - 1].rstrip()
        return InputError(f"{self.name}: row {self.row}: {expected}, got '{line}'")


@dataclass
class _Header:
    interval: int = 0
    maps: int = -1
    exponent: int = -1
    height: float = np.nan
    latitude: np.ndarray | None = None
    longitude: np.ndarray | None = None


def parse_ionex(text: str, label: str) -> Maps:
    """Read the text of an IONEX file.

    Parameters
    ----------
    text : str
        The whole file.
    label : str
        Its name, for messages.

    Raises
    ------
    InputError
        If it is not in form; the message names the file and the row.
    """
    lines = _Lines(text, label)
    header = _read_header(lines)
    if header.latitude is None or header.longitude is None:
        what = "LAT1 / LAT2 / DLAT" if header.latitude is None else "LON1 / LON2 / DLON"
        raise InputError(f"{label}: expected {what} in its header")
    latitude, longitude = header.latitude, header.longitude
    times: list[np.datetime64] = []
    grids: list[np.ndarray] = []
    passed = 0
    while True:
        _, name = lines.next()
        if name == "START OF TEC MAP":
            moment, grid = _read_map(lines, latitude, longitude, header.exponent)
            times.append(moment)
            grids.append(grid)
        elif name in PASSED:
            passed += 1
            while lines.next()[1] != PASSED[name]:
                pass
        elif name == "EXPONENT":
            header.exponent = int(lines.numbers(0, 6, 1, "an exponent")[0])
        elif name == "END OF FILE":
            break
        elif name != "COMMENT":
            raise lines.error("expected the start of a map, or END OF FILE")
    if not grids or header.maps not in (-1, len(grids)):
        stated = "at least one map" if header.maps < 1 else f"{header.maps} maps, as it states"
        raise InputError(f"{label}: expected {stated}, got {len(grids)}")
    south, west = np.argsort(latitude), np.argsort(longitude)
    return Maps(
        label=label,
        times=times,
        values=np.stack(grids)[:, south][:, :, west],
        latitude=latitude[south],
        longitude=longitude[west],
        height=header.height,
        interval=header.interval,
        passed=passed,
    )


def _read_header(lines: _Lines) -> _Header:
    _, name = lines.next()
    if name != "IONEX VERSION / TYPE":
        raise lines.error("expected IONEX VERSION / TYPE in columns 61 to 80")
    version = lines.numbers(0, 8, 1, "a version")[0]
    if not 1.0 <= version < 2.0:
        raise lines.error("expected version 1")
    header = _Header()
    while (name := lines.next()[1]) != "END OF HEADER":
        if name == "INTERVAL":
            header.interval = int(lines.numbers(0, 6, 1, "seconds")[0])
        elif name == "# OF MAPS IN FILE":
            header.maps = int(lines.numbers(0, 6, 1, "a number of maps")[0])
        elif name == "EXPONENT":
            header.exponent = int(lines.numbers(0, 6, 1, "an exponent")[0])
        elif name == "MAP DIMENSION":
            if lines.numbers(0, 6, 1, "2 or 3")[0] != 2:
                raise lines.error("expected maps of 2 dimensions")
        elif name == "HGT1 / HGT2 / DHGT":
            header.height = float(lines.numbers(2, 6, 3, "three heights in km")[0])
        elif name == "LAT1 / LAT2 / DLAT":
            header.latitude = _axis(lines)
        elif name == "LON1 / LON2 / DLON":
            header.longitude = _axis(lines)
    return header


def _axis(lines: _Lines) -> np.ndarray:
    """Degrees from the first to the last in steps, of the line last given."""
    first, last, step = lines.numbers(2, 6, 3, "first, last and step in degrees")
    count = (last - first) / step if step else np.nan
    if not (count >= 0 and abs(count - round(count)) < 1e-6):
        raise lines.error("expected a step that leads from the first to the last")
    return np.round(first + step * np.arange(round(count) + 1), 6)


def _read_map(
    lines: _Lines, latitude: np.ndarray, longitude: np.ndarray, exponent: int
) -> tuple[np.datetime64, np.ndarray]:
    """One TEC map after its first line: its time and its grid in the order of the header."""
    grid = np.full((latitude.size, longitude.size), np.nan)
    left = set(range(latitude.size))
    moment = None
    while (name := lines.next()[1]) != "END OF TEC MAP":
        if name == "EPOCH OF CURRENT MAP":
            moment = _epoch(lines)
        elif name == "EXPONENT":
            exponent = int(lines.numbers(0, 6, 1, "an exponent")[0])
        elif name == "LAT/LON1/LON2/DLON/H":
            place = lines.numbers(2, 6, 4, "a latitude and the longitudes of a row")
            row = np.flatnonzero(np.abs(latitude - place[0]) < 1e-3)
            ends = longitude[0], longitude[-1]
            if not row.size or not np.allclose(place[1:3], ends):
                raise lines.error("expected a row of the grid that the header states")
            left.discard(int(row[0]))
            grid[row[0]] = _row(lines, longitude.size, exponent)
        elif name != "COMMENT":
            raise lines.error("expected a row of the map")
    if moment is None:
        raise lines.error("expected EPOCH OF CURRENT MAP before the end of the map")
    if left:
        raise lines.error(f"expected {latitude.size} rows, {len(left)} of them are missing")
    return moment, grid


def _row(lines: _Lines, count: int, exponent: int) -> np.ndarray:
    """Values of one latitude, TECU; 9999 is NaN."""
    values = np.empty(count)
    for first in range(0, count, PER_LINE):
        last = min(first + PER_LINE, count)
        lines.next()
        what = f"{last - first} numbers of 5 columns"
        values[first:last] = lines.numbers(0, 5, last - first, what)
    return np.where(values == MISSING, np.nan, values * 10.0**exponent)


def _epoch(lines: _Lines) -> np.datetime64:
    """Time of the line last given; the hour may be 24."""
    year, month, day, hour, minute, second = lines.numbers(0, 6, 6, "a date and a time").tolist()
    try:
        date = pd.Timestamp(year=int(year), month=int(month), day=int(day))
    except ValueError:
        raise lines.error("expected a date and a time") from None
    return np.datetime64(date + pd.Timedelta(hours=hour, minutes=minute, seconds=second), "ns")
