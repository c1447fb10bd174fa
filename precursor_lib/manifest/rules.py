"""Rules that the manifest keeps, beyond the type of each field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from precursor_lib.errors import unknown
from precursor_lib.manifest.registry import LOADERS, SIMULATORS

if TYPE_CHECKING:
    from precursor_lib.manifest.core import Manifest


def check(manifest: Manifest) -> list[str]:
    """Check what needs the manifest alone.

    Open files carry a hash, a size and an address; what is not open names a simulator; loaders,
    simulators and datasets are known; each file and each label stands once.

    Parameters
    ----------
    manifest : Manifest
        The manifest.

    Returns
    -------
    list of str
        All problems, each naming the file, the id and the field. Empty where there are none.
    """
    problems = [*_datasets(manifest), *_notebooks(manifest)]
    return [f"{manifest.path}: {problem}" for problem in problems]


def _datasets(manifest: Manifest) -> Iterator[str]:
    for name, entry in manifest.datasets.items():
        here = f"datasets.{name}"
        if entry.access == "open" and not entry.files:
            yield f"{here}.files: an open dataset names at least one file"
        if entry.access == "simulated" and entry.files:
            yield f"{here}.files: a simulated dataset has no files"
        if entry.access != "open" and entry.simulator is None:
            yield f"{here}.simulator: a dataset with access '{entry.access}' names a simulator"
        if entry.loader is None and not entry.files and entry.simulator is None:
            yield f"{here}: expected files, a loader or a simulator"
        for index, file in enumerate(entry.files):
            if entry.access != "open":
                continue
            place = f"{here}.files[{index}]"
            if file.sha256 is None:
                yield f"{place}.sha256: missing for {file.path}"
            if file.bytes is None:
                yield f"{place}.bytes: missing for {file.path}"
            if (file.url is None) == (file.package is None):
                yield f"{place}: {file.path} has one of 'url' and 'package'"
        labels = Counter(file.label for file in entry.files)
        for label in (label for label, count in labels.items() if count > 1):
            yield f"{here}.files: {label} stands {labels[label]} times"
        if entry.loader and entry.loader.name not in LOADERS:
            yield f"{here}.loader.name: {unknown('loader', entry.loader.name, LOADERS)}"
        if entry.simulator:
            if entry.simulator.name not in SIMULATORS:
                text = unknown("simulator", entry.simulator.name, SIMULATORS)
                yield f"{here}.simulator.name: {text}"
            if "seed" in entry.simulator.arguments:
                yield f"{here}.simulator.arguments.seed: the seed stands beside 'arguments'"


def _notebooks(manifest: Manifest) -> Iterator[str]:
    owner: dict[str, str] = {}
    for name, entry in manifest.notebooks.items():
        here = f"notebooks.{name}"
        if Path(entry.source).suffix != ".py":
            yield f"{here}.source: expected a .py file, got {entry.source}"
        for index, dataset_id in enumerate(entry.datasets):
            if dataset_id not in manifest.datasets:
                text = unknown("dataset", dataset_id, manifest.datasets)
                yield f"{here}.datasets[{index}]: {text}"
        for field in ("figures", "tables"):
            for label in getattr(entry, field):
                if label in owner:
                    yield f"{here}.{field}: '{label}' stands in {owner[label]} already"
                owner.setdefault(label, f"{here}.{field}")
        for claim, count in Counter(entry.claims).items():
            if count > 1:
                yield f"{here}.claims: '{claim}' stands {count} times"


def check_citations(manifest: Manifest, bibliography: Path | None = None) -> list[str]:
    """Check that every citation key stands in the bibliography.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    bibliography : pathlib.Path, optional
        A BibTeX file, by default ``book/references.bib`` beside the manifest.

    Returns
    -------
    list of str
        All problems.
    """
    import pybtex.database  # type: ignore[import-untyped]

    path = bibliography or manifest.root / "book" / "references.bib"
    try:
        known = set(pybtex.database.parse_file(str(path), bib_format="bibtex").entries)
    except (OSError, pybtex.exceptions.PybtexError) as error:
        return [f"{path}: cannot be read: {error}"]
    return [
        f"{manifest.path}: datasets.{name}.citations[{index}]: {unknown('citation', key, known)}"
        for name, entry in manifest.datasets.items()
        for index, key in enumerate(entry.citations)
        if key not in known
    ]


def check_claims(manifest: Manifest, folder: Path | None = None) -> list[str]:
    """Check that every claim that a notebook names stands in the ledger.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    folder : pathlib.Path, optional
        Folder of ledger files ``*.yml``, each with a list ``claims`` of entries with an ``id``; by
        default ``claims`` beside the manifest.

    Returns
    -------
    list of str
        All problems, a claim id that two entries share among them.
    """
    place = folder or manifest.root / "claims"
    problems: list[str] = []
    owner: dict[str, str] = {}
    for path in sorted(place.glob("*.yml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            ids = [str(entry["id"]) for entry in content["claims"]]
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            problems.append(f"{path}: expected a list 'claims' of entries with 'id': {error}")
            continue
        for claim in ids:
            if claim in owner:
                problems.append(f"{path}: claims: '{claim}' stands in {owner[claim]} already")
            owner.setdefault(claim, str(path))
    for name, notebook in manifest.notebooks.items():
        problems.extend(
            f"{manifest.path}: notebooks.{name}.claims: {unknown('claim', claim, owner)}"
            for claim in notebook.claims
            if claim not in owner
        )
    return problems
