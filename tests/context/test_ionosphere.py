"""TEC of the International Reference Ionosphere: interpolation beside the model itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.context.ionosphere import TECU, iri_tec
from precursor_lib.errors import InputError

PLACES = np.array([10.0, 43.8]), np.array([10.0, 86.35])


def direct(moment: pd.Timestamp, flux: float) -> np.ndarray:
    """The model itself on a finer grid of heights, integrated by Simpson's rule."""
    import PyIRI
    from PyIRI.main_library import IRI_density_1day
    from scipy.integrate import simpson

    heights = np.arange(80.0, 2001.0, 8.0)
    density = IRI_density_1day(
        moment.year,
        moment.month,
        moment.day,
        np.array([moment.hour + moment.minute / 60]),
        PLACES[1],
        PLACES[0],
        heights,
        flux,
        PyIRI.coeff_dir,
    )[-1]
    return simpson(density, x=heights * 1e3, axis=1)[0] / TECU


@pytest.mark.parametrize("text", ["2016-03-15 06:00", "2016-12-08 05:15", "2014-06-28 18:40"])
@pytest.mark.parametrize("flux", [72.0, 125.0, 180.0])
def test_it_follows_the_model(text, flux):
    moment = pd.Timestamp(text)
    found = iri_tec(*PLACES, [moment.to_datetime64()], flux)[0]
    np.testing.assert_allclose(found, direct(moment, flux), rtol=0.06, atol=0.3)


@settings(max_examples=20)
@given(st.integers(0, 366 * 24 * 4), st.floats(60, 250))
def test_it_is_smooth_positive_and_grows_with_the_sun(quarter, flux):
    times = np.datetime64("2016-01-01", "ns") + np.timedelta64(15, "m") * np.array(
        [quarter, quarter + 1]
    )
    now, later = iri_tec(*PLACES, times, flux)
    assert (now > 0).all()
    assert (np.abs(later - now) < 0.15 * now + 0.5).all()
    assert (iri_tec(*PLACES, times, flux + 10) > iri_tec(*PLACES, times, flux)).all()


def test_the_year_closes():
    ends = np.array(["2015-12-31T23:59:59", "2016-01-01T00:00:00"], dtype="datetime64[ns]")
    last, first = iri_tec(*PLACES, ends, 100.0)
    np.testing.assert_allclose(last, first, rtol=2e-3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([91.0], [0.0], ["2016-01-01"], 100.0), "degrees within range"),
        (([40.0], [0.0, 1.0], ["2016-01-01"], 100.0), "one each a place"),
        (([40.0], [0.0], ["2016-01-01"], np.nan), "none missing"),
    ],
)
def test_bad_input_is_named(arguments, words):
    latitude, longitude, times, flux = arguments
    with pytest.raises(InputError, match=words):
        iri_tec(latitude, longitude, np.array(times, dtype="datetime64[ns]"), flux)
