"""The ledger: reading it, joining it with what pages computed, and the SW-NTF paper's entries."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pybtex.database
import pytest
import yaml

from precursor_lib.errors import ManifestError
from precursor_lib.report.claims import (
    CLAIMS_MIME,
    Check,
    counts,
    ledger,
    payloads,
    read_checks,
    read_claims,
    read_papers,
    show,
)
from precursor_lib.report.verdict import Claim, Interval, Kind, Verdict, contradictory

ROOT = Path(__file__).resolve().parents[2]
SWNTF = read_papers(ROOT / "claims")["swntf"]


def check(name: str, **changes: Any) -> Check:
    """A check of one of the tiny ledger's claims."""
    fields = {
        "id": name,
        "computed": 175.3,
        "verdict": "holds",
        "shown": "tiny-tab1",
        "notebook": "tiny",
        "page": "notebooks/cases/tiny",
    }
    return Check.model_validate({**fields, **changes})


def test_join_keeps_order_and_what_nobody_checked(project: Path) -> None:
    rows = ledger(read_claims(project / "claims"), [check("tiny-fig1-ratio", shown=None)])
    assert [row.claim.id for row in rows] == ["tiny-tab1-distance", "tiny-fig1-ratio"]
    assert [row.verdict for row in rows] == [Verdict.NOT_CHECKED, Verdict.HOLDS]
    tally = counts(rows)
    assert list(tally) == list(Verdict)
    assert sum(tally.values()) == 2


def test_records_are_plain_and_say_where(project: Path) -> None:
    claims = read_claims(project / "claims")
    rows = ledger(claims, [check("tiny-tab1-distance", note="On the ellipsoid.")])
    first, second = json.loads(json.dumps([row.record() for row in rows]))
    assert first == {
        "id": "tiny-tab1-distance",
        "statement": "Station 1 lies 175 km from the epicentre.",
        "published": 175,
        "unit": "km",
        "kind": "arithmetic",
        "source": "Table 1",
        "tolerance": 0.5,
        "computed": 175.3,
        "verdict": "holds",
        "page": "notebooks/cases/tiny.html#tiny-tab1",
        "note": "On the ellipsoid.",
    }
    assert second["published"] == {"from": 0.4, "to": 0.7}
    assert second["page"] is None
    assert second["verdict"] == "not checked"


def test_join_refuses_unknown_claims_and_second_checks(project: Path) -> None:
    claims = read_claims(project / "claims")
    with pytest.raises(ManifestError, match="unknown claim 'tiny-tab1-distanse'"):
        ledger(claims, [check("tiny-tab1-distanse")])
    twice = [check("tiny-tab1-distance"), check("tiny-tab1-distance", notebook="other")]
    with pytest.raises(ManifestError, match="by tiny and by other"):
        ledger(claims, twice)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"title": "T", "cite": "c"}, "claims: Field required"),
        ([], "the file: Input should be"),
        ({"title": "T", "cite": "c", "claims": [{"id": "a-b"}]}, "a-b, statement"),
        ({"title": "T", "cite": "c", "claims": ["text"]}, "entry 1: "),
    ],
)
def test_files_that_are_no_ledger_are_named(tmp_path: Path, content: Any, message: str) -> None:
    (tmp_path / "tiny.yml").write_text(yaml.safe_dump(content))
    with pytest.raises(ManifestError, match=r"tiny\.yml") as caught:
        read_claims(tmp_path)
    assert message in str(caught.value)


def test_ids_belong_to_their_file_and_stand_once(project: Path) -> None:
    folder = project / "claims"
    text = (folder / "tiny.yml").read_text()
    (folder / "other.yml").write_text(text)
    with pytest.raises(ManifestError, match="must start with 'other-'"):
        read_claims(folder)
    (folder / "other.yml").unlink()
    content = yaml.safe_load(text)
    content["claims"].append(content["claims"][0])
    (folder / "tiny.yml").write_text(yaml.safe_dump(content))
    with pytest.raises(ManifestError, match=r"stands in tiny\.yml already"):
        read_claims(folder)
    with pytest.raises(ManifestError, match=r"holds no \.yml"):
        read_claims(project / "book")


def test_checks_come_from_the_metadata_of_outputs(tmp_path: Path) -> None:
    record = {"claims": [check("tiny-tab1-distance").model_dump(mode="json")]}
    output = {"output_type": "display_data", "data": {}, "metadata": {CLAIMS_MIME: record}}
    notebook = {"cells": [{"cell_type": "markdown"}, {"outputs": [output]}]}
    path = tmp_path / "tiny.ipynb"
    path.write_text(json.dumps(notebook))
    assert payloads(notebook, CLAIMS_MIME) == [record]
    assert read_checks(path) == [check("tiny-tab1-distance")]
    path.write_text(json.dumps(notebook).replace('"holds"', '"maybe"'))
    with pytest.raises(ManifestError, match=r"tiny\.ipynb: no readable record"):
        read_checks(path)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (None, None, "no value"),
        (-73.3, None, "−73.3"),
        (175.0, 1, "175.0"),
        (120, 1, "120"),
        (0.1234567, 6, "0.123457"),
        (0.5, 6, "0.5"),
        (True, None, "yes"),
        ([0.05, 0.15], 3, "0.050, 0.150"),
        ({"one way": 1, "another": None}, 1, "one way: 1; another: no value"),
        (Interval(from_=-3, to=3), None, "−3 to 3"),
        (Interval(from_=350), None, "at least 350"),
        (Interval(to=0.05), None, "at most 0.05"),
    ],
)
def test_values_in_words(value: Any, decimals: int | None, expected: str) -> None:
    assert show(value, decimals) == expected


