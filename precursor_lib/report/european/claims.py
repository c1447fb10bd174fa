"""Values of the case for the ledger, by claim id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from precursor_lib.evaluate.learning_curve import LearningCurve
from precursor_lib.evaluate.recovery import wilson_interval
from precursor_lib.evaluate.window_trials import WindowTrial
from precursor_lib.report.european.counts import count_readings, largest
from precursor_lib.report.european.figures import CORNERS, NYQUIST, diurnal_passes
from precursor_lib.report.european.inputs import MINUTES, NOTE, OBSERVATORIES, chosen_events
from precursor_lib.report.verdict import Claim

Values = dict[str, Any]
# Datasets behind claims, by the beginning of the claim's id.
SOURCES: Mapping[str, Sequence[str]] = {
    "cnn-tab1-mmax-mlr": ["romania"],
    "cnn-tab1-mmax-dur": ["horus"],
    "cnn-tab1-mmax-izn": ["turkey"],
    "cnn-sec4-events-mlr": ["romania"],
    "cnn-sec4-events-dur": ["horus"],
    "cnn-sec4-events-izn": ["turkey"],
    "cnn-sec4-recording": ["horus", "turkey"],
    "cnn-sec4-depth": ["romania"],
    "cnn-sec4-storm": ["horus", "turkey", "romania"],
    "cnn-sec4-independent": ["horus"],
}


def printed(ledger: Mapping[str, Claim], name: str) -> Any:
    """Published value of a claim of this paper."""
    return ledger[f"cnn-{name}"].published


def arithmetic_values(ledger: Mapping[str, Claim]) -> Values:
    """What follows from printed numbers alone."""
    events = {c: printed(ledger, f"sec4-events-{c.lower()}") for c in OBSERVATORIES}
    windows = {c: 2 * number for c, number in {**events, "all": sum(events.values())}.items()}
    training, tested = (round(share * windows["all"]) for share in (0.8, 0.2))
    shares = [printed(ledger, f"sec5-{part}-accuracy") for part in ("training", "validation")]
    right = [round(s * n) for s, n in zip(shares, (training, tested), strict=True)]
    week, hour = (printed(ledger, f"sec5-{name}-accuracy") for name in ("week", "hour"))
    by_length = [round(share * tested) for share in (week, hour)]
    entropy = -sum(p * np.log(p) for p in (shares[0], 1 - shares[0]))
    return {
        "cnn-tab1-dur-first-year": OBSERVATORIES["DUR"].years["Table 1"][0],
        "cnn-tab1-mlr-last-year": OBSERVATORIES["MLR"].years["Table 1"][1],
        "cnn-tab1-izn-first-year": OBSERVATORIES["IZN"].years["Table 1"][0],
        "cnn-sec4-largest": max(printed(ledger, f"tab1-mmax-{c.lower()}") for c in OBSERVATORIES),
        "cnn-sec6-distance": max(place.radius_km for place in OBSERVATORIES.values()),
        "cnn-sec4-balance": shares[0],
        "cnn-tab2-week": MINUTES["week"],
        "cnn-fig3-corner": NYQUIST > 0.02,
        "cnn-fig3-diurnal": {
            name: (diurnal_passes(corner) or 1.0) < 0.01 for name, corner in CORNERS.items()
        },
        "cnn-sec5-training-count": {
            c: nearest_share(shares[0], round(0.8 * n)) for c, n in windows.items()
        },
        "cnn-sec5-validation-count": {
            c: nearest_share(shares[1], round(0.2 * n)) for c, n in windows.items()
        },
        "cnn-sec5-one-pool": _same_share(right, (training, tested)),
        "cnn-sec5-better-than-half": wilson_interval(right[1], tested)[0] > 0.5,
        "cnn-sec5-length-difference": not _same_share(by_length, (tested, tested)),
        "cnn-sec5-day-complement": 1 - hour,
        "cnn-sec5-week-repeats": shares[1],
        "cnn-sec5-loss-start": float(np.log(2)),
        "cnn-sec5-loss-floor": float(entropy),
    }


def nearest_share(share: float, windows: int) -> float:
    """The share of whole windows that is nearest to a printed one."""
    return round(share * windows) / windows


def _same_share(right: Sequence[int], windows: Sequence[int]) -> bool:
    """Whether two shares may be one, by Fisher's exact test at 5 %."""
    table = [[k, n - k] for k, n in zip(right, windows, strict=True)]
    return bool(stats.fisher_exact(table).pvalue > 0.05)


def printed_table(ledger: Mapping[str, Claim]) -> pd.DataFrame:
    """The printed accuracies as shares of whole windows, with what chance alone would give."""
    events = sum(printed(ledger, f"sec4-events-{c.lower()}") for c in OBSERVATORIES)
    rows = {}
    for name, share in (
        ("training", 0.8),
        ("validation", 0.2),
        ("week", 0.2),
        ("hour", 0.2),
        ("day", 0.2),
    ):
        accuracy, windows = printed(ledger, f"sec5-{name}-accuracy"), round(2 * events * share)
        right = round(accuracy * windows)
        low, high = wilson_interval(right, windows)
        rows[name] = {
            "printed": accuracy,
            "windows": windows,
            "from": low,
            "to": high,
            "p against one half": float(stats.binomtest(right, windows).pvalue),
            "larger class": max(accuracy, 1 - accuracy),
        }
    return pd.DataFrame(rows).T.rename_axis("accuracy")


