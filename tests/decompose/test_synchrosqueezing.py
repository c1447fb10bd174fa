import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precursor_lib.decompose import synchrosqueeze, wavelet_transform
from precursor_lib.errors import InputError

N = 3000
T = np.arange(N)
MIDDLE = slice(900, 2100)
BINS = {"fmin": 0.005, "fmax": 0.5, "n_frequencies": 80}


def noise(n=N, seed=0):
    return np.random.default_rng(seed).normal(size=n)


def smooth(n=N, seed=0, fmax=0.2):
    """Noise without what lies near half the rate, where wavelets are cut off and ring."""
    spectrum = np.fft.rfft(noise(n, seed))
    spectrum[np.fft.rfftfreq(n) > fmax] = 0
    return np.fft.irfft(spectrum, n)


@pytest.mark.parametrize("wavelet", ["morlet", "gmw"])
@pytest.mark.parametrize("frequency", [0.006, 0.02, 0.0713, 0.25, 0.45])
def test_a_unit_sine_has_a_unit_ridge(wavelet, frequency):
    x = np.sin(2 * np.pi * frequency * T + 0.3)
    squeezed = synchrosqueeze(x, 1.0, wavelet=wavelet, **BINS)
    found, amplitude = squeezed.ridge()
    width = np.log(squeezed.frequency[1] / squeezed.frequency[0])
    assert np.abs(np.log(found[MIDDLE] / frequency)).max() <= 0.5 * width + 1e-6
    # Next to half the rate the wavelet's spectrum is cut off, and its tails reach to the ends.
    tolerance = 5e-3 if frequency > 0.4 else 1e-3
    np.testing.assert_allclose(amplitude[MIDDLE], 1, atol=tolerance)
    # What is not on the ridge is next to nothing, so energy is kept.
    np.testing.assert_allclose((squeezed.amplitude[:, MIDDLE] ** 2).sum(axis=0), 1, atol=1e-2)
    np.testing.assert_allclose(squeezed.inverse()[MIDDLE], x[MIDDLE], atol=5e-4)


def test_a_tone_between_two_bins_keeps_its_amplitude_in_the_ridge():
    squeezed = synchrosqueeze(np.cos(2 * np.pi * 0.05 * T), 1.0, **BINS)
    border = np.sqrt(squeezed.frequency[40] * squeezed.frequency[41])
    x = np.cos(2 * np.pi * border * T) * (1 + 0.05 * np.cos(2 * np.pi * 0.002 * T))
    squeezed = synchrosqueeze(x, 1.0, **BINS)
    _, amplitude = squeezed.ridge()
    expected = 1 + 0.05 * np.cos(2 * np.pi * 0.002 * T)
    np.testing.assert_allclose(amplitude[MIDDLE], expected[MIDDLE], atol=5e-3)


@pytest.mark.parametrize("wavelet", ["morlet", "gmw"])
def test_chirp_ridge_within_one_percent(wavelet):
    # Log-linear from 0.02 to 0.2 Hz.
    rate = np.log(10) / N
    truth = 0.02 * np.exp(rate * T)
    x = np.cos(2 * np.pi * (truth - truth[0]) / rate)
    frequencies = np.geomspace(0.01, 0.4, 600)
    squeezed = synchrosqueeze(x, 1.0, wavelet=wavelet, frequencies=frequencies)
    found, amplitude = squeezed.ridge(half_width=10)
    assert np.abs(found / truth - 1)[MIDDLE].max() < 0.01
    np.testing.assert_allclose(amplitude[MIDDLE], 1, atol=0.02)


def test_two_tones_come_apart():
    x = np.sin(2 * np.pi * 0.02 * T) + 0.3 * np.sin(2 * np.pi * 0.1 * T)
    squeezed = synchrosqueeze(x, 1.0, **BINS)
    _, low = squeezed.ridge(fmax=0.045)
    _, high = squeezed.ridge(fmin=0.045)
    np.testing.assert_allclose(low[MIDDLE], 1, atol=0.01)
    np.testing.assert_allclose(high[MIDDLE], 0.3, atol=0.01)
    part = squeezed.inverse(fmin=0.045)
    np.testing.assert_allclose(part[MIDDLE], 0.3 * np.sin(2 * np.pi * 0.1 * T[MIDDLE]), atol=0.01)


