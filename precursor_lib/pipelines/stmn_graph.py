"""Spatial domain of the STMN chain: forecasts of stations mixed by the station graph."""

from __future__ import annotations

import numpy as np
import torch
import xarray as xr

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.errors import InputError
from precursor_lib.forecast import StationGraph
from precursor_lib.pipelines.stmn_settings import StmnSettings


def station_graph(signal: xr.DataArray, settings: StmnSettings) -> StationGraph:
    """The graph of a network's stations, from the coordinates of its series."""
    for name in ("latitude", "longitude", "distance"):
        if name not in signal.coords:
            raise InputError(f"target: the coordinate '{name}' is missing; the graph needs it")
    lat, lon = signal["latitude"].values, signal["longitude"].values
    between = geodesic_distance_km(lat[:, None], lon[:, None], lat, lon)
    return StationGraph(signal["distance"].values, between, settings.graph)


def mixed(graph: StationGraph, predicted: xr.DataArray) -> xr.DataArray:
    """Forecasts after the graph.

    A station without a forecast is no neighbour: the weights of the others add up to one.
    """
    dtype = torch.get_default_dtype()
    there = np.isfinite(predicted.values)
    out = np.full(predicted.shape, np.nan)
    for pattern in np.unique(there, axis=1).T:
        if pattern.any():
            at = (there == pattern[:, None]).all(axis=0)
            with torch.no_grad():
                h = torch.as_tensor(predicted.values[np.ix_(pattern, at)], dtype=dtype)
                out[np.ix_(pattern, at)] = graph(h[None], torch.as_tensor(pattern))[0].numpy()
    return predicted.copy(data=out)


def fit_graph(
    graph: StationGraph, predicted: xr.DataArray, observed: xr.DataArray, settings: StmnSettings
) -> None:
    """Train the graph's weights on the squared error, over samples that all stations have.

    Raises
    ------
    InputError
        If there is no such sample.
    """
    both = np.isfinite(predicted.values + observed.values).all(axis=0)
    if not both.any():
        raise InputError(
            f"target: no sample of the first {settings.graph_days} days is there at all stations"
        )
    dtype = torch.get_default_dtype()
    h = torch.as_tensor(predicted.values[:, both], dtype=dtype)[None]
    y = torch.as_tensor(observed.values[:, both], dtype=dtype)[None]
    optimizer = torch.optim.Adam(graph.parameters(), 0.02)
    for _ in range(settings.graph_steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(graph(h), y).backward()
        optimizer.step()
