"""Strain networks: their parts, their sum and their truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.context.borehole import areal_strain
from precursor_lib.errors import InputError
from precursor_lib.simulate.activity import Phase, SigmoidRate
from precursor_lib.simulate.strain import GAUGES, strain_network
from precursor_lib.simulate.strain_parts import gauge_matrix
from precursor_lib.simulate.strain_taken_apart import strain_parts
from precursor_lib.simulate.tides import tidal_strain
from precursor_lib.simulate.truth import truth_table

STATIONS = [
    {"id": "near", "name": "Near", "latitude": 30.0, "longitude": 102.2, "distance": 50},
    {"id": "far", "latitude": 27.9, "longitude": 102.2, "distance": 200, "azimuth": 51, "k": 0.96},
]
PLACE = {"stations": STATIONS, "epicentre": {"latitude": 30.3, "longitude": 103.0,
                                             "time": "2013-04-20T00:02"}}  # fmt: skip
PARTS = ("tides", "drift", "annual", "pressure", "rain", "steps", "spikes", "gaps", "noise")
NOTHING = dict.fromkeys(PARTS)
EXACT = {"noise": {"resolution": 0.0}, "gaps": None}
SOURCE = {"base": 2.0, "phases": []}


def simulate(seed=3, start="2013-03-01", end="2013-03-31", **changes):
    return strain_network(seed=seed, start=start, end=end, **{**PLACE, "step": "10min", **changes})


def gauges(data, station=0):
    return np.stack([data[g].values[:, station] for g in GAUGES])


def areal(data, station=0):
    return gauges(data, station).sum(axis=0) / 2


def test_form():
    data = simulate(step="1min", end="2013-03-08", source={})
    assert data.sizes == {"time": 7 * 1440, "station": 2}
    assert list(data) == [*GAUGES, "pressure", "rain", "temperature"]
    assert all(data[g].dims == ("time", "station") for g in data)
    assert [data[v].attrs["units"] for v in data] == ["1e-9"] * 4 + ["hPa", "mm", "degC"]
    assert data["time"].dtype == "datetime64[ns]"
    assert (np.diff(data["time"].values) == np.timedelta64(1, "m")).all()
    assert data["time"].values[0] == np.datetime64("2013-03-01")
    assert data["name"].values.tolist() == ["Near", ""]
    assert data["distance"].values.tolist() == [50.0, 200.0]
    assert data["k"].values[1] == 0.96
    assert 0.95 <= data["k"].values[0] <= 1.0
    assert data.attrs["origin"] == "simulated"
    assert data.attrs["seed"] == 3
    assert data.attrs["settings"]["source"]["amplitude"] == 10.0


def test_a_seed_gives_one_record():
    assert simulate(source={}).identical(simulate(source={}))
    assert not np.array_equal(simulate()["S1"], simulate(seed=4)["S1"])


def test_the_parts_add_up():
    """The record is the sum of records with one part each."""
    long = {"start": "2012-05-01", "end": "2012-11-01", "step": "1h", "source": SOURCE}
    whole = simulate(**long, **EXACT)
    total = np.zeros_like(gauges(whole))
    for name in PARTS:
        if name != "gaps":
            only = {**NOTHING, name: EXACT.get(name, {})}
            total += gauges(simulate(**{**long, "source": None, **only}))
    total += gauges(simulate(**long, **NOTHING))
    np.testing.assert_allclose(gauges(whole), total, atol=1e-6)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_left_out_changes_no_other(name):
    """What is missing is the part alone: rows of other kinds and other variables stay."""
    kinds = {"rain": "rain", "steps": "step", "spikes": "spike", "gaps": "gap"}
    busy = {"steps": {"rate": 60.0}, "gaps": {"rate": 0.1, "duration": (600.0, 7200.0)}}
    whole = simulate(**busy, source=SOURCE)
    part = simulate(**{**busy, name: None}, source=SOURCE)
    there, left = truth_table(whole), truth_table(part)
    kept = there[there["kind"] != kinds.get(name, "")].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, left[list(kept)], check_dtype=False)
    for variable, owner in (("pressure", "pressure"), ("rain", "rain"), ("temperature", "annual")):
        if owner == name:
            assert np.ptp(part[variable].values) == 0.0
        else:
            assert np.array_equal(whole[variable], part[variable])


def test_a_station_left_out_changes_no_other():
    both, alone = simulate(source=SOURCE), simulate(source=SOURCE, stations=STATIONS[1:])
    for name in both:
        assert np.array_equal(both[name].values[:, 1], alone[name].values[:, 0], equal_nan=True)


def test_without_a_source_only_its_shots_are_missing():
    with_source, without = simulate(source=SOURCE, **EXACT), simulate(**EXACT)
    shots = gauges(simulate(source=SOURCE, **NOTHING))
    np.testing.assert_allclose(gauges(with_source) - gauges(without), shots, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    k=st.floats(0.9, 1.1),
    azimuth=st.floats(-360, 360),
    seed=st.integers(0, 2**32),
    source=st.sampled_from([None, SOURCE]),
)
def test_the_two_pairs_agree(k, azimuth, seed, source):
    """S1 + S3 = k (S2 + S4) for all that moves the ground."""
    one = [{**STATIONS[0], "k": k, "azimuth": azimuth}]
    data = simulate(
        seed=seed,
        stations=one,
        end="2013-03-04",
        steps={"rate": 300, "gauge": 0},
        spikes=None,
        noise=None,
        gaps=None,
        source=source,
    )
    s = gauges(data)
    np.testing.assert_allclose(s[0] + s[2], k * (s[1] + s[3]), rtol=1e-9, atol=1e-9)
    assert np.isfinite(s).all()


def test_gauge_matrix_of_a_pure_stretch():
    """A stretch along north is seen in full by a gauge along it, not by one across it."""
    north = np.array([1.0, 1.0, 0.0])  # e_N = 1, e_E = 0
    np.testing.assert_allclose(gauge_matrix(0.0, 1.0) @ north, [1, 0.5, 0, 0.5], atol=1e-12)
    np.testing.assert_allclose(gauge_matrix(90.0, 1.0) @ north, [0, 0.5, 1, 0.5], atol=1e-12)
    east_of_north = gauge_matrix(45.0, 1.0) @ np.array([0.0, 0.0, 1.0])  # e_NE = 1/2
    np.testing.assert_allclose(east_of_north, [0.5, 0, -0.5, 0], atol=1e-12)
    # A stretch along north-east is gauge 2's, 45 degrees clockwise from north.
    north_east = gauge_matrix(0.0, 1.0) @ np.array([1.0, 0.0, 1.0])
    np.testing.assert_allclose(north_east, [0.5, 1, 0.5, 0], atol=1e-12)


def test_tides_are_those_of_the_place():
    data = simulate(**{**NOTHING, "tides": {"factor": 0.5, "constituents": ["M2", "O1"]}})
    ground = tidal_strain(data["time"].values, 27.9, 102.2, ["M2", "O1"])
    np.testing.assert_allclose(gauges(data, 1), 0.5 * gauge_matrix(51.0, 0.96) @ ground, atol=1e-9)


def test_drift_in_closed_form():
    """Without scatter the areal strain is a line and the cement's exponential."""
    drift = {"rate": -730.5, "cement": -1000, "time_constant": 10, "age": 5, "scatter": 0}
    one = [{**STATIONS[0], "k": 1.0}]
    data = simulate(**{**NOTHING, "drift": drift}, stations=one)
    t = np.arange(data.sizes["time"]) / 144
    expected = -2.0 * t - 1000 * (np.exp(-0.5) - np.exp(-(t + 5) / 10))
    np.testing.assert_allclose(areal(data), expected, atol=1e-8)


