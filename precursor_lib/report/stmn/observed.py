"""The STMN chain on one observed station: the half year before an earthquake among all others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.detect import fit_many
from precursor_lib.errors import InputError
from precursor_lib.pipelines.stmn import Forecast
from precursor_lib.report.lushan.ledger import EVENT
from precursor_lib.report.stmn.experiment import CURVES, Bench
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn

SPAN = 180
"""Days through which curves are fitted, as for the simulated networks."""
TURNS = (30.0, 90.0)
"""Days before its end at which a span has to turn to look like a precursor: one to three months."""
EARLIER = 7
"""Days by which the span before the earthquake is shifted to see what its last week does."""


def early_and_late(series: xr.DataArray, until: str, folder: Path | None = None) -> Bench:
    """A bench whose reference is a station's record before a day, and ``"later"`` the rest.

    Parameters
    ----------
    series : xarray.DataArray
        One gauge (time, station).
    until : str
        UTC.
    folder : path, optional
        As for `Bench`.

    Raises
    ------
    InputError
        If one part has no sample.
    """
    early = series["time"].values < np.datetime64(until)
    if early.all() or not early.any():
        raise InputError(f"until {until}: expected a time within the record")
    return Bench(series[{"time": early}], {"later": series[{"time": ~early}]}, folder)


def spans(
    forecast: Forecast, *, unit: str = "points", length: int = SPAN, least: float = 0.9
) -> pd.DataFrame:
    """Sigmoid and line through every span of a station's cumulative curve, sliding by a day.

    Parameters
    ----------
    forecast : Forecast
        Of one station.
    unit : str
        ``"points"`` or ``"days"``.
    length : int
        Days of a span.
    least : float
        Share of its days that a span has to have; a missing day adds nothing to the curve.

    Returns
    -------
    pandas.DataFrame
        Index: last day (local). ``count``, ``r2``, ``ratio``, ``inflection`` (days before the end;
        NaN where the sigmoid is not to be believed).

    Raises
    ------
    InputError
        If there is not one station, or no span.
    """
    found = forecast.days()
    if len(found) != 1:
        raise InputError(f"forecast: expected one station, got {len(found)}")
    curve = next(iter(found.values()))[CURVES[unit]]
    curve = curve.reindex(pd.date_range(curve.index[0], curve.index[-1]))
    there = curve.notna().rolling(length).mean()
    if len(curve) < length or not (there >= least).any():
        raise InputError(f"forecast: no {length} days of which {least:.0%} are there")
    windows = np.lib.stride_tricks.sliding_window_view(curve.ffill().to_numpy(float), length)
    fits = fit_many(np.arange(1.0 - length, 1.0), windows)
    table = pd.DataFrame(
        {
            "count": windows[:, -1] - windows[:, 0],
            "r2": fits["r2_s"].to_numpy(),
            "ratio": fits["ratio"].to_numpy(),
            "inflection": -fits["x0"].where(fits["believed"]).to_numpy(),
        },
        index=curve.index[length - 1 :].rename("last day"),
    )
    return table[there.to_numpy()[length - 1 :] >= least]


def last_day(event: str, zone_hours: float = 8.0) -> pd.Timestamp:
    """The last whole local day before an event (UTC)."""
    return (pd.Timestamp(event) + pd.Timedelta(hours=zone_hours)).normalize() - pd.Timedelta(days=1)


def rank_table(
    found: Mapping[str, pd.DataFrame], event: str = EVENT, *, length: int = SPAN
) -> pd.DataFrame:
    """The span before an event among all spans of the record.

    Parameters
    ----------
    found : mapping
        Title to `spans`.
    event : str
        UTC.
    length : int
        Days of a span.

    Returns
    -------
    pandas.DataFrame
        A row a title. ``spans``, and in brackets those apart, which share no day with the one
        before the event and do not hold the event. For ``anomalies``, ``R²`` and ``Ratio`` the
        value before the event and ``p``: the share of spans, it among them, with as large a value;
        in brackets among it and those apart. ``inflection (d)`` before the event, how many of the
        spans apart turn between `TURNS` before their end, and Ratio of the span that ends `EARLIER`
        days sooner.

    Raises
    ------
    InputError
        If the record has no span before the event.
    """
    day, rows = last_day(event), {}
    for title, table in found.items():
        if day not in table.index:
            raise InputError(f"{title}: no span of the record ends on {day:%Y-%m-%d}")
        own = table.loc[day]
        apart = table[np.abs((table.index - day).days) >= length]
        row: dict[str, object] = {"spans": f"{len(table)} ({len(apart)})"}
        for column, name in (("count", "anomalies"), ("r2", "R²"), ("ratio", "Ratio")):
            row[name] = own[column]
            row[f"p, {name}"] = (
                f"{p_of(own[column], table[column]):.3f} "
                f"({p_of(own[column], [own[column], *apart[column]]):.3f})"
            )
        row["inflection (d)"] = own["inflection"]
        row["others turn"] = f"{apart['inflection'].between(*TURNS).mean():.0%}"
        sooner = table["ratio"].get(day - pd.Timedelta(days=EARLIER), np.nan)
        rows[title] = row | {f"Ratio, {EARLIER} d sooner": sooner}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("counts")


def p_of(value: float, values: object) -> float:
    """Share of values that are at least as large; NaN is never as large, and 1 for a NaN."""
    return 1.0 if np.isnan(value) else float((np.asarray(values, dtype=float) >= value).mean())


@drawn
def spans_figure(
    forecast: Forecast, table: pd.DataFrame, event: str = EVENT, *, length: int = SPAN
) -> Figure:
    """Cumulative points of a station, and R2 and Ratio of the span that ends on each day.

    Parameters
    ----------
    forecast : Forecast
        Of one station.
    table : pandas.DataFrame
        From `spans`, in points.
    event : str
        UTC.
    length : int
        Days of a span.
    """
    figure, axes = plt.subplots(3, 1, figsize=(PAGE_WIDTH, 5.4), sharex=True)
    name, frame = next(iter(forecast.days().items()))
    day = last_day(event)
    axes[0].step(frame.index, frame["cumulative_points"], where="post", label=name)
    axes[0].set_ylabel("anomalous points,\naccumulated")
    axes[0].axvspan(
        day - pd.Timedelta(days=length - 1), day, color=COLOURS["grey"], alpha=0.25, linewidth=0,
        label=f"{length} days before",
    )  # fmt: skip
    every = table.reindex(pd.date_range(table.index[0], table.index[-1]))
    for axis, column, label in zip(axes[1:], ("r2", "ratio"), ("R²", "Ratio"), strict=True):
        axis.plot(every.index, every[column], color=CYCLE[2])
        axis.axhline(every.loc[day, column], color=COLOURS["grey"], linestyle=":", linewidth=1)
        axis.set_ylabel(f"{label} of the sigmoid" if column == "r2" else label)
    for number, axis in enumerate(axes):
        axis.axvline(
            pd.Timestamp(event), color=CYCLE[1], linestyle="--", linewidth=1,
            label="Lushan earthquake" if number == 0 else "_nolegend_",
        )  # fmt: skip
    axes[0].legend(loc="upper left")
    axes[-1].set_xlabel("day of the record; below the top, last day of the span")
    figure.align_ylabels(axes)
    return figure
