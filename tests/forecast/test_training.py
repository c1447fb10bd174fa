"""Training: it learns, it stops, and a kill does not change its result."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from precursor_lib.errors import InputError
from precursor_lib.evaluate.metrics import forecast_metrics, mse
from precursor_lib.forecast import (
    Forecaster,
    Split,
    TrainingError,
    forecaster,
    predict,
    run_seeds,
    split_windows,
    train,
    training,
)

SETTINGS = {"length": 16, "horizon": 2, "width": 8, "strides": (2, 2), "dropout": 0.2}
HOW = {"epochs": 3, "batch_size": 16, "windows_per_epoch": 64, "learning_rate": 3e-3}


def record(samples: int = 400) -> np.ndarray:
    rng = np.random.default_rng(0)
    t = np.arange(samples)
    return np.sin(2 * np.pi * t / 12) + 0.1 * rng.normal(size=samples) + 4


@pytest.fixture(scope="module")
def split() -> Split:
    return split_windows(record(), 16, 2)


def weights(model: Forecaster) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("name", ["pyraformer", "transformer", "lstm", "gru", "timesnet"])
def test_each_model_learns_a_wave(split: Split, name: str) -> None:
    """Far below persistence, and with an error of the order of the noise."""
    settings = {"length": 16, "horizon": 2, "width": 16, "window_norm": "last"}
    if name == "pyraformer":
        settings["strides"] = (2, 2)
    if name == "timesnet":
        settings |= {"layers": 1, "width": 8}
    model = forecaster(name, settings)
    how = {"epochs": 12, "learning_rate": 0.01, "batch_size": 32}
    history = train(model, split, how, progress=False)
    assert not model.training
    forecasts, targets = predict(model, split.test)
    floor = forecaster("persistence", {"length": 16, "horizon": 2})
    # Noise of 0.1 has a variance of 0.02 in scaled units.
    assert mse(forecasts, targets) < min(0.1, 0.3 * mse(*predict(floor, split.test)))
    assert history.validation_loss[history.best_epoch] == min(history.validation_loss)


def test_the_best_weights_are_kept(split: Split) -> None:
    model = forecaster("pyraformer", SETTINGS)
    history = train(model, split, {**HOW, "epochs": 6, "learning_rate": 0.03}, progress=False)
    best = min(history.validation_loss)
    assert history.frame["validation_loss"].idxmin() == history.best_epoch
    assert mse(*predict(model, split.validation)) == pytest.approx(best, rel=1e-5)


def test_early_stopping(split: Split) -> None:
    model = forecaster("gru", {"length": 16, "horizon": 2})
    how = {**HOW, "epochs": 50, "learning_rate": 1e-12, "patience": 2, "decay": 0.9}
    history = train(model, split, how, progress=False)
    assert history.stopped == "early"
    assert len(history.validation_loss) == history.best_epoch + 3


def test_seeds(split: Split) -> None:
    first, again, other = (forecaster("pyraformer", SETTINGS) for _ in range(3))
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    train(first, split, HOW, progress=False)
    assert torch.equal(torch.rand(2), expected)  # other random numbers are not disturbed
    train(again, split, HOW, progress=False)
    train(other, split, {**HOW, "seed": 1}, progress=False)
    assert same(weights(first), weights(again))
    assert not same(weights(first), weights(other))


@pytest.mark.parametrize("saves", [1, 2, 3, 5])
def test_going_on_gives_the_same_bits(
    split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: int
) -> None:
    """Stopped after any checkpoint, within an epoch or after one."""
    how = {**HOW, "checkpoint_steps": 2}
    through = forecaster("pyraformer", SETTINGS)
    whole = train(through, split, how, progress=False)

    path = tmp_path / "run.pt"
    done = []
    save = training.save_checkpoint

    def stop(*arguments) -> None:
        save(*arguments)
        done.append(1)
        if len(done) == saves:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "save_checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        train(forecaster("pyraformer", SETTINGS), split, how, checkpoint=path, progress=False)
    monkeypatch.setattr(training, "save_checkpoint", save)
    model = forecaster("pyraformer", SETTINGS)
    resumed = train(model, split, how, checkpoint=path, progress=False)
    assert same(weights(model), weights(through))
    assert resumed.training_loss == whole.training_loss
    assert resumed.validation_loss == whole.validation_loss
    # A finished one is read, not trained again.
    model = forecaster("pyraformer", SETTINGS)
    assert train(model, split, how, checkpoint=path, progress=False) == resumed
    assert same(weights(model), weights(through))


def test_a_killed_process_goes_on(split: Split, tmp_path: Path) -> None:
    """SIGKILL in the middle of a step: nothing is left to clean up."""
    np.save(tmp_path / "record.npy", record())
    program = f"""
        import os, signal, sys
        import numpy as np, torch
        from precursor_lib.forecast import forecaster, split_windows, train, training
        torch.set_num_threads(1)
        split = split_windows(np.load("record.npy"), 16, 2)
        step = training._Run.one_step
        def count(run, chosen):
            if (run.epoch, run.step) == (1, 3):
                os.kill(os.getpid(), signal.SIGKILL)
            return step(run, chosen)
        training._Run.one_step = count
        model = forecaster("pyraformer", {SETTINGS!r})
        train(model, split, {HOW!r}, checkpoint="run.pt", progress=False)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    assert done.returncode == -9
    assert sorted(p.name for p in tmp_path.iterdir()) == ["record.npy", "run.pt"]
    model, through = (forecaster("pyraformer", SETTINGS) for _ in range(2))
    train(model, split, HOW, checkpoint=tmp_path / "run.pt", progress=False)
    train(through, split, HOW, progress=False)
    assert same(weights(model), weights(through))


