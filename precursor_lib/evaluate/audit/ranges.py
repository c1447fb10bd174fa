"""Printed numbers as intervals, and what a formula can give within them.

A number printed as 2.68 may have been anything from 2.675 to 2.685 before it was rounded. A formula
of several such numbers therefore has a range of values, and a printed result agrees with it if the
range and the result's own interval meet. For a continuous formula, whose values over a box fill an
interval, this asks exactly whether any values within the printed digits satisfy the identity.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import numpy as np
from scipy.optimize import minimize

from precursor_lib.errors import InputError

_NUMBER = re.compile(r"[+-]?\d+(,\d{3})*(\.\d+)?([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_CORNERS = 12
SLACK = 1e-11
"""Relative error of floating point that a comparison allows."""


@dataclass(frozen=True)
class Range:
    """An interval, both ends part of it.

    Attributes
    ----------
    low, high : float
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InputError(f"range: expected low <= high, got {self.low} and {self.high}")

    @property
    def exact(self) -> bool:
        """Whether the interval is one number."""
        return self.low == self.high

    @property
    def middle(self) -> float:
        """The number halfway."""
        return self.low if self.exact else (self.low + self.high) / 2


class How(StrEnum):
    """Where on a box the extremes of a formula are looked for.

    ``ENDS``: the formula grows with each input; both ends are exact. ``CORNERS``: it grows or falls
    with each input, the others held, so that the extremes lie at corners, which are all tried.
    ``SEARCH``: neither; the best corners and the middle are improved within the box (L-BFGS-B).
    ``MIDDLE``: a step function of the printed numbers, which are taken as they stand.
    """

    ENDS = "ends"
    CORNERS = "corners"
    SEARCH = "search"
    MIDDLE = "middle"


def is_date(text: str) -> bool:
    """Whether a printed text is a date as year-month-day."""
    return bool(_DATE.fullmatch(text))


def is_number(text: str) -> bool:
    """Whether a printed text is a number, a date, or an exact number after ``=``."""
    return is_date(text) or bool(_NUMBER.fullmatch(text.removeprefix("=")))


def last_digit(text: str) -> float:
    """One unit of the last printed digit: 0.01 of ``2.68``, 1 of ``400`` and of a date."""
    if is_date(text):
        return 1.0
    exponent = Decimal(text.removeprefix("=").replace(",", "")).as_tuple().exponent
    return float(Decimal(1).scaleb(int(exponent)))


def printed_range(text: str, *, half: float | None = None, exact: bool = False) -> Range:
    """The numbers that a printed one may stand for.

    Parameters
    ----------
    text : str
        As printed: ``"2.68"``, ``"10,080"``, ``"-0.255"``; a date ``"2016-12-08"``, which counts in
        days and is exact; ``"=30"`` for an exact number.
    half : float, optional
        Half the width of the interval; half a unit of the last printed digit by default.
    exact : bool
        Whether the number is a count or a setting, and not rounded.

    Raises
    ------
    InputError
        If the text is no number.
    """
    if not is_number(text):
        raise InputError(f"printed: expected a number or a date, got '{text}'")
    if is_date(text):
        day = float(date.fromisoformat(text).toordinal())
        return Range(day, day)
    value = Decimal(text.removeprefix("=").replace(",", ""))
    if exact or text.startswith("="):
        return Range(float(value), float(value))
    width = Decimal(str(last_digit(text))) / 2 if half is None else Decimal(str(half))
    return Range(float(value - width), float(value + width))


Inputs = Mapping[str, Range | Sequence[Range]]
Function = Callable[..., np.ndarray]


