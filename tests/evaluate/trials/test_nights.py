"""Nights of one-second magnetometers: held apart, repeatable, and changed by packets alone."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.data import open_dataset
from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.data.nights import as_nightly
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import Kind, plan_sources, run_trials
from precursor_lib.evaluate.trials.kinds import ROLES
from precursor_lib.evaluate.trials.methods.factors import band_power
from precursor_lib.evaluate.trials.records.nights import observed_night, simulated_nights
from precursor_lib.simulate.signals import packet


@pytest.fixture(scope="module")
def nights() -> Kind:
    return simulated_nights(seed=3, nights=(4, 6, 5), stations=3, hours=0.5)


@pytest.fixture(scope="module")
def observed() -> NightlyNetwork:
    """Two hours of noise from 6:00, with a gap, labelled as an observation."""
    times = pd.date_range("2014-04-07T06:00", periods=7200, freq="1s")
    values = np.random.default_rng(0).normal(size=(times.size, 2))
    values[4000:4020, 1] = np.nan
    data = xr.Dataset(
        {"Z": (("time", "station"), values)},
        coords={
            "time": times,
            "station": ["BOU", "TUC"],
            "latitude": ("station", [40.1, 32.2]),
            "longitude": ("station", [-105.2, -110.7]),
        },
        attrs={"origin": "observed", "dataset": "noise"},
    )
    return as_nightly(data, 6, 7200.0)


def planned(kind: Kind, every: int = 2, seed: int = 1) -> pd.DataFrame:
    record = kind.record("test", 0)
    return plan_sources(
        record["time"].to_numpy(), kind.block, kind.duration, kind.amplitudes,
        every=every, seed=seed,
    )  # fmt: skip


def test_roles_have_their_own_nights(nights: Kind) -> None:
    spans = []
    for role, count in zip(ROLES, (4, 6, 5), strict=True):
        record = nights.record(role, 0)
        times = pd.DatetimeIndex(record["time"].to_numpy())
        assert times.normalize().nunique() == count
        assert record.sizes == {"time": 1800 * count, "station": 3}
        assert record.attrs["origin"] == "simulated"
        assert record["value"].attrs["units"] == "nT"
        spans.append((times[0], times[-1]))
    assert spans[0][1] < spans[1][0] < spans[1][1] < spans[2][0]


def test_seed_decides(nights: Kind) -> None:
    again, other = (
        simulated_nights(seed=s, nights=(4, 6, 5), stations=3, hours=0.5) for s in (3, 4)
    )
    xr.testing.assert_identical(again.record("test", 0), nights.record("test", 0))
    assert not other.record("test", 0).equals(nights.record("test", 0))
    copied = pickle.loads(pickle.dumps(nights))
    xr.testing.assert_identical(copied.record("training", 0), nights.record("training", 0))


def test_all_stations_are_as_far(nights: Kind) -> None:
    # The network takes the distance as given; the coordinates have to bear it out.
    record = nights.record("test", 0)
    lines = geodesic_distance_km(record["latitude"], record["longitude"], 34.59, 98.34)
    np.testing.assert_allclose(lines, 100.0, rtol=0.01)
    np.testing.assert_array_equal(record["distance"], 100.0)


def test_packets_change_their_own_samples_alone(nights: Kind) -> None:
    record, events = nights.record("test", 0), planned(nights)
    before = record.copy(deep=True)
    loud = nights.add(record, events)
    xr.testing.assert_identical(record, before)
    np.testing.assert_array_equal(np.isnan(loud["value"]), np.isnan(record["value"]))
    change = (loud["value"] - record["value"]).fillna(0.0)
    times = pd.DatetimeIndex(record["time"].to_numpy())
    owned = np.zeros(times.size, dtype=bool)
    for event in events.itertuples():
        inside = (times >= event.start) & (times <= event.end)
        owned |= inside
        # The carrier's phase may leave the largest value a little below the envelope's peak.
        largest = np.abs(change.to_numpy()[inside]).max(axis=0)
        assert (largest <= event.amplitude * (1 + 1e-9)).all()
        assert (largest > 0.9 * event.amplitude).any()
    assert owned.any() and not owned.all()
    np.testing.assert_array_equal(change.to_numpy()[~owned], 0.0)


def test_packet_is_the_simulators(nights: Kind) -> None:
    record = nights.record("test", 0)
    events = planned(nights).iloc[[0]]
    change = (nights.add(record, events)["value"] - record["value"]).isel(station=0)
    event = events.iloc[0]
    night = slice(*pd.DatetimeIndex(record["time"].to_numpy()).searchsorted(
        [event["block"], event["block"] + pd.Timedelta("1D")]
    ))  # fmt: skip
    start = pd.Timestamp(record["time"].to_numpy()[night][0])
    duration, frequency, phase = nights.add.packets._shape(int(event["seed"]))  # type: ignore[attr-defined]
    assert 60 <= duration <= 300 and 0.01 <= frequency <= 0.05
    where, wave = packet(
        1800, 1.0, (event["time"] - start).total_seconds(), duration, frequency, phase
    )
    expected = np.zeros(1800)
    expected[where] = event["amplitude"] * wave
    held = change.to_numpy()[night]
    here = np.isfinite(held)
    np.testing.assert_allclose(held[here], expected[here], atol=1e-9)


def test_packets_do_not_hang_on_the_other_stations_or_events(nights: Kind) -> None:
    record, events = nights.record("test", 0), planned(nights)
    whole = nights.add(record, events)
    one = nights.add(record.isel(station=slice(1, 2)), events)
    xr.testing.assert_equal(one["value"], whole["value"].isel(station=slice(1, 2)))
    alone = nights.add(record, events.iloc[[1]])
    part = slice(events["start"].iloc[1], events["end"].iloc[1])
    xr.testing.assert_equal(alone["value"].sel(time=part), whole["value"].sel(time=part))


def test_packet_outside_is_refused(nights: Kind) -> None:
    inside = planned(nights).iloc[[0]]
    length = pd.Timedelta("30min")
    starts_before_end = inside["block"].iloc[0] + pd.Timedelta("16h") + length - nights.duration / 2
    for start, message in (
        (inside["start"].iloc[0] + pd.Timedelta("3h"), "within a night"),
        (inside["start"].iloc[0] + pd.Timedelta("20D"), "within a night"),
        (starts_before_end, "within the record"),
    ):
        moved = inside.copy()
        for column in ("start", "time", "end"):
            moved[column] += start - inside["start"].iloc[0]
        with pytest.raises(InputError, match=message):
            nights.add(nights.record("test", 0), moved)


def test_a_night_lies_within_a_day() -> None:
    with pytest.raises(InputError, match="within one day"):
        simulated_nights(hours=9.0)
    with pytest.raises(InputError, match="within one day"):
        simulated_nights(hours=0.0)


def test_observed_night_is_cut_in_time(observed: NightlyNetwork) -> None:
    kind = observed_night(observed, blocks=(4, 10, 8))
    records = [kind.record(role, 0) for role in ROLES]
    whole = xr.concat(records, "time")
    raw = observed.night(0).isel(time=slice(0, 22 * 300))
    np.testing.assert_array_equal(whole["value"], raw["Z"])
    np.testing.assert_array_equal(whole["time"], raw["time"])
    assert [r.sizes["time"] // 300 for r in records] == [4, 10, 8]
    assert kind.origin == "observed" and records[0].attrs["dataset"] == "noise"
    assert kind.blocks_a_year == 24 * 365.25


def test_observed_night_runs(observed: NightlyNetwork) -> None:
    kind = observed_night(observed, blocks=(2, 11, 11), amplitudes=(20.0,))
    result = run_trials([(kind, [band_power()])], stations=(1, 2), every=3, false_share=0.1)
    found = result.blocks.dropna(subset="amplitude")
    assert len(found) == 8 and found["alarm"].all()
    assert (found["error"].abs() < 60 / 3600).all()


@pytest.mark.skipif(
    not os.environ.get("PRECURSOR_DATA"), reason="needs the mirrored files: set PRECURSOR_DATA"
)
def test_real_night() -> None:
    network = open_dataset("usgs-1s-network", stations=["BOU", "TUC"]).data
    kind = observed_night(network, amplitudes=(30.0,))
    assert kind.record("test", 0).attrs["dataset"] == "usgs-1s-network"
    result = run_trials([(kind, [band_power()])], stations=(1, 2), every=3, false_share=0.1)
    found = result.blocks.dropna(subset="amplitude")
    assert len(found) == 14 and found["alarm"].all()
    assert (found["error"].abs() < 60 / 3600).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"blocks": (8, 20, 20)}, "24 together"),
        ({"blocks": (0, 10, 10)}, "1 or more each"),
        ({"duration": (60.0, 300.0)}, "at least 0 days 00:06:18"),
    ],
)
def test_observed_night_says_what_does_not_fit(
    observed: NightlyNetwork, settings: dict, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        observed_night(observed, **settings)