def test_a_checkpoint_belongs_to_one_training(split: Split, tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    train(forecaster("pyraformer", SETTINGS), split, HOW, checkpoint=path, progress=False)
    for model, windows, how in (
        (forecaster("pyraformer", SETTINGS, seed=1), split, HOW),
        (forecaster("pyraformer", SETTINGS), split_windows(record() ** 2, 16, 2), HOW),
        (forecaster("pyraformer", SETTINGS), split, {**HOW, "epochs": 4}),
    ):
        with pytest.raises(InputError, match=r"run\.pt: is the checkpoint of another training"):
            train(model, windows, how, checkpoint=path, progress=False)
    path.write_bytes(b"something else")
    with pytest.raises(InputError, match=r"run\.pt: expected a checkpoint"):
        train(forecaster("pyraformer", SETTINGS), split, HOW, checkpoint=path, progress=False)


@pytest.mark.parametrize("name", ["pyraformer", "transformer", "lstm", "gru", "timesnet"])
def test_bf16_is_near_single_precision(split: Split, name: str) -> None:
    settings = {"length": 16, "horizon": 2, "width": 8}
    if name == "pyraformer":
        settings["strides"] = (2, 2)
    losses = []
    for bf16 in (False, True):
        model = forecaster(name, settings)
        how = {**HOW, "epochs": 1, "bf16": bf16}
        losses.append(train(model, split, how, progress=False).training_loss[0])
        assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_what_cannot_be_trained(split: Split) -> None:
    floor = forecaster("persistence", {"length": 16, "horizon": 2})
    history = train(floor, split, progress=False)
    assert history.stopped == "nothing to train"
    assert history.validation_loss == [pytest.approx(mse(*predict(floor, split.validation)))]
    with pytest.raises(TrainingError, match=r"gru: the loss is (nan|inf)"):
        model = forecaster("gru", {"length": 16, "horizon": 2})
        train(model, split, {**HOW, "learning_rate": 1e30, "clip": None}, progress=False)
    with pytest.raises(InputError, match="unknown setting 'epoch'; the nearest is 'epochs'"):
        train(floor, split, {"epoch": 3})
    model = forecaster("gru", {"length": 15, "horizon": 2})
    for use in (train, lambda m, s: predict(m, s.test)):
        with pytest.raises(InputError, match=r"16 \+ 2 samples: the gru model was made for 15"):
            use(model, split)


def test_threads_are_put_back(split: Split) -> None:
    before = torch.get_num_threads()
    seen = []
    model = forecaster("gru", {"length": 16, "horizon": 2})
    model.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    train(model, split, {**HOW, "epochs": 1, "threads": 3}, progress=False)
    assert set(seen) == {3}
    assert torch.get_num_threads() == before


def test_a_sweep_over_seeds(split: Split, tmp_path: Path) -> None:
    settings = {"length": 16, "horizon": 2, "width": 8}
    how = {**HOW, "epochs": 2}
    sweep = run_seeds(
        "gru", settings, split, how, [3, 5], score=forecast_metrics, folder=tmp_path, progress=False
    )
    files = sorted(p.name for p in tmp_path.iterdir())
    assert [re.sub("-[0-9a-f]{8}-", "-", name) for name in files] == [
        "gru-seed-0003.pt",
        "gru-seed-0005.pt",
    ]
    assert sweep.runs.index.tolist() == [3, 5]
    assert sweep.parameters == sum(p.numel() for p in forecaster("gru", settings).parameters())
    # One seed by hand, in units of the record.
    model = forecaster("gru", settings, seed=5)
    history = train(model, split, {**how, "seed": 5}, progress=False)
    forecasts, targets = (split.scaler.invert(part) for part in predict(model, split.test))
    assert sweep.runs.loc[5, "mae"] == np.abs(forecasts - targets).mean()
    assert sweep.runs.loc[5, "validation_loss"] == min(history.validation_loss)
    np.testing.assert_allclose(sweep.summary["mean"], sweep.runs.mean())
    np.testing.assert_allclose(sweep.summary["std"], sweep.runs.std(ddof=1))
    again = run_seeds(
        "gru", settings, split, how, [3, 5], score=forecast_metrics, folder=tmp_path, progress=False
    )
    assert again.runs.equals(sweep.runs)
    # Other settings have files of their own.
    run_seeds(
        "gru", {**settings, "width": 4}, split, how, [3], score=forecast_metrics, folder=tmp_path
    )
    assert len(list(tmp_path.iterdir())) == 3
    with pytest.raises(InputError, match="each once"):
        run_seeds("gru", settings, split, how, [1, 1], score=forecast_metrics)
    with pytest.raises(InputError, match="workers 0"):
        run_seeds("gru", settings, split, how, [1], score=forecast_metrics, workers=0)
