"""The case of the observatories: counts by hand, readings, the values of the ledger."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from precursor_lib.classify import QuietRule
from precursor_lib.report.claims import read_claims
from precursor_lib.report.european import claims, counts, figures, inputs, network, sizes

ROOT = Path(__file__).parents[2]
LEDGER = read_claims(ROOT / "claims")


def test_arithmetic_of_the_paper():
    values = claims.arithmetic_values(LEDGER)
    assert values["cnn-sec5-day-complement"] == pytest.approx(0.414)
    assert values["cnn-sec5-loss-floor"] == pytest.approx(0.678, abs=1e-3)
    assert values["cnn-fig3-corner"] is False
    assert values["cnn-fig3-diurnal"] == {
        "0.02 Hz": False,
        "0.02 cycles a minute": True,
        "0.02 of Nyquist": True,
        "0.02 mHz": False,
    }
    # 274 of 466 and 77 of 116 windows.
    assert values["cnn-sec5-training-count"]["all"] == pytest.approx(274 / 466)
    assert values["cnn-sec5-validation-count"]["all"] == pytest.approx(77 / 116)


def test_every_value_belongs_to_a_claim_of_the_ledger():
    trial = network.softmax_trial(network.plain_signal(12, 8, 1.0, 0), 1, [0])
    values = claims.arithmetic_values(LEDGER) | network.table_values(LEDGER, trial)
    values |= sizes.other_networks(LEDGER)[1]
    assert set(values) <= set(LEDGER)


def test_table_2_gives_input_and_kernels():
    assert network.deduced_input(LEDGER) == [3, 10080]
    expected = {"conv1": [3, 3], "conv2": [1, 3], "conv3": [1, 3]}
    assert network.deduced_kernels(LEDGER) == expected


def test_parameters_of_other_networks():
    values = sizes.other_networks(LEDGER)[1]
    # As the frameworks that carry these networks count them.
    assert values["cnn-sec5-alexnet-parameters"] == pytest.approx(60.965224)
    assert values["cnn-sec5-vgg-parameters"]["1000 classes"] == pytest.approx(138.357544)


def events(times, **columns):
    frame = pd.DataFrame({"time": pd.to_datetime(times, format="ISO8601")})
    return frame.assign(**{"latitude": 41.4, "longitude": 14.3, "depth": 10.0, **columns})


def test_windows_side_by_side_by_brute_force():
    rng = np.random.default_rng(0)
    for _ in range(20):
        starts = rng.integers(0, 40, 7)
        best = 0
        for mask in range(2**7):
            chosen = np.sort(starts[[k for k in range(7) if mask >> k & 1]])
            if (np.diff(chosen) >= 6).all():
                best = max(best, chosen.size)
        assert counts.side_by_side(starts, 6) == best


def test_overlaps_of_a_sequence():
    times = ["2015-01-01", "2015-01-01T06:00", "2015-01-03", "2016-01-01"]
    table = counts.overlap_table(events(times, mainshock=[True, False, False, True]), seed=0)
    assert table.loc["day", "all: windows"] == 4
    assert table.loc["day", "all: alone"] == 2
    assert table.loc["day", "all: side by side"] == 3
    assert table.loc["month", "mainshocks: alone"] == 2
    # Two windows cannot be split 80/20.
    assert np.isnan(table.loc["month", "mainshocks: tested that share"])
    assert 0 < table.loc["day", "all: tested that share"] < 1


def test_storms_tell_the_classes_apart_only_if_one_is_kept_free():
    """Storms every tenth day; events at random, so that some of their windows are stormy."""
    rng = np.random.default_rng(1)
    kp = pd.Series(
        rng.uniform(0, 4, 8 * 380), index=pd.date_range("2014-12-25", periods=8 * 380, freq="3h")
    )
    kp[(kp.index.day_of_year % 10) == 0] = 7.0
    rule = QuietRule(
        kp,
        pd.Series(
            -5.0, index=kp.index.union(kp.index.shift(1, "1h")).union(kp.index.shift(2, "1h"))
        ),
    )
    times = pd.Timestamp("2015-01-10") + pd.to_timedelta(rng.uniform(0, 300, 60), unit="D")
    found = events(np.sort(times))
    row = counts.storm_table({"DUR": found}, (2015, 2015), rule).loc["hour"]
    assert 0 < row["with a storm"] < 0.3
    assert row["area, quiet only"] > row["area, both"]
    assert row["both from"] < 0.5 < row["both to"]


def test_counts_of_a_made_catalogue():
    place = inputs.OBSERVATORIES["DUR"]
    frame = events(
        ["2008-01-01", "2012-01-01", "2013-01-01", "2014-01-01", "2015-01-01"],
        magnitude=[4.5, 4.0, 4.2, 6.1, 5.0],
        depth=[10.0, 10.0, 30.0, 31.0, 5.0],
        latitude=[41.4, 41.4, 41.4, 41.4, 44.0],
    )
    readings = counts.count_readings(frame, "DUR")
    assert readings == {
        "text, M > 4": 2,
        "text, M >= 4": 3,
        "Table 1, M > 4": 1,
        "Table 1, M >= 4": 2,
    }
    assert counts.largest(inputs.chosen_events(frame, place, inputs.NOTE)) == 4.5
    assert counts.largest(frame.iloc[:0]) is None


def test_the_daily_wave_through_the_filters():
    passed = {name: figures.diurnal_passes(corner) for name, corner in figures.CORNERS.items()}
    assert passed["0.02 Hz"] is None
    # Butterworth, fourth order, forward and back: 1 / (1 + (corner / f) ** 8).
    ratio = 0.02e-3 * 86400
    assert passed["0.02 mHz"] == pytest.approx(1 / (1 + ratio**8), rel=0.01)
