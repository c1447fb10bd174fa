import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from precursor_lib.detect import PointRule, anomalous_days, residual_points
from precursor_lib.detect.rule_chance import day_chance, day_count, point_chance
from precursor_lib.errors import InputError

RULES = [PointRule(), PointRule("mean_multiple", 3.0), PointRule("confidence")]


def autoregression(days, samples, r, seed):
    rng = np.random.default_rng(seed)
    e = rng.normal(size=(days, samples))
    e[:, 1:] *= np.sqrt(1 - r * r)
    return lfilter([1.0], [1.0, -r], e, axis=1)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("noise", ["gaussian", "laplace"])
def test_the_rule_finds_what_the_closed_form_says(rule, noise):
    rng = np.random.default_rng(1)
    n = 400_000
    e = rng.normal(2 * 0, 3.0, n) if noise == "gaussian" else rng.laplace(0, 3.0, n)
    found = residual_points(e, np.zeros(n), rule).mean()
    p = point_chance(rule, noise)
    assert found == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / n))


def test_values_that_can_be_looked_up():
    assert point_chance(PointRule("confidence", 1.959963985)) == pytest.approx(0.05)
    assert point_chance(PointRule("mean_multiple", np.sqrt(np.pi / 2))) == pytest.approx(
        0.31731, abs=1e-5
    )
    assert point_chance(PointRule("mean_multiple", np.log(20)), "laplace") == pytest.approx(0.05)
    scale = stats.laplace(scale=1 / np.sqrt(2))
    assert point_chance(PointRule("confidence", 1.5), "laplace") == pytest.approx(2 * scale.sf(1.5))


@pytest.mark.parametrize("noise", ["gaussian", "laplace"])
def test_independent_days_are_binomial(noise):
    rule = PointRule("mean_multiple", 3.0)
    p = point_chance(rule, noise)
    known = stats.binom(1440, p)
    assert day_count(rule, noise=noise) == pytest.approx((known.mean(), known.std()))
    assert day_chance(rule, 40, noise=noise) == pytest.approx(known.sf(40))
    assert day_chance(rule, 40.9, noise=noise) == day_chance(rule, 40, noise=noise)


def test_a_vanishing_correlation_is_none():
    rule = PointRule("mean_multiple", 3.0)
    assert day_chance(rule, 25, samples=500, correlation=1e-6) == pytest.approx(
        day_chance(rule, 25, samples=500), rel=1e-4
    )
    assert day_count(rule, correlation=1e-9) == pytest.approx(day_count(rule))


def test_two_samples_follow_the_bivariate_normal():
    rule, r = PointRule("confidence", 1.2), 0.7
    pair = stats.multivariate_normal([0, 0], [[1, r], [r, 1]])
    c = 1.2
    both = 2 * (
        pair.cdf([-c, -c]) + stats.multivariate_normal([0, 0], [[1, -r], [-r, 1]]).cdf([-c, -c])
    )
    assert day_chance(rule, 1, samples=2, correlation=r) == pytest.approx(both, rel=1e-5)
    p = point_chance(rule)
    assert day_chance(rule, 0, samples=2, correlation=r) == pytest.approx(2 * p - both, rel=1e-5)
    variance = 2 * p * (1 - p) + 2 * (both - p * p)
    assert day_count(rule, samples=2, correlation=r)[1] == pytest.approx(
        np.sqrt(variance), rel=1e-5
    )


@pytest.mark.parametrize("r", [0.5, 0.9, 0.98])
def test_correlated_days_follow_the_simulation(r):
    rule, days, samples = PointRule("mean_multiple", 2.5), 3000, 400
    e = autoregression(days, samples, r, seed=2)
    counts = residual_points(
        e, np.zeros_like(e), rule, scale=np.full(days, np.sqrt(2 / np.pi))
    ).sum(axis=1)
    mean, spread = day_count(rule, samples=samples, correlation=r)
    assert counts.mean() == pytest.approx(mean, abs=4 * spread / np.sqrt(days))
    assert counts.std() == pytest.approx(spread, rel=0.08)
    for threshold in (5, 20, 40):
        p = day_chance(rule, threshold, samples=samples, correlation=r)
        error = np.sqrt(max(p * (1 - p), 1e-4) / days)
        assert (counts > threshold).mean() == pytest.approx(p, abs=4 * error)


def test_chances_of_all_counts_add_up_to_the_mean():
    rule, samples, r = PointRule("mean_multiple", 2.0), 40, 0.8
    above = day_chance(rule, np.arange(samples), samples=samples, correlation=r)
    assert above[7] == pytest.approx(day_chance(rule, 7, samples=samples, correlation=r))
    assert day_chance(rule, samples, samples=samples, correlation=r) < 1e-9
    assert np.all(np.diff(above) <= 1e-12)
    mean, spread = day_count(rule, samples=samples, correlation=r)
    assert sum(above) == pytest.approx(mean, rel=1e-6)
    second = sum((2 * m + 1) * p for m, p in enumerate(above))
    assert second - mean**2 == pytest.approx(spread**2, rel=1e-5)


def test_days_of_a_year_of_noise_are_as_many_as_expected():
    rule = PointRule("mean_multiple", 3.0)
    days = 365
    e = np.random.default_rng(4).normal(size=days * 1440)
    times = np.datetime64("2012-12-31T16:00", "ns") + np.arange(e.size) * np.timedelta64(60, "s")
    frame = anomalous_days(times, residual_points(e, np.zeros(e.size), rule), threshold=30)
    p = day_chance(rule, 30)
    assert frame["anomalous"].sum() == pytest.approx(days * p, abs=4 * np.sqrt(days * p * (1 - p)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: point_chance(PointRule(), "cauchy"), "noise"),
        (lambda: day_count(PointRule(), samples=0), "samples"),
        (lambda: day_count(PointRule(), correlation=1.0), "correlation"),
        (lambda: day_chance(PointRule(), 4, correlation=0.999), "to 0.995"),
        (lambda: day_chance(PointRule(), 4, noise="laplace", correlation=0.5), "not Gaussian"),
        (lambda: day_chance(PointRule(), -1), "threshold"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
