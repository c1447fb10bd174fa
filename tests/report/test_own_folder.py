"""A page that opens a reader's own folder in place of a declared dataset."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError, NotebookError
from precursor_lib.manifest import Manifest
from precursor_lib.report import Page, provenance
from precursor_lib.report.madoi.inputs import choose_stations

WINDOW = {
    "start_hour": 16,
    "duration": 600,
    "epicentre": {"latitude": 34.59, "longitude": 98.34},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    times = pd.date_range("2021-05-20T16:00", periods=700, freq="s")
    frame = pd.DataFrame({"time": times.strftime("%Y-%m-%dT%H:%M:%SZ")})
    for number, name in enumerate(("Dawu", "Dulan")):
        frame[name] = 50000.0 + number + np.round(np.sin(np.arange(700) / 20), 3)
    frame.to_csv(tmp_path / "Z.csv", index=False)
    (tmp_path / "stations.csv").write_text(
        "station,latitude,longitude,units\nDawu,34.48,100.25,nT\nDulan,36.23,98.10,nT\n"
    )
    return tmp_path


def _page() -> Page:
    manifest = Manifest.load()
    values = manifest.notebook("sw_ntf_observed").profiles["ci"]
    return Page("sw_ntf_observed", dict(values), manifest)


def test_a_folder_opens_as_observed_nights(folder: Path) -> None:
    network = _page().open(str(folder), **WINDOW)
    assert network.attrs["origin"] == "observed"
    assert network.samples == 600
    assert list(network.stations.index) == ["Dawu", "Dulan"]
    chosen = choose_stations(network, ["Dulan"])
    night = chosen.night(0)
    assert list(night["station"].values) == ["Dulan"]
    assert float(night["Z"][0, 0]) == 50001.0


def test_an_unknown_station_is_named_with_the_nearest(folder: Path) -> None:
    network = _page().open(str(folder), **WINDOW)
    with pytest.raises(InputError, match="nearest is 'Dulan'"):
        choose_stations(network, ["Dulam"])


def test_a_dataset_that_is_not_declared_is_refused() -> None:
    with pytest.raises(NotebookError, match="esk"):
        _page().open("esk")


def test_a_broken_file_is_named_with_its_row(folder: Path) -> None:
    text = (folder / "Z.csv").read_text().splitlines()
    text[5] = text[5].rsplit(",", 1)[0]
    (folder / "Z.csv").write_text("\n".join(text) + "\n")
    with pytest.raises(InputError, match=r"Z\.csv.*row 6|row 6.*Z\.csv|Z\.csv.*6"):
        _page().open(str(folder), **WINDOW)


def test_a_page_does_not_log_what_it_could_not_reach() -> None:
    logger = logging.getLogger("precursor_lib.data.hosts")
    assert logger.isEnabledFor(logging.WARNING)
    with provenance.quiet():
        assert not logger.isEnabledFor(logging.WARNING)
        assert logger.isEnabledFor(logging.ERROR)
    assert logger.isEnabledFor(logging.WARNING)
