"""Observatories, criteria and years as the paper has them, and what the page opens for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.classify import (
    LabelledWindows,
    QuietRule,
    block_means,
    event_and_quiet,
    events_near,
    mainshocks,
)
from precursor_lib.errors import InputError
from precursor_lib.report.page import Page


@dataclass(frozen=True)
class Observatory:
    """An observatory of the paper.

    Attributes
    ----------
    name : str
        Name.
    catalogue, record : str
        Datasets.
    latitude, longitude : float
        Table 1, degrees.
    radius_km, depth_km : float
        Limits of section 4.
    years : mapping
        Reading to first and last year: as the text has them, as Table 1 has them, and as the note
        below Table 1 has them.
    """

    name: str
    catalogue: str
    record: str
    latitude: float
    longitude: float
    radius_km: float
    depth_km: float
    years: Mapping[str, tuple[int, int]]


NOTE = (2007, 2021)
MAGNITUDE = 4.0
OBSERVATORIES: Mapping[str, Observatory] = MappingProxyType(
    {
        "MLR": Observatory(
            "Muntele Rosu",
            "romania",
            "mlr-records",
            45.491,
            25.945,
            100.0,
            100.0,
            {"text": (2013, 2019), "Table 1": (2013, 2021)},
        ),
        "DUR": Observatory(
            "Duronia",
            "horus",
            "dur-records",
            41.390,
            14.280,
            200.0,
            30.0,
            {"text": (2007, 2020), "Table 1": (2011, 2021)},
        ),
        "IZN": Observatory(
            "Iznik",
            "turkey",
            "izn-records",
            40.500,
            29.720,
            200.0,
            30.0,
            {"text": (2016, 2021), "Table 1": (2007, 2021)},
        ),
    }
)
# Where HORUS is not at hand: a catalogue of the Apennines over the years that are counted.
HORUS_STAND_IN: Mapping[str, Any] = MappingProxyType(
    {
        "start": "2007-01-01",
        "end": "2020-01-01",
        "box_half_width": 2.5,
        "rate": 1.3,
        "minimum": 2.5,
        "completeness": 3.2,
        "detection_width": 0.1,
    }
)
# Samples of a window and minutes of a sample, of the small profile: windows of one size each.
COARSE: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"hour": (60, 1), "day": (144, 10), "week": (168, 60), "month": (180, 240)}
)
MINUTES: Mapping[str, int] = MappingProxyType(
    {"hour": 60, "day": 1440, "week": 10080, "month": 43200}
)


def sampling(full: bool) -> dict[str, tuple[int, int]]:
    """Samples of each window and minutes of a sample: as printed, or block means."""
    return {k: (n, 1) for k, n in MINUTES.items()} if full else dict(COARSE)


def open_catalogues(page: Page) -> dict[str, pd.DataFrame]:
    """The catalogue of each observatory, by code."""
    return {
        code: page.open(place.catalogue, **(HORUS_STAND_IN if code == "DUR" else {}))
        for code, place in OBSERVATORIES.items()
    }


def chosen_events(
    catalogue: pd.DataFrame,
    place: Observatory,
    years: tuple[int, int] | None = None,
    **changes: Any,
) -> pd.DataFrame:
    """Events by the paper's criteria, or by changed ones (arguments of `events_near`)."""
    criteria: dict[str, Any] = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "radius_km": place.radius_km,
        "max_depth_km": place.depth_km,
    }
    if "min_magnitude" not in changes:
        criteria["above"] = MAGNITUDE
    if years is not None:
        criteria |= {"start": f"{years[0]}-01-01", "end": f"{years[1] + 1}-01-01"}
    return events_near(catalogue, **{**criteria, **changes})


@dataclass(frozen=True)
class Site:
    """An observatory with its record and its events.

    Attributes
    ----------
    code : str
    place : Observatory
    first : pandas.Timestamp
        Time of the first sample.
    minutes : numpy.ndarray of float32, shape (3, time)
        X, Y, Z in nT.
    coarse : mapping of int to numpy.ndarray
        Block means by minutes of a sample.
    events : pandas.DataFrame
        Events within the record, with a column ``mainshock``.
    """

    code: str
    place: Observatory
    first: pd.Timestamp
    minutes: np.ndarray
    coarse: Mapping[int, np.ndarray]
    events: pd.DataFrame

    def windows(
        self,
        samples: int,
        minutes: int,
        rule: QuietRule,
        *,
        declustered: bool = False,
        added: np.ndarray | None = None,
        **settings: Any,
    ) -> LabelledWindows:
        """Windows before the events and quiet ones.

        Parameters
        ----------
        samples, minutes : int
            Samples of a window, and minutes of a sample.
        rule : QuietRule
            What is free of storms.
        declustered : bool
            Only mainshocks get a window; quiet ones keep clear of all events.
        added : numpy.ndarray, optional
            Field to add, shape (3, time of the coarse record), nT.
        **settings
            Of `precursor_lib.classify.event_and_quiet`.
        """
        series = self.coarse[minutes]
        if added is not None:
            series = series + added.astype(np.float32)
        events = self.events[self.events["mainshock"]] if declustered else self.events
        return event_and_quiet(
            series,
            first=self.first,
            step=60.0 * minutes,
            length=samples,
            events=events["time"],
            listed=self.events["time"],
            rule=rule,
            # A block of which half is there has a mean; a missing block is longer than three
            # minutes.
            longest_gap=3 if minutes == 1 else 0,
            **settings,
        )

    def axis(self, minutes: int) -> pd.DatetimeIndex:
        """Times of a record of block means."""
        number = self.minutes.shape[1] // minutes
        return pd.date_range(self.first, periods=number, freq=f"{minutes}min")


def open_sites(
    page: Page,
    catalogues: Mapping[str, pd.DataFrame],
    years: Sequence[int],
    samplings: Mapping[str, tuple[int, int]],
) -> dict[str, Site]:
    """Records of the three observatories over whole years, without a source, and their events.

    Parameters
    ----------
    page : Page
        Opens the records.
    catalogues : mapping
        As `open_catalogues` gives them.
    years : sequence of two int
        First and last year.
    samplings : mapping
        As `sampling` gives it: which block means are made.
    """
    first, last = f"{years[0]}-01-01", f"{years[1] + 1}-01-01"
    sites = {}
    for code, place in OBSERVATORIES.items():
        data = page.open(place.record, start=first, end=last)
        events = chosen_events(catalogues[code], place, (years[0], years[1]))
        events["mainshock"] = mainshocks(events)
        minutes = three_components(data)
        coarse = {
            n: minutes if n == 1 else block_means(minutes, n)
            for n in sorted({n for _, n in samplings.values()})
        }
        begin = pd.Timestamp(data["time"].values[0])
        sites[code] = Site(code, place, begin, minutes, coarse, events)
    return sites


def three_components(data: xr.Dataset) -> np.ndarray:
    """Components of a dataset's one station as float32 (components, time), Z last.

    Raises
    ------
    InputError
        If there is no vertical component.
    """
    names = [name for name in ("X", "Y", "Z") if name in data]
    if "Z" not in names:
        raise InputError(f"record: expected a component Z, got {list(data.data_vars)}")
    return np.stack([data[name].values[:, 0].astype(np.float32) for name in names])