def test_pressure_and_its_strain():
    one = [{**STATIONS[0], "k": 1.0}]
    data = simulate(**{**NOTHING, "pressure": {"admittance": -3.0}}, stations=one)
    around = data["pressure"].values[:, 0] - 850.0
    np.testing.assert_allclose(areal(data), -3.0 * around, atol=1e-9)
    assert np.ptp(gauges(data), axis=0).max() == pytest.approx(0.0, abs=1e-9)


def test_tides_of_the_atmosphere():
    """A steady wave of one and of two cycles a day, of the size and at the hours that are set."""
    waves = {"rms": 0.0, "winter": 0.0, "diurnal": 2.0, "semidiurnal": 1.0}
    data = simulate(**{**NOTHING, "pressure": waves}, end="2013-03-11", step="1min")
    p = data["pressure"].values[:, 0] - 850.0
    spectrum = np.fft.rfft(p) / p.size * 2
    fall = np.cos(np.radians(30.0)) ** 3
    assert abs(spectrum[10]) == pytest.approx(2.0 * fall)
    assert abs(spectrum[20]) == pytest.approx(fall)
    local = np.arange(p.size) / 60 + 102.2 / 15
    expected = 2 * np.cos(np.pi / 12 * (local - 6)) + np.cos(np.pi / 6 * (local - 9.7))
    np.testing.assert_allclose(p, fall * expected, atol=1e-9)


