"""Spans of an index, beside brute force and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.quiet_spans import (
    QuietSpan,
    event_result,
    quantiles,
    span_extremes,
    span_result,
)


@pytest.fixture
def index() -> pd.Series:
    times = pd.date_range("2010-01-01", "2010-12-31T21:00", freq="3h")
    values = np.random.default_rng(3).normal(size=times.size)
    return pd.Series(values, times)


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize("days", [1, 12, 120])
def test_extremes_are_those_of_brute_force(index: pd.Series, days: int, above: bool) -> None:
    found = span_extremes(index, days, above)
    assert len(found) == 365 - days + 1
    for first in (found.index[0], found.index[len(found) // 2], found.index[-1]):
        part = index[first : first + pd.Timedelta(days=days) - pd.Timedelta(seconds=1)]
        assert found[first] == (part.min() if above else part.max())


def test_a_statement_and_its_share(index: pd.Series) -> None:
    calm = QuietSpan("paper", "words", "v", "2010-03-01", "2010-03-12", 2.0, False)
    assert calm.days == 12
    result = span_result(calm, index)
    part = index["2010-03-01":"2010-03-12"]
    assert result["extreme"] == part.max()
    assert result["holds"] == (part.max() < 2)
    assert result["samples"] == (part >= 2).sum()
    starts = pd.date_range("2010-01-01", "2010-12-20")
    passed = [index[s : s + pd.Timedelta("11D21h")].max() < 2 for s in starts]
    assert result["share"] == pytest.approx(np.mean(passed))
    # The limit itself is outside.
    edge = QuietSpan("p", "w", "v", "2010-03-01", "2010-03-12", float(part.max()), False)
    assert not span_result(edge, index)["holds"]


def test_share_of_independent_days_is_a_power() -> None:
    """Independent days with one event in ten: a span of n days is free with chance 0.9^n."""
    days = pd.date_range("1900-01-01", periods=40000)
    hit = np.random.default_rng(1).random(days.size) < 0.1
    series = pd.Series(np.where(hit, -100.0, 0.0), days)
    span = QuietSpan("p", "w", "v", "1950-01-01", "1950-01-10", -50.0, True)
    assert span_result(span, series)["share"] == pytest.approx(0.9**10, abs=0.015)
    assert quantiles(series, [span], [0.0, 1.0]).tolist() == [[-100.0, 0.0]]


def test_gaps_and_ends_are_named(index: pd.Series) -> None:
    gap = index.drop(index["2010-03-05":"2010-03-06"].index)
    span = QuietSpan("paper", "words", "v", "2010-03-01", "2010-03-12", 2.0, False)
    with pytest.raises(InputError, match="no complete days from 2010-03-01"):
        span_result(span, gap)
    with pytest.raises(InputError, match="no complete span of 400 days"):
        span_extremes(index, 400, True)
    with pytest.raises(InputError, match="days: expected 1"):
        span_extremes(index, 0, True)
    with pytest.raises(InputError, match="ascending"):
        span_extremes(index[::-1], 3, True)


def test_earthquakes_in_a_circle() -> None:
    catalogue = pd.DataFrame(
        {
            "time": pd.to_datetime(
                ["2010-01-01", "2010-02-01", "2010-02-03", "2010-02-04", "2010-04-10"]
            ),
            "latitude": [0.0, 40.0, 40.1, 40.0, 0.0],
            "longitude": [0.0, 90.0, 90.0, 90.0, 0.0],
            "magnitude": [5.0, 5.5, 5.0, 4.9, 5.0],
        }
    )
    found = event_result(catalogue, (40.0, 90.0), 50.0, ("2010-02-01", "2010-02-10"), 5.0)
    assert found["events"] == 2
    # 100 days have 91 spans of 10; those that begin from 23 January to 3 February hold one.
    assert found["share without"] == pytest.approx((91 - 12) / 91)
    with pytest.raises(InputError, match="cover 2010-04-05 to 2010-04-12"):
        event_result(catalogue, (40.0, 90.0), 50.0, ("2010-04-05", "2010-04-12"), 5.0)
