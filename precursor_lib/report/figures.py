"""Figures that more than one page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from precursor_lib.detect.growth import GrowthFit
from precursor_lib.errors import InputError
from precursor_lib.report import style
from precursor_lib.report.tables import number


@style.drawn
def cumulative_curves(
    curves: Mapping[str, pd.Series],
    fits: Mapping[str, Sequence[GrowthFit]] | None = None,
    *,
    colours: Mapping[str, str] | None = None,
    ylabel: str = "cumulative anomalies",
    event_label: str = "mainshock",
) -> Figure:
    """Cumulative curves by day as steps, with the fits through them.

    A fit that did not converge is not drawn; the legend says so. A converged one carries its
    inflection day (sigmoid) and its coefficient of determination.

    Parameters
    ----------
    curves : mapping of str to pandas.Series
        Cumulative values by day from the event.
    fits : mapping of str to sequence of GrowthFit, optional
        By the names of `curves`.
    colours : mapping, optional
        By the names of `curves`.
    ylabel, event_label : str

    Raises
    ------
    InputError
        If there is no curve, or fits belong to none.
    """
    if not curves:
        raise InputError("curves: at least one expected")
    fits = fits or {}
    for name in fits:
        if name not in curves:
            raise InputError(f"fits: there is no curve '{name}'; known: {', '.join(curves)}")
    figure, axis = plt.subplots(figsize=(style.PAGE_WIDTH, 3.6))
    for index, (name, curve) in enumerate(curves.items()):
        colour = (colours or {}).get(name, style.CYCLE[index % len(style.CYCLE)])
        axis.step(curve.index, curve.to_numpy(), where="post", color=colour, alpha=0.5, label=name)
        for dash, fit in zip(
            ("-", "--", "-.", ":") * len(curves), fits.get(name, ()), strict=False
        ):
            _draw_fit(axis, name, fit, colour, dash)
    style.mark_days(axis, label=event_label)
    axis.set(xlabel="days from the event", ylabel=ylabel)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _draw_fit(axis: Axes, name: str, fit: GrowthFit, colour: str, dash: str) -> None:
    first, last = fit.window
    window = f"{number(round(first))} to {number(round(last))}"
    if not fit.converged:
        axis.plot([], [], " ", label=f"{fit.model} {window}:\nno fit")
        return
    days = np.linspace(first, last, 200)
    words = [f"$R^2$ = {fit.r2:.2f}"]
    if fit.model == "sigmoid":
        words.insert(0, f"$x_0$ = {number(fit.parameters['x0'])}")
    label = f"{fit.model} {window}:\n{', '.join(words)}"
    axis.plot(days, fit.predict(days), color=colour, linestyle=dash, linewidth=1.8, label=label)


@style.drawn
def tensor_factors(
    frequency: ArrayLike,
    time: ArrayLike,
    spectra: ArrayLike,
    courses: ArrayLike,
    contributions: ArrayLike,
    stations: Sequence[str],
    *,
    shares: ArrayLike | None = None,
    band: tuple[float, float] = (0.01, 0.05),
) -> Figure:
    """The components of a factorised tensor, a row each: spectrum a, course b, stations c.

    Parameters
    ----------
    frequency : array_like, shape (I,)
        Hz, positive.
    time : array_like, shape (J,)
        Hours from the start of the record.
    spectra, courses, contributions : array_like, shapes (I, R), (J, R), (K, R)
        The factors. Each spectrum and each course is drawn relative to its maximum, each station
        vector relative to its sum.
    stations : sequence of str
        K names.
    shares : array_like, shape (R,), optional
        Share of each component's energy in `band`, written into its row.
    band : (low, high)
        Hz, shaded.

    Raises
    ------
    InputError
        If the shapes do not fit each other.
    """
    f, t = np.asarray(frequency, float), np.asarray(time, float)
    a, b, c = (np.asarray(part, float) for part in (spectra, courses, contributions))
    rank = a.shape[1] if a.ndim == 2 else 0
    expected = ((f.size, rank), (t.size, rank), (len(stations), rank))
    if rank == 0 or (a.shape, b.shape, c.shape) != expected:
        raise InputError(f"factors: expected shapes {expected}, got {a.shape} {b.shape} {c.shape}")
    figure, axes = plt.subplots(
        rank,
        3,
        figsize=(style.PAGE_WIDTH, 1.35 * rank + 0.7),
        sharex="col",
        width_ratios=[1, 1.4, 1],
        squeeze=False,
    )
    for r, (spectrum, course, station) in enumerate(axes):
        spectrum.axvspan(*band, color=style.COLOURS["yellow"], alpha=0.3, linewidth=0)
        spectrum.plot(f, _relative(a[:, r], a[:, r].max()))
        spectrum.set(xscale="log", ylabel=f"component {r + 1}", ylim=(0, 1.05))
        course.plot(t, _relative(b[:, r], b[:, r].max()), linewidth=0.7)
        course.set(ylim=(0, 1.05))
        station.bar(range(len(stations)), _relative(c[:, r], c[:, r].sum()), width=0.7)
        station.grid(visible=False, axis="x")
        station.set_xticks(range(len(stations)), stations, rotation=60, ha="right")
        if shares is not None:
            spectrum.set_title(f"{np.asarray(shares)[r]:.0%} in the band", fontsize=9)
    for axis, name in zip(axes[-1], ("frequency (Hz)", "time (h)", ""), strict=True):
        axis.set_xlabel(name)
    figure.suptitle("spectrum a, course b, station contribution c", fontsize=10, x=0.01, ha="left")
    return figure


def _relative(values: np.ndarray, whole: float) -> np.ndarray:
    return values / whole if whole > 0 else values


@style.drawn
def time_frequency(
    amplitude: ArrayLike,
    frequency: ArrayLike,
    time: ArrayLike,
    names: Sequence[str],
    *,
    unit: str = "nT",
    band: tuple[float, float] | None = (0.01, 0.05),
) -> Figure:
    """Amplitude by time and frequency, one panel a station or method, on one colour scale.

    Parameters
    ----------
    amplitude : array_like, shape (panels, frequency, time)
        The colours end at the 99.5th percentile, so that one burst does not hide the rest.
    frequency : array_like
        Hz, positive.
    time : array_like
        Hours from the start.
    names : sequence of str
        A title for each panel.
    unit : str
    band : (low, high), optional
        Hz, marked by lines.

    Raises
    ------
    InputError
        If the shapes do not fit each other.
    """
    data = np.asarray(amplitude, float)
    f, t = np.asarray(frequency, float), np.asarray(time, float)
    if data.shape != (len(names), f.size, t.size):
        raise InputError(
            f"amplitude: expected shape {(len(names), f.size, t.size)}, got {data.shape}"
        )
    columns = 1 if len(names) == 1 else 2
    rows = -(-len(names) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(style.PAGE_WIDTH, 1.5 * rows + 0.9 + 0.8 * (rows == 1)),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    every = max(1, t.size // 1000)
    # Every panel keeps the largest of the values that fall on one pixel, so that bursts stay.
    blocks = data[:, :, : t.size // every * every].reshape(len(names), f.size, -1, every).max(-1)
    top = float(np.nanpercentile(blocks, 99.5)) or 1.0
    mesh = None
    for axis, name, panel in zip(axes.flat, names, blocks, strict=False):
        mesh = axis.pcolormesh(
            t[: t.size // every * every : every],
            f,
            panel,
            vmin=0,
            vmax=top,
            shading="nearest",
            rasterized=True,
        )
        axis.grid(visible=False)
        axis.set(yscale="log")
        axis.set_title(name)
        for edge in band or ():
            axis.axhline(edge, color="white", linewidth=0.8, linestyle="--")
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    figure.supxlabel("time (h)", fontsize=9.5)
    figure.supylabel("frequency (Hz)", fontsize=9.5)
    if mesh is not None:
        figure.colorbar(mesh, ax=axes, label=f"amplitude ({unit})", extend="max", shrink=0.9)
    return figure


@style.drawn
def stacked_waveforms(
    columns: Mapping[str, ArrayLike],
    time: ArrayLike,
    names: Sequence[str],
    *,
    unit: str = "nT",
    spacing: float | Mapping[str, float] | None = None,
) -> Figure:
    """Records of several stations above each other, one panel a processing step.

    Parameters
    ----------
    columns : mapping of str to array_like of shape (station, time)
        By title of the panel. Each trace is drawn less its median.
    time : array_like
        Hours from the start.
    names : sequence of str
        Stations, from top to bottom.
    unit : str
    spacing : float or mapping by title, optional
        Distance between traces in `unit`, which a bar shows; by default a round number that holds
        99 % of every trace of the panel.

    Raises
    ------
    InputError
        If a panel's shape is not (station, time).
    """
    t = np.asarray(time, float)
    figure, axes = plt.subplots(
        1,
        len(columns),
        figsize=(style.PAGE_WIDTH, 0.55 * len(names) + 1.0),
        sharex=True,
        squeeze=False,
    )
    for index, (axis, (title, values)) in enumerate(zip(axes[0], columns.items(), strict=True)):
        data = np.asarray(values, float)
        if data.shape != (len(names), t.size):
            raise InputError(f"{title}: expected shape {(len(names), t.size)}, got {data.shape}")
        traces = data - np.nanmedian(data, axis=1, keepdims=True)
        given = spacing.get(title) if isinstance(spacing, Mapping) else spacing
        step = given or _round_up(2 * float(np.nanpercentile(np.abs(traces), 99)))
        offsets = -step * np.arange(len(names))
        axis.plot(t, (traces + offsets[:, None]).T, color=style.COLOURS["blue"], lw=0.5)
        axis.set(title=f"{title}\nspacing {step:g} {unit}", xlabel="time (h)")
        axis.set_ylim(offsets[-1] - step, step)
        axis.set_yticks(offsets, names if index == 0 else [""] * len(names))
        axis.grid(visible=False, axis="y")
    return figure


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten; 1 where there is nothing to hold."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value))
