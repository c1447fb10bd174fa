"""Figures of the RST draw the days, pixels and outlines that they are given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.collections import LineCollection, QuadMesh

from precursor_lib.errors import InputError
from precursor_lib.report import rst as figures

EVENT, PLACE = "2016-12-08T05:15", (43.83, 86.35)


@pytest.fixture(scope="module")
def index() -> xr.DataArray:
    rng = np.random.default_rng(0)
    values = rng.standard_normal((9 * 366, 3, 4)).clip(-1.9, 1.9)
    return xr.DataArray(
        values,
        dims=("time", "latitude", "longitude"),
        coords={
            "time": pd.date_range("2008-01-01", periods=len(values)),
            "latitude": [42.5, 45.0, 47.5],
            "longitude": [82.5, 85.0, 87.5, 90.0],
        },
        attrs={"units": "W m-2"},
    )


def outlines(axis: plt.Axes) -> int:
    lines = [c for c in axis.collections if isinstance(c, LineCollection)]
    return sum(len(c.get_segments()) for c in lines if c.get_zorder() == 3)


def test_maps_show_each_day_and_outline_what_is_above(index: xr.DataArray) -> None:
    index = index.copy()
    index.loc[{"time": "2016-12-07"}][1, 1] = 2.5
    index.loc[{"time": "2016-12-07"}][1, 2] = 2.5
    faults = pd.DataFrame(
        {"fault": [1, 1], "part": [0, 0], "longitude": [84.0, 86.0], "latitude": [44.0, 44.5]}
    )
    figure = figures.index_maps(index, EVENT, PLACE, faults=faults)
    assert not plt.get_fignums()
    panels = [axis for axis in figure.axes if axis.get_title(loc="left")]
    assert [axis.get_title(loc="left") for axis in panels][::4] == [
        "day −8, 30 Nov",
        "day −4, 4 Dec",
        "day 0, 8 Dec",
    ]
    # Two squares side by side have six outer edges.
    assert [outlines(axis) for axis in panels] == [0] * 7 + [6] + [0] * 4
    mesh = next(c for c in panels[0].collections if isinstance(c, QuadMesh))
    shown = np.asarray(mesh.get_array()).reshape(3, 4)
    np.testing.assert_allclose(shown, index.sel(time="2016-11-30"))


def test_fewer_days_and_missing_ones(index: xr.DataArray) -> None:
    figure = figures.index_maps(index, EVENT, PLACE, first=-1, last=3)
    assert sum(bool(axis.get_title(loc="left")) for axis in figure.axes) == 5
    with pytest.raises(InputError, match="expected every day from -8 to 3, lacks 2017-01-07"):
        figures.index_maps(index, "2017-01-04", PLACE)


def test_rates_are_those_of_the_pixels(index: xr.DataArray) -> None:
    figure = figures.rate_map(index, 1.5, PLACE)
    mesh = next(c for c in figure.axes[0].collections if isinstance(c, QuadMesh))
    expected = 100 * (index > 1.5).mean("time")
    np.testing.assert_allclose(np.asarray(mesh.get_array()).reshape(3, 4), expected)


def test_a_pixels_years(index: xr.DataArray) -> None:
    axis = figures.pixel_years(index, PLACE, 2016).axes[0]
    drawn = next(line for line in axis.lines if line.get_label() == "2016")
    expected = index.sel(time="2016", latitude=45.0, longitude=87.5)
    np.testing.assert_allclose(drawn.get_ydata(), expected)
    assert axis.get_ylabel() == "OLR (W m$^{-2}$)"


def test_curves_have_the_tables_values() -> None:
    own = pd.DataFrame({"others": [0.0, 2.0], "all": [0.0, 1.5]}, index=[0.0, 10.0])
    power = pd.DataFrame({"found": [40.0, 90.0], "two in a row": [10.0, 70.0]}, index=[0.0, 10.0])
    left, right = figures.size_curves(own, power, 9, 2.0).axes
    assert left.lines[2].get_ydata()[0] == pytest.approx(8 / 3)
    np.testing.assert_allclose(right.lines[1].get_ydata(), [10.0, 70.0])
