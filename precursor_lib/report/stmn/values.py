"""Values of the STMN pages for the ledger that come from simulated records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from precursor_lib.pipelines.stmn import Forecast
from precursor_lib.report.stmn.experiment import growth, spatial
from precursor_lib.report.stmn.sizes import FLOORS

Values = dict[str, Any]


def number(value: float) -> float | None:
    """A number, or None where there is none."""
    return float(value) if np.isfinite(value) else None


def station_values(fits: pd.DataFrame, prefix: str) -> Values:
    """R2, Ratio and inflection of each station, for the entries of table 3."""
    values: Values = {}
    for station, row in fits.iterrows():
        for name in ("r2", "ratio", "inflection"):
            values[f"stmn-{prefix}-{station}-{name}"] = number(row[name])
    return values


def quality_values(table: pd.DataFrame, reference: str) -> Values:
    """Table 2, from `precursor_lib.report.stmn.tables.quality_table`."""
    k, whole = table["k"], table["complete (%)"]
    return {
        "stmn-tab2-reference-continuity": float(whole[reference]),
        "stmn-tab2-reference-k": float(k[reference]),
        "stmn-tab2-reference-highest": bool(k.idxmax() == reference),
        "stmn-tab2-continuity": whole.tolist(),
        "stmn-tab2-k": k.tolist(),
    }


def growth_values(
    chain: Mapping[str, Forecast], event: str, expected: float, nulls: Mapping[str, pd.DataFrame]
) -> Values:
    """Figures 5 and 6 and the random rows of table 3.

    Parameters
    ----------
    chain : mapping
        ``"as printed"`` and ``"no graph"`` to results with the source.
    event : str
        UTC.
    expected : float
        Day of the source's own inflection, negative.
    nulls : mapping
        Reading to `precursor_lib.report.stmn.tables.null_fits`; the printed reading comes first.
    """
    printed = chain["as printed"]
    fits = growth(printed, event, sigma="record")
    law = spatial(fits)
    early, late = (
        growth(printed, event, sigma="record", window=span).iloc[0]
        for span in ((-180.0, -90.0), (-90.0, 0.0))
    )
    day = {
        name: growth(result, event, sigma="record")["inflection"].iloc[0]
        for name, result in chain.items()
    }
    random = next(iter(nulls.values()))
    return {
        **station_values(fits, "tab3"),
        "stmn-tab3-random-r2": random["r2_s"].quantile([0.05, 0.95]).tolist(),
        "stmn-tab3-random-ratio": random["ratio"].quantile([0.05, 0.95]).tolist(),
        "stmn-tab3-null-ratio": {
            name: bool((fits["believed"] & (fits["ratio"] > 1)).mean() <= 0.05)
            for name, fits in nulls.items()
        },
        "stmn-fig5-linear-before": not _curved(early) and _curved(late),
        "stmn-fig5-timing": {
            name: bool(abs(-value - expected) <= 5) for name, value in day.items()
        },
        "stmn-fig6-power-coefficient": number(
            np.exp(np.log(fits["count"]).mean() - law["exponent"] * np.log(fits["distance"]).mean())
        ),
        "stmn-fig6-power-exponent": number(law["exponent"]),
        "stmn-fig6-power-error": number(law["exponent_error"]),
        "stmn-fig6-power-r2": number(law["power_r2"]),
    }


def _curved(row: pd.Series) -> bool:
    return bool(row["fit"] == "converged" and row["delta_aic"] > 0)


def decay_values(source: Forecast, flat: Forecast, nothing: Forecast, event: str) -> Values:
    """What makes the counts fall with distance: the full chain with three sources."""
    laws = {
        sigma: [spatial(growth(f, event, sigma=sigma)) for f in (source, flat, nothing)]
        for sigma in ("record", "reference")
    }
    return {
        "stmn-fig6-no-source": {
            f"sigma of the {sigma}": bool(none["power_p"] >= 0.05)
            for sigma, (_, _, none) in laws.items()
        },
        "stmn-fig6-graph": {
            f"sigma of the {sigma}": bool(
                level["exponent"] - falls["exponent"]
                > 2 * np.hypot(falls["exponent_error"], level["exponent_error"])
            )
            for sigma, (falls, level, _) in laws.items()
        },
    }


def mode_values(
    periods: pd.DataFrame, shares: Mapping[str, Mapping[str, float]], change: float
) -> Values:
    """The frequency domain, from `tables.mode_table` and `tables.end_change`."""
    return {
        **{
            f"stmn-fig2-imf{i}": {str(k): float(v) for k, v in periods[f"IMF{i} (d)"].items()}
            for i in (3, 4, 5)
        },
        "stmn-fig2-tides": {name: max(part.values()) < 0.1 for name, part in shares.items()},
        "stmn-fig2-causal": bool(change < 0.01),
    }


def model_values(runs: pd.DataFrame) -> Values:
    """Table 4, from `comparisons.compare` with errors without a unit."""
    mean = runs.groupby("variant", sort=False).mean()
    own, several = runs.loc["timesnet"], len(runs.loc["timesnet"]) > 1
    networks = mean.drop(index=list(FLOORS), errors="ignore")

    def extreme(column: str, how: str) -> dict[str, bool]:
        return {
            text: bool(getattr(frame[column], how)() == "timesnet")
            for text, frame in (("networks", networks), ("networks and floors", mean))
        }

    order = stats.spearmanr(mean["quake"], mean["found"]).statistic
    return {
        "stmn-tab4-normal-mse": float(own["normal"].mean()),
        "stmn-tab4-normal-spread": float(own["normal"].std()) if several else None,
        "stmn-tab4-quake-mse": float(own["quake"].mean()),
        "stmn-tab4-quake-spread": float(own["quake"].std()) if several else None,
        "stmn-tab4-quake-ratio": number(own["ratio"].mean()),
        "stmn-tab4-normal-ratio": number(own["ratio_normal"].mean()),
        "stmn-tab4-lowest": extreme("normal", "idxmin"),
        "stmn-tab4-highest": extreme("quake", "idxmax"),
        "stmn-tab4-sensitivity": bool(order > 0),
        "stmn-tab4-ratio-separates": bool(own["ratio"].min() > own["ratio_normal"].max()),
    }


def domain_values(runs: pd.DataFrame) -> Values:
    """Table 5, from `comparisons.compare` with errors without a unit."""
    mean = runs.groupby("variant", sort=False).mean()
    values: Values = {}
    for name, row in mean.iterrows():
        for score in ("normal", "quake", "ratio"):
            values[f"stmn-tab5-{name}-{score}"] = number(row[score])
        if name in ("spatial", "all"):
            values[f"stmn-tab5-{name}-correlation"] = number(row["correlation"])
    return values | {
        "stmn-tab5-best": bool(
            mean["normal"].idxmin() == "all" and mean["quake"].idxmax() == "all"
        ),
        "stmn-tab5-detects": bool(mean["found"].idxmax() == "all"),
    }


def weight_values(runs: pd.DataFrame) -> Values:
    """Table 6, from `comparisons.compare`."""
    mean = runs.groupby("variant", sort=False).mean()
    values: Values = {}
    for name in ("fixed", "trainable"):
        for score in ("correlation", "ratio"):
            values[f"stmn-tab6-{name}-{score}"] = number(mean.loc[name, score])
    better = mean.loc["fixed", "found"] > mean.loc["trainable", "found"]
    return values | {"stmn-tab6-fixed-better": bool(better)}


def teaching_values(variants: Mapping[str, pd.DataFrame]) -> Values:
    """Whether the quiet reference teaches better than the target itself."""
    shares = [
        variants[name]["found_at_tenth"].iloc[0]
        for name in ("no graph, sigma of the reference", "the same, taught by the target")
    ]
    return {"stmn-fig5-no-fine-tuning": bool(shares[0] > shares[1])}


def changning_values(printed: Forecast, alone: Forecast, event: str) -> Values:
    """The page on Changning: rows of its table, and figures 7 and 8."""
    fits = growth(printed, event, sigma="record")
    inside = fits.drop(index="53006")
    both = {
        name: growth(result, event, sigma="record")
        for name, result in (("as printed", printed), ("no graph", alone))
    }
    return {
        **{
            key: value
            for key, value in station_values(fits, "changning").items()
            if key != "stmn-changning-53006-inflection"
        },
        "stmn-fig7-specific": {
            name: _curved(table.iloc[0]) and not _curved(table.loc["53006"])
            for name, table in both.items()
        },
        "stmn-fig8-power": bool(spatial(inside)["power_p"] < 0.05),
    }
