"""Event processes against their closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from precursor_lib.errors import InputError
from precursor_lib.simulate.activity import ClusteredRate, Phase, SigmoidRate, StepRate
from precursor_lib.simulate.observing import day_of, kp_driven, place_in_nights, window_starts

MADOI = SigmoidRate(0.025, (Phase(12, -73.3, 2.72), Phase(12, -29.3, 2.5)))
START, END = -91.0, 29.0

phases = st.lists(
    st.builds(Phase, st.floats(0, 50), st.floats(-100, 100), st.floats(0.2, 30)), max_size=3
)
rates = st.builds(SigmoidRate, st.floats(0, 2), phases.map(tuple))


def boltzmann(t: np.ndarray, a1: float, a2: float, x0: float, dx: float) -> np.ndarray:
    return a2 + (a1 - a2) / (1 + np.exp((t - x0) / dx))


def test_expected_count_is_a_line_plus_the_papers_sigmoids() -> None:
    t = np.linspace(-90, 30, 241)
    own = 0.025 * t + boltzmann(t, 0, 12, -73.3, 2.72) + boltzmann(t, 0, 12, -29.3, 2.5)
    at_zero = boltzmann(0.0, 0, 12, -73.3, 2.72) + boltzmann(0.0, 0, 12, -29.3, 2.5)
    np.testing.assert_allclose(MADOI.expected(t), own - at_zero, atol=1e-12)


def test_rate_is_the_sech_squared_of_the_formula() -> None:
    t = np.linspace(-90, 30, 241)
    sech2 = [
        n / (4 * dx) / np.cosh((t - x0) / (2 * dx)) ** 2
        for n, x0, dx in ((12, -73.3, 2.72), (12, -29.3, 2.5))
    ]
    np.testing.assert_allclose(MADOI.rate(t), 0.025 + sum(sech2), rtol=1e-12)


@given(rates, st.floats(-120, 100), st.floats(0.5, 60))
@settings(max_examples=60, deadline=None)
def test_rate_integrates_to_the_expected_count(rate: SigmoidRate, a: float, length: float) -> None:
    points = [p.centre for p in rate.phases if a < p.centre < a + length]
    total, _ = integrate.quad(
        lambda t: float(rate.rate(t)), a, a + length, points=points or None, limit=300
    )
    assert float(rate.expected(a + length, since=a)) == pytest.approx(total, rel=1e-6, abs=1e-8)


@given(rates, st.integers(0, 2**32), st.floats(-120, 100), st.floats(0.5, 200))
@settings(max_examples=60, deadline=None)
def test_samples_are_ascending_and_inside(
    rate: SigmoidRate, seed: int, a: float, length: float
) -> None:
    t = rate.sample(a, a + length, np.random.default_rng(seed))
    assert (np.diff(t) >= 0).all()
    assert ((t > a) & (t <= a + length)).all()


def test_mean_cumulative_curve_is_the_sigmoid_within_monte_carlo_error() -> None:
    rng = np.random.default_rng(20)
    days = np.arange(-90, 30)
    runs = 3000
    total = sum(
        np.searchsorted(MADOI.sample(START, END, rng), days, side="right") for _ in range(runs)
    )
    expected = MADOI.expected(days, since=START)
    # A Poisson count's mean over the runs has this standard error; 4.5 of them over 120 days.
    error = np.sqrt(expected / runs)
    assert (np.abs(total / runs - expected) < 4.5 * error).all()


@pytest.mark.parametrize(
    "process",
    [
        MADOI,
        SigmoidRate(0.3),
        StepRate(np.array([-91.0, -50, -20, 0, 29]), np.array([0.4, 0.0, 1.5, 0.2])),
    ],
)
def test_rescaled_times_are_uniform(process: SigmoidRate | StepRate) -> None:
    rng = np.random.default_rng(7)
    t = np.concatenate([process.sample(START, END, rng) for _ in range(100)])
    u = process.expected(t, since=START) / process.expected(END, since=START)
    assert t.size > 1000
    assert stats.kstest(u, "uniform").pvalue > 1e-3


def test_far_tail_of_a_phase_is_sampled_without_loss_of_digits() -> None:
    # Right of x0 the logistic rounds to 1; the sample must not pile up on single numbers.
    rate = SigmoidRate(0.0, (Phase(1e15, 0.0, 1.0),))
    t = rate.sample(28.0, 60.0, np.random.default_rng(0))
    assert t.size == pytest.approx(1e15 * np.exp(-28), rel=0.2)
    assert np.unique(t).size == t.size
    assert stats.kstest(t - 28.0, "expon").pvalue > 1e-3


def test_step_rate_leaves_empty_pieces_empty() -> None:
    rate = StepRate(np.array([0.0, 1, 2, 3, 4]), np.array([0.0, 50, 0, 70]))
    t = rate.sample(0, 4, np.random.default_rng(3))
    counts, _ = np.histogram(t, bins=[0, 1, 2, 3, 4])
    assert counts[0] == counts[2] == 0
    assert counts[1] > 20
    assert counts[3] > 30
    np.testing.assert_array_equal(rate.rate(np.array([-1, 0.5, 1.5, 4.5])), [0, 0, 50, 0])


@pytest.mark.parametrize("length", [0.5, 3.0, 40.0])
def test_clusters_have_the_mean_and_the_over_dispersion_of_theory(length: float) -> None:
    process = ClusteredRate(mean_rate=0.25, size=4.0, spread=3.0)
    rng = np.random.default_rng(11)
    n = np.array([process.sample(5.0, 5.0 + length, rng).size for _ in range(20_000)])
    mean, variance = 0.25 * length, process.variance(length)
    assert n.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(variance / n.size))
    assert n.var() == pytest.approx(variance, rel=0.1)
    assert variance > 1.3 * mean
    assert process.expected(5.0 + length, since=5.0) == pytest.approx(mean)


def test_clusters_variance_is_the_integral_of_the_pair_density() -> None:
    process = ClusteredRate(mean_rate=0.25, size=4.0, spread=3.0)
    for length in (1.0, 3.0, 10.0):
        pairs, _ = integrate.quad(
            lambda u, L=length: (L - abs(u)) * max(0.0, 3.0 - abs(u)) / 9.0,
            -length,
            length,
            points=[0.0],
        )
        assert process.variance(length) == pytest.approx(0.25 * (length + 4.0 * pairs))


def test_clusters_are_stationary_from_the_first_day() -> None:
    process = ClusteredRate(mean_rate=1.0, size=5.0, spread=10.0)
    rng = np.random.default_rng(2)
    t = np.concatenate([process.sample(0.0, 20.0, rng) for _ in range(3000)])
    counts, _ = np.histogram(t, bins=20, range=(0, 20))
    assert counts.mean() / 3000 == pytest.approx(1.0, rel=0.03)
    assert counts[:5].sum() / counts[-5:].sum() == pytest.approx(1.0, rel=0.05)


@given(
    st.lists(st.floats(-90.999, 29), min_size=1, max_size=50),
    st.floats(0, 500),
)
def test_events_of_a_day_fall_whole_into_its_night(times: list[float], length: float) -> None:
    t = np.sort(np.array(times))
    night, second = place_in_nights(t, -90, 120, 14400.0, length)
    np.testing.assert_array_equal(night, np.ceil(t).astype(int) + 90)
    assert (second - length / 2 >= -1e-6).all()
    assert (second + length / 2 <= 14400.0 + 1e-6).all()
    # The order within a night is kept.
    assert (np.diff(night * 1e6 + second) >= -1e-6).all()


def test_nights_count_up_to_the_process_at_each_day() -> None:
    t = MADOI.sample(START, END, np.random.default_rng(5))
    night, _ = place_in_nights(t, -90, 120, 14400.0)
    for day in (-80, -60, -29, 0, 29):
        assert (night - 90 <= day).sum() == (t <= day).sum()


def test_an_event_outside_the_nights_or_longer_than_one_is_refused() -> None:
    with pytest.raises(InputError, match="expected within days -91 to 29"):
        place_in_nights(np.array([30.5]), -90, 120, 14400.0)
    with pytest.raises(InputError, match="does not fit in a window"):
        place_in_nights(np.array([0.5]), -90, 120, 100.0, 200.0)


def test_kp_driven_rate_follows_kp_within_the_windows() -> None:
    nights = window_starts("2021-02-20T16:00:00", 20)
    index = pd.date_range("2021-02-19", periods=8 * 24, freq="3h")
    kp = pd.Series(np.random.default_rng(0).uniform(0, 7, index.size), index=index)
    rate = kp_driven(kp, nights, 14400.0, -90, mean_rate=2.0, sensitivity=0.5)
    assert float(rate.expected(-71, since=-91)) == pytest.approx(40.0)
    # 16 to 18 UTC belongs to the interval from 15, 18 to 20 UTC to that from 18: half and half.
    first, second = kp["2021-02-20T15:00"], kp["2021-02-20T18:00"]
    r = rate.rate(np.array([-90.75, -90.25]))
    assert r[1] / r[0] == pytest.approx(np.exp(0.5 * (second - first)))
    np.testing.assert_allclose(np.diff(rate.edges), 0.5)


def test_kp_driven_refuses_an_index_that_ends_too_early() -> None:
    nights = window_starts("2021-02-20T16:00:00", 20)
    kp = pd.Series(1.0, index=pd.date_range("2021-02-21", periods=100, freq="3h"))
    with pytest.raises(InputError, match="Kp: no value"):
        kp_driven(kp, nights, 14400.0, -90, 2.0, 0.5)


def test_day_of_a_night_holds_the_event_in_day_0() -> None:
    night = pd.Timestamp("2021-05-21T16:00")
    assert day_of(night, "2021-05-21T18:04:13") == 0
    assert day_of(night, "2021-05-21T18:04:13+00:00") == 0
    assert day_of(night, "2021-05-21T15:00:00") == 1
    with pytest.raises(InputError, match=r"epicentre\.time 'soon': expected a time"):
        day_of(night, "soon")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Phase(-1, 0, 1), "phase number"),
        (lambda: Phase(1, np.nan, 1), "phase centre"),
        (lambda: Phase(1, 0, 0), "width"),
        (lambda: SigmoidRate(-0.1), "base"),
        (lambda: ClusteredRate(1, 0, 1), "size"),
        (lambda: StepRate(np.array([0.0, 1.0]), np.array([1.0, 2.0])), "one edge more"),
        (lambda: StepRate(np.array([1.0, 0.0]), np.array([1.0])), "ascending"),
        (lambda: StepRate(np.array([0.0, 1.0]), np.array([-1.0])), "rates"),
        (lambda: MADOI.sample(3, 3, np.random.default_rng(0)), "start < end"),
    ],
)
def test_bad_arguments_are_named(make, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
