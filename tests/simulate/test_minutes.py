"""One station at one-minute sampling: shape, repeatability and the sizes of its parts."""

from __future__ import annotations

import numpy as np
import pytest

from precursor_lib.errors import InputError
from precursor_lib.simulate.minutes import station_minutes

PLACE = {"station": "ESK", "latitude": 55.3, "longitude": -3.2}


def simulate(seed=1, start="2003-03-01", end="2003-04-01", **changes):
    return station_minutes(seed=seed, start=start, end=end, **{**PLACE, **changes})


def test_a_month_of_minutes():
    data = simulate()
    assert data["Z"].dims == ("time", "station")
    assert data["Z"].attrs["units"] == "nT"
    assert data.sizes == {"time": 31 * 1440, "station": 1}
    assert data["time"].dtype == "datetime64[ns]"
    assert (np.diff(data["time"].values) == np.timedelta64(1, "m")).all()
    z = data["Z"].values
    assert np.isfinite(z).all()
    assert np.abs(z - z.round(1)).max() < 1e-9
    assert abs(z.mean() - 46000) < 100


def test_a_seed_gives_one_record():
    assert np.array_equal(simulate()["Z"], simulate()["Z"])
    assert not np.array_equal(simulate()["Z"], simulate(seed=2)["Z"])


def test_the_quiet_variation_is_daily_and_scales():
    still, strong = (
        simulate(quiet=size, noise=0.0, digits=9)["Z"].values[:, 0] for size in (0, 40)
    )
    part = strong - still
    spectrum = np.abs(np.fft.rfft(part - part.mean()))
    assert spectrum.argmax() == 31  # cycles in 31 days
    double = simulate(quiet=80.0, noise=0.0, digits=9)["Z"].values[:, 0] - still
    np.testing.assert_allclose(double, 2 * part, atol=1e-6)


def test_noise_of_the_instrument():
    with_noise = simulate(noise=0.5, digits=9)["Z"].values
    without = simulate(noise=0.0, digits=9)["Z"].values
    assert np.std(with_noise - without) == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": "2003-03-01", "end": "2003-03-01"}, "expected after start"),
        ({"start": "1901-01-01", "end": "1901-02-01"}, "kp: expected values"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_settings_are_named(changes, words):
    with pytest.raises(InputError, match=words):
        simulate(**changes)
