"""A small kind of data whose answers are known, and a method that takes the largest value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.evaluate.trials import Kind, Method, Role, Scorer, Training, block_scores

SEEDS = {"training": 0, "calibration": 1000, "test": 2000}


def noise(role: Role, number: int, days: int = 60, stations: int = 3) -> xr.Dataset:
    """White noise of unit size, hourly."""
    rng = np.random.default_rng(SEEDS[role] + number)
    times = pd.date_range("2020-01-01", periods=24 * days, freq="1h")
    return xr.Dataset(
        {"value": (("time", "station"), rng.normal(size=(times.size, stations)))},
        coords={"time": times, "station": [f"s{n}" for n in range(stations)]},
        attrs={"origin": "simulated"},
    )


def add_step(record: xr.Dataset, events: pd.DataFrame) -> xr.Dataset:
    """The amplitude, at all stations, while the source lasts."""
    out = record.copy(deep=True)
    for event in events.itertuples():
        inside = (out["time"] >= event.start) & (out["time"] <= event.end)
        out["value"] = out["value"] + inside * event.amplitude
    return out


@dataclass(frozen=True)
class Largest:
    """The largest size of a value in the block."""

    block: str | pd.Timedelta
    joint: bool = False

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        size = np.abs(record["value"].transpose("station", "time").to_numpy())
        names = list(record["station"].to_numpy())
        if self.joint:
            size, names = size.mean(axis=0, keepdims=True), ["network"]
        return block_scores(record["time"].to_numpy(), size, self.block, names)


def learn_largest(training: Training) -> Scorer:
    return Largest(training.block)


def learn_joint(training: Training) -> Scorer:
    return Largest(training.block, joint=True)


@pytest.fixture(scope="session")
def kind() -> Kind:
    return Kind(
        name="noise",
        origin="simulated",
        unit="nT",
        block="1D",
        blocks_a_year=365.25,
        amplitudes=(0.5, 1.0, 2.0, 4.0, 8.0),
        record=noise,
        records={"training": 1, "calibration": 8, "test": 6},
        add=add_step,
        duration=pd.Timedelta("3h"),
    )


@pytest.fixture(scope="session")
def largest() -> Method:
    return Method("largest value", learn_largest)


@pytest.fixture(scope="session")
def joint() -> Method:
    return Method("mean of stations", learn_joint, joint=True)
