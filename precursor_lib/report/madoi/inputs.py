"""What the pages of the Madoi case run: settings, choices of stations, tables of a night."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.nights import source_truth
from precursor_lib.pipelines import Chain, Factors, Prepared, find_anomalies
from precursor_lib.report.style import METHOD_NAMES


def alternatives(chain: Chain) -> dict[str, Chain]:
    """The chain as it is, and with other answers to what the paper leaves open."""
    return {
        "as above": chain,
        "sigma from the median absolute deviation": replace(chain, spread="mad"),
        "energy entropy over time": replace(chain, entropy="time"),
        "all IMFs kept": replace(chain, kurtosis_above=0.0, entropy_below=1.0),
        "omega as 1/distance squared": replace(chain, prior="inverse_square"),
        "omega the same everywhere": replace(chain, prior="uniform"),
        "lambda 1.0": replace(chain, penalty=1.0),
        "lambda 0.01": replace(chain, penalty=0.01),
    }


def disturbed_night(seed: int, duration: float) -> dict[str, Any]:
    """Settings of a network like the paper's account of 2 May: lines at one far station.

    Lines of 0.05, 0.15 and 0.45 Hz stand at station 5, as figure 3 of the paper is described, and
    the source sends on average two packets a night.
    """
    tones = [
        {"station": "Sta_5", "frequency": frequency, "amplitude": 0.1}
        for frequency in (0.05, 0.15, 0.45)
    ]
    return {
        "seed": seed,
        "duration": duration,
        "tones": tones,
        "source": {},
        "control": {"kind": "poisson", "rate": 2.0},
    }


def factor_panels(
    factors: Factors, prepared: Prepared, network: NightlyNetwork, step: int
) -> dict[str, Any]:
    """One night's components as `precursor_lib.report.figures.tensor_factors` takes them."""
    hours = (np.arange(factors.time.shape[0]) + 0.5) * step / network.rate / 3600
    return {
        "frequency": prepared.frequency,
        "time": hours,
        "spectra": factors.frequency,
        "courses": factors.time,
        "contributions": factors.station,
        "stations": list(network.stations.index),
        "shares": factors.share,
    }


def packets_by_day(network: NightlyNetwork, event: str) -> pd.DataFrame:
    """Packets of the simulated source: ``day`` and ``amplitude`` (nT) at the nearest station."""
    packets = source_truth(network, range(len(network)))
    nearest = network.stations["distance"].idxmin()
    return pd.DataFrame(
        {
            "day": network.days_from(event)[packets["night"].to_numpy()],
            "amplitude": packets[f"amplitude_{nearest}"].to_numpy(),
        }
    )


def choose_stations(network: NightlyNetwork, names: Sequence[str]) -> NightlyNetwork:
    """A network of some of its stations.

    Raises
    ------
    InputError
        If a station is not in the network; the nearest name is given.
    """
    for name in names:
        if name not in network.stations.index:
            raise InputError(unknown("station", name, map(str, network.stations.index)))
    chosen = list(names)
    return replace(
        network, stations=network.stations.loc[chosen], load=_Chosen(network.load, chosen)
    )


class _Chosen:
    """Loader of some stations; a class, so that it pickles."""

    def __init__(self, load: Callable[[int], xr.Dataset], names: list[str]) -> None:
        self._load, self._names = load, names

    def __call__(self, index: int) -> xr.Dataset:
        return self._load(index).sel(station=self._names)


def anomaly_table(
    parts: Mapping[str, Factors], network: NightlyNetwork, chain: Chain
) -> pd.DataFrame:
    """Anomalies of the first night by method and component, with the component's band share."""
    rows = []
    names = [str(name) for name in network.stations.index]
    for method, factors in parts.items():
        found = find_anomalies(
            factors, method, 0, network.nights[0], names, network.rate / chain.step, chain
        )
        for component in range(factors.time.shape[1]):
            own = found[found["component"] == component]
            station = factors.station[:, component]
            rows.append(
                {
                    "method": METHOD_NAMES[method],
                    "component": component + 1,
                    "energy in the band": float(factors.share[component]),
                    "anomalies": len(own),
                    "largest (nT)": own["amplitude"].max() if len(own) else np.nan,
                    "dominant station": names[int(station.argmax())],
                    "its share": station.max() / station.sum() if station.sum() > 0 else np.nan,
                }
            )
    return pd.DataFrame(rows)


def recovery_table(frame: pd.DataFrame) -> pd.DataFrame:
    """What `precursor_lib.evaluate.nights.recovery` gives, with the names that a reader needs."""
    columns = {
        "packets": "packets",
        "hits": "found",
        "hit_rate": "share found",
        "hit_low": "95 % from",
        "hit_high": "95 % to",
        "false_alarms": "false alarms",
        "false_per_night": "a night",
        "timing": "timing error (s)",
        "station_cosine": "station cosine",
        "in_band": "energy in the band",
    }
    named = frame[[name for name in columns if name in frame]].rename(columns=columns)
    return named.rename(index=METHOD_NAMES)
