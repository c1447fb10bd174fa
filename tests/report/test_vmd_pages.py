"""Tables and figures of the pages on variational mode decomposition."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from precursor_lib.decompose import segment_starts, segmented_vmd, vmd
from precursor_lib.report import segments
from precursor_lib.report import vmd as pages

INTERVAL = 60.0


@pytest.fixture(scope="module")
def record():
    rng = np.random.default_rng(0)
    t = np.arange(3000)
    return (
        np.cos(2 * np.pi * t / 200)
        + 0.5 * np.cos(2 * np.pi * t / 12)
        + 0.1 * rng.normal(size=t.size)
    )


@pytest.fixture(scope="module")
def whole(record):
    return vmd(record, 2, 500.0)


@pytest.fixture(scope="module")
def pieces(record):
    return {
        join: segmented_vmd(record, 600, 200, 2, 500.0, join=join)
        for join in ("overlap-add", "centre")
    }


def test_bandwidth_of_a_mode():
    row = pages.bandwidth_table([5000.0], INTERVAL).loc["5000"]
    half = np.sqrt((np.sqrt(2) - 1) / 5000)
    assert row["width (mHz)"] == pytest.approx(2 * half / 60 * 1000)
    assert row["a mode at 0 passes periods above (min)"] == pytest.approx(1 / half)


def test_periods_are_minutes_and_the_mean_has_none(record, whole):
    table = pages.period_table(
        {"plain": whole, "with mean": vmd(record + 1e6, 3, 500.0, dc=True)}, INTERVAL
    )
    assert table.loc["plain", "k1"] == pytest.approx(200, rel=0.01)
    assert table.loc["plain", "k2"] == pytest.approx(12, rel=0.01)
    assert np.isinf(table.loc["with mean", "k1"])
    assert np.isnan(table.loc["plain", "k3"])
    assert table["converged"].tolist() == [True, True]


def test_stopping_is_measured_against_the_end(record, whole):
    stopped = pages.classic(record, 20, modes=2, alpha=500.0)
    table = pages.stopping_table(record, whole, {"20": stopped, "end": whole}, INTERVAL)
    assert (table["difference, end (%)"] == 0).all()
    by_hand = np.linalg.norm(stopped.modes[0] - whole.modes[0]) / np.linalg.norm(whole.modes[0])
    assert table.loc["k1", "difference, 20 (%)"] == pytest.approx(100 * by_hand)
    assert table["share of the variance (%)"].sum() == pytest.approx(99, abs=2)


def test_white_noise_spreads_its_modes():
    table = pages.noise_table((0.0,), 4, 1000, 1, modes=3, alpha=2000.0)
    low = float(table.loc["white", "k3"].split()[0])
    assert 2 < low < 3
    again = pages.noise_table((0.0,), 4, 1000, 1, modes=3, alpha=2000.0)
    assert table.equals(again)


def test_jumps_of_a_smooth_join_are_none(pieces):
    table = segments.jump_table(pieces, 200)
    assert table.loc["overlap-add"].max() < 2
    # Every sample a change of one, and of ten where the windows meet.
    centre = pieces["centre"]
    change = np.ones(2999)
    change[(centre.starts[:-1] + centre.starts[1:] + 599) // 2] = -10.0
    steps = np.tile(np.cumsum(np.concatenate([[0.0], change])), (2, 1))
    assert segments.jump_table({"steps": replace(centre, modes=steps)}, 200).loc[
        "steps"
    ].tolist() == pytest.approx([10.0, 10.0])


def test_errors_are_at_the_ends(record, whole):
    errors = segments.position_errors(record, whole, 600, 100, 12)
    assert errors.shape == (12, 2)
    for name in errors:
        assert errors[name].iloc[[0, -1]].min() > 5 * errors[name].iloc[4:8].max()


def test_agreement_with_the_whole(whole, pieces):
    table = segments.agreement_table({"even": pieces["overlap-add"]}, whole, INTERVAL)
    assert table["whole record (min)"].tolist() == pytest.approx([200, 12], rel=0.01)
    assert (table["correlation"] > 0.99).all()
    assert (table["shortest (min)"] <= table["windows, median (min)"]).all()


def test_every_figure_draws(record, whole, pieces):
    swept = pages.classic(record, 30, modes=2, alpha=500.0)
    starts = segment_starts(1500, 600, 200)
    centre = pieces["centre"]
    joins = (centre.starts[:-1] + centre.starts[1:] + 599) // 2
    figures = [
        pages.filters(record, whole, INTERVAL),
        pages.modes_in_time(record, whole.modes, INTERVAL, ["a", "b"], days=(0.0, 1.0)),
        pages.convergence(swept, whole, INTERVAL, mark=10),
        pages.parameter_effect({500.0: whole, 50.0: whole}, {2: whole}, INTERVAL),
        segments.weights(1500, 600, 200, starts, INTERVAL),
        segments.position_curves(segments.position_errors(record, whole, 600, 300, 6), 7.0),
        segments.centre_tracks(pieces, whole, INTERVAL),
        segments.joined({"a": centre.modes, "b": whole.modes}, 0, (350, 450), joins, INTERVAL),
    ]
    for figure in figures:
        assert isinstance(figure, Figure)
        assert figure.axes
        assert all(axis.has_data() for axis in figure.axes)
    assert not plt.get_fignums()
    line = figures[2].axes[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), 1 / swept.history[1:, 0])
