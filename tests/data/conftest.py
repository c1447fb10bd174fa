"""Tiny datasets, a local web server, and an environment that knows none of the user's folders."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from precursor_lib.data.hosts import Hosts
from precursor_lib.manifest import Manifest

# Nothing listens on the discard port of this machine: a connection is refused at once.
REFUSED = "http://127.0.0.1:9"


MIRROR = os.environ.get("PRECURSOR_DATA")


@pytest.fixture
def mirror(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of mirrored files, for tests that nothing else can serve."""
    if not MIRROR:
        pytest.skip("needs the mirrored files: set PRECURSOR_DATA")
    monkeypatch.setenv("PRECURSOR_DATA", MIRROR)
    return Path(MIRROR)


@pytest.fixture(autouse=True)
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PRECURSOR_DATA", "PRECURSOR_USER_DATA", "PRECURSOR_DATA_MODE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRECURSOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("precursor_lib.data.store.hosts", Hosts())


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address of a local web server, and the folder that it serves."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{web.server_address[1]}", folder
        web.shutdown()


CATALOGUE = (
    "time,latitude,longitude,depth,mag,type\n"
    "2020-01-02T00:00:00.000Z,10,20,5,5.5,earthquake\n"
    "2020-01-01T00:00:00.000Z,11,21,6,5.1,earthquake\n"
)


@pytest.fixture
def catalogue_text() -> str:
    """Content of the file of the dataset ``small``."""
    return CATALOGUE


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Manifest]:
    """Make a manifest of one catalogue, ``small``, whose file is at `base`/quakes.csv."""

    def make(
        base: str = REFUSED, content: str = CATALOGUE, simulated: bool = False, **changes: Any
    ) -> Manifest:
        entry: dict[str, Any] = {
            "title": "A small catalogue",
            "access": "open",
            "licence": "CC0-1.0",
            "providers": ["Nobody"],
            "files": [
                {
                    "path": "small/quakes.csv",
                    "url": f"{base}/quakes.csv",
                    "sha256": hashlib.sha256(content.encode()).hexdigest(),
                    "bytes": len(content),
                }
            ],
            "loader": {"name": "catalogue.read_usgs"},
            "variables": {"magnitude": {"units": "1", "description": "magnitude"}},
            "coverage": {"start": "2020-01-01", "end": "2020-01-03", "cadence": "irregular"},
            "obtain": "Ask nobody.",
        }
        if simulated:
            entry["simulator"] = {
                "name": "indices.dst_from_rc",
                "seed": 3,
                "arguments": {"start": "2021-01-01", "end": "2021-01-02"},
            }
        entry.update(changes)
        path = tmp_path / "data_manifest.yml"
        path.write_text(yaml.safe_dump({"datasets": {"small": entry}, "notebooks": {}}))
        return Manifest.load(path)

    return make
