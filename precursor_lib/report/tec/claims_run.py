"""Values of the TEC case for the ledger that need indices or a run of the models."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from precursor_lib.evaluate.tec import ALL, surely_better
from precursor_lib.pipelines.tec import Detection
from precursor_lib.report.tec.claims import METRICS, MODELS, STATIONS, Values

EVENT_DAY = pd.Timestamp("2016-12-08")
SOURCES = {
    "tec-sec2-": ["usgs-m5"],
    "tec-fig8-earthquakes": ["usgs-m5"],
    "tec-fig8-kp": ["kp-ap-f107"],
    "tec-fig8-dst": ["dst"],
    "tec-fig11-kp": ["kp-ap-f107"],
    "tec-fig11-dst": ["dst"],
    "tec-fig6-storm-days": ["kp-ap-f107", "dst"],
}
"""Datasets behind the claims on open data, by the beginning of the claim's id."""
QUIET_WINDOW = ("2016-03-27", "2016-04-07")
"""First and last day of the paper's window without earthquake."""


def index_values(kp: pd.Series, dst: pd.Series) -> Values:
    """What Kp and Dst were on the paper's days.

    Parameters
    ----------
    kp, dst : pandas.Series
        By the start of their interval, UTC; Dst in nT.
    """
    shown = slice("2016-11-17", "2016-12-04")
    lowest, first = dst[shown].idxmin(), dst["2016-11-17":][lambda x: x < -30].index[0]
    two = [float(kp[EVENT_DAY + pd.Timedelta(days=day, hours=12)]) for day in (-2, 0)]
    disturbed = {
        "Kp >= 3 or Dst <= -30": _days(kp >= 3, dst <= -30, -8, 3),
        "Kp > 3 or Dst <= -30": _days(kp > 3, dst <= -30, -8, 3),
    }
    never = pd.Series(False, index=dst.index)
    return {
        "tec-fig8-kp": float(kp[slice(*QUIET_WINDOW)].max()),
        "tec-fig8-dst": float(dst[slice(*QUIET_WINDOW)].min()),
        "tec-fig11-kp-maximum": float(kp[shown].max()),
        "tec-fig11-kp-maximum-day": _day(kp[shown].idxmax()),
        "tec-fig11-kp-day16": float(kp["2016-11-22":"2016-11-22"].max()),
        "tec-fig11-kp-before": _days(kp > 3, never, -21, -9),
        "tec-fig11-kp-after": _days(kp > 3, never, 1, 7),
        "tec-fig11-kp-hours": two,
        "tec-fig11-dst-first": f"day {_day(first)}, {first:%H:%M}",
        "tec-fig11-dst-minimum-day": _day(lowest),
        "tec-fig11-dst-minimum-hour": int(lowest.hour),
        "tec-fig11-dst-before": _days(dst <= -30, never, -21, -9),
        "tec-fig11-dst-after": _days(dst <= -30, never, 1, 7),
        "tec-fig6-storm-days": disturbed,
    }


def _day(moment: pd.Timestamp) -> int:
    return (moment.normalize() - EVENT_DAY).days


def _days(one: pd.Series, other: pd.Series, first: int, last: int) -> str:
    """Days from the earthquake's, in words, on which either series is true at some time."""
    moments = one.index[one].union(other.index[other])
    days = sorted({_day(moment) for moment in moments})
    return " ".join(str(day) for day in days if first <= day <= last)


def model_values(
    table: pd.DataFrame, errors: Mapping[str, np.ndarray], disturbed: Mapping[str, np.ndarray]
) -> Values:
    """The models on the simulated record: table 2's numbers, and their order.

    Parameters
    ----------
    table : pandas.DataFrame
        From `precursor_lib.evaluate.tec.skill_table`.
    errors, disturbed : mapping of str to numpy.ndarray
        Daily errors by model, of all samples and of those in disturbed times: an order counts only
        where they differ beyond chance.
    """
    values: Values = {}
    for model, name in MODELS.items():
        for metric in METRICS:
            values[f"tec-tab2-{name}-{metric}"] = [
                float(table.loc[(model, place), metric]) for place in (ALL, *STATIONS)
            ]
    own = table.xs(ALL, level="station")
    deep = ("ED-LSTME", "DNN")
    others = [name for name in MODELS if name not in deep]
    pair = all(surely_better(errors[a], errors[b]) for a in deep for b in others)
    second = pair and surely_better(errors["ED-LSTME"], errors["DNN"])
    return values | {
        "tec-sec4-best": _leader(errors),
        "tec-sec3-second": "DNN" if second else "none alone",
        "tec-sec3-deep": pair,
        "tec-sec3-storms": _leader(disturbed),
        "tec-fig4-bias": float(own.loc["ED-LSTME", "bias"]),
        "tec-fig4-spread-gain": float(own.loc["DNN", "spread"] - own.loc["ED-LSTME", "spread"]),
    }


def _leader(errors: Mapping[str, np.ndarray]) -> str:
    """The model that is better than each of the others beyond chance, if there is one."""
    for name in MODELS:
        if all(surely_better(errors[name], errors[m]) for m in MODELS if m != name):
            return name
    return "none alone"


