"""Running notebooks. Each run starts a kernel, so there are few of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from precursor_lib.companion.clean import clean, transcript, without_pictures
from precursor_lib.companion.run import label, run_notebook
from precursor_lib.errors import InputError, ManifestError, NotebookError


def printed(page: Path) -> str:
    return transcript(nbformat.read(page, as_version=4))


def test_a_profile_run_becomes_the_page_and_repeats_to_the_byte(project: Any) -> None:
    project.add("tiny")
    manifest = project.manifest
    run = run_notebook("tiny", manifest=manifest, threads=2)
    assert run.page == project.page("tiny")
    assert run.parameters == {"n": 3, "name": "a"}
    first = run.page.read_bytes()
    assert "3 a 2 ci" in printed(run.page)
    assert b"image/png" in first
    assert "papermill" not in first.decode()
    run.page.unlink()
    run_notebook("tiny", manifest=manifest, threads=2)
    assert run.page.read_bytes() == first
    assert not list((project.root / "_build").glob("run-*"))


def test_changed_parameters_leave_the_book_alone(project: Any, tmp_path: Path) -> None:
    project.add("tiny")
    manifest = project.manifest
    run = run_notebook("tiny", profile="paper", parameters={"name": "b c"}, manifest=manifest)
    assert run.page == project.root / "runs" / "tiny" / "paper,name=b_c.ipynb"
    assert "5 b c 1 paper" in printed(run.page)
    assert not project.page("tiny").exists()
    injected = [c for c in nbformat.read(run.page, 4).cells if c["id"] == "injected-parameters"]
    assert [c.source.splitlines()[1:] for c in injected] == [["n = 5", 'name = "b c"']]
    run = run_notebook("tiny", output=tmp_path / "there.ipynb", manifest=manifest)
    assert run.page == tmp_path / "there.ipynb"
    assert run.page.is_file()
    assert not project.page("tiny").exists()


def test_a_failed_run_leaves_the_last_page_and_its_own_log(project: Any) -> None:
    source = project.add("tiny")
    manifest = project.manifest
    project.page("tiny").parent.mkdir(parents=True)
    project.page("tiny").write_text("the last good page")
    source.write_text(source.read_text() + "\n# %%\nprint('so far')\n\n# %%\n1 / 0\n")
    with pytest.raises(NotebookError) as caught:
        run_notebook("tiny", profile="paper", manifest=manifest)
    # Cell 7 of the notebook as run: the changed parameters stand in a cell of their own.
    assert str(caught.value) == (
        "tiny (notebooks/methods/tiny.py): cell 7 ('1 / 0'): ZeroDivisionError: division by zero; "
        "log: _build/failed/tiny.log"
    )
    assert project.page("tiny").read_text() == "the last good page"
    log = (project.root / "_build" / "failed" / "tiny.log").read_text()
    assert log.startswith("tiny (notebooks/methods/tiny.py): cell 7")
    assert "so far" in log
    assert "Traceback" in log
    half = nbformat.read(project.root / "_build" / "failed" / "tiny.ipynb", as_version=4)
    assert half.cells[-1].outputs[0].ename == "ZeroDivisionError"

    project.add("tiny")
    run_notebook("tiny", manifest=manifest)
    assert not list((project.root / "_build" / "failed").iterdir())


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("import sys\nsys.exit()", "the cell left the notebook before its end"),
        ("import os\nos._exit(3)", "DeadKernelError"),
    ],
)
def test_a_run_that_ends_early_is_a_failure(project: Any, end: str, message: str) -> None:
    source = project.add("tiny")
    source.write_text(source.read_text() + f"\n# %%\n{end}\n\n# %%\nprint('never')\n")
    with pytest.raises(NotebookError, match=message) as caught:
        run_notebook("tiny", manifest=project.manifest)
    assert "cell 5 ('import" in str(caught.value), caught.value
    assert not project.page("tiny").exists()


def test_what_cannot_run_is_refused_before_a_kernel_starts(project: Any) -> None:
    project.add("tiny")
    with pytest.raises(ManifestError, match="unknown notebook 'tyni'; the nearest is 'tiny'"):
        run_notebook("tyni", manifest=project.manifest)
    with pytest.raises(InputError, match="unknown profile 'papr'; the nearest is 'paper'"):
        run_notebook("tiny", profile="papr", manifest=project.manifest)
    with pytest.raises(InputError, match=r"tiny\.py, given to this run: unknown parameter 'nam'"):
        run_notebook("tiny", parameters={"nam": 1}, manifest=project.manifest)
    project.notebooks["tiny"]["profiles"] = {"ci": {"m": 3}, "paper": {"m": 5}}
    with pytest.raises(InputError, match="profile 'ci' of the manifest: unknown parameter 'm'"):
        run_notebook("tiny", manifest=project.manifest)
    project.notebooks["tiny"]["profiles"] = {"ci": {"n": 4}, "paper": {"n": 5}}
    with pytest.raises(NotebookError, match="'n' is 3 in the parameters cell and 4 in the mani"):
        run_notebook("tiny", manifest=project.manifest)
    assert "'n' is 3" in (project.root / "_build" / "failed" / "tiny.log").read_text()


def test_finished_runs_are_kept_a_few_times(project: Any) -> None:
    from precursor_lib.companion import run
    from precursor_lib.companion.places import Places

    places = Places(project.root)
    for number in range(5):
        run._store(places, "ci", "tiny", f"print{number}", "{}", 1.0)
    kept = sorted(path.name for path in places.runs("ci", "tiny").glob("*.ipynb"))
    assert len(kept) == run.KEPT_RUNS
    assert "print4.ipynb" in kept


def test_labels_are_short_and_differ() -> None:
    assert label("ci", {"seed": 3, "rank": 5}) == "ci,rank=5,seed=3"
    assert label("ci", {"path": "a/b c"}) == "ci,path=a_b_c"
    long = [label("ci", {"names": ["x" * 90, end]}) for end in "ab"]
    assert max(map(len, long)) <= 80
    assert long[0] != long[1]


def test_cleaning_joins_streams_and_drops_what_differs() -> None:
    outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="a"),
        nbformat.v4.new_output("stream", name="stdout", text="b\n"),
        nbformat.v4.new_output("stream", name="stderr", text="c"),
        nbformat.v4.new_output("display_data", {"image/png": "QQ==", "text/plain": "A"}),
    ]
    cell = nbformat.v4.new_code_cell("1", outputs=outputs, metadata={"papermill": {"duration": 1}})
    cell.metadata["mystnb"] = {"figure": {"name": "f"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {"version": "1"}})
    cleaned = clean(notebook)
    assert [o.get("text") for o in cleaned.cells[0].outputs] == ["ab\n", "c", None]
    assert cleaned.cells[0].metadata == {"mystnb": {"figure": {"name": "f"}}}
    assert "papermill" not in json.dumps(cleaned)
    bare = without_pictures(cleaned)
    assert bare.cells[0].outputs[-1].data == {"text/plain": "A"}
