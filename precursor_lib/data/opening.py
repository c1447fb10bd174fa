"""Opening a dataset: observed where it can be had, simulated where the manifest allows it."""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd
import xarray as xr

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.data.store import ORDER, Found, NotHere, data_mode, obtain, sha256_of
from precursor_lib.errors import DataUnavailableError, InputError, unknown
from precursor_lib.manifest import Dataset, Manifest
from precursor_lib.manifest.registry import loader_function, simulator_function

log = logging.getLogger(__name__)

Data: TypeAlias = xr.Dataset | pd.DataFrame | NightlyNetwork
Origin = Literal["observed", "simulated"]


@dataclass(frozen=True)
class Opened:
    """An opened dataset and where it came from.

    Attributes
    ----------
    data : xarray.Dataset, pandas.DataFrame or NightlyNetwork
        The data; ``data.attrs`` holds ``origin``, ``dataset`` and ``report`` as well.
    origin : str
        ``"observed"`` or ``"simulated"``.
    dataset : Dataset or None
        The manifest's entry; None for a user's folder that stands for no entry.
    dataset_id : str
        Its id, or the folder's name.
    source : str
        ``"PRECURSOR_DATA"``, ``"package"``, ``"cache"``, ``"download"``, ``"user"`` or
        ``"simulation"``.
    files : list of (str, str)
        Label and SHA-256 of each file read.
    messages : list of str
        What was tried and what was passed over, for the reader of a page.
    """

    data: Data
    origin: Origin
    dataset: Dataset | None
    dataset_id: str
    source: str
    files: list[tuple[str, str]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


def open_dataset(
    dataset_id: str | Path,
    manifest: Manifest | None = None,
    *,
    mode: str | None = None,
    **overrides: Any,
) -> Opened:
    """Open a dataset of the manifest, or a user's own folder.

    Files are looked for in ``$PRECURSOR_USER_DATA/<id>`` (a folder of the user's own, laid out as
    `precursor_lib.data.open_folder` says), then in the folder ``$PRECURSOR_DATA``, in the installed
    Python packages, in the cache and on the network. Where none has them, the dataset is simulated
    if the manifest names a simulator.

    Parameters
    ----------
    dataset_id : str or path
        A dataset's id. A path (a `pathlib.Path`, or text with a separator) is a user's folder.
    manifest : Manifest, optional
        By default ``Manifest.load()``.
    mode : {"auto", "bundled"}, optional
        ``"bundled"`` takes only what installed packages carry, and simulation, so that any machine
        gives the same. By default ``$PRECURSOR_DATA_MODE``, else ``"auto"``.
    **overrides
        Arguments of the loader or the simulator (``seed`` among them) in place of the manifest's.

    Returns
    -------
    Opened
        The data and their origin.

    Raises
    ------
    ManifestError
        If there is no such dataset.
    InputError
        If an override is an argument of neither loader nor simulator, or a file is not in form.
    ChecksumError
        If a file's content is not what the manifest names.
    DataUnavailableError
        If no way led to data; the message lists all that were tried.
    """
    chosen = data_mode(mode)
    if isinstance(dataset_id, Path) or os.sep in dataset_id or dataset_id.startswith((".", "~")):
        return _open_user(Path(dataset_id).expanduser(), None, None, overrides)
    entry = (manifest or Manifest.load()).dataset(dataset_id)
    tried: list[str] = []
    if chosen == "auto":
        own = _user_folder(dataset_id)
        if own:
            return _open_user(own, dataset_id, entry, overrides)
        if entry.access in ("registration", "restricted") and not entry.files:
            tried.append(f"no folder {dataset_id} in $PRECURSOR_USER_DATA (access {entry.access})")
    fitting = _Overrides(dataset_id, entry, overrides)
    if entry.files:
        try:
            return _open_files(dataset_id, entry, [obtain(f, chosen) for f in entry.files], fitting)
        except NotHere as error:
            tried.append(str(error))
    if entry.simulator is None:
        listed = "".join(f"\n- {text}" for text in tried) or "\n- it has no files"
        raise DataUnavailableError(
            f"dataset '{dataset_id}' could not be opened:{listed}\n- the manifest names no "
            f"simulator for it\nHow to get it: {entry.obtain}"
        )
    return _simulate(dataset_id, entry, tried, fitting)


class _Overrides:
    """Arguments given by the caller, sorted into the loader's and the simulator's."""

    def __init__(self, dataset_id: str, entry: Dataset, given: dict[str, Any]) -> None:
        self.given = given
        self.loader = loader_function(entry.loader.name) if entry.loader else None
        self.simulator = simulator_function(entry.simulator.name) if entry.simulator else None
        names = _names(self.loader, skip=1) | _names(self.simulator)
        for name in given:
            if name not in names:
                raise InputError(f"dataset '{dataset_id}': {unknown('argument', name, names)}")

    def arguments(
        self, function: Callable[..., Any], base: dict[str, Any], skip: int = 0
    ) -> tuple[dict[str, Any], list[str]]:
        """Arguments for `function`, and a sentence for each override that it does not take."""
        names = _names(function, skip)
        fit = {name: value for name, value in self.given.items() if name in names}
        other = [name for name in self.given if name not in names]
        return {**base, **fit}, [f"'{name}' has no meaning here and was ignored" for name in other]


def _names(function: Callable[..., Any] | None, skip: int = 0) -> set[str]:
    return set(list(inspect.signature(function).parameters)[skip:]) if function else set()


def _user_folder(dataset_id: str) -> Path | None:
    root = os.environ.get("PRECURSOR_USER_DATA")
    folder = Path(root).expanduser() / dataset_id if root else None
    return folder if folder and folder.is_dir() else None


def _open_user(
    folder: Path, dataset_id: str | None, entry: Dataset | None, overrides: dict[str, Any]
) -> Opened:
    from precursor_lib.data.own_folder import folder_files
    from precursor_lib.data.user import open_folder

    name = dataset_id or folder.name
    simulator = simulator_function(entry.simulator.name) if entry and entry.simulator else None
    names = _names(open_folder, skip=1)
    known = names | _names(simulator)
    arguments = {}
    messages = [f"{name}: observed, from the user's folder {folder}"]
    for key, value in overrides.items():
        if key not in known:
            raise InputError(f"dataset '{name}': {unknown('argument', key, known)}")
        if key in names:
            arguments[key] = value
        else:
            messages.append(f"'{key}' has no meaning here and was ignored")
    own = entry.loader if entry else None
    base = own.arguments if own and own.name == "user.open_folder" else {}
    data = open_folder(folder, **{**base, **arguments})
    files = [(path.name, sha256_of(path)) for path in folder_files(folder)]
    return _labelled(Opened(data, "observed", entry, name, "user", files, messages))


def _open_files(
    dataset_id: str, entry: Dataset, found: list[Found], overrides: _Overrides
) -> Opened:
    if entry.loader is None or overrides.loader is None:
        raise InputError(
            f"dataset '{dataset_id}': the manifest names no loader for it; its files are at "
            f"{', '.join(str(item.path) for item in found[:3])}"
        )
    arguments, ignored = overrides.arguments(overrides.loader, entry.loader.arguments, skip=1)
    data = overrides.loader([item.path for item in found], **arguments)
    source = max((item.source for item in found), key=ORDER.index)
    # The manifest's own hash where it has one: the file was just checked against it.
    files = [(item.file.label, item.file.sha256 or sha256_of(item.path)) for item in found]
    count = f"{len(files)} file{'s' if len(files) > 1 else ''}"
    messages = [f"{dataset_id}: observed, {count} from {source}", *ignored]
    return _labelled(Opened(data, "observed", entry, dataset_id, source, files, messages))


def _simulate(dataset_id: str, entry: Dataset, tried: list[str], overrides: _Overrides) -> Opened:
    if entry.simulator is None or overrides.simulator is None:
        raise DataUnavailableError(f"dataset '{dataset_id}': the manifest names no simulator")
    base = {**entry.simulator.arguments, "seed": entry.simulator.seed}
    arguments, ignored = overrides.arguments(overrides.simulator, base)
    data = overrides.simulator(**arguments)
    messages = [
        f"{dataset_id}: simulated by {entry.simulator.name}, seed {arguments['seed']}",
        *tried,
        *ignored,
    ]
    if tried:
        log.info("%s: simulated, for it could not be opened: %s", dataset_id, "; ".join(tried))
    return _labelled(Opened(data, "simulated", entry, dataset_id, "simulation", [], messages))


def _labelled(opened: Opened) -> Opened:
    """Write origin, dataset and report into the data's own attributes."""
    attrs = opened.data.attrs
    attrs["origin"] = opened.origin
    attrs["dataset"] = opened.dataset_id
    attrs["report"] = list(attrs.get("report", []))
    return opened
