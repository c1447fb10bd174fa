"""Observatory files: what geomagpy gives, put on one axis, and what is refused."""

from __future__ import annotations

import gzip
import logging
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from precursor_lib.data.geomagnetic import read_geomagnetic
from precursor_lib.data.geomagpy import geomagpy
from precursor_lib.errors import InputError


def iaga(
    path: Path,
    rows: Sequence[tuple[str, float, float, float, float]],
    code: str = "ABC",
    latitude: float = 10.0,
    longitude: float = 250.0,
    components: str = "XYZF",
) -> Path:
    """Write an IAGA-2002 file; each row holds a time and four values."""
    fields = {
        "Format": "IAGA-2002",
        "Source of Data": "Test",
        "Station Name": "Test",
        "IAGA CODE": code,
        "Geodetic Latitude": f"{latitude:.3f}",
        "Geodetic Longitude": f"{longitude:.3f}",
        "Elevation": "0",
        "Reported": components,
        "Sensor Orientation": components,
        "Digital Sampling": "1 second",
        "Data Interval Type": "Average 1-Second",
        "Data Type": "variation",
    }
    lines = [f" {name:<23}{value:<45}|" for name, value in fields.items()]
    names = "".join(f"{code + c:>10}" for c in components)
    lines.append(f"DATE       TIME         DOY {names}   |")
    for text, *values in rows:
        day, clock = text.split("T")
        lines.append(f"{day} {clock}.000 001   " + "".join(f"{v:>10.2f}" for v in values))
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def seconds(count: int, first: int = 0, z: float = 40000.0) -> list[tuple[str, ...]]:
    return [
        (f"2020-01-01T00:00:{i:02d}", 1.0, 2.0, z + i, 5.0) for i in range(first, first + count)
    ]


def test_stations_share_one_axis_and_gaps_are_nan(tmp_path: Path) -> None:
    a = iaga(tmp_path / "a.sec", seconds(4))
    rows = [*seconds(2, first=1), ("2020-01-01T00:00:05", 1.0, 2.0, 99999.0, 5.0)]
    b = iaga(tmp_path / "b.sec", rows, code="XYZ", latitude=-5, longitude=20)
    data = read_geomagnetic([a, b])
    assert data["Z"].dims == ("time", "station")
    assert data.sizes == {"time": 6, "station": 2}
    assert list(data["station"].values) == ["ABC", "XYZ"]
    assert list(data["longitude"].values) == [-110.0, 20.0]
    assert data["time"].dtype == "datetime64[ns]"
    np.testing.assert_array_equal(
        data["Z"].values.T,
        [
            [40000, 40001, 40002, 40003, np.nan, np.nan],
            [np.nan, 40001, 40002, np.nan, np.nan, np.nan],
        ],
    )
    assert data["Z"].attrs["units"] == "nT"
    assert data.attrs["report"] == [
        "ABC: 2 of 6 samples of Z missing in 1 gap, the longest 2 samples from 2020-01-01 00:00:04",
        "XYZ: 4 of 6 samples of Z missing in 2 gaps, the longest 3 samples from "
        "2020-01-01 00:00:03",
    ]


def test_days_of_one_station_are_joined(tmp_path: Path) -> None:
    files = [iaga(tmp_path / f"{i}.sec", seconds(3, first=3 * i)) for i in (1, 0)]
    data = read_geomagnetic(files)
    np.testing.assert_array_equal(data["Z"].values[:, 0], 40000.0 + np.arange(6))


def test_packed_files_read_as_plain_ones(tmp_path: Path) -> None:
    plain = iaga(tmp_path / "a.sec", seconds(5))
    packed = tmp_path / "a.sec.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(plain, "a.sec")
    expected = read_geomagnetic([plain])
    for path in (packed, archive):
        assert read_geomagnetic([path]).equals(expected)
    with zipfile.ZipFile(archive, "a") as file:
        file.write(plain, "b.sec")
    with pytest.raises(InputError, match=r"a\.zip: expected one file in it, got 2"):
        read_geomagnetic([archive])


