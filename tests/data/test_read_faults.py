"""Fault traces from a shapefile."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapefile

from precursor_lib.data.faults import read_faults
from precursor_lib.errors import InputError


@pytest.fixture
def traces(tmp_path: Path) -> list[Path]:
    with shapefile.Writer(str(tmp_path / "f"), shapeType=shapefile.POLYLINE) as writer:
        writer.field("n", "N")
        writer.line([[[100.0, 30.0], [101.0, 31.0], [102.0, 31.5]]])
        writer.record(1)
        writer.line([[[0.0, 0.0], [1.0, 1.0]], [[5.0, 5.0], [6.0, 6.0]]])
        writer.record(2)
    return [tmp_path / "f.shx", tmp_path / "f.shp"]


def test_traces_are_read_vertex_by_vertex(traces: list[Path]) -> None:
    frame = read_faults(traces)
    assert list(frame["fault"]) == [0, 0, 0, 1, 1, 1, 1]
    assert list(frame["part"]) == [0, 0, 0, 0, 0, 1, 1]
    assert list(frame["longitude"][:3]) == [100.0, 101.0, 102.0]
    assert list(frame["latitude"][:3]) == [30.0, 31.0, 31.5]
    assert frame.attrs["report"] == ["2 traces, 7 vertices"]


def test_a_box_chooses_traces(traces: list[Path]) -> None:
    assert set(read_faults(traces, box=(101.5, 110, 29, 40))["fault"]) == {0}
    assert read_faults(traces, box=(50, 60, 0, 10)).empty
    with pytest.raises(InputError, match="expected west, east, south, north in order"):
        read_faults(traces, box=(110, 101, 29, 40))


def test_missing_and_damaged_files_are_refused(traces: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a \.shx file"):
        read_faults(traces[1:])
    traces[1].write_bytes(traces[1].read_bytes()[:130])
    with pytest.raises(InputError, match="is damaged"):
        read_faults(traces)
