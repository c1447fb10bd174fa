"""What the page on other explanations opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from precursor_lib.classify import QuietRule
from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.report.european.inputs import HORUS_STAND_IN, OBSERVATORIES
from precursor_lib.report.page import Page


@dataclass(frozen=True)
class Inputs:
    """Records, catalogues and indices.

    Attributes
    ----------
    kp : pandas.Series
        By the start of its three hours.
    flux : pandas.Series
        F10.7 by day.
    rule : QuietRule
        With Kp and RC.
    usgs : NightlyNetwork
        One night of observatories; BDT, which stands beside BOU, is left out by the page.
    wic, esk, guza, vtec, chengdu : xarray.Dataset
        One-second and one-minute field, hourly strain, TEC, and a year of simulated field without
        a source.
    catalogues : dict of str to pandas.DataFrame
        By code of the observatory.
    """

    kp: pd.Series
    flux: pd.Series
    rule: QuietRule
    usgs: NightlyNetwork
    wic: xr.Dataset
    esk: xr.Dataset
    guza: xr.Dataset
    vtec: xr.Dataset
    chengdu: xr.Dataset
    catalogues: dict[str, pd.DataFrame]


def open_inputs(page: Page, field_end: str, observatories: Sequence[str]) -> Inputs:
    """Open all but the simulations that a section makes for itself.

    Parameters
    ----------
    page : Page
    field_end : str
        End of the record of Eskdalemuir.
    observatories : sequence of str
        Codes of those of the CNN paper whose catalogues are opened.
    """
    activity = page.open("kp-ap-f107")
    kp = activity["Kp"].to_series().dropna()
    return Inputs(
        kp=kp,
        flux=activity["F107"].to_series().dropna().resample("D").first(),
        rule=QuietRule(kp, page.open("rc-index")["RC"].to_series()),
        usgs=page.open("usgs-1s-network"),
        wic=page.open("wic-may-2024"),
        esk=page.open("esk", end=field_end),
        guza=page.open("guza-gauges"),
        vtec=page.open("vtec"),
        chengdu=page.open("lushan-geomagnetic", start="2012-04-30T16:00", source=None),
        catalogues={
            code: page.open(
                OBSERVATORIES[code].catalogue, **(HORUS_STAND_IN if code == "DUR" else {})
            )
            for code in observatories
        },
    )
