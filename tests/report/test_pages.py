"""Pages made from manifest and ledger, and figures borrowed from executed notebooks."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from precursor_lib.errors import ManifestError, NotebookError
from precursor_lib.manifest import Manifest
from precursor_lib.report.borrowed import (
    borrowed_figures,
    borrowed_labels,
    borrowed_table,
    borrowed_tables,
)
from precursor_lib.report.claims import (
    PROVENANCE_MIME,
    Check,
    ledger,
    read_claims,
    read_papers,
)
from precursor_lib.report.pages import MEANING, claims_page, data_page
from precursor_lib.report.tables import directive, pipe_table
from precursor_lib.report.verdict import Verdict

PNG = b"\x89PNG not really"


@pytest.fixture
def claims(project: Path) -> str:
    """The claims page of the tiny project, one of two claims checked."""
    check = Check(
        id="tiny-tab1-distance",
        computed=175.3,
        verdict=Verdict.HOLDS,
        shown="tiny-tab1",
        note="On the ellipsoid.",
        notebook="tiny",
        page="notebooks/cases/tiny",
    )
    rows = ledger(read_claims(project / "claims"), [check])
    return claims_page(rows, read_papers(project / "claims"))


def test_claims_page_lists_every_entry_with_its_figure(claims: str) -> None:
    assert (
        "| Station 1 lies 175 km from the epicentre. Table 1. `tiny-tab1-distance` | 175 km | "
        "175.3 km | **holds** | {numref}`tiny-tab1` |"
    ) in claims
    assert "`tiny-fig1-ratio` | 0.4 to 0.7 |  | **not checked** |  |" in claims
    assert "- `tiny-tab1-distance` (arithmetic). Tolerance 0.5. On the ellipsoid." in claims
    assert "{cite:t}`tiny2021`" in claims


def test_claims_page_counts_and_explains_every_verdict(claims: str) -> None:
    assert set(MEANING) == set(Verdict)
    assert "| **holds** | 1 |" in claims
    assert "| **not checked** | 1 |" in claims
    assert "| **inconsistent** | 0 |" in claims


def test_a_claim_shown_by_no_figure_links_its_page(project: Path) -> None:
    check = Check(
        id="tiny-fig1-ratio", computed=None, verdict=Verdict.FAILS, notebook="tiny", page="a/b"
    )
    page = claims_page(
        ledger(read_claims(project / "claims"), [check]), read_papers(project / "claims")
    )
    assert "| no value | **does not hold** | {doc}`/a/b` |" in page


def test_data_page_has_an_anchor_and_the_facts_for_each_dataset(manifest: Manifest) -> None:
    page = data_page(manifest)
    for name in manifest.datasets:
        assert page.count(f"(data-{name})=") == 1
    assert "{ref}`Kp <data-kp>`" in page
    assert "- **Providers:** GFZ Potsdam, BGS" in page
    assert "- **Coverage:** 2021-02-20 to 2021-06-20, 1 s" in page
    assert "- **Simulator:** `geomagnetic.geomagnetic_network`, seed 7" in page
    assert "- **Used by:** {doc}`/notebooks/cases/tiny`" in page
    assert "- **How to get it:** It is made when it is opened." in page


def executed(name: str = "tiny-fig1", alt: str = "A curve", png: bytes = PNG) -> dict[str, Any]:
    """An executed notebook with one labelled figure."""
    meta = {"figure": {"name": name, "caption": "A caption."}, "image": {"alt": alt}}
    data = {"image/png": base64.b64encode(png).decode()} if png else {}
    outputs = [{"output_type": "display_data", "data": data}]
    return {"cells": [{"cell_type": "code", "metadata": {"mystnb": meta}, "outputs": outputs}]}


@pytest.fixture
def book(project: Path) -> Path:
    """A book whose landing page borrows a figure of the executed notebook."""
    folder = project / "book"
    page = folder / "notebooks" / "cases" / "tiny.ipynb"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps(executed()))
    (folder / "intro.md").write_text("```{include} generated/figures/tiny-fig1.md\n```\n")
    return folder


def test_a_borrowed_figure_comes_with_caption_text_and_source(
    manifest: Manifest, book: Path
) -> None:
    assert borrowed_labels(book) == ["tiny-fig1"]
    files = borrowed_figures(manifest, book)
    assert files["figures/tiny-fig1.png"] == PNG
    markdown = str(files["figures/tiny-fig1.md"])
    assert markdown.startswith("````{figure} generated/figures/tiny-fig1.png\n:alt: A curve\n")
    assert "A caption. From {doc}`/notebooks/cases/tiny`, {numref}`tiny-fig1`." in markdown


def test_a_book_that_borrows_nothing_gets_nothing(manifest: Manifest, book: Path) -> None:
    (book / "intro.md").write_text("# Title\n")
    assert borrowed_figures(manifest, book) == {}


@pytest.mark.parametrize(
    ("notebook", "message"),
    [
        (executed(name="tiny-fig2"), "no cell shows the figure 'tiny-fig1'"),
        (executed(alt=""), "no alternative text"),
        (executed(png=b""), "no picture"),
        (None, "was not run"),
    ],
)
def test_a_figure_that_is_not_there_is_an_error(
    manifest: Manifest, book: Path, notebook: dict[str, Any] | None, message: str
) -> None:
    page = book / "notebooks" / "cases" / "tiny.ipynb"
    if notebook is None:
        page.unlink()
    else:
        page.write_text(json.dumps(notebook))
    with pytest.raises(NotebookError, match=message):
        borrowed_figures(manifest, book)


def test_a_figure_that_no_notebook_declares_is_an_error(manifest: Manifest, book: Path) -> None:
    (book / "intro.md").write_text("{include} generated/figures/tiny-fig9.md")
    with pytest.raises(ManifestError, match="nearest is 'tiny-fig1'"):
        borrowed_figures(manifest, book)


TABLE = pipe_table(["level", "count"], [["|Dst| < 30", "25"], ["", "–"]], [False, True])


@pytest.fixture
def book_with_table(book: Path) -> Path:
    """The same book, whose landing page borrows a table of the executed notebook."""
    page = book / "notebooks" / "cases" / "tiny.ipynb"
    content = executed()
    facts = [{"dataset": "kp", "origin": "simulated"}, {"dataset": "dst", "origin": "observed"}]
    for label, record in (("claims-tiny", {}), ("tiny-tab1", {PROVENANCE_MIME: {"data": facts}})):
        markdown = directive(label, "Counts.", TABLE)
        output = {"data": {"text/markdown": markdown.splitlines(True)}, "metadata": record}
        content["cells"].append({"cell_type": "code", "outputs": [output], "metadata": {}})
    page.write_text(json.dumps(content))
    (book / "intro.md").write_text("```{include} generated/tables/tiny-tab1.md\n```\n")
    return book


def test_a_borrowed_table_comes_with_caption_and_source(
    manifest: Manifest, book_with_table: Path
) -> None:
    assert borrowed_labels(book_with_table, "tables") == ["tiny-tab1"]
    assert borrowed_labels(book_with_table) == []
    files = borrowed_tables(manifest, book_with_table)
    assert files == {
        "tables/tiny-tab1.md": f"````{{table}} Counts.\n\n{TABLE}\n````\n\n"
        "From {doc}`/notebooks/cases/tiny`, {numref}`tiny-tab1`.\n"
    }


def test_a_borrowed_table_gives_its_cells(manifest: Manifest, book_with_table: Path) -> None:
    table = borrowed_table(manifest, book_with_table, "tiny-tab1")
    assert table.frame().to_dict("list") == {"level": ["|Dst| < 30", ""], "count": ["25", "–"]}
    assert table.stand_ins() == ["kp"]


def test_a_table_that_is_not_there_is_an_error(manifest: Manifest, book: Path) -> None:
    with pytest.raises(NotebookError, match="no cell shows the table 'tiny-tab1'"):
        borrowed_table(manifest, book, "tiny-tab1")
    with pytest.raises(ManifestError, match="nearest is 'tiny-tab1'"):
        borrowed_table(manifest, book, "tiny-tab9")
    (book / "notebooks" / "cases" / "tiny.ipynb").unlink()
    with pytest.raises(NotebookError, match=r"tiny\.ipynb was not run"):
        borrowed_table(manifest, book, "tiny-tab1")
