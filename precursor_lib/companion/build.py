"""`make book`: the workflow, run by Snakemake, with all that went wrong listed at its end."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from precursor_lib.companion.places import Places
from precursor_lib.companion.stages import Plan
from precursor_lib.errors import PrecursorError
from precursor_lib.manifest import Manifest


class BuildError(PrecursorError):
    """The workflow did not come to its end; the message lists every failure."""


def build(
    profile: str = "ci", *, manifest: Manifest | None = None, cores: int | None = None
) -> Path:
    """Bring the book up to date: data, stale notebooks, site.

    Notebooks run side by side on the cores that there are. One that fails stops no other; the book
    is built when none failed, and the earlier site stays otherwise.

    Parameters
    ----------
    profile : str
        ``"ci"`` or ``"paper"``.
    manifest : Manifest, optional
        By default the one that `Manifest.load` finds.
    cores : int, optional
        Cores to use; by default all that this process may use.

    Returns
    -------
    Path
        The site's first page.

    Raises
    ------
    BuildError
        Listing the failures of all notebooks, or of the book.
    """
    manifest = manifest or Manifest.load()
    places = Places(manifest.root)
    Plan(manifest, profile)  # refuses an unknown profile before anything starts
    cores = cores or len(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "snakemake"]
    command += ["--snakefile", str(manifest.root / "workflow" / "Snakefile")]
    command += ["--directory", str(manifest.root), "--cores", str(cores)]
    command += ["--config", f"profile={profile}", f"manifest={manifest.path}"]
    # What is stale is in the names of the files, see the Snakefile.
    command += ["--rerun-triggers", "mtime", "--rerun-incomplete", "--nolock"]
    command += ["--scheduler", "greedy", "--keep-going", "--quiet", "all"]
    started = time.time()
    with _alone(places):
        log = places.logs / "workflow.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        # Notebooks' own lines go to the terminal; what Snakemake says is kept for when it fails.
        with log.open("w") as stream:
            done = subprocess.run(command, cwd=manifest.root, stderr=stream)
    if done.returncode:
        failures = list(_failures(places, started))
        raise BuildError("\n".join(failures or [_tail(log)]))
    return places.site / "index.html"


def _failures(places: Places, started: float) -> Iterator[str]:
    for log in sorted(places.failed.glob("*.log")):
        # Some file systems keep times to a second or two only.
        if log.stat().st_mtime >= started - 2:
            yield log.read_text(encoding="utf-8").split("\n\n")[0].strip()


def _tail(log: Path) -> str:
    """What a stage or Snakemake itself said last."""
    lines = log.read_text(encoding="utf-8").splitlines()[-20:]
    return "\n".join(lines).removeprefix("error: ") or "the workflow failed and said nothing"


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Refuse a second build in the same folder; the lock ends with the process that holds it."""
    places.build.mkdir(parents=True, exist_ok=True)
    with (places.build / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BuildError(f"another build is running in {places.root}") from None
        yield
