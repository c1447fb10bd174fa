"""TEC for trials, and gains and losses put into it."""

import pickle

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import ROLES, Kind, plan_sources
from precursor_lib.evaluate.trials.records.tec import (
    INDICES,
    STATIONS,
    observed_tec,
    simulated_tec,
)
from precursor_lib.simulate.tec import tec_network

DAYS = (8, 9, 10)


@pytest.fixture(scope="module")
def kind() -> Kind:
    return simulated_tec(seed=3, days=DAYS, stations=STATIONS[:2])


def planned(kind: Kind, record: xr.Dataset, seed: int = 0) -> pd.DataFrame:
    return plan_sources(
        record["time"].to_numpy(), kind.block, kind.duration, kind.amplitudes, every=2, seed=seed
    )


def test_records_hold_tec_and_indices(kind: Kind) -> None:
    ends = []
    for role, days in zip(ROLES, DAYS, strict=True):
        record = kind.record(role, 0)
        assert record["value"].dims == ("time", "station")
        assert record.sizes == {"time": 24 * days, "station": 2}
        assert set(record.data_vars) == {"value", *INDICES}
        assert all(record[name].dims == ("time",) for name in INDICES)
        ends += [record["time"].to_numpy()[0], record["time"].to_numpy()[-1]]
    assert (np.diff(ends) > np.timedelta64(0)).all()


def test_seeds_repeat_and_differ(kind: Kind) -> None:
    same, other = (
        simulated_tec(seed=s, days=DAYS, stations=STATIONS[:2]).record("test", 0) for s in (3, 4)
    )
    xr.testing.assert_identical(same, kind.record("test", 0))
    assert not np.allclose(same["value"], other["value"])


def flat(level: float, days: int = 6) -> xr.Dataset:
    times = pd.date_range("2020-01-01", periods=24 * days, freq="1h", unit="ns")
    return xr.Dataset(
        {"value": (("time", "station"), np.full((times.size, 2), level))},
        coords={"time": times, "station": ["a", "b"]},
    )


def one_event(amplitude: float, seed: int) -> pd.DataFrame:
    time = pd.Timestamp("2020-01-03 12:00")
    half = pd.Timedelta(hours=6)
    return pd.DataFrame(
        {
            "block": [pd.Timestamp("2020-01-03")],
            "start": [time - half],
            "time": [time],
            "end": [time + half],
            "amplitude": [amplitude],
            "seed": [seed],
        }
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), amplitude=st.floats(0.5, 40))
def test_a_change_is_a_raised_cosine_of_either_sign(
    kind: Kind, seed: int, amplitude: float
) -> None:
    record = flat(50.0)
    change = (kind.add(record, one_event(amplitude, seed))["value"] - 50.0).to_numpy()
    np.testing.assert_array_equal(change[:, 0], change[:, 1])
    middle = 24 * 2 + 12
    assert abs(change[middle, 0]) == pytest.approx(amplitude)
    np.testing.assert_allclose(change[middle - 6 : middle], change[middle + 6 : middle : -1])
    assert (change[: middle - 5] == 0).all() and (change[middle + 6 :] == 0).all()
    # An hour off the centre of a raised cosine of length L stands cos^2(pi / L).
    length = np.pi / np.arccos(np.sqrt(change[middle + 1, 0] / change[middle, 0]))
    assert 4 <= length <= 12
    assert change[middle + 2, 0] == pytest.approx(
        change[middle, 0] * np.cos(2 * np.pi / length) ** 2 * (length > 4), abs=1e-6
    )


def test_both_signs_come_and_tec_stays_above_zero(kind: Kind) -> None:
    changed = [kind.add(flat(5.0), one_event(20.0, seed))["value"].to_numpy() for seed in range(20)]
    lowest, highest = min(c.min() for c in changed), max(c.max() for c in changed)
    assert lowest == 0 and highest == pytest.approx(25.0)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31 - 1))
def test_nothing_else_changes(kind: Kind, seed: int) -> None:
    record = kind.record("test", 0).copy(deep=True)
    record["value"][100:120, 0] = np.nan
    before = record.copy(deep=True)
    events = planned(kind, record, seed)
    added = kind.add(record, events)
    xr.testing.assert_identical(record, before)
    xr.testing.assert_identical(added.drop_vars("value"), before.drop_vars("value"))
    assert added["value"].attrs == before["value"].attrs
    time = record["time"].to_numpy()
    inside = np.zeros(time.size, dtype=bool)
    for event in events.itertuples():
        inside |= (time >= event.start) & (time <= event.end)
    np.testing.assert_array_equal(added["value"][~inside], before["value"][~inside])
    np.testing.assert_array_equal(np.isnan(added["value"]), np.isnan(before["value"]))
    one = kind.add(record.isel(station=slice(1, 2)), events)["value"]
    xr.testing.assert_identical(one, added["value"].isel(station=slice(1, 2)))


def test_an_observed_record_is_cut_in_time() -> None:
    whole = tec_network(
        seed=1, stations=STATIONS[:1], start="2015-12-28", end="2016-01-10", step="1h"
    )
    kind = observed_tec(
        whole.assign_attrs(origin="observed"), calibration="2016-01-01", test="2016-01-05"
    )
    assert (kind.origin, kind.name) == ("observed", "Observed TEC")
    assert [kind.record(role, 0).sizes["time"] for role in ROLES] == [4 * 24, 4 * 24, 5 * 24]
    assert observed_tec(whole, calibration="2016-01-01", test="2016-01-05").origin == "simulated"
    with pytest.raises(InputError, match="expected values for test"):
        observed_tec(whole, calibration="2016-01-01", test="2016-02-05")
    with pytest.raises(InputError, match="Dst is missing"):
        observed_tec(whole.drop_vars("Dst"))
    with pytest.raises(InputError, match="origin"):
        observed_tec(whole.drop_attrs())


def test_bad_settings_are_refused() -> None:
    with pytest.raises(InputError, match="hours"):
        simulated_tec(hours=(5.0, 2.0))
    with pytest.raises(InputError, match="seed"):
        simulated_tec(seed=-1)
    with pytest.raises(InputError, match="step"):
        simulated_tec(step="2h", days=(1, 1, 1)).record("test", 0)


def test_kinds_go_to_other_processes(kind: Kind) -> None:
    again = pickle.loads(pickle.dumps(kind))
    xr.testing.assert_identical(again.record("test", 0), kind.record("test", 0))
