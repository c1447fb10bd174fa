"""Tables of the page on growth curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from precursor_lib.detect import (
    fit_many,
    fit_power_law,
    fit_sigmoid,
    fit_trend,
    fit_two_phase,
    growth_lag,
    p_of_r2,
    rise_time,
)
from precursor_lib.report.growth_curves.curves import Array, noise_curves, true_curves
from precursor_lib.report.tables import MINUS
from precursor_lib.simulate.activity import Phase

_METHODS: tuple[Literal["inflection", "alignment"], ...] = ("inflection", "alignment")


def coverage_table(
    days: Array, events: Sequence[float], phase: Phase, runs: int, draws: int, seed: int
) -> pd.DataFrame:
    """How well the inflection of a known phase is found, and how often its error holds it.

    Parameters
    ----------
    days : array, shape (n,)
    events : sequence of float
        Expected counts of the phase; its own number is not used.
    phase : Phase
        Centre and width.
    runs : int
        Curves for each number of counts.
    draws : int
        Of those curves, how many get an interval by drawing the counts anew (100 draws each).
    seed : int
    """
    rows = []
    for row, number in enumerate(events):
        curves = true_curves(days, [Phase(number, phase.centre, phase.width)], runs, seed + row)
        fits = fit_many(days, curves)
        held = fits[fits["believed"]]
        off = held["x0"] - phase.centre
        drawn = [rise_time(days, curve, runs=100, seed=seed) for curve in curves[:draws]]
        inside = [d.low <= phase.centre <= d.high for d in drawn if np.isfinite(d.days)]
        rows.append(
            {
                "counts": number,
                "sigmoid believed (%)": 100 * len(held) / runs,
                "x0 off, mean (d)": off.mean(),
                "x0 off, spread (d)": off.std(),
                "stated error (d)": held["x0_error"].median(),
                "within 1 error (%)": 100 * (off.abs() <= held["x0_error"]).mean(),
                "within 2 errors (%)": 100 * (off.abs() <= 2 * held["x0_error"]).mean(),
                "in the 95 % interval of draws (%)": 100 * float(np.mean(inside)),
            }
        )
    return pd.DataFrame(rows)


def phase_table(cases: Mapping[str, Array], days: Array) -> pd.DataFrame:
    """How often one and two phases are believed and preferred, by the curves' truth.

    Parameters
    ----------
    cases : mapping
        Curves (runs, n) by name.
    days : array, shape (n,)
    """
    rows = []
    for name, curves in cases.items():
        one = [fit_sigmoid(days, curve) for curve in curves]
        two = [fit_two_phase(days, curve) for curve in curves]
        better = [b.converged and b.bic < a.bic for a, b in zip(one, two, strict=True)]
        reasons = pd.Series([b.reason.split(":")[0].split(" =")[0] for b in two if b.reason])
        rows.append(
            {
                "truth": name,
                "one sigmoid believed (%)": 100 * np.mean([a.converged for a in one]),
                "two believed (%)": 100 * np.mean([b.converged for b in two]),
                "two, with the lower BIC (%)": 100 * np.mean(better),
                "R² of one, median": float(np.median([a.r2 for a in one])),
                "R² of two, median": float(np.median([b.r2 for b in two])),
                "most frequent doubt in two": reasons.mode()[0] if len(reasons) else "",
            }
        )
    return pd.DataFrame(rows)


def noise_table(fits: Mapping[str, pd.DataFrame], limits: Sequence[float]) -> pd.DataFrame:
    """R2 and Ratio of noise, a row a kind.

    Parameters
    ----------
    fits : mapping
        From `noise_fits`.
    limits : sequence of float
        Values of R2 whose share is given.
    """
    rows = []
    for kind, frame in fits.items():
        held = frame["believed"]
        row: dict[str, Any] = {"noise": kind, "sigmoid believed (%)": 100 * held.mean()}
        for name, column in (("R² sigmoid", "r2_s"), ("R² line", "r2_line"), ("Ratio", "ratio")):
            low, middle, high = np.quantile(frame[column], [0.05, 0.5, 0.95])
            row[name] = f"{middle:.3f} ({low:.3f} to {high:.3f})"
        for limit in limits:
            row[f"R² ≥ {limit:g} (%)"] = 100 * (frame["r2_s"] >= limit).mean()
        rows.append(row)
    return pd.DataFrame(rows)


def unfinished_table(found: pd.DataFrame) -> pd.DataFrame:
    """Ratio of stopped searches: median and range of 90 %, by start and evaluations."""

    def summary(values: pd.Series) -> str:
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        return f"{middle:.2f} ({low:.2f} to {high:.2f})"

    rows = []
    for share, part in found.groupby("share"):
        row: dict[str, Any] = {
            "begins at share f of the window": share,
            "step through a line, 3f(1-f)": 3 * share * (1 - share),
        }
        for steps, ratios in part.groupby("steps")["ratio"]:
            row[f"{steps} evaluations"] = summary(ratios)
        rows.append(row)
    return pd.DataFrame(rows)


def chance_table(
    distances: Sequence[float], days: int, printed: Mapping[str, float], runs: int, seed: int
) -> pd.DataFrame:
    """Regressions against distance where there is no dependence: noise at each station.

    Parameters
    ----------
    distances : sequence of float
        Distances of the stations, km.
    days : int
        Length of the records.
    printed : mapping
        R2 by name: ``inflection`` and ``count``.
    runs, seed : int
        Networks of independent clustered noise, and the seed.
    """
    n = len(distances)
    curves = noise_curves("clustered", days, runs * n, seed)
    fits = fit_many(np.arange(1.0 - days, 1.0), curves)
    turns = fits["x0"].where(fits["believed"]).to_numpy().reshape(runs, n)
    counts = np.maximum(curves[:, -1].reshape(runs, n), 1.0)
    whole = np.isfinite(turns).all(axis=1)
    trends = [fit_trend(distances, row) for row in turns[whole]]
    laws = [fit_power_law(distances, row) for row in counts]
    rows = []
    for name, known, fitted in (
        ("day of inflection, line", printed["inflection"], trends),
        ("count, power law", printed["count"], laws),
    ):
        r2 = np.array([f.r2 for f in fitted])
        rows.append(
            {
                "against distance": name,
                "networks": len(fitted),
                "printed R²": known,
                f"its p for n = {n}": p_of_r2(known, n),
                "noise with that R² or more (%)": 100 * float(np.mean(r2 >= known)),
                "noise with p < 0.05 (%)": 100 * float(np.mean([f.p < 0.05 for f in fitted])),
            }
        )
    return pd.DataFrame(rows)


def lag_trials(
    long: int, short: int, kind: str, pairs: int, runs: int, seed: int, *, rate: float = 1.0
) -> pd.DataFrame:
    """Lags of pairs of unrelated records of noise, a long one and a short one that end together.

    Parameters
    ----------
    long, short : int
        Days of the two records.
    kind : str
        Of the noise (see `noise_curves`).
    pairs : int
        Number of pairs.
    runs : int
        Draws for the interval and the null of each.
    seed : int
    rate : float
        Events a day.

    Returns
    -------
    pandas.DataFrame
        A row a pair and estimate: ``estimate``, ``lag`` (negative: the long record leads; NaN where
        a sigmoid is not believed), ``low``, ``high``, ``p``.
    """
    axes = [np.arange(1.0 - days, 1.0) for days in (long, short)]
    first, second = (
        noise_curves(kind, axis.size, pairs, seed + k, rate=rate) for k, axis in enumerate(axes)
    )
    rows = []
    for a, b in zip(first, second, strict=True):
        for method in _METHODS:
            for common in (False, True):
                lag = growth_lag(
                    axes[0], a, axes[1], b, method=method, common=common, runs=runs, seed=seed
                )
                span = "common days" if common else "own records"
                rows.append(
                    {
                        "estimate": f"{method}, {span}",
                        "lag": lag.days,
                        "low": lag.low,
                        "high": lag.high,
                        "p": lag.p,
                    }
                )
    return pd.DataFrame(rows)


def lag_table(trials: pd.DataFrame) -> pd.DataFrame:
    """Lags of unrelated pairs: their spread, and how often they look like something."""
    rows = []
    for name, part in trials.groupby("estimate", sort=False):
        held = part.dropna(subset=["lag"])
        low, middle, high = np.quantile(held["lag"], [0.025, 0.5, 0.975])
        zero = (held["low"] <= 0) & (held["high"] >= 0)
        rows.append(
            {
                "estimate": name,
                "pairs with a lag (%)": 100 * len(held) / len(part),
                "lag, median (d)": middle,
                "95 % of lags (d)": f"{low:.0f} to {high:.0f}".replace("-", MINUS),
                "interval without zero (%)": 100 * (~zero).mean(),
                "p < 0.05 (%)": 100 * (held["p"] < 0.05).mean(),
            }
        )
    return pd.DataFrame(rows)
