"""Notebook sources: py:percent text to a notebook, and its parameters cell."""

from __future__ import annotations

import ast
import datetime
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from precursor_lib.errors import InputError, NotebookError, unknown

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def read_source(path: Path) -> NotebookNode:
    """Read a py:percent source as a notebook whose cell ids depend on nothing but their order.

    Parameters
    ----------
    path : Path
        The source, with a jupytext header.

    Returns
    -------
    NotebookNode
        Format 4.5, without outputs.

    Raises
    ------
    NotebookError
        If the file is missing or has no code cell.
    """
    if not path.is_file():
        raise NotebookError(f"{path}: there is no such notebook source")
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        raise NotebookError(f"{path}: no code cell; a source is py:percent text with '# %%' marks")
    notebook.metadata = nbformat.from_dict({"kernelspec": dict(KERNEL)})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def read_parameters(notebook: NotebookNode, path: Path) -> dict[str, Any]:
    """Names and values in the one cell tagged ``parameters``.

    The values are read from the text, so that a source can be checked without running it.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook.
    path : Path
        Its source, for error messages.

    Returns
    -------
    dict
        Name to literal, in the cell's order.

    Raises
    ------
    NotebookError
        If there is no such cell, or more than one, or a line in it is not ``name = literal``.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        found = "no cell" if not cells else f"{len(cells)} cells"
        raise NotebookError(
            f"{path}: {found} tagged 'parameters'; expected exactly one, "
            "marked '# %% tags=[\"parameters\"]'"
        )
    values: dict[str, Any] = {}
    for statement in ast.parse(cells[0].source).body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a comment written as a string
        target = statement.targets if isinstance(statement, ast.Assign) else None
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target = [statement.target]
        if target is None or len(target) != 1 or not isinstance(target[0], ast.Name):
            raise NotebookError(_not_literal(path, statement))
        try:
            values[target[0].id] = ast.literal_eval(statement.value)
        except ValueError:
            raise NotebookError(_not_literal(path, statement)) from None
    return values


def check_parameters(
    given: Mapping[str, Any], cell: Mapping[str, Any], path: Path, *, said_by: str
) -> None:
    """Refuse a parameter that the notebook does not have.

    Parameters
    ----------
    given : mapping
        What is to be set.
    cell : mapping
        What the parameters cell has.
    path : Path
        The source, for the message.
    said_by : str
        Who gives the parameters, such as ``"profile 'ci'"``.

    Raises
    ------
    InputError
        Naming the parameter and the nearest one that exists.
    """
    for name in given:
        if name not in cell:
            raise InputError(f"{path}, {said_by}: {unknown('parameter', name, cell)}")


def check_defaults(profile: Mapping[str, Any], cell: Mapping[str, Any], path: Path) -> None:
    """Check that the parameters cell holds the ``ci`` values of the manifest.

    Raises
    ------
    NotebookError
        Naming the first parameter whose values differ, and both values.
    """
    for name, value in profile.items():
        if not same(value, cell[name]):
            raise NotebookError(
                f"{path}: parameter '{name}' is {cell[name]!r} in the parameters cell "
                f"and {value!r} in the manifest's profile 'ci'; they have to be equal"
            )


def plain(value: Any) -> Any:
    """Bring a value to the form that both YAML and a Python literal can have."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def same(first: Any, second: Any) -> bool:
    """Whether two parameter values mean the same; 1 and 1.0 do, 1 and True do not."""
    first, second = plain(first), plain(second)
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    if isinstance(first, float) and isinstance(second, float) and math.isnan(first):
        return math.isnan(second)
    return bool(first == second)


def _not_literal(path: Path, statement: ast.stmt) -> str:
    return (
        f"{path}, parameters cell, line {statement.lineno}: expected 'name = literal', "
        f"got '{ast.unparse(statement)}'"
    )
