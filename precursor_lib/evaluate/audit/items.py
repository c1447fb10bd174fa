"""Items of the audit: what was computed, with a verdict and a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from precursor_lib.evaluate.audit.ranges import (
    Range,
    Relation,
    is_date,
    last_digit,
)
from precursor_lib.evaluate.audit.registry import formula
from precursor_lib.evaluate.audit.rules import Rule


class Outcome(StrEnum):
    """What the audit can say of an item; the words of the ledger, where it has them."""

    HOLDS = "holds"
    FAILS = "does not hold"
    INCONSISTENT = "internally inconsistent"
    AMBIGUOUS = "ambiguous"
    NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True)
class Finding:
    """One reading of an item.

    Attributes
    ----------
    name : str
        Of the reading; empty where there is one alone.
    formula : str
        In words.
    computed : Range or str
        A text where names are compared.
    printed : str
    inputs : mapping of str to str
        Printed texts by name.
    missed : float
        Distance from agreement in units of the last printed digit; 0 where it holds.
    rounded : bool
        Whether the printed number was rounded: it is no name, date, count, setting or limit.
    """

    name: str
    formula: str
    computed: Range | str
    printed: str
    inputs: Mapping[str, str]
    missed: float
    rounded: bool

    @property
    def shown(self) -> str:
        """The computed range as text, to a digit more than what is printed."""
        if isinstance(self.computed, str):
            return self.computed
        if is_date(self.printed):
            ends = [math.floor(self.computed.low), math.floor(self.computed.high)]
            days = [
                date.fromordinal(n).isoformat() if 1 <= n <= date.max.toordinal() else f"day {n}"
                for n in ends
            ]
            return days[0] if days[0] == days[1] else " to ".join(days)
        low, high = self.computed.low, self.computed.high
        if self.computed.exact and low == round(low):
            return f"{low:.0f}"
        size, digits = max(abs(low), abs(high)), 1 - round(math.log10(last_digit(self.printed)))
        # A limit such as 0.05 says nothing of the digits of what is compared with it.
        if self.printed.startswith("=") or size < 10.0**-digits:
            digits = 2 - math.floor(math.log10(size))
        form = f".{max(0, digits)}f" if digits < 7 else ".1e"
        shown = [f"{end:{form}}" for end in (low, high)]
        return shown[0] if shown[0] == shown[1] else " to ".join(shown)


@dataclass(frozen=True)
class Item:
    """One audited number.

    Attributes
    ----------
    id, paper, rule, about, source, unit, family, ledger, apart : str
        `ledger` is the id of the ledger's claim on the same number, empty for none, and `apart` why
        that has another verdict.
    relation : Relation
    findings : tuple of Finding
        Empty where nothing can be computed.
    outcome : Outcome
    sentence : str
    """

    id: str
    paper: str
    rule: str
    about: str
    source: str
    unit: str
    family: str
    ledger: str
    apart: str
    relation: Relation
    findings: tuple[Finding, ...]
    outcome: Outcome
    sentence: str

    @property
    def missed(self) -> float:
        """Least distance from agreement, in units of the last digit; NaN where none was rounded."""
        return min((f.missed for f in self.findings if f.rounded), default=math.nan)


def slug(text: str) -> str:
    """Lower case with hyphens, for ids."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("²", "2").replace("ρ", "rho")).strip("-")


PLAIN = {formula(name).text for name in ("value", "same")}
"""Formulas that give a printed number as it is."""
_SAYS = {
    Relation.EQUAL: "the paper prints {}",
    Relation.AT_MOST: "it must be at most {}",
    Relation.AT_LEAST: "it must be at least {}",
    Relation.BELOW: "it must be below {}",
    Relation.ABOVE: "it must be above {}",
    Relation.OTHER: "it must differ from {}",
}
_DATES = {"at most": "no later than", "at least": "no earlier than"}
_DATES |= {"below": "before", "above": "after"}
_ENDS = {
    Outcome.HOLDS: "It holds.",
    Outcome.FAILS: "It does not hold.",
    Outcome.INCONSISTENT: "The two do not agree.",
    Outcome.AMBIGUOUS: "It depends on the reading.",
}


_WORDS = {"r2": "R² ", "rho": "ρ ", "rmse": "RMSE ", "mse": "MSE ", "x": ""}


def _word(key: str) -> str:
    """An input's name before its value; pairs and lists are plain from the formula."""
    if re.search(r"(^|_)[ab]$", key):
        return ""
    return _WORDS.get(key, f"{key.replace('_', ' ')} ")


def sentence(about: str, rule: Rule, findings: list[Finding], outcome: Outcome, unit: str) -> str:
    """An item's sentence, from its rule and what was computed."""
    note = f" {rule.note}" if rule.note else ""
    if not findings:
        return f"{about}: {rule.missing}"
    parts = []
    for finding in findings:
        given = "; ".join(f"{_word(k)}{v.replace('=', '')}" for k, v in finding.inputs.items())
        name = f"{finding.name}: " if finding.name else ""
        if finding.formula in PLAIN:
            parts.append(f"{name}{finding.inputs['x']}")
        else:
            parts.append(f"{name}{finding.formula} ({given}) gives {finding.shown}")
    beside = {f.printed.removeprefix("=") for f in findings}
    printed = " and ".join(sorted(beside)) + (f" {unit}" if unit else "")
    says = _SAYS[rule.relation].format(printed)
    if is_date(printed):
        for words, of_dates in _DATES.items():
            says = says.replace(words, of_dates)
    whole = f"{about}: {', '.join(parts)}; {says}. {_ENDS[outcome]}{note}"
    # A symbol such as p, x0 or sMAPE stays as it is.
    return whole[0].upper() + whole[1:] if whole[1].islower() else whole
