"""The choice of a model by validation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.evaluate.metrics import forecast_metrics
from precursor_lib.forecast import (
    Split,
    choose_model,
    predict,
    run_seeds,
    split_windows,
    train,
    trained_model,
    tuning,
)

HOW = {"epochs": 2, "batch_size": 16, "windows_per_epoch": 64, "learning_rate": 1e-2}


def record(samples: int = 500) -> np.ndarray:
    rng = np.random.default_rng(1)
    t = np.arange(samples)
    return np.sin(2 * np.pi * t / 12) + 0.1 * rng.normal(size=samples)


@pytest.fixture(scope="module")
def split() -> Split:
    return split_windows(record(), 16, 2)


def test_the_rule_by_hand() -> None:
    """Three entries, two seeds, four windows in two blocks."""
    losses = np.array(
        [
            [[3.0, 3.2, 3.1, 3.3], [3.0, 3.2, 3.1, 3.3]],  # small and bad
            [[1.0, 1.4, 1.1, 1.1], [1.2, 1.2, 1.1, 1.3]],  # as good as the best
            [[1.0, 1.2, 1.2, 1.0], [1.1, 1.1, 1.1, 1.1]],  # best
        ]
    )
    table = tuning._judge(losses, np.array([10, 20, 30]), blocks=2)
    assert table["validation_loss"].tolist() == pytest.approx([3.15, 1.175, 1.1])
    # Blocks of the second against the best: 1.2 - 1.1 and 1.15 - 1.1; the best's seeds agree.
    assert table["above_best"][1] == pytest.approx(0.075)
    assert table["standard_error"][1] == pytest.approx(np.std([0.1, 0.05], ddof=1) / np.sqrt(2))
    assert table["validation_std"][1] == pytest.approx(np.std([1.15, 1.2], ddof=1))
    assert table["chosen"].tolist() == [False, False, True]  # 0.075 is above 0.025
    # The best's own chance joins: with seeds that differ by 0.2, its error is 0.1.
    losses[2, 0] += 0.1
    losses[2, 1] -= 0.1
    table = tuning._judge(losses, np.array([10, 20, 30]), blocks=2)
    assert table["standard_error"][1] == pytest.approx(np.hypot(0.025, 0.1))
    assert table["standard_error"][2] == pytest.approx(0.1)
    assert table["chosen"].tolist() == [False, True, False]


@given(
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 40),
    st.integers(2, 12),
    st.integers(0, 2**32 - 1),
)
def test_the_rule_by_property(
    entries: int, seeds: int, windows: int, blocks: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    losses = rng.exponential(size=(entries, seeds, windows))
    parameters = rng.integers(1, 5, size=entries)
    table = tuning._judge(losses, parameters, blocks)
    row = table[table["chosen"]].iloc[0]
    assert table["chosen"].sum() == 1
    assert row["above_best"] <= row["standard_error"]
    good = table[table["above_best"] <= table["standard_error"]]
    assert row["parameters"] == good["parameters"].min()
    same = good[good["parameters"] == row["parameters"]]
    assert row["validation_loss"] == same["validation_loss"].min()
    # A factor on all losses, or another order of the grid, changes nothing.
    assert tuning._judge(4 * losses, parameters, blocks)["chosen"].equals(table["chosen"])
    order = rng.permutation(entries)
    moved = tuning._judge(losses[order], parameters[order], blocks)
    assert moved.loc[moved["chosen"], "validation_loss"].item() == row["validation_loss"]


def test_a_choice_and_a_run_by_hand(split: Split) -> None:
    grid = [{"width": 2}, {"width": 8}, {"width": 8, "training": {"learning_rate": 1e-9}}]
    choice = choose_model("gru", grid, split, HOW, seeds=(3, 4))
    assert choice.table.columns.tolist() == [
        "width",
        "learning_rate",
        "parameters",
        "validation_loss",
        "validation_std",
        "above_best",
        "standard_error",
        "chosen",
        "seconds",
    ]
    row = int(np.flatnonzero(choice.table["chosen"])[0])
    assert row == 1  # 2 features are too few, and a rate of nothing learns nothing
    assert choice.settings.model_dump()["width"] == 8
    assert choice.settings.length == 16
    assert choice.training.learning_rate == 1e-2
    again = choose_model("gru", [choice.entry], split, {**HOW, "learning_rate": 1}, seeds=(3, 4))
    assert again.settings == choice.settings
    assert again.training == choice.training
    expected = [
        trained_model("gru", choice.settings, split, HOW, seed=seed, progress=False)[0]
        for seed in (3, 4)
    ]
    losses = []
    for model in expected:
        forecasts, targets = predict(model, split.validation)
        losses.append(np.mean((forecasts.astype(float) - targets) ** 2))
    assert choice.table["validation_loss"][1] == pytest.approx(np.mean(losses), rel=1e-12)
    assert choice.table["validation_std"][1] == pytest.approx(np.std(losses, ddof=1), rel=1e-9)


def test_the_loss_is_that_of_training(split: Split) -> None:
    choice = choose_model("gru", [{"width": 4}], split, {**HOW, "loss": "mae"})
    model, history = trained_model(
        "gru", choice.settings, split, {**HOW, "loss": "mae"}, progress=False
    )
    assert choice.table["validation_loss"][0] == pytest.approx(
        min(history.validation_loss), rel=1e-5
    )
    assert np.isnan(choice.table["validation_std"][0])


def test_the_test_part_is_not_looked_at(split: Split) -> None:
    grid = [{"width": 2}, {"width": 8}]
    blind = replace(split, test=replace(split.test, starts=split.test.starts[:0]))
    first, second = (choose_model("gru", grid, s, HOW).table for s in (split, blind))
    assert first.drop(columns="seconds").equals(second.drop(columns="seconds"))


def test_a_stopped_search_goes_on(
    split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is finished is not trained again, also by a sweep of the chosen settings."""
    grid = [{"width": 2}, {"width": 8}]
    through = choose_model("gru", grid, split, HOW, seeds=(0, 1))
    trained = []

    def counted(model, *arguments, **named):
        trained.append(model.settings.width)
        if len(trained) == 3:
            raise KeyboardInterrupt
        return train(model, *arguments, **named)

    monkeypatch.setattr("precursor_lib.forecast.sweep.train", counted)
    with pytest.raises(KeyboardInterrupt):
        choose_model("gru", grid, split, HOW, seeds=(0, 1), folder=tmp_path)
    assert trained == [2, 2, 8]
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.undo()
    resumed = choose_model("gru", grid, split, HOW, seeds=(0, 1), folder=tmp_path)
    columns = ["parameters", "validation_loss", "standard_error", "chosen"]
    assert resumed.table[columns].equals(through.table[columns])
    files = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(files) == 4
    run_seeds(
        "gru",
        resumed.settings,
        split,
        resumed.training,
        (0, 1),
        score=forecast_metrics,
        folder=tmp_path,
        progress=False,
    )
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files


