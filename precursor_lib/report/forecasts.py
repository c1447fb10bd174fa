"""What the pages on forecasts share: stages of a network, tables of models, curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from precursor_lib.evaluate.metrics import forecast_metrics
from precursor_lib.forecast import Choice, Forecaster
from precursor_lib.forecast.windows import Split
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn
from precursor_lib.report.tables import NOTHING, number

NAMES = {
    "persistence": "persistence",
    "seasonal_naive": "seasonal-naive",
    "pyraformer": "Pyraformer",
    "transformer": "Transformer",
    "lstm": "LSTM",
    "gru": "GRU",
    "timesnet": "TimesNet",
}


def traced(model: Forecaster, names: Sequence[str]) -> list[dict[str, Any]]:
    """Shape of what modules of a network give for one window, and their parameters, by hooks.

    Parameters
    ----------
    model : Forecaster
        Any model.
    names : sequence of str
        Modules of its network, as ``named_modules`` calls them.

    Returns
    -------
    list of dict
        ``name``, ``shape`` (batch first) and ``parameters`` of each, in the order of `names`.
    """
    modules = dict(model.network.named_modules())
    shapes: dict[str, tuple[int, ...]] = {}

    def hook(name: str) -> Any:
        return lambda _module, _given, out: shapes.__setitem__(name, tuple(out.shape))

    handles = [modules[name].register_forward_hook(hook(name)) for name in names]
    s = model.settings
    mode = model.training
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, s.length, s.channels))
    finally:
        model.train(mode)
        for handle in handles:
            handle.remove()
    return [
        {
            "name": name,
            "shape": shapes[name],
            "parameters": sum(p.numel() for p in modules[name].parameters()),
        }
        for name in names
    ]


def models_table(
    table: pd.DataFrame,
    *,
    known: Mapping[str, Mapping[str, float]] | None = None,
    columns: Mapping[str, Mapping[str, Any]] | None = None,
    metrics: Sequence[str] = ("mse", "mae", "rmse"),
    digits: int = 3,
) -> pd.DataFrame:
    """A comparison of models as a page prints it: mean ± standard deviation over seeds.

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.model_table.compare_models`.
    known : mapping, optional
        Further rows: name to numbers, such as what the best possible forecast gives.
    columns : mapping, optional
        Further columns: name to values by row of `table`.
    metrics : sequence of str
        Columns of scores. ``smape`` says little of a series that crosses zero.
    digits : int
        Significant digits.

    Returns
    -------
    pandas.DataFrame
        Text; index ``model``; floors first, then `known`, then models.
    """
    rows: dict[str, dict[str, Any]] = {}
    for name, row in table[table["parameters"] == 0].iterrows():
        rows[NAMES.get(name, name)] = _texts(row, metrics, digits)
    for name, values in (known or {}).items():
        rows[name] = {m: number(values[m], digits) if m in values else NOTHING for m in metrics}
    for name, row in table[table["parameters"] > 0].iterrows():
        rows[NAMES.get(name, name)] = {
            **_texts(row, metrics, digits),
            "parameters": f"{int(row['parameters']):,}",
            "beats the floor": row["beats_floor"],
            **{column: values.get(name, NOTHING) for column, values in (columns or {}).items()},
        }
    return pd.DataFrame.from_dict(rows, orient="index").fillna(NOTHING).rename_axis("model")


def _texts(row: pd.Series, metrics: Sequence[str], digits: int) -> dict[str, str]:
    said = {}
    for metric in metrics:
        said[metric] = number(row[metric], digits)
        if np.isfinite(row[f"{metric}_std"]):
            said[metric] += f" ± {number(row[f'{metric}_std'], 1)}"
    return said


def choices_table(choices: Sequence[Choice]) -> pd.DataFrame:
    """Grids of several models as one table, an entry a row."""
    parts = [
        choice.table.drop(columns=["seconds", "validation_std"]).assign(
            model=NAMES.get(choice.name, choice.name)
        )
        for choice in choices
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.set_index("model").rename(columns=lambda name: str(name).replace("_", " "))


def linear_regression(split: Split) -> dict[str, float]:
    """Scores on the test windows of a regression of all steps on the window, by least squares."""
    windows = [part.batch(np.arange(len(part))) for part in (split.training, split.test)]
    (x, y), (new, target) = [
        (np.column_stack([seen.flatten(1), np.ones(len(seen))]), ahead.flatten(1).numpy())
        for seen, ahead in windows
    ]
    forecast = new @ np.linalg.lstsq(x, y, rcond=None)[0]
    invert = split.scaler.invert
    shape = (len(new), -1, split.scaler.mean.size)
    return forecast_metrics(invert(forecast.reshape(shape)), invert(target.reshape(shape)))


@drawn
def skills(tables: Mapping[str, pd.DataFrame], ceilings: Mapping[str, float]) -> Figure:
    """Skill against the best floor, a panel for each record: every run a dot.

    Parameters
    ----------
    tables : mapping
        Name of a record to its comparison of models.
    ceilings : mapping
        Mean squared error of the best possible forecast, where it is known.
    """
    figure, axes = plt.subplots(
        1, len(tables), figsize=(PAGE_WIDTH, 2.9), sharey=True, squeeze=False
    )
    for axis, (title, table) in zip(axes[0], tables.items(), strict=True):
        models = table.index[table["parameters"] > 0]
        limit = table.loc[table.attrs["floor"], "mse"]
        for place, name in enumerate(models):
            runs = 1 - np.array(table.attrs["runs"][name]["mse"]) / limit
            axis.plot(runs, np.full(runs.size, -place), "o", alpha=0.6, markersize=5)
        axis.axvline(0, color=COLOURS["black"], linewidth=1)
        if title in ceilings:
            axis.axvline(1 - ceilings[title] / limit, color=COLOURS["grey"], linestyle="--")
        axis.set_yticks(-np.arange(len(models)), [NAMES.get(name, name) for name in models])
        axis.set_ylim(-len(models) + 0.5, 0.5)
        axis.set(title=title, xlabel=f"skill over {NAMES[table.attrs['floor']]}")
    return figure


@drawn
def example(
    times: ArrayLike, observed: ArrayLike, forecasts: Mapping[str, ArrayLike], *, units: str
) -> Figure:
    """A stretch of a record and what was forecast for it, a panel a model.

    Parameters
    ----------
    times : array_like, shape (time,)
        Samples or hours.
    observed : array_like, shape (time,)
        The record.
    forecasts : mapping
        Name to an array as `observed`.
    units : str
        Of the y axis.
    """
    figure, axes = plt.subplots(
        len(forecasts), figsize=(PAGE_WIDTH, 1.15 * len(forecasts) + 0.6), sharex=True, sharey=True
    )
    for axis, (name, values) in zip(np.atleast_1d(axes), forecasts.items(), strict=True):
        axis.plot(times, observed, color=COLOURS["grey"], label="record")
        axis.plot(times, values, color=COLOURS["vermilion"], label="forecast", linewidth=1.0)
        axis.set_title(NAMES.get(name, name))
    figure.supylabel(units, fontsize=9.5)
    np.atleast_1d(axes)[-1].set_xlabel("sample")
    np.atleast_1d(axes)[0].legend(ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return figure