def value_range(function: Function, inputs: Inputs, how: How) -> Range:
    """Least and greatest value of a function while its inputs move within their ranges.

    Parameters
    ----------
    function : callable
        Takes the inputs by name, as arrays of shape (points,), and of shape (members, points) for
        those that are lists, and gives an array of shape (points,).
    inputs : mapping of str to Range, or to a sequence of them
    how : How

    Raises
    ------
    InputError
        If the function gives no finite number, or more inputs vary than corners can be tried for.
    """
    boxes = [r for v in inputs.values() for r in ([v] if isinstance(v, Range) else v)]
    low, high = np.array([b.low for b in boxes]), np.array([b.high for b in boxes])
    moving = np.flatnonzero(high > low)

    def at(units: np.ndarray) -> np.ndarray:
        """Values at points of the unit cube of the moving inputs, shape (points, moving)."""
        points = np.repeat(low[:, None], len(units), axis=1)
        # The ends are taken as they are, since low + 1 (high - low) may round past high.
        scaled = low[moving] + units * (high - low)[moving]
        points[moving] = np.where(units == 1, high[moving], scaled).T
        arguments, start = {}, 0
        for name, v in inputs.items():
            number = 1 if isinstance(v, Range) else len(v)
            part = points[start : start + number]
            arguments[name], start = (part[0] if isinstance(v, Range) else part), start + number
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(function(**arguments), dtype=float), len(units))

    if how is How.MIDDLE or not len(moving):
        candidates = np.full((1, len(moving)), 0.5)
    elif how is How.ENDS:
        candidates = np.stack([np.zeros(len(moving)), np.ones(len(moving))])
    else:
        candidates = _corners(len(moving), how)
    values = at(candidates)
    if not np.isfinite(values).all():
        raise InputError("the formula gives no finite number within the printed digits")
    ends = [float(values.min()), float(values.max())]
    if how is How.SEARCH and len(moving):
        ends = [
            sign * min(sign * end, _search(at, sign, candidates[np.argmin(sign * values)]))
            for sign, end in zip((1, -1), ends, strict=True)
        ]
    return Range(*ends)


def _corners(number: int, how: How) -> np.ndarray:
    if number <= _MOST_CORNERS:
        corners = np.array(list(itertools.product((0.0, 1.0), repeat=number)))
    elif how is How.SEARCH:
        drawn = np.random.default_rng(0).integers(0, 2, (2**_MOST_CORNERS, number))
        corners = np.vstack([np.zeros(number), np.ones(number), drawn.astype(float)])
    else:
        raise InputError(f"corners: at most {_MOST_CORNERS} rounded inputs, got {number}")
    return np.vstack([corners, np.full(number, 0.5)]) if how is How.SEARCH else corners


def _search(at: Callable[[np.ndarray], np.ndarray], sign: int, best: np.ndarray) -> float:
    """The least of ``sign`` times the values that a bounded search finds."""
    found = math.inf
    scale = float(np.ptp(at(np.stack([np.zeros(best.size), np.ones(best.size), best])))) or 1.0
    for start in (best, np.full(best.size, 0.5)):
        done = minimize(
            lambda u: sign * float(at(u[None])[0]) / scale,
            start,
            method="L-BFGS-B",
            bounds=[(0.0, 1.0)] * best.size,
        )
        found = min(found, float(done.fun) * scale)
    return found


class Relation(StrEnum):
    """How a computed range has to stand to a printed one, for some values within both.

    *Other than* fails where both are the same interval: two numbers printed with the same digits.
    """

    EQUAL = "equal"
    AT_MOST = "at most"
    AT_LEAST = "at least"
    BELOW = "below"
    ABOVE = "above"
    OTHER = "other than"


def satisfied(computed: Range, relation: Relation, printed: Range) -> bool:
    """Whether any two values of the ranges stand in the relation; floating point is forgiven."""
    return gap(computed, relation, printed) <= 0


def gap(computed: Range, relation: Relation, printed: Range) -> float:
    """By how much the ranges miss the relation; 0 or less where they do not."""
    if relation is Relation.OTHER:
        return float(computed == printed)
    ends = (computed.low, computed.high, printed.low, printed.high)
    slack = SLACK * max(map(abs, ends))
    over, under = computed.low - printed.high, printed.low - computed.high
    if relation is Relation.EQUAL:
        return max(over, under) - slack
    if relation in (Relation.AT_MOST, Relation.AT_LEAST):
        return (over if relation is Relation.AT_MOST else under) - slack
    missed = over if relation is Relation.BELOW else under
    return max(missed, math.ulp(0.0)) if missed >= 0 else missed
