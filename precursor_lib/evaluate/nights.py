"""What a chain recovers of a simulated source, night by night, and from what amplitude on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import cosine_similarity, match_events
from precursor_lib.pipelines import PAPER, Chain, NetworkResult, run_network

TOLERANCE = 150.0
"""Seconds between an anomaly's peak and a packet's centre: half of the longest packet."""


def source_truth(network: NightlyNetwork, nights: Sequence[int]) -> pd.DataFrame:
    """Packets of the simulated source that fall in some nights.

    Raises
    ------
    InputError
        If the network carries no truth, as observations do not.
    """
    if network.truth is None:
        raise InputError("network: expected a simulated one, with the truth of what it holds")
    packets = network.truth[network.truth["kind"] == "source"]
    return packets[packets["night"].isin(list(nights))].sort_values("time")


def recovery(
    result: NetworkResult, network: NightlyNetwork, *, tolerance: float = TOLERANCE
) -> pd.DataFrame:
    """How the anomalies of each method's first component compare with the packets put in.

    Parameters
    ----------
    result : NetworkResult
        Of the chain on `network`.
    network : NightlyNetwork
        A simulated network.
    tolerance : float
        Largest difference (s) between an anomaly's peak and a packet's centre.

    Returns
    -------
    pandas.DataFrame
        Index ``method``. ``packets``, ``hits``, ``hit_rate`` with ``hit_low`` and ``hit_high``
        (Wilson, 95 %); ``false_alarms``, ``false_per_night`` with ``false_low`` and ``false_high``
        (exact Poisson, 95 %); ``timing`` (median of the absolute error, s); ``station_cosine``
        (median over nights with a packet, of the first component's station vector against the
        packets' decay with distance); ``in_band`` (median over the same nights of the first
        component's energy share in the band).
    """
    analysed = list(result.nights)
    packets = source_truth(network, analysed)
    amplitudes = packets[[f"amplitude_{name}" for name in network.stations.index]]
    rows = []
    for method in next(iter(result.nights.values())).factors:
        found = result.select(method)
        match = match_events(
            found["time"].to_numpy(dtype="datetime64[ns]"),
            packets["time"].to_numpy(dtype="datetime64[ns]"),
            tolerance,
        )
        false, false_low, false_high = match.false_alarm_rate(len(analysed))
        low, high = match.hit_rate_interval()
        cosines, shares = [], []
        for night, rows_of_night in amplitudes.groupby(packets["night"]):
            factors = result.nights[int(night)].factors[method]
            truth = rows_of_night.mean().to_numpy()
            cosines.append(float(cosine_similarity(factors.station[:, 0], truth)))
            shares.append(factors.share[0])
        rows.append(
            {
                "method": method,
                "packets": match.truths,
                "hits": match.hits,
                "hit_rate": match.hit_rate,
                "hit_low": low,
                "hit_high": high,
                "false_alarms": match.false_alarms,
                "false_per_night": false,
                "false_low": false_low,
                "false_high": false_high,
                "timing": np.median(np.abs(match.error)) if match.hits else np.nan,
                "station_cosine": np.median(cosines) if cosines else np.nan,
                "in_band": np.median(shares) if shares else np.nan,
            }
        )
    return pd.DataFrame(rows).set_index("method")


def amplitude_sweep(
    make: Callable[[float], NightlyNetwork],
    amplitudes: Sequence[float],
    chain: Chain = PAPER,
    *,
    event: str | pd.Timestamp,
    tolerance: float = TOLERANCE,
    workers: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """`recovery` for sources of growing amplitude in otherwise equal records.

    Parameters
    ----------
    make : callable
        Gives the network whose source has an amplitude (nT). Times and background must not depend
        on it, so that amplitude 0 tells how many packets are hit by chance.
    amplitudes : sequence of float
        nT.

    Returns
    -------
    pandas.DataFrame
        The columns of `recovery`, with ``amplitude`` first and ``method`` as a column.
    """
    frames = []
    for amplitude in amplitudes:
        network = make(float(amplitude))
        result = run_network(network, chain, event=event, workers=workers, progress=progress)
        frame = recovery(result, network, tolerance=tolerance).reset_index()
        frame.insert(0, "amplitude", float(amplitude))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def compare_chains(
    network: NightlyNetwork,
    chains: Mapping[str, Chain],
    *,
    event: str | pd.Timestamp,
    method: str = "sw_ntf",
    tolerance: float = TOLERANCE,
    workers: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """`recovery` of one method by chains that differ in their settings, on the same records.

    Returns
    -------
    pandas.DataFrame
        Index: name of the chain; columns of `recovery`.
    """
    frames = {}
    for name, chain in chains.items():
        only = replace(chain, methods=(method,))
        result = run_network(network, only, event=event, workers=workers, progress=progress)
        frames[name] = recovery(result, network, tolerance=tolerance)
    return pd.concat(frames, names=["chain"]).droplevel("method")


def smallest_detected(sweep: pd.DataFrame, hit_rate: float = 0.5) -> pd.Series:
    """Smallest amplitude tried from which on a method finds at least a share of the packets.

    Parameters
    ----------
    sweep : pandas.DataFrame
        From `amplitude_sweep`.
    hit_rate : float
        Share that the lower end of the 95 % interval has to reach, at this and at every larger
        amplitude.

    Returns
    -------
    pandas.Series
        nT by method; NaN where no amplitude tried suffices.
    """

    def first(part: pd.DataFrame) -> float:
        ordered = part.sort_values("amplitude")
        enough = (ordered["hit_low"] >= hit_rate).to_numpy()[::-1]
        run = int(np.logical_and.accumulate(enough).sum())
        return float(ordered["amplitude"].iloc[-run]) if run else np.nan

    found = {method: first(part) for method, part in sweep.groupby("method", sort=False)}
    return pd.Series(found, name="amplitude").rename_axis("method")
