"""What the papers print, as tables and numbers, and the rules that apply to it: typed, from YAML.

A file has ``numbers`` and ``tables`` of printed texts, ``groups`` of names, and ``rules``. A rule
names a formula, where its inputs and the printed result stand, and over which rows and columns it
runs. A place is ``number``, ``table/row/column``, ``table/row/@group`` for the cells of a group, a
list of places, or an exact literal such as ``=30``. ``{name}`` stands for a variable of ``each``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from precursor_lib.errors import ManifestError
from precursor_lib.evaluate.audit import fits, formulas  # noqa: F401, they put their formulas in
from precursor_lib.evaluate.audit.ranges import Relation, is_number
from precursor_lib.evaluate.audit.registry import FORMULAS
from precursor_lib.manifest.core import read_yaml

Place = str | list[str]
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class Column(BaseModel):
    """How the numbers of a column are printed.

    Attributes
    ----------
    unit : str
    exact : bool
        Whether they are counts or settings, which were not rounded.
    half : str or None
        Half the width of the interval that a printed number stands for, where it is not half a unit
        of the last digit; `why` says why.
    """

    model_config = _STRICT
    unit: str = ""
    exact: bool = False
    half: str | None = None
    why: str = ""

    @model_validator(mode="after")
    def _reasoned(self) -> Column:
        if self.half is not None and not self.why:
            raise ValueError("'half' needs 'why'")
        return self


class Number(Column):
    """A printed number, date or name that stands outside a table."""

    printed: str
    source: str = Field(min_length=3)


class Table(BaseModel):
    """A printed table: columns with their units, and rows of texts (null where nothing stands)."""

    model_config = _STRICT
    source: str = Field(min_length=3)
    columns: dict[str, Column]
    rows: dict[str, list[str | None]]

    @model_validator(mode="after")
    def _full(self) -> Table:
        for name, cells in self.rows.items():
            if len(cells) != len(self.columns):
                raise ValueError(
                    f"row {name}: expected {len(self.columns)} cells, got {len(cells)}"
                )
            for column, cell in zip(self.columns, cells, strict=True):
                if cell is not None and not is_number(cell):
                    raise ValueError(f"row {name}, column {column}: '{cell}' is no number or date")
        return self


class Reading(BaseModel):
    """One way to read what the paper says: what differs from the rule."""

    model_config = _STRICT
    formula: str | None = None
    inputs: dict[str, Place] = {}
    printed: str | None = None


class Rule(BaseModel):
    """One check and the rows and columns to which it applies.

    Attributes
    ----------
    id : str
        Place and check: ``tab2-square``. Items add the variables' values.
    about : str
        What is compared, as the beginning of a sentence.
    formula : str
    inputs : mapping of str to place
    printed : str or None
        The printed number beside the computed one.
    relation : Relation
        Computed to printed; *equal* by default.
    within : str or None
        Further difference that counts as equal, where the paper says "about"; `note` says why.
    each : mapping
        Variables, each a list of names, a group or a table (its rows).
    distinct : bool
        Whether no two variables may have one value.
    readings : mapping
        Ways to read the paper, by name.
    twice : bool
        Whether a difference means that the paper prints two values for one quantity.
    missing : str
        Why nothing can be computed. The items then are *not checkable*.
    ledger : str
        Id of the ledger's claim on the same number.
    apart : str
        Why the ledger's rule gives that claim another verdict. Such items are not counted.
    family, source, note : str
        Kind of check (the formula's by default), place in the paper (the printed number's by
        default), and a sentence that is added.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    about: str = Field(min_length=5)
    formula: str = "value"
    inputs: dict[str, Place] = {}
    printed: str | None = None
    relation: Relation = Relation.EQUAL
    within: str | None = None
    each: dict[str, str | list[str]] = {}
    distinct: bool = False
    readings: dict[str, Reading] = {}
    twice: bool = False
    missing: str = ""
    ledger: str = ""
    apart: str = ""
    family: str = ""
    source: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Rule:
        names = {self.formula, *(r.formula for r in self.readings.values() if r.formula)}
        for name in sorted(names - set(FORMULAS)):
            raise ValueError(f"there is no formula '{name}'")
        if self.missing:
            return self
        if self.printed is None and any(
            r.printed is None for r in self.readings.values() or [self]
        ):
            raise ValueError("a rule needs 'printed'")
        if not self.inputs and any(not r.inputs for r in self.readings.values() or [self]):
            raise ValueError("a rule needs 'inputs'")
        if len(self.readings) == 1:
            raise ValueError("readings must be two or more")
        if self.apart and not self.ledger:
            raise ValueError("'apart' needs 'ledger'")
        if self.within is not None and not self.note:
            raise ValueError("'within' needs 'note'")
        return self


