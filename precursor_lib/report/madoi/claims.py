"""Values of the Madoi case for the ledger, by claim id: arithmetic, open data, simulated night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.context.geography import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.context.seismicity import mainshock
from precursor_lib.context.space_weather import chance_of_counts
from precursor_lib.pipelines import Factors
from precursor_lib.report.verdict import Claim

Values = dict[str, Any]
NEAR_KM = 400.0
"""Stations up to here count as near the epicentre: the paper's first five."""


def printed(ledger: Mapping[str, Claim], name: str) -> Any:
    """Published value of a claim of this paper."""
    return ledger[f"swntf-{name}"].published


def arithmetic_values(ledger: Mapping[str, Claim], stations: pd.DataFrame) -> Values:
    """What follows from printed numbers alone.

    Parameters
    ----------
    ledger : mapping of str to Claim
        The published values.
    stations : pandas.DataFrame
        Index: station id in the order of table 1; ``latitude``, ``longitude`` as printed.
    """
    place = printed(ledger, "sec2-epicentre-latitude"), printed(ledger, "sec2-epicentre-longitude")
    magnitude = printed(ledger, "sec2-magnitude")
    distance = geodesic_distance_km(*place, stations["latitude"], stations["longitude"])
    values: Values = {
        f"swntf-tab1-sta{number}-distance": float(km) for number, km in enumerate(distance, 1)
    }
    starts = [printed(ledger, f"fig5-phase{n}-start") for n in (1, 2)]
    ends = [printed(ledger, f"fig5-phase{n}-end") for n in (1, 2)]
    turns = [printed(ledger, f"fig5-phase{n}-x0") for n in (1, 2)]
    strain = [
        (printed(ledger, f"fig9-phase{n}-start"), printed(ledger, f"fig9-phase{n}-end"))
        for n in (1, 2)
    ]
    shock = pd.Timestamp(printed(ledger, "sec2-date"))
    north, south = place[0] + 2, place[0] - 2
    values |= {
        "swntf-sec2-ulf-range": 0.5,
        "swntf-tab1-within-radius": bool(np.all(distance <= dobrovolsky_radius_km(magnitude))),
        "swntf-fig3-day": (shock - pd.Timestamp(shock.year, 5, 2)).days,
        "swntf-sec4-1-days": {"day 0 counts": 30 + 90 + 1, "day 0 does not count": 30 + 90},
        "swntf-fig5-reference": "Figure 5",
        "swntf-fig5-x0-inside": all(a < x < b for a, x, b in zip(starts, turns, ends, strict=True)),
        "swntf-tab2-number": "Table 2",
        "swntf-tab2-sums": sum(
            printed(ledger, f"tab2-dst-{level}") for level in ("quiet", "moderate", "disturbed")
        ),
        "swntf-fig8-components": "c_s1",
        "swntf-fig9-box": {
            "height": float(geodesic_distance_km(south, place[1], north, place[1])),
            "width": float(geodesic_distance_km(place[0], place[1] - 2, place[0], place[1] + 2)),
        },
        "swntf-fig9-rupture": 10 ** (0.62 * magnitude - 2.57),
        "swntf-fig9-reference": "Section 4.1",
        "swntf-fig10-coincidence": [
            turn - printed(ledger, f"fig10-peak{n}") for n, turn in enumerate(turns, 1)
        ],
    }
    for n in (1, 2):
        first, last = strain[n - 1]
        values[f"swntf-fig9-lead-phase{n}"] = {
            "start": first - starts[n - 1],
            "end": last - ends[n - 1],
        }
    return values


def catalogue_values(ledger: Mapping[str, Claim], catalogue: pd.DataFrame) -> Values:
    """The mainshock in an open catalogue.

    Raises
    ------
    InputError
        If the catalogue has no event within a degree and a day of the printed ones.
    """
    day = pd.Timestamp(printed(ledger, "sec2-date"))
    lat, lon = (printed(ledger, f"sec2-epicentre-{axis}") for axis in ("latitude", "longitude"))
    shock = mainshock(catalogue, lat, lon, day, days=2)
    local = shock["time"] + pd.Timedelta(hours=8)
    return {
        "swntf-sec2-magnitude": float(shock["magnitude"]),
        "swntf-sec2-epicentre-latitude": float(shock["latitude"]),
        "swntf-sec2-epicentre-longitude": float(shock["longitude"]),
        "swntf-sec2-depth": float(shock["depth"]),
        "swntf-sec2-date": {
            "UTC": f"{shock['time']:%Y-%m-%d}",
            "Beijing time": f"{local:%Y-%m-%d}",
        },
    }


