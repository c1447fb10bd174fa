"""The VMD-Pyraformer chain: from a record to anomalous days (Lushan 2013).

A record is decomposed by VMD, chosen modes are added up, and a network that was trained on the
early part of the sum forecasts it. Samples far from their forecast are anomalous points; days with
many of them are anomalous days, whose cumulative count is fitted by sigmoids.

The paper trains on the record that it then searches, and takes its threshold from it. Here the
network is trained on the first part, the threshold comes from the validation part after it, and
only the rest is a test. The decomposition still uses the whole record, as the paper's does; what
that lends to a forecast is measured by `causal_errors`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from tqdm import tqdm

from precursor_lib.decompose import fill_gaps, segmented_vmd, vmd
from precursor_lib.detect import PointRule, anomalous_days, residual_points, usable
from precursor_lib.errors import InputError
from precursor_lib.forecast import Forecaster, Split, TrainingRecord, predict_record, split_windows
from precursor_lib.forecast.sweep import trained_model
from precursor_lib.forecast.training import threads_of_torch
from precursor_lib.forecast.tuning import choose_model
from precursor_lib.pipelines.lushan_chain import Array, LushanChain, StationRun

MINUTES_A_DAY = 1440.0


def samples_a_day(times: NDArray[np.datetime64]) -> float:
    """Samples a day of an even record.

    Raises
    ------
    InputError
        If there are fewer than two times or their steps differ.
    """
    steps = np.diff(times) / np.timedelta64(1, "s")
    if steps.size == 0 or not np.allclose(steps, steps[0], rtol=1e-9) or steps[0] <= 0:
        raise InputError("time: expected two or more times in equal, rising steps")
    return float(86400.0 / steps[0])


def decompose_record(record: Array, rate: float, chain: LushanChain) -> tuple[Array, Array]:
    """Modes (K, n) and centre frequencies (K,) of a record without gaps and about its mean.

    Parameters
    ----------
    record : numpy.ndarray, shape (n,)
        Any unit.
    rate : float
        Samples a day.
    """
    options: dict[str, Any] = {"modes": chain.modes, "alpha": chain.alpha, "tol": chain.tolerance}
    if chain.decomposition == "whole":
        whole = vmd(record, workers=1, **options)
        return whole.modes, whole.centre_frequencies
    window, step = round(chain.window_days * rate), round(chain.step_days * rate)
    parts = segmented_vmd(record, window, step, join="centre", workers=1, **options)
    return parts.modes, parts.centre_frequencies.mean(axis=0)


def run_station(
    record: xr.DataArray,
    chain: LushanChain,
    *,
    folder: Path | str | None = None,
    progress: bool = False,
) -> StationRun:
    """Run the chain on one station's record.

    Parameters
    ----------
    record : xarray.DataArray
        Dimension ``time`` (UTC, even); a scalar coordinate ``station`` names it. Gaps are NaN; for
        the decomposition they are bridged by lines, and left out of everything after it.
    chain : LushanChain
        Settings.
    folder : path, optional
        Where checkpoints of the training are kept: a run that was stopped goes on from there.
    progress : bool
        Show a bar over the steps of the training.

    Returns
    -------
    StationRun

    Raises
    ------
    InputError
        If the record has other dimensions, no value, uneven times, or is too short for its parts.
    """
    if record.dims != ("time",):
        raise InputError(f"record: expected the dimension time alone, got {record.dims}")
    name = str(record["station"].values) if "station" in record.coords else "record"
    times = record["time"].values
    rate = samples_a_day(times)
    values = record.values.astype(float)
    missing = np.isnan(values)
    if missing.all():
        raise InputError(f"{name}: the record holds no value")
    filled, gaps = fill_gaps(values, longest=values.size, names=[name])
    mean = float(filled.mean())
    modes, centres = decompose_record(filled - mean, rate, chain)
    signal = modes[[k - 1 for k in chain.kept]].sum(axis=0)
    signal[missing] = np.nan
    split = split_windows(
        signal,
        chain.length,
        chain.horizon,
        validation=chain.validation_share,
        test=1.0 - chain.training_share - chain.validation_share,
        stride=chain.stride,
        evaluation_stride=chain.horizon,
    )
    model, how, choice = _model(chain, split, _place(folder, name, signal, chain), progress)
    with threads_of_torch(chain.training.threads):
        forecast = predict_record(model, signal, split.scaler)[0]
    scale, points, days = apply_rule(times, signal, forecast, split.bounds[1], chain)
    left = [f"{name}: {len(days.attrs['left_out'])} days left out for gaps"]
    report = (*gaps, *(f"{name}: {line}" for line in split.report), *left)
    return StationRun(
        name, times, values - mean, modes, centres, signal, forecast, split.bounds, scale, points,
        days, model, split, how, choice, report,
    )  # fmt: skip


def apply_rule(
    times: NDArray[np.datetime64],
    signal: Array,
    forecast: Array,
    validation: tuple[int, int],
    chain: LushanChain,
) -> tuple[float, NDArray[np.bool_], pd.DataFrame]:
    """Scale, anomalous points and days of a forecast (equations 7 and 8, and the rule for days).

    Parameters
    ----------
    times, signal, forecast : numpy.ndarray, shape (n,)
        UTC; record and forecast in one unit.
    validation : tuple of int
        First sample of the validation part, and the one after its last.
    chain : LushanChain
        Its factor, reference, day_points, zone_hours and least_coverage count.
    """
    reference = slice(*validation) if chain.reference == "validation" else slice(None)
    rule = PointRule("mean_multiple", chain.factor)
    scale = float(rule.scale((signal - forecast)[reference]))
    points = residual_points(signal, forecast, rule, scale=scale)
    days = anomalous_days(
        times,
        points,
        threshold=chain.day_points * samples_a_day(times) / MINUTES_A_DAY,
        valid=usable(signal, forecast),
        zone_hours=chain.zone_hours,
        least_coverage=chain.least_coverage,
    )
    return scale, points, days


def _model(
    chain: LushanChain, split: Split, folder: Path | None, progress: bool
) -> tuple[Forecaster, TrainingRecord, pd.DataFrame | None]:
    """The trained model: the only one of the grid, or the one that validation chooses."""
    settings = {"length": chain.length, "horizon": chain.horizon, **chain.grid[0]}
    table = None
    if len(chain.grid) > 1:
        choice = choose_model(
            chain.model, chain.grid, split, chain.training, seeds=(chain.seed,), folder=folder
        )
        table, settings = choice.table, choice.settings.model_dump()
    model, how = trained_model(
        chain.model,
        settings,
        split,
        chain.training,
        seed=chain.seed,
        folder=folder,
        progress=progress,
    )
    return model, how, table


def _place(folder: Path | str | None, name: str, signal: Array, chain: LushanChain) -> Path | None:
    """Folder of one station's checkpoints: another record or chain has another."""
    if folder is None:
        return None
    digest = hashlib.sha256(np.ascontiguousarray(signal).tobytes())
    digest.update(json.dumps(chain.model_dump(mode="json"), sort_keys=True).encode())
    return Path(folder) / f"{name}-{digest.hexdigest()[:12]}"


