"""Tables and figures of the pages on trials."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from precursor_lib.report.trials import figures, tables

CURVES = pd.DataFrame(
    {
        "kind": ["field"] * 4 + ["strain"] * 4,
        "method": ["chain", "chain", "rival", "rival"] * 2,
        "stations": 1,
        "amplitude": [1.0, 2.0] * 4,
        "sources": 10,
        "found": [1, 9, 2, 8] * 2,
        "rate": [0.1, 0.9, 0.2, 0.8] * 2,
        "low": [0.0, 0.6, 0.05, 0.5] * 2,
        "high": [0.4, 1.0, 0.5, 0.95] * 2,
        "error_h": [np.nan, 1.0, 3.0, 2.0] * 2,
    }
)
SMALLEST = pd.DataFrame(
    {
        "kind": ["field", "field", "strain", "strain"],
        "method": ["chain", "rival"] * 2,
        "stations": 1,
        "unit": ["nT", "nT", "1e-9", "1e-9"],
        "smallest": [1.5, np.inf, 0.0, 1.2],
        "low": [1.2, 1.9, 0.0, 0.0],
        "high": [np.inf, np.inf, 0.0, 1.6],
        "least": 1.0,
        "most": 2.0,
    }
)
FALSE = pd.DataFrame(
    {
        "kind": ["field", "field", "strain", "strain"],
        "method": ["chain", "rival"] * 2,
        "stations": 1,
        "blocks": 100,
        "alarms": [3, 0, 2, 4],
        "share": [0.03, 0.0, 0.02, 0.04],
        "a_year": [10.9, 0.0, 7.3, 14.6],
        "low": [2.3, 0.0, 0.9, 4.0],
        "high": [32.0, 13.5, 26.4, 37.4],
    }
)


def test_what_lies_outside_the_sources_tried_is_a_bound() -> None:
    table = tables.smallest_table(SMALLEST, CURVES, FALSE)
    assert table["found in half of the blocks"].tolist() == [
        "1.5 (1.2 to > 2.0) nT",
        "> 2.0 nT",
        "< 1.0 1e-9",
        "1.2 (< 1.0 to 1.6) 1e-9",
    ]
    assert table["timing error"].tolist() == ["60 min", "2.0 h"] * 2
    assert table["false alarms a year"].tolist()[:2] == ["11 (2.3 to 32)", "0 (0 to 14)"]


@pytest.mark.parametrize(("value", "shown"), [(1.234, "1.2 s CPU"), (0.001, "< 0.01 s CPU")])
def test_processor_time_has_one_form(value: float, shown: str) -> None:
    assert tables.seconds(value) == shown


@pytest.mark.parametrize(
    ("hours", "shown"), [(0.001, "3.6 s"), (0.5, "30 min"), (12.0, "12 h"), (np.nan, "–")]
)
def test_lengths_of_time_take_a_unit_that_fits(hours: float, shown: str) -> None:
    assert tables.duration(hours) == shown


def lines(axis: plt.Axes) -> int:
    return sum(len(line.get_xdata()) > 1 for line in axis.get_lines())


def test_each_kind_has_a_panel_and_each_method_a_line() -> None:
    units = pd.Series({"field": "nT", "strain": "1e-9"})
    figure = figures.power_figure(CURVES, units, 1 / 30)
    assert [a.get_title(loc="left") for a in figure.axes] == ["field", "strain"]
    assert figure.axes[0].get_xlabel() == "amplitude (nT)"
    # Two methods and the dotted line.
    assert lines(figure.axes[0]) == 3
    plt.close(figure)


def test_timing_errors_are_drawn_in_minutes_where_something_was_found() -> None:
    figure = figures.timing_figure(CURVES, pd.Series({"field": "nT", "strain": "1e-9"}))
    chain, rival = figure.axes[0].get_lines()
    assert list(chain.get_xdata()) == [2.0] and list(chain.get_ydata()) == [60.0]
    assert list(rival.get_ydata()) == [180.0, 120.0]
    plt.close(figure)


def test_bounds_are_drawn_at_the_end_of_the_range() -> None:
    figure = figures.station_figure(SMALLEST)
    hollow = [
        line.get_ydata()[0]
        for line in figure.axes[0].get_lines()
        if line.get_markerfacecolor() == "white" and len(line.get_ydata())
    ]
    assert hollow == [2.0]
    plt.close(figure)


def test_distances_and_the_league_are_drawn() -> None:
    far = pd.concat([SMALLEST.assign(distance=d) for d in (50.0, 100.0)])
    figure = figures.distance_figure(far)
    assert figure.axes[1].get_ylabel() == "at 100 km (1e-9)"
    plt.close(figure)
    league = FALSE[["kind", "method"]].assign(
        rate=0.5, rate_low=0.4, rate_high=0.6, paper=["zhang2026", None] * 2
    )
    figure = figures.league_figure(league)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["chain", "rival"]
    plt.close(figure)
