"""The VMD-Pyraformer chain on small records of known content."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pydantic import ValidationError

from precursor_lib.decompose import vmd
from precursor_lib.errors import InputError
from precursor_lib.evaluate.look_ahead import causal_errors, causal_spans
from precursor_lib.forecast import predict
from precursor_lib.pipelines.lushan import run_station, run_stations, samples_a_day
from precursor_lib.pipelines.lushan_chain import GEOMAGNETIC, STRAIN, LushanChain

DAYS, RATE = 40, 144
SMALL = LushanChain(
    modes=3,
    kept=(2, 3),
    length=24,
    horizon=6,
    grid=({"width": 8, "heads": 2, "strides": (4,), "layers": 1},),
    training={
        "epochs": 2,
        "windows_per_epoch": 512,
        "batch_size": 64,
        "learning_rate": 5e-3,
        "threads": 1,
    },
)


def record(seed: int = 0, packets: tuple[int, ...] = (), days: int = DAYS) -> xr.DataArray:
    """A trend, a daily and a two-hour wave and noise, at ten minutes; packets of an hour."""
    rng = np.random.default_rng(seed)
    n = days * RATE
    t = np.arange(n) / RATE
    x = 0.5 * t + 5 * np.sin(2 * np.pi * t) + np.sin(2 * np.pi * 12 * t) + rng.normal(0, 0.3, n)
    for day in packets:
        where = slice(day * RATE + 20, day * RATE + 50)
        x[where] += 8 * rng.normal(size=30)
    times = pd.date_range("2013-01-01", periods=n, freq="10min").to_numpy()
    return xr.DataArray(
        x, dims="time", coords={"time": times.astype("datetime64[ns]"), "station": "A"}
    )


@pytest.fixture(scope="module")
def plain():
    return run_station(record(), SMALL)


def test_a_source_in_the_test_is_found_on_its_days_alone():
    days = (25, 31)
    run = run_station(record(packets=days), SMALL.with_(factor=4.0))
    found = run.test_days()
    expected = [pd.Timestamp("2013-01-01") + pd.Timedelta(days=d) for d in days]
    # Beijing days begin eight hours before; the packets end at 08:20 UTC.
    assert list(found.index[found["anomalous"]]) == expected


def test_without_a_source_points_are_as_rare_as_residuals_of_the_reference(plain):
    first, last = plain.bounds[1]
    size = np.abs(plain.residual)
    assert plain.scale == pytest.approx(np.nanmean(size[first:last]))
    share = plain.points[plain.bounds[2][0] :].mean()
    reference = np.nanmean(size[first:last] > SMALL.factor * plain.scale)
    assert abs(share - reference) < 0.02


def test_the_signal_is_the_sum_of_the_kept_modes_of_the_whole_record(plain):
    x = record().values
    modes = vmd(x - x.mean(), 3, 5000.0).modes
    np.testing.assert_allclose(plain.signal, modes[1:].sum(axis=0), atol=1e-8)
    np.testing.assert_allclose(plain.residual, plain.signal - plain.forecast)


def test_parts_follow_each_other_and_test_days_lie_in_the_test(plain):
    (a, b), (c, d), (e, f) = plain.bounds
    assert 0 == a < b < c < d < e < f == DAYS * RATE
    first = plain.test_days().index[0]
    assert pd.Timestamp(plain.times[e]) + pd.Timedelta(hours=8) <= first
    assert plain.test_days()["cumulative"].iloc[-1] == plain.test_days()["anomalous"].sum()


def test_later_samples_change_neither_the_windows_nor_the_scale_of_training(plain):
    assert plain.split.scaler.mean[0] == pytest.approx(plain.signal[slice(*plain.bounds[0])].mean())


def test_a_run_that_goes_on_from_its_checkpoints_is_the_same(tmp_path, plain):
    short = SMALL.with_(training={**dict(SMALL.training), "epochs": 1})
    run_station(record(), short, folder=tmp_path)
    whole = run_station(record(), SMALL, folder=tmp_path)
    again = run_station(record(), SMALL, folder=tmp_path)
    np.testing.assert_array_equal(whole.forecast, plain.forecast)
    np.testing.assert_array_equal(again.forecast, plain.forecast)
    # Another chain has a folder of its own; the finished training was read, not repeated.
    assert len(list(tmp_path.iterdir())) == 2
    assert again.training.seconds == whole.training.seconds


def test_a_gap_is_bridged_and_left_out_of_windows_points_and_days(plain):
    holed = record()
    gap = slice(30 * RATE, 32 * RATE)
    holed[gap] = np.nan
    run = run_station(holed, SMALL)
    assert np.isnan(run.signal[gap]).all() and not run.points[gap].any()
    reach = slice(30 * RATE, 32 * RATE + SMALL.length)
    assert np.isnan(run.residual[reach]).all()
    day = pd.Timestamp("2013-02-01")
    assert day in plain.days.index and day not in run.days.index
    assert any("288 samples" in line for line in run.report)
    assert np.isfinite(run.modes).all()


def test_stations_are_run_one_by_one():
    both = xr.concat([record(1), record(2).assign_coords(station="B")], dim="station")
    runs = run_stations(both, SMALL, progress=False)
    assert list(runs) == ["A", "B"]
    alone = run_station(both.isel(station=1), SMALL)
    np.testing.assert_array_equal(runs["B"].forecast, alone.forecast)


def test_segments_give_other_modes_of_the_same_sum():
    run = run_station(record(days=30), SMALL.with_(decomposition="segments"))
    whole = run_station(record(days=30), SMALL)
    assert not np.allclose(run.signal, whole.signal, atol=1e-3)
    assert np.corrcoef(run.signal, whole.signal)[0, 1] > 0.9


def test_validation_chooses_from_a_grid():
    grid = (
        {"width": 8, "heads": 2, "strides": (4,), "layers": 1},
        {"width": 4, "heads": 1, "strides": (4,), "layers": 1},
    )
    run = run_station(record(days=30), SMALL.with_(grid=grid))
    assert len(run.choice) == 2
    parameters = run.choice.loc[run.choice["chosen"], "parameters"].item()
    assert run.model.parameter_count == parameters


def test_causal_windows_know_nothing_that_comes_later(plain):
    part, window = plain.split.test, 3 * RATE
    whole, causal = causal_spans(plain, SMALL, part, window, 20, seed=1)
    np.testing.assert_array_equal(whole[:, SMALL.length :], causal[:, SMALL.length :])
    first = part.starts[part.starts + SMALL.length >= window][:20]
    assert whole.shape == (20, 30) and len(first) == 20
    # Alter everything after one block's beginning: the window before it must not change.
    begin = int(np.flatnonzero(np.isin(plain.signal, whole[0, SMALL.length]))[0])
    altered = plain.record.copy()
    altered[begin:] += 100.0
    other = type(plain)(**{**vars(plain), "record": altered})
    _, same = causal_spans(other, SMALL, part, window, 20, seed=1)
    np.testing.assert_array_equal(same[0, : SMALL.length], causal[0, : SMALL.length])


def test_errors_of_causal_forecasts_against_the_model_run_by_hand(plain):
    found = causal_errors(plain, SMALL, window=3 * RATE, blocks=10_000, training_blocks=500)
    forecasts, targets = predict(plain.model, plain.split.test)
    spread = plain.split.scaler.spread[0]
    by_hand = spread * np.sqrt(np.mean((forecasts - targets) ** 2))
    assert found["whole"] == pytest.approx(by_hand, rel=1e-5)
    assert found["causal"] > found["whole"]
    assert np.isfinite(list(found.values())).all()


def test_the_paper_s_settings():
    assert (GEOMAGNETIC.modes, GEOMAGNETIC.alpha, GEOMAGNETIC.kept) == (5, 5000.0, (4, 5))
    assert STRAIN.kept == (2, 3, 4, 5)
    assert 40 <= GEOMAGNETIC.day_points <= 50 and 20 <= STRAIN.day_points <= 30
    assert 2 <= GEOMAGNETIC.factor <= 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kept": (4, 6)}, "modes of 1 to 3"),
        ({"kept": (2, 2)}, "each once"),
        ({"training_share": 0.8, "validation_share": 0.3}, "nothing to test"),
        ({"factor": 0}, "greater than 0"),
        ({"mdoes": 3}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, words):
    with pytest.raises(ValidationError, match=words):
        SMALL.with_(**changes)


def test_records_that_cannot_be_are_refused():
    one = record(days=20)
    with pytest.raises(InputError, match="dimension time alone"):
        run_station(one.expand_dims("station"), SMALL)
    with pytest.raises(InputError, match="holds no value"):
        run_station(one * np.nan, SMALL)
    with pytest.raises(InputError, match="equal, rising steps"):
        run_station(one[np.r_[0:50, 60:2000]], SMALL)
    with pytest.raises(InputError, match="training"):
        run_station(one[:60], SMALL)
    with pytest.raises(InputError, match="time and station"):
        run_stations(one, SMALL)
    with pytest.raises(InputError, match="workers 0"):
        run_stations(one.expand_dims("station"), SMALL, workers=0)


def test_the_rate_is_that_of_the_step():
    assert samples_a_day(record().time.values) == RATE


def test_look_ahead_refuses_what_it_cannot_do(plain):
    with pytest.raises(InputError, match="expected 'whole'"):
        causal_spans(
            plain, SMALL.with_(decomposition="segments"), plain.split.test, 3 * RATE, 5, seed=0
        )
    with pytest.raises(InputError, match="48 samples"):
        causal_spans(plain, SMALL, plain.split.test, 30, 5, seed=0)
    with pytest.raises(InputError, match="no block"):
        causal_spans(plain, SMALL, plain.split.training, 30 * RATE, 5, seed=0)
