"""The criterion of the STMN paper on noise: Ratio and inflection at five stations (table 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from precursor_lib.evaluate.noise.chance import Array, Bools, line_r2, window_fits

#: Distances of the Luding stations (km), and what table 3 prints for them.
DISTANCES = (23.5, 94.7, 199.2, 309.1, 353.0)
R2 = (0.968, 0.942, 0.881, 0.951, 0.915)
RATIO = (1.27, 1.20, 1.11, 1.25, 1.18)
INFLECTION = (-39.0, -37.0, -34.0, -41.0, -38.0)
#: Anomalies at a distance r in km: 132.53 r**-0.255 (figure 6).
COUNT_LAW = (132.53, -0.255)


def counts_at(distances: Sequence[float] = DISTANCES) -> Array:
    """Anomalies of each station by the paper's power law."""
    scale, power = COUNT_LAW
    return np.asarray(scale * np.asarray(distances, dtype=float) ** power)


def network_passes(
    days: Array,
    curves: Array,
    window: tuple[float, float],
    *,
    ratio: float = min(RATIO),
    inflections: tuple[float, float] | None = (min(INFLECTION), max(INFLECTION)),
    span: float = np.inf,
    cores: int = 1,
) -> Bools:
    """Whether every station has a believed sigmoid, a Ratio and an inflection as asked for.

    Parameters
    ----------
    days : numpy.ndarray, shape (n,)
    curves : numpy.ndarray, shape (stations, runs, n)
        Cumulative curves.
    window : tuple of float
        Days of the fits, both ends included.
    ratio : float
        Least Ratio.
    inflections : tuple of float, optional
        Range of days that all inflections have to lie in.
    span : float
        Days that the inflections of the stations may lie apart.
    cores : int
        Threads.

    Returns
    -------
    numpy.ndarray of bool, shape (runs,)
    """
    runs = curves.shape[1]
    passed = np.ones(runs, dtype=bool)
    low, high = np.full(runs, np.inf), np.full(runs, -np.inf)
    for station in curves:
        # No R2 is above 1, so a line that is good enough alone rules the Ratio out.
        passed &= line_r2(days, station, window) * ratio <= 1
        left = np.flatnonzero(passed)
        if left.size == 0:
            break
        fits = window_fits(days, station[left], window, cores=cores)
        x0 = fits["x0"].to_numpy()
        good = (fits["believed"] & (fits["ratio"] >= ratio)).to_numpy()
        if inflections is not None:
            good = good & (x0 >= inflections[0]) & (x0 <= inflections[1])
        low[left], high[left] = np.fmin(low[left], x0), np.fmax(high[left], x0)
        passed[left] = good & (high[left] - low[left] <= span)
    return passed


def free_network_passes(
    days: Array,
    curves: Array,
    starts: Sequence[float],
    *,
    ratio: float = min(RATIO),
    span: float = max(INFLECTION) - min(INFLECTION),
    cores: int = 1,
) -> Bools:
    """Whether any window up to the shock, one for all stations, gives such Ratios.

    No day was named before the earthquake, so the inflections may fall anywhere, but no further
    apart than the published ones.

    Parameters
    ----------
    days, curves, ratio, span, cores
        As for `network_passes`.
    starts : sequence of float
        First days of the windows; all end with the last day.

    Returns
    -------
    numpy.ndarray of bool, shape (runs,)
    """
    passed = np.zeros(curves.shape[1], dtype=bool)
    for start in starts:
        left = np.flatnonzero(~passed)
        if left.size:
            passed[left] = network_passes(
                days, curves[:, left], (start, float(days[-1])),
                ratio=ratio, inflections=None, span=span, cores=cores,
            )  # fmt: skip
    return passed
