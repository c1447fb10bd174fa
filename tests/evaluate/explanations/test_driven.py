"""Daily counts and their drivers; anomalous points of strain and their parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.explanations import strain
from precursor_lib.evaluate.explanations.activity import by_local_day, explained_by, season
from precursor_lib.simulate.strain import strain_network
from precursor_lib.simulate.tides import tidal_strain

DAYS = pd.date_range("2003-01-01", periods=300)


def counts_from(driver: np.ndarray, noise: float, seed: int = 0) -> pd.Series:
    log = 6.0 + 0.7 * driver + noise * np.random.default_rng(seed).standard_normal(driver.size)
    return pd.Series(np.expm1(log), index=DAYS)


def test_a_driver_is_foretold_and_taken_off() -> None:
    driver = np.random.default_rng(1).uniform(0, 6, 300)
    one = explained_by(counts_from(driver, 0.0), driver[:, None], scale="log")
    assert one.days == 150
    assert one.share == pytest.approx(1.0)
    assert one.rho == pytest.approx(1.0)
    two = explained_by(counts_from(driver, 1.2), driver[:, None], scale="log")
    # What is not foretold is the noise, of which the fit of the first half knows nothing.
    rest = 1.2 * np.random.default_rng(0).standard_normal(300)[150:]
    total = np.log1p(counts_from(driver, 1.2).to_numpy())[150:].var()
    assert two.share == pytest.approx(1 - (rest**2).mean() / total, abs=0.05)
    assert two.low < two.share < two.high
    assert abs(two.left) < two.rho / 2


def test_roots_of_counts_that_follow_a_square_are_foretold() -> None:
    driver = np.random.default_rng(8).uniform(1, 6, 300)
    one = explained_by(pd.Series((2 * driver) ** 2, DAYS), driver[:, None])
    assert one.share == pytest.approx(1.0)
    assert one.expected.to_numpy() == pytest.approx((2 * driver) ** 2)
    # Of Poisson's counts the root has the variance 1/4, whatever their mean.
    drawn = np.random.default_rng(9).poisson((2 * driver) ** 2)
    two = explained_by(pd.Series(drawn, DAYS), driver[:, None])
    total = np.sqrt(drawn[150:]).var()
    assert two.share == pytest.approx(1 - 0.25 / total, abs=0.02)
    with pytest.raises(InputError, match="scale"):
        explained_by(pd.Series(drawn, DAYS), driver[:, None], scale="cube")  # type: ignore[arg-type]


def test_a_driver_that_has_nothing_to_do_with_it_foretells_nothing() -> None:
    rng = np.random.default_rng(2)
    one = explained_by(counts_from(rng.uniform(0, 6, 300), 0.0), rng.uniform(0, 6, (300, 1)))
    assert one.share < 0.05
    assert one.rho_low < 0 < one.rho_high


def test_the_fit_does_not_see_the_judged_half() -> None:
    driver = np.random.default_rng(3).uniform(0, 6, 300)
    counts = counts_from(driver, 0.5)
    later = counts.copy()
    later.iloc[150:] = later.iloc[150:].to_numpy()[::-1]
    a, b = (explained_by(c, driver[:, None]).expected for c in (counts, later))
    assert a.to_numpy() == pytest.approx(b.to_numpy())


def test_missing_drivers_leave_days_out_and_few_days_are_refused() -> None:
    driver = np.random.default_rng(4).uniform(0, 6, 300)
    driver[:50] = np.nan
    one = explained_by(counts_from(np.nan_to_num(driver), 0.1), driver[:, None])
    assert one.days == 125 and len(one.expected) == 250
    with pytest.raises(InputError, match="drivers"):
        explained_by(counts_from(np.nan_to_num(driver), 0.1), driver)
    with pytest.raises(InputError, match="days or more"):
        explained_by(pd.Series(np.arange(30.0), DAYS[:30]), np.ones((30, 1)))


def test_indices_are_taken_by_local_day() -> None:
    kp = pd.Series(1.0, pd.date_range("2003-01-01", periods=24, freq="3h"))
    kp["2003-01-01T18:00"] = 7.0
    days = pd.DatetimeIndex(["2003-01-01", "2003-01-02", "2003-01-09"])
    # 18 h UTC is 2 h on the next day in Beijing.
    assert by_local_day(kp, days, 8.0, "max")[:2].tolist() == [1.0, 7.0]
    assert by_local_day(kp, days, 0.0, "max")[:2].tolist() == [7.0, 1.0]
    assert by_local_day(kp, days, 0.0)[0] == pytest.approx(14 / 8)
    assert np.isnan(by_local_day(kp, days, 0.0)[2])
    with pytest.raises(InputError, match="how"):
        by_local_day(kp, days, 0.0, "median")


def test_season_is_a_circle() -> None:
    waves = season(pd.date_range("2003-01-01", "2003-12-31"))
    assert np.hypot(*waves.T) == pytest.approx(1.0)
    assert waves[0].tolist() == [0.0, 1.0]


# Strain

HOURS = np.arange("2010-01-01", "2010-09-01", dtype="datetime64[h]").astype("datetime64[ns]")


def record(**left_out: None):
    quiet = dict.fromkeys(("drift", "annual", "rain", "steps", "spikes", "gaps"))
    return strain_network(
        seed=5, stations=[{"id": "A", "latitude": 30.0, "longitude": 102.0}],
        epicentre={"latitude": 30.0, "longitude": 103.0, "time": "2010-08-01"},
        start="2010-01-01", end="2010-06-01", step="1h", **(quiet | left_out),
    )  # fmt: skip


def test_a_linear_forecast_follows_waves_and_not_noise() -> None:
    hours = np.arange(HOURS.size)
    tide = np.cos(2 * np.pi * hours / 12.42) + np.sin(2 * np.pi * hours / 25.8)
    rest = strain.linear_residual(tide)
    assert np.isnan(rest[: HOURS.size // 2]).all()
    assert np.nanmax(np.abs(rest)) < 1e-8
    assert np.nanstd(strain.hour_before(tide)) > 0.1
    steps = np.random.default_rng(0).standard_normal(HOURS.size)
    # What follows a random walk cannot be foretold: the residual is its step.
    walk = strain.linear_residual(np.cumsum(steps))
    assert np.nanstd(walk) == pytest.approx(1.0, rel=0.1)


def test_a_gap_leaves_its_lags_out() -> None:
    x = np.random.default_rng(1).standard_normal(1000)
    x[800] = np.nan
    rest = strain.linear_residual(x, lags=10)
    assert np.isnan(rest[800:812]).all() and np.isfinite(rest[812])
    with pytest.raises(InputError, match="lags"):
        strain.linear_residual(x[:30], lags=10)


def test_points_of_the_tide_are_gone_without_it() -> None:
    full = record()
    table = strain.without_parts(
        full, {"tides": record(tides=None), "nothing": record()}, strain.hour_before, draws=40
    )
    assert table.loc["nothing", ["share", "low", "high"]].tolist() == [0, 0, 0]
    assert table.loc["tides", "share"] > 0.9
    assert table.loc["tides", "points"] > 20


def test_known_terms_are_taken_off_a_later_part() -> None:
    tide = tidal_strain(HOURS, 30.0, 102.0)[0]
    rng = np.random.default_rng(2)
    pressure = np.cumsum(rng.standard_normal(HOURS.size))
    noise = 0.01 * np.cumsum(rng.standard_normal(HOURS.size))
    clean = strain.less_terms(tide - 2 * pressure + noise, strain.known_terms(HOURS, pressure))
    later = slice(HOURS.size // 2, None)
    assert np.diff(clean[later]) == pytest.approx(np.diff(noise[later]), abs=0.02)
    before, after = strain.unseen_residuals([tide - 2 * pressure, clean], strain.hour_before)
    assert np.isnan(before[: HOURS.size // 2]).all()
    assert (np.isnan(before) == np.isnan(after)).all()
    points, left, (share, low, _) = strain.fewer_points(before, after, draws=40)
    assert points.sum() > 0 and left.sum() == 0
    assert share == low == 1.0


def test_half_years_compare_rates() -> None:
    times = pd.date_range("2010-01-01", "2010-12-31T23:00", freq="h")
    winter = times.month.isin([1, 2])
    points = np.where(winter, 0.2, 0.1)
    assert strain.half_years(times, points, [1, 2]) == pytest.approx(2.0)
    points[: 24 * 10] = np.nan
    assert strain.half_years(times, points, [1, 2]) == pytest.approx(2.0)
