"""Borehole strain: the rows of the Guza files and R data of the PBO, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdata

from precursor_lib.context import areal_strain, gauge_consistency
from precursor_lib.data import open_dataset
from precursor_lib.data.strain import read_guza_gauge, read_guza_gauges, read_pbo
from precursor_lib.errors import InputError
from precursor_lib.manifest import Manifest

ROOT = Path(__file__).parents[2]


def write(folder: Path, name: str, *rows: str, end: str = "\r\n") -> Path:
    path = folder / name
    path.write_bytes(end.join([*rows, ""]).encode())
    return path


def test_a_gauge_is_hourly_in_utc_and_in_nanostrain(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "g.Dat",
        "2007090100 -80770.7",
        "2007090101 999999",
        "2007090103 -80757.7",
        "2007090103 -80757.7",
    )
    data = read_guza_gauge([path])
    assert data["time"].values[0] == np.datetime64("2007-08-31T16:00")
    np.testing.assert_allclose(data["S1"].values[:, 0], [-8077.07, np.nan, np.nan, -8075.77])
    assert data["S1"].attrs["units"] == "1e-9"
    assert list(data["station"].values) == ["Guza"]
    assert data.attrs["report"] == [
        "times in the files are Beijing time (UTC+8), made UTC here",
        "unit of the gauges' files taken as 1e-10 (not stated there); here 1e-9",
        "g.Dat: 1 values marked as missing",
        "Guza: 1 repeated samples dropped in g.Dat, the first in row 4",
        "Guza: 2 of 4 samples of S1 missing in 1 gap, the longest 2 samples from "
        "2007-08-31 17:00:00",
    ]


def test_unit_and_part_can_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, "g.Dat", *(f"20070901{hour:02d} {hour}" for hour in range(24)))
    data = read_guza_gauge([path], start="2007-09-01", end="2007-09-01T03:00Z", unit=1e-9)
    np.testing.assert_array_equal(data["S1"].values[:, 0], [8.0, 9.0, 10.0])
    for unit in (0.0, -1e-9, float("nan")):
        with pytest.raises(InputError, match="expected the strain of one unit"):
            read_guza_gauge([path], unit=unit)


def test_files_become_variables_by_their_names(tmp_path: Path) -> None:
    row = " 2006110100  {}    "
    paths = [
        write(tmp_path, "h2.DAT", row.format("9944.400"), row.format("").replace("00 ", "01 0.0")),
        write(tmp_path, "hpr.DAT", row.format("862.3500")),
        write(tmp_path, "hwl.DAT", row.format("0.0000000E+00")),
        write(tmp_path, "理论面应变.txt", "2006110100 -8.4856"),
        write(tmp_path, "h4.DAT", row.format("99999.00")),
        write(tmp_path, "LICENSE", "MIT License"),
    ]
    data = read_guza_gauges(paths)
    assert set(data.data_vars) == {"S2", "S4", "pressure", "level", "tide"}
    assert data.sizes == {"time": 2, "station": 1}
    np.testing.assert_allclose(data["S2"].values[:, 0], [994.44, 0.0])
    assert data["pressure"].values[0, 0] == 862.35
    assert data["tide"].values[0, 0] == -8.4856
    assert data["level"].values[0, 0] == 0.0
    assert np.isnan(data["S4"].values).all()
    units = {name: data[name].attrs["units"] for name in ("S4", "pressure", "level", "tide")}
    assert units == {"S4": "1e-9", "pressure": "hPa", "level": "not stated", "tide": "1e-9"}
    assert any("not Guza" in sentence for sentence in data.attrs["report"])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["2007090100 1", "2007090124 2"], "g.Dat: row 2: expected YYYYMMDDHH and a number"),
        (["200709010 1"], r"row 1: expected YYYYMMDDHH and a number, got '200709010 1'"),
        (["2007090100 1", "2007090101"], "row 2: expected YYYYMMDDHH"),
        (["2007090100 1 2"], "row 1: expected YYYYMMDDHH"),
        (["2007090100 x"], "row 1: expected YYYYMMDDHH"),
        (["2007090100 nan"], "row 1: expected YYYYMMDDHH"),
        (["2007090100 1", "", "2007090102 1"], "row 2: expected YYYYMMDDHH"),
        (["2007090102 1", "2007090101 1"], "row 2: time 2007-08-31 17:00:00 is earlier than"),
        (["2007090101 1", "2007090101 2"], "stands twice with different values of S1"),
        ([], "g.Dat: holds no samples"),
    ],
)
def test_rows_out_of_form_are_refused(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_guza_gauge([write(tmp_path, "g.Dat", *rows, end="\n")])


def test_other_files_are_refused(tmp_path: Path) -> None:
    other = write(tmp_path, "other.DAT", "2007090101 1")
    with pytest.raises(InputError, match=r"expected files named h1, .*got other.DAT"):
        read_guza_gauges([other])
    for reader in (read_guza_gauge, read_pbo):
        with pytest.raises(InputError, match="expected one file, got 2"):
            reader([other, other])
    with pytest.raises(InputError, match=r"gone.Dat: cannot be read"):
        read_guza_gauge([tmp_path / "gone.Dat"])
    (tmp_path / "b.Dat").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"b.Dat: cannot be read as text"):
        read_guza_gauge([tmp_path / "b.Dat"])


def r_table(path: Path, times: list[str], name: str = "Tohoku", **columns: float) -> Path:
    frame = pd.DataFrame({"Dts": times} | {k.replace("_", "."): v for k, v in columns.items()})
    rdata.write_rda(path, {name: frame})
    return path


STRAIN = dict.fromkeys(
    ["areal", "areal_tide", "areal_baro", "gamma1", "gamma1_tide", "gamma1_baro", "gamma2"], 1.5
) | {"gamma2_tide": -0.25, "pressure_pore": 2016.0}


def test_pbo_is_read_into_nanostrain(tmp_path: Path) -> None:
    times = ["2011-03-11T03:53:20", "2011-03-11T03:53:21", "2011-03-11T03:53:23"]
    data = read_pbo([r_table(tmp_path / "t.rda", times, **STRAIN)])
    assert data.sizes == {"time": 4, "station": 1}
    np.testing.assert_array_equal(data["areal"].values[:, 0], [1500.0, 1500.0, np.nan, 1500.0])
    assert data["gamma2_tide"].values[0, 0] == -250.0
    assert data["pore_pressure"].values[0, 0] == 2016.0
    assert (data["areal"].attrs["units"], data["pore_pressure"].attrs["units"]) == ("1e-9", "hPa")
    assert any("filled with the value before" in line for line in data.attrs["report"])


def test_pbo_out_of_form_is_refused(tmp_path: Path) -> None:
    times = ["2011-03-11T03:53:20", "noon"]
    with pytest.raises(InputError, match=r"t.rda: row 2: Dts: got 'noon'"):
        read_pbo([r_table(tmp_path / "t.rda", times, **STRAIN)])
    with pytest.raises(InputError, match=r"expected the columns areal.tide, .*pressure.pore"):
        read_pbo([r_table(tmp_path / "t.rda", times, areal=1.0, gamma1=1.0, gamma2=1.0)])
    with pytest.raises(InputError, match="expected R data with a table 'Tohoku'"):
        read_pbo([r_table(tmp_path / "t.rda", times, name="Other")])
    (tmp_path / "text.rda").write_text("no R data")
    with pytest.raises(InputError, match=r"text.rda: expected R data"):
        read_pbo([tmp_path / "text.rda"])


@pytest.fixture
def manifest(mirror: Path) -> Manifest:
    return Manifest.load(ROOT / "data_manifest.yml")


def test_clock_of_the_gauges_by_the_wenchuan_shock(manifest: Manifest) -> None:
    """12 May 2008, 06:28 UTC: the greatest hourly change of that day and its neighbours."""
    span = {"start": "2008-05-11", "end": "2008-05-14"}
    data = open_dataset("guza-gauges", manifest, **span).data
    change = abs(areal_strain(data).diff("time")).squeeze().to_series()
    assert change.idxmax() == pd.Timestamp("2008-05-12T07:00")
    table = gauge_consistency(open_dataset("guza-gauges", manifest).data)
    assert table["correlation"].item() > 0.7 > 0.2 > table["correlation_printed"].item()


def test_the_two_records_of_gauge_one_share_most_hourly_changes(manifest: Manifest) -> None:
    long = open_dataset("guza-gauge", manifest).data["S1"].squeeze().to_series().diff()
    four = open_dataset("guza-gauges", manifest).data["S1"].squeeze().to_series().diff()
    apart = (long - four).abs().dropna()
    assert apart.size > 26000
    assert 0.94 < (apart < 0.05).mean() < 0.96
    assert apart.loc["2008-05-12T07:00"] > 90
    shock = long.loc["2013-04-20"].abs()
    assert shock.idxmax() == pd.Timestamp("2013-04-20T01:00")


def test_mirrored_coverage_is_the_manifests(manifest: Manifest) -> None:
    for name in ("guza-gauge", "guza-gauges", "pbo-tohoku"):
        entry = manifest.dataset(name)
        data = open_dataset(name, manifest).data
        assert data["time"].values[0] == np.datetime64(entry.coverage.start)
        assert data["time"].values[-1] == np.datetime64(entry.coverage.end)
        assert {v: data[v].attrs["units"] for v in data} == {
            v: described.units for v, described in entry.variables.items()
        }


def test_pbo_holds_the_waves_of_tohoku(manifest: Manifest) -> None:
    """The origin is at 05:46:24 UTC; waves arrive there after some twelve minutes."""
    areal = open_dataset("pbo-tohoku", manifest).data["areal"].squeeze().to_series()
    spread = areal.diff().abs().resample("5min").max()
    assert spread.loc[:"2011-03-11T05:50"].max() < 0.2 * spread.max()
    assert spread.idxmax() > pd.Timestamp("2011-03-11T05:58")
