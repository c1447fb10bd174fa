"""The closed records of the Lushan, Luding and Changning cases, as the manifest simulates them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.data import open_dataset
from precursor_lib.manifest import Manifest
from precursor_lib.simulate.truth import truth_table

# Cases whose stations' places were solved for, with both printed distances (km).
SOLVED = {"51304": (94.7, 242.1), "53022": (309.1, 158.4), "53006": (353.0, 474.5)}


def test_solved_places_have_both_printed_distances():
    manifest = Manifest.load()
    shocks, found = [], {}
    for index, name in enumerate(("luding-strain", "changning-strain")):
        given = manifest.dataset(name).simulator.arguments
        shocks.append(given["epicentre"])
        for station in given["stations"]:
            if station["id"] in SOLVED:
                assert station["distance"] == SOLVED[station["id"]][index]
                found[station["id"]] = (station["latitude"], station["longitude"])
    assert set(found) == set(SOLVED)
    for name, place in found.items():
        lines = [geodesic_distance_km(*place, s["latitude"], s["longitude"]) for s in shocks]
        np.testing.assert_allclose(lines, SOLVED[name], atol=0.1)


@pytest.mark.parametrize(
    ("dataset", "stations"),
    [
        ("lushan-geomagnetic", ["CD", "XC", "ML"]),
        ("lushan-strain", ["KD", "XM"]),
        ("luding-strain", ["51010", "51304", "51009", "53022", "53006"]),
        ("luding-normal", ["51010", "51304", "51009", "53022", "53006"]),
        ("changning-strain", ["51002", "53022", "51009", "51304", "53006"]),
        ("stmn-reference", ["62003"]),
    ],
)
def test_the_cases_are_simulated_where_no_files_are(dataset, stations):
    """A day of each, as the manifest has it, and with other settings."""
    entry = Manifest.load().dataset(dataset)
    start = pd.Timestamp(entry.simulator.arguments["start"])
    end = pd.Timestamp(entry.simulator.arguments["end"])
    cadence = pd.Timedelta(entry.coverage.cadence)
    assert (start, end) == (entry.coverage.start, entry.coverage.end + cadence)
    day = str(end - pd.Timedelta("1D"))
    data = open_dataset(dataset, mode="bundled", start=day, source=None, seed=7).data
    assert data["station"].values.tolist() == stations
    assert data.sizes["time"] == 1440
    assert set(data) == set(entry.variables)
    for name, variable in entry.variables.items():
        assert data[name].attrs["units"] == variable.units
    assert data.attrs["seed"] == 7
    assert data.attrs["origin"] == "simulated"
    assert truth_table(data, "source").empty
    assert (data["latitude"].min(), data["latitude"].max()) == (
        entry.coverage.box.south,
        entry.coverage.box.north,
    )
    assert (data["longitude"].min(), data["longitude"].max()) == (
        entry.coverage.box.west,
        entry.coverage.box.east,
    )