@pytest.mark.parametrize("wavelet", ["morlet", "gmw"])
@pytest.mark.parametrize("n", [2999, 3000])
def test_band_limited_noise_comes_back(wavelet, n):
    spectrum = np.fft.rfft(noise(n))
    f = np.fft.rfftfreq(n)
    spectrum[(f < 0.02) | (f > 0.25)] = 0
    x = np.fft.irfft(spectrum, n)
    squeezed = synchrosqueeze(x, 1.0, wavelet=wavelet, **BINS)
    error = squeezed.inverse() - x
    assert error[MIDDLE].std() < 0.01 * x.std()
    assert squeezed.inverse()[MIDDLE].var() == pytest.approx(x[MIDDLE].var(), rel=0.01)


def morlet_by_hand(x, frequency, mu=6.0):
    """The integral over time, with the wavelet written down in time."""
    s = mu / (2 * np.pi * frequency)
    t = np.arange(-int(6 * s), int(6 * s) + 1)
    envelope = np.exp(-0.5 * (t / s) ** 2)
    wave = envelope * (np.exp(1j * mu * t / s) - np.exp(-0.5 * mu**2))
    # Unit response to a unit sine: half its amplitude turns the right way.
    wave *= 2 / (s * np.sqrt(2 * np.pi) * (1 - np.exp(-(mu**2))))
    return np.convolve(x, wave, mode="same")


def test_transform_equals_the_integral_by_hand():
    x = noise()
    frequencies = np.array([0.02, 0.05, 0.055, 0.13])
    fast = wavelet_transform(x, 1.0, frequencies)
    # Where the record's ends do not reach: six standard deviations of the longest wavelet.
    inside = slice(400, -400)
    for row, f in zip(fast, frequencies, strict=True):
        slow = morlet_by_hand(x - x.mean(), f)
        np.testing.assert_allclose(row[inside], slow[inside], atol=2e-4)


def test_squeezing_equals_the_rule_by_hand():
    """The same record through a plain sum over scales, coefficient by coefficient."""
    x = smooth(1000)
    bins = np.geomspace(0.04, 0.2, 12)
    squeezed = synchrosqueeze(x, 1.0, frequencies=bins, voices=8)
    # The same scales: from where the highest bin is last seen on, eight an octave.
    w_range = np.geomspace(0.01, 60, 2_000_001)
    spectrum = np.exp(-0.5 * (w_range - 6) ** 2) - np.exp(-18) * np.exp(-0.5 * w_range**2)
    counts = w_range[spectrum > 1e-5 * spectrum.max()]
    integral = np.trapezoid(spectrum, np.log(w_range))
    high, low = bins[-1] * 6 / counts[0], bins[0] * 6 / counts[-1]
    centres = high * 2 ** (-np.arange(np.ceil(8 * np.log2(high / low)) + 1) / 8)
    pad = 3000
    padded = np.pad(x - x.mean(), pad, mode="reflect")
    omega = 2 * np.pi * np.fft.fftfreq(padded.size)
    xh = np.fft.fft(padded)
    total = np.zeros((bins.size, x.size), complex)
    ratio = np.sqrt(bins[1] / bins[0])
    for f in centres:
        a = 6 / (2 * np.pi * f) * omega
        psi = np.where(omega >= 0, np.exp(-0.5 * (a - 6) ** 2) - np.exp(-18 - 0.5 * a**2), 0)
        w = np.fft.ifft(xh * psi)[pad:-pad]
        dw = np.fft.ifft(1j * omega * xh * psi)[pad:-pad]
        with np.errstate(all="ignore"):
            turn = np.abs((dw / w).imag) / (2 * np.pi)
        for k, b in enumerate(bins):
            here = (turn >= b / ratio) & (turn < b * ratio)
            total[k, here] += w[here] * 2 * np.log(2) / 8 / integral
    inside = slice(300, -300)
    same = np.isclose(squeezed.coefficients[:, inside], total[:, inside], atol=5e-3)
    # A coefficient at a border may fall to either side by rounding.
    assert same.mean() > 0.995


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-6, 1e6), st.integers(0, 50), st.sampled_from([400, 401]))
def test_amplitude_scales_with_the_record(factor, seed, n):
    x = noise(n, seed)
    one = synchrosqueeze(x, 1.0, n_frequencies=30, fmin=0.02)
    other = synchrosqueeze(factor * x, 1.0, n_frequencies=30, fmin=0.02)
    np.testing.assert_allclose(other.amplitude, factor * one.amplitude, atol=1e-6 * factor)


def test_a_constant_added_changes_nothing_and_constants_are_zero():
    x = noise()
    one, other = (synchrosqueeze(v, 1.0, **BINS) for v in (x, x + 5e4))
    # Rounding of 5e4 moves a few coefficients over a border.
    assert np.isclose(one.amplitude, other.amplitude, atol=1e-6).mean() > 0.999
    for value in (0.0, 5e4, 0.1):
        assert np.abs(synchrosqueeze(np.full(500, value), 1.0).amplitude).max() < 1e-9


