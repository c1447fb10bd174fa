"""Known-truth records, targets and tables of the page on alarms."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.classify import mainshocks
from precursor_lib.errors import InputError
from precursor_lib.evaluate.alarms import day_cells
from precursor_lib.report.alarms import figures, known, observed
from precursor_lib.simulate.catalogue import seismic_catalogue


@pytest.fixture(scope="module")
def catalogue() -> pd.DataFrame:
    return seismic_catalogue(
        epicentre={"latitude": 34.6, "longitude": 98.3, "time": "2014-05-21T18:04:13"},
        start="2013-01-01",
        end="2016-01-01",
        box_half_width=5.0,
        rate=0.5,
        minimum=3.5,
        completeness=4.0,
        detection_width=0.1,
        seed=3,
    )


@pytest.fixture(scope="module")
def daily() -> pd.Series:
    days = pd.date_range("2013-01-01", "2015-12-31", freq="D")
    kp = np.round(3 * np.random.default_rng(4).gamma(3.0, 0.9, len(days))) / 3
    return pd.Series(np.minimum(kp, 9.0), index=days)


def test_events_of_known_truth_have_the_number_and_the_course_asked_for():
    rng = np.random.default_rng(1)
    for kind in known.CATALOGUES:
        runs = [known.known_events(kind, 1000, 60.0, rng) for _ in range(200)]
        number = np.array([t.size for t in runs])
        assert number.mean() == pytest.approx(60, abs=4 * number.std() / np.sqrt(200))
        early = np.concatenate(runs) < 250
        expected = 4 / 7 if kind == "fading" else 1 / 4
        assert early.mean() == pytest.approx(expected, abs=0.05)


def test_only_the_score_with_skill_depends_on_the_events():
    kp = np.random.default_rng(2).gamma(3.0, 1.0, 500)
    times = np.array([100.5, 300.2])
    for kind in known.SCORES:
        with_events, without = (
            known.known_score(kind, t, kp, np.random.default_rng(3), size=2.0, share=1.0)
            for t in (times, np.array([50.0, 200.0]))
        )
        difference = with_events - without
        if kind == "skill":
            assert np.flatnonzero(difference > 1).tolist() == [*range(95, 100), *range(295, 300)]
            assert np.allclose(difference[95:100], 2.0)
        else:
            assert not difference.any()


def test_the_tests_find_skill_and_nothing_in_bursts():
    kp = np.random.default_rng(5).gamma(3.0, 1.0, 600)
    table = known.rejection_table(
        kp,
        25,
        6,
        number=40.0,
        size=3.0,
        share=0.8,
        lead=7,
        reach=100,
        top=0.1,
        scores=("skill", "random bursts"),
        catalogues=("steady",),
    )
    rates = table[list(known.TESTS)].to_numpy()
    shifts = [known.TESTS.index(name) for name in ("all shifts", "epochs, shifts")]
    assert (rates[0, shifts] > 80).all()
    assert (rates[1] < 30).all()
    assert known.rate_error(100) == pytest.approx(100 * np.sqrt(0.05 * 0.95 / 100))


def test_days_with_a_missing_value_have_no_largest_kp():
    times = pd.date_range("2013-01-01", periods=24, freq="3h")
    kp = np.arange(24.0) / 3
    kp[10] = np.nan
    indices = xr.Dataset({"Kp": ("time", kp)}, coords={"time": times})
    found = observed.daily_largest(indices, "2013-01-01", "2013-01-03")
    assert found.index.tolist() == list(pd.date_range("2013-01-01", periods=2))
    assert found.iloc[0] == 7 / 3 and np.isnan(found.iloc[1])


def test_targets_are_the_mainshocks_from_the_lowest_magnitude_that_is_rare_enough(catalogue):
    span = ("2013-01-01", "2016-01-01")
    every, main, counts = observed.target_events(catalogue, *span, [4.0, 4.5, 5.0, 5.5], 60)
    free = catalogue[mainshocks(catalogue)]
    numbers = {m: int((free["magnitude"] >= m - 1e-6).sum()) for m in (4.0, 4.5, 5.0, 5.5)}
    lowest = min(m for m, n in numbers.items() if n <= 60)
    # Declustering the cut list gives the mainshocks of the whole one.
    assert main["time"].tolist() == free["time"][free["magnitude"] >= lowest - 1e-6].tolist()
    assert len(every) == (catalogue["magnitude"] >= lowest - 1e-6).sum()
    for row in counts.itertuples():
        assert row.mainshocks == numbers[row[1]]
    with pytest.raises(InputError, match="1 to 0 mainshocks"):
        observed.target_events(catalogue, *span, [4.0], 0)


def test_tables_agree_with_each_other(catalogue, daily):
    every, main, _ = observed.target_events(catalogue, "2013-01-01", "2016-01-01", [4.5], 1000)
    cells = day_cells(daily, main)
    by_lead, best = observed.lead_table(cells, [1, 7], 60)
    assert len(by_lead) == best["tests"] == 4
    assert best["smallest"] == by_lead["all shifts"].min()
    assert best["of all"] >= best["smallest"]
    # With a lead of one day low activity is high activity turned round.
    assert by_lead["area"][0] + by_lead["area"][2] == pytest.approx(1.0)
    alarms = observed.alarm_table(daily, every, main, [5.0, 99.0], 7, 1)
    assert alarms["Kp from"].tolist() == [5.0, 5.0]
    met = observed.coincidence_table(daily, every, main, 5.0, [7], 1)
    # An alarm of the window's length catches the events with a storm in the window before them,
    # but for those whose window begins before the record.
    hits, number = (int(v) for v in alarms["hits"][1].split(" of "))
    early = int((main["time"] < daily.index[0] + pd.Timedelta(days=7)).sum())
    caught, trials = (int(v) for v in met["met"][2].split(" of "))
    assert number - trials == early
    assert hits - early <= caught <= hits
    chosen, day = observed.chosen_events(cells, main, 7)
    assert cells.events[day] >= 1
    assert chosen["chance"][0] <= chosen["chance"][1]


def test_figures_are_drawn_with_labels(catalogue, daily):
    _, main, _ = observed.target_events(catalogue, "2013-01-01", "2016-01-01", [4.5], 1000)
    cells = day_cells(daily, main)
    examples = known.examples(daily.to_numpy(), 1, number=40.0, size=1.0, share=0.5, lead=7)
    assert tuple(examples) == known.SCORES
    drawn = [
        figures.known_diagrams(examples),
        figures.molchan_and_roc(cells, 7),
        figures.epochs_all_and_one(cells, 500, 10),
        figures.best_of_many(cells, 7, 5, 1),
    ]
    for figure in drawn:
        figure.canvas.draw()
        for axis in figure.axes:
            spec = axis.get_subplotspec()
            # Panels that share an axis are labelled on the outside.
            assert axis.get_xlabel() or not spec.is_last_row()
            assert axis.get_ylabel() or not spec.is_first_col()
    assert not plt.get_fignums()
