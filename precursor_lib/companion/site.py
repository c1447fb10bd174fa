"""The book: publish the finished runs, write the generated pages, build the site."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from precursor_lib.companion.clean import plain_text
from precursor_lib.companion.places import Places, write_atomically
from precursor_lib.companion.results import covered, ledger_rows
from precursor_lib.companion.run import publish
from precursor_lib.errors import NotebookError, PrecursorError
from precursor_lib.evaluate.audit import audit
from precursor_lib.manifest import Manifest
from precursor_lib.report.borrowed import borrowed_figures, borrowed_table, borrowed_tables
from precursor_lib.report.claims import Row, read_papers
from precursor_lib.report.pages import claims_page, data_page
from precursor_lib.report.summary import needed_tables, summary_page

_PROBLEM = re.compile(r"(WARNING|ERROR|CRITICAL|Exception|Error):")


class BookError(PrecursorError):
    """The book could not be built."""


def build(manifest: Manifest, profile: str, runs: Sequence[Path]) -> Path:
    """Build the site from finished runs; the earlier site stays until the new one is whole.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    profile : str
        For messages; all pages are of this profile, since they come from its runs.
    runs : sequence of Path
        Finished run of each notebook, in the manifest's order.

    Returns
    -------
    Path
        Folder of the site.

    Raises
    ------
    NotebookError
        If a run is missing.
    BookError
        If the book's builder failed or warned; the message holds the warnings.
    """
    places = Places(manifest.root)
    publish_runs(manifest, profile, runs)
    write_generated(manifest)

    # Built from nothing each time: a page kept from the last build would keep its warnings back.
    work = places.build / "book"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(places.book)]
    command += ["--config", str(manifest.root / "_config.yml"), "--path-output", str(work)]
    command += ["-W", "-n", "--keep-going"]
    done = subprocess.run(
        command, cwd=manifest.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    output = plain_text(done.stdout)
    log = places.logs / "book.log"
    write_atomically(log, output)
    made = work / "_build" / "html"
    if done.returncode or not (made / "index.html").is_file():
        lines = [line for line in output.splitlines() if _PROBLEM.search(line)]
        shown = "\n  ".join(lines or output.splitlines()[-15:])
        raise BookError(f"the book was not built; {log.relative_to(manifest.root)}:\n  {shown}")
    old = places.build / "html.old"
    shutil.rmtree(old, ignore_errors=True)
    if places.site.exists():
        places.site.rename(old)
    made.rename(places.site)
    shutil.rmtree(old, ignore_errors=True)
    return places.site


def publish_runs(manifest: Manifest, profile: str, runs: Sequence[Path]) -> None:
    """Make the finished runs the book's pages, and remove pages that the manifest does not name.

    Raises
    ------
    NotebookError
        Naming the notebooks that have no finished run; nothing is changed then.
    """
    places = Places(manifest.root)
    pairs = list(zip(manifest.notebooks.items(), runs, strict=True))
    missing = [name for (name, _), run in pairs if not run.is_file()]
    if missing:
        raise NotebookError(f"no finished run under profile '{profile}' of: {', '.join(missing)}")
    wanted = set()
    for (_, entry), run in pairs:
        page = places.page(entry.section, entry.source)
        wanted.add(page)
        publish(places, page, run.read_text(encoding="utf-8"))
    for stray in set(places.published.rglob("*.ipynb")) - wanted:
        stray.unlink()


def write_generated(manifest: Manifest) -> None:
    """Write what is made from the manifest and from what the notebooks found, and nothing else."""
    places = Places(manifest.root)
    rows = ledger_rows(manifest)
    files: dict[str, str | bytes] = {
        "data.md": data_page(manifest),
        "claims.md": claims_page(
            rows, read_papers(manifest.root / "claims"), covered(manifest, rows)
        ),
        **borrowed_figures(manifest, places.book),
        **borrowed_tables(manifest, places.book),
        **_summary(manifest, rows),
    }
    for name, content in files.items():
        write_atomically(places.generated / name, content)
    for path in places.generated.rglob("*"):
        if path.is_file() and str(path.relative_to(places.generated)) not in files:
            path.unlink()


def _summary(manifest: Manifest, rows: Sequence[Row]) -> dict[str, str]:
    """The one-page summary, where the book has words for it."""
    book = Places(manifest.root).book
    template = book / "_templates" / "summary.md"
    if not template.is_file():
        return {}
    declared = [label for entry in manifest.notebooks.values() for label in entry.tables]
    tables = {label: borrowed_table(manifest, book, label) for label in needed_tables(declared)}
    words = template.read_text(encoding="utf-8")
    return {"summary.md": summary_page(words, rows, audit(), tables)}
