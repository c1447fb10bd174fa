"""Injection and recovery on a small quiet network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.evaluate.injection import injection_sweep
from precursor_lib.pipelines import Chain

EVENT = "2021-05-21T18:04:13"
CHAIN = Chain(bins=24, step=4, directions=16, iterations=60, sigmas=3.0)
START = pd.Timestamp("2021-05-19T16:00:00")
DISTANCE = np.array([100.0, 200.0, 400.0])
NAMES = ["A", "B", "C"]


def _load(index: int) -> xr.Dataset:
    rng = np.random.default_rng(index)
    times = START + pd.Timedelta(days=index) + pd.to_timedelta(np.arange(3600.0), unit="s")
    return xr.Dataset(
        {"Z": (("time", "station"), 0.05 * rng.standard_normal((3600, 3)), {"units": "nT"})},
        coords={"time": times, "station": NAMES, "distance": ("station", DISTANCE)},
    )


def _network() -> NightlyNetwork:
    stations = pd.DataFrame(
        {"latitude": 0.0, "longitude": [0.0, 1.0, 2.0], "distance": DISTANCE},
        index=pd.Index(NAMES, name="station"),
    )
    starts = START + pd.to_timedelta(np.arange(2), unit="D")
    return NightlyNetwork(stations, starts, 3600.0, 1.0, "Z", _load, {"origin": "observed"})


def test_large_packets_are_found_and_absent_ones_are_not():
    sweep = injection_sweep(
        _network(),
        [0.0, 5.0],
        CHAIN,
        event=EVENT,
        seeds=range(4),
        source={"duration": [100.0, 150.0]},
        night=1,
        workers=2,
    ).set_index(["amplitude", "method"])
    absent, present = sweep.loc[0.0, "hit_rate"], sweep.loc[5.0, "hit_rate"]
    counts = sweep["packets"].to_numpy()
    assert (counts == counts[0]).all()  # the same packets at both amplitudes
    assert present["band"] > absent["band"]
    assert present["sw_ntf"] >= 0.5
    assert (sweep["hit_low"] <= sweep["hit_rate"]).all()
    assert (sweep["hit_high"] >= sweep["hit_rate"]).all()
    counted = sweep["false_alarms"] / 4
    np.testing.assert_allclose(sweep["false_per_night"], counted)


def test_trials_without_a_packet_are_refused():
    with pytest.raises(InputError, match="no packet"):
        injection_sweep(_network(), [1.0], CHAIN, event=EVENT, seeds=[0], rate=1e-9, workers=1)