def test_time_reversal_reverses_the_amplitude():
    x = smooth(801)
    forth = synchrosqueeze(x, 1.0, fmin=0.02).amplitude
    back = synchrosqueeze(x[::-1], 1.0, fmin=0.02).amplitude[:, ::-1]
    inside = slice(200, -200)
    # Rounding moves a few coefficients over a border.
    assert np.isclose(forth[:, inside], back[:, inside], atol=2e-3).mean() > 0.999


def test_batches_and_blocks_and_precision():
    x = noise(6 * 1003).reshape(2, 3, 1003)
    whole = synchrosqueeze(x, 2.0, fmin=0.02, n_frequencies=40)
    assert whole.amplitude.shape == whole.coefficients.shape == (2, 3, 40, 1003)
    alone = synchrosqueeze(x[1, 2], 2.0, fmin=0.02, n_frequencies=40)
    np.testing.assert_array_equal(whole.amplitude[1, 2], alone.amplitude)
    np.testing.assert_array_equal(whole.amplitude, np.abs(whole.coefficients))
    blocks = synchrosqueeze(x, 2.0, fmin=0.02, n_frequencies=40, step=10)
    assert blocks.coefficients is None
    by_hand = whole.amplitude[..., :1000].reshape(2, 3, 40, 100, 10).mean(axis=-1)
    np.testing.assert_allclose(blocks.amplitude, by_hand)
    np.testing.assert_allclose(blocks.time, (np.arange(100) * 10 + 4.5) / 2)
    single = synchrosqueeze(x, 2.0, fmin=0.02, n_frequencies=40, dtype="float32")
    assert single.amplitude.dtype == np.float32
    assert single.coefficients.dtype == np.complex64
    assert np.isclose(single.amplitude, whole.amplitude, atol=1e-4).mean() > 0.99
    np.testing.assert_allclose(single.inverse(), whole.inverse(), atol=0.02)


def test_repeatable():
    x = noise(500)
    a, b = synchrosqueeze(x, 1.0), synchrosqueeze(x, 1.0)
    np.testing.assert_array_equal(a.coefficients, b.coefficients)


def test_rate_only_renames_the_axes():
    x = noise(500)
    a = synchrosqueeze(x, 1.0, fmin=0.02)
    b = synchrosqueeze(x, 100.0, fmin=2.0)
    assert np.isclose(a.amplitude, b.amplitude, atol=1e-6).mean() > 0.999
    np.testing.assert_allclose(b.frequency, 100 * a.frequency)
    np.testing.assert_allclose(b.cone, a.cone / 100)


def test_what_lies_outside_the_bins_is_not_gathered_at_their_edge():
    x = np.sin(2 * np.pi * 0.3 * T)
    squeezed = synchrosqueeze(x, 1.0, fmin=0.01, fmax=0.1)
    assert squeezed.amplitude[:, MIDDLE].max() < 1e-6