def test_components_and_their_units(tmp_path: Path) -> None:
    path = iaga(
        tmp_path / "a.sec",
        [("2020-01-01T00:00:00", 20000.0, 60.0, 40000.0, 45000.0)] * 1
        + [("2020-01-01T00:00:01", 20000.0, -30.0, 40000.0, 45000.0)],
        components="HDZF",
    )
    data = read_geomagnetic([path], component=["H", "D", "F"])
    np.testing.assert_allclose(data["D"].values[:, 0], [1.0, -0.5])
    assert data["D"].attrs["units"] == "degrees"
    assert data["F"].values[0, 0] == 45000.0
    with pytest.raises(InputError, match="unknown component 'X'; known: D, F, H, Z"):
        read_geomagnetic([path], component="X")


def test_columns_in_another_order_keep_their_names(tmp_path: Path) -> None:
    path = iaga(
        tmp_path / "a.sec",
        [(f"2020-01-01T00:00:0{i}", 444.0, 21064.0, 44140.0, 48000.0) for i in range(3)],
        components="EHZF",
    )
    data = read_geomagnetic([path], component=["E", "H", "Z"])
    assert [float(data[name][0, 0]) for name in "EHZ"] == [444.0, 21064.0, 44140.0]


def test_a_window_reads_the_same_as_a_cut(tmp_path: Path) -> None:
    path = iaga(tmp_path / "a.sec", seconds(50))
    whole = read_geomagnetic([path])
    part = read_geomagnetic([path], start="2020-01-01T00:00:10", end="2020-01-01T00:00:20Z")
    assert part.sizes["time"] == 10
    assert part.equals(whole.isel(time=slice(10, 20)))
    with pytest.raises(InputError, match="the sampling interval is not known"):
        read_geomagnetic([path], start="2021-01-01", end="2021-01-02")
    with pytest.raises(InputError, match="expected a time such as"):
        read_geomagnetic([path], start="yesterday noon")


def test_stations_are_chosen_and_ordered(tmp_path: Path) -> None:
    paths = [
        iaga(tmp_path / f"{code}.sec", seconds(3), code=code, latitude=i)
        for i, code in enumerate(("AAA", "BBB", "CCC"))
    ]
    data = read_geomagnetic(paths, stations=["CCC", "AAA"])
    assert list(data["station"].values) == ["CCC", "AAA"]
    assert list(data["latitude"].values) == [2.0, 0.0]
    with pytest.raises(InputError, match="unknown station 'AAB'; the nearest is"):
        read_geomagnetic(paths, stations=["AAB"])


def test_stations_at_one_place_are_told(tmp_path: Path) -> None:
    paths = [iaga(tmp_path / f"{c}.sec", seconds(3), code=c) for c in ("AAA", "BBB")]
    assert (
        "AAA and BBB stand at the same place: they are not independent"
        in (read_geomagnetic(paths).attrs["report"])
    )


