"""Total electron content: hourly records with indices, and global maps in the form IONEX.

Vertical TEC is given in TECU, 1e16 m-2.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.ionex import Maps, parse_ionex
from precursor_lib.data.series import gap_report
from precursor_lib.data.unix_compress import MAGIC, uncompress
from precursor_lib.errors import InputError
from precursor_lib.times import utc_moment

TECU = "TECU"
GZIP = b"\x1f\x8b"
#: Station and its latitude by column of the hourly record; all stand at 10 degrees east.
STATIONS = {"VTEC_10N": ("10N", 10.0), "VTEC_40N": ("40N", 40.0), "VTEC_70N": ("70N", 70.0)}
LONGITUDE = 10.0
#: Variable and its units by column.
INDICES = {
    "Kp index": ("Kp", "1"),
    "Dst index": ("Dst", "nT"),
    "F10.7 index": ("F107", "1e-22 W m-2 Hz-1"),
    "AE index": ("AE", "nT"),
    "Bz (GSM)": ("Bz", "nT"),
    "SW Plasma Speed": ("wind_speed", "km s-1"),
    "R (Sunspots)": ("sunspots", "1"),
}
CLOCK = ("Year", "DOY", "Hour")


def read_vtec(
    paths: Sequence[Path], start: str | None = None, end: str | None = None
) -> xr.Dataset:
    """Read hourly vertical TEC at 10 E and 10, 40 and 70 N, with indices of activity.

    The files state no clock; their Kp is that of the same hours in UTC. Their F10.7 is the flux
    adjusted to one astronomical unit, not the observed one.

    Parameters
    ----------
    paths : sequence of path
        Files with columns separated by ``;``, in any order of time.
    start, end : str, optional
        Part to take, UTC, the end left out.

    Returns
    -------
    xarray.Dataset
        ``VTEC`` (time, station) in TECU, and along ``time`` ``Kp Dst F107 AE Bz wind_speed
        sunspots``; hourly without breaks, gaps NaN.

    Raises
    ------
    InputError
        If a file is not in form, or an hour stands twice.
    """
    if not paths:
        raise InputError("expected at least one file, got none")
    table = pd.concat([_vtec_table(Path(path)) for path in paths]).sort_index()
    if table.index.has_duplicates:
        hour = table.index[table.index.duplicated()][0]
        raise InputError(f"{Path(paths[-1]).name}: {hour} stands twice in the files")
    first = utc_moment(start) or table.index[0].to_datetime64()
    last = utc_moment(end) or table.index[-1].to_datetime64() + np.timedelta64(1, "h")
    hours = pd.date_range(first, last, freq="h", inclusive="left", unit="ns")
    table = table.reindex(hours)
    # The file gives Kp in tenths cut to whole numbers (3, 7); Kp goes in thirds.
    table["Kp index"] = np.round(table["Kp index"] * 0.3) / 3
    values = table[list(STATIONS)].to_numpy()
    names = [name for name, _ in STATIONS.values()]
    data = xr.Dataset(
        {
            "VTEC": (("time", "station"), values, {"units": TECU}),
            **{
                name: ("time", table[column].to_numpy(), {"units": units})
                for column, (name, units) in INDICES.items()
            },
        },
        coords={
            "time": hours.to_numpy(),
            "station": names,
            "latitude": ("station", [place for _, place in STATIONS.values()]),
            "longitude": ("station", [LONGITUDE] * len(names)),
        },
    )
    data["latitude"].attrs["units"] = "degrees_north"
    data["longitude"].attrs["units"] = "degrees_east"
    report = ["times are UTC by their Kp; the files state no clock", "F107 is the adjusted flux"]
    zero = {name: int((values[:, i] == 0).sum()) for i, name in enumerate(names)}
    report += [f"{name}: VTEC is 0 in {count} hours" for name, count in zero.items() if count]
    data.attrs["report"] = [*report, *gap_report({"VTEC": values}, names, hours.to_numpy())]
    return data


def read_ionex(
    paths: Sequence[Path], start: str | None = None, end: str | None = None
) -> xr.Dataset:
    """Read global TEC maps of IONEX 1 files, plain, ``.gz`` or ``.Z`` (told apart by content).

    Where files hold a map of the same time, as the midnight between two days, that of the file
    that starts later is taken.

    Parameters
    ----------
    paths : sequence of path
        Files with maps on one grid; their intervals may differ.
    start, end : str, optional
        Part to take, UTC, the end left out.

    Returns
    -------
    xarray.Dataset
        ``VTEC`` (time, latitude, longitude) in TECU, coordinates ascending, the meridian of 180
        degrees at both ends where the files have it so; 9999 becomes NaN. Maps of errors (RMS) and
        heights are passed over.

    Raises
    ------
    InputError
        If a file is damaged or not in form, or the grids differ.
    """
    if not paths:
        raise InputError("expected at least one file, got none")
    read = sorted((_ionex(Path(path)) for path in paths), key=lambda maps: maps.times[0])
    whole: dict[np.datetime64, np.ndarray] = {}
    twice, apart = 0, 0.0
    for maps in read:
        if not (
            np.array_equal(maps.latitude, read[0].latitude)
            and np.array_equal(maps.longitude, read[0].longitude)
        ):
            raise InputError(f"{maps.label}: its grid differs from that of {read[0].label}")
        for time, values in zip(maps.times, maps.values, strict=True):
            if time in whole:
                twice += 1
                apart = max(apart, float(np.nanmax(np.abs(values - whole[time]), initial=0.0)))
            whole[time] = values
    first, last = utc_moment(start), utc_moment(end)
    times = [
        time
        for time in sorted(whole)
        if (first is None or time >= first) and (last is None or time < last)
    ]
    if not times:
        raise InputError(f"no map between {start} and {end}")
    values = np.stack([whole[time] for time in times])
    missing = int(np.isnan(values).sum())
    passed = sum(maps.passed for maps in read)
    steps = sorted({f"{maps.interval / 3600:g} h" for maps in read})
    heights = sorted({f"{maps.height:g} km" for maps in read})
    report = [f"maps every {' and '.join(steps)}, of a layer at {' and '.join(heights)}"]
    if passed:
        report.append(f"{passed} maps of errors or heights passed over")
    if twice:
        report.append(
            f"{twice} maps of a time in two files: the later file's taken; they differ by up to "
            f"{apart:.1f} TECU"
        )
    if missing:
        report.append(f"{missing} of {values.size} values missing")
    return xr.Dataset(
        {"VTEC": (("time", "latitude", "longitude"), values, {"units": TECU})},
        coords={
            "time": np.array(times),
            "latitude": ("latitude", read[0].latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", read[0].longitude, {"units": "degrees_east"}),
        },
        attrs={"report": report},
    )


def _ionex(path: Path) -> Maps:
    try:
        content = path.read_bytes()
        if content[:2] == GZIP:
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path.name}: cannot be unpacked: {error}") from error
    if content[:2] == MAGIC:
        content = uncompress(content, path.name)
    return parse_ionex(content.decode("ascii", errors="replace"), path.name)


def _vtec_table(path: Path) -> pd.DataFrame:
    """One file's columns by hour (UTC)."""
    try:
        table = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read: {error}") from error
    table.columns = [name.strip() for name in table.columns]
    columns = [*CLOCK, *STATIONS, *INDICES]
    missing = [name for name in columns if name not in table]
    if missing:
        raise InputError(f"{path.name}: row 1: expected the columns {', '.join(missing)}")
    numbers = table[columns].apply(pd.to_numeric, errors="coerce")
    if numbers.isna().to_numpy().any():
        row, column = np.argwhere(numbers.isna().to_numpy())[0]
        raise InputError(
            f"{path.name}: row {row + 2}: {columns[column]}: expected a number, got "
            f"'{table[columns[column]].iloc[row]}'"
        )
    low, high = np.array([[1, 1, 0], [9999, 366, 23]])
    clock = numbers[list(CLOCK)].to_numpy()
    odd = ((clock < low) | (clock > high) | (clock != np.round(clock))).any(axis=1)
    if odd.any():
        row = int(odd.argmax())
        raise InputError(
            f"{path.name}: row {row + 2}: expected a year, a day of the year and an hour, got "
            f"{' '.join(table[list(CLOCK)].iloc[row])}"
        )
    year, day, hour = clock.astype(int).T
    moment = (
        (year - 1970).astype("datetime64[Y]").astype("datetime64[h]")
        + (day - 1) * np.timedelta64(24, "h")
        + hour * np.timedelta64(1, "h")
    )
    return numbers.astype(float).set_index(pd.DatetimeIndex(moment.astype("datetime64[ns]")))
