"""A published claim as a typed entry, and the one rule that gives it a verdict.

The rule, in the order in which it is applied:

1. An entry that names a second published value (``contradicts``) which differs from the first by
   more than the tolerance is *inconsistent*, whatever is computed.
2. A setting or an input is *taken as given*: it is used as it is printed, and there is nothing to
   compare it with.
3. A claim on closed data is *not checkable*. A value from a simulation may stand beside it.
4. A claim on open data whose input was simulated, because the data were not at hand, is
   *not checked: data not at hand*.
5. Otherwise the computed value is compared with the published one: it *holds* when it lies within
   the tolerance, edges included, and *does not hold* when it does not or when no value came out.
   Where the paper can be read in several ways the page computes each reading; when some hold and
   some do not, the claim is *ambiguous*. For a claim on simulated data the verdict adds
   *in simulation*.
6. A claim that no page checked is *not checked*, unless the first three steps decide.

The computed value is rounded to the digits that are shown before it is compared, so that the number
on the page and its verdict cannot disagree, and so that another machine gives the same verdict.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from precursor_lib.errors import InputError

Scalar = bool | int | float | str
Value = Scalar | list[Scalar] | None
Computed = Value | dict[str, Value]


class Kind(StrEnum):
    """What a claim rests on."""

    ARITHMETIC = "arithmetic"
    OPEN_DATA = "open_data"
    SIMULATION = "simulation"
    CLOSED_DATA = "closed_data"
    GIVEN = "given"


class Verdict(StrEnum):
    """What the rule can say, in the order in which the claims page counts them."""

    HOLDS = "holds"
    FAILS = "does not hold"
    SIMULATED_HOLDS = "holds in simulation"
    SIMULATED_FAILS = "does not hold in simulation"
    AMBIGUOUS = "ambiguous"
    INCONSISTENT = "inconsistent"
    NOT_CHECKABLE = "not checkable"
    GIVEN = "taken as given"
    NO_DATA = "not checked: data not at hand"
    NOT_CHECKED = "not checked"


class Interval(BaseModel):
    """A published range; an open end is left out.

    Attributes
    ----------
    from_, to : float or None
        The ends, both part of the range. In YAML ``{from: 0.4, to: 0.7}``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    from_: float | None = Field(default=None, alias="from")
    to: float | None = None

    @model_validator(mode="after")
    def _ends(self) -> Interval:
        if self.from_ is None and self.to is None:
            raise ValueError("an interval needs 'from', 'to' or both")
        if self.from_ is not None and self.to is not None and self.from_ > self.to:
            raise ValueError(f"the interval starts at {self.from_:g}, after its end {self.to:g}")
        return self


Published = Interval | bool | int | float | str | list[bool | int | float | str]


