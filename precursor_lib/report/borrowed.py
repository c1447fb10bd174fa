"""Figures and tables of executed notebooks shown again on other pages.

A hand-written page borrows the figure ``swntf-fig5`` by including ``generated/figures/
swntf-fig5.md``, and a table in the same way from ``generated/tables``. The files are made from the
executed notebook each time the book is built. A label that no notebook declares, or a notebook
without that figure or table, is an error and not a gap in the page.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from precursor_lib.errors import ManifestError, NotebookError, unknown
from precursor_lib.manifest import Manifest, Notebook
from precursor_lib.report.claims import PROVENANCE_MIME, document, payloads

_INCLUDE = r"generated/%s/([a-z0-9-]+)\.md"
_TABLE = re.compile(
    r"^````\{table\} (?P<caption>.*)\n:name: (?P<label>\S+)\n\n(?P<body>[^`].*)\n````$", re.S
)


def borrowed_labels(book: Path, what: Literal["figures", "tables"] = "figures") -> list[str]:
    """Labels of the figures or tables that the hand-written pages of a book include.

    Parameters
    ----------
    book : Path
        Folder of the book; its pages lie in it, not below it.
    what : {"figures", "tables"}
    """
    include = re.compile(_INCLUDE % what)
    found = [include.findall(page.read_text(encoding="utf-8")) for page in book.glob("*.md")]
    return sorted({label for labels in found for label in labels})


def borrowed_figures(manifest: Manifest, book: Path) -> dict[str, str | bytes]:
    """What to write below ``generated`` so that every borrowed figure is there.

    Parameters
    ----------
    manifest : Manifest
        Says which notebook shows a figure.
    book : Path
        Folder of the book, with the executed notebooks in ``notebooks``.

    Returns
    -------
    dict
        ``figures/<label>.md`` (a MyST figure with caption, alternative text and a link to the page
        it is from) and ``figures/<label>.png``, by name.

    Raises
    ------
    ManifestError
        If no notebook declares a borrowed figure.
    NotebookError
        If the notebook was not run, or does not show the figure with caption and alternative text.
    """
    owners = {label: entry for entry in manifest.notebooks.values() for label in entry.figures}
    files: dict[str, str | bytes] = {}
    for label in borrowed_labels(book):
        page, notebook = _owner("figure", label, owners, book)
        picture, caption, alt = find_figure(notebook, label)
        files[f"figures/{label}.png"] = picture
        files[f"figures/{label}.md"] = (
            f"````{{figure}} generated/figures/{label}.png\n:alt: {alt}\n\n"
            f"{caption} From {{doc}}`/{page}`, {{numref}}`{label}`.\n````\n"
        )
    return files


def borrowed_tables(manifest: Manifest, book: Path) -> dict[str, str]:
    """As `borrowed_figures` for tables: ``tables/<label>.md`` by name."""
    return {
        f"tables/{label}.md": borrowed_table(manifest, book, label).markdown()
        for label in borrowed_labels(book, "tables")
    }


def borrowed_table(manifest: Manifest, book: Path, label: str) -> BorrowedTable:
    """A table of the executed notebook that declares it.

    Raises
    ------
    ManifestError
        If no notebook declares it.
    NotebookError
        If the notebook was not run or does not show it.
    """
    owners = {name: entry for entry in manifest.notebooks.values() for name in entry.tables}
    page, notebook = _owner("table", label, owners, book)
    caption, body = find_table(notebook, label)
    record = payloads(notebook, PROVENANCE_MIME)
    return BorrowedTable(label, page, caption, body, record[-1] if record else {})


@dataclass(frozen=True)
class BorrowedTable:
    """A table of an executed notebook.

    Attributes
    ----------
    label, page, caption : str
    body : str
        The pipe table.
    provenance : mapping
        What the notebook recorded of its run.
    """

    label: str
    page: str
    caption: str
    body: str
    provenance: Mapping[str, Any]

    def markdown(self) -> str:
        """The table with a link to where it is from, and without its label, which stands once."""
        # Below it: the line that opens a fence of backticks holds none.
        source = f"From {{doc}}`/{self.page}`, {{numref}}`{self.label}`."
        return f"````{{table}} {self.caption}\n\n{self.body}\n````\n\n{source}\n"

    def frame(self) -> pd.DataFrame:
        """Its cells as text."""
        header, _, *rows = [_cells(line) for line in self.body.splitlines()]
        return pd.DataFrame(rows, columns=header)

    def stand_ins(self) -> list[str]:
        """Datasets of the notebook that were simulated."""
        opened = self.provenance.get("data", [])
        return [fact["dataset"] for fact in opened if fact["origin"] == "simulated"]


def _cells(line: str) -> list[str]:
    parts = re.split(r"(?<!\\)\|", line.strip())[1:-1]
    return [part.strip().replace("\\|", "|").replace("&lt;", "<") for part in parts]


def _owner(
    what: str, label: str, owners: Mapping[str, Notebook], book: Path
) -> tuple[str, dict[str, Any]]:
    """Page and executed notebook that show a label."""
    if label not in owners:
        raise ManifestError(f"a page of the book shows: {unknown(what, label, owners)}")
    page = document(owners[label])
    source = book / f"{page}.ipynb"
    if not source.is_file():
        raise NotebookError(f"{what} '{label}' is wanted, but {source.name} was not run")
    return page, json.loads(source.read_text(encoding="utf-8"))


def find_table(notebook: Mapping[str, Any], label: str) -> tuple[str, str]:
    """Caption and pipe table of a labelled table of an executed notebook.

    Raises
    ------
    NotebookError
        If there is none.
    """
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            markdown = output.get("data", {}).get("text/markdown", "")
            found = _TABLE.match("".join(markdown).strip())
            if found and found["label"] == label:
                return found["caption"], found["body"]
    raise NotebookError(f"no cell shows the table '{label}'")


def find_figure(notebook: Mapping[str, Any], label: str) -> tuple[bytes, str, str]:
    """Picture, caption and alternative text of a labelled figure of an executed notebook.

    Parameters
    ----------
    notebook : mapping
        As in its file.
    label : str
        ``mystnb.figure.name`` of the cell.

    Raises
    ------
    NotebookError
        If there is no such cell, or it lacks the picture, the caption or the text.
    """
    for cell in notebook.get("cells", []):
        meta = cell.get("metadata", {}).get("mystnb", {})
        figure = meta.get("figure", {})
        if figure.get("name") != label:
            continue
        outputs = [output.get("data", {}).get("image/png") for output in cell.get("outputs", [])]
        pictures = [picture for picture in outputs if picture]
        caption, alt = figure.get("caption"), meta.get("image", {}).get("alt")
        for part, name in ((pictures, "picture"), (caption, "caption"), (alt, "alternative text")):
            if not part:
                raise NotebookError(f"figure '{label}' has no {name}")
        encoded = pictures[0] if isinstance(pictures[0], str) else "".join(pictures[0])
        return base64.b64decode(encoded), " ".join(caption.split()), " ".join(alt.split())
    raise NotebookError(f"no cell shows the figure '{label}'")
