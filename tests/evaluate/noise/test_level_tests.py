import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise.level_tests import block_permutation, kuiper_test, largest_step
from precursor_lib.evaluate.noise.power import day_tests, power_table
from precursor_lib.evaluate.noise.processes import Clusters, Steady, daily_counts
from precursor_lib.evaluate.noise.rise import RiseTest, rise_ratios, sigmoid_shapes, step_shapes
from precursor_lib.simulate.activity import Phase

DAYS = 60
SHAPES = np.vstack((step_shapes(DAYS), sigmoid_shapes(DAYS, every=10, widths=(2.0, 6.0))))


def test_shapes_are_shares():
    assert np.allclose(SHAPES.sum(axis=1), 1)
    assert (SHAPES >= 0).all()
    one = sigmoid_shapes(41, every=41, widths=(3.0,))[0]
    # A phase in the middle of the days is symmetric about it and largest there.
    assert np.allclose(one, one[::-1])
    assert one.argmax() == 20


def test_ratio_of_a_step_has_its_closed_form():
    counts = daily_counts(Steady(), 0.5, DAYS, 40, seed=1)
    first = 25
    shape = step_shapes(DAYS, margin=first)[:1]
    n, late = counts.sum(axis=1), counts[:, first:].sum(axis=1)
    share = (DAYS - first) / DAYS
    log = stats.binom.logpmf(late, n, late / n) - stats.binom.logpmf(late, n, share)
    expected = np.where(late / n > share, 2 * log, 0.0)
    assert np.allclose(rise_ratios(counts, shape)[:, 0], expected, atol=1e-6)


def test_ratio_of_a_sigmoid_is_the_largest_over_its_share():
    counts = daily_counts(Clusters(5.0, 6.0), 0.5, DAYS, 12, seed=2)
    shapes = sigmoid_shapes(DAYS, every=20, widths=(2.0,))
    found = rise_ratios(counts, shapes)
    for run, row in enumerate(counts):
        for k, shape in enumerate(shapes):
            cost = minimize_scalar(
                lambda w, row=row, shape=shape: -2 * np.sum(row * np.log1p(w * (DAYS * shape - 1))),
                bounds=(0, 1 - 1e-12),
                method="bounded",
                options={"xatol": 1e-12},
            )
            assert found[run, k] == pytest.approx(max(0.0, -cost.fun), abs=1e-4)


def test_ratios_name_what_is_wrong():
    with pytest.raises(InputError, match="counts"):
        rise_ratios(-np.ones((1, DAYS)), SHAPES)
    with pytest.raises(InputError, match="sum to 1"):
        rise_ratios(np.ones((1, DAYS)), 2 * SHAPES)
    with pytest.raises(InputError, match="days"):
        rise_ratios(np.ones((1, DAYS + 1)), SHAPES)


def test_p_values_of_the_poisson_null_are_uniform_without_a_source():
    counts = daily_counts(Steady(), 0.4, DAYS, 600, seed=3)
    p = RiseTest(SHAPES, draws=199, seed=4).p_values(counts)
    for level in (0.05, 0.2, 0.5):
        assert (p <= level).mean() == pytest.approx(level, abs=0.06)
    assert RiseTest(SHAPES, draws=9).p_values(np.zeros((1, DAYS), int))[0] == 1.0


def test_clusters_break_the_poisson_null_and_less_the_fitted_one():
    counts = daily_counts(Clusters(6.0, 12.0), 0.5, 120, 200, seed=5)
    shapes = step_shapes(120)
    steady = RiseTest(shapes, draws=99, seed=6).p_values(counts)
    known = RiseTest(shapes, draws=99, seed=6, spread=12.0, size=6.0).p_values(counts)
    fitted = RiseTest(shapes, draws=99, seed=6, spread=12.0).p_values(counts)
    assert (steady <= 0.05).mean() > 0.4
    assert (known <= 0.05).mean() == pytest.approx(0.05, abs=0.08)
    assert (fitted <= 0.05).mean() < 0.5 * (steady <= 0.05).mean()
    with pytest.raises(InputError, match="spread"):
        RiseTest(shapes, size=6.0)


