"""Items of the audit: each rule applied to each row and column, with a verdict and a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from precursor_lib.errors import InputError, ManifestError
from precursor_lib.evaluate.audit.ranges import (
    Range,
    Relation,
    gap,
    is_date,
    is_number,
    last_digit,
    printed_range,
    value_range,
)
from precursor_lib.evaluate.audit.registry import formula
from precursor_lib.evaluate.audit.rules import Column, Place, Printed, Rule, read_printed

# Named here so that a page is run again when one of them changes.
PAPERS = Path(__file__).parent / "papers"
FILES = ("cnn.yml", "lushan.yml", "stmn.yml", "swntf.yml", "tec.yml")


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
    """

    name: str
    formula: str
    computed: Range | str
    printed: str
    inputs: Mapping[str, str]
    missed: float

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
        """Least distance from agreement over the readings, in units of the last digit."""
        return min((f.missed for f in self.findings), default=math.nan)


def slug(text: str) -> str:
    """Lower case with hyphens, for ids."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("²", "2").replace("ρ", "rho")).strip("-")


def audit(folder: Path | None = None) -> list[Item]:
    """Every item of every paper.

    Parameters
    ----------
    folder : pathlib.Path, optional
        With one file a paper; the project's own by default.

    Raises
    ------
    ManifestError
        If a file is not as `rules.Printed` says, or a place in a rule does not exist; the message
        names file, rule and field.
    """
    files = sorted(folder.glob("*.yml")) if folder else [PAPERS / name for name in FILES]
    items = [item for file in files for item in paper_items(file.stem, read_printed(file))]
    if not items:
        raise ManifestError(f"no audit: {folder} holds no .yml file with rules")
    return items


def paper_items(paper: str, printed: Printed) -> list[Item]:
    """Every item of one paper, in the order of its rules."""
    items = []
    for rule in printed.rules:
        try:
            runs = list(printed.runs(rule))
            for values in runs:
                items.append(_item(paper, printed, rule, values))
        except (ManifestError, InputError, KeyError, IndexError) as error:
            raise ManifestError(f"{paper}.yml: rule {rule.id}: {error}") from error
    return items


def _item(paper: str, printed: Printed, rule: Rule, values: Mapping[str, str]) -> Item:
    slugs = {name: slug(value) for name, value in values.items()}
    about = rule.about.format(**values)
    findings: list[Finding] = []
    unit, source = "", rule.source
    if not rule.missing:
        for name in rule.readings or [""]:
            finding, column, place = _finding(printed, rule, name, values)
            findings.append(finding)
            unit, source = column.unit, source or place
    if not source:
        raise ManifestError("needs 'source', for its printed number has none")
    outcome = _outcome(rule, findings)
    family = rule.family or formula(rule.formula).family
    return Item(
        id="-".join([paper, rule.id, *slugs.values()]),
        paper=paper,
        rule=rule.id,
        about=about,
        source=source,
        unit=unit,
        family="not checkable" if rule.missing else family,
        ledger=rule.ledger.format(**slugs),
        apart=rule.apart,
        relation=rule.relation,
        findings=tuple(findings),
        outcome=outcome,
        sentence=_sentence(about, rule, findings, outcome, unit),
    )


def _finding(
    printed: Printed, rule: Rule, name: str, values: Mapping[str, str]
) -> tuple[Finding, Column, str]:
    reading = rule.readings.get(name)
    chosen = formula((reading.formula if reading else None) or rule.formula)
    places = {**rule.inputs, **(reading.inputs if reading else {})}
    target = (reading.printed if reading else None) or rule.printed or ""
    cells = {key: _cells(printed, place, values) for key, place in places.items()}
    (text, column, source), *more = printed.cells(target.format(**values))
    if more:
        raise ManifestError(f"printed: '{target}' names {len(more) + 1} numbers, expected one")
    shown = {key: ", ".join(t for t, *_ in found) for key, found in cells.items()}
    if not is_number(text):
        # Names: the formula `same` alone has a meaning for them.
        if chosen.name != "same" or rule.relation is not Relation.EQUAL:
            raise ManifestError(f"printed: '{text}' is no number, so that only 'same' applies")
        other = shown["x"]
        missed = 0.0 if other == text else math.inf
        return Finding(name, chosen.text, other, text, shown, missed), column, source
    inputs = {
        key: _ranges(found) if isinstance(places[key], list) or "@" in places[key] else _one(found)
        for key, found in cells.items()
    }
    computed = value_range(chosen.function, inputs, chosen.how)
    beside = _range(text, column)
    if rule.within is not None:
        beside = Range(beside.low - float(rule.within), beside.high + float(rule.within))
    # A distance within what floating point blurs is no distance.
    missed = max(gap(computed, rule.relation, beside), 0.0) / last_digit(text)
    return Finding(name, chosen.text, computed, text, shown, missed), column, source


def _cells(
    printed: Printed, place: Place, values: Mapping[str, str]
) -> list[tuple[str, Column, str]]:
    places = place if isinstance(place, list) else [place]
    return [cell for p in places for cell in printed.cells(p.format(**values))]


def _range(text: str, column: Column) -> Range:
    half = None if column.half is None else float(column.half)
    return printed_range(text, half=half, exact=column.exact)


def _ranges(cells: list[tuple[str, Column, str]]) -> list[Range]:
    return [_range(text, column) for text, column, _ in cells]


def _one(cells: list[tuple[str, Column, str]]) -> Range:
    return _ranges(cells)[0]


def _outcome(rule: Rule, findings: list[Finding]) -> Outcome:
    holding = [finding.missed == 0 for finding in findings]
    if not holding:
        return Outcome.NOT_CHECKABLE
    if all(holding):
        return Outcome.HOLDS
    if any(holding):
        return Outcome.AMBIGUOUS
    twice = rule.twice or formula(rule.formula).name == "same"
    return Outcome.INCONSISTENT if twice else Outcome.FAILS


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
_ENDS = {
    Outcome.HOLDS: "It holds.",
    Outcome.FAILS: "It does not hold.",
    Outcome.INCONSISTENT: "The two do not agree.",
    Outcome.AMBIGUOUS: "It depends on the reading.",
}


def _sentence(about: str, rule: Rule, findings: list[Finding], outcome: Outcome, unit: str) -> str:
    note = f" {rule.note}" if rule.note else ""
    if not findings:
        return f"{about}: {rule.missing}"
    parts = []
    for finding in findings:
        given = "; ".join(f"{k} {v.replace('=', '')}" for k, v in finding.inputs.items())
        name = f"{finding.name}: " if finding.name else ""
        if finding.formula in PLAIN:
            parts.append(f"{name}{finding.inputs['x']}")
        else:
            parts.append(f"{name}{finding.formula} ({given}) gives {finding.shown}")
    beside = {f.printed.removeprefix("=") for f in findings}
    printed = " and ".join(sorted(beside)) + (f" {unit}" if unit else "")
    says = _SAYS[rule.relation].format(printed)
    return f"{about}: {', '.join(parts)}; {says}. {_ENDS[outcome]}{note}"
