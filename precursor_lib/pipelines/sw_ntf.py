"""The SW-NTF chain: from a night of a magnetometer network to anomalies (Madoi 2021).

One night goes through detrending, MEMD with selection of IMFs, synchrosqueezed amplitude, and a
factorisation of the tensor frequency x time x station, with (SW-NTF) and without (NTF) the spatial
prior. The component whose spectrum lies most in 0.01-0.05 Hz is searched for peaks above 5 sigma
that last 60-300 s. A third detector, the mean amplitude in the band over all stations, is what a
reader would try first; the two factorisations have to beat it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numba
import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.decompose import (
    dwt_detrend,
    fill_gaps,
    memd,
    ntf,
    order_by_band_energy,
    select_imfs,
    spatial_prior,
    sw_ntf,
    synchrosqueeze,
)
from precursor_lib.detect.threshold import exceedances
from precursor_lib.errors import InputError
from precursor_lib.pipelines.chain import (
    ANOMALY_COLUMNS,
    PAPER,
    Chain,
    Factors,
    NightResult,
    Prepared,
)


def _signal(night: xr.Dataset) -> tuple[xr.DataArray, float]:
    """The night's only variable as (station, time), and its rate in Hz."""
    if len(night.data_vars) != 1:
        raise InputError(f"a night must hold one variable, got {sorted(map(str, night.data_vars))}")
    record = next(iter(night.data_vars.values())).transpose("station", "time")
    steps = np.diff(record["time"].values) / np.timedelta64(1, "s")
    if steps.size == 0 or not np.allclose(steps, steps[0], rtol=1e-6):
        raise InputError("time: expected equal steps")
    return record, float(1.0 / steps[0])


def prepare_night(night: xr.Dataset, chain: Chain = PAPER) -> Prepared:
    """Detrend, denoise and transform one night (section 3.2 of the paper).

    Parameters
    ----------
    night : xarray.Dataset
        One variable in nT, dimensions time and station.
    chain : Chain
        Settings.

    Raises
    ------
    InputError
        If a gap is longer than ``chain.longest_gap`` or the record is not evenly sampled.
    """
    record, rate = _signal(night)
    raw = record.values.astype(float)
    filled, gaps = fill_gaps(
        raw,
        longest=round(chain.longest_gap * rate),
        names=[str(name) for name in record["station"].values],
    )
    detrended = dwt_detrend(filled, wavelet=chain.wavelet, levels=chain.levels)
    selection = select_imfs(
        memd(detrended, directions=chain.directions, threads=numba.get_num_threads()),
        kurtosis_above=chain.kurtosis_above,
        entropy_below=chain.entropy_below,
        entropy=chain.entropy,
    )
    transform = synchrosqueeze(
        selection.signal,
        rate,
        fmin=chain.frequencies[0],
        fmax=min(chain.frequencies[1], rate / 2),
        n_frequencies=chain.bins,
        step=chain.step,
    )
    kept = selection.keep.sum(axis=0)
    report = [*gaps, "IMFs kept a station: " + " ".join(map(str, kept)), *selection.report]
    return Prepared(
        raw,
        detrended,
        selection.signal,
        selection.keep,
        np.moveaxis(transform.amplitude, 0, -1),
        transform.frequency,
        tuple(report),
    )


def factorise(
    tensor: np.ndarray, frequency: np.ndarray, distance: np.ndarray, chain: Chain, method: str
) -> Factors:
    """Components of one night's tensor by one method, the one that lies most in the band first.

    Parameters
    ----------
    tensor : numpy.ndarray
        (frequency, time step, station), nT, non-negative.
    frequency : numpy.ndarray
        Hz.
    distance : numpy.ndarray
        Epicentral distances in km, for the prior.
    """
    if method == "band":
        inside = (frequency >= chain.band[0]) & (frequency <= chain.band[1])
        part = tensor[inside]
        time = part.mean(axis=(0, 2))
        return Factors(
            inside.astype(float)[:, None],
            time[:, None],
            (part.mean(axis=(0, 1)) / max(part.mean(), np.finfo(float).tiny))[:, None],
            np.ones(1),
            True,
        )
    options: dict[str, Any] = {
        "iterations": chain.iterations,
        "tol": chain.tolerance,
        "seed": chain.seed,
    }
    if method == "ntf":
        result = ntf(tensor, chain.rank, **options)
    else:
        prior = spatial_prior(distance, form=chain.prior)
        result = sw_ntf(tensor, chain.rank, prior, chain.penalty, **options)
    result, share = order_by_band_energy(result, frequency, chain.band)
    # The station vectors carry the size, so that a component's product is in nT.
    station = result.station * result.weights
    return Factors(result.frequency, result.time, station, share, result.converged)


def find_anomalies(
    factors: Factors,
    method: str,
    night: int,
    start: pd.Timestamp,
    names: Sequence[str],
    rate: float,
    chain: Chain,
) -> pd.DataFrame:
    """Peaks of every component that pass the rule: above `sigmas`, 60-300 s long.

    Parameters
    ----------
    rate : float
        Time steps a second of the factors.
    """
    frames = []
    for component in range(factors.time.shape[1]):
        found = exceedances(
            factors.time[:, component],
            rate,
            sigmas=chain.sigmas,
            min_duration=chain.shortest,
            max_duration=chain.longest,
            spread=chain.spread,
        )
        peaks = (found["peak_time"].to_numpy() * rate).round().astype(int)
        station = factors.station[:, component]
        total = station.sum()
        frames.append(
            pd.DataFrame(
                {
                    "method": method,
                    "component": component,
                    "night": night,
                    "time": start + pd.to_timedelta(found["peak_time"], unit="s"),
                    "duration": found["duration"],
                    "peak": found["excess"],
                    "amplitude": factors.amplitude(component)[peaks],
                    "station": names[int(station.argmax())],
                    "contribution": station.max() / total if total > 0 else np.nan,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def run_night(night: xr.Dataset, index: int = 0, chain: Chain = PAPER) -> NightResult:
    """The whole chain on one night.

    Parameters
    ----------
    night : xarray.Dataset
        One variable in nT, dimensions time and station, with the coordinate ``distance`` (km).
    index : int
        The night's number, carried into the result.
    chain : Chain
        Settings.
    """
    prepared = prepare_night(night, chain)
    _, rate = _signal(night)
    names = [str(name) for name in night["station"].values]
    start = pd.Timestamp(night["time"].values[0])
    factors: Mapping[str, Factors] = {
        method: factorise(
            prepared.tensor, prepared.frequency, night["distance"].values, chain, method
        )
        for method in chain.methods
    }
    anomalies = pd.concat(
        [
            find_anomalies(found, method, index, start, names, rate / chain.step, chain)
            for method, found in factors.items()
        ],
        ignore_index=True,
    )
    return NightResult(
        index,
        start,
        prepared.frequency,
        dict(factors),
        anomalies[list(ANOMALY_COLUMNS)],
        prepared.report,
    )
