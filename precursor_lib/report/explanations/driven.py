"""Magnetic activity in counts of points, and tides and weather in strain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.dates import DateFormatter, MonthLocator
from matplotlib.figure import Figure

from precursor_lib.context.borehole import areal_strain
from precursor_lib.detect import PointRule, anomalous_days, residual_points
from precursor_lib.evaluate.explanations import strain
from precursor_lib.evaluate.explanations.activity import (
    Explained,
    Scale,
    by_local_day,
    explained_by,
)
from precursor_lib.evaluate.explanations.findings import Finding
from precursor_lib.report.explanations.closing import between
from precursor_lib.report.residual_rules.records import hour_ago
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn

_FIELD = "Lushan: anomalous points of the field grow towards the shock"
_STRAIN = "Lushan, STMN: anomalous points of strain come from the source"
_RULE = PointRule("mean_multiple", 2.5)
_LIMIT = 45.0
_SCALES: tuple[Scale, ...] = ("root", "log")
PARTS = ("tides", "pressure", "rain", "steps", "spikes", "noise", "source")
WEATHER = "tides, pressure and rain"
_WINTER = (11, 12, 1, 2, 3, 4)


@dataclass(frozen=True)
class FieldDays:
    """Points of a record by day, the day's largest Kp, and what Kp explains of them.

    Attributes
    ----------
    points : pandas.Series
        By day.
    kp : numpy.ndarray
        Largest of the day.
    explained, by_log : Explained
        With the root of the count, and with its logarithm.
    """

    points: pd.Series
    kp: np.ndarray
    explained: Explained
    by_log: Explained


def field_days(record: xr.Dataset, kp: pd.Series, zone_hours: float, seed: int) -> FieldDays:
    """Count what the residual rule marks in one-minute Z of the first station, day by day.

    The forecast is the value an hour before. Drivers: largest and mean Kp of the day, and the mean
    of the day before.
    """
    rest = hour_ago(record["Z"].isel(station=0).values.astype(float))
    points = residual_points(rest, np.zeros_like(rest), _RULE)
    days = anomalous_days(
        record["time"].values,
        points,
        threshold=_LIMIT,
        valid=np.isfinite(rest),
        zone_hours=zone_hours,
    )
    dates = pd.DatetimeIndex(days.index)
    most, mean = (by_local_day(kp, dates, zone_hours, how) for how in ("max", "mean"))
    before = by_local_day(kp, dates - pd.Timedelta(days=1), zone_hours)
    drivers = np.column_stack([most, mean, before])
    root, log = (explained_by(days["points"], drivers, scale=s, seed=seed) for s in _SCALES)
    return FieldDays(days["points"], most, root, log)


def field_table(records: Mapping[str, FieldDays]) -> pd.DataFrame:
    """Correlation with Kp before and after the fit, and the share that Kp foretells."""
    rows = {}
    for name, one in records.items():
        e = one.explained
        expected = e.expected.reindex(one.points.index)
        later = slice(len(one.points) - e.days, None)
        marked = (one.points > _LIMIT).iloc[later]
        foreseen = (expected > _LIMIT).iloc[later]
        rows[name] = {
            "days judged": e.days,
            "rank correlation": between(e.rho, e.rho_low, e.rho_high),
            "after the fit": e.left,
            "share foretold": between(e.share, e.low, e.high),
            "with logarithms": between(*(getattr(one.by_log, n) for n in ("share", "low", "high"))),
            "days above 45 points (%)": 100 * marked.mean(),
            "of these expected (%)": 100 * foreseen[marked].mean(),
            "of the others (%)": 100 * foreseen[~marked].mean(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("record")


@drawn
def field_figure(records: Mapping[str, FieldDays]) -> Figure:
    """Points a day against the day's largest Kp, and days above the limit, counted and expected."""
    figure, axes = plt.subplots(
        2, len(records), figsize=(PAGE_WIDTH, 5.2), sharey="row", squeeze=False
    )
    for (above, below), (name, one) in zip(axes.T, records.items(), strict=True):
        jitter = one.kp + np.random.default_rng(0).uniform(-0.1, 0.1, one.kp.size)
        later = np.arange(one.kp.size) >= one.kp.size - one.explained.days
        for part, colour, label in (
            (~later, COLOURS["grey"], "fitted half"),
            (later, COLOURS["blue"], "judged half"),
        ):
            above.plot(jitter[part], 1 + one.points[part], ".", color=colour, ms=4, label=label)
        above.axhline(_LIMIT, color=COLOURS["vermilion"], linestyle="--", label="45 points")
        above.set(title=name, yscale="log", xlabel="largest Kp of the day")
        expected = one.explained.expected.reindex(one.points.index)
        for series, colour, label in (
            (one.points, COLOURS["blue"], "counted"),
            (expected, COLOURS["orange"], "expected from Kp"),
        ):
            marked = (series[later] > _LIMIT).cumsum()
            below.step(marked.index, marked, where="post", color=colour, label=label)
        # Three or four labels of a month fit under a panel.
        below.xaxis.set_major_locator(MonthLocator(interval=max(1, round(later.sum() / 100))))
        below.xaxis.set_major_formatter(DateFormatter("%b %Y"))
    axes[0, 0].set_ylabel("1 + points of the day")
    axes[1, 0].set_ylabel("days above 45 points")
    lines = [axis.get_legend_handles_labels() for axis in axes[:, 0]]
    handles, labels = (lines[0][k] + lines[1][k] for k in (0, 1))
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def field_findings(records: Mapping[str, FieldDays]) -> list[Finding]:
    """How much of the daily counts Kp foretells, a record each."""
    return [
        Finding(
            "Magnetic activity", _FIELD, name, "variance of daily counts, from Kp",
            one.explained.share, one.explained.low, one.explained.high,
        )
        for name, one in records.items()
    ]  # fmt: skip


