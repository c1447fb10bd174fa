"""Waveforms and noise against their stated properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, signal, special

from precursor_lib.errors import InputError
from precursor_lib.simulate import background, signals
from precursor_lib.simulate.settings import Background, Quiet, Storms


def streams(n: int, seed: int = 0) -> list[np.random.Generator]:
    return [np.random.default_rng([seed, k]) for k in range(n)]


@given(st.floats(60, 300), st.floats(1000, 2000), st.floats(0.01, 0.05), st.floats(0, 6.28))
@settings(max_examples=50, deadline=None)
def test_packet_lasts_its_duration_above_a_tenth_of_its_peak(
    duration: float, centre: float, frequency: float, phase: float
) -> None:
    rate = 50.0
    n = int(3000 * rate)
    sine = np.zeros((2, n))
    for k, turn in enumerate((0.0, np.pi / 2)):
        where, wave = signals.packet(n, rate, centre, duration, frequency, phase + turn)
        sine[k, where] = wave
    envelope = np.hypot(*sine)
    above = np.flatnonzero(envelope > 0.1)
    assert (above[-1] - above[0]) / rate == pytest.approx(duration, abs=3 / rate)
    assert envelope.max() == pytest.approx(1.0, abs=1e-3)
    assert (above[-1] + above[0]) / 2 / rate == pytest.approx(centre, abs=3 / rate)


def test_train_rises_quickly_decays_slowly_and_lasts_its_duration() -> None:
    rate, n = 50.0, 100_000
    sine = np.zeros((2, n))
    for k, turn in enumerate((0.0, np.pi / 2)):
        where, wave = signals.train(n, rate, 1000.0, 300.0, 0.01, turn)
        sine[k, where] = wave
    envelope = np.hypot(*sine)
    above = np.flatnonzero(envelope > 0.1)
    assert (above[-1] - above[0]) / rate == pytest.approx(300.0, abs=3 / rate)
    assert (above[-1] + above[0]) / 2 / rate == pytest.approx(1000.0, abs=3 / rate)
    assert envelope.max() == pytest.approx(1.0, abs=1e-4)
    assert envelope.argmax() / rate < 1000.0 - 50.0


@pytest.mark.parametrize("centre", [-500.0, -10.0, 0.0, 99.9, 110.0, 900.0])
def test_waves_and_boxes_are_cut_at_the_ends_of_the_record(centre: float) -> None:
    for make in (signals.packet, signals.train):
        where, wave = make(100, 1.0, centre, 60.0, 0.05, 0.0)
        assert np.zeros(100)[where].size == wave.size
    assert 0 <= signals.box(100, 1.0, centre, 60.0).start <= 100


@given(st.floats(0, 9999), st.floats(0.1, 300))
def test_box_holds_the_samples_of_its_duration(centre: float, duration: float) -> None:
    where = signals.box(20_000, 1.0, centre + 500, duration)
    assert max(1.0, duration - 1) <= where.stop - where.start <= duration + 1
    assert abs((where.start + where.stop - 1) / 2 - centre - 500) <= 1.0


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0, 3.0])
def test_noise_has_the_slope_and_the_level_asked_for(slope: float) -> None:
    band = (0.01, 0.05)
    x = signals.red_noise(14400, 1.0, slope, band, 1 / 3600, streams(24, int(slope)))
    f, p = signal.welch(x, 1.0, nperseg=2400, detrend="linear")
    p = p.mean(axis=0)
    # Away from the floor and from the Nyquist frequency, where a finite window leaks.
    fit = (f >= 0.004) & (f <= 0.4)
    found = -np.polyfit(np.log(f[fit]), np.log(p[fit]), 1, w=np.sqrt(f[fit]))[0]
    assert found == pytest.approx(slope, abs=0.06)
    rms = np.sqrt(np.trapezoid(p[(f >= band[0]) & (f <= band[1])], dx=f[1]))
    assert rms == pytest.approx(1.0, rel=0.04)


@pytest.mark.parametrize(
    ("slope", "floor"), [(0.0, 0.001), (1.0, 0.001), (2.3, 0.001), (2.0, 0.02), (2.0, 0.1)]
)
def test_power_of_the_band_is_its_integral(slope: float, floor: float) -> None:
    exact, _ = integrate.quad(
        lambda f: (max(f, floor) / 0.01) ** -slope, 0.01, 0.05, points=[min(floor, 0.05)]
    )
    assert signals._band_power(slope, (0.01, 0.05), floor) == pytest.approx(exact, rel=1e-8)


def test_a_band_above_the_nyquist_frequency_is_refused() -> None:
    with pytest.raises(InputError, match="band"):
        signals.red_noise(100, 0.05, 2.0, (0.01, 0.05), 0.001, streams(1))


@pytest.mark.parametrize(
    ("kp", "low", "high"), [(0.5, 0.02, 0.03), (1.5, 0.02, 0.03), (7.0, 0.09, 0.11)]
)
def test_background_has_the_levels_of_quiet_and_storm(kp: float, low: float, high: float) -> None:
    x = background.red_background(Background(), np.full(14400, kp), 1.0, streams(13))
    f, p = signal.welch(x, 1.0, nperseg=2400, detrend="linear")
    rms = np.sqrt(np.trapezoid(p[:, (f >= 0.01) & (f <= 0.05)], dx=f[1], axis=1))
    assert low < np.sqrt((rms**2).mean()) < high


@pytest.mark.parametrize("kp", [2.0, 5.0, 9.0])
def test_background_steepens_in_storms_and_not_below(kp: float) -> None:
    """The mean spectrum is the closed form: a part of slope 2 and, above Kp 3, one of slope 3.5."""
    x = background.red_background(Background(), np.full(14400, kp), 1.0, streams(65, int(kp)))
    f, p = signal.welch(x, 1.0, window="blackmanharris", nperseg=2400, detrend="linear")

    def unit(slope: float) -> np.ndarray:
        power, _ = integrate.quad(lambda v: v**-slope, 0.01, 0.05)
        return f[1:] ** -slope / power

    quiet = 0.02**2 * 10 ** (0.2 * min(kp, 3.0))
    storm = 0.02**2 * 10 ** (0.2 * kp) - quiet
    ratio = p.mean(axis=0)[1:] / (quiet * unit(2.0) + storm * unit(3.5))
    for low, high in ((0.003, 0.01), (0.01, 0.05), (0.05, 0.3)):
        inside = (f[1:] >= low) & (f[1:] < high)
        # Stations share 60 % of the variance: some 20 independent series over 11 segments.
        assert ratio[inside].mean() == pytest.approx(1.0, abs=0.12)


def test_quiet_noise_stays_when_a_storm_is_added() -> None:
    """Half a night at Kp 2 is the same whatever comes after it."""
    kp = np.where(np.arange(2000) < 1000, 2.0, 8.0)
    quiet = background.red_background(Background(), np.full(2000, 2.0), 1.0, streams(3))
    both = background.red_background(Background(), kp, 1.0, streams(3))
    np.testing.assert_array_equal(quiet[:, :1000], both[:, :1000])
    assert both[:, 1000:].std() > 3 * quiet[:, 1000:].std()


def test_background_shares_the_stated_part_between_stations() -> None:
    x = background.red_background(Background(coherent=0.6), np.zeros(14400), 1.0, streams(9))
    b, a = signal.butter(2, (0.01, 0.05), btype="band", fs=1.0)
    r = np.corrcoef(signal.lfilter(b, a, x)[:, 500:])
    assert r[np.triu_indices(8, 1)].mean() == pytest.approx(0.6, abs=0.05)


def test_kp_is_linear_between_the_middles_of_its_intervals() -> None:
    start = pd.Timestamp("2021-05-12T00:00")
    kp = pd.Series([1.0, 4.0, 2.0], index=pd.date_range(start, periods=3, freq="3h"))
    got = background.kp_at(kp, start, np.array([5400.0, 10800.0, 16200.0]))
    np.testing.assert_allclose(got, [1.0, 2.5, 4.0])


def test_sq_dips_at_noon_averages_to_zero_and_turns_round_in_the_south() -> None:
    start = pd.Timestamp("2021-03-21T00:00")
    seconds = np.arange(0.0, 86400.0, 60.0)
    z = background.sq(Quiet(), np.array([35.0, -35.0, 0.0]), np.zeros(3), start, seconds)
    assert z[0].argmin() / 60 == pytest.approx(11.5)
    np.testing.assert_allclose(z.mean(axis=1), 0.0, atol=1e-9)
    assert z[1].argmax() / 60 == pytest.approx(11.5)
    np.testing.assert_allclose(z[2], 0.0)
    # Nights are flat: 0 to 4 local time moves by less than a tenth of the daytime dip.
    assert np.ptp(z[0, :240]) < 0.1 * np.ptp(z[0])
    assert np.ptp(z[0]) == pytest.approx(20 * (1 - np.exp(-6)), rel=0.01)
    assert special.ive(0, 3.0) == pytest.approx(
        np.exp(3 * (np.cos(np.linspace(0, 2 * np.pi, 1000, endpoint=False)) - 1)).mean()
    )


def test_sq_is_larger_in_local_summer() -> None:
    seconds = np.arange(0.0, 86400.0, 600.0)
    at = (np.array([35.0, -35.0]), np.zeros(2))
    june = np.ptp(background.sq(Quiet(), *at, pd.Timestamp("2021-06-21"), seconds), axis=1)
    december = np.ptp(background.sq(Quiet(), *at, pd.Timestamp("2021-12-21"), seconds), axis=1)
    assert june[0] > 1.5 * december[0]
    assert december[1] > 1.5 * june[1]


def test_storm_is_the_field_of_a_uniform_source_and_its_image() -> None:
    """Compare with minus the gradient of the potential, taken by differences."""
    q, rc, a = 0.27, -100.0, 6371.2
    external = rc / (1 + q)
    internal = q * external

    def potential(r: float, colatitude: float) -> float:
        return -a * (external * (r / a) + internal * (a / r) ** 2) * np.cos(colatitude)

    lat = np.array([40.0, -30.0])
    start = pd.Timestamp("2021-05-12")
    index = pd.date_range(start - pd.Timedelta("5h"), periods=12, freq="1h")
    series = pd.Series(rc, index=index)
    got = background.storm(
        Storms(induction=q),
        series,
        lat,
        np.full(2, background.POLE[1]),
        start,
        np.array([0.0, 1800.0]),
    )
    dipole = background.dipole_latitude(lat, np.full(2, background.POLE[1]))
    for k, m in enumerate(dipole):
        theta, h = np.radians(90 - m), 1e-3
        down = (potential(a + h, theta) - potential(a - h, theta)) / (2 * h)
        north = (potential(a, theta + 1e-6) - potential(a, theta - 1e-6)) / 2e-6 / a
        # Field = -grad V: north = dV/dtheta / r, down = dV/dr. RC is the horizontal field.
        assert north == pytest.approx(rc * np.cos(np.radians(m)), rel=1e-6)
        np.testing.assert_allclose(got[k], down, rtol=1e-6)


def test_dipole_latitude_is_90_at_the_pole_and_0_a_quarter_round() -> None:
    lat, lon = background.POLE
    assert background.dipole_latitude(np.array([lat]), np.array([lon]))[0] == pytest.approx(90.0)
    equator = background.dipole_latitude(np.array([lat - 90]), np.array([lon]))[0]
    assert equator == pytest.approx(0.0, abs=1e-9)


def test_rc_is_followed_at_its_hours_without_overshoot() -> None:
    start = pd.Timestamp("2021-05-12")
    rc = pd.Series([0.0, 0, 0, -60, -60, -60], pd.date_range(start, periods=6, freq="1h"))
    t = 1800.0 + np.arange(0.0, 5 * 3600 + 1, 60)
    z = background.storm(Storms(), rc, np.array([40.0]), np.array([100.0]), start, t)[0]
    scale = z[-1] / -60
    np.testing.assert_allclose(z[::60], rc.to_numpy() * scale, atol=1e-9)
    assert z.min() >= min(0, -60 * scale) - 1e-9
    assert z.max() <= max(0, -60 * scale) + 1e-9
