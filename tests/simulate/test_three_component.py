"""Three components of an observatory: parts, sizes, truth, and that nothing else knows events."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.simulate import background as field
from precursor_lib.simulate.space_weather import real_rc
from precursor_lib.simulate.three_component import observatory_minutes, packets_before
from precursor_lib.simulate.truth import truth_table

PLACE = {"station": "DUR", "latitude": 41.39, "longitude": 14.28}
EVENTS = pd.to_datetime(["2016-03-12T06:00:00", "2016-03-25T18:30:00"])


def simulate(seed=1, start="2016-03-01", end="2016-04-01", **changes):
    return observatory_minutes(seed=seed, start=start, end=end, **{**PLACE, **changes})


def values(data):
    return np.stack([data[name].values[:, 0] for name in "XYZ"])


def test_a_month_of_three_components():
    data = simulate()
    assert set(data.data_vars) == {"X", "Y", "Z"}
    assert data["X"].dims == ("time", "station")
    assert all(data[name].attrs["units"] == "nT" for name in "XYZ")
    assert data.sizes == {"time": 31 * 1440, "station": 1}
    x = values(data)
    np.testing.assert_allclose(np.nanmean(x, axis=1), [24000, 1500, 39000], atol=60)
    assert np.nanmax(np.abs(x - x.round(1))) < 1e-9
    assert 0 < np.isnan(x).any(axis=0).mean() < 0.02
    assert f"{int(np.isnan(x[0]).sum())} of" in data.attrs["report"][-1]


def test_a_seed_gives_one_record_and_gaps_change_nothing_else():
    assert simulate().equals(simulate())
    assert not simulate().equals(simulate(seed=2))
    whole, cut = values(simulate(gaps=None)), values(simulate())
    present = np.isfinite(cut)
    assert np.isfinite(whole).all()
    np.testing.assert_array_equal(whole[present], cut[present])


def test_secular_change_is_a_line():
    plain = {"gaps": None, "digits": 9}
    with_, without = (values(simulate(secular=s, **plain)) for s in ((10, 20, -30), (0, 0, 0)))
    days = np.arange(31 * 1440) / 1440
    expected = np.outer([10, 20, -30], days / 365.25)
    np.testing.assert_allclose(with_ - without, expected, atol=1e-6)


def test_the_ring_current_points_to_the_dipole_pole():
    """Of a storm, the horizontal part is RC cos(dipole latitude), after 17 March 2015."""
    storm = {"start": "2015-03-15", "end": "2015-03-22", "quiet": 0.0, "noise": 0.0, "gaps": None}
    x = values(simulate(secular=(0, 0, 0), **storm))
    x = x - np.array([[24000], [1500], [39000]])
    rc = real_rc().loc["2015-03-15":"2015-03-21"]
    hours = x[:, : rc.size * 60].reshape(3, rc.size, 60).mean(axis=2)
    m = np.radians(field.dipole_latitude(np.array([41.39]), np.array([14.28]))[0])
    # The pole's bearing is a few degrees, which takes less than a hundredth off.
    north = float(np.polyfit(rc, hours[0], 1)[0])
    assert north == pytest.approx(np.cos(m), rel=0.15)
    assert np.corrcoef(rc, hours[0])[0, 1] > 0.9
    assert hours[2][rc.argmin()] > 0  # downward field strengthens as the horizontal one weakens


def test_packets_are_the_only_difference_and_lie_before_their_events():
    source = {"amplitude": 4.0, "lead_days": 2.0, "number": 5.0}
    quiet = values(simulate(gaps=None, digits=9))
    data = simulate(gaps=None, digits=9, events=EVENTS, source=source)
    added = values(data) - quiet
    minutes = pd.DatetimeIndex(data["time"].values)
    before = np.zeros(minutes.size, dtype=bool)
    for event in EVENTS:
        before |= (minutes < event) & (minutes > event - pd.Timedelta("2.5D"))
    assert np.abs(added[:, ~before]).max() < 1e-8
    assert np.abs(added[2]).max() > 2.0
    np.testing.assert_allclose(added[0], 0.5 * added[2], atol=1e-7)
    table = truth_table(data, "source")
    assert (table["end"].to_numpy() <= EVENTS[table["event"].to_numpy(dtype=int)]).all()
    assert len(table) >= 3


def test_packets_scale_with_the_amplitude():
    times = pd.date_range("2016-03-01", periods=31 * 144, freq="10min")
    one, truth = packets_before(times, EVENTS, {"amplitude": 1.0}, seed=3)
    five, _ = packets_before(times, EVENTS, {"amplitude": 5.0}, seed=3)
    np.testing.assert_allclose(five, 5 * one, atol=1e-9)
    assert one.shape == (3, times.size)
    assert all(row["amplitude"] == 1.0 for row in truth)
    nothing, empty = packets_before(times, [], {}, seed=3)
    assert not nothing.any() and not empty


def test_the_number_of_packets_is_poisson():
    times = pd.date_range("2016-01-01", periods=366 * 144, freq="10min")
    events = pd.date_range("2016-01-20", periods=45, freq="7D")
    _, truth = packets_before(times, events, {"number": 4.0}, seed=0)
    assert abs(len(truth) - 180) < 4 * np.sqrt(180)


def test_the_quiet_variation_of_east_turns_at_noon():
    plain = {"noise": 0.0, "gaps": None, "digits": 9, "secular": (0, 0, 0)}
    strong, still = (values(simulate(quiet=q, **plain)) for q in (30.0, 0.0))
    day = (strong - still)[:, : 30 * 1440].reshape(3, 30, 1440).mean(axis=1)
    hour = np.arange(1440) / 60 + 14.28 / 15
    assert (
        day[1][(hour > 8) & (hour < 11)].mean() > 5 > -5 > day[1][(hour > 13) & (hour < 15)].mean()
    )
    assert day[2].min() < -15


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": "2016-03-01", "end": "2016-03-01"}, "expected after start"),
        ({"start": "1901-01-01", "end": "1901-02-01"}, "kp: expected values"),
        ({"seed": -1}, "seed"),
        ({"levels": (1.0, 2.0)}, "levels"),
        ({"source": {"amplitud": 2}}, "amplitude"),
        ({"gaps": {"rate": -1}}, "gaps.rate"),
    ],
)
def test_bad_settings_are_named(changes, words):
    with pytest.raises(InputError, match=words):
        simulate(**changes)