def strain_parts(open_record: Callable[..., xr.Dataset], seed: int) -> dict[str, pd.DataFrame]:
    """Anomalous points that are gone without parts of a simulated record, by forecast.

    Each of `PARTS` is left out by itself, and those of `WEATHER` together.

    Parameters
    ----------
    open_record : callable
        Gives the record; takes parts to leave out as ``name=None``.
    seed : int
    """
    full = open_record()
    left_out = {name: (name,) for name in PARTS} | {WEATHER: ("tides", "pressure", "rain")}
    others = {name: open_record(**dict.fromkeys(left)) for name, left in left_out.items()}
    return {
        name: strain.without_parts(full, others, forecast, seed=seed)
        for name, forecast in strain.FORECASTS.items()
    }


@drawn
def strain_figure(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Share of the points that is gone without each part, by forecast."""
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 4.0))
    for k, ((name, table), colour) in enumerate(zip(tables.items(), CYCLE, strict=False)):
        row = np.arange(len(table)) + 0.3 * (k - 0.5)
        share, low, high = (100 * table[c].to_numpy() for c in ("share", "low", "high"))
        axis.barh(row, share, height=0.28, color=colour, label=f"forecast: {name}")
        axis.errorbar(
            share, row, xerr=np.stack([share - low, high - share]), fmt="none",
            color=COLOURS["black"], capsize=2, linewidth=0.9,
        )  # fmt: skip
    axis.axvline(0, color=COLOURS["black"], linewidth=0.8)
    axis.set(
        yticks=np.arange(len(table)), yticklabels=table.index, ylim=(len(table) - 0.5, -0.5),
        xlabel="anomalous points that are gone without it (%)",
    )  # fmt: skip
    axis.grid(axis="y", visible=False)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def gauges_table(record: xr.Dataset, seed: int) -> pd.DataFrame:
    """Points of an observed strain record that tides and pressure account for.

    Columns ``forecast``, ``taken off``, ``points``, ``left``, ``share``, ``low``, ``high``, and
    points from November to April over those from May to October, before and after.
    """
    values = areal_strain(record).transpose("station", "time").values[0]
    times = record["time"].values
    around = record["pressure"].transpose("station", "time").values[0]
    rows = []
    for name, forecast in strain.FORECASTS.items():
        for what, pressure in (("tide", None), ("tide and pressure", around)):
            clean = strain.less_terms(values, strain.known_terms(times, pressure))
            pair = strain.unseen_residuals([values, clean], forecast)
            *marked, share = strain.fewer_points(*pair, seed=seed)
            there = np.where(np.isfinite(pair[0]), 0.0, np.nan)
            winter = [strain.half_years(times, one + there, _WINTER) for one in marked]
            rows.append((name, what, *(int(one.sum()) for one in marked), *share, *winter))
    return pd.DataFrame(
        rows,
        columns=["forecast", "taken off", "points", "left", "share", "low", "high",
                 "winter over summer", "winter over summer, left"],
    )  # fmt: skip


def strain_findings(
    parts: Mapping[str, pd.DataFrame], gauges: pd.DataFrame, origin: str
) -> list[Finding]:
    """Points that tides, pressure and rain account for, simulated and at Guza."""
    found = [
        Finding(
            "Tides, pressure, rain", _STRAIN, f"two stations, forecast {name} (simulated)",
            "points that are gone without them",
            *(float(table.loc[WEATHER, c]) for c in ("share", "low", "high")),
        )
        for name, table in parts.items()
    ]  # fmt: skip
    for _, row in gauges[gauges["taken off"] == "tide and pressure"].iterrows():
        found.append(
            Finding(
                "Tides, pressure", _STRAIN, f"Guza, forecast {row['forecast']} ({origin})",
                "points that are gone without them", row["share"], row["low"], row["high"],
            )
        )  # fmt: skip
    return found
