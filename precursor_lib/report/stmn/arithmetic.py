"""Values for the ledger of the STMN paper that follow from what it prints, without any record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from precursor_lib.context.geography import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.context.seismicity import mainshock
from precursor_lib.detect import fit_trend, p_of_r2
from precursor_lib.errors import InputError
from precursor_lib.pipelines.stmn_settings import SignalSettings
from precursor_lib.report.verdict import Claim

Values = dict[str, Any]
Ledger = Mapping[str, Claim]

LUDING = ("51010", "51304", "51009", "53022", "53006")
CHANGNING = ("51002", "53022", "51009", "51304", "53006")
STARRED = ("53022", "53006")
"""Stations that the paper marks as disturbed by local shocks."""

# Table 1 of the Lushan paper has the coordinates of two stations of this one.
PLACES = {"51010": (30.12, 102.17), "51009": (27.91, 102.22)}
EVENTS = {
    "luding": ("fig1", "2022-09-05T04:52:19", LUDING, "tab3"),
    "changning": ("fig7", "2019-06-17T14:55:45", CHANGNING, "changning"),
}
"""Label of an event's entries, origin time (UTC, open catalogue), stations, its table's prefix."""
# What the paper says of spans and days; the experimental setup and the notes below its tables.
TRAINING = (pd.Timestamp("2019-01-01"), pd.Timestamp("2023-01-01"))
LUDING_TEST = (pd.Timestamp("2022-03-01"), pd.Timestamp("2022-11-01"))
LOCAL_SHOCKS = {"yongshan": pd.Timestamp("2019-05-16"), "local-shock": pd.Timestamp("2019-07-21")}
SOURCES = {
    f"stmn-{label}-{event}-{what}": ["usgs-m5"]
    for event, (label, *_) in EVENTS.items()
    for what in ("magnitude", "latitude", "longitude", "depth")
}
"""Datasets behind the claims on open data, by the claim's id."""
RUNS = 30
"""Runs behind each mean of tables 4 to 6."""
PARAMETERS = 500_000
"""Size of the model, of which the paper says about so much."""


def printed(ledger: Ledger, name: str) -> Any:
    """Published value of a claim of this paper."""
    return ledger[f"stmn-{name}"].published


def epicentre(ledger: Ledger, event: str) -> tuple[float, float]:
    """The printed epicentre: latitude and longitude in degrees."""
    label = EVENTS[event][0]
    latitude, longitude = (
        float(printed(ledger, f"{label}-{event}-{axis}")) for axis in ("latitude", "longitude")
    )
    return latitude, longitude


def epicentres(ledger: Ledger) -> dict[str, tuple[float, float, float]]:
    """Latitude, longitude and magnitude of both earthquakes, as printed."""
    return {
        name.capitalize(): (
            *epicentre(ledger, name),
            float(printed(ledger, f"{EVENTS[name][0]}-{name}-magnitude")),
        )
        for name in EVENTS
    }


