"""The one-page summary: its words, its numbers and the tables it takes from notebooks."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from precursor_lib.errors import ManifestError, NotebookError
from precursor_lib.evaluate.audit import audit
from precursor_lib.manifest import Manifest
from precursor_lib.report.borrowed import BorrowedTable
from precursor_lib.report.claims import Check, Row, ledger, read_claims
from precursor_lib.report.summary import (
    LATER,
    NOISE,
    SMALLEST,
    needed_tables,
    paper_values,
    summary_page,
)
from precursor_lib.report.summary_sources import SOURCES
from precursor_lib.report.tables import cells, pipe_table
from precursor_lib.report.verdict import Kind, Verdict

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (ROOT / "book" / "_templates" / "summary.md").read_text(encoding="utf-8")


def borrowed(label: str, frame: pd.DataFrame, simulated: tuple[str, ...] = ()) -> BorrowedTable:
    facts = [{"dataset": name, "origin": "simulated"} for name in simulated]
    body = pipe_table(*cells(frame))
    return BorrowedTable(label, "notebooks/evidence/some", "A caption.", body, {"data": facts})


def noise() -> pd.DataFrame:
    rows = [
        (source.noise, criterion, fixed, free)
        for source in SOURCES.values()
        for criterion, fixed, free in (
            ("one", "9.5 (8 to 11)", "31 (29 to 33)"),
            ("two", "0.05 (0.0088 to 0.28)", "4.0 (exact)"),
        )
    ]
    return pd.DataFrame(rows, columns=["paper", "criterion", "as printed (%)", "chosen freely (%)"])


@pytest.fixture
def tables() -> dict[str, BorrowedTable]:
    frames = {
        NOISE: noise(),
        "swobs-anomalies": pd.DataFrame(
            {"method": ["SW-NTF", "SW-NTF", "NTF"], "component": [1, 2, 1], "anomalies": [3, 5, 7]}
        ),
        "lushan-months-rank": pd.DataFrame(
            {"measure": ["share of anomalous days"], "rank": [42], "of": [47], "p": [0.894]}
        ),
        "stmn-guza-ranks": pd.DataFrame(
            {
                "counts": ["timesnet, points", "timesnet, days"],
                "p, anomalies": ["0.257 (0.176)", "0.5 (0.5)"],
                "p, Ratio": ["0.321 (0.263)", "0.5 (0.5)"],
            }
        ),
        "cnn-eskdalemuir": pd.DataFrame(
            {"shift": ["1", "all"], "accuracy": [0.3, 0.457], "from": [0.2, 0.391]}
            | {"to": [0.4, 0.525]}
        ),
        "tecobs-events": pd.DataFrame(
            {"rule": ["ED-LSTME", "ED-LSTME", "IQR"], "share with as many": [0.163, 0.933, 0.01]}
        ),
    }
    return {label: borrowed(label, frame, ("usgs-1s-network",)) for label, frame in frames.items()}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The ledger with every arithmetic claim checked, in turn with two verdicts."""
    claims = read_claims(ROOT / "claims")
    checks = [
        Check(
            id=claim.id,
            computed=None,
            verdict=(Verdict.HOLDS, Verdict.FAILS)[number % 2],
            shown="some-table" if number % 3 else None,
            notebook="some",
            page="notebooks/evidence/some",
        )
        for number, claim in enumerate(claims.values())
        if claim.kind is Kind.ARITHMETIC
    ]
    return ledger(claims, checks)


def smallest() -> BorrowedTable:
    frame = pd.DataFrame(
        [
            (kind, method, stations, f"{value} ({value} to {value}) nT")
            for kind, source in enumerate(SOURCES.values())
            for method, stations, value in (
                (source.method, 2, 0.1),
                (source.method, 1, 0.2),
                ("a rival", 1, 0.4),
            )
        ],
        columns=["data", "method", "stations", "found in half of the blocks"],
    )
    return borrowed(SMALLEST, frame)


def test_every_place_of_the_template_is_filled(
    rows: list[Row], tables: dict[str, BorrowedTable]
) -> None:
    page = summary_page(TEMPLATE, rows, audit(), tables)
    assert "{{" not in page and "}}" not in page
    assert page.startswith("(summary)=\n# What a careful reader may conclude\n")
    for source in SOURCES.values():
        assert source.name in page
    assert "\n\n\n" not in page and not re.search(r"[ \t]$", page, re.M)


def test_numbers_are_those_of_ledger_audit_and_tables(
    rows: list[Row], tables: dict[str, BorrowedTable]
) -> None:
    values = paper_values("swntf", rows, audit(), tables)
    own = [row for row in rows if row.claim.id.startswith("swntf-")]
    given = sum(row.claim.kind is Kind.GIVEN for row in own)
    assert int(values["claims"]) == len(own) - given == int(values["entries"]) - given
    parts = ["holds", "fails", "holds_simulated", "fails_simulated", "ambiguous", "inconsistent"]
    parts += ["closed", "unchecked", "given"]
    assert sum(int(values[name]) for name in parts) == len(own)
    items = [item for item in audit() if item.paper == "swntf" and not item.apart]
    assert int(values["items"]) == len(items)
    assert values["noise_fixed"] == "0.05 to 9.5 %"
    assert values["noise_free"] == "4.0 to 31 %"
    assert values["observed_short"] == "3 anomalies in a night (stand-in)"
    assert values["smallest"] == values["own"] == ""


