import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.context import benioff_strain, mainshock, maximum_curvature, select_events
from precursor_lib.errors import InputError


def catalogue(rows):
    frame = pd.DataFrame(rows, columns=["time", "latitude", "longitude", "depth", "magnitude"])
    frame["time"] = pd.to_datetime(frame["time"])
    return frame


ROWS = [
    ("2021-02-20", 34.59, 98.34, 10.0, 1.0),
    ("2021-03-01", 36.59, 100.34, 49.9, 0.7),
    ("2021-03-02", 36.60, 98.34, 10.0, 2.0),
    ("2021-03-03", 34.59, 98.34, 50.0, 2.0),
    ("2021-03-04", 34.59, 98.34, np.nan, 2.0),
    ("2021-05-21", 34.59, 98.34, 10.0, 0.69),
]


def test_selection_and_its_edges():
    whole = catalogue(ROWS)
    whole.attrs["report"] = ["read"]
    chosen = select_events(
        whole,
        centre=(34.59, 98.34),
        half_width=2.0,
        below_depth=50.0,
        start="2021-02-20",
        end="2021-05-21",
        min_magnitude=0.7,
    )
    assert chosen["magnitude"].tolist() == [1.0, 0.7]
    assert chosen.index.tolist() == [0, 1]
    assert chosen.attrs["report"] == [
        "read",
        "2 of 6 events selected; 1 left out because their depth is unknown",
    ]
    assert whole.attrs["report"] == ["read"]
    assert len(select_events(whole)) == 6


def test_boxes_cross_the_date_line():
    frame = catalogue([("2021-01-01", 0, 179.5, 5, 1), ("2021-01-01", 0, -179.5, 5, 1)])
    assert len(select_events(frame, centre=(0, 180), half_width=1)) == 2
    assert len(select_events(frame, centre=(0, 170), half_width=1)) == 0


def test_selection_refuses_what_it_cannot_read():
    with pytest.raises(InputError, match=r"missing \['depth'\]"):
        select_events(catalogue(ROWS).drop(columns="depth"))
    with pytest.raises(InputError, match="both or neither"):
        select_events(catalogue(ROWS), centre=(0, 0))


def test_benioff_strain_by_hand():
    # One unit of magnitude is a factor of 10**0.75 in strain; M = 0 gives 10**2.4.
    np.testing.assert_allclose(
        benioff_strain([0, 2, 4]), 10**2.4 * np.array([1, 1 + 10**1.5, 1 + 10**1.5 + 10**3])
    )
    assert benioff_strain([]).size == 0
    with pytest.raises(InputError, match=r"magnitude\[1\]"):
        benioff_strain([1.0, np.nan])


@given(st.lists(st.integers(-5, 60), min_size=1))
def test_maximum_curvature_is_the_commonest_tenth(tenths):
    numbers = {t: tenths.count(t) for t in tenths}
    most = min(t for t, n in numbers.items() if n == max(numbers.values()))
    magnitudes = np.array(tenths) / 10
    assert maximum_curvature(magnitudes) == pytest.approx(most / 10, abs=1e-9)
    assert maximum_curvature(magnitudes, correction=0.2) == pytest.approx(most / 10 + 0.2)


def test_maximum_curvature_finds_where_detection_sets_in():
    rng = np.random.default_rng(0)
    m = rng.exponential(1 / np.log(10), 40_000) - 0.5
    seen = m[rng.random(m.size) < 1 / (1 + np.exp(-(m - 0.9) / 0.05))]
    assert maximum_curvature(np.round(seen, 2)) == pytest.approx(1.0, abs=0.11)


def test_maximum_curvature_refuses():
    with pytest.raises(InputError, match="at least one"):
        maximum_curvature([])
    with pytest.raises(InputError, match="bin_width"):
        maximum_curvature([1.0], bin_width=0)


def test_mainshock_is_the_largest_event_near_the_printed_one():
    events = catalogue(
        [
            ("2021-05-21 10:00", 34.5, 98.3, 10.0, 5.0),
            ("2021-05-21 18:04", 34.6, 98.3, 10.0, 7.3),
            ("2021-05-21 18:05", 36.0, 98.3, 10.0, 8.0),
            ("2021-05-23 00:00", 34.5, 98.3, 10.0, 7.9),
        ]
    )
    assert mainshock(events, 34.59, 98.34, "2021-05-21 18:00")["magnitude"] == 7.3
    assert mainshock(events, 34.59, 98.34, "2021-05-21 18:00", days=2)["magnitude"] == 7.9
    with pytest.raises(InputError, match=r"no event near 40.0 N 98.34 E about 2021-05-21"):
        mainshock(events, 40.0, 98.34, "2021-05-21")
