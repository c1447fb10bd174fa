"""Starts of records and places of epicentres: what the choices of an analysis bring in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.evaluate.explanations import epicentres, starts
from precursor_lib.evaluate.explanations.findings import Finding, beyond_chance, block_interval
from precursor_lib.evaluate.noise.processes import Null
from precursor_lib.pipelines import Chain
from precursor_lib.report.explanations.closing import between
from precursor_lib.report.lushan.ledger import julian_date, printed
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn
from precursor_lib.report.verdict import Claim

_LAG = "Lushan: strain leads the field"
_PRIOR = "SW-NTF: stations near the epicentre dominate"
_GRAPH = "STMN: counts fall with distance"
Nights = Mapping[str, tuple[Sequence[np.ndarray], float, pd.DataFrame]]
_METHODS = {"ntf": "NTF", "sw_ntf": "SW-NTF"}


def paper_starts() -> tuple[int, int]:
    """Days of the Lushan paper's field up to the shock, and by how many its strain starts earlier.

    The strain record begins on 1 May 2012, the field's on 1 January 2013; the shock was on
    20 April 2013.
    """
    strain, field, shock = (pd.Timestamp(day) for day in ("2012-05-01", "2013-01-01", "2013-04-20"))
    return (shock - field).days + 1, (field - strain).days


def printed_lags(ledger: Mapping[str, Claim]) -> dict[str, float]:
    """Days from the first sigmoid of Kangding's strain to two stages of the field, as printed.

    The same dates as of the claim ``lushan-sec5-2-lag-printed``.
    """
    turn = julian_date(float(printed(ledger, "fig12-kangding-fit1-x0")))
    stages = {"second stage": "2013-02-10", "third stage": "2013-04-05"}
    return {name: (pd.Timestamp(day) - turn) / pd.Timedelta(days=1) for name, day in stages.items()}


def lag_trials(
    nulls: Mapping[str, Null], short: int, differences: Sequence[int], runs: int, seed: int
) -> dict[str, pd.DataFrame]:
    """Lags of unrelated pairs by the difference of their starts, for each kind of noise."""
    return {
        name: starts.lags_by_start(null, short, differences, runs, seed + k)
        for k, (name, null) in enumerate(nulls.items())
    }


@drawn
def lag_figure(trials: Mapping[str, pd.DataFrame], dates: Mapping[str, float], own: int) -> Figure:
    """Median lag and its spread against the difference of starts, with the printed lags."""
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 3.8))
    most = max(float(part["difference"].max()) for part in trials.values())
    for k, ((name, part), colour) in enumerate(zip(trials.items(), CYCLE, strict=False)):
        groups = part.groupby("difference")["lag"]
        low, middle, high = (groups.quantile(q).to_numpy() for q in (0.025, 0.5, 0.975))
        axis.errorbar(
            np.asarray(list(groups.groups)) + 8 * (k - 0.5), middle,
            yerr=np.stack([middle - low, high - middle]), fmt="o",
            color=colour, ms=5, capsize=2, label=f"{name}: median and 95 % of pairs",
        )  # fmt: skip
    axis.plot([0, most], [0, -most / 2], color=COLOURS["black"], linestyle=":",
              label="half the difference")  # fmt: skip
    axis.plot([own] * len(dates), [-v for v in dates.values()], "D",
              color=COLOURS["black"], ms=6, label="the paper's dates")  # fmt: skip
    axis.set(
        xlabel="days by which the first record starts earlier",
        ylabel="lag (d); negative: it leads",
    )
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def slope_text(trials: Mapping[str, pd.DataFrame]) -> str:
    """A sentence on how the lag goes with the difference of starts."""
    parts = []
    for name, part in trials.items():
        parts.append(f"{name} {between(*starts.lag_slope(part))}")
    return f"Lag a day of difference: {', '.join(parts)}."


def lag_findings(
    trials: Mapping[str, pd.DataFrame], dates: Mapping[str, float], own: int, seed: int
) -> list[Finding]:
    """Median lag of unrelated pairs with the paper's starts, over the smallest printed lag."""
    least = min(dates.values())
    found = []
    for name, part in trials.items():
        lags = part.loc[part["difference"] == own, "lag"].to_numpy()
        median = block_interval(lambda x: float(np.median(x)), lags, block=1, draws=500, seed=seed)
        share, high, low = (-value / least for value in median)
        found.append(
            Finding(
                "Records that begin on different days", _LAG, f"unrelated, {name} (simulated)",
                f"median lag, of the {least:.0f} d between the printed dates", share, low, high,
            )
        )  # fmt: skip
    return found


