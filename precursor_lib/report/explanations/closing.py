"""The closing table of the page on other explanations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from precursor_lib.evaluate.explanations.findings import Finding
from precursor_lib.report.tables import MINUS


def between(value: float, low: float, high: float) -> str:
    """A number with its interval, as ``0.50 (0.40 to 0.60)``."""
    return f"{value:.2f} ({low:.2f} to {high:.2f})".replace("-", MINUS)


def closing_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """A row a finding, with the verdict of the rule in `Finding.verdict`."""
    return pd.DataFrame(
        [
            {
                "explanation": one.explanation,
                "bears on": one.bears_on,
                "tested on": one.tested_on,
                "share of what": one.measure,
                "share": between(one.share, one.low, one.high),
                "verdict": f"**{one.verdict}**",
            }
            for one in findings
        ]
    )
