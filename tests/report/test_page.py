"""A page's banner, tables, claims and provenance, with a tiny manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError, ManifestError, NotebookError
from precursor_lib.manifest import Manifest
from precursor_lib.report import Page
from precursor_lib.report.claims import CLAIMS_MIME, PROVENANCE_MIME
from precursor_lib.report.verdict import Verdict

FRAME = pd.DataFrame({"station": ["Dawu", "Dulan"], "distance": [175.34, 190.87]})


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The bundles that the page displays."""
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "precursor_lib.report.page.display",
        lambda bundle, metadata, raw: bundles.append({**bundle, **metadata}),
    )
    return bundles


@pytest.fixture
def page(manifest: Manifest, opening: None, shown: list[dict[str, Any]]) -> Page:
    """The tiny page, nothing opened yet."""
    return Page("tiny", {"nights": 3, "unrelated": object()}, manifest)


def test_parameters_are_those_declared_with_the_values_of_the_run(page: Page) -> None:
    assert page.parameters == {"nights": 3}


def test_missing_parameter_and_unknown_notebook_are_named(manifest: Manifest) -> None:
    with pytest.raises(NotebookError, match="'nights'"):
        Page("tiny", {}, manifest)
    with pytest.raises(ManifestError, match="nearest is 'tiny'"):
        Page("tinny", {"nights": 3}, manifest)


def test_open_gives_the_data_themselves(page: Page) -> None:
    assert page.open("network", samples=9).sizes == {"time": 9, "station": 7}
    assert list(page.open("kp").columns) == ["kp"]


def test_only_declared_datasets_labels_and_claims(page: Page) -> None:
    with pytest.raises(NotebookError, match=r"unknown dataset 'netwrk'; the nearest is 'network'"):
        page.open("netwrk")
    with pytest.raises(NotebookError, match="unknown table 'tiny-tab2'"):
        page.table(FRAME, "tiny-tab2", "A caption.")
    with pytest.raises(NotebookError, match="unknown claim"):
        page.check("tiny-tab1-depth", 1)
    with pytest.raises(NotebookError, match="unknown figure or table"):
        page.check("tiny-tab1-distance", 175, figure="tiny-fig9")
    with pytest.raises(NotebookError, match="unknown opened dataset"):
        page.check("tiny-tab1-distance", 175, data=["kp"])


def test_banner_says_origin_seed_and_scale(page: Page, shown: list[dict[str, Any]]) -> None:
    page.open("kp")
    page.banner()
    assert "{admonition} Observed data\n:class: note" in shown[-1]["text/markdown"]
    page.open("network", seed=11, samples=9)
    page.banner()
    markdown = shown[-1]["text/markdown"]
    assert "{admonition} Partly simulated data" in markdown
    assert ":class: warning" in markdown
    assert "{ref}`Kp <data-kp>`: **observed**; 3 rows." in markdown
    assert "**simulated**; seed 11; 9 samples, 7 stations; samples = 9." in markdown
    assert "{ref}" not in shown[-1]["text/html"]
    assert "seed 11" in shown[-1]["text/html"]


def test_banner_of_simulated_data_alone_warns_and_names_the_manifests_seed(
    page: Page, shown: list[dict[str, Any]]
) -> None:
    page.open("network")
    page.banner()
    markdown = shown[-1]["text/markdown"]
    assert "Simulated data: nothing on this page was observed" in markdown
    assert "seed 7" in markdown


def test_table_is_a_named_directive(page: Page, shown: list[dict[str, Any]]) -> None:
    page.table(FRAME, "tiny-tab1", "Stations | by distance.", units={"distance": "km"})
    lines = shown[-1]["text/markdown"].splitlines()
    assert lines[:2] == ["````{table} Stations | by distance.", ":name: tiny-tab1"]
    assert lines[3:6] == ["| station | distance (km) |", "| :-- | --: |", "| Dawu | 175 |"]
    assert "<caption" in shown[-1]["text/html"]
    with pytest.raises(NotebookError, match="twice"):
        page.table(FRAME, "tiny-tab1", "Again.")


def test_verdict_depends_on_the_origin_of_the_data_behind_the_value(page: Page) -> None:
    page.open("network")
    page.open("kp")
    assert page.check("tiny-fig1-ratio", 0.5) is Verdict.NO_DATA
    assert page.check("tiny-fig1-ratio", 0.5, data=["kp"]) is Verdict.HOLDS
    assert page.check("tiny-fig1-ratio", 0.9, data=["kp"]) is Verdict.FAILS
    assert page.check("tiny-tab1-distance", np.float64(175.4)) is Verdict.HOLDS
    with pytest.raises(InputError, match="a number expected"):
        page.check("tiny-tab1-distance", object())


def test_claims_table_shows_and_records(page: Page, shown: list[dict[str, Any]]) -> None:
    with pytest.raises(NotebookError, match="no claim yet"):
        page.claims_table()
    page.open("kp")
    page.check("tiny-tab1-distance", 175.8149, note="On the ellipsoid.")
    page.check("tiny-fig1-ratio", None)
    page.claims_table()
    assert "| 175 km | 175.8 km | 0.5 | **does not hold** |" in shown[-1]["text/markdown"]
    assert "| 0.4 to 0.7 | no value | 0.05 | **does not hold** |" in shown[-1]["text/markdown"]
    first, second = shown[-1][CLAIMS_MIME]["claims"]
    assert first == {
        "id": "tiny-tab1-distance",
        "computed": 175.8,
        "verdict": "does not hold",
        "shown": "tiny-tab1",
        "note": "On the ellipsoid.",
        "notebook": "tiny",
        "page": "notebooks/cases/tiny",
    }
    assert second["computed"] is None


def test_provenance_refuses_what_was_declared_and_not_shown(
    page: Page, shown: list[dict[str, Any]]
) -> None:
    page.open("kp")
    with pytest.raises(NotebookError, match="table 'tiny-tab1'"):
        page.provenance()
    page.table(FRAME, "tiny-tab1", "Stations.")
    page.check("tiny-tab1-distance", 175.3)
    with pytest.raises(NotebookError, match="claim 'tiny-fig1-ratio'"):
        page.provenance()
    page.check("tiny-fig1-ratio", 0.5)
    page.provenance()
    record = shown[-1][PROVENANCE_MIME]
    assert record["parameters"] == {"nights": 3}
    assert record["data"][0]["files"] == [["spaceweather:kp.txt", "ab" * 32]]
    assert record["versions"]["numpy"] == np.__version__
    assert record["seconds"] >= 0
    assert "1 of 3 values is preliminary." in shown[-1]["text/markdown"]


def test_default_manifest_is_the_environments(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRECURSOR_MANIFEST", str(project / "data_manifest.yml"))
    assert Page("tiny", {"nights": 2}).manifest.root == project
