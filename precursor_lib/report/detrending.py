"""Figures and tables of the page on detrending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.decompose import DetrendingResponse, boundary_reach, dwt_detrend
from precursor_lib.errors import InputError
from precursor_lib.report import style

BAND = (0.01, 0.05)


@style.drawn
def response_curves(
    responses: Mapping[str, DetrendingResponse], *, spread: str, band: tuple[float, float] = BAND
) -> Figure:
    """Mean power response of several filters, with the spread of amplitude of one of them.

    Parameters
    ----------
    responses : mapping
        Name of each filter and its response.
    spread : str
        The filter whose smallest and largest amplitude over positions is shaded.
    band : (low, high)
        Hz, shaded.
    """
    figure, (power, amplitude) = plt.subplots(1, 2, sharex=True)
    for name, response in responses.items():
        power.plot(response.frequency, response.power, label=name)
    chosen = responses[spread]
    amplitude.fill_between(
        chosen.frequency,
        chosen.low,
        chosen.high,
        color=style.COLOURS["sky"],
        alpha=0.5,
        label="all positions",
    )
    amplitude.plot(chosen.frequency, np.sqrt(chosen.power), label="root mean square")
    for axis, label in ((power, "power response"), (amplitude, f"amplitude response, {spread}")):
        axis.axvspan(*band, color=style.COLOURS["yellow"], alpha=0.3, linewidth=0)
        axis.set(xscale="log", xlabel="frequency (Hz)", ylabel=label)
        axis.legend()
    return figure


def response_table(
    responses: Mapping[str, DetrendingResponse], frequencies: Sequence[float]
) -> pd.DataFrame:
    """Edges of each filter, and its power response at some frequencies (interpolated)."""
    rows = {
        name: {
            "edge, half power (Hz)": r.edge(0.5),
            "99 % of power from (Hz)": r.edge(0.99),
            **{
                f"power at {f:g} Hz": float(np.interp(f, r.frequency, r.power)) for f in frequencies
            },
        }
        for name, r in responses.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("filter")


@style.drawn
def nights(records: Mapping[str, np.ndarray], rate: float, **detrending: str | int) -> Figure:
    """Records and what is left of them, a row each, with the ends that the continuation reaches.

    Parameters
    ----------
    records : mapping
        Name and samples (nT) of each record.
    rate : float
        Samples a second.
    **detrending
        Arguments of `dwt_detrend`.
    """
    figure, axes = plt.subplots(
        len(records),
        2,
        figsize=(style.PAGE_WIDTH, 1.4 * len(records) + 0.6),
        squeeze=False,
        sharex=True,
    )
    reach = boundary_reach(
        str(detrending.get("wavelet", "db5")), int(detrending.get("levels", 6))
    ) / (3600 * rate)
    for (name, x), (raw, left) in zip(records.items(), axes, strict=True):
        hours = np.arange(x.size) / (3600 * rate)
        raw.plot(hours, x - x.mean(), linewidth=0.8)
        left.plot(hours, dwt_detrend(x, **detrending), linewidth=0.5)  # type: ignore[arg-type]
        for span in ((hours[0], reach), (hours[-1] - reach, hours[-1])):
            left.axvspan(*span, color=style.COLOURS["grey"], alpha=0.2, linewidth=0)
        raw.set(ylabel=f"{name}\n$Z$ - mean (nT)")
        left.set(ylabel="detrended (nT)")
    for axis in axes[-1]:
        axis.set(xlabel="hours")
    return figure


def boundary_errors(
    x: np.ndarray,
    length: int,
    modes: Sequence[str],
    *,
    bins: int = 20,
    wavelet: str = "db5",
    levels: int = 6,
) -> pd.DataFrame:
    """What a record's ends do to its detrending, by distance from the end.

    Pieces are cut out of a long record and detrended alone. The difference from the same samples of
    the whole record, detrended at once, is the error. Pieces start at multiples of ``2**levels``
    samples, so that the grid of the transform is the same.

    Parameters
    ----------
    x : array, shape (n,)
        The long record.
    length : int
        Samples of a piece.
    modes : sequence of str
        Boundary modes of `dwt_detrend`.
    bins : int
        Distances at which the error is given, within `boundary_reach`.

    Returns
    -------
    pandas.DataFrame
        Index: distance from the nearer end (samples, middle of a bin). One column a mode: root mean
        square of the error over that of the detrended record.

    Raises
    ------
    InputError
        If no piece fits between the ends of the record, where it is itself uncertain.
    """
    reach, grid = boundary_reach(wavelet, levels), 2**levels
    starts = np.arange(-(-reach // grid) * grid, x.size - reach - length + 1, grid)
    if starts.size == 0:
        raise InputError(f"length: expected at most {x.size - 2 * reach - grid}, got {length}")
    whole = dwt_detrend(x, wavelet, levels)
    pieces = np.stack([x[s : s + length] for s in starts])
    truth = np.stack([whole[s : s + length] for s in starts])
    scale = np.sqrt(np.mean(whole[reach:-reach] ** 2))
    borders = np.linspace(0, reach, bins + 1).round().astype(int)
    columns = {}
    for mode in modes:
        square = (dwt_detrend(pieces, wavelet, levels, mode) - truth) ** 2
        ends = (square[:, :reach] + square[:, ::-1][:, :reach]).mean(axis=0) / 2
        means = [ends[a:b].mean() for a, b in pairwise(borders)]
        columns[mode] = np.sqrt(means) / scale
    middle = (borders[:-1] + borders[1:]) / 2
    return pd.DataFrame(columns, index=pd.Index(middle, name="distance"))


@style.drawn
def boundary_curves(errors: Mapping[str, pd.DataFrame], rate: float) -> Figure:
    """Errors of `boundary_errors`, a panel a record."""
    figure, axes = plt.subplots(1, len(errors), sharey=True, squeeze=False)
    for (name, frame), axis in zip(errors.items(), axes[0], strict=True):
        for mode in frame:
            axis.plot(frame.index / rate, frame[mode], label=mode)
        axis.set(title=name, xlabel="distance from the end (s)", yscale="log", ylim=(1e-4, None))
    axes[0, 0].set(ylabel="error / rms of the detrended")
    axes[0, -1].legend()
    return figure


def disturbances(length: int = 4096, *, box: int = 60) -> dict[str, np.ndarray]:
    """A spike, a step, a box and a bend, each of size 1, at the middle of a record.

    The bend changes the slope by 1 in 100 samples.
    """
    t = np.arange(length) - length // 2
    return {
        "spike": (t == 0).astype(float),
        "step": (t >= 0).astype(float),
        f"box, {box} s": ((t >= 0) & (t < box)).astype(float),
        "bend, 0.01 a second": np.maximum(t, 0) / 100,
    }


def transients(
    shapes: Mapping[str, np.ndarray], *, positions: int = 16, wavelet: str = "db5", levels: int = 6
) -> dict[str, np.ndarray]:
    """What detrending makes of a disturbance at several positions on the transform's grid.

    Returns
    -------
    dict
        For each shape an array (position, time), shifted back so that all disturbances coincide.
    """
    shifts = np.arange(positions) * 2**levels // positions
    return {
        name: np.stack(
            [
                np.roll(dwt_detrend(np.pad(x, (s, 0), mode="edge")[: x.size], wavelet, levels), -s)
                for s in shifts
            ]
        )
        for name, x in shapes.items()
    }


def transient_table(outputs: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Largest output, and how long the output stays above a tenth of it, over all positions."""
    rows = {}
    for name, y in outputs.items():
        # Shifting back rolls the ends in; they are left out.
        quarter = y.shape[1] // 4
        inside = np.abs(y[:, quarter:-quarter])
        top = inside.max(axis=1)
        above = inside > 0.1 * top[:, None]
        first = above.argmax(axis=1)
        last = above.shape[1] - above[:, ::-1].argmax(axis=1)
        span = last - first
        rows[name] = {
            "largest output, least": top.min(),
            "largest output, most": top.max(),
            "above a tenth of it, least (s)": span.min(),
            "above a tenth of it, most (s)": span.max(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("disturbance of size 1")


@style.drawn
def transient_curves(
    shapes: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray], *, reach: int = 250
) -> Figure:
    """Disturbances and what detrending makes of them at all positions."""
    figure, axes = plt.subplots(2, 2, figsize=(style.PAGE_WIDTH, 4.6), sharex=True)
    for (name, x), axis in zip(shapes.items(), axes.flat, strict=True):
        t = np.arange(x.size) - x.size // 2
        near = np.abs(t) <= reach
        axis.plot(t[near], outputs[name][:, near].T, color=style.COLOURS["sky"], linewidth=0.5)
        axis.plot(t[near], x[near], color=style.COLOURS["black"], linewidth=0.9)
        axis.set(title=name, ylim=(-1.3, 1.3))
    for axis in axes[-1]:
        axis.set(xlabel="seconds at 1 Hz")
    return figure