def test_pressure_is_red_and_shared():
    stations = [{**STATIONS[0], "id": f"s{i}"} for i in range(4)]
    quiet = {"winter": 0, "diurnal": 0, "semidiurnal": 0, "rms": 3.0, "coherent": 0.8}
    data = simulate(
        **{**NOTHING, "pressure": quiet},
        stations=stations,
        start="2010-01-01",
        end="2013-01-01",
        step="6h",
    )
    p = data["pressure"].values
    f = np.fft.rfftfreq(p.shape[0], 0.25)
    power = np.abs(np.fft.rfft(p - p.mean(axis=0), axis=0)) ** 2
    band = (f >= 0.1) & (f <= 1.0)
    variance = 2 * power[band].sum(axis=0) / p.shape[0] ** 2
    assert np.sqrt(variance.mean()) == pytest.approx(3.0, rel=0.06)
    slope = np.polyfit(np.log(f[band]), np.log(power[band].mean(axis=1)), 1)[0]
    assert slope == pytest.approx(-2.8, abs=0.15)
    assert np.corrcoef(p.T)[np.triu_indices(4, 1)].mean() == pytest.approx(0.8, abs=0.08)


def test_rain_is_kept_and_drains():
    one = [{**STATIONS[0], "k": 1.0}]
    rain = {"rate": 0.1, "season": 0.0, "reach": 1.0, "coefficient": -2.0, "decay": 3.0}
    data = simulate(**{**NOTHING, "rain": rain}, stations=one, seed=2)
    storms = truth_table(data, "rain")
    fallen, times = data["rain"].values[:, 0], data["time"].values
    inside = storms[(storms["time"] > times[0]) & (storms["end"] < times[-1])]
    assert len(inside) >= 2
    for storm in inside.itertuples():
        wet = (times >= storm.time) & (times <= storm.end + pd.Timedelta("10min"))
        assert fallen[wet].sum() >= storm.amplitude - 1e-9
    assert fallen.sum() == pytest.approx(storms["amplitude"].sum(), rel=1e-6)
    step = 600.0 / 86400.0
    load = np.zeros(fallen.size)
    for i, amount in enumerate(fallen):
        load[i] = (load[i - 1] if i else 0.0) * np.exp(-step / 3.0) + amount
    np.testing.assert_allclose(areal(data), -2.0 * load, atol=1e-9)
    assert np.ptp(gauges(data), axis=0).max() == pytest.approx(0.0, abs=1e-9)


