"""The command line: messages, exit codes, and nothing that looks like a crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from precursor_lib import __version__, cli
from precursor_lib.companion import run as runner

MANIFEST = """
datasets:
  made-up:
    title: Made up
    access: simulated
    licence: CC0-1.0
    providers: [nobody]
    simulator: {name: indices.dst_from_rc, seed: 1}
    variables: {dst: {units: nT, description: Dst}}
    coverage: {start: 2020-01-01, end: 2020-01-02, cadence: 1 h}
    obtain: It is made.
  kept:
    title: Kept somewhere
    access: open
    licence: CC0-1.0
    providers: [somebody]
    files:
      - {path: kept/a.txt, bytes: 1, url: "https://data.invalid/a.txt", sha256: SHA}
    loader: {name: indices.read_dst}
    variables: {dst: {units: nT, description: Dst}}
    coverage: {start: 2020-01-01, end: 2020-01-02, cadence: 1 h}
    obtain: Ask.
notebooks:
  tiny:
    source: notebooks/methods/tiny.py
    title: Tiny
    section: methods
    profiles: {ci: {n: 3, name: a}, paper: {n: 5, name: a}}
    reference: bundled
""".replace("SHA", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb")  # of "a"
SOURCE = """# %% tags=["parameters"]
n = 3
name = "a"

