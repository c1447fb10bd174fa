"""The audit itself: each rule applied to each row and column that it names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from precursor_lib.errors import InputError, ManifestError
from precursor_lib.evaluate.audit.items import Finding, Item, Outcome, sentence, slug
from precursor_lib.evaluate.audit.ranges import (
    Range,
    Relation,
    gap,
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
        sentence=sentence(about, rule, findings, outcome, unit),
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
        return Finding(name, chosen.text, other, text, shown, missed, False), column, source
    inputs = {
        key: _ranges(found)
        if isinstance(places[key], list) or "@" in places[key]
        else _ranges(found)[0]
        for key, found in cells.items()
    }
    computed = value_range(chosen.function, inputs, chosen.how)
    beside = _range(text, column)
    rounded = not beside.exact and rule.relation is not Relation.OTHER
    unit = last_digit(text) if column.half is None else 2 * float(column.half)
    if rule.within is not None:
        beside = Range(beside.low - float(rule.within), beside.high + float(rule.within))
    # A distance within what floating point blurs is no distance.
    missed = max(gap(computed, rule.relation, beside), 0.0) / unit
    return Finding(name, chosen.text, computed, text, shown, missed, rounded), column, source


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
