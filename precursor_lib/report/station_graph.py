"""The graph over stations drawn from its object, and what it does to noise and to signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import xarray as xr
from matplotlib.figure import Figure

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.forecast import StationGraph
from precursor_lib.report.style import COLOURS, CYCLE, PAGE_WIDTH, SEQUENTIAL, drawn


def graph_of(network: xr.Dataset, **settings: Any) -> StationGraph:
    """The graph of a network, from the places of its stations and their printed distances."""
    lat, lon = network["latitude"].values, network["longitude"].values
    between = geodesic_distance_km(lat[:, None], lon[:, None], lat, lon)
    return StationGraph(network["distance"].values, between, settings)


def _numbers(x: torch.Tensor) -> np.ndarray:
    return x.detach().double().numpy()


@drawn
def graphs(
    networks: Mapping[str, xr.Dataset], epicentres: Mapping[str, tuple[float, float]]
) -> Any:
    """Stations and edges on a map, and the matrix of weights, a column for each network.

    Parameters
    ----------
    networks : mapping of str to xarray.Dataset
        With coordinates ``latitude``, ``longitude`` and ``distance``.
    epicentres : mapping of str to (latitude, longitude)
        By the same names.
    """
    figure, axes = plt.subplots(
        2, len(networks), figsize=(PAGE_WIDTH, 7.0), height_ratios=[1.15, 1], squeeze=False
    )
    for column, (name, network) in enumerate(networks.items()):
        graph = graph_of(network)
        a, d = _numbers(graph.edge_weights()), _numbers(graph.station_weights())
        lat, lon = network["latitude"].values, network["longitude"].values
        ids = [str(one) for one in network["station"].values]
        above, below = axes[:, column]
        for i in range(len(ids)):
            for j in range(i):
                weight = (a[i, j] + a[j, i]) / 2
                above.plot(
                    lon[[i, j]], lat[[i, j]], color=COLOURS["grey"], linewidth=12 * weight, zorder=1
                )
        above.scatter(
            lon,
            lat,
            s=30 + 300 * d,
            color=COLOURS["sky"],
            edgecolor="black",
            linewidth=0.7,
            zorder=2,
        )
        for one, x, y, weight in zip(ids, lon, lat, d, strict=True):
            above.annotate(
                f"{one}: {weight:.2f}",
                (x, y),
                xytext=(0, 13),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
                zorder=4,
            )
        y, x = epicentres[name]
        above.plot(x, y, "*", color=COLOURS["vermilion"], markersize=14, zorder=3)
        above.set(title=name, xlabel="longitude (°E)", ylabel="latitude (°N)" if not column else "")
        above.set_aspect(1 / np.cos(np.radians(lat.mean())))
        above.margins(0.25)
        below.imshow(a, cmap=SEQUENTIAL, vmin=0, vmax=1)
        for i in range(len(ids)):
            for j in range(len(ids)):
                colour = "black" if a[i, j] > 0.6 else "white"
                below.text(
                    j, i, f"{a[i, j]:.2f}", ha="center", va="center", color=colour, fontsize=8.5
                )
        below.set_xticks(range(len(ids)), ids, rotation=45)
        below.set_yticks(range(len(ids)), ids)
        below.set(xlabel="from station", ylabel="to station" if not column else "")
        below.grid(False)
    return figure


def weights_table(network: xr.Dataset, taus: Sequence[float]) -> pd.DataFrame:
    """Diagonal of D by station for several scales (km), nearest station first."""
    columns: dict[str, Any] = {"distance (km)": network["distance"].values}
    for tau in taus:
        columns[f"tau {tau:g} km"] = _numbers(graph_of(network, tau=tau).station_weights())
    index = pd.Index([str(one) for one in network["station"].values], name="station")
    return pd.DataFrame(columns, index=index).sort_values("distance (km)")


FORMS: Mapping[str, Mapping[str, Any]] = {
    "edges between stations": {},
    "without ReLU": {"rectify": False},
    "edges by epicentral distance": {"edges": "epicentral"},
    "all edges equal": {"edges": "uniform"},
}
"""Readings of the graph: names to settings."""


def noise_table(
    network: xr.Dataset, samples: int, seed: int, forms: Mapping[str, Mapping[str, Any]] = FORMS
) -> pd.DataFrame:
    """What graphs give for independent normal noise of equal size at all stations.

    Returns
    -------
    pandas.DataFrame
        One row a form and station: ``distance`` (km), ``mean``, ``spread`` (standard deviation),
        and the shares of samples beyond 1.5 times the standard deviation about the mean, ``common``
        to all stations (root of the mean variance) and ``own`` of each (%).
    """
    noise = np.random.default_rng(seed).normal(size=(1, network.sizes["station"], samples))
    h = torch.tensor(noise, dtype=torch.get_default_dtype())
    rows = []
    for name, settings in {"what goes in": None, **forms}.items():
        out = noise if settings is None else _numbers(graph_of(network, **settings)(h))
        common = np.sqrt(out[0].var(axis=1).mean())
        for i, station in enumerate(network["station"].values):
            rows.append(
                {
                    "form": name,
                    "station": str(station),
                    "distance": float(network["distance"][i]),
                    "mean": out[0, i].mean(),
                    "spread": out[0, i].std(),
                    "common": 100 * (np.abs(out[0, i] - out[0, i].mean()) > 1.5 * common).mean(),
                    "own": 100
                    * (np.abs(out[0, i] - out[0, i].mean()) > 1.5 * out[0, i].std()).mean(),
                }
            )
    return pd.DataFrame(rows)


@drawn
def noise_figure(tables: Mapping[str, pd.DataFrame], tau: float) -> Figure:
    """Spread after the graph against epicentral distance, a panel for each network."""
    figure, axes = plt.subplots(
        1, len(tables), figsize=(PAGE_WIDTH, 3.6), sharey=True, squeeze=False
    )
    for axis, (title, table) in zip(axes[0], tables.items(), strict=True):
        reach = np.linspace(0, table["distance"].max() * 1.05, 200)
        axis.plot(
            reach,
            np.exp(-(reach**2) / (2 * tau**2)),
            color=COLOURS["grey"],
            linestyle="--",
            label="diagonal of D",
        )
        for i, (name, part) in enumerate(table.groupby("form", sort=False)):
            part = part.sort_values("distance")
            axis.plot(
                part["distance"], part["spread"], "os^vD"[i] + "-", color=CYCLE[i], label=name
            )
        axis.set(title=title, xlabel="epicentral distance (km)", ylim=(0, 1.15))
    axes[0, 0].set_ylabel("standard deviation")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, loc="outside lower center")
    return figure


def perfect_forecast_table(network: xr.Dataset, samples: int, seed: int) -> pd.DataFrame:
    """Residual that a perfect forecast leaves after the graph, as a share of the variance."""
    series = np.random.default_rng(seed).normal(size=(1, network.sizes["station"], samples))
    h = torch.tensor(series, dtype=torch.get_default_dtype())
    columns: dict[str, Any] = {"distance (km)": network["distance"].values}
    for name, settings in FORMS.items():
        rest = series - _numbers(graph_of(network, **settings)(h))
        columns[name] = rest[0].var(axis=1) / series[0].var(axis=1)
    index = pd.Index([str(one) for one in network["station"].values], name="station")
    return pd.DataFrame(columns, index=index).sort_values("distance (km)")


def learning_table(
    network: xr.Dataset, gains: Mapping[str, Sequence[float]], samples: int, seeds: Sequence[int]
) -> pd.DataFrame:
    """Denoise a common signal by fixed and trained graphs; error on later samples.

    Station i has ``gain_i c(t)``, c of variance 1, and a forecast of it with independent noise of
    variance 1. The graph is given the forecasts and judged by the signals: mean squared error over
    stations, mean and standard deviation over seeds. The first half of the samples trains.

    Parameters
    ----------
    network : xarray.Dataset
        Stations.
    gains : mapping
        Name of a case to the gain of each station.
    samples : int
        Of both halves together.
    seeds : sequence of int
        Signals and noise.
    """
    rows: dict[str, dict[str, Any]] = {}
    for case, gain in gains.items():
        scores: dict[str, list[float]] = {}
        for seed in seeds:
            rng = np.random.default_rng(seed)
            truth = np.asarray(gain)[:, None] * rng.normal(size=samples)
            given = truth + rng.normal(size=truth.shape)
            for name, out in _denoised(network, given, truth).items():
                late = slice(samples // 2, None)
                error = np.mean((out - truth)[:, late] ** 2)
                scores.setdefault(name, []).append(float(error))
        for name, values in scores.items():
            rows.setdefault(name, {})[case] = (
                f"{np.mean(values):.2f} ± {np.std(values, ddof=1):.2f}"
            )
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("")


def _denoised(network: xr.Dataset, given: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    half = truth.shape[1] // 2
    best = np.linalg.lstsq(given[:, :half].T, truth[:, :half].T, rcond=None)[0].T
    out = {
        "nothing (zero)": np.zeros_like(truth),
        "forecasts as they are": given,
        "mean of the stations": np.broadcast_to(given.mean(axis=0), truth.shape),
        "linear regression between stations": best @ given,
    }
    x = torch.tensor(given, dtype=torch.get_default_dtype())[None]
    y = torch.tensor(truth, dtype=torch.get_default_dtype())[None]
    for name, rectify in (("as printed", True), ("without ReLU", False)):
        graph = graph_of(network, rectify=rectify)
        out[f"fixed graph, {name}"] = _numbers(graph(x))[0]
        graph = graph_of(network, rectify=rectify, trainable=True)
        optimizer = torch.optim.Adam(graph.parameters(), 0.05)
        for _ in range(150):
            optimizer.zero_grad()
            (graph(x[..., :half]) - y[..., :half]).square().mean().backward()
            optimizer.step()
        out[f"trained graph, {name}"] = _numbers(graph(x))[0]
    return out
