"""The rule that gives a verdict."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from precursor_lib.errors import InputError
from precursor_lib.report.verdict import (
    Claim,
    Interval,
    Kind,
    Verdict,
    agrees,
    computed_value,
    judge,
    unchecked,
)

YES, NO = Verdict.HOLDS, Verdict.FAILS


def claim(published: Any, tolerance: float | None = None, **changes: Any) -> Claim:
    """A claim on what can be computed from the paper alone."""
    fields = {
        "id": "tiny-tab1-value",
        "label": "tiny-tab1",
        "statement": "The value is this.",
        "published": published,
        "tolerance": tolerance,
        "kind": "arithmetic",
        "source": "Table 1",
    }
    return Claim.model_validate({**fields, **changes})


def verdict(entry: Claim, value: Any, **options: Any) -> Verdict:
    """The verdict on a raw value, as a page gets it."""
    return judge(entry, computed_value(entry, value), **options)


@pytest.mark.parametrize(
    ("published", "tolerance", "value", "expected"),
    [
        (175, 0.5, 175, YES),
        (175, 0.5, 175.5, YES),
        (175, 0.5, 174.5, YES),
        (175, 0.5, 175.6, NO),
        (-73.3, 0.05, -73.35, YES),
        (-73.3, 0.05, -73.25, YES),
        (-73.3, 0.05, -73.36, NO),
        (0.1, 0.0, 0.1, YES),
        (0.1, 0.0, 0.1 + 1e-5, NO),
        (27, 0, 27, YES),
        (27, 0, 26, NO),
        ({"from": 0.4, "to": 0.7}, 0.05, 0.35, YES),
        ({"from": 0.4, "to": 0.7}, 0.05, 0.34, NO),
        ({"from": 0.4, "to": 0.7}, 0.05, [0.4, 0.75], YES),
        ({"from": 0.4, "to": 0.7}, 0.05, [0.4, 0.76], NO),
        ({"from": 350}, 5, 1e6, YES),
        ({"from": 350}, 5, 344, NO),
        ({"to": 0.05}, 0, 0.05, YES),
        ({"to": 0.05}, 0, 0.051, NO),
        ([0.05, 0.15], 0.005, [0.055, 0.145], YES),
        ([0.05, 0.15], 0.005, [0.055, 0.156], NO),
        (True, None, True, YES),
        (True, None, np.bool_(False), NO),
        ("Sta_5", None, "Sta_5", YES),
        ("Sta_5", None, "Sta_1", NO),
        (175, 0.5, None, NO),
        ([0.05, 0.15], 0.005, None, NO),
    ],
)
def test_comparison(published: Any, tolerance: float | None, value: Any, expected: Verdict) -> None:
    assert verdict(claim(published, tolerance), value) is expected


@pytest.mark.parametrize(
    ("kind", "simulated", "value", "expected"),
    [
        ("arithmetic", False, 3, Verdict.HOLDS),
        ("arithmetic", True, 3, Verdict.HOLDS),
        ("open_data", False, 3, Verdict.HOLDS),
        ("open_data", False, 9, Verdict.FAILS),
        ("open_data", True, 3, Verdict.NO_DATA),
        ("open_data", True, 9, Verdict.NO_DATA),
        ("simulation", True, 3, Verdict.SIMULATED_HOLDS),
        ("simulation", True, 9, Verdict.SIMULATED_FAILS),
        ("simulation", False, None, Verdict.SIMULATED_FAILS),
        ("closed_data", True, 3, Verdict.NOT_CHECKABLE),
        ("closed_data", False, 9, Verdict.NOT_CHECKABLE),
        ("arithmetic", False, {"one way": 3, "another": 9}, Verdict.AMBIGUOUS),
        ("arithmetic", False, {"one way": 3, "another": None}, Verdict.AMBIGUOUS),
        ("simulation", True, {"one way": 3, "another": 9}, Verdict.AMBIGUOUS),
        ("arithmetic", False, {"one way": 3, "another": 3.2}, Verdict.HOLDS),
        ("simulation", True, {"one way": 8, "another": 9}, Verdict.SIMULATED_FAILS),
        ("closed_data", True, {"one way": 3, "another": 9}, Verdict.NOT_CHECKABLE),
        ("open_data", True, {"one way": 3, "another": 9}, Verdict.NO_DATA),
    ],
)
def test_kind_and_origin(kind: str, simulated: bool, value: Any, expected: Verdict) -> None:
    assert verdict(claim(3, 0.5, kind=kind), value, simulated_input=simulated) is expected


@pytest.mark.parametrize(
    ("published", "contradicts", "tolerance", "inconsistent"),
    [
        (1, 19, 0.5, True),
        (1, 1.5, 0.5, False),
        (-20, -17, 5, False),
        ("Figure 4", "Figure 5", None, True),
        ("Figure 4", "Figure 4", None, False),
        ([1, 2], [1, 3], 0.5, True),
        ([1, 2], [1, 2, 3], 0.5, True),
        ({"from": 1, "to": 2}, {"from": 1, "to": 2.4}, 0.5, False),
        ({"from": 1, "to": 2}, {"from": 1, "to": 2.6}, 0.5, True),
        ({"from": 1, "to": 2}, {"from": 1}, 0.5, True),
    ],
)
def test_two_published_values(
    published: Any, contradicts: Any, tolerance: float | None, inconsistent: bool
) -> None:
    entry = claim(published, tolerance, contradicts=contradicts)
    value = 1.5 if isinstance(published, dict) else published
    assert verdict(entry, value) is (Verdict.INCONSISTENT if inconsistent else Verdict.HOLDS)
    assert unchecked(entry) is (Verdict.INCONSISTENT if inconsistent else Verdict.NOT_CHECKED)


def test_contradiction_comes_before_closed_data() -> None:
    entry = claim(1, 0.5, contradicts=3, kind="closed_data")
    assert verdict(entry, 1) is unchecked(entry) is Verdict.INCONSISTENT


@pytest.mark.parametrize("kind", list(Kind))
def test_unchecked(kind: Kind) -> None:
    decided = {Kind.CLOSED_DATA: Verdict.NOT_CHECKABLE, Kind.GIVEN: Verdict.GIVEN}
    tolerance = None if kind is Kind.GIVEN else 0.5
    expected = decided.get(kind, Verdict.NOT_CHECKED)
    assert unchecked(claim(1, tolerance, kind=kind)) is expected


def test_what_is_given_is_not_compared() -> None:
    entry = claim(5, kind="given")
    assert verdict(entry, 7) is verdict(entry, 5, simulated_input=True) is Verdict.GIVEN
    assert unchecked(claim([1, 2], kind="given", contradicts=[1, 3])) is Verdict.INCONSISTENT
    with pytest.raises(ValidationError, match="takes no tolerance"):
        claim(5, 0.5, kind="given")
    with pytest.raises(ValidationError, match="needs a tolerance"):
        claim(5)


@pytest.mark.parametrize(
    ("published", "tolerance", "value", "message"),
    [
        (1, 0.5, float("nan"), "pass None"),
        (1, 0.5, np.inf, "pass None"),
        (1, 0.5, "1", "published 1, got '1'"),
        (1, 0.5, True, "yes or no"),
        (1, 0.5, [1, 2], "one value expected, got 2"),
        (1, 0.5, {"only": 1}, "two or more"),
        ([1, 2], 0.5, [1], "2 values expected, got 1"),
        ([1, 2], 0.5, 1, "2 values expected"),
        ({"to": 1}, 0.5, [], "empty"),
        (True, None, 1, "published True, got 1"),
        ("a", None, 1, "published 'a', got 1"),
    ],
)
def test_values_of_the_wrong_form(
    published: Any, tolerance: float | None, value: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        computed_value(claim(published, tolerance), value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"published": 1}, "needs a tolerance"),
        ({"published": "a", "tolerance": 1}, "no tolerance"),
        ({"published": True, "tolerance": 1}, "no tolerance"),
        ({"published": 1, "tolerance": -1}, "greater than or equal"),
        ({"published": 1, "tolerance": 1, "contradicts": "a"}, "same form"),
        ({"published": {}, "tolerance": 1}, "needs 'from', 'to'"),
        ({"published": {"from": 2, "to": 1}, "tolerance": 1}, "after its end"),
        ({"published": 1, "tolerance": 1, "id": "Tiny"}, "pattern"),
        ({"published": 1, "tolerance": 1, "kind": "hearsay"}, "kind"),
        ({"published": 1, "tolerance": 1, "figure": "tiny-fig1"}, "figure"),
    ],
)
def test_entries_that_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        claim(changes.pop("published"), **changes)


DIGITS = st.integers(min_value=0, max_value=4)
WHOLE = st.integers(min_value=-(10**6), max_value=10**6)


@given(whole=WHOLE, digits=DIGITS, steps=st.integers(min_value=-20, max_value=20))
def test_half_a_unit_of_the_last_digit_is_exact(whole: int, digits: int, steps: int) -> None:
    """Edges hold, the next printed step beyond them does not, whatever the binary fractions are."""
    unit = Decimal(1).scaleb(-digits)
    published = whole * unit
    entry = claim(float(published), float(unit / 2))
    value = float(published + steps * unit / 10)
    assert agrees(entry, computed_value(entry, value)) == (abs(steps) <= 5)


@given(
    value=st.floats(min_value=-1e6, max_value=1e6),
    tolerance=st.floats(min_value=1e-4, max_value=1e3),
)
def test_rounding_never_moves_a_value_by_more_than_a_tenth_of_the_tolerance(
    value: float, tolerance: float
) -> None:
    entry = claim(0, tolerance)
    rounded = computed_value(entry, value)
    assert isinstance(rounded, float)
    assert abs(rounded - value) <= tolerance / 10 * (1 + 1e-6) + 1e-9


@given(
    low=st.floats(min_value=-1e3, max_value=1e3),
    width=st.floats(min_value=0, max_value=1e3),
    tolerance=st.floats(min_value=1e-3, max_value=10),
    shift=st.floats(min_value=0.2, max_value=3),
)
def test_interval_holds_inside_and_fails_beyond(
    low: float, width: float, tolerance: float, shift: float
) -> None:
    entry = claim(Interval(from_=low, to=low + width), tolerance)
    beyond = tolerance * (1 + shift)
    assert agrees(entry, computed_value(entry, low + width / 2))
    assert not agrees(entry, computed_value(entry, low - beyond))
    assert not agrees(entry, computed_value(entry, low + width + beyond))
