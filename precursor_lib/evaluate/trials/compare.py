"""A method held against its rival on the same sources."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from precursor_lib.errors import InputError
from precursor_lib.evaluate.recovery import wilson_interval
from precursor_lib.evaluate.trials.run import Trials


def against_rivals(
    trials: Trials, pairs: Sequence[tuple[str, str, str]], *, level: float = 0.05
) -> pd.DataFrame:
    """Sources that one of two methods finds and the other misses (exact McNemar test).

    Both were tried on the same sources at the same rate of false alarms. The p-values are corrected
    for the number of comparisons (Holm).

    Parameters
    ----------
    trials : Trials
        Of both methods.
    pairs : sequence of (kind, method, rival)
        By name; each pair is compared at every number of stations that both have.
    level : float
        Corrected p-values up to this decide.

    Returns
    -------
    pandas.DataFrame
        ``kind``, ``method``, ``rival``, ``stations``, ``sources``, ``method_only``, ``rival_only``,
        ``share`` of the former among both with ``low`` and ``high`` (Wilson, 95 %), ``p`` (Holm),
        and ``verdict``: "finds more", "finds fewer" or "no difference shown".

    Raises
    ------
    InputError
        If a pair was not tried.
    """
    source = trials.blocks.dropna(subset="amplitude")
    rows = []
    for kind, method, rival in pairs:
        both = [source[(source["kind"] == kind) & (source["method"] == m)] for m in (method, rival)]
        for name, part in zip((method, rival), both, strict=True):
            if part.empty:
                raise InputError(f"pairs: {name!r} was not tried on {kind!r}")
        one, two = (p.set_index(["stations", "record", "block"])["alarm"] for p in both)
        joined = pd.concat([one, two], axis=1, keys=["method", "rival"], join="inner")
        for stations, part in joined.groupby(level="stations"):
            only = int((part["method"] & ~part["rival"]).sum())
            other = int((~part["method"] & part["rival"]).sum())
            low, high = wilson_interval(only, only + other)
            rows.append(
                {
                    "kind": kind,
                    "method": method,
                    "rival": rival,
                    "stations": stations,
                    "sources": len(part),
                    "method_only": only,
                    "rival_only": other,
                    "share": only / (only + other) if only + other else np.nan,
                    "low": low,
                    "high": high,
                    "p": binomtest(only, only + other).pvalue if only + other else 1.0,
                }
            )
    table = pd.DataFrame(rows)
    table["p"] = multipletests(table["p"].to_numpy(), method="holm")[1]
    decided = table["p"] <= level
    more = table["method_only"] > table["rival_only"]
    table["verdict"] = np.select(
        [decided & more, decided & ~more], ["finds more", "finds fewer"], "no difference shown"
    )
    return table
