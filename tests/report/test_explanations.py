"""Tables, figures and findings of the page on other explanations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.classify import QuietRule
from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.evaluate.explanations.epicentres import grid_about
from precursor_lib.evaluate.explanations.findings import Finding
from precursor_lib.evaluate.noise.processes import Steady
from precursor_lib.manifest import Manifest
from precursor_lib.pipelines import Chain
from precursor_lib.report.claims import read_claims
from precursor_lib.report.explanations import (
    chosen,
    closing,
    driven,
    labels,
    pulsations,
    steady_kp,
    tec,
)
from precursor_lib.simulate.geomagnetic import geomagnetic_network

SHOCK = {"latitude": 34.0, "longitude": 98.0, "time": "2021-05-21T18:04"}
STATIONS = [
    {"id": name, "latitude": 34.0 + k, "longitude": 97.0 + 2 * k} for k, name in enumerate("abcd")
]


def nights(number: int = 2, **parts: Any) -> NightlyNetwork:
    return geomagnetic_network(
        seed=1, stations=STATIONS, epicentre=SHOCK, nights_start="2021-05-01T16:00",
        nights=number, duration=3600.0, **({"source": None, "gaps": None} | parts),
    )  # fmt: skip


def test_closing_table_prints_share_and_verdict() -> None:
    table = closing.closing_table(
        [Finding("e", "c", "r", "m", 0.7, 0.6, 0.8), Finding("e", "c", "r", "m", -0.1, -0.2, 0.1)]
    )
    assert table["share"].tolist() == ["0.70 (0.60 to 0.80)", "−0.10 (−0.20 to 0.10)"]
    assert table["verdict"].tolist() == ["**can explain**", "**cannot**"]


def test_counts_by_kp_and_their_figure() -> None:
    kp = pd.Series(2.0, pd.date_range("2021-04-01", "2021-06-01", freq="3h"))
    calm = pulsations.one_station(nights())
    assert calm["stations"] == [{"id": "a", "latitude": 34.0, "longitude": 97.0}]

    def made(*, nights: int, **settings: Any) -> NightlyNetwork:
        return geomagnetic_network(
            seed=1, epicentre=SHOCK, nights_start="2021-05-01T16:00", nights=nights,
            duration=7200.0, gaps=None, **calm, **settings,
        )  # fmt: skip

    steady, real = steady_kp.kp_runs(made, [0.0, 5.0], 2, 2, kp)
    assert steady["Kp"].tolist() == [0.0, 0.0, 5.0, 5.0]
    assert real["Kp"].tolist() == [2.0, 2.0]
    assert ((steady["low"] <= steady["rate"]) & (steady["rate"] <= steady["high"])).all()
    # With the sigma of the calmest nights, high Kp gives more than with that of the night.
    assert steady["anomalies"].iloc[3] > steady["anomalies"].iloc[2]
    observed = pd.DataFrame({"Kp": [1.0], "rate": [0.1], "low": [0.0], "high": [0.5]})
    figure = steady_kp.kp_figure(steady, observed, 0.225)
    assert len(figure.axes) == 2


def test_windows_are_put_into_classes_of_kp() -> None:
    record = xr.DataArray(
        np.zeros(10),
        dims="time",
        coords={"time": pd.date_range("2024-05-09", periods=10, freq="s")},
    )
    windows = pd.DataFrame({"way": ["mirrored", "zeros"], "window": [1, 0]})
    windows.attrs.update(windows=3, first=0.0)
    kp = pd.Series([1.0] * 3 + [6.0] * 5, pd.date_range("2024-05-09", periods=8, freq="3h"))
    table = steady_kp.windows_by_kp(windows, record, kp, 6.0, [0, 3, 9])
    assert table["nights"].sum() == 3
    assert table["anomalies"].sum() == 1
    assert table["nights"].tolist() == [1, 2]


def test_shared_peaks_and_findings() -> None:
    rng = np.random.default_rng(0)
    night = nights(1).night(0)["Z"]
    courses = pulsations.station_courses(night, 1.0)
    assert courses.shape == (4, 900)
    courses.values[:] = rng.gamma(4.0, 0.1, courses.shape)
    courses.values[:2, 400:425] += 10
    peaks = pulsations.station_peaks(courses)
    assert [len(p) for p in peaks.values()] == [1, 1, 0, 0]
    figure = pulsations.shared_figure(courses, peaks)
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "v"]
    assert [len(np.asarray(line.get_xdata())) for line in marks] == [1, 1, 0, 0]
    places = pd.DataFrame({"latitude": [0, 40, 0, 0], "longitude": [0.0] * 4}, index=list("abcd"))
    shared = pulsations.share_far(peaks, places, 3600.0, 1)
    assert shared["shared"] == 1
    assert "1 events, 1 of them" in pulsations.shared_text(shared, 4)
    simulated = pd.DataFrame(
        {"sigma": ["sigma of the night"], "anomalies": [20], "at_pi2": [19], "chance": [0.1]}
    )
    edges = pd.DataFrame(
        {"beyond the ends": ["mirrored", "the record goes on"], "record": "r",
         "share": 0.1, "low": -0.1, "high": 0.3}
    )  # fmt: skip
    found = pulsations.findings(simulated, shared, edges, "simulated")
    assert [one.verdict for one in found] == ["can explain", "open", "cannot"]


def test_edge_table_counts_what_is_near() -> None:
    part = pd.DataFrame({"way": ["zeros"] * 4, "end": [10.0, 20.0, 500.0, 3000.0]})
    part.attrs.update(windows=5, reach=567.0, even=0.08)
    table = pulsations.edge_table({"r": [part, part]}).set_index("beyond the ends")
    assert table["windows"].tolist() == [10, 10, 10]
    row = table.loc["zeros (no padding)"]
    assert (row["anomalies"], row["near an end"]) == (8, 6)
    assert row["share"] == pytest.approx((0.75 - 0.08) / 0.92)
    assert np.isnan(table.loc["mirrored", "share"])


def test_kinds_of_a_short_network() -> None:
    network = nights(2, source={}, control={"kind": "poisson", "rate": 3.0}, pi2={"rate": 3.0})
    table = pulsations.kind_table(
        network, Chain(bins=20, step=8, directions=8), (0.0, 0.2, 10.0), "2021-05-21T18:04"
    )
    assert network.truth is not None
    counts = network.truth["kind"].value_counts()
    every = table[table["largest amplitude (nT)"] == "all"]["events"]
    assert every["packet of the source"] == counts["source"]
    assert every["Pi2 train"] == counts["pi2"]


def test_field_days_follow_kp() -> None:
    times = pd.date_range("2003-01-01", periods=90 * 1440, freq="min")
    kp = pd.Series(
        np.random.default_rng(1).integers(0, 8, 90).repeat(8).astype(float),
        pd.date_range("2003-01-01", periods=90 * 8, freq="3h"),
    )
    level = np.repeat(np.exp(0.5 * kp.to_numpy()[::8]), 1440)
    z = level * np.random.default_rng(2).standard_normal(times.size)
    data = xr.Dataset({"Z": (("time", "station"), z[:, None])}, {"time": times, "station": ["A"]})
    one = driven.field_days(data, kp, 0.0, 3)
    assert one.explained.rho > 0.75 and one.explained.share > 0.6
    assert one.by_log.share > 0.5
    records = {"A (simulated)": one}
    row = driven.field_table(records).loc["A (simulated)"]
    assert row["of these expected (%)"] > 80 > 50 > row["of the others (%)"]
    assert driven.field_findings(records)[0].verdict == "can explain"
    assert len(driven.field_figure(records).axes) == 2


def test_strain_tables_and_findings() -> None:
    parts = pd.DataFrame(
        {"points": 10, "left": 1, "share": 0.9, "low": 0.8, "high": 1.0},
        index=pd.Index(["tides", driven.WEATHER], name="left out"),
    )
    tables = {"the hour before": parts, "72 h, linear": parts * 0.1}
    assert len(driven.strain_figure(tables).axes[0].patches) == 4
    hours = pd.date_range("2009-01-01", periods=24 * 120, freq="h")
    rng = np.random.default_rng(4)
    around = np.cumsum(rng.standard_normal(hours.size))
    values = -2 * around + 0.1 * np.cumsum(rng.standard_normal(hours.size))
    gauge = ("time", "station"), (values / 2)[:, None], {"units": "1e-9"}
    record = xr.Dataset(
        {
            **{f"S{k}": gauge for k in range(1, 5)},
            "pressure": (("time", "station"), around[:, None]),
        },
        {"time": hours, "station": ["A"]},
    )
    table = driven.gauges_table(record, 5)
    assert len(table) == 4
    both = table[table["taken off"] == "tide and pressure"]
    assert (both["share"] > 0.95).all()
    found = driven.strain_findings(tables, table, "simulated")
    assert [one.verdict for one in found] == ["can explain", "cannot", "can explain", "can explain"]


def test_tec_findings_are_of_the_place_named() -> None:
    days = pd.date_range("2015-01-01", periods=24 * 200, freq="h")
    rng = np.random.default_rng(6)
    values = 20 + rng.standard_normal((days.size, 2))
    record = xr.Dataset(
        {"VTEC": (("time", "station"), values)}, {"time": days, "station": ["10N", "40N"]}
    )
    flux = pd.Series(rng.uniform(70, 200, 200), days[::24])
    kp = pd.Series(rng.uniform(0, 9, 1600), days[::3])
    table = tec.tec_table(record, flux, kp, 7)
    assert table["place"].tolist() == ["10N", "10N", "40N", "40N"]
    found = tec.tec_findings(table, "40N", "simulated")
    assert [one.tested_on for one in found] == ["VTEC at 40N (simulated)"] * 2
    assert {one.verdict for one in found} == {"cannot"}


def test_labels_of_other_years_are_given_away() -> None:
    hours = pd.date_range("2011-01-01", "2021-12-31T23:00", freq="h")
    rng = np.random.default_rng(8)
    rule = QuietRule(
        pd.Series(rng.uniform(0, 4, hours.size // 3), hours[::3]), pd.Series(0.0, hours)
    )
    days = hours[::24].normalize()
    flux = pd.Series(np.where(days.year >= 2020, 80.0, 150.0), days)
    time = pd.Timestamp("2012-01-01") + rng.uniform(0, 3500, 120) * pd.Timedelta(days=1)
    catalogue = pd.DataFrame(
        {"time": time, "latitude": 41.4, "longitude": 14.3, "depth": 8.0, "magnitude": 5.0}
    ).sort_values("time")
    trials = labels.label_trials({"DUR": catalogue}, rule, flux, 24, (2020, 2021), [0, 1, 2])
    assert set(trials["way"]) >= {"as in the paper", "quiet windows of other years"}
    other = trials[(trials["way"] == "quiet windows of other years") & (trials["sees"] == "F10.7")]
    assert (other["area"] == 1.0).all() and set(other["split"]) == {"random"}
    medians = labels.label_medians(trials)
    assert not medians.duplicated(["way", "split", "sees"]).any()
    table = labels.label_table(trials)
    assert table["windows"].iloc[0] == "as in the paper"
    found = labels.label_findings(trials, 0.6641, "simulated")
    assert found[-1].verdict == "can explain"
    assert len(labels.label_figure(trials).axes) == 3


def test_lags_with_the_papers_dates() -> None:
    ledger = read_claims(Manifest.load().root / "claims")
    dates = chosen.printed_lags(ledger)
    assert dates["second stage"] == pytest.approx(76.7, abs=0.1)
    assert dates["third stage"] == pytest.approx(130.7, abs=0.1)
    short, own = chosen.paper_starts()
    assert (short, own) == (110, 245)
    trials = chosen.lag_trials({"steady": Steady()}, short, [0, own], 200, 9)
    assert chosen.lag_findings(trials, dates, own, 10)[0].verdict == "can explain"
    assert chosen.slope_text(trials).startswith("Lag a day of difference: steady −0.")
    figure = chosen.lag_figure(trials, dates, own)
    diamonds = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert np.asarray(diamonds[0].get_ydata()) == pytest.approx([-76.7, -130.7], abs=0.1)


def test_weights_about_supposed_epicentres() -> None:
    network = nights(2)
    runs = chosen.prior_runs(
        {"A (simulated)": ([n["Z"].values.T for n in network], 1.0, network.stations)},
        Chain(bins=20, step=8, penalty=5.0),
        2,
    )
    run = runs["A (simulated)"]
    places = len(grid_about(network.stations, 2))
    assert len(run) == 2 * 2 * places
    table = chosen.prior_table(runs, 4)
    assert table["nights"].tolist() == [2, 2]
    near = table.set_index("method")["share of the nearest (%)"]
    assert near["SW-NTF"] > near["NTF"]
    graph = pd.DataFrame(
        {"reading": np.repeat(["before the graph", "one sigma for all stations", "own sigma"], 4),
         "exponent": [0.0] * 4 + [-0.25] * 4 + [0.001] * 4}
    )  # fmt: skip
    found = chosen.epicentre_findings(runs, 4, 0.4, graph, -0.255, 11)
    assert [one.verdict for one in found[-2:]] == ["can explain", "cannot"]
    assert found[1].share > 0
    assert len(chosen.epicentre_figure(runs, graph, -0.255).axes) == 2
