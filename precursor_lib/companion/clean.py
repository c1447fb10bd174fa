"""Removing from an executed notebook what differs from run to run."""

from __future__ import annotations

import base64
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

# Injected by papermill with a random id; there is at most one.
INJECTED = "injected-parameters"
_PICTURE = re.compile(r"^(image/|application/pdf$)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def clean(notebook: NotebookNode) -> NotebookNode:
    """Strip run-specific metadata, fix the injected cell's id, and join split streams.

    Times, durations and random ids go; sources, outputs and the cells' own metadata stay. Two runs
    that computed the same are then byte-identical.

    Parameters
    ----------
    notebook : NotebookNode
        Executed by papermill; it is changed in place and returned.
    """
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if cell.metadata.get("tags") == []:
            cell.metadata.pop("tags")
        if INJECTED in cell.metadata.get("tags", []):
            cell["id"] = INJECTED
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return notebook


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join consecutive pieces of one stream, whose cuts depend on timing."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last["text"] += output.text
        else:
            joined.append(output)
    return joined


def without_pictures(notebook: NotebookNode) -> NotebookNode:
    """Take pictures out of the outputs; nbval does not compare them and they fill repositories."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for kind in [kind for kind in output.get("data", {}) if _PICTURE.match(kind)]:
                del output["data"][kind]
    return notebook


def as_text(notebook: NotebookNode) -> str:
    """Serialise a notebook, after validation, with a newline at its end."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def transcript(notebook: NotebookNode) -> str:
    """Tell what each code cell printed and how long it took, as text for a log."""
    lines: list[str] = []
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        seconds = cell.metadata.get("papermill", {}).get("duration")
        took = f" ({seconds:.1f} s)" if seconds is not None else ""
        lines.append(f"--- cell {number}{took}: {first_line(cell.source)}")
        for output in cell.outputs:
            text = _printed(output)
            if text:
                lines.append(text.rstrip())
    return "\n".join(lines) + "\n"


def first_line(source: str) -> str:
    """First line of a cell that is not empty, for naming the cell."""
    return next((line.strip() for line in source.splitlines() if line.strip()), "(empty)")


def plain_text(text: str) -> str:
    """Text without terminal colours."""
    return _COLOUR.sub("", text)


def _printed(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return plain_text(output.text)
    if output.output_type == "error":
        return plain_text("\n".join(output.traceback))
    data: dict[str, Any] = output.get("data", {})
    pictures = [
        f"[{kind}, {len(base64.b64decode(data[kind]))} bytes]"
        for kind in data
        if kind in {"image/png", "image/jpeg"}
    ]
    return "\n".join([plain_text(data.get("text/plain", "")), *pictures]).strip()
