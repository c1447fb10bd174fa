"""Tables of the page on residual rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precursor_lib.detect import PointRule, anomalous_days, residual_points, usable
from precursor_lib.detect.rule_chance import MINUTES, day_chance, day_count, point_chance
from precursor_lib.evaluate.alarm_days import DAYS_A_YEAR
from precursor_lib.report.residual_rules.records import NOISES, Array, days_of, minute_times


def chance_table(
    noise: Mapping[str, Array], rules: Sequence[PointRule], thresholds: Sequence[float]
) -> pd.DataFrame:
    """Points a day and anomalous days a year of noise: expected, and in the simulated series.

    Parameters
    ----------
    noise : mapping
        From `simulated_noise`.
    rules : sequence of PointRule
    thresholds : sequence of float
        Points that a day must exceed.
    """
    rows = []
    for rule in rules:
        for name, residual in noise.items():
            mean, spread = day_count(rule, **NOISES[name])
            seen = days_of(residual, rule, 0)["points"]
            row: dict[str, Any] = {
                "rule": f"k = {rule.factor:g}" if rule.kind == "mean_multiple" else
                f"Z = {rule.factor:g}",
                "residuals": name,
                "points a day": f"{mean:.0f} ± {spread:.0f}",
                "simulated": f"{seen.mean():.0f} ± {seen.std():.0f}",
            }  # fmt: skip
            expected = DAYS_A_YEAR * day_chance(rule, thresholds, **NOISES[name])
            for threshold, days in zip(thresholds, expected, strict=True):
                counted = DAYS_A_YEAR * (seen > threshold).mean()
                row[f"days a year above {threshold:g}"] = f"{days:.0f} ({counted:.0f})"
            rows.append(row)
    return pd.DataFrame(rows)


def drift_table(
    rule: PointRule, thresholds: Sequence[float], changes: Sequence[float]
) -> pd.DataFrame:
    """What white Gaussian noise gives where it is larger than in the reference span.

    Parameters
    ----------
    rule : PointRule
    thresholds : sequence of float
        Points that a day must exceed.
    changes : sequence of float
        Noise of the tested span over that of the reference.
    """
    rows = []
    for change in changes:
        # A larger noise against the same limit is the same noise against a smaller factor.
        scaled = PointRule(rule.kind, rule.factor / change)
        row: dict[str, Any] = {
            "noise / reference": change,
            "points a day": MINUTES * point_chance(scaled),
        }
        for threshold in thresholds:
            days = DAYS_A_YEAR * day_chance(scaled, threshold)
            row[f"days a year above {threshold:g}"] = round(days)
        rows.append(row)
    return pd.DataFrame(rows)


def gap_table(
    rule: PointRule, threshold: float, missing: Sequence[float], seed: int
) -> pd.DataFrame:
    """Anomalous days a year of white Gaussian noise with gaps: expected and simulated.

    Parameters
    ----------
    rule : PointRule
    threshold : float
        Points that a day must exceed.
    missing : sequence of float
        Shares of each day that are missing, in one piece.
    seed : int
    """
    rows, days = [], 365
    e = np.random.default_rng(seed).normal(size=(days, MINUTES))
    zero, times = np.zeros(e.size), minute_times(days)
    for share in missing:
        y = e.copy()
        y[:, : round(share * MINUTES)] = np.nan
        y = y.ravel()
        frame = anomalous_days(
            times, residual_points(y, zero, rule), threshold=threshold, valid=usable(y, zero),
            least_coverage=0.0,
        )  # fmt: skip
        held = MINUTES - round(share * MINUTES)
        rows.append(
            {
                "missing (%)": 100 * share,
                "expected": round(DAYS_A_YEAR * day_chance(rule, threshold, samples=held)),
                "simulated": round(DAYS_A_YEAR * frame["anomalous"].mean()),
            }
        )
    return pd.DataFrame(rows)


def zone_table(
    residual: Array,
    times: NDArray[np.datetime64],
    rule: PointRule,
    threshold: float,
    zones: Sequence[float],
) -> pd.DataFrame:
    """The same residuals counted by days of several time zones.

    Parameters
    ----------
    residual, times : array, shape (n,)
        Residuals, NaN where missing, and their times.
    rule : PointRule
    threshold : float
        Points that a day must exceed.
    zones : sequence of float
        Hours east of UTC; the first is what the others are compared with.
    """
    zero = np.zeros_like(residual)
    points, valid = residual_points(residual, zero, rule), usable(residual, zero)
    frames = {
        zone: anomalous_days(times, points, threshold=threshold, valid=valid, zone_hours=zone)
        for zone in zones
    }
    first = frames[zones[0]]["anomalous"]
    rows = []
    for zone, frame in frames.items():
        both = pd.concat([first, frame["anomalous"]], axis=1, join="inner").to_numpy(bool)
        rows.append(
            {
                "day of UTC +": zone,
                "days": len(frame),
                "anomalous": int(frame["anomalous"].sum()),
                "of another verdict than with the first": int((both[:, 0] != both[:, 1]).sum()),
            }
        )
    return pd.DataFrame(rows)


def observed_table(
    residual: Array,
    times: NDArray[np.datetime64],
    rules: Sequence[PointRule],
    thresholds: Sequence[float],
    zone_hours: float,
) -> pd.DataFrame:
    """Points a day and anomalous days of a record, beside Gaussian noise.

    Parameters
    ----------
    residual, times : array, shape (n,)
        Residuals, NaN where missing, and their times.
    rules, thresholds : sequence
        Rules, and points that a day must exceed.
    zone_hours : float
        Of the days.
    """
    zero, rows = np.zeros_like(residual), []
    valid = usable(residual, zero)
    for rule in rules:
        points = residual_points(residual, zero, rule)
        frame = anomalous_days(times, points, threshold=0, valid=valid, zone_hours=zone_hours)
        mean, spread = day_count(rule)
        row: dict[str, Any] = {
            "k": rule.factor,
            "points a day": f"{frame['points'].mean():.0f} ± {frame['points'].std():.0f}",
            "Gaussian": f"{mean:.0f} ± {spread:.0f}",
        }
        for threshold in thresholds:
            share = (frame["points"] > threshold).mean()
            row[f"days above {threshold:g} (%)"] = 100 * share
            row[f"Gaussian, {threshold:g} (%)"] = 100 * day_chance(rule, threshold)
        rows.append(row)
    return pd.DataFrame(rows)
