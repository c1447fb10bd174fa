"""Seismicity of the Madoi case by day, and what catalogues and counts without a cause give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.context.b_value import b_value, b_value_grid, b_value_in_time
from precursor_lib.context.seismicity import benioff_strain, maximum_curvature, select_events
from precursor_lib.detect.growth import GrowthComparison
from precursor_lib.evaluate.nulls import (
    line_r2,
    poisson_curves,
    share_of_peaks,
    share_of_sigmoids,
    sigmoid_r2,
)
from precursor_lib.report.madoi.claims import Values, epicentre, printed
from precursor_lib.report.madoi.growth import windows
from precursor_lib.report.verdict import Claim
from precursor_lib.times import utc

DAY = pd.Timedelta(days=1)
BIN = 0.1
"""Step of catalogued magnitudes."""


def benioff_by_day(
    catalogue: pd.DataFrame, centre: tuple[float, float], event: str, half_width: float = 2.0
) -> pd.DataFrame:
    """Cumulative Benioff strain at the end of each day before the event (figure 9).

    Events within `half_width` degrees, above 50 km and from the completeness magnitude on (maximum
    curvature, as the paper does). The mainshock itself is left out.

    Returns
    -------
    pandas.DataFrame
        Index ``day`` (-90 to -1: the day before the event); ``cumulative`` (J**0.5).
    """
    moment = utc(event, "event")
    chosen = select_events(
        catalogue,
        centre=centre,
        half_width=half_width,
        below_depth=50.0,
        start=moment - 91 * DAY,
        end=moment,
    )
    chosen = chosen[chosen["magnitude"] >= maximum_curvature(chosen["magnitude"]) - 1e-9]
    day = np.ceil((chosen["time"] - moment) / DAY - 1e-12).astype(int).to_numpy() - 1
    strain = benioff_strain(chosen["magnitude"])
    days = np.arange(-90, 0)
    last = np.searchsorted(day, days, side="right")
    cumulative = np.concatenate(([0.0], strain))[last]
    return pd.DataFrame({"cumulative": cumulative}, index=pd.Index(days, name="day"))


def around(
    catalogue: pd.DataFrame, centre: tuple[float, float], event: str, half_width: float = 7.0
) -> pd.DataFrame:
    """Events within `half_width` degrees from 91 days before to 31 days after the event."""
    moment = utc(event, "event")
    return select_events(
        catalogue,
        centre=centre,
        half_width=half_width,
        start=moment - 91 * DAY,
        end=moment + 31 * DAY,
    )


def b_by_day(catalogue: pd.DataFrame, event: str) -> pd.DataFrame:
    """b-value in windows of 3 days moved by a day, by the day of a window's centre (figure 10)."""
    moment = utc(event, "event")
    mc = maximum_curvature(catalogue["magnitude"])
    table = b_value_in_time(
        catalogue, mc, start=moment - 91 * DAY, end=moment + 31 * DAY, bin_width=BIN
    )
    day = ((table["centre"] - moment) / DAY).to_numpy()
    return table.set_index(pd.Index(day, name="day"))[["b", "error", "events"]]


def b_maps_by_interval(
    catalogue: pd.DataFrame, centre: tuple[float, float], event: str, half_width: float = 3.0
) -> dict[str, xr.Dataset]:
    """b-value on a grid of 0.1 degrees in four intervals of 30 days (figure 11)."""
    moment = utc(event, "event")
    mc = maximum_curvature(catalogue["magnitude"])
    edges = [(round(middle - half_width, 1), round(middle + half_width, 1)) for middle in centre]
    maps = {}
    for first in (-90, -60, -30, 0):
        part = select_events(catalogue, start=moment + first * DAY, end=moment + (first + 30) * DAY)
        title = f"day {first} to {first + 30}"
        maps[title] = b_value_grid(part, mc, latitude=edges[0], longitude=edges[1], bin_width=BIN)
    return maps


