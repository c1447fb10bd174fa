"""The simulated catalogue against Gutenberg and Richter, Omori, and its own truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats
from scipy.special import ndtr

from precursor_lib.errors import InputError
from precursor_lib.simulate.catalogue import detection_middle, seismic_catalogue
from precursor_lib.simulate.etas import Etas, draw_magnitudes

ETAS = {"productivity": 0.07, "alpha": 0.7, "c": 0.01, "p": 1.1, "b": 0.9, "low": 0.0, "high": 6.5}


@pytest.fixture
def arguments() -> dict[str, Any]:
    return {
        "seed": 3,
        "epicentre": {"latitude": 34.59, "longitude": 98.34, "time": "2021-05-21T18:04:13"},
        "start": "2021-02-20",
        "end": "2021-06-20",
    }


def test_catalogue_has_the_projects_form(arguments) -> None:
    c = seismic_catalogue(**arguments)
    assert list(c.columns[:5]) == ["time", "latitude", "longitude", "depth", "magnitude"]
    assert c["time"].dtype == "datetime64[ns]"
    assert c["time"].is_monotonic_increasing
    assert c["time"].between("2021-02-20", "2021-06-20").all()
    assert (c["latitude"] - 34.59).abs().max() <= 7
    assert (c["longitude"] - 98.34).abs().max() <= 7
    assert (c["depth"] >= 0).all()
    np.testing.assert_allclose(c["magnitude"] * 10, (c["magnitude"] * 10).round(), atol=1e-9)
    assert c.attrs["origin"] == "simulated"
    assert 2000 < len(c) < 20_000
    main = c[c["kind"] == "mainshock"]
    assert len(main) == 1
    row = main.iloc[0]
    assert abs(row["time"] - pd.Timestamp("2021-05-21T18:04:13")) <= pd.Timedelta("1ms")
    assert (row["latitude"], row["longitude"], row["depth"]) == pytest.approx((34.59, 98.34, 10))
    assert row["magnitude"] == 7.4


def test_one_seed_gives_one_catalogue(arguments) -> None:
    pd.testing.assert_frame_equal(seismic_catalogue(**arguments), seismic_catalogue(**arguments))
    other = seismic_catalogue(**arguments | {"seed": 4})
    assert len(other) != len(seismic_catalogue(**arguments))


@pytest.mark.parametrize("b", [0.7, 0.9, 1.2])
def test_b_value_comes_back_above_the_completeness(arguments, b: float) -> None:
    c = seismic_catalogue(**arguments | {"b": b, "rate": 250.0, "mainshock": None})
    # Above m + 3.5 w all but 2 in 10,000 are seen. Rounded magnitudes start half a step lower.
    cut = np.round(c.attrs["detection_middle"] + 3.5 * 0.2, 1)
    m = c["magnitude"][c["magnitude"] > cut - 0.05].to_numpy()
    # Maximum likelihood for magnitudes in steps of 0.1 (Tinti and Mulargia 1987).
    found = np.log1p(0.1 / (m.mean() - cut)) / (0.1 * np.log(10))
    assert m.size > 1000
    assert found == pytest.approx(b, abs=4.5 * b / np.sqrt(m.size))


def test_most_frequent_magnitude_is_the_completeness(arguments) -> None:
    c = seismic_catalogue(**arguments | {"rate": 800.0, "mainshock": None, "burn_in": 0.0})
    magnitude, count = np.unique(c["magnitude"].round(1), return_counts=True)
    # A parabola through the counts about the top places the peak within the step of 0.1.
    near = np.abs(magnitude - 0.7) < 0.25
    top = np.polyfit(magnitude[near], np.log(count[near]), 2)
    assert -top[1] / (2 * top[0]) == pytest.approx(0.7, abs=0.04)
    assert magnitude[count.argmax()] == pytest.approx(0.7, abs=0.1001)


@given(st.floats(0.3, 2), st.floats(0.05, 0.5), st.floats(0.4, 1.6))
@settings(max_examples=40, deadline=None)
def test_detection_puts_the_peak_where_it_is_asked(mc: float, width: float, b: float) -> None:
    m = detection_middle(mc, width, b)

    def minus_log_density(x: float) -> float:
        return float(b * np.log(10) * x - np.log(ndtr((x - m) / width)))

    peak = optimize.minimize_scalar(
        minus_log_density, bounds=(mc - 1, mc + 1), method="bounded", options={"xatol": 1e-8}
    ).x
    assert peak == pytest.approx(mc, abs=1e-5)


def test_magnitudes_follow_the_cut_law_exactly() -> None:
    m = draw_magnitudes(np.full(5000, 0.9), 0.0, 3.0, np.random.default_rng(0))
    beta = 0.9 * np.log(10)
    u = np.expm1(-beta * m) / np.expm1(-beta * 3.0)
    assert stats.kstest(u, "uniform").pvalue > 1e-3


def test_b_value_follows_its_knots_in_time(arguments) -> None:
    c = seismic_catalogue(
        **arguments
        | {"b": [[-50, 0.7], [-40, 1.3]], "rate": 300.0, "mainshock": None, "aftershocks": None}
    )
    day = (c["time"] - pd.Timestamp("2021-05-21T18:04:13")) / pd.Timedelta(days=1)
    m = c["magnitude"]
    for part, b in ((day < -50, 0.7), (day > -40, 1.3)):
        chosen = m[part & (m > 1.25)]
        found = np.log1p(0.1 / (chosen.mean() - 1.3)) / (0.1 * np.log(10))
        assert found == pytest.approx(b, abs=4.5 * b / np.sqrt(chosen.size))


def test_branching_ratio_is_the_mean_offspring_over_the_magnitudes() -> None:
    for b, alpha in ((0.9, 0.7), (0.9, 0.9), (0.8, 1.1)):
        law = Etas(**ETAS | {"b": b, "alpha": alpha, "productivity": 0.002})
        beta = b * np.log(10)
        mean, _ = integrate.quad(
            lambda m, a=alpha, be=beta: (
                0.002 * 10 ** (a * m) * be * np.exp(-be * m) / -np.expm1(-be * 6.5)
            ),
            0,
            6.5,
        )
        assert law.branching_ratio == pytest.approx(mean, rel=1e-6)


def test_offspring_have_omoris_delays_and_the_productive_mean() -> None:
    law = Etas(**ETAS)
    n = 4000
    time, magnitude = np.zeros(n), np.full(n, 3.0)
    parent, t = law.offspring(time, magnitude, 20.0, np.random.default_rng(1))
    reach = 1 - (1 + 20.0 / 0.01) ** -0.1
    mean = 0.07 * 10 ** (0.7 * 3) * reach
    assert t.size / n == pytest.approx(mean, abs=4.5 * np.sqrt(mean / n))
    u = (1 - (1 + t / 0.01) ** -0.1) / reach
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert t.max() <= 20.0
    counts = np.bincount(parent, minlength=n)
    assert counts.var() == pytest.approx(mean, rel=0.1)


def test_number_of_events_is_the_background_over_one_minus_the_branching_ratio(arguments) -> None:
    """With short delays nearly all aftershocks fall inside, and the total is known."""
    short = {"c": 0.001, "p": 2.0, "productivity": 0.1, "alpha": 0.4}
    c = seismic_catalogue(
        **arguments
        | {"aftershocks": short, "mainshock": None, "rate": 200.0, "box_half_width": 20.0}
    )
    expected = 200.0 * 120 / (1 - c.attrs["branching_ratio"])
    # Aftershocks scatter out of the box at its edge, by less than they number there.
    assert c.attrs["simulated"] == pytest.approx(expected, rel=0.03)


def test_parents_come_before_their_aftershocks_and_are_near_them(arguments) -> None:
    c = seismic_catalogue(**arguments).set_index("event")
    after = c[(c["kind"] == "aftershock") & c["parent"].isin(c.index)]
    assert (c.loc[c["kind"] != "aftershock", "parent"] == -1).all()
    parents = c.loc[after["parent"]]
    assert (after["time"].to_numpy() >= parents["time"].to_numpy()).all()
    assert len(after) > 1000
    small = (parents["kind"] != "mainshock").to_numpy()
    apart = np.hypot(
        after["latitude"].to_numpy() - parents["latitude"].to_numpy(),
        (after["longitude"].to_numpy() - parents["longitude"].to_numpy())
        * np.cos(np.radians(34.6)),
    )
    assert np.median(apart[small]) * 111.2 < 5
    assert 10 < np.median(apart[~small]) * 111.2 < 80


def test_mainshock_aftershocks_decay_after_it(arguments) -> None:
    c = seismic_catalogue(**arguments)
    day = (c["time"] - pd.Timestamp("2021-05-21T18:04:13")) / pd.Timedelta(days=1)
    before, first, later = (
        ((day < 0) & (day > -1)).sum(),
        (day.between(0, 1)).sum(),
        day.between(20, 21).sum(),
    )
    assert first > 10 * later
    assert first > 20 * max(1, before)


def test_phases_add_their_number_at_the_sigmoids_rate(arguments) -> None:
    change = {
        "phases": [{"number": 3000, "centre": -60, "width": 3}],
        "phase_width": 20.0,
        "aftershocks": None,
        "mainshock": None,
    }
    c = seismic_catalogue(**arguments | change)
    rise = c[c["kind"] == "phase"]
    day = (rise["time"] - pd.Timestamp("2021-05-21T18:04:13")) / pd.Timedelta(days=1)
    assert stats.kstest(day, "logistic", args=(-60, 3)).pvalue > 1e-3
    seen = len(c) / c.attrs["simulated"]
    assert len(rise) == pytest.approx(3000 * seen, abs=5 * np.sqrt(3000 * seen))
    without = seismic_catalogue(**arguments | change | {"phases": []})
    # The phases draw from their own stream: the background stays as it was, to the last digit.
    pd.testing.assert_frame_equal(
        without, c[c["kind"] == "background"].reset_index(drop=True), check_like=False
    )


def test_background_clusters_on_faults(arguments) -> None:
    quiet = {"mainshock": None, "aftershocks": None, "rate": 100.0}
    on = seismic_catalogue(**arguments | quiet)
    off = seismic_catalogue(**arguments | quiet | {"faults": {"diffuse": 1.0}})
    grid = [np.histogram2d(c["latitude"], c["longitude"], bins=40)[0] for c in (on, off)]
    assert grid[0].var() / grid[0].mean() > 5
    assert grid[1].var() / grid[1].mean() < 1.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -2}, "seed -2"),
        ({"start": "2021-06-21"}, "start before the end"),
        ({"end": "later"}, "end 'later'"),
        ({"box_half_width": 0}, "box_half_width"),
        ({"rate": -1.0}, "rate"),
        ({"b": -1.0}, "b-values above 0"),
        ({"b": [[0, 1.0], [0, 1.1]]}, "ascending"),
        ({"b": [1.0, 1.1]}, "pairs"),
        ({"maximum": -1.0}, "minimum < maximum"),
        ({"minimum": 0.6}, "the cut itself"),
        ({"detection_width": 0.0}, "detection_width"),
        ({"aftershocks": {"productivity": 0.3}}, "branching ratio is 1.282"),
        ({"aftershocks": {"p": 1.0}}, r"aftershocks\.p"),
        ({"aftershocks": {"alfa": 1.0}}, "nearest is 'alpha'"),
        ({"mainshock": {"magnitude": 20.0}}, "more than 2,000,000"),
        ({"faults": {"number": -1}}, r"faults\.number"),
        ({"phases": [{"number": 1}]}, r"phases\[0\]"),
        ({"burn_in": -1.0}, "burn_in"),
    ],
)
def test_bad_arguments_are_named(arguments, change: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        seismic_catalogue(**arguments | change)
