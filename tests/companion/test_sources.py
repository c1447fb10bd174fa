"""Reading sources and their parameters."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.companion.sources import (
    check_defaults,
    check_parameters,
    plain,
    read_parameters,
    read_source,
    same,
)
from precursor_lib.errors import InputError, NotebookError

CELL = '# %% tags=["parameters"]\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "source.py"
    path.write_text(text)
    return path


def test_cell_ids_depend_on_order_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "# %% [markdown]\n# # Title\n\n# %%\na = 1\n\n# %%\na = 2\n")
    first, second = read_source(path), read_source(path)
    assert [cell["id"] for cell in first.cells] == ["cell-000", "cell-001", "cell-002"]
    assert first == second
    assert first.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    }


def test_parameters_are_read_as_literals(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        CELL
        + '"""What they mean."""\nn = 3\nrate: float = -0.5\nnames = [\n    "a",\n    "b",\n]\n'
        "pair = (1, 2)  # a note\nnothing = None\n",
    )
    assert read_parameters(read_source(path), path) == {
        "n": 3,
        "rate": -0.5,
        "names": ["a", "b"],
        "pair": (1, 2),
        "nothing": None,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# %%\nn = 3\n", "source.py: no cell tagged 'parameters'"),
        (CELL + "n = 3\n\n" + CELL + "m = 3\n", "source.py: 2 cells tagged 'parameters'"),
        (CELL + "n = 3\nm = n + 1\n", r"parameters cell, line 2: .*'m = n \+ 1'"),
        (CELL + "import os\n", "line 1: expected 'name = literal', got 'import os'"),
        (CELL + "a = b = 1\n", "expected 'name = literal'"),
        ("# %% [markdown]\n# only words\n", "no code cell"),
    ],
)
def test_unusable_parameters_cells_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(NotebookError, match=message):
        read_parameters(read_source(path), path)


def test_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"none\.py: there is no such notebook source"):
        read_source(tmp_path / "none.py")


def test_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(InputError, match="unknown parameter 'sed'; the nearest is 'seed'"):
        check_parameters({"sed": 1}, {"seed": 1, "nights": 2}, Path("x.py"), said_by="this run")


def test_ci_values_have_to_stand_in_the_cell() -> None:
    check_defaults({"n": 3, "when": datetime.date(2021, 5, 21)}, {"n": 3, "when": "2021-05-21"}, P)
    with pytest.raises(NotebookError, match="'n' is 3 in the parameters cell and 4 in the man"):
        check_defaults({"n": 4}, {"n": 3}, P)


P = Path("x.py")
LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(LITERALS)
def test_a_value_is_the_same_as_itself_in_plain_form(value: object) -> None:
    assert same(value, plain(value))


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ((1, 2), [1, 2], True),
        ([1, 2], [2, 1], False),
        ("1", 1, False),
        (None, False, False),
        ({"a": [1]}, {"a": (1,)}, True),
    ],
)
def test_sameness(first: object, second: object, equal: bool) -> None:
    assert same(first, second) is equal
    assert same(second, first) is equal
