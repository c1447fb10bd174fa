"""The project's own files agree with each other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from precursor_lib import __version__
from precursor_lib.companion.fingerprint import distributions
from precursor_lib.companion.references import changed_sources, missing_references, stray_references
from precursor_lib.companion.run import prepare
from precursor_lib.manifest import Manifest, check_citations, check_claims

PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;]+)$")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines: list[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            match = PIN.match(line.strip())
            assert match, f"'{line}' is not of the form name==version"
            found[normal(match[1])] = match[2]
    return found


def tracked(root: Path) -> list[Path]:
    """Files of the repository; all text files where it is no git checkout."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in done.stdout.splitlines() if (root / name).is_file()]


def texts(root: Path) -> Iterator[tuple[Path, str]]:
    for path in tracked(root):
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


@pytest.fixture(scope="module")
def requirements(root: Path) -> dict[str, str]:
    return pins((root / "requirements.txt").read_text().splitlines())


@pytest.fixture(scope="module")
def manifest(root: Path) -> Manifest:
    return Manifest.load(root / "data_manifest.yml")


def test_conda_has_the_same_pins(root: Path, requirements: dict[str, str]) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text())
    (section,) = [part for part in environment["dependencies"] if isinstance(part, dict)]
    assert pins(section["pip"]) == requirements


def test_constraints_agree_and_are_complete(root: Path, requirements: dict[str, str]) -> None:
    constraints = pins((root / "constraints.txt").read_text().splitlines())
    assert requirements.items() <= constraints.items()
    assert not [version for version in constraints.values() if "+" in version]


def imported(folder: Path) -> dict[str, str]:
    """Top-level names that the code below a folder imports, with a file for each."""
    found: dict[str, str] = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [item.name for item in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            else:
                continue
            for name in names:
                found.setdefault(name.partition(".")[0], str(path.relative_to(folder.parent)))
    return found


@pytest.mark.parametrize("folder", ["precursor_lib", "notebooks", "tests"])
def test_what_is_imported_is_required(
    root: Path, requirements: dict[str, str], folder: str
) -> None:
    local = {"precursor_lib", "tests", *(path.stem for path in (root / "tests").rglob("*.py"))}
    unpinned = {}
    for name, where in imported(root / folder).items():
        if name in sys.stdlib_module_names or name in local:
            continue
        offered = {normal(found) for found in distributions().get(name, [name])}
        if not offered & requirements.keys():
            unpinned[name] = where
    assert not unpinned, f"imported and not in requirements.txt: {unpinned}"


def test_python_versions_agree(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    assert project["version"] == __version__
    assert yaml.safe_load((root / "CITATION.cff").read_text())["version"] == __version__


# Written in parts, so that this file does not contain what it looks for.
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "conda" + ".anaconda", "npmjs" + ".org"]
MACHINE = re.compile(r"(?<![\w./~-])/(root|home|work|tmp|Users)/[\w.]+")


def test_no_registry_is_named(root: Path) -> None:
    named = [
        f"{path.relative_to(root)}: {host}"
        for path, text in texts(root)
        for host in REGISTRIES
        if host in text
    ]
    assert not named


def test_no_path_of_a_machine_is_kept(root: Path) -> None:
    found = [
        f"{path.relative_to(root)}: {match[0]}"
        for path, text in texts(root)
        for match in MACHINE.finditer(text)
    ]
    assert not found


def test_modules_stay_small(root: Path) -> None:
    long = {}
    for path in (root / "precursor_lib").rglob("*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > 330:
            long[str(path.relative_to(root))] = lines
    assert not long, "a module stays under about 300 lines"


def contents(entry: object) -> Iterator[str]:
    """Every file that a table of contents names."""
    if isinstance(entry, dict):
        for key, value in entry.items():
            if key in {"file", "root"}:
                yield str(value)
            else:
                yield from contents(value)
    elif isinstance(entry, list):
        for part in entry:
            yield from contents(part)


def test_the_book_lists_each_notebook_once(root: Path, manifest: Manifest) -> None:
    listed = list(contents(yaml.safe_load((root / "book" / "_toc.yml").read_text())))
    notebooks = {
        f"notebooks/{entry.section}/{Path(entry.source).stem}"
        for entry in manifest.notebooks.values()
    }
    assert sorted(name for name in listed if name.startswith("notebooks/")) == sorted(notebooks)
    made = {"generated/data", "generated/claims", "generated/summary"}
    for name in set(listed) - notebooks - made:
        assert (root / "book" / f"{name}.md").is_file(), f"_toc.yml names {name}"


def test_each_source_is_of_the_manifest(root: Path, manifest: Manifest) -> None:
    sources = {entry.source for entry in manifest.notebooks.values()}
    here = {str(path.relative_to(root)) for path in (root / "notebooks").rglob("*.py")}
    assert here == sources


def test_each_notebook_can_be_prepared(root: Path, manifest: Manifest) -> None:
    for entry in manifest.notebooks.values():
        for profile in entry.profiles:
            prepare(entry, root / entry.source, profile, {})


def test_sources_keep_their_length(root: Path, manifest: Manifest) -> None:
    for entry in manifest.notebooks.values():
        lines = len((root / entry.source).read_text(encoding="utf-8").splitlines())
        if not 100 <= lines <= 250:
            warnings.warn(f"{entry.source}: {lines} lines, 100 to 250 are meant", stacklevel=1)
        assert lines <= 350, entry.source


def test_citations_and_claims_are_known(manifest: Manifest) -> None:
    assert check_citations(manifest) == []
    assert check_claims(manifest) == []


def test_references_are_those_of_the_sources(manifest: Manifest) -> None:
    assert missing_references(manifest) == []
    assert stray_references(manifest) == []
    assert changed_sources(manifest) == [], "'make references' makes them anew"


def test_make_explains_every_target(root: Path) -> None:
    text = (root / "Makefile").read_text()
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)
    for target in phony.split():
        assert re.search(rf"^  {target} +\S", done.stdout, flags=re.MULTILINE), target


def test_an_old_python_is_refused(root: Path, tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "setup", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "is Python 3.9.2; Python 3.11 or later is needed" in done.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_front_pages_exist(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)", text)
    missing = [link for link in links if "://" not in link and not (root / link).exists()]
    assert not missing
