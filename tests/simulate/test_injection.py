"""Packets put into records of any origin."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.simulate.geomagnetic import geomagnetic_network, without_source
from precursor_lib.simulate.injection import inject, packet_events, redraw_packets

EVENT = "2021-05-21T18:04:13"


@pytest.fixture
def record() -> xr.Dataset:
    """An hour of two stations, with a gap."""
    z = np.random.default_rng(1).standard_normal((3600, 2))
    z[100:200, 0] = np.nan
    return xr.Dataset(
        {"Z": (("time", "station"), z, {"units": "nT"})},
        coords={
            "time": pd.date_range("2014-04-07", periods=3600, freq="s", unit="ns"),
            "station": ["a", "b"],
        },
        attrs={"origin": "observed", "report": ["one gap"]},
    )


@pytest.fixture
def events() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time": pd.to_datetime(["2014-04-07T00:10:00.0", "2014-04-07T00:30:00.5"]),
            "duration": [120.0, 200.0],
            "frequency": [0.03, 0.02],
            "phase": [0.0, 1.0],
            "amplitude_a": [0.5, 1.0],
            "amplitude_b": [0.25, 0.0],
        }
    )


def test_injection_adds_the_packets_and_changes_nothing_else(record, events) -> None:
    before = record.copy(deep=True)
    out = inject(record, events)
    xr.testing.assert_identical(record, before)
    added = out["Z"] - record["Z"]
    assert int(np.isnan(out["Z"]).sum()) == 100
    # At its centre the first packet is its peak.
    assert float(added.sel(time="2014-04-07T00:10:00", station="a")) == pytest.approx(0.5)
    assert float(added.sel(time="2014-04-07T00:10:00", station="b")) == pytest.approx(0.25)
    quiet = added.sel(time=slice("2014-04-07T00:45", None))
    assert float(np.abs(quiet).max()) == 0
    assert out.attrs["origin"] == "observed"
    assert out.attrs["injected"] == 2
    assert out.attrs["report"] == ["one gap", "2 simulated packets were injected"]
    assert out["Z"].attrs == {"units": "nT"}


def test_injection_twice_is_injection_of_both(record, events) -> None:
    once = inject(inject(record, events.iloc[:1]), events.iloc[1:])
    xr.testing.assert_allclose(once["Z"], inject(record, events)["Z"], atol=1e-12)
    assert once.attrs["injected"] == 2


def test_no_events_change_no_value(record, events) -> None:
    xr.testing.assert_equal(inject(record, events.iloc[:0]), record)


def test_injection_into_a_network_gives_the_network_with_the_source(arguments) -> None:
    network = geomagnetic_network(**arguments | {"instrument": None})
    without = without_source(network)
    packets = network.truth[network.truth["kind"] == "source"].drop(columns="night")
    again = inject(without, packets)
    assert len(again.truth) == len(network.truth)
    pd.testing.assert_frame_equal(again.truth[network.truth.columns], network.truth)
    again = pickle.loads(pickle.dumps(again))
    for i in range(4):
        # The truth's times are rounded to ns.
        xr.testing.assert_allclose(again.night(i)["Z"], network.night(i)["Z"], atol=1e-7)


def test_drawn_packets_follow_the_source_and_fit_the_nights(arguments) -> None:
    network = geomagnetic_network(**arguments | {"source": None})
    source = {"base": 8.0, "phases": [], "exponent": 1.0}
    packets = packet_events(network, seed=3, event_time=EVENT, source=source)
    assert 8 < len(packets) < 70
    ratio = packets["amplitude_near"] / packets["amplitude_far"]
    np.testing.assert_allclose(ratio, 830 / 175)
    out = inject(network, packets)
    assert (out.truth["kind"] == "source").sum() == len(packets)
    pd.testing.assert_frame_equal(
        packets, packet_events(network, seed=3, event_time=EVENT, source=source)
    )
    with pytest.raises(InputError, match="control 'kp'"):
        packet_events(network, seed=3, event_time=EVENT, source=source, control={"kind": "kp"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: e.drop(columns="phase"), "column 'phase' is missing"),
        (lambda e: e.drop(columns="amplitude_b"), "column 'amplitude_b' is missing"),
        (lambda e: e.drop(columns="time"), "column 'time' is missing"),
        (lambda e: e.assign(frequency=[0.02, np.nan]), "row 1, 'frequency'"),
        (lambda e: e.assign(duration=[120.0, 1e5]), "row 1 at .* wholly inside"),
        (lambda e: e.assign(duration=[120.0, np.nan]), "row 1 at .* wholly inside"),
        (lambda e: e.assign(time=e["time"] - pd.Timedelta("1h")), "row 0 at .* wholly inside"),
    ],
)
def test_bad_events_are_named(record, events, change, message: str) -> None:
    with pytest.raises(InputError, match=message):
        inject(record, change(events))


def test_bad_records_are_named(record, events) -> None:
    with pytest.raises(InputError, match="expected an even step"):
        inject(record.isel(time=np.r_[0:1000, 1010:3600]), events)
    with pytest.raises(InputError, match="variable 'H'"):
        inject(record, events, variable="H")
    with pytest.raises(InputError, match=r"variable None: expected one of \['Z', 'H'\]"):
        inject(record.assign(H=record["Z"]), events)


def test_events_outside_a_networks_nights_are_refused(arguments, events) -> None:
    network = geomagnetic_network(**arguments)
    amplitudes = {f"amplitude_{s}": 1.0 for s in network.stations.index}
    late = events.assign(time=network.nights[1] + pd.Timedelta("2h"), **amplitudes)
    with pytest.raises(InputError, match="wholly inside"):
        inject(network, late)
    early = late.assign(time=network.nights[0] - pd.Timedelta("2h"))
    with pytest.raises(InputError, match="before the first night"):
        inject(network, early)


@pytest.mark.parametrize("control", [None, {"kind": "poisson"}, {"kind": "kp"}])
def test_redrawn_packets_average_to_the_expected_curve(arguments, control) -> None:
    nights = {"nights": 30, "nights_start": "2021-04-08T16:00:00", "kp": None}
    network = geomagnetic_network(**arguments | nights | {"source": {}, "control": control})
    counts = redraw_packets(network, 400, seed=2)
    expected = np.array(network.attrs["expected_packets"])
    assert counts.shape == (400, 30)
    assert expected[-1] > 5
    assert (np.abs(counts.mean(axis=0) - expected) < 4.5 * np.sqrt(expected / 400)).all()
    np.testing.assert_array_equal(counts, redraw_packets(network, 400, seed=2))
    with pytest.raises(InputError, match="with a source"):
        redraw_packets(without_source(network), 2, seed=2)
