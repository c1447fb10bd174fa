"""Simulated TEC: each part against its definition, and the truth against the record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.context.ionosphere import iri_tec
from precursor_lib.errors import InputError
from precursor_lib.simulate.space_weather import real_activity, real_kp, real_rc
from precursor_lib.simulate.tec import tec_network

STATIONS = [
    {"id": "A", "name": "North", "latitude": 44.2, "longitude": 86.1},
    {"id": "B", "name": "South", "latitude": 41.7, "longitude": 86.1},
]
PLACE = {"latitude": 43.83, "longitude": 86.35, "time": "2016-12-08T05:15"}
QUIET = dict.fromkeys(("variability", "storms", "travelling", "receiver", "gaps"))


def simulate(**changes):
    given_ = {
        "seed": 3,
        "stations": STATIONS,
        "start": "2016-11-20",
        "end": "2016-12-10",
        "step": "1h",
        "epicentre": PLACE,
    }
    return tec_network(**{**given_, **changes})


def truth(data, kind):
    return pd.DataFrame([row for row in data.attrs["truth"] if row["kind"] == kind])


def test_shape_units_and_indices():
    data = simulate(step="15min")
    assert data["VTEC"].dims == ("time", "station")
    assert data.sizes == {"time": 20 * 96, "station": 2}
    assert data["VTEC"].attrs["units"] == "TECU"
    assert data.attrs["origin"] == "simulated"
    lines = [geodesic_distance_km(43.83, 86.35, s["latitude"], s["longitude"]) for s in STATIONS]
    np.testing.assert_allclose(data["distance"], lines)
    moment = pd.Timestamp("2016-11-25 10:45")
    row = data.sel(time=moment)
    assert float(row["Kp"]) == real_kp()[moment.floor("3h")]
    assert float(row["Dst"]) == real_rc()[moment.floor("1h")]
    assert float(row["F107"]) == float(real_activity()["F107"].sel(day="2016-11-25"))


def test_without_disturbances_it_is_the_climate():
    data = simulate(**QUIET, climate={"scale": 2.0, "level": 1.5})
    flux = real_activity()["F107"].to_series()
    driver = (flux + flux.rolling(81, center=True).mean()) / 2
    times = data["time"].values
    expected = 1.5 + 2.0 * iri_tec(
        data["latitude"].values,
        data["longitude"].values,
        times,
        driver.reindex(pd.DatetimeIndex(times).normalize()).to_numpy(),
    )
    np.testing.assert_allclose(data["VTEC"].values, expected, atol=0.0051)


def test_a_seed_gives_one_record_and_parts_do_not_touch_each_other():
    assert simulate().equals(simulate())
    assert not np.array_equal(simulate()["VTEC"], simulate(seed=4)["VTEC"])
    one = {**QUIET, "variability": {}}
    both = {**one, "travelling": {}}
    ratio = np.log(simulate(**both)["VTEC"].values / simulate(**one)["VTEC"].values)
    alone = {**QUIET, "travelling": {}}
    expected = np.log(simulate(**alone)["VTEC"].values / simulate(**QUIET)["VTEC"].values)
    np.testing.assert_allclose(ratio, expected, atol=0.01)


def test_the_variability_has_the_stated_size_memory_and_reach():
    long = {"start": "2010-01-01", "end": "2014-01-01", "climate": {"scale": 0.0, "level": 1000.0}}
    part = {"slow": 0.0, "fast": 0.1, "fast_hours": 6.0, "reach": 500.0}
    values = np.log(simulate(**{**QUIET, "variability": part}, **long)["VTEC"].values / 1000.0)
    assert values.std() == pytest.approx(0.1, rel=0.03)
    series = pd.Series(values[:, 0])
    assert series.autocorr(6) == pytest.approx(np.exp(-1), abs=0.03)
    away = geodesic_distance_km(44.2, 86.1, 41.7, 86.1)
    assert np.corrcoef(values.T)[0, 1] == pytest.approx(np.exp(-away / 500), abs=0.03)


def test_a_storm_raises_then_lowers():
    storm = {"start": "2015-03-14", "end": "2015-03-22"}  # Dst below -200 nT on 17 March
    with_storm = simulate(**{**QUIET, "storms": {}}, **storm)["VTEC"][:, 0].to_series()
    change = np.log(with_storm / simulate(**QUIET, **storm)["VTEC"][:, 0].to_series())
    assert change["2015-03-14":"2015-03-16"].abs().max() < 0.06
    assert change["2015-03-17 06:00":"2015-03-17 12:00"].max() > 0.05
    assert change["2015-03-18 06:00":"2015-03-19"].max() < -0.3


@settings(max_examples=15)
@given(st.floats(-8, 8).filter(lambda x: abs(x) > 0.5), st.integers(2, 30), st.floats(50, 2000))
def test_an_anomaly_is_what_the_truth_says(size, hours, radius):
    placed = [{"time": "2016-12-01T06:00", "hours": hours, "size": size, "radius": radius}]
    plain = {**QUIET, "climate": {"scale": 0.0, "level": 50.0}}
    data = simulate(**plain, anomalies=placed)
    found = truth(data, "anomaly").set_index("station")
    change = data["VTEC"].to_pandas() - 50.0
    begin, end = (
        pd.Timestamp("2016-12-01 06:00"),
        pd.Timestamp("2016-12-01 06:00") + pd.Timedelta(hours=hours),
    )
    middle = begin + (end - begin) / 2
    for name, away in zip("AB", data["distance"].values, strict=True):
        peak = size * np.exp(-((away / radius) ** 2))
        assert found.loc[name, "amplitude"] == pytest.approx(peak)
        assert change[name].abs().max() <= abs(peak) + 0.01
        if middle in change.index:
            assert change[name][middle] == pytest.approx(peak, abs=0.0051)
    outside = (change.index <= begin) | (change.index >= end)
    assert (change[outside].abs() < 0.0051).all(axis=None)


def test_outliers_and_gaps_stand_where_the_truth_says():
    plain = {**QUIET, "receiver": {"bias": 0.0, "noise": 0.0, "outliers": 400.0}}
    plain["gaps"] = {"rate": 100.0}
    data = simulate(**plain, climate={"scale": 0.0, "level": 100.0})
    values = data["VTEC"].to_pandas()
    missing = pd.DataFrame(False, values.index, values.columns)
    for row in truth(data, "gap").itertuples():
        missing.loc[row.time : row.end, row.station] = True
    assert missing.any(axis=None)
    assert (values.isna() == missing).all(axis=None)
    off = truth(data, "outlier")
    assert len(off) > 5
    for row in off.itertuples():
        if not missing.loc[row.time, row.station]:
            assert values.loc[row.time, row.station] == pytest.approx(100 + row.amplitude, abs=0.01)
    assert ((values - 100).abs() > 1).sum().sum() <= len(off)


def test_travelling_waves_pass_at_their_speed():
    wave = {"rate": 0.2, "period": [60, 60], "speed": [150, 150], "scatter": 0.0, "size": 0.05}
    flat = {"climate": {"scale": 0.0, "level": 100.0}}
    data = simulate(**{**QUIET, "travelling": wave}, **flat, step="1min", seed=11)
    change = np.log(data["VTEC"].values / 100.0)
    assert 0.01 < np.abs(change).max() <= 0.05 + 1e-3
    packet = truth(data, "travelling").iloc[0]
    part = (
        data["time"]
        .to_index()
        .slice_indexer(
            pd.Timestamp(packet.time) - pd.Timedelta("3h"),
            pd.Timestamp(packet.end) + pd.Timedelta("3h"),
        )
    )
    a, b = change[part].T
    lags = np.arange(-60, 61)
    likeness = [np.corrcoef(a[100:-100], np.roll(b, k)[100:-100])[0, 1] for k in lags]
    delay = abs(lags[int(np.argmax(likeness))])
    # 278 km at 150 m/s take 31 minutes along the path, less where the wave comes from the side.
    assert max(likeness) > 0.95
    assert delay <= 32


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": "7min"}, "divides an hour"),
        ({"step": "quarter"}, "expected an interval"),
        ({"start": "2016-12-10"}, "after start"),
        ({"stations": []}, "at least one"),
        ({"stations": [STATIONS[0]] * 2}, "stands twice"),
        ({"storms": {"gian": 1}}, "storms.*gain"),
        ({"anomalies": [{"time": "2016-12-09T20:00", "hours": 9, "size": 1}]}, "not within"),
        (
            {"anomalies": [{"time": "2016-12-01", "hours": 9, "size": 1}], "epicentre": None},
            "place",
        ),
        ({"start": "2031-01-01", "end": "2031-01-03"}, "Kp: no value"),
    ],
)
def test_bad_settings_are_named(changes, words):
    with pytest.raises(InputError, match=words):
        simulate(**changes)
