"""Tables of the pages on Luding 2022 and Changning 2019."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.context.borehole import areal_strain, gauge_consistency
from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.decompose import segmented_vmd
from precursor_lib.errors import InputError
from precursor_lib.pipelines.stmn_settings import SignalSettings, StmnSettings
from precursor_lib.pipelines.stmn_signal import kept_signal, step_hours
from precursor_lib.report.stmn.experiment import Bench, growth, spatial

TIDES = {"M2": 1.9322736, "O1": 0.9295357}
"""Cycles a day."""


def readings(settings: StmnSettings) -> dict[str, tuple[StmnSettings, str]]:
    """Settings and origin of sigma of the four ways in which the chain can be read."""
    alone = settings.model_copy(update={"graph": None})
    return {
        "graph, sigma of the record": (settings, "record"),
        "graph, sigma of the reference": (settings, "reference"),
        "no graph, sigma of the record": (alone, "record"),
        "no graph, sigma of the reference": (alone, "reference"),
    }


def station_table(network: xr.Dataset, place: tuple[float, float]) -> pd.DataFrame:
    """Table 1: places used here, printed distances, and geodesics from the places."""
    columns = ["name", "latitude", "longitude", "distance"]
    table = network[columns].to_dataframe()[columns]
    table["geodesic (km)"] = geodesic_distance_km(*place, table["latitude"], table["longitude"])
    names = {"distance": "printed (km)", "latitude": "latitude (°N)", "longitude": "longitude (°E)"}
    return table.rename(columns=names).rename_axis("station")


def first_days(start: str, days: int) -> dict[str, str]:
    """``start`` and ``end`` of a record's first days."""
    end = pd.Timestamp(start) + pd.Timedelta(days=days)
    return {"start": start, "end": str(end.date())}


def areal(data: xr.Dataset) -> xr.DataArray:
    """Areal strain, (station, time)."""
    return areal_strain(data).transpose("station", "time")


def quality_table(reference: xr.Dataset, network: xr.Dataset) -> pd.DataFrame:
    """Table 2: completeness of the records, and k of the gauges as found and as put in."""
    rows = []
    for data in (reference, network):
        found = gauge_consistency(data)
        whole = areal_strain(data).count("time").to_series() / data.sizes["time"]
        rows.append(
            pd.DataFrame(
                {
                    "complete (%)": 100 * whole,
                    "k": found["k"],
                    "k put in": data["k"].to_series() if "k" in data.coords else np.nan,
                    "correlation": found["correlation"],
                    "k, pairs as printed by Lushan": found["k_printed"],
                }
            )
        )
    return pd.concat(rows).rename_axis("station")