def catalogue_values(
    ledger: Mapping[str, Claim],
    catalogues: Mapping[str, pd.DataFrame],
    storms: pd.DataFrame,
    overlap: pd.DataFrame,
) -> Values:
    """Counts, magnitudes, storms and overlaps from the catalogues.

    Parameters
    ----------
    ledger, catalogues : mapping
        Published values; catalogues by the observatory's code.
    storms, overlap : pandas.DataFrame
        As `precursor_lib.report.european.counts` makes them.
    """
    values: Values = {}
    off = {"text": 0, "Table 1": 0}
    for code, place in OBSERVATORIES.items():
        readings = count_readings(catalogues[code], code)
        name = f"cnn-sec4-events-{code.lower()}"
        values[name] = readings
        events = chosen_events(catalogues[code], place, NOTE)
        values[f"cnn-tab1-mmax-{code.lower()}"] = largest(events)
        if code != "MLR":
            for years in off:
                off[years] += abs(readings[f"{years}, M > 4"] - printed(ledger, name[4:]))
    values["cnn-sec4-recording-counts"] = off["text"] < off["Table 1"]
    place = OBSERVATORIES["MLR"]
    near = chosen_events(catalogues["MLR"], place, NOTE, max_depth_km=None)["depth"]
    values["cnn-sec4-depth-mlr"] = bool((near <= place.depth_km).mean() > 0.5)
    values["cnn-sec4-storm-bias"] = {
        name: bool(row["quiet only from"] <= 0.5 <= row["quiet only to"])
        for name, row in storms.iterrows()
    }
    values["cnn-sec4-independent"] = bool(overlap.loc["week", "all: tested that share"] == 0)
    return values


def training_values(
    histories: Mapping[str, WindowTrial],
    optimisers: pd.DataFrame,
    others: pd.DataFrame,
    lengths: pd.DataFrame,
) -> Values:
    """Figures 5 to 7 on simulated records without a source.

    Parameters
    ----------
    histories : mapping
        Trials of figure 5; the first is the paper's network and scaling as printed.
    optimisers, others : pandas.DataFrame
        As `precursor_lib.report.european.trials.setting_table` gives them.
    lengths : pandas.DataFrame
        As `precursor_lib.report.european.trials.by_length` gives it.
    """
    first = next(iter(histories.values())).history.iloc[-1]
    at_random = lengths.xs("random", level="split")
    losses = at_random["validation loss"].reindex(["hour", "day", "week"]).to_numpy()
    change = others["change an epoch"]
    rates = change[[f"rate {rate}" for rate in ("0.0001", "0.001", "0.01")]].to_numpy()
    depth = others.loc[["one in a row", "two in a row", "three in a row"]]
    return {
        "cnn-sec5-training-accuracy": float(first["training_accuracy"]),
        "cnn-sec5-validation-accuracy": float(first["validation_accuracy"]),
        "cnn-sec5-loss-end": float(first["training_loss"]),
        "cnn-sec5-at-majority": {name: at_majority(t) for name, t in histories.items()},
        "cnn-sec5-validation-loss": {
            name: bool(t.history["validation_loss"].iloc[-1] > t.history["training_loss"].iloc[-1])
            for name, t in histories.items()
        },
        "cnn-sec5-constant-after-ten": {
            name: bool(np.ptp(t.history["validation_accuracy"].iloc[10:]) < 0.05)
            if len(t.history) > 10
            else None
            for name, t in histories.items()
        },
        "cnn-fig6-adam": str(optimisers["training loss"].astype(float).idxmin()),
        "cnn-sec5-learning-rate": bool(np.all(np.diff(rates.astype(float)) > 0)),
        "cnn-sec5-depth": bool(depth["from"].max() <= depth["to"].min()),
        "cnn-sec5-best-length": str(at_random["accuracy"].astype(float).idxmax()),
        "cnn-sec5-loss-by-length": bool(np.all(np.diff(losses.astype(float)) < 0)),
        **{
            f"cnn-sec5-{name}-accuracy": _number(at_random.loc[name, "accuracy"])
            for name in ("week", "day", "hour")
        },
    }


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def at_majority(trial: WindowTrial) -> bool:
    """Whether the last accuracies of training and validation may be the larger class's share."""
    inside = []
    last = trial.history.iloc[-1]
    for part, windows, share in (
        ("training", trial.sizes[0], trial.majority),
        ("validation", trial.sizes[1], trial.accuracy.majority),
    ):
        low, high = wilson_interval(round(last[f"{part}_accuracy"] * windows), windows)
        inside.append(low <= share <= high)
    return all(inside)


def curve_values(curve: pd.DataFrame, fit: LearningCurve, signals: pd.DataFrame) -> Values:
    """Figure 8 without a source, and the sizes of signal and sample.

    Parameters
    ----------
    curve : pandas.DataFrame
        Of `precursor_lib.evaluate.window_trials.learning_curve`.
    fit : LearningCurve
        The power law through its accuracies.
    signals : pandas.DataFrame
        All rows of `precursor_lib.evaluate.window_trials.signal_sweep`.
    """
    largest_part = curve[curve["windows"] == curve["windows"].max()]
    gap = float((largest_part["validation_loss"] - largest_part["training_loss"]).mean())
    return {
        "cnn-fig8-power-law": not fit.converged,
        "cnn-fig8-gap": gap > 0.1,
        "cnn-sec5-too-few": {
            f"{amplitude:g} nT": not bool(part["learnt"].any())
            for amplitude, part in signals.groupby("amplitude")
        },
    }
