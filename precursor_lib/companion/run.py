"""Running one notebook: source to executed page, or to an error that says where and why."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client import AsyncKernelManager
from nbformat import NotebookNode

from precursor_lib.companion.clean import as_text, clean, transcript
from precursor_lib.companion.failure import record_failure, was_left
from precursor_lib.companion.fingerprint import fingerprint
from precursor_lib.companion.places import Places, write_atomically
from precursor_lib.companion.sources import (
    check_defaults,
    check_parameters,
    plain,
    read_parameters,
    read_source,
    same,
)
from precursor_lib.data import store
from precursor_lib.errors import InputError, NotebookError, unknown
from precursor_lib.manifest import Manifest, Notebook

THREAD_VARIABLES = (
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
# Runs kept for each notebook and profile, so that going back to an earlier state costs nothing.
KEPT_RUNS = 3


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    notebook, profile : str
        What ran.
    parameters : dict
        Every parameter as it was.
    page : Path
        The executed notebook.
    seconds : float
        Wall time.
    """

    notebook: str
    profile: str
    parameters: dict[str, Any]
    page: Path
    seconds: float


def run_notebook(
    notebook_id: str,
    *,
    profile: str = "ci",
    parameters: Mapping[str, Any] | None = None,
    output: Path | None = None,
    manifest: Manifest | None = None,
    threads: int | None = None,
    data_mode: str | None = None,
    progress: bool = False,
) -> Run:
    """Execute a notebook of the manifest and put the result in its place.

    A run with a profile's own parameters becomes the book's page. A run with other parameters goes
    to ``runs/<name>/<label>.ipynb``, and one with `output` goes there. The result is moved to its
    place when the run has succeeded. After a failure the earlier page is still there, and
    ``_build/failed/<id>.log`` and ``.ipynb`` hold what the run left.

    Parameters
    ----------
    notebook_id : str
        Id in the manifest.
    profile : str
        ``"ci"`` or ``"paper"``.
    parameters : mapping, optional
        Values that replace the profile's.
    output : Path, optional
        Where to write instead.
    manifest : Manifest, optional
        By default the one that `Manifest.load` finds.
    threads : int, optional
        Threads that the notebook's numerical libraries may use; by default the manifest's
        ``cores``.
    data_mode : {"auto", "bundled"}, optional
        By default ``$PRECURSOR_DATA_MODE``, see `precursor_lib.data.open_dataset`.
    progress : bool
        Whether to draw a progress bar of cells.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        Unknown profile or parameter.
    ManifestError
        Unknown notebook.
    NotebookError
        The source has no usable parameters cell, disagrees with the manifest, or failed; the
        message then names notebook, cell and exception.
    """
    manifest = manifest or Manifest.load()
    entry = manifest.notebook(notebook_id)
    places = Places(manifest.root)
    source = manifest.root / entry.source
    try:
        notebook, settings = prepare(entry, source, profile, parameters or {})
    except NotebookError as error:
        write_atomically(places.failed / f"{notebook_id}.log", f"{error}\n")
        raise
    of_profile = not parameters and output is None
    identity = fingerprint(notebook_id, profile, manifest) if of_profile else None
    environment = {
        **dict.fromkeys(THREAD_VARIABLES, str(threads or entry.cores)),
        "PRECURSOR_MANIFEST": str(manifest.path),
        "PRECURSOR_PROFILE": profile,
        "PRECURSOR_DATA_MODE": store.data_mode(data_mode),
    }

    started = time.monotonic()
    places.build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.build, prefix="run-") as folder:
        result = Path(folder) / "result.ipynb"
        try:
            _execute(notebook, settings, result, manifest.root, environment, progress)
        except Exception as error:
            raise record_failure(notebook_id, entry, places, result, error) from error
        executed = nbformat.read(result, as_version=4)
        left = [cell for cell in executed.cells if was_left(cell)]
        if left:
            stop = NotebookError("the cell left the notebook before its end (sys.exit)")
            raise record_failure(notebook_id, entry, places, result, stop)
    seconds = time.monotonic() - started

    log = _header(notebook_id, profile, settings, seconds) + transcript(executed)
    text = as_text(clean(executed))
    if identity is not None:
        page = places.page(entry.section, entry.source)
        _store(places, profile, notebook_id, identity, text, seconds)
        publish(places, page, text)
        for kind in ("log", "ipynb"):
            (places.failed / f"{notebook_id}.{kind}").unlink(missing_ok=True)
        write_atomically(places.logs / f"{notebook_id}.{profile}.log", log)
    else:
        changed = parameters or {}
        page = output or places.variant(entry.source, label(profile, changed))
        write_atomically(page, text)
    return Run(notebook_id, profile, settings, page, seconds)