def printed_table(ledger: Ledger, event: str) -> pd.DataFrame:
    """The paper's table of stations: ``distance r2 ratio inflection error``; NaN for none."""
    _, _, stations, prefix = EVENTS[event]
    rows = {}
    for station in stations:
        entry = ledger.get(f"stmn-{prefix}-{station}-inflection")
        rows[station] = {
            **{
                name: float(printed(ledger, f"{prefix}-{station}-{name}"))
                for name in ("distance", "r2", "ratio")
            },
            "inflection": np.nan if entry is None else float(entry.published),  # type: ignore[arg-type]
            "error": np.nan if entry is None else float(entry.tolerance or np.nan),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("station")


def catalogue_values(ledger: Ledger, catalogue: pd.DataFrame, event: str) -> Values:
    """The mainshock in an open catalogue; no values where that is simulated and has none there.

    Raises
    ------
    InputError
        If an observed catalogue has no event within a degree and a day.
    """
    names = ("magnitude", "latitude", "longitude", "depth")
    label, time, *_ = EVENTS[event]
    lat, lon = epicentre(ledger, event)
    try:
        shock = mainshock(catalogue, lat, lon, time)
    except InputError:
        if catalogue.attrs.get("origin") == "simulated":
            return {f"stmn-{label}-{event}-{name}": None for name in names}
        raise
    return {f"stmn-{label}-{event}-{name}": float(shock[name]) for name in names}


def distance_values(ledger: Ledger, event: str) -> Values:
    """Geodesics from the epicentre to the stations whose coordinates are known."""
    _, _, stations, prefix = EVENTS[event]
    place = epicentre(ledger, event)
    return {
        f"stmn-{prefix}-{s}-distance": float(geodesic_distance_km(*place, *PLACES[s]))
        for s in stations
        if s in PLACES
    }


def event_values(ledger: Ledger, catalogue: pd.DataFrame, event: str) -> Values:
    """Mainshock, distances, and what the paper's own numbers on an earthquake imply."""
    own = luding_values(ledger) | model_values(ledger)
    return {
        **catalogue_values(ledger, catalogue, event),
        **distance_values(ledger, event),
        **(own if event == "luding" else changning_values(ledger)),
    }


def regression(table: pd.DataFrame) -> Any:
    """Line through the printed inflections (days before the event) over distance."""
    given = table.dropna(subset=["inflection"])
    return fit_trend(given["distance"], given["inflection"])


def centres(table: pd.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
    """Means and spreads of the printed inflections, each in several readings."""
    given = table.dropna(subset=["inflection"])
    days, errors = given["inflection"], given["error"]
    means = {
        "mean": float(days.mean()),
        "weighted": float(np.average(days, weights=1 / errors**2)),
        "median": float(days.median()),
    }
    plain = given.drop(index=list(STARRED), errors="ignore")
    if len(plain) < len(given):
        means["without starred"] = float(plain["inflection"].mean())
    spreads = {
        "deviation, n - 1": float(days.std()),
        "deviation, n": float(days.std(ddof=0)),
        "rms of errors": float(np.sqrt((errors**2).mean())),
        "mean of errors": float(errors.mean()),
        "errors in quadrature": float(np.sqrt((errors**2).sum())),
        "sum of errors": float(errors.sum()),
    }
    return means, spreads


def luding_values(ledger: Ledger) -> Values:
    """Figures 1, 2, 5 and 6 and table 3, from printed numbers."""
    table = printed_table(ledger, "luding")
    magnitude = printed(ledger, "fig1-luding-magnitude")
    line = table["r2"] / table["ratio"]
    r2, ratio = printed(ledger, "tab3-random-r2"), printed(ledger, "tab3-random-ratio")
    random = {
        f"{a} R2, {b} Ratio": x / y
        for a, x in (("low", r2.from_), ("high", r2.to))
        for b, y in (("low", ratio.from_), ("high", ratio.to))
    }
    fit, (means, spreads) = regression(table), centres(table)
    unstarred = table.drop(index=list(STARRED))
    exponent, error = printed(ledger, "fig6-power-exponent"), printed(ledger, "fig6-power-error")
    all_days = [*table["inflection"], *printed_table(ledger, "changning")["inflection"].dropna()]
    nearest, farthest = table["distance"].min(), table["distance"].max()
    weight = np.exp(-(table["distance"] ** 2) / (2 * 200.0**2))
    days = (LUDING_TEST[1] - LUDING_TEST[0]).days
    return {
        "stmn-fig1-luding-radius": float(dobrovolsky_radius_km(magnitude)),
        "stmn-fig1-changning-radius": float(
            dobrovolsky_radius_km(printed(ledger, "fig7-changning-magnitude"))
        ),
        "stmn-fig1-luding-inside": bool(
            (table["distance"] <= dobrovolsky_radius_km(magnitude)).all()
        ),
        "stmn-fig1-range": [nearest, farthest],
        "stmn-tab3-range": [table["ratio"].min(), table["ratio"].max()],
        "stmn-tab3-exceeds": bool(table["ratio"].min() > ratio.to),
        "stmn-tab3-line-r2": bool(((line >= 0) & (line <= table["r2"])).all()),
        "stmn-tab3-random-nesting": {
            name: value <= (r2.from_ if name.startswith("low") else r2.to)
            for name, value in random.items()
        },
        "stmn-tab3-random-possible": {name: value <= 1 for name, value in random.items()},
        "stmn-tab3-r2-decreases": {
            "five stations": bool(table["r2"].is_monotonic_decreasing),
            "three without a star": bool(unstarred["r2"].is_monotonic_decreasing),
        },
        "stmn-tab3-mean": means,
        "stmn-tab3-spread": spreads,
        "stmn-tab3-span": [table["inflection"].min(), table["inflection"].max()],
        "stmn-tab3-months": all_days,
        "stmn-fig5-summary": table["inflection"].iloc[0],
        "stmn-fig6-slope": fit.slope,
        "stmn-fig6-intercept": fit.intercept,
        "stmn-fig6-r2": fit.r2,
        "stmn-fig6-p": fit.p,
        "stmn-fig6-weak": bool(fit.p >= 0.05),
        "stmn-fig6-power-p": {
            "from R2": p_of_r2(printed(ledger, "fig6-power-r2"), len(table)),
            "from the exponent": float(2 * stats.t.sf(abs(exponent) / error, len(table) - 2)),
        },
        "stmn-fig6-significant": bool(printed(ledger, "fig6-power-p") < 0.05),
        "stmn-fig6-count": {
            "points": float(2 * stats.norm.sf(1.5) * days * 1440),
            "days": float(days),
        },
        "stmn-fig6-range-factor": float((farthest / nearest) ** -exponent),
        "stmn-fig6-weights-factor": bool(weight.iloc[0] / weight.iloc[-1] <= 1.05),
        "stmn-fig2-window": SignalSettings().window_days >= 2 * 7,
        "stmn-fig2-split": {
            "Luding": LUDING_TEST[1] <= TRAINING[0] or LUDING_TEST[0] >= TRAINING[1],
            "Changning": not TRAINING[0] <= pd.Timestamp(EVENTS["changning"][1]) < TRAINING[1],
        },
        "stmn-fig2-file": PARAMETERS * 4 / 1e6,
    }


def welch_p(first: tuple[float, float], second: tuple[float, float]) -> float:
    """p of Welch's test between two (mean, standard deviation) of 30 runs each."""
    return float(stats.ttest_ind_from_stats(*first, RUNS, *second, RUNS, equal_var=False).pvalue)


def model_values(ledger: Ledger) -> Values:
    """Tables 4 to 6, from printed numbers."""

    def pair(name: str) -> tuple[float, float]:
        claim = ledger[f"stmn-{name}"]
        return float(claim.published), float(claim.tolerance)  # type: ignore[arg-type]

    normal = {k: pair(f"tab5-{k}-normal") for k in ("temporal", "frequency", "spatial", "all")}
    correlation = {k: pair(f"tab5-{k}-correlation")[0] for k in ("spatial", "all")}
    steps = (("temporal", "frequency"), ("temporal", "spatial"), ("frequency", "all"))
    ratios = [pair(f"tab5-{k}-ratio")[0] for k in normal]
    tests = [
        welch_p(pair(f"tab6-fixed-{what}"), pair(f"tab6-trainable-{what}"))
        for what in ("correlation", "ratio")
    ]
    return {
        "stmn-tab4-normal-range": pair("tab4-normal-ratio")[0],
        "stmn-tab5-frequency-gain": 100 * (1 - normal["frequency"][0] / normal["temporal"][0]),
        "stmn-tab5-spatial-gain": 100 * (correlation["all"] / correlation["spatial"] - 1),
        "stmn-tab5-gain-owner": any(
            f"stmn-tab5-{k}-correlation" in ledger for k in ("temporal", "frequency")
        ),
        "stmn-tab5-progressive": all(
            normal[b][0] < normal[a][0] for a, b in (*steps, ("spatial", "all"))
        ),
        "stmn-tab5-ratio-nesting": min(ratios) >= 1,
        "stmn-tab5-significant": welch_p(normal["all"], normal["temporal"]) < 0.01,
        "stmn-tab6-significant": max(tests) < 0.01,
    }


def changning_values(ledger: Ledger) -> Values:
    """Figures 7 and 8 and the table of findings, from printed numbers."""
    table = printed_table(ledger, "changning")
    means, spreads = centres(table)
    radius = float(dobrovolsky_radius_km(printed(ledger, "fig7-changning-magnitude")))
    outside = table.index[table["distance"] > radius]
    event = pd.Timestamp(EVENTS["changning"][1])
    kangding = printed_table(ledger, "luding").iloc[0]
    spread = float(printed(ledger, "changning-spread"))
    apart = abs(float(printed(ledger, "changning-mean")) - kangding["inflection"])
    last = table.loc["53006"]
    within = table["distance"] <= radius
    return {
        "stmn-fig8-outside": list(outside) == ["53006"],
        "stmn-changning-mean": means,
        "stmn-changning-spread": spreads,
        "stmn-changning-summary": means["mean"],
        "stmn-changning-consistent": bool(apart < np.hypot(kangding["error"], spread)),
        "stmn-changning-53006-nesting": bool(last["r2"] / last["ratio"] <= last["r2"]),
        "stmn-changning-r2-decreases": bool(table["r2"].is_monotonic_decreasing),
        "stmn-fig7-all-sigmoid": bool(((table["ratio"] > 1) == within).all()),
        "stmn-fig8-linear": bool(regression(table).p < 0.05),
        "stmn-fig8-local-shock": bool(LOCAL_SHOCKS["local-shock"] < event),
        "stmn-fig8-yongshan": bool(LOCAL_SHOCKS["yongshan"] < event),
    }
