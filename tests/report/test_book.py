"""The book's settings and markup: a small book is built, and warnings are errors."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pybtex.database
import pytest
import yaml
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tiny_project import CLAIMS, notebook

from precursor_lib.manifest import Manifest
from precursor_lib.report.borrowed import borrowed_figures
from precursor_lib.report.claims import ledger, read_checks, read_claims, read_papers
from precursor_lib.report.pages import claims_page, data_page
from precursor_lib.report.verdict import Verdict

CELLS = [
    new_markdown_cell(
        "# Tiny\n\nSee {numref}`tiny-tab1`, {numref}`tiny-fig1`, {cite:t}`tiny2021`."
    ),
    new_code_cell("nights = 2", metadata={"tags": ["parameters"]}),
    new_code_cell(
        "import pandas as pd\n"
        "from precursor_lib.report import Page, figures\n"
        "page = Page('tiny', globals())\n"
        "kp = page.open('kp')\n"
        "page.banner()"
    ),
    new_code_cell(
        "curve = pd.Series([0.0, 1.0, 3.0], index=[-2, -1, 0])\n"
        "figures.cumulative_curves({'anomalies': curve})",
        metadata={
            "mystnb": {
                "figure": {"name": "tiny-fig1", "caption": "A curve."},
                "image": {"alt": "A curve that rises."},
            }
        },
    ),
    new_code_cell(
        "table = pd.DataFrame({'level': ['|Dst| < 30'], 'count': [25]})\n"
        "page.table(table, 'tiny-tab1', 'Counts.')",
        metadata={"mystnb": {"markdown_format": "myst"}},
    ),
    new_code_cell(
        "page.check('tiny-tab1-distance', {'ellipsoid': 175.76, 'sphere': 175.38})\n"
        "page.check('tiny-fig1-ratio', 0.5)\n"
        "page.claims_table()",
        metadata={"mystnb": {"markdown_format": "myst"}},
    ),
    new_code_cell("page.provenance()", metadata={"mystnb": {"markdown_format": "myst"}}),
]
BIBLIOGRAPHY = "@misc{tiny2021, author = {Nobody}, title = {A tiny paper}, year = {2021}}\n"
TOC = {
    "format": "jb-book",
    "root": "intro",
    "chapters": [
        {"file": name} for name in ("generated/data", "notebooks/cases/tiny", "generated/claims")
    ],
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A project with one dataset of an installed package and one executed page."""
    folder = tmp_path_factory.mktemp("small")
    real = yaml.safe_load((root / "data_manifest.yml").read_text(encoding="utf-8"))["datasets"]
    kp = next(e for e in real.values() if (e.get("loader") or {}).get("name") == "indices.read_kp")
    manifest = {
        "datasets": {"kp": {**kp, "citations": ["tiny2021"]}},
        "notebooks": {"tiny": notebook(datasets=["kp"])},
    }
    (folder / "data_manifest.yml").write_text(yaml.safe_dump(manifest))
    (folder / "claims").mkdir()
    ledger_file = {"title": "A tiny paper", "cite": "tiny2021", "claims": CLAIMS}
    (folder / "claims" / "tiny.yml").write_text(yaml.safe_dump(ledger_file))
    page = folder / "book" / "notebooks" / "cases" / "tiny.ipynb"
    page.parent.mkdir(parents=True)
    executed = new_notebook(cells=[cell.copy() for cell in CELLS])
    executed.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECURSOR_MANIFEST", str(folder / "data_manifest.yml"))
        patch.setenv("PRECURSOR_DATA_MODE", "bundled")
        NotebookClient(executed, kernel_name="python3", timeout=120).execute()
    nbformat.write(executed, page)
    return folder


def test_a_page_runs_in_a_kernel_and_shows_each_figure_once(small: Path) -> None:
    page = small / "book" / "notebooks" / "cases" / "tiny.ipynb"
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    outputs = [cell.get("outputs", []) for cell in cells]
    assert [len(found) for found in outputs] == [0, 0, 1, 1, 1, 1, 1]
    assert "image/png" in outputs[3][0]["data"]
    assert not any(
        part["output_type"] in {"stream", "error"} for found in outputs for part in found
    )