def test_workers_change_nothing(split: Split) -> None:
    """The same numbers to the bit from jobs beside each other."""
    how = {**HOW, "threads": 1}
    grid = [{"width": 4, "strides": (2, 2)}, {"width": 8, "strides": (2, 2)}]
    one, two = (choose_model("pyraformer", grid, split, how, workers=n) for n in (1, 2))
    assert one.table.drop(columns="seconds").equals(two.table.drop(columns="seconds"))
    first, second = (
        run_seeds(
            "pyraformer",
            one.settings,
            split,
            how,
            [0, 1],
            score=forecast_metrics,
            workers=n,
            progress=False,
        ).runs.drop(columns="seconds")
        for n in (1, 2)
    )
    assert first.equals(second)


@pytest.mark.parametrize(
    ("grid", "named", "message"),
    [
        ([], {}, "grid of 0 for gru: expected one or more"),
        ([{"width": 4}, {"width": 4}], {}, "grid of 2 for gru: .* each once"),
        ([{"widht": 4}], {}, "gru: unknown setting 'widht'"),
        ([{"length": 8}], {}, r"gru\.length 8: the windows have 16"),
        ([{"training": {"epochs": 9}}], {}, r"training\.epochs; expected learning_rate"),
        ([{"width": 4}], {"seeds": ()}, r"seeds \[\]"),
        ([{"width": 4}], {"seeds": (1, 1)}, r"seeds \[1, 1\]"),
        ([{"width": 4}], {"workers": 0}, "workers 0"),
        ([{"width": 4}], {"blocks": 1}, "blocks 1"),
    ],
)
def test_bad_grids(split: Split, grid: list, named: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_model("gru", grid, split, HOW, **named)