def level_values(ledger: Mapping[str, Claim], frames: Mapping[str, pd.DataFrame]) -> Values:
    """Table 2: the chance of the printed counts, and the counts of the simulated anomalies.

    Parameters
    ----------
    frames : mapping
        ``"dst"`` and ``"ap"``: frames of `precursor_lib.context.space_weather.level_counts` for
        the simulated anomalies.
    """
    levels = ("quiet", "moderate", "disturbed")
    values: Values = {}
    for index in ("dst", "ap"):
        table = [printed(ledger, f"tab2-{index}-{level}") for level in levels]
        values[f"swntf-tab2-{index}-chance"] = (
            chance_of_counts(table, frames[index]["share"].to_numpy()[: len(levels)])["table"]
            < 0.05
        )
        for level, count in zip(levels, frames[index]["count"], strict=False):
            values[f"swntf-tab2-{index}-{level}"] = int(count)
    return values


def spectral_peaks(spectrum: np.ndarray, frequency: np.ndarray, number: int) -> list[float]:
    """Frequencies (Hz) of the highest local maxima of a spectrum, ascending.

    A spectrum with fewer maxima gives its highest values in their place.
    """
    edge = np.concatenate(([-np.inf], spectrum, [-np.inf]))
    top = np.flatnonzero((edge[1:-1] > edge[:-2]) & (edge[1:-1] >= edge[2:]))
    order = top[np.argsort(spectrum[top])[::-1]]
    if order.size < number:
        rest = np.setdiff1d(np.argsort(spectrum)[::-1], order, assume_unique=True)
        order = np.concatenate((order, rest))
    return sorted(float(f) for f in frequency[order[:number]])


def night_values(
    plain: Factors, weighted: Factors, frequency: np.ndarray, stations: pd.DataFrame, disturbed: str
) -> Values:
    """Figures 3 and 4: one night factorised without and with the prior.

    Parameters
    ----------
    plain, weighted : Factors
        NTF and SW-NTF.
    frequency : numpy.ndarray
        Hz.
    stations : pandas.DataFrame
        Index: id; ``distance`` (km).
    disturbed : str
        Station that carries the lines.
    """
    values: Values = {}
    for figure, factors, numbers in (
        ("fig3", plain, {"as1-peaks": 2, "as2-peak": 1, "as3-peak": 1}),
        ("fig4", weighted, {"as1-peak": 1, "as2-peaks": 2, "as3-peak": 1}),
    ):
        for component, (name, number) in enumerate(numbers.items()):
            found = spectral_peaks(factors.frequency[:, component], frequency, number)
            values[f"swntf-{figure}-{name}"] = found if number > 1 else found[0]
    share = {
        name: factors.station[:, 0] / factors.station[:, 0].sum()
        for name, factors in (("plain", plain), ("weighted", weighted))
    }
    near = (stations["distance"] <= NEAR_KM).to_numpy()
    spread = share["weighted"][near]
    place = stations.index.get_loc(disturbed)
    values |= {
        "swntf-fig3-dominant": str(stations.index[int(share["plain"].argmax())]),
        "swntf-fig4-near-stations": bool(spread.max() <= 2 * spread.min()),
        "swntf-fig4-far-station": bool(share["weighted"][place] < share["plain"][place]),
    }
    return values


SOURCES = {"swntf-sec2-": ["usgs-m5"], "swntf-tab2-dst-": ["dst"], "swntf-tab2-ap-": ["kp-ap-f107"]}
"""Datasets behind the claims on open data, by the beginning of the claim's id."""


def epicentre(ledger: Mapping[str, Claim]) -> tuple[float, float]:
    """The printed epicentre: latitude and longitude in degrees."""
    return (
        printed(ledger, "sec2-epicentre-latitude"),
        printed(ledger, "sec2-epicentre-longitude"),
    )


def station_table(ledger: Mapping[str, Claim], stations: pd.DataFrame) -> pd.DataFrame:
    """Table 1 with the geodesic beside the printed distance.

    Parameters
    ----------
    stations : pandas.DataFrame
        Index: station id in the order of table 1; ``name``, ``latitude``, ``longitude``.
    """
    numbers = range(1, len(stations) + 1)
    table = stations[["longitude", "latitude"]].copy()
    if "name" in stations:
        table.insert(0, "name", stations["name"])
    table["printed (km)"] = [printed(ledger, f"tab1-sta{n}-distance") for n in numbers]
    table["geodesic (km)"] = geodesic_distance_km(
        *epicentre(ledger), stations["latitude"], stations["longitude"]
    ).round(1)
    table["difference (km)"] = (table["geodesic (km)"] - table["printed (km)"]).round(1)
    return table


def level_table(ledger: Mapping[str, Claim], levels: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Table 2: printed and simulated counts beside what an even spread would give.

    Parameters
    ----------
    levels : mapping
        ``"dst"`` and ``"ap"``: frames of `precursor_lib.context.space_weather.level_counts`.
    """
    frames = []
    for index, frame in levels.items():
        part = frame.iloc[:3].copy()
        names = ("quiet", "moderate", "disturbed")
        part.insert(0, "printed", [printed(ledger, f"tab2-{index}-{name}") for name in names])
        part["expected of printed"] = part["share"] * part["printed"].sum()
        frames.append(
            part.rename(columns={"count": "simulated", "expected": "expected of simulated"})
        )
    return pd.concat(frames)
