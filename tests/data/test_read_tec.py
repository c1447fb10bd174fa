"""Hourly TEC with indices, and IONEX maps: every form, and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from precursor_lib.data import open_dataset
from precursor_lib.data.ionex import parse_ionex
from precursor_lib.data.tec import read_ionex, read_vtec
from precursor_lib.errors import InputError
from precursor_lib.manifest import Manifest

ROOT = Path(__file__).parents[2]
COLUMNS = (
    "Year;DOY;Hour ;R (Sunspots);F10.7 index ;SW Plasma Speed ;Bz (GSM);Dst index ;Kp index  ;"
    "AE index;VTEC_10N;VTEC_40N;VTEC_70N;VTEC_10N (t+24)"
)
ROW = "2015;1;{};104;132.9;568;1.1;-14;23;42;12.3;8.2;0;17.6"


def table(folder: Path, name: str, *rows: str, head: str = COLUMNS) -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def test_vtec_has_stations_and_indices(tmp_path: Path) -> None:
    late = table(tmp_path, "b.csv", ROW.format(3).replace(";23;", ";27;"))
    early = table(tmp_path, "a.csv", ROW.format(0), ROW.format(1))
    data = read_vtec([late, early])
    assert data["VTEC"].dims == ("time", "station")
    assert list(data["station"].values) == ["10N", "40N", "70N"]
    assert list(data["latitude"].values) == [10.0, 40.0, 70.0]
    assert (data["longitude"] == 10.0).all()
    np.testing.assert_array_equal(data["VTEC"].values[[0, 2], 1], [8.2, np.nan])
    np.testing.assert_allclose(data["Kp"], [7 / 3, 7 / 3, np.nan, 8 / 3])
    values = {name: float(data[name][0]) for name in ("Dst", "F107", "AE", "Bz", "sunspots")}
    assert values == {"Dst": -14, "F107": 132.9, "AE": 42, "Bz": 1.1, "sunspots": 104}
    assert data["VTEC"].attrs["units"] == "TECU" and data["wind_speed"].attrs["units"] == "km s-1"
    assert data.attrs["report"][2:] == [
        "70N: VTEC is 0 in 3 hours",
        *(
            f"{name}: 1 of 4 samples of VTEC missing in 1 gap, the longest 1 samples from "
            "2015-01-01 02:00:00"
            for name in ("10N", "40N", "70N")
        ),
    ]
    part = read_vtec([early], start="2015-01-01T01:00", end="2015-01-01T02:00")
    assert part.sizes["time"] == 1


def test_the_last_day_of_a_leap_year_is_read(tmp_path: Path) -> None:
    path = table(tmp_path, "a.csv", ROW.format(23).replace("2015;1;", "2016;366;"))
    assert str(read_vtec([path])["time"].values[0])[:13] == "2016-12-31T23"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.format("x"), "a.csv: row 2: Hour: expected a number, got 'x'"),
        (ROW.format(0).replace(";8.2", ";"), "a.csv: row 2: VTEC_40N: expected a number, got ''"),
        (ROW.format(24), "row 2: expected a year, a day of the year and an hour, got 2015 1 24"),
        (ROW.format("0.5"), "row 2: expected a year, a day of the year and an hour"),
        (ROW.format(0).replace("2015;1", "2015;367"), "row 2: expected a year"),
        (ROW.format(0) + "\n" + ROW.format(0), r"a.csv: 2015-01-01 00:00:00 stands twice"),
    ],
)
def test_vtec_rows_out_of_form_are_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_vtec([table(tmp_path, "a.csv", row)])


def test_vtec_needs_its_columns_and_a_file(tmp_path: Path) -> None:
    path = table(tmp_path, "a.csv", "1;2", head="Year;DOY")
    with pytest.raises(InputError, match=r"row 1: expected the columns Hour, VTEC_10N"):
        read_vtec([path])
    with pytest.raises(InputError, match=r"gone.csv: cannot be read"):
        read_vtec([tmp_path / "gone.csv"])
    for reader in (read_vtec, read_ionex):
        with pytest.raises(InputError, match="expected at least one file"):
            reader([])


LONGITUDES = np.arange(-180.0, 181.0, 20.0)
LATITUDES = np.array([40.0, 0.0, -40.0])


def line(content: str, label: str) -> str:
    return f"{content:<60}{label:<20}"


def head(maps: int = 2, exponent: int | None = -1, **changes: str) -> list[str]:
    lines = {
        "IONEX VERSION / TYPE": "     1.0            IONOSPHERE MAPS     GPS",
        "PGM / RUN BY / DATE": "a program",
        "COMMENT": "9999 if no value",
        "INTERVAL": "  7200",
        "# OF MAPS IN FILE": f"{maps:6d}",
        "MAP DIMENSION": "     2",
        "HGT1 / HGT2 / DHGT": "   450.0 450.0   0.0",
        "LAT1 / LAT2 / DLAT": "    40.0 -40.0 -40.0",
        "LON1 / LON2 / DLON": "  -180.0 180.0  20.0",
    }
    if exponent is not None:
        lines["EXPONENT"] = f"{exponent:6d}"
    lines |= changes
    return [*(line(v, k) for k, v in lines.items() if v), line("", "END OF HEADER")]


def one_map(
    number: int, moment: str, values: np.ndarray, kind: str = "TEC", extra: str = ""
) -> list[str]:
    lines = [line(f"{number:6d}", f"START OF {kind} MAP"), line(moment, "EPOCH OF CURRENT MAP")]
    if extra:
        lines.append(extra)
    for latitude, row in zip(LATITUDES[: len(values)], values, strict=True):
        place = f"  {latitude:6.1f}-180.0 180.0  20.0 450.0"
        lines.append(line(place, "LAT/LON1/LON2/DLON/H"))
        for first in range(0, row.size, 16):
            lines.append("".join(f"{v:5d}" for v in row[first : first + 16]))
    return [*lines, line(f"{number:6d}", f"END OF {kind} MAP")]


FIRST = "  2017     1     1     0     0     0"
SECOND = "  2017     1     1     2     0     0"
END = [line("", "END OF FILE")]
GRID = np.arange(LATITUDES.size * LONGITUDES.size).reshape(LATITUDES.size, LONGITUDES.size)


def whole(**changes: str) -> list[str]:
    return [*head(**changes), *one_map(1, FIRST, GRID), *one_map(2, SECOND, GRID + 10), *END]


def text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def test_maps_are_in_tecu_with_ascending_coordinates() -> None:
    grid = GRID.copy()
    grid[0, 3] = 9999
    lines = [*head(), *one_map(1, FIRST, grid), *one_map(2, SECOND, GRID + 10)]
    lines += [*one_map(1, FIRST, GRID, "RMS"), *one_map(1, FIRST, GRID, "HEIGHT"), *END]
    maps = parse_ionex(text(lines), "x")
    assert [str(t)[:13] for t in maps.times] == ["2017-01-01T00", "2017-01-01T02"]
    np.testing.assert_array_equal(maps.latitude, [-40.0, 0.0, 40.0])
    np.testing.assert_array_equal(maps.longitude, LONGITUDES)
    expected = GRID[::-1] / 10
    expected[2, 3] = np.nan
    np.testing.assert_allclose(maps.values[0], expected)
    np.testing.assert_allclose(maps.values[1], GRID[::-1] / 10 + 1)
    assert (maps.height, maps.interval, maps.passed) == (450.0, 7200, 2)


def test_exponent_of_the_header_between_maps_and_in_a_map() -> None:
    inside = line("     0", "EXPONENT")
    lines = [*head(exponent=-2), *one_map(1, FIRST, GRID, extra=inside)]
    lines += [line("     1", "EXPONENT"), *one_map(2, SECOND, GRID), *END]
    maps = parse_ionex(text(lines), "x")
    np.testing.assert_allclose(maps.values[0], GRID[::-1])
    np.testing.assert_allclose(maps.values[1], GRID[::-1] * 10)
    lines = [*head(maps=1, exponent=None), *one_map(1, FIRST, GRID), *END]
    np.testing.assert_allclose(parse_ionex(text(lines), "x").values[0], GRID[::-1] / 10)
    lines = [*head(maps=1, exponent=-2), *one_map(1, FIRST, GRID), *END]
    np.testing.assert_allclose(parse_ionex(text(lines), "x").values[0], GRID[::-1] / 100)


def test_hour_24_is_the_next_day() -> None:
    lines = [*head(1), *one_map(1, "  2017    12    31    24     0     0", GRID), *END]
    assert str(parse_ionex(text(lines), "x").times[0])[:13] == "2018-01-01T00"


def changed(at: str, new: str) -> list[str]:
    """The whole file with the first line labelled `at` in another form."""
    lines = whole()
    row = next(i for i, one in enumerate(lines) if one[60:].strip() == at)
    lines[row] = line(new, at)
    return lines


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (whole()[1:], "x: row 1: expected IONEX VERSION / TYPE in columns 61 to 80"),
        (changed("IONEX VERSION / TYPE", "     2.0"), "x: row 1: expected version 1, got"),
        (changed("MAP DIMENSION", "     3"), "x: row 6: expected maps of 2 dimensions"),
        (changed("INTERVAL", "     x"), "x: row 4: expected seconds, got '     x"),
        (
            changed("LAT1 / LAT2 / DLAT", "    40.0 -40.0 -33.0"),
            "row 8: expected a step that leads",
        ),
        (
            changed("LAT1 / LAT2 / DLAT", "    40.0 -40.0  40.0"),
            "row 8: expected a step that leads",
        ),
        (
            changed("LON1 / LON2 / DLON", "  -180.0 180.0   0.0"),
            "row 9: expected a step that leads",
        ),
        (whole(**{"LON1 / LON2 / DLON": ""}), "x: expected LON1 / LON2 / DLON in its header"),
        (whole(**{"LAT1 / LAT2 / DLAT": ""}), "x: expected LAT1 / LAT2 / DLAT in its header"),
        (
            changed("EPOCH OF CURRENT MAP", "  2017    13     1     0     0     0"),
            "expected a date",
        ),
        (changed("EPOCH OF CURRENT MAP", "  2017"), "x: row 13: expected a date and a time, got"),
        (changed("LAT/LON1/LON2/DLON/H", "    41.0-180.0 180.0  20.0 450.0"), "expected a row of"),
        (changed("LAT/LON1/LON2/DLON/H", "    40.0   0.0 360.0  20.0 450.0"), "expected a row of"),
        (changed("LAT/LON1/LON2/DLON/H", "     0.0-180.0 180.0  20.0 450.0"), "expected 3 rows, 1"),
        ([*head(3), *whole()[11:]], "x: expected 3 maps, as it states, got 2"),
        ([*head(0), *END], "x: expected at least one map, got 0"),
        (whole()[:-1], "x: ends before END OF FILE; it is cut short"),
        (whole()[:20], "x: ends before END OF FILE; it is cut short"),
        ([*head(), line("", "SOMETHING ELSE")], "expected the start of a map, or END OF FILE"),
        ([row for row in whole() if "EPOCH" not in row], "expected EPOCH OF CURRENT MAP before"),
        (
            [row.replace("   17   18", "   17    x") for row in whole()],
            "row 16: expected 3 numbers",
        ),
        ([row for row in whole() if not row.endswith("   18")], "row 16: expected 3 numbers of 5"),
        (
            [*head(1), *one_map(1, FIRST, GRID, extra=line("", "ODD")), *END],
            "expected a row of the",
        ),
    ],
)
def test_maps_out_of_form_are_refused(lines: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_ionex(text(lines), "x")


def test_files_are_joined_plain_and_packed(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.17i", tmp_path / "b.17i.gz"
    plain.write_text(text(whole()))
    third = "  2017     1     1     3     0     0"
    later = [*head(2, INTERVAL="  3600"), *one_map(1, SECOND, GRID + 30), *one_map(2, third, GRID)]
    packed.write_bytes(gzip.compress(text([*later, *END]).encode()))
    data = read_ionex([packed, plain])
    assert data["VTEC"].dims == ("time", "latitude", "longitude")
    assert [str(t)[11:13] for t in data["time"].values] == ["00", "02", "03"]
    np.testing.assert_allclose(data["VTEC"].sel(latitude=40.0).values[1], GRID[0] / 10 + 3)
    assert data.attrs["report"] == [
        "maps every 1 h and 2 h, of a layer at 450 km",
        "1 maps of a time in two files: the later file's taken; they differ by up to 2.0 TECU",
    ]
    part = read_ionex([plain], start="2017-01-01T01:00", end="2017-01-01T03:00")
    assert part.sizes["time"] == 1
    with pytest.raises(InputError, match="no map between 2018-01-01 and None"):
        read_ionex([plain], start="2018-01-01")


def test_missing_values_and_passed_maps_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.17i"
    grid = np.where(GRID < 5, 9999, GRID)
    path.write_text(
        text([*head(1), *one_map(1, FIRST, grid), *one_map(1, FIRST, GRID, "RMS"), *END])
    )
    report = read_ionex([path]).attrs["report"]
    assert report[1:] == ["1 maps of errors or heights passed over", "5 of 57 values missing"]


def test_damaged_and_unlike_files_are_refused(tmp_path: Path) -> None:
    good = tmp_path / "a.17i"
    good.write_text(text(whole()))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(text(whole()).encode())[:-20])
    with pytest.raises(InputError, match=r"cut.gz: cannot be unpacked"):
        read_ionex([tmp_path / "cut.gz"])
    with pytest.raises(InputError, match=r"gone: cannot be unpacked"):
        read_ionex([tmp_path / "gone"])
    (tmp_path / "bad.Z").write_bytes(b"\x1f\x9d\x14")
    with pytest.raises(InputError, match=r"bad.Z: codes of up to 20 bits"):
        read_ionex([tmp_path / "bad.Z"])
    other = tmp_path / "other.17i"
    south = {"LAT1 / LAT2 / DLAT": "    40.0   0.0 -40.0"}
    other.write_text(text([*head(1, **south), *one_map(1, FIRST, GRID[:2]), *END]))
    with pytest.raises(InputError, match=r"other.17i: its grid differs from that of a.17i"):
        read_ionex([good, other])


@pytest.fixture
def manifest(mirror: Path) -> Manifest:
    return Manifest.load(ROOT / "data_manifest.yml")


def test_clock_of_vtec_by_its_indices(manifest: Manifest) -> None:
    data = open_dataset("vtec", manifest).data
    assert data.sizes == {"time": 26304, "station": 3}
    span = {"start": "2015-01-01", "end": "2018-01-01"}
    kp = open_dataset("kp-ap-f107", manifest, **span).data["Kp"]
    np.testing.assert_allclose(np.repeat(kp.values, 3), data["Kp"])
    dst = open_dataset("dst", manifest, **span).data["Dst"].values
    fit = {k: np.corrcoef(np.roll(dst, k), data["Dst"])[0, 1] for k in (-2, -1, 0, 1, 2)}
    assert max(fit, key=fit.__getitem__) == 0


def test_mirrored_maps_are_global_and_follow_the_sun(manifest: Manifest) -> None:
    data = open_dataset("ionex", manifest).data
    entry = manifest.dataset("ionex").coverage
    assert data["time"].values[[0, -1]].tolist() == [
        np.datetime64(moment, "ns").astype(int) for moment in (entry.start, entry.end)
    ]
    assert data["VTEC"].shape[1:] == (71, 73)
    assert not np.isnan(data["VTEC"]).any()
    np.testing.assert_array_equal(data["VTEC"][..., 0], data["VTEC"][..., -1])
    hours = np.diff(data["time"].values) / np.timedelta64(1, "h")
    assert set(np.unique(hours)) >= {1.0, 2.0}
    noon = data["VTEC"].sel(time="2012-09-23T12:00", latitude=slice(-20, 20)).mean("latitude")
    assert 0 <= float(noon.idxmax("longitude")) <= 60


def test_simulated_stand_in_has_the_same_shape(manifest: Manifest) -> None:
    span = {"start": "2015-01-01", "end": "2015-01-03"}
    observed = open_dataset("vtec", manifest, **span).data
    simulated = open_dataset("vtec", manifest, mode="bundled", **span)
    assert simulated.origin == "simulated"
    assert simulated.data["VTEC"].shape == observed["VTEC"].shape
    assert list(simulated.data["station"].values) == list(observed["station"].values)
    for name in ("VTEC", "Kp", "Dst", "F107"):
        assert simulated.data[name].attrs["units"] == observed[name].attrs["units"]
    np.testing.assert_allclose(simulated.data["Kp"], observed["Kp"])
