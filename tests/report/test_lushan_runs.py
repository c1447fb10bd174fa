"""Tables and figures of the Lushan page, on small runs of known content."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.errors import InputError
from precursor_lib.pipelines.lushan import apply_rule, run_station
from precursor_lib.pipelines.lushan_chain import LushanChain
from precursor_lib.report.claims import read_claims
from precursor_lib.report.lushan import (
    context,
    days,
    forecasts,
    inputs,
    ledger,
    models,
    modes,
    observed,
    observed_figures,
    rules,
    timeline,
)
from tests.report.test_lushan import ROOT

RATE, DAYS = 144, 60
FIRST = pd.Timestamp("2013-02-28 16:00")
CHAIN = LushanChain(
    modes=3,
    kept=(2, 3),
    length=24,
    horizon=6,
    grid=({"width": 8, "heads": 2, "strides": (4,), "layers": 1},),
    training={
        "epochs": 2,
        "windows_per_epoch": 512,
        "batch_size": 64,
        "learning_rate": 5e-3,
        "threads": 1,
    },
)
PACKETS = (30, 36, 37, 45, 50)
NAMES = {"A": "Station A"}


def series(packets=PACKETS) -> xr.DataArray:
    """A trend, a daily and a two-hour wave and noise, at ten minutes; packets of five hours."""
    rng = np.random.default_rng(3)
    n = DAYS * RATE
    t = np.arange(n) / RATE
    x = 0.5 * t + 5 * np.sin(2 * np.pi * t) + np.sin(2 * np.pi * 12 * t) + rng.normal(0, 0.3, n)
    bursts = 8 * rng.normal(size=(DAYS, 30))
    for day in packets:
        x[day * RATE + 70 : day * RATE + 100] += bursts[day]
    times = pd.date_range(FIRST, periods=n, freq="10min").to_numpy().astype("datetime64[ns]")
    return xr.DataArray(x, dims="time", coords={"time": times, "station": "A"})


@pytest.fixture(scope="module")
def run():
    return run_station(series(), CHAIN)


@pytest.fixture(scope="module")
def calm():
    return run_station(series(()), CHAIN)


@pytest.fixture(scope="module")
def truth():
    begin = [FIRST + pd.Timedelta(days=day, minutes=700) for day in PACKETS]
    return pd.DataFrame(
        {
            "kind": "source",
            "station": "A",
            "time": pd.to_datetime(begin),
            "end": pd.to_datetime(begin) + pd.Timedelta(minutes=290),
            "amplitude": [1.0, -9.0, 2.0, 3.0, 4.0],
        }
    )


def test_power_of_a_wave_lies_in_its_band():
    t = np.arange(40 * RATE) / RATE
    wave = 3 * np.sin(2 * np.pi * t) + np.sin(2 * np.pi * 20 * t)
    f, p = modes.power(wave, RATE)
    assert modes.band_power(wave, RATE, modes.DAILY) / p.sum() == pytest.approx(0.9, abs=0.01)
    assert f[p.argmax()] == pytest.approx(1.0, abs=0.03)


def test_table_of_modes(run):
    table = modes.mode_table({"A": run})
    assert list(table["mode"]) == ["k1", "k2", "k3"]
    assert table["rms"].tolist() == pytest.approx(run.modes.std(axis=1).tolist())
    hours = 24 / (RATE * run.centres)
    assert table["period (h)"].iloc[2] == pytest.approx(hours[2])
    # The trend makes the first centre's period longer than the record's.
    assert table["period (h)"].iloc[0] == np.inf or table["period (h)"].iloc[0] < 24 * DAYS


def test_the_source_is_the_difference_of_two_runs(run, calm):
    kept, raw = modes.source_ratio(run, calm)
    assert kept > raw > 0
    assert modes.source_ratio(calm, calm) == (0.0, 0.0)


def test_sweeps_that_stop_earlier_miss_more():
    missed = modes.stopping(series().values, CHAIN, {"loose": 1e-2, "tight": 1e-6})
    assert missed["loose"] > missed["tight"] >= 0


def test_envelope_keeps_extremes_and_gaps():
    x = np.arange(1000.0)
    values = np.sin(x)
    values[500] = 9.0
    values[100:110] = np.nan
    place, low, high = modes.envelope(x, values, pixels=100)
    assert np.nanmax(high) == 9.0 and np.isnan(low[10]) and place.size == 100
    assert np.nanmin(low) == np.nanmin(values)


def test_shares_of_marked_points_by_factor(run, truth):
    table = rules.factor_table({"A": run}, truth, (1.0, 2.5, 100.0))
    test = slice(*run.bounds[2])
    busy = rules.inside(run, truth)[test]
    assert busy.sum() == 30 * len(PACKETS)
    size = np.abs(run.residual[test])
    by_hand = np.mean(size[busy & np.isfinite(size)] > 2.5 * run.scale)
    assert table.loc[2.5, "within packets"] == pytest.approx(by_hand)
    assert (table["outside"].diff().dropna() <= 0).all()
    assert table.loc[100.0, "gain"] == 0
    assert table.loc[2.5, "gain"] > 0.3


def test_residuals_rise_in_packets_and_not_elsewhere(run, calm, truth):
    assert rules.residuals_rise({"A": run}, truth)
    assert not rules.residuals_rise({"A": calm}, truth)


def test_the_rule_as_it_is_gives_the_days_of_the_run(run, truth):
    strict = CHAIN.with_(day_points=1400.0)
    table = rules.rule_table(run, truth, {"as": (run, CHAIN), "strict": (run, strict)})
    assert table.loc["as", "days marked"] == pytest.approx(run.test_days()["anomalous"].mean())
    assert table.loc["as", "points marked"] == pytest.approx(run.points.mean())
    assert table.loc["strict", "days marked"] == 0
    assert table.loc["as", "source days found"] == 1.0


def test_recovery_of_packets_by_day(run, truth):
    table = days.recovery_table({"A": run}, truth, {"A": -10.0}, NAMES)
    row = table.loc["Station A"]
    assert row["source days"] == row["found"] == len(PACKETS)
    assert row["calm days"] == len(run.test_days()) - len(PACKETS)


def test_middle_of_an_expected_sigmoid_is_its_centre(run):
    day = np.arange(1, DAYS + 1)
    start = (pd.Timestamp(ledger.EVENT) - FIRST) / pd.Timedelta(days=1)
    expected = 40 / (1 + np.exp(-(day - 42.0) / 1.5))
    dataset = xr.Dataset(attrs={"expected_packets": expected.tolist()})
    assert days.expected_middle(dataset, run) == pytest.approx(42.0 - start, abs=0.05)


def test_growth_of_both_inputs_and_its_spread(run, calm):
    table = days.growth_table({"with": {"k": {"A": run}}, "without": {"k": {"A": calm}}}, NAMES)
    assert table["input"].tolist() == ["with", "without"]
    assert table["anomalous days"].iloc[0].endswith(f"of {len(run.test_days())}")
    fit = days.growth(run).sigmoid
    spread = days.stability([run, run])
    assert spread == (0.0 if fit.converged else None)


def test_lag_of_two_curves_by_both_methods(run):
    many = CHAIN.with_(day_points=5.0, factor=1.5)
    other = replace(
        run, days=apply_rule(run.times, run.signal, run.forecast, run.bounds[1], many)[2]
    )
    table = days.lag_table(run, other, runs=20, seed=1)
    assert table["days"].tolist() == ["own", "own", "common", "common"]
    same = days.lag_table(run, run, runs=20, seed=1)
    assert same.loc[same["method"] == "alignment", "lag (d)"].abs().max() < 1e-9


def test_windows_of_one_day(run):
    split = models.day_of(run.split, run.times, "2013-04-10")
    begin = run.times[split.test.starts + CHAIN.length]
    local = pd.DatetimeIndex(begin) + pd.Timedelta(hours=8)
    assert set(local.strftime("%Y-%m-%d")) == {"2013-04-10"}
    assert len(split.test) in (23, 24)
    with pytest.raises(InputError, match="no test window"):
        models.day_of(run.split, run.times, "2013-03-05")


def test_models_side_by_side(run, tmp_path):
    choices = {
        name: [{"width": 4, **({"heads": 1} if name in ("pyraformer", "transformer") else {})}]
        for name in ledger.MODELS
    }
    choices["pyraformer"][0]["strides"] = (4,)
    short = CHAIN.training.model_copy(update={"epochs": 1, "windows_per_epoch": 128})
    whole = models.compare(run, choices, short, [0, 1], folder=tmp_path)
    assert set(whole.index) == {"persistence", "seasonal_naive", *ledger.MODELS}
    claims = read_claims(ROOT / "claims")
    table = models.comparison_table({"field": whole}, {"field": whole}, claims)
    assert "0.07790, 0.1569, 0.2791, 26.82" in table["printed (same order)"].tolist()
    tables = {"field": whole, "strain": whole}
    values = models.table2_values(tables, tables)
    assert values["lushan-tab2-geo-gru-mse"] == whole.loc["gru", "mse"]
    least = whole.loc[list(ledger.MODELS), "rmse"].idxmin()
    assert values["lushan-tab2-choice"] == (least == "pyraformer")
    day = "2013-04-10"
    hours, signal, curves = models.day_forecasts(run, whole, 0, tmp_path, day)
    assert hours[0] == 0 and hours.size == signal.size == RATE
    whole_record = np.isfinite(curves["gru"])
    assert whole_record.all()
    figure = forecasts.fits_of_models({"A": (hours, signal, curves)}, ["nT"])
    assert isinstance(figure, Figure)


def test_forecasts_of_the_day_are_those_of_the_record(run, tmp_path):
    table = pd.DataFrame(index=[])
    table.attrs = {
        "settings": dict.fromkeys(ledger.MODELS, run.model.settings.model_dump()),
        "training": dict.fromkeys(ledger.MODELS, CHAIN.training.model_dump()),
    }
    names, ledger_models = models.MODELS, ("pyraformer",)
    models.MODELS = ledger_models
    try:
        _, _, curves = models.day_forecasts(run, table, 0, tmp_path, "2013-04-10")
    finally:
        models.MODELS = names
    first = np.datetime64("2013-04-09T16:00")
    shown = (run.times >= first) & (run.times < first + np.timedelta64(1, "D"))
    np.testing.assert_allclose(curves["pyraformer"], run.forecast[shown], atol=1e-5)


def test_the_search_of_one_size_chooses_it(tmp_path):
    grid = [dict(CHAIN.grid[0]), {**CHAIN.grid[0], "width": 4, "heads": 1}]
    chain, search = inputs.chosen_size(series(), CHAIN, grid, folder=tmp_path)
    assert chain.grid[0]["width"] == search.loc[search["chosen"], "width"].item()
    table = inputs.choice_table({"A": search})
    assert "chosen" in table and "window norm" not in table
    with pytest.raises(InputError, match="two or more"):
        inputs.chosen_size(series(), CHAIN, grid[:1], folder=tmp_path)


def test_look_ahead_by_record(run):
    table = inputs.look_ahead_table(
        {"A": (run, CHAIN)}, days=3, blocks=50, training_blocks=200, seed=0
    )
    assert table.loc["A", "model, past"] > table.loc["A", "model, whole"]


def test_figures_are_drawn(run, calm, truth):
    drawn = [
        context.flow({"field": (CHAIN, {"A": run})}),
        context.cumulative_days({"A": run}, {"A": calm}, truth, NAMES),
        modes.modes_of_stations({"A": run}, ledger.EVENT, NAMES, unit="nT"),
        forecasts.detail({"A": run}, CHAIN, NAMES, "2013-04-05", 24, "nT", truth=truth),
        timeline.timeline(ledger.EVENT),
        observed_figures.months_figure(observed.monthly(run)),
    ]
    assert all(isinstance(figure, Figure) for figure in drawn)
    steps = context.steps_of(CHAIN, {"A": run})
    assert "8,640 samples" in steps[0] and "k2 + k3" in steps[2]
    assert f"{run.model.parameter_count:,}" in steps[3]
    text = " ".join(t.get_text() for t in drawn[0].axes[0].texts)
    assert "α = 5000" in text


def test_gaps_do_not_stop_the_figures(run):
    holed = replace(run, signal=np.where(np.arange(run.signal.size) % 97 < 3, np.nan, run.signal))
    figure = forecasts.detail({"A": holed}, CHAIN, NAMES, "2013-04-05", 24, "nT")
    assert isinstance(figure, Figure)


def test_a_sigmoid_is_a_mark_only_if_it_comes_with_a_source_alone(run):
    index = run.test_days().index
    day = np.arange(len(index))
    step = run.days.loc[index].assign(anomalous=np.abs(day - day.mean()) < 4)
    line = run.days.loc[index].assign(anomalous=day % 3 == 0)
    rising, even = replace(run, days=step), replace(run, days=line)
    recovery = pd.DataFrame({"timing error (d)": [1.0], "found": [1], "source days": [2]})
    lag = pd.DataFrame({"days": ["own"], "method": ["alignment"], "lag (d)": [-5.0], "p": [0.4]})
    fields = {"a": rising, "b": rising, "c": even}
    for found, nothing, expected in ((rising, even, True), (rising, rising, False)):
        values = days.day_values(
            {"field": fields, "strain": {"A": found}},
            {"field": {"A": even}, "strain": {"A": nothing}},
            {"field": recovery, "strain": recovery},
            lag,
        )
        assert values["lushan-fig12-specific"] is expected
    assert values["lushan-fig11-muli-sigmoid"] is False
    assert values["lushan-fig11-chengdu-sigmoid"] is True
    assert values["lushan-sec5-2-lag"] == 5.0 and values["lushan-fig11-recovered"] == 1.0
