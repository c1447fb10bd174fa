"""The stand-in for Guza: the network simulator's record of one station, and the tide beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from precursor_lib.context import areal_strain
from precursor_lib.data import open_dataset
from precursor_lib.errors import InputError
from precursor_lib.manifest import Manifest
from precursor_lib.simulate.guza import guza_record

ROOT = Path(__file__).parents[2]
SPAN = {"start": "2008-01-01", "end": "2008-03-01"}


def test_the_tide_is_that_of_the_gauges() -> None:
    data = guza_record(seed=1, **SPAN)
    assert data.sizes == {"time": 24 * 60, "station": 1}
    assert data.attrs["origin"] == "simulated"
    assert not any(event["kind"] == "source" for event in data.attrs["truth"])
    # The record's slow parts are far larger than its tides: changes over an hour hold them.
    strain, tide = (series.squeeze().to_numpy() for series in (areal_strain(data), data["tide"]))
    change, theory = np.diff(strain), np.diff(tide)
    good = np.isfinite(change) & (np.abs(change) < 50)
    slope = (change[good] * theory[good]).sum() / (theory[good] ** 2).sum()
    assert slope == pytest.approx(1.0, abs=0.2)
    assert not np.isnan(tide).any()


def test_variables_are_chosen_and_unknown_ones_refused() -> None:
    data = guza_record(seed=1, variables=["S1"], **SPAN)
    assert list(data.data_vars) == ["S1"]
    np.testing.assert_array_equal(data["S1"], guza_record(seed=1, **SPAN)["S1"])
    with pytest.raises(InputError, match="variables: unknown variable 'level'"):
        guza_record(seed=1, variables=["level"], **SPAN)


@pytest.mark.parametrize(
    ("name", "variables"),
    [("guza-gauge", ["S1"]), ("guza-gauges", ["S1", "S2", "S3", "S4", "pressure", "tide"])],
)
def test_bundled_mode_has_the_stations_variables(
    name: str, variables: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRECURSOR_DATA", raising=False)
    manifest = Manifest.load(ROOT / "data_manifest.yml")
    opened = open_dataset(name, manifest, mode="bundled", **SPAN)
    assert opened.origin == "simulated"
    described = manifest.dataset(name).variables
    assert list(opened.data.data_vars) == variables
    for variable in variables:
        assert opened.data[variable].attrs["units"] == described[variable].units
    simulator = manifest.dataset(name).simulator
    coverage = manifest.dataset(name).coverage
    assert simulator is not None
    assert np.datetime64(simulator.arguments["start"]) == np.datetime64(coverage.start)
    last = np.datetime64(simulator.arguments["end"]) - np.timedelta64(1, "h")
    assert last == np.datetime64(coverage.end)
