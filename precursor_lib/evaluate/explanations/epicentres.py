"""Decay with distance that weights by distance make of noise, wherever the epicentre is put."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike, NDArray

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.decompose import (
    dwt_detrend,
    fill_gaps,
    ntf,
    order_by_band_energy,
    spatial_prior,
    sw_ntf,
    synchrosqueeze,
)
from precursor_lib.detect import PointRule, fit_power_law, residual_points
from precursor_lib.errors import InputError
from precursor_lib.forecast import StationGraph
from precursor_lib.pipelines import Chain

Array = NDArray[np.float64]
RULE = PointRule("confidence", 1.5)


def grid_about(
    places: pd.DataFrame, number: int, *, margin: float = 0.0, least_km: float = 20.0
) -> list[tuple[float, float]]:
    """Points of an even grid over a network, apart from those next to a station.

    Parameters
    ----------
    places : pandas.DataFrame
        ``latitude longitude`` by station.
    number : int
        Points along each side.
    margin : float
        Degrees beyond the outermost stations.
    least_km : float
        Points that are nearer to a station are left out.

    Returns
    -------
    list of (latitude, longitude)
    """
    if number < 2:
        raise InputError(f"number: expected 2 or more, got {number}")
    axes = [
        np.linspace(places[c].min() - margin, places[c].max() + margin, number)
        for c in ("latitude", "longitude")
    ]
    points = [(float(a), float(b)) for a in axes[0] for b in axes[1]]
    return [p for p in points if distances(places, p).min() >= least_km]


def distances(places: pd.DataFrame, point: tuple[float, float]) -> Array:
    """Distances of the stations from a point, km."""
    lat, lon = (places[c].to_numpy(dtype=float) for c in ("latitude", "longitude"))
    return np.asarray(geodesic_distance_km(point[0], point[1], lat, lon), dtype=float)


def record_tensor(
    record: ArrayLike, rate: float, *, bins: int = 60, step: int = 4
) -> tuple[Array, Array]:
    """Detrended and synchrosqueezed amplitudes (frequency, time, station) in nT, and frequencies.

    As `precursor_lib.evaluate.source_factors.night_tensor`, for any record (station, time).
    """
    whole, _ = fill_gaps(np.asarray(record, dtype=float), longest=round(600 * rate))
    found = synchrosqueeze(
        dwt_detrend(whole),
        rate,
        fmin=0.005,
        fmax=min(0.5, rate / 2),
        n_frequencies=bins,
        step=step,
    )
    return np.moveaxis(found.amplitude, 0, -1), found.frequency


def contributions(
    tensors: Sequence[ArrayLike],
    frequencies: ArrayLike,
    places: pd.DataFrame,
    points: Sequence[tuple[float, float]],
    chain: Chain,
) -> pd.DataFrame:
    """Station contributions of the first component, with the prior about each of some points.

    Parameters
    ----------
    tensors : sequence of array_like, each (frequency, time, station)
        One a night, nT.
    frequencies : array_like
        Hz.
    places : pandas.DataFrame
        ``latitude longitude`` by station, in the order of the tensors.
    points : sequence of (latitude, longitude)
        Supposed epicentres.
    chain : Chain
        Settings of the factorisations.

    Returns
    -------
    pandas.DataFrame
        A row a night, point and method (``ntf``, ``sw_ntf``): ``nearest`` (share of the station
        that is nearest to the point), ``near_half`` (whether the dominant station is one of the
        nearer half, the middle one left out), ``exponent`` (of contribution against distance).
    """
    f = np.asarray(frequencies, dtype=float)
    options: dict[str, Any] = {
        "iterations": chain.iterations,
        "tol": chain.tolerance,
        "seed": chain.seed,
    }
    rows = []
    for night, tensor in enumerate(tensors):
        x = np.asarray(tensor, dtype=float)
        plain = order_by_band_energy(ntf(x, chain.rank, **options), f, chain.band)[0]
        for number, point in enumerate(points):
            away = distances(places, point)
            prior = spatial_prior(away, form=chain.prior)
            weighted = sw_ntf(x, chain.rank, prior, chain.penalty, **options)
            weighted = order_by_band_energy(weighted, f, chain.band)[0]
            for method, result in (("ntf", plain), ("sw_ntf", weighted)):
                share = result.station[:, 0] / result.station[:, 0].sum()
                order = np.argsort(away)
                # A station that the factorisation sets to zero has no logarithm.
                law = fit_power_law(away, np.maximum(share, 1e-3))
                rows.append(
                    {
                        "night": night,
                        "point": number,
                        "method": method,
                        "nearest": share[order[0]],
                        "near_half": int(share.argmax()) in order[: len(order) // 2],
                        "exponent": law.exponent,
                    }
                )
    return pd.DataFrame(rows)


def graph_exponents(
    places: pd.DataFrame,
    points: Sequence[tuple[float, float]],
    samples: int,
    seed: int,
    *,
    tau: float = 200.0,
) -> pd.DataFrame:
    """Exponent of counts against distance after the station graph, for noise alike everywhere.

    Parameters
    ----------
    places : pandas.DataFrame
        ``latitude longitude`` by station.
    points : sequence of (latitude, longitude)
        Supposed epicentres.
    samples : int
        Of Gaussian noise of unit size, independent at all stations; the same for all points.
    seed : int
    tau : float
        Scale of the graph, km.

    Returns
    -------
    pandas.DataFrame
        A row a point and reading: ``before the graph``, ``one sigma for all stations`` (taken over
        all of them), ``own sigma`` of each station; ``exponent`` and the power law's ``p``.
    """
    noise = np.random.default_rng(seed).standard_normal((len(places), samples))
    lat, lon = (places[c].to_numpy(dtype=float) for c in ("latitude", "longitude"))
    between = geodesic_distance_km(lat[:, None], lon[:, None], lat, lon)
    rows = []
    for number, point in enumerate(points):
        away = distances(places, point)
        graph = StationGraph(away, between, {"tau": tau})
        with torch.no_grad():
            h = torch.as_tensor(noise, dtype=torch.get_default_dtype())
            out = graph(h[None])[0].double().numpy()
        centred = out - out.mean(axis=1, keepdims=True)
        common = np.full(len(places), float(np.sqrt((centred**2).mean())))
        for reading, series, scale in (
            ("before the graph", noise, None),
            ("one sigma for all stations", centred, common),
            ("own sigma", centred, None),
        ):
            points_ = residual_points(series, np.zeros_like(series), RULE, scale=scale)
            # One more everywhere, so that a station without any has a logarithm.
            law = fit_power_law(away, points_.sum(axis=1) + 1.0)
            rows.append((number, reading, law.exponent, law.p))
    return pd.DataFrame(rows, columns=["point", "reading", "exponent", "p"])
