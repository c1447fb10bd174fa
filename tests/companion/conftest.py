"""A small companion of its own, in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from precursor_lib.manifest import Manifest

HEADER = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""
SOURCE = (
    HEADER
    + """# %% [markdown]
# # Tiny

# %% tags=["parameters"]
n = 3
name = "a"

# %%
import os

import matplotlib.pyplot as plt
import numpy as np

print(n, name, os.environ["OMP_NUM_THREADS"], os.environ["PRECURSOR_PROFILE"])

# %% mystnb={"figure": {"name": "fig-tiny", "caption": "A walk."}, "image": {"alt": "a line"}}
figure, axes = plt.subplots(figsize=(3, 2))
axes.plot(np.random.default_rng(n).normal(size=50).cumsum())
plt.show()
"""
)

CONFIG = """title: Tiny
only_build_toc_files: true
execute: {execute_notebooks: "off"}
bibtex_bibfiles: [references.bib]
"""
GENERATED = ("generated/data", "generated/claims")
SIMULATED = {
    "title": "Made up",
    "access": "simulated",
    "licence": "CC0-1.0",
    "providers": ["nobody"],
    "simulator": {"name": "indices.dst_from_rc", "seed": 1},
    "variables": {"dst": {"units": "nT", "description": "Dst"}},
    "coverage": {"start": "2020-01-01", "end": "2020-01-02", "cadence": "1 h"},
    "obtain": "It is made.",
}


@dataclass
class Project:
    """A manifest, its notebooks and a book, all of which a test may change."""

    root: Path
    notebooks: dict[str, Any] = field(default_factory=dict)
    datasets: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, source: str = SOURCE, **entry: Any) -> Path:
        """Add a notebook and write its source."""
        path = self.root / "notebooks" / "methods" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        self.notebooks[name] = {
            "source": f"notebooks/methods/{name}.py",
            "title": name.title(),
            "section": "methods",
            "profiles": {"ci": {"n": 3}, "paper": {"n": 5}},
            **entry,
        }
        return path

    def page(self, name: str) -> Path:
        return self.root / "book" / "notebooks" / "methods" / f"{name}.ipynb"

    @property
    def manifest(self) -> Manifest:
        """The manifest as it now stands."""
        path = self.root / "data_manifest.yml"
        content = {"datasets": self.datasets, "notebooks": self.notebooks}
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return Manifest.load(path)


@pytest.fixture
def project(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A companion with no notebook yet, an empty ledger and a book of one page."""
    for variable in ("PRECURSOR_DATA", "PRECURSOR_USER_DATA", "PRECURSOR_DATA_MODE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PRECURSOR_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "companion"
    (place / "workflow").mkdir(parents=True)
    shutil.copy(root / "workflow" / "Snakefile", place / "workflow")
    (place / "claims").mkdir()
    (place / "claims" / "tiny.yml").write_text(
        "title: A tiny paper\n"
        "cite: tiny2026\n"
        "claims:\n"
        "  - {id: tiny-n, label: tiny-fig, statement: The number is three., published: 3,\n"
        "     tolerance: 0, kind: arithmetic, source: page 1}\n"
        "  - {id: tiny-m, label: tiny-fig, statement: The other is four., published: 4,\n"
        "     tolerance: 0, kind: arithmetic, source: page 2}\n"
    )
    return Project(place, datasets={"made-up": SIMULATED})


@pytest.fixture
def write_book(project: Project) -> Callable[[], None]:
    """Write a book that shows the project's notebooks."""

    def write() -> None:
        book = project.root / "book"
        book.mkdir(exist_ok=True)
        (project.root / "_config.yml").write_text(CONFIG)
        (book / "references.bib").write_text(
            "@misc{tiny2026, author = {Tiny, A.}, title = {A tiny paper}, year = {2026}}\n"
        )
        (book / "index.md").write_text("# Tiny\n\nA page.\n\n```{bibliography}\n```\n")
        pages = [f"notebooks/methods/{name}" for name in project.notebooks]
        chapters = "".join(f"  - file: {page}\n" for page in [*pages, *GENERATED])
        (book / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{chapters}")

    return write
