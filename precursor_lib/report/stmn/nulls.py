"""What the STMN chain makes of records without a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from precursor_lib.detect import fit_many, growth_ratio
from precursor_lib.pipelines.stmn_settings import StmnSettings
from precursor_lib.report.stmn.experiment import Bench, Record, curves
from precursor_lib.report.stmn.tables import readings


def null_fits(
    bench: Bench, records: Iterable[Record], settings: StmnSettings, event: str
) -> dict[str, pd.DataFrame]:
    """Sigmoid and line through each station's curve of points of records without a source.

    Parameters
    ----------
    bench : Bench
        What its reference has taught forecasts them.
    records : iterable of Record
        Networks without a source.
    settings : StmnSettings
        The chain; each of its `precursor_lib.report.stmn.tables.readings` is made.
    event : str
        UTC.

    Returns
    -------
    dict of str to pandas.DataFrame
        By reading: `fit_many`, and the curves as ``curve``.
    """
    without = [bench.with_networks(none=record) for record in records]
    grid, nulls = np.arange(-180.0, 0.5), {}
    for name, (chain, sigma) in readings(settings).items():
        rows = [
            np.interp(grid, x, y)
            for other in without
            for x, y in curves(other.forecast("none", chain), event, sigma=sigma).values()
            if x.size and np.ptp(y) > 0
        ]
        nulls[name] = fit_many(grid, np.array(rows)).assign(curve=rows)
    return nulls


def null_table(
    nulls: Mapping[str, pd.DataFrame], printed: pd.DataFrame, stops: Sequence[int]
) -> pd.DataFrame:
    """How often records without a source show what the paper reads as a precursor.

    Parameters
    ----------
    nulls : mapping
        Reading to `null_fits`.
    printed : pandas.DataFrame
        From `printed_table`: its smallest R2 and Ratio are the marks.
    stops : sequence of int
        Evaluations after which an unfinished search for the sigmoid is stopped.
    """
    grid, rows = np.arange(-180.0, 0.5), {}
    for name, fits in nulls.items():
        believed = fits["believed"]
        rows[name] = {
            "curves": len(fits),
            "believed": _share(believed),
            "Ratio > 1": _share(fits["ratio"] > 1),
            "R² as the least printed": _share(fits["r2_s"] >= printed["r2"].min()),
            "Ratio as the least printed": _share(fits["ratio"] >= printed["ratio"].min()),
            "inflection 30 to 90 d": _share(believed & fits["x0"].between(-90, -30)),
            "Ratio, 5 to 95 %": _span(fits["ratio"]),
        }
        for stop in stops:
            values = [growth_ratio(grid, y, stop_after=stop).ratio for y in fits["curve"]]
            rows[name][f"stopped after {stop}"] = _span(pd.Series(values))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("reading")


def _share(hits: pd.Series) -> str:
    return f"{hits.mean():.0%}"


def _span(values: pd.Series) -> str:
    low, high = values.quantile([0.05, 0.95])
    return f"{low:.2f} to {high:.2f}"
