"""A user's own samples as CSV: one time column and one column a station, checked row by row."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError, unknown
from precursor_lib.times import OtherZoneError, utc, utc_column

BLOCK_BYTES = 1 << 25
# IAGA-2002's marks for values that are missing or not reported start here; no field is so strong.
FILL_NT = 88888.0
# What many loggers write for a gap, whatever they measure.
MARKS = (99999.0, 999999.0)
GAP_MARKS = ["", "NaN", "nan"]


@dataclass(frozen=True)
class CsvFile:
    """A checked file of samples.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    stations : tuple of str
        Its columns after ``time``.
    first, last : numpy.datetime64
        First and last sample, UTC.
    step : numpy.timedelta64
        Sampling interval.
    rows : int
        Number of samples.
    """

    path: Path
    stations: tuple[str, ...]
    first: np.datetime64
    last: np.datetime64
    step: np.timedelta64
    rows: int

    def between(self, start: np.datetime64, end: np.datetime64) -> pd.DataFrame:
        """Samples from `start` up to `end` (left out): index ``time``, one column a station."""
        with self.path.open("rb") as stream:
            header = len(stream.readline())
            size = stream.seek(0, io.SEEK_END)
            low = _offset(stream, header, size, start)
            high = _offset(stream, low, size, end)
            stream.seek(low)
            block = stream.read(high - low)
        return _parse(block, self.path.name, self.stations, 0)


def scan(path: Path, stations: Sequence[str], units: str) -> CsvFile:
    """Check a whole file, a block at a time.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    stations : sequence of str
        Stations that its columns may name.
    units : str
        Units of the values. 99999 and 999999 are refused as marks of a gap, and in nT every value
        of 88888 or more.

    Raises
    ------
    InputError
        If a row is not in form; the message names the file, the row and what was expected.
    """
    label = path.name
    columns = _columns(path, stations)
    first = last = step = None
    rows = 0
    for row, block in _blocks(path):
        frame = _parse(block, label, columns, row)
        values = frame.to_numpy()
        bad = (~np.isfinite(values) & ~np.isnan(values)) | np.isin(np.abs(values), MARKS)
        if units == "nT":
            bad |= np.abs(values) >= FILL_NT
        if bad.any():
            at, column = map(int, np.argwhere(bad)[0])
            raise InputError(
                f"{label}: row {row + at}: {columns[column]}: {values[at, column]:g} is no value "
                f"in {units}; leave a gap empty"
            )
        times = frame.index.to_numpy()
        known = times if last is None else np.concatenate(([last], times))
        shift = row + len(times) - len(known)
        steps = np.diff(known)
        wrong = np.flatnonzero(steps <= np.timedelta64(0, "ns"))
        if wrong.size:
            what = "stands twice" if not steps[wrong[0]] else "is earlier than the row before"
            raise InputError(
                f"{label}: row {shift + int(wrong[0]) + 1}: time {_text(known[wrong[0] + 1])} "
                f"{what}; expected ascending times"
            )
        if first is None:
            first = times[0]
            common, counts = np.unique(steps, return_counts=True)
            if not common.size:
                raise InputError(f"{label}: expected at least two samples")
            step = common[counts.argmax()]
        off = np.flatnonzero((times - first) % step)
        if off.size:
            raise InputError(
                f"{label}: row {row + int(off[0])}: time {_text(times[off[0]])} does not lie on "
                f"the axis of {_seconds(step):g} s that starts at {_text(first)}"
            )
        last = times[-1]
        rows += len(times)
    if first is None or last is None or step is None:
        raise InputError(f"{label}: holds no samples")
    return CsvFile(path, columns, first, last, step, rows)


def _columns(path: Path, stations: Sequence[str]) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        names = [name.strip() for name in stream.readline().rstrip("\r\n").split(",")]
    label = f"{path.name}: row 1"
    if names[0] != "time" or len(names) < 2:
        raise InputError(f"{label}: expected the columns time,<station>,..., got {','.join(names)}")
    for name in names[1:]:
        if name not in stations:
            raise InputError(f"{label}: {unknown('station', name, stations)} (see stations.csv)")
    if len(set(names)) < len(names):
        raise InputError(f"{label}: a column stands twice: {','.join(names)}")
    return tuple(names[1:])


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines after the header, each with the number of its first row."""
    with path.open("rb") as stream:
        stream.readline()
        row = 2
        while block := stream.read(BLOCK_BYTES):
            block += stream.readline()
            if block.strip():
                yield row, block
            row += block.count(b"\n")


