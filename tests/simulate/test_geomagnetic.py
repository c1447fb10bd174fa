"""The simulated network: its truth, its repeatability, and what each part leaves alone."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.simulate.geomagnetic import geomagnetic_network, night_parts, without_source
from precursor_lib.simulate.observing import window_starts
from precursor_lib.simulate.signals import packet, train


def test_a_night_has_the_projects_form(arguments) -> None:
    network = geomagnetic_network(**arguments)
    night = network.night(2)
    assert night["Z"].dims == ("time", "station")
    assert night["Z"].shape == (network.samples, 3) == (3600, 3)
    assert night["Z"].attrs["units"] == "nT"
    assert night["time"].dtype == "datetime64[ns]"
    assert night["time"].to_numpy()[0] == np.datetime64("2021-05-12T16:00")
    assert (np.diff(night["time"].to_numpy()) == np.timedelta64(1, "s")).all()
    for name in ("latitude", "longitude", "distance"):
        np.testing.assert_allclose(night[name], network.stations[name])
    assert night.attrs["origin"] == network.attrs["origin"] == "simulated"
    assert night.attrs["seed"] == 5
    assert network.nights.dtype == "datetime64[ns]"
    np.testing.assert_array_equal(network.days_from("2021-05-21T18:04:13"), [-11, -10, -9, -8])
    with pytest.raises(InputError, match="night 4: expected 0 to 3"):
        network.night(4)


def test_nights_are_the_same_in_any_order_and_process(arguments) -> None:
    network = geomagnetic_network(**arguments)
    forward = [network.night(i) for i in range(4)]
    backward = {i: network.night(i) for i in (3, 1, 0, 2)}
    for i, night in enumerate(forward):
        xr.testing.assert_identical(night, backward[i])
    again = pickle.loads(pickle.dumps(network))
    xr.testing.assert_identical(again.night(1), forward[1])
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        xr.testing.assert_identical(pool.submit(network.load, 3).result(), forward[3])


def test_another_seed_gives_another_record_and_no_night_repeats(arguments) -> None:
    a = geomagnetic_network(**arguments)
    b = geomagnetic_network(**arguments | {"seed": 6})
    quiet = {"sq": None, "storms": None, "pi2": None, "man_made": None, "gaps": None}
    c = geomagnetic_network(**arguments | quiet)
    assert not np.allclose(a.night(0)["Z"], b.night(0)["Z"], equal_nan=True)
    r = np.corrcoef(c.night(0)["Z"].diff("time")[:, 0], c.night(1)["Z"].diff("time")[:, 0])
    assert abs(r[0, 1]) < 0.1


@given(seed=st.integers(0, 2**63), night=st.integers(0, 3))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_source_is_the_whole_difference_that_it_makes(arguments, seed: int, night: int) -> None:
    exact = {"instrument": {"resolution": 0.0}}
    network = geomagnetic_network(**arguments | exact | {"seed": seed})
    other = without_source(network)
    fresh = geomagnetic_network(**arguments | exact | {"seed": seed, "source": None})
    xr.testing.assert_identical(other.night(night), fresh.night(night))
    pd.testing.assert_frame_equal(other.truth, fresh.truth)
    assert other.attrs == fresh.attrs
    difference = network.night(night)["Z"] - other.night(night)["Z"]
    source = night_parts(network, night)["source"].where(~np.isnan(difference))
    np.testing.assert_allclose(difference, source, atol=1e-11)
    # The gaps are the same, and every other event is.
    rest = network.truth[network.truth["kind"] != "source"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, other.truth)


def test_the_source_is_rebuilt_from_the_truth_and_decays_with_distance(arguments) -> None:
    arguments["source"] = {
        "base": 5.0,
        "phases": [],
        "amplitude": 2.0,
        "reference": 100.0,
        "exponent": 1.5,
    }
    network = geomagnetic_network(**arguments)
    truth = network.truth[network.truth["kind"] == "source"]
    assert len(truth) > 8
    distance = network.stations["distance"]
    for station in network.stations.index:
        expected = 2.0 * (100.0 / distance[station]) ** 1.5
        np.testing.assert_allclose(truth[f"amplitude_{station}"], expected, rtol=1e-12)
    for night in range(4):
        rebuilt = np.zeros((3600, 3))
        for _, row in truth[truth["night"] == night].iterrows():
            centre = (row["time"] - network.nights[night]).total_seconds()
            where, wave = packet(3600, 1.0, centre, row["duration"], row["frequency"], row["phase"])
            for k, station in enumerate(network.stations.index):
                rebuilt[where, k] += row[f"amplitude_{station}"] * wave
        np.testing.assert_allclose(night_parts(network, night)["source"], rebuilt, atol=1e-5)


def test_packets_are_what_the_settings_say(arguments) -> None:
    arguments |= {"nights": 60, "duration": 14400.0, "source": {"base": 10.0, "phases": []}}
    truth = geomagnetic_network(**arguments).truth.query("kind == 'source'")
    assert truth["frequency"].between(0.01, 0.05).all()
    assert truth["duration"].between(60, 300).all()
    assert (truth["duration"] * truth["frequency"] >= 2 - 1e-9).all()
    start = (truth["time"] - truth["time"].dt.normalize()).dt.total_seconds() - 16 * 3600
    half = truth["duration"] / 0.795167 / 2
    assert (start - half > -0.01).all()
    assert (start + half < 14400.01).all()


def test_expected_cumulative_curve_of_the_network_is_the_sigmoid(arguments) -> None:
    """Mean over many seeds of the number of packets up to each night."""
    nothing = dict.fromkeys(("background", "sq", "storms", "pi2", "man_made", "gaps", "instrument"))
    arguments |= nothing | {
        "nights_start": "2021-02-20T16:00:00",
        "nights": 120,
        "source": {},
        "duration": 14400.0,
    }
    runs, total = 150, np.zeros(120)
    for seed in range(runs):
        network = geomagnetic_network(**arguments | {"seed": seed})
        total += np.cumsum(np.bincount(network.truth["night"], minlength=120))
    day = network.days_from("2021-05-21T18:04:13")
    assert day[0] == -90

    def curve(t: np.ndarray) -> np.ndarray:
        return (
            0.025 * t + 12 / (1 + np.exp(-(t + 73.3) / 2.72)) + 12 / (1 + np.exp(-(t + 29.3) / 2.5))
        )

    expected = curve(day) - curve(np.array(-91.0))
    np.testing.assert_allclose(network.attrs["expected_packets"], expected, rtol=1e-9)
    assert (np.abs(total / runs - expected) < 4.5 * np.sqrt(expected / runs) + 1e-9).all()


def test_parts_add_up_to_the_night(arguments) -> None:
    arguments["tones"] = [{"station": "far", "frequency": 0.15, "amplitude": 0.05}]
    network = geomagnetic_network(**arguments | {"gaps": None})
    for i in range(4):
        total = night_parts(network, i).to_dataarray().sum("variable")
        # Rounded to 1 pT.
        assert float(np.abs(total - network.night(i)["Z"]).max()) <= 0.0005 + 1e-9


def test_tones_stand_at_their_station_and_keep_step_over_the_nights(arguments) -> None:
    arguments["tones"] = [{"station": "far", "frequency": 0.15, "amplitude": 0.05}]
    network = geomagnetic_network(**arguments)
    n, phases = 3600, []
    for i in range(2):
        tones = night_parts(network, i)["tones"]
        assert float(np.abs(tones.sel(station=["near", "middle"])).max()) == 0
        line = np.exp(-2j * np.pi * 0.15 * (np.arange(n) + i * 86400.0))
        value = 2 / n * (tones.sel(station="far").to_numpy() * line).sum()
        assert abs(value) == pytest.approx(0.05, rel=1e-9)
        phases.append(np.angle(value))
    assert phases[1] == pytest.approx(phases[0], abs=1e-6)


def test_leaving_out_a_station_changes_no_other(arguments) -> None:
    whole = geomagnetic_network(**arguments)
    part = geomagnetic_network(**arguments | {"stations": arguments["stations"][1:]})
    xr.testing.assert_equal(whole.night(1)["Z"].sel(station=["middle", "far"]), part.night(1)["Z"])


@pytest.mark.parametrize("part", ["background", "sq", "storms", "pi2", "man_made", "gaps"])
def test_leaving_out_a_part_changes_no_other(arguments, part: str) -> None:
    whole = night_parts(geomagnetic_network(**arguments), 1)
    less = night_parts(geomagnetic_network(**arguments | {part: None}), 1)
    for name in less.data_vars:
        if name != part:
            xr.testing.assert_equal(whole[name], less[name])
    if part in less:
        assert float(np.abs(less[part]).max()) == 0


def test_truth_holds_every_kind_and_matches_the_parts(arguments) -> None:
    arguments |= {"man_made": {"boxes": 2.0, "spikes": 3.0}, "gaps": {"rate": 1.0}}
    arguments["pi2"] = {"rate": 3.0}
    network = geomagnetic_network(**arguments)
    truth = network.truth
    assert set(truth["kind"]) == {"source", "pi2", "box", "spike", "gap"}
    assert truth["time"].is_monotonic_increasing
    assert truth["time"].dtype == "datetime64[ns]"
    columns = [f"amplitude_{s}" for s in network.stations.index]
    single = truth[truth["kind"].isin(["box", "spike"])][columns].to_numpy()
    assert ((single != 0).sum(axis=1) == 1).all()
    gap = truth[truth["kind"] == "gap"]
    assert (gap[columns].isna().sum(axis=1) == 1).all()
    for i in range(4):
        missing = np.isnan(network.night(i)["Z"])
        rows = gap[gap["night"] == i]
        assert missing.any() == (len(rows) > 0)
        for _, row in rows.iterrows():
            station = next(s for s in network.stations.index if np.isnan(row[f"amplitude_{s}"]))
            at = min(max(int((row["time"] - network.nights[i]).total_seconds()), 0), 3599)
            assert missing.sel(station=station).to_numpy()[max(0, at - 1) : at + 2].any()
        report = " ".join(network.night(i).attrs["report"])
        assert ("missing" in report) == bool(missing.any())
        rebuilt = np.zeros((3600, 3))
        for _, row in truth[(truth["night"] == i) & (truth["kind"] == "pi2")].iterrows():
            centre = (row["time"] - network.nights[i]).total_seconds()
            where, wave = train(3600, 1.0, centre, row["duration"], row["frequency"], row["phase"])
            rebuilt[where] += row[columns].to_numpy(float)[None, :] * wave[:, None]
        np.testing.assert_allclose(night_parts(network, i)["pi2"], rebuilt, atol=1e-5)


def test_pi2_comes_at_the_rate_and_the_amplitude_that_kp_sets(arguments) -> None:
    arguments |= {"nights": 150, "duration": 14400.0, "source": None}
    counts, peaks = [], []
    for kp in (1.0, 5.0):
        truth = geomagnetic_network(**arguments | {"kp": kp}).truth.query("kind == 'pi2'")
        counts.append(len(truth))
        peaks.append(np.median(truth["amplitude_near"]))
        assert (1 / truth["frequency"]).between(40, 150).all()
        spread = np.log(truth["amplitude_near"] / truth["amplitude_far"]).std()
        assert spread == pytest.approx(0.1 * np.sqrt(2), rel=0.15)
    hours = 150 * 4
    for n, kp in zip(counts, (1.0, 5.0), strict=True):
        mean = 0.4 * (1 + 0.5 * kp) * hours
        assert n == pytest.approx(mean, abs=4.5 * np.sqrt(mean))
    assert peaks[1] / peaks[0] == pytest.approx(10**0.4, rel=0.15)


def test_real_indices_drive_storm_and_background(arguments) -> None:
    """The storm of 12 May 2021 (Kp 7 in the evening, UTC) stands out of the quiet night before."""
    real = {"kp": None, "rc": None, "source": None, "pi2": None, "man_made": None, "gaps": None}
    network = geomagnetic_network(**arguments | real)
    noise = [night_parts(network, i)["background"].diff("time").std() for i in (1, 2)]
    assert noise[1] > 2.5 * noise[0]
    moved = [
        float(np.ptp(night_parts(network, i)["storms"].to_numpy(), axis=0).max()) for i in (1, 2)
    ]
    assert moved[1] > 3 * moved[0]


def test_controls_keep_the_mean_rate_and_lose_the_sigmoid(arguments) -> None:
    nothing = dict.fromkeys(("background", "sq", "storms", "pi2", "man_made", "gaps", "instrument"))
    arguments |= nothing | {
        "nights_start": "2021-02-20T16:00:00",
        "nights": 120,
        "duration": 14400.0,
        "source": {},
    }
    own = geomagnetic_network(**arguments).attrs["expected_packets"][-1]
    for kind in ("poisson", "clustered", "kp"):
        counts = np.array(
            [
                np.bincount(
                    geomagnetic_network(**arguments | {"control": {"kind": kind}, "seed": s}).truth[
                        "night"
                    ],
                    minlength=120,
                )
                for s in range(40)
            ]
        )
        network = geomagnetic_network(**arguments | {"control": {"kind": kind}})
        assert network.attrs["expected_packets"][-1] == pytest.approx(own)
        totals = counts.sum(axis=1)
        spread = np.sqrt(own * (5.0 if kind == "clustered" else 1.0) / 40)
        assert totals.mean() == pytest.approx(own, abs=4 * spread)
        # Half of the phases' packets fall within 3 days of x0 for the source, few for a control.
        assert counts[:, 15:22].sum() / counts.sum() < 0.12
        if kind == "clustered":
            assert totals.var() / totals.mean() > 2


def test_kp_control_puts_packets_where_kp_is_high(arguments) -> None:
    nights = window_starts("2021-05-10T16:00:00", 40)
    index = pd.date_range("2021-05-09", periods=8 * 45, freq="3h")
    high = (index.day % 2 == 0) * 5.0 + 1.0
    arguments |= {
        "kp": pd.Series(high, index=index),
        "nights": 40,
        "duration": 14400.0,
        "source": {"base": 50.0, "phases": []},
        "control": {"kind": "kp", "sensitivity": 0.7},
    }
    truth = geomagnetic_network(**arguments).truth.query("kind == 'source'")
    n = np.bincount(truth["night"], minlength=40)
    even = np.asarray(nights.day % 2 == 0)
    ratio = n[even].mean() / n[~even].mean()
    assert np.log(ratio) == pytest.approx(3.5, abs=4 / np.sqrt(n[~even].sum()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed -1"),
        ({"seed": 1.5}, "seed 1.5"),
        ({"nights": 0}, "nights 0"),
        ({"duration": 90000.0}, "duration"),
        ({"rate": 0.0003}, "whole number of samples"),
        ({"component": "H"}, "component 'H'"),
        ({"stations": []}, "at least one"),
        ({"source": {"amplitud": 1}}, "unknown setting 'amplitud'; the nearest is 'amplitude'"),
        ({"source": {"frequency": [0.05, 0.01]}}, r"source\.frequency"),
        ({"source": {"frequency": [0.05, 0.7]}}, "at most 0.5 Hz"),
        ({"source": {"phases": [{"number": 1, "centre": 0}]}}, r"source\.phases\.0\.width"),
        ({"source": {"duration": [60, 4000]}}, "does not fit in 3600 s"),
        ({"background": {"level": -1}}, r"background\.level"),
        ({"background": 3}, "background: expected a mapping"),
        ({"control": {"kind": "hawkes"}}, r"control\.kind"),
        ({"source": None, "control": {"kind": "poisson"}}, "source is None"),
        ({"tones": [{"station": "nar", "frequency": 0.1, "amplitude": 1}]}, "nearest is 'near'"),
        ({"tones": [{"station": "near", "frequency": 0.9, "amplitude": 1}]}, "above 0.5 Hz"),
        ({"epicentre": {"latitude": 34.6, "longitude": 98.3}}, r"epicentre\.time"),
        ({"nights_start": "tonight"}, "nights_start"),
        ({"kp": np.nan}, "kp nan"),
        ({"nights_start": "1950-01-01T16:00", "kp": None}, "kp: expected values for all of"),
    ],
)
def test_bad_arguments_are_named(arguments, change: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        geomagnetic_network(**arguments | change)


def test_a_station_twice_and_a_station_on_the_epicentre_are_refused(arguments) -> None:
    twice = [*arguments["stations"], arguments["stations"][0]]
    with pytest.raises(InputError, match="'near' stands twice"):
        geomagnetic_network(**arguments | {"stations": twice})
    on = [{"id": "on", "latitude": 34.59, "longitude": 98.34}]
    with pytest.raises(InputError, match="station 'on': expected a distance above 0 km"):
        geomagnetic_network(**arguments | {"stations": on})


def test_distance_is_the_geodesic_where_none_is_given(arguments) -> None:
    stations = [{k: v for k, v in s.items() if k != "distance"} for s in arguments["stations"]]
    got = geomagnetic_network(**arguments | {"stations": stations}).stations["distance"]
    # The paper prints 175, 374 and 830 km.
    np.testing.assert_allclose(got, [175, 374, 830], rtol=0.005)


def test_parts_of_what_was_not_simulated_are_refused(arguments) -> None:
    network = geomagnetic_network(**arguments)
    with pytest.raises(InputError, match="night 4: expected 0 to 3"):
        night_parts(network, 4)
    other = replace(network, load=network.night)
    for ask in (lambda: night_parts(other, 0), lambda: without_source(other)):
        with pytest.raises(InputError, match="that geomagnetic_network made"):
            ask()
