"""Figures of decompositions: what is drawn, and in which colour."""

import numpy as np
import pandas as pd

from precursor_lib.decompose import select_imfs
from precursor_lib.report import modes
from precursor_lib.report.style import COLOURS


def example():
    return np.random.default_rng(0).standard_t(4, size=(5, 2, 200))


def test_modes_by_channel_shows_record_modes_and_rest():
    imfs = example()
    keep = np.zeros((5, 2), dtype=bool)
    keep[1, 0] = True
    figure = modes.modes_by_channel(imfs, ["a", "b"], keep=keep, rows=3, rate=2.0)
    lines = [axis.lines[0] for axis in figure.axes]
    assert len(lines) == 10
    np.testing.assert_allclose(lines[0].get_ydata(), imfs.sum(axis=0)[0])
    np.testing.assert_allclose(lines[4].get_ydata(), imfs[1, 0])
    np.testing.assert_allclose(lines[9].get_ydata(), imfs[3:, 1].sum(axis=0))
    np.testing.assert_allclose(lines[0].get_xdata(), np.arange(200) / 120)
    assert lines[4].get_color() == COLOURS["blue"]
    assert lines[5].get_color() == COLOURS["grey"]
    assert figure.axes[8].get_ylabel() == "rest"
    whole = modes.modes_by_channel(imfs, ["a", "b"])
    assert whole.axes[10].get_ylabel() == "residue"


def test_selection_planes_count_what_is_kept():
    found = select_imfs(example())
    figure = modes.selection_planes({"rule": found})
    refused, kept = figure.axes[0].collections[:2]
    assert len(kept.get_offsets()) == found.keep.sum()
    assert len(refused.get_offsets()) == 8 - found.keep.sum()
    assert figure.axes[0].get_title(loc="left") == f"rule: {found.keep.sum()} of 8 kept"


def test_lines_of_noise_and_of_end_errors():
    rates = pd.DataFrame(
        {"exponent": [0.0, 0.0, 1.0], "period": [3.0, 6.0, 3.0], "kurtosis": [0, 0.5, 1]}
    ).assign(share=0.25)
    figure = modes.noise_pass_figure(rates, {0.0: "white", 1.0: "pink"})
    assert [line.get_label() for line in figure.axes[1].lines] == ["white", "pink"]
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [0, 0.5])
    figure = modes.end_error_figure({"case": (np.arange(3.0), np.array([0.4, 0.1, 0.02]))})
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [0.4, 0.1, 0.02])
