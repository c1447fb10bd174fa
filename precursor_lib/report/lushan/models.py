"""Table 2 and figure 6 of the Lushan case: models side by side on one day and on the whole test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError
from precursor_lib.evaluate.model_table import compare_models
from precursor_lib.forecast import Split, TrainingSettings, predict_record
from precursor_lib.forecast.sweep import trained_model
from precursor_lib.pipelines.lushan import samples_a_day
from precursor_lib.pipelines.lushan_chain import Array, StationRun
from precursor_lib.report.forecasts import models_table
from precursor_lib.report.lushan.ledger import METRICS, MODELS, Ledger, Values, printed
from precursor_lib.report.tables import number

DAY = "2013-03-01"
"""The day of the paper's table 2, in Beijing time."""
PRINTED = {"field": "geo", "strain": "strain"}
"""How the ledger's ids name the kinds of record."""


def grids(widths: Sequence[int], norms: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Settings of each model to choose from, as many for each.

    Parameters
    ----------
    widths : sequence of int
        Features a node; of the recurrent models twice as many, to have parameters as many.
    norms : sequence of str
        What is taken from each window (``window_norm``).
    """
    both = [(width, norm) for width in widths for norm in norms]
    return {
        "pyraformer": [
            {"width": w, "heads": 2, "strides": (4, 4), "window_norm": n} for w, n in both
        ],
        "transformer": [{"width": w, "heads": 2, "window_norm": n} for w, n in both],
        "gru": [{"width": 2 * w, "window_norm": n} for w, n in both],
        "lstm": [{"width": 2 * w, "window_norm": n} for w, n in both],
    }


def day_of(split: Split, times: np.ndarray, day: str, zone_hours: float = 8.0) -> Split:
    """The split with those test windows whose forecast lies within one local day.

    Raises
    ------
    InputError
        If there is none.
    """
    first = np.datetime64(day, "ns") - np.timedelta64(round(60 * zone_hours), "m")
    last = first + np.timedelta64(1, "D")
    starts = split.test.starts
    begin = times[starts + split.test.length]
    end = times[starts + split.test.length + split.test.horizon - 1]
    inside = (begin >= first) & (end < last)
    if not inside.any():
        raise InputError(f"day {day}: no test window forecasts it")
    return replace(split, test=replace(split.test, starts=starts[inside]))


def compare(
    run: StationRun,
    choices: Mapping[str, Sequence[Mapping[str, Any]]],
    training: TrainingSettings,
    seeds: Sequence[int],
    *,
    folder: Path,
    workers: int = 1,
    day: str | None = None,
) -> pd.DataFrame:
    """The four models and two floors on a station's split; see `compare_models`.

    Parameters
    ----------
    run : StationRun
    choices : mapping
        Settings of each model; see `grids`.
    training : TrainingSettings
        The same for all.
    seeds : sequence of int
    folder : path
        Of checkpoints: a second call, for another day, does not train again.
    workers : int
    day : str, optional
        Local date to score on; the whole test by default.
    """
    split = run.split if day is None else day_of(run.split, run.times, day)
    floors = {"persistence": {}, "seasonal_naive": {"season": round(samples_a_day(run.times))}}
    return compare_models(
        choices, split, training, seeds, floors=floors, folder=folder, workers=workers
    )


def comparison_table(
    tables: Mapping[str, pd.DataFrame],
    whole: Mapping[str, pd.DataFrame],
    ledger: Ledger | None = None,
    *,
    digits: int = 2,
) -> pd.DataFrame:
    """Table 2: our errors as mean ± standard deviation over seeds, and the paper's beside them.

    Parameters
    ----------
    tables : mapping
        Kind of record (``"field"``, ``"strain"``, or any name without `ledger`) to a comparison on
        the day.
    whole : mapping
        The same on the whole test: its RMSE is added.
    ledger : mapping of str to Claim, optional
        For the printed numbers.
    """
    frames = []
    for kind, table in tables.items():
        columns: dict[str, dict[str, str]] = {}
        if ledger is not None:
            columns["printed (same order)"] = {
                model: ", ".join(
                    number(printed(ledger, f"tab2-{PRINTED[kind]}-{model}-{metric}"), 4)
                    for metric in METRICS
                )
                for model in MODELS
            }
        frame = models_table(table, metrics=METRICS, columns=columns, digits=digits)
        frame.insert(0, "record", kind)
        rest = models_table(whole[kind], metrics=("rmse",), digits=digits)
        frame.insert(5, "rmse, all test", rest["rmse"])
        frame["beats the floor"] = rest["beats the floor"]
        frames.append(frame.reset_index())
    joined = pd.concat(frames, ignore_index=True)
    joined = joined.rename(columns={"smape": "smape (%)", "beats the floor": "beats floor"})
    return joined.set_index("record")


def table2_values(day: Mapping[str, pd.DataFrame], whole: Mapping[str, pd.DataFrame]) -> Values:
    """What the ledger asks of table 2, from the simulated records.

    Parameters
    ----------
    day, whole : mapping
        ``"field"`` and ``"strain"``: comparisons on the printed day and on the whole test.
    """
    values: Values = {
        f"lushan-tab2-{PRINTED[kind]}-{model}-{metric}": float(table.loc[model, metric])
        for kind, table in day.items()
        for model in MODELS
        for metric in METRICS
    }
    least = {kind: table.loc[list(MODELS), "rmse"].idxmin() for kind, table in whole.items()}
    ground = whole["strain"]
    rivals = ground.loc[list(MODELS[1:])]
    p = float(rivals.loc[rivals["mse"].idxmin(), "best_p"])
    return values | {
        "lushan-tab2-strain-clear": least["strain"] == "pyraformer" and p < 0.05,
        "lushan-tab2-choice": set(least.values()) == {"pyraformer"},
        "lushan-tab2-floor": all(
            bool(table.loc["pyraformer", "rmse"] < table.loc["persistence", "rmse"])
            for table in whole.values()
        ),
    }


def day_forecasts(
    run: StationRun, table: pd.DataFrame, seed: int, folder: Path, day: str = DAY
) -> tuple[Array, Array, dict[str, Array]]:
    """Hours, signal and forecast of each model of a comparison over one Beijing day.

    Parameters
    ----------
    run : StationRun
    table : pandas.DataFrame
        From `compare`.
    seed : int
        Of the training shown.
    folder : path
        As for `compare`.
    day : str
        Local date.
    """
    first = np.datetime64(day, "ns") - np.timedelta64(8, "h")
    shown = (run.times >= first) & (run.times < first + np.timedelta64(1, "D"))
    start, end = np.flatnonzero(shown)[[0, -1]]
    forecasts = {}
    for name in MODELS:
        settings, how = table.attrs["settings"][name], table.attrs["training"][name]
        model, _ = trained_model(
            name, settings, run.split, how, seed=seed, folder=folder, progress=False
        )
        # In step with the blocks of the whole record.
        block = model.settings.horizon
        lead = (start - model.settings.length) // block * block
        part = run.signal[lead : end + block + 1]
        forecasts[name] = predict_record(model, part, run.split.scaler)[0][
            start - lead : end + 1 - lead
        ]
    hours = (run.times[shown] - first) / np.timedelta64(1, "h")
    return hours, run.signal[shown], forecasts
