"""Rates of the TEC rules: noise of stated memory, records of known content, anomalies put in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.detect.tec_chance import error_chance, median_chance
from precursor_lib.detect.tec_rules import TecBounds, error_bounds, outside
from precursor_lib.evaluate.tec_noise import chance_table, memory_table, noise, noise_rates
from precursor_lib.evaluate.tec_rules import (
    ERROR,
    MEDIAN,
    SIGMA,
    RuleResult,
    day_before,
    power,
    record_rates,
    sign_table,
    three_rules,
)

SIZE = {"series": 6, "days": 150, "per_day": 24, "seed": 3}


def record(days: int = 60, per_day: int = 24, seed: int = 0, stations: int = 2) -> xr.Dataset:
    """A daily wave with independent noise; Kp is high and Dst low on every fourth day."""
    times = np.datetime64("2016-01-01", "ns") + np.arange(days * per_day) * np.timedelta64(
        24 * 60 // per_day, "m"
    )
    rng = np.random.default_rng(seed)
    clock = 2 * np.pi * np.arange(times.size) / per_day
    tec = 15 - 8 * np.cos(clock)[:, None] + rng.standard_normal((times.size, stations))
    stormy = np.arange(times.size) // per_day % 4 == 0
    return xr.Dataset(
        {
            "VTEC": (("time", "station"), tec, {"units": "TECU"}),
            "Kp": ("time", np.where(stormy, 5.0, 1.0)),
            "Dst": ("time", np.where(stormy, -80.0, -5.0)),
        },
        coords={"time": times, "station": [f"S{i}" for i in range(stations)]},
    )


def test_noise_has_its_memory() -> None:
    values = noise("gaussian", 6.0, (4, 40000), 24, 1)
    lagged = [np.corrcoef(row[12:], row[:-12])[0, 1] for row in values]
    assert np.mean(lagged) == pytest.approx(np.exp(-2.0), abs=0.02)
    # From the first sample on the size is that of the stationary process.
    assert noise("gaussian", 6.0, (4000, 2), 24, 2)[:, 0].std() == pytest.approx(
        1 / np.sqrt(1 - np.exp(-1 / 3)), rel=0.05
    )
    flat = noise("student3", 0.0, (1, 40000), 24, 3)[0]
    assert abs(np.corrcoef(flat[1:], flat[:-1])[0, 1]) < 0.02
    assert pd.Series(flat).kurt() > 3


def test_rates_in_independent_noise_are_the_chances() -> None:
    table = noise_rates("gaussian", 0.0, **SIZE)
    assert table.loc[ERROR, "values"] == pytest.approx(100 * error_chance(360), abs=0.5)
    assert table.loc[MEDIAN, "values"] == pytest.approx(100 * median_chance(), abs=0.8)
    assert table.loc[SIGMA, "values"] == pytest.approx(100 * median_chance(spread="sigma"), abs=0.8)
    any_of_24 = 100 * (1 - (1 - error_chance(360)) ** 24)
    assert table.loc[ERROR, "days"] == pytest.approx(any_of_24, abs=4)


def test_days_follow_the_closed_form_while_the_memory_is_short() -> None:
    table = memory_table([0.0, 3.0], **SIZE)
    error = table[table["rule"] == ERROR]
    np.testing.assert_allclose(error["days"], error["closed form"], atol=5)
    assert error["days"].iloc[1] < error["days"].iloc[0]
    assert table[table["rule"] != ERROR]["closed form"].isna().all()


def test_the_chance_table_holds_the_closed_forms() -> None:
    table = chance_table(96)
    assert table.loc[ERROR, "days before"] == pytest.approx(100 * error_chance(1440))
    assert table.loc[MEDIAN, "heavy tails"] == pytest.approx(100 * median_chance(noise="student3"))
    assert table.loc[SIGMA, "values"] == 15


def test_the_forecast_is_the_day_before_and_its_rule_is_the_error_rule() -> None:
    data = record()
    tec, times = data["VTEC"].to_numpy().T, data["time"].to_numpy()
    forecast = day_before(tec, times)
    assert np.isnan(forecast[:, :24]).all()
    np.testing.assert_array_equal(forecast[:, 24:], tec[:, :-24])
    results = three_rules(tec, times)
    error = tec - forecast
    np.testing.assert_allclose(
        results[ERROR].dtec, outside(error, error_bounds(error, times)), atol=1e-12
    )
    one = results[MEDIAN].of(1)
    np.testing.assert_array_equal(one.dtec, results[MEDIAN].dtec[1])
    np.testing.assert_array_equal(one.bounds.upper, results[MEDIAN].bounds.upper[1])


def test_record_rates_count_what_was_put_in() -> None:
    data = record()
    # The same day over and over has limits of no width and nothing outside them.
    data["VTEC"][:] = np.tile(15 - 8 * np.cos(2 * np.pi * np.arange(24) / 24), 60)[:, None]
    data["VTEC"][40 * 24 + 5 : 40 * 24 + 8, :] += 9.0  # a day that is not quiet
    data["VTEC"][42 * 24 + 5 : 42 * 24 + 8, 0] -= 9.0
    found = record_rates({"r": data}).set_index("rule").loc[SIGMA]
    tested, stormy = 2 * 45 * 24, 2 * 11 * 24  # days 15 to 59; 16, 20, ..., 56 are not quiet
    quiet_days = 45 - 11
    expected = {
        "values": 9 / tested,
        "quiet values": 3 / (tested - stormy),
        "other values": 6 / stormy,
        "above": 6 / 9,
        "days, one station": 1 / (2 * quiet_days),
        "days, any": 1 / quiet_days,
        "days, all at once": 0.0,
    }
    for name, share in expected.items():
        assert found[name] == pytest.approx(100 * share), name


def test_days_are_counted_by_station_at_any_and_at_all() -> None:
    data = record(seed=4)
    table = record_rates({"a": data, "b": data.isel(station=[0, 0])})
    for _, row in table.iterrows():
        assert row["days, all at once"] <= row["days, one station"] <= row["days, any"]
    twin = table[table["record"] == "b"]
    np.testing.assert_allclose(twin["days, one station"], twin["days, any"])
    np.testing.assert_allclose(twin["days, all at once"], twin["days, any"])


def test_power_rises_from_the_base_rate_to_all() -> None:
    data = record(days=120)
    tec, times = data["VTEC"].to_numpy()[:, 0], data["time"].to_numpy()
    quiet = np.ones(times.size, dtype=bool)
    table = power(tec, times, quiet, [-30.0, 0.0, 3.0, 30.0])
    assert (table.loc[30.0] == 100).all() and (table.loc[-30.0] == 100).all()
    assert (table.loc[0.0] < table.loc[3.0]).all()
    # Base rate of the error rule: one of five samples above, at half the two-sided chance.
    expected = 100 * (1 - (1 - error_chance(360) / 2) ** 5)
    assert table.loc[0.0, ERROR] == pytest.approx(expected, abs=6)
    # A loss at size 0 does not exist; its sign is that of a gain.
    assert power(tec, times, quiet, [0.0]).loc[0.0].equals(table.loc[0.0])


def test_signs_are_counted_span_by_span() -> None:
    times = np.datetime64("2016-01-01", "ns") + np.arange(11) * np.timedelta64(24, "h")
    # Spans of three days that end with the record: the first two days are in none.
    dtec = np.array([-9, -9, 1, 1, 0, -1, 2, -3, -1, -1, -1], dtype=float)
    quiet = np.ones(11, dtype=bool)
    nothing = TecBounds(*np.zeros((2, 1, 11)), np.zeros((1, 11), dtype=int))
    result = {"rule": RuleResult(nothing, np.stack([dtec]))}
    row = sign_table(result, times, quiet, days=3, share=0.75).loc["rule"]
    assert row["spans"] == 3
    assert row["mostly above"] == pytest.approx(100 / 3)
    assert row["mostly below"] == pytest.approx(100 / 3)
    assert row["last span, below"] == 100.0
    quiet[-3:] = False
    assert sign_table(result, times, quiet, days=3).loc["rule", "spans"] == 2
    assert sign_table(result, times, quiet, days=3, share=0.6).loc["rule", "mostly below"] == 50.0
