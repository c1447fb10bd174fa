"""Scores and catalogues of known truth, and how often each test calls them related."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from precursor_lib.evaluate.alarms import (
    alarm_score,
    area_skill,
    coincidence,
    shift_chance,
    superposed_epochs,
)
from precursor_lib.simulate.activity import ClusteredRate, StepRate

ORIGIN = np.datetime64("2000-01-01", "ns")
SCORES = ("skill", "follows Kp", "random bursts", "early record")
CATALOGUES = ("steady", "clustered", "fading")
TESTS = (
    "independent",
    "all shifts",
    "near shifts",
    "coincidence, Poisson",
    "coincidence, shifts",
    "epochs, shifts",
)
# Days of the swelling that the score with skill shows before a warned event.
_WARNING = (1, 5)


def known_events(kind: str, days: int, number: float, rng: np.random.Generator) -> np.ndarray:
    """Event times in days, ascending.

    Parameters
    ----------
    kind : {"steady", "clustered", "fading"}
        Poisson; clusters of five on average within 30 days; or a rate that is four times as high
        in the first quarter of the record, as where a catalogue begins in a busy time.
    days : int
        Length.
    number : float
        Expected events.
    rng : numpy.random.Generator
    """
    rate = number / days
    if kind == "clustered":
        return ClusteredRate(rate, 5.0, 30.0).sample(0.0, float(days), rng)
    if kind == "fading":
        edges = np.array([0.0, days / 4, float(days)])
        return StepRate(edges, rate * np.array([16.0, 4.0]) / 7).sample(0.0, float(days), rng)
    return StepRate(np.array([0.0, float(days)]), np.array([rate])).sample(0.0, float(days), rng)


def known_score(
    kind: str,
    times: np.ndarray,
    kp: np.ndarray,
    rng: np.random.Generator,
    *,
    size: float,
    share: float,
) -> np.ndarray:
    """A daily score.

    Parameters
    ----------
    kind : str
        Of `SCORES`. Only ``"skill"`` knows of the events.
    times : numpy.ndarray
        Event times in days.
    kp : numpy.ndarray, shape (days,)
        Daily largest Kp.
    rng : numpy.random.Generator
    size, share : float
        Of the score with skill: what is added 1 to 5 days before an event, in standard deviations,
        and the chance that an event is warned of.
    """
    days = kp.size
    noise = lfilter([np.sqrt(1 - 0.7**2)], [1.0, -0.7], rng.normal(size=days))
    if kind == "follows Kp":
        # A part of the real index from a random day on, so that no run repeats another.
        return np.roll(kp, int(rng.integers(days))) + 0.3 * noise
    if kind == "random bursts":
        points = ClusteredRate(3.0, 60.0, 15.0).sample(0.0, float(days), rng)
        return np.bincount(np.ceil(points).astype(int) - 1, minlength=days) + 0.3 * noise
    if kind == "early record":
        return noise + 1.0 * (np.arange(days) < days / 4)
    warned = np.floor(times[rng.random(times.size) < share]).astype(int)
    raised = np.zeros(days, dtype=bool)
    for before in range(_WARNING[0], _WARNING[1] + 1):
        raised[(warned - before)[warned >= before]] = True
    return noise + size * raised


def day_events(times: np.ndarray, days: int) -> np.ndarray:
    """Events of each day; a time at the very end belongs to the last."""
    return np.bincount(np.minimum(times.astype(int), days - 1), minlength=days)


def as_times(days: np.ndarray) -> np.ndarray:
    """Days since `ORIGIN` as dates."""
    return ORIGIN + (np.asarray(days, dtype=float) * 86400e9).astype("timedelta64[ns]")


def chances(
    score: np.ndarray, times: np.ndarray, *, lead: int, reach: int, top: float, seed: int
) -> list[float]:
    """p of each of `TESTS` for one record; NaN for all without an event to test."""
    days = score.size
    events = day_events(times, days)
    warned = alarm_score(score, 1, lead)
    if not events[np.isfinite(warned)].sum():
        return [np.nan] * len(TESTS)
    area = area_skill(warned, events)
    # An anomaly is known at the end of its day.
    anomalies = np.flatnonzero(score > np.quantile(score, 1 - top)) + 1.0
    met = coincidence(
        as_times(anomalies),
        as_times(times),
        window=float(lead),
        record=(ORIGIN, as_times(np.array([days]))[0]),
        shifts=199,
        seed=seed,
    ).precursor
    epochs = superposed_epochs(score, events, np.arange(-lead, 0))
    return [
        area.p_independent,
        area.p_shift,
        shift_chance(area.shifted, reach),
        met.p_poisson if met.trials else np.nan,
        met.p_shift,
        epochs.p,
    ]


def rejection_table(
    kp: np.ndarray,
    runs: int,
    seed: int,
    *,
    number: float,
    size: float,
    share: float,
    lead: int,
    reach: int,
    top: float,
    level: float = 0.05,
    scores: Sequence[str] = SCORES,
    catalogues: Sequence[str] = CATALOGUES,
) -> pd.DataFrame:
    """Share of simulated records, in percent, that each test calls related at a level.

    Parameters
    ----------
    kp : numpy.ndarray, shape (days,)
        Daily largest Kp; gives the length of the records.
    runs, seed : int
        Records of each kind, and seed.
    number, size, share
        As for `known_events` and `known_score`.
    lead : int
        Days before an event that count.
    reach : int
        Largest of the near shifts, in days.
    top : float
        Share of the days that are anomalous.
    level : float
    scores, catalogues : sequence of str

    Returns
    -------
    pandas.DataFrame
        Columns ``score``, ``catalogue`` and `TESTS`.
    """
    rows = []
    kinds = [(s, c) for s in scores for c in catalogues]
    for (kind, catalogue), stream in zip(
        kinds, np.random.SeedSequence(seed).spawn(len(kinds)), strict=True
    ):
        rng = np.random.default_rng(stream)
        found = np.empty((runs, len(TESTS)))
        for run in range(runs):
            times = known_events(catalogue, kp.size, number, rng)
            score = known_score(kind, times, kp, rng, size=size, share=share)
            found[run] = chances(score, times, lead=lead, reach=reach, top=top, seed=run)
        with np.errstate(invalid="ignore"):
            rates = 100.0 * (found <= level).sum(axis=0) / np.isfinite(found).sum(axis=0)
        rows.append({"score": kind, "catalogue": catalogue, **dict(zip(TESTS, rates, strict=True))})
    return pd.DataFrame(rows)


def rate_error(runs: int, rate: float = 0.05) -> float:
    """Monte Carlo standard error of a rate, in percent."""
    return 100.0 * float(np.sqrt(rate * (1 - rate) / runs))


def examples(
    kp: np.ndarray,
    seed: int,
    *,
    number: float,
    size: float,
    share: float,
    lead: int,
    catalogue: str = "clustered",
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """One record of each score against one catalogue: warning score and events by day."""
    rng = np.random.default_rng(seed)
    times = known_events(catalogue, kp.size, number, rng)
    found = {}
    for kind in SCORES:
        score = known_score(kind, times, kp, rng, size=size, share=share)
        found[kind] = (alarm_score(score, 1, lead), day_events(times, kp.size))
    return found
