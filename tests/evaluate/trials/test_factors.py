"""Factorisations and band power as methods of a trial."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import (
    Budget,
    Kind,
    Method,
    Training,
    plan_sources,
    run_trials,
)
from precursor_lib.evaluate.trials.methods.factors import (
    COARSE,
    band_power,
    ntf,
    power_in_band,
    sw_ntf,
)
from precursor_lib.evaluate.trials.records.nights import simulated_nights
from precursor_lib.pipelines import run_night


@pytest.fixture(scope="module")
def nights() -> Kind:
    """Nights without pulsations and disturbances of single stations, with a huge source."""
    parts = {"pi2": None, "man_made": None, "gaps": None}
    return simulated_nights(seed=1, nights=(3, 3, 4), stations=3, amplitudes=(5.0,), parts=parts)


def training_of(kind: Kind) -> Training:
    calm = kind.record("training", 0)
    events = plan_sources(
        calm["time"].to_numpy(), kind.block, kind.duration, kind.amplitudes, every=2, seed=0
    )
    return Training(calm, kind.add(calm, events), events, kind.block, Budget(), 0)


def loud(kind: Kind) -> tuple[xr.Dataset, pd.DataFrame]:
    record = kind.record("test", 0)
    events = plan_sources(
        record["time"].to_numpy(), kind.block, kind.duration, kind.amplitudes, every=2, seed=7
    )
    return kind.add(record, events), events


def hourly(values: np.ndarray, start: str = "2020-01-01") -> xr.Dataset:
    """One station, one value an hour."""
    times = pd.date_range(start, periods=values.size, freq="1h")
    return xr.Dataset(
        {"value": (("time", "station"), values[:, None])}, coords={"time": times, "station": ["a"]}
    )


# --- the factorisations ---------------------------------------------------------------------


@pytest.mark.parametrize("method", [sw_ntf(sigma="training"), ntf(sigma="training")])
def test_huge_source_is_found_and_timed(nights: Kind, method: Method) -> None:
    scorer = pickle.loads(pickle.dumps(method)).learn(training_of(nights))
    record, events = loud(nights)
    calm, with_ = scorer(nights.record("test", 0)), scorer(record)
    assert with_.sizes == {"block": 4, "station": 1}
    at = events.set_index("block")["time"]
    for block in with_["block"].to_numpy():
        if block in at.index:
            here = with_.sel(block=block)
            assert here["score"] > 10 * calm["score"].max()
            assert abs(here["peak"].to_numpy()[0] - at[block]) < pd.Timedelta(seconds=120)
        else:
            # Nights are judged by themselves.
            xr.testing.assert_equal(with_.sel(block=block), calm.sel(block=block))


@pytest.mark.parametrize("make", [sw_ntf, ntf])
def test_score_is_the_sigma_at_which_the_chain_stops(nights: Kind, make) -> None:
    record, events = loud(nights)
    night = record.sel(time=str(events["block"].iloc[0].date()))
    chain = replace(COARSE, step=8, levels=6, methods=(make.__name__,))
    scores = make(chain, average=1).learn(training_of(nights))(night)
    score = float(scores["score"].to_numpy()[0, 0])
    assert score > 0
    for factor, expected in ((0.999, 1), (1.001, 0)):
        result = run_night(night, chain=replace(chain, sigmas=factor * score))
        found = result.anomalies.query("component == 0")
        assert len(found) == expected
    below = run_night(night, chain=replace(chain, sigmas=0.999 * score)).anomalies
    run = below.query("component == 0").iloc[0]
    assert abs(scores["peak"].to_numpy()[0, 0] - run["time"]).total_seconds() <= run["duration"]


def test_sigma_of_the_training_is_that_of_its_courses(nights: Kind) -> None:
    training = training_of(nights)
    own, calm = ntf().learn(training), ntf(sigma="training").learn(training)
    courses = [course for _, course in own.courses(training.calm)]  # type: ignore[attr-defined]
    level, spread = np.mean(np.concatenate(courses)), np.std(np.concatenate(courses))
    # Undone, both say at what amplitude the run is no longer found.
    first, second = (s(training.calm)["score"].to_numpy()[:, 0] for s in (own, calm))
    amplitude = [c.mean() + k * c.std() for c, k in zip(courses, first, strict=True)]
    np.testing.assert_allclose(second, (np.array(amplitude) - level) / spread, rtol=1e-9)


def test_nights_own_sigma_bounds_the_score(nights: Kind) -> None:
    record, events = loud(nights)
    huge = nights.add(record, events.assign(amplitude=1e3))
    method = ntf()
    score = method.learn(training_of(nights))(huge)["score"].to_numpy()
    # 60 s above k sigma take at least this part of an hour (Cantelli's inequality).
    assert score.max() <= np.sqrt(3600 / 60 - 1)


def test_station_with_a_long_gap_is_left_out(nights: Kind) -> None:
    record = nights.record("test", 0).isel(time=slice(0, 3600))
    holed = record.copy(deep=True)
    holed["value"][1000:1400, 1] = np.nan
    scorer = sw_ntf().learn(training_of(nights))
    xr.testing.assert_identical(scorer(holed), scorer(record.isel(station=[0, 2])))
    holed["value"][1000:1400] = np.nan
    with pytest.raises(InputError, match=r"no night can be judged.*more than 300 s"):
        scorer(holed)
    both = xr.concat([holed, nights.record("test", 0).isel(time=slice(3600, 7200))], "time")
    assert np.isnan(scorer(both)["score"].to_numpy()).ravel().tolist() == [True, False]


def test_nothing_kept_is_calm(nights: Kind) -> None:
    still = nights.record("test", 0).isel(time=slice(0, 3600))
    still["value"] = xr.zeros_like(still["value"])
    assert sw_ntf().learn(training_of(nights))(still)["score"].item() == 0.0


def test_factorisations_say_what_they_need(nights: Kind) -> None:
    training = training_of(nights)
    hours = hourly(np.random.default_rng(0).normal(size=400))
    with pytest.raises(InputError, match="at most 10 s"):
        ntf().learn(training)(hours)
    bare = nights.record("test", 0).isel(time=slice(0, 3600)).drop_vars("distance")
    with pytest.raises(InputError, match="distance"):
        sw_ntf().learn(training)(bare)
    assert ntf().learn(training)(bare)["score"].item() > 0
    with pytest.raises(InputError, match="sigma"):
        ntf(sigma="all")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="average 0"):
        ntf(average=0)


# --- band power -----------------------------------------------------------------------------


def test_power_of_a_sine_is_its_squared_amplitude() -> None:
    hours = np.arange(24 * 40)
    inside = 3.0 * np.cos(2 * np.pi * 4 * hours / 24 + 0.3)
    outside = 50.0 + 20.0 * np.cos(2 * np.pi * 1 * hours / 24)
    record = hourly(inside + outside)
    power = power_in_band(record, 2.5 / 86400, 8 / 86400)[0]
    np.testing.assert_allclose(power[72:-72], 9.0, rtol=0.01)


def test_power_knows_gaps_and_stretches() -> None:
    rng = np.random.default_rng(0)
    first, second = hourly(rng.normal(size=200)), hourly(rng.normal(size=200), "2020-03-01")
    short = hourly(rng.normal(size=23), "2020-05-01")
    both = xr.concat([first, second, short], "time")
    both["value"][50:55] = np.nan
    low, high = 2 / 86400, 8 / 86400
    power = power_in_band(both, low, high)[0]
    assert np.flatnonzero(np.isnan(power)).tolist() == [*range(50, 55), *range(400, 423)]
    np.testing.assert_allclose(power[200:400], power_in_band(second, low, high)[0])
    with pytest.raises(InputError, match="two periods"):
        power_in_band(short, low, high)
    assert np.isfinite(power_in_band(first.isel(time=slice(0, 24)), low, high)).all()
    with pytest.raises(InputError, match="upper end"):
        power_in_band(first, low, 1 / 7200)


def test_band_power_on_noise(kind: Kind) -> None:
    method = band_power((2.0, 8.0), per="day")
    result = run_trials([(kind, [method])], stations=(1, 3), every=3)
    calm = result.blocks[result.blocks["amplitude"].isna()]
    share = calm.groupby("stations")["alarm"].mean()
    # 1/30 of 360 calm days, with a threshold from 480: four standard deviations either side.
    assert ((share > 0.0) & (share < 0.09)).all()
    source = result.blocks[result.blocks["amplitude"] == 8.0]
    assert source["alarm"].all() and (source["error"].abs() <= 6).all()


def test_band_power_on_nights(nights: Kind) -> None:
    scorer = pickle.loads(pickle.dumps(band_power())).learn(training_of(nights))
    record, events = loud(nights)
    scores = scorer(record).sel(block=events["block"].to_numpy())
    calm = scorer(nights.record("test", 0))["score"].max()
    assert (scores["score"] > 100 * calm).all()
    error = scores["peak"] - events["time"].to_numpy()[:, None]
    assert (np.abs(error) < np.timedelta64(60, "s")).all()
    one = scorer(record.isel(station=[2])).sel(block=events["block"].to_numpy())
    xr.testing.assert_equal(one, scores.isel(station=[2]))


def test_band_power_says_what_it_needs() -> None:
    for band in ((0.05, 0.01), (0.0, 0.05)):
        with pytest.raises(InputError, match="0 < low < high"):
            band_power(band)
    with pytest.raises(InputError, match="per"):
        band_power(per="week")  # type: ignore[arg-type]
    flat = hourly(np.zeros(400))
    training = Training(flat, flat, pd.DataFrame(), "1D", Budget(), 0)
    with pytest.raises(InputError, match="station a has no power"):
        band_power((2.0, 8.0), per="day").learn(training)
    noisy = hourly(np.random.default_rng(0).normal(size=400))
    scorer = band_power((2.0, 8.0), per="day").learn(replace(training, calm=noisy))
    with pytest.raises(InputError, match="station b"):
        scorer(noisy.assign_coords(station=["b"]))
