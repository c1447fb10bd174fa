"""A fingerprint of everything that decides what a notebook run gives.

Two runs with one fingerprint give the same page; the workflow keeps finished runs by it. It covers
the source, the library modules that the notebook needs, its parameters, its datasets with where
their files are, the claims that it checks, and the versions of the packages that it imports.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import precursor_lib
from precursor_lib.companion.dependencies import Library, Needs
from precursor_lib.companion.sources import plain
from precursor_lib.data import store
from precursor_lib.manifest import Dataset, File, Manifest
from precursor_lib.report.claims import read_claims

# Packages through which a page is executed; a notebook does not import them itself.
MACHINERY = ("ipykernel", "jupytext", "matplotlib-inline", "nbformat", "papermill")


@cache
def distributions() -> dict[str, list[str]]:
    """Installed distributions by the top-level name that they offer."""
    return dict(packages_distributions())


def library() -> Library:
    """The modules of `precursor_lib` as they stand on the disk now."""
    return Library(Path(precursor_lib.__file__).parent)


def needs(notebook_id: str, manifest: Manifest, modules: Library | None = None) -> Needs:
    """Modules and packages that a notebook needs, its datasets' readers and simulators included.

    Parameters
    ----------
    notebook_id : str
        Id in the manifest.
    manifest : Manifest
        The manifest.
    modules : Library, optional
        Pass one to several calls, so that each module is read once.
    """
    entry = manifest.notebook(notebook_id)
    roots = set()
    for dataset_id in entry.datasets:
        dataset = manifest.dataset(dataset_id)
        for kind, role in (("data", dataset.loader), ("simulate", dataset.simulator)):
            if role is not None:
                roots.add(f"precursor_lib.{kind}.{role.name.rpartition('.')[0]}")
    source = (manifest.root / entry.source).read_text(encoding="utf-8")
    return (modules or library()).needs(source, entry.source, roots)


def ingredients(
    notebook_id: str, profile: str, manifest: Manifest, modules: Library | None = None
) -> dict[str, Any]:
    """Everything that decides what a run gives, as plain values.

    Two such mappings can be compared to see why a page is stale.

    Parameters
    ----------
    notebook_id, profile, manifest, modules
        As `fingerprint` takes them.
    """
    modules = modules or library()
    entry = manifest.notebook(notebook_id)
    needed = needs(notebook_id, manifest, modules)
    mode = store.data_mode()
    shown = entry.model_dump(mode="json", exclude={"profiles", "cores", "reference"})
    return {
        "profile": profile,
        "source": sha256((manifest.root / entry.source).read_bytes()).hexdigest(),
        "entry": shown,
        "parameters": plain(entry.profiles[profile]),  # type: ignore[index]
        "modules": modules.digest(needed.modules),
        "datasets": {
            name: _dataset(name, manifest.dataset(name), mode) for name in sorted(entry.datasets)
        },
        "claims": _claims(manifest, entry.claims),
        "mode": mode,
        "python": platform.python_version(),
        "versions": _versions(needed.external),
    }


def fingerprint(
    notebook_id: str, profile: str, manifest: Manifest, modules: Library | None = None
) -> str:
    """Fingerprint of a notebook under a profile, here and now.

    Parameters
    ----------
    notebook_id : str
        Id in the manifest.
    profile : str
        ``"ci"`` or ``"paper"``.
    manifest : Manifest
        The manifest.
    modules : Library, optional
        Pass one to several calls, so that each module is read once.

    Returns
    -------
    str
        Twenty hexadecimal digits of a SHA-256.

    Raises
    ------
    NotebookError
        If the source, or a module that it needs, cannot be read as Python.
    """
    return digest(ingredients(notebook_id, profile, manifest, modules))


def digest(values: Any) -> str:
    """Twenty hexadecimal digits that stand for plain values."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=True)
    return sha256(text.encode()).hexdigest()[:20]


def _dataset(dataset_id: str, dataset: Dataset, mode: str) -> dict[str, Any]:
    content = dataset.model_dump(mode="json", exclude={"files"})
    files = [[f.label, f.sha256, where(f, mode)] for f in dataset.files]
    return {"entry": content, "files": files, "own": _own(dataset_id) if mode == "auto" else []}


def where(file: File, mode: str) -> str:
    """Where a run would take a file from. Its content is checked when it is opened, not here."""
    return next((source for source, path in store.places(file, mode) if path.is_file()), "nowhere")


def _own(dataset_id: str) -> list[list[Any]]:
    """A user's own files that stand for a dataset: name, size and time of change."""
    named = os.environ.get("PRECURSOR_USER_DATA")
    folder = Path(named).expanduser() / dataset_id if named else None
    if folder is None or not folder.is_dir():
        return []
    states = [(path, path.stat()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [[str(p.relative_to(folder)), s.st_size, s.st_mtime_ns] for p, s in states]


def _claims(manifest: Manifest, wanted: Iterable[str]) -> dict[str, Any]:
    wanted = list(wanted)
    if not wanted:
        return {}
    ledger = read_claims(manifest.root / "claims")
    # An unknown claim is the run's error to report, with the nearest name.
    return {name: ledger[name].model_dump(mode="json") for name in wanted if name in ledger}


def _versions(external: Iterable[str]) -> dict[str, str]:
    offered = distributions()
    names = {name for top in external for name in offered.get(top, [])}
    return {name: version(name) for name in sorted(names | set(MACHINERY))}