def mode_table(
    records: Mapping[str, xr.Dataset], settings: SignalSettings
) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Periods at the modes' mean centres, and the share of tides in those that are kept.

    Parameters
    ----------
    records : mapping
        One station's record by name (such as its sampling).
    settings : SignalSettings
        Of the decomposition.

    Returns
    -------
    table : pandas.DataFrame
        A row a record: ``IMF1`` ... (days) and the amplitude of each tide in the kept modes over
        that in the record.
    shares : dict
        The latter alone.
    """
    rows, shares = {}, {}
    for name, data in records.items():
        kept = kept_signal(data, settings, progress=False)
        strain = areal(data)
        days = np.arange(strain.sizes["time"]) * step_hours(strain) / 24
        both = np.isfinite(strain.values[0] + kept.values[0])
        amplitudes = [_tides(days[both], x[both]) for x in (strain.values[0], kept.values[0])]
        shares[name] = {t: amplitudes[1][t] / amplitudes[0][t] for t in TIDES}
        periods = kept.attrs["period_days"]
        rows[name] = {
            **{f"IMF{i} (d)": period for i, period in enumerate(periods, 1)},
            **{f"{t} left": f"{share:.1%}" for t, share in shares[name].items()},
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("record"), shares


def _tides(days: np.ndarray, x: np.ndarray) -> dict[str, float]:
    """Amplitudes by least squares, beside a line and the other large tides."""
    frequencies = [*TIDES.values(), 2.0, 1.0027379, 1.8959820]
    columns = [np.ones_like(days), days]
    for f in frequencies:
        columns += [np.cos(2 * np.pi * f * days), np.sin(2 * np.pi * f * days)]
    found = np.linalg.lstsq(np.column_stack(columns), x, rcond=None)[0]
    return {t: float(np.hypot(*found[2 + 2 * i : 4 + 2 * i])) for i, t in enumerate(TIDES)}


def end_change(series: np.ndarray, settings: SignalSettings, hours: float) -> float:
    """How much the kept modes of a record's last day change when more of it becomes known.

    Returns
    -------
    float
        Root mean square change of the last day when a window more follows, over the standard
        deviation of the kept modes; median over about ten ends without a gap near them.

    Raises
    ------
    InputError
        If three windows without a gap are nowhere to be had.
    """
    day = round(24 / hours)
    window, step = settings.window_days * day, settings.step_days * day
    options: dict[str, Any] = {"join": settings.join, "init": settings.init, "dc": settings.dc}
    changes = []
    for cut in range(2 * window, series.size - window, max(day, (series.size - 3 * window) // 10)):
        piece = series[cut - 2 * window : cut + window]
        if not np.isfinite(piece).all():
            continue
        late, early = (
            segmented_vmd(x, window, step, settings.modes, settings.alpha, workers=1, **options)
            .modes[np.array(settings.keep) - 1]
            .sum(axis=0)
            for x in (piece, piece[: 2 * window])
        )
        last = slice(2 * window - day, 2 * window)
        changes.append(np.sqrt(np.mean((late[last] - early[last]) ** 2)) / late.std())
    if not changes:
        raise InputError(f"series: no {3 * settings.window_days} days without a gap")
    return float(np.median(changes))


def reading_table(
    bench: Bench, settings: StmnSettings, event: str, networks: Mapping[str, str]
) -> pd.DataFrame:
    """Counts, growth at the first station and distance law, by reading and network.

    Parameters
    ----------
    networks : mapping
        Name of a network of the bench to its title in the table.

    Returns
    -------
    pandas.DataFrame
        Numbered rows; ``network``, ``reading``, ``unit``, ``counts`` of the first and last station,
        ``Ratio``, ``inflection (d)`` at the first, ``exponent``, its interval and ``p``.
    """
    rows = []
    for name, title in networks.items():
        for reading, (chain, sigma) in readings(settings).items():
            forecast = bench.forecast(name, chain)
            for unit in ("points", "days"):
                fits = growth(forecast, event, sigma=sigma, unit=unit)
                law = spatial(fits)
                rows.append(
                    {
                        "network": title,
                        "reading": reading,
                        "unit": unit,
                        "nearest": int(fits["count"].iloc[0]),
                        "farthest": int(fits["count"].iloc[-1]),
                        "Ratio": fits["ratio"].iloc[0],
                        "inflection (d)": fits["inflection"].iloc[0],
                        "exponent": law["exponent"],
                        "low": law["exponent_low"],
                        "high": law["exponent_high"],
                        "p": law["power_p"],
                    }
                )
    return pd.DataFrame(rows)


def growth_table(printed: pd.DataFrame, fits: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Table 3: the printed rows beside those of the simulated network.

    Parameters
    ----------
    printed : pandas.DataFrame
        From `precursor_lib.report.stmn.arithmetic.printed_table`.
    fits : mapping
        Short title to `growth`.
    """
    table = printed[["distance", "r2", "ratio", "inflection"]].copy()
    table.insert(3, "R² line implied", printed["r2"] / printed["ratio"])
    for title, found in fits.items():
        for column in ("r2", "ratio", "inflection"):
            table[f"{column}, {title}"] = found[column]
    return table.rename(columns=lambda name: name.replace("r2", "R²").replace("ratio", "Ratio"))


def recovery_table(variants: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What each variant recovers, a row a variant and station.

    Parameters
    ----------
    variants : mapping
        Title to `precursor_lib.report.stmn.experiment.recovered`.
    """
    rows = []
    for title, frame in variants.items():
        for station, row in frame.iterrows():
            low, high = row["detection_interval"]
            fewest, most = row["false_days_interval"]
            false = f"{row['false_days_a_year']:.0f} ({fewest:.0f} to {most:.0f})"
            rows.append(
                {
                    "variant": title,
                    "station": station,
                    "found": f"{row['found']} of {row['source_days']} ({low:.0%} to {high:.0%})",
                    "false days a year": false,
                    "timing error (d)": row["timing_error"],
                    "found at a tenth": row["found_at_tenth"],
                }
            )
    return pd.DataFrame(rows)
