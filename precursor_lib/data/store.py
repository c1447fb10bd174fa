"""Where the files of a dataset are: a data folder, an installed package, the cache, the network."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import requests

from precursor_lib.data.hosts import Hosts
from precursor_lib.errors import ChecksumError, InputError, unknown
from precursor_lib.manifest import Dataset, File, Manifest

with warnings.catch_warnings():
    # Its progress bar warns in every notebook that there are no widgets; a plain bar will do.
    warnings.filterwarnings("ignore", message="IProgress not found")
    import pooch

log = logging.getLogger(__name__)

Source = Literal["PRECURSOR_DATA", "package", "cache", "download"]
State = Literal["ok", "missing", "wrong checksum"]
# Nearest first: where files came from more than one place, a dataset names the farthest.
ORDER: tuple[Source, ...] = ("package", "PRECURSOR_DATA", "cache", "download")
DOWNLOAD_SECONDS = 30.0
RETRIES = 2
MODES = ("auto", "bundled")


@dataclass(frozen=True)
class Found:
    """A file that is here, whole and with the right content."""

    file: File
    path: Path
    source: Source


class NotHere(Exception):
    """A file is at none of the places tried; ``tried`` says what was found at each."""

    def __init__(self, file: File, tried: Iterable[str]) -> None:
        self.file = file
        self.tried = list(tried)
        super().__init__(f"{file.label}: {'; '.join(self.tried)}")


def data_mode(mode: str | None = None) -> str:
    """Give the data mode: `mode`, else ``$PRECURSOR_DATA_MODE``, else ``"auto"``.

    Raises
    ------
    InputError
        If it is neither ``"auto"`` nor ``"bundled"``.
    """
    chosen = mode or os.environ.get("PRECURSOR_DATA_MODE") or "auto"
    if chosen not in MODES:
        raise InputError(unknown("data mode", chosen, MODES))
    return chosen


def data_folder() -> Path | None:
    """Give the folder named by ``$PRECURSOR_DATA``, or None where it is not set.

    Raises
    ------
    InputError
        If the variable names something that is no folder.
    """
    named = os.environ.get("PRECURSOR_DATA")
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise InputError(f"$PRECURSOR_DATA: {folder} is not a folder")
    return folder


def cache_folder() -> Path:
    """Give the folder of downloaded files: ``$PRECURSOR_CACHE``, else the user's cache folder."""
    named = os.environ.get("PRECURSOR_CACHE")
    return Path(named).expanduser() if named else Path(pooch.os_cache("precursor"))


