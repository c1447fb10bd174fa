"""The one-page summary: a table by paper, and sentences whose numbers come from the pages' runs.

The words stand in ``book/_templates/summary.md``. There ``{{swntf.holds}}`` is a value of a paper,
``{{claims swntf-fig5-no-source ...}}`` a list of entries with their verdicts, ``{{table}}`` the
table by paper, and ``{{trials}}`` one of the sections of `LATER`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from precursor_lib.errors import ManifestError, NotebookError, unknown
from precursor_lib.evaluate.audit import Item, Outcome
from precursor_lib.report.borrowed import BorrowedTable
from precursor_lib.report.claims import Row
from precursor_lib.report.summary_sources import SOURCES, Source
from precursor_lib.report.tables import directive, pipe_table
from precursor_lib.report.verdict import Verdict

NOISE = "noise-passes"
SMALLEST = "power-smallest"
LATER: Mapping[str, tuple[str, str, tuple[str, ...]]] = MappingProxyType(
    {
        "trials": (
            "Sources of known size",
            "Sources put into records by us, at one rate of false alarms for all. What a method "
            "finds here is there; whether such sources exist is another question.",
            ("power-rivals", "powobs-rivals", "league-rivals"),
        ),
        "explanations": (
            "Other explanations",
            "Causes that the papers do not rule out. That one can explain a finding does not show "
            "that it did.",
            ("other-findings",),
        ),
    }
)
"""Sections by their place: heading, words and tables. A section is shown with those of its tables
that a notebook of the manifest declares, and left out without any; so is `SMALLEST`."""
_PLACE = re.compile(r"\{\{(.+?)\}\}")


def needed_tables(labels: Iterable[str]) -> list[str]:
    """Labels of the tables that the summary takes from notebooks.

    Parameters
    ----------
    labels : iterable of str
        Tables that the manifest's notebooks declare; those of `LATER` are taken where they exist.
    """
    here = set(labels)
    later = [SMALLEST, *(label for *_, labels in LATER.values() for label in labels)]
    always = [NOISE, *(source.table for source in SOURCES.values())]
    return [*always, *(label for label in later if label in here)]


def summary_page(
    template: str,
    rows: Sequence[Row],
    items: Iterable[Item],
    tables: Mapping[str, BorrowedTable],
) -> str:
    """The page, from its words, the ledger, the audit and the notebooks' tables.

    Parameters
    ----------
    template : str
        Markdown with places to fill, see the head of this module.
    rows : sequence of Row
        As `precursor_lib.report.claims.ledger` gives it.
    items : iterable of Item
        Of the audit.
    tables : mapping of str to BorrowedTable
        By label, those that `needed_tables` names.

    Raises
    ------
    ManifestError
        If a place of the template is unknown.
    NotebookError
        If a table lacks a row or column that is wanted.
    """
    found = list(items)
    values = {stem: paper_values(stem, rows, found, tables) for stem in SOURCES}
    by_id = {row.claim.id: row for row in rows}

    def fill(match: re.Match[str]) -> str:
        place = match[1].strip()
        if place == "table":
            return _table(values)
        if place in LATER:
            return _section(place, tables)
        if place.startswith("claims "):
            return "\n".join(_entry(name, by_id) for name in place.split()[1:])
        stem, _, name = place.partition(".")
        if stem not in values or name not in values[stem]:
            known = ["table", *LATER, "claims …", *(f"swntf.{v}" for v in values["swntf"])]
            raise ManifestError(f"summary: {unknown('place', place, known)}")
        return values[stem][name]

    # Places that come out empty leave no gap.
    lines = [line.rstrip() for line in _PLACE.sub(fill, template).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _entry(name: str, by_id: Mapping[str, Row]) -> str:
    if name not in by_id:
        raise ManifestError(f"summary: {unknown('claim', name, by_id)}")
    row = by_id[name]
    where = f" ({{numref}}`{row.check.shown}`)" if row.check and row.check.shown else ""
    return f"- {row.claim.statement} **{row.verdict.value}**{where}"


def paper_values(
    stem: str,
    rows: Sequence[Row],
    items: Sequence[Item],
    tables: Mapping[str, BorrowedTable],
) -> dict[str, str]:
    """What the summary can say of one paper, as text by name.

    Parameters
    ----------
    stem : str
        A key of `SOURCES`.
    rows, items, tables
        As for `summary_page`.
    """
    source = SOURCES[stem]
    verdicts = [row.verdict for row in rows if row.claim.id.startswith(f"{stem}-")]
    outcomes = [item.outcome for item in items if item.paper == stem and not item.apart]

    def number(*wanted: Verdict) -> str:
        return str(sum(verdict in wanted for verdict in verdicts))

    noise = tables[NOISE].frame()
    noise = noise[noise["paper"] == source.noise]
    own, rival, rival_name = _smallest(source, tables.get(SMALLEST))
    wrong = (Outcome.FAILS, Outcome.INCONSISTENT)
    return {
        "name": source.name,
        "entries": str(len(verdicts)),
        "claims": str(sum(verdict is not Verdict.GIVEN for verdict in verdicts)),
        "holds": number(Verdict.HOLDS),
        "fails": number(Verdict.FAILS),
        "holds_simulated": number(Verdict.SIMULATED_HOLDS),
        "fails_simulated": number(Verdict.SIMULATED_FAILS),
        "all_hold": number(Verdict.HOLDS, Verdict.SIMULATED_HOLDS),
        "all_fail": number(Verdict.FAILS, Verdict.SIMULATED_FAILS, Verdict.INCONSISTENT),
        "ambiguous": number(Verdict.AMBIGUOUS),
        "inconsistent": number(Verdict.INCONSISTENT),
        "closed": number(Verdict.NOT_CHECKABLE),
        "given": number(Verdict.GIVEN),
        "unchecked": number(Verdict.NO_DATA, Verdict.NOT_CHECKED),
        "items": str(len(outcomes)),
        "items_hold": str(outcomes.count(Outcome.HOLDS)),
        "items_fail": str(sum(outcome in wrong for outcome in outcomes)),
        "noise_fixed": _range(noise["as printed (%)"], source.noise),
        "noise_free": _range(noise["chosen freely (%)"], source.noise),
        "own": own,
        "rival": rival,
        "smallest": _smallest_sentence(source, own, rival, rival_name),
        **_observed(source, tables[source.table]),
    }


def _range(cells: pd.Series, paper: str) -> str:
    """The least and the greatest share in percent, as the noise page prints them."""
    if cells.empty:
        raise NotebookError(f"table '{NOISE}' has no row of the paper '{paper}'")
    shares = sorted((cell.split(" ")[0] for cell in cells), key=float)
    ends = dict.fromkeys((shares[0], shares[-1]))
    return f"{' to '.join(ends)} %"


def _smallest(source: Source, table: BorrowedTable | None) -> tuple[str, str, str]:
    """Smallest source found by the method and by its rival, with the fewest stations."""
    if table is None:
        return "", "", ""
    frame = table.frame()
    column = "found in half of the blocks"
    mine = frame[frame["method"] == source.method]
    if mine.empty:
        raise NotebookError(f"table '{SMALLEST}' has no row of the method '{source.method}'")
    first = mine.loc[mine["stations"].astype(int).idxmin()]
    others = frame[(frame["data"] == first["data"]) & (frame["method"] != source.method)]
    if others.empty:
        return first[column], "", ""
    other = others.loc[others["stations"].astype(int).idxmin()]
    return first[column], other[column], other["method"]


def _smallest_sentence(source: Source, own: str, rival: str, rival_name: str) -> str:
    if not own:
        return ""
    beside = f", and its simplest rival ({rival_name}) {_half(rival)}" if rival else ""
    return (
        f"In simulated records with known sources it finds {_half(own)}{beside} "
        f"({{numref}}`{SMALLEST}`)."
    )


def _half(amplitude: str) -> str:
    """In words, an amplitude at which half of the sources are found, or a bound of it."""
    if amplitude.startswith("> "):
        return f"fewer than half of the sources of {amplitude[2:]}, the largest tried"
    if amplitude.startswith("< "):
        return f"more than half of the sources of {amplitude[2:]}, the smallest tried"
    return f"half of the sources of {amplitude}"


def _observed(source: Source, table: BorrowedTable) -> dict[str, str]:
    """On an observed record; says so where a simulated one stood in for it."""
    stands_in = source.record in table.stand_ins()
    short, sentence = source.found(table.frame())
    return {
        "observed_short": f"{short} (stand-in)" if stands_in else short,
        "observed": f"{sentence}{' (a simulated stand-in here)' if stands_in else ''}, "
        f"{{numref}}`{table.label}`.",
    }


_LINES = (
    ("numbers and statements that claim something", "claims"),
    ("hold", "holds"),
    ("do not hold", "fails"),
    ("hold in simulation", "holds_simulated"),
    ("do not hold in simulation", "fails_simulated"),
    ("ambiguous", "ambiguous"),
    ("inconsistent", "inconsistent"),
    ("not checkable: closed data", "closed"),
    ("not checked", "unchecked"),
    ("checks of printed numbers alone", "items"),
    ("of these hold", "items_hold"),
    ("do not hold or agree", "items_fail"),
    ("noise passes, windows as printed", "noise_fixed"),
    ("noise passes, windows chosen freely", "noise_free"),
    ("smallest source found by the method (>: none of those tried)", "own"),
    ("by its simplest rival", "rival"),
    ("in an observed record", "observed_short"),
)


def _table(values: Mapping[str, Mapping[str, str]]) -> str:
    """The table by paper; lines without any value are left out."""
    lines = [
        [words, *(paper[name] for paper in values.values())]
        for words, name in _LINES
        if any(paper[name] for paper in values.values())
    ]
    header = ["", *(paper["name"] for paper in values.values())]
    caption = (
        "The five papers: entries of the ledger by verdict (settings are not counted), checks of "
        "the audit, the share of records without a source that pass the paper's criterion (least "
        "and greatest over criteria and kinds of noise), and what the method finds in an observed "
        "record."
    )
    body = pipe_table(header, lines, [False] * len(header))
    return directive("summary-papers", caption, body)


def _section(place: str, tables: Mapping[str, BorrowedTable]) -> str:
    heading, words, labels = LATER[place]
    shown = [tables[label].markdown() for label in labels if label in tables]
    return "\n".join([f"## {heading}", "", words, "", *shown]) if shown else ""
