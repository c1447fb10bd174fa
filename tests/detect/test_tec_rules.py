"""TEC bounds against pandas and brute force, by property, and against their chance in noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.detect.day_grid import DayGrid
from precursor_lib.detect.residual_rule import PointRule
from precursor_lib.detect.rule_chance import point_chance
from precursor_lib.detect.tec_chance import error_chance, median_chance, nominal_chance
from precursor_lib.detect.tec_rules import (
    TecBounds,
    error_bounds,
    median_bounds,
    outside,
    quiet_times,
)
from precursor_lib.errors import InputError

STEP = np.timedelta64(4, "h")


def axis(n: int, start: str = "2016-11-17T08:00", step: np.timedelta64 = STEP) -> np.ndarray:
    return np.datetime64(start, "ns") + np.arange(n) * step


def holed(n: int, seed: int, series: int = 2, share: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = 20 + 5 * rng.standard_normal((series, n))
    values[rng.random(values.shape) < share] = np.nan
    return values


def days_before(times: np.ndarray, at: int, days: int) -> np.ndarray:
    day = times[at].astype("datetime64[D]")
    calendar = times.astype("datetime64[D]")
    return (calendar < day) & (calendar >= day - days)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.sampled_from([0.1, 0.5, 0.9]))
def test_error_bounds_are_those_of_the_days_before(seed: int, days: int, least: float) -> None:
    times, x = axis(80), holed(80, seed)
    bounds = error_bounds(x, times, days=days, factor=1.7, least=least)
    first = times[0].astype("datetime64[D]")
    for row in range(2):
        for at in range(80):
            held = x[row, days_before(times, at, days)]
            held = held[np.isfinite(held)]
            whole = times[at].astype("datetime64[D]") - days >= first
            if not whole or held.size < max(least * days * 6, 2):
                assert np.isnan(bounds.upper[row, at]) and bounds.used[row, at] == 0
                continue
            low, high = (held.mean() + k * 1.7 * held.std(ddof=1) for k in (-1, 1))
            np.testing.assert_allclose(
                [bounds.lower[row, at], bounds.upper[row, at]], [low, high], rtol=1e-8
            )
            assert bounds.used[row, at] == held.size


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6))
def test_error_bounds_through_the_value_are_pandas_rolling(seed: int, days: int) -> None:
    x = holed(90, seed)
    bounds = error_bounds(x, axis(90), days=days, window="through", least=0.3)
    least = int(np.ceil(0.3 * days * 6))
    for row in range(2):
        rolling = pd.Series(x[row]).rolling(days * 6, min_periods=max(least, 2))
        mean, spread = rolling.mean(), rolling.std()
        expected = (mean + 2 * spread).to_numpy(copy=True)
        expected[: days * 6 - 1] = np.nan
        np.testing.assert_allclose(bounds.upper[row], expected, rtol=1e-7)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(3, 7),
    st.sampled_from(["before", "through"]),
    st.sampled_from(["quartiles", "sigma"]),
)
def test_median_bounds_are_those_of_the_same_hour(
    seed: int, days: int, window: str, spread: str
) -> None:
    times, x = axis(100), holed(100, seed)
    bounds = median_bounds(x, times, days=days, window=window, spread=spread, least=0.4)  # type: ignore[arg-type]
    steps = np.arange(days) + (1 if window == "before" else 0)
    for row in range(2):
        for at in range(100):
            places = at - 6 * steps
            # The first day of the record lacks two hours, which count as missing.
            day = (at + 2) // 6
            whole = day >= (days if window == "before" else days - 1)
            held = x[row, places[places >= 0]]
            held = held[np.isfinite(held)]
            if not whole or held.size < max(0.4 * days, 2):
                assert np.isnan(bounds.lower[row, at])
                continue
            low, middle, high = np.quantile(held, (0.25, 0.5, 0.75))
            width = high - low if spread == "quartiles" else 1.34 * held.std(ddof=1)
            np.testing.assert_allclose(
                [bounds.lower[row, at], bounds.upper[row, at]],
                [middle - 1.5 * width, middle + 1.5 * width],
                rtol=1e-9,
            )
            assert bounds.used[row, at] == held.size


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_a_change_of_a_day_moves_no_bound_of_that_day_or_before(seed: int) -> None:
    times, x = axis(120), holed(120, seed, share=0.0)
    other = x.copy()
    day = times.astype("datetime64[D]") == times[70].astype("datetime64[D]")
    other[:, day] += 100.0
    earlier = times < times[day][-1] + STEP
    for rule in (error_bounds, median_bounds):
        one, two = rule(x, times, days=5), rule(other, times, days=5)
        np.testing.assert_array_equal(one.upper[:, earlier], two.upper[:, earlier])
        assert (one.upper != two.upper)[:, ~earlier].any()
        hidden = rule(other, times, days=5, window="through")
        assert (hidden.upper[:, day] > one.upper[:, day]).any()


@given(st.floats(-50, 50), st.floats(0.1, 20))
@settings(max_examples=20, deadline=None)
def test_bounds_follow_shift_and_scale(shift: float, scale: float) -> None:
    times, x = axis(80), holed(80, 3)
    for rule in (error_bounds, median_bounds):
        one, two = rule(x, times, days=4), rule(shift + scale * x, times, days=4)
        np.testing.assert_allclose(two.upper, shift + scale * one.upper, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(two.lower, shift + scale * one.lower, rtol=1e-6, atol=1e-6)


def test_a_constant_has_bounds_of_no_width() -> None:
    x = np.full(100, 1e6)
    for rule in (error_bounds, median_bounds):
        bounds = rule(x, axis(100), days=3)
        known = np.isfinite(bounds.upper)
        assert known.sum() == 100 - (3 * 6 - 2)
        np.testing.assert_allclose(bounds.upper[known], 1e6, rtol=1e-12)
        assert (outside(x, bounds)[known] == 0).all()


def test_short_records_have_no_bounds() -> None:
    for rule in (error_bounds, median_bounds):
        for window in ("before", "through"):
            assert np.isnan(rule(np.ones(10), axis(10), window=window).upper).all()


def test_outside_is_signed_and_zero_within() -> None:
    bounds = TecBounds(np.array([1.0] * 5), np.array([3.0] * 4 + [np.nan]), np.ones(5, dtype=int))
    found = outside([0.5, 2.0, 4.5, np.nan, 2.0], bounds)
    np.testing.assert_array_equal(found, [-0.5, 0.0, 1.5, np.nan, np.nan])
    with pytest.raises(InputError, match="values: expected shape"):
        outside([1.0], bounds)


def test_quiet_times_leave_out_the_limits_and_what_is_missing() -> None:
    kp = [2.7, 3.0, 2.7, 2.7, np.nan]
    dst = [-29.0, 0.0, -30.0, np.nan, 0.0]
    assert quiet_times(kp, dst).tolist() == [True, False, False, False, False]
    with pytest.raises(InputError, match="kp, dst: expected one shape"):
        quiet_times(kp, dst[:2])


def independent(noise: str, seed: int, days: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = days * 24
    values = rng.standard_normal(n) if noise == "gaussian" else rng.standard_t(3, n)
    return values, axis(n, "2010-01-01", np.timedelta64(1, "h"))


def rate(values: np.ndarray, bounds: TecBounds) -> float:
    found = outside(values, bounds)
    return float((found[np.isfinite(found)] != 0).mean())


@pytest.mark.parametrize("window", ["before", "through"])
def test_rates_in_gaussian_noise_are_the_expected_ones(window: str) -> None:
    values, times = independent("gaussian", 1)
    error = rate(values, error_bounds(values, times, window=window))  # type: ignore[arg-type]
    assert error == pytest.approx(error_chance(360, window=window), abs=0.004)  # type: ignore[arg-type]
    for spread in ("quartiles", "sigma"):
        found = rate(values, median_bounds(values, times, window=window, spread=spread))  # type: ignore[arg-type]
        expected = median_chance(15, window=window, spread=spread)  # type: ignore[arg-type]
        assert found == pytest.approx(expected, abs=0.006)


def test_rates_in_heavy_tails_are_the_expected_ones() -> None:
    values, times = independent("student3", 2)
    found = rate(values, median_bounds(values, times))
    assert found == pytest.approx(median_chance(noise="student3"), abs=0.006)
    assert found > nominal_chance(1.5, "iqr")


def test_chances_meet_their_limits() -> None:
    assert nominal_chance(2.0) == pytest.approx(point_chance(PointRule("confidence", 2.0)))
    assert nominal_chance(1.5, "iqr") == pytest.approx(0.0430, abs=1e-4)
    for window in ("before", "through"):
        assert error_chance(10**6, window=window) == pytest.approx(nominal_chance(2.0), rel=1e-4)  # type: ignore[arg-type]
    assert (
        error_chance(20, window="before") > nominal_chance(2.0) > error_chance(20, window="through")
    )
    # Five values hold none that is further off than 4 / sqrt(5) of their standard deviations.
    assert error_chance(5, 1.8, "through") == 0.0
    assert error_chance(5, 1.7, "through") > 0.0
    assert median_chance(2001, draws=2000) == pytest.approx(nominal_chance(1.5, "iqr"), rel=0.02)


def test_a_single_day_of_samples_follows_students_t() -> None:
    rng = np.random.default_rng(5)
    values = rng.standard_normal((400, 60))
    times = axis(60, "2010-01-01", np.timedelta64(24, "h"))
    found = rate(values, error_bounds(values, times, days=10))
    assert found == pytest.approx(error_chance(10), abs=0.008)
    through = rate(values, error_bounds(values, times, days=10, window="through"))
    assert through == pytest.approx(error_chance(10, window="through"), abs=0.006)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"days": 1}, "days: expected a whole number of 2 or more"),
        ({"factor": 0.0}, "factor: expected a finite number above 0"),
        ({"window": "after"}, "unknown window 'after'"),
        ({"least": 0.0}, "least: expected a part of the window"),
    ],
)
def test_parameters_out_of_range_are_named(change: dict[str, object], message: str) -> None:
    for rule in (error_bounds, median_bounds):
        with pytest.raises(InputError, match=message):
            rule(np.ones(50), axis(50), **change)  # type: ignore[arg-type]


def test_bad_axes_and_values_are_named() -> None:
    good = axis(50)
    with pytest.raises(InputError, match=r"values: expected shape \(..., 50\), got \(49,\)"):
        error_bounds(np.ones(49), good)
    with pytest.raises(InputError, match="got an infinite one"):
        median_bounds(np.full(50, np.inf), good)
    with pytest.raises(InputError, match="unknown spread 'mad'"):
        median_bounds(np.ones(50), good, spread="mad")  # type: ignore[arg-type]
    for times, message in (
        (good[::-1], "expected an ascending axis with one step"),
        (np.delete(good, 3), "expected an ascending axis with one step"),
        (axis(50, step=np.timedelta64(5, "h")), "a step that divides a day"),
        (axis(50, "2016-11-17T01:00"), "ticks at 0:00 UTC, got 14400 s from 2016-11-17T01"),
        (good[:1], "expected two times or more"),
    ):
        with pytest.raises(InputError, match=message):
            DayGrid.of(times)
    for bad in ({"count": 2}, {"factor": -1.0}):
        with pytest.raises(InputError, match="expected a"):
            error_chance(**{"count": 20, **bad})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown window"):
        median_chance(window="x")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown noise 'uniform'"):
        median_chance(noise="uniform")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown spread"):
        median_chance(spread="x")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="draws: expected 1 or more"):
        median_chance(draws=0)


@given(st.integers(0, 5), st.integers(2, 40), st.integers(0, 10**6))
def test_folding_comes_back(offset: int, samples: int, seed: int) -> None:
    times = axis(samples, f"2016-11-17T{4 * offset:02d}:00")
    grid = DayGrid.of(times)
    values = np.random.default_rng(seed).standard_normal((3, samples))
    folded = grid.fold(values)
    assert folded.shape == (3, grid.days, 6)
    np.testing.assert_array_equal(grid.unfold(folded), values)
    day = (times.astype("datetime64[D]") - times[0].astype("datetime64[D]")).astype(int)
    np.testing.assert_array_equal(grid.spread(np.arange(grid.days) * 1.0), day)
