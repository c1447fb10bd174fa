"""A user's own folder: CSV and observatory files, whole and as nights, and the rows refused."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.data import NightlyNetwork, open_folder, own_csv
from precursor_lib.errors import InputError

STATIONS = "station,latitude,longitude,units\nAAA,34,98,nT\nBBB,36,260,nT\n"
PLACES = {"AAA": (34.0, 98.0), "BBB": (36.0, 260.0)}


def folder(path: Path, *, stations: str = STATIONS, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    (path / "stations.csv").write_text(stations)
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text)
    return path


def samples(first: str, count: int, step: str = "1min", offset: float = 0.0) -> pd.DataFrame:
    times = pd.date_range(first, periods=count, freq=step)
    minute = (times - pd.Timestamp("2021-05-18")) / pd.Timedelta("1min")
    return pd.DataFrame(
        {"AAA": minute + offset, "BBB": -minute - offset}, index=times.rename("time")
    )


def text(frame: pd.DataFrame, zone: str = "") -> str:
    out = frame.copy()
    out.index = [t.isoformat() + zone for t in out.index]
    return out.to_csv(index_label="time", lineterminator="\n")


def iaga(path: Path, code: str, frame: pd.DataFrame) -> None:
    latitude, longitude = PLACES[code]
    fields = {
        "Format": "IAGA-2002",
        "Source of Data": "Test",
        "Station Name": "Test",
        "IAGA CODE": code,
        "Geodetic Latitude": f"{latitude:.3f}",
        "Geodetic Longitude": f"{longitude:.3f}",
        "Elevation": "0",
        "Reported": "XYZF",
        "Sensor Orientation": "XYZF",
        "Digital Sampling": "1 second",
        "Data Interval Type": "Average 1-Minute",
        "Data Type": "variation",
    }
    lines = [f" {name:<23}{value:<45}|" for name, value in fields.items()]
    lines.append(
        "DATE       TIME         DOY " + "".join(f"{code + c:>10}" for c in "XYZF") + "   |"
    )
    for moment, value in frame[code].items():
        lines.append(
            f"{moment:%Y-%m-%d %H:%M:%S}.000 {moment.day_of_year:03d}   "
            + "".join(f"{v:>10.2f}" for v in (1.0, 2.0, 99999.0 if np.isnan(value) else value, 3.0))
        )
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def test_csv_opens_whole(tmp_path: Path) -> None:
    frame = samples("2021-05-18", 10)
    frame.iloc[3, 0] = np.nan
    data = open_folder(folder(tmp_path / "f", Z=text(frame, "Z")))
    assert isinstance(data, xr.Dataset)
    np.testing.assert_array_equal(data["Z"].values, frame.to_numpy())
    assert list(data["longitude"].values) == [98.0, -100.0]
    assert data["Z"].attrs["units"] == "nT"
    assert data.attrs["report"] == [
        "AAA: 1 of 10 samples of Z missing in 1 gap, the longest 1 samples from 2021-05-18 00:03:00"
    ]


def test_missing_units_are_assumed_and_reported(tmp_path: Path) -> None:
    place = folder(
        tmp_path / "f",
        stations="station,latitude,longitude\nAAA,34,98\nBBB,36,260\n",
        Z=text(samples("2021-05-18", 5)),
    )
    assert open_folder(place).attrs["report"] == ["stations.csv states no units: taken as nT"]


def test_files_are_joined_and_missing_rows_reported(tmp_path: Path) -> None:
    first = samples("2021-05-18T00:00", 5).drop(pd.Timestamp("2021-05-18T00:02"))
    second = samples("2021-05-18T00:05", 5)[["BBB"]]
    data = open_folder(folder(tmp_path / "f", Z_1=text(first), Z_2=text(second)))
    assert data["Z"].shape == (10, 2)
    assert int(np.isnan(data["Z"][:, 0]).sum()) == 6
    assert int(np.isnan(data["Z"][:, 1]).sum()) == 1
    assert data.attrs["report"][0] == "Z_1.csv: 1 of 5 rows missing"


def test_a_part_and_distances(tmp_path: Path) -> None:
    place = folder(tmp_path / "f", Z=text(samples("2021-05-18", 60)))
    data = open_folder(
        place,
        start="2021-05-18T00:10",
        end="2021-05-18T00:20Z",
        epicentre={"latitude": 34.59, "longitude": 98.34},
    )
    assert list(data["Z"].values[:, 0]) == list(range(10, 20))
    assert 60 < float(data["distance"][0]) < 75
    with pytest.raises(InputError, match="no samples between"):
        open_folder(place, start="2022-01-01")


@pytest.fixture
def three_nights(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    frame = samples("2021-05-18T12:00", 72 * 60)
    frame.loc["2021-05-19T16:10":"2021-05-19T16:19", "BBB"] = np.nan  # type: ignore[misc]
    days = {f"Z_{i}": text(frame[1440 * i : 1440 * (i + 1)]) for i in range(3)}
    return folder(tmp_path / "f", **days), frame


def check_nights(network: object, frame: pd.DataFrame) -> None:
    assert isinstance(network, NightlyNetwork)
    assert len(network) == 3
    assert (network.samples, network.component) == (240, "Z")
    for index, night in enumerate(network):
        start = network.nights[index]
        expected = frame[(frame.index >= start) & (frame.index < start + pd.Timedelta("4h"))]
        np.testing.assert_array_equal(night["Z"].values, expected.to_numpy())
        np.testing.assert_array_equal(night["time"].values, expected.index.to_numpy())
    assert network.night(1).attrs["report"] == [
        "BBB: 10 of 240 samples of Z missing in 1 gap, the longest 10 samples from "
        "2021-05-19 16:10:00"
    ]
    again = pickle.loads(pickle.dumps(network))
    xr.testing.assert_identical(again.night(2), network.night(2))


def test_csv_opens_as_nights(three_nights: tuple[Path, pd.DataFrame]) -> None:
    place, frame = three_nights
    network = open_folder(place, start_hour=16, duration=14400)
    check_nights(network, frame)
    assert network.stations["distance"].isna().all()  # type: ignore[union-attr]


def test_observatory_files_open_as_nights(
    three_nights: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    _, frame = three_nights
    place = folder(tmp_path / "g")
    for code in PLACES:
        (place / code).mkdir()
        for day, part in frame.groupby(frame.index.date):
            path = place / code / f"{code.lower()}{day:%Y%m%d}.min"
            iaga(path, code, part)
    packed = place / "AAA" / "aaa20210519.min"
    (packed.parent / "aaa20210519.min.gz").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    network = open_folder(
        place, start_hour=16, duration=14400, epicentre={"latitude": 34.59, "longitude": 98.34}
    )
    check_nights(network, frame)
    whole = open_folder(place)
    np.testing.assert_array_equal(whole["Z"].values, frame.to_numpy())


def test_a_night_without_any_file_is_all_gap(tmp_path: Path) -> None:
    parts = {
        "Z_1": text(samples("2021-05-18T16:00", 240)),
        "Z_2": text(samples("2021-05-20T16:00", 240)),
    }
    network = open_folder(folder(tmp_path / "f", **parts), start_hour=16, duration=14400)
    assert isinstance(network, NightlyNetwork)
    assert len(network) == 3
    assert np.isnan(network.night(1)["Z"]).all()
    assert network.night(1)["Z"].shape == (240, 2)
    assert network.attrs["report"] == [
        "AAA: no file for 1 of 3 nights",
        "BBB: no file for 1 of 3 nights",
    ]


def test_stations_that_are_not_listed_are_passed_over(tmp_path: Path) -> None:
    place = folder(tmp_path / "f", stations=STATIONS.replace("BBB,36,260,nT\n", ""))
    for code in PLACES:
        iaga(place / f"{code}.min", code, samples("2021-05-18", 5))
    data = open_folder(place)
    assert list(data["station"].values) == ["AAA"]
    assert data.attrs["report"] == ["BBB.min: passed over, for its station is not in stations.csv"]


def test_coordinates_have_to_agree(tmp_path: Path) -> None:
    place = folder(tmp_path / "f", stations=STATIONS.replace("34,98", "34.2,98"))
    iaga(place / "a.min", "AAA", samples("2021-05-18", 5))
    with pytest.raises(InputError, match=r"a\.min: AAA stands at \(34\.0, 98\.0\) there"):
        open_folder(place)


GOOD = text(samples("2021-05-18", 4))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD.replace("time,", "when,"), r"row 1: expected the columns time,<station>"),
        (GOOD.replace(",BBB", ",CCC"), r"row 1: unknown station 'CCC'.*see stations\.csv"),
        (GOOD.replace(",BBB", ",AAA"), "row 1: a column stands twice"),
        (GOOD.replace("1.0,-1.0", "1.0"), "row 3: expected 3 columns, got 2"),
        (GOOD.replace("1.0,-1.0", "1.0,-1.0,5"), "row 3: expected 3 columns, got 4"),
        (GOOD.replace("1.0,-1.0", "1.0,x"), "row 3: expected numbers or empty cells, got"),
        (GOOD.replace("2.0,-2.0", "99999,-2.0"), "row 4: AAA: 99999 is no value in nT"),
        (GOOD.replace("2.0,-2.0", "inf,-2.0"), "row 4: AAA: inf is no value"),
        (GOOD.replace("T00:02", "T00:01"), "row 4: time 2021-05-18 00:01:00 stands twice"),
        (GOOD.replace("T00:03", "T00:00"), "row 5: time 2021-05-18 00:00:00 is earlier than"),
        (
            GOOD.replace("T00:03:00", "T00:03:10"),
            r"row 5: time .* does not lie on the axis of 60 s",
        ),
        (GOOD.replace("2021-05-18T00:02:00", "18 May"), "row 4: expected one form of ISO 8601"),
        (GOOD.replace("T00:02:00", "T00:02:00Z"), "row 4: expected one form of ISO 8601"),
        (GOOD.replace(":00,", ":00+08:00,"), r"row 2: time .*\+08:00' is not in UTC"),
        (GOOD.replace("2.0,-2.0\n", "2.0,-2.0\n\n"), "row 5: expected 3 columns, got 1"),
        ("time,AAA\n", "holds no samples"),
        ("time,AAA\n2021-05-18T00:00:00,1\n", "expected at least two samples"),
    ],
)
def test_rows_out_of_form_are_named(tmp_path: Path, content: str, message: str) -> None:
    assert content != GOOD
    with pytest.raises(InputError, match=rf"Z\.csv: .*{message}|Z\.csv: {message}"):
        open_folder(folder(tmp_path / "f", Z=content))


def test_rows_are_counted_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_csv, "BLOCK_BYTES", 100)
    good = text(samples("2021-05-18", 40))
    place = folder(tmp_path / "f", Z=good)
    np.testing.assert_array_equal(open_folder(place)["Z"].values[:, 0], np.arange(40.0))
    lines = good.splitlines(True)
    lines[30] = lines[29]
    (place / "Z.csv").write_text("".join(lines))
    with pytest.raises(InputError, match=r"Z\.csv: row 31: time .* stands twice"):
        open_folder(place)


@pytest.mark.parametrize(
    ("stations", "message"),
    [
        ("station,lat,lon\nAAA,34,98\n", "row 1: expected station,latitude,longitude"),
        ("station,latitude,longitude\nAAA,94,98\n", "row 2: latitude: expected degrees, got '94'"),
        ("station,latitude,longitude\nAAA,34,east\n", "row 2: longitude: expected degrees"),
        ("station,latitude,longitude\nA,3,9\nA,3,9\n", "row 3: station A stands twice"),
        ("station,latitude,longitude\n,3,9\n", "row 2: station: expected a name"),
        ("station,latitude,longitude\n", "expected at least one station"),
        (STATIONS.replace("260,nT", "260,T"), "units: expected one unit for all stations"),
    ],
)
def test_stations_out_of_form_are_named(tmp_path: Path, stations: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"stations\.csv: {message}"):
        open_folder(folder(tmp_path / "f", stations=stations, Z=GOOD))


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        open_folder(tmp_path / "none")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match=r"stations\.csv: expected this file"):
        open_folder(empty)
    place = folder(tmp_path / "f")
    with pytest.raises(InputError, match=r"IAGA-2002 files or Z\.csv .*got neither"):
        open_folder(place)
    iaga(place / "a.min", "AAA", samples("2021-05-18", 5))
    (place / "Z.csv").write_text(GOOD)
    with pytest.raises(InputError, match="got both"):
        open_folder(place)
    (place / "Z.csv").unlink()
    with pytest.raises(InputError, match="start_hour and duration: expected both or neither"):
        open_folder(place, start_hour=16)
    with pytest.raises(InputError, match="no night of 14400 s from 16 h UTC"):
        open_folder(place, start_hour=16, duration=14400)
    with pytest.raises(InputError, match="expected whole samples"):
        open_folder(folder(tmp_path / "g", Z=GOOD), start_hour=0.01, duration=120)


def test_files_of_other_sampling_are_refused(tmp_path: Path) -> None:
    place = folder(
        tmp_path / "f",
        Z_1=text(samples("2021-05-18", 5)),
        Z_2=text(samples("2021-05-19", 5, step="1s")),
    )
    with pytest.raises(InputError, match=r"Z_1\.csv: 60 s, Z_2\.csv: 1 s"):
        open_folder(place)


@settings(max_examples=40)
@given(
    kept=st.lists(st.integers(0, 199), min_size=3, max_size=120, unique=True).map(sorted),
    window=st.tuples(st.integers(-20, 220), st.integers(0, 120)),
    zone=st.sampled_from(["", "Z", "+00:00"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_any_window_of_a_csv_file_is_found(
    tmp_path_factory: pytest.TempPathFactory,
    kept: Sequence[int],
    window: tuple[int, int],
    zone: str,
    ending: str,
) -> None:
    # Two neighbouring samples, so that the step is one second whatever else is kept.
    numbers = sorted({*kept, 100, 101})
    begin = pd.Timestamp("2021-05-18T23:59:00")
    times = [begin + pd.Timedelta(seconds=n) for n in numbers]
    path = tmp_path_factory.mktemp("w") / "Z.csv"
    lines = [
        "time,AAA",
        *(f"{t.isoformat()}{zone},{n}" for t, n in zip(times, numbers, strict=True)),
    ]
    path.write_bytes((ending.join(lines) + ending).encode())
    file = own_csv.CsvFile(
        path, ("AAA",), np.datetime64(times[0]), np.datetime64(times[-1]), np.timedelta64(1, "s"), 0
    )
    low, count = window
    start = np.datetime64(begin + pd.Timedelta(seconds=low))
    found = file.between(start, start + np.timedelta64(count, "s"))
    assert list(found["AAA"]) == [n for n in numbers if low <= n < low + count]


BARE = "station,latitude,longitude\nAAA,34,98\nBBB,36,260\n"
STRAIN_UNITS = "component,units\nS1,1e-9\nS2,1e-9\npressure,hPa\n"


def strain_folder(path: Path, components: str = STRAIN_UNITS, **files: str) -> Path:
    given = {"S1": text(samples("2021-05-18", 6)), "S2": text(samples("2021-05-18", 6, offset=9))}
    place = folder(path, stations=BARE, **given | files)
    (place / "components.csv").write_text(components)
    return place


def test_components_are_read_on_one_axis(tmp_path: Path) -> None:
    late = samples("2021-05-18T00:03", 6)[["AAA"]]
    place = strain_folder(tmp_path / "f", pressure=text(late))
    data = open_folder(
        place,
        components=["S2", "pressure", "S1"],
        epicentre={"latitude": 34.59, "longitude": 98.34},
    )
    assert isinstance(data, xr.Dataset)
    assert list(data.data_vars) == ["S2", "pressure", "S1"]
    assert data.sizes == {"time": 9, "station": 2}
    assert {n: data[n].attrs["units"] for n in ("S1", "pressure")} == {
        "S1": "1e-9",
        "pressure": "hPa",
    }
    np.testing.assert_array_equal(data["S2"].values[:6, 0], np.arange(6) + 9.0)
    np.testing.assert_array_equal(data["pressure"].values[3:, 0], np.arange(3, 9))
    assert np.isnan(data["pressure"].values[:, 1]).all()
    assert np.isnan(data["S1"].values[6:]).all()
    assert "distance" in data.coords
    assert [line.split(" in ")[0] for line in data.attrs["report"]] == [
        "AAA: 3 of 9 samples of S2 missing",
        "BBB: 3 of 9 samples of S2 missing",
        "AAA: 3 of 9 samples of pressure missing",
        "BBB: 9 of 9 samples of pressure missing",
        "AAA: 3 of 9 samples of S1 missing",
        "BBB: 3 of 9 samples of S1 missing",
    ]


def test_a_part_of_several_components_keeps_to_the_ticks(tmp_path: Path) -> None:
    place = strain_folder(tmp_path / "f", pressure=text(samples("2021-05-18T00:30", 6)))
    data = open_folder(
        place,
        components=["S1", "pressure"],
        start="2021-05-18T00:02:30",
        end="2021-05-18T00:05",
    )
    assert [str(t)[11:16] for t in data["time"].values] == ["00:03", "00:04"]
    assert np.isnan(data["pressure"]).all()


def test_one_component_takes_its_units_from_the_list(tmp_path: Path) -> None:
    place = strain_folder(tmp_path / "f")
    assert open_folder(place, component="S1")["S1"].attrs["units"] == "1e-9"
    units = BARE.replace("longitude\n", "longitude,units\n").replace("98\n", "98,1e-9\n")
    units = units.replace("260\n", "260,1e-9\n")
    (place / "components.csv").unlink()
    (place / "stations.csv").write_text(units)
    data = open_folder(place, components=["S1", "S2"])
    assert {data[name].attrs["units"] for name in data} == {"1e-9"}


@pytest.mark.parametrize(
    ("components", "message"),
    [
        (
            "name,units\nS1,1e-9\n",
            "components.csv: row 1: expected component,units, got name,units",
        ),
        ("component,units\nS1,\n", "components.csv: row 2: expected a component and its units"),
        (STRAIN_UNITS + "S1,hPa\n", "components.csv: row 5: component S1 stands twice"),
        ("component,units\nS1,1e-9\n", "components.csv: unknown component 'S2'"),
    ],
)
def test_a_wrong_list_of_components_is_refused(
    tmp_path: Path, components: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        open_folder(strain_folder(tmp_path / "f", components), components=["S1", "S2"])


def test_components_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    place = strain_folder(tmp_path / "f", pressure=text(samples("2021-05-18", 6, "2min")))
    every = ["S1", "S2", "pressure"]
    with pytest.raises(InputError, match=r"f: S1 and pressure differ .*\(60 s, 120 s\)"):
        open_folder(place, components=every)
    (place / "pressure.csv").write_text(text(samples("2021-05-18T00:00:30", 6)))
    with pytest.raises(InputError, match="samples of pressure lie between those of S1"):
        open_folder(place, components=every)
    (place / "pressure.csv").unlink()
    with pytest.raises(InputError, match=r"expected either IAGA-2002 files or pressure.csv"):
        open_folder(place, components=every)
    with pytest.raises(InputError, match="component and components: expected one"):
        open_folder(place, component="S1", components=every)
    with pytest.raises(InputError, match="expected a list of names, each once"):
        open_folder(place, components=["S1", "S1"])
    with pytest.raises(InputError, match="expected a list of names, each once"):
        open_folder(place, components="S1")
    with pytest.raises(InputError, match="components: nights hold one"):
        open_folder(place, components=["S1", "S2"], start_hour=0.0, duration=120.0)
    (place / "S2.csv").write_text("time,AAA\n2021-05-18T00:00,1\n2021-05-18T00:01,999999\n")
    with pytest.raises(InputError, match=r"S2.csv: row 3: AAA: 999999 is no value in 1e-9; leave"):
        open_folder(place, components=["S1", "S2"])


def test_units_stand_in_one_place(tmp_path: Path) -> None:
    place = strain_folder(tmp_path / "f")
    (place / "stations.csv").write_text(STATIONS)
    with pytest.raises(InputError, match=r"units: expected in components.csv or in stations.csv"):
        open_folder(place, components=["S1", "S2"])
    (place / "stations.csv").write_text(BARE)
    (place / "components.csv").unlink()
    with pytest.raises(InputError, match=r"states no units; for several .*components.csv"):
        open_folder(place, components=["S1", "S2"])


def test_several_components_of_observatory_files(tmp_path: Path) -> None:
    place = folder(tmp_path / "f")
    iaga(place / "aaa.min", "AAA", samples("2021-05-18", 4))
    data = open_folder(place, components=["X", "Z"])
    np.testing.assert_array_equal(data["X"].values[:, 0], 1.0)
    np.testing.assert_array_equal(data["Z"].values[:, 0], np.arange(4.0))
