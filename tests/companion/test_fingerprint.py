"""A fingerprint changes when what it stands for changes, and at no other time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from precursor_lib.companion import fingerprint as module
from precursor_lib.companion.dependencies import Library
from precursor_lib.companion.fingerprint import fingerprint, ingredients, needs

DATASET: dict[str, Any] = {
    "title": "Dst",
    "access": "open",
    "licence": "CC0-1.0",
    "providers": ["Someone"],
    "files": [
        {"path": "dst/1.txt", "bytes": 1, "sha256": "0" * 64, "url": "https://example.org/1"}
    ],
    "loader": {"name": "indices.read_dst"},
    "variables": {"dst": {"units": "nT", "description": "Dst"}},
    "coverage": {"start": "2020-01-01", "end": "2020-01-02", "cadence": "1 h"},
    "obtain": "Ask.",
}
FILES = ("__init__", "data/__init__", "data/indices", "detect/__init__", "detect/growth", "errors")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A stand-in for the library, small enough to change."""
    folder = tmp_path / "precursor_lib"
    for name in FILES:
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (folder / "detect" / "__init__.py").write_text(
        "from precursor_lib.detect.growth import fit_line\n"
    )
    (folder / "detect" / "growth.py").write_text("import scipy\ndef fit_line(): ...\n")
    return folder


@pytest.fixture
def state(project: Any, package: Path) -> Callable[[], str]:
    source = project.add("tiny", datasets=["dst"], claims=["tiny-n"])
    source.write_text(source.read_text() + "\n# %%\nfrom precursor_lib.detect import fit_line\n")
    project.datasets["dst"] = {**DATASET}
    project.datasets["other"] = {**DATASET, "title": "Not used"}
    project.add("second")
    return lambda: fingerprint("tiny", "ci", project.manifest, Library(package))


def append(path: Path, text: str = "\n# more\n") -> None:
    path.write_text(path.read_text() + text)


def a_source(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    append(project.root / "notebooks" / "methods" / "tiny.py")


def a_module(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    append(package / "detect" / "growth.py")


def a_reader(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    append(package / "data" / "indices.py")


def a_parameter(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    project.notebooks["tiny"]["profiles"]["ci"]["n"] = 4


def a_dataset(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    project.datasets["dst"]["loader"] = {"name": "indices.read_dst", "arguments": {"final": True}}


def a_hash(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    project.datasets["dst"]["files"] = [{**DATASET["files"][0], "sha256": "1" * 64}]


def a_file_at_hand(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    (project.root.parent / "cache" / "dst").mkdir(parents=True)
    (project.root.parent / "cache" / "dst" / "1.txt").write_text("1")


def own_data(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    (project.root.parent / "own" / "dst").mkdir(parents=True)
    (project.root.parent / "own" / "dst" / "mine.csv").write_text("1")
    patch.setenv("PRECURSOR_USER_DATA", str(project.root.parent / "own"))


def a_claim(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    path = project.root / "claims" / "tiny.yml"
    path.write_text(path.read_text().replace("published: 3", "published: 2"))


def the_mode(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("PRECURSOR_DATA_MODE", "bundled")


def a_version(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    real = module.version
    patch.setattr(module, "version", lambda name: "9" if name == "scipy" else real(name))


def another_notebook(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    append(project.root / "notebooks" / "methods" / "second.py")
    project.notebooks["second"]["profiles"]["ci"]["n"] = 7


def another_module(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    append(package / "errors.py")


def another_dataset(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    project.datasets["other"]["title"] = "Still not used"


def another_claim(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    path = project.root / "claims" / "tiny.yml"
    path.write_text(path.read_text().replace("published: 4", "published: 5"))


def another_profile(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    project.notebooks["tiny"]["profiles"]["paper"]["n"] = 50


def the_cores(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    project.notebooks["tiny"].update(cores=2, reference="bundled")


def another_version(project: Any, package: Path, patch: pytest.MonkeyPatch) -> None:
    real = module.version
    patch.setattr(module, "version", lambda name: "9" if name == "torch" else real(name))


@pytest.mark.parametrize(
    "change",
    [
        a_source,
        a_module,
        a_reader,
        a_parameter,
        a_dataset,
        a_hash,
        a_file_at_hand,
        own_data,
        a_claim,
        the_mode,
        a_version,
    ],
)
def test_it_changes_with(
    change: Any, state: Any, project: Any, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state()
    change(project, package, monkeypatch)
    assert state() != before


@pytest.mark.parametrize(
    "change",
    [
        another_notebook,
        another_module,
        another_dataset,
        another_claim,
        another_profile,
        the_cores,
        another_version,
    ],
)
def test_it_does_not_change_with(
    change: Any, state: Any, project: Any, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state()
    change(project, package, monkeypatch)
    assert state() == before


def test_profiles_differ_and_say_where(state: Any, project: Any, package: Path) -> None:
    library = Library(package)
    ci, paper = (ingredients("tiny", p, project.manifest, library) for p in ("ci", "paper"))
    assert {key for key in ci if ci[key] != paper[key]} == {"profile", "parameters"}


def test_readers_count_without_being_imported(state: Any, project: Any, package: Path) -> None:
    found = needs("tiny", project.manifest, Library(package))
    assert found.modules == {"precursor_lib.data.indices", "precursor_lib.detect.growth"}
