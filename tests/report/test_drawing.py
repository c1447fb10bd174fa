"""Maps and figures: what they draw, and that they draw it once."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.transforms import Bbox

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.detect import fit_line, fit_sigmoid, sigmoid
from precursor_lib.errors import InputError
from precursor_lib.report import basemap, figures, maps, style
from precursor_lib.report.labels import place_labels

STATIONS = pd.DataFrame(
    {
        "longitude": [100.25, 98.10, 97.39, 94.87, 101.72, 105.54, 106.28],
        "latitude": [34.48, 36.23, 37.38, 36.43, 36.55, 34.29, 38.50],
        "distance": [175.0, 191.0, 321.0, 374.0, 375.0, 661.0, 830.0],
    },
    index=["Dawu", "Dulan", "Delingha", "Geermu", "Xining", "Tianshui", "Yinchuan"],
)
EPICENTRE = (34.59, 98.34)


@pytest.fixture(autouse=True)
def no_figure_left_open() -> object:
    """Every function closes its figure, or Jupyter shows it twice; and leaves no setting behind."""
    before = mpl.rcParams.copy()
    yield
    assert plt.get_fignums() == []
    assert mpl.rcParams == before


def test_style_is_readable() -> None:
    for name in ("font.size", "axes.labelsize", "xtick.labelsize", "legend.fontsize"):
        assert style.RC[name] >= 9
    assert len(set(style.CYCLE)) == len(style.CYCLE)


def test_coast_of_a_known_bay() -> None:
    """The coast near Naples passes within a few km of a point on it."""
    found = np.vstack(basemap.lines("coast", 14, 15, 40.4, 41))
    distance = geodesic_distance_km(40.83, 14.25, found[:, 1], found[:, 0])
    assert distance.min() < 5


def test_lines_across_the_date_line_are_whole() -> None:
    west = basemap.lines("coast", 176, 184, -20, -14, resolution="l")
    assert west
    inside = np.vstack(west)
    assert np.any((inside[:, 0] > 180) & (inside[:, 0] < 184))
    assert np.any((inside[:, 0] < 180) & (inside[:, 0] > 176))


def test_layers_and_boxes_are_checked() -> None:
    with pytest.raises(InputError, match="nearest is 'rivers'"):
        basemap.lines("river", 0, 1, 0, 1)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="empty map"):
        basemap.lines("coast", 1, 0, 0, 1)


@given(latitude=st.floats(-70, 70), longitude=st.floats(-180, 180), radius=st.floats(1, 2000))
@settings(max_examples=25)
def test_circle_is_at_its_distance_and_does_not_tear(
    latitude: float, longitude: float, radius: float
) -> None:
    ring = maps.circle(latitude, longitude, radius, points=13)
    distance = geodesic_distance_km(latitude, longitude, ring[:, 1], ring[:, 0])
    np.testing.assert_allclose(distance, radius, rtol=1e-9)
    assert np.abs(ring[:, 0] - longitude).max() <= 180


def test_station_map_shows_all_and_the_whole_circle() -> None:
    figure = maps.station_map(STATIONS, epicentre=EPICENTRE, radius_km=1520.6)
    main, overview = figure.axes
    texts = {text.get_text() for text in main.texts}
    assert "Dulan, 191 km" in texts
    west, east = main.get_xlim()
    assert west < STATIONS["longitude"].min() and STATIONS["longitude"].max() < east
    assert overview.get_xlim()[0] < EPICENTRE[1] - 15
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {
        "station",
        "epicentre",
        "1521 km",
    }


def test_station_map_without_epicentre_has_one_panel() -> None:
    figure = maps.station_map(STATIONS[["longitude", "latitude"]], faults=[np.zeros((2, 2))])
    assert len(figure.axes) == 1
    assert "Dawu" in {text.get_text() for text in figure.axes[0].texts}


def test_small_circle_stays_in_the_panel() -> None:
    assert len(maps.station_map(STATIONS, epicentre=EPICENTRE, radius_km=50).axes) == 1


def test_station_map_checks_its_input() -> None:
    with pytest.raises(InputError, match="'latitude' is missing"):
        maps.station_map(STATIONS.drop(columns="latitude"))
    with pytest.raises(InputError, match="there is none"):
        maps.station_map(STATIONS.iloc[:0])
    with pytest.raises(InputError, match="needs an epicentre"):
        maps.station_map(STATIONS, radius_km=10)
    with pytest.raises(InputError, match="radius_km"):
        maps.station_map(STATIONS, epicentre=EPICENTRE, radius_km=0)


def overlap(first: Bbox, second: Bbox) -> float:
    """Shared area, pixels."""
    shared = Bbox.intersection(first, second)
    return 0.0 if shared is None else shared.width * shared.height


@pytest.mark.parametrize("seed", range(5))
def test_labels_do_not_overlap_even_where_places_are_close(seed: int) -> None:
    rng = np.random.default_rng(seed)
    figure, axis = plt.subplots(figsize=(7.2, 4))
    axis.set(xlim=(0, 10), ylim=(0, 6))
    places = rng.uniform((2, 2), (8, 4), (8, 2))
    boxes = place_labels(axis, [*map(tuple, places)], [f"Station {i}" for i in range(8)])
    plt.close(figure)
    assert len(boxes) == 8
    assert max(overlap(a, b) for a, b in combinations(boxes, 2)) < 1


@pytest.mark.parametrize(
    ("value", "letters", "expected"),
    [(98, "EW", "98°E"), (190, "EW", "170°W"), (0, "NS", "0°"), (-3.5, "NS", "3.5°S")],
)
def test_degrees(value: float, letters: str, expected: str) -> None:
    assert maps.degrees(value, letters) == expected


def test_cumulative_curves_draw_only_fits_that_converged() -> None:
    day = np.arange(-90.0, -50)
    rise = pd.Series(np.round(10 * sigmoid(day, 0, 1, -73.3, 3)), day)
    flat = pd.Series(np.zeros(day.size), day)
    fits = {"rise": [fit_sigmoid(day, rise), fit_line(day, rise)], "flat": [fit_sigmoid(day, flat)]}
    figure = figures.cumulative_curves({"rise": rise, "flat": flat}, fits)
    words = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert any(word.startswith("sigmoid −90 to −51:\n$x_0$ = −73") for word in words)
    assert "sigmoid −90 to −51:\nno fit" in words
    # Two curves, two fits and the mainshock; the third fit is in the legend alone.
    assert sum(len(line.get_xdata()) > 0 for line in figure.axes[0].lines) == 5
    with pytest.raises(InputError, match="no curve 'fall'"):
        figures.cumulative_curves({"rise": rise}, {"fall": []})
    with pytest.raises(InputError, match="at least one"):
        figures.cumulative_curves({})


def test_tensor_factors_are_relative_and_shapes_checked() -> None:
    rng = np.random.default_rng(1)
    f, t, names = np.geomspace(0.005, 0.5, 30), np.arange(50) / 10, list("abcd")
    a, b, c = rng.random((30, 3)), rng.random((50, 3)), rng.random((4, 3))
    figure = figures.tensor_factors(f, t, a, b, c, names, shares=[0.9, 0.5, 0.1])
    grid = np.array(figure.axes).reshape(3, 3)
    assert grid[0, 0].get_title(loc="left") == "90% in the band"
    for row in grid:
        assert row[1].lines[0].get_ydata().max() == pytest.approx(1)
        assert sum(bar.get_height() for bar in row[2].patches) == pytest.approx(1)
    with pytest.raises(InputError, match="expected shapes"):
        figures.tensor_factors(f, t, a, b.T, c, names)


def test_time_frequency_keeps_a_burst_of_one_sample() -> None:
    amplitude = np.zeros((3, 20, 14400))
    amplitude[1, 5, 7201] = 1.0
    figure = figures.time_frequency(
        amplitude, np.geomspace(0.005, 0.5, 20), np.arange(14400) / 3600, ["a", "b", "c"]
    )
    mesh = figure.axes[1].collections[0]
    assert np.asarray(mesh.get_array()).max() == 1.0
    with pytest.raises(InputError, match="expected shape"):
        figures.time_frequency(amplitude, np.ones(19), np.arange(14400), ["a", "b", "c"])


def test_waveforms_are_stacked_at_equal_spacing() -> None:
    rng = np.random.default_rng(2)
    data = rng.normal(size=(3, 100)) + np.array([[10], [20], [30]])
    figure = figures.stacked_waveforms({"record": data}, np.arange(100) / 3600, list("abc"))
    (axis,) = figure.axes
    middles = [np.median(line.get_ydata()) for line in axis.lines]
    np.testing.assert_allclose(np.diff(middles), -5, atol=1e-9)
    assert axis.get_title(loc="left") == "record\nspacing 5 nT"
    with pytest.raises(InputError, match="record: expected shape"):
        figures.stacked_waveforms({"record": data.T}, np.arange(100), list("abc"))