def chance_values(ledger: Mapping[str, Claim], runs: int, seed: int) -> Values:
    """What steady random counts give for the criteria of figures 5 and 6."""
    events = sum(printed(ledger, f"tab2-ap-{n}") for n in ("quiet", "moderate", "disturbed"))
    days = np.arange(-90.0, 31.0)
    curves = poisson_curves(events, days.size, runs, seed)
    limits = [printed(ledger, f"fig5-phase{n}-r2") for n in (1, 2)]
    share, _ = share_of_sigmoids(curves, days, windows(ledger), [min(limits)] * 2, together=False)
    return {
        "swntf-fig5-r2-specific": share,
        "swntf-fig6-random-line": float(np.nanmedian(line_r2(curves, days))),
    }


def seismicity_values(
    ledger: Mapping[str, Claim],
    catalogue: pd.DataFrame,
    strain_fits: Sequence[GrowthComparison],
    b: pd.DataFrame,
    seed: int,
) -> Values:
    """Figures 9 to 11 on one simulated catalogue, and what equations 10 and 11 estimate."""
    values: Values = {"swntf-fig9-mc": maximum_curvature(catalogue["magnitude"])}
    for number, fit in enumerate(strain_fits, 1):
        good = fit.sigmoid.converged
        values[f"swntf-fig9-phase{number}-r2"] = fit.sigmoid.r2 if good else None
    before = b.loc[b.index < 0, "b"].dropna()
    for number in (1, 2):
        day = printed(ledger, f"fig10-peak{number}")
        near = before.loc[day - 10 : day + 10]
        values[f"swntf-fig10-peak{number}"] = float(near.idxmax()) if len(near) else None
    return values | equation_values(seed)


def equation_values(seed: int, samples: int = 4000, b: float = 1.0) -> Values:
    """Equations 10 and 11, and maximum curvature, on Gutenberg-Richter magnitudes of known b."""
    rng = np.random.default_rng(seed)
    beta = b * np.log(10)
    exact = 0.71 + rng.exponential(1 / beta, 200_000)
    rounded = np.round(exact / BIN) * BIN
    complete = rounded[rounded >= 1.0 - 1e-9]
    # Magnitudes of at least Mc, and above Mc, are both ways of reading "greater than Mc".
    many = rng.exponential(1 / beta, (samples, 20))
    spread = np.std(1 / (np.log(10) * many.mean(axis=1)))
    printed_error = np.mean([b_value(m, 0.0).error for m in many[:500]])
    return {
        "swntf-fig9-mc-precision": maximum_curvature(rounded),
        "swntf-eq10-binned": {
            "magnitudes at least Mc": b_value(complete, 1.0).b / b,
            "magnitudes above Mc": 1
            / (np.log(10) * (complete[complete > 1.0 + 1e-9].mean() - 1.0))
            / b,
        },
        "swntf-eq11-error": float(spread / printed_error),
    }


def catalogue_chance(
    ledger: Mapping[str, Claim],
    make: Callable[[int], pd.DataFrame],
    runs: int,
    seed: int,
    event: str,
) -> Values:
    """Share of catalogues without a precursor that show what figures 9 and 10 show.

    Parameters
    ----------
    make : callable
        Gives the catalogue of a seed.
    runs, seed : int
        Seeds ``seed + 1`` to ``seed + runs`` are used.
    """
    catalogues = [make(seed + 1 + run) for run in range(runs)]
    spans = windows(ledger, "fig9")
    limits = np.array([printed(ledger, f"fig9-phase{n}-r2") for n in (1, 2)])
    reached = []
    for catalogue in catalogues:
        curve = benioff_by_day(catalogue, epicentre(ledger), event)
        r2 = sigmoid_r2(curve.index.to_numpy(dtype=float), curve["cumulative"].to_numpy(), spans)
        reached.append(bool(np.all(r2 >= limits)))
    peaks, _ = share_of_peaks(
        lambda run: b_by_day(catalogues[run], event)["b"],
        runs,
        [printed(ledger, f"fig5-phase{n}-x0") for n in (1, 2)],
        1.0,
    )
    return {"swntf-fig9-chance": float(np.mean(reached)), "swntf-fig10-chance": peaks}
