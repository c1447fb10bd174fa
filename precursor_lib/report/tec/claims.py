"""Values of the TEC case for the ledger that follow from printed numbers, dates and a catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from chaosmagpy.coordinate_utils import transform_points
from scipy.optimize import nnls
from scipy.stats import norm

from precursor_lib.context.geography import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.context.seismicity import mainshock
from precursor_lib.evaluate.tec import ALL, skill
from precursor_lib.report.verdict import Claim

Values = dict[str, Any]
MODELS = {
    "ED-LSTME": "ed-lstme",
    "DNN": "dnn",
    "RF": "rf",
    "SVM": "svm",
    "ARIMA": "arima",
    "DT": "dt",
}
"""The paper's models, in its order, and their part of a claim's id."""
STATIONS = ("XJSH", "XJWL", "XJDS", "XJKE", "XJKL")
METRICS = ("r2", "mae", "rmse", "rho")
_BEST = {"r2": 1, "rho": 1, "mae": -1, "rmse": -1}
_WITHIN = 0.001


def printed(ledger: Mapping[str, Claim], name: str) -> Any:
    """Published value of a claim of this paper."""
    return ledger[f"tec-{name}"].published


def printed_table(ledger: Mapping[str, Claim]) -> pd.DataFrame:
    """Table 2: indexed by ``model`` and ``station`` (all first), a column each metric."""
    rows = {
        (model, place): [printed(ledger, f"tab2-{name}-{m}")[n] for m in METRICS]
        for model, name in MODELS.items()
        for n, place in enumerate((ALL, *STATIONS))
    }
    frame = pd.DataFrame(rows, index=list(METRICS)).T
    frame.index.names = ["model", "station"]
    return frame


def table_values(ledger: Mapping[str, Claim]) -> Values:
    """What must hold among the numbers of table 2, and what the text says of them."""
    table = printed_table(ledger)
    whole = table.xs(ALL, level="station")
    values: Values = {"tec-tab2-rmse-above-mae": bool((table["rmse"] >= table["mae"]).all())}
    for model, name in MODELS.items():
        own = table.loc[model]
        for place, row in own.iterrows():
            short = "all" if place == ALL else str(place).lower()
            values[f"tec-tab2-{name}-{short}-square"] = float(row["rho"] ** 2)
        for metric in ("rmse", "mae"):
            parts = own.loc[list(STATIONS), metric]
            values[f"tec-tab2-{name}-{metric}-pooled"] = bool(
                parts.min() <= own.loc[ALL, metric] <= parts.max()
            )
    values["tec-tab2-weights"] = bool(np.abs(pooling_error(table)).max() <= _WITHIN)
    for metric in METRICS:
        wide = _wide(table, metric).loc[list(STATIONS)] * _BEST[metric]
        values[f"tec-sec3-best-{metric}"] = bool((wide.idxmax(axis=1) == "ED-LSTME").all())
    for place, row in spreads(table).iterrows():
        short = "all" if place == ALL else str(place).lower()
        values[f"tec-tab2-{short}-variance"] = bool(row["low"] <= row["high"])
    r2, error, rho = whole["r2"], whole["rmse"], whole["rho"]
    others = [m for m in MODELS if m != "ED-LSTME"]
    worst = {m: str((whole[m] * _BEST[m]).idxmin()) for m in METRICS}
    poorest = {
        m: str((table.loc["ED-LSTME", m].loc[list(STATIONS)] * _BEST[m]).idxmin()) for m in METRICS
    }
    largest = (error / np.sqrt(1 - rho**2)).loc[others].max()
    return values | {
        "tec-abstract-r2-gain": 100 * (r2["ED-LSTME"] / r2["ARIMA"] - 1),
        "tec-abstract-rmse-gain": 100 * (1 - error["ED-LSTME"] / error["ARIMA"]),
        "tec-sec3-rf-r2-gain": 100 * (r2["RF"] / r2["DT"] - 1),
        "tec-sec3-rf-rmse-gain": 100 * (1 - error["RF"] / error["DT"]),
        "tec-sec3-dnn-r2-gain": {f"over {m}": r2["DNN"] - r2[m] for m in ("RF", "SVM")},
        "tec-sec3-dnn-rmse-gain": {f"over {m}": error[m] - error["DNN"] for m in ("RF", "SVM")},
        "tec-sec3-r2-range": [r2.min(), r2.max()],
        "tec-sec3-rmse-range": [error.min(), error.max()],
        "tec-sec3-worst": worst,
        "tec-sec3-xjke-worst": poorest,
        "tec-fig4-correlations": {
            "R²": [r2[others].min(), r2[others].max()],
            "correlation": [rho[others].min(), rho[others].max()],
        },
        "tec-fig4-correlation-gain": rho["ED-LSTME"] - rho["DNN"],
        "tec-fig4-spread": float(largest),
        "tec-eq4-square": _square_holds(),
        "tec-eq7-iqr": float(norm.ppf(0.75) - norm.ppf(0.25)),
    }


def _wide(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One metric, a row a station and a column a model."""
    return table.pivot_table(metric, "station", "model")[list(MODELS)]


def spreads(table: pd.DataFrame) -> pd.DataFrame:
    """Standard deviation of the observed values that each R² and RMSE of table 2 imply, TECU.

    If ``R² = 1 - RMSE² / variance``, then ``RMSE / sqrt(1 - R²)`` is the same for every model.

    Returns
    -------
    pandas.DataFrame
        A row a station, ``low`` and ``high`` of each model by what rounding leaves open.
    """
    half = 0.00005
    low = (table["rmse"] - half) / np.sqrt(1 - table["r2"] + half)
    high = (table["rmse"] + half) / np.sqrt(1 - table["r2"] - half)
    frame = pd.DataFrame({"low": low, "high": high})
    return frame.groupby("station").agg({"low": "max", "high": "min"}).loc[[ALL, *STATIONS]]