def test_cone_of_influence():
    squeezed = synchrosqueeze(noise(), 1.0, **BINS)
    # Torrence and Compo: sqrt(2) times the scale, which is mu / (2 pi f).
    np.testing.assert_allclose(
        squeezed.cone, np.sqrt(2) * 6 / (2 * np.pi * squeezed.frequency), rtol=1e-3
    )
    mask = squeezed.edge_mask()
    assert mask.shape == (80, N)
    row = np.argmin(np.abs(squeezed.frequency - 0.02))
    assert mask[row].sum() == pytest.approx(2 * squeezed.cone[row], abs=2)
    assert not mask[:, N // 2].any()
    # Twice the wavelet's power spread, in the time domain, for the Morse wavelet.
    morse = synchrosqueeze(noise(), 1.0, wavelet="gmw", **BINS)
    impulse = np.zeros(N)
    impulse[N // 2] = 1
    shape = np.abs(wavelet_transform(impulse, 1.0, squeezed.frequency[:2], wavelet="gmw")[0]) ** 2
    spread = np.sqrt(np.sum(shape * (T - N // 2) ** 2) / shape.sum())
    assert morse.cone[0] == pytest.approx(2 * spread, rel=0.02)


def test_the_ends_matter_inside_the_cone_and_hardly_beyond():
    x = np.cumsum(noise(9000, seed=4))
    x = x - np.convolve(x, np.ones(301) / 301, mode="same")
    whole = wavelet_transform(x, 1.0, np.array([0.01, 0.02]))[:, 3000:6000]
    cut = wavelet_transform(x[3000:6000], 1.0, np.array([0.01, 0.02]))
    difference = np.abs(whole - cut) / np.abs(whole).mean(axis=1, keepdims=True)
    cone = round(np.sqrt(2) * 6 / (2 * np.pi * 0.01))
    assert difference[0, :cone].max() > 0.1
    assert difference[0, 3 * cone : -3 * cone].max() < 0.01


def test_frequencies_need_not_be_logarithmic():
    frequencies = np.arange(0.01, 0.2, 0.003)
    squeezed = synchrosqueeze(np.sin(2 * np.pi * 0.1 * T), 1.0, frequencies=frequencies)
    found, amplitude = squeezed.ridge()
    assert np.abs(found[MIDDLE] - 0.1).max() < 0.002
    np.testing.assert_allclose(amplitude[MIDDLE], 1, atol=2e-3)
    irregular = np.array([0.01, 0.011, 0.05, 0.2])
    assert wavelet_transform(noise(), 1.0, irregular).shape == (4, N)


def test_equals_ssqueezepy():
    ssqueezepy = pytest.importorskip("ssqueezepy")
    from ssqueezepy.utils import adm_ssq

    x = noise(2048) + np.sin(2 * np.pi * 0.05 * np.arange(2048))
    x -= x.mean()
    inside = slice(500, -500)
    for name, chosen in (("morlet", {"mu": 6.0}), ("gmw", {"gamma": 3.0, "beta": 20.0})):
        wavelet = ssqueezepy.Wavelet((name, {**chosen, "dtype": "float64"}))
        centre = 6.0 if name == "morlet" else (20 / 3) ** (1 / 3)
        frequencies = np.geomspace(0.02, 0.35, 60)
        scales = centre / (2 * np.pi * frequencies[::-1])
        theirs, _ = ssqueezepy.cwt(x, wavelet, scales=scales)
        theirs = theirs[::-1] * 2 / float(wavelet.fn(np.array([centre]))[0])
        ours = wavelet_transform(x, 1.0, frequencies, wavelet=name, parameters=chosen)
        # Morlet's peak lies a hair below mu.
        np.testing.assert_allclose(ours[:, inside], theirs[:, inside], atol=2e-3)

        squeezed = synchrosqueeze(
            x, 1.0, wavelet=name, parameters=chosen, frequencies=frequencies, voices=32
        )
        number = 32 * 6
        scales = centre / (2 * np.pi * 1.2) * 2 ** (np.arange(number) / 32)
        known, *_ = ssqueezepy.ssq_cwt(
            x, wavelet, scales=scales, fs=1.0, ssq_freqs=np.geomspace(0.02, 0.35, number)
        )
        known = known[::-1] * 2 / adm_ssq(wavelet)
        # Bins differ, so bands are compared: the tone's, and one of noise alone.
        for low, high in ((0.045, 0.055), (0.15, 0.3)):
            f = np.geomspace(0.02, 0.35, number)
            band = known[(f >= low) & (f <= high)].sum(axis=0).real[inside]
            own = squeezed.inverse(low, high)[inside]
            assert np.corrcoef(band, own)[0, 1] > 0.97
            assert own.std() == pytest.approx(band.std(), rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": np.r_[np.zeros(20), np.nan]}, r"sample \(20,\) is nan"),
        ({"x": np.zeros(4)}, "8 samples or more"),
        ({"rate": 0.0}, "rate"),
        ({"wavelet": "morlett"}, "nearest is 'morlet'"),
        ({"parameters": {"beta": 3}}, "parameter of morlet 'beta'"),
        ({"parameters": {"mu": -1}}, "positive"),
        ({"dtype": "float16"}, "dtype"),
        ({"fmin": 0.3, "fmax": 0.2}, "fmin < fmax"),
        ({"fmin": 0.001}, "one period in the"),
        ({"fmax": 0.6}, "half the rate"),
        ({"frequencies": [0.1]}, "two or more"),
        ({"frequencies": [0.1, 0.2], "fmin": 0.1}, "either"),
        ({"step": 0}, "step"),
        ({"voices": 1}, "voices"),
        ({"step": 2, "keep_coefficients": True}, "keep_coefficients"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        synchrosqueeze(**({"x": noise(200), "rate": 1.0} | arguments))


def test_what_needs_coefficients_says_so():
    squeezed = synchrosqueeze(noise(200), 1.0, step=2)
    with pytest.raises(InputError, match="coefficients"):
        squeezed.inverse()
    whole = synchrosqueeze(noise(200), 1.0)
    with pytest.raises(InputError, match="no frequency between"):
        whole.ridge(fmin=2.0)
    with pytest.raises(InputError, match="half_width"):
        whole.ridge(half_width=-1)
