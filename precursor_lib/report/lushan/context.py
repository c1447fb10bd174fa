"""Figures 1, 11 to 13 of the Lushan case: the flow of the chain, cumulative days, indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from precursor_lib.pipelines.lushan import samples_a_day
from precursor_lib.pipelines.lushan_chain import LushanChain, StationRun
from precursor_lib.report.forecasts import NAMES
from precursor_lib.report.lushan.days import curve, growth
from precursor_lib.report.lushan.ledger import EVENT
from precursor_lib.report.lushan.open_data import STORM_DST, STORM_KP
from precursor_lib.report.style import COLOURS, PAGE_WIDTH, drawn, mark_days


def steps_of(chain: LushanChain, runs: Mapping[str, StationRun]) -> list[str]:
    """What the chain does, in words and numbers of its settings and of what it gave."""
    run = next(iter(runs.values()))
    rate = samples_a_day(run.times)
    parts = [f"{(last - first) / rate:.0f}" for first, last in run.bounds]
    kept = " + ".join(f"k{k}" for k in sorted(chain.kept))
    threshold = chain.day_points * rate / 1440
    return [
        f"{len(runs)} stations,\n{run.times.size:,} samples each",
        f"VMD, K = {chain.modes},\nα = {chain.alpha:g}",
        f"modes kept:\n{kept}",
        f"{NAMES.get(chain.model, chain.model)}, {run.model.parameter_count:,}\n"
        f"parameters, {chain.length} → {chain.horizon}",
        f"train, validate, test:\n{', '.join(parts)} days",
        f"|e| > {chain.factor:g} mean |e|\nof the {chain.reference} part",
        f"days of more than\n{threshold:g} points",
        "cumulative days,\nsigmoids and line",
    ]


@drawn
def flow(columns: Mapping[str, tuple[LushanChain, Mapping[str, StationRun]]]) -> Figure:
    """The chain as boxes, a column a kind of record, from its settings; see figure 1."""
    steps = {title: steps_of(*pair) for title, pair in columns.items()}
    rows = len(next(iter(steps.values())))
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 0.72 * rows + 0.4))
    for x, (title, texts) in enumerate(steps.items()):
        axis.text(x, 0.7, title, ha="center", va="center", fontsize=10)
        for y, text in enumerate(texts):
            axis.annotate(
                text,
                (x, -y),
                ha="center",
                va="center",
                fontsize=9,
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.4"},
            )
            if y:
                axis.annotate(
                    "",
                    (x, -y + 0.36),
                    (x, -y + 0.64),
                    arrowprops={"arrowstyle": "-|>", "color": COLOURS["blue"]},
                )
    axis.set(xlim=(-0.5, len(steps) - 0.5), ylim=(-rows + 0.4, 1.0))
    axis.set_axis_off()
    return figure


@drawn
def cumulative_days(
    with_source: Mapping[str, StationRun],
    without: Mapping[str, StationRun],
    truth: pd.DataFrame,
    names: Mapping[str, str],
) -> Figure:
    """Cumulative anomalous days of each station with fits; see figures 11 and 12.

    Shaded: training and validation. Fits are through the days of the test, from where the count
    begins anew; a fit that is not to be believed is not drawn.

    Parameters
    ----------
    with_source, without : mapping of str to StationRun
        The same records with and without the source.
    truth : pandas.DataFrame
        Of the source; its days are ticks at the bottom.
    names : mapping
    """
    figure, axes = plt.subplots(
        1, len(with_source), figsize=(PAGE_WIDTH, 3.2), sharey=True, squeeze=False
    )
    for axis, (station, run) in zip(axes[0], with_source.items(), strict=True):
        whole = curve(run, test=False)
        test = curve(run)
        offset = whole.loc[test.index[0]] - test.iloc[0]
        begin = test.index[0] - 1
        axis.axvspan(whole.index[0] - 1, begin, color="0.93", linewidth=0)
        _steps(axis, whole, COLOURS["blue"], "with the source")
        _steps(axis, curve(without[station], test=False), COLOURS["orange"], "without a source")
        fit = growth(run)
        x = np.linspace(test.index[0], test.index[-1], 200)
        for part, dash in ((fit.sigmoid, "-"), (fit.line, ":")):
            if part.converged:
                label = f"{part.model}, $R^2$ = {part.r2:.3f}"
                axis.plot(x, part.predict(x) + offset, dash, color=COLOURS["black"], label=label)
        if not fit.sigmoid.converged:
            axis.plot([], [], " ", label="sigmoid: no fit")
        own = truth[truth["station"] == station]
        days = (own["time"] - pd.Timestamp(EVENT)) / pd.Timedelta(days=1)
        axis.plot(days, np.zeros(len(days)), "|", color=COLOURS["vermilion"], label="packets")
        mark_days(axis, label="")
        axis.set_title(names.get(station, station))
        axis.set_xlabel("days from the mainshock")
        axis.legend(loc="upper left", fontsize=7)
    axes[0, 0].set_ylabel("cumulative anomalous days")
    axes[0, 0].set_ylim(bottom=-2)
    top = axes[0, 0].get_ylim()[1]
    axes[0, 0].set_ylim(top=1.45 * top)
    return figure


def _steps(axis: Axes, series: pd.Series, colour: str, label: str) -> None:
    axis.step(series.index, series.to_numpy(), where="post", color=colour, label=label)


@drawn
def indices_and_weather(
    dst: xr.Dataset, kp: xr.Dataset, weather: xr.Dataset, days: Sequence[str]
) -> Figure:
    """Dst and Kp with the limits of a storm, and first differences of daily weather; figure 13.

    Parameters
    ----------
    dst, kp : xarray.Dataset
        ``Dst`` (nT) and ``Kp``.
    weather : xarray.Dataset
        ``pressure``, ``temperature``, ``rain`` (time, station); the mean over stations is taken.
    days : sequence of str
        Dates that the paper names, marked.
    """
    figure, axes = plt.subplots(5, 1, figsize=(PAGE_WIDTH, 6.6))
    moment = pd.Timestamp(EVENT)
    for axis, data, name, label, limit in (
        (axes[0], dst, "Dst", "Dst (nT)", STORM_DST),
        (axes[1], kp, "Kp", "Kp", STORM_KP),
    ):
        values = data[name].to_series().dropna()
        x = (values.index - moment) / pd.Timedelta(days=1)
        axis.step(x, values, where="post", color=COLOURS["blue"], linewidth=0.8)
        over = values <= limit if name == "Dst" else values >= limit
        axis.plot(x[over], values[over], ".", color=COLOURS["vermilion"], markersize=4)
        axis.axhline(limit, color=COLOURS["vermilion"], linewidth=0.9, linestyle=":")
        for day in days:
            middle = (pd.Timestamp(day) + pd.Timedelta(hours=12) - moment) / pd.Timedelta(days=1)
            axis.axvspan(middle - 0.5, middle + 0.5, color=COLOURS["yellow"], alpha=0.5)
        axis.set_ylabel(label)
    local = weather.assign_coords(time=weather["time"] + np.timedelta64(8, "h"))
    for axis, name, label in zip(
        axes[2:],
        ("pressure", "temperature", "rain"),
        ("Δ pressure\n(hPa)", "Δ temperature\n(K)", "Δ rain\n(mm)"),
        strict=True,
    ):
        mean = local[name].mean("station").to_series().dropna().resample("D")
        daily = (mean.sum() if name == "rain" else mean.mean()).diff()
        x = (daily.index - pd.Timedelta(hours=8) - moment) / pd.Timedelta(days=1)
        axis.plot(x, daily, color=COLOURS["green"], linewidth=0.8)
        axis.set_ylabel(label)
    for axis in axes:
        mark_days(axis, label="")
    for group in (axes[:2], axes[2:]):
        for axis in group[:-1]:
            axis.tick_params(labelbottom=False)
        group[-1].set_xlabel("days from the mainshock")
    figure.align_ylabels(axes)
    return figure
