"""Earthquake catalogues, each read into ``time latitude longitude depth magnitude`` (UTC)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from precursor_lib.data.catalogue_form import COLUMNS, clock_of, only_path, table_of, tidy
from precursor_lib.errors import InputError
from precursor_lib.times import utc_column

BEIJING = pd.Timedelta(hours=8)
GUZA_LINE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d) +(?P<clock>\d\d:\d\d:\d\d?\.\d) +(?P<latitude>-?[\d.]+)"
    r" +(?P<longitude>-?[\d.]+) +(?P<depth>-?[\d.]+) +M[a-z]?(?P<magnitude>-?[\d.]+)( |$)"
)


def read_usgs(paths: Sequence[Path]) -> pd.DataFrame:
    """Read the CSV of the USGS catalogue (ComCat); its times are UTC.

    Explosions, eruptions and other events that are no earthquakes are dropped and reported.
    """
    path = only_path(paths)
    names = ["time", "latitude", "longitude", "depth", "mag", "type"]
    table = table_of(path, names, sep=",", encoding="utf-8")
    report = [f"{path.name}: times are UTC, as the file states (Z)"]
    other = table["type"] != "earthquake"
    if other.any():
        kinds = table.loc[other, "type"].value_counts()
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        report.append(f"{int(other.sum())} events that are no earthquakes dropped ({listed})")
    table = table[~other].rename(columns={"mag": "magnitude"})
    times = pd.to_datetime(table["time"], format="ISO8601", utc=True).dt.tz_localize(None)
    return tidy(table.assign(time=times), path.name, report)


def read_horus(paths: Sequence[Path]) -> pd.DataFrame:
    """Read the Italian catalogue HORUS from R's data format; its times are UTC.

    The magnitudes are moment magnitudes, homogenised by its authors.
    """
    import rdata

    path = only_path(paths)
    try:
        content = rdata.read_rda(path)["horus"]
    except (ValueError, KeyError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"{path.name}: expected R data with a table 'horus': {error}") from error
    names = {"time_string": "time", "lat": "latitude", "lon": "longitude", "M": "magnitude"}
    table = content.rename(columns=names)
    # Some rows end a day at 24:00 or a minute at 60 s, which a parser of ISO times refuses.
    parts = table["time"].astype(str).str.extract(r"^([\d-]+)T(\d+):(\d+):([\d.]+)$")
    if parts.isna().to_numpy().any():
        row = int(parts.isna().any(axis=1).to_numpy().argmax())
        raise InputError(f"{path.name}: event {row + 1}: time: got '{table['time'].iloc[row]}'")
    seconds = parts[1].astype(int) * 3600 + parts[2].astype(int) * 60 + parts[3].astype(float)
    clock = pd.to_timedelta((seconds * 1000).round().astype(int), unit="ms")
    times = pd.to_datetime(parts[0], format="%Y-%m-%d").astype("datetime64[ns]") + clock
    report = [
        f"{path.name}: times are UTC: its shock of 2016-08-24 stands at 01:36:32, as in the USGS "
        "catalogue"
    ]
    return tidy(table.assign(time=times), path.name, report)


def read_romania(paths: Sequence[Path]) -> pd.DataFrame:
    """Read the Romanian CSV, whose times are Romanian civil time, and bring them to UTC.

    Eight shocks of magnitude 4.9 and above are in the USGS catalogue too: the file is ahead of it
    by 2 h in winter and by 3 h in summer.
    """
    path = only_path(paths)
    names = ["dateTime", "magnitude", "depth", "latitude", "longitude"]
    table = table_of(path, names, sep=",", encoding="utf-8")
    local = pd.to_datetime(table["dateTime"], format="%Y-%m-%d %H:%M:%S")
    # In the hour that autumn repeats, the first pass (summer time) is taken; the one shock that
    # another catalogue has in such an hour, 2018-10-28 00:38 UTC, fits it.
    summer = np.ones(len(local), dtype=bool)
    zoned = local.dt.tz_localize("Europe/Bucharest", ambiguous=summer, nonexistent="NaT")
    repeated = local.dt.tz_localize("Europe/Bucharest", ambiguous="NaT", nonexistent="NaT").isna()
    lost = zoned.isna()
    report = [f"{path.name}: times are Romanian civil time (UTC+2, in summer UTC+3), made UTC here"]
    if (repeated & ~lost).any():
        report.append(
            f"{int((repeated & ~lost).sum())} events in the hour that autumn repeats: summer time "
            "taken, they may be 1 h early"
        )
    if lost.any():
        report.append(f"{int(lost.sum())} events in the hour that spring leaves out dropped")
    times = zoned.dt.tz_convert("UTC").dt.tz_localize(None)
    return tidy(table.assign(time=times)[~lost], path.name, report)


def read_turkey(paths: Sequence[Path]) -> pd.DataFrame:
    """Read the Turkish CSV: the largest of the published magnitudes (``xM``); times are UTC.

    Of the events of 2013 to 2023 that the USGS catalogue has too, by far the most agree with it
    within minutes. Events marked as suspected explosions (``Sm``) are dropped.
    """
    path = only_path(paths)
    names = ["Olus tarihi", "Olus zamani", "Enlem", "Boylam", "Derinlik", "xM", "Tip"]
    table = table_of(path, names, sep=",", encoding="utf-8")
    text = table["Olus tarihi"] + " " + table["Olus zamani"]
    times = pd.to_datetime(text, format="%Y.%m.%d %H:%M:%S.%f")
    names_here = {
        "Enlem": "latitude",
        "Boylam": "longitude",
        "Derinlik": "depth",
        "xM": "magnitude",
    }
    table = table.rename(columns=names_here).assign(time=times)
    report = [f"{path.name}: times are UTC: shared events agree with the USGS catalogue"]
    blasts = table["Tip"] == "Sm"
    if blasts.any():
        report.append(f"{int(blasts.sum())} events marked as suspected explosions dropped")
    return tidy(table[~blasts], path.name, report)


def read_xichang(paths: Sequence[Path], utc_from: str = "2017-06-24T07:00") -> pd.DataFrame:
    """Read the catalogue of small events around Xichang, whose clock changes part-way.

    The file states no zone. Its shock of 2014-10-01 stands 8 h after the USGS time, that of
    2018-10-31 at the USGS time. Small events are found best at night, so that the hours at which
    they crowd tell the clock: around 01:00 until June 2017 and around 17:00 from July 2017 on. The
    likelihood of a single change is greatest on 2017-06-24 and falls by a factor of 7 by 11 and 27
    June. Times before `utc_from` are taken as Beijing time (UTC+8), later ones as UTC.

    Parameters
    ----------
    paths : sequence of path
        The one file, tab-separated.
    utc_from : str
        Time, by the file's clock, from which it is UTC.
    """
    path = only_path(paths)
    table = table_of(path, ["year", "lat", "lon", "depth", "mag"], sep="\t", encoding="utf-8-sig")
    clock = clock_of(table)
    beijing = clock < pd.Timestamp(utc_from)
    times = clock.where(~beijing, clock - BEIJING)
    back = int((clock.diff() < pd.Timedelta(0)).sum())
    report = [
        f"{path.name}: times before {utc_from} taken as Beijing time (UTC+8), {int(beijing.sum())} "
        "events, later ones as UTC; the file states no zone, and between 11 and 27 June 2017 the "
        "choice is uncertain by 8 h",
        f"{back} times earlier than the row before: sorted",
    ]
    table = table.rename(columns={"lat": "latitude", "lon": "longitude", "mag": "magnitude"})
    return tidy(table.assign(time=times), path.name, report)


def read_china_mw(paths: Sequence[Path], start: int = 1900) -> pd.DataFrame:
    """Read the Chinese catalogue of moment magnitudes; its times are UTC.

    The file states no zone: Tangshan 1976 (27 July, 19:42), Wenchuan 2008 (12 May, 06:28) and the
    events of 2013 on stand at their UTC times.

    Parameters
    ----------
    paths : sequence of path
        The one file, tab-separated.
    start : int
        First year to take: early events have dates without month or day.
    """
    path = only_path(paths)
    table = table_of(path, ["year", "lat", "lon", "mag", "depth"], sep="\t", encoding="utf-8-sig")
    early = table["year"] < start
    undated = ~early & ((table["month"] < 1) | (table["day"] < 1))
    empty = ~early & ~undated & (table["mag"] <= 0)
    report = [f"{path.name}: times are UTC by known shocks; the file states no zone"]
    for rows, why in ((early, f"before {start}"), (undated, "without month or day")):
        if rows.any():
            report.append(f"{int(rows.sum())} events {why} dropped")
    if empty.any():
        report.append(f"{int(empty.sum())} events with magnitude 0 (not known) dropped")
    kept = table[~(early | undated | empty)]
    kept = kept.rename(columns={"lat": "latitude", "lon": "longitude", "mag": "magnitude"})
    unknown_depth = kept["depth"] < 0
    if unknown_depth.any():
        report.append(f"{int(unknown_depth.sum())} events with unknown depth (-1): NaN")
    depth = kept["depth"].astype(float).mask(unknown_depth)
    return tidy(kept.assign(time=clock_of(kept), depth=depth), path.name, report)


def read_guza_catalogue(paths: Sequence[Path]) -> pd.DataFrame:
    """Read the plain-text catalogue that comes with the Guza strain data; Beijing time, made UTC.

    Wenchuan 2008 stands at 14:28:04 and Lushan 2013 at 08:02:46, 8 h after their UTC times, and so
    do most of the events of 2013 that the USGS catalogue has too. ``Ms``, ``M`` and ``Mw`` are
    taken as they stand.
    """
    path = only_path(paths)
    rows = []
    kinds: dict[str, int] = {}
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        match = GUZA_LINE.match(line)
        if match is None:
            raise InputError(
                f"{path.name}: row {number}: expected date, time, latitude, longitude, depth and "
                f"magnitude, got '{line}'"
            )
        rows.append((f"{match['day']} {match['clock']}", *map(float, match.group(3, 4, 5, 6))))
        kind = line[match.start("magnitude") - 2 : match.start("magnitude")].strip()
        kinds[kind] = kinds.get(kind, 0) + 1
    table = pd.DataFrame(rows, columns=COLUMNS)
    times = pd.to_datetime(table["time"], format="%Y-%m-%d %H:%M:%S.%f") - BEIJING
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    report = [
        f"{path.name}: times are Beijing time (UTC+8) by known shocks, made UTC here",
        f"magnitudes of different kinds: {listed}",
    ]
    return tidy(table.assign(time=times), path.name, report)


def read_own(paths: Sequence[Path]) -> pd.DataFrame:
    """Read a user's own CSV with the columns ``time,latitude,longitude,depth,magnitude``.

    Times are ISO 8601 in UTC, without a zone or with ``Z``; an empty depth is NaN.
    """
    path = only_path(paths)
    table = table_of(path, COLUMNS, sep=",", encoding="utf-8-sig")
    if list(table.columns) != COLUMNS:
        raise InputError(f"{path.name}: row 1: expected {','.join(COLUMNS)}")
    try:
        times = utc_column(table["time"])
    except ValueError as error:
        raise InputError(f"{path.name}: time: expected ISO 8601 in UTC: {error}") from error
    return tidy(table.assign(time=times), path.name, [])
