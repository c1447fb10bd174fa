"""Figures and tables of what the methods cost."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from precursor_lib.evaluate.cost import growth_exponent
from precursor_lib.report.style import PAGE_WIDTH, drawn


@drawn
def growth_figure(costs: Mapping[str, pd.DataFrame], xlabel: str) -> Figure:
    """Time and memory against size on logarithmic axes, a curve a method.

    Parameters
    ----------
    costs : mapping of str to pandas.DataFrame
        From `precursor_lib.evaluate.cost.measure`.
    xlabel : str
        What the size counts.
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.4))
    for axis, column, label in zip(
        axes, ("seconds", "megabytes"), ("time (s)", "memory (MB)"), strict=True
    ):
        for number, (name, table) in enumerate(costs.items()):
            axis.loglog(table.index, table[column], marker="osv^D"[number % 5], label=name)
        # The sizes measured are the ticks; a logarithmic axis would label too many.
        sizes = sorted({int(size) for table in costs.values() for size in table.index})
        axis.set_xticks(sizes, [f"{size}" for size in sizes], rotation=45)
        axis.set_xticks([], minor=True)
        axis.set(xlabel=xlabel, ylabel=label)
    axes[0].legend()
    return figure


def growth_table(costs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Largest size, its time and memory, and the fitted slopes with standard errors."""
    rows = {}
    for name, table in costs.items():
        time, time_error = growth_exponent(table)
        memory, _ = growth_exponent(table, "megabytes")
        last = table.iloc[-1]
        rows[name] = {
            "largest size": int(table.index[-1]),
            "time there (s)": last["seconds"],
            "memory there (MB)": last["megabytes"],
            "slope of time": time,
            "±": time_error,
            "slope of memory": memory,
        }
    return pd.DataFrame(rows).T.rename_axis("method").astype({"largest size": int})
