"""What the pages on TEC run: rules, recovery of anomalies put in, other answers to open points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.evaluate.tec import anomaly_recovery, place_anomalies
from precursor_lib.forecast import Forecaster, Scaler, predict_record
from precursor_lib.pipelines.tec import Detection, detect_by_error, detect_by_median
from precursor_lib.pipelines.tec_record import TecRecord, prepare_tec


def forecast_record(model: Forecaster, record: TecRecord, scaler: Scaler) -> np.ndarray:
    """Forecasts of the test part in whole days, (station, time) in TECU, NaN elsewhere."""
    start = record.bounds[2][0]
    values = np.concatenate([record.filled, record.inputs])[:, start:]
    out = np.full(record.observed.shape, np.nan)
    out[:, start:] = predict_record(model, values, scaler)
    return out


def both_rules(record: TecRecord, forecast: np.ndarray, quiet: np.ndarray) -> dict[str, Detection]:
    """Anomalies by the error of the forecast and by the interquartile rule, at the same samples."""
    by_error = detect_by_error(record, forecast, quiet)
    return {"ED-LSTME": by_error, "IQR": detect_by_median(record, quiet, like=by_error)}


def recovery_by_size(
    simulate: Callable[[list[dict[str, Any]]], TecRecord],
    model: Forecaster,
    scaler: Scaler,
    found: Detection,
    sizes: Sequence[float],
    *,
    number: int,
    hours: float,
    radius: float,
    seed: int,
) -> pd.DataFrame:
    """Put anomalies of several sizes into the record, and ask both rules for them.

    Parameters
    ----------
    simulate : callable
        Gives the prepared record with a list of anomalies put in.
    model, scaler
        Trained on the record without any.
    found : Detection
        Of the record without any: its quiet judged samples are where anomalies are placed.
    sizes : sequence of float
        TECU; 0 gives the record as it is.
    number, hours, radius, seed
        As for `precursor_lib.evaluate.tec.place_anomalies`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``method`` and ``size``: what `anomaly_recovery` gives, and ``removed``, the
        share of the samples of the anomalies' middle half that the outlier rule took out.
    """
    free = found.quiet & found.any_judged
    rows = {}
    for size in sizes:
        placed = place_anomalies(
            found.times, free, number=number, hours=hours, size=size, radius=radius, seed=seed
        )
        record = simulate(placed)
        truth = pd.DataFrame(
            {
                "time": [a["time"] for a in placed],
                "end": [pd.Timestamp(a["time"]) + pd.Timedelta(hours=hours) for a in placed],
                "size": [a["size"] for a in placed],
            }
        )
        removed = _removed(record, found, truth, hours)
        for name, rule in both_rules(
            record, forecast_record(model, record, scaler), found.quiet
        ).items():
            got = anomaly_recovery(rule.times, rule.sign, rule.quiet, rule.any_judged, truth)
            rows[name, float(size)] = got | {"removed": removed}
    frame = pd.DataFrame(rows).T
    frame.index.names = ["method", "size"]
    return frame.infer_objects()


def _removed(record: TecRecord, found: Detection, truth: pd.DataFrame, hours: float) -> float:
    middle = np.zeros(record.times.size, dtype=bool)
    for row in truth.itertuples():
        begin = pd.Timestamp(row.time) + pd.Timedelta(hours=hours / 4)
        middle |= (record.times >= begin) & (record.times <= begin + pd.Timedelta(hours=hours / 2))
    there = np.isfinite(found.observed[:, middle])
    return float(np.isnan(record.observed[:, middle])[there].mean())


def rule_summary(found: Detection, windows: pd.DataFrame) -> dict[str, float]:
    """What a rule flags, in a row: shares, days a year, and windows.

    Parameters
    ----------
    found : Detection
    windows : pandas.DataFrame
        From `precursor_lib.evaluate.tec.window_flags`.
    """
    quiet = found.judged & found.quiet
    days = found.by_day()
    judged = int((days["judged"] > 0).sum())
    return {
        "quiet values flagged (%)": 100 * float((found.dtec != 0)[quiet].mean()),
        "days a year flagged": 365.25 * int((days["flagged"] > 0).sum()) / judged,
        "of them in quiet times": 365.25 * int((days["quiet_flagged"] > 0).sum()) / judged,
        "windows without quiet flag (%)": 100 * float((windows["quiet_flagged"] == 0).mean()),
    }


def alternatives(
    data: xr.Dataset,
    activity: xr.Dataset,
    record: TecRecord,
    forecasts: Mapping[str, np.ndarray],
    model: Forecaster,
    scaler: Scaler,
    quiet: np.ndarray,
    windows_of: Callable[[Detection], pd.DataFrame],
    shown: str,
) -> pd.DataFrame:
    """What the rule flags under other answers to the open points, a row each.

    Parameters
    ----------
    data, activity
        As for `precursor_lib.pipelines.tec_record.prepare_tec`.
    record : TecRecord
        As it gives it with those.
    forecasts : mapping of str to numpy.ndarray, shape (station, time)
        Of the record, by model; at least ``"ED-LSTME"``.
    model, scaler
        The encoder-decoder, not trained again.
    quiet : numpy.ndarray of bool, shape (time,)
    windows_of : callable
        Counts flags in windows.
    shown : str
        First day of the paper's quiet window.
    """
    own = forecasts["ED-LSTME"]
    found = {
        "as above": detect_by_error(record, own, quiet),
        "15 days that end with the value": detect_by_error(record, own, quiet, window="through"),
        "three standard deviations": detect_by_error(record, own, quiet, factor=3.0),
    }
    others: dict[str, dict[str, Any]] = {
        "Kalman smoother in gaps": {"fill": "smoother"},
        "outliers by the whole record": {"whole_record": True},
        "no outliers taken out": {"sigma": 100.0},
    }
    for name, changes in others.items():
        validation, test = (str(record.times[part[0]].date()) for part in record.bounds[1:])
        other = prepare_tec(data, activity, validation=validation, test=test, **changes)
        found[name] = detect_by_error(other, forecast_record(model, other, scaler), quiet)
    for name, forecast in forecasts.items():
        if name != "ED-LSTME":
            found[f"forecasts by {name}"] = detect_by_error(record, forecast, quiet)
    found["interquartile rule"] = detect_by_median(record, quiet, like=found["as above"])
    rows = {}
    for name, one in found.items():
        windows = windows_of(one)
        rows[name] = rule_summary(one, windows)
        rows[name]["quiet flags, 27 March to 7 April"] = float(windows.loc[shown, "quiet_flagged"])
    return pd.DataFrame(rows).T.rename_axis("answer")
