"""What of each paper the ledger and the audit cover: part by part, with a reason for the rest.

A part is a figure, table, equation or section. The ledger's file of a paper lists its parts under
``contents``. Entries of the ledger and items of the audit belong to the part with which their id
goes on after the paper's name: ``swntf-fig5-phase1-x0`` to ``fig5``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from precursor_lib.errors import ManifestError, unknown
from precursor_lib.evaluate.audit import Item, Outcome
from precursor_lib.report.claims import Paper, Row
from precursor_lib.report.tables import directive, pipe_table
from precursor_lib.report.verdict import Verdict

_WORDS = {"fig": "Figure", "tab": "Table", "eq": "Equation", "sec": "Section"}
_NUMBERED = re.compile(r"(?P<kind>fig|tab|eq|sec)-?(?P<numbers>\d+(?:-\d+)*|d)(?:-(?P<rest>.+))?")


@dataclass(frozen=True)
class Covered:
    """One part of a paper and what there is on it.

    Attributes
    ----------
    id : str
        Of the part, such as ``fig5``.
    what, reason : str
        As the ledger's file has them.
    label : str
        The book's own figure or table of that name; empty where there is none.
    rows : tuple of Row
        Entries of the ledger that belong to the part.
    elsewhere : tuple of Row
        Entries on it that belong to another part.
    items : tuple of Item
        Items of the audit.
    """

    id: str
    what: str
    reason: str
    label: str
    rows: tuple[Row, ...]
    elsewhere: tuple[Row, ...]
    items: tuple[Item, ...]

    @property
    def name(self) -> str:
        """The id in words: ``Figure 5``, ``Section 5.2, lag``, ``Equation D``, ``Abstract``."""
        found = _NUMBERED.fullmatch(self.id)
        if not found:
            words = self.id.replace("-", " ")
            named = words.removeprefix("eq ")
            return words.capitalize() if named == words else f"Equation ({named})"
        numbers = found["numbers"].replace("-", ".").upper()
        rest = f", {found['rest']}" if found["rest"] else ""
        return f"{_WORDS[found['kind']]} {numbers}{rest}"


def coverage(
    rows: Sequence[Row],
    papers: Mapping[str, Paper],
    items: Iterable[Item],
    labels: Collection[str],
) -> dict[str, list[Covered]]:
    """Every part of every paper with its entries, items and reason.

    Parameters
    ----------
    rows : sequence of Row
        As `precursor_lib.report.claims.ledger` gives it.
    papers : mapping
        As `precursor_lib.report.claims.read_papers` gives it.
    items : iterable of Item
        Of the audit; those that the ledger decides by another rule are left out.
    labels : collection of str
        Figures and tables of the book.

    Returns
    -------
    dict of str to list of Covered
        By paper, in the order of its ``contents``; papers without contents are left out.

    Raises
    ------
    ManifestError
        If an entry or item belongs to no part, a part names an entry that there is not, or a part
        has neither entry, item nor reason.
    """
    by_id = {row.claim.id: row for row in rows}
    found = [item for item in items if not item.apart]
    result = {}
    for stem, paper in papers.items():
        if not paper.contents:
            continue
        own: dict[str, list[Row]] = {name: [] for name in paper.contents}
        audited: dict[str, list[Item]] = {name: [] for name in paper.contents}
        for claim in paper.claims:
            place = part_of(claim.id.removeprefix(f"{stem}-"), own)
            if place is None:
                raise ManifestError(f"{stem}.yml: {claim.id} belongs to no part of 'contents'")
            own[place].append(by_id[claim.id])
        for item in found:
            if item.paper != stem:
                continue
            place = part_of(item.rule, own)
            if place is None:
                raise ManifestError(f"{stem}.yml: no part of 'contents' for the item {item.id}")
            audited[place].append(item)
        result[stem] = [
            _covered(stem, name, paper, own[name], audited[name], by_id, labels)
            for name in paper.contents
        ]
    return result


def part_of(name: str, parts: Iterable[str]) -> str | None:
    """The longest part with which a name begins, as a whole word or number; None for none.

    Examples
    --------
    >>> part_of("fig12-kangding-start", ["fig1", "fig12"])
    'fig12'
    """
    fitting = [part for part in parts if name == part or name.startswith(f"{part}-")]
    return max(fitting, key=len, default=None)


def _covered(
    stem: str,
    name: str,
    paper: Paper,
    own: list[Row],
    items: list[Item],
    by_id: Mapping[str, Row],
    labels: Collection[str],
) -> Covered:
    part = paper.contents[name]
    here = f"{stem}.yml: contents: {name}"
    for other in part.entries:
        if other not in by_id:
            raise ManifestError(f"{here}: {unknown('claim', other, by_id)}")
    if not (own or items or part.entries or part.reason):
        raise ManifestError(f"{here}: has neither entry, item of the audit nor reason")
    if part.shown and part.shown not in labels:
        raise ManifestError(f"{here}: {unknown('figure or table', part.shown, labels)}")
    label = part.shown or f"{stem}-{name}"
    return Covered(
        id=name,
        what=part.what,
        reason=part.reason,
        label=label if label in labels else "",
        rows=tuple(own),
        elsewhere=tuple(by_id[other] for other in part.entries),
        items=tuple(items),
    )


def coverage_lines(
    found: Mapping[str, Sequence[Covered]], papers: Mapping[str, Paper], rows: Sequence[Row]
) -> list[str]:
    """The section of the claims page on what is covered, as lines of MyST Markdown."""
    if not found:
        return []
    parts = [part for of_paper in found.values() for part in of_paper]
    items = [item for part in parts for item in part.items]
    linked = sum(bool(item.ledger) for item in items)
    bare = sum(not part.rows and not part.items for part in parts)
    lines = [
        "(coverage)=",
        "## What is covered",
        "",
        f"The five papers in {len(parts)} parts: figures, tables, equations and sections. Each "
        f"number that a part prints is an entry of the ledger ({len(rows)}) or an input of the "
        f"{{doc}}`audit </notebooks/evidence/paper_audit>` ({len(items)} items, of which {linked} "
        f"are on the number of an entry), or the part says why it is neither. {bare} parts have "
        "neither of their own: an entry under another part or a reason stands for them. Numbers "
        "that a paper tells from other studies are not its own, and have no entry.",
        "",
    ]
    for stem, of_paper in found.items():
        lines += [f"{{cite:t}}`{papers[stem].cite}`", ""]
        table = pipe_table(
            ["part", "counterpart", "entries", "items of the audit"],
            [_cells(part) for part in of_paper],
            [False] * 4,
        )
        caption = (
            f"{papers[stem].title}: its {len(of_paper)} parts, with the entries of the ledger "
            f"({sum(len(part.rows) for part in of_paper)}) and the items of the audit "
            f"({sum(len(part.items) for part in of_paper)}) on each, by verdict. In brackets: "
            "entries on it that are counted under another part."
        )
        lines += [directive(f"coverage-{stem}", caption, table), ""]
    left = [row for row in rows if row.check is None and row.verdict is Verdict.NOT_CHECKED]
    if left:
        lines += ["### Not checked, and why", ""]
        lines += [f"- {row.claim.statement} `{row.claim.id}` {row.note}" for row in left]
        lines += [""]
    return lines


def _cells(part: Covered) -> list[str]:
    verdicts = _counted((row.verdict for row in part.rows), Verdict)
    if part.elsewhere:
        others = _counted((row.verdict for row in part.elsewhere), Verdict)
        verdicts = f"{verdicts} ({others})".strip()
    return [
        f"**{part.name}.** {part.what}. {part.reason}".rstrip(),
        f"{{numref}}`{part.label}`" if part.label else "",
        verdicts,
        _counted((item.outcome for item in part.items), Outcome),
    ]


def _counted(values: Iterable[Verdict | Outcome], order: type[Verdict] | type[Outcome]) -> str:
    tally = Counter(values)
    return ", ".join(f"{tally[value]} {value.value}" for value in order if tally[value])
