"""Power curves, the smallest source that is found, and one table for all methods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import poisson_interval, wilson_interval
from precursor_lib.evaluate.trials.run import Trials

Array = NDArray[np.float64]
KEYS = ["kind", "method", "stations"]


def power_curves(trials: Trials) -> pd.DataFrame:
    """Share of source blocks with an alarm, by amplitude.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``method``, ``stations``, ``amplitude``, ``sources``, ``found``, ``rate`` with
        ``low`` and ``high`` (Wilson, 95 %), and ``error_h``, the median size of the timing error of
        the found ones in h (NaN where none was).
    """
    source = trials.blocks.dropna(subset="amplitude")
    rows = []
    # Kinds and methods stay in the order in which they were tried.
    by_size = source.sort_values("amplitude", kind="stable")
    order = {tuple(key): n for n, key in enumerate(source[KEYS].drop_duplicates().to_numpy())}
    for key, part in by_size.groupby([*KEYS, "amplitude"], sort=False):
        found = part[part["alarm"]]
        low, high = wilson_interval(len(found), len(part))
        rows.append(
            dict(zip([*KEYS, "amplitude"], key, strict=True))
            | {
                "sources": len(part),
                "found": len(found),
                "rate": len(found) / len(part),
                "low": low,
                "high": high,
                "error_h": found["error"].abs().median(),
            }
        )
    rows.sort(key=lambda row: order[tuple(row[k] for k in KEYS)])
    return pd.DataFrame(rows)


def false_alarms(trials: Trials) -> pd.DataFrame:
    """Alarms in calm blocks of the held-out records.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``method``, ``stations``, ``blocks``, ``alarms``, ``share``, and ``a_year`` with
        ``low`` and ``high`` (Poisson, 95 %; too narrow where false alarms cluster).
    """
    calm = trials.blocks[trials.blocks["amplitude"].isna()]
    rows = []
    for key, part in calm.groupby(KEYS, sort=False):
        alarms, number = int(part["alarm"].sum()), len(part)
        scale = trials.blocks_a_year[key[0]] / number
        low, high = poisson_interval(alarms)
        rows.append(
            dict(zip(KEYS, key, strict=True))
            | {
                "blocks": number,
                "alarms": alarms,
                "share": alarms / number,
                "a_year": alarms * scale,
                "low": low * scale,
                "high": high * scale,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Smallest:
    """Amplitude that is found in a given share of the blocks.

    Attributes
    ----------
    amplitude, low, high : float
        With its 95 % interval (bootstrap over the sources); infinite where larger than all that
        were tried, 0 where smaller.
    """

    amplitude: float
    low: float
    high: float


def smallest_source(
    amplitudes: Array,
    found: NDArray[np.bool_],
    false_share: float,
    *,
    share: float = 0.5,
    draws: int = 200,
    seed: int = 0,
) -> Smallest:
    """Fit a psychometric curve to single sources and read off an amplitude.

    P(found) = f + (1 - f) / (1 + exp(-s (log a - m))), with f the share of calm blocks with an
    alarm and s above 0; m and s by penalised maximum likelihood (a normal prior on log s about
    log 2, of unit spread, keeps s finite where the two groups do not overlap). Read off where P is
    `share`.

    Parameters
    ----------
    amplitudes : numpy.ndarray, shape (n,)
        Positive.
    found : numpy.ndarray of bool, shape (n,)
    false_share : float
        f, from 0 to below `share`; else nothing is told apart from chance and infinity is given.
    share : float
        0 to 1.
    draws : int
        Of the bootstrap.
    seed : int
        Of the bootstrap.

    Raises
    ------
    InputError
        If the shapes differ, nothing is given, or an amplitude is not positive.
    """
    size, hit = np.asarray(amplitudes, dtype=float), np.asarray(found, dtype=bool)
    if size.shape != hit.shape or size.ndim != 1 or not size.size or not (size > 0).all():
        raise InputError("amplitudes: expected positive numbers, one for each of found")
    if false_share >= share:
        return Smallest(np.inf, np.inf, np.inf)
    levels, where = np.unique(size, return_inverse=True)
    tried = np.bincount(where).astype(np.float64)
    hits = np.bincount(where, weights=hit).astype(np.float64)
    # Each amplitude keeps its number of sources; smoothed, shares of 0 and 1 have a spread too.
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(tried.astype(int), (hits + 1) / (tried + 2), size=(draws, tried.size))
    found_at = _read(levels, tried, np.vstack((hits, drawn)), false_share, share)
    best = float(found_at[0])
    low, high = np.quantile(found_at[1:], [0.025, 0.975], method="nearest")
    return Smallest(best, float(min(low, best)), float(max(high, best)))


def _read(levels: Array, tried: Array, hits: Array, floor: float, share: float) -> Array:
    """The amplitude at the share for each row of hits; 0 or infinity outside those tried.

    The likelihood is searched on a grid, all rows at once: its two parameters need no more.
    """
    x = np.log(levels)
    margin = 1.0
    m = np.linspace(x[0] - margin, x[-1] + margin, 600)[:, None]
    log_s = np.linspace(np.log(0.3), np.log(30.0), 40)[None, :]
    rate = floor + (1 - floor) * expit(np.exp(log_s)[..., None] * (x - m[..., None]))
    rate = np.clip(rate, 1e-9, 1 - 1e-9).reshape(-1, x.size)
    prior = np.broadcast_to(0.5 * (log_s - np.log(2.0)) ** 2, (m.size, log_s.size)).ravel()
    fit = hits @ np.log(rate).T + (tried - hits) @ np.log1p(-rate).T - prior
    row, column = np.divmod(fit.argmax(axis=1), log_s.size)
    at = m[row, 0] + np.log((share - floor) / (1 - share)) / np.exp(log_s[0, column])
    return np.where(at > x[-1] + 1e-9, np.inf, np.where(at < x[0] - 1e-9, 0.0, np.exp(at)))


def smallest_found(
    trials: Trials, *, share: float = 0.5, draws: int = 200, seed: int = 0
) -> pd.DataFrame:
    """`smallest_source` for every kind, method and number of stations.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``method``, ``stations``, ``unit``, ``smallest``, ``low``, ``high``, and ``least``
        and ``most``, the amplitudes that were tried.
    """
    false = false_alarms(trials).set_index(KEYS)["share"]
    rows = []
    for key, part in trials.blocks.dropna(subset="amplitude").groupby(KEYS, sort=False):
        size = part["amplitude"].to_numpy(dtype=float)
        found = smallest_source(
            size, part["alarm"].to_numpy(dtype=bool), float(false[key]),
            share=share, draws=draws, seed=seed,
        )  # fmt: skip
        rows.append(
            dict(zip(KEYS, key, strict=True))
            | {
                "unit": trials.unit[key[0]],
                "smallest": found.amplitude,
                "low": found.low,
                "high": found.high,
                "least": size.min(),
                "most": size.max(),
            }
        )
    return pd.DataFrame(rows)


def at_distance(
    smallest: pd.DataFrame, distances_km: Array, exponent: float, reference_km: float = 100.0
) -> pd.DataFrame:
    """What a source has to be at a reference distance to be found farther away.

    A source of amplitude A at the reference distance r has A (r / d)^p at the distance d, so the
    smallest amplitude at a station grows with (d / r)^p.

    Parameters
    ----------
    smallest : pandas.DataFrame
        From `smallest_found`.
    distances_km : numpy.ndarray
        d; all stations at the same distance.
    exponent : float
        p.
    reference_km : float
        r.

    Returns
    -------
    pandas.DataFrame
        The rows once for each distance, with the column ``distance``.
    """
    frames = []
    for d in np.asarray(distances_km, dtype=float):
        grown = smallest.copy()
        for column in ("smallest", "low", "high"):
            grown[column] *= (d / reference_km) ** exponent
        frames.append(grown.assign(distance=d))
    return pd.concat(frames, ignore_index=True)


def league(trials: Trials, *, share: float = 0.5, draws: int = 200, seed: int = 0) -> pd.DataFrame:
    """All methods on all kinds of data in one table.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``method``, ``stations``, ``rate`` with ``rate_low`` and ``rate_high`` (all
        amplitudes together), ``error_h``, ``smallest`` with ``smallest_low`` and
        ``smallest_high``, ``unit``, ``least`` and ``most`` (amplitudes tried), ``a_year`` with
        ``a_year_low`` and ``a_year_high``, ``learn_s`` and ``score_s``.
    """
    source = trials.blocks.dropna(subset="amplitude")
    rows = []
    for key, part in source.groupby(KEYS, sort=False):
        found = part[part["alarm"]]
        low, high = wilson_interval(len(found), len(part))
        rows.append(
            dict(zip(KEYS, key, strict=True))
            | {
                "rate": len(found) / len(part),
                "rate_low": low,
                "rate_high": high,
                "error_h": found["error"].abs().median(),
            }
        )
    small = smallest_found(trials, share=share, draws=draws, seed=seed)
    small = small.rename(columns={"low": "smallest_low", "high": "smallest_high"})
    false = false_alarms(trials).rename(columns={"low": "a_year_low", "high": "a_year_high"})
    table = pd.DataFrame(rows).merge(small, on=KEYS)
    table = table.merge(false[[*KEYS, "a_year", "a_year_low", "a_year_high"]], on=KEYS)
    return table.merge(trials.cost, on=["kind", "method"])
