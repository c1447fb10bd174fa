"""What the packet rule finds at Pi2 trains, at the ends of windows, and far apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.evaluate.explanations.packets import (
    at_events,
    band_amplitude,
    covered_share,
    found_by_kind,
    night_amplitudes,
    night_anomalies,
    window_anomalies,
)
from precursor_lib.evaluate.explanations.shared import shared_anomalies
from precursor_lib.simulate.geomagnetic import geomagnetic_network
from precursor_lib.simulate.signals import packet

STATION = [{"id": "A", "latitude": 34.6, "longitude": 98.1}]
SHOCK = {"latitude": 34.0, "longitude": 98.0, "time": "2021-05-21T18:04"}


def noise(samples: int, seed: int = 0, size: float = 0.01) -> np.ndarray:
    return size * np.random.default_rng(seed).standard_normal(samples)


def network(nights: int = 4, **parts: Any) -> NightlyNetwork:
    quiet: dict[str, Any] = {
        "background": None,
        "sq": None,
        "storms": None,
        "man_made": None,
        "gaps": None,
    }
    return geomagnetic_network(
        seed=4, stations=STATION, epicentre=SHOCK, nights_start="2021-05-01T16:00", nights=nights,
        duration=7200.0, **(quiet | parts),
    )  # fmt: skip


def test_amplitude_of_a_packet_in_the_band_and_out_of_it() -> None:
    courses = {}
    for f in (0.02, 0.2):
        x = noise(7200, size=1e-3)
        where, wave = packet(7200, 1.0, 3000.0, 240.0, f, 0.0)
        x[where] += wave
        courses[f] = band_amplitude(x, 1.0)[0]
    assert courses[0.02].size == 1800
    assert abs(courses[0.02].argmax() * 4 - 3000) < 60
    assert courses[0.02].max() > 50 * courses[0.2].max()


def test_the_main_field_does_not_matter() -> None:
    x = noise(4096)
    assert band_amplitude(x + 50_000.0, 1.0) == pytest.approx(band_amplitude(x, 1.0), abs=1e-9)


def test_a_packet_inside_a_window_is_found_whatever_follows_at_its_ends() -> None:
    x = noise(2 * 14400 + 3000)
    where, wave = packet(x.size, 1.0, 1152 + 14400 + 7000, 200.0, 0.02, 0.0)
    x[where] += wave
    found = window_anomalies(x, 1.0, 4.0)
    assert found.attrs["windows"] == 2 and found.attrs["first"] == 1152.0
    assert found.attrs["even"] == pytest.approx(2 * 567 / 14400)
    for _, part in found.groupby("way"):
        assert part["window"].tolist() == [1]
        assert part["peak"].to_numpy() == pytest.approx(7000, abs=60)
    assert set(found["way"]) == {"mirrored", "zeros", "neighbours"}


def test_zeros_after_a_slope_make_anomalies_at_the_ends() -> None:
    x = noise(14400 + 3000) + np.linspace(0, 30, 17400)
    found = window_anomalies(x, 1.0, 4.0)
    by_way = found.groupby("way")["end"]
    assert set(by_way.groups) == {"zeros"}
    assert by_way.max()["zeros"] < found.attrs["reach"]


def test_windows_ask_for_room_and_a_known_way() -> None:
    with pytest.raises(InputError, match="record"):
        window_anomalies(noise(14400), 1.0, 4.0)
    with pytest.raises(InputError, match="way"):
        window_anomalies(noise(20000), 1.0, 4.0, ["around"])


def test_trains_are_found_where_they_are() -> None:
    trains = {"rate": 0.5, "rate_growth": 0.0, "amplitude": 1.0, "scatter": 0.0,
              "period": (50.0, 51.0), "cycles": (3.0, 4.0)}  # fmt: skip
    calm = network(6, pi2=trains)
    assert calm.truth is not None and len(calm.truth) >= 4
    found = night_anomalies(night_amplitudes(calm), calm)
    assert len(found) >= 3
    hits, chance = at_events(found, calm)
    assert hits == len(found) and 0 < chance < 0.2
    table = found_by_kind(found, calm, [0.5, 5.0], ["pi2"])
    assert table["found"].tolist() == [len(found)] * 2
    assert table["events"].tolist() == [len(calm.truth)] * 2
    # Nights that were not analysed have no events.
    fewer = found_by_kind(found, calm, [0.5, 5.0], ["pi2"], nights=[0])
    assert fewer["events"].iloc[0] == (calm.truth["night"] == 0).sum()


def test_no_train_no_hit() -> None:
    calm = network(2, pi2=None)
    nothing = pd.DataFrame({"night": [0], "time": [calm.nights[0] + pd.Timedelta(seconds=60)]})
    assert at_events(nothing, calm) == (0, 0.0)


@settings(max_examples=30)
@given(st.lists(st.floats(-500, 8000), max_size=12), st.floats(1, 400))
def test_covered_share_is_that_of_a_fine_grid(centres: list[float], tolerance: float) -> None:
    nights = [(0.0, 3000.0), (5000.0, 7000.0)]
    grid = np.concatenate([np.arange(a, b) + 0.5 for a, b in nights])
    near = np.zeros(grid.size, dtype=bool)
    for centre in centres:
        near |= np.abs(grid - centre) <= tolerance
    assert covered_share(centres, nights, tolerance) == pytest.approx(near.mean(), abs=0.01)


def test_shared_means_far_apart_at_one_time() -> None:
    places = pd.DataFrame(
        {"latitude": [0.0, 0.1, 40.0], "longitude": [0.0, 0.0, 0.0]}, index=["a", "near", "far"]
    )
    # Far apart together, near each other together, and one alone.
    times = {"a": [1000.0, 5000.0], "near": [5010.0, 9000.0], "far": [1040.0]}
    found = shared_anomalies(times, places, 14400.0, draws=400)
    assert (found["events"], found["shared"], found["most_stations"]) == (3, 1, 2)
    assert 0 < found["chance"] < 0.2
    empty = shared_anomalies({name: [] for name in times}, places, 14400.0, draws=3)
    assert empty["events"] == 0 and np.isnan(empty["chance"])
