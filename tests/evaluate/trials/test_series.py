"""Means over steps, packets and cuts in time, against closed forms and brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import ROLES
from precursor_lib.evaluate.trials.records.series import (
    HeldRecords,
    Packets,
    described,
    even_step,
    parts_in_time,
    samples_in,
    seed_of,
    step_means,
    with_index,
)
from precursor_lib.simulate.signals import PACKET_EXTENT

MINUTES = Packets(duration=(3600.0, 10800.0), frequency=(1 / 5400, 1 / 1800))
BUMPS = Packets(duration=(7200.0, 21600.0))


def series(samples: int, step: str = "1min", start: str = "2013-04-01") -> xr.DataArray:
    rng = np.random.default_rng(5)
    times = pd.date_range(start, periods=samples, freq=step)
    return xr.DataArray(
        rng.normal(size=(samples, 2)),
        dims=("time", "station"),
        coords={"time": times, "station": ["a", "b"]},
    )


def record(values: xr.DataArray) -> xr.Dataset:
    source = xr.Dataset(attrs={"origin": "simulated", "report": ["made"]})
    return described(values, source, "nT", "for a test")


def event(start: str, packets: Packets, amplitude: float = 3.0, seed: int = 1) -> pd.DataFrame:
    begin = pd.Timestamp(start)
    return pd.DataFrame(
        {
            "block": [begin.floor("1D")],
            "start": [begin],
            "time": [begin + packets.extent / 2],
            "end": [begin + packets.extent],
            "amplitude": [amplitude],
            "seed": [seed],
        }
    )


@settings(max_examples=25, deadline=None)
@given(
    second=st.integers(0, 40000),
    seed=st.integers(0, 2**31 - 1),
    amplitude=st.floats(0.1, 50.0),
    step=st.sampled_from(["5min", "10min", "15min", "1h"]),
)
def test_packets_commute_with_means(second: int, seed: int, amplitude: float, step: str) -> None:
    fine = record(series(1440))
    start = pd.Timestamp("2013-04-01T01:00") + pd.Timedelta(seconds=second)
    events = event(str(start), MINUTES, amplitude, seed)
    means, within = step_means(MINUTES(fine, events)["value"], step)
    coarse = record(step_means(fine["value"], step)[0])
    packets = Packets(MINUTES.duration, MINUTES.frequency, within=within)
    np.testing.assert_allclose(packets(coarse, events)["value"], means, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(second=st.integers(0, 50000), seed=st.integers(0, 2**31 - 1))
def test_only_the_samples_of_a_source_change(second: int, seed: int) -> None:
    calm = record(series(1440).where(lambda v: v < 2))
    start = pd.Timestamp("2013-04-01") + pd.Timedelta(seconds=second)
    events = event(str(start), BUMPS, seed=seed)
    before = calm.copy(deep=True)
    loud = BUMPS(calm, events)
    xr.testing.assert_identical(calm, before)
    np.testing.assert_array_equal(np.isnan(loud["value"]), np.isnan(calm["value"]))
    changed = (loud["value"] - calm["value"]).fillna(0.0)
    inside = (calm["time"] >= events["start"][0]) & (calm["time"] <= events["end"][0])
    assert not changed.where(~inside, 0.0).any()
    assert changed.any("time").all()
    # The wave is the same at every station, and does not depend on which there are.
    alone = BUMPS(calm.isel(station=[1]), events)
    np.testing.assert_array_equal(alone["value"], loud["value"].isel(station=[1]))
    assert loud["value"].attrs == calm["value"].attrs


def test_a_bump_is_a_squared_cosine_of_either_sign() -> None:
    calm = record(xr.zeros_like(series(1440)))
    signs, lengths = [], []
    for seed in range(200):
        events = event("2013-04-01T06:00", BUMPS, amplitude=4.0, seed=seed)
        wave = BUMPS(calm, events)["value"].isel(station=0).to_numpy()
        at = int(np.abs(wave).argmax())
        signs.append(np.sign(wave[at]))
        lengths.append(np.count_nonzero(wave) * 60.0 / PACKET_EXTENT)
        away = (calm["time"].to_numpy() - events["time"][0].to_datetime64()) / np.timedelta64(
            1, "s"
        )
        # The width from zero to zero is read off to a sample or two.
        width = lengths[-1] * PACKET_EXTENT
        cosine = 4.0 * np.cos(np.pi * away / width) ** 2 * (np.abs(away) < width / 2)
        np.testing.assert_allclose(np.abs(wave), cosine, atol=0.15)
    # Binomial, five standard deviations; and durations uniform in their logarithm.
    assert abs(np.sum(signs)) < 5 * np.sqrt(200)
    middle = np.sqrt(7200 * 21600)
    assert abs(np.mean(np.array(lengths) < middle) - 0.5) < 5 * 0.5 / np.sqrt(200)
    assert min(lengths) > 7200 - 120
    assert max(lengths) < 21600 + 120


def test_the_carrier_lies_in_its_range() -> None:
    calm = record(xr.zeros_like(series(1440)))
    for seed in range(40):
        wave = MINUTES(calm, event("2013-04-01T06:00", MINUTES, 1.0, seed))["value"]
        power = np.abs(np.fft.rfft(wave.isel(station=0), 16384)) ** 2
        peak = np.fft.rfftfreq(16384, 60.0)[power.argmax()]
        # A packet of two periods is as broad as 1 / (2 periods).
        assert 0.75 / 5400 < peak < 1.25 / 1800
        assert 0.5 < np.abs(wave).max() <= 1.0


def test_events_beyond_the_record_and_uneven_records_are_refused() -> None:
    calm = record(series(1440))
    with pytest.raises(InputError, match="does not lie within the record"):
        BUMPS(calm, event("2013-04-01T20:00", BUMPS))
    with pytest.raises(InputError, match="even step"):
        BUMPS(calm.isel(time=[0, 1, 3]), event("2013-04-01", BUMPS))


@settings(max_examples=25, deadline=None)
@given(
    missing=st.lists(st.integers(0, 119), max_size=60),
    first=st.integers(0, 30),
    number=st.sampled_from([2, 5, 10, 20]),
)
def test_means_against_brute_force(missing: list[int], first: int, number: int) -> None:
    values = series(120, start=f"2013-04-01T00:{first:02}")
    values[missing, 0] = np.nan
    means, within = step_means(values, f"{number}min")
    assert within == number
    skipped = -first % number
    assert means.sizes["time"] == (120 - skipped) // number
    for k in range(means.sizes["time"]):
        group = values.isel(time=slice(skipped + k * number, skipped + (k + 1) * number))
        held = group.to_numpy()[:, 0]
        held = held[~np.isnan(held)]
        expected = held.mean() if 2 * held.size >= number else np.nan
        assert means[k, 0].item() == pytest.approx(expected, nan_ok=True)
        times = group["time"].to_numpy()
        assert means["time"].to_numpy()[k] == times[0] + (times[-1] - times[0]) / 2


@pytest.mark.parametrize("step", ["30s", "90s", "7min", "2D", "often"])
def test_steps_that_do_not_fit_are_refused(step: str) -> None:
    with pytest.raises(InputError, match="part of a day"):
        samples_in(step, "1min")
    with pytest.raises(InputError, match="part of a day"):
        step_means(series(1440), step)


def test_the_own_step_leaves_a_series_as_it_is() -> None:
    values = series(60)
    means, within = step_means(values, "60s")
    assert within == 1
    xr.testing.assert_identical(means, values)


@pytest.mark.parametrize("places", [[0], [0, 0, 1], [1, 0], [0, 1, 3]])
def test_uneven_times_are_refused(places: list[int]) -> None:
    times = series(4)["time"].to_numpy()
    assert even_step(times) == np.timedelta64(1, "m")
    with pytest.raises(InputError, match="even step"):
        even_step(times[places])


def test_parts_follow_each_other_and_share_nothing() -> None:
    whole = record(series(240, "1h"))
    parts = parts_in_time(whole, "2013-04-02", ("2013-04-04", "2013-04-05T12:00", None))
    assert list(parts) == list(ROLES)
    joined = xr.concat([parts[role][0] for role in ROLES], "time")
    expected = whole.sel(time=slice("2013-04-02", None))
    np.testing.assert_array_equal(joined["time"], expected["time"])
    np.testing.assert_array_equal(joined["value"], expected["value"])
    assert parts["calibration"][0]["time"].to_numpy()[0] == np.datetime64("2013-04-04")
    assert parts["test"][0]["time"].to_numpy()[0] == np.datetime64("2013-04-05T12:00")
    ended = parts_in_time(whole, None, ("2013-04-04", "2013-04-06", "2013-04-07"))
    assert ended["test"][0].sizes["time"] == 24


def test_empty_parts_are_refused() -> None:
    whole = record(series(240, "1h"))
    with pytest.raises(InputError, match="values for calibration"):
        parts_in_time(whole, None, ("2013-04-04", "2013-04-03", None))
    with pytest.raises(InputError, match="values for test"):
        parts_in_time(whole, None, ("2013-04-04", "2013-05-03", None))
    gone = whole.where(whole["time"] > np.datetime64("2013-04-04"))
    with pytest.raises(InputError, match="values for training"):
        parts_in_time(gone, None, ("2013-04-04", "2013-04-06", None))
    with pytest.raises(InputError, match="end of training"):
        parts_in_time(whole, None, ("soon", "2013-04-06", None))


def test_what_is_given_out_is_a_copy() -> None:
    held = HeldRecords({role: [record(series(48, "1h"))] for role in ROLES})
    taken = held("test", 0)
    taken["value"][:] = 0.0
    assert held("test", 0)["value"].any()


def test_a_record_says_where_it_comes_from() -> None:
    with pytest.raises(InputError, match="origin"):
        described(series(4), xr.Dataset(), "nT", "")
    found = record(series(4).transpose("station", "time"))
    assert found["value"].dims == ("time", "station")
    assert found.attrs == {"origin": "simulated", "report": ["made", "for a test"]}


def test_an_index_holds_for_its_interval() -> None:
    index = pd.Series([1.0, 2.0], pd.to_datetime(["2013-04-01T00:00", "2013-04-01T03:00"]))
    found = with_index(record(series(8, "1h")), "Kp", index, "3h")["Kp"]
    np.testing.assert_array_equal(found, [1, 1, 1, 2, 2, 2, np.nan, np.nan])


def test_seeds_differ() -> None:
    found = {seed_of(seed, number) for seed in range(20) for number in range(3)}
    assert len(found) == 60
    with pytest.raises(InputError, match="seed"):
        seed_of(-1, 0)
