"""The same forecasts on a GPU as on the CPU; skipped without one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from precursor_lib.evaluate.metrics import forecast_metrics, mse
from precursor_lib.forecast import (
    Forecaster,
    Split,
    StationGraph,
    choose_model,
    forecaster,
    predict,
    predict_record,
    run_seeds,
    split_windows,
    train,
    training,
)

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="expected a CUDA device")

LEARNT = ("pyraformer", "transformer", "lstm", "gru", "timesnet")
EXTRA = {"pyraformer": {"strides": (2, 2)}, "timesnet": {"layers": 1}}
HOW = {"epochs": 3, "batch_size": 16, "windows_per_epoch": 96, "learning_rate": 3e-3}


@pytest.fixture(scope="module")
def split() -> Split:
    rng = np.random.default_rng(0)
    t = np.arange(500)
    return split_windows(np.sin(2 * np.pi * t / 12) + 0.1 * rng.normal(size=500) + 4, 24, 3)


@pytest.fixture(autouse=True)
def full_precision():
    """Without TF32, so that both devices round alike."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def make(name: str, **changes) -> Forecaster:
    settings = {"length": 24, "horizon": 3, "width": 8, **EXTRA.get(name, {}), **changes}
    return forecaster(name, settings)


@pytest.mark.parametrize("name", LEARNT)
def test_outputs_and_gradients(name: str) -> None:
    """In double precision, where a GPU's other order of sums cannot hide an error."""
    x = torch.randn(6, 24, 1, generator=torch.Generator().manual_seed(0)).double()
    found = []
    for device in ("cpu", "cuda"):
        # Recurrent layers of cuDNN have a backward in training mode alone.
        model = make(name, dropout=0.0).double().to(device).train()
        out = model(x.to(device))
        out.square().sum().backward()
        found.append([out.detach().cpu(), *(p.grad.cpu() for p in model.parameters())])
    for here, there in zip(*found, strict=True):
        torch.testing.assert_close(there, here, atol=1e-8, rtol=1e-6)


@pytest.mark.parametrize("changes", [{"whole": True}, {"recompute": True}])
def test_other_forms_of_the_pyramid(changes: dict) -> None:
    x = torch.randn(6, 24, 1)
    here = make("pyraformer", dropout=0.0, **changes).eval()
    expected = here(x)
    torch.testing.assert_close(here.cuda()(x.cuda()).cpu(), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", LEARNT)
def test_training_ends_near_that_of_the_cpu(split: Split, name: str) -> None:
    """Without dropout nothing is drawn on the device: the runs differ by rounding alone."""
    records, forecasts = [], []
    for device in ("cpu", "cuda"):
        model = make(name, dropout=0.0)
        records.append(train(model, split, HOW, progress=False, device=device))
        forecasts.append(predict(model, split.test)[0])
        assert records[-1].device.startswith(device)
        assert {p.device.type for p in model.parameters()} == {device}
    np.testing.assert_allclose(records[1].training_loss, records[0].training_loss, rtol=1e-2)
    np.testing.assert_allclose(records[1].validation_loss, records[0].validation_loss, rtol=1e-2)
    np.testing.assert_allclose(forecasts[1], forecasts[0], atol=0.05)


def test_a_gpu_is_taken_by_itself(split: Split) -> None:
    model = make("gru")
    assert train(model, split, HOW, progress=False).device.startswith("cuda")
    record = split.scaler.invert(split.test.series).T
    forecasts = predict_record(model, record, split.scaler)
    expected = predict_record(model.cpu(), record, split.scaler)
    np.testing.assert_allclose(forecasts, expected, atol=1e-4)


@pytest.mark.parametrize("name", LEARNT)
def test_bf16(split: Split, name: str) -> None:
    losses = []
    for bf16 in (False, True):
        model = make(name)
        record = train(model, split, {**HOW, "bf16": bf16}, progress=False, device="cuda")
        losses.append(record.training_loss)
        assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert losses[0] != losses[1]
    assert losses[1][0] == pytest.approx(losses[0][0], rel=0.05)


@pytest.mark.parametrize(("first", "second"), [("cuda", "cpu"), ("cpu", "cuda"), ("cuda", "cuda")])
@pytest.mark.parametrize("saves", [1, 3])
def test_checkpoints_move_between_devices(
    split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str, second: str, saves
) -> None:
    """Stopped within an epoch (1) or after one (3), and gone on elsewhere."""
    how = {**HOW, "checkpoint_steps": 2}
    path = tmp_path / "run.pt"
    through = train(make("pyraformer", dropout=0.0), split, how, progress=False, device=first)
    save, done = training.save_checkpoint, []

    def stop(*arguments) -> None:
        save(*arguments)
        done.append(1)
        if len(done) == saves:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "save_checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        model = make("pyraformer", dropout=0.0)
        train(model, split, how, checkpoint=path, progress=False, device=first)
    monkeypatch.undo()
    model = make("pyraformer", dropout=0.0)
    resumed = train(model, split, how, checkpoint=path, progress=False, device=second)
    assert resumed.device.startswith(second)
    np.testing.assert_allclose(resumed.training_loss, through.training_loss, rtol=1e-2)
    assert mse(*predict(model, split.validation)) == pytest.approx(
        min(resumed.validation_loss), rel=1e-3
    )
    # A finished one is read on the other device.
    again = make("pyraformer", dropout=0.0)
    train(again, split, how, checkpoint=path, progress=False, device=first)
    np.testing.assert_allclose(
        predict(again, split.test)[0], predict(model, split.test)[0], atol=1e-4
    )


def test_sweeps_and_choices(split: Split, tmp_path: Path) -> None:
    grid = [{"width": 2}, {"width": 8}]
    choice = choose_model("gru", grid, split, HOW, seeds=(0, 1), folder=tmp_path)
    assert choice.table["chosen"].sum() == 1
    sweep = run_seeds(
        "gru", choice.settings, split, HOW, (0, 1), score=forecast_metrics, progress=False
    )
    assert np.isfinite(sweep.runs.to_numpy()).all()


def test_station_graph() -> None:
    graph = StationGraph([20.0, 90.0], [[0.0, 80.0], [80.0, 0.0]], {"trainable": True})
    h = torch.randn(3, 2, 5)
    expected = graph(h)
    torch.testing.assert_close(graph.cuda()(h.cuda()).cpu(), expected)
