"""Values of the Lushan case for the ledger that follow from printed numbers and open data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from precursor_lib.context.geography import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.detect import sigmoid
from precursor_lib.report.verdict import Claim

Values = dict[str, Any]
Ledger = Mapping[str, Claim]

STATIONS = ("chengdu", "xichang", "muli", "kangding", "xiaomiao")
MODELS = ("pyraformer", "transformer", "gru", "lstm")
METRICS = ("mse", "mae", "rmse", "smape")
FITS = ("kangding-fit1", "kangding-fit2", "xiaomiao-fit1", "xiaomiao-fit2")
EVENT = "2013-04-20T00:02"
"""Origin time that the paper prints, in UTC."""


def printed(ledger: Ledger, name: str) -> Any:
    """Published value of a claim of this paper."""
    return ledger[f"lushan-{name}"].published


def epicentre(ledger: Ledger) -> tuple[float, float]:
    """The printed epicentre: latitude and longitude in degrees."""
    return printed(ledger, "sec2-3-latitude"), printed(ledger, "sec2-3-longitude")


def julian_date(day: float) -> pd.Timestamp:
    """Julian date as a time in UTC. Julian date 2440587.5 is 1 January 1970, 0:00."""
    return pd.Timestamp("1970-01-01") + pd.Timedelta(days=day - 2440587.5)


def points_of_fit(r2: float, adjusted: float, parameters: int = 4) -> float:
    """Number of points that R2 and the adjusted R2 of a fit belong to.

    ``1 - R2_adj = (1 - R2) (n - 1) / (n - p)`` solved for n; NaN where no n above p does it.
    """
    ratio = (1 - adjusted) / (1 - r2)
    return (ratio * parameters - 1) / (ratio - 1) if ratio > 1 else np.nan


def normal_points_a_day(factor: float, samples: float = 1440.0) -> float:
    """Points a day with ``|e| > factor mean(|e|)`` for independent normal residuals.

    The mean size of a normal residual is ``sqrt(2 / pi)`` standard deviations.
    """
    return float(2 * samples * stats.norm.sf(factor * np.sqrt(2 / np.pi)))


def gauges(strain: np.ndarray, azimuth: float) -> np.ndarray:
    """What four gauges 45 degrees apart see of plane strain.

    Parameters
    ----------
    strain : numpy.ndarray, shape (3,)
        e_NN, e_EE and e_NE.
    azimuth : float
        Of gauge 1, in degrees from north.
    """
    a = np.radians(azimuth + 45.0 * np.arange(4))
    n, e = np.cos(a), np.sin(a)
    return np.stack([n**2, e**2, 2 * n * e], axis=1) @ strain


def station_table(ledger: Ledger, stations: pd.DataFrame) -> pd.DataFrame:
    """Table 1 with the geodesic beside the printed distance.

    Parameters
    ----------
    stations : pandas.DataFrame
        Index: station in the order of table 1; ``name``, ``latitude``, ``longitude``.
    """
    table = stations[["name", "longitude", "latitude"]].copy()
    table["printed (km)"] = [printed(ledger, f"tab1-{name}-distance") for name in STATIONS]
    table["geodesic (km)"] = geodesic_distance_km(
        *epicentre(ledger), stations["latitude"], stations["longitude"]
    )
    table["difference (km)"] = table["geodesic (km)"] - table["printed (km)"]
    return table.set_index("name")


def fit_table(ledger: Ledger) -> pd.DataFrame:
    """The printed fits of figure 12: dates, and the number of points that their R2 imply."""
    rows = {}
    for fit in FITS:
        p = {name: printed(ledger, f"fig12-{fit}-{name}") for name in ("a1", "a2", "x0", "dx")}
        r2 = printed(ledger, f"fig12-{fit}-r2")
        adjusted = adjusted_r2(ledger, fit)
        rows[fit.replace("-fit", ", sigmoid ").capitalize()] = {
            "A1 (d)": p["a1"],
            "A2 (d)": p["a2"],
            "x0 (date)": julian_date(p["x0"]).normalize(),
            "dx (d)": p["dx"],
            "x0 - 2 dx (date)": julian_date(p["x0"] - 2 * p["dx"]).normalize(),
            "R²": r2,
            "adjusted R²": adjusted,
            "points implied": points_of_fit(r2, adjusted),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("printed fit")


def adjusted_r2(ledger: Ledger, fit: str) -> float:
    """The printed adjusted R2 of a fit, which stands in the statement of its claim."""
    statement = ledger[f"lushan-fig12-{fit}-adjusted"].statement
    return float(statement.rstrip(".").split()[-1])


def arithmetic_values(ledger: Ledger, stations: pd.DataFrame) -> Values:
    """What follows from printed numbers alone.

    Parameters
    ----------
    ledger : mapping of str to Claim
    stations : pandas.DataFrame
        Index: station in the order of table 1; ``latitude``, ``longitude`` as printed.
    """
    radius = float(dobrovolsky_radius_km(printed(ledger, "sec2-3-magnitude")))
    distance = geodesic_distance_km(*epicentre(ledger), stations["latitude"], stations["longitude"])
    values: Values = {
        f"lushan-tab1-{name}-distance": float(km)
        for name, km in zip(STATIONS, distance, strict=True)
    }
    values |= {
        "lushan-sec2-3-radius": radius,
        "lushan-tab1-within-radius": bool(np.all(distance <= radius)),
    }
    return values | _gauge_values() | _table2_values(ledger) | _rule_values() | _date_values(ledger)


def _gauge_values() -> Values:
    """Equations 3, 4 and 6."""
    azimuths = np.arange(0.0, 180.0, 1.0)
    uniaxial = np.array([gauges(np.array([1.0, 0.0, 0.0]), a) for a in azimuths])
    s1, s2, s3, s4 = uniaxial.T
    tensor = np.array([0.7, -0.2, 0.4])
    general = np.array([gauges(tensor, a) for a in azimuths])
    matrix = np.stack([gauges(unit, 0.0) for unit in np.eye(3)], axis=1)
    # k is asked for as a slope: S1 + S2 - k (S3 + S4) = 0 with k of at least 0.95.
    with np.errstate(divide="ignore", invalid="ignore"):
        as_printed, usual = (s1 + s2) / (s3 + s4), (s1 + s3) / (s2 + s4)
    score = np.array([2.0, 1.0])
    masked = {
        "M sets the score to 0": np.exp(score * [1, 0]) / np.exp(score * [1, 0]).sum(),
        "M sets it to -∞": np.array([1.0, 0.0]),
    }
    return {
        "lushan-eq3-plane-strain": {
            "as printed": bool(np.all(as_printed >= 0.95)),
            "S1 + S3 = k (S2 + S4)": bool(np.all(usual >= 0.95)),
        },
        "lushan-eq4-areal": bool(np.allclose(general.sum(axis=1) / 2, tensor[:2].sum())),
        "lushan-eq4-independent": int(np.linalg.matrix_rank(matrix)),
        "lushan-eq6-mask": {name: bool(weight[1] == 0) for name, weight in masked.items()},
    }


def _table2_values(ledger: Ledger) -> Values:
    """Identities and order of the printed errors."""
    kinds = ("geo", "strain")
    error = {
        (kind, metric): {m: printed(ledger, f"tab2-{kind}-{m}-{metric}") for m in MODELS}
        for kind in kinds
        for metric in METRICS
    }
    ratios = [error["geo", m]["pyraformer"] / error["geo", m]["transformer"] for m in METRICS]
    best = [min(error["strain", m], key=lambda n: error["strain", m][n]) for m in METRICS]
    values: Values = {
        f"lushan-tab2-{kind}-{model}-identity": float(np.sqrt(error[kind, "mse"][model]))
        for kind in kinds
        for model in MODELS
    }
    least = min(error["geo", "mse"], key=lambda name: error["geo", "mse"][name])
    return values | {
        "lushan-fig6-better": least.capitalize(),
        "lushan-fig6-some-metrics": sum(ratio > 1 for ratio in ratios),
        "lushan-tab2-geo-comparable": max(ratios),
        "lushan-tab2-strain-best": best == ["pyraformer"] * len(METRICS),
        "lushan-tab2-mae-rmse": all(
            error[kind, "mae"][m] <= error[kind, "rmse"][m] for kind in kinds for m in MODELS
        ),
    }


def _rule_values() -> Values:
    """What the limits of equation 8 and of the days give for normal residuals."""
    points = {f"k = {factor:g}": normal_points_a_day(factor) for factor in (2.0, 2.5, 3.0)}
    cycles = {"a year": 365.25, "27 days": 27.0, "7 days": 7.0}
    return {
        "lushan-eq8-normal-points": points,
        "lushan-eq8-normal-strain": points,
        "lushan-fig13-differences": {
            name: 2 * float(np.sin(np.pi / period)) for name, period in cycles.items()
        },
    }


def _date_values(ledger: Ledger) -> Values:
    """Dates and days of figures 11 to 13."""
    shock = pd.Timestamp("2013-04-20")

    def before(date: str) -> int:
        return (shock - pd.Timestamp(date)).days

    p = {
        (fit, name): printed(ledger, f"fig12-{fit}-{name}")
        for fit in FITS
        for name in ("a1", "a2", "x0", "dx")
    }
    k1, k2, x1, x2 = FITS
    x = np.linspace(p[k1, "x0"] - 8 * p[k1, "dx"], p[k1, "x0"] + 8 * p[k1, "dx"], 201)
    a1, a2, x0, dx = (p[k1, name] for name in ("a1", "a2", "x0", "dx"))
    forms = {
        "as printed": a2 + (a1 - a2) * (1 + np.exp((x - x0) / dx)),
        "with the division": sigmoid(x, a1, a2, x0, dx),
    }
    turn = julian_date(x0)
    record = pd.Timestamp("2013-01-01")
    values: Values = {f"lushan-fig12-{fit}-adjusted": adjusted_r2(ledger, fit) for fit in FITS}
    return values | {
        "lushan-fig11-stage1": {
            "1 January": before("2013-01-01"),
            "10 January": before("2013-01-10"),
        },
        "lushan-fig11-stage2": {
            f"from {day} February": [before(f"2013-02-{day:02}"), before("2013-03-31")]
            for day in (1, 10)
        },
        "lushan-fig12-equation": {
            name: bool(abs(y[0] - a1) < 0.1 and abs(y[-1] - a2) < 0.1) for name, y in forms.items()
        },
        "lushan-fig12-kangding-start": {
            "x0": f"{turn:%Y-%m}",
            "x0 - 2 dx": f"{julian_date(x0 - 2 * dx):%Y-%m}",
        },
        "lushan-fig12-kangding-peak": p[k2, "x0"],
        "lushan-fig12-kangding-days": p[k2, "a2"],
        "lushan-fig12-xiaomiao-days": [p[x1, "a1"], p[x2, "a1"]],
        "lushan-fig12-xiaomiao-inside": [p[x1, "x0"], p[x2, "x0"]],
        "lushan-fig12-xiaomiao-known": _error_of(ledger, f"fig12-{x1}-x0"),
        "lushan-fig12-xiaomiao-two": p[x1, "x0"] != p[x2, "x0"],
        "lushan-fig12-six-months": {
            f"from {day} November": before(f"2012-11-{day:02}") / 30.44 for day in (1, 30)
        },
        "lushan-sec5-2-lag-printed": {
            "to the second stage": (pd.Timestamp("2013-02-10") - turn) / pd.Timedelta(days=1),
            "to the third stage": (pd.Timestamp("2013-04-05") - turn) / pd.Timedelta(days=1),
        },
        "lushan-sec5-2-lag-starts": pd.Timestamp("2012-11-30") >= record,
        "lushan-fig13-week": before("2013-04-13"),
    }


def _error_of(ledger: Ledger, name: str) -> float:
    """The standard error that a statement prints after ±."""
    return float(ledger[f"lushan-{name}"].statement.split("±")[1].split()[0])
