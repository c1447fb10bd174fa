import numpy as np
import pandas as pd
import pytest

from precursor_lib.detect import PointRule
from precursor_lib.detect.rule_chance import day_chance
from precursor_lib.errors import InputError
from precursor_lib.report.residual_rules import figures, records, tables


def test_noise_is_of_unit_size_and_of_the_kind_it_says():
    noise = records.simulated_noise(60, 1)
    assert noise.keys() == records.NOISES.keys()
    for name, e in noise.items():
        found = records.moments(e)
        assert np.std(e) == pytest.approx(1, abs=0.05)
        assert found["correlation of neighbours"] == pytest.approx(
            records.NOISES[name]["correlation"], abs=0.02
        )
        size = np.sqrt(0.5) if records.NOISES[name]["noise"] == "laplace" else np.sqrt(2 / np.pi)
        assert found["mean size / standard deviation"] == pytest.approx(size, abs=0.02)
    again = records.simulated_noise(60, 1)
    assert all(np.array_equal(noise[name], again[name]) for name in noise)


def test_days_are_whole_and_local():
    frame = records.days_of(np.zeros(3 * 1440), PointRule(), 0)
    assert frame.index.strftime("%Y-%m-%d").tolist() == ["2013-01-01", "2013-01-02", "2013-01-03"]
    assert frame["samples"].tolist() == [1440] * 3


def test_table_of_chances_holds_what_was_counted():
    noise = {"Gaussian, white": records.simulated_noise(40, 2)["Gaussian, white"]}
    rule = PointRule("mean_multiple", 3.0)
    row = tables.chance_table(noise, [rule], [25.0]).iloc[0]
    counted = records.days_of(noise["Gaussian, white"], rule, 25.0)["anomalous"].mean()
    assert row["days a year above 25"] == (
        f"{365.25 * day_chance(rule, 25):.0f} ({365.25 * counted:.0f})"
    )
    assert row["points a day"] == "24 ± 5" and row["rule"] == "k = 3"


def test_noise_that_grew_is_the_same_rule_with_a_smaller_factor():
    rule = PointRule("mean_multiple", 3.0)
    frame = tables.drift_table(rule, [30.0], [1.0, 1.25])
    e = np.random.default_rng(3).normal(0, 1.25, 400_000)
    share = np.mean(np.abs(e) > 3.0 * np.sqrt(2 / np.pi))
    assert frame["points a day"][1] == pytest.approx(1440 * share, rel=0.03)
    assert frame["points a day"][0] == pytest.approx(24.02, abs=0.01)


def test_days_with_gaps_are_found_as_expected():
    frame = tables.gap_table(PointRule("mean_multiple", 3.0), 20.0, [0.0, 0.3], 4)
    spread = np.sqrt(365 * 0.25)
    assert np.all(np.abs(frame["expected"] - frame["simulated"]) < 4 * spread)
    assert frame["expected"][1] < frame["expected"][0] / 2


def test_zones_share_the_points_and_differ_in_days():
    e = np.zeros(4 * 1440)
    e[1430:1450] = 1.0  # around midnight of the first zone
    frame = tables.zone_table(e, records.minute_times(4), PointRule(), 15, [8.0, 0.0])
    assert frame["anomalous"].tolist() == [0, 1]
    assert frame["of another verdict than with the first"].tolist() == [0, 1]


def test_the_hour_before_is_the_forecast():
    x = np.arange(200.0) ** 2
    found = records.hour_ago(x)
    assert np.isnan(found[:60]).all() and found[60] == 3600
    with pytest.raises(InputError, match="more than 60"):
        records.hour_ago(x[:60])


def test_observed_table_counts_the_days_above():
    rng = np.random.default_rng(5)
    e = rng.normal(size=30 * 1440) * np.repeat(rng.gamma(1, 1, 30), 1440)
    e[:60] = np.nan
    times = records.minute_times(30)
    row = tables.observed_table(e, times, [PointRule("mean_multiple", 2.0)], [50.0], 8.0).iloc[0]
    limit = 2 * np.nanmean(np.abs(e))
    counts = pd.Series(np.abs(e) > limit).groupby(np.arange(e.size) // 1440).sum()
    assert row["days above 50 (%)"] == pytest.approx(100 * (counts > 50).mean())
    assert row["points a day"].startswith(f"{counts.mean():.0f} ±")


def test_figures_are_drawn():
    noise = records.simulated_noise(5, 6)
    bands = {"strain": (20.0, 30.0), "geomagnetic field": (40.0, 50.0)}
    rule = PointRule("mean_multiple", 2.5)
    assert len(figures.points_by_factor(noise, [2.5], bands).axes[0].lines) == 4
    assert len(figures.days_by_threshold(noise, [rule], bands).axes) == 1
    figure = figures.own_scale([0.0, 3.0], [0.1, 0.7], rule, 360, 7)
    own, before = (line.get_ydata() for line in figure.axes[0].lines[2:4])
    assert own[1] < before[1]  # the longer source raises its own threshold
    frame = records.days_of(noise["Gaussian, white"], rule, 45)
    assert len(figures.counts_in_time({"one": frame}, {"one": 45}).axes) == 2