def prepare(
    entry: Notebook, source: Path, profile: str, parameters: Mapping[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """Read a source, check its parameters against the manifest, and settle their values.

    Returns
    -------
    notebook : NotebookNode
    settings : dict
        Every parameter of the notebook with the value that it is to have.

    Raises
    ------
    InputError, NotebookError
        As `run_notebook` says.
    """
    if profile not in entry.profiles:
        raise InputError(unknown("profile", profile, entry.profiles))
    notebook = read_source(source)
    cell = read_parameters(notebook, source)
    for name, values in entry.profiles.items():
        check_parameters(values, cell, source, said_by=f"profile '{name}' of the manifest")
    check_defaults(entry.profiles["ci"], cell, source)
    check_parameters(parameters, cell, source, said_by="given to this run")
    return notebook, {**cell, **plain(entry.profiles[profile]), **plain(parameters)}


def label(profile: str, parameters: Mapping[str, Any]) -> str:
    """Name a variant by its profile and changed parameters, short enough for a file name."""
    parts = [profile, *(f"{name}={value}" for name, value in sorted(parameters.items()))]
    text = re.sub(r"[^\w.=,-]+", "_", ",".join(parts))
    if len(text) <= 80:
        return text
    whole = json.dumps(plain(parameters), sort_keys=True, default=str)
    return f"{text[:70]}-{sha256(whole.encode()).hexdigest()[:8]}"


def publish(places: Places, page: Path, text: str) -> None:
    """Make `text` the book's page. The built site no longer fits it, and is marked so."""
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        return
    write_atomically(page, text)
    for record in places.records.glob("*"):
        record.unlink()


def _kernel(environment: Mapping[str, str]) -> type[AsyncKernelManager]:
    """Make a kernel manager that adds to its kernel's environment and leaves ours alone."""

    class Kernel(AsyncKernelManager):
        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            options["env"] = {**os.environ, **environment}
            await super().start_kernel(**options)

    return Kernel


def _execute(
    notebook: NotebookNode,
    settings: Mapping[str, Any],
    result: Path,
    root: Path,
    environment: Mapping[str, str],
    progress: bool,
) -> None:
    folder = result.parent
    # Papermill reads files only; the notebook as an object would end up in its own metadata.
    prepared = folder / "prepared.ipynb"
    nbformat.write(notebook, prepared)
    cell = read_parameters(notebook, prepared)
    changed = {name: value for name, value in settings.items() if not same(value, cell[name])}
    environment = {
        **environment,
        # A user's IPython start-up files, progress bars and hash seed must not reach a page.
        "IPYTHONDIR": str(folder / "ipython"),
        "TQDM_DISABLE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
    }
    # Its notices (such as that no parameter is changed) are errors of ours, or none.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill.execute_notebook(
        prepared,
        result,
        parameters=changed,
        kernel_name="python3",
        cwd=root,
        progress_bar=progress,
        # Its warning about local sockets is of no use here, and would stand among our lines.
        extra_arguments=["--IPKernelApp.log_level=40"],
        kernel_manager_class=_kernel(environment),
    )


def _store(
    places: Places, profile: str, notebook_id: str, identity: str, text: str, seconds: float
) -> None:
    folder = places.runs(profile, notebook_id)
    write_atomically(folder / "seconds", f"{seconds:.1f}\n")
    write_atomically(places.stored(profile, notebook_id, identity), text)
    by_age = sorted(folder.glob("*.ipynb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[KEPT_RUNS:]:
        old.unlink(missing_ok=True)


def _header(notebook_id: str, profile: str, settings: Mapping[str, Any], seconds: float) -> str:
    values = "".join(f"  {name} = {value!r}\n" for name, value in settings.items())
    return f"{notebook_id}, profile {profile}, {seconds:.1f} s\n{values}"
