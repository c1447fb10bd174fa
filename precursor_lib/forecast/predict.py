"""Forecasts of windows, and of a whole record."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError
from precursor_lib.forecast.models import Forecaster
from precursor_lib.forecast.windows import Scaler, Windows, as_record


def device_of(model: torch.nn.Module) -> torch.device:
    """Where a model's numbers are; the CPU for a model without any."""
    return next((p.device for p in model.parameters()), torch.device("cpu"))


def predict(
    model: Forecaster, windows: Windows, batch_size: int = 256
) -> tuple[np.ndarray, np.ndarray]:
    """Forecast each window.

    Parameters
    ----------
    model : Forecaster
        Is in evaluation mode meanwhile; its mode before is restored.
    windows : Windows
        Windows of the model's length and horizon.
    batch_size : int
        Windows at a time; changes memory, not the forecasts.

    Returns
    -------
    forecasts, targets : numpy.ndarray of float32, shape (windows, horizon, channels)
        Scaled as the windows are.

    Raises
    ------
    InputError
        If the windows' length or horizon is not the model's.
    """
    s = model.settings
    if (windows.length, windows.horizon) != (s.length, s.horizon):
        raise InputError(
            f"windows of {windows.length} + {windows.horizon} samples: the {model.name} model "
            f"was made for {s.length} + {s.horizon}"
        )
    forecasts = np.empty((len(windows), s.horizon, s.channels), dtype=np.float32)
    targets = np.empty_like(forecasts)
    device = device_of(model)
    mode = model.training
    model.eval()
    try:
        done = 0
        with torch.inference_mode():
            for x, y in windows.batches(batch_size):
                here = slice(done, done + len(x))
                forecasts[here] = model(x.to(device)).float().cpu().numpy()
                targets[here] = y.numpy()
                done += len(x)
    finally:
        model.train(mode)
    return forecasts, targets


def predict_record(
    model: Forecaster, values: ArrayLike, scaler: Scaler, *, batch_size: int = 256
) -> np.ndarray:
    """Forecast each sample of a record once, from the `length` samples before its block.

    The record is cut into blocks of `horizon` samples, which follow each other from sample `length`
    on. A model is used as it is: this is how it is transferred to another station.

    Parameters
    ----------
    model : Forecaster
        Model.
    values : array_like, shape (channels + inputs, time) or (time,)
        Record, with gaps as NaN.
    scaler : Scaler
        From the model's training part, or from a part of this record that is to be its measure.
    batch_size : int
        Windows at a time.

    Returns
    -------
    numpy.ndarray, shape (channels, time)
        Forecasts in the units of the record. NaN in the first `length` samples, in an incomplete
        last block, and in blocks with a gap in what the model sees. A gap within a block does not
        stop its forecast.
    """
    s = model.settings
    record = as_record(values)
    if record.shape[0] != s.seen:
        raise InputError(f"values: expected {s.seen} channels, not {record.shape[0]}")
    if record.shape[1] < s.length + s.horizon:
        raise InputError(
            f"values: {record.shape[1]} samples; expected {s.length + s.horizon} or more"
        )
    series = np.ascontiguousarray(scaler.apply(record).T, dtype=np.float32)
    # A window is whole if the samples seen are; those to be forecast may be missing.
    missing = np.concatenate([[0], np.cumsum(np.isnan(series).any(axis=1))])
    starts = np.arange(0, len(series) - s.length - s.horizon + 1, s.horizon)
    whole = starts[missing[starts + s.length] == missing[starts]]
    blocks = Windows(series, whole, s.length, s.horizon, starts.size - whole.size, s.inputs)
    forecasts, _ = predict(model, blocks, batch_size)
    out = np.full((s.channels, record.shape[1]), np.nan)
    places = whole[:, None] + s.length + np.arange(s.horizon)
    out[:, places] = np.moveaxis(scaler.invert(forecasts), 2, 0)
    return out
