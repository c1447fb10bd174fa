"""What the two methods pages on TEC forecasts compute and draw."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.evaluate.tec import ALL, daily_errors, skill, surely_better
from precursor_lib.forecast import predict
from precursor_lib.pipelines.tec import Detection, future_inputs
from precursor_lib.pipelines.tec_models import TecModels, fit_network, floors
from precursor_lib.pipelines.tec_record import TecRecord, kalman_fill
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn
from precursor_lib.report.tec.anomalies import days_from


def input_variants(
    record: TecRecord, quiet: np.ndarray, *, stride: int, epochs: int, seeds: list[int]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], dict[str, np.ndarray]]:
    """The encoder-decoder without indices, with those known, and with those of the horizon.

    Parameters
    ----------
    record : TecRecord
    quiet : numpy.ndarray of bool, shape (time,)
    stride, epochs : int
    seeds : list of int
        One training each.

    Returns
    -------
    table : pandas.DataFrame
        RMSE (TECU) of all samples, quiet and disturbed ones: mean over seeds, and their standard
        deviation for all.
    learning : dict of str to pandas.DataFrame
        Losses by epoch of the first seed.
    forecasts : dict of str to numpy.ndarray, shape (station, time)
        Of the first seed.
    """
    bare = TecRecord(**{**vars(record), "inputs": record.inputs[:0]})
    variants = {
        "no indices": bare,
        "indices up to the forecast": record,
        "indices of the day forecast": future_inputs(record, record.season),
    }
    rows, learning, forecasts = {}, {}, {}
    for name, one in variants.items():
        split = one.split(3, stride=stride)
        errors = []
        for seed in seeds:
            model, training = fit_network(
                {"width": 32, "window_norm": "moments"}, split, epochs=epochs, seed=seed
            )
            placed = one.placed(predict(model, split.test)[0], split)
            errors.append(
                [
                    skill(np.where(which, one.observed, np.nan), placed)["rmse"]
                    for which in (True, quiet, ~quiet)
                ]
            )
            if seed == seeds[0]:
                learning[name], forecasts[name] = training.frame, placed
        mean, spread = np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1)
        rows[name] = {
            "weights": model.parameter_count,
            "RMSE (TECU)": mean[0],
            "± over seeds": spread[0],
            "quiet": mean[1],
            "disturbed": mean[2],
        }
    return pd.DataFrame(rows).T.rename_axis("inputs"), learning, forecasts


def horizon_table(
    record: TecRecord, horizons: Mapping[str, int], *, stride: int, epochs: int, seed: int
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """R² and RMSE by horizon, beside the last value and the day before.

    Parameters
    ----------
    record : TecRecord
    horizons : mapping of str to int
        Samples by name.
    stride, epochs, seed : int

    Returns
    -------
    pandas.DataFrame, dict of str to numpy.ndarray
        A row a horizon and model; forecasts of the encoder-decoder by horizon.
    """
    rows, found = [], {}
    for name, samples in horizons.items():
        split = record.split(3, samples, stride=stride)
        model, _ = fit_network(
            {"width": 32, "window_norm": "moments"}, split, epochs=epochs, seed=seed
        )
        naive = floors(record, split.test)
        scaled = {"ED-LSTME": predict(model, split.test)[0]} | {
            key: naive[key] for key in ("persistence", "day before")
        }
        for key, values in scaled.items():
            placed = record.placed(values, split)
            got = skill(record.observed, placed)
            rows.append(
                {"horizon": name, "model": key, "R²": got["r2"], "RMSE (TECU)": got["rmse"]}
            )
            if key == "ED-LSTME":
                found[name] = placed
    return pd.DataFrame(rows), found


def fill_errors(gappy: xr.Dataset, whole: xr.Dataset, record: TecRecord) -> pd.DataFrame:
    """Error of the fill in gaps of the test part, by how long they are.

    Parameters
    ----------
    gappy, whole : xarray.Dataset
        The same simulated record with gaps and without.
    record : TecRecord
        Of the one with gaps.
    """
    truth = whole["VTEC"].transpose("station", "time").to_numpy()
    gap = np.isnan(gappy["VTEC"].transpose("station", "time").to_numpy())
    gap[:, : record.bounds[2][0]] = False
    hours = np.zeros(gap.shape)
    for row, missing in enumerate(gap):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(int), [0]])))
        for first, last in edges.reshape(-1, 2):
            hours[row, first:last] = (last - first) * 24 / record.season
    rows = []
    filled = {
        how: kalman_fill(record.observed, record.season, end=record.bounds[0][1], how=how)
        for how in ("filter", "smoother")
    }
    for name, inside in (
        ("up to 6 h", gap & (hours <= 6)),
        ("longer", gap & (hours > 6)),
    ):
        errors = {
            how: float(np.sqrt(np.mean((values - truth)[inside] ** 2)))
            for how, values in filled.items()
        }
        rows.append({"gaps": name, "values": int(inside.sum()), **errors})
    return pd.DataFrame(rows)


@drawn
def absorbed(results: Mapping[str, Detection], start: str, hours: float, station: str) -> Figure:
    """An anomaly put in, and the limits that forecasts of two horizons set it.

    Parameters
    ----------
    results : mapping of str to Detection
        By horizon.
    start : str
        Beginning of the anomaly, UTC.
    hours : float
        Its length.
    station : str
    """
    begin = pd.Timestamp(start)
    figure, axes = plt.subplots(
        len(results), 1, figsize=(PAGE_WIDTH, 2.0 * len(results) + 0.5), sharex=True, sharey=True
    )
    for axis, (name, found) in zip(axes, results.items(), strict=True):
        one = found.station(station)
        part = (one.times >= begin.normalize() - pd.Timedelta("1D")) & (
            one.times < begin.normalize() + pd.Timedelta("3D")
        )
        clock = days_from(one.times[part], start) * 24
        axis.fill_between(
            clock, one.lower[0, part], one.upper[0, part], color=COLOURS["sky"], alpha=0.45, lw=0
        )
        axis.plot(clock, one.observed[0, part], color="black", linewidth=0.9)
        for sign, colour in ((1, "vermilion"), (-1, "blue")):
            beyond = np.where(sign * one.dtec[0, part] > 0, one.observed[0, part], np.nan)
            axis.plot(clock, beyond, ".", color=COLOURS[colour], markersize=6)
        first = (begin - begin.normalize()) / pd.Timedelta("1h")
        axis.axvspan(first, first + hours, color=COLOURS["yellow"], alpha=0.35, lw=0)
        axis.set_title(name)
        axis.set_ylabel("TEC (TECU)")
    axes[-1].set_xlabel(f"hours from {begin:%Y-%m-%d} 00:00 UTC")
    return figure


def better_table(record: TecRecord, forecasts: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Which model's daily errors are smaller than which other's beyond chance (p < 0.01).

    Parameters
    ----------
    record : TecRecord
    forecasts : mapping of str to numpy.ndarray, shape (station, time)

    Returns
    -------
    pandas.DataFrame
        A row a model: RMSE, and the models that it surely beats.
    """
    daily = {name: daily_errors(record.observed, f, record.season) for name, f in forecasts.items()}
    rows = []
    for name, own in daily.items():
        beaten = [m for m, other in daily.items() if m != name and surely_better(own, other)]
        rows.append(
            {
                "model": name,
                "RMSE (TECU)": skill(record.observed, forecasts[name])["rmse"],
                "surely better than": ", ".join(beaten) or "none",
            }
        )
    return pd.DataFrame(rows).sort_values("RMSE (TECU)", ignore_index=True)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """All stations' rows of a skill table, with the names that a reader needs."""
    names = {
        "r2": "R² (eq. 4)",
        "explained": "1 - error/variance",
        "mae": "MAE (TECU)",
        "rmse": "RMSE (TECU)",
        "bias": "bias (TECU)",
        "spread": "spread (TECU)",
    }
    return table.xs(ALL, level="station")[list(names)].rename(columns=names)


def trial_table(models: TecModels) -> pd.DataFrame:
    """Trials without their seconds, which differ from run to run."""
    return models.trials.drop(columns="seconds")
