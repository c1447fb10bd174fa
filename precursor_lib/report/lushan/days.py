"""Figures 11 and 12 of the Lushan case: anomalous days, their growth, recovery and lag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.detect import (
    GrowthComparison,
    compare_growth,
    days_to,
    fit_two_phase,
    growth_lag,
)
from precursor_lib.evaluate.alarm_days import day_recovery
from precursor_lib.pipelines.lushan_chain import StationRun
from precursor_lib.report.lushan.ledger import EVENT, Values


def curve(run: StationRun, *, test: bool = True) -> pd.Series:
    """Cumulative anomalous days by day from the mainshock, of the test or of the whole record."""
    days = run.test_days() if test else run.days
    return pd.Series(days["cumulative"].to_numpy(dtype=float), index=days_to(days.index, EVENT))


def growth(run: StationRun) -> GrowthComparison:
    """Sigmoid and line through the cumulative days of the test."""
    found = curve(run)
    return compare_growth(found.index.to_numpy(), found.to_numpy())


def expected_middle(dataset: xr.Dataset, run: StationRun) -> float:
    """Day from the mainshock by which half of the packets expected in the test have come.

    For a source of one phase that lies in the test this is its inflection.
    """
    expected = np.asarray(dataset.attrs["expected_packets"], dtype=float)
    first = pd.Timestamp(run.times[0]) + pd.Timedelta(hours=8)
    # The record begins at midnight, Beijing time, so that each of its days has a value.
    index = pd.date_range(first.normalize(), periods=expected.size)
    series = pd.Series(expected, index=index).reindex(run.test_days().index)
    half = (series.iloc[0] + series.iloc[-1]) / 2
    return float(np.interp(half, series.to_numpy(), days_to(pd.DatetimeIndex(series.index), EVENT)))


def growth_table(
    runs: Mapping[str, Mapping[str, Mapping[str, StationRun]]], names: Mapping[str, str]
) -> pd.DataFrame:
    """Sigmoid, two sigmoids and line through the cumulative days of the test, by input.

    Parameters
    ----------
    runs : mapping
        Title to the runs of each kind, by kind and station.
    names : mapping
        Name of each station.
    """
    rows = []
    for title, kinds in runs.items():
        for station, run in (pair for stations in kinds.values() for pair in stations.items()):
            days = run.test_days()
            fit = growth(run)
            found = curve(run)
            two = fit_two_phase(found.index.to_numpy(), found.to_numpy())
            good = fit.sigmoid.converged
            rows.append(
                {
                    "input": title,
                    "station": names.get(station, station),
                    "anomalous days": f"{int(days['anomalous'].sum())} of {len(days)}",
                    "R² line": fit.line.r2 if fit.line.converged else np.nan,
                    "R² sigmoid": fit.sigmoid.r2 if good else np.nan,
                    "ΔAIC": fit.delta_aic,
                    "x0 (d)": fit.sigmoid.parameters["x0"] if good else np.nan,
                    "two sigmoids": "yes" if two.converged and two.bic < _bic(fit) else "no",
                    "sigmoid": "converged" if good else _short(fit.sigmoid.reason),
                }
            )
    return pd.DataFrame(rows)


def _bic(fit: GrowthComparison) -> float:
    """Least BIC of the simpler fits that may be believed."""
    simple = [f.bic for f in (fit.sigmoid, fit.line) if f.converged]
    return min(simple, default=np.inf)


def _short(reason: str) -> str:
    return reason.split(":")[-1].strip() if ":" in reason else reason


def recovery_table(
    runs: Mapping[str, StationRun],
    truth: pd.DataFrame,
    expected: Mapping[str, float],
    names: Mapping[str, str],
) -> pd.DataFrame:
    """Days with a packet found, days without one marked, and the timing error, by station.

    Parameters
    ----------
    runs : mapping of str to StationRun
    truth : pandas.DataFrame
        Of the simulated source.
    expected : mapping of str to float
        Middle day of the source's expected count; see `expected_middle`.
    names : mapping
    """
    rows = []
    for station, run in runs.items():
        fit = growth(run).sigmoid
        got = day_recovery(
            run.test_days(),
            truth,
            EVENT,
            station=station,
            inflection=fit.parameters["x0"] if fit.converged else None,
            expected=expected[station] if fit.converged else None,
        )
        low, high = got["detection_interval"]
        calm = got["calm_days"]
        rows.append(
            {
                "station": names.get(station, station),
                "source days": got["source_days"],
                "found": got["found"],
                "share found": got["detection_rate"],
                "95 % from": low,
                "to": high,
                "calm days": calm,
                "marked": got["false_days"],
                "share marked": got["false_days"] / calm if calm else np.nan,
                "marked a year": got["false_days_a_year"],
                "timing error (d)": got["timing_error"],
            }
        )
    return pd.DataFrame(rows).set_index("station")


def lag_table(strain: StationRun, field: StationRun, *, runs: int, seed: int) -> pd.DataFrame:
    """Lag of the strain's cumulative days behind the field's, negative where the strain leads.

    Both methods, over each record's own days after training and over the days that both have.
    """
    a, b = curve(strain), curve(field)
    rows = []
    for common in (False, True):
        for method in ("alignment", "inflection"):
            lag = growth_lag(
                a.index.to_numpy(),
                a.to_numpy(),
                b.index.to_numpy(),
                b.to_numpy(),
                method=method,
                common=common,
                runs=runs,
                seed=seed,
            )
            centre = float(np.median(lag.null)) if lag.null.size else np.nan
            rows.append(
                {
                    "days": "common" if common else "own",
                    "method": method,
                    "lag (d)": lag.days,
                    "95 % from": lag.low,
                    "to": lag.high,
                    "unrelated, median (d)": centre,
                    "p": lag.p,
                }
            )
    return pd.DataFrame(rows)


def day_values(
    found: Mapping[str, Mapping[str, StationRun]],
    nothing: Mapping[str, Mapping[str, StationRun]],
    recovery: Mapping[str, pd.DataFrame],
    lag: pd.DataFrame,
) -> Values:
    """What the ledger asks of figures 11 and 12 and of the lag.

    Parameters
    ----------
    found, nothing : mapping
        ``"field"`` and ``"strain"``: runs by station, with the source and without it.
    recovery : mapping
        ``"field"`` and ``"strain"``: tables of `recovery_table`.
    lag : pandas.DataFrame
        Of `lag_table`.
    """
    errors = {kind: table["timing error (d)"].abs() for kind, table in recovery.items()}
    own = lag[(lag["days"] == "own") & (lag["method"] == "alignment")].iloc[0]
    values: Values = {
        "lushan-fig11-specific": _specific(found["field"], nothing["field"]),
        "lushan-fig12-specific": _specific(found["strain"], nothing["strain"]),
        "lushan-fig11-recovered": _largest(errors["field"]),
        "lushan-fig12-recovered": _largest(errors["strain"]),
        "lushan-sec6-reliability": [
            _share(recovery[kind], "found", "source days") for kind in ("field", "strain")
        ],
        "lushan-sec6-false": [
            float(np.mean([run.test_days()["anomalous"].mean() for run in runs.values()]))
            for runs in (nothing["field"], nothing["strain"])
        ],
        "lushan-sec5-2-lag": None if np.isnan(own["lag (d)"]) else -float(own["lag (d)"]),
        "lushan-sec5-2-lag-null": None if np.isnan(own["p"]) else float(own["p"]),
    }
    for name, run in zip(("chengdu", "xichang", "muli"), found["field"].values(), strict=True):
        values[f"lushan-fig11-{name}-sigmoid"] = _believed(run)
    return values


def stability(runs: Sequence[StationRun]) -> float | None:
    """Standard deviation of the inflection day over seeds; None where a sigmoid does not fit."""
    fits = [growth(run).sigmoid for run in runs]
    if not all(fit.converged for fit in fits):
        return None
    return float(np.std([fit.parameters["x0"] for fit in fits], ddof=1))


def _specific(found: Mapping[str, StationRun], nothing: Mapping[str, StationRun]) -> bool:
    """Whether sigmoids come with a source at some station, and without one at none."""
    with_source = any(_believed(run) for run in found.values())
    return with_source and not any(_believed(run) for run in nothing.values())


def _believed(run: StationRun) -> bool:
    fit = growth(run)
    return bool(fit.sigmoid.converged and fit.delta_aic > 0)


def _largest(errors: pd.Series) -> float | None:
    return None if errors.isna().any() else float(errors.max())


def _share(table: pd.DataFrame, part: str, whole: str) -> float:
    return float(table[part].sum() / table[whole].sum())


def joined(tables: Mapping[str, pd.DataFrame], index: str = "station") -> pd.DataFrame:
    """Tables of several kinds of record below each other, with the kind as first column."""
    frames = [table.reset_index().assign(record=kind) for kind, table in tables.items()]
    together = pd.concat(frames, ignore_index=True)
    return together[["record", index, *together.columns.drop(["record", index])]].set_index(
        "record"
    )
