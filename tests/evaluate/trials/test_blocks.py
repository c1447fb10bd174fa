"""Blocks, planned sources and block scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import block_of, block_scores, plan_sources

HOURS = pd.date_range("2021-03-01", periods=24 * 30, freq="1h")
THREE = pd.Timedelta("3h")


def test_a_block_is_a_day_of_utc() -> None:
    assert list(block_of(["2021-03-01T23:59", "2021-03-02T00:00"], "1D")) == [
        pd.Timestamp("2021-03-01"),
        pd.Timestamp("2021-03-02"),
    ]


def test_a_block_needs_a_length() -> None:
    with pytest.raises(InputError, match="block"):
        block_of(HOURS, "0h")


@given(every=st.integers(2, 9), seed=st.integers(0, 2**32 - 1))
def test_a_planned_source_lies_in_its_block_and_its_neighbours_are_calm(
    every: int, seed: int
) -> None:
    events = plan_sources(HOURS, "1D", THREE, (1.0, 2.0, 3.0), every=every, seed=seed)
    assert (block_of(events["start"], "1D") == events["block"]).all()
    assert (block_of(events["end"], "1D") == events["block"]).all()
    assert (events["end"] - events["start"] == THREE).all()
    assert (np.diff(events["block"]) == np.timedelta64(every, "D")).all()
    counts = events["amplitude"].value_counts().reindex([1.0, 2.0, 3.0], fill_value=0)
    assert counts.max() - counts.min() <= 1


def test_a_plan_repeats_by_seed() -> None:
    one, two, three = (
        plan_sources(HOURS, "1D", THREE, (1.0, 2.0), every=3, seed=s) for s in (4, 4, 5)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one["start"].equals(three["start"])


def test_a_short_block_holds_no_source() -> None:
    times = pd.DatetimeIndex(["2021-03-01T00:00", "2021-03-01T01:00"])
    with pytest.raises(InputError, match="can hold a source"):
        plan_sources(times, "1D", THREE, (1.0,), every=2, seed=0)
    with pytest.raises(InputError, match="every"):
        plan_sources(HOURS, "1D", THREE, (1.0,), every=1, seed=0)


@pytest.mark.parametrize(
    ("how", "reduce"), [("max", np.nanmax), ("sum", np.nansum), ("mean", np.nanmean)]
)
def test_scores_are_those_of_a_loop(how, reduce) -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(2, HOURS.size))
    values[rng.random(values.shape) < 0.2] = np.nan
    scores = block_scores(HOURS, values, "1D", ["a", "b"], how=how, least_coverage=0.1)
    for n, start in enumerate(scores["block"].to_numpy()):
        for s in range(2):
            part = values[s, 24 * n : 24 * (n + 1)]
            assert scores["score"].to_numpy()[n, s] == pytest.approx(reduce(part))
            assert scores["peak"].to_numpy()[n, s] == HOURS[24 * n + np.nanargmax(part)].to_numpy()
        assert start == HOURS[24 * n].to_numpy()


def test_a_plateau_peaks_in_its_middle() -> None:
    values = np.zeros((1, 24))
    values[0, 10:13] = 1.0
    scores = block_scores(HOURS[:24], values, "1D", ["a"], how="sum")
    assert scores["score"].item() == 3.0
    assert scores["peak"].item() == HOURS[11].value


def test_a_block_with_few_samples_is_not_judged() -> None:
    values = np.ones((1, 48))
    values[0, 5:24] = np.nan
    scores = block_scores(HOURS[:48], values, "1D", ["a"])
    assert np.isnan(scores["score"].to_numpy()[0, 0])
    assert np.isnat(scores["peak"].to_numpy()[0, 0])
    assert scores["score"].to_numpy()[1, 0] == 1.0


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        block_scores(HOURS, np.ones((2, 3)), "1D", ["a", "b"])
    with pytest.raises(InputError, match="ascending"):
        block_scores(HOURS[::-1], np.ones((1, HOURS.size)), "1D", ["a"])


def test_too_few_sources_leave_out_any_amplitude() -> None:
    sizes = tuple(float(n) for n in range(1, 21))
    seen = [
        plan_sources(HOURS, "1D", THREE, sizes, every=10, seed=seed)["amplitude"]
        for seed in range(40)
    ]
    assert set(pd.concat(seen)) == set(sizes)
