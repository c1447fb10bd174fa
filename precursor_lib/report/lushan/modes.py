"""Figures 7 and 8 of the Lushan case: what the modes hold, and what stopping early costs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.pipelines.lushan import samples_a_day
from precursor_lib.pipelines.lushan_chain import Array, LushanChain, StationRun
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn
from precursor_lib.report.vmd import classic

DAILY = ((0.85, 1.1), (1.8, 2.1))
"""Cycles a day of the daily and half-daily bands, tides and solar variation alike."""


def power(series: Array, rate: float) -> tuple[Array, Array]:
    """Frequencies (cycles a day) and power of a series under a Hann taper."""
    taper = np.hanning(series.size)
    spectrum = np.abs(np.fft.rfft((series - series.mean()) * taper)) ** 2
    return np.asarray(np.fft.rfftfreq(series.size, 1.0 / rate)), np.asarray(spectrum)


def band_power(series: Array, rate: float, bands: tuple[tuple[float, float], ...]) -> float:
    """Power of a series within bands of cycles a day."""
    f, p = power(series, rate)
    return float(sum(p[(f >= low) & (f <= high)].sum() for low, high in bands))


def mode_table(runs: Mapping[str, StationRun]) -> pd.DataFrame:
    """Period, size and content of each mode of each station.

    Shares are of the power of the sum of all modes in the daily and half-daily bands, and, of a
    mode's own power, that of periods of 30 days and more. Modes overlap, so the shares of a
    station need not add up to one.
    """
    rows = []
    for name, run in runs.items():
        rate = samples_a_day(run.times)
        whole = band_power(run.modes.sum(axis=0), rate, DAILY)
        for k, (mode, centre) in enumerate(zip(run.modes, run.centres, strict=True), 1):
            f, p = power(mode, rate)
            hours = 24.0 / (rate * centre) if centre > 0 else np.inf
            rows.append(
                {
                    "station": name,
                    "mode": f"k{k}",
                    # A period beyond the record has no meaning.
                    "period (h)": hours if hours < 24.0 * mode.size / rate else np.inf,
                    "rms": float(mode.std()),
                    "share of the daily bands": band_power(mode, rate, DAILY) / whole,
                    "share beyond 30 d": float(p[f <= 1 / 30].sum() / p.sum()),
                }
            )
    return pd.DataFrame(rows)


def mode_values(
    field: Mapping[str, StationRun], strain: Mapping[str, StationRun], sensitive: bool
) -> dict[str, Any]:
    """What the ledger asks of figures 7 and 8; each number is the mean over stations.

    Parameters
    ----------
    field, strain : mapping of str to StationRun
        Geomagnetic and strain stations.
    sensitive : bool
        Whether the source stands out more in k4 + k5 than in the record; see `source_ratio`.
    """
    table = mode_table(field)
    ground = mode_table(strain)

    def mean(frame: pd.DataFrame, mode: str, column: str) -> float:
        return float(frame.loc[frame["mode"] == mode, column].mean())

    share = "share of the daily bands"
    small = [
        set(part.nsmallest(2, "rms")["mode"]) == {"k4", "k5"}
        for _, part in table.groupby("station")
    ]
    kept = []
    for run in strain.values():
        rate = samples_a_day(run.times)
        whole = band_power(run.modes.sum(axis=0), rate, DAILY)
        kept.append(band_power(run.modes[1:].sum(axis=0), rate, DAILY) / whole)
    periods = table.loc[table["mode"] == "k1", "period (h)"]
    return {
        "lushan-fig7-k1": float(np.minimum(periods, 1e4).mean()),
        "lushan-fig7-diurnal": mean(table, "k2", share) + mean(table, "k3", share),
        "lushan-fig7-small": all(small),
        "lushan-fig7-sensitive": sensitive,
        "lushan-fig8-k1": mean(ground, "k1", "share beyond 30 d"),
        "lushan-fig8-k2": mean(ground, "k2", share),
        "lushan-fig8-tide-weakened": float(np.mean(kept)),
    }


def source_ratio(with_source: StationRun, without: StationRun) -> tuple[float, float]:
    """Power of a simulated source over the background's, in the kept modes and in the record.

    The record is taken less the mean of each day. Both runs are of one seed, so that their
    difference is the source.
    """
    shots = with_source.record - without.record
    rate = round(samples_a_day(with_source.times))
    kept = with_source.signal - without.signal

    def by_day(x: Array) -> Array:
        days = x[: x.size // rate * rate].reshape(-1, rate)
        return days - np.nanmean(days, axis=1, keepdims=True)

    raw = np.nanvar(by_day(shots)) / np.nanvar(by_day(without.record))
    return float(np.nanvar(kept) / np.nanvar(without.signal)), float(raw)


def stopping(record: Array, chain: LushanChain, limits: Mapping[str, float]) -> dict[str, float]:
    """What k4 + k5 miss where classic sweeps stop at a small relative change, in %.

    The change is ``sum_k |u_k' - u_k|^2 / |u_k|^2`` from one sweep to the next, as common programs
    take it. Its first sweep below a limit is looked for among 2, 4, 8, ... up to 4096.

    Parameters
    ----------
    record : numpy.ndarray, shape (n,)
        Without gaps.
    chain : LushanChain
    limits : mapping of str to float

    Returns
    -------
    dict of str to float
        By the names of `limits`: size of the difference to the fixed point over its size.
    """
    options: dict[str, Any] = {"modes": chain.modes, "alpha": chain.alpha, "tol": 1e-12}
    kept = [k - 1 for k in chain.kept]
    x = record - record.mean()
    # The classic sweeps and the fixed point of the chain end in one valley of the objective.
    end = classic(x, 20_000, **{**options, "tol": 1e-7}).modes[kept].sum(axis=0)
    missed: dict[str, float] = {}
    for sweeps in 2 ** np.arange(1, 13):
        now, after = (classic(x, int(n), **options).modes for n in (sweeps, sweeps + 1))
        change = np.sum(np.sum((after - now) ** 2, axis=1) / np.sum(now**2, axis=1))
        apart = after[kept].sum(axis=0) - end
        for name, limit in limits.items():
            if name not in missed and change < limit:
                missed[name] = float(100 * np.linalg.norm(apart) / np.linalg.norm(end))
        if len(missed) == len(limits):
            break
    return missed


@drawn
def modes_of_stations(
    runs: Mapping[str, StationRun], event: str, names: Mapping[str, str], *, unit: str
) -> Figure:
    """The record and its modes at each station, a column a station; see figures 7 and 8.

    Of each pixel the smallest and the largest value are drawn, so that short waves keep their size.

    Parameters
    ----------
    runs : mapping of str to StationRun
    event : str
        Time (UTC) of the mainshock.
    names : mapping
        Name of each station.
    unit : str
    """
    rows = len(next(iter(runs.values())).modes) + 1
    figure, axes = plt.subplots(
        rows, len(runs), figsize=(PAGE_WIDTH, 0.85 * rows + 0.6), sharex=True, squeeze=False
    )
    moment = np.datetime64(event)
    for place, (station, run) in enumerate(runs.items()):
        column = axes[:, place]
        days = (run.times - moment) / np.timedelta64(1, "D")
        colours = [COLOURS["black"], *CYCLE]
        traces = zip(column, [run.record, *run.modes], colours, range(rows), strict=False)
        for axis, values, colour, row in traces:
            x, low, high = envelope(days, values)
            axis.fill_between(x, low, high, color=colour, linewidth=0.6, edgecolor=colour)
            axis.axvline(0, color=COLOURS["black"], linestyle="--", linewidth=0.8)
            axis.tick_params(labelsize=7)
            if row == 0:
                axis.set_title(names.get(station, station), fontsize=9)
            if place == 0:
                axis.set_ylabel(("record" if row == 0 else f"k{row}") + f"\n({unit})", fontsize=8)
        column[-1].set_xlabel("days from the mainshock", fontsize=8)
    figure.align_ylabels(axes[:, 0])
    return figure


def envelope(x: Array, values: Array, pixels: int = 400) -> tuple[Array, Array, Array]:
    """Smallest and largest value of each of many stretches of a series; NaN where there is none."""
    edges = np.linspace(0, values.size, min(pixels, values.size) + 1).astype(int)
    parts = [values[a:b] for a, b in pairwise(edges)]
    held = [part[np.isfinite(part)] for part in parts]
    low = np.array([part.min() if part.size else np.nan for part in held])
    high = np.array([part.max() if part.size else np.nan for part in held])
    return x[(edges[:-1] + edges[1:] - 1) // 2], low, high
