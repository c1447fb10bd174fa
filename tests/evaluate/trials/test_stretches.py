"""Stretches of even steps, and the level at which a run is no longer found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from precursor_lib.detect.threshold import exceedances
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.stretches import rule_levels, step_seconds, stretches


@settings(max_examples=100, deadline=None)
@given(
    arrays(float, st.integers(1, 40), elements=st.integers(0, 6).map(float)),
    st.integers(1, 6),
    st.integers(0, 6),
)
def test_rule_levels_are_what_the_rule_thresholds(
    course: np.ndarray, shortest: int, more: int
) -> None:
    longest = shortest + more
    levels = rule_levels(course, 1.0, shortest, longest)
    # Halfway between the values that occur, where no value lies on the threshold.
    for threshold in np.arange(-0.5, 6.0):
        found = exceedances(
            course, 1.0, sigmas=0.0, spread=1.0, baseline=float(threshold),
            min_duration=shortest, max_duration=longest,
        )  # fmt: skip
        middles = (found["start"] + found["duration"] // 2).astype(int)
        assert (levels[middles] > threshold).all()
        # Each level is found by the rule right below it, where it says.
        assert set(np.flatnonzero(levels == threshold + 0.5)) <= set(middles)


def test_rule_levels_of_a_known_course() -> None:
    course = np.array([0.0, 1, 3, 3, 3, 1, 0, 9, 0, 2, 2, 2, 2, 2, 2, 2])
    levels = rule_levels(course, 0.5, 6.0, 8.0)
    # The spike at 7 is too short, the plateau at the end too long.
    assert levels.max() == 3.0 and levels.argmax() == 3
    assert np.isneginf(levels[7:]).all()
    # Without a longest, the plateau counts, and so does the whole.
    assert rule_levels(course, 0.5, 6.0, np.inf)[12] == 2.0
    assert rule_levels(course, 0.5, 32.0, np.inf).max() == 0.0
    with pytest.raises(InputError, match="no run"):
        rule_levels(course, 0.5, 2.5, 3.5)


def test_stretches() -> None:
    nights = [pd.date_range(f"2020-01-0{d}T16:00", periods=5, freq="4s") for d in (1, 2, 4)]
    times = np.concatenate([n.to_numpy() for n in nights])
    assert stretches(times) == [slice(0, 5), slice(5, 10), slice(10, 15)]
    assert step_seconds(times) == 4.0
    with pytest.raises(InputError, match="one step"):
        stretches(times[[0, 1, 2, 3, 3, 4]])
    with pytest.raises(InputError, match="two samples"):
        stretches(times[:1])