# The entries of the SW-NTF paper.


def half_unit(value: Any) -> float:
    """Half a unit of the last digit as the ledger writes the value, of the finest in a list."""
    if isinstance(value, list):
        return min(map(half_unit, value))
    if isinstance(value, Interval):
        return min(half_unit(end) for end in (value.from_, value.to) if end is not None)
    plain = Decimal(str(value))
    # YAML keeps no trailing zero: 1.0 was printed with one digit after the point, 350.0 was not.
    whole = isinstance(value, float) and value.is_integer() and abs(value) >= 2
    return 0.5 if whole else float(Decimal(1).scaleb(int(plain.as_tuple().exponent)) / 2)


@pytest.mark.parametrize("claim", SWNTF.claims, ids=lambda claim: claim.id)
def test_tolerance_is_half_the_last_digit_or_explained(claim: Claim) -> None:
    if claim.tolerance is None:
        return
    unusual = claim.tolerance != pytest.approx(half_unit(claim.published))
    assert claim.note or not unusual


@pytest.mark.parametrize("claim", SWNTF.claims, ids=lambda claim: claim.id)
def test_entry_stands_on_its_own(claim: Claim) -> None:
    assert claim.statement.endswith(".")
    assert claim.label.split("-")[1].rstrip("0123456789") in {"fig", "tab", "eq"}
    if claim.kind in (Kind.SIMULATION, Kind.OPEN_DATA):
        # What is computed is not in the paper: the entry has to say it.
        assert claim.note


def test_every_number_of_the_inventory_has_an_entry() -> None:
    by_id = {claim.id: claim.published for claim in SWNTF.claims}
    printed = {
        **{
            f"tab1-sta{i}-distance": km
            for i, km in enumerate((175, 191, 321, 374, 375, 661, 830), 1)
        },
        "sec2-epicentre-latitude": 34.59,
        "sec2-epicentre-longitude": 98.34,
        "sec2-magnitude": 7.4,
        "tab2-dst-quiet": 25,
        "tab2-dst-moderate": 2,
        "tab2-dst-disturbed": 0,
        "tab2-ap-quiet": 27,
        "tab2-ap-moderate": 0,
        "tab2-ap-disturbed": 0,
        "fig3-as1-peaks": [0.05, 0.15],
        "fig3-as2-peak": 0.45,
        "fig3-as3-peak": 0.45,
        "fig3-dominant": "Sta_5",
        "fig4-as1-peak": 0.01,
        "fig4-as2-peaks": [0.05, 0.15],
        "fig4-as3-peak": 0.45,
        "fig5-phase1-start": -85,
        "fig5-phase1-end": -60,
        "fig5-phase1-x0": -73.3,
        "fig5-phase1-r2": 0.98,
        "fig5-phase2-start": -40,
        "fig5-phase2-end": -17,
        "fig5-phase2-x0": -29.3,
        "fig5-phase2-r2": 0.99,
        "fig6-r2": 0.97,
        "fig7-contribution": Interval(from_=0.4, to=0.7),
        "fig7-migration-end": -27,
        "fig8-amplitude": Interval(from_=0.1, to=0.4),
        "fig8-maximum": -18,
        "fig8-phases": [-90, -70, -40, -20],
        "fig9-mc": 0.71,
        "fig9-phase1-start": -75,
        "fig9-phase1-end": -50,
        "fig9-phase1-r2": 0.96,
        "fig9-phase2-start": -40,
        "fig9-phase2-end": -5,
        "fig9-phase2-r2": 0.99,
        "fig9-lead-phase1": Interval(from_=5, to=15),
        "fig9-lead-phase2": Interval(from_=5, to=15),
        "fig10-peak1": -73,
        "fig10-peak2": -30,
    }
    assert {name: by_id.get(f"swntf-{name}") for name in printed} == printed


def test_contradictions_are_those_that_the_paper_prints() -> None:
    found = {claim.id.removeprefix("swntf-") for claim in SWNTF.claims if contradictory(claim)}
    assert found == {
        "fig3-day",
        "fig5-reference",
        "fig7-approach",
        "tab2-number",
        "fig8-components",
        "fig9-reference",
    }


def test_published_data_are_closed_and_every_kind_occurs() -> None:
    kinds = Counter(claim.kind for claim in SWNTF.claims)
    assert set(kinds) == set(Kind)
    assert kinds[Kind.CLOSED_DATA] < len(SWNTF.claims) / 2


def test_every_paper_stands_in_the_bibliography() -> None:
    known = pybtex.database.parse_file(str(ROOT / "book" / "references.bib")).entries
    for paper in read_papers(ROOT / "claims").values():
        assert paper.cite in known