def test_rain_follows_the_year():
    """With a full season, the wettest half-year has 1/2 + 1/pi of the storms."""
    data = simulate(
        **{**NOTHING, "rain": {"rate": 2.0, "season": 1.0, "reach": 1.0}},
        stations=STATIONS[:1],
        start="2000-01-01",
        end="2008-01-01",
        step="12h",
    )
    day = truth_table(data, "rain")["time"].dt.day_of_year
    wet = ((day - 200).abs() < 365.25 / 4).mean()
    assert wet == pytest.approx(0.5 + 1 / np.pi, abs=0.02)
    assert len(day) == pytest.approx(2.0 * 8 * 365.25, rel=0.05)


def test_steps_and_their_truth():
    one = [{**STATIONS[0], "k": 1.0}]
    data = simulate(**{**NOTHING, "steps": {"rate": 100.0}}, stations=one)
    steps = truth_table(data, "step")
    assert {0} < set(steps["gauge"]) <= {0, 1, 2, 3, 4}
    s, times = gauges(data), data["time"].values
    for step in steps.itertuples():
        after = int(np.searchsorted(times, step.time.to_datetime64()))
        if after == 0 or after == times.size:
            continue
        others = (times[after - 1] < steps["time"]) & (steps["time"] <= times[after])
        if others.sum() > 1:
            continue
        jump = s[:, after] - s[:, after - 1]
        if step.gauge:
            expected = np.zeros(4)
            expected[step.gauge - 1] = step.amplitude
            np.testing.assert_allclose(jump, expected, atol=1e-9)
        else:
            assert jump.sum() / 2 == pytest.approx(step.amplitude)
            assert jump[0] + jump[2] == pytest.approx(jump[1] + jump[3])


def test_spikes_and_gaps_stand_where_the_truth_says():
    chosen = {"spikes": {"rate": 1.0}, "gaps": {"rate": 0.3, "duration": (3600.0, 20000.0)}}
    data = simulate(**{**NOTHING, **chosen}, step="1min")
    truth = truth_table(data)
    times = data["time"].values
    minute = np.timedelta64(1, "m")
    for index, station in enumerate(("near", "far")):
        rows = truth[truth["station"] == station]
        missing = np.isnan(gauges(data, index))
        assert (missing == missing[0]).all()
        expected = np.zeros(times.size, dtype=bool)
        for gap in rows[rows["kind"] == "gap"].itertuples():
            expected |= (times >= gap.time) & (times < gap.end)
        assert expected.any()
        assert np.array_equal(missing[0], expected)
        marked = np.zeros((4, times.size), dtype=bool)
        for spike in rows[rows["kind"] == "spike"].itertuples():
            marked[spike.gauge - 1] |= (times >= spike.time) & (times < spike.end + minute)
        moved = np.nan_to_num(gauges(data, index)) != 0.0
        assert moved.any()
        assert (moved <= marked).all()
        sentence = f"station {station}: {expected.sum()} of {times.size} samples missing"
        assert any(sentence in text for text in data.attrs["report"])


def test_noise_of_a_gauge():
    noise = {"white": 0.5, "walk": 0.0, "resolution": 0.0}
    white = gauges(simulate(**{**NOTHING, "noise": noise}))
    assert white.std() == pytest.approx(0.5, rel=0.03)
    assert np.abs(np.corrcoef(white)[np.triu_indices(4, 1)]).max() < 0.1
    walk = {"white": 0.0, "walk": 6.0, "resolution": 0.0}
    steps = np.diff(gauges(simulate(**{**NOTHING, "noise": walk})), axis=1)
    assert steps.std() == pytest.approx(6.0 / 12, rel=0.03)  # 144 samples a day
    coarse = gauges(simulate(**{**NOTHING, "noise": {"resolution": 0.25}}))
    assert np.abs(coarse * 4 - np.round(coarse * 4)).max() < 1e-9


