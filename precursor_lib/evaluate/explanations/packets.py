"""What the packet rule of the SW-NTF paper finds that is no packet of a source.

The rule (section 4.1 of the paper): the amplitude in 0.01-0.05 Hz stays above five standard
deviations for 60 to 300 s. Pi2 pulsations have periods of 40 to 150 s and last some minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.decompose import boundary_reach, dwt_detrend, fill_gaps, synchrosqueeze
from precursor_lib.detect.threshold import Baseline, Spread, exceedances
from precursor_lib.errors import InputError, unknown
from precursor_lib.evaluate.nights import TOLERANCE
from precursor_lib.evaluate.recovery import match_events, wilson_interval

Array = NDArray[np.float64]
BAND = (0.01, 0.05)
WAYS = ("mirrored", "zeros", "neighbours")
_MODES = {"mirrored": "symmetric", "zeros": "zero", "neighbours": "symmetric"}
_LONGEST_GAP = 600


def band_amplitude(
    record: ArrayLike, rate: float, *, step: int = 4, bins: int = 24, mode: str = "symmetric"
) -> Array:
    """Mean amplitude in the band after detrending and synchrosqueezing, station by station.

    MEMD and the factorisation are left out, so that every station stands for itself.

    Parameters
    ----------
    record : array_like, shape (stations, time)
        nT, no gap longer than ten minutes.
    rate : float
        Hz.
    step, bins : int
        Samples a time step, and frequencies from 0.005 to 0.1 Hz.
    mode : str
        How detrending goes on beyond the ends, see `precursor_lib.decompose.dwt_detrend`. The
        record's first value is taken off before, so that ``zero`` makes no step of the main field.

    Returns
    -------
    numpy.ndarray, shape (stations, time steps)
        nT.
    """
    whole, _ = fill_gaps(np.atleast_2d(record), longest=round(_LONGEST_GAP * rate))
    found = synchrosqueeze(
        dwt_detrend(whole - whole[:, :1], mode=mode),
        rate,
        fmin=BAND[0] / 2,
        fmax=min(2 * BAND[1], rate / 2),
        n_frequencies=bins,
        step=step,
    )
    inside = (found.frequency >= BAND[0]) & (found.frequency <= BAND[1])
    return np.asarray(found.amplitude[:, inside].mean(axis=1), dtype=float)


def window_anomalies(
    record: ArrayLike, rate: float, hours: float, ways: Sequence[str] = WAYS, *, step: int = 4
) -> pd.DataFrame:
    """Anomalies of the windows of a long record, by how a window is continued beyond its ends.

    Parameters
    ----------
    record : array_like, shape (time,)
        nT. Windows lie side by side; the first and the last sample's windows need neighbours, so
        that they begin one margin of detrending after the first sample.
    rate, hours : float
        Hz, and the length of a window.
    ways : sequence of {"mirrored", "zeros", "neighbours"}
        Mirrored at its ends as the SW-NTF page does, followed by zeros, or with the record's own
        samples on both sides, cut off afterwards.
    step : int

    Returns
    -------
    pandas.DataFrame
        A row an anomaly: ``way``, ``window``, ``peak`` (s from the window's start) and ``end`` (s
        from the peak to the nearer end of the window). ``attrs``: ``windows``, ``first`` (s, where
        the first one begins), ``reach`` (s, how far an end reaches into detrending) and ``even``
        (share of a window within the reach).
    """
    x = np.asarray(record, dtype=float)
    for way in ways:
        if way not in WAYS:
            raise InputError(unknown("way", way, WAYS))
    reach = boundary_reach()
    # Whole blocks of the transform's grid of 64 samples, so that all ways see the same grid.
    margin = -(-2 * reach // 64) * 64
    length = round(3600 * hours * rate)
    windows = (x.size - 2 * margin) // length
    if windows < 1:
        raise InputError(f"record: expected {length + 2 * margin} samples or more, got {x.size}")
    rows = []
    for way in ways:
        beside = margin if way == "neighbours" else 0
        for window in range(windows):
            first = margin + window * length
            part = x[first - beside : first + length + beside]
            amplitude = band_amplitude(part, rate, step=step, mode=_MODES[way])[0]
            own = amplitude[beside // step : beside // step + length // step]
            for peak in exceedances(own, rate / step)["peak_time"]:
                rows.append((way, window, peak, min(peak, length / rate - peak)))
    table = pd.DataFrame(rows, columns=["way", "window", "peak", "end"])
    table.attrs.update(
        windows=windows, first=margin / rate, reach=reach / rate, even=2 * reach / length
    )
    return table


def found_by_kind(
    anomalies: pd.DataFrame,
    network: NightlyNetwork,
    edges: Sequence[float],
    kinds: Sequence[str] = ("source", "pi2"),
    *,
    nights: Sequence[int] | None = None,
    tolerance: float = TOLERANCE,
) -> pd.DataFrame:
    """How often events of each kind and size have an anomaly.

    Parameters
    ----------
    anomalies : pandas.DataFrame
        ``time`` of each.
    network : NightlyNetwork
        Simulated.
    edges : sequence of float
        Of classes of size: an event's largest amplitude at any station, nT.
    kinds : sequence of str
        Of the truth.
    nights : sequence of int, optional
        Those that were analysed; all by default.
    tolerance : float
        s between an anomaly's peak and an event's centre.

    Returns
    -------
    pandas.DataFrame
        A row a kind and class: ``kind``, ``from``, ``to`` (nT), ``events``, ``found``, ``share``,
        ``low``, ``high`` (Wilson, 95 %). The first row of a kind has all its events.

    Raises
    ------
    InputError
        If the network carries no truth.
    """
    if network.truth is None:
        raise InputError("network: expected a simulated one, with the truth of what it holds")
    times = anomalies["time"].to_numpy(dtype="datetime64[ns]")
    columns = [f"amplitude_{name}" for name in network.stations.index]
    rows = []
    for kind in kinds:
        events = network.truth[network.truth["kind"] == kind]
        if nights is not None:
            events = events[events["night"].isin(list(nights))]
        match = match_events(times, events["time"].to_numpy(dtype="datetime64[ns]"), tolerance)
        hit = np.zeros(len(events), dtype=bool)
        hit[match.true] = True
        size = events[columns].max(axis=1).to_numpy(dtype=float)
        for low, high in [(0.0, np.inf), *pairwise(edges)]:
            inside = (size >= low) & (size < high)
            n, k = int(inside.sum()), int(hit[inside].sum())
            share = k / n if n else np.nan
            rows.append((kind, low, high, n, k, share, *wilson_interval(k, n)))
    return pd.DataFrame(
        rows, columns=["kind", "from", "to", "events", "found", "share", "low", "high"]
    )


def covered_share(
    centres: ArrayLike, nights: Sequence[tuple[float, float]], tolerance: float = TOLERANCE
) -> float:
    """Share of the observing time that lies within `tolerance` of some event.

    Parameters
    ----------
    centres : array_like, shape (events,)
        Seconds.
    nights : sequence of (float, float)
        Start and end of each night, s.
    """
    at = np.sort(np.asarray(centres, dtype=float))
    inside = total = 0.0
    for start, end in nights:
        total += end - start
        low = np.clip(at - tolerance, start, end)
        high = np.clip(at + tolerance, start, end)
        # Sorted intervals of one length: what each adds begins where the one before it ends.
        if at.size:
            begin = np.maximum(low, np.concatenate([[start], high[:-1]]))
            inside += float(np.clip(high - begin, 0, None).sum())
    if not total > 0:
        raise InputError("nights: expected at least one night longer than 0 s")
    return inside / total


def night_amplitudes(network: NightlyNetwork, *, step: int = 4) -> Array:
    """Mean band amplitude over the stations of each night, shape (nights, time steps), nT."""
    return np.stack(
        [
            band_amplitude(
                night[network.component].transpose("station", "time").values,
                network.rate,
                step=step,
            ).mean(axis=0)
            for night in network
        ]
    )


def night_anomalies(
    amplitudes: ArrayLike,
    network: NightlyNetwork,
    *,
    spread: Spread | float = "std",
    baseline: Baseline | float = "mean",
    step: int = 4,
) -> pd.DataFrame:
    """What the packet rule finds in the amplitudes of a network's nights.

    Parameters
    ----------
    amplitudes : array_like, shape (nights, time steps)
        From `night_amplitudes`.
    network : NightlyNetwork
    spread, baseline : str or float
        Of `precursor_lib.detect.threshold.exceedances`: of each night, or in nT from elsewhere.
    step : int
        Of the amplitudes.

    Returns
    -------
    pandas.DataFrame
        ``night`` and ``time`` of each anomaly's peak.
    """
    rows = []
    for night, course in enumerate(np.asarray(amplitudes, dtype=float)):
        found = exceedances(course, network.rate / step, spread=spread, baseline=baseline)
        for peak in found["peak_time"]:
            rows.append((night, network.nights[night] + pd.Timedelta(seconds=peak)))
    return pd.DataFrame(rows, columns=["night", "time"]).astype({"time": "datetime64[ns]"})


def at_events(
    anomalies: pd.DataFrame,
    network: NightlyNetwork,
    kind: str = "pi2",
    tolerance: float = TOLERANCE,
) -> tuple[int, float]:
    """Anomalies within `tolerance` of an event of a kind, and the share that would be by chance.

    Returns
    -------
    hits : int
    chance : float
        Share of the nights' time within `tolerance` of such an event.
    """
    if network.truth is None:
        raise InputError("network: expected a simulated one, with the truth of what it holds")
    origin = network.nights[0]
    events = network.truth[network.truth["kind"] == kind]
    centres = np.sort(np.asarray((events["time"] - origin) / pd.Timedelta(seconds=1), dtype=float))
    starts = np.asarray((network.nights - origin) / pd.Timedelta(seconds=1), dtype=float)
    nights = [(t, t + network.duration) for t in starts]
    at = np.asarray((anomalies["time"] - origin) / pd.Timedelta(seconds=1), dtype=float)
    if not centres.size:
        return 0, 0.0
    near = np.abs(at[:, None] - centres).min(axis=1) <= tolerance
    return int(near.sum()), covered_share(centres, nights, tolerance)
