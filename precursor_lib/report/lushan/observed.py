"""The chain on observed records: Guza by months and years, Eskdalemuir and the activity there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from precursor_lib.detect import fit_sigmoid
from precursor_lib.pipelines.lushan import run_station
from precursor_lib.pipelines.lushan_chain import GEOMAGNETIC, STRAIN, LushanChain, StationRun
from precursor_lib.report.lushan.ledger import EVENT

MONTH = "2013-04"
"""The month of the mainshock."""
SPAN = 30
"""Days of a span that is ranked."""


def shares(times: np.ndarray, training_until: str, validation_until: str) -> dict[str, float]:
    """Shares of a record that end at two dates, as settings of the chain."""
    first, last = times[0], times[-1]
    ends = [
        float((np.datetime64(end) - first) / (last - first))
        for end in (training_until, validation_until)
    ]
    return {"training_share": ends[0], "validation_share": ends[1] - ends[0]}


def monthly(run: StationRun, *, zone_hours: float = 8.0) -> pd.DataFrame:
    """Anomalous days, points and the largest residual of each month of the test.

    Returns
    -------
    pandas.DataFrame
        Index: month. ``days`` analysed, ``anomalous`` (days), ``share`` (of the days), ``points``,
        ``largest`` (residual over the rule's mean size).
    """
    days = run.test_days()
    month = days.index.to_period("M")
    table = days.groupby(month).agg(
        days=("points", "size"), anomalous=("anomalous", "sum"), points=("points", "sum")
    )
    table.insert(2, "share", table["anomalous"] / table["days"])
    local = pd.DatetimeIndex(run.times) + pd.Timedelta(hours=zone_hours)
    size = pd.Series(np.abs(run.residual) / run.scale, index=local)
    largest = size.groupby(size.index.to_period("M")).max()
    table["largest"] = largest.reindex(table.index)
    return table.rename_axis("month")


def month_ranks(table: pd.DataFrame, month: str = MONTH, *, least_days: int = 20) -> pd.DataFrame:
    """Rank of one month among all by each measure, with the p-value that this is.

    Parameters
    ----------
    table : pandas.DataFrame
        From `monthly`.
    month : str
    least_days : int
        Months with fewer analysed days are left out.
    """
    held = table[table["days"] >= least_days]
    rows = {}
    for name in ("share", "points", "largest"):
        value = held.loc[pd.Period(month), name]
        rank = int((held[name] >= value).sum())
        rows[name] = {
            month: value,
            "median of all": held[name].median(),
            "rank": rank,
            "of": len(held),
            "p": rank / len(held),
        }
    words = {"share": "share of anomalous days", "largest": "largest residual (mean sizes)"}
    return pd.DataFrame.from_dict(rows, orient="index").rename(index=words).rename_axis("measure")


def span_p(run: StationRun, end: str = EVENT, *, length: int = SPAN) -> float:
    """Share of spans of the test with at least as many anomalous days as the one before a time.

    Spans have as many days each, slide by a day, and hold at least two thirds of their days; counts
    are scaled to the days analysed.
    """
    flags = run.test_days()["anomalous"].astype(float)
    every = flags.reindex(pd.date_range(flags.index[0], flags.index[-1]))
    share = every.rolling(length, min_periods=2 * length // 3).mean().dropna()
    # The last whole day, Beijing time, before the shock.
    last = (pd.Timestamp(end) + pd.Timedelta(hours=8)).normalize() - pd.Timedelta(days=1)
    return float((share >= share.loc[last]).mean())


def years(run: StationRun, first_month: int = 5) -> dict[str, pd.DataFrame]:
    """Cumulative anomalous days of each year of the test that is whole, as the paper's record runs.

    Returns
    -------
    dict of str to pandas.DataFrame
        Such as ``"2012/13"``: index day of the year counted from 1 May, columns ``cumulative`` and
        ``date``.
    """
    days = run.test_days()
    found = {}
    for year in range(days.index[0].year, days.index[-1].year + 1):
        begin, end = (pd.Timestamp(y, first_month, 1) for y in (year, year + 1))
        part = days[(days.index >= begin) & (days.index < end)]
        if len(part) < 330:
            continue
        since = (part.index - begin).days
        found[f"{year}/{(year + 1) % 100:02}"] = pd.DataFrame(
            {"cumulative": part["anomalous"].cumsum().to_numpy(), "date": part.index},
            index=pd.Index(since, name="day"),
        )
    return found


def year_table(curves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Sigmoid of each year, and its anomalous days in winter and summer halves."""
    rows = {}
    for name, frame in curves.items():
        fit = fit_sigmoid(frame.index.to_numpy(float), frame["cumulative"].to_numpy(float))
        month = pd.DatetimeIndex(frame["date"]).month
        flags = np.diff(frame["cumulative"].to_numpy(), prepend=0)
        winter = (month >= 11) | (month <= 4)
        begin = frame["date"].iloc[0] - pd.Timedelta(days=int(frame.index[0]))
        x0 = fit.parameters["x0"]
        rows[name] = {
            "anomalous days": int(flags.sum()),
            "May to October": float(flags[~winter].mean()),
            "November to April": float(flags[winter].mean()),
            "x0": (begin + pd.Timedelta(days=x0)).normalize() if fit.converged else pd.NaT,
            "dx (d)": fit.parameters["dx"] if fit.converged else np.nan,
            "R²": fit.r2 if fit.converged else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("year from May")


def hour_table(record: xr.DataArray, starts: Sequence[str], hours: int = 17) -> pd.DataFrame:
    """Sizes of changes from hour to hour, in spans and in the whole record.

    Parameters
    ----------
    record : xarray.DataArray
        Hourly, dimension ``time``.
    starts : sequence of str
        First hour of each span, UTC.
    hours : int
        Length of a span.
    """
    changes = record.to_series().diff().abs()
    spans = {start: changes[pd.Timestamp(start) :].iloc[:hours] for start in starts}
    rows = {
        name: {
            "median": part.median(),
            "largest": part.max(),
            "hours below 0.5": f"{int((part < 0.5).sum())} of {int(part.notna().sum())}",
        }
        for name, part in {**spans, "whole record": changes}.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("from")


def activity_by_day(run: StationRun, kp: xr.Dataset, *, zone_hours: float) -> pd.DataFrame:
    """Points of each day of the test, and the largest Kp of the day.

    Parameters
    ----------
    run : StationRun
    kp : xarray.Dataset
        ``Kp`` by the start of its three hours, UTC.
    zone_hours : float
        Of the run's days.
    """
    values = kp["Kp"].to_series().dropna()
    values.index = pd.DatetimeIndex(values.index) + pd.Timedelta(hours=zone_hours)
    days = run.test_days(zone_hours)
    table = days[["points", "anomalous"]].copy()
    table["Kp"] = values.resample("D").max().reindex(table.index)
    return table.dropna()


def activity_table(table: pd.DataFrame) -> pd.DataFrame:
    """Days marked by the day's largest Kp."""
    edges = [-1, 2, 3, 4, 5, 10]
    names = ["below 2", "2 to 3", "3 to 4", "4 to 5", "5 and more"]
    level = pd.cut(table["Kp"], edges, right=False, labels=names)
    rows = table.groupby(level, observed=False).agg(
        days=("points", "size"), marked=("anomalous", "mean"), points=("points", "median")
    )
    return rows.rename(columns={"marked": "share marked", "points": "median points a day"})


def observed_values(
    guza: StationRun, gauges: pd.DataFrame, activity: pd.DataFrame
) -> dict[str, Any]:
    """What the ledger asks of the observed records.

    Parameters
    ----------
    guza : StationRun
        Gauge 1.
    gauges : pandas.DataFrame
        From `precursor_lib.context.borehole.gauge_consistency`.
    activity : pandas.DataFrame
        From `activity_by_day`.
    """
    row = gauges.iloc[0]
    return {
        "lushan-eq3-observed": {
            "as printed": float(row["k_printed"]),
            "S1 + S3 = k (S2 + S4)": float(row["k"]),
        },
        "lushan-fig12-guza-april": span_p(guza),
        "lushan-fig13-kp-independent": float(
            stats.spearmanr(activity["points"], activity["Kp"]).statistic
        ),
    }


def chains(
    guza: xr.DataArray, until: Sequence[str], grid: Sequence[dict[str, Any]], **changes: Any
) -> tuple[LushanChain, LushanChain]:
    """Settings for the hourly strain of Guza and for the field at Eskdalemuir.

    Parameters
    ----------
    guza : xarray.DataArray
    until : sequence of str
        Dates at which training and validation of Guza end.
    grid : sequence of mapping
        Models to choose from.
    **changes
        Of both.
    """
    both = {"grid": tuple(grid), **changes}
    spans = shares(guza["time"].values, *until)
    strain = STRAIN.with_(length=96, horizon=6, **spans, **both)
    # Days of Greenwich at Eskdalemuir.
    return strain, GEOMAGNETIC.with_(zone_hours=0.0, **both)


def run_pair(
    records: Sequence[xr.DataArray], settings: Sequence[LushanChain], *, folder: Path
) -> list[StationRun]:
    """Run each record by its own chain; see `precursor_lib.pipelines.lushan.run_station`."""
    return [
        run_station(record, chain, folder=folder)
        for record, chain in zip(records, settings, strict=True)
    ]