def test_repeated_samples_are_dropped_and_reported(tmp_path: Path) -> None:
    rows = seconds(3)
    path = iaga(tmp_path / "a.sec", [*rows[:2], rows[1], rows[2]])
    data = read_geomagnetic([path])
    assert data.sizes["time"] == 3
    assert data.attrs["report"] == ["ABC: 1 repeated samples dropped in a.sec, the first in row 16"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [*seconds(3), ("2020-01-01T00:00:02", 1.0, 2.0, 7.0, 5.0)],
            r"a\.sec: row 17: time 2020-01-01 00:00:02 stands twice with different values of Z",
        ),
        (
            [*seconds(3), *seconds(1)],
            r"a\.sec: row 17: time 2020-01-01 00:00:00 is earlier than the one before it",
        ),
        (seconds(1), "no file has two samples or more"),
        ([], "the sampling interval is not known"),
    ],
)
def test_times_that_do_not_ascend_are_refused(
    tmp_path: Path, rows: list[tuple[str, float, float, float, float]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_geomagnetic([iaga(tmp_path / "a.sec", rows)])


# geomagpy leaves a file open that it fails to parse.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_damaged_files_are_named_with_their_row(tmp_path: Path) -> None:
    path = iaga(tmp_path / "a.sec", seconds(5))
    text = path.read_text()
    path.write_text(text[:-25])
    with pytest.raises(InputError, match=r"a\.sec: row 18: expected date, time, day of year and"):
        read_geomagnetic([path])
    path.write_text(text.replace("40002.00", "400o2.00"))
    with pytest.raises(InputError, match=r"a\.sec: row 16: expected .*400o2"):
        read_geomagnetic([path])
    path.write_text("".join(line for line in text.splitlines(True) if "DATE" not in line))
    with pytest.raises(InputError, match="expected a line that starts with DATE"):
        read_geomagnetic([path])
    path.write_text(text.replace("10.000  ", "ten     "))
    with pytest.raises(InputError, match=r"a\.sec: latitude: expected degrees, got 'ten"):
        read_geomagnetic([path])
    path.write_text("nothing\n")
    with pytest.raises(InputError, match="is neither IAGA-2002 nor ImagCDF"):
        read_geomagnetic([path])
    with pytest.raises(InputError, match="there is no such file"):
        read_geomagnetic([tmp_path / "none.sec"])


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    plain = iaga(tmp_path / "a.sec", seconds(50))
    packed = tmp_path / "a.sec.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes())[:-40])
    with pytest.raises(InputError, match=r"a\.sec\.gz: cannot be unpacked"):
        read_geomagnetic([packed])


def test_files_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    a = iaga(tmp_path / "a.sec", seconds(5))
    minutes = [(f"2020-01-01T00:0{i}:00", 1.0, 2.0, 3.0, 4.0) for i in range(5)]
    b = iaga(tmp_path / "b.min", minutes, code="XYZ")
    with pytest.raises(InputError, match=r"sampling interval \(a\.sec: 1 s, b\.min: 60 s\)"):
        read_geomagnetic([a, b])
    c = iaga(tmp_path / "c.sec", seconds(5, first=5), latitude=11)
    with pytest.raises(InputError, match="station ABC: the files differ in its coordinates"):
        read_geomagnetic([a, c])
    d = iaga(tmp_path / "d.sec", seconds(5, z=1.0))
    with pytest.raises(InputError, match=r"d\.sec: ABC at 2020-01-01 00:00:00 has another value"):
        read_geomagnetic([a, d])
    far = [(f"2022-01-01T00:00:0{i}", 1.0, 2.0, 3.0, 4.0) for i in range(5)]
    with pytest.raises(InputError, match="fill less than a tenth of it; open them apart"):
        read_geomagnetic([a, iaga(tmp_path / "e.sec", far)])


def test_an_overlap_is_read_once_and_reported(tmp_path: Path) -> None:
    a = iaga(tmp_path / "a.sec", seconds(5))
    b = iaga(tmp_path / "b.sec", seconds(5, first=3))
    data = read_geomagnetic([a, b])
    np.testing.assert_array_equal(data["Z"].values[:, 0], 40000.0 + np.arange(8))
    assert data.attrs["report"] == ["ABC: 2 samples stand in two files"]


def test_reading_leaves_logging_alone() -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    mine = logging.getLogger("precursor_lib.data.store")
    geomagpy.cache_clear()
    geomagpy()
    assert (root.handlers[:], root.level) == before
    assert not mine.disabled


# Real files in geomagpy's own package.


def example(name: str) -> Path:
    spec = find_spec("magpy")
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / "examples" / name


def test_real_iaga_agrees_with_geomagpys_own_reading() -> None:
    """The window is cut before geomagpy parses; its general reader, which reads all, agrees."""
    from magpy.stream import read

    path = example("example1.zip")
    part = read_geomagnetic(
        [path], component=["H", "E", "Z"], start="2023-07-12T05:00", end="2023-07-12T05:10"
    )
    stream = read(str(path))
    times = np.asarray(stream.ndarray[0]).astype("datetime64[ns]")
    inside = (times >= part["time"].values[0]) & (times <= part["time"].values[-1])
    assert part.sizes == {"time": 600, "station": 1}
    for column, name in ((1, "H"), (2, "E"), (3, "Z")):
        np.testing.assert_array_equal(
            part[name].values[:, 0], np.asarray(stream.ndarray[column], dtype=float)[inside]
        )


def test_real_imagcdf_covers_four_days() -> None:
    data = read_geomagnetic([example("example4.cdf")], component=["H", "E", "Z"])
    assert data.sizes == {"time": 4 * 86400, "station": 1}
    assert data["time"].values[0] == np.datetime64("2024-05-09")
    assert not np.isnan(data["Z"]).any()
    # The great storm of 10 May began after 17:00 UTC; H fell by several hundred nT.
    calm = data["H"].sel(time="2024-05-09").mean()
    storm = data["H"].sel(time="2024-05-11").min()
    assert -800 < float(storm - calm) < -200
