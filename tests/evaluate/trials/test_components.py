"""Three components as stations, and packets put into them."""

import pickle

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import ROLES, Kind, plan_sources
from precursor_lib.evaluate.trials.records.components import (
    PLACE,
    observed_components,
    simulated_components,
)
from precursor_lib.evaluate.trials.records.series import seed_of
from precursor_lib.simulate.three_component import COMPONENTS, observatory_minutes

DAYS = (8, 9, 10)


@pytest.fixture(scope="module")
def kind() -> Kind:
    return simulated_components(seed=3, days=DAYS)


@pytest.fixture(scope="module")
def minutes() -> xr.Dataset:
    return observatory_minutes(seed=5, start="2003-01-01", end="2003-01-13", **PLACE)


def planned(kind: Kind, record: xr.Dataset, seed: int = 0) -> pd.DataFrame:
    return plan_sources(
        record["time"].to_numpy(), kind.block, kind.duration, kind.amplitudes, every=2, seed=seed
    )


def test_roles_lie_apart_and_have_the_days_asked_for(kind: Kind) -> None:
    spans = []
    for role, days in zip(ROLES, DAYS, strict=True):
        record = kind.record(role, 0)
        assert record["value"].dims == ("time", "station")
        assert record.sizes == {"time": days * 288, "station": 3}
        assert list(record["station"].to_numpy()) == list(COMPONENTS)
        spans.append((record["time"].to_numpy()[0], record["time"].to_numpy()[-1]))
        assert np.isfinite(record[["Kp", "Dst"]].to_array()).all()
    assert spans[0][1] < spans[1][0] and spans[1][1] < spans[2][0]


def test_a_record_is_the_mean_of_the_simulated_minutes(kind: Kind) -> None:
    fine = observatory_minutes(seed=seed_of(3, 0), start="2011-04-01", end="2011-04-09", **PLACE)
    record = kind.record("training", 0)
    for name in COMPONENTS:
        blocks = fine[name].to_numpy()[:, 0].reshape(-1, 5)
        whole = np.isfinite(blocks).all(axis=1)
        np.testing.assert_allclose(
            record["value"].sel(station=name).to_numpy()[whole], blocks[whole].mean(axis=1)
        )


def test_seeds_repeat_and_differ() -> None:
    one, same, other = (
        simulated_components(seed=s, days=(2, 2, 2)).record("test", 0)["value"] for s in (1, 1, 2)
    )
    xr.testing.assert_identical(one, same)
    assert not np.allclose(one, other)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31 - 1))
def test_packets_change_nothing_outside_them_and_keep_gaps(kind: Kind, seed: int) -> None:
    record = kind.record("test", 0).copy(deep=True)
    record["value"][600:640, 1] = np.nan
    before = record["value"].copy(deep=True)
    events = planned(kind, record, seed)
    added = kind.add(record, events)
    xr.testing.assert_identical(record["value"], before)
    xr.testing.assert_identical(added.drop_vars("value"), record.drop_vars("value"))
    change = (added["value"] - before).to_numpy()
    np.testing.assert_array_equal(np.isnan(added["value"]), np.isnan(before))
    time = record["time"].to_numpy()
    inside = np.zeros(time.size, dtype=bool)
    for event in events.itertuples():
        # A mean of five minutes reaches half a step to either side.
        half = pd.Timedelta(minutes=2.5)
        own = (time >= event.start - half) & (time <= event.end + half)
        inside |= own
        peak = np.nanmax(np.abs(change[own]), axis=0)
        # The carrier passes near its crest within the envelope; means over 5 min take little.
        assert 0.85 * event.amplitude < peak[2] <= event.amplitude
    assert (np.nan_to_num(change[~inside]) == 0).all()
    here = np.isfinite(change).all(axis=1)
    np.testing.assert_allclose(change[here, 0], 0.5 * change[here, 2], atol=1e-9)
    np.testing.assert_allclose(change[here, 1], 0.3 * change[here, 2], atol=1e-9)


def test_a_packet_is_proportional_and_fits_fewer_stations(kind: Kind) -> None:
    record = kind.record("test", 0)
    events = planned(kind, record)
    small = kind.add(record, events)["value"] - record["value"]
    large = kind.add(record, events.assign(amplitude=3 * events["amplitude"]))["value"]
    xr.testing.assert_allclose(large - record["value"], 3 * small, atol=1e-8)
    one = kind.add(record.isel(station=slice(0, 1)), events)["value"]
    xr.testing.assert_identical(one, kind.add(record, events)["value"].isel(station=slice(0, 1)))


def test_an_unknown_component_is_refused(kind: Kind) -> None:
    record = kind.record("test", 0)
    odd = record.assign_coords(station=["X", "Y", "H"])
    with pytest.raises(InputError, match="stations among"):
        kind.add(odd, planned(kind, record))


def test_an_observed_record_is_cut_in_time(minutes: xr.Dataset) -> None:
    observed = minutes.assign_attrs(origin="observed")
    kind = observed_components(observed, calibration="2003-01-05", test="2003-01-09")
    assert kind.origin == "observed"
    firsts = [str(kind.record(role, 0)["time"].to_numpy()[0])[:10] for role in ROLES]
    assert firsts == ["2003-01-01", "2003-01-05", "2003-01-09"]
    assert sum(kind.record(role, 0).sizes["time"] for role in ROLES) == 12 * 288
    assert observed_components(minutes, calibration="2003-01-05", test="2003-01-09").origin == (
        "simulated"
    )


def test_a_record_of_one_component_has_one_station(minutes: xr.Dataset) -> None:
    kind = observed_components(minutes[["Z"]], calibration="2003-01-05", test="2003-01-09")
    both = observed_components(minutes, calibration="2003-01-05", test="2003-01-09")
    record = kind.record("test", 0)
    xr.testing.assert_identical(record["value"], both.record("test", 0)["value"].sel(station=["Z"]))
    assert "Z as stations" in record.attrs["report"][-1]
    events = planned(kind, record)
    xr.testing.assert_identical(
        kind.add(record, events)["value"],
        kind.add(both.record("test", 0), events)["value"].sel(station=["Z"]),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.rename(X="A", Y="B", Z="C"), "expected X, Y and Z"),
        (lambda d: xr.concat([d, d.assign_coords(station=["B"])], "station"), "one station"),
        (lambda d: d.isel(time=slice(0, 4000)), "expected values for"),
        (lambda d: d.isel(time=slice(None, None, 2)), "a value a minute"),
        (lambda d: d.assign_attrs(origin="unknown"), "origin"),
    ],
)
def test_bad_observed_records_are_refused(minutes, change, message) -> None:
    with pytest.raises(InputError, match=message):
        observed_components(change(minutes), calibration="2003-01-05", test="2003-01-09")


def test_kinds_go_to_other_processes(kind: Kind) -> None:
    again = pickle.loads(pickle.dumps(kind))
    xr.testing.assert_identical(again.record("test", 0), kind.record("test", 0))


def test_bad_settings_are_refused() -> None:
    with pytest.raises(InputError, match="seed"):
        simulated_components(seed=-1)
    with pytest.raises(InputError, match="source"):
        simulated_components(source={"period": (5.0, 1.0)})
    with pytest.raises(InputError, match="step"):
        simulated_components(step="7min", days=(1, 1, 1)).record("test", 0)
