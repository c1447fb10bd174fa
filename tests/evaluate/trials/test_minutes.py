"""One-minute fields as kinds of trials."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import (
    ROLES,
    Kind,
    Method,
    Scorer,
    Training,
    block_scores,
    power_curves,
    run_trials,
)
from precursor_lib.evaluate.trials.records.minutes import (
    STATIONS,
    observed_minutes,
    simulated_minutes,
)
from precursor_lib.simulate.minute_network import minute_network
from precursor_lib.simulate.minutes import station_minutes
from precursor_lib.simulate.space_weather import real_kp, real_rc

DAYS = (8, 70, 40)


@dataclass(frozen=True)
class Curvature:
    """Largest departure from the mean of the values some samples before and after."""

    lag: int
    block: str | pd.Timedelta

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        value = record["value"].transpose("station", "time")
        around = (value.shift(time=self.lag) + value.shift(time=-self.lag)) / 2
        names = list(record["station"].to_numpy())
        return block_scores(record["time"], np.abs(value - around), self.block, names)


def learn_curvature(training: Training) -> Scorer:
    return Curvature(2, training.block)


@pytest.fixture(scope="module")
def kind() -> Kind:
    return simulated_minutes(seed=3, days=DAYS, stations=STATIONS[:2])


@pytest.fixture(scope="module")
def esk() -> xr.Dataset:
    return station_minutes(
        seed=1, start="2003-03-25", end="2003-04-14", station="ESK", latitude=55.3, longitude=-3.2
    )


def test_records_are_means_of_the_network_of_their_seed(kind: Kind) -> None:
    assert (kind.origin, kind.unit) == ("simulated", "nT")
    seeds = set()
    for role, days in zip(ROLES, DAYS, strict=True):
        record = kind.record(role, 0)
        assert record.sizes == {"time": 144 * days, "station": 2}
        seeds.add(record.attrs["seed"])
    assert len(seeds) == 3
    first = kind.record("training", 0)
    again = minute_network(
        seed=first.attrs["seed"],
        stations=STATIONS[:2],
        epicentre={"latitude": 30.3, "longitude": 103.0, "time": "2013-04-20T00:02"},
        start="2011-04-01",
        end="2011-04-09",
    )
    expected = again["Z"].to_numpy().reshape(-1, 10, 2).mean(axis=1)
    whole = ~np.isnan(expected)
    assert whole.mean() > 0.9
    np.testing.assert_allclose(first["value"].to_numpy()[whole], expected[whole], rtol=1e-12)


def test_the_indices_are_those_of_the_days(kind: Kind) -> None:
    record = kind.record("test", 0)
    for name, index in (("Kp", real_kp()), ("Dst", real_rc())):
        expected = [index.asof(t) for t in pd.DatetimeIndex(record["time"])[::37]]
        np.testing.assert_array_equal(record[name][::37], expected)


def test_a_seed_gives_one_kind_and_another_gives_another(kind: Kind) -> None:
    same = simulated_minutes(seed=3, days=DAYS, stations=STATIONS[:2])
    xr.testing.assert_identical(same.record("test", 0), kind.record("test", 0))
    other = simulated_minutes(seed=4, days=(2, 2, 2), stations=STATIONS[:2]).record("training", 0)
    first = kind.record("training", 0).isel(time=slice(288))
    assert float(np.abs(other["value"] - first["value"]).mean()) > 0.1


def test_processes_get_the_records_with_the_kind(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pickle.dumps(kind)
    assert len(packed) < 3e6
    module = "precursor_lib.evaluate.trials.records.minutes.minute_network"
    monkeypatch.setattr(module, lambda **_: pytest.fail("made anew"))
    there = pickle.loads(packed)
    for role in ROLES:
        xr.testing.assert_identical(there.record(role, 0), kind.record(role, 0))


def test_a_given_activity_drives_the_field() -> None:
    times = pd.date_range("2011-03-25", "2013-04-20", freq="3h")
    spread = {}
    for level in (0.0, 7.0):
        kp = pd.Series(level, times)
        kind = simulated_minutes(days=(3, 2, 2), stations=STATIONS[:1], kp=kp, storms=None)
        record = kind.record("training", 0)
        assert (record["Kp"] == level).all()
        spread[level] = float(record["value"].diff("time").std())
    assert spread[7.0] > 3 * spread[0.0]
    with pytest.raises(InputError, match="kp"):
        simulated_minutes(days=(3, 2, 2), kp=pd.Series(0.0, times[:200]))


def test_large_sources_are_found_in_time_and_small_ones_as_often_as_chance(kind: Kind) -> None:
    tried = replace(kind, amplitudes=(0.001, 300.0))
    trials = run_trials([(tried, [Method("curvature", learn_curvature)])], stations=(1, 2))
    curves = power_curves(trials).set_index(["stations", "amplitude"])
    for stations in (1, 2):
        large, small = curves.loc[(stations, 300.0)], curves.loc[(stations, 0.001)]
        assert large["found"] == large["sources"] == 5
        # Within a period of the carrier, for a packet of a few.
        assert large["error_h"] < 1.5
        assert small["rate"] <= 0.4


def test_an_observed_record_is_cut_in_time(esk: xr.Dataset) -> None:
    esk = esk.assign_attrs(origin="observed", dataset="esk")
    kind = observed_minutes(esk, calibration="2003-04-01", test="2003-04-06")
    assert (kind.name, kind.origin, kind.unit) == ("Field of ESK", "observed", "nT")
    for role, first, days in (
        ("training", "2003-03-25", 7),
        ("calibration", "2003-04-01", 5),
        ("test", "2003-04-06", 8),
    ):
        record = kind.record(role, 0)
        times = pd.DatetimeIndex(record["time"])
        assert times[0] == pd.Timestamp(f"{first}T00:04:30")
        assert times.size == 144 * days
        assert record.attrs["dataset"] == "esk"
        hour = slice(6 * 17, 6 * 18)
        expected = esk["Z"].sel(time=slice(f"{first}T17:00", f"{first}T17:59")).mean()
        assert float(record["value"][hour].mean()) == pytest.approx(float(expected))
        assert np.isfinite(record["Kp"]).all()
        assert np.isfinite(record["Dst"]).all()


def test_a_stand_in_says_that_it_is_simulated(esk: xr.Dataset) -> None:
    kind = observed_minutes(esk, calibration="2003-04-01", test="2003-04-06")
    assert (kind.name, kind.origin) == ("Field of ESK (simulated)", "simulated")
    finer = observed_minutes(esk, calibration="2003-04-01", test="2003-04-06", step="5min")
    assert finer.record("test", 0).sizes["time"] == 2 * kind.record("test", 0).sizes["time"]


def test_records_of_another_form_are_refused(esk: xr.Dataset) -> None:
    with pytest.raises(InputError, match="variable Z in nT"):
        observed_minutes(esk.rename(Z="H"))
    with pytest.raises(InputError, match="variable Z in nT"):
        observed_minutes(esk.assign(Z=esk["Z"].assign_attrs(units="1e-9")))
    with pytest.raises(InputError, match="origin"):
        observed_minutes(esk.drop_attrs(deep=False), calibration="2003-04-01", test="2003-04-06")
    with pytest.raises(InputError, match="variable Z in nT"):
        observed_minutes(esk.drop_attrs())
    with pytest.raises(InputError, match="even step"):
        observed_minutes(esk.isel(time=[0, 1, 4, 5]))
    with pytest.raises(InputError, match="values for test"):
        observed_minutes(esk, calibration="2003-04-01", test="2003-08-01")
    with pytest.raises(InputError, match="part of a day"):
        simulated_minutes(step="7min")
    with pytest.raises(InputError, match="amplitudes"):
        simulated_minutes(days=(2, 2, 2), amplitudes=(2.0, 1.0))