def test_the_record_of_claims_is_read_from_the_executed_page(small: Path) -> None:
    checks = read_checks(small / "book" / "notebooks" / "cases" / "tiny.ipynb")
    assert [(check.id, check.verdict) for check in checks] == [
        ("tiny-tab1-distance", Verdict.AMBIGUOUS),
        ("tiny-fig1-ratio", Verdict.HOLDS),
    ]
    assert checks[0].computed == {"ellipsoid": 175.8, "sphere": 175.4}


@pytest.fixture(scope="module")
def site(small: Path, root: Path) -> Path:
    """The small project's book, built with the real settings; a warning is an error."""
    manifest = Manifest.load(small / "data_manifest.yml")
    book = small / "book"
    for folder in ("_static", "_extra"):
        shutil.copytree(root / "book" / folder, book / folder)
    (book / "references.bib").write_text(BIBLIOGRAPHY)
    (book / "intro.md").write_text(
        "# Intro\n\n```{include} generated/figures/tiny-fig1.md\n```\n\n"
        "$x^2$\n\n```{bibliography}\n```\n"
    )
    (book / "_toc.yml").write_text(yaml.safe_dump(TOC))
    page = book / "notebooks" / "cases" / "tiny.ipynb"
    rows = ledger(read_claims(small / "claims"), read_checks(page))
    made: dict[str, str | bytes] = {
        "data.md": data_page(manifest),
        "claims.md": claims_page(rows, read_papers(small / "claims")),
        **borrowed_figures(manifest, book),
    }
    for name, content in made.items():
        path = book / "generated" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]
    command += [str(book), "--config", str(root / "_config.yml"), "--path-output", str(small)]
    done = subprocess.run(
        [*command, "-W", "-n", "--keep-going"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return small / "_build" / "html"


@pytest.mark.slow
def test_a_book_of_all_our_markup_builds_without_a_warning(site: Path) -> None:
    page = (site / "notebooks" / "cases" / "tiny.html").read_text(encoding="utf-8")
    # Anchors are the labels, numbers are given, references resolve.
    assert re.search(r'<figure[^>]* id="tiny-fig1"', page)
    assert re.search(r'<table[^>]* id="tiny-tab1"', page)
    assert re.search(r'href="#tiny-tab1"><span class="std std-numref">Table \d', page)
    assert 'alt="A curve that rises."' in page
    assert 'admonition-title">Observed data' in page
    assert "|Dst| &lt; 30" in page
    # The output is Markdown of the book and not the HTML that is meant for JupyterLab.
    assert "text-align:left" not in page


@pytest.mark.slow
def test_claims_link_the_figure_that_shows_them(site: Path) -> None:
    page = (site / "generated" / "claims.html").read_text(encoding="utf-8")
    assert 'href="../notebooks/cases/tiny.html#tiny-tab1"' in page
    assert 'href="../notebooks/cases/tiny.html#tiny-fig1"' in page


@pytest.mark.slow
def test_the_landing_page_shows_the_borrowed_figure(site: Path) -> None:
    page = (site / "intro.html").read_text(encoding="utf-8")
    picture = re.search(r'<img alt="A curve that rises\."[^>]* src="([^"]+)"', page)
    assert picture
    assert (site / picture[1]).is_file()
    assert 'href="notebooks/cases/tiny.html#tiny-fig1"' in page


@pytest.mark.slow
def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(https?:)?//", text)
        assert not loaded, page.name
    assert (site / "_static" / "mathjax" / "tex-chtml.js").is_file()


def test_settings_that_would_pass_silently_if_misspelt(root: Path) -> None:
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    assert settings["execute"]["execute_notebooks"] == "off"
    config = settings["sphinx"]["config"]
    assert settings["sphinx"]["recursive_update"] is True
    assert config["html_theme_options"]["navbar_persistent"] == []
    assert ["html", "text/markdown", 0] in config["nb_mime_priority_overrides"]
    assert not {"sphinx.ext.intersphinx", "sphinx_thebe"} & set(config["extensions"])
    assert (root / "book" / settings["logo"]).is_file()


def test_what_is_cited_stands_in_the_bibliography(root: Path) -> None:
    known = set(pybtex.database.parse_file(str(root / "book" / "references.bib")).entries)
    cited = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
    pages = [*(root / "book").glob("*.md"), *(root / "book" / "_templates").glob("*.md")]
    pages += [*(root / "notebooks").glob("*/*.py")]
    for page in pages:
        keys = {
            key.strip()
            for group in cited.findall(page.read_text(encoding="utf-8"))
            for key in group.split(",")
        }
        assert keys <= known, f"{page.name}: {keys - known}"
