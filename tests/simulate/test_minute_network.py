"""One-minute networks: parts, source, controls and truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.simulate.activity import Phase, SigmoidRate
from precursor_lib.simulate.continuous import Axis
from precursor_lib.simulate.minute_network import minute_network
from precursor_lib.simulate.space_weather import real_kp
from precursor_lib.simulate.truth import truth_table

STATIONS = [
    {"id": "near", "name": "Near", "latitude": 30.9, "longitude": 103.8, "distance": 100},
    {"id": "far", "latitude": 27.9, "longitude": 101.3, "distance": 300},
]
EPICENTRE = {"latitude": 30.3, "longitude": 103.0, "time": "2013-04-20T00:02"}
PARTS = ("background", "storms", "gaps", "spikes", "instrument")
NOTHING = {**dict.fromkeys(PARTS), "quiet": 0.0, "level": 0.0}
EXACT = {"instrument": {"resolution": 0.0}, "gaps": None, "level": 0.0}
SOURCE = {"base": 3.0, "phases": []}


def simulate(seed=3, start="2013-03-10", end="2013-03-24", **changes):
    return minute_network(
        seed=seed,
        start=start,
        end=end,
        **{"stations": STATIONS, "epicentre": EPICENTRE, **changes},
    )


def field(data):
    return data["Z"].values.T


def test_form():
    data = simulate(source={})
    assert data["Z"].dims == ("time", "station")
    assert data["Z"].attrs["units"] == "nT"
    assert data.sizes == {"time": 14 * 1440, "station": 2}
    assert data["time"].dtype == "datetime64[ns]"
    assert (np.diff(data["time"].values) == np.timedelta64(1, "m")).all()
    assert data["distance"].values.tolist() == [100.0, 300.0]
    assert data["name"].values.tolist() == ["Near", ""]
    z = field(data)
    assert np.nanmax(np.abs(z - z.round(1))) < 1e-9
    assert np.abs(np.nanmean(z, axis=1) - 36000).max() < 100
    assert data.attrs["settings"]["level"] == 36000.0


def test_a_seed_gives_one_record():
    assert simulate(source={}).identical(simulate(source={}))
    assert not np.array_equal(simulate()["Z"], simulate(seed=4)["Z"])


def test_the_parts_add_up():
    whole = field(simulate(**EXACT, source=SOURCE))
    total = field(simulate(**NOTHING, source=SOURCE))
    total = total + field(simulate(**{**NOTHING, "quiet": 30.0}))
    for name in PARTS:
        if name != "gaps":
            total += field(simulate(**{**NOTHING, name: EXACT.get(name, {})}))
    np.testing.assert_allclose(whole, total, atol=1e-6)


def test_a_station_left_out_changes_no_other():
    both, alone = simulate(source=SOURCE), simulate(source=SOURCE, stations=STATIONS[1:])
    assert np.array_equal(field(both)[1], field(alone)[0], equal_nan=True)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**40), coherent=st.floats(0, 1))
def test_the_common_share_of_the_background(seed, coherent):
    """The mean product of two stations is the share of the mean square of one."""
    data = simulate(
        seed=seed,
        **{**NOTHING, "background": {"coherent": coherent, "growth": 0.0, "floor": 1e-3}},
        kp=0.0,
    )
    a, b = field(data)
    assert (a @ b) / np.sqrt((a @ a) * (b @ b)) == pytest.approx(coherent, abs=0.12)


def test_the_level_follows_kp():
    calm, wild = (
        field(simulate(**{**NOTHING, "background": {}}, kp=kp)).std(axis=1) for kp in (0.0, 3.0)
    )
    np.testing.assert_allclose(wild / calm, 10 ** (0.2 * 3))


def test_days_change_for_all_stations_alike():
    """The quiet variation has one size a day for the whole network."""
    same = [{**STATIONS[0], "id": name} for name in ("one", "two")]
    z = field(simulate(**{**NOTHING, "quiet": 30.0}, stations=same))
    np.testing.assert_allclose(z[0], z[1])
    sizes = np.ptp(z[0].reshape(-1, 1440), axis=1)
    assert sizes.std() > 0.1 * sizes.mean()


def test_packets_have_the_size_and_place_that_the_truth_says():
    source = {"base": 1.0, "phases": [], "amplitude": 5.0, "exponent": 2.0, "scatter": 0.0}
    data = simulate(**NOTHING, source=source)
    packets = truth_table(data, "source")
    times = data["time"].values
    near, far = (packets[packets["station"] == s].set_index("event") for s in ("near", "far"))
    assert len(near) >= 5
    np.testing.assert_allclose(near["amplitude"], 5.0)
    np.testing.assert_allclose(far["amplitude"], 5.0 / 9.0)
    z = field(data)
    np.testing.assert_allclose(z[1], z[0] / 9.0, atol=1e-9)
    alone = 0
    outside = np.ones(times.size, dtype=bool)
    for packet in near.itertuples():
        half = pd.Timedelta(seconds=0.13 * packet.duration)
        reach = (times >= packet.time - half) & (times <= packet.end + half)
        outside &= ~reach
        if (
            (near["time"] < packet.end + 2 * half) & (near["end"] > packet.time - 2 * half)
        ).sum() > 1:
            continue
        alone += 1
        assert np.abs(z[0][reach]).max() == pytest.approx(5.0, rel=0.25)
        length = (packet.end - packet.time).total_seconds()
        assert length == pytest.approx(packet.duration, abs=0.01)
        assert 1 / 1800 <= packet.frequency <= 1 / 240
    assert alone >= 3
    assert np.abs(z[:, outside]).max() == 0.0


def test_spikes_and_gaps_stand_where_the_truth_says():
    chosen = {"spikes": {"rate": 1.0}, "gaps": {"rate": 0.4, "duration": (3600.0, 20000.0)}}
    data = simulate(**{**NOTHING, **chosen})
    truth, times = truth_table(data), data["time"].values
    for z, station in zip(field(data), ("near", "far"), strict=True):
        rows = truth[truth["station"] == station]
        missing, moved = np.zeros(times.size, dtype=bool), np.zeros(times.size, dtype=bool)
        for row in rows.itertuples():
            if row.kind == "gap":
                missing |= (times >= row.time) & (times < row.end)
            else:
                moved |= (times >= row.time) & (times < row.end + np.timedelta64(1, "m"))
        assert missing.any()
        assert np.array_equal(np.isnan(z), missing)
        assert (np.nan_to_num(z) != 0).any()
        assert (moved | (np.nan_to_num(z) == 0)).all()


PHASES = [{"number": 12, "centre": -30, "width": 4}]


@pytest.mark.parametrize("kind", [None, "poisson", "clustered", "kp"])
def test_the_mean_count_is_the_expected_curve(kind):
    runs = 100
    days = np.arange(1, 42)
    counts = np.zeros((runs, days.size))
    start = pd.Timestamp("2013-03-10")
    for seed in range(runs):
        data = simulate(
            seed=seed,
            **NOTHING,
            source={"base": 0.2, "phases": PHASES},
            control=None if kind is None else {"kind": kind},
            end="2013-04-20",
            stations=STATIONS[:1],
        )
        packets = truth_table(data, "source")
        middle = packets["time"] + (packets["end"] - packets["time"]) / 2
        counts[seed] = np.searchsorted(np.sort((middle - start) / pd.Timedelta("1D")), days)
    expected = np.asarray(data.attrs["expected_packets"])
    first = (start - pd.Timestamp(EPICENTRE["time"])) / pd.Timedelta("1D")
    own = SigmoidRate(0.2, (Phase(12, -30, 4),)).expected(first + days, since=first)
    # A control has as many packets as the source, at other times.
    assert expected[-1] == pytest.approx(own[-1])
    if kind is None:
        np.testing.assert_allclose(expected, own)
    elif kind == "kp":
        kp = real_kp()[start : pd.Timestamp("2013-04-19T23:59")]
        weight = np.exp(0.7 * kp).cumsum().to_numpy()[7::8]
        np.testing.assert_allclose(expected, own[-1] * weight / weight[-1], rtol=1e-9)
    else:
        np.testing.assert_allclose(expected, own[-1] * days / 41)
    error = counts.std(axis=0) / np.sqrt(runs) + 0.02
    assert (np.abs(counts.mean(axis=0) - expected) < 4.5 * error).all()


def test_given_indices_are_taken():
    still = simulate(**{**NOTHING, "storms": {}}, rc=0.0)
    assert np.abs(field(still)).max() == 0.0
    hours = pd.date_range("2013-03-08", "2013-03-26", freq="h")
    ramp = pd.Series(np.linspace(0, -50, hours.size), index=hours)
    z = field(simulate(**{**NOTHING, "storms": {}}, rc=ramp))
    # A falling ring-current index raises the downward field of the north.
    assert (np.diff(z, axis=1) > 0).all()


def test_the_axis():
    axis = Axis.between(0, "2013-01-01", "2013-01-02", "1min", "2013-01-11")
    assert axis.days == (-10.0, -9.0)
    assert axis.since_start(np.array([-9.5])) == pytest.approx(43200.0)
    assert axis.at(np.array([60.0]))[0] == np.datetime64("2013-01-01T00:01")
    # Independent streams: by part, station and number.
    first = [
        axis.stream(*key).integers(2**62)
        for key in (("noise",), ("gaps",), ("noise", "a"), ("noise", "b"), ("noise", "a", 1))
    ]
    assert len(set(first)) == 5


@given(
    start=st.datetimes(pd.Timestamp("1990-01-01"), pd.Timestamp("2030-01-01")),
    length=st.integers(2, 10**7),
    step=st.integers(1, 43200),
)
def test_axes_are_left_closed(start, length, step):
    start = pd.Timestamp(start).floor("s")
    end = start + pd.Timedelta(seconds=length)
    expected = pd.date_range(start, end, freq=f"{step}s", inclusive="left")
    assume(2 <= expected.size <= 10**5)
    axis = Axis.between(0, str(start), str(end), f"{step}s", "2013-04-20")
    assert axis.samples == expected.size
    assert np.array_equal(axis.times, expected.to_numpy())
    days = np.array([axis.days[0], axis.days[1]])
    np.testing.assert_allclose(axis.since_start(days), [0.0, axis.length], atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": -1}, "seed"),
        ({"end": "2013-03-10"}, "two samples or more"),
        ({"start": "1901-01-01", "end": "1901-02-01"}, "kp: expected values"),
        ({"kp": float("nan")}, "kp nan"),
        ({"level": float("inf")}, "level inf"),
        ({"quiet": -1.0}, "quiet -1"),
        ({"stations": [STATIONS[0], STATIONS[0]]}, "'near' stands twice"),
        ({"background": {"slop": 2}}, "the nearest is 'slope'"),
        ({"background": {"band": (1e-4, 0.1)}}, "band"),
        ({"storms": {"induction": 0.6}}, r"storms\.induction"),
        ({"gaps": {"rate": -1}}, r"gaps\.rate"),
        ({"spikes": {"duration": (0, 1)}}, r"spikes\.duration"),
        ({"instrument": {"noise": -1}}, r"instrument\.noise"),
        ({"source": {"frequency": (0.001, 0.02)}}, r"source\.frequency: expected at most"),
        ({"source": {"phases": [{"number": 3, "centre": 0, "width": 0}]}}, r"phases\.0\.width"),
        ({"control": {"kind": "poisson"}}, "control: expected a source"),
        ({"source": {}, "control": {"kind": "posson"}}, r"control\.kind"),
    ],
)
def test_bad_settings_are_named(changes, words):
    with pytest.raises(InputError, match=words):
        simulate(**changes)
