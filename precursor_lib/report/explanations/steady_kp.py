"""Counts of anomalies against Kp, in nights without a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.evaluate.explanations.findings import beyond_chance
from precursor_lib.evaluate.explanations.packets import (
    at_events,
    night_amplitudes,
    night_anomalies,
)
from precursor_lib.evaluate.recovery import poisson_interval
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, drawn

OWN, _FIXED = "sigma of the night", "sigma of the calmest nights"


def by_kp(networks: Mapping[float, NightlyNetwork], *, step: int = 4) -> pd.DataFrame:
    """Anomalies a night at steady Kp, with two readings of sigma.

    Parameters
    ----------
    networks : mapping of float to NightlyNetwork
        Without a source, by Kp.
    step : int

    Returns
    -------
    pandas.DataFrame
        A row a Kp and reading: ``Kp``, ``sigma``, ``nights``, ``anomalies``, a night ``rate``,
        ``low``, ``high`` (exact Poisson), ``at_pi2`` and ``chance``.
    """
    courses = {kp: night_amplitudes(network, step=step) for kp, network in networks.items()}
    calm = courses[min(courses)]
    fixed = float(np.median(calm.std(axis=1))), float(np.median(calm.mean(axis=1)))
    rows = []
    for kp, network in networks.items():
        readings = {
            OWN: night_anomalies(courses[kp], network, step=step),
            _FIXED: night_anomalies(
                courses[kp], network, spread=fixed[0], baseline=fixed[1], step=step
            ),
        }
        for name, found in readings.items():
            hits, chance = at_events(found, network)
            rows.append(
                {
                    "Kp": kp,
                    "sigma": name,
                    "nights": len(network),
                    "anomalies": len(found),
                    **_rate(len(found), len(network)),
                    "at_pi2": hits,
                    "chance": chance,
                }
            )
    return pd.DataFrame(rows)


def kp_runs(
    open_nights: Callable[..., NightlyNetwork],
    levels: Sequence[float],
    nights: int,
    real_nights: int,
    kp: pd.Series,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`by_kp` at steady levels of Kp, and in nights with the real one.

    Parameters
    ----------
    open_nights : callable
        Gives the network; takes ``nights`` and ``kp``.
    levels : sequence of float
    nights, real_nights : int
        A level, and with the real Kp.
    kp : pandas.Series
        For the mean Kp of the real nights.
    """
    steady = {level: open_nights(nights=nights, kp=level) for level in levels}
    real = open_nights(nights=real_nights)
    mean = np.mean([kp[t : t + pd.Timedelta(seconds=real.duration)].mean() for t in real.nights])
    return by_kp(steady), by_kp({float(mean): real})


def windows_by_kp(
    windows: pd.DataFrame, record: xr.DataArray, kp: pd.Series, hours: float, edges: Sequence[float]
) -> pd.DataFrame:
    """Anomalies of the observed record's windows by their mean Kp, as `by_kp` gives them.

    Parameters
    ----------
    windows : pandas.DataFrame
        From `precursor_lib.evaluate.explanations.packets.window_anomalies`.
    record : xarray.DataArray
        The record that it was made of.
    kp : pandas.Series
    hours : float
        Of a window.
    edges : sequence of float
        Of classes of Kp.
    """
    begin = pd.Timestamp(record["time"].values[0])
    values = []
    for window in range(windows.attrs["windows"]):
        start = (
            begin
            + pd.Timedelta(seconds=windows.attrs["first"])
            + window * pd.Timedelta(hours=hours)
        )
        values.append(kp[start.floor("3h") : start + pd.Timedelta(hours=hours)].mean())
    level = np.digitize(values, edges) - 1
    own = windows[windows["way"] == "mirrored"]
    counts = np.bincount(own["window"].to_numpy(dtype=int), minlength=len(values))
    return pd.DataFrame(
        [
            {
                "Kp": float(np.mean(np.asarray(values)[level == k])),
                "nights": int((level == k).sum()),
                "anomalies": int(counts[level == k].sum()),
                **_rate(int(counts[level == k].sum()), int((level == k).sum())),
            }
            for k in range(len(edges) - 1)
            if (level == k).any()
        ]
    )


def _rate(count: int, nights: int) -> dict[str, float]:
    low, high = poisson_interval(count)
    return {"rate": count / nights, "low": low / nights, "high": high / nights}


@drawn
def kp_figure(simulated: pd.DataFrame, observed: pd.DataFrame, published: float) -> Figure:
    """Anomalies a night against Kp, and how many of them lie at a Pi2 train."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.5), width_ratios=[1.3, 1])
    groups = [*simulated.groupby("sigma", sort=False), ("WIC, sigma of the window", observed)]
    for (name, part), colour, shift in zip(groups, CYCLE, (-0.08, 0.08, 0.0), strict=False):
        left.errorbar(
            part["Kp"] + shift, part["rate"],
            yerr=[part["rate"] - part["low"], part["high"] - part["rate"]],
            fmt="o-" if "WIC" not in name else "D", color=colour, ms=4, capsize=2, label=name,
        )  # fmt: skip
    left.axhline(published, color=COLOURS["black"], linestyle=":", label="27 in 120 nights")
    left.set_yscale("symlog", linthresh=1.0, linscale=1.0)
    left.set(xlabel="Kp", ylabel="anomalies in four hours", ylim=(0, 50))
    left.set_yticks([0, 0.5, 1, 2, 5, 10, 20, 50], ["0", "0.5", "1", "2", "5", "10", "20", "50"])
    left.minorticks_off()
    own = simulated[simulated["sigma"] == OWN]
    share = [
        beyond_chance(int(k), int(n), 0.0)
        for k, n in zip(own["at_pi2"], own["anomalies"], strict=True)
    ]
    middle, low, high = 100 * np.asarray(share).T
    right.errorbar(
        own["Kp"], middle, yerr=[middle - low, high - middle], fmt="o", color=CYCLE[0], ms=4,
        capsize=2, label="at a Pi2 train",
    )  # fmt: skip
    right.plot(
        own["Kp"], 100 * own["chance"], "_", color=COLOURS["black"], ms=16, label="at one by chance"
    )
    right.set(xlabel="Kp", ylabel="share of the anomalies (%)", ylim=(0, 101))
    right.margins(x=0.15)
    both = [axis.get_legend_handles_labels() for axis in (left, right)]
    handles, labels = (both[0][k] + both[1][k] for k in (0, 1))
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure
