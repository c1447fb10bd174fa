"""Numbers as text and frames as tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from precursor_lib.errors import InputError
from precursor_lib.report import tables


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.023456, 3, "0.0235"),
        (-73.26, 3, "−73.3"),
        (120, 3, "120"),
        (1234567, 3, "1234567"),
        (1234.5, 3, "1230"),
        (9.996, 3, "10.0"),
        (0.99951, 3, "1.00"),
        (8.1e-7, 2, "8.1e−07"),
        (-1.5e9, 2, "−1.5e09"),
        (0.0, 3, "0"),
        (math.nan, 3, "–"),
        (math.inf, 3, "∞"),
        (np.float32(0.5), 2, "0.50"),
        (np.int64(7), 3, "7"),
    ],
)
def test_number(value: float, digits: int, expected: str) -> None:
    assert tables.number(value, digits) == expected


@given(
    value=st.floats(min_value=1e-12, max_value=1e12), digits=st.integers(min_value=1, max_value=6)
)
def test_number_is_right_to_its_digits(value: float, digits: int) -> None:
    back = float(tables.number(value, digits).replace("−", "-"))
    assert back == pytest.approx(value, rel=0.5000001 * 10.0 ** (1 - digits))


@pytest.mark.parametrize(
    ("value", "how", "expected"),
    [
        (True, 3, "yes"),
        (np.bool_(False), 3, "no"),
        (None, 3, "–"),
        (pd.NaT, 3, "–"),
        (np.datetime64("NaT"), 3, "–"),
        (pd.Timestamp("2021-05-21"), 3, "2021-05-21"),
        (pd.Timestamp("2021-05-21 18:04"), 3, "2021-05-21 18:04"),
        (-1.25, ".1f", "−1.2"),
        (math.nan, ".1f", "–"),
        ([0.05, 0.15], 2, "0.050, 0.15"),
        ("text", 3, "text"),
        (2, lambda value: f"<{value}>", "<2>"),
    ],
)
def test_text(value: object, how: tables.Format, expected: str) -> None:
    assert tables.text(value, how) == expected


def test_named_index_becomes_a_column_and_a_counted_one_does_not() -> None:
    frame = pd.DataFrame({"a": [1]})
    assert tables.cells(frame)[0] == ["a"]
    assert tables.cells(frame.rename_axis("day"))[0] == ["day", "a"]
    assert tables.cells(frame.set_axis(["x"]))[0] == ["", "a"]


def test_cells_refuse_what_they_cannot_show() -> None:
    frame = pd.DataFrame({"distance": [1.0]})
    with pytest.raises(InputError, match="at least one row"):
        tables.cells(frame.iloc[:0])
    with pytest.raises(InputError, match="nearest is 'distance'"):
        tables.cells(frame, units={"distanse": "km"})
    with pytest.raises(InputError, match="nearest is 'distance'"):
        tables.cells(frame, formats={"distanse": 2})


def test_numbers_are_flush_right() -> None:
    frame = pd.DataFrame({"n": [1], "x": [0.5], "yes": [True], "t": ["a"]})
    assert tables.cells(frame)[2] == [True, True, False, False]


AWKWARD = st.text(alphabet="ab |<>\\`*_\n&", min_size=1, max_size=12)


@given(rows=st.lists(st.lists(AWKWARD, min_size=2, max_size=2), min_size=1, max_size=4))
def test_any_text_keeps_the_shape_of_the_table(rows: list[list[str]]) -> None:
    """Whatever stands in the cells, a Markdown parser finds the same rows and columns."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(tables.pipe_table(["x", "y"], rows, [False, True]))
    kinds = [token.type for token in tokens]
    assert kinds.count("tr_open") == len(rows) + 1
    assert kinds.count("td_open") == 2 * len(rows)


def test_references_keep_their_targets_and_comparisons_are_escaped() -> None:
    table = tables.pipe_table(["x"], [["{ref}`Kp <data-kp>` if |Dst| < 30"]], [False])
    assert r"{ref}`Kp <data-kp>` if \|Dst\| &lt; 30" in table


def test_html_shows_labels_in_place_of_references() -> None:
    markup = tables.html_table("a-b", "See {ref}`Kp <data-kp>`.", ["x<y"], [["1|2"]], [True])
    assert "See Kp." in markup
    assert "x&lt;y" in markup
    assert ">1|2</td>" in markup
