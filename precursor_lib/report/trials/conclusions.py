"""What the trials say of each paper's method."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from precursor_lib.evaluate.trials import Trials, against_rivals
from precursor_lib.report.trials.cases import Case


def against_all(trials: Trials, cases: Sequence[Case]) -> pd.DataFrame:
    """A row a case: which methods find more sources than the paper's own, as many, or fewer.

    Parameters
    ----------
    trials : Trials
        Of all methods of the cases, at one number of stations.
    cases : sequence of Case

    Returns
    -------
    pandas.DataFrame
        ``data``, ``method``, and the names of the others by the verdict of
        `precursor_lib.evaluate.trials.against_rivals` on the paper's method.
    """
    pairs = [
        (case.kind.name, case.own.name, other.name) for case in cases for other in case.methods[1:]
    ]
    compared = against_rivals(trials, pairs)
    columns = {
        "finds fewer than": "finds fewer",
        "no difference shown to": "no difference shown",
        "finds more than": "finds more",
    }
    rows = []
    for (kind, method), part in compared.groupby(["kind", "method"], sort=False):
        named = {
            column: ", ".join(part["rival"][part["verdict"] == verdict]) or "none"
            for column, verdict in columns.items()
        }
        rows.append({"data": kind, "method": method, **named})
    return pd.DataFrame(rows)
