"""Packets of known amplitude put into a record, and how many of them a chain finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import joblib
import numba
import numpy as np
import pandas as pd

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.errors import InputError
from precursor_lib.evaluate.nights import TOLERANCE
from precursor_lib.evaluate.recovery import match_events, poisson_interval, wilson_interval
from precursor_lib.pipelines import PAPER, Chain, run_night
from precursor_lib.simulate.injection import inject, packet_events


def injection_sweep(
    network: NightlyNetwork,
    amplitudes: Sequence[float],
    chain: Chain = PAPER,
    *,
    event: str,
    seeds: Sequence[int],
    source: Mapping[str, Any] | None = None,
    rate: float = 1.0,
    night: int = 0,
    tolerance: float = TOLERANCE,
    workers: int | None = None,
) -> pd.DataFrame:
    """Put packets into one night again and again, at growing amplitude, and count what is found.

    The record's own anomalies count as false alarms, the same ones in every trial.

    Parameters
    ----------
    network : NightlyNetwork
        An observed network (or a simulated one), with distances.
    amplitudes : sequence of float
        Peak of the envelope in nT at 100 km.
    chain : Chain
        Settings.
    event : str
        Time (UTC) that days are counted from.
    seeds : sequence of int
        One trial each: packets at other times, of other frequencies and lengths.
    source : mapping, optional
        Further settings of the packets, see `precursor_lib.simulate.settings.Source`.
    rate : float
        Packets a night on average.
    night : int
        Which night.

    Returns
    -------
    pandas.DataFrame
        One row an amplitude and method, with the columns of
        `precursor_lib.evaluate.nights.amplitude_sweep` that counts give.

    Raises
    ------
    InputError
        If no packet falls into the night in any trial.
    """
    trials = [(float(a), int(s)) for a in amplitudes for s in seeds]
    cores = numba.get_num_threads() if workers is None else workers
    settings = dict(source or {})
    only = replace(
        network,
        nights=network.nights[night : night + 1],
        load=_Shifted(network.load, night),
    )
    jobs = (
        joblib.delayed(_trial)(only, amplitude, seed, settings, rate, chain, event, tolerance)
        for amplitude, seed in trials
    )
    counts = joblib.Parallel(n_jobs=max(1, min(cores, len(trials))))(jobs)
    table = pd.DataFrame([row for rows in counts for row in rows])
    if table["packets"].sum() == 0:
        raise InputError(f"seeds, rate: no packet fell into the night in {len(seeds)} trials")
    total = table.groupby(["amplitude", "method"], sort=False).sum().reset_index()
    hits = [wilson_interval(h, n) for h, n in zip(total["hits"], total["packets"], strict=True)]
    false = [poisson_interval(n) for n in total["false_alarms"]]
    total["hit_rate"] = total["hits"] / total["packets"]
    total[["hit_low", "hit_high"]] = np.array(hits)
    total["false_per_night"] = total["false_alarms"] / len(seeds)
    total[["false_low", "false_high"]] = np.array(false) / len(seeds)
    return total


class _Shifted:
    """Loader that gives one night of another loader as night 0; a class, so that it pickles."""

    def __init__(self, load: Any, night: int) -> None:
        self._load, self._night = load, night

    def __call__(self, index: int) -> Any:
        return self._load(self._night + index)


def _trial(
    network: NightlyNetwork,
    amplitude: float,
    seed: int,
    source: dict[str, Any],
    rate: float,
    chain: Chain,
    event: str,
    tolerance: float,
) -> list[dict[str, Any]]:
    events = packet_events(
        network,
        seed=seed,
        event_time=event,
        source={**source, "amplitude": amplitude},
        control={"kind": "poisson", "rate": rate},
    )
    injected = inject(network, events)
    if not isinstance(injected, NightlyNetwork):  # for the type checker: a network gives a network
        raise InputError("network: expected a NightlyNetwork")
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        result = run_night(injected.night(0), 0, chain)
    finally:
        numba.set_num_threads(before)
    rows = []
    for method in chain.methods:
        found = result.anomalies.query("method == @method and component == 0")["time"]
        match = match_events(
            found.to_numpy(dtype="datetime64[ns]"),
            events["time"].to_numpy(dtype="datetime64[ns]"),
            tolerance,
        )
        rows.append(
            {
                "amplitude": amplitude,
                "method": method,
                "packets": match.truths,
                "hits": match.hits,
                "false_alarms": match.false_alarms,
            }
        )
    return rows
