"""The ledger of published claims: entries, what the pages computed, and the rows that join them.

The rule that gives a verdict stands in `precursor_lib.report.verdict`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from precursor_lib.errors import ManifestError, unknown
from precursor_lib.manifest import Notebook
from precursor_lib.manifest.core import read_yaml
from precursor_lib.report import tables
from precursor_lib.report.verdict import (
    Claim,
    Computed,
    Interval,
    Published,
    Verdict,
    unchecked,
)

CLAIMS_MIME = "application/vnd.precursor.claims+json"
PROVENANCE_MIME = "application/vnd.precursor.provenance+json"


class Check(BaseModel):
    """What a page found about one claim.

    Attributes
    ----------
    id : str
        The claim.
    computed : number, bool, str, list, mapping by reading, or None
        Rounded; None where no value came out.
    verdict : Verdict
    shown : str or None
        Label of the figure or table of the page that shows it.
    note : str
        What the page adds, such as the data behind a counterpart.
    notebook : str
        Id of the notebook that checked it.
    page : str
        Its page in the book, without ending.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    computed: Computed
    verdict: Verdict
    shown: str | None = None
    note: str = ""
    notebook: str
    page: str


class Row(BaseModel):
    """One line of the ledger: an entry with its check, where there is one."""

    model_config = ConfigDict(frozen=True)
    claim: Claim
    check: Check | None = None

    @property
    def verdict(self) -> Verdict:
        """The check's verdict, or what the entry alone decides."""
        return self.check.verdict if self.check else unchecked(self.claim)

    def record(self) -> dict[str, Any]:
        """The row as plain values for JSON.

        Returns
        -------
        dict
            ``id``, ``statement``, ``published``, ``unit``, ``tolerance``, ``kind``, ``source``,
            ``computed``, ``verdict``, ``page`` (address in the site, with the anchor of the figure
            or table; None where no page checks the entry) and ``note``.
        """
        claim, check = self.claim, self.check
        shown = {"id", "statement", "published", "unit", "kind", "source"}
        anchor = f"#{check.shown}" if check and check.shown else ""
        return {
            **claim.model_dump(mode="json", by_alias=True, exclude_none=True, include=shown),
            "tolerance": claim.tolerance,
            "computed": check.computed if check else None,
            "verdict": self.verdict.value,
            "page": f"{check.page}.html{anchor}" if check else None,
            "note": self.note,
        }

    @property
    def note(self) -> str:
        """The entry's note and the page's."""
        return " ".join(filter(None, [self.claim.note, self.check.note if self.check else ""]))


class Part(BaseModel):
    """A figure, table, equation or section of a paper.

    Attributes
    ----------
    what : str
        What it shows.
    reason : str
        Why it, or what of it has no entry, needs none.
    entries : list of str
        Entries on it that stand under another part.
    shown : str
        The book's figure or table of it, where its label is not that of the part.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    what: str = Field(min_length=5)
    reason: str = ""
    entries: list[str] = []
    shown: str = ""


class Paper(BaseModel):
    """One file of the ledger: a paper and its entries.

    Attributes
    ----------
    title : str
        Heading on the claims page.
    cite : str
        The paper's key in the bibliography.
    contents : dict of str to Part
        What the paper consists of, by id: ``fig5``, ``tab1``, ``eq3``, ``sec2``. An entry belongs
        to the part with which its id goes on after the paper's name.
    claims : list of Claim
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    cite: str
    contents: dict[str, Part] = {}
    claims: list[Claim]


def read_papers(folder: Path) -> dict[str, Paper]:
    """Every ``<paper>.yml`` of the ledger, by the file's name without its ending.

    Raises
    ------
    ManifestError
        If there is none, a file or entry is not as `Paper` and `Claim` say, an id does not start
        with the file's name, or an id stands twice.
    """
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise ManifestError(f"no claims: {folder} holds no .yml file")
    papers: dict[str, Paper] = {}
    owner: dict[str, str] = {}
    for file in files:
        content = read_yaml(file)
        try:
            paper = Paper.model_validate(content)
        except ValidationError as error:
            lines = [f"{file.name}: {_where(content, e)}: {e['msg']}" for e in error.errors()]
            raise ManifestError("\n".join(lines)) from None
        for claim in paper.claims:
            if not claim.id.startswith(f"{file.stem}-"):
                raise ManifestError(f"{file.name}: {claim.id} must start with '{file.stem}-'")
            if claim.id in owner:
                raise ManifestError(f"{file.name}: {claim.id} stands in {owner[claim.id]} already")
            owner[claim.id] = file.name
        papers[file.stem] = paper
    return papers


