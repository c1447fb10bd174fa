"""The SW-NTF chain over all nights of a network: in parallel, with progress, resumable."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import joblib
import numba
import numpy as np
import pandas as pd
from tqdm import tqdm

import precursor_lib
from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.detect.accumulate import cumulative_by_day
from precursor_lib.errors import InputError
from precursor_lib.pipelines.chain import ANOMALY_COLUMNS, PAPER, Chain, NightResult
from precursor_lib.pipelines.sw_ntf import run_night


@dataclass(frozen=True)
class NetworkResult:
    """What the chain found in a network's nights.

    Attributes
    ----------
    nights : dict of int to NightResult
        Analysed nights by index.
    days : pandas.Series
        Day relative to the event, by index of every night of the network.
    stations : pandas.DataFrame
        The network's stations.
    refused : dict of int to str
        Nights that could not be analysed, and why; they are no days of calm.
    """

    nights: dict[int, NightResult]
    days: pd.Series
    stations: pd.DataFrame
    refused: dict[int, str]

    @property
    def analysed_days(self) -> np.ndarray:
        """Days that were analysed, ascending."""
        return self.days.loc[sorted(self.nights)].to_numpy()

    @property
    def anomalies(self) -> pd.DataFrame:
        """Every anomaly of every method and component, in order of time, with its ``day``."""
        frames = [self.nights[i].anomalies for i in sorted(self.nights)]
        full = [frame for frame in frames if len(frame)]
        columns = [*ANOMALY_COLUMNS, "day"]
        if not full:
            return pd.DataFrame(columns=columns)
        together = pd.concat(full, ignore_index=True)
        together["day"] = self.days.loc[together["night"]].to_numpy()
        return together.sort_values("time", kind="stable", ignore_index=True)[columns]

    def select(self, method: str, component: int = 0) -> pd.DataFrame:
        """Anomalies of one component of one method."""
        found = self.anomalies
        return found[(found["method"] == method) & (found["component"] == component)]

    def cumulative(self, method: str, component: int = 0) -> pd.DataFrame:
        """Anomalies a day and accumulated; see `precursor_lib.detect.cumulative_by_day`."""
        found = self.select(method, component)
        return cumulative_by_day(found["day"].to_numpy(dtype=int), self.analysed_days)

    def by_day(self, method: str) -> pd.DataFrame:
        """First component of each night: dominant station, its share, and peak amplitude in nT.

        Index ``day``; columns ``station``, ``distance`` (km), ``contribution`` (share of the sum
        over stations), ``amplitude`` (largest in the night, nT), ``share`` (of energy in the band).
        """
        rows = []
        for i in sorted(self.nights):
            factors = self.nights[i].factors[method]
            station = factors.station[:, 0]
            total = station.sum()
            top = int(station.argmax())
            rows.append(
                {
                    "station": self.stations.index[top] if total > 0 else None,
                    "distance": self.stations["distance"].iloc[top] if total > 0 else np.nan,
                    "contribution": station[top] / total if total > 0 else np.nan,
                    "amplitude": factors.amplitude(0).max(),
                    "share": factors.share[0],
                }
            )
        return pd.DataFrame(rows, index=pd.Index(self.analysed_days, name="day"))


def run_network(
    network: NightlyNetwork,
    chain: Chain = PAPER,
    *,
    event: str | pd.Timestamp,
    nights: Iterable[int] | None = None,
    workers: int | None = None,
    folder: Path | str | None = None,
    progress: bool = True,
) -> NetworkResult:
    """Run the chain over the nights of a network.

    Nights are independent jobs of joblib, so that `joblib.parallel_config` can send them to another
    backend, such as a dask cluster.

    Parameters
    ----------
    network : NightlyNetwork
        Records in nT.
    chain : Chain
        Settings.
    event : str or pandas.Timestamp
        Time (UTC) that days are counted from.
    nights : iterable of int, optional
        Which nights; all by default.
    workers : int, optional
        Nights at a time; by default as many as numba has threads (``NUMBA_NUM_THREADS``).
    folder : path, optional
        Where finished nights are kept. A run that was stopped goes on from there; a night is read
        again only if settings, network and code are the same.
    progress : bool
        Show a bar with the time left.

    Returns
    -------
    NetworkResult

    Raises
    ------
    InputError
        If no night could be analysed; the message holds the first reason.
    """
    chosen = list(range(len(network))) if nights is None else list(nights)
    cores = numba.get_num_threads()
    workers = max(1, min(cores if workers is None else workers, len(chosen)))
    threads = max(1, cores // workers)
    keep = None if folder is None else Path(folder) / _key(network, chain)
    jobs = (joblib.delayed(_one)(network, i, chain, threads, keep) for i in chosen)
    done = joblib.Parallel(n_jobs=workers, return_as="generator_unordered")(jobs)
    results: dict[int, NightResult] = {}
    refused: dict[int, str] = {}
    # Left out, `disable` follows TQDM_DISABLE, which keeps bars off the pages.
    quiet = {} if progress else {"disable": True}
    for index, result in tqdm(done, total=len(chosen), desc="nights", unit="night", **quiet):
        if isinstance(result, NightResult):
            results[index] = result
        else:
            refused[index] = result
    if chosen and not results:
        first = min(refused)
        raise InputError(f"no night could be analysed; night {first}: {refused[first]}")
    days = pd.Series(network.days_from(event), name="day")
    return NetworkResult(
        dict(sorted(results.items())), days, network.stations, dict(sorted(refused.items()))
    )


def _one(
    network: NightlyNetwork, index: int, chain: Chain, threads: int, keep: Path | None
) -> tuple[int, NightResult | str]:
    """One night, from its file where it is done; a night that bad input stops gives its reason."""
    file = None if keep is None else keep / f"night-{index:04d}.joblib"
    if file is not None and file.exists():
        return index, joblib.load(file)
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, before))
    try:
        result = run_night(network.night(index), index, chain)
    except InputError as error:
        return index, str(error)
    finally:
        numba.set_num_threads(before)
    if file is not None:
        _write(result, file)
    return index, result


def _write(result: NightResult, file: Path) -> None:
    """Keep a night; the name appears only when the file is whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    os.close(handle)
    joblib.dump(result, name, compress=1)
    Path(name).replace(file)


def _key(network: NightlyNetwork, chain: Chain) -> str:
    """Digest of all that a night's result follows from."""
    digest = hashlib.sha256()
    facts = {
        "chain": asdict(chain),
        "attrs": network.attrs,
        "nights": [str(start) for start in network.nights],
        "window": [network.duration, network.rate, network.component],
        "stations": network.stations.reset_index().to_dict("list"),
    }
    digest.update(json.dumps(facts, sort_keys=True, default=str).encode())
    root = Path(precursor_lib.__file__).parent
    for part in ("data", "simulate", "decompose", "detect", "pipelines"):
        for source in sorted((root / part).glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
