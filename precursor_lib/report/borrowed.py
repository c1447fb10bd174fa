"""Figures of executed notebooks shown again on hand-written pages.

A hand-written page borrows the figure ``swntf-fig5`` by including ``generated/figures/
swntf-fig5.md``. The files are made from the executed notebook each time the book is built. A label
that no notebook declares, or a notebook without that figure, is an error and not a gap in the page.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from precursor_lib.errors import ManifestError, NotebookError, unknown
from precursor_lib.manifest import Manifest
from precursor_lib.report.claims import document

_INCLUDE = re.compile(r"generated/figures/([a-z0-9-]+)\.md")


def borrowed_labels(book: Path) -> list[str]:
    """Labels of the figures that the hand-written pages of a book include.

    Parameters
    ----------
    book : Path
        Folder of the book; its pages lie in it, not below it.
    """
    found = [_INCLUDE.findall(page.read_text(encoding="utf-8")) for page in book.glob("*.md")]
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
        if label not in owners:
            raise ManifestError(f"a page of the book shows: {unknown('figure', label, owners)}")
        page = document(owners[label])
        source = book / f"{page}.ipynb"
        if not source.is_file():
            raise NotebookError(f"figure '{label}' is wanted, but {source.name} was not run")
        picture, caption, alt = find_figure(json.loads(source.read_text(encoding="utf-8")), label)
        files[f"figures/{label}.png"] = picture
        files[f"figures/{label}.md"] = (
            f"````{{figure}} generated/figures/{label}.png\n:alt: {alt}\n\n"
            f"{caption} From {{doc}}`/{page}`, {{numref}}`{label}`.\n````\n"
        )
    return files


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
