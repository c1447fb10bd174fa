"""What the page on the simulation shows of a small network."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from precursor_lib.errors import InputError
from precursor_lib.report import simulation
from precursor_lib.simulate.geomagnetic import geomagnetic_network, night_parts

EVENT = "2021-05-21T18:04:13"


@pytest.fixture(scope="module")
def network():
    return geomagnetic_network(
        seed=5,
        stations=[
            {"id": "far", "latitude": 38.5, "longitude": 106.28, "distance": 800},
            {"id": "near", "latitude": 34.48, "longitude": 100.25, "distance": 200},
        ],
        epicentre={"latitude": 34.59, "longitude": 98.34, "time": EVENT},
        nights_start="2021-05-10T16:00:00",
        nights=4,
        duration=3600.0,
        source={"base": 5.0, "phases": [], "amplitude": 0.4, "reference": 100.0},
        kp=2.0,
        rc=-10.0,
    )


def test_truth_table_counts_and_measures_each_kind(network) -> None:
    table = simulation.truth_table(network)
    counts = network.truth["kind"].value_counts()
    assert table["events"].to_dict() == counts.to_dict()
    np.testing.assert_allclose(table["a night"], table["events"] / 4)
    assert table.loc["source", "amplitude, near"] == pytest.approx(0.2)
    assert table.loc["source", "amplitude, far"] == pytest.approx(0.05)


def test_packets_count_up_to_the_truth(network) -> None:
    until = simulation.packets_until(network)
    assert until.shape == (4,)
    assert until[-1] == (network.truth["kind"] == "source").sum()
    assert (np.diff(until) >= 0).all()


def test_networks_without_truth_are_refused(network) -> None:
    for ask in (simulation.truth_table, simulation.packets_until):
        with pytest.raises(InputError, match="expected a simulated one"):
            ask(replace(network, truth=None))


def test_night_is_drawn_with_a_panel_a_part_and_closed(network) -> None:
    parts = night_parts(network, 1)
    figure = simulation.night_of_parts(network.night(1)["Z"], parts, "near")
    assert len(figure.axes) == 1 + len(parts.data_vars)
    drawn = figure.axes[-1].lines[0].get_ydata()
    np.testing.assert_array_equal(drawn, parts["source"].sel(station="near"))
    assert figure.number not in plt.get_fignums()


def test_packets_are_drawn_beside_their_expectation(network) -> None:
    means = {"source": np.array(network.attrs["expected_packets"])}
    figure = simulation.packets_by_day({"source": network}, means, EVENT)
    lines = figure.axes[0].lines
    np.testing.assert_array_equal(lines[0].get_ydata(), simulation.packets_until(network))
    np.testing.assert_array_equal(lines[0].get_xdata(), network.days_from(EVENT))
