"""Tables of the TEC case, and the runs behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.evaluate.tec import ALL
from precursor_lib.pipelines.tec_record import TecRecord
from precursor_lib.report.tec.claims import METRICS, MODELS, STATIONS, epicentre, printed
from precursor_lib.report.verdict import Claim

LABELS = {"r2": "R²", "mae": "MAE (TECU)", "rmse": "RMSE (TECU)", "rho": "correlation"}


def stations_of(data: xr.Dataset) -> pd.DataFrame:
    """Stations of a record: index name; ``latitude``, ``longitude``, and ``distance`` if known."""
    names = [n for n in ("latitude", "longitude", "distance") if n in data.coords]
    return pd.DataFrame(
        {name: data[name].values for name in names}, index=[str(s) for s in data["station"].values]
    )


def station_table(ledger: Mapping[str, Claim], stations: pd.DataFrame) -> pd.DataFrame:
    """Table 1: places, and printed distances beside geodesics.

    Parameters
    ----------
    stations : pandas.DataFrame
        From `stations_of`.
    """
    table = stations.loc[list(STATIONS), ["latitude", "longitude"]].rename_axis("station")
    table["printed (km)"] = [printed(ledger, f"tab1-{s.lower()}-distance") for s in STATIONS]
    table["geodesic (km)"] = geodesic_distance_km(
        *epicentre(ledger), table["latitude"], table["longitude"]
    ).round(1)
    table["geomagnetic latitude, printed"] = printed(ledger, "tab1-geomagnetic-latitude")
    return table


def with_disturbed(table: pd.DataFrame, disturbed: pd.DataFrame) -> pd.DataFrame:
    """Metrics with a further row a model, ``disturbed``: all stations in disturbed times.

    Parameters
    ----------
    table, disturbed : pandas.DataFrame
        From `precursor_lib.evaluate.tec.skill_table`.
    """
    rows = disturbed.xs(ALL, level="station", drop_level=False)
    return pd.concat([table, rows.rename(index={ALL: "disturbed"}, level="station")]).sort_index(
        level="model", sort_remaining=False, kind="stable"
    )


def metric_table(ledger: Mapping[str, Claim], table: pd.DataFrame) -> pd.DataFrame:
    """Table 2 of the simulated record, with the paper's numbers for all stations beside it."""
    rows = []
    for model in dict.fromkeys(table.index.get_level_values("model")):
        for metric in METRICS:
            row: dict[str, Any] = {"model": model, "metric": LABELS[metric]}
            name = MODELS.get(model)
            row["paper, all"] = (
                printed(ledger, f"tab2-{name}-{metric}")[0] if name is not None else np.nan
            )
            row |= {
                place: float(table.loc[(model, place), metric]) for place in table.loc[model].index
            }
            rows.append(row)
    return pd.DataFrame(rows)


def recovery_table(frame: pd.DataFrame) -> pd.DataFrame:
    """`recovery_by_size` with the names that a reader needs."""
    names = {
        "placed": "put in",
        "found": "found",
        "share": "share",
        "low": "95 % from",
        "high": "95 % to",
        "removed": "taken out as outliers",
        "false_days": "false days",
        "false_a_year": "a year",
        "false_low": "from",
        "false_high": "to",
    }
    table = frame[list(names)].rename(columns=names).reset_index()
    return table.rename(columns={"size": "size (TECU)"})


def window_table(tables: Mapping[str, pd.DataFrame], least_quiet: float) -> pd.DataFrame:
    """How many windows are free of flags, by rule and by how quiet they are.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        From `precursor_lib.evaluate.tec.window_flags`, by name.
    least_quiet : float
        Quiet share of the paper's window.
    """
    rows = []
    for name, table in tables.items():
        for which, part in (
            ("all", table),
            ("as quiet as the paper's or quieter", table[table["quiet"] >= least_quiet]),
        ):
            rows.append(
                {
                    "rule": name,
                    "windows": which,
                    "number": len(part),
                    "no quiet flag": float((part["quiet_flagged"] == 0).mean()),
                    "no flag at all": float((part["flagged"] == 0).mean()),
                    "median quiet flags": float(part["quiet_flagged"].median()),
                    "largest": int(part["quiet_flagged"].max()),
                }
            )
    return pd.DataFrame(rows)


def outlier_table(record: TecRecord, data: xr.Dataset) -> pd.DataFrame:
    """What the outlier rule took out of a simulated record, beside what was wrong in it."""
    wrong = np.zeros(record.observed.shape, dtype=bool)
    for row in data.attrs["truth"]:
        if row["kind"] == "outlier":
            place = record.stations.index(row["station"]), record.times.get_loc(row["time"])
            wrong[place] = True
    values = data["VTEC"].transpose("station", "time").to_numpy()
    there = np.isfinite(values)
    out = there & np.isnan(record.observed)
    kinds = (("wrong values put in", wrong & there), ("all others", there & ~wrong))
    rows = [
        {"values": name, "number": int(which.sum()), "taken out": int((out & which).sum())}
        for name, which in kinds
    ]
    return pd.DataFrame(rows)
