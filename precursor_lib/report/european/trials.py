"""The trainings that the case page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from precursor_lib.classify import (
    LabelledWindows,
    QuietRule,
    block_means,
    event_and_quiet,
    split_sets,
)
from precursor_lib.evaluate.recovery import wilson_interval
from precursor_lib.evaluate.window_trials import WindowTrial, run_trial
from precursor_lib.report.european.inputs import Site
from precursor_lib.simulate.three_component import packets_before

PAPER = (0.8, 0.2)
HONEST = (0.6, 0.2, 0.2)
FEWEST = 30
"""Windows of either class below which nothing is trained."""

# What is done to the windows, how they are split, and into which shares.
Way = Literal["time", "random"]
PROTOCOLS: Mapping[str, tuple[dict[str, Any], Way, tuple[float, ...]]] = MappingProxyType(
    {
        "random split, scaled as printed": ({"scaling": "printed"}, "random", PAPER),
        "random split, mean removed": ({}, "random", PAPER),
        "in time, quiet windows from 0 h": ({"clock": "fixed"}, "time", HONEST),
        "in time, mean removed": ({}, "time", HONEST),
        "in time, both free of storms": ({"storm_free": "both"}, "time", HONEST),
        "in time, mainshocks alone": ({"declustered": True}, "time", HONEST),
        "in time, not balanced": ({"balance": False}, "time", HONEST),
    }
)


def window_sets(
    sites: Mapping[str, Site], sampling: tuple[int, int], rule: QuietRule, **settings: Any
) -> list[LabelledWindows]:
    """Windows of every observatory."""
    return [site.windows(*sampling, rule, **settings) for site in sites.values()]


def packet_fields(
    sites: Mapping[str, Site], minutes: int, source: Mapping[str, Any], seed: int
) -> dict[str, np.ndarray]:
    """Packets before the events of every observatory, on the axis of block means."""
    return {
        code: packets_before(site.axis(minutes), site.events["time"], source, seed=seed)[0]
        for code, site in sites.items()
    }


def by_protocol(
    sites: Mapping[str, Site],
    sampling: tuple[int, int],
    rule: QuietRule,
    training: Mapping[str, Any],
    seeds: Sequence[int],
    *,
    source: Mapping[str, Any] | None = None,
) -> dict[str, list[WindowTrial]]:
    """Every protocol on the same records, from several seeds.

    A seed draws the quiet windows, the split, the first weights and the order of training.

    Parameters
    ----------
    sites : mapping of str to Site
        Observatories, taken together.
    sampling : tuple of int
        Samples of a window and minutes of a sample.
    rule : QuietRule
        What is free of storms.
    training : mapping
        As for `run_trial`.
    seeds : sequence of int
        Seeds.
    source : mapping, optional
        `PrecursorPackets` before every event; None: nothing is added.
    """
    added = {} if source is None else packet_fields(sites, sampling[1], source, seeds[0])
    found: dict[str, list[WindowTrial]] = {}
    for name, (settings, how, shares) in PROTOCOLS.items():
        for seed in seeds:
            sets = {
                code: site.windows(
                    *sampling,
                    rule,
                    seed=seed,
                    added=added.get(code),
                    **{**settings, "balance": how == "random"},
                )
                for code, site in sites.items()
            }
            even = settings.get("balance", True)
            whole, parts = split_usable(sets.values(), how, shares, seed, balance=even)
            found.setdefault(name, []).append(run_trial(whole, parts, training=training, seed=seed))
    return found


def split_usable(
    sets: Iterable[LabelledWindows],
    how: Way,
    shares: tuple[float, ...],
    seed: int,
    *,
    balance: bool = True,
) -> tuple[LabelledWindows, list[np.ndarray]]:
    """`split_sets` of the observatories with ten windows before events or more."""
    chosen = [s for s in sets if s.labels.sum() >= 10]
    return split_sets(chosen, how, shares, seed, balance=balance)


def protocol_table(trials: Mapping[str, Sequence[WindowTrial]]) -> pd.DataFrame:
    """A row a protocol: the run whose area is the median of the seeds', and the seeds' range."""
    rows = {}
    for name, runs in trials.items():
        areas = np.array([run.row["area"] for run in runs])
        order = np.argsort(np.nan_to_num(areas, nan=0.5), kind="stable")
        row = runs[order[len(runs) // 2]].row
        row.pop("p (accuracy)")
        rows[name] = {
            "trained": runs[order[len(runs) // 2]].sizes[0],
            **row,
            "areas of the seeds": f"{np.nanmin(areas):.2f} to {np.nanmax(areas):.2f}",
        }
    return pd.DataFrame(rows).T.rename_axis("protocol")


def by_setting(
    windows: LabelledWindows,
    parts: Sequence[np.ndarray],
    settings: Mapping[str, tuple[dict[str, Any], dict[str, Any]]],
    training: Mapping[str, Any],
    seeds: Sequence[int],
) -> dict[str, list[WindowTrial]]:
    """The same windows with other settings of network and training."""
    return {
        name: [
            run_trial(windows, parts, network, {**training, **how}, seed=seed, permutations=1)
            for seed in seeds
        ]
        for name, (network, how) in settings.items()
    }


def setting_table(trials: Mapping[str, Sequence[WindowTrial]]) -> pd.DataFrame:
    """Final losses and accuracies by setting: means over the seeds, with a 95 % interval."""
    rows = {}
    for name, runs in trials.items():
        last = pd.DataFrame([run.history.iloc[-1] for run in runs])
        accuracy = float(np.mean([run.accuracy.accuracy for run in runs]))
        number = runs[0].accuracy.windows
        low, high = wilson_interval(round(accuracy * number), number)
        steps = [np.abs(np.diff(run.history["validation_accuracy"])).mean() for run in runs]
        rows[name] = {
            "training loss": float(last["training_loss"].mean()),
            "validation loss": float(last["validation_loss"].mean()),
            "validation accuracy": accuracy,
            "from": low,
            "to": high,
            "change an epoch": float(np.mean(steps)),
        }
    return pd.DataFrame(rows).T.rename_axis("setting")


def by_length(
    sites: Mapping[str, Site],
    sampling: Mapping[str, tuple[int, int]],
    rule: QuietRule,
    training: Mapping[str, Any],
    seed: int,
) -> pd.DataFrame:
    """Accuracy and loss by length of the window, split at random and in time.

    Returns
    -------
    pandas.DataFrame
        Index: length and split. Columns of `WindowTrial.row`, ``windows`` (of the smaller class)
        and ``validation loss`` (last epoch). NaN where there are fewer than 30 of a class.
    """
    rows: dict[tuple[str, str], dict[str, float]] = {}
    for name, size in sampling.items():
        ways: tuple[tuple[Way, tuple[float, ...]], ...] = (("random", PAPER), ("time", HONEST))
        for how, shares in ways:
            sets = window_sets(sites, size, rule, seed=seed, balance=how == "random")
            smaller = sum(int(min((s.labels == 0).sum(), (s.labels == 1).sum())) for s in sets)
            rows[name, how] = {"windows": smaller}
            if smaller < FEWEST:
                continue
            whole, parts = split_usable(sets, how, shares, seed)
            trial = run_trial(whole, parts, training=training, seed=seed)
            loss = float(trial.history["validation_loss"].iloc[-1])
            rows[name, how] |= {**trial.row, "validation loss": loss}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis(["window", "split"])


def shifted_labels(
    record: np.ndarray,
    first: pd.Timestamp,
    events: pd.DataFrame,
    rule: QuietRule,
    training: Mapping[str, Any],
    seeds: Sequence[int],
    sampling: tuple[int, int] = (144, 10),
) -> list[WindowTrial]:
    """A record against earthquakes that have nothing to do with it.

    The events' times are shifted by a random number of days, round the end of the record, so that
    they keep their clusters and hours.

    Parameters
    ----------
    record : numpy.ndarray of float32, shape (components, time)
        Minutes in nT.
    first : pandas.Timestamp
        Time of the first sample.
    events : pandas.DataFrame
        With the column ``time``.
    rule, training
        As for `by_protocol`.
    seeds : sequence of int
        Shifts and trainings.
    sampling : tuple of int
        Samples of a window, and minutes of a sample.
    """
    samples, minutes = sampling
    series = block_means(record, minutes)
    # Storms stay in, in both classes alike: 2003 had too many of them to do without.
    every = QuietRule(rule.kp, rule.rc, below_kp=np.inf, above_rc=-np.inf)
    span = pd.Timedelta(minutes=record.shape[1])
    trials = []
    for seed in seeds:
        shift = pd.Timedelta(days=int(np.random.default_rng([seed, 5]).integers(1, 3650)))
        moved = first + (events["time"] - first + shift) % span
        windows = event_and_quiet(
            series,
            first=first,
            step=60.0 * minutes,
            length=samples,
            events=np.sort(moved),
            rule=every,
            balance=False,
            longest_gap=0,
            seed=seed,
        )
        whole, parts = split_sets([windows], "time", HONEST, seed, balance=True)
        trials.append(run_trial(whole, parts, training=training, seed=seed))
    return trials


def shifted_table(trials: Sequence[WindowTrial]) -> pd.DataFrame:
    """A row a shift, and one for all of them pooled."""
    rows = [{"shift": str(k), **trial.row} for k, trial in enumerate(trials, 1)]
    right = sum(trial.accuracy.right for trial in trials)
    number = sum(trial.accuracy.windows for trial in trials)
    low, high = wilson_interval(right, number)
    rows.append(
        {
            "shift": "all",
            "tested": number,
            "accuracy": right / number,
            "from": low,
            "to": high,
            "larger class": float(np.mean([t.accuracy.majority for t in trials])),
            "area": float(np.nanmean([t.row["area"] for t in trials])),
        }
    )
    columns = ["shift", "tested", "accuracy", "from", "to", "larger class", "area", "p (area)"]
    return pd.DataFrame(rows)[columns].set_index("shift")
