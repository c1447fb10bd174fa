import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.detect import cumulative_by_day
from precursor_lib.errors import InputError


def test_counts_events_a_day():
    frame = cumulative_by_day([-3, -1, -1, 2], range(-3, 3))
    assert frame.index.tolist() == [-3, -2, -1, 0, 1, 2]
    assert frame["count"].tolist() == [1, 0, 2, 0, 0, 1]
    assert frame["cumulative"].tolist() == [1, 1, 3, 3, 3, 4]


def test_missing_nights_are_no_days_of_calm():
    assert cumulative_by_day([0, 5], [0, 1, 5]).index.tolist() == [0, 1, 5]


def test_no_event_gives_zeros():
    assert cumulative_by_day([], [2, 0, 1])["cumulative"].tolist() == [0, 0, 0]


@given(st.lists(st.integers(-20, 20)))
def test_counts_and_single_events_agree(days):
    every = np.arange(-20, 21)
    alone = cumulative_by_day(days, every)
    number = [days.count(d) for d in every]
    together = cumulative_by_day(every, every, counts=number)
    assert alone["count"].tolist() == together["count"].tolist() == number
    assert alone["cumulative"].iloc[-1] == len(days)


@pytest.mark.parametrize(
    ("days", "every", "counts", "message"),
    [
        ([7], [0, 1], None, "day 7"),
        ([0], [], None, "at least one"),
        ([0], [0, 0], None, "more than once"),
        ([0.5], [0, 1], None, "whole days"),
        ([0], [0, 1], [1, 2], "shape"),
        ([0], [0, 1], [-1], ">= 0"),
        ([[0]], [0, 1], None, "list of days"),
    ],
)
def test_bad_input_is_named(days, every, counts, message):
    with pytest.raises(InputError, match=message):
        cumulative_by_day(days, every, counts=counts)
