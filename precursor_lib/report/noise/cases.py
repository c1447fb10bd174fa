"""Simulated cases of the page on noise: each paper's criterion under each null."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config

from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise import cnn, lushan, stmn, swntf, tec
from precursor_lib.evaluate.noise.chance import (
    Array,
    Bools,
    Chance,
    counted,
    exact,
    window_fits,
)
from precursor_lib.evaluate.noise.processes import (
    Clusters,
    Counts,
    Driven,
    LogNormalRate,
    Null,
    Steady,
    daily_counts,
    network_counts,
)

OWN, COMMON = "stations by themselves", "common to all stations"
# Days of the window for which the STMN paper sees a sigmoid, and longer ones that it shows.
_STMN_START = -90.0
_STMN_STARTS = (-180.0, -150.0, -120.0, -90.0, -60.0)
# Choices that the Lushan paper leaves: borders of stages, first days and borders of phases.
_STAGE_EDGES = ((-90.0, -80.0, -70.0, -60.0, -50.0, -40.0), tuple(range(-35, -4, 5)))
_PHASE_STARTS, _PHASE_BORDERS = (-240.0, -180.0, -120.0), (-80.0, -60.0, -48.0, -40.0, -20.0)
# Memory of TEC noise in hours, and the variance that stations share.
_TEC_NOISES = ((0.0, 0.0), (3.0, 0.8), (12.0, 0.8))


@dataclass(frozen=True)
class Row:
    """One line of the table: chances with windows as printed and as freely as the paper allows."""

    paper: str
    criterion: str
    noise: str
    fixed: Chance
    free: Chance


def nulls_of(
    kp: pd.Series, first_day: str, days: int, *, spread: float, memory: float, size: float,
    last: float, sensitivity: float,
) -> dict[str, Null]:  # fmt: skip
    """The processes by name.

    Parameters
    ----------
    kp : pandas.Series
        Kp by the start of its three hours (UTC).
    first_day : str
        First of the days of the record.
    days : int
        Their number.
    spread, memory : float
        Of `LogNormalRate`.
    size, last : float
        Of `Clusters`.
    sensitivity : float
        Of `Driven`, for each unit of the daily mean of Kp.

    Raises
    ------
    InputError
        If a day of the record has no Kp.
    """
    daily = kp.resample("1D").mean()
    those = daily.reindex(pd.date_range(first_day, periods=days))
    if those.isna().any():
        raise InputError(f"kp: no value on {those.index[those.isna()][0]:%Y-%m-%d}")
    return {
        "Poisson": Steady(),
        "log-normal rate": LogNormalRate(spread, memory),
        "clusters": Clusters(size, last),
        "Kp of those days": Driven(those.to_numpy(), sensitivity),
        "Kp of other days": Driven(daily.dropna().to_numpy(), sensitivity, anywhere=True),
    }


def swntf_rows(nulls: Mapping[str, Null], runs: int, seed: int, cores: int) -> list[Row]:
    """Two sigmoids in the first component, and lines in the two others."""
    children = _seeds(seed, len(nulls))
    jobs = [(name, null, runs, c) for (name, null), c in zip(nulls.items(), children, strict=True)]
    return _joined(_spread(_swntf_null, jobs, cores))


def _swntf_null(name: str, null: Null, runs: int, seed: int) -> list[Row]:
    days, windows = swntf.NIGHTS, swntf.candidate_windows((20.0, 25.0, 30.0))
    curves = [_swntf_curves(null, runs, seed + part) for part in range(3)]
    fixed = swntf.phases_pass(days, curves[0])
    free = fixed | swntf.free_phases_pass(days, curves[0], windows)
    lines = swntf.line_passes(days, curves[1]) & swntf.line_passes(days, curves[2])
    return [
        Row("SW-NTF", "two sigmoids", name, counted(fixed), counted(free)),
        Row("SW-NTF", "and two lines", name, counted(fixed & lines), counted(free & lines)),
    ]


def lushan_rows(
    nulls: Mapping[str, Null], share: float, runs: int, seed: int, cores: int
) -> list[Row]:
    """Growing stages at three geomagnetic stations, two sigmoids at two gauges.

    Parameters
    ----------
    nulls : mapping
        See `nulls_of`; those of Kp stand for the geomagnetic stations alone.
    share : float
        Of anomalous days, for a steady rate.
    runs, seed, cores : int
    """
    cases = _shared(nulls)
    children = _seeds(seed, len(cases))
    jobs = [(*case, share, runs, child) for case, child in zip(cases, children, strict=True)]
    return _joined(_spread(_lushan_null, jobs, cores))


def _lushan_null(
    name: str, null: Null, shared: bool, share: float, runs: int, seed: int
) -> list[Row]:
    mean = -np.log1p(-share)
    stages, phases = np.arange(lushan.STAGES[0] + 1, 1.0), np.arange(_PHASE_STARTS[0], 1.0)
    flags = lushan.anomalous(
        network_counts(null, [mean] * 3, stages.size, runs, seed, shared=shared)
    )
    fixed = lushan.stages_grow(stages, flags)
    free = fixed | lushan.free_stages_grow(stages, flags, *_STAGE_EDGES)
    # A constant chance of a day has a closed form with the printed edges.
    chance = (
        exact(lushan.stages_chance(share, np.diff(lushan.STAGES).astype(int).tolist(), 3))
        if isinstance(null, Steady)
        else counted(fixed)
    )
    rows = [Row("Lushan", "stages grow, 3 stations", name, chance, counted(free))]
    if isinstance(null, Driven):
        return rows
    flags = lushan.anomalous(
        network_counts(null, [mean] * 2, phases.size, runs, seed + 1, shared=shared)
    )
    curves = np.cumsum(flags, axis=-1).astype(float)
    fixed = lushan.two_phases(phases, curves, (lushan.PHASES[0][0],), (lushan.PHASES[1][0],))
    free = fixed.copy()
    left = ~fixed
    free[left] = lushan.two_phases(phases, curves[:, left], _PHASE_STARTS, _PHASE_BORDERS)
    return [*rows, Row("Lushan", "two sigmoids, 2 gauges", name, counted(fixed), counted(free))]


def stmn_rows(nulls: Mapping[str, Null], runs: int, seed: int, cores: int) -> list[Row]:
    """Ratio at all five stations, and inflections within the published days."""
    cases = _shared({k: null for k, null in nulls.items() if not isinstance(null, Driven)})
    children = _seeds(seed, len(cases))
    jobs = [(*case, runs, child) for case, child in zip(cases, children, strict=True)]
    return _joined(_spread(_stmn_null, jobs, cores))


def _stmn_null(name: str, null: Null, shared: bool, runs: int, seed: int) -> list[Row]:
    days = np.arange(_STMN_STARTS[0], 1.0)
    means = (stmn.counts_at() / -_STMN_START).tolist()
    counts = network_counts(null, means, days.size, runs, seed, shared=shared)
    curves = np.cumsum(counts, axis=-1).astype(float)
    rows = []
    for criterion, inflections, span in (
        (f"Ratio ≥ {min(stmn.RATIO):g}, 5 stations", None, np.inf),
        ("and inflections agree", (min(stmn.INFLECTION), max(stmn.INFLECTION)), None),
    ):
        fixed = stmn.network_passes(days, curves, (_STMN_START, 0.0), inflections=inflections)
        widest = max(stmn.INFLECTION) - min(stmn.INFLECTION) if span is None else span
        free = stmn.free_network_passes(days, curves, _STMN_STARTS, span=widest)
        rows.append(Row("STMN", criterion, name, counted(fixed), counted(fixed | free)))
    return rows


def cluster_rows(
    sizes: Sequence[float], lasts: Sequence[float], runs: int, seed: int, cores: int
) -> list[Row]:
    """The Ratio at all five stations, for clusters common to them, by their size and length."""
    jobs = []
    for last in lasts:
        for size, child in zip(sizes, _seeds(seed, len(sizes)), strict=True):
            name = f"clusters of {size:g} within {last:g} d"
            jobs.append((name, Clusters(size, last), True, runs, child))
    return _joined(_spread(_stmn_null, jobs, cores))


def cnn_rows() -> list[Row]:
    """An accuracy of guesses, with windows by themselves and in groups; exact."""
    rows = []
    for group in (1, 2, 5):
        name = "guesses" if group == 1 else f"guesses, {group} windows alike"
        one, best = (cnn.guess_chance(group=group, tries=tries) for tries in (1, cnn.LENGTHS))
        criterion = f"accuracy ≥ {cnn.ACCURACY:g}"
        rows.append(Row("CNN", criterion, name, exact(one), exact(best)))
    # Half of the windows and half of the calls in each class: both classes have as many right.
    half = cnn.WINDOWS // 2
    needed = -(-cnn.right_needed(cnn.ACCURACY, cnn.WINDOWS) // 2)
    one = cnn.permuted_chance(half, half, needed)
    best = 1 - (1 - one) ** cnn.LENGTHS
    rows.append(Row("CNN", criterion, "labels permuted", exact(one), exact(best)))
    return rows


def tec_rows(
    kp: pd.Series, shock: str, per_day: int, runs: int, seed: int, cores: int
) -> list[Row]:
    """Values outside their bounds at quiet times in the days before the shock."""
    quiet = tec.quiet_hours(kp, shock, per_day)
    children = _seeds(seed, len(_TEC_NOISES))
    jobs = [(*case, runs, child, quiet) for case, child in zip(_TEC_NOISES, children, strict=True)]
    return _joined(_spread(_tec_noise, jobs, cores))


def _tec_noise(memory: float, shared: float, runs: int, seed: int, quiet: Bools) -> list[Row]:
    flags = tec.flagged_days(runs, seed, memory_hours=memory, shared=shared, quiet=quiet)
    name = f"memory {memory:g} h, {100 * shared:g} % common"
    rows = []
    for rule in (tec.SIGMA_RULE, tec.IQR_RULE):
        for together, where in ((False, "any station"), (True, "5 stations")):
            fixed, free = (
                tec.lead_passes(flags[rule], lead, together=together)
                for lead in (tec.LEAD, (tec.DAYS[0], -1))
            )
            rows.append(Row("TEC", f"{rule}, {where}", name, counted(fixed), counted(free)))
    return rows


def drawn_fits(
    nulls: Mapping[str, Null], runs: int, seed: int, cores: int
) -> dict[str, pd.DataFrame]:
    """R2 in the SW-NTF windows, and Ratio and inflection at the nearest Luding station, by null.

    Returns
    -------
    dict of pandas.DataFrame
        Columns ``first``, ``second`` (R2), ``ratio`` and ``inflection`` (of believed fits, else
        NaN).
    """
    jobs = [
        (null, runs, c) for null, c in zip(nulls.values(), _seeds(seed, len(nulls)), strict=True)
    ]
    return dict(zip(nulls, _spread(_fits_of, jobs, cores), strict=True))


def _fits_of(null: Null, runs: int, seed: int) -> pd.DataFrame:
    days = np.arange(_STMN_START, 1.0)
    curves = _swntf_curves(null, runs, seed)
    one, two = (window_fits(swntf.NIGHTS, curves, window) for window in swntf.PHASES)
    counts = daily_counts(null, float(stmn.counts_at()[0]) / days.size, days.size, runs, seed + 1)
    fits = window_fits(days, np.cumsum(counts, axis=1).astype(float), (days[0], 0.0))
    return pd.DataFrame(
        {
            "first": one["r2_s"],
            "second": two["r2_s"],
            "ratio": fits["ratio"],
            "inflection": fits["x0"].where(fits["believed"]),
        }
    )


def _swntf_curves(null: Null, runs: int, seed: int) -> Array:
    nights = swntf.NIGHTS.size
    counts: Counts = daily_counts(
        null, swntf.EVENTS / nights, nights, runs, seed, total=swntf.EVENTS
    )
    return np.cumsum(counts, axis=1).astype(float)


def _shared(nulls: Mapping[str, Null]) -> list[tuple[str, Null, bool]]:
    """Nulls of a network: a drawn rate may be each station's own or common, Kp is common."""
    cases: list[tuple[str, Null, bool]] = []
    for name, null in nulls.items():
        if isinstance(null, (Steady, Driven)):
            cases.append((name, null, isinstance(null, Driven)))
        else:
            cases += [(f"{name}, {OWN}", null, False), (f"{name}, {COMMON}", null, True)]
    return cases


def _spread(function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], cores: int) -> list[Any]:
    """The function of each job, in as many processes as there are cores for, a thread in each."""
    with parallel_config("loky", inner_max_num_threads=1):
        return Parallel(n_jobs=min(cores, len(jobs)))(delayed(function)(*job) for job in jobs)


def _joined(parts: Sequence[list[Row]]) -> list[Row]:
    return [row for part in parts for row in part]


def _seeds(seed: int, number: int) -> list[int]:
    """Seeds with room for a few beside each."""
    return [int(s) for s in np.random.SeedSequence(seed).generate_state(number, np.uint32)]
