"""The SW-NTF chain on records whose content is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.evaluate.nights import amplitude_sweep, recovery, smallest_detected
from precursor_lib.pipelines import Chain, Factors, find_anomalies, run_network, run_night
from precursor_lib.pipelines import nights as nights_module

# 3 sigma, for in 2400 s at most 92 s can lie above 5 (Cantelli).
CHAIN = Chain(bins=24, step=4, directions=16, iterations=60, sigmas=3.0)
EVENT = "2021-05-21T18:04:13"
START = pd.Timestamp("2021-05-19T16:00:00")
DISTANCE = np.array([100.0, 200.0, 400.0, 800.0])
NAMES = ["A", "B", "C", "D"]
SAMPLES = 2400


def _load(index: int, amplitude: float = 3.0, centre: float = 1200.0) -> xr.Dataset:
    """White noise and, about the middle, one packet of 0.02 Hz that decays with distance."""
    rng = np.random.default_rng(index)
    t = np.arange(SAMPLES, dtype=float)
    packet = np.exp(-(((t - centre) / 60.0) ** 2)) * np.cos(2 * np.pi * 0.02 * t)
    values = 0.05 * rng.standard_normal((SAMPLES, 4))
    values += amplitude * (100.0 / DISTANCE) * packet[:, None]
    if index == 2:
        values[100:900, 1] = np.nan
    times = START + pd.Timedelta(days=index) + pd.to_timedelta(t, unit="s")
    return xr.Dataset(
        {"Z": (("time", "station"), values, {"units": "nT"})},
        coords={"time": times, "station": NAMES, "distance": ("station", DISTANCE)},
    )


def _network(count: int = 4, load=_load) -> NightlyNetwork:
    stations = pd.DataFrame(
        {"latitude": 0.0, "longitude": 0.0, "distance": DISTANCE}, index=pd.Index(NAMES)
    )
    starts = START + pd.to_timedelta(np.arange(count), unit="D")
    truth = pd.DataFrame(
        {
            "kind": "source",
            "time": starts + pd.Timedelta(seconds=1200),
            "night": np.arange(count),
            "duration": 180.0,
            "frequency": 0.02,
            **{f"amplitude_{n}": 3.0 * 100 / d for n, d in zip(NAMES, DISTANCE, strict=True)},
        }
    )
    return NightlyNetwork(
        stations, starts, float(SAMPLES), 1.0, "Z", load, {"origin": "simulated"}, truth
    )


def test_a_packet_is_found_at_its_time_and_place():
    result = run_night(_load(0), 0, CHAIN)
    for method in ("sw_ntf", "ntf", "band"):
        first = result.anomalies.query("method == @method and component == 0")
        assert len(first) == 1, method
        offset = (first["time"].iloc[0] - START).total_seconds() - 1200
        assert abs(offset) < 40
        assert first["station"].iloc[0] == "A"
    factors = result.factors["sw_ntf"]
    peak = result.frequency[factors.frequency[:, 0].argmax()]
    assert 0.015 < peak < 0.027
    # The amplitude is that of the packet at the nearest station, less what smoothing takes.
    assert 1.5 < factors.amplitude().max() < 4.0


def test_the_result_does_not_depend_on_the_unit():
    one = run_night(_load(0), 0, CHAIN)
    night = _load(0) * 1000.0
    night["Z"].attrs["units"] = "pT"
    other = run_night(night, 0, CHAIN)
    pd.testing.assert_frame_equal(
        one.anomalies.drop(columns=["amplitude"]),
        other.anomalies.drop(columns=["amplitude"]),
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        other.anomalies["amplitude"], 1000 * one.anomalies["amplitude"], rtol=1e-5
    )


def test_anomalies_follow_the_rule_for_height_and_duration():
    time = np.zeros((600, 1))
    time[100:130, 0] = 1.0  # 120 s of 4 s steps: kept
    time[300:305, 0] = 1.0  # 20 s: too short
    factors = Factors(np.ones((3, 1)), time, np.array([[1.0], [3.0]]), np.ones(1), True)
    chain = dataclasses.replace(CHAIN, sigmas=3.0)
    found = find_anomalies(factors, "ntf", 7, START, ["A", "B"], 0.25, chain)
    assert len(found) == 1
    row = found.iloc[0]
    assert row["duration"] == 120.0
    assert row["station"] == "B"
    assert row["contribution"] == pytest.approx(0.75)
    assert row["amplitude"] == pytest.approx(9.0)  # 3 frequencies x 3 x 1
    assert row["time"] == START + pd.Timedelta(seconds=400)


def test_nights_are_the_same_one_after_the_other_and_in_parallel():
    network = _network(2)
    one = run_network(network, CHAIN, event=EVENT, workers=1, progress=False)
    two = run_network(network, CHAIN, event=EVENT, workers=2, progress=False)
    pd.testing.assert_frame_equal(one.anomalies, two.anomalies)


def test_a_night_with_a_long_gap_is_refused_and_is_no_day_of_calm():
    result = run_network(_network(), CHAIN, event=EVENT, workers=1, progress=False)
    assert list(result.refused) == [2]
    assert (
        "missing" in result.refused[2] or "NaN" in result.refused[2] or "gap" in result.refused[2]
    )
    assert list(result.analysed_days) == [-2, -1, 1]
    curve = result.cumulative("sw_ntf")
    assert list(curve.index) == [-2, -1, 1]
    assert curve["cumulative"].iloc[-1] == len(result.select("sw_ntf"))


def test_all_nights_refused_is_an_error_that_says_why():
    with pytest.raises(InputError, match="night 2"):
        run_network(_network(), CHAIN, event=EVENT, nights=[2], workers=1, progress=False)


def test_a_stopped_run_goes_on_and_a_change_of_settings_starts_anew(tmp_path, monkeypatch):
    network = _network(2)
    first = run_network(
        network, CHAIN, event=EVENT, nights=[0], workers=1, folder=tmp_path, progress=False
    )
    calls = []
    original = nights_module.run_night

    def counted(night, index, chain):
        calls.append(index)
        return original(night, index, chain)

    monkeypatch.setattr(nights_module, "run_night", counted)
    again = run_network(network, CHAIN, event=EVENT, workers=1, folder=tmp_path, progress=False)
    assert calls == [1]
    pd.testing.assert_frame_equal(
        first.anomalies, again.anomalies[again.anomalies["night"] == 0].reset_index(drop=True)
    )
    other = dataclasses.replace(CHAIN, sigmas=4.0)
    run_network(network, other, event=EVENT, nights=[0], workers=1, folder=tmp_path, progress=False)
    assert calls == [1, 0]
    assert not list(tmp_path.rglob("*.part"))


def test_recovery_counts_what_was_put_in():
    network = _network()
    result = run_network(network, CHAIN, event=EVENT, workers=1, progress=False)
    table = recovery(result, network)
    assert (table["packets"] == 3).all()  # the refused night does not count
    assert table.loc["sw_ntf", "hits"] == 3
    assert table.loc["sw_ntf", "station_cosine"] > 0.95
    assert table.loc["sw_ntf", "timing"] < 40


def _silent(index: int) -> xr.Dataset:
    return _load(index, amplitude=0.0)


def test_sweep_finds_the_amplitude_from_which_packets_are_seen():
    def make(amplitude: float) -> NightlyNetwork:
        return _network(2, _load if amplitude else _silent)

    sweep = amplitude_sweep(make, [0.0, 3.0], CHAIN, event=EVENT, workers=1, progress=False)
    rates = sweep.set_index(["amplitude", "method"])["hit_rate"]
    assert rates[3.0, "sw_ntf"] == 1.0
    assert rates[0.0, "sw_ntf"] < 1.0
    # Two packets of two leave a lower bound of 0.34: enough for a third, not for a half.
    assert smallest_detected(sweep, 0.3)["sw_ntf"] == 3.0
    assert np.isnan(smallest_detected(sweep, 0.5)["sw_ntf"])


@pytest.mark.parametrize("methods", [(), ("pca",)])
def test_unknown_methods_are_refused(methods):
    with pytest.raises(InputError, match="methods"):
        Chain(methods=methods)


def test_uneven_sampling_is_refused():
    night = _load(0).isel(time=[0, 1, 3, 4])
    with pytest.raises(InputError, match="equal steps"):
        run_night(night, 0, CHAIN)