def pooling_error(table: pd.DataFrame) -> np.ndarray:
    """Pooled RMSE by the best common weights of the stations, less the printed one, TECU.

    A mean square over all stations is the stations' own, weighted with their shares of the
    samples, which are the same for every model.
    """
    squares = _wide(table, "rmse").T ** 2
    # A heavy row makes the weights sum to 1.
    weigh = 1e3
    left = np.vstack([squares[list(STATIONS)].to_numpy(), np.full(len(STATIONS), weigh)])
    right = np.append(squares[ALL].to_numpy(), weigh)
    weights, _ = nnls(left, right)
    return np.sqrt(left[:-1] @ weights) - np.sqrt(right[:-1])


def _square_holds() -> bool:
    """Equation 4 as printed beside the square of equation 6, on numbers drawn at random."""
    rng = np.random.default_rng(0)
    y, f = rng.normal(size=(2, 100))
    a, b = y - y.mean(), f - f.mean()
    fourth = ((a * b).sum() / (np.sqrt((a**2).sum()) * np.sqrt((b**2).sum()))) ** 2
    return bool(np.isclose(fourth, skill(y, f)["rho"] ** 2, rtol=1e-12))


def calendar_values(ledger: Mapping[str, Claim]) -> Values:
    """Dates and numbers of days."""
    day = pd.Timestamp(printed(ledger, "sec2-date"))

    def from_day(days: int) -> str:
        return f"{day + pd.Timedelta(days=days):%Y-%m-%d}"

    span = range(-8, 4)
    local = 15 + float(printed(ledger, "sec2-epicentre-longitude")) / 15
    return {
        "tec-sec2-training-years": "2012 to 2015",
        "tec-sec2-forecast-start": from_day(-28),
        "tec-sec2-forecast-end": from_day(7),
        "tec-sec3-long-start": from_day(-21),
        "tec-sec3-long-end": from_day(7),
        "tec-fig11-end": "2016-12-15",
        "tec-fig6-days": len(span),
        "tec-fig6-other-days": len([d for d in span if d not in (-7, 0)]),
        "tec-fig10-afternoon": {
            "hours as printed": 12 <= 15 < 18,
            "local time at the epicentre": 12 <= local < 18,
        },
        "tec-tab1-fifth-station": "XJKL",
        "tec-tab1-latitude-unit": "°N",
    }


def station_values(ledger: Mapping[str, Claim], stations: pd.DataFrame) -> Values:
    """Table 1: distances, and geomagnetic coordinates of the centred dipole.

    Parameters
    ----------
    stations : pandas.DataFrame
        Index: station; ``latitude`` and ``longitude`` as printed.
    """
    rows = stations.loc[list(STATIONS)]
    distance = geodesic_distance_km(*epicentre(ledger), rows["latitude"], rows["longitude"])
    colatitude, longitude = transform_points(
        90 - rows["latitude"].to_numpy(), rows["longitude"].to_numpy(), reference="mag"
    )
    return {
        f"tec-tab1-{name.lower()}-distance": float(km)
        for name, km in zip(STATIONS, distance, strict=True)
    } | {
        "tec-tab1-geomagnetic-latitude": list(90 - colatitude),
        "tec-tab1-geomagnetic-longitude": list(longitude % 360),
        "tec-tab1-lowest-latitude": STATIONS[int(np.argmax(colatitude))],
    }


def epicentre(ledger: Mapping[str, Claim]) -> tuple[float, float]:
    """The printed epicentre: latitude and longitude in degrees."""
    return tuple(printed(ledger, f"sec2-epicentre-{axis}") for axis in ("latitude", "longitude"))


def event_values(ledger: Mapping[str, Claim], catalogue: pd.DataFrame) -> Values:
    """The earthquake, and others in the days of figure 8, in an open catalogue.

    A simulated catalogue does not hold the earthquake: no values then.

    Raises
    ------
    InputError
        If an observed catalogue has no event within a degree and a day of the printed ones.
    """
    day = pd.Timestamp(printed(ledger, "sec2-date"))
    lat, lon = epicentre(ledger)
    if catalogue.attrs.get("origin") == "simulated":
        names = ("magnitude", "epicentre-latitude", "epicentre-longitude", "depth", "date", "time")
        return dict.fromkeys([*(f"tec-sec2-{n}" for n in names), "tec-fig8-earthquakes"])
    shock = mainshock(catalogue, lat, lon, day, days=2)
    local = shock["time"] + pd.Timedelta(hours=8)
    quiet = catalogue[(catalogue["time"] >= "2016-03-27") & (catalogue["time"] < "2016-04-08")]
    away = geodesic_distance_km(lat, lon, quiet["latitude"], quiet["longitude"])
    radius = float(dobrovolsky_radius_km(printed(ledger, "sec2-magnitude")))
    return {
        "tec-sec2-magnitude": float(shock["magnitude"]),
        "tec-sec2-epicentre-latitude": float(shock["latitude"]),
        "tec-sec2-epicentre-longitude": float(shock["longitude"]),
        "tec-sec2-depth": float(shock["depth"]),
        "tec-sec2-date": {
            "UTC": f"{shock['time']:%Y-%m-%d}",
            "Beijing time": f"{local:%Y-%m-%d}",
        },
        "tec-sec2-time": {"UTC": f"{shock['time']:%H:%M}", "Beijing time": f"{local:%H:%M}"},
        "tec-fig8-earthquakes": {
            f"within {radius:.0f} km": int((away <= radius).sum()),
            "within 1000 km": int((away <= 1000).sum()),
        },
    }
