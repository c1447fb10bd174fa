"""The workflow from end to end, on two small notebooks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from precursor_lib.companion.build import BuildError, build
from precursor_lib.companion.places import Places, write_atomically
from precursor_lib.companion.stages import Plan, main
from precursor_lib.errors import InputError, NotebookError

pytestmark = pytest.mark.slow


def said(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """Which stages ran, without their times."""
    lines = capfd.readouterr().out.splitlines()
    return [line.split(",")[0] for line in lines if line.startswith(("done", "FAILED"))]


def test_only_what_is_stale_is_made_again(
    project: Any, write_book: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    source = project.add("tiny")
    second = project.add("second", source.read_text().replace("fig-tiny", "fig-second"))
    write_book()
    manifest = project.manifest

    index = build(manifest=manifest, cores=2)
    assert index == project.root / "_build" / "html" / "index.html"
    assert sorted(said(capfd)) == ["done book", "done second", "done tiny"]
    page = (index.parent / "notebooks" / "methods" / "tiny.html").read_text()
    assert 'id="fig-tiny"' in page

    build(manifest=manifest, cores=2)
    assert said(capfd) == []

    # A notebook that fails stops no other, its last page stays, and so does the site.
    before, good = project.page("tiny").read_bytes(), source.read_text()
    source.write_text(good + "\n# %%\nraise ValueError('no')\n")
    second.write_text(second.read_text() + "\n# %%\nprint(2)\n")
    with pytest.raises(BuildError) as caught:
        build(manifest=manifest, cores=2)
    assert str(caught.value).startswith("tiny (notebooks/methods/tiny.py): cell 5 (")
    assert "ValueError: no" in str(caught.value)
    done = said(capfd)
    assert "done second" in done
    assert any(line.startswith("FAILED tiny") for line in done)
    assert "done book" not in done
    assert project.page("tiny").read_bytes() == before
    assert index.is_file()

    # Going back to an earlier state runs nothing; the book shows the changed second notebook.
    source.write_text(good)
    build(manifest=manifest, cores=2)
    assert said(capfd) == ["done book"]

    # Each profile has its own runs, and the site is never of both.
    second.unlink()
    del project.notebooks["second"]
    write_book()
    build("paper", manifest=project.manifest, cores=2)
    assert said(capfd) == ["done tiny", "done book"]
    assert not project.page("second").exists()
    assert project.page("tiny").read_bytes() != before
    build("ci", manifest=project.manifest, cores=2)
    assert said(capfd) == ["done book"]
    assert project.page("tiny").read_bytes() == before

    # A warning of the book's builder is an error, and the site stays.
    (project.root / "book" / "index.md").write_text(
        "# Tiny\n\n{ref}`nowhere`\n\n```{bibliography}\n```\n"
    )
    with pytest.raises(BuildError, match="undefined label: 'nowhere'"):
        build(manifest=project.manifest, cores=2)
    assert "nowhere" not in index.read_text()


def test_every_failure_is_listed(project: Any, write_book: Callable[[], None]) -> None:
    project.add("one", "# %%\nx = 1\n")
    project.add("two").unlink()
    project.add("three", 'a = (\n# %% tags=["parameters"]\nn = 3\n')
    write_book()
    with pytest.raises(BuildError) as caught:
        build(manifest=project.manifest, cores=2)
    text = str(caught.value)
    assert "one.py: no cell tagged 'parameters'" in text
    assert "two.py: there is no such notebook source" in text
    assert "three.py" in text
    assert not (project.root / "_build" / "html").exists()


def test_two_builds_at_once_are_refused(project: Any) -> None:
    import fcntl

    project.add("tiny")
    lock = Places(project.root).build / "lock"
    write_atomically(lock, "")
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(BuildError, match="another build is running"):
            build(manifest=project.manifest)


def test_unknown_profile_is_refused(project: Any) -> None:
    project.add("tiny")
    with pytest.raises(InputError, match="unknown profile 'big'"):
        build("big", manifest=project.manifest)


def test_longest_first(project: Any) -> None:
    project.add("tiny", figures=["fig-tiny"])
    project.add("second")
    plan = Plan(project.manifest, "ci")
    assert plan.priority("tiny") > plan.priority("second")
    write_atomically(Places(project.root).runs("ci", "second") / "seconds", "40.2\n")
    assert plan.priority("second") == 41


def test_the_book_needs_every_run(project: Any, tmp_path: Path) -> None:
    from precursor_lib.companion.site import publish_runs

    project.add("tiny")
    with pytest.raises(NotebookError, match="no finished run under profile 'ci' of: tiny"):
        publish_runs(project.manifest, "ci", [tmp_path / "none.ipynb"])


def test_a_stage_says_its_error_and_fails(project: Any, capsys: pytest.CaptureFixture[str]) -> None:
    project.add("tiny")
    path = project.manifest.path
    assert main(["data", "--manifest", str(path), "--profile", "ci", "_build/data/x.txt"]) == 0
    assert (project.root / "_build" / "data" / "x.txt").is_file()
    assert main(["book", "--manifest", str(path), "--profile", "ci", "x"]) == 1
    assert "no finished run under profile 'ci' of: tiny" in capsys.readouterr().err