def run_stations(
    records: xr.DataArray,
    chain: LushanChain,
    *,
    folder: Path | str | None = None,
    workers: int = 1,
    progress: bool = True,
) -> dict[str, StationRun]:
    """Run the chain on each station of a network, each with a network of its own.

    Parameters
    ----------
    records : xarray.DataArray
        Dimensions ``time`` and ``station``.
    chain : LushanChain
        Settings, the same for all.
    folder : path, optional
        As for `run_station`.
    workers : int
        Stations at a time, as jobs of joblib.
    progress : bool
        Show a bar over the stations.

    Returns
    -------
    dict of str to StationRun
        By station, in the order of the records.

    Raises
    ------
    InputError
        As `run_station`, or if the dimensions are others or `workers` is below 1.
    """
    if set(records.dims) != {"time", "station"}:
        raise InputError(f"records: expected the dimensions time and station, got {records.dims}")
    if workers < 1:
        raise InputError(f"workers {workers}: expected 1 or more")
    one_by_one = [records.isel(station=i) for i in range(records.sizes["station"])]
    jobs = (
        joblib.delayed(run_station)(one.transpose("time"), chain, folder=folder)
        for one in one_by_one
    )
    done = joblib.Parallel(n_jobs=min(workers, len(one_by_one)), return_as="generator")(jobs)
    # Left out, `disable` follows TQDM_DISABLE, which keeps bars off the pages.
    quiet: dict[str, Any] = {} if progress else {"disable": True}
    runs = tqdm(done, total=len(one_by_one), desc="stations", unit="station", **quiet)
    return {run.station: run for run in runs}
