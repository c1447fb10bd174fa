"""The manifest's open files as mirrored: whole, readable, and their clocks against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precursor_lib.data import NightlyNetwork, open_dataset, verify
from precursor_lib.manifest import Manifest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("mirror")


@pytest.fixture(scope="module")
def own() -> Manifest:
    return Manifest.load(ROOT / "data_manifest.yml")


def opened(own: Manifest, dataset_id: str, **overrides: object) -> object:
    result = open_dataset(dataset_id, own, **overrides)
    assert (result.origin, result.source) == ("observed", "PRECURSOR_DATA")
    return result.data


def catalogue(own: Manifest, dataset_id: str) -> pd.DataFrame:
    frame = opened(own, dataset_id)
    assert isinstance(frame, pd.DataFrame)
    assert frame["time"].is_monotonic_increasing
    entry = own.dataset(dataset_id).coverage
    assert abs(frame["time"].iloc[0] - entry.start) < pd.Timedelta("1s")
    assert abs(frame["time"].iloc[-1] - entry.end) < pd.Timedelta("1s")
    return frame


def test_all_files_are_as_the_manifest_says(own: Manifest, mirror: Path) -> None:
    for name, entry in own.datasets.items():
        states = verify(name, own)
        assert [label for label, state in states if state != "ok"] == [], name
        for file in entry.files:
            if file.url:
                assert (mirror / file.path).stat().st_size == file.bytes


def test_usgs_observatories_make_a_network(own: Manifest) -> None:
    network = opened(own, "usgs-1s-network")
    assert isinstance(network, NightlyNetwork)
    night = network.night(0)["Z"]
    assert night.sizes == {"time": 14400, "station": 14}
    assert str(night.time.values[0]) == "2014-04-07T06:00:00.000000000"
    report = network.attrs["report"]
    assert "BDT and BOU stand at the same place: they are not independent" in report
    missing = np.isnan(night).sum("time").to_series()
    assert missing[missing > 0].to_dict() == {"DED": 1}
    assert any(sentence.startswith("DED: 1 of 14400 samples of Z missing") for sentence in report)
    simulator = own.dataset("usgs-1s-network").simulator
    assert simulator is not None
    listed = {s["id"]: s for s in simulator.arguments["stations"]}
    for name, place in network.stations.iterrows():
        assert abs(place["latitude"] - listed[name]["latitude"]) < 2e-3
        assert abs(place["longitude"] - listed[name]["longitude"]) < 2e-3


def test_eskdalemuir_has_no_gaps(own: Manifest) -> None:
    entry = own.dataset("esk")
    days = entry.model_copy(update={"files": entry.files[:10]})
    some = own.model_copy(update={"datasets": {"esk": days}})
    data = opened(some, "esk")
    assert data.sizes == {"time": 14400, "station": 1}  # type: ignore[attr-defined]
    assert data.attrs["report"] == []  # type: ignore[attr-defined]
    assert float(data.longitude[0]) == pytest.approx(-3.2)  # type: ignore[attr-defined]


def test_dst_and_rc_agree_best_hour_by_hour(own: Manifest) -> None:
    span = {"start": "2021-02-20", "end": "2021-06-20"}
    dst = opened(own, "dst", **span)["Dst"].values  # type: ignore[index]
    rc = open_dataset("rc-index", own, **span).data["RC"].values
    lags = range(-3, 4)
    fit = {k: np.corrcoef(dst[3:-3], np.roll(rc, k)[3:-3])[0, 1] for k in lags}
    assert max(fit, key=fit.__getitem__) == 0
    assert fit[0] > 0.9


def matched(frame: pd.DataFrame, world: pd.DataFrame, least: float) -> np.ndarray:
    """Whole hours between large events and like ones of the USGS catalogue within half a day.

    Pairs of different shocks lie at any time from each other; only pairs within a minute of a whole
    hour count, as the same shock by two clocks does.
    """
    hours = []
    for event in frame[frame["magnitude"] >= least].itertuples():
        near = world[
            (abs(world["latitude"] - event.latitude) < 0.7)
            & (abs(world["longitude"] - event.longitude) < 0.7)
            & (abs(world["time"] - event.time) < pd.Timedelta("13h"))
            & (abs(world["magnitude"] - event.magnitude) < 0.8)
        ]
        hours.extend((event.time - near["time"]).dt.total_seconds() / 3600)
    pairs = np.array(hours)
    return np.round(pairs)[np.abs(pairs - np.round(pairs)) < 1 / 60]


@pytest.mark.parametrize(
    ("name", "least", "count"),
    [
        ("romania", 4.7, 8),
        ("turkey", 5.0, 100),
        ("china-mw", 5.0, 100),
        ("guza-catalogue", 5.0, 100),
        ("xichang", 4.5, 2),
    ],
)
def test_clocks_agree_with_the_usgs_catalogue(
    own: Manifest, name: str, least: float, count: int
) -> None:
    frame = catalogue(own, name)
    hours = matched(frame[frame["time"] >= "2013"], catalogue(own, "usgs-m5"), least)
    assert (hours == 0).sum() >= count
    assert (hours == 0).mean() > 0.85


def test_small_events_at_xichang_crowd_at_the_same_hours_before_and_after_the_change(
    own: Manifest,
) -> None:
    """Detection is best in the quiet of the night, by a clock that does not change."""
    frame = catalogue(own, "xichang")
    angle = 2 * np.pi * (frame["time"].dt.hour + frame["time"].dt.minute / 60) / 24
    early = (frame["time"] < "2017-06-11").to_numpy()
    late = (frame["time"] > "2017-06-27").to_numpy()
    peaks = [
        float(np.angle(np.exp(1j * angle[part]).mean()) * 24 / (2 * np.pi))
        for part in (early, late)
    ]
    apart = (peaks[0] - peaks[1] + 12) % 24 - 12
    assert abs(apart) < 1.5


@pytest.mark.slow
def test_horus_holds_the_large_shocks(own: Manifest) -> None:
    frame = catalogue(own, "horus")
    shock = frame[frame["magnitude"] > 6.6]["time"].astype(str).str[:16].to_list()
    assert shock == ["1980-11-23 18:34", "2016-10-30 06:40"]


def test_faults_cover_the_world(own: Manifest) -> None:
    frame = opened(own, "gem-faults")
    assert frame["fault"].nunique() == 13696  # type: ignore[index]
    near = opened(own, "gem-faults", box=(97, 99, 34, 35.5))
    assert 0 < near["fault"].nunique() < 50  # type: ignore[index]
