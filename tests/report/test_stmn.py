"""What the pages on Luding and Changning compute for the ledger and show."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from precursor_lib.context.borehole import areal_strain
from precursor_lib.errors import InputError
from precursor_lib.pipelines.stmn_settings import SignalSettings
from precursor_lib.report.claims import read_claims
from precursor_lib.report.stmn import (
    arithmetic,
    comparisons,
    experiment,
    figures,
    nulls,
    observed,
    sizes,
    tables,
    values,
)
from precursor_lib.report.verdict import Kind, Verdict, computed_value, judge
from precursor_lib.simulate.strain import strain_network
from precursor_lib.simulate.truth import truth_table

ROOT = Path(__file__).parents[2]
LEDGER = read_claims(ROOT / "claims")
OWN = {name: claim for name, claim in LEDGER.items() if name.startswith("stmn-")}
EVENT = "2022-05-10T00:00:00"
STATIONS = [
    {"id": "A", "latitude": 29.8, "longitude": 102.1, "distance": 25.0},
    {"id": "B", "latitude": 28.9, "longitude": 102.6, "distance": 95.0},
    {"id": "C", "latitude": 27.3, "longitude": 103.8, "distance": 310.0},
]


def network(seed, stations=STATIONS, end="2022-05-11", **parts):
    return strain_network(
        seed=seed,
        stations=stations,
        epicentre={"latitude": 29.59, "longitude": 102.08, "time": EVENT},
        start="2022-04-01",
        end=end,
        step="1h",
        steps=None,
        **parts,
    )


SOURCE = {"base": 0.0, "phases": [{"number": 40, "centre": -15, "width": 3}], "amplitude": 60}


@pytest.fixture(scope="module")
def bench():
    reference = network(5, [{"id": "R", "latitude": 39.4, "longitude": 98.5}])
    records = {"source": network(6, source=SOURCE), "normal": network(6)}
    return experiment.Bench(reference, records)


@pytest.fixture(scope="module")
def settings():
    small = experiment.page_settings(length_hours=48, epochs=1, windows_per_epoch=64)
    network = {"window_norm": "moments", "width": 4}
    return small.model_copy(update={"model": "gru", "network": network})


# The ledger


def every_value() -> dict:
    return {
        **arithmetic.luding_values(LEDGER),
        **arithmetic.changning_values(LEDGER),
        **arithmetic.model_values(LEDGER),
        **arithmetic.distance_values(LEDGER, "luding"),
        **arithmetic.distance_values(LEDGER, "changning"),
    }


def test_every_arithmetic_claim_is_computed():
    wanted = {name for name, claim in OWN.items() if claim.kind is Kind.ARITHMETIC}
    assert wanted == set(every_value())


@pytest.mark.parametrize("claim", OWN.values(), ids=lambda claim: claim.id)
def test_entry_stands_on_its_own(claim):
    assert claim.statement.endswith(".")
    assert re.fullmatch(r"stmn-(fig|tab)\d(-changning)?", claim.label)
    if claim.kind in (Kind.SIMULATION, Kind.OPEN_DATA):
        assert claim.note


def test_means_and_regression_against_numpy():
    days = np.array([39.0, 37.0, 34.0, 41.0, 38.0])
    km = np.array([23.5, 94.7, 199.2, 309.1, 353.0])
    line = stats.linregress(km, days)
    found = every_value()
    assert found["stmn-tab3-mean"]["mean"] == pytest.approx(37.8)
    assert found["stmn-tab3-spread"]["deviation, n - 1"] == pytest.approx(days.std(ddof=1))
    assert found["stmn-fig6-slope"] == pytest.approx(line.slope)
    assert found["stmn-fig6-intercept"] == pytest.approx(line.intercept)
    assert found["stmn-fig6-r2"] == pytest.approx(line.rvalue**2)
    assert found["stmn-fig6-p"] == pytest.approx(line.pvalue)
    assert found["stmn-changning-mean"]["mean"] == pytest.approx((40 + 42 + 45 + 38) / 4)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("tab3-mean", Verdict.FAILS),
        ("tab3-span", Verdict.HOLDS),
        ("fig6-p", Verdict.INCONSISTENT),
        ("fig6-power-p", Verdict.AMBIGUOUS),
        ("tab3-random-nesting", Verdict.FAILS),
        ("tab3-r2-decreases", Verdict.AMBIGUOUS),
        ("fig8-local-shock", Verdict.FAILS),
        ("fig1-luding-radius", Verdict.HOLDS),
        ("tab5-frequency-gain", Verdict.HOLDS),
        ("changning-51009-distance", Verdict.FAILS),
    ],
)
def test_verdicts_follow_from_the_values(name, verdict):
    claim = OWN[f"stmn-{name}"]
    assert judge(claim, computed_value(claim, every_value()[claim.id])) is verdict


def test_welch_from_summaries_is_welch():
    rng = np.random.default_rng(1)
    a, b = (stats.zscore(rng.normal(size=30), ddof=1) for _ in range(2))
    a, b = 0.4 + 0.02 * a, 0.41 + 0.03 * b
    expected = stats.ttest_ind(a, b, equal_var=False).pvalue
    assert arithmetic.welch_p((0.4, 0.02), (0.41, 0.03)) == pytest.approx(expected)


def test_catalogue_gives_the_mainshock_or_says_that_it_does_not():
    shocks = pd.DataFrame(
        {
            "time": pd.to_datetime(["2022-09-05T04:52:19", "2022-09-05T05:30:00"]),
            "latitude": [29.7, 29.6],
            "longitude": [102.2, 102.1],
            "depth": [12.0, 10.0],
            "magnitude": [6.6, 5.0],
        }
    )
    found = arithmetic.catalogue_values(LEDGER, shocks, "luding")
    assert found["stmn-fig1-luding-magnitude"] == 6.6
    with pytest.raises(InputError, match="no event near"):
        arithmetic.catalogue_values(LEDGER, shocks, "changning")
    shocks.attrs["origin"] = "simulated"
    none = arithmetic.catalogue_values(LEDGER, shocks, "changning")
    assert set(none.values()) == {None}
    verdict = judge(LEDGER["stmn-fig7-changning-depth"], None, simulated_input=True)
    assert verdict is Verdict.NO_DATA


# Experiment


def test_bench_trains_and_decomposes_once(bench, settings, monkeypatch):
    first = bench.forecast("source", settings)
    monkeypatch.setattr(experiment, "learn_reference", None)
    monkeypatch.setattr(experiment, "kept_signal", None)
    alone = bench.forecast("source", settings.model_copy(update={"graph": None}))
    assert alone.learnt is first.learnt
    assert alone.graph is None
    assert not np.allclose(alone.predicted, first.predicted, equal_nan=True)
    with pytest.raises(InputError, match="nearest is 'source'"):
        bench.forecast("sorce", settings)


def test_growth_counts_within_the_window(bench, settings):
    forecast = bench.forecast("source", settings.model_copy(update={"graph": None}))
    table = experiment.growth(forecast, EVENT, window=(-20.0, -5.0))
    frame = forecast.days()["A"]
    ends = frame.index + pd.Timedelta(hours=16)
    x = (ends - pd.Timestamp(EVENT)) / pd.Timedelta(days=1)
    inside = frame["cumulative_points"][(x >= -20) & (x <= -5)]
    assert table.loc["A", "count"] == inside.iloc[-1] - inside.iloc[0]
    assert list(table["distance"]) == [25.0, 95.0, 310.0]
    with pytest.raises(InputError, match="unit"):
        experiment.growth(forecast, EVENT, unit="hours")


def test_spatial_of_a_power_law():
    km = np.array([20.0, 80.0, 200.0, 350.0])
    table = pd.DataFrame(
        {"distance": km, "count": 1000 * km**-0.5, "inflection": [39.0, np.nan, 37.0, 35.5]}
    )
    found = experiment.spatial(table)
    assert found["exponent"] == pytest.approx(-0.5)
    assert found["correlation"] == pytest.approx(1.0)
    line = stats.linregress(km[[0, 2, 3]], [39.0, 37.0, 35.5])
    assert found["slope"] == pytest.approx(line.slope)
    few = experiment.spatial(table.assign(count=[5, 0, 0, 7], inflection=np.nan))
    assert np.isnan([few["exponent"], few["correlation"], few["slope"]]).all()


def test_found_at_a_tenth_by_brute_force():
    rng = np.random.default_rng(3)
    days = pd.date_range("2022-04-01", periods=60, name="day")
    busy = np.zeros(60, dtype=bool)
    busy[20:35] = True
    points = rng.poisson(np.where(busy, 6, 3))
    frame = pd.DataFrame({"points": points, "samples": 24, "anomalous": False}, index=days)
    noon = days[busy] + pd.Timedelta(hours=4)
    truth = pd.DataFrame({"kind": "source", "station": "A", "time": noon, "end": noon})
    shares = [
        (points[busy] > limit).mean()
        for limit in range(points.max() + 1)
        if (points[~busy] > limit).mean() <= 0.1
    ]
    assert experiment.found_at(frame, truth, "A", 8.0) == pytest.approx(max(shares))


def test_comparisons_and_their_summary(bench, settings):
    alone = settings.model_copy(update={"graph": None})
    chosen = {
        "gru": alone,
        "persistence": alone.model_copy(update={"model": "persistence", "network": {}}),
    }
    runs = comparisons.compare(bench, chosen, range(2), EVENT)
    assert list(runs.index) == [("gru", 0), ("gru", 1), ("persistence", 0)]
    assert runs.loc[("gru", 0), "normal"] != runs.loc[("gru", 1), "normal"]
    table = comparisons.summary(runs, "gru")
    assert "±" in table.loc["gru", "found"]
    assert "±" not in table.loc["persistence", "found"]
    assert np.isnan(comparisons.seed_test(runs, "persistence", "gru"))
    scaled = comparisons.scaled_errors(bench, settings, runs)
    ratio = runs["normal"] / scaled["normal"]
    np.testing.assert_allclose(ratio, float(bench.signal("reference", settings.signal).var()))


def test_variants_differ_in_what_they_say(settings):
    weights = comparisons.weight_variants(settings)
    assert weights["fixed"] == settings
    assert weights["trainable"].graph.trainable
    assert not weights["fixed, no ReLU"].graph.rectify


def test_sizes_are_chosen_from_grids_of_one_length(bench, settings):
    found, choices = sizes.choose_sizes(bench, settings, [2, 4], [0.003, 0.01], ["gru", "lstm"])
    assert list(found) == [choice.name for choice in choices] == ["gru", "lstm"]
    for choice in choices:
        assert len(choice.table) == 4
        row = choice.table.loc[choice.table["chosen"]].iloc[0]
        own = found[choice.name]
        assert own.graph is None
        assert own.network["width"] == row["width"]
        assert own.training.learning_rate == row["learning_rate"]
        assert own.training.epochs == sizes.LONGER[choice.name] * settings.training.epochs
    assert {len(sizes.grid(name, [8, 16], [0.003])) for name in sizes.NETWORKS} == {2}
    none = sizes.floors(settings, 0.5)
    assert none["seasonal_naive"].network == {"season": 48}


# One observed station


def test_spans_are_growth_of_each_half_year(bench, settings):
    areal = areal_strain(network(11, STATIONS[:1], "2022-06-15", gaps=None))
    halves = observed.early_and_late(areal, "2022-05-20")
    assert halves.reference["time"].values[-1] < np.datetime64("2022-05-20")
    assert halves.networks["later"]["time"].values[0] == np.datetime64("2022-05-20")
    own = halves.forecast("later", settings.model_copy(update={"graph": None}))
    table = observed.spans(own, length=12)
    event = "2022-06-10T05:00:00"
    day = observed.last_day(event)
    assert day == pd.Timestamp("2022-06-09")
    whole = experiment.growth(own, event, window=(-12.0, 0.0)).iloc[0]
    assert table.loc[day, "count"] == whole["count"]
    assert table.loc[day, "r2"] == pytest.approx(whole["r2"], abs=1e-3)
    ranks = observed.rank_table({"points": table}, event, length=12).loc["points"]
    share = (table["count"] >= table.loc[day, "count"]).mean()
    assert ranks["p, anomalies"].startswith(f"{share:.3f} (")
    assert len(observed.spans_figure(own, table, event, length=12).axes) == 3
    with pytest.raises(InputError, match="no 180 days"):
        observed.spans(own)
    with pytest.raises(InputError, match="no span of the record ends on 2022-06-30"):
        observed.rank_table({"points": table}, "2022-07-01T00:00", length=12)
    with pytest.raises(InputError, match="one station, got 3"):
        observed.spans(bench.forecast("normal", settings))
    with pytest.raises(InputError, match="within the record"):
        observed.early_and_late(areal, "2023-01-01")


def test_rank_counts_a_tie_against_and_leaves_neighbours_out():
    days = pd.date_range("2012-01-01", periods=600, name="last day")
    table = pd.DataFrame({"count": 1.0, "r2": 0.9, "ratio": 1.1, "inflection": np.nan}, index=days)
    day = observed.last_day("2013-04-20T00:02")
    table.loc[day, "count"] = 5.0
    table.loc[day - pd.Timedelta(days=100), "count"] = 9.0
    row = observed.rank_table({"x": table}, "2013-04-20T00:02").loc["x"]
    apart = int((np.abs((days - day).days) >= 180).sum())
    assert row["spans"] == f"600 ({apart})"
    assert row["p, anomalies"] == f"{2 / 600:.3f} ({1 / (apart + 1):.3f})"
    assert row["p, R²"] == "1.000 (1.000)"
    assert row["others turn"] == "0%"
    assert observed.p_of(np.nan, [1.0, 2.0]) == 1.0


# Tables


def test_tides_are_measured_by_least_squares():
    days = np.arange(0, 60, 1 / 24)
    x = 5 * np.cos(2 * np.pi * tables.TIDES["M2"] * days + 1) + 0.1 * days
    x += 2 * np.sin(2 * np.pi * tables.TIDES["O1"] * days)
    found = tables._tides(days, x)
    assert found["M2"] == pytest.approx(5, rel=1e-6)
    assert found["O1"] == pytest.approx(2, rel=1e-6)


def test_modes_lose_nothing_of_the_future_only_when_known_by_the_day():
    strain = areal_strain(network(8, gaps=None)).values[:, 0]
    late = tables.end_change(strain, SignalSettings(window_days=4), 1.0)
    known = tables.end_change(strain, SignalSettings(window_days=4, join="earliest"), 1.0)
    assert late > 0.01
    assert known == 0
    strain[::100] = np.nan
    with pytest.raises(InputError, match="no 12 days without a gap"):
        tables.end_change(strain, SignalSettings(window_days=4), 1.0)


def test_quality_finds_k_and_gaps():
    data = network(9, [{**STATIONS[0], "k": 0.96}], gaps=None, noise={"white": 0.01, "walk": 0.05})
    data["S3"][:96] = np.nan
    table = tables.quality_table(data, data)
    assert table["complete (%)"].iloc[0] == pytest.approx(100 * (1 - 96 / data.sizes["time"]))
    assert table["k"].iloc[0] == pytest.approx(0.96, abs=0.005)
    named = values.quality_values(table.iloc[:1], "A")
    assert named["stmn-tab2-reference-k"] == table["k"].iloc[0]


def test_null_table_of_straight_curves():
    grid = np.arange(-180.0, 0.5)
    rng = np.random.default_rng(2)
    y = np.cumsum(rng.poisson(3, (8, grid.size)), axis=1).astype(float)
    fits = nulls.fit_many(grid, y).assign(curve=list(y))
    printed = arithmetic.printed_table(LEDGER, "luding")
    row = nulls.null_table({"steady": fits}, printed, (1,)).iloc[0]
    assert row["curves"] == 8
    assert row["Ratio as the least printed"] == "0%"
    assert row["R² as the least printed"] == "100%"
    low, high = map(float, row["stopped after 1"].split(" to "))
    assert low <= high < 1


def test_nulls_have_a_curve_a_station_in_each_reading(bench, settings):
    by_reading = nulls.null_fits(bench, [bench.networks["normal"]], settings, EVENT)
    assert list(by_reading) == list(tables.readings(settings))
    found = by_reading["no graph, sigma of the record"]
    assert len(found) == 3
    alone = bench.forecast("normal", settings.model_copy(update={"graph": None}))
    x, y = experiment.curves(alone, EVENT, sigma="record")["A"]
    assert found["curve"].iloc[0][-1] == pytest.approx(np.interp(0, x, y))


def test_mode_values_need_both_tides_gone():
    periods = pd.DataFrame({f"IMF{i} (d)": {"h": 1.0 / i} for i in (3, 4, 5)})
    found = values.mode_values(periods, {"h": {"M2": 0.5, "O1": 0.01}}, 0.2)
    assert found["stmn-fig2-tides"] == {"h": False}
    assert found["stmn-fig2-causal"] is False
    assert found["stmn-fig2-imf5"] == {"h": 0.2}


# Figures


def test_figures_show_what_they_are_given(bench, settings):
    full = bench.forecast("source", settings)
    alone = bench.forecast("source", settings.model_copy(update={"graph": None}))
    areal = tables.areal(bench.networks["source"])
    drawn = figures.framework(areal, full, alone, (5, 12))
    assert len(drawn.axes) == 6
    drawn = figures.cumulative(
        {"one": alone}, EVENT, sigma="record", unit="points", window=(-40, 0)
    )
    assert [len(axis.get_legend().get_texts()) for axis in drawn.axes] == [3, 2]
    fits = {"none": experiment.growth(alone, EVENT).assign(inflection=np.nan)}
    drawn = figures.distance_panels(fits, -0.255)
    assert any("no sigmoid" in text.get_text() for text in drawn.axes[0].texts)


def test_map_has_every_place():
    places = pd.DataFrame(STATIONS).set_index("id")[["latitude", "longitude"]]
    shocks = pd.DataFrame({"latitude": [30.0], "longitude": [101.0], "magnitude": [6.0]})
    drawn = figures.network_map(
        places,
        pd.DataFrame({"latitude": [39.4], "longitude": [98.5]}, index=["R"]),
        arithmetic.epicentres(LEDGER),
        shocks,
    )
    texts = {text.get_text() for text in drawn.axes[0].texts}
    assert {"A", "B", "C", "R"} <= texts


def test_recovery_variants_name_the_teacher(bench, settings):
    found = comparisons.recovery_variants(bench, settings, EVENT)
    assert list(found["the same, taught by the target"].index) == ["A"]
    table = tables.recovery_table(found)
    assert set(table["variant"]) == set(found)
    truth = truth_table(bench.networks["source"], "source")
    assert truth["station"].nunique() == 3
    assert isinstance(values.teaching_values(found)["stmn-fig5-no-fine-tuning"], bool)
    assert isinstance(bench.with_networks(none=xr.Dataset()), experiment.Bench)
