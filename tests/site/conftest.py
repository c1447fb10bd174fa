"""The built site; `make book` makes it, and without it these tests are skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from precursor_lib.companion.places import Places
from precursor_lib.manifest import Manifest


@pytest.fixture(scope="session")
def manifest(root: Path) -> Manifest:
    return Manifest.load(root / "data_manifest.yml")


@pytest.fixture(scope="session")
def site(manifest: Manifest) -> Path:
    folder = Places(manifest.root).site
    if not (folder / "index.html").is_file():
        pytest.skip("the book is not built: 'make book' builds it")
    return folder
