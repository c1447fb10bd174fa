"""Borehole strain as kinds of trials."""

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
from precursor_lib.evaluate.trials.records.strain import (
    STATIONS,
    observed_strain,
    simulated_strain,
)
from precursor_lib.simulate.guza import guza_record
from precursor_lib.simulate.strain import GAUGES, strain_network

DAYS = (10, 70, 60)


@dataclass(frozen=True)
class DayBefore:
    """Largest change of the hourly difference against that of 25 hours before."""

    block: str | pd.Timedelta

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        rate = record["value"].transpose("station", "time").diff("time")
        change = np.abs(rate - rate.shift(time=25))
        names = list(record["station"].to_numpy())
        return block_scores(change["time"], change, self.block, names)


def learn_day_before(training: Training) -> Scorer:
    return DayBefore(training.block)


@pytest.fixture(scope="module")
def kind() -> Kind:
    return simulated_strain(seed=2, days=DAYS, stations=STATIONS[:2])


@pytest.fixture(scope="module")
def guza() -> xr.Dataset:
    return guza_record(seed=1, start="2009-06-20", end="2009-08-10", variables=GAUGES)


PARTS = {
    "start": "2009-06-25",
    "calibration": "2009-07-05",
    "test": "2009-07-20",
    "end": "2009-08-05",
}


def test_records_are_hourly_means_of_the_areal_strain_of_their_seed(kind: Kind) -> None:
    assert (kind.origin, kind.unit) == ("simulated", "1e-9")
    for role, days in zip(ROLES, DAYS, strict=True):
        assert kind.record(role, 0).sizes == {"time": 24 * days, "station": 2}
    record = kind.record("training", 0)
    again = strain_network(
        seed=record.attrs["seed"],
        stations=STATIONS[:2],
        epicentre={"latitude": 29.59, "longitude": 102.08, "time": "2022-09-05T04:52:18"},
        start="2011-04-01",
        end="2011-04-11",
        step="5min",
    )
    areal = sum(again[gauge].to_numpy() for gauge in GAUGES) / 2
    expected = areal.reshape(-1, 12, 2).mean(axis=1)
    whole = ~np.isnan(expected)
    assert whole.mean() > 0.9
    np.testing.assert_allclose(record["value"].to_numpy()[whole], expected[whole], atol=1e-9)
    pressure = again["pressure"].to_numpy().reshape(-1, 12, 2).mean(axis=(1, 2))
    np.testing.assert_allclose(record["pressure"], pressure)
    assert record["pressure"].dims == ("time",)


def test_parts_of_the_ground_can_be_left_out(kind: Kind) -> None:
    quiet = simulated_strain(
        seed=2, days=DAYS, stations=STATIONS[:2], tides=None, rain=None, pressure=None
    )
    usual, still = (k.record("calibration", 0)["value"] for k in (kind, quiet))
    assert float(still.diff("time").std()) < 0.5 * float(usual.diff("time").std())
    with pytest.raises(InputError, match="rain: unknown setting 'rates'"):
        simulated_strain(rain={"rates": 1.0})


def test_a_seed_gives_one_kind_and_processes_get_its_records(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = simulated_strain(seed=2, days=DAYS, stations=STATIONS[:2])
    packed = pickle.dumps(kind)
    module = "precursor_lib.evaluate.trials.records.strain.strain_network"
    monkeypatch.setattr(module, lambda **_: pytest.fail("made anew"))
    there = pickle.loads(packed)
    for role in ROLES:
        xr.testing.assert_identical(same.record(role, 0), kind.record(role, 0))
        xr.testing.assert_identical(there.record(role, 0), kind.record(role, 0))
    assert len({kind.record(role, 0).attrs["seed"] for role in ROLES}) == 3


def test_large_sources_are_found_in_time_and_small_ones_as_often_as_chance(kind: Kind) -> None:
    tried = replace(kind, amplitudes=(0.01, 2000.0))
    trials = run_trials([(tried, [Method("day before", learn_day_before)])], stations=(1, 2))
    curves = power_curves(trials).set_index(["stations", "amplitude"])
    for stations in (1, 2):
        large, small = curves.loc[(stations, 2000.0)], curves.loc[(stations, 0.01)]
        assert large["found"] == large["sources"] >= 7
        # The steepest flank lies a quarter of a bump's width from its centre.
        assert large["error_h"] < 3.0
        assert small["rate"] <= 0.3


def test_an_observed_record_is_cut_in_time(guza: xr.Dataset) -> None:
    observed = guza.assign_attrs(origin="observed", dataset="guza-gauge")
    kind = observed_strain(observed, **PARTS)
    assert (kind.name, kind.origin, kind.unit) == ("Strain of Guza", "observed", "1e-9")
    assert observed_strain(guza, **PARTS).name == "Strain of Guza (simulated)"
    for role, first, last in (
        ("training", "2009-06-25", "2009-07-04"),
        ("calibration", "2009-07-05", "2009-07-19"),
        ("test", "2009-07-20", "2009-08-04"),
    ):
        record = kind.record(role, 0)
        expected = guza["S1"].sel(time=slice(first, last))
        np.testing.assert_array_equal(record["time"], expected["time"])
        np.testing.assert_array_equal(record["value"], expected)
        assert record.attrs["dataset"] == "guza-gauge"


def test_four_gauges_stand_for_the_areal_strain(guza: xr.Dataset) -> None:
    record = observed_strain(guza, variable="Sa", **PARTS).record("test", 0)
    at = guza.sel(time=record["time"])
    expected = (at["S1"] + at["S2"] + at["S3"] + at["S4"]) / 2
    np.testing.assert_allclose(record["value"], expected)


def test_a_bump_stands_at_its_hours(guza: xr.Dataset) -> None:
    kind = observed_strain(guza, **PARTS)
    calm = kind.record("test", 0)
    start = pd.Timestamp("2009-07-25T08:00")
    events = pd.DataFrame(
        {
            "block": [start.floor("1D")],
            "start": [start],
            "time": [start + kind.duration / 2],
            "end": [start + kind.duration],
            "amplitude": [10.0],
            "seed": [6],
        }
    )
    wave = (kind.add(calm, events)["value"] - calm["value"]).isel(station=0)
    size = np.abs(wave)
    # Hourly samples meet the peak to half an hour.
    assert 10.0 * np.cos(np.pi * 0.5 / 2.5) ** 2 < float(size.max()) <= 10.0
    peak = pd.Timestamp(size["time"].to_numpy()[int(size.to_numpy().argmax())])
    assert abs(peak - events["time"][0]) <= pd.Timedelta("30min")
    assert 2 <= int((size > 1e-9).sum()) <= 8
    assert len(set(np.sign(wave.to_numpy()[size > 1e-9]))) == 1


def test_records_of_another_form_are_refused(guza: xr.Dataset) -> None:
    with pytest.raises(InputError, match="variable S9"):
        observed_strain(guza, variable="S9")
    with pytest.raises(InputError, match="unit 1e-9"):
        observed_strain(guza.assign(S1=guza["S1"].assign_attrs(units="1e-10")))
    with pytest.raises(InputError, match="missing"):
        observed_strain(guza[["S1"]], variable="Sa")
    with pytest.raises(InputError, match="origin"):
        observed_strain(guza.drop_attrs(deep=False), **PARTS)
    with pytest.raises(InputError, match="even step"):
        observed_strain(guza.isel(time=[0, 1, 3]))
    with pytest.raises(InputError, match="values for test"):
        observed_strain(guza)
    with pytest.raises(InputError, match="part of a day"):
        simulated_strain(step="7min")
