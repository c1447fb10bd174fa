"""Values of the Madoi case for the ledger: growth, stations, amplitudes, chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from precursor_lib.detect.growth import GrowthComparison, GrowthFit, compare_growth, fit_line
from precursor_lib.pipelines import NetworkResult
from precursor_lib.report.madoi.claims import Values, printed
from precursor_lib.report.verdict import Claim

Window = tuple[float, float]


def windows(ledger: Mapping[str, Claim], figure: str = "fig5") -> list[Window]:
    """The paper's two phases in days, of the anomalies (fig5) or of the strain (fig9)."""
    return [
        (printed(ledger, f"{figure}-phase{n}-start"), printed(ledger, f"{figure}-phase{n}-end"))
        for n in (1, 2)
    ]


def phases(cumulative: pd.DataFrame, spans: Sequence[Window]) -> list[GrowthComparison]:
    """Sigmoid and line through each span of a cumulative curve indexed by day."""
    return [
        compare_growth(part.index.to_numpy(dtype=float), part["cumulative"].to_numpy(dtype=float))
        for part in (cumulative.loc[a:b] for a, b in spans)
    ]


def evidence(fits: Sequence[GrowthComparison]) -> float:
    """AIC of the lines less that of the sigmoids, summed; a sigmoid that fails counts nothing."""
    return float(sum(f.delta_aic for f in fits if f.sigmoid.converged and f.line.converged))


def growth_table(results: Mapping[str, NetworkResult], spans: Sequence[Window]) -> pd.DataFrame:
    """Sigmoid and line of the first component in each phase, by input and method."""
    rows = []
    for title, result in results.items():
        for method in next(iter(result.nights.values())).factors:
            curve = result.cumulative(method)
            for number, fit in enumerate(phases(curve, spans), 1):
                rows.append(
                    {
                        "input": title,
                        "method": method,
                        "phase": number,
                        "anomalies": int(curve["count"].loc[slice(*spans[number - 1])].sum()),
                        "x0 (d)": fit.sigmoid.parameters["x0"] if fit.sigmoid.converged else np.nan,
                        "± (d)": fit.sigmoid.errors["x0"] if fit.sigmoid.converged else np.nan,
                        "R² sigmoid": fit.sigmoid.r2 if fit.sigmoid.converged else np.nan,
                        "R² line": fit.line.r2,
                        "ΔAIC": fit.delta_aic,
                        "sigmoid": fit.sigmoid.reason or "converged",
                    }
                )
    return pd.DataFrame(rows)


def growth_values(
    ledger: Mapping[str, Claim], with_source: NetworkResult, without: NetworkResult
) -> Values:
    """Figures 5, 6 and 8 and the background of table 2, from one network with and without source.

    Parameters
    ----------
    ledger : mapping of str to Claim
        The published values.
    with_source, without : NetworkResult
        The chain on the same simulated network, with and without the source.
    """
    spans = windows(ledger)
    weighted = phases(with_source.cumulative("sw_ntf"), spans)
    plain = phases(with_source.cumulative("ntf"), spans)
    null = phases(without.cumulative("sw_ntf"), spans)
    turns = [f.sigmoid.parameters["x0"] if f.sigmoid.converged else None for f in weighted]
    whole = with_source.cumulative("ntf")
    values: Values = {
        "swntf-fig5-x0-recovered": None if None in turns else turns,
        "swntf-fig5-sharper": evidence(weighted) > evidence(plain),
        "swntf-fig5-no-source": not any(f.sigmoid.converged and f.delta_aic > 0 for f in null),
        "swntf-fig6-r2": _line(whole),
        "swntf-tab2-background": round(120 * len(without.select("sw_ntf")) / len(without.nights)),
    }
    for number, fit in enumerate(weighted, 1):
        good = fit.sigmoid.converged
        values[f"swntf-fig5-phase{number}-x0"] = turns[number - 1]
        values[f"swntf-fig5-phase{number}-r2"] = fit.sigmoid.r2 if good else None
    for component in (1, 2):
        r2 = _line(with_source.cumulative("sw_ntf", component))
        limit = printed(ledger, "fig6-r2")
        values[f"swntf-fig5-bs{component + 1}-linear"] = r2 is not None and r2 >= limit
    anomalies = with_source.select("sw_ntf")
    before = anomalies["day"][anomalies["day"] < 0]
    values["swntf-fig5-quiescence"] = float(before.max()) if len(before) else None
    return values | _amplitude_values(anomalies, without.select("sw_ntf"))


