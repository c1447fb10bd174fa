"""Which methods a kind of data gets, what is concluded of them, and scores against earthquakes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import Kind, Method, Trials
from precursor_lib.report.trials import cases, conclusions, shocks

DAYS = pd.date_range("2020-01-01", periods=400)


def a_kind(name: str = "field") -> Kind:
    def record(role, number):
        return xr.Dataset()

    return Kind(
        name, "simulated", "nT", "1D", 365.25, (1.0,), record,
        {"training": 1, "calibration": 1, "test": 1}, lambda r, e: r, pd.Timedelta("1h"),
    )  # fmt: skip


def some_trials(found: dict[str, np.ndarray], *, calm: dict[str, np.ndarray]) -> Trials:
    frames = []
    for method, alarm in found.items():
        frames.append(
            pd.DataFrame({"block": DAYS[: alarm.size], "alarm": alarm, "amplitude": 1.0}).assign(
                method=method
            )
        )
    for method, score in calm.items():
        frames.append(
            pd.DataFrame({"block": DAYS[: score.size], "score": score, "alarm": False}).assign(
                method=method, amplitude=np.nan
            )
        )
    blocks = pd.concat(frames, ignore_index=True).assign(kind="field", stations=1, record=0)
    return Trials(blocks, pd.DataFrame(), pd.Series(dtype=float), pd.Series(dtype=float))


@pytest.mark.parametrize("name", ["nights", "minutes", "strain", "components", "tec"])
def test_each_papers_method_meets_its_rival_and_no_method_twice(name: str) -> None:
    for league in (False, True):
        case = cases.case_of(name, a_kind(), league=league)
        names = [m.name for m in case.methods]
        assert len(set(names)) == len(names)
        assert case.own.paper in {"swntf", "lushan", "stmn", "cnn", "tec"}
        assert all(rival.paper is None for rival in case.rivals)
        assert bool(case.others) == league
        assert len(case.pairs) == len(case.rivals)


def test_an_unknown_kind_is_named() -> None:
    indices = xr.Dataset({"Kp": ("time", [1.0])}, coords={"time": DAYS[:1]})
    with pytest.raises(InputError, match="kind of data 'tides'"):
        cases.simulated(["tides"], seed=0, days=(1, 1, 1), indices=indices, nights_number=(1, 1, 1))


def test_papers_and_rivals_are_told_apart() -> None:
    case = cases.case_of("strain", a_kind(), league=True)
    table = cases.with_papers(pd.DataFrame({"method": ["STMN", "LSTM"]}), [case])
    assert table["paper"].tolist() == ["stmn", None]


def test_conclusions_name_those_that_find_more_and_fewer() -> None:
    names = ["own", "better", "worse", "same"]
    learn = Method("", lambda t: lambda r: r).learn
    own, better, worse, same = (Method(n, learn) for n in names)
    half = np.arange(40) < 20
    found = {"own": half, "better": np.ones(40, bool), "worse": np.zeros(40, bool), "same": half}
    case = cases.Case(a_kind(), own, (better,), (worse, same))
    row = conclusions.against_all(some_trials(found, calm={}), [case]).iloc[0]
    assert row["finds fewer than"] == "better"
    assert row["finds more than"] == "worse"
    assert row["no difference shown to"] == "same"


def test_scores_that_know_the_shocks_have_skill_and_others_none() -> None:
    rng = np.random.default_rng(1)
    shock = rng.choice(np.arange(50, 390), 12, replace=False)
    events = pd.DataFrame({"time": DAYS[shock] + pd.Timedelta("5h")})
    knows = rng.normal(size=DAYS.size)
    knows[shock - 1] += 10
    trials = some_trials({}, calm={"knows": knows, "noise": rng.normal(size=DAYS.size)})
    table = shocks.skill_table(trials, events, "field", [1]).set_index("method")
    assert table.loc["knows", "area"] > 0.9 and table.loc["knows", "chance"] < 0.02
    assert table.loc["noise", "from"] <= table.loc["noise", "area"] <= table.loc["noise", "to"]
    assert table["events"].tolist() == [12, 12]


def test_a_record_without_shocks_says_so() -> None:
    trials = some_trials({}, calm={"noise": np.zeros(400)})
    none = pd.DataFrame({"time": pd.DatetimeIndex([])})
    assert shocks.skill_table(trials, none, "field", [7])["events"].tolist() == [0]


def test_aftershocks_and_far_shocks_are_left_out() -> None:
    catalogue = pd.DataFrame(
        {
            "time": pd.to_datetime(["2020-01-01", "2020-01-02", "2023-06-01", "2023-09-01"]),
            "latitude": [30.0, 30.01, 30.0, 60.0],
            "longitude": [102.0, 102.0, 102.5, 102.0],
            "depth": 10.0,
            "magnitude": [6.5, 5.2, 5.5, 7.0],
        }
    )
    near = shocks.shocks_near(catalogue, (30.1, 102.1), 300, 5.0)
    assert near["magnitude"].tolist() == [6.5, 5.5]
