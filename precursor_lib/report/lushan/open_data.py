"""Values of the Lushan case for the ledger from open data: the catalogue, Dst and Kp."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from precursor_lib.context.seismicity import mainshock
from precursor_lib.report.lushan.ledger import EVENT, Ledger, Values, epicentre

STORM_DST, STORM_KP = -50.0, 5.0
"""The paper's limits of a geomagnetic storm."""
SOURCES = {
    "lushan-sec2-3-magnitude": ["usgs-m5"],
    "lushan-sec2-3-latitude": ["usgs-m5"],
    "lushan-sec2-3-longitude": ["usgs-m5"],
    "lushan-sec2-3-depth": ["usgs-m5"],
    "lushan-sec2-3-time": ["usgs-m5"],
    "lushan-sec2-3-aftershocks-5": ["usgs-m5"],
    "lushan-fig11-stage2-storm": ["dst"],
    "lushan-fig13-kp-independent": ["esk", "kp-ap-f107"],
    "lushan-fig13-kp": ["kp-ap-f107"],
    "lushan-eq3-observed": ["guza-gauges"],
    "lushan-fig12-guza-april": ["guza-gauge"],
    "lushan-fig13-": ["dst"],
}
"""Datasets behind the claims on open data, by the beginning of the claim's id."""


def event_values(ledger: Ledger, catalogue: pd.DataFrame) -> Values:
    """The mainshock and its aftershocks in an open catalogue; no values from a simulated one.

    Raises
    ------
    InputError
        If an observed catalogue has no event within a degree and a day of the printed ones.
    """
    names = ("magnitude", "latitude", "longitude", "depth", "time", "aftershocks-5")
    if catalogue.attrs.get("origin") == "simulated":
        return {f"lushan-sec2-3-{name}": None for name in names}
    lat, lon = epicentre(ledger)
    near = catalogue[
        ((catalogue["latitude"] - lat).abs() < 1) & ((catalogue["longitude"] - lon).abs() < 1)
    ]
    shock = mainshock(near, lat, lon, EVENT)
    later = near[(near["time"] > shock["time"]) & (near["magnitude"] >= 5.0)]
    ends = {"Beijing time": "2013-04-20T16:00", "UTC": "2013-04-21T00:00"}
    local = shock["time"] + pd.Timedelta(hours=8)
    return {
        "lushan-sec2-3-magnitude": float(shock["magnitude"]),
        "lushan-sec2-3-latitude": float(shock["latitude"]),
        "lushan-sec2-3-longitude": float(shock["longitude"]),
        "lushan-sec2-3-depth": float(shock["depth"]),
        "lushan-sec2-3-time": f"{local.floor('min'):%Y-%m-%d %H:%M}",
        "lushan-sec2-3-aftershocks-5": {
            zone: int((later["time"] < pd.Timestamp(end)).sum()) for zone, end in ends.items()
        },
    }


def lowest_days(dst: pd.Series, number: int, apart: int) -> list[str]:
    """The days of lowest Dst that lie at least `apart` days from each other, by date."""
    daily = dst.resample("D").min().sort_values()
    chosen: list[pd.Timestamp] = []
    for day in daily.index:
        if all(abs((day - other).days) >= apart for other in chosen):
            chosen.append(day)
        if len(chosen) == number:
            break
    return [f"{day:%Y-%m-%d}" for day in sorted(chosen)]


def index_values(dst: xr.Dataset, kp: xr.Dataset) -> Values:
    """Figure 13: Dst and Kp from 1 January to 30 April 2013, UTC.

    Parameters
    ----------
    dst, kp : xarray.Dataset
        ``Dst`` (nT, hourly) and ``Kp`` (three-hourly) of this time.
    """
    hours = dst["Dst"].to_series().dropna()
    days = hours.resample("D").mean()
    kp3 = kp["Kp"].to_series().dropna()
    active = kp3 >= STORM_KP
    runs = active.groupby((active != active.shift()).cumsum()).sum()
    stage = hours["2013-02-01":"2013-03-31"]

    def low(day: str) -> float:
        return float(hours[day].min())

    return {
        "lushan-fig11-stage2-storm": not bool((stage <= STORM_DST).any()),
        "lushan-fig13-no-storm": not bool((hours <= STORM_DST).any()),
        "lushan-fig13-20-february": low("2013-02-20"),
        "lushan-fig13-17-march": low("2013-03-17"),
        "lushan-fig13-13-april": low("2013-04-13"),
        "lushan-fig13-1-march": low("2013-03-01"),
        "lushan-fig13-low-days": lowest_days(hours, 3, 3),
        "lushan-fig13-dst-range": {
            "hours": float(hours.between(-40, -20).mean()),
            "daily means": float(days.between(-40, -20).mean()),
        },
        "lushan-fig13-kp-peaks": float(kp3.max()),
        "lushan-fig13-kp-short": 3 * int(runs.max()),
    }
