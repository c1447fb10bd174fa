"""Borders crossed on a straight way, and the largest earthquakes of two catalogues."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.report.largest import border_between, crossings, largest_since

MADOI = (34.59, 98.34)
SQUARE = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [((2, 2), (2, 6), 1), ((2, 2), (3, 3), 0), ((2, -1), (2, 6), 2), ((5, -1), (5, 6), 0)],
)
def test_crossings_of_a_square(start: tuple[int, int], end: tuple[int, int], expected: int) -> None:
    assert crossings([SQUARE], start, end) == expected


@given(
    st.tuples(*[st.floats(-1, 5, allow_nan=False)] * 2),
    st.tuples(*[st.floats(-1, 5, allow_nan=False)] * 2),
)
def test_an_odd_number_parts_inside_from_outside(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    inside = [0 < place[0] < 4 and 0 < place[1] < 4 for place in (start, end)]
    edges = [min(abs(v), abs(v - 4)) for place in (start, end) for v in place]
    corners = [(0, 0), (0, 4), (4, 0), (4, 4)]
    a, b = np.array(start), np.array(end)
    aside = [abs(np.cross([*(b - a), 0], [*(np.array(c) - a), 0])[2]) for c in corners]
    if min(edges) > 1e-6 and min(aside) > 1e-6:
        assert crossings([SQUARE], start, end) % 2 == (inside[0] != inside[1])


def test_borders_of_china() -> None:
    places = {
        "Lhasa": (29.65, 91.10),
        "Kashgar": (39.50, 76.00),
        "Harbin": (45.80, 126.60),
        "Kunming": (25.00, 102.70),
        "Kathmandu": (27.70, 85.30),
        "Ulan Bator": (47.90, 106.90),
        "Kabul": (34.50, 69.20),
    }
    found = dict(zip(places, border_between(list(places.values()), MADOI), strict=True))
    assert [name for name, abroad in found.items() if abroad] == [
        "Kathmandu",
        "Ulan Bator",
        "Kabul",
    ]
    assert border_between([], MADOI) == []


def frame(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["time", "latitude", "longitude", "magnitude"])
    return table.assign(time=pd.to_datetime(table["time"]))


FIRST = frame(
    ("2008-01-01", 30.0, 100.0, 5.0),
    ("2008-05-12", 31.0, 103.4, 7.9),
    ("2010-04-13", 33.2, 96.7, 6.8),
    ("2014-06-01", 33.0, 96.0, 8.5),
)
SECOND = frame(
    ("2013-01-01", 35.0, 80.0, 5.0),
    ("2015-04-25", 28.2, 84.7, 7.8),
    ("2016-01-01", 10.0, 90.0, 9.0),
    ("2021-05-21", *MADOI, 7.3),
    ("2021-06-21", 35.0, 98.0, 7.9),
)
BOX = (18.0, 54.0, 73.0, 135.0)


def test_each_catalogue_up_to_the_next_and_none_after_the_shock() -> None:
    found = largest_since(
        {"first": FIRST, "second": SECOND}, SECOND.iloc[3], "2008-05-13", BOX, number=2
    )
    assert found["magnitude"].tolist() == [7.8, 6.8]
    assert found["catalogue"].tolist() == ["second", "first"]
    assert found["larger"].tolist() == [True, False]
    assert found["border between"].tolist() == [True, False]


def test_all_larger_ones_are_listed() -> None:
    found = largest_since(
        {"first": FIRST, "second": SECOND}, SECOND.iloc[3], "2008-01-01", BOX, number=1
    )
    assert found["magnitude"].tolist() == [7.9, 7.8]


def test_a_catalogue_that_begins_too_late_is_refused() -> None:
    with pytest.raises(InputError, match="'second' begins on 2013-01-01, after 2008-05-13"):
        largest_since({"second": SECOND}, SECOND.iloc[3], "2008-05-13", BOX, number=1)