@cache
def package_folder(package: str) -> Path | None:
    """Give the folder of an installed Python package without importing it; None without it."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def places(file: File, mode: str) -> list[tuple[Source, Path]]:
    """Where `file` may lie on this machine, in the order in which it is looked for."""
    if file.package:
        folder = package_folder(file.package)
        return [("package", folder / file.path)] if folder else []
    if mode == "bundled":
        return []
    mirror = data_folder()
    found: list[tuple[Source, Path]] = [("PRECURSOR_DATA", mirror / file.path)] if mirror else []
    return [*found, ("cache", cache_folder() / file.path)]


def locate(file: File, mode: str = "auto") -> Found | None:
    """Find `file` on this machine and check its content.

    Returns
    -------
    Found or None
        None where the file is at none of its places.

    Raises
    ------
    ChecksumError
        If the file is there with another content than the manifest names.
    """
    for source, path in places(file, mode):
        if not path.is_file():
            continue
        if file.sha256:
            have = sha256_of(path)
            if have != file.sha256:
                hint = {
                    "PRECURSOR_DATA": "replace or remove it",
                    "package": f"install the pinned version of {file.package} again",
                    "cache": "remove it, or fetch the dataset again",
                }[source]
                raise ChecksumError(
                    f"{file.label}: wrong checksum of {path}: expected sha256 {file.sha256}, got "
                    f"{have}; {hint}"
                )
        return Found(file, path, source)
    return None


hosts = Hosts()
"""One try a host and process."""


def download(file: File) -> Found:
    """Download `file` into the cache, checked before it gets its name there.

    Raises
    ------
    NotHere
        If it has no address, its host does not answer or the download failed.
    ChecksumError
        If what came is not what the manifest names.
    """
    if file.url is None:
        raise NotHere(file, ["no address to download it from"])
    refusal = hosts.refusal(file.url)
    if refusal:
        raise NotHere(file, [refusal])
    store = pooch.create(
        path=cache_folder(),
        base_url="",
        registry={file.path: f"sha256:{file.sha256}" if file.sha256 else None},
        urls={file.path: file.url},
        retry_if_failed=RETRIES,
    )
    # Its line a file would stand in the pages; the progress bar says enough in a terminal.
    pooch.get_logger().setLevel(logging.WARNING)
    fetcher = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=DOWNLOAD_SECONDS)
    try:
        path = Path(store.fetch(file.path, downloader=fetcher))
    except ValueError as error:
        raise ChecksumError(
            f"{file.label}: what {file.url} sent has a wrong checksum (expected sha256 "
            f"{file.sha256}): {error}"
        ) from error
    except (requests.RequestException, OSError) as error:
        why = f"download from {file.url} failed: {error}"
        if isinstance(error, requests.ConnectionError | requests.Timeout):
            hosts.give_up(file.url, why)
        raise NotHere(file, [why]) from error
    return Found(file, path, "download")


def obtain(file: File, mode: str = "auto") -> Found:
    """Find `file` on this machine, else download it.

    Raises
    ------
    NotHere
        If it is at none of the places tried; the exception lists them.
    ChecksumError
        If a copy has another content than the manifest names.
    """
    found = locate(file, mode)
    if found:
        return found
    if file.package:
        raise NotHere(file, [f"Python package {file.package} without this file, or not installed"])
    if mode == "bundled":
        raise NotHere(file, ["not looked for: the data mode is 'bundled'"])
    tried = ["not in $PRECURSOR_DATA" if data_folder() else "$PRECURSOR_DATA is not set"]
    tried.append(f"not in the cache {cache_folder()}")
    try:
        return download(file)
    except NotHere as error:
        raise NotHere(file, [*tried, *error.tried]) from error


def verify(dataset_id: str, manifest: Manifest | None = None) -> list[tuple[str, State]]:
    """Check the files of a dataset that are on this machine against the manifest.

    Returns
    -------
    list of (str, str)
        For each file its label and ``"ok"``, ``"missing"`` or ``"wrong checksum"``.
    """
    return [(file.label, _state(file)) for file in _entry(dataset_id, manifest).files]


def fetch(dataset_id: str, manifest: Manifest | None = None) -> list[tuple[str, str]]:
    """Bring all files of a dataset onto this machine; a broken copy in the cache is replaced.

    Returns
    -------
    list of (str, str)
        For each file its label and ``"ok"`` (was here), ``"fetched"``, ``"replaced"`` or why it
        could not be had.
    """
    states = []
    for file in _entry(dataset_id, manifest).files:
        try:
            states.append((file.label, _bring(file)))
        except (NotHere, ChecksumError) as error:
            text = "; ".join(error.tried) if isinstance(error, NotHere) else str(error)
            states.append((file.label, text))
    return states


def _bring(file: File) -> str:
    try:
        return "fetched" if obtain(file).source == "download" else "ok"
    except ChecksumError:
        inside = [path for source, path in places(file, "auto") if source != "cache"]
        if any(path.is_file() for path in inside):
            raise
    download(file)
    return "replaced"


def _state(file: File) -> State:
    try:
        return "ok" if locate(file) else "missing"
    except ChecksumError:
        return "wrong checksum"


def _entry(dataset_id: str, manifest: Manifest | None) -> Dataset:
    return (manifest or Manifest.load()).dataset(dataset_id)
