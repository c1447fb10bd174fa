"""Tables and the figure of the page on real records."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.manifest import Manifest
from precursor_lib.report import real_records
from precursor_lib.report.claims import read_claims


@pytest.fixture(scope="module")
def indices() -> dict[str, pd.Series]:
    """Calm indices with a storm of Dst and of Kp on 17 March 2013."""
    hours = pd.date_range("2012-01-01", "2021-12-31T23:00", freq="h")
    dst = pd.Series(-10.0, hours)
    dst["2013-03-17T20:00"] = -132.0
    kp = pd.Series(2.0, hours[::3])
    kp["2013-03-17T06:00"] = 6.7
    ap = pd.Series(7.0, hours[::3])
    return {"Dst": dst, "RC": dst + 5, "Kp": kp, "ap": ap}


def test_spans_pass_or_not(indices: dict[str, pd.Series]) -> None:
    table = real_records.span_table(real_records.SPANS, indices)
    assert len(table) == 12  # RC beside each of four on Dst
    lushan = table[table["paper"] == "VMD-Pyraformer"]
    assert not lushan["passes"].any()
    assert (lushan["samples beyond"] == 1).all()
    assert lushan["extreme"].tolist() == [-132, -127, 6.7, -132, -127, 6.7]
    assert table[table["paper"] == "ED-LSTME"]["passes"].all()
    # One bad day in 3653 spoils as many spans as the span is long.
    record = table.iloc[0]
    assert record["share of all such spans"] == pytest.approx(1 - 120 / (3653 - 119))


def test_levels_of_the_nights(indices: dict[str, pd.Series]) -> None:
    ledger = read_claims(Manifest.load().root / "claims")
    nights = pd.date_range("2021-02-20T16:00", periods=120, freq="D")
    table = real_records.level_table(ledger, indices, nights, 4.0)
    assert table["printed"].tolist() == [25, 2, 0, 27, 0, 0]
    assert table["share of the time"].tolist() == [1, 0, 0, 1, 0, 0]
    # Two events at a level that never came are impossible, and 27 of 27 are sure.
    assert table["chance of the counts"].tolist() == pytest.approx([0, 0, 0, 1, 1, 1])


def test_figure_marks_the_papers_spans(indices: dict[str, pd.Series]) -> None:
    figure = real_records.extremes(real_records.SPANS, indices)
    marks = [
        float(np.asarray(line.get_xdata())[0])
        for axis in figure.axes
        for line in axis.lines
        if line.get_marker() == "D"
    ]
    assert marks == pytest.approx([-132, -132, -10, -10, 6.7, 6.7, 2, 2])