def _parse(block: bytes, label: str, columns: Sequence[str], row: int) -> pd.DataFrame:
    lines = block.rstrip().split(b"\n")
    if not block.strip():
        return pd.DataFrame(columns=list(columns), index=pd.DatetimeIndex([], name="time"))
    for index, line in enumerate(lines):
        if line.count(b",") != len(columns):
            raise InputError(
                f"{label}: row {row + index}: expected {len(columns) + 1} columns, got "
                f"{line.count(b',') + 1}"
            )
    try:
        frame = pd.read_csv(
            io.BytesIO(block),
            header=None,
            names=["time", *columns],
            dtype={"time": str, **dict.fromkeys(columns, float)},
            keep_default_na=False,
            na_values=dict.fromkeys(columns, GAP_MARKS),
        )
    except ValueError as error:
        at, text = _first_bad(lines, _numbers)
        raise InputError(
            f"{label}: row {row + at}: expected numbers or empty cells, got '{text}'"
        ) from error
    try:
        times = utc_column(frame["time"])
    except OtherZoneError as error:
        raise InputError(
            f"{label}: row {row}: time '{frame['time'].iloc[0]}' is not in UTC; expected times "
            "without a zone, or with Z"
        ) from error
    except ValueError as error:
        at, text = _first_bad(lines, _SameForm())
        raise InputError(
            f"{label}: row {row + at}: expected one form of ISO 8601 times in UTC throughout, got "
            f"'{text.split(',')[0]}'"
        ) from error
    index = pd.DatetimeIndex(times.to_numpy().astype("datetime64[ns]"), name="time")
    return frame.drop(columns="time").set_axis(index, axis=0)


def _numbers(line: str) -> None:
    for cell in line.split(",")[1:]:
        if cell.strip() not in GAP_MARKS:
            float(cell)


class _SameForm:
    """Refuse the first row whose time is no ISO time, or has a zone where the first has none."""

    def __init__(self) -> None:
        self.zoned: bool | None = None

    def __call__(self, line: str) -> None:
        moment = pd.to_datetime([line.split(",")[0]], format="ISO8601")
        if self.zoned is None:
            self.zoned = moment.tz is not None
        if self.zoned is not (moment.tz is not None):
            raise ValueError("another form")


def _first_bad(lines: Sequence[bytes], test: Callable[[str], object]) -> tuple[int, str]:
    for index, line in enumerate(lines):
        text = line.decode("utf-8", errors="replace").strip()
        try:
            test(text)
        except ValueError:
            return index, text
    return 0, lines[0].decode("utf-8", errors="replace").strip()


def _offset(stream: io.BufferedReader, low: int, high: int, moment: np.datetime64) -> int:
    """Byte at which the first row at or after `moment` starts, by bisection over sorted rows."""
    target = utc(moment)
    while low < high:
        middle = (low + high) // 2
        stream.seek(middle - 1)
        # A row starts at `middle` itself where the byte before ends one.
        stream.readline()
        start = stream.tell()
        if start >= high:
            # No row starts in the upper half: step through the lower one.
            stream.seek(low)
            line = stream.readline()
            if not line.strip() or _time_of(line) >= target:
                return low
            low += len(line)
            continue
        line = stream.readline()
        if not line.strip() or _time_of(line) >= target:
            high = start
        else:
            low = start + len(line)
    return low


def _time_of(line: bytes) -> pd.Timestamp:
    return utc(line.split(b",", 1)[0].decode())


def _seconds(step: np.timedelta64 | None) -> float:
    return float("nan") if step is None else float(step / np.timedelta64(1, "s"))


def _text(moment: np.datetime64) -> str:
    return str(pd.Timestamp(moment).isoformat(sep=" "))
