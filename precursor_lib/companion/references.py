"""Executed notebooks without pictures, which nbval runs again and compares.

They hold for the data mode ``bundled``, which is the same on every machine: what installed packages
carry, and simulation. Those that need mirrored files (``reference: mirror`` in the manifest) stand
apart and are compared only where ``$PRECURSOR_DATA`` names the files.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat

from precursor_lib.companion.clean import as_text, without_pictures
from precursor_lib.companion.places import Places, write_atomically
from precursor_lib.companion.run import run_notebook
from precursor_lib.companion.sources import read_source
from precursor_lib.data.store import data_folder
from precursor_lib.errors import DataUnavailableError
from precursor_lib.manifest import Manifest

MIRROR = "mirror"


def reference_path(manifest: Manifest, notebook_id: str) -> Path | None:
    """Where a notebook's reference is; None where the manifest wants none.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    notebook_id : str
        Id in the manifest.
    """
    entry = manifest.notebook(notebook_id)
    if entry.reference is None:
        return None
    folder = Places(manifest.root).references
    name = f"{Path(entry.source).stem}.ipynb"
    return (folder / MIRROR if entry.reference == MIRROR else folder) / name


def make_reference(manifest: Manifest, notebook_id: str) -> Path | None:
    """Run a notebook in its fixed data mode and write its reference.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    notebook_id : str
        Id in the manifest.

    Returns
    -------
    Path or None
        The reference; None where the manifest wants none.

    Raises
    ------
    DataUnavailableError
        If the reference needs ``$PRECURSOR_DATA`` and it is not set.
    NotebookError
        If the notebook failed.
    """
    path = reference_path(manifest, notebook_id)
    if path is None:
        return None
    mirror = manifest.notebook(notebook_id).reference == MIRROR
    if mirror and data_folder() is None:
        raise DataUnavailableError(
            f"{notebook_id}: its reference needs mirrored files, and $PRECURSOR_DATA is not set"
        )
    with tempfile.TemporaryDirectory() as folder:
        run = run_notebook(
            notebook_id,
            manifest=manifest,
            output=Path(folder) / path.name,
            data_mode="auto" if mirror else "bundled",
        )
        executed = nbformat.read(run.page, as_version=4)
    write_atomically(path, as_text(without_pictures(executed)))
    return path


def stray_references(manifest: Manifest) -> list[Path]:
    """References of no notebook of the manifest."""
    wanted = {reference_path(manifest, name) for name in manifest.notebooks}
    found = Places(manifest.root).references.rglob("*.ipynb")
    return sorted(p for p in found if p not in wanted and ".ipynb_checkpoints" not in p.parts)


def missing_references(manifest: Manifest) -> list[str]:
    """Notebooks that have no reference though the manifest wants one."""
    paths = {name: reference_path(manifest, name) for name in manifest.notebooks}
    return [name for name, path in paths.items() if path and not path.is_file()]


def changed_sources(manifest: Manifest) -> list[str]:
    """Notebooks whose reference was made from another source than the one that is here."""
    changed = []
    for name, entry in manifest.notebooks.items():
        path = reference_path(manifest, name)
        if path and path.is_file():
            here = [cell.source for cell in read_source(manifest.root / entry.source).cells]
            there = [cell.source for cell in nbformat.read(path, as_version=4).cells]
            if here != there:
                changed.append(name)
    return changed
