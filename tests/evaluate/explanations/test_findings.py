"""The rule of the closing table, Abbott's formula and intervals from blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.explanations.findings import (
    Finding,
    beyond_chance,
    block_interval,
    rank_correlation,
)


def found(low: float, high: float) -> Finding:
    return Finding("e", "c", "r", "m", (low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.5, 0.9, "can explain"),
        (1.2, 3.0, "can explain"),
        (0.49, 0.9, "open"),
        (-0.2, 0.49, "cannot"),
        (0.2, 0.5, "open"),
        (np.nan, 0.9, "open"),
    ],
)
def test_verdict_follows_from_the_interval(low: float, high: float, verdict: str) -> None:
    assert found(low, high).verdict == verdict


@given(st.integers(1, 200), st.floats(0, 0.95))
def test_what_chance_gives_is_no_share(trials: int, chance: float) -> None:
    share, low, high = beyond_chance(trials, trials, chance)
    assert share == pytest.approx(1.0)
    assert low <= share <= high + 1e-12
    none, low, high = beyond_chance(0, trials, chance)
    assert none == pytest.approx(-chance / (1 - chance))
    assert low <= none + 1e-12 and none <= high


def test_abbotts_formula_gives_back_the_share() -> None:
    # A share of 0.4 hits for the reason; of the others a quarter hits by chance.
    hits = round(10_000 * (0.4 + 0.6 * 0.25))
    share, low, high = beyond_chance(hits, 10_000, 0.25)
    assert share == pytest.approx(0.4)
    assert low < 0.4 < high and high - low < 0.03
    assert np.isnan(beyond_chance(0, 0, 0.1)).all()
    with pytest.raises(InputError, match="chance"):
        beyond_chance(1, 2, 1.0)


def test_blocks_of_one_give_the_standard_error_of_a_mean() -> None:
    x = np.random.default_rng(1).standard_normal(400)
    value, low, high = block_interval(lambda a: float(a.mean()), x, block=1, draws=4000, seed=2)
    assert value == pytest.approx(x.mean())
    assert (high - low) / 2 == pytest.approx(1.96 * x.std() / 20, rel=0.07)


def test_blocks_keep_dependence_in_time() -> None:
    rng = np.random.default_rng(3)
    slow = np.repeat(rng.standard_normal(60), 20)
    widths = []
    for block in (1, 60):
        _, low, high = block_interval(
            lambda a: float(a.mean()), slow, block=block, draws=800, seed=4
        )
        widths.append(high - low)
    # Twenty equal neighbours carry as much as one value: the interval is sqrt(20) times wider.
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(20), rel=0.3)


def test_series_are_drawn_together() -> None:
    x = np.random.default_rng(5).standard_normal(100)
    found = block_interval(rank_correlation, x, 3 * x, block=5, draws=50, seed=6)
    assert found == pytest.approx((1.0, 1.0, 1.0))


def test_wrong_blocks_are_refused() -> None:
    with pytest.raises(InputError, match="one length"):
        block_interval(rank_correlation, [1, 2], [1], block=1, draws=50, seed=0)
    with pytest.raises(InputError, match="block"):
        block_interval(rank_correlation, [1, 2], [1, 2], block=3, draws=50, seed=0)
    with pytest.raises(InputError, match="draws"):
        block_interval(rank_correlation, [1, 2], [1, 2], block=1, draws=5, seed=0)


def test_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(7)
    x = rng.integers(0, 9, 50).astype(float)
    y = x + rng.normal(0, 3, 50)
    assert rank_correlation(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    gap = y.copy()
    gap[4] = np.nan
    held = np.isfinite(gap)
    assert rank_correlation(x, gap) == pytest.approx(stats.spearmanr(x[held], y[held]).statistic)
    assert np.isnan(rank_correlation(np.ones(50), y))