@pytest.mark.parametrize(
    ("paper", "short", "words"),
    [
        ("lushan", "the month ranks 42 of 47", "(p = 0.894), {numref}`lushan-months-rank`."),
        ("stmn", "Ratio of a half year: p = 0.321", "p = 0.257 by its anomalies"),
        ("cnn", "accuracy 0.457 (0.391 to 0.525)", "random days of its record"),
        ("tec", "as many flags in 16 to 93 % of windows", "before 2 earthquakes"),
    ],
)
def test_what_is_said_of_an_observed_record(
    rows: list[Row], tables: dict[str, BorrowedTable], paper: str, short: str, words: str
) -> None:
    values = paper_values(paper, rows, [], tables)
    assert values["observed_short"] == short
    assert words in values["observed"] and "stand-in" not in values["observed"]


def test_trials_are_shown_once_their_pages_exist(
    rows: list[Row], tables: dict[str, BorrowedTable]
) -> None:
    without = summary_page("{{table}}\n\n{{trials}}\n\n{{swntf.smallest}}", rows, [], tables)
    assert "smallest source" not in without and "## " not in without
    rivals = borrowed("power-rivals", pd.DataFrame({"method": ["SW-NTF"], "p": ["0.2"]}))
    more = {**tables, SMALLEST: smallest(), "power-rivals": rivals}
    page = summary_page("{{table}}\n\n{{trials}}\n\n{{swntf.smallest}}", rows, [], more)
    assert "the method (>: none of those tried) | 0.2 (0.2 to 0.2) nT |" in page
    assert "| by its simplest rival | 0.4 (0.4 to 0.4) nT |" in page
    assert "## Sources of known size" in page
    assert "From {doc}`/notebooks/evidence/some`, {numref}`power-rivals`." in page
    assert ":name: power-rivals" not in page
    assert (
        "it finds half of the sources of 0.2 (0.2 to 0.2) nT, and its simplest rival (a rival) "
        "half of the sources of 0.4 (0.4 to 0.4) nT ({numref}`power-smallest`)." in page
    )


def test_a_bound_is_said_to_be_one(rows: list[Row], tables: dict[str, BorrowedTable]) -> None:
    column = "found in half of the blocks"
    frame = smallest().frame()
    frame[column] = ["> 5.0 nT" if name == "a rival" else "< 0.1 nT" for name in frame["method"]]
    values = paper_values("swntf", rows, [], {**tables, SMALLEST: borrowed(SMALLEST, frame)})
    assert "more than half of the sources of 0.1 nT, the smallest tried, and" in values["smallest"]
    assert "fewer than half of the sources of 5.0 nT, the largest tried (" in values["smallest"]


def test_tables_that_are_needed_are_declared() -> None:
    manifest = Manifest.load(ROOT / "data_manifest.yml")
    declared = {label for entry in manifest.notebooks.values() for label in entry.tables}
    assert set(needed_tables(declared)) <= declared
    assert needed_tables([]) == [NOISE, *(source.table for source in SOURCES.values())]
    later = [label for *_, labels in LATER.values() for label in labels]
    assert needed_tables([*later, SMALLEST])[-len(later) - 1 :] == [SMALLEST, *later]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{swntf.hold}}", "unknown place 'swntf.hold'; the nearest is 'swntf.holds'"),
        ("{{tabel}}", "unknown place 'tabel'"),
        ("{{claims swntf-fig99}}", "unknown claim 'swntf-fig99'"),
    ],
)
def test_an_unknown_place_is_an_error(
    rows: list[Row], tables: dict[str, BorrowedTable], template: str, message: str
) -> None:
    with pytest.raises(ManifestError, match=re.escape(message).replace("'", ".")):
        summary_page(template, rows, [], tables)


@pytest.mark.parametrize(
    ("label", "frame", "message"),
    [
        (NOISE, noise().query("paper != 'TEC'"), "no row of the paper 'TEC'"),
        ("tecobs-events", pd.DataFrame({"rule": ["IQR"], "share with as many": [1]}), "no row"),
        ("lushan-months-rank", pd.DataFrame({"measure": ["points"], "rank": [1]}), "0 rows with"),
        ("swobs-anomalies", pd.DataFrame({"method": ["SW-NTF"]}), "unknown column 'component'"),
        (SMALLEST, smallest().frame().head(2), "no row of the method 'VMD-Pyraformer'"),
    ],
)
def test_a_table_without_what_is_wanted_is_an_error(
    rows: list[Row],
    tables: dict[str, BorrowedTable],
    label: str,
    frame: pd.DataFrame,
    message: str,
) -> None:
    with pytest.raises(NotebookError, match=message):
        summary_page("{{table}}", rows, [], {**tables, label: borrowed(label, frame)})


def test_a_borrowed_table_opens_with_a_line_that_markdown_reads() -> None:
    table = BorrowedTable("power-rivals", "notebooks/evidence/power", "Found.", "| a |\n| -- |", {})
    opening, *rest = table.markdown().splitlines()
    # A fence of backticks may hold none behind them.
    assert "`" not in opening.removeprefix("````")
    assert any("{numref}`power-rivals`" in line for line in rest)