def test_a_shot_has_the_size_and_the_place_that_the_truth_says():
    stations = [{**s, "k": 1.0} for s in STATIONS]
    source = {"base": 0.4, "phases": [], "amplitude": 8.0, "exponent": 1.5, "scatter": 0.3}
    data = simulate(**NOTHING, source=source, stations=stations, step="1min")
    shots = truth_table(data, "source")
    times = data["time"].values
    assert len(shots) >= 6
    near, far = (shots[shots["station"] == s].set_index("event") for s in ("near", "far"))
    ratio = far["amplitude"] / near["amplitude"]
    np.testing.assert_allclose(ratio, 4.0**-1.5)
    median = np.exp(np.log(near["amplitude"].abs()).mean())
    assert median == pytest.approx(8.0 * 2.0**1.5, rel=0.5)
    for index, rows in enumerate((near, far)):
        total = areal(data, index)
        for shot in rows.itertuples():
            alone = (rows["time"] < shot.end) & (rows["end"] > shot.time)
            if alone.sum() > 1 or shot.time < times[0] or shot.end > times[-1]:
                continue
            inside = (times >= shot.time) & (times <= shot.end)
            edges = total[inside][[0, -1]] / shot.amplitude
            # A bump of half an hour rises by 0.05 in a minute there.
            np.testing.assert_allclose(edges, 0.1, atol=0.06)
            peak = total[inside] / shot.amplitude
            assert peak.max() == pytest.approx(1.0, abs=1e-2)
            assert (shot.end - shot.time).total_seconds() == pytest.approx(shot.duration, abs=0.01)


PHASES = [{"number": 12, "centre": -30, "width": 4}]


@pytest.mark.parametrize("control", [None, {"kind": "poisson"}, {"kind": "clustered", "size": 3}])
def test_the_mean_count_is_the_expected_curve(control):
    """Means over 150 seeds against the line plus sigmoid, or the line of a control."""
    runs = 150
    source = {"base": 0.1, "phases": PHASES}
    days = np.arange(1, 62)
    counts = np.zeros((runs, days.size))
    for seed in range(runs):
        data = simulate(
            seed=seed,
            **NOTHING,
            source=source,
            control=control,
            start="2013-03-01",
            end="2013-05-01",
            step="12h",
            stations=STATIONS[:1],
        )
        shots = truth_table(data, "source")
        middle = shots["time"] + (shots["end"] - shots["time"]) / 2
        at = (middle - pd.Timestamp("2013-03-01")) / pd.Timedelta("1D")
        counts[seed] = np.searchsorted(np.sort(at), days)
    expected = np.asarray(data.attrs["expected_packets"])
    start = (pd.Timestamp("2013-03-01") - pd.Timestamp("2013-04-20T00:02")) / pd.Timedelta("1D")
    own = SigmoidRate(0.1, (Phase(12, -30, 4),))
    if control is None:
        np.testing.assert_allclose(expected, own.expected(start + days, since=start))
        assert np.ptp(np.diff(expected)) > 0.5
    else:
        np.testing.assert_allclose(expected, own.expected(start + 61, since=start) * days / 61)
    error = counts.std(axis=0) / np.sqrt(runs) + 0.01
    assert (np.abs(counts.mean(axis=0) - expected) < 4.5 * error).all()
    dispersion = counts[:, -1].var() / counts[:, -1].mean()
    if control and control["kind"] == "clustered":
        assert dispersion > 2.0
    else:
        assert dispersion == pytest.approx(1.0, abs=0.5)


def test_another_step_takes_the_same_moments_of_the_tide():
    fine = simulate(**{**NOTHING, "tides": {}}, step="1min")
    coarse = simulate(**{**NOTHING, "tides": {}}, step="1h")
    np.testing.assert_allclose(fine["S2"].values[::60], coarse["S2"].values, atol=1e-9)


