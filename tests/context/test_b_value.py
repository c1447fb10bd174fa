import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.context import b_value, b_value_grid, b_value_in_time
from precursor_lib.errors import InputError


def sample(b, n, completeness=1.0, width=0.0, seed=0):
    """Magnitudes of Gutenberg and Richter's law, rounded to bins where `width` is given."""
    low = completeness - width / 2
    m = low + np.random.default_rng(seed).exponential(1 / (b * np.log(10)), n)
    return np.round(m / width) * width if width else m


@pytest.mark.parametrize("b", [0.5, 1.0, 1.8])
def test_continuous_samples_give_their_b_by_equation_10(b):
    found = b_value(sample(b, 100_000), 1.0)
    assert found.b == pytest.approx(b, abs=4 * b / np.sqrt(100_000))
    assert found.error == pytest.approx(b / np.sqrt(100_000), rel=0.02)
    assert found.error_shi_bolt == pytest.approx(found.error, rel=0.03)


def test_rounded_magnitudes_need_the_half_bin():
    m = sample(1.0, 100_000, width=0.1)
    assert b_value(m, 1.0, bin_width=0.1).b == pytest.approx(1.0, abs=0.015)
    # Closed form: the mean above Mc of a geometric law in bins of 0.1 at b = 1.
    q = 10**-0.1
    expected = 1 / (np.log(10) * 0.1 * q / (1 - q))
    assert b_value(m, 1.0).b == pytest.approx(expected, abs=0.02)
    assert expected == pytest.approx(1.125, abs=0.002)


def test_errors_are_the_scatter_over_samples():
    values = [b_value(sample(1.0, 400, seed=s), 1.0) for s in range(300)]
    scatter = np.std([v.b for v in values])
    assert np.mean([v.error for v in values]) == pytest.approx(scatter, rel=0.12)
    assert np.mean([v.error_shi_bolt for v in values]) == pytest.approx(scatter, rel=0.12)


def test_by_hand():
    found = b_value([0.9, 1.0, 1.2, 1.6, 2.2], 1.0)
    assert found.events == 4
    assert found.mean_magnitude == pytest.approx(1.5)
    assert found.b == pytest.approx(1 / (np.log(10) * 0.5))
    squares = 0.25 + 0.09 + 0.01 + 0.49
    assert found.error_shi_bolt == pytest.approx(np.log(10) * found.b**2 * np.sqrt(squares / 12))


def test_no_value_where_there_is_none():
    assert np.isnan(b_value([1.0, 1.0, 1.0], 1.0).b)
    assert np.isnan(b_value([], 1.0).b)
    few = b_value([1.0, 2.0], 1.0, min_events=3)
    assert few.events == 2
    assert np.isnan(few.b) and np.isnan(few.error) and np.isnan(few.error_shi_bolt)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["3D", "12h"]), st.sampled_from(["1D", "7h"]))
def test_moving_window_equals_window_after_window(seed, window, step):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2021-02-20")
    n = int(rng.integers(1, 300))
    times = start + pd.to_timedelta(rng.integers(0, 12 * 24, n), unit="h")
    events = pd.DataFrame({"time": times, "magnitude": np.round(rng.exponential(0.5, n), 1) + 0.5})
    frame = b_value_in_time(events, 0.7, window=window, step=step, bin_width=0.1, min_events=5)
    assert frame["start"].iloc[0] == times.min().floor("D")
    assert (frame["end"] <= times.max().floor("D") + pd.Timedelta(days=1)).all()
    for row in frame.itertuples():
        inside = (events["time"] >= row.start) & (events["time"] < row.end)
        alone = b_value(events["magnitude"][inside], 0.7, bin_width=0.1, min_events=5)
        assert row.events == alone.events
        np.testing.assert_allclose(
            [row.b, row.error, row.error_shi_bolt],
            [alone.b, alone.error, alone.error_shi_bolt],
            rtol=1e-7,
        )


def test_moving_window_over_a_given_span():
    events = pd.DataFrame({"time": pd.to_datetime(["2021-03-05"]), "magnitude": [1.0]})
    frame = b_value_in_time(events, 0.7, start="2021-03-01", end="2021-03-11")
    assert len(frame) == 8
    assert frame["events"].tolist() == [0, 0, 1, 1, 1, 0, 0, 0]
    assert (frame["centre"] - frame["start"] == pd.Timedelta("36h")).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 3, 5]))
def test_grid_equals_cell_after_cell(seed, cells):
    rng = np.random.default_rng(seed)
    events = pd.DataFrame(
        {
            "latitude": np.round(rng.uniform(33, 36, 400), 1),
            "longitude": rng.uniform(97, 100, 400),
            "magnitude": np.round(rng.exponential(0.5, 400), 1) + 0.5,
        }
    )
    grid = b_value_grid(
        events,
        0.7,
        latitude=(34.0, 35.0),
        longitude=(98.0, 98.8),
        spacing=0.2,
        cells=cells,
        min_events=3,
    )
    assert dict(grid.sizes) == {"latitude": 5, "longitude": 4}
    half = cells * 0.2 / 2
    for i, lat in enumerate(grid["latitude"].values):
        for j, lon in enumerate(grid["longitude"].values):
            dy, dx = events["latitude"] - lat, events["longitude"] - lon
            inside = (dy >= -half - 1e-7) & (dy < half - 1e-7)
            inside &= (dx >= -half - 1e-7) & (dx < half - 1e-7)
            alone = b_value(events["magnitude"][inside], 0.7, min_events=3)
            assert grid["events"].values[i, j] == alone.events
            np.testing.assert_allclose(grid["b"].values[i, j], alone.b, rtol=1e-7)
            np.testing.assert_allclose(
                grid["error_shi_bolt"].values[i, j], alone.error_shi_bolt, rtol=1e-6
            )


def test_bad_input_is_named():
    events = pd.DataFrame(
        {"time": pd.to_datetime(["2021-03-05"]), "latitude": [34.0], "longitude": [98.0]}
    ).assign(magnitude=1.0)
    box = {"latitude": (34.0, 35.0), "longitude": (98.0, 99.0)}
    with pytest.raises(InputError, match="min_events"):
        b_value([1, 2], 1.0, min_events=1)
    with pytest.raises(InputError, match="bin_width"):
        b_value([1, 2], 1.0, bin_width=-0.1)
    with pytest.raises(InputError, match=r"magnitude\[0\]"):
        b_value([np.inf], 1.0)
    with pytest.raises(InputError, match="window"):
        b_value_in_time(events, 0.7, window="0D")
    with pytest.raises(InputError, match="empty"):
        b_value_in_time(events.iloc[:0], 0.7)
    with pytest.raises(InputError, match="odd"):
        b_value_grid(events, 0.7, **box, cells=4)
    with pytest.raises(InputError, match="longitude: expected a width"):
        b_value_grid(events, 0.7, latitude=(34.0, 35.0), longitude=(98.0, 98.25))
    with pytest.raises(InputError, match="row 0 has no finite latitude"):
        b_value_grid(events.assign(latitude=np.nan), 0.7, **box)
