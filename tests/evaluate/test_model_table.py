"""Models side by side, and the floors below them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from precursor_lib.errors import InputError
from precursor_lib.evaluate.metrics import forecast_metrics
from precursor_lib.evaluate.model_table import compare_models
from precursor_lib.forecast import Split, forecaster, predict, run_seeds, split_windows
from precursor_lib.forecast.floors import seasonal_forecasts

HOW = {"epochs": 6, "batch_size": 16, "windows_per_epoch": 96, "learning_rate": 2e-2, "threads": 1}
FLOORS = {"persistence": {}, "seasonal_naive": {"season": 40}}


def record(samples: int = 600) -> np.ndarray:
    rng = np.random.default_rng(2)
    t = np.arange(samples)
    return 20 + 5 * np.sin(2 * np.pi * t / 40) + rng.normal(size=samples)


@pytest.fixture(scope="module")
def split() -> Split:
    return split_windows(record(), 12, 3)


def test_floors_are_those_of_the_models(split: Split) -> None:
    for name, extra, season in (("persistence", {}, 1), ("seasonal_naive", {"season": 2}, 2)):
        model = forecaster(name, {"length": 12, "horizon": 3, **extra})
        np.testing.assert_array_equal(
            predict(model, split.test)[0], seasonal_forecasts(split.test, season)
        )


def test_a_season_longer_than_a_window(split: Split) -> None:
    got = seasonal_forecasts(split.training, 40)
    series, starts = split.training.series, split.training.starts
    for i in (0, 27, 28, 60):
        for h in range(3):
            at = starts[i] + 12 + h - 40
            expected = series[at] if at >= 0 else [np.nan]
            np.testing.assert_array_equal(got[i, h], expected)
    with pytest.raises(InputError, match="season 0"):
        seasonal_forecasts(split.test, 0)


def test_a_table_and_its_numbers_by_hand(split: Split) -> None:
    models = {"gru": {"width": 8, "window_norm": "last"}, "lstm": {"width": 2}}
    table = compare_models(models, split, HOW, (0, 1, 2), floors=FLOORS)
    assert table.index.tolist() == ["persistence", "seasonal_naive", "gru", "lstm"]
    assert table.attrs["windows"] == len(split.test)
    assert table.attrs["left_out"] == 0
    # A sine with noise of 1: its own season repeated has twice the variance of the noise.
    assert table.loc["seasonal_naive", "mse"] == pytest.approx(2, rel=0.25)
    targets = record()[split.test.starts[:, None] + 12 + np.arange(3)]
    last = record()[split.test.starts + 11][:, None]
    assert table.loc["persistence", "mae"] == pytest.approx(np.abs(targets - last).mean(), rel=1e-5)
    assert table.attrs["floor"] == "seasonal_naive"
    sweep = run_seeds(
        "gru",
        {"length": 12, "horizon": 3, **models["gru"]},
        split,
        HOW,
        (0, 1, 2),
        score=forecast_metrics,
        progress=False,
    )
    row = table.loc["gru"]
    for metric in ("mse", "mae", "rmse", "smape"):
        assert row[metric] == sweep.runs[metric].mean()
        assert row[f"{metric}_std"] == sweep.runs[metric].std()
    limit = table.loc["seasonal_naive", "mse"]
    assert row["skill"] == pytest.approx(1 - row["mse"] / limit)
    p = stats.ttest_1samp(sweep.runs["mse"], limit).pvalue
    assert row["floor_p"] == pytest.approx(p)
    assert row["beats_floor"] == ("open" if p >= 0.05 else "yes" if row["skill"] > 0 else "no")
    runs = table.attrs["runs"]
    assert runs["gru"] == {
        "seed": [0, 1, 2],
        **{m: sweep.runs[m].tolist() for m in ("mse", "mae", "rmse", "smape")},
    }
    assert row["mse"] < table.loc["lstm", "mse"]
    assert np.isnan(row["best_p"])
    assert table.loc["lstm", "best_p"] == pytest.approx(
        stats.ttest_rel(runs["lstm"]["mse"], runs["gru"]["mse"]).pvalue
    )
    assert table.loc["lstm", "beats_floor"] == "no"  # two features see too little of a long season
    assert table["beats_floor"]["persistence"] == ""


def test_a_grid_is_chosen_from_by_validation(split: Split, tmp_path: Path) -> None:
    stuck = {"width": 1, "training": {"learning_rate": 1e-9}}
    grids = {"gru": [stuck, {"width": 8, "window_norm": "last"}], "lstm": [{}, {"width": 2}]}
    table = compare_models(grids, split, HOW, (0,), folder=tmp_path)
    assert table.attrs["settings"]["gru"]["width"] == 8
    assert table.attrs["training"]["gru"]["learning_rate"] == HOW["learning_rate"]
    assert table.loc["gru", "parameters"] == sum(
        p.numel() for p in forecaster("gru", table.attrs["settings"]["gru"]).parameters()
    )
    assert table.loc["gru", "beats_floor"] == "open"  # one run has no spread
    assert np.isnan(table.loc["gru", ["mse_std", "floor_p"]].astype(float)).all()
    again = compare_models(grids, split, HOW, (0,), folder=tmp_path)
    assert again.equals(table)


def test_two_forms_of_one_model(split: Split) -> None:
    forms = {"small": {"model": "gru", "width": 1}, "large": {"model": "gru", "width": 3}}
    table = compare_models(forms, split, HOW, (0,))
    alone = compare_models({"gru": {"width": 3}}, split, HOW, (0,))
    assert table.loc["large"].equals(alone.loc["gru"].rename("large"))
    assert table.loc["small", "parameters"] < table.loc["large", "parameters"]
    with pytest.raises(InputError, match=r"a: expected one model, not \['gru', 'lstm'\]"):
        compare_models({"a": [{"model": "gru"}, {"model": "lstm"}]}, split, HOW, (0,))


def test_windows_without_a_season_before_them_are_left_out(split: Split) -> None:
    series = split.test.series.copy()
    hole = int(split.test.starts[20]) + 12 - 40
    series[hole] = np.nan  # before the test part: in no test window
    holed = replace(split, test=replace(split.test, series=series))
    table = compare_models({"gru": {"width": 1}}, holed, HOW, (0,), floors=FLOORS)
    assert table.attrs["left_out"] == 3  # it is one of three steps of three windows
    assert table.attrs["windows"] == len(split.test) - 3


def test_bad_comparisons(split: Split) -> None:
    model = {"gru": {"width": 1}}
    for models, named, message in (
        ({}, {}, "models {}: expected one or more"),
        ({"gru": [{"width": 1}, {"width": 2}], "lstm": {}}, {}, "grids of one size"),
        (model, {"floors": ()}, "floors: expected at least one"),
        (model, {"floors": ("persistance",)}, "the nearest is 'persistence'"),
        (model, {"floors": ("seasonal_naive",)}, r"expected the settings \['season'\]"),
        (model, {"floors": {"seasonal_naive": {"season": 9999}}}, "no test window has"),
    ):
        with pytest.raises(InputError, match=message):
            compare_models(models, split, HOW, (0,), **named)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
