import numpy as np
import pytest

from precursor_lib.decompose import boundary_reach, dwt_detrend, synchrosqueeze
from precursor_lib.errors import InputError
from precursor_lib.report import detrending, synchrosqueezing


def test_boundary_errors_equal_one_piece_by_hand():
    x = np.cumsum(np.random.default_rng(0).normal(size=2300))
    reach = boundary_reach()
    # One place alone fits: from the first multiple of 64 beyond the reach.
    frame = detrending.boundary_errors(x, 1100, ["antireflect"], bins=reach)
    whole = dwt_detrend(x)
    error = dwt_detrend(x[576:1676], mode="antireflect") - whole[576:1676]
    at_ends = np.sqrt((error[0] ** 2 + error[-1] ** 2) / 2)
    assert frame["antireflect"].iloc[0] == pytest.approx(
        at_ends / np.sqrt(np.mean(whole[reach:-reach] ** 2))
    )
    assert frame["antireflect"].iloc[-1] < 1e-9
    with pytest.raises(InputError, match="length"):
        detrending.boundary_errors(x, 1300, ["antireflect"])


def test_transients_lie_on_top_of_each_other():
    shapes = detrending.disturbances(2048)
    outputs = detrending.transients(shapes, positions=4)
    for name, x in shapes.items():
        assert outputs[name].shape == (4, 2048)
        np.testing.assert_allclose(outputs[name][0], dwt_detrend(x), atol=1e-12)
    assert np.all(np.abs(outputs["spike"]).argmax(axis=1) == 1024)
    table = detrending.transient_table(outputs)
    assert table.loc["spike", "above a tenth of it, most (s)"] == 1
    # A step keeps its height: what is left jumps by 1 at once.
    np.testing.assert_allclose(outputs["step"][:, 1024] - outputs["step"][:, 1023], 1, atol=0.03)


def test_calibration_of_a_sine():
    row = synchrosqueezing.calibration([0.05], {"Morlet": {}}, samples=1800).iloc[0]
    assert row["ridge amplitude"] == pytest.approx(1, abs=1e-3)
    assert row["energy"] == pytest.approx(1, abs=1e-3)
    # Half amplitude of a Gaussian of relative width 1/6.
    assert row["width before (Hz)"] == pytest.approx(
        0.05 * 2 * np.sqrt(2 * np.log(2)) / 6, rel=0.03
    )


def test_long_bursts_keep_their_length_and_short_ones_the_wavelets():
    frame = synchrosqueezing.burst_durations([10, 600], [0.05], {"Morlet": {}}, samples=1800)
    seen = frame.set_index("true (s)")["sum of bins (s)"]
    assert seen[600] == pytest.approx(600, rel=0.06)
    assert seen[10] > 20
    assert frame["amplitude of own bin"].iloc[1] == pytest.approx(1, abs=0.02)


def test_spectra_find_the_tone_and_its_share():
    x = np.sin(2 * np.pi * 0.02 * np.arange(3000)) + np.sin(2 * np.pi * 0.2 * np.arange(3000))
    row = synchrosqueezing.spectra({"tones": synchrosqueeze(x, 1.0, fmin=0.005)}).iloc[0]
    assert row["energy in 0.01-0.05 Hz (%)"] == pytest.approx(50, abs=3)
    peak = row["largest mean amplitude at (Hz)"]
    assert min(abs(peak / 0.02 - 1), abs(peak / 0.2 - 1)) < 0.03


def test_squeezed_noise_is_peaked_in_a_bin():
    noise = np.random.default_rng(0).normal(size=3600)
    frame = synchrosqueezing.peakedness({"noise": noise}, 1.0, bins=60, step=4)
    plain, squeezed = frame["kurtosis, one bin"]
    assert squeezed > 1.5 * plain
    assert frame["amplitude"].tolist() == ["wavelet", "synchrosqueezed"]
