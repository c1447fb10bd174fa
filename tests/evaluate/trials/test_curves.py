"""The smallest source read off a psychometric curve."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials import at_distance, smallest_source

LEVELS = np.array([0.5, 1.0, 2.0, 4.0, 8.0])


def drawn(middle: float, steepness: float, floor: float, each: int, seed: int):
    rng = np.random.default_rng(seed)
    sizes = np.repeat(LEVELS, each)
    rate = floor + (1 - floor) * expit(steepness * np.log(sizes / middle))
    return sizes, rng.random(sizes.size) < rate


@pytest.mark.parametrize("middle", [1.0, 2.5, 4.0])
def test_a_known_curve_is_read(middle: float) -> None:
    sizes, found = drawn(middle, 3.0, 0.03, 400, seed=1)
    got = smallest_source(sizes, found, 0.03, seed=2)
    # Half of all, the floor's share included.
    true = middle * ((0.5 - 0.03) / 0.5) ** (1 / 3.0)
    assert got.amplitude == pytest.approx(true, rel=0.08)
    assert got.low <= true * 1.02 and got.high >= true * 0.98


def test_the_interval_covers_as_often_as_it_says() -> None:
    true = 2.0 * ((0.5 - 0.03) / 0.5) ** (1 / 2.5)
    inside = 0
    for seed in range(40):
        sizes, found = drawn(2.0, 2.5, 0.03, 20, seed)
        got = smallest_source(sizes, found, 0.03, draws=100, seed=seed)
        inside += got.low <= true <= got.high
    assert inside >= 34


def test_beyond_what_was_tried_is_said_so() -> None:
    nothing = smallest_source(np.repeat(LEVELS, 10), np.zeros(50, dtype=bool), 0.03)
    assert nothing.amplitude == np.inf and nothing.high == np.inf
    everything = smallest_source(np.repeat(LEVELS, 10), np.ones(50, dtype=bool), 0.03)
    assert everything.amplitude == 0 and everything.low == 0


def test_a_method_that_always_alarms_finds_nothing() -> None:
    assert smallest_source(LEVELS, np.ones(5, dtype=bool), 0.9).amplitude == np.inf


def test_units_only_scale_it() -> None:
    sizes, found = drawn(2.0, 2.0, 0.05, 30, seed=5)
    one = smallest_source(sizes, found, 0.05)
    thousand = smallest_source(1000 * sizes, found, 0.05)
    assert thousand.amplitude == pytest.approx(1000 * one.amplitude, rel=0.01)


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="positive"):
        smallest_source(np.array([0.0, 1.0]), np.array([True, False]), 0.1)


def test_distance_scales_with_the_law_of_decay() -> None:
    table = pd.DataFrame({"smallest": [2.0], "low": [1.0], "high": [np.inf]})
    far = at_distance(table, np.array([100.0, 200.0]), 1.5)
    assert far["smallest"].tolist() == pytest.approx([2.0, 2.0 * 2**1.5])
    assert far["high"].tolist() == [np.inf, np.inf]
