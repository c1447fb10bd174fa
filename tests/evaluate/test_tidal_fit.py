"""The tide found in records of strain, where it is known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.tidal_fit import tidal_fit
from precursor_lib.simulate.tides import CONSTITUENTS, tidal_strain

TIMES = np.arange("2012-05-01", "2013-05-01", dtype="datetime64[h]").astype("datetime64[ns]")


def record(values, times=TIMES, latitude=30.0):
    values = np.asarray(values, dtype=float)
    return xr.DataArray(
        values[:, None],
        dims=("time", "station"),
        coords={
            "time": times,
            "station": ["A"],
            "latitude": ("station", [latitude]),
            "longitude": ("station", [102.0]),
        },
    )


def tide(times=TIMES):
    return tidal_strain(times, 30.0, 102.0)[0]


def test_a_bare_tide_is_found_whole():
    table = tidal_fit(record(0.4 * tide()))
    assert list(table.loc["A"].index) == list(CONSTITUENTS)
    np.testing.assert_allclose(table["ratio"], 0.4, rtol=1e-6)
    np.testing.assert_allclose(table["phase"], 0.0, atol=1e-4)
    np.testing.assert_allclose(table["amplitude"], 0.4 * table["theory"], rtol=1e-6)


def test_a_late_clock_shows_in_the_phase():
    """A record half an hour late is behind by half an hour of each constituent's period."""
    late = tide(TIMES - np.timedelta64(30, "m"))
    table = tidal_fit(record(late)).loc["A"]
    for name, period in (("M2", 12.4206), ("S2", 12.0), ("O1", 25.8193), ("K1", 23.9345)):
        assert table.loc[name, "phase"] == pytest.approx(-180.0 / period, abs=0.1)


def test_companions_drift_pressure_and_steps_do_no_harm():
    hours = np.arange(TIMES.size)
    rng = np.random.default_rng(2)
    air = np.cumsum(rng.standard_normal(TIMES.size)) + np.cos(np.pi / 6 * hours)
    values = tide() - 3.0 * air + 0.01 * hours + 5.0 * np.cos(np.radians(30.0821373) * hours)
    values += 3.0 * np.sin(np.radians(14.9589314) * hours)
    values[3000:] += 500.0
    values[5000:5010] = np.nan
    table = tidal_fit(record(values), record(air))
    np.testing.assert_allclose(table["ratio"], 1.0, atol=1e-3)
    assert table.attrs["A"]["admittance"] == pytest.approx(-3.0, abs=1e-3)
    # The step is one change, and the fit of what is left is all but perfect.
    assert table.attrs["A"]["rms"] < 0.05
    assert table.attrs["A"]["left_out"] >= 1


def test_the_errors_are_those_of_repeated_records():
    found, errors = [], []
    for seed in range(40):
        walk = np.cumsum(np.random.default_rng(seed).standard_normal(TIMES.size))
        table = tidal_fit(record(tide() + walk)).loc["A"]
        found.append(table["amplitude"])
        errors.append(table["error"])
    spread = np.std(found, axis=0)
    np.testing.assert_allclose(np.mean(errors, axis=0), spread, rtol=0.45)
    bias = np.abs(np.mean(found, axis=0) - table["theory"])
    assert (bias < 4 * spread / np.sqrt(40)).all()


def test_minutes_are_taken_hour_by_hour():
    minutes = np.arange("2012-05-01", "2012-12-01", dtype="datetime64[m]").astype("datetime64[ns]")
    hours = minutes[::60]
    fine = tidal_fit(record(tide(minutes), minutes))
    coarse = tidal_fit(record(tide(hours), hours))
    np.testing.assert_array_equal(fine["amplitude"], coarse["amplitude"])


def test_bad_records():
    with pytest.raises(InputError, match=r"200 days or more to part K1 from P1, got 100"):
        tidal_fit(record(tide()[:2400], TIMES[:2400]))
    odd = TIMES[0] + np.arange(TIMES.size) * np.timedelta64(50, "m")
    with pytest.raises(InputError, match="whole part of an hour"):
        tidal_fit(record(tide(odd), odd))
    with pytest.raises(InputError, match="times and stations of the record"):
        tidal_fit(record(tide()), record(tide()[:-1], TIMES[:-1]))
    with pytest.raises(InputError, match="unknown constituent"):
        tidal_fit(record(tide()), names=["M9"])
