"""What a failed run leaves: where and why it ended, its log, the half-run notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.execute import ERROR_MARKER_TAG

from precursor_lib.companion.clean import as_text, clean, first_line, plain_text, transcript
from precursor_lib.companion.places import Places, write_atomically
from precursor_lib.errors import NotebookError
from precursor_lib.manifest import Notebook


def record_failure(
    notebook_id: str, entry: Notebook, places: Places, result: Path, error: Exception
) -> NotebookError:
    """Keep what a failed run left, and say where and why it failed."""
    log = places.failed / f"{notebook_id}.log"
    where, text = "before its first cell", ""
    if result.is_file():
        half = nbformat.read(result, as_version=4)
        # Papermill marks the failure by cells of its own, which would shift the numbers.
        half.cells = [
            cell for cell in half.cells if ERROR_MARKER_TAG not in cell.metadata.get("tags", [])
        ]
        number = _failed(half.cells)
        if number is not None:
            where = f"cell {number + 1} ('{first_line(half.cells[number].source)}')"
        text = transcript(half)
        write_atomically(places.failed / f"{notebook_id}.ipynb", as_text(clean(half)))
    why = f"{type(error).__name__}: {error}"
    if isinstance(error, PapermillExecutionError) and error.traceback:
        why = plain_text("\n".join(error.traceback)).strip().splitlines()[-1]
    write_atomically(log, f"{notebook_id} ({entry.source}): {where}: {why}\n\n{text}")
    return NotebookError(
        f"{notebook_id} ({entry.source}): {where}: {why}; log: {log.relative_to(places.root)}"
    )


def _failed(cells: list[NotebookNode]) -> int | None:
    """Position of the cell that ended a run: the one with an error, else the last that started."""
    errors = [n for n, cell in enumerate(cells) if _has_error(cell)]
    started = [
        n
        for n, cell in enumerate(cells)
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time")
    ]
    found = errors[:1] or started[-1:]
    return found[0] if found else None


def _has_error(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def was_left(cell: NotebookNode) -> bool:
    """Whether a code cell did not run to its end; papermill takes ``sys.exit`` for success."""
    if cell.cell_type != "code" or not cell.source.strip():
        return False
    return cell.execution_count is None or _has_error(cell)
