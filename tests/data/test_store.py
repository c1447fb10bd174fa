"""Files: found in their order, checked, downloaded whole or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from precursor_lib.data import fetch, open_dataset, verify
from precursor_lib.data import hosts as hosts_module
from precursor_lib.data import store as store_module
from precursor_lib.data.hosts import Hosts
from precursor_lib.data.store import NotHere, locate, obtain
from precursor_lib.errors import ChecksumError, DataUnavailableError, InputError
from precursor_lib.manifest import File, Manifest

Maker = Callable[..., Manifest]
# Nothing listens on the discard port of this machine: a connection is refused at once.
REFUSED = "http://127.0.0.1:9"
CATALOGUE = (
    "time,latitude,longitude,depth,mag,type\n"
    "2020-01-02T00:00:00.000Z,10,20,5,5.5,earthquake\n"
    "2020-01-01T00:00:00.000Z,11,21,6,5.1,earthquake\n"
)


@pytest.fixture
def small(small: Maker) -> Maker:
    """The small dataset with the content that these tests put in its places."""
    return partial(small, content=CATALOGUE)


def put(folder: Path, content: str = CATALOGUE) -> Path:
    path = folder / "small" / "quakes.csv"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    return path


def test_the_data_folder_comes_first(
    small: Maker, server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, served = server
    (served / "quakes.csv").write_text(CATALOGUE)
    manifest = small(base)
    assert open_dataset("small", manifest).source == "download"
    assert open_dataset("small", manifest).source == "cache"
    put(tmp_path / "mirror")
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "mirror"))
    opened = open_dataset("small", manifest)
    assert opened.source == "PRECURSOR_DATA"
    assert opened.origin == opened.data.attrs["origin"] == "observed"
    assert opened.files == [("small/quakes.csv", manifest.dataset("small").files[0].sha256)]


def test_a_data_folder_that_is_none_is_an_error(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=r"PRECURSOR_DATA.*nowhere is not a folder"):
        open_dataset("small", small())


@pytest.mark.parametrize("place", ["mirror", "cache"])
def test_a_wrong_checksum_is_refused_by_name(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    manifest = small(simulated=True)
    put(tmp_path / place, CATALOGUE[:-20])
    if place == "mirror":
        monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / place))
    with pytest.raises(ChecksumError, match=r"small/quakes\.csv: wrong checksum of .*expected sha"):
        open_dataset("small", manifest)
    assert verify("small", manifest) == [("small/quakes.csv", "wrong checksum")]


def test_a_download_with_another_content_leaves_nothing_behind(
    small: Maker, server: tuple[str, Path], tmp_path: Path
) -> None:
    base, served = server
    (served / "quakes.csv").write_text(CATALOGUE[:-20])
    with pytest.raises(ChecksumError, match=r"small/quakes\.csv: what http.*wrong checksum"):
        open_dataset("small", small(base))
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_missing_file_on_the_server_is_reported(
    small: Maker, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "RETRIES", 0)
    with pytest.raises(DataUnavailableError, match=r"download from http.* failed: 404"):
        open_dataset("small", small(server[0]))


def test_a_download_is_tried_again(
    small: Maker, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, served = server
    pauses: list[float] = []

    def instead_of_waiting(seconds: float) -> None:
        pauses.append(seconds)
        (served / "quakes.csv").write_text(CATALOGUE)

    monkeypatch.setattr("pooch.core.time.sleep", instead_of_waiting)
    assert open_dataset("small", small(base)).source == "download"
    assert len(pauses) == 1


def test_without_a_network_every_way_tried_is_listed(
    small: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = small()
    with caplog.at_level(logging.WARNING), pytest.raises(DataUnavailableError) as caught:
        open_dataset("small", manifest)
    text = str(caught.value)
    for part in (
        "$PRECURSOR_DATA is not set",
        "not in the cache",
        "no connection to 127.0.0.1:9",
        "names no simulator",
        "Ask nobody.",
    ):
        assert part in text
    assert [r.message for r in caplog.records if "127.0.0.1:9" in r.message] == [
        "no connection to 127.0.0.1:9: going on without it"
    ]


def test_a_host_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def no_answer(url: str) -> str:
        tries.append(url)
        return "no answer"

    monkeypatch.setattr(hosts_module, "_short_try", no_answer)
    hosts = Hosts()
    assert hosts.refusal(f"{REFUSED}/a") == hosts.refusal(f"{REFUSED}/b") == "no answer"
    assert len(tries) == 1
    assert hosts.refusal("http://127.0.0.1:10/a") == "no answer"
    assert len(tries) == 2


def test_a_host_that_is_silent_costs_a_short_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts_module, "TRY_SECONDS", 0.05)
    monkeypatch.setattr(hosts_module.requests, "head", lambda *_, **__: time.sleep(30))
    assert Hosts().refusal("http://127.0.0.1:9/x") == "no answer from 127.0.0.1:9 in 0.05 s"


def test_a_host_that_breaks_off_is_given_up(
    small: Maker, server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def break_off(*_: object, **__: object) -> None:
        tries.append(1)
        raise store_module.requests.ConnectionError("broken off")

    monkeypatch.setattr(store_module, "RETRIES", 0)
    monkeypatch.setattr("pooch.downloaders.HTTPDownloader.__call__", break_off)
    manifest = small(server[0])
    for _ in range(2):
        with pytest.raises(DataUnavailableError, match="broken off"):
            open_dataset("small", manifest)
    assert len(tries) == 1


def test_verify_and_fetch_say_the_state_of_each_file(
    small: Maker, server: tuple[str, Path], tmp_path: Path
) -> None:
    base, served = server
    manifest = small(base)
    assert verify("small", manifest) == [("small/quakes.csv", "missing")]
    (served / "quakes.csv").write_text(CATALOGUE)
    assert fetch("small", manifest) == [("small/quakes.csv", "fetched")]
    assert fetch("small", manifest) == [("small/quakes.csv", "ok")]
    assert verify("small", manifest) == [("small/quakes.csv", "ok")]
    (tmp_path / "cache" / "small" / "quakes.csv").write_text("broken")
    assert verify("small", manifest) == [("small/quakes.csv", "wrong checksum")]
    assert fetch("small", manifest) == [("small/quakes.csv", "replaced")]
    assert verify("small", manifest) == [("small/quakes.csv", "ok")]


def test_fetch_leaves_a_users_broken_copy_alone(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = put(tmp_path / "mirror", "broken")
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "mirror"))
    ((label, state),) = fetch("small", small())
    assert label == "small/quakes.csv"
    assert "wrong checksum" in state and "replace or remove it" in state
    assert broken.read_text() == "broken"


def test_fetch_without_a_network_says_so(small: Maker) -> None:
    ((_, state),) = fetch("small", small())
    assert "no connection to 127.0.0.1:9" in state


def test_files_of_packages_are_found_and_checked() -> None:
    good = File(path="errors.py", package="precursor_lib")
    found = locate(good, "bundled")
    assert found is not None and found.source == "package"
    assert good.label == "precursor_lib:errors.py"
    with pytest.raises(ChecksumError, match="install the pinned version of precursor_lib"):
        locate(File(path="errors.py", package="precursor_lib", sha256="0" * 64))
    for file in (
        File(path="none.dat", package="precursor_lib"),
        File(path="none.dat", package="no_such_package_here"),
    ):
        with pytest.raises(NotHere, match="without this file, or not installed"):
            obtain(file)


def test_bundled_takes_neither_folder_nor_cache_nor_network(
    small: Maker, server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, served = server
    (served / "quakes.csv").write_text(CATALOGUE)
    put(tmp_path / "mirror")
    put(tmp_path / "cache")
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "mirror"))
    with pytest.raises(DataUnavailableError, match="the data mode is 'bundled'"):
        open_dataset("small", small(base), mode="bundled")
    monkeypatch.setenv("PRECURSOR_DATA_MODE", "bundled")
    with pytest.raises(DataUnavailableError):
        open_dataset("small", small(base))
    assert open_dataset("small", small(base), mode="auto").source == "PRECURSOR_DATA"
    with pytest.raises(InputError, match="unknown data mode 'bundle'; the nearest is 'bundled'"):
        open_dataset("small", small(base), mode="bundle")
