"""Methods held against each other on the same sources."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import Trials, against_rivals


def trials(found: dict[str, list[bool]]) -> Trials:
    frames = [
        pd.DataFrame(
            {
                "kind": "k",
                "method": name,
                "stations": 1,
                "record": 0,
                "block": pd.date_range("2020-01-01", periods=len(alarm)),
                "amplitude": 1.0,
                "alarm": alarm,
            }
        )
        for name, alarm in found.items()
    ]
    none = pd.Series(dtype=float)
    return Trials(pd.concat(frames, ignore_index=True), pd.DataFrame(), none, none)


def test_only_what_the_two_do_not_share_counts() -> None:
    both = trials(
        {"a": [True] * 20 + [True] * 12 + [False], "b": [True] * 20 + [False] * 12 + [True]}
    )
    row = against_rivals(both, [("k", "a", "b")]).iloc[0]
    assert (row["sources"], row["method_only"], row["rival_only"]) == (33, 12, 1)
    # Binomial: 2 (1 + 13) / 2^13.
    assert row["p"] == pytest.approx(2 * 14 / 2**13)
    assert row["verdict"] == "finds more"
    assert against_rivals(both, [("k", "b", "a")]).iloc[0]["verdict"] == "finds fewer"


def test_equal_methods_show_no_difference() -> None:
    same = trials({"a": [True, False], "b": [True, False]})
    row = against_rivals(same, [("k", "a", "b")]).iloc[0]
    assert row["p"] == 1 and np.isnan(row["share"])
    assert row["verdict"] == "no difference shown"


def test_many_comparisons_are_corrected() -> None:
    some = trials({"a": [True] * 6, "b": [False] * 6, "c": [False] * 6})
    one = against_rivals(some, [("k", "a", "b")])
    two = against_rivals(some, [("k", "a", "b"), ("k", "a", "c")])
    assert one["p"].tolist() == pytest.approx([2 / 2**6])
    assert two["p"].tolist() == pytest.approx([4 / 2**6] * 2)
    assert set(two["verdict"]) == {"no difference shown"}


def test_a_method_that_was_not_tried_is_named() -> None:
    with pytest.raises(InputError, match="'z' was not tried"):
        against_rivals(trials({"a": [True]}), [("k", "a", "z")])
