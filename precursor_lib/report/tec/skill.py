"""Figures 2 to 5: the network, and how well the models forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from precursor_lib.evaluate.tec import ALL
from precursor_lib.forecast.models import Forecaster
from precursor_lib.report import style
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn

COLOUR = {
    "ED-LSTME": COLOURS["blue"],
    "DNN": COLOURS["vermilion"],
    "RF": COLOURS["green"],
    "SVM": COLOURS["orange"],
    "ARIMA": COLOURS["purple"],
    "DT": COLOURS["sky"],
    "day before": COLOURS["grey"],
    "27 days before": "#B0B0B0",
    "PyIRI": COLOURS["black"],
    "persistence": "#8C6D46",
    "median of 15 days": "#6A3D9A",
}
"""One colour a model, in the order in which they are drawn."""
_MARKERS = "oDs^vP*<>hX"
METRICS = {"r2": "$R^2$", "mae": "MAE (TECU)", "rmse": "RMSE (TECU)", "rho": r"$\rho$"}


@drawn
def network(model: Forecaster, series: Sequence[str], inputs: Sequence[str]) -> Figure:
    """The layers of an encoder-decoder as the object has them: shapes and numbers of weights.

    Parameters
    ----------
    model : Forecaster
        An ``ed_lstme``.
    series, inputs : sequence of str
        Names of what is forecast, and of what is only seen.
    """
    s, parts = model.settings, dict(model.network.named_children())
    counts = {name: sum(p.numel() for p in part.parameters()) for name, part in parts.items()}
    width = parts["encoder"].hidden_size
    boxes = [
        ("window", f"{s.length} × {s.seen}", f"{', '.join(series)}\n{', '.join(inputs)}"),
        ("encoder LSTM", f"{parts['encoder'].num_layers} × {width}", _weights(counts["encoder"])),
        ("repeat", f"{s.steps} × {width}", "last hidden state"),
        ("decoder LSTM", f"{parts['decoder'].num_layers} × {width}", _weights(counts["decoder"])),
        ("linear", f"{s.steps} × {s.channels}", _weights(counts["readout"])),
    ]
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.1))
    axis.set(xlim=(0, 10), ylim=(0, 2))
    axis.set_axis_off()
    for number, (title, shape, note) in enumerate(boxes):
        x = 0.05 + 2.0 * number
        face = COLOURS["sky"] if "LSTM" in title else "#EEEEEE"
        box = FancyBboxPatch((x, 0.75), 1.55, 0.95, boxstyle="round,pad=0.03", fc=face, alpha=0.6)
        axis.add_patch(box)
        axis.text(x + 0.78, 1.42, title, ha="center", va="center", fontsize=9.5)
        axis.text(x + 0.78, 1.02, shape, ha="center", va="center", fontsize=9)
        axis.text(x + 0.78, 0.62, note, ha="center", va="top", fontsize=9, wrap=True)
        if number:
            arrow = FancyArrowPatch((x - 0.4, 1.22), (x - 0.05, 1.22), arrowstyle="->")
            arrow.set_mutation_scale(11)
            axis.add_patch(arrow)
    return figure


def _weights(count: int) -> str:
    return f"{count:,} weights".replace(",", "\u202f")


@drawn
def scatter(
    observed: np.ndarray, forecasts: Mapping[str, np.ndarray], table: pd.DataFrame
) -> Figure:
    """Forecast against observed, a panel a model; see figure 3.

    Parameters
    ----------
    observed : numpy.ndarray, shape (station, time)
        TECU.
    forecasts : mapping of str to numpy.ndarray
        By model.
    table : pandas.DataFrame
        From `precursor_lib.evaluate.tec.skill_table`.
    """
    columns = 3
    rows = -(-len(forecasts) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(PAGE_WIDTH, 2.6 * rows), sharex=True, sharey=True, squeeze=False
    )
    top = float(np.nanpercentile(observed, 99.95))
    edges = np.linspace(0, top, 60)
    image = None
    for axis, (name, forecast) in zip(axes.flat, forecasts.items(), strict=False):
        both = np.isfinite(observed) & np.isfinite(forecast)
        *_, image = axis.hist2d(
            observed[both], forecast[both], bins=(edges, edges), norm=LogNorm(1, 300), cmin=1
        )
        axis.plot([0, top], [0, top], color=COLOURS["vermilion"], linewidth=1)
        row = table.loc[(name, ALL)]
        axis.set_title(f"{name}\n$R^2$ {row['r2']:.2f}, RMSE {row['rmse']:.1f}", fontsize=9.5)
        axis.set_aspect("equal")
    for axis in axes.flat[len(forecasts) :]:
        axis.set_axis_off()
    figure.supxlabel("observed (TECU)", fontsize=9.5)
    figure.supylabel("forecast (TECU)", fontsize=9.5)
    if image is not None:
        figure.colorbar(image, ax=axes, label="samples", shrink=0.7)
    return figure


@drawn
def taylor(table: pd.DataFrame) -> Figure:
    """Taylor diagram: correlation by angle, standard deviation by radius; see figure 4.

    The distance from the point on the axis is the root mean square of the error without its mean
    (Taylor 2001, Journal of Geophysical Research 106, 7183).

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.tec.skill_table`; the rows of all stations are drawn.
    """
    rows = table.xs(ALL, level="station")
    reference = float(rows["observed_spread"].iloc[0])
    top = 1.15 * max(reference, float(rows["spread"].max()))
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 4.7))
    axis.set(xlim=(0, top), ylim=(0, top), aspect="equal")
    axis.grid(visible=False)
    quarter = np.linspace(0, np.pi / 2, 181)
    for radius in np.arange(2, top, 2):
        axis.plot(radius * np.cos(quarter), radius * np.sin(quarter), color="#DDDDDD", lw=0.7)
    axis.plot(
        reference * np.cos(quarter), reference * np.sin(quarter), color="black", lw=0.9, ls="--"
    )
    whole = np.linspace(0, np.pi, 181)
    for error in np.arange(1, top, 1):
        x, y = reference + error * np.cos(whole), error * np.sin(whole)
        inside = np.hypot(x, y) <= top
        axis.plot(np.where(inside, x, np.nan), y, color=COLOURS["green"], lw=0.6, alpha=0.6)
    for rho in (0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99):
        x, y = top * rho, top * np.sqrt(1 - rho**2)
        axis.plot([0, x], [0, y], color="#CCCCCC", lw=0.6)
        axis.text(1.02 * x, 1.02 * y, f"{rho:g}", fontsize=9, ha="left", va="bottom")
    axis.text(0.78 * top, 0.80 * top, "correlation", rotation=-45, fontsize=9.5, ha="center")
    axis.plot(reference, 0, "s", color="black", clip_on=False, label="observed", zorder=5)
    near = axis.inset_axes((1.16, 0.0, 0.34, 0.36))
    x, y = rows["spread"] * rows["rho"], rows["spread"] * np.sqrt(1 - rows["rho"] ** 2)
    for number, name in enumerate(rows.index):
        label = f"{name}, bias {rows['bias'].iloc[number]:+.1f}"
        for panel, size in ((axis, 6), (near, 8)):
            panel.plot(
                x.iloc[number],
                y.iloc[number],
                _MARKERS[number % len(_MARKERS)],
                color=COLOUR[str(name)],
                markersize=size,
                markeredgecolor="white",
                label=label if panel is axis else None,
                zorder=4,
            )
    middle = float(x.median()), float(y.median())
    near.set(xlim=(middle[0] - 0.7, middle[0] + 0.7), ylim=(middle[1] - 0.7, middle[1] + 0.7))
    near.set_title("the closest", fontsize=9.5)
    axis.indicate_inset_zoom(near, edgecolor="black")
    axis.plot([], [], color=COLOURS["green"], lw=0.6, label="error, each 1 TECU")
    axis.set_xlabel("standard deviation (TECU)")
    axis.set_ylabel("standard deviation (TECU)")
    axis.legend(loc="upper left", bbox_to_anchor=(1.03, 1.06), fontsize=9, labelspacing=0.3)
    return figure


@drawn
def bars(table: pd.DataFrame, groups: Sequence[str]) -> Figure:
    """The four metrics by station, a bar a model; see figure 5.

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.tec.skill_table`.
    groups : sequence of str
        Stations, or other keys of the second level, from left to right.
    """
    models = list(dict.fromkeys(table.index.get_level_values("model")))
    figure, axes = plt.subplots(2, 2, figsize=(PAGE_WIDTH, 5.2), sharex=True)
    wide = 0.84 / len(models)
    places = np.arange(len(groups))
    for axis, (metric, label) in zip(axes.flat, METRICS.items(), strict=True):
        for number, name in enumerate(models):
            heights = [float(table.loc[(name, group), metric]) for group in groups]
            left = places + wide * (number - (len(models) - 1) / 2)
            axis.bar(left, heights, wide, color=COLOUR[name], label=name)
        axis.set_ylabel(label)
        axis.set_xticks(places, groups, rotation=35, ha="right")
        axis.grid(visible=False, axis="x")
        if metric in ("r2", "rho"):
            lowest = min(float(table.loc[(m, g), metric]) for m in models for g in groups)
            axis.set_ylim(max(0.0, np.floor(10 * lowest - 1) / 10), 1)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return figure


@drawn
def by_lead(errors: Mapping[str, np.ndarray], hours: np.ndarray) -> Figure:
    """RMSE against hours ahead, a line a model.

    Parameters
    ----------
    errors : mapping of str to numpy.ndarray
        TECU, by model.
    hours : numpy.ndarray
        Hours ahead.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.4))
    for name, values in errors.items():
        floor = name not in list(COLOUR)[:6]
        axis.plot(hours, values, color=COLOUR[name], ls="--" if floor else "-", label=name)
    axis.set(xlabel="hours after midnight UTC, when the forecast is made", ylabel="RMSE (TECU)")
    axis.set_ylim(bottom=0)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


@drawn
def learning(records: Mapping[str, pd.DataFrame]) -> Figure:
    """Training and validation loss by epoch, a colour a training.

    Parameters
    ----------
    records : mapping of str to pandas.DataFrame
        ``TrainingRecord.frame`` by name.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.2))
    for (name, frame), colour in zip(records.items(), style.CYCLE, strict=False):
        axis.plot(frame.index + 1, frame["training_loss"], color=colour, ls=":")
        axis.plot(frame.index + 1, frame["validation_loss"], color=colour, label=name)
    axis.plot([], [], color="black", ls=":", label="training")
    axis.set(xlabel="epoch", ylabel="mean square error (scaled)", yscale="log")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure
