"""Catalogues: clocks, what is dropped, and the rows that are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.data import catalogue
from precursor_lib.errors import InputError


def write(folder: Path, name: str, text: str) -> list[Path]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return [path]


def times(frame: pd.DataFrame) -> list[str]:
    return [t.isoformat() for t in frame["time"]]


def test_usgs_drops_what_is_no_earthquake_and_sorts(tmp_path: Path) -> None:
    rows = (
        "time,latitude,longitude,depth,mag,type\n"
        "2020-01-02T00:00:00.500Z,10,20,5,5.5,earthquake\n"
        "2020-01-01T00:00:00.000Z,11,21,6,5.1,earthquake\n"
        "2020-01-03T00:00:00.000Z,11,21,6,5.1,nuclear explosion\n"
        "2020-01-01T00:00:00.000Z,11,21,6,5.1,earthquake\n"
    )
    frame = catalogue.read_usgs(write(tmp_path, "q.csv", rows))
    assert list(frame.columns) == ["time", "latitude", "longitude", "depth", "magnitude"]
    assert times(frame) == ["2020-01-01T00:00:00", "2020-01-02T00:00:00.500000"]
    assert "1 events that are no earthquakes dropped (1 nuclear explosion)" in frame.attrs["report"]
    assert "1 rows that repeat another dropped" in frame.attrs["report"]
    assert frame["time"].dtype == "datetime64[ns]"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2020-01-02T00:00:00Z,95,20,5,5.5,earthquake", "event 1: latitude: expected -90 to 90"),
        ("2020-01-02T00:00:00Z,10,20,5,,earthquake", "event 1: magnitude: expected -5 to 10"),
        ("2020-01-02T00:00:00Z,10,x,5,5,earthquake", "longitude: expected a number, got 'x'"),
    ],
)
def test_values_out_of_range_are_named(tmp_path: Path, row: str, message: str) -> None:
    text = f"time,latitude,longitude,depth,mag,type\n{row}\n"
    with pytest.raises(InputError, match=rf"q\.csv: .*{message}"):
        catalogue.read_usgs(write(tmp_path, "q.csv", text))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected the column 'mag'"):
        catalogue.read_usgs(write(tmp_path, "q.csv", "time,latitude,longitude,depth\n"))
    with pytest.raises(InputError, match="expected one file, got 2"):
        catalogue.read_usgs([tmp_path, tmp_path])
    with pytest.raises(InputError, match="cannot be read"):
        catalogue.read_usgs([tmp_path / "none.csv"])


def test_romanian_civil_time_becomes_utc(tmp_path: Path) -> None:
    text = (
        "dateTime,magnitude,magnitude type,depth,latitude,longitude,zone description\n"
        "2018-10-28 03:38:11,5.9,ML,150,45.6,26.4,VRANCEA\n"
        "2016-12-28 01:20:55,5.3,ML,90,45.6,26.4,VRANCEA\n"
        "2016-09-24 02:11:20,5.3,ML,90,45.6,26.4,VRANCEA\n"
    )
    frame = catalogue.read_romania(write(tmp_path, "r.csv", text))
    # The USGS catalogue has these shocks at 23:11:20, 23:20:56 and 00:38:11 UTC.
    assert times(frame) == [
        "2016-09-23T23:11:20",
        "2016-12-27T23:20:55",
        "2018-10-28T00:38:11",
    ]
    assert any("1 events in the hour that autumn repeats" in r for r in frame.attrs["report"])
    text += "2015-03-29 03:30:00,2.0,ML,90,45.6,26.4,VRANCEA\n"
    again = catalogue.read_romania(write(tmp_path, "r.csv", text))
    assert len(again) == 3
    assert "1 events in the hour that spring leaves out dropped" in again.attrs["report"]


def test_turkish_blasts_are_dropped(tmp_path: Path) -> None:
    text = (
        "No,Deprem Kodu,Olus tarihi,Olus zamani,Enlem,Boylam,Derinlik,xM,MD,ML,Mw,Ms,Mb,Tip,Yer\n"
        "1,x,2023.02.06,01:17:34.50,37.2,37.0,8.6,7.7,0,0,7.7,0,0,Ke,A\n"
        "2,x,2008.12.29,20:18:15.00,37.2,37.0,8.6,3.7,0,0,,0,0,Sm,B\n"
    )
    frame = catalogue.read_turkey(write(tmp_path, "t.csv", text))
    assert times(frame) == ["2023-02-06T01:17:34.500000"]
    assert float(frame["magnitude"].iloc[0]) == 7.7


def test_the_xichang_clock_changes(tmp_path: Path) -> None:
    text = "\ufeff" + "\n".join(
        "\t".join(row)
        for row in (
            ["id", "year", "month", "day", "hour", "min", "sec", "lat", "lon", "depth", "mag"],
            ["1", "2014", "10", "01", "09", "23", "28.7", "28.362", "102.775", "11.7", "4.7"],
            ["2", "2018", "10", "31", "08", "29", "56.1", "27.697", "102.056", "09.4", "4.6"],
        )
    )
    frame = catalogue.read_xichang(write(tmp_path, "x.txt", text))
    # USGS: 2014-10-01 01:23:29 and 2018-10-31 08:29:59 UTC.
    assert [t[:16] for t in times(frame)] == ["2014-10-01T01:23", "2018-10-31T08:29"]
    late = catalogue.read_xichang(write(tmp_path, "x.txt", text), utc_from="2010-01-01")
    assert times(late)[0][:16] == "2014-10-01T09:23"


def test_the_chinese_catalogue_drops_what_has_no_date(tmp_path: Path) -> None:
    text = "\ufeff" + "\n".join(
        "\t".join(row)
        for row in (
            ["id", "year", "month", "day", "hour", "min", "sec", "lat", "lon", "mag", "depth"],
            ["1", "19", "2", "0", "0", "0", "0", "41.10", "126.18", "5.30", "-1"],
            ["2", "1920", "0", "0", "0", "0", "0", "36.0", "105.0", "6.0", "-1"],
            ["3", "1976", "7", "27", "19", "42", "57", "39.62", "118.1", "7.5", "1"],
            ["4", "2008", "5", "12", "6", "28", "60", "30.98", "103.40", "7.9", "-1"],
            ["5", "2013", "7", "22", "9", "40", "28", "38.89", "110.35", "0.0", "-1"],
        )
    )
    frame = catalogue.read_china_mw(write(tmp_path, "c.txt", text))
    assert times(frame) == ["1976-07-27T19:42:57", "2008-05-12T06:29:00"]
    assert np.isnan(frame["depth"].iloc[1])
    joined = " | ".join(frame.attrs["report"])
    for part in (
        "1 events before 1900",
        "1 events without month or day",
        "1 events with magnitude 0",
        "1 events with unknown depth",
    ):
        assert part in joined


def test_the_guza_catalogue_is_beijing_time(tmp_path: Path) -> None:
    text = (
        "2008-05-12  14:28:04.0   31.0   103.4   14  Ms8.0  四川汶川县\n"
        "1999-10-02  01:53:0.6    23.5   121.6    0  Ms6.6  台湾花莲\n"
        "2013-04-20  08:02:46.0   30.3   103.0   13  M7.0  四川省雅安市芦山县\n"
    )
    frame = catalogue.read_guza_catalogue(write(tmp_path, "d.txt", text))
    assert times(frame) == [
        "1999-10-01T17:53:00.600000",
        "2008-05-12T06:28:04",
        "2013-04-20T00:02:46",
    ]
    assert "magnitudes of different kinds: 1 M, 2 Ms" in frame.attrs["report"]
    with pytest.raises(InputError, match=r"d\.txt: row 4: expected date, time, latitude"):
        catalogue.read_guza_catalogue(write(tmp_path, "d.txt", text + "2013-04-21 rubbish\n"))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_horus_needs_its_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected R data with a table 'horus'"):
        catalogue.read_horus(write(tmp_path, "h.rda", "no R data"))


@settings(max_examples=30)
@given(
    events=st.lists(
        st.tuples(
            st.datetimes(
                min_value=pd.Timestamp("1900-01-01").to_pydatetime(),
                max_value=pd.Timestamp("2100-01-01").to_pydatetime(),
            ),
            st.floats(-90, 90),
            st.floats(-180, 180),
            st.one_of(st.none(), st.floats(0, 700)),
            st.floats(-2, 9.5),
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda event: event[0],
    ),
    zone=st.sampled_from(["", "Z", "+00:00"]),
)
def test_own_catalogues_round_trip(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple], zone: str
) -> None:
    lines = ["time,latitude,longitude,depth,magnitude"]
    for moment, *values in events:
        cells = ["" if v is None else repr(v) for v in values]
        lines.append(",".join([moment.isoformat() + zone, *cells]))
    path = tmp_path_factory.mktemp("c") / "catalogue.csv"
    path.write_text("\n".join(lines) + "\n")
    frame = catalogue.read_own([path])
    expected = sorted(events)
    assert list(frame["time"]) == [pd.Timestamp(event[0]) for event in expected]
    for column, name in enumerate(["latitude", "longitude", "depth", "magnitude"], start=1):
        np.testing.assert_array_equal(
            frame[name], [np.nan if e[column] is None else e[column] for e in expected]
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,latitude,longitude,depth,mag\n", "expected the column 'magnitude'"),
        ("latitude,time,longitude,depth,magnitude\n", "row 1: expected time,latitude"),
        (
            "time,latitude,longitude,depth,magnitude\n2020-01-01T00:00:00+08:00,1,2,3,4\n",
            "expected UTC, got 2020-01-01T00:00:00\\+08:00",
        ),
        (
            "time,latitude,longitude,depth,magnitude\n01/02/2020,1,2,3,4\n",
            "expected ISO 8601 in UTC",
        ),
        (
            "time,latitude,longitude,depth,magnitude\n2020-01-01,1,2,3,4\n,1,2,3,4\n",
            "event 2: time: missing",
        ),
    ],
)
def test_own_catalogues_out_of_form_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        catalogue.read_own(write(tmp_path, "catalogue.csv", text))