def prior_nights(
    simulated: NightlyNetwork, observed: NightlyNetwork, stations: Sequence[str]
) -> Nights:
    """Hours without a source for `prior_runs`: simulated nights, and one night in four pieces.

    Parameters
    ----------
    simulated, observed : NightlyNetwork
        Nights of an hour; and the network of USGS observatories, or its stand-in.
    stations : sequence of str
        Of the latter.
    """
    origin = observed.attrs["origin"]
    night = observed.night(0)[observed.component].sel(station=list(stations))
    return {
        "no source, seven stations (simulated)": (
            [one[simulated.component].transpose("station", "time").values for one in simulated],
            simulated.rate,
            simulated.stations,
        ),
        f"USGS, four hours ({origin})": (
            np.array_split(night.transpose("station", "time").values, 4, axis=1),
            observed.rate,
            observed.stations.loc[list(stations)],
        ),
    }


def prior_runs(
    nights: Nights,
    chain: Chain,
    number: int,
) -> dict[str, pd.DataFrame]:
    """Contributions with the prior about each point of a grid over the network.

    Parameters
    ----------
    nights : mapping
        By name: records (station, time), rate, and places of the stations.
    chain : Chain
        Settings of the factorisations.
    number : int
        Points along each side of the grid.
    """
    found = {}
    for name, (records, rate, places) in nights.items():
        made = [
            epicentres.record_tensor(one, rate, bins=chain.bins, step=2 * chain.step)
            for one in records
        ]
        points = epicentres.grid_about(places, number)
        found[name] = epicentres.contributions(
            [tensor for tensor, _ in made], made[0][1], places, points, chain
        )
    return found


def prior_table(runs: Mapping[str, pd.DataFrame], stations: int) -> pd.DataFrame:
    """How the first component leans towards wherever the epicentre is put."""
    rows = []
    for name, run in runs.items():
        for method, part in run.groupby("method", sort=False):
            rows.append(
                {
                    "record": name,
                    "method": _METHODS[str(method)],
                    "nights": part["night"].nunique(),
                    "places tried": part["point"].nunique(),
                    "share of the nearest (%)": 100 * part["nearest"].mean(),
                    "even (%)": 100 / stations,
                    "dominated from the nearer half (%)": 100 * part["near_half"].mean(),
                    "exponent, median": part["exponent"].median(),
                }
            )
    return pd.DataFrame(rows)


def graph_runs(network: xr.Dataset, number: int, samples: int, seed: int) -> pd.DataFrame:
    """`epicentres.graph_exponents` over a grid of supposed epicentres, from a network's places."""
    places = network[["latitude", "longitude"]].to_dataframe()[["latitude", "longitude"]]
    return epicentres.graph_exponents(places, epicentres.grid_about(places, number), samples, seed)


