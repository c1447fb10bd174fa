"""What a decomposition of the whole record lends to a forecast that should not know the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from precursor_lib.decompose import modes_at
from precursor_lib.errors import InputError
from precursor_lib.evaluate.metrics import rmse
from precursor_lib.forecast import Forecaster, Scaler, Windows, predict
from precursor_lib.forecast.sweep import trained_model
from precursor_lib.pipelines.lushan_chain import Array, LushanChain, StationRun


def causal_spans(
    run: StationRun, chain: LushanChain, part: Windows, window: int, blocks: int, seed: int
) -> tuple[Array, Array]:
    """Windows with modes of the whole record, and with modes that end where the forecast begins.

    Parameters
    ----------
    run : StationRun
        Of a whole decomposition.
    chain : LushanChain
        Its settings.
    part : Windows
        One of ``run.split``: where the windows may lie.
    window : int
        Samples that are decomposed, the last of them the last that the model sees.
    blocks : int
        Windows, drawn without repetition from those with so many samples before them and no gap.
    seed : int
        Of the drawing.

    Returns
    -------
    whole, causal : numpy.ndarray, shape (blocks, length + horizon)
        In the unit of the record. What is to be forecast is the same in both.

    Raises
    ------
    InputError
        If the run is not of a whole decomposition, the window is too short, or none can be had.
    """
    if chain.decomposition != "whole":
        raise InputError(f"decomposition '{chain.decomposition}': expected 'whole'")
    if window < 2 * chain.length or blocks < 1:
        raise InputError(
            f"window {window}, blocks {blocks}: expected {2 * chain.length} samples and a block"
        )
    starts = part.starts + chain.length
    missing = np.concatenate([[0], np.cumsum(np.isnan(run.record))])
    free = (starts >= window) & (missing[starts] == missing[np.maximum(starts - window, 0)])
    if not free.any():
        raise InputError(f"window {window}: no block has so many samples without a gap before it")
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(starts[free], min(blocks, int(free.sum())), replace=False))
    whole = np.stack([run.signal[s - chain.length : s + chain.horizon] for s in chosen])
    causal = whole.copy()
    kept = [k - 1 for k in chain.kept]
    for row, first in enumerate(chosen):
        past = run.record[first - window : first]
        modes = modes_at(past - past.mean(), run.centres, chain.alpha)
        causal[row, : chain.length] = modes[kept].sum(axis=0)[-chain.length :]
    return whole, causal


def causal_errors(
    run: StationRun,
    chain: LushanChain,
    *,
    window: int,
    blocks: int = 200,
    training_blocks: int = 4096,
    seed: int = 0,
) -> dict[str, float]:
    """Errors of forecasts in the test, with modes that know the future and with modes that do not.

    VMD is a bank of filters of the whole spectrum: a mode at a time depends on samples after it.
    Here the samples before a block are decomposed alone, by the centre frequencies of the run, and
    the forecast starts from their end. The target is the same. The model is that of the run, and
    one of the same settings that was trained on such windows of the training part.

    Parameters
    ----------
    run, chain, window, seed
        As for `causal_spans`.
    blocks, training_blocks : int
        Blocks of the test, and of the training; validation takes as many as the test.

    Returns
    -------
    dict
        In the unit of the record: ``signal``, the root mean square of the targets; ``whole``, RMSE
        of the run's model with the run's modes; ``causal``, the same model with modes that end
        before the block; ``retrained``, a model trained on such modes; ``last_whole`` and
        ``last_causal``, the last sample repeated.

    Raises
    ------
    InputError
        As `causal_spans`.
    """
    whole, causal = causal_spans(run, chain, run.split.test, window, blocks, seed)
    scaler, name = run.split.scaler, run.model.name
    training, validation = (
        _windows(causal_spans(run, chain, part, window, size, seed)[1], chain, scaler)
        for part, size in (
            (run.split.training, training_blocks),
            (run.split.validation, blocks),
        )
    )
    split = replace(
        run.split, training=training, validation=validation, test=_windows(causal, chain, scaler)
    )
    second, _ = trained_model(
        name, run.model.settings, split, chain.training, seed=chain.seed, progress=False
    )
    target = whole[:, chain.length :]
    last = slice(chain.length - 1, chain.length)
    return {
        "signal": rmse(np.zeros_like(target), target),
        "whole": _error(run.model, whole, chain, scaler),
        "causal": _error(run.model, causal, chain, scaler),
        "retrained": _error(second, causal, chain, scaler),
        "last_whole": rmse(np.broadcast_to(whole[:, last], target.shape), target),
        "last_causal": rmse(np.broadcast_to(causal[:, last], target.shape), target),
    }


def _windows(spans: Array, chain: LushanChain, scaler: Scaler) -> Windows:
    """Spans as windows that do not overlap."""
    series = scaler.apply(spans.reshape(1, -1)).T.astype(np.float32)
    return Windows(series, np.arange(0, spans.size, spans.shape[1]), chain.length, chain.horizon, 0)


def _error(model: Forecaster, spans: Array, chain: LushanChain, scaler: Scaler) -> float:
    forecasts, _ = predict(model, _windows(spans, chain, scaler))
    return rmse(scaler.invert(forecasts)[..., 0], spans[:, chain.length :])