def _line(curve: pd.DataFrame) -> float | None:
    fit = _line_fit(curve)
    return fit.r2 if fit.converged else None


def _amplitude_values(anomalies: pd.DataFrame, null: pd.DataFrame) -> Values:
    """Figure 8, from the anomalies of b_s1 with and without a source."""
    values: Values = {"swntf-fig8-specific": not bool((null["amplitude"] >= 0.1).any())}
    before = anomalies[anomalies["day"] < 0]
    if len(before) < 3:
        return values
    middle = before.loc[before["day"].between(-40, -20), "amplitude"]
    order = stats.spearmanr(before["day"].astype(float), before["amplitude"].astype(float))
    return values | {
        "swntf-fig8-amplitude": [before["amplitude"].min(), before["amplitude"].max()],
        "swntf-fig8-maximum": float(before.loc[before["amplitude"].idxmax(), "day"]),
        "swntf-fig8-crack-amplitude": float(middle.median()) if len(middle) else None,
        "swntf-fig8-rising": bool(order.statistic > 0 and order.pvalue < 0.05),
    }


def station_values(with_source: NetworkResult, without: NetworkResult) -> Values:
    """Figure 7: which station dominates, and whether the prior decides it."""
    stations = with_source.stations
    anomalies = with_source.select("sw_ntf")
    distance = stations["distance"].reindex(anomalies["station"]).to_numpy()
    last = (anomalies["day"] >= -30) & (anomalies["day"] < 0)
    near = set(stations["distance"].nsmallest(len(stations) // 2 + 1).index)

    def nearness(method: str) -> float:
        return float(without.by_day(method)["station"].isin(near).mean())

    values: Values = {"swntf-fig7-unbiased": nearness("sw_ntf") <= nearness("ntf")}
    if len(anomalies):
        share = anomalies["contribution"]
        values["swntf-fig7-contribution"] = [share.min(), share.max()]
    if last.any():
        values["swntf-fig7-last-month"] = float(distance[last].min())
    return values


def component_panels(
    result: NetworkResult, method: str, spans: Sequence[Window]
) -> dict[str, dict[str, Any]]:
    """Curves and fits of all components, as `precursor_lib.report.figures.cumulative_curves` asks.

    The first component gets the sigmoids of the phases, the others a line.
    """
    first = next(iter(result.nights.values())).factors[method]
    curves, fits = {}, {}
    for component in range(first.time.shape[1]):
        name = f"b_s{component + 1}"
        curve = result.cumulative(method, component)
        curves[name] = curve["cumulative"]
        if component == 0:
            fits[name] = [fit.sigmoid for fit in phases(curve, spans)]
        else:
            fits[name] = [_line_fit(curve)]
    return {"curves": curves, "fits": fits}


def line_panels(result: NetworkResult, method: str) -> dict[str, dict[str, Any]]:
    """Curve of the first component and a line through it, for `figures.cumulative_curves`."""
    curve = result.cumulative(method)
    return {"curves": {"b_s1": curve["cumulative"]}, "fits": {"b_s1": [_line_fit(curve)]}}


def _line_fit(curve: pd.DataFrame) -> GrowthFit:
    return fit_line(curve.index.to_numpy(dtype=float), curve["cumulative"].to_numpy(dtype=float))
