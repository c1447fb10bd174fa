"""Tables of the TEC case, and the runs behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.evaluate.tec import ALL, anomaly_recovery, place_anomalies
from precursor_lib.forecast import Forecaster, Scaler, predict_record
from precursor_lib.pipelines.tec import Detection, detect_by_error, detect_by_median
from precursor_lib.pipelines.tec_record import TecRecord
from precursor_lib.report.tec.claims import METRICS, MODELS, STATIONS, epicentre, printed
from precursor_lib.report.verdict import Claim

LABELS = {"r2": "R²", "mae": "MAE (TECU)", "rmse": "RMSE (TECU)", "rho": "correlation"}


def stations_of(data: xr.Dataset) -> pd.DataFrame:
    """Stations of a record: index name; ``latitude``, ``longitude``, and ``distance`` if known."""
    names = [n for n in ("latitude", "longitude", "distance") if n in data.coords]
    return pd.DataFrame(
        {name: data[name].values for name in names}, index=[str(s) for s in data["station"].values]
    )


def station_table(ledger: Mapping[str, Claim], stations: pd.DataFrame) -> pd.DataFrame:
    """Table 1: places, and printed distances beside geodesics.

    Parameters
    ----------
    stations : pandas.DataFrame
        From `stations_of`.
    """
    table = stations.loc[list(STATIONS), ["latitude", "longitude"]].rename_axis("station")
    table["printed (km)"] = [printed(ledger, f"tab1-{s.lower()}-distance") for s in STATIONS]
    table["geodesic (km)"] = geodesic_distance_km(
        *epicentre(ledger), table["latitude"], table["longitude"]
    ).round(1)
    table["geomagnetic latitude, printed"] = printed(ledger, "tab1-geomagnetic-latitude")
    return table


def metric_table(ledger: Mapping[str, Claim], table: pd.DataFrame) -> pd.DataFrame:
    """Table 2 of the simulated record, with the paper's numbers for all stations beside it."""
    rows = []
    for model in dict.fromkeys(table.index.get_level_values("model")):
        for metric in METRICS:
            row: dict[str, Any] = {"model": model, "metric": LABELS[metric]}
            name = MODELS.get(model)
            row["paper, all"] = (
                printed(ledger, f"tab2-{name}-{metric}")[0] if name is not None else np.nan
            )
            row |= {
                place: float(table.loc[(model, place), metric]) for place in table.loc[model].index
            }
            rows.append(row)
    return pd.DataFrame(rows)


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


def recovery_table(frame: pd.DataFrame) -> pd.DataFrame:
    """`recovery_by_size` with the names that a reader needs."""
    names = {
        "placed": "put in",
        "found": "found",
        "share": "share",
        "low": "95 % from",
        "high": "95 % to",
        "removed": "taken out as outliers",
        "false_days": "false days",
        "false_a_year": "a year",
        "false_low": "from",
        "false_high": "to",
    }
    table = frame[list(names)].rename(columns=names).reset_index()
    return table.rename(columns={"size": "size (TECU)"})


def window_table(tables: Mapping[str, pd.DataFrame], least_quiet: float) -> pd.DataFrame:
    """How many windows are free of flags, by rule and by how quiet they are.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        From `precursor_lib.evaluate.tec.window_flags`, by name.
    least_quiet : float
        Quiet share of the paper's window.
    """
    rows = []
    for name, table in tables.items():
        for which, part in (
            ("all", table),
            ("as quiet as the paper's or quieter", table[table["quiet"] >= least_quiet]),
        ):
            rows.append(
                {
                    "rule": name,
                    "windows": which,
                    "number": len(part),
                    "no quiet flag": float((part["quiet_flagged"] == 0).mean()),
                    "no flag at all": float((part["flagged"] == 0).mean()),
                    "median quiet flags": float(part["quiet_flagged"].median()),
                    "largest": int(part["quiet_flagged"].max()),
                }
            )
    return pd.DataFrame(rows)


def outlier_table(record: TecRecord, data: xr.Dataset) -> pd.DataFrame:
    """What the outlier rule took out of a simulated record, beside what was wrong in it."""
    wrong = np.zeros(record.observed.shape, dtype=bool)
    for row in data.attrs["truth"]:
        if row["kind"] == "outlier":
            place = record.stations.index(row["station"]), record.times.get_loc(row["time"])
            wrong[place] = True
    values = data["VTEC"].transpose("station", "time").to_numpy()
    there = np.isfinite(values)
    out = there & np.isnan(record.observed)
    kinds = (("wrong values put in", wrong & there), ("all others", there & ~wrong))
    rows = [
        {"values": name, "number": int(which.sum()), "taken out": int((out & which).sum())}
        for name, which in kinds
    ]
    return pd.DataFrame(rows)


def station_windows(
    found: Detection, windows: Callable[[Detection], pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Windows of all stations together, and of the first one alone."""
    return {
        ALL: windows(found),
        f"{found.stations[0]} alone": windows(found.station(found.stations[0])),
    }
