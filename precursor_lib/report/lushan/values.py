"""What the page on simulated records hands to the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from precursor_lib.pipelines.lushan import run_station, samples_a_day
from precursor_lib.report.lushan.days import day_values, stability
from precursor_lib.report.lushan.inputs import Case, filled
from precursor_lib.report.lushan.ledger import Values
from precursor_lib.report.lushan.models import table2_values
from precursor_lib.report.lushan.modes import mode_values, source_ratio, stopping
from precursor_lib.report.lushan.rules import residuals_rise


def case_values(
    case: Case,
    one_day: Mapping[str, pd.DataFrame],
    all_days: Mapping[str, pd.DataFrame],
    recovery: Mapping[str, pd.DataFrame],
    factors: Mapping[str, pd.DataFrame],
    lag: pd.DataFrame,
    *,
    seeds: Sequence[int],
    stopping_days: int,
) -> Values:
    """All values of the page for the ledger.

    Parameters
    ----------
    case : Case
    one_day, all_days, recovery, factors, lag
        Tables of the page: `models.compare` on the day and on the whole test, `recovery_table`,
        `factor_table` and `lag_table`.
    seeds : sequence of int
        Of trainings of each kind's first station, for the spread of the inflection.
    stopping_days : int
        Days of the field that classic sweeps decompose.
    """
    spread = [
        stability(
            [
                case.first(kind)
                if seed == chain.seed
                else run_station(
                    case.records[kind].isel(station=0), chain.with_(seed=seed), folder=case.folder
                )
                for seed in seeds
            ]
        )
        for kind, chain in case.chains.items()
    ]
    field = case.records["field"].isel(station=0)
    start = filled(field)[: round(stopping_days * samples_a_day(field["time"].values))]
    limits = {"exp(-7)": float(np.exp(-7)), "1e-7": 1e-7}
    missed = stopping(start, case.chains["field"], limits)
    name = case.first("field").station
    kept, raw = source_ratio(case.first("field"), case.nothing["field"][name])
    rises = [residuals_rise(case.found[kind], case.truth[kind]) for kind in case.found]
    return {
        **mode_values(case.found["field"], case.found["strain"], kept > raw),
        **table2_values(one_day, all_days),
        **day_values(case.found, case.nothing, recovery, lag),
        "lushan-sec5-1-amplify": all(rises),
        "lushan-eq8-range": [float(table["gain"].idxmax()) for table in factors.values()],
        "lushan-sec6-stability": None
        if any(value is None for value in spread)
        else max(value for value in spread if value is not None),
        "lushan-sec4-accuracy": {name: missed.get(name) for name in limits},
    }
