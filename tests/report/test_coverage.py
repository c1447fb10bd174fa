"""Every part of the five papers has an entry, an item of the audit or a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from precursor_lib.companion.results import covered
from precursor_lib.errors import ManifestError
from precursor_lib.evaluate.audit import audit
from precursor_lib.manifest import Manifest
from precursor_lib.report.claims import Paper, Part, Row, ledger, read_claims, read_papers
from precursor_lib.report.coverage import Covered, coverage, coverage_lines, part_of
from precursor_lib.report.verdict import Kind, Verdict, contradictory

ROOT = Path(__file__).resolve().parents[2]
# What the papers number: equations (and a radius that none of them numbers), tables, figures.
NUMBERED = {
    "swntf": {"eq": 11, "tab": 2, "fig": 11},
    "lushan": {"eq": 8, "tab": 2, "fig": 14},
    "stmn": {"eq": 0, "tab": 6, "fig": 8},
    "cnn": {"eq": 0, "tab": 2, "fig": 8},
    "tec": {"eq": 8, "tab": 2, "fig": 11},
}
SECTIONS = {"swntf": 6, "lushan": 6, "stmn": 0, "cnn": 6, "tec": 4}
UNNUMBERED = {
    "swntf": {"abstract", "eq-d"},
    "lushan": {"abstract", "eq-d", "sec5-2-lag"},
    "stmn": {
        *("abstract", "highlights", "motivation", "code", "changning", "eq-transfer", "eq-mse"),
        *("eq-periods", "eq-reshape", "eq-inception", "eq-graph", "eq-weights", "eq-bounds"),
        *("eq-sigmoid", "eq-ratio"),
    },
    "cnn": {"abstract"},
    "tec": {"abstract"},
}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return ledger(read_claims(ROOT / "claims"))


@pytest.fixture(scope="module")
def found(rows: list[Row]) -> dict[str, list[Covered]]:
    return covered(Manifest.load(ROOT / "data_manifest.yml"), rows)


@pytest.mark.parametrize("paper", NUMBERED)
def test_every_figure_table_equation_and_section_is_a_part(
    found: dict[str, list[Covered]], paper: str
) -> None:
    expected = {f"{kind}{i + 1}" for kind, n in NUMBERED[paper].items() for i in range(n)}
    expected |= {f"sec{i + 1}" for i in range(SECTIONS[paper])} | UNNUMBERED[paper]
    assert {part.id for part in found[paper]} == expected


def test_every_part_has_an_entry_an_item_or_a_reason(found: dict[str, list[Covered]]) -> None:
    bare = [
        f"{paper} {part.id}"
        for paper, parts in found.items()
        for part in parts
        if not (part.rows or part.elsewhere or part.items or part.reason)
    ]
    assert not bare


def test_every_figure_and_table_has_a_counterpart_in_the_book(
    found: dict[str, list[Covered]],
) -> None:
    missing = [
        f"{paper} {part.id}"
        for paper, parts in found.items()
        for part in parts
        if part.id.startswith(("fig", "tab")) and not part.label
    ]
    assert not missing


def test_each_entry_and_each_counted_item_is_in_one_part(
    found: dict[str, list[Covered]], rows: list[Row]
) -> None:
    parts = [part for of_paper in found.values() for part in of_paper]
    entries = [row.claim.id for part in parts for row in part.rows]
    assert sorted(entries) == sorted(row.claim.id for row in rows)
    items = [item.id for part in parts for item in part.items]
    assert sorted(items) == sorted(item.id for item in audit() if not item.apart)


def test_what_no_page_checks_says_why() -> None:
    """Claims that a page could check and none does, by the manifest, have a note."""
    manifest = Manifest.load(ROOT / "data_manifest.yml")
    checked = {name for entry in manifest.notebooks.values() for name in entry.claims}
    left = [
        claim
        for claim in read_claims(ROOT / "claims").values()
        if claim.id not in checked
        and claim.kind not in (Kind.CLOSED_DATA, Kind.GIVEN)
        and not contradictory(claim)
    ]
    assert all(claim.note for claim in left), [claim.id for claim in left]
    assert len(left) <= 5


def test_what_is_taken_as_given_says_how_it_is_used() -> None:
    given = [c for c in read_claims(ROOT / "claims").values() if c.kind is Kind.GIVEN]
    assert len(given) > 90
    assert all(claim.note for claim in given)
    assert not [claim.id for claim in given if claim.contradicts is not None]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fig1-x0", "fig1"),
        ("fig12-kangding", "fig12"),
        ("sec5-2-lag-null", "sec5-2-lag"),
        ("sec5-2-peak", "sec5"),
        ("fig1", "fig1"),
        ("fig123", None),
    ],
)
def test_the_longest_whole_part_wins(name: str, expected: str | None) -> None:
    assert part_of(name, ["fig1", "fig12", "sec5", "sec5-2-lag"]) == expected


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("fig5", "Figure 5"),
        ("sec5-2", "Section 5.2"),
        ("sec5-2-lag", "Section 5.2, lag"),
        ("eq-d", "Equation D"),
        ("tab2", "Table 2"),
        ("abstract", "Abstract"),
        ("eq-ratio", "Equation (ratio)"),
    ],
)
def test_names_of_parts(part: str, name: str) -> None:
    assert Covered(part, "what", "", "", (), (), ()).name == name


@pytest.fixture
def tiny(project: Path) -> tuple[list[Row], Paper]:
    path = project / "claims" / "tiny.yml"
    content = yaml.safe_load(path.read_text())
    content["contents"] = {
        "tab1": {"what": "Distances"},
        "fig1": {"what": "A map", "entries": ["tiny-tab1-distance"], "reason": "Re-drawn."},
        "eq1": {"what": "A definition", "reason": "No number."},
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return ledger(read_claims(project / "claims")), read_papers(project / "claims")["tiny"]


def test_a_part_counts_its_own_entries_and_those_elsewhere(tiny: tuple[list[Row], Paper]) -> None:
    rows, paper = tiny
    papers = {"tiny": paper}
    found = coverage(rows, papers, [], ["tiny-fig1"])
    lines = coverage_lines(found, papers, rows)
    text = "\n".join(lines)
    assert "| **Table 1.** Distances. |  | 1 not checked |  |" in text
    figure = "| **Figure 1.** A map. Re-drawn. | {numref}`tiny-fig1` |"
    assert f"{figure} 1 not checked (1 not checked) |  |" in text
    assert "| **Equation 1.** A definition. No number. |  |  |  |" in text
    assert sum(line.startswith("- Station 1 lies") for line in lines) == 1
    assert found["tiny"][0].rows[0].verdict is Verdict.NOT_CHECKED


def test_a_paper_without_contents_has_no_section(project: Path) -> None:
    papers = read_papers(project / "claims")
    rows = ledger(read_claims(project / "claims"))
    assert coverage(rows, papers, [], []) == {}
    assert coverage_lines({}, papers, rows) == []


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({"tab1": Part(what="Distances")}, "tiny-fig1-ratio belongs to no part"),
        (
            {"tab1": Part(what="Distances"), "fig1": Part(what="A map", entries=["tiny-tab9"])},
            "unknown claim 'tiny-tab9'",
        ),
        (
            {"tab1": Part(what="Distances"), "fig1": Part(what="A map"), "eq1": Part(what="Words")},
            "eq1: has neither entry, item of the audit nor reason",
        ),
        (
            {"tab1": Part(what="Distances"), "fig1": Part(what="A map", shown="tiny-fig7")},
            "unknown figure or table 'tiny-fig7'",
        ),
    ],
)
def test_what_is_left_out_is_an_error(
    tiny: tuple[list[Row], Paper], contents: dict[str, Part], message: str
) -> None:
    rows, paper = tiny
    papers = {"tiny": paper.model_copy(update={"contents": contents})}
    with pytest.raises(ManifestError, match=message):
        coverage(rows, papers, [], ["tiny-fig1"])


def test_an_item_of_the_audit_without_a_part_is_an_error(rows: list[Row]) -> None:
    papers = read_papers(ROOT / "claims")
    paper = papers["cnn"]
    contents = {**paper.contents, "fig3x": paper.contents["fig6"]}
    entries = [claim for claim in paper.claims if not claim.id.startswith("cnn-fig6-")]
    del contents["fig6"]
    changed = {"cnn": paper.model_copy(update={"contents": contents, "claims": entries})}
    with pytest.raises(ManifestError, match="no part of 'contents' for the item cnn-fig6-loss"):
        coverage(rows, changed, audit(), [])
