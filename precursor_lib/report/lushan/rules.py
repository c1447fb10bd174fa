"""What the rule of the Lushan case marks, by its settings, within and outside a known source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from precursor_lib.detect import compare_growth, days_to
from precursor_lib.evaluate.alarm_days import day_recovery
from precursor_lib.pipelines.lushan import apply_rule
from precursor_lib.pipelines.lushan_chain import LushanChain, StationRun
from precursor_lib.report.lushan.inputs import Case
from precursor_lib.report.lushan.ledger import EVENT

FACTORS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)


def rule_table(
    run: StationRun, truth: pd.DataFrame, chains: Mapping[str, tuple[StationRun, LushanChain]]
) -> pd.DataFrame:
    """What other answers to open points give: days found and days marked, for one station.

    Parameters
    ----------
    run : StationRun
        Of the chain as it is; it sets which days count as test.
    truth : pandas.DataFrame
        Of the simulated source.
    chains : mapping
        Title to a run and the chain whose rule is applied to its forecast.
    """
    first = run.test_days().index[0]
    rows = []
    for title, (other, chain) in chains.items():
        _, points, days = apply_rule(
            other.times, other.signal, other.forecast, other.bounds[1], chain
        )
        days = days[days.index >= first]
        got = day_recovery(days, truth, station=run.station)
        found = pd.Series(days["anomalous"].cumsum().to_numpy(dtype=float))
        found.index = pd.Index(days_to(pd.DatetimeIndex(days.index), EVENT))
        fit = compare_growth(found.index.to_numpy(), found.to_numpy())
        rows.append(
            {
                "chain": title,
                "points marked": float(points.mean()),
                "days marked": float(days["anomalous"].mean()),
                "source days found": got["detection_rate"],
                "calm days marked": got["false_days"] / got["calm_days"]
                if got["calm_days"]
                else np.nan,
                "sigmoid": "converged" if fit.sigmoid.converged else "no",
                "ΔAIC": fit.delta_aic,
            }
        )
    return pd.DataFrame(rows).set_index("chain")


def inside(run: StationRun, truth: pd.DataFrame) -> np.ndarray:
    """Samples of a station at which a packet of the source is under way, shape (n,)."""
    busy = np.zeros(run.times.size, dtype=bool)
    for begin, end in truth.loc[truth["station"] == run.station, ["time", "end"]].to_numpy():
        busy |= (run.times >= np.datetime64(begin)) & (run.times <= np.datetime64(end))
    return busy


def factor_table(
    runs: Mapping[str, StationRun], truth: pd.DataFrame, factors: Sequence[float] = FACTORS
) -> pd.DataFrame:
    """Share of samples marked within packets of the source and outside, by k; test alone.

    Means over the stations. ``gain`` is the difference of the two shares.
    """
    rows = []
    for factor in factors:
        shares = []
        for run in runs.values():
            test = slice(*run.bounds[2])
            size = np.abs(run.residual[test])
            busy = inside(run, truth)[test]
            held = np.isfinite(size)
            marked = size > factor * run.scale
            shares.append((marked[held & busy].mean(), marked[held & ~busy].mean()))
        within, outside = np.mean(shares, axis=0)
        rows.append(
            {
                "k": factor,
                "within packets": within,
                "outside": outside,
                "gain": within - outside,
                "points a day outside": 1440 * outside,
            }
        )
    return pd.DataFrame(rows).set_index("k")


def residuals_rise(runs: Mapping[str, StationRun], truth: pd.DataFrame) -> bool:
    """Whether residuals within packets exceed those outside, at each station, with p below 0.01.

    Mann and Whitney's test on the mean size in each packet against that in as many hours drawn
    evenly from the rest of the test: single samples are not independent.
    """
    for run in runs.values():
        test = slice(*run.bounds[2])
        size, busy, times = np.abs(run.residual[test]), inside(run, truth)[test], run.times[test]
        own = truth[truth["station"] == run.station]
        packets = [
            np.nanmean(size[(times >= a) & (times <= b)])
            for a, b in own[["time", "end"]].to_numpy().astype("datetime64[ns]")
            if np.isfinite(size[(times >= a) & (times <= b)]).any()
        ]
        calm = np.where(busy, np.nan, size)
        hours = calm[: calm.size // 60 * 60].reshape(-1, 60)
        whole = hours[np.isfinite(hours).all(axis=1)]
        quiet = whole[:: max(1, len(whole) // 500)].mean(axis=1)
        if not stats.mannwhitneyu(packets, quiet, alternative="greater").pvalue < 0.01:
            return False
    return True


def strongest(case: Case, kind: str) -> str:
    """Time (UTC) of the largest packet of the source in the test of a kind's first station."""
    run, truth = case.first(kind), case.truth[kind]
    first = pd.Timestamp(run.times[run.bounds[2][0]]) + pd.Timedelta(days=1)
    last = pd.Timestamp(run.times[-1]) - pd.Timedelta(days=1)
    own = truth[(truth["station"] == run.station) & truth["time"].between(first, last)]
    top = own.loc[own["amplitude"].abs().idxmax()]
    return str(top["time"] + (top["end"] - top["time"]) / 2)
