"""Figures of the page on the TEC rules draw what they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from precursor_lib.evaluate.tec_noise import memory_table
from precursor_lib.evaluate.tec_rules import ERROR, MEDIAN, power, three_rules
from precursor_lib.report import tec_rules as figures


def test_limits_show_values_outside_and_shade_what_is_not_quiet() -> None:
    times = np.datetime64("2016-11-01", "ns") + np.arange(40 * 24) * np.timedelta64(1, "h")
    tec = 10 + np.random.default_rng(0).standard_normal((1, times.size))
    found = three_rules(tec, times)
    quiet = np.ones(times.size, dtype=bool)
    quiet[30 * 24 : 30 * 24 + 6] = False
    results = {name: found[name].of(0) for name in (ERROR, MEDIAN)}
    figure = figures.limits(times, tec[0], results, quiet, ("2016-11-25", "2016-12-05"))
    assert not plt.get_fignums()
    dots = figure.axes[0].lines[1].get_ydata()
    part = (times >= np.datetime64("2016-11-25")) & (times < np.datetime64("2016-12-05"))
    assert np.isfinite(dots).sum() == (results[ERROR].dtec[part] != 0).sum() > 0
    assert [axis.get_ylabel() for axis in figure.axes] == ["TEC (TECU)"] * 2 + ["DTEC (TECU)"]
    assert len(figure.axes[2].patches) == 1


def test_curves_have_the_tables_values() -> None:
    table = memory_table([0.0, 4.0], series=1, days=60, per_day=24, seed=0)
    figure = figures.days_by_memory(table)
    left, right = figure.axes
    shown = left.lines[0].get_ydata()
    np.testing.assert_allclose(shown, table[table["rule"] == ERROR]["values"])
    assert len(right.lines) == len(left.lines) - 1
    times = np.datetime64("2016-11-01", "ns") + np.arange(60 * 24) * np.timedelta64(1, "h")
    tec = np.random.default_rng(0).standard_normal(times.size)
    frame = power(tec, times, np.ones(times.size, dtype=bool), [0.0, 3.0])
    axis = figures.power_curves(frame, 1.4).axes[0]
    np.testing.assert_allclose(axis.lines[0].get_ydata(), frame[ERROR])
    assert axis.get_xlabel() == "peak of the anomaly (TECU)"
