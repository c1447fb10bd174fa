"""Simulated cases of the page on noise: each paper's criterion under each null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise import cnn, lushan, stmn, swntf, tec
from precursor_lib.evaluate.noise.chance import Array, Chance, counted, exact, window_fits
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
    days = swntf.NIGHTS
    windows = swntf.candidate_windows((20.0, 25.0, 30.0))
    rows = []
    for null, child in zip(nulls.items(), _seeds(seed, len(nulls)), strict=True):
        name, process = null
        curves = [_swntf_curves(process, runs, child + part) for part in range(3)]
        fixed = swntf.phases_pass(days, curves[0], cores=cores)
        free = fixed | swntf.free_phases_pass(days, curves[0], windows, cores=cores)
        lines = swntf.line_passes(days, curves[1]) & swntf.line_passes(days, curves[2])
        rows.append(Row("SW-NTF", "two sigmoids", name, counted(fixed), counted(free)))
        rows.append(
            Row("SW-NTF", "and two lines", name, counted(fixed & lines), counted(free & lines))
        )
    return rows


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
    mean = -np.log1p(-share)
    stages, phases = np.arange(lushan.STAGES[0] + 1, 1.0), np.arange(_PHASE_STARTS[0], 1.0)
    rows = []
    for (name, null, shared), child in zip(
        _shared(nulls), _seeds(seed, len(_shared(nulls))), strict=True
    ):
        flags = lushan.anomalous(
            network_counts(null, [mean] * 3, stages.size, runs, child, shared=shared)
        )
        fixed = lushan.stages_grow(stages, flags)
        free = fixed | lushan.free_stages_grow(stages, flags, *_STAGE_EDGES)
        # A constant chance of a day has a closed form with the printed edges.
        chance = (
            exact(lushan.stages_chance(share, np.diff(lushan.STAGES).astype(int).tolist(), 3))
            if isinstance(null, Steady)
            else counted(fixed)
        )
        rows.append(Row("Lushan", "stages grow, 3 stations", name, chance, counted(free)))
        if isinstance(null, Driven):
            continue
        flags = lushan.anomalous(
            network_counts(null, [mean] * 2, phases.size, runs, child + 1, shared=shared)
        )
        curves = np.cumsum(flags, axis=-1).astype(float)
        fixed = lushan.two_phases(
            phases, curves, (lushan.PHASES[0][0],), (lushan.PHASES[1][0],), cores=cores
        )
        free = fixed.copy()
        left = ~fixed
        free[left] = lushan.two_phases(
            phases, curves[:, left], _PHASE_STARTS, _PHASE_BORDERS, cores=cores
        )
        rows.append(Row("Lushan", "two sigmoids, 2 gauges", name, counted(fixed), counted(free)))
    return rows


def stmn_rows(nulls: Mapping[str, Null], runs: int, seed: int, cores: int) -> list[Row]:
    """Ratio at all five stations, and inflections within the published days."""
    days = np.arange(_STMN_STARTS[0], 1.0)
    means = (stmn.counts_at() / -_STMN_START).tolist()
    strain = {name: null for name, null in nulls.items() if not isinstance(null, Driven)}
    rows = []
    for (name, null, shared), child in zip(
        _shared(strain), _seeds(seed, len(_shared(strain))), strict=True
    ):
        counts = network_counts(null, means, days.size, runs, child, shared=shared)
        curves = np.cumsum(counts, axis=-1).astype(float)
        window = (_STMN_START, 0.0)
        for criterion, inflections, span in (
            (f"Ratio ≥ {min(stmn.RATIO):g}, 5 stations", None, np.inf),
            ("and inflections agree", (min(stmn.INFLECTION), max(stmn.INFLECTION)), None),
        ):
            fixed = stmn.network_passes(days, curves, window, inflections=inflections, cores=cores)
            widest = max(stmn.INFLECTION) - min(stmn.INFLECTION) if span is None else span
            free = stmn.free_network_passes(days, curves, _STMN_STARTS, span=widest, cores=cores)
            rows.append(Row("STMN", criterion, name, counted(fixed), counted(fixed | free)))
    return rows


def cluster_rows(
    sizes: Sequence[float], lasts: Sequence[float], runs: int, seed: int, cores: int
) -> list[Row]:
    """The Ratio at all five stations, for clusters common to them, by their size and length."""
    rows = []
    for last in lasts:
        for size, child in zip(sizes, _seeds(seed, len(sizes)), strict=True):
            found = stmn_rows({"clusters": Clusters(size, last)}, runs, child, cores)
            rows += [
                replace(row, noise=f"clusters of {size:g} within {last:g} d")
                for row in found
                if row.noise.endswith(COMMON)
            ]
    return rows


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
    found = Parallel(n_jobs=cores, prefer="threads")(
        delayed(tec.flagged_days)(runs, child, memory_hours=memory, shared=shared, quiet=quiet)
        for (memory, shared), child in zip(_TEC_NOISES, _seeds(seed, len(_TEC_NOISES)), strict=True)
    )
    rows = []
    for (memory, shared), flags in zip(_TEC_NOISES, found, strict=True):
        name = f"memory {memory:g} h, {100 * shared:g} % common"
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
    days = np.arange(_STMN_START, 1.0)
    found = {}
    for (name, null), child in zip(nulls.items(), _seeds(seed, len(nulls)), strict=True):
        curves = _swntf_curves(null, runs, child)
        one, two = (window_fits(swntf.NIGHTS, curves, w, cores=cores) for w in swntf.PHASES)
        mean = float(stmn.counts_at()[0]) / days.size
        counts = daily_counts(null, mean, days.size, runs, child + 1)
        fits = window_fits(
            days, np.cumsum(counts, axis=1).astype(float), (days[0], 0.0), cores=cores
        )
        found[name] = pd.DataFrame(
            {
                "first": one["r2_s"],
                "second": two["r2_s"],
                "ratio": fits["ratio"],
                "inflection": fits["x0"].where(fits["believed"]),
            }
        )
    return found


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


def _seeds(seed: int, number: int) -> list[int]:
    """Seeds with room for a few beside each."""
    return [int(s) for s in np.random.SeedSequence(seed).generate_state(number, np.uint32)]
