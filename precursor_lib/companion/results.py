"""What the book's pages found: their claims and their provenance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from precursor_lib.companion.places import Places
from precursor_lib.errors import ManifestError
from precursor_lib.evaluate.audit import audit
from precursor_lib.manifest import Manifest
from precursor_lib.report.claims import (
    PROVENANCE_MIME,
    Row,
    ledger,
    payloads,
    read_checks,
    read_claims,
    read_papers,
)
from precursor_lib.report.coverage import Covered, coverage


def ledger_rows(manifest: Manifest) -> list[Row]:
    """Every claim of the ledger with what the book's pages found about it.

    Parameters
    ----------
    manifest : Manifest
        The manifest; its notebooks' pages are read where they exist.

    Returns
    -------
    list of Row
        In the ledger's order. A claim that no page checked is in it.

    Raises
    ------
    ManifestError
        If a page's record cannot be read, or two pages check one claim.
    """
    places = Places(manifest.root)
    pages = [places.page(entry.section, entry.source) for entry in manifest.notebooks.values()]
    checks = [check for page in pages if page.is_file() for check in read_checks(page)]
    return ledger(read_claims(manifest.root / "claims"), checks)


def covered(manifest: Manifest, rows: Sequence[Row]) -> dict[str, list[Covered]]:
    """What the ledger and the audit cover of each paper, see `precursor_lib.report.coverage`.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    rows : sequence of Row
        Of `ledger_rows`.

    Raises
    ------
    ManifestError
        As `precursor_lib.report.coverage.coverage` says.
    """
    papers = read_papers(manifest.root / "claims")
    labels = {
        label for entry in manifest.notebooks.values() for label in (*entry.figures, *entry.tables)
    }
    return coverage(rows, papers, audit(), labels)


def provenance(manifest: Manifest, notebook_id: str) -> dict[str, Any] | None:
    """Provenance that a notebook's page in the book carries; None where there is no such page.

    Raises
    ------
    ManifestError
        If the page is not readable as a notebook.
    """
    entry = manifest.notebook(notebook_id)
    page = Places(manifest.root).page(entry.section, entry.source)
    if not page.is_file():
        return None
    try:
        found = payloads(json.loads(page.read_text(encoding="utf-8")), PROVENANCE_MIME)
    except ValueError as error:
        raise ManifestError(f"{page}: not a notebook: {error}") from None
    return found[-1] if found else None
