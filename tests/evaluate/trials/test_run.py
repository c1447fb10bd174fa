"""Trials on noise whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import (
    Kind,
    Method,
    false_alarms,
    league,
    pooled_scores,
    power_curves,
    repeat_trials,
    run_trials,
    smallest_found,
    threshold_at,
)

from .conftest import noise


def scores(values: list[list[float]]) -> xr.Dataset:
    array = np.asarray(values, dtype=float)
    blocks = pd.date_range("2020-01-01", periods=array.shape[0])
    peak = np.broadcast_to(blocks.to_numpy()[:, None], array.shape)
    return xr.Dataset(
        {"score": (("block", "station"), array), "peak": (("block", "station"), peak)},
        coords={"block": blocks, "station": list("ab")[: array.shape[1]]},
    )


def test_pooling_is_the_mean_surprise_of_the_ranks() -> None:
    calm = scores([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    pooled = pooled_scores(calm, scores([[9.0, 15.0], [np.nan, 99.0], [0.0, np.nan]]))
    expected = [
        (np.log(4 / 1) + np.log(4 / 3)) / 2,
        np.log(4 / 1),
        0.0,
    ]
    np.testing.assert_allclose(pooled["score"], expected, atol=1e-12)


def test_a_calm_block_is_not_held_against_itself() -> None:
    pooled = pooled_scores(scores([[1.0], [2.0], [3.0]]))
    np.testing.assert_allclose(pooled["score"], -np.log([3 / 3, 2 / 3, 1 / 3]))


def test_the_peak_is_that_of_the_most_surprising_station() -> None:
    one = scores([[9.0, 15.0]])
    one["peak"] = (("block", "station"), np.array([["2020-01-01", "2020-01-05"]], dtype="M8[ns]"))
    calm = scores([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    assert pooled_scores(calm, one)["peak"].item() == pd.Timestamp("2020-01-01").value


def test_pooling_wants_the_same_stations() -> None:
    with pytest.raises(InputError, match="stations"):
        pooled_scores(scores([[1.0, 2.0]]), scores([[1.0]]))
    with pytest.raises(InputError, match="no calm block"):
        pooled_scores(scores([[np.nan]]), scores([[1.0]]))


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_the_threshold_lets_through_what_it_may(share: float) -> None:
    calm = np.random.default_rng(0).normal(size=100)
    assert (calm > threshold_at(calm, share)).mean() == pytest.approx(share)


def test_ties_do_not_raise_the_false_alarms() -> None:
    calm = np.r_[np.zeros(50), np.ones(30), np.full(20, 2.0)]
    assert (calm > threshold_at(calm, 0.1)).mean() <= 0.1


def test_too_few_calm_blocks_are_refused() -> None:
    with pytest.raises(InputError, match="10 calm blocks"):
        threshold_at(np.arange(10.0), 1 / 30)


@pytest.fixture(scope="module")
def trials(kind: Kind, largest: Method, joint: Method):
    return run_trials([(kind, [largest, joint])], stations=(1, 3), every=3)


def test_false_alarms_come_at_the_rate_that_was_asked(trials) -> None:
    table = false_alarms(trials).set_index(["method", "stations"])
    assert len(table) == 4
    for row in table.itertuples():
        assert row.blocks == 360
        # Two thresholds each, so the calibration's own chance is in the spread.
        assert stats.binomtest(row.alarms, row.blocks, 1 / 30).pvalue > 1e-3
        assert row.a_year == pytest.approx(365.25 * row.alarms / 360)


def test_large_sources_are_found_on_time_and_small_ones_as_often_as_chance(trials) -> None:
    curves = power_curves(trials)
    large = curves[curves["amplitude"] == 8.0]
    assert (large["rate"] == 1).all()
    assert (large["error_h"] <= 1.5).all()
    small = curves[curves["amplitude"] == 0.5]
    assert (small["rate"] < 0.3).all()


def test_more_stations_find_smaller_sources(trials) -> None:
    found = smallest_found(trials).set_index(["method", "stations"])["smallest"]
    assert found["largest value", 3] < found["largest value", 1]
    assert found["mean of stations", 3] < found["mean of stations", 1]


def test_one_stations_half_lies_where_the_arithmetic_puts_it(trials) -> None:
    # Three or four samples of N(a, 1) against the block's threshold t: found if one passes.
    size = np.abs(np.concatenate([noise("calibration", n)["value"][:, 0] for n in range(200)]))
    t = np.quantile(size.reshape(-1, 24).max(axis=1), 1 - 1 / 30)
    grid = np.linspace(0.5, 8, 400)
    rate = 1 - stats.norm.cdf(t - grid) ** 3.25
    half = grid[np.argmin(np.abs(rate - 0.5))]
    row = smallest_found(trials).set_index(["method", "stations"]).loc[("largest value", 1)]
    assert row["low"] <= half * 1.1 and row["high"] >= half * 0.9
    assert row["smallest"] == pytest.approx(half, rel=0.25)


def test_the_league_has_a_row_for_each(trials) -> None:
    table = league(trials)
    assert len(table) == 4
    assert (table["rate_low"] <= table["rate"]).all()
    assert (table["a_year"] <= table["a_year_high"]).all()
    assert (table[["learn_s", "score_s"]] >= 0).all(axis=None)


def test_trials_repeat_by_seed_and_do_not_depend_on_the_workers(
    kind: Kind, largest: Method, joint: Method
) -> None:
    small = replace(kind, records={"training": 1, "calibration": 1, "test": 1})
    one = run_trials([(small, [largest, joint])], seed=3)
    two = run_trials([(small, [largest, joint])], seed=3, workers=2)
    pd.testing.assert_frame_equal(one.blocks, two.blocks)
    other = run_trials([(small, [largest, joint])], seed=4)
    assert not one.blocks["score"].equals(other.blocks["score"])


def test_observed_records_may_not_share_time(kind: Kind, largest: Method) -> None:
    with pytest.raises(InputError, match="share time"):
        run_trials([(replace(kind, origin="observed"), [largest])])


def test_a_scorer_that_gives_something_else_is_named(kind: Kind) -> None:
    def learn(_):
        return lambda record: record

    with pytest.raises(InputError, match="odd: expected score and peak"):
        run_trials([(kind, [Method("odd", learn)])])


def test_a_kind_says_what_is_wrong_with_it(kind: Kind) -> None:
    with pytest.raises(InputError, match="amplitudes"):
        replace(kind, amplitudes=(2.0, 1.0))
    with pytest.raises(InputError, match="calibration"):
        replace(kind, records={"training": 1, "test": 1})


def test_repeated_trials_add_sources_and_no_calm_blocks(kind: Kind, largest: Method) -> None:
    small = [(replace(kind, records={"training": 1, "calibration": 1, "test": 2}), [largest])]
    once, thrice = run_trials(small, seed=0), repeat_trials(small, [0, 1, 2])
    assert false_alarms(thrice)["blocks"].tolist() == false_alarms(once)["blocks"].tolist()
    assert power_curves(thrice)["sources"].sum() == 3 * power_curves(once)["sources"].sum()
    sources = thrice.blocks.dropna(subset="amplitude")
    assert not sources.duplicated(["record", "block"]).any()