def test_fitted_size_is_that_of_the_clusters():
    test = RiseTest(step_shapes(150), spread=10.0)
    many = test.fitted_sizes(daily_counts(Clusters(8.0, 10.0), 3.0, 150, 300, seed=7))
    assert np.median(many) == pytest.approx(8, abs=4)
    assert np.median(test.fitted_sizes(daily_counts(Steady(), 3.0, 150, 300, seed=7))) <= 0.5


def test_kuiper_keeps_its_level_and_does_not_care_where_the_circle_begins():
    rng = np.random.default_rng(8)
    p = np.array([kuiper_test(rng.random(27))[1] for _ in range(3000)])
    for level in (0.01, 0.05, 0.2):
        assert (p <= level).mean() == pytest.approx(level, abs=0.025)
    phases = rng.random(40)
    # V by its definition, both deviations over all points.
    z = np.sort(phases)
    above = max((np.searchsorted(z, x, "right") / 40 - x) for x in z)
    below = max((x - np.searchsorted(z, x, "left") / 40) for x in z)
    assert kuiper_test(phases)[0] == pytest.approx(above + below)
    assert kuiper_test(phases + 0.37)[0] == pytest.approx(above + below)
    assert kuiper_test(0.1 * phases)[1] < 1e-6
    with pytest.raises(InputError, match="phases"):
        kuiper_test([])


def test_largest_step_is_the_largest_over_change_points():
    counts = daily_counts(Steady(), 0.5, 30, 5, seed=9)
    brute = [
        max(abs(row[k:].mean() - row[:k].mean()) * np.sqrt(k * (30 - k) / 30) for k in range(4, 27))
        for row in counts
    ]
    assert np.allclose(largest_step(counts, margin=4), brute)


def test_block_permutation_is_exact_for_blocks_in_any_order():
    # With as many draws as here the p-value nears the share of all orders of the four blocks.
    counts = np.array([[0, 0, 1, 0, 2, 1, 4, 3]])
    first = lambda c: c[:, 6:].sum(axis=1).astype(float)  # noqa: E731
    p = block_permutation(counts, first, block=2, draws=4000, seed=1)
    assert p[0] == pytest.approx(0.25, abs=0.03)
    with pytest.raises(InputError, match="block"):
        block_permutation(counts, first, block=3)


def test_block_permutation_keeps_its_level_where_blocks_are_independent():
    rng = np.random.default_rng(10)
    # Rates that are constant in each block and independent between blocks.
    counts = rng.poisson(np.repeat(rng.gamma(1.0, 0.5, (800, 12)), 10, axis=1))
    p = block_permutation(counts, largest_step, block=10, draws=199, seed=11)
    for level in (0.05, 0.2):
        assert (p <= level).mean() == pytest.approx(level, abs=0.05)


def test_power_grows_with_the_source_and_levels_are_kept():
    days = np.arange(-89.0, 1.0)
    tests = day_tests(days, block=10, draws=99, size=3.0, spread=12.0, seed=1)
    table = power_table(
        {"steady": Steady()}, [0.0, 40.0], days, tests,
        base=20.0, phase=Phase(1.0, -29.3, 3.0), runs=60, seed=2,
    )  # fmt: skip
    wide = table.pivot_table(index="test", columns="size", values="share")
    honest = wide.drop("sigmoid with R² of 0.99")
    assert len(honest) == 6
    assert (honest[0.0] <= 0.2).all()
    # A null that is fitted to the record takes the source for a cluster.
    blind = ["free step, blocks", "likelihood ratio, fitted clusters"]
    assert (honest.drop(blind)[40.0] > honest[0.0].max() + 0.3).all()
    assert (table["low"] <= table["share"]).all()
    assert (table["share"] <= table["high"]).all()
