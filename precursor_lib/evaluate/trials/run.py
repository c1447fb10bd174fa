"""Methods tried on held-out records, with the false-alarm rate fixed before."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import joblib
import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.blocks import plan_sources
from precursor_lib.evaluate.trials.kinds import ROLES, Budget, Kind, Method, Scorer, Training
from precursor_lib.evaluate.trials.pooling import pooled_scores, threshold_at


@dataclass(frozen=True)
class Trials:
    """What a set of trials gave.

    Attributes
    ----------
    blocks : pandas.DataFrame
        One row a judged block: ``kind``, ``method``, ``stations`` (how many), ``record``,
        ``block``, ``amplitude`` (NaN in calm blocks), ``score``, ``threshold``, ``alarm`` and
        ``error`` (peak less centre of the source, h; NaN in calm blocks).
    cost : pandas.DataFrame
        One row a kind and method: ``learn_s`` and ``score_s`` (processor time for 100 blocks of one
        station, or of the network where it is scored jointly).
    blocks_a_year : pandas.Series
        By kind.
    unit : pandas.Series
        Of the amplitudes, by kind.
    """

    blocks: pd.DataFrame
    cost: pd.DataFrame
    blocks_a_year: pd.Series
    unit: pd.Series


def run_trials(
    kinds: Sequence[tuple[Kind, Sequence[Method]]],
    *,
    stations: Sequence[int] = (1,),
    false_share: float = 1 / 30,
    every: int = 4,
    budget: Budget | None = None,
    seed: int = 0,
    workers: int = 1,
) -> Trials:
    """Let each method learn, set its threshold on calm records, and try it on others with sources.

    A method learns from the training records. Its threshold is then the score that a share of the
    blocks of the calibration records exceeds. The test records are scored twice: without sources,
    for the false alarms, and with them, for the blocks that are found. A found block may owe its
    alarm to chance, as often as a calm one.

    Parameters
    ----------
    kinds : sequence of (Kind, methods)
        Kinds of data, and what is tried on each.
    stations : sequence of int
        How many stations are joined: the first of the record. Numbers beyond a kind's stations are
        left out; a kind whose stations go together takes all.
    false_share : float
        Share of calm blocks with an alarm: one day in thirty by default.
    every : int
        A source in each block of this number.
    budget : Budget, optional
        For those that learn.
    seed : int
        Of the sources and of what is learnt.
    workers : int
        Kinds at a time, each in a process of its own.

    Returns
    -------
    Trials

    Raises
    ------
    InputError
        If the records of a kind share samples where they should not, or a method's scores are not
        what `precursor_lib.evaluate.trials.Scorer` says.
    """
    budget = budget or Budget()
    for kind, _ in kinds:
        _check_apart(kind)
    jobs = [
        joblib.delayed(_all_methods)(
            kind, methods, tuple(stations), false_share, every, budget, seed
        )
        for kind, methods in kinds
    ]
    with warnings.catch_warnings(), joblib.parallel_config("loky", inner_max_num_threads=1):
        # A worker whose memory has grown is replaced between two kinds, and nothing is lost.
        warnings.filterwarnings("ignore", "A worker stopped", UserWarning)
        of_kinds = joblib.Parallel(n_jobs=max(1, min(workers, len(jobs))))(jobs)
    results = [result for of_kind in of_kinds for result in of_kind]
    return Trials(
        blocks=pd.concat([frame for frame, _ in results], ignore_index=True),
        cost=pd.DataFrame([row for _, row in results]),
        blocks_a_year=pd.Series({k.name: k.blocks_a_year for k, _ in kinds}),
        unit=pd.Series({k.name: k.unit for k, _ in kinds}),
    )


def repeat_trials(
    kinds: Sequence[tuple[Kind, Sequence[Method]]], seeds: Sequence[int], **settings: Any
) -> Trials:
    """Trials on the same records with other sources each time, for records that hold few blocks.

    Calm blocks are the same ones each time, so those of the first trials count alone.

    Parameters
    ----------
    kinds, settings
        As for `run_trials`.
    seeds : sequence of int
        One set of trials each.
    """
    runs = [run_trials(kinds, seed=seed, **settings) for seed in seeds]
    most = 1 + max(int(run.blocks["record"].max()) for run in runs)
    again = [
        run.blocks.dropna(subset="amplitude").assign(record=lambda b, n=n: b["record"] + n * most)
        for n, run in enumerate(runs[1:], start=1)
    ]
    blocks = pd.concat([runs[0].blocks, *again], ignore_index=True)
    return replace(runs[0], blocks=blocks)


@dataclass(frozen=True)
class _Records:
    """The records of a kind, and the sources of those for training and test."""

    training: xr.Dataset
    calibration: list[xr.Dataset]
    test: list[xr.Dataset]
    examples: pd.DataFrame
    sources: list[pd.DataFrame]
    injected: list[xr.Dataset]


def _records(kind: Kind, every: int, seed: int) -> _Records:
    """Make or read each record once, whatever the number of methods."""
    made = {role: [kind.record(role, n) for n in range(kind.records[role])] for role in ROLES}
    examples, *sources = (
        plan_sources(
            record["time"].to_numpy(), kind.block, kind.duration, kind.amplitudes,
            every=every, seed=int(np.random.SeedSequence([seed, number]).generate_state(1)[0]),
        )
        for number, record in enumerate((made["training"][0], *made["test"]))
    )  # fmt: skip
    injected = [kind.add(r, e) for r, e in zip(made["test"], sources, strict=True)]
    return _Records(
        made["training"][0], made["calibration"], made["test"], examples, sources, injected
    )


def _all_methods(
    kind: Kind,
    methods: Sequence[Method],
    stations: tuple[int, ...],
    share: float,
    every: int,
    budget: Budget,
    seed: int,
) -> list[tuple[pd.DataFrame, dict[str, object]]]:
    records = _records(kind, every, seed)
    most = records.training.sizes["station"]
    numbers = [n for n in sorted(set(stations)) if n <= most and not kind.together] or [most]
    return [_one(kind, method, records, numbers, share, budget, seed) for method in methods]


def _one(
    kind: Kind,
    method: Method,
    records: _Records,
    numbers: Sequence[int],
    share: float,
    budget: Budget,
    seed: int,
) -> tuple[pd.DataFrame, dict[str, object]]:
    frames, learn_s, score_s, scored = [], 0.0, 0.0, 0
    # A joint method is another one for each number of stations.
    for used in [(n,) for n in numbers] if method.joint else [tuple(numbers)]:
        first = slice(0, used[-1])
        calm = records.training.isel(station=first)
        examples = kind.add(calm, records.examples)
        start = time.process_time()
        scorer = method.learn(Training(calm, examples, records.examples, kind.block, budget, seed))
        learn_s += time.process_time() - start
        start = time.process_time()
        calibration, quiet, loud = (
            [_scores(scorer, r.isel(station=first), method) for r in part]
            for part in (records.calibration, records.test, records.injected)
        )
        score_s += time.process_time() - start
        scored += sum(s["score"].size for s in (*calibration, *quiet, *loud))
        known = xr.concat(calibration, "block")
        for n in used:
            part = slice(0, 1 if method.joint else n)
            here = known.isel(station=part)
            threshold = threshold_at(pooled_scores(here)["score"].to_numpy(), share)
            for number, (without, with_) in enumerate(zip(quiet, loud, strict=True)):
                frames.append(
                    _judged(
                        pooled_scores(here, without.isel(station=part)),
                        pooled_scores(here, with_.isel(station=part)),
                        records.sources[number],
                        threshold,
                    ).assign(stations=n, record=number)
                )
    blocks = pd.concat(frames, ignore_index=True)
    blocks.insert(0, "kind", kind.name)
    blocks.insert(1, "method", method.name)
    cost = {
        "kind": kind.name,
        "method": method.name,
        "learn_s": learn_s / (len(numbers) if method.joint else 1),
        "score_s": 100 * score_s / scored,
    }
    return blocks, cost


def _scores(scorer: Scorer, record: xr.Dataset, method: Method) -> xr.Dataset:
    scores = scorer(record)
    if not {"score", "peak"} <= set(scores) or set(scores["score"].dims) != {"block", "station"}:
        raise InputError(
            f"{method.name}: expected score and peak by block and station, got {scores}"
        )
    names = ["network"] if method.joint else list(record["station"].to_numpy())
    if scores.sizes["station"] != len(names):
        raise InputError(f"{method.name}: expected scores of {names}")
    return scores.transpose("block", "station").assign_coords(station=names)


def _judged(
    without: xr.Dataset, with_: xr.Dataset, events: pd.DataFrame, threshold: float
) -> pd.DataFrame:
    """Calm blocks from the record without sources, the others from that with them."""
    calm = without[["score"]].to_dataframe().dropna(subset="score").reset_index()
    calm["amplitude"], calm["error"] = np.nan, np.nan
    source = with_.to_dataframe().join(
        events.set_index("block")[["amplitude", "time"]], how="inner"
    )
    source = source.dropna(subset="score").reset_index()
    source["error"] = (source["peak"] - source["time"]) / pd.Timedelta(hours=1)
    columns = ["block", "amplitude", "score", "error"]
    both = pd.concat([calm[columns], source[columns]], ignore_index=True)
    return both.assign(threshold=threshold, alarm=both["score"] > threshold)


def _check_apart(kind: Kind) -> None:
    """Observed records of different roles may not share a moment."""
    if kind.origin == "simulated":
        return
    spans = []
    for role in ROLES:
        for number in range(kind.records[role]):
            when = kind.record(role, number)["time"].to_numpy()
            spans.append((when[0], when[-1], role))
    for (_, end, one), (start, _, two) in zip(sorted(spans)[:-1], sorted(spans)[1:], strict=True):
        if start <= end:
            raise InputError(f"{kind.name}: the records for {one} and {two} share time")
