"""The stages of the workflow: what each makes, and the command that makes it.

`workflow/Snakefile` asks `Plan` which files there have to be, and calls this module as a command
for each that is missing.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import precursor_lib
from precursor_lib.companion import site
from precursor_lib.companion.dependencies import Library
from precursor_lib.companion.fingerprint import digest, fingerprint, library, where
from precursor_lib.companion.places import Places, write_atomically
from precursor_lib.companion.run import run_notebook
from precursor_lib.data import store
from precursor_lib.errors import InputError, NotebookError, PrecursorError
from precursor_lib.manifest import Manifest

# What turns pages into a site; a new version builds it anew and runs no notebook.
SITE_PACKAGES = (
    "jupyter-book",
    "myst-nb",
    "myst-parser",
    "sphinx",
    "sphinx-book-theme",
    "sphinx-mathjax-offline",
    "sphinxcontrib-bibtex",
)


class Plan:
    """Which files the workflow has to make for one profile.

    Parameters
    ----------
    manifest : Manifest
        The manifest.
    profile : str
        ``"ci"`` or ``"paper"``.

    Raises
    ------
    InputError
        If a notebook of the manifest does not have the profile.
    """

    def __init__(self, manifest: Manifest, profile: str) -> None:
        for name, entry in manifest.notebooks.items():
            if profile not in entry.profiles:
                known = ", ".join(sorted(entry.profiles))
                raise InputError(f"unknown profile '{profile}'; notebook '{name}' has {known}")
        self.manifest = manifest
        self.profile = profile
        self.places = Places(manifest.root)

    @cached_property
    def library(self) -> Library:
        """The library's modules, each read once."""
        return library()

    def data_file(self) -> str:
        """Record of the data step for the datasets as they are wanted and at hand now.

        It exists when downloading what is missing was tried in this very state, with or without
        success. So a machine without a network tries once and then goes on; `precursor data fetch`
        tries again at any time.
        """
        wanted = sorted({name for n in self.manifest.notebooks.values() for name in n.datasets})
        mode = store.data_mode()
        state = {
            name: [
                [file.label, file.sha256, where(file, mode)]
                for file in self.manifest.dataset(name).files
            ]
            for name in wanted
        }
        return self._relative(self.places.build / "data" / f"{digest([mode, state])}.txt")

    def run_files(self) -> list[str]:
        """Finished runs that the book is made of, in the manifest's order.

        A notebook whose fingerprint cannot be taken (its source is missing, a module is not Python)
        stands here under a name that no run will make, so that the others still run.
        """
        return [self._relative(path) for path in self.runs.values()]

    @cached_property
    def runs(self) -> dict[str, Path]:
        """Finished run of each notebook, whether it exists or not."""
        runs = {}
        for name in self.manifest.notebooks:
            try:
                identity = fingerprint(name, self.profile, self.manifest, self.library)
            except (PrecursorError, OSError):
                identity = "unreadable"
            runs[name] = self.places.stored(self.profile, name, identity)
        return runs

    def site_file(self) -> str:
        """Record inside the built site that names what it was built from."""
        pages = [
            [str(path.relative_to(self.manifest.root)), sha256(path.read_bytes()).hexdigest()]
            for path in self._site_sources()
        ]
        needed = self.library.needs("import precursor_lib.companion.site", "site")
        values: list[Any] = [
            self.profile,
            self.run_files(),
            pages,
            self.library.digest(needed.modules),
            {name: version(name) for name in SITE_PACKAGES},
            self.data_file(),
        ]
        return self._relative(self.places.records / f"{self.profile}-{digest(values)}")

    def _site_sources(self) -> list[Path]:
        made = (self.places.published, self.places.generated)
        written = [
            path
            for path in sorted(self.places.book.rglob("*"))
            if path.is_file()
            and not any(path.is_relative_to(folder) for folder in made)
            and ".ipynb_checkpoints" not in path.parts
        ]
        ledger = sorted((self.manifest.root / "claims").glob("*.yml"))
        single = [self.manifest.path, self.manifest.root / "_config.yml"]
        return [*written, *ledger, *(path for path in single if path.is_file())]

    def cores(self, notebook_id: str) -> int:
        """Cores that a notebook uses."""
        return self.manifest.notebook(notebook_id).cores

    def priority(self, notebook_id: str) -> int:
        """Seconds that the last run took; before the first, a guess from what the page shows."""
        record = self.places.runs(self.profile, notebook_id) / "seconds"
        if record.is_file():
            return int(float(record.read_text()) + 1)
        entry = self.manifest.notebook(notebook_id)
        return len(entry.figures) + len(entry.tables) + len(entry.claims)

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.manifest.root))


def fetch_data(plan: Plan, record: Path) -> None:
    """Try to bring the data of all notebooks here, and write down what is at hand."""
    lines = []
    wanted = {name for entry in plan.manifest.notebooks.values() for name in entry.datasets}
    if store.data_mode() != "bundled":
        for name in sorted(wanted):
            states = store.fetch(name, plan.manifest)
            here = sum(state in {"ok", "fetched", "replaced"} for _, state in states)
            if states:
                lines.append(f"{name}: {here} of {len(states)} files at hand")
                missing = next((s for _, s in states if s not in {"ok", "fetched", "replaced"}), "")
                if missing:
                    lines.append(f"  {missing}")
    write_atomically(record, "".join(f"{line}\n" for line in lines) or "no files\n")


def _notebook(plan: Plan, notebook_id: str, threads: int) -> None:
    _say(f"running {notebook_id} ({plan.profile}, {threads} thread{'s' * (threads > 1)})")
    started = time.monotonic()
    try:
        run_notebook(notebook_id, profile=plan.profile, manifest=plan.manifest, threads=threads)
    except PrecursorError as error:
        _say(f"FAILED {notebook_id} after {time.monotonic() - started:.0f} s")
        record = plan.places.failed / f"{notebook_id}.log"
        if not isinstance(error, NotebookError) or not record.is_file():
            write_atomically(record, f"{notebook_id}: {error}\n")
        raise
    _say(f"done {notebook_id}, {time.monotonic() - started:.0f} s")


def _say(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Make one stage; the workflow's way to call this module."""
    parser = argparse.ArgumentParser(prog="python -m precursor_lib.companion.stages")
    stages = parser.add_subparsers(dest="stage", required=True)
    for name in ("data", "notebook", "book"):
        stage = stages.add_parser(name)
        stage.add_argument("--manifest", type=Path, required=True)
        stage.add_argument("--profile", required=True)
        stage.add_argument("target")
        if name == "notebook":
            stage.add_argument("--threads", type=int, required=True)
    given = parser.parse_args(arguments)
    try:
        plan = Plan(Manifest.load(given.manifest), given.profile)
        if given.stage == "data":
            fetch_data(plan, plan.manifest.root / given.target)
        elif given.stage == "notebook":
            _notebook(plan, given.target, given.threads)
        else:
            started = time.monotonic()
            _say("building the book")
            site.build(plan.manifest, plan.profile, list(plan.runs.values()))
            write_atomically(plan.manifest.root / given.target, f"{precursor_lib.__version__}\n")
            _say(f"done book, {time.monotonic() - started:.0f} s")
    except PrecursorError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
