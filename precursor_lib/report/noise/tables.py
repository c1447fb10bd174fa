"""Tables of the page on noise."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from precursor_lib.evaluate.noise.chance import Chance
from precursor_lib.report.noise.cases import Row


def pass_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Chances in percent with their intervals, a row a criterion and noise."""
    return pd.DataFrame(
        [
            {
                "paper": row.paper,
                "criterion": row.criterion,
                "noise": row.noise,
                "as printed (%)": percent(row.fixed),
                "chosen freely (%)": percent(row.free),
            }
            for row in rows
        ]
    )


def percent(chance: Chance) -> str:
    """A chance in percent: with its interval, or marked as exact."""
    value = _digits(100 * chance.share)
    if chance.runs == 0:
        return f"{value} (exact)"
    return f"{value} ({_digits(100 * chance.low)} to {_digits(100 * chance.high)})"


def level_table(power: pd.DataFrame, sizes: Sequence[float]) -> pd.DataFrame:
    """Level and power in percent by test and noise, a column a size of the source.

    Parameters
    ----------
    power : pandas.DataFrame
        From `precursor_lib.evaluate.noise.power.power_table`.
    sizes : sequence of float
        Events of the source; 0 gives the level, which comes with its interval.
    """
    rows = []
    for (test, noise), group in power.groupby(["test", "noise"], sort=False):
        by_size = group.set_index("size")
        row = {"test": test, "noise": noise}
        for size in sizes:
            one = by_size.loc[size]
            if size == 0:
                row["level"] = (
                    f"{100 * one['share']:.1f} ({100 * one['low']:.1f} to {100 * one['high']:.1f})"
                )
            else:
                row[f"{size:g} events"] = f"{100 * one['share']:.0f}"
        rows.append(row)
    return pd.DataFrame(rows)


def _digits(percent_: float) -> str:
    """Two digits that count, and none behind the point from ten on."""
    if percent_ >= 9.95:
        return f"{percent_:.0f}"
    return f"{percent_:.1f}" if percent_ >= 0.95 or percent_ == 0 else f"{percent_:.2g}"
