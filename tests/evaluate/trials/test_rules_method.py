"""Rules that judge a day by the same hours of the days before."""

import pickle

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import (
    Budget,
    Kind,
    Scorer,
    Training,
    false_alarms,
    power_curves,
    run_trials,
)
from precursor_lib.evaluate.trials.methods.rules import DayRule, mean_rule, median_rule

RULES = {"median": median_rule, "mean": mean_rule}


def record(days: int = 12, hours: int = 6, seed: int = 0, first: str = "2020-01-01") -> xr.Dataset:
    """Noise about a daily cycle, every few hours."""
    rng = np.random.default_rng(seed)
    times = pd.date_range(first, periods=days * 24 // hours, freq=f"{hours}h", unit="ns")
    cycle = 5 * np.cos(2 * np.pi * times.hour.to_numpy() / 24)
    values = cycle[:, None] + rng.normal(size=(times.size, 2))
    return xr.Dataset(
        {"value": (("time", "station"), values)}, coords={"time": times, "station": ["a", "b"]}
    )


def scorer(name: str, days: int, factor: float, block: str = "1D") -> Scorer:
    data = record()
    events = pd.DataFrame()
    training = Training(data, data, events, block, Budget(), 0)
    return RULES[name](days=days, factor=factor).learn(training)


def by_hand(data: xr.Dataset, name: str, days: int, factor: float) -> np.ndarray:
    """Largest excess of each day from pandas, one value after the other."""
    table = data["value"].to_pandas()
    out = []
    for moment, row in table.iterrows():
        before = [moment - pd.Timedelta(days=d) for d in range(1, days + 1)]
        if before[-1] < table.index[0]:
            out.append(np.full(row.size, np.nan))
            continue
        held = table.loc[before]
        enough = held.notna().sum() >= max(2, int(np.ceil(days / 2)))
        if name == "median":
            middle, half = held.median(), factor * (held.quantile(0.75) - held.quantile(0.25))
        else:
            middle, half = held.mean(), factor * held.std()
        out.append(np.where(enough, (row - middle).abs() - half, np.nan))
    excess = pd.DataFrame(out, index=table.index)
    days_of = excess.groupby(table.index.floor("D"))
    fullest = days_of.size().max()
    return days_of.max().where(days_of.count() >= fullest / 2).to_numpy()


@settings(max_examples=20, deadline=None)
@given(
    name=st.sampled_from(["median", "mean"]),
    days=st.integers(2, 6),
    factor=st.floats(0.5, 3),
    seed=st.integers(0, 1000),
    gaps=st.integers(0, 12),
)
def test_scores_are_those_by_hand(name, days, factor, seed, gaps) -> None:
    data = record(seed=seed)
    rng = np.random.default_rng(seed)
    data["value"][rng.integers(0, data.sizes["time"], gaps), 0] = np.nan
    scores = scorer(name, days, factor)(data)
    np.testing.assert_allclose(
        scores["score"].to_numpy(), by_hand(data, name, days, factor), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("name", ["median", "mean"])
def test_what_comes_later_changes_no_score(name: str) -> None:
    rule, data = scorer(name, 4, 1.5), record()
    later = data.copy(deep=True)
    cut = 4 * 8
    later["value"][cut:] += 100.0
    one, two = rule(data)["score"].to_numpy(), rule(later)["score"].to_numpy()
    np.testing.assert_array_equal(one[:8], two[:8])
    assert not np.array_equal(one[8:], two[8:])


@pytest.mark.parametrize("name", ["median", "mean"])
def test_times_in_the_middle_of_a_step_do_as_well(name: str) -> None:
    rule, data = scorer(name, 4, 1.5), record()
    middle = data.assign_coords(time=data["time"] + np.timedelta64(3, "h"))
    np.testing.assert_array_equal(rule(middle)["score"], rule(data)["score"])


@pytest.mark.parametrize("name", ["median", "mean"])
def test_a_source_is_found_and_timed(name: str, kind: Kind) -> None:
    trials = run_trials([(kind, [RULES[name]()])], stations=(1, 3))
    largest = power_curves(trials).query("amplitude == 8")
    assert (largest["rate"] > 0.9).all()
    assert (largest["error_h"] < 3).all()
    smallest = power_curves(trials).query("amplitude == 0.5")
    assert (smallest["rate"] < 0.4).all()
    # 6 records of 45 judged days; 1 in 30 is expected, and the threshold is from 8 such records.
    share = false_alarms(trials)["share"]
    assert ((share > 0.005) & (share < 0.08)).all()


def test_the_days_of_the_first_window_are_not_judged() -> None:
    score = scorer("median", 5, 1.5)(record())["score"].to_numpy()
    assert np.isnan(score[:5]).all() and np.isfinite(score[5:]).all()


def test_records_that_are_too_short_or_uneven_are_refused() -> None:
    rule = scorer("mean", 5, 2.0)
    with pytest.raises(InputError, match="more than the 5 days"):
        rule(record(days=5))
    with pytest.raises(InputError, match="step"):
        rule(record().isel(time=[0, 1, 2, 5, 6]))
    odd = record().assign_coords(time=pd.date_range("2020-01-01", periods=48, freq="7h", unit="ns"))
    with pytest.raises(InputError, match="divides a day"):
        rule(odd)


def test_methods_and_scorers_go_to_other_processes() -> None:
    rule = scorer("median", 3, 1.5)
    assert isinstance(rule, DayRule)
    assert pickle.loads(pickle.dumps(rule)) == rule
    assert pickle.loads(pickle.dumps(mean_rule(days=27))).name == "Mean rule"
