"""What the page on the simulation shows of borehole strain."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from precursor_lib.context.borehole import areal_strain
from precursor_lib.errors import InputError
from precursor_lib.evaluate.tidal_fit import tidal_fit
from precursor_lib.report import simulation_strain
from precursor_lib.simulate.strain import strain_network
from precursor_lib.simulate.strain_taken_apart import strain_parts


@pytest.fixture(scope="module")
def strain():
    return strain_network(
        seed=4,
        stations=[{"id": "A", "latitude": 30.0, "longitude": 102.0}],
        epicentre={"latitude": 30.3, "longitude": 103.0, "time": "2013-04-20T00:02"},
        start="2012-08-01",
        end="2013-03-01",
        step="1h",
        source={},
    )


def test_a_record_is_drawn_with_a_panel_a_part(strain) -> None:
    parts = strain_parts(strain)
    figure = simulation_strain.record_of_parts(areal_strain(strain), parts, "A")
    assert len(figure.axes) == 10
    drawn = figure.axes[-1].lines[0]
    np.testing.assert_array_equal(drawn.get_ydata(), parts["source"].sel(station="A"))
    assert drawn.get_xdata()[24] == 1.0
    assert figure.number not in plt.get_fignums()


def test_the_longest_whole_part_is_taken() -> None:
    times = np.arange("2020-01-01", "2020-03-11", dtype="datetime64[h]").astype("datetime64[ns]")
    values = np.arange(times.size, dtype=float)
    values[[100, 800]] = np.nan
    record = xr.DataArray(
        values[:, None], dims=("time", "station"), coords={"time": times, "station": ["A"]}
    )
    np.testing.assert_array_equal(simulation_strain.hourly(record), values[801:])
    values[[100, 500, 800, 1200, 1600]] = np.nan
    with pytest.raises(InputError, match="20 days in a row"):
        simulation_strain.hourly(record)


def test_a_line_stands_out_of_the_spectrum_with_its_power() -> None:
    """A wave of amplitude a adds a^2 / 2 under its peak."""
    times = np.arange("2020-01-01", "2020-07-19", dtype="datetime64[h]").astype("datetime64[ns]")
    wave = 3.0 * np.cos(2 * np.pi * np.arange(times.size) / 12.0)
    record = xr.DataArray(wave, dims=("time",), coords={"time": times})
    figure = simulation_strain.spectra({"wave": record}, {"S2": 2.0})
    f, power = figure.axes[0].lines[0].get_data()
    assert f[power.argmax()] == pytest.approx(2.0)
    assert power.sum() * (f[1] - f[0]) == pytest.approx(4.5, rel=1e-4)


def test_tides_stand_beside_theory(strain) -> None:
    fit = tidal_fit(areal_strain(strain), strain["pressure"]).droplevel("station")
    table = simulation_strain.tide_table({"one": fit, "two": fit})
    assert list(table.index) == ["M2", "S2", "O1", "K1", "N2"]
    np.testing.assert_array_equal(table["theory"], fit["theory"])
    first = f"{fit.loc['M2', 'amplitude']:.2f} ± {fit.loc['M2', 'error']:.2f}"
    assert table.loc["M2", "two"] == first
    assert (table["ratio, one"] == fit["ratio"]).all()
