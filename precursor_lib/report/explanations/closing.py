"""The closing table of the page on other explanations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from precursor_lib.evaluate.explanations.findings import Finding


def closing_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """A row a finding, with the verdict of the rule in `Finding.verdict`."""
    return pd.DataFrame(
        [
            {
                "explanation": one.explanation,
                "bears on": one.bears_on,
                "tested on": one.tested_on,
                "share of what": one.measure,
                "share": f"{one.share:.2f} ({one.low:.2f} to {one.high:.2f})".replace(
                    "-", "\N{MINUS SIGN}"
                ),
                "verdict": f"**{one.verdict}**",
            }
            for one in findings
        ]
    )
