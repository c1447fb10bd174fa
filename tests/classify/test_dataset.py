"""Windows before earthquakes and quiet ones, and their parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.classify import (
    QuietRule,
    balanced,
    event_and_quiet,
    joined,
    labelled_windows,
    sharing,
    split_sets,
)
from precursor_lib.errors import InputError

FIRST = pd.Timestamp("2015-01-01")
HOURS = 24 * 400


def indices(kp=1.0, rc=-5.0):
    return QuietRule(
        pd.Series(kp, index=pd.date_range("2014-12-01", periods=8 * 460, freq="3h")),
        pd.Series(rc, index=pd.date_range("2014-12-01", periods=24 * 460, freq="h")),
    )


def series(seed=0):
    return np.random.default_rng(seed).standard_normal((3, HOURS)).astype(np.float32)


def windows(events=("2015-03-01T05:30:00", "2015-06-10T17:00:00"), rule=None, **changes):
    settings = {
        "first": FIRST,
        "step": 3600.0,
        "length": 24,
        "events": pd.to_datetime(list(events)),
    }
    return event_and_quiet(series(), rule=rule or indices(), **{**settings, **changes})


def test_classes_lie_where_they_should():
    found = windows(balance=False)
    before, quiet = (found.starts[found.labels == k] for k in (1, 0))
    # The last sample before the hour in which the event falls ends the window.
    hours = (pd.to_datetime(["2015-03-01T05:00", "2015-06-10T17:00"]) - FIRST) / pd.Timedelta("1h")
    assert before.tolist() == (hours.astype(int) - 24).tolist()
    assert quiet.size > 150
    assert not sharing(quiet, before, 24).any()
    for hour in hours:
        assert ((quiet >= hour + 24) | (quiet + 24 + 24 <= hour)).all()
    gaps = np.diff(np.sort(quiet))
    assert gaps.min() >= 24


def test_quiet_windows_begin_at_any_hour_unless_they_are_fixed():
    free, fixed = (windows(balance=False, clock=clock) for clock in ("free", "fixed"))
    clocks = [set((w.starts[w.labels == 0] % 24).tolist()) for w in (free, fixed)]
    assert len(clocks[0]) > 20
    assert clocks[1] == {0}


def test_storms_are_kept_out_of_the_classes_asked_for():
    rule = indices()
    rule.kp.loc["2015-02-28":"2015-03-02"] = 6.0
    rule.rc.loc["2015-05-01":"2015-05-20"] = -80.0
    quiet_only, both = (
        windows(rule=rule, balance=False, storm_free=which) for which in ("quiet", "both")
    )
    assert quiet_only.labels.sum() == 2
    assert both.labels.sum() == 1
    for found in (quiet_only, both):
        days = FIRST + pd.to_timedelta(found.starts[found.labels == 0], unit="h")
        for first, last in (("2015-02-28", "2015-03-02"), ("2015-05-01", "2015-05-20")):
            last_hour = pd.Timestamp(last) + pd.Timedelta("24h")
            clear = (days + pd.Timedelta("24h") <= first) | (days >= last_hour)
            assert clear.all()


def test_quiet_windows_keep_clear_of_all_listed_events():
    listed = pd.date_range("2015-02-01T12:00", periods=60, freq="2D")
    found = windows(listed=listed, balance=False)
    quiet = found.starts[found.labels == 0]
    hours = ((listed - FIRST) / pd.Timedelta("1h")).to_numpy()
    assert quiet.size > 50
    assert all(((quiet >= h + 24) | (quiet + 48 <= h)).all() for h in hours)


def test_balancing_draws_from_the_larger_class():
    found = windows()
    assert found.labels.sum() * 2 == len(found) == 4
    whole = windows(balance=False)
    part = balanced(whole, np.arange(len(whole)), np.random.default_rng(0))
    assert whole.labels[part].sum() * 2 == part.size
    assert (np.diff(part) > 0).all()


def two_sets():
    labels = np.arange(40) % 2
    return [labelled_windows(series(k), np.arange(40) * 30, np.roll(labels, k), 30) for k in (0, 1)]


def test_records_are_joined_with_their_windows():
    sets = two_sets()
    whole = joined(sets)
    assert len(whole) == 80
    for k, one in enumerate(sets):
        a, _ = whole.batch(np.arange(40 * k, 40 * k + 40))
        b, _ = one.batch(np.arange(40))
        np.testing.assert_array_equal(a, b)
    assert np.isnan(whole.series[:, HOURS]).all()


def test_parts_of_each_record_follow_in_time():
    whole, parts = split_sets(two_sets(), "time", (0.6, 0.2, 0.2), seed=1, balance=True)
    for part in parts:
        assert whole.labels[part].mean() == 0.5
        assert (part < 40).any() and (part >= 40).any()
    for side in (slice(0, HOURS), slice(HOURS, None)):
        spans = []
        for part in parts:
            starts = whole.starts[part]
            spans.append(starts[(starts >= (side.start or 0)) & (starts < (side.stop or 1e9))])
        assert spans[0].max() + 30 <= spans[1].min()
        assert spans[1].max() + 30 <= spans[2].min()


def test_bad_input_is_named():
    with pytest.raises(InputError, match="how 'x'"):
        split_sets(two_sets(), "x", (0.5, 0.5))
    with pytest.raises(InputError, match="at least one"):
        joined([])
    short = labelled_windows(series(), [0], [0], 12)
    with pytest.raises(InputError, match="one length"):
        joined([*two_sets(), short])
