"""The Sun and its activity in TEC's flags."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.detect.tec_rules import median_bounds, outside
from precursor_lib.evaluate.explanations.activity import by_local_day, explained_by, season
from precursor_lib.evaluate.explanations.findings import Finding
from precursor_lib.report.explanations.closing import between

_TEC = "TEC: values outside their bounds are not the Sun's"
_ROTATION = 27


def tec_table(record: xr.Dataset, flux: pd.Series, kp: pd.Series, seed: int) -> pd.DataFrame:
    """Hours a day outside the bounds of the days before, and what drivers foretell of them.

    The rule is the paper's second one: median and interquartile range of fifteen days.
    """
    values = record["VTEC"].transpose("station", "time").values
    times = pd.DatetimeIndex(record["time"].values)
    far = outside(values, median_bounds(values, times.to_numpy()))
    rows = []
    for name, row in zip(record["station"].values, far, strict=True):
        hours = pd.Series(np.where(np.isfinite(row), row != 0, np.nan), index=times)
        counts = hours.resample("D").sum(min_count=18).dropna()
        days = pd.DatetimeIndex(counts.index)
        drivers = {
            "F10.7 and season": np.column_stack([by_local_day(flux, days, 0.0), season(days)]),
            "largest and mean Kp": np.column_stack(
                [by_local_day(kp, days, 0.0, how) for how in ("max", "mean")]
            ),
        }
        for driver, columns in drivers.items():
            e = explained_by(counts, columns, block=_ROTATION, seed=seed)
            rows.append(
                {
                    "place": str(name),
                    "driver": driver,
                    "days judged": e.days,
                    "rank correlation": between(e.rho, e.rho_low, e.rho_high),
                    "share": e.share,
                    "low": e.low,
                    "high": e.high,
                }
            )
    return pd.DataFrame(rows)


def nearest_place(record: xr.Dataset, latitude: float) -> str:
    """The station of a record that is nearest to a latitude, in degrees."""
    apart = np.abs(record["latitude"].values - latitude)
    return str(record["station"].values[int(apart.argmin())])


def tec_findings(table: pd.DataFrame, place: str, origin: str) -> list[Finding]:
    """What each driver foretells at one place.

    Parameters
    ----------
    table : pandas.DataFrame
        From `tec_table`.
    place : str
        The one nearest to the paper's in latitude, so that none is chosen by its result.
    origin : str
    """
    names = {"F10.7 and season": "Solar cycle, season", "largest and mean Kp": "Magnetic activity"}
    return [
        Finding(
            names[row["driver"]], _TEC, f"VTEC at {place} ({origin})",
            f"variance of daily counts, from {row['driver']}",
            row["share"], row["low"], row["high"],
        )
        for _, row in table[table["place"] == place].iterrows()
    ]  # fmt: skip