def _where(content: Any, error: Any) -> str:
    """The place of a validation error, with the entry's id, for a position alone helps little."""
    place = list(error["loc"])
    if len(place) > 1 and place[0] == "claims":
        entry = content["claims"][place[1]]
        name = entry.get("id") if isinstance(entry, dict) else None
        place[:2] = [str(name or f"entry {place[1] + 1}")]
    return ", ".join(map(str, place)) or "the file"


def read_claims(folder: Path) -> dict[str, Claim]:
    """Every entry of the ledger by id, in the order in which they stand; see `read_papers`."""
    return {claim.id: claim for paper in read_papers(folder).values() for claim in paper.claims}


def payloads(notebook: Mapping[str, Any], kind: str) -> list[Any]:
    """The records of one kind in an executed notebook, in order.

    They stand in the metadata of the outputs that show them.

    Parameters
    ----------
    notebook : mapping
        As ``nbformat.read`` gives it.
    kind : str
        `CLAIMS_MIME` or `PROVENANCE_MIME`.
    """
    return [
        output["metadata"][kind]
        for cell in notebook.get("cells", [])
        for output in cell.get("outputs", [])
        if kind in output.get("metadata", {})
    ]


def read_checks(executed: Path) -> list[Check]:
    """The claims that an executed notebook checked.

    Raises
    ------
    ManifestError
        If the notebook is not readable, or its record of claims is not as this module writes it.
    """
    try:
        found = payloads(json.loads(executed.read_text(encoding="utf-8")), CLAIMS_MIME)
        return [Check.model_validate(check) for payload in found for check in payload["claims"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{executed.name}: no readable record of claims: {error}") from None


def ledger(claims: Mapping[str, Claim], checks: Iterable[Check] = ()) -> list[Row]:
    """Join entries and checks; an entry without a check stays in the list.

    Parameters
    ----------
    claims : mapping
        As `read_claims` gives it.
    checks : iterable of Check
        Of all pages.

    Raises
    ------
    ManifestError
        If a check is of no known claim, or two pages checked the same claim.
    """
    by_id: dict[str, Check] = {}
    for check in checks:
        if check.id not in claims:
            raise ManifestError(f"{check.notebook}: {unknown('claim', check.id, claims)}")
        if check.id in by_id:
            raise ManifestError(
                f"claim {check.id} is checked by {by_id[check.id].notebook} and by {check.notebook}"
            )
        by_id[check.id] = check
    return [Row(claim=claim, check=by_id.get(name)) for name, claim in claims.items()]


def counts(rows: Iterable[Row]) -> dict[Verdict, int]:
    """Rows by verdict, every verdict listed, in the order of the rule."""
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in Verdict}


def show(value: Published | Computed, decimals: int | None = None) -> str:
    """A published or computed value in words: ranges, lists and readings included."""
    if value is None:
        return "no value"
    if isinstance(value, Interval):
        ends = [None if end is None else show(end) for end in (value.from_, value.to)]
        if None not in ends:
            return f"{ends[0]} to {ends[1]}"
        return f"at least {ends[0]}" if ends[1] is None else f"at most {ends[1]}"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {show(member, decimals)}" for name, member in value.items())
    if isinstance(value, list):
        return ", ".join(show(member, decimals) for member in value)
    if isinstance(value, bool | str):
        return tables.text(value)
    # Published and whole numbers as they stand; other computed ones with one digit more.
    computed = decimals is not None and isinstance(value, float)
    plain = f"{value:.{decimals}f}" if computed else f"{value:.15g}"
    if decimals == 6 and "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.replace("-", tables.MINUS)


def with_unit(value: Published | Computed, unit: str, decimals: int | None = None) -> str:
    """As `show`, with the unit where there is a value."""
    return show(value, decimals) if value is None else f"{show(value, decimals)} {unit}".rstrip()


def document(entry: Notebook) -> str:
    """A notebook's page in the book, without ending: ``notebooks/<section>/<source's name>``."""
    return f"notebooks/{entry.section}/{Path(entry.source).stem}"
