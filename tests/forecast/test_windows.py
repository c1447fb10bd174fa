"""Windows: where they lie, what they share, how they are scaled, and forecasts of a record."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.forecast import Scaler, Windows, forecaster, predict_record, split_windows


@given(
    total=st.integers(60, 300),
    length=st.integers(1, 12),
    horizon=st.integers(1, 4),
    gap=st.one_of(st.none(), st.integers(0, 20)),
    stride=st.integers(1, 5),
    missing=st.integers(0, 8),
    seed=st.integers(0, 1000),
)
def test_split(
    total: int, length: int, horizon: int, gap: int | None, stride: int, missing: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(3, 2, size=(2, total))
    values[rng.integers(0, 2, missing), rng.integers(0, total, missing)] = np.nan
    try:
        split = split_windows(
            values, length, horizon, validation=0.2, test=0.25, gap=gap, stride=stride
        )
    except InputError:
        assume(False)
    touched = []
    for part, (first, end) in zip(
        (split.training, split.validation, split.test), split.bounds, strict=True
    ):
        possible = range(first, end - length - horizon + 1, stride)
        whole = [i for i in possible if np.isfinite(values[:, i : i + length + horizon]).all()]
        assert part.starts.tolist() == whole
        assert part.left_out == len(possible) - len(whole)
        touched.append({i + j for i in whole for j in range(length + horizon)})
    between = length + horizon if gap is None else gap
    for earlier, later in pairwise(touched):
        assert min(later) - max(earlier) > between
    assert max(touched[2]) < total
    # Scaled by what training holds, and back.
    known = values[:, : split.bounds[0][1]]
    mean, spread = np.nanmean(known, axis=1), np.nanstd(known, axis=1)
    x, y = split.test.batch([0])
    start = split.test.starts[0]
    expected = ((values - mean[:, None]) / spread[:, None])[:, start : start + length + horizon].T
    np.testing.assert_allclose(torch.cat([x, y], dim=1)[0], expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        split.scaler.invert(y[0].numpy()).T,
        values[:, start + length : start + length + horizon],
        rtol=1e-4,
        atol=1e-4,
    )


def test_nothing_after_training_can_change_it() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=400)
    one = split_windows(values, 10, 2)
    values[one.bounds[0][1] :] = 1e6
    other = split_windows(values, 10, 2)
    for i, batch in enumerate(one.training.batches(64)):
        for ours, theirs in zip(batch, list(other.training.batches(64))[i], strict=True):
            assert torch.equal(ours, theirs)


def test_windows_are_not_copied() -> None:
    series = np.zeros((100_000, 1), dtype=np.float32)
    windows = Windows.within(series, 1000, 10)
    assert windows.series is series
    assert len(windows) == 98_991
    assert [len(x) for x, _ in windows.batches(50_000)] == [50_000, 48_991]


def test_report_says_what_was_left_out() -> None:
    values = np.sin(np.arange(200.0))
    values[50] = np.nan
    report = split_windows(values, 5, 1, gap=0).report
    assert report[0] == "training: 129 windows in samples 0 to 139, 6 left out for gaps"
    assert report[2] == "test: 25 windows in samples 170 to 199, 0 left out for gaps"


@pytest.mark.parametrize(
    ("values", "settings", "message"),
    [
        (np.ones(200), {}, "channel 0 does not vary"),
        (np.full(200, 0.1) + 1e-18, {}, "does not vary"),
        (np.arange(50.0), {}, "validation: 0 of 50 samples; a window needs 11"),
        (np.arange(200.0), {"test": 0.9}, "leave nothing to train on"),
        (np.arange(200.0), {"test": 1.5}, "test 1.5: expected a share"),
        (np.arange(200.0), {"gap": -1}, "gap -1"),
        (np.arange(200.0), {"stride": 0}, "stride 0"),
        (np.zeros((2, 2, 2)), {}, r"expected \(channel, time\)"),
        (np.r_[np.arange(200.0), np.inf], {}, "not infinity"),
        (
            np.r_[np.arange(150.0), np.full(50, np.nan)],
            {},
            "validation: each of 9 windows has a gap",
        ),
        (np.full(200, np.nan), {}, "two samples or more"),
    ],
)
def test_bad_input(values: np.ndarray, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        split_windows(values, 10, 1, **settings)


def test_a_record_is_forecast_block_by_block() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(5, 3, size=(2, 50))
    values[1, 20] = np.nan
    model = forecaster("seasonal_naive", {"length": 6, "horizon": 4, "channels": 2, "season": 6})
    got = predict_record(model, values, Scaler.fit(values))
    assert np.isnan(got[:, :6]).all()
    assert np.isfinite(got[:, 6:22]).all()  # the gap is to be forecast in the block 18 to 21
    assert np.isnan(got[:, 22:30]).all()  # and seen from the blocks 22 to 25 and 26 to 29
    assert np.isfinite(got[:, 30:50]).all()
    for block in (6, 18, 30, 46):
        np.testing.assert_allclose(
            got[:, block : block + 4], values[:, block - 6 : block - 2], rtol=1e-5
        )
    with pytest.raises(InputError, match="expected 2 channels, not 1"):
        predict_record(model, values[0], Scaler.fit(values[0]))
    with pytest.raises(InputError, match="expected 10 or more"):
        predict_record(model, values[:, :9], Scaler.fit(values))
