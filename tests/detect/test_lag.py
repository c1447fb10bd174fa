import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.detect import fit_sigmoid, growth_lag, rise_time, sigmoid
from precursor_lib.errors import InputError

DAYS = np.arange(-120.0, 1.0)
METHODS = ["inflection", "alignment"]


def expected(x0, number=80.0, dx=6.0, days=DAYS):
    edges = np.concatenate(([days[0] - 1], days))
    return np.diff(sigmoid(edges, 0, number, x0, dx))


def curve(x0, seed, **kwargs):
    return np.cumsum(np.random.default_rng(seed).poisson(expected(x0, **kwargs)))


@pytest.mark.parametrize("method", METHODS)
def test_a_known_shift_comes_back(method):
    # Ten thousand counts leave hardly any noise.
    a, b = (curve(x0, 1, number=1e4) for x0 in (-70, -55))
    lag = growth_lag(DAYS, a, DAYS, b, method=method, runs=50)
    assert lag.days == pytest.approx(-15, abs=0.7)
    assert lag.low <= lag.days <= lag.high


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(-500, 500))
def test_it_is_antisymmetric_and_sees_no_common_shift(method, seed, shift):
    a, b = curve(-70, seed), curve(-50, seed + 1)
    one = growth_lag(DAYS, a, DAYS, b, method=method, runs=20)
    other = growth_lag(DAYS, b, DAYS, a, method=method, runs=20)
    moved = growth_lag(DAYS + shift, a, DAYS + shift, b, method=method, runs=20)
    scaled = growth_lag(DAYS, 3 * a, DAYS, 3 * b, method=method, runs=20)
    np.testing.assert_allclose(other.days, -one.days)
    np.testing.assert_allclose(moved.days, one.days, atol=1e-3)
    np.testing.assert_allclose(scaled.days, one.days, atol=1e-3)
    if method == "alignment":
        assert growth_lag(DAYS, a, DAYS, a, method=method, runs=20).days == 0


def test_alignment_is_the_mean_difference_of_the_days_of_equal_shares():
    a, b = curve(-70, 3), curve(-50, 4)
    found = growth_lag(DAYS, a, DAYS, b, method="alignment", runs=20).days
    apart = []
    for share in np.linspace(0.1, 0.9, 2001):
        days = []
        for c in (a, b):
            level = c[0] + share * (c[-1] - c[0])
            i = int(np.argmax(c >= level))  # the first day at or above it
            before = np.flatnonzero(c[:i] < c[i])[-1]
            since = np.flatnonzero(c == c[before])[0]  # when the curve reached the level below
            part = (level - c[since]) / (c[i] - c[since])
            days.append(DAYS[since] + part * (DAYS[i] - DAYS[since]))
        apart.append(days[0] - days[1])
    assert found == pytest.approx(np.mean(apart), abs=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_the_interval_covers_the_truth(method):
    inside = total = 0
    for seed in range(60):
        a, b = curve(-70, 2 * seed), curve(-60, 2 * seed + 1)
        lag = growth_lag(DAYS, a, DAYS, b, method=method, runs=100, seed=seed)
        if np.isfinite(lag.days):
            total += 1
            inside += lag.low <= -10 <= lag.high
    assert total >= 55
    # 95 % of 60 are 57; a binomial of 90 % falls below 47 once in 200 times.
    assert inside >= 47 * total / 60


def test_the_interval_of_one_curve_covers_the_truth_where_the_fits_error_does_not():
    by_draws = by_error = total = 0
    for seed in range(80):
        counts = curve(-60, seed)
        fit, found = fit_sigmoid(DAYS, counts), rise_time(DAYS, counts, runs=100, seed=seed)
        if fit.converged:
            assert found.days == pytest.approx(fit.parameters["x0"], abs=0.02)
            total += 1
            by_draws += found.low <= -60 <= found.high
            by_error += abs(fit.parameters["x0"] + 60) <= 1.96 * fit.errors["x0"]
    assert total >= 75
    # A binomial of 90 % of 80 falls below 63 once in 500 times.
    assert by_draws >= 63 * total / 80
    assert by_error < 0.75 * total


def test_p_is_even_for_unrelated_steady_processes():
    ps = []
    for seed in range(60):
        rng = np.random.default_rng(1000 + seed)
        long = np.arange(-300.0, 1.0)
        a, b = np.cumsum(rng.poisson(0.5, long.size)), np.cumsum(rng.poisson(0.5, DAYS.size))
        ps.append(growth_lag(long, a, DAYS, b, method="alignment", runs=100, seed=seed).p)
    ps = np.array(ps)
    # Binomial limits at about three standard errors.
    assert np.mean(ps < 0.05) < 0.14 and 0.3 < np.mean(ps < 0.5) < 0.7


def test_an_earlier_start_alone_gives_an_earlier_curve():
    rng = np.random.default_rng(5)
    long = np.arange(-320.0, 1.0)
    a, b = np.cumsum(rng.poisson(3.0, long.size)), np.cumsum(rng.poisson(3.0, DAYS.size))
    lag = growth_lag(long, a, DAYS, b, method="alignment", runs=100)
    # Half of the 200 days.
    assert lag.days == pytest.approx(-100, abs=8)
    assert np.median(lag.null) == pytest.approx(-100, abs=3)
    assert lag.p > 0.05
    cut = growth_lag(long, a, DAYS, b, method="alignment", common=True, runs=100)
    assert abs(cut.days) < 8
    by_hand = growth_lag(DAYS, a[200:] - a[199], DAYS, b, method="alignment", runs=100)
    assert cut.days == by_hand.days


def test_clusters_widen_the_interval():
    rng = np.random.default_rng(6)
    burst = np.repeat(rng.gamma(0.5, 2.0, 18), 7)[: DAYS.size]
    even = curve(-60, 7, number=400)
    clustered = np.cumsum(rng.poisson(expected(-60, number=400) * burst))
    widths = []
    for a in (even, clustered):
        lag = growth_lag(DAYS, a, DAYS, even, method="alignment", runs=200)
        widths.append(lag.high - lag.low)
    assert widths[1] > 2 * widths[0]


def test_a_steady_curve_has_no_inflection_to_compare():
    straight = np.cumsum(np.full(DAYS.size, 3.0))
    lag = growth_lag(DAYS, straight, DAYS, curve(-60, 8), runs=20)
    assert np.isnan(lag.days) and np.isnan(lag.p) and np.isnan(lag.low)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curve_a": -np.arange(121.0)}, r"curve_a\[1\]: the curve falls"),
        ({"curve_b": np.zeros(121)}, "record b: expected counts"),
        ({"days_a": DAYS[:5], "curve_a": np.arange(5)}, "record a: expected at least 10 days"),
        ({"days_b": DAYS[::-1]}, "record b: x"),
        ({"days_b": DAYS + 115, "common": True}, "common days"),
        ({"method": "peak"}, "method"),
        ({"runs": 5}, "runs"),
        ({"block": 0}, "block"),
        ({"confidence": 0}, "confidence"),
    ],
)
def test_bad_input_is_named(change, message):
    given = {
        "days_a": DAYS,
        "curve_a": curve(-70, 1),
        "days_b": DAYS,
        "curve_b": curve(-60, 2),
    } | change
    with pytest.raises(InputError, match=message):
        growth_lag(**given)