# %%
print(n, repr(name))
"""
LEDGER = """
title: A tiny paper
cite: tiny2026
claims:
  - {id: tiny-n, label: tiny-fig, statement: The number is three., published: 3, tolerance: 0,
     unit: m, kind: arithmetic, source: page 1}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A companion in the working directory, with one file of data at hand."""
    for name, text in (
        ("data_manifest.yml", MANIFEST),
        ("notebooks/methods/tiny.py", SOURCE),
        ("claims/tiny.yml", LEDGER),
        ("data/kept/a.txt", "a"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    for name in ("PRECURSOR_MANIFEST", "PRECURSOR_DATA_MODE", "PRECURSOR_USER_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PRECURSOR_CACHE", str(tmp_path / "cache"))
    return tmp_path


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli.app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "tyni"], "unknown notebook 'tyni'; the nearest is 'tiny'"),
        (["run", "tiny", "-p", "nam", "x"], "unknown parameter 'nam'; the nearest is 'name'"),
        (["run", "tiny", "-p", "n", "[1,"], "parameter 'n': '[1,' is no YAML value"),
        (["run", "tiny", "-p", "n"], "-p takes a name and a value"),
        (["run", "tiny", "--profile", "papr"], "unknown profile 'papr'; the nearest is 'paper'"),
        (["build", "--profile", "papr"], "unknown profile 'papr'"),
        (["data", "fetch", "keppt"], "unknown dataset 'keppt'; the nearest is 'kept'"),
        (["data", "verify", "keppt"], "unknown dataset 'keppt'; the nearest is 'kept'"),
        (["references", "tyni"], "unknown notebook 'tyni'; the nearest is 'tiny'"),
        (["biuld"], "No such command 'biuld'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_code_2(
    place: Path, words: list[str], message: str
) -> None:
    code, out, err = call(*words)
    assert code == 2
    assert message in err
    assert "Traceback" not in out + err


def test_no_manifest_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECURSOR_MANIFEST", str(tmp_path / "none.yml"))
    code, _, err = call("data", "list")
    assert code == 2
    assert "none.yml" in err


def test_datasets_are_listed(place: Path) -> None:
    code, out, _ = call("data", "list")
    assert code == 0
    assert out.splitlines() == [
        "made-up  simulated          no files  Made up",
        "kept     open              1/1 files  Kept somewhere",
    ]
    code, out, _ = call("data", "list", "--json")
    assert [(row["id"], row["at_hand"]) for row in json.loads(out)] == [("made-up", 0), ("kept", 1)]


def test_files_are_fetched_and_verified(place: Path) -> None:
    assert call("data", "fetch", "kept") == (0, "kept: kept/a.txt: ok\n", "")
    code, out, _ = call("data", "verify")
    assert code == 0
    assert out == "made-up: no files (simulated)\nkept: kept/a.txt: ok\n"
    (place / "data" / "kept" / "a.txt").write_text("b")
    code, out, err = call("data", "verify", "kept")
    assert code == 1
    assert "kept: kept/a.txt: wrong checksum" in out
    assert "1 file not as the manifest says" in err
    (place / "data" / "kept" / "a.txt").unlink()
    assert call("data", "verify", "kept")[:2] == (0, "kept: kept/a.txt: missing\n")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["-p", "n", "7"], {"n": 7}),
        (["-p", "n", "-7", "-p", "name", "b"], {"n": -7, "name": "b"}),
        (["--parameter", "n=1e-3"], {"n": "1e-3"}),  # YAML asks for a point: 1.0e-3
        (["-p", "n", "1.0e-3"], {"n": 0.001}),
        (["-p", "n", "[1, a, null]"], {"n": [1, "a", None]}),
        (["-p", "n", "true"], {"n": True}),
        (["-p", "name", "a=b"], {"name": "a=b"}),
        ([], {}),
    ],
)
def test_parameters_are_yaml(
    place: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], value: dict[str, Any]
) -> None:
    given: dict[str, Any] = {}

    def record(notebook: str, **options: Any) -> runner.Run:
        given.update(options, notebook=notebook)
        return runner.Run(notebook, "ci", {}, place / "page.ipynb", 1.0)

    monkeypatch.setattr(runner, "run_notebook", record)
    code, out, _ = call("run", *words, "tiny", "--output", "there.ipynb")
    assert code == 0
    assert out.startswith("tiny: 1 s, ")
    assert given["parameters"] == value
    assert given["output"] == place / "there.ipynb"


def test_claims_are_printed(place: Path) -> None:
    code, out, _ = call("claims")
    assert code == 0
    assert (
        "tiny-n: not checked\n  The number is three.\n  published 3 m; computed -; no page" in out
    )
    assert "1 claims: 0 holds" in out
    code, out, _ = call("claims", "--json")
    (row,) = json.loads(out)
    wanted = {"id", "statement", "published", "computed", "verdict", "page"}
    assert wanted <= set(row)
    assert (row["published"], row["computed"], row["verdict"]) == (3, None, "not checked")


def test_references_are_made_and_checked(place: Path) -> None:
    code, _, err = call("references", "--check")
    assert code == 1
    assert "tiny: has no reference" in err
    stray = place / "tests" / "reference" / "gone.ipynb"
    stray.parent.mkdir(parents=True)
    stray.write_text("{}")
    code, out, _ = call("references")
    assert code == 0
    assert "gone.ipynb: removed" in out
    assert not stray.exists()
    reference = json.loads((stray.parent / "tiny.ipynb").read_text())
    assert reference["cells"][-1]["outputs"][0]["text"] == ["3 'a'\n"]
    assert call("references", "--check")[0] == 0
    (place / "notebooks" / "methods" / "tiny.py").write_text(SOURCE + "\n# %%\nprint(1)\n")
    code, _, err = call("references", "--check")
    assert code == 1
    assert "tiny: reference of an older source" in err


def test_the_shell_sees_the_same(place: Path) -> None:
    def shell(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "precursor_lib.cli", *words]
        return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))

    done = shell("--version")
    assert (done.returncode, done.stdout) == (0, f"{__version__}\n")
    assert "Bring the book up to date" in shell("--help").stdout
    (place / "notebooks" / "methods" / "tiny.py").write_text(SOURCE + "\n# %%\n1 / 0\n")
    done = shell("run", "tiny")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: tiny (notebooks/methods/tiny.py): cell 3 ('1 / 0'): "
        "ZeroDivisionError: division by zero; log: _build/failed/tiny.log"
    )
    assert "Traceback" not in done.stderr
