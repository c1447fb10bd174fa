"""The TEC pages: values for the ledger, tables and figures on records made by hand."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.tec import ALL, daily_errors, skill_table, window_flags
from precursor_lib.forecast import forecaster
from precursor_lib.pipelines.tec import Detection
from precursor_lib.report.claims import read_claims
from precursor_lib.report.tec import (
    anomalies,
    claims,
    claims_run,
    context,
    methods,
    observed,
    skill,
    tables,
)
from precursor_lib.report.verdict import computed_value
from precursor_lib.simulate.space_weather import real_activity, real_kp, real_rc

ROOT = Path(__file__).parents[2]
TIMES = pd.date_range("2016-03-20", "2016-12-16", freq="h", inclusive="left")


@pytest.fixture(scope="module")
def ledger():
    return {k: v for k, v in read_claims(ROOT / "claims").items() if k.startswith("tec-")}


def detection(flags=(), stations=claims.STATIONS) -> Detection:
    """A flat record; `flags` are (time, sign, size) at all stations."""
    shape = len(stations), TIMES.size
    dtec = np.zeros(shape)
    for moment, size in flags:
        dtec[:, TIMES.get_loc(moment)] = size
    ten = np.full(shape, 10.0)
    quiet = np.ones(TIMES.size, dtype=bool)
    quiet[TIMES.normalize().isin([pd.Timestamp("2016-12-06")])] = False
    return Detection(
        times=TIMES,
        stations=tuple(stations),
        observed=ten + dtec,
        lower=ten - 1,
        upper=ten + 1,
        dtec=dtec,
        judged=np.ones(shape, dtype=bool),
        quiet=quiet,
    )


def models(seed=0, sizes=(1.0, 2.0, 2.0, 2.0, 2.0, 2.0)):
    rng = np.random.default_rng(seed)
    y = 10 + 4 * rng.normal(size=(5, 30 * 24))
    made = {m: y + s * rng.normal(size=y.shape) for m, s in zip(claims.MODELS, sizes, strict=True)}
    return y, made


def test_every_value_fits_its_claim(ledger):
    stations = pd.DataFrame(
        {"latitude": [44.2, 42.9, 44.3, 41.7, 45.6], "longitude": [86.1, 86.7, 84.8, 86.1, 84.9]},
        index=list(claims.STATIONS),
    )
    y, made = models()
    daily = {m: daily_errors(y, f, 24) for m, f in made.items()}
    found = detection([("2016-12-01 12:00", 2.0), ("2016-12-03 12:00", -1.0)])
    windows = window_flags(found.times, found.sign, found.quiet, found.any_judged)
    recovery = pd.DataFrame(
        {"found": [3, 5, 2, 6], "false_a_year": [10.0, 10.0, 20.0, 20.0]},
        index=pd.MultiIndex.from_product(
            [["ED-LSTME", "IQR"], [3.0, 6.0]], names=["method", "size"]
        ),
    )
    values = claims.table_values(ledger) | claims.calendar_values(ledger)
    values |= claims.station_values(ledger, stations)
    values |= claims_run.index_values(real_kp(), real_rc())
    values |= claims_run.model_values(skill_table(y, made, claims.STATIONS), daily, daily)
    values |= claims_run.anomaly_values(found, found, windows, 0.8, recovery)
    for name, value in values.items():
        computed_value(ledger[name], value)  # raises where the form is another
    assert len(values) > 140
    assert values["tec-sec4-best"] == "ED-LSTME"
    assert values["tec-sec3-second"] == "none alone"
    assert values["tec-sec4-iqr-misses"] is True
    assert values["tec-fig6-day7"] is False
    assert values["tec-tab1-lowest-latitude"] == "XJKE"


def test_the_order_of_models_needs_more_than_chance():
    y, made = models(sizes=(2.0, 2.0, 2.001, 2.0, 2.0, 2.0))
    daily = {m: daily_errors(y, f, 24) for m, f in made.items()}
    table = skill_table(y, made, claims.STATIONS)
    assert claims_run.model_values(table, daily, daily)["tec-sec4-best"] == "none alone"
    y, made = models(sizes=(1.0, 1.3, 2.0, 2.0, 2.0, 2.0))
    daily = {m: daily_errors(y, f, 24) for m, f in made.items()}
    values = claims_run.model_values(table, daily, daily)
    assert (values["tec-sec3-second"], values["tec-sec3-deep"]) == ("DNN", True)


def test_what_table_2_must_hold_is_found_in_true_metrics():
    y, made = models(sizes=(0.5, 1.0, 1.5, 2.0, 2.5, 3.0))
    made = {m: 0.9 * f for m, f in made.items()}  # so that R² is not the square of rho
    table = skill_table(y, made, claims.STATIONS)
    usual = table.assign(r2=table["explained"]).astype(float).round(4)
    frame = claims.spreads(usual)
    assert (frame["low"] <= frame["high"]).all()
    assert frame.loc["XJWL", "low"] == pytest.approx(y[1].std(), abs=0.002)
    assert np.abs(claims.pooling_error(usual)).max() < 0.001
    other = table.round(4)  # equation 4 instead: no common variance
    frame = claims.spreads(other)
    assert (frame["low"] > frame["high"]).all()
    usual.loc[("DNN", ALL), "rmse"] += 0.1
    assert np.abs(claims.pooling_error(usual)).max() > 0.01


def test_the_printed_table(ledger):
    table = claims.printed_table(ledger)
    assert table.shape == (36, 4)
    assert table.loc[("ARIMA", "XJKE"), "rmse"] == 8.6702
    values = claims.table_values(ledger)
    assert values["tec-tab2-arima-mae-pooled"] is False
    assert values["tec-abstract-rmse-gain"] == pytest.approx(39.11, abs=0.01)
    squares = [v for k, v in values.items() if k.endswith("-square") and "tab2" in k]
    assert len(squares) == 36


def test_indices_of_the_papers_days():
    values = claims_run.index_values(real_kp(), real_rc())
    assert values["tec-fig11-kp-maximum-day"] == -13
    assert values["tec-fig11-kp-before"] == "-16 -15 -14 -13"
    assert values["tec-fig8-kp"] > 5
    assert set(values["tec-fig6-storm-days"].values()) == {"-2 -1 0 1 2 3", "-2 0 1 2 3"}


def test_days_of_anomalies():
    flags = [("2016-12-01 12:00", -2.0), ("2016-12-04 16:00", 1.0), ("2016-12-06 05:00", 9.0)]
    found, nothing = detection(flags), detection()
    windows = window_flags(TIMES, found.sign, found.quiet, found.any_judged)
    recovery = pd.DataFrame(
        {"found": [1, 1], "false_a_year": [1.0, 1.0]},
        index=pd.MultiIndex.from_product([["ED-LSTME", "IQR"], [3.0]], names=["method", "size"]),
    )
    got = claims_run.anomaly_values(found, nothing, windows, 0.5, recovery)
    assert got["tec-fig6-first"] == -7
    assert got["tec-fig6-turn"] == -4
    assert got["tec-fig10-days"] == "-7 -4"
    assert got["tec-fig10-maximum"] == -7  # the larger one is not in a quiet time
    assert got["tec-fig7-days"] == ""
    assert got["tec-fig7-weaker"] is True
    assert got["tec-fig7-negative"] is None
    assert got["tec-fig8-none"] == 0
    assert got["tec-fig8-reliable"] is True


def test_the_catalogue(ledger):
    shock = pd.DataFrame(
        {
            "time": pd.to_datetime(["2016-12-08 05:15:04", "2016-04-01 00:00:00"]),
            "latitude": [43.82, 44.0],
            "longitude": [86.34, 90.0],
            "depth": [17.6, 10.0],
            "magnitude": [6.0, 5.1],
        }
    )
    values = claims.event_values(ledger, shock)
    assert values["tec-sec2-time"] == {"UTC": "05:15", "Beijing time": "13:15"}
    assert list(values["tec-fig8-earthquakes"].values()) == [1, 1]
    with pytest.raises(InputError, match="no event near"):
        claims.event_values(ledger, shock.iloc[1:])
    shock.attrs["origin"] = "simulated"
    assert set(claims.event_values(ledger, shock).values()) == {None}


def test_windows_about_earthquakes():
    found = detection([("2016-06-10 12:00", 1.0), ("2016-08-10 12:00", 1.0)])
    table = window_flags(TIMES, found.sign, found.quiet, found.any_judged)
    assert observed.window_of("2016-06-12T05:00") == ("2016-06-04", "2016-06-15")
    got = observed.event_table({"rule": table}, ["2016-06-12T05:00", "2016-10-01T00:00"])
    assert got["quiet flags"].tolist() == [1, 0]
    # 23 starts share a day with each window; of the others 12 hold the flag of August.
    assert got["others"].tolist() == [len(table) - 46] * 2
    assert got["share with as many"].tolist() == [12 / (len(table) - 46), 1.0]


def test_figures_are_drawn_and_closed():
    y, made = models()
    table = skill_table(y, made, claims.STATIONS)
    found = detection([("2016-12-01 12:00", 2.0)])
    activity = {"Kp": real_kp(), "Dst": real_rc()}
    event = "2016-12-08T05:15"
    windows = window_flags(TIMES, found.sign, found.quiet, found.any_judged)
    shape = {"length": 6, "horizon": 3, "channels": 5, "inputs": 3}
    field = xr.DataArray(
        np.random.default_rng(0).normal(size=(12, 3, 4)),
        dims=("time", "latitude", "longitude"),
        coords={
            "time": pd.date_range("2016-11-30", periods=12),
            "latitude": [40.0, 42.5, 45.0],
            "longitude": [80.0, 82.5, 85.0, 87.5],
        },
    )
    spans = {"training": ("2002-01-01", "2004-12-31")}
    frame = pd.DataFrame({"training_loss": [1.0, 0.5], "validation_loss": [1.1, 0.7]})
    drawn = [
        skill.network(forecaster("ed_lstme", shape), ["TEC"], ["Kp"]),
        skill.scatter(y, made, table),
        skill.taylor(table),
        skill.bars(tables.with_disturbed(table, table), [ALL, "XJSH", "disturbed"]),
        skill.by_lead({"DNN": np.ones(24), "day before": np.ones(24)}, np.arange(24)),
        skill.learning({"one": frame}),
        anomalies.anomaly_days(found, activity, "2016-11-30", "2016-12-11", event=event),
        anomalies.indices(activity, "2016-11-17", "2016-12-15", event),
        anomalies.by_day_and_hour({"a": found, "b": found}, "2016-11-17", "2016-12-15", event),
        anomalies.window_counts({"a": windows, "b": windows}, "2016-03-27"),
        context.solar_years(real_activity()["F107"].to_series(), spans),
        context.olr_days(field, (43.8, 86.4), "2016-11-30", "2016-12-11"),
        methods.absorbed({"a": found, "b": found}, "2016-12-01T10:00", 6.0, "XJSH"),
        observed.windows_in_time({"a": windows, "b": windows}, ["2016-06-12T05:00"]),
    ]
    assert plt.get_fignums() == []
    for figure in drawn:
        assert figure.axes
    # The network's boxes carry the object's own numbers of weights.
    words = " ".join(text.get_text() for text in drawn[0].axes[0].texts)
    assert f"{4 * 32 * (8 + 32 + 2)}" in words.replace("\u202f", "")
    near = context.near(field, (42.5, 82.5), 100.0)
    np.testing.assert_allclose(near, field.values[:, 1, 1])
    largest = field["time"].values[field.values[:, 1, 1].argmax()].astype("datetime64[D]")
    assert claims_run.olr_values(near) == {"tec-fig9-peak": str(largest)}
