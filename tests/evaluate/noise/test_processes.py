import numpy as np
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise.processes import (
    Clusters,
    Driven,
    LogNormalRate,
    Steady,
    daily_counts,
    network_counts,
)
from precursor_lib.simulate.activity import ClusteredRate

INDEX = 2 + np.sin(np.arange(400.0) / 7)
NULLS = [
    Steady(),
    LogNormalRate(1.0, 5.0),
    LogNormalRate(0.7, 0.0),
    Clusters(4.0, 10.0),
    Driven(INDEX, 0.7),
    Driven(INDEX, 0.7, anywhere=True),
]


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_every_null_has_the_mean_asked_for(null):
    counts = daily_counts(null, 0.4, 100, 3000, seed=1)
    # Five standard errors of the mean of runs, plus 3 % for the windows of an index at its ends.
    error = counts.mean(axis=1).std() / np.sqrt(3000)
    assert abs(counts.mean() - 0.4) < 5 * error + 0.03 * 0.4
    assert counts.dtype.kind == "i"
    assert (counts == daily_counts(null, 0.4, 100, 3000, seed=1)).all()


@pytest.mark.parametrize("null", NULLS, ids=repr)
def test_a_given_total_is_met_by_every_run(null):
    counts = daily_counts(null, 0.05, 60, 500, seed=2, total=9)
    assert (counts.sum(axis=1) == 9).all()
    assert (counts >= 0).all()


def test_steady_counts_are_poisson():
    counts = daily_counts(Steady(), 0.5, 50, 20000, seed=3).sum(axis=1)
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.05)


def test_variance_of_clusters_matches_the_point_process():
    # Counts of blocks of 20 days against the closed form of the process in continuous time.
    null, process = Clusters(6.0, 12.0), ClusteredRate(0.5, 6.0, 12.0)
    blocks = daily_counts(null, 0.5, 120, 6000, seed=4).reshape(6000, 6, 20).sum(axis=2)
    assert blocks.var() == pytest.approx(process.variance(20.0), rel=0.06)
    rng = np.random.default_rng(5)
    direct = np.array([process.sample(0.0, 20.0, rng).size for _ in range(4000)])
    assert blocks.var() == pytest.approx(direct.var(), rel=0.15)


def test_log_normal_rate_has_its_spread_and_memory():
    rates = LogNormalRate(0.8, 6.0).rates(2.0, 60, 20000, np.random.default_rng(6))
    assert rates.std() / rates.mean() == pytest.approx(0.8, rel=0.05)
    log = np.log(rates)
    for lag in (1, 6, 12):
        r = np.corrcoef(log[:, 0], log[:, lag])[0, 1]
        assert r == pytest.approx(np.exp(-lag / 6.0), abs=0.03)


def test_driven_rate_follows_its_index():
    rates = Driven(INDEX, 0.7).rates(0.3, 100, 2, np.random.default_rng(0))
    assert rates.mean() == pytest.approx(0.3)
    assert np.log(rates[0, 5] / rates[0, 40]) == pytest.approx(0.7 * (INDEX[5] - INDEX[40]))
    # Without sensitivity it is the steady process.
    flat = Driven(INDEX, 0.0, anywhere=True).rates(0.3, 100, 4, np.random.default_rng(0))
    assert np.allclose(flat, 0.3)


def test_a_shared_rate_correlates_stations_and_own_ones_do_not():
    null = LogNormalRate(1.5, 8.0)
    for shared, low, high in ((True, 0.3, 1.0), (False, -0.1, 0.1)):
        counts = network_counts(null, [1.0, 2.0], 40, 2000, seed=7, shared=shared)
        assert counts.shape == (2, 2000, 40)
        assert counts[1].mean() / counts[0].mean() == pytest.approx(2, rel=0.1)
        assert low < np.corrcoef(counts[0].sum(axis=1), counts[1].sum(axis=1))[0, 1] < high


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: daily_counts(Steady(), 0.0, 10, 5, 0), "mean"),
        (lambda: daily_counts(Steady(), 1.0, 1, 5, 0), "days"),
        (lambda: daily_counts(Steady(), 1.0, 10, 5, 0, total=0), "total"),
        (lambda: daily_counts(Driven(INDEX, 1.0), 1.0, 401, 5, 0), "index"),
        (lambda: LogNormalRate(0.0, 1.0), "spread"),
        (lambda: LogNormalRate(1.0, -1.0), "memory"),
        (lambda: Clusters(0.0, 1.0), "size"),
        (lambda: Driven(np.array([1.0, np.nan]), 1.0), "index"),
        (lambda: network_counts(Steady(), [1.0, -1.0], 10, 5, 0, shared=True), "mean"),
    ],
)
def test_bad_input_is_named(call, word):
    with pytest.raises(InputError, match=word):
        call()