@drawn
def epicentre_figure(
    runs: Mapping[str, pd.DataFrame], graph: pd.DataFrame, published: float
) -> Figure:
    """Exponents of contribution and of count against the distance from supposed epicentres."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.8), width_ratios=[1.2, 1])
    groups = [
        (f"{_METHODS[m]}\n{name.split(',')[0]}", run.loc[run["method"] == m, "exponent"])
        for name, run in runs.items()
        for m in _METHODS
    ]
    _strips(left, groups, [CYCLE[1], CYCLE[0]] * len(runs))
    left.set(ylabel="exponent against distance", title="station contribution")
    readings = list(dict.fromkeys(graph["reading"]))
    names = {
        "before the graph": "before",
        "one sigma for all stations": "one\nsigma",
        "own sigma": "own\nsigma",
    }
    _strips(
        right,
        [(names[r], graph.loc[graph["reading"] == r, "exponent"]) for r in readings],
        [COLOURS["grey"], CYCLE[0], CYCLE[2]],
    )
    right.axhline(published, color=COLOURS["vermilion"], linestyle="--", label="published")
    right.set(title="count after the station graph")
    right.legend(loc="lower right")
    return figure


def _strips(axis: Any, groups: Sequence[tuple[str, pd.Series]], colours: Sequence[str]) -> None:
    rng = np.random.default_rng(0)
    for k, ((_, values), colour) in enumerate(zip(groups, colours, strict=False)):
        axis.plot(
            k + rng.uniform(-0.2, 0.2, len(values)), values, ".", color=colour, ms=4, alpha=0.6
        )
        axis.plot([k - 0.3, k + 0.3], [values.median()] * 2, color=COLOURS["black"], linewidth=2)
    axis.axhline(0, color=COLOURS["black"], linewidth=0.8)
    axis.set(xticks=np.arange(len(groups)))
    axis.set_xticklabels([name for name, _ in groups], fontsize=8)
    axis.grid(axis="x", visible=False)


def epicentre_findings(
    runs: Mapping[str, pd.DataFrame],
    stations: int,
    contribution: float,
    graph: pd.DataFrame,
    exponent: float,
    seed: int,
) -> list[Finding]:
    """What prior and graph make of noise, over what could be made or is published.

    Parameters
    ----------
    runs : mapping of str to pandas.DataFrame
        From `prior_runs`.
    stations : int
        Of each network, for the even share.
    contribution : float
        Smallest contribution of a dominant station that the SW-NTF paper reports.
    graph : pandas.DataFrame
        From `precursor_lib.evaluate.explanations.epicentres.graph_exponents`.
    exponent : float
        Of counts against distance in the STMN paper.
    seed : int

    Notes
    -----
    Dominance: places for which the dominant station lies in the nearer half, in the mean of the
    nights, beyond the share for NTF; Wilson's interval over the places. Contribution: mean of the
    nearest station less NTF's, over the published one less an even share; places drawn with
    replacement. Graph: central 95 % over the places.
    """
    found = []
    for name, run in runs.items():
        near, share = (
            run.pivot_table(column, "point", "method", aggfunc="mean")
            for column in ("near_half", "nearest")
        )
        hits, places = round(float(near["sw_ntf"].sum())), len(near)
        chance = min(float(near["ntf"].mean()), 0.99)
        more = (share["sw_ntf"] - share["ntf"]) / (contribution - 1 / stations)
        mean = block_interval(
            lambda x: float(x.mean()), more.to_numpy(float), block=1, draws=500, seed=seed
        )
        for measure, numbers in (
            ("dominance of the nearer half beyond NTF's", beyond_chance(hits, places, chance)),
            ("contribution of the nearest beyond NTF's, of the published", mean),
        ):
            found.append(Finding("Weights from the epicentre", _PRIOR, name, measure, *numbers))
    for reading in ("one sigma for all stations", "own sigma"):
        ratio = graph.loc[graph["reading"] == reading, "exponent"] / exponent
        low, middle, high = np.quantile(ratio, [0.025, 0.5, 0.975])
        found.append(
            Finding(
                "Weights from the epicentre", _GRAPH, f"noise, {reading} (simulated)",
                "exponent, of the published", float(middle), float(low), float(high),
            )
        )  # fmt: skip
    return found