class Claim(BaseModel):
    """One published number or statement.

    Attributes
    ----------
    id : str
        Paper, place and quantity: ``swntf-tab1-sta1-distance``.
    label : str
        Label of the figure or table that shows it: ``swntf-tab1``.
    statement : str
        What the paper says, in a sentence that also makes plain which value is compared.
    published : number, bool, str, list of them, or Interval
        The value as printed.
    contradicts : same as `published`, optional
        A second value that the paper prints for the same quantity, or that follows from what it
        prints by the sum that `note` states.
    unit : str
        Unit of the value; empty for none.
    tolerance : float or None
        Largest absolute difference that still holds, in the unit of the value. Half a unit of the
        last printed digit unless `note` says why not. None for text, for yes or no, and for what is
        taken as given.
    kind : Kind
        What the claim rests on; ``given`` for settings and inputs, which claim nothing.
    source : str
        Section, table, figure or equation of the paper.
    note : str
        Why the entry reads as it does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    label: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    statement: str = Field(min_length=10)
    published: Published
    contradicts: Published | None = None
    unit: str = ""
    tolerance: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    kind: Kind
    source: str = Field(min_length=3)
    note: str = ""

    @model_validator(mode="after")
    def _tolerance_fits(self) -> Claim:
        if self.kind is Kind.GIVEN and self.tolerance is not None:
            raise ValueError("what is taken as given is not compared and takes no tolerance")
        if self.kind is not Kind.GIVEN and _numeric(self.published) and self.tolerance is None:
            raise ValueError("a published number needs a tolerance")
        if not _numeric(self.published) and self.tolerance is not None:
            raise ValueError("text and yes-or-no claims take no tolerance")
        if self.contradicts is not None and _form(self.contradicts) != _form(self.published):
            raise ValueError("'contradicts' must be of the same form as 'published'")
        return self

    @property
    def decimals(self) -> int:
        """Digits after the point of a computed value: a step is at most a fifth of the tolerance.

        One digit more than the published value has, where the tolerance is half its last digit.
        Without a tolerance, six.
        """
        if not self.tolerance:
            return 6
        return max(0, math.ceil(-math.log10(self.tolerance / 5) - 1e-9))


def _form(value: Any) -> str:
    if isinstance(value, bool | str | list | Interval):
        return type(value).__name__
    return "number"


def _numeric(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_numeric, value))
    number = isinstance(value, int | float | Interval)
    return number and not isinstance(value, bool)


def computed_value(claim: Claim, value: Any) -> Computed:
    """A computed value as it is shown, compared and stored: plain, and rounded.

    Parameters
    ----------
    claim : Claim
    value : number, bool, str, sequence of them, None, or mapping
        None says that the method gave no value. A mapping gives one value for each reading of the
        paper.

    Raises
    ------
    InputError
        If the value is not of the published value's type, or is NaN or infinite.
    """
    if isinstance(value, Mapping):
        if len(value) < 2:
            raise InputError(f"claim {claim.id}: readings must be two or more, got {len(value)}")
        return {str(name): _plain(claim, v) for name, v in value.items()}
    return _plain(claim, value)


def _plain(claim: Claim, value: Any) -> Value:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None:
        return None
    expected = claim.published
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not isinstance(expected, list | Interval):
            raise InputError(f"claim {claim.id}: one value expected, got {len(value)}")
        members = list(value)
        if isinstance(expected, list) and len(members) != len(expected):
            raise InputError(f"claim {claim.id}: {len(expected)} values expected, got {len(value)}")
        if not members:
            raise InputError(f"claim {claim.id}: the list of computed values is empty")
        examples = expected if isinstance(expected, list) else [0.0] * len(members)
        return [_scalar(claim, v, like) for v, like in zip(members, examples, strict=True)]
    if isinstance(expected, list):
        raise InputError(f"claim {claim.id}: {len(expected)} values expected, got {value!r}")
    return _scalar(claim, value, 0.0 if isinstance(expected, Interval) else expected)


def _scalar(claim: Claim, value: Any, like: Scalar) -> Scalar:
    if isinstance(value, np.generic):
        value = value.item()
    for kinds, words in ((bool, "yes or no"), (str, "text")):
        if isinstance(value, kinds) or isinstance(like, kinds):
            if not (isinstance(value, kinds) and isinstance(like, kinds)):
                raise InputError(f"claim {claim.id}: published {like!r}, got {value!r} ({words})")
            return value
    if isinstance(value, int):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"claim {claim.id}: a number expected, got {value!r}") from None
    if not math.isfinite(number):
        raise InputError(f"claim {claim.id}: computed value is {number}; pass None for no value")
    return round(number, claim.decimals) + 0.0  # not -0.0


def agrees(claim: Claim, value: Value, published: Published | None = None) -> bool:
    """Whether one computed value lies within the tolerance of the published one.

    Numbers are compared as printed decimals, so that a difference of exactly the tolerance holds.
    A list must agree member by member; several values against an interval must all lie in it.

    Parameters
    ----------
    claim : Claim
    value : as `computed_value` gives it, one reading
    published : optional
        Compare with this instead of ``claim.published``.
    """
    target = claim.published if published is None else published
    if value is None:
        return False
    if isinstance(target, list):
        return isinstance(value, list) and all(
            _close(claim, v, t) for v, t in zip(value, target, strict=True)
        )
    values = value if isinstance(value, list) else [value]
    return all(_close(claim, v, target) for v in values)


def _close(claim: Claim, value: Scalar, target: Interval | Scalar) -> bool:
    if isinstance(target, bool | str):
        return value == target
    number, tolerance = Decimal(str(value)), Decimal(str(claim.tolerance or 0))
    if isinstance(target, Interval):
        above = target.from_ is None or number >= Decimal(str(target.from_)) - tolerance
        return above and (target.to is None or number <= Decimal(str(target.to)) + tolerance)
    return abs(number - Decimal(str(target))) <= tolerance


def contradictory(claim: Claim) -> bool:
    """Whether the entry's two published values differ by more than the tolerance."""
    first, second = claim.published, claim.contradicts
    if second is None:
        return False
    if isinstance(first, Interval) and isinstance(second, Interval):
        tolerance = claim.tolerance or 0.0
        ends = ((first.from_, second.from_), (first.to, second.to))
        return any((a is None) != (b is None) for a, b in ends) or any(
            a is not None and b is not None and abs(a - b) > tolerance for a, b in ends
        )
    if isinstance(first, list) and isinstance(second, list) and len(first) != len(second):
        return True
    return not agrees(claim, second if not isinstance(second, Interval) else None)


def judge(claim: Claim, computed: Computed, *, simulated_input: bool = False) -> Verdict:
    """The verdict on a claim that a page checked, by the rule at the top of this module.

    Parameters
    ----------
    claim : Claim
    computed : as `computed_value` gives it
    simulated_input : bool
        Whether any of the data behind the value were simulated.
    """
    if (decided := unchecked(claim)) is not Verdict.NOT_CHECKED:
        return decided
    if claim.kind is Kind.OPEN_DATA and simulated_input:
        return Verdict.NO_DATA
    readings = list(computed.values()) if isinstance(computed, dict) else [computed]
    holding = [agrees(claim, value) for value in readings]
    if any(holding) and not all(holding):
        return Verdict.AMBIGUOUS
    if claim.kind is Kind.SIMULATION:
        return Verdict.SIMULATED_HOLDS if all(holding) else Verdict.SIMULATED_FAILS
    return Verdict.HOLDS if all(holding) else Verdict.FAILS


def unchecked(claim: Claim) -> Verdict:
    """The verdict on a claim that no page checked: what the entry alone can decide."""
    if contradictory(claim):
        return Verdict.INCONSISTENT
    if claim.kind is Kind.GIVEN:
        return Verdict.GIVEN
    return Verdict.NOT_CHECKABLE if claim.kind is Kind.CLOSED_DATA else Verdict.NOT_CHECKED