class Printed(BaseModel):
    """One paper: what it prints, and what must hold of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    cite: str
    numbers: dict[str, Number] = {}
    tables: dict[str, Table] = {}
    groups: dict[str, list[str]] = {}
    rules: list[Rule]

    @model_validator(mode="after")
    def _distinct_names(self) -> Printed:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"rule {rule.id} stands twice")
            seen.add(rule.id)
        return self

    def names(self, of: str | list[str]) -> list[str]:
        """Values of a variable: a list as it is, a group's names or a table's rows."""
        if isinstance(of, list):
            return of
        if of in self.groups:
            return self.groups[of]
        if of in self.tables:
            return list(self.tables[of].rows)
        raise ManifestError(f"there is no group or table '{of}'")

    def runs(self, rule: Rule) -> Iterator[dict[str, str]]:
        """Values of a rule's variables, one mapping an item."""
        choices = [self.names(of) for of in rule.each.values()]
        for values in itertools.product(*choices):
            if not rule.distinct or len(set(values)) == len(values):
                yield dict(zip(rule.each, values, strict=True))

    def cells(self, place: str) -> list[tuple[str, Column, str]]:
        """Printed texts at a place, how they are printed, and where.

        Raises
        ------
        ManifestError
            If there is no such place, or nothing is printed there.
        """
        if place.startswith("="):
            return [(place, Column(exact=True), "")]
        name, *inside = place.split("/")
        if not inside:
            if name not in self.numbers:
                raise ManifestError(f"there is no number '{name}'")
            number = self.numbers[name]
            return [(number.printed, number, number.source)]
        if name not in self.tables or len(inside) != 2:
            raise ManifestError(f"'{place}' is no table/row/column")
        table, found = self.tables[name], []
        members = [self.names(p[1:]) if p.startswith("@") else [p] for p in inside]
        for row, column in itertools.product(*members):
            if row not in table.rows or column not in table.columns:
                raise ManifestError(f"{name} has no cell '{row}/{column}'")
            text = table.rows[row][list(table.columns).index(column)]
            if text is None:
                raise ManifestError(f"{name}: nothing is printed at '{row}/{column}'")
            found.append((text, table.columns[column], table.source))
        return found


def read_printed(file: Path) -> Printed:
    """A paper's file.

    Raises
    ------
    ManifestError
        If it is not as `Printed` says; the message names file, row and field.
    """
    content = read_yaml(file)
    try:
        return Printed.model_validate(content)
    except ValidationError as error:
        lines = [f"{file.name}: {_where(content, e)}: {e['msg']}" for e in error.errors()]
        raise ManifestError("\n".join(lines)) from None


def _where(content: Any, error: Mapping[str, Any]) -> str:
    place = list(error["loc"])
    if len(place) > 1 and place[0] == "rules":
        entry = content["rules"][place[1]]
        name = entry.get("id") if isinstance(entry, dict) else None
        place[:2] = [f"rule {name or place[1] + 1}"]
    elif len(place) > 3 and place[0] == "tables" and place[2] == "rows" and len(place) > 4:
        columns = list(content["tables"][place[1]].get("columns", {}))
        number = place[4]
        if isinstance(number, int) and number < len(columns):
            place[4] = f"column {columns[number]}"
    return ", ".join(map(str, place)) or "the file"