def anomaly_values(
    by_error: Detection,
    by_median: Detection,
    windows: pd.DataFrame,
    quiet_share: float,
    recovery: pd.DataFrame,
) -> Values:
    """What the two rules flag on the simulated record, beside what they flagged on the closed one.

    Parameters
    ----------
    by_error, by_median : Detection
        Of a record without any effect of the earthquake.
    windows : pandas.DataFrame
        From `precursor_lib.evaluate.tec.window_flags` for `by_error`, whole windows.
    quiet_share : float
        Quiet share of the paper's window: windows of at least that count as quiet.
    recovery : pandas.DataFrame
        Indexed by ``method`` and ``size``; rows of `precursor_lib.evaluate.tec.anomaly_recovery`.
    """
    days = by_error.by_day()
    other = by_median.by_day()
    around = days.loc["2016-11-30":"2016-12-11"]
    quiet = around[around["quiet_flagged"] > 0]
    window = days.loc[slice(*QUIET_WINDOW)]
    late = by_median.by_day().loc["2016-11-30":"2016-12-11"]
    calm = windows[windows["quiet"] >= quiet_share]
    error, median = (d.sign[_around(d)] for d in (by_error, by_median))
    hour = by_error.times[_around(by_error)].hour
    smallest = recovery.index.get_level_values("size").min()
    best, rival = (recovery.loc[(m, smallest)] for m in ("ED-LSTME", "IQR"))
    size = {name: np.abs(d.dtec[:, _around(d)]).max() for name, d in _pair(by_error, by_median)}
    first = quiet.index[0] if len(quiet) else None
    return {
        "tec-fig6-first": None if first is None else _day(first),
        "tec-fig6-turn": _turn(quiet),
        "tec-fig6-rise": None
        if len(quiet) < 2
        else bool(quiet["quiet_flagged"].is_monotonic_increasing),
        "tec-fig6-day7": bool(around.loc["2016-12-01", "flagged"] == 0),
        "tec-fig7-days": _words(late[late["flagged"] > 0]),
        "tec-fig7-negative": None
        if not median.any()
        else bool((median < 0).sum() > (median > 0).sum()),
        "tec-fig7-weaker": bool(size["IQR"] < size["ED-LSTME"]),
        "tec-fig8-none": int(window["flagged"].sum()),
        "tec-fig8-reliable": bool((calm["quiet_flagged"] == 0).mean() > 0.5),
        "tec-fig7-storm-share": bool(_storm_share(by_median) > _storm_share(by_error)),
        "tec-sec3-iqr-fewer": bool((other["flagged"] > 0).sum() < (days["flagged"] > 0).sum()),
        "tec-fig10-first-day": None if first is None else _day(first),
        "tec-fig10-maximum": _largest_day(by_error),
        "tec-fig10-days": _words(quiet),
        "tec-fig10-hours": None if not error.any() else bool((hour[error != 0] >= 15).mean() > 0.5),
        "tec-fig10-iqr-days": _words(late[late["quiet_flagged"] > 0]),
        "tec-sec4-iqr-misses": bool(
            best["found"] > rival["found"] and best["false_a_year"] <= rival["false_a_year"]
        ),
    }


def olr_values(near: pd.Series) -> Values:
    """Day of the largest RST index near the epicentre, of day -8 to 3, in simulated OLR.

    Parameters
    ----------
    near : pandas.Series
        From `precursor_lib.report.tec.context.near`.
    """
    return {"tec-fig9-peak": f"{near['2016-11-30':'2016-12-11'].idxmax():%Y-%m-%d}"}


def _pair(a: Detection, b: Detection) -> list[tuple[str, Detection]]:
    return [("ED-LSTME", a), ("IQR", b)]


def _around(found: Detection) -> np.ndarray:
    """Day -8 to day 3."""
    day = np.asarray((found.times.normalize() - EVENT_DAY) / pd.Timedelta("1D"))
    return (day >= -8) & (day <= 3)


def _storm_share(found: Detection) -> float:
    """Share of the flagged values that lie in disturbed times."""
    flagged = found.dtec != 0
    return float((flagged & ~found.quiet).sum() / max(1, flagged.sum()))


def _words(days: pd.DataFrame) -> str:
    return " ".join(str(_day(day)) for day in days.index)


def _turn(quiet: pd.DataFrame) -> int | None:
    """First day of positive quiet anomalies after a day of negative ones."""
    below = quiet.index[quiet["sign"] < 0]
    above = quiet.index[quiet["sign"] > 0]
    later = above[above > below[0]] if len(below) else above[:0]
    return _day(later[0]) if len(later) else None


def _largest_day(found: Detection) -> int | None:
    """Day of the largest quiet DTEC at any station, from day -21 to 7."""
    day = np.asarray((found.times.normalize() - EVENT_DAY) / pd.Timedelta("1D"))
    inside = (day >= -21) & (day <= 7) & found.quiet
    size = np.where(inside, np.abs(found.dtec), 0.0).max(axis=0)
    return int(day[int(size.argmax())]) if size.any() else None