def test_truth_table():
    data = simulate(source=SOURCE)
    truth = truth_table(data)
    assert list(truth)[:5] == ["kind", "station", "time", "end", "amplitude"]
    assert truth["time"].is_monotonic_increasing
    assert (truth["end"] >= truth["time"]).all()
    assert truth_table(data, "source")["kind"].eq("source").all()
    assert truth_table(data, "source")["event"].nunique() * 2 == len(truth_table(data, "source"))
    empty = truth_table(simulate(**NOTHING))
    assert list(empty) == ["kind", "station", "time", "end", "amplitude"]
    assert empty.empty
    with pytest.raises(InputError, match="unknown kind 'sorce'; the nearest is 'source'"):
        truth_table(data, "sorce")
    del data.attrs["truth"]
    with pytest.raises(InputError, match="expected a simulated one"):
        truth_table(data)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": -1}, "seed -1"),
        ({"seed": True}, "seed True"),
        ({"start": "2013-04-01"}, "end 2013-03-31: expected two samples or more"),
        ({"start": "spring"}, "start 'spring'"),
        ({"step": "1 parsec"}, "step '1 parsec'"),
        ({"step": "2D"}, "step '2D': expected whole seconds, 1 s to 12 h"),
        ({"step": "1500ms"}, "expected whole seconds"),
        ({"stations": []}, "stations: expected at least one"),
        ({"stations": [STATIONS[0], STATIONS[0]]}, "'near' stands twice"),
        ({"stations": [{**STATIONS[0], "k": 0.0}]}, r"stations\[0\]\.k"),
        ({"stations": [{**STATIONS[0], "azimut": 3}]}, "the nearest is 'azimuth'"),
        ({"tides": {"constituents": ["M2", "Q1"]}}, r"tides\.constituents: unknown"),
        ({"tides": {"factor": -1}}, r"tides\.factor"),
        ({"drift": {"time_constant": 0}}, r"drift\.time_constant"),
        ({"annual": {"amplitude": float("nan")}}, r"annual\.amplitude"),
        ({"pressure": {"coherent": 2}}, r"pressure\.coherent"),
        ({"rain": {"duration": (7200, 3600)}}, r"rain\.duration"),
        ({"steps": {"gauge": -0.1}}, r"steps\.gauge"),
        ({"spikes": {"rte": 1}}, "spikes: unknown setting 'rte'; the nearest is 'rate'"),
        ({"gaps": {"rate": -1}}, r"gaps\.rate"),
        ({"noise": 3}, "noise: expected a mapping"),
        ({"source": {"amplitude": -2}}, r"source\.amplitude"),
        ({"control": {"kind": "poisson"}}, "control: expected a source"),
        ({"source": {}, "control": {"kind": "kp"}}, r"control\.kind 'kp'"),
        ({"source": {}, "stations": [{**STATIONS[0], "distance": 0}]}, r"distance"),
        ({"epicentre": {"latitude": 30.0, "longitude": 103.0, "time": "x"}}, r"epicentre\.time"),
    ],
)
def test_bad_settings_are_named(changes, words):
    with pytest.raises(InputError, match=words):
        simulate(**changes)


def test_a_record_is_taken_apart():
    """The parts, made again from what the record says of itself, add up to it."""
    busy = {"rain": {"rate": 1.0}, "gaps": {"rate": 0.2}}
    data = simulate(source=SOURCE, control={"kind": "clustered"}, **busy)
    separate = strain_parts(data)
    assert set(separate) == {*PARTS, "source"} - {"gaps"}
    total = sum(separate.values())
    whole = areal_strain(data)
    missing = np.isnan(whole)
    assert missing.any()
    # Four gauges, each rounded to 0.01.
    assert float(np.abs(whole - total).max()) <= 0.01 + 1e-9
    without = strain_parts(simulate(rain=None, noise=None))
    assert not without["source"].any()
    assert not without["rain"].any()
    assert not without["noise"].any()
    with pytest.raises(InputError, match="expected a record of strain_network"):
        strain_parts(data[["pressure"]])
