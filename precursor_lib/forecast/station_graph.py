"""Two graph layers over stations, with weights that fall with distance (the STMN paper).

The paper prints ``h1_i = relu(sum_j a_ij W1 h_j)`` and ``h2_i = sum_j a_ij W2 h1_j`` with
``a_ij = w_ij / sum_k w_ik``, ``W1 = diag(exp(-d_i^2 / (2 tau^2)))`` over stations, d_i the
epicentral distance, and ``W2 = I``. In matrices over stations: ``H2 = A relu(A D H)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from precursor_lib.errors import InputError
from precursor_lib.forecast.settings import StationGraphSettings
from precursor_lib.simulate.settings import require


class StationGraph(nn.Module):
    """Mix what neighbouring stations say.

    Parameters
    ----------
    epicentral : array_like, shape (stations,)
        Epicentral distances in km.
    between : array_like, shape (stations, stations), optional
        Distances between stations in km; needed for edges ``"interstation"``.
    settings : StationGraphSettings or mapping
        Scale, kind of edges, fixed or trainable.

    Raises
    ------
    InputError
        If a distance is missing, negative or of the wrong shape, or a setting is unknown.

    Notes
    -----
    Each station is its own neighbour. With ``"epicentral"`` edges the rows of A are all the same,
    so that all stations get the same value. D shrinks what it is given: at d = tau to 61 %. Weights
    are kept as logarithms, so that trained ones stay positive; a trained A keeps rows of sum 1.
    """

    log_edges: Tensor
    log_stations: Tensor

    def __init__(
        self,
        epicentral: ArrayLike,
        between: ArrayLike | None = None,
        settings: StationGraphSettings | Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        s = require(StationGraphSettings, {} if settings is None else settings, "station_graph")
        self.settings = s
        d = _distances(epicentral, "epicentral", 1)
        if s.edges == "interstation":
            if between is None:
                raise InputError("between: expected distances between stations for such edges")
            apart = _distances(between, "between", 2)
            if apart.shape != (d.size, d.size):
                raise InputError(f"between {apart.shape}: expected {(d.size, d.size)}")
            log_edges = -(apart**2) / (2 * s.tau**2)
        elif s.edges == "epicentral":
            log_edges = np.tile(-(d**2) / (2 * s.tau**2), (d.size, 1))
        else:
            log_edges = np.zeros((d.size, d.size))
        for name, value in (("log_edges", log_edges), ("log_stations", -(d**2) / (2 * s.tau**2))):
            tensor = torch.as_tensor(value, dtype=torch.get_default_dtype())
            if s.trainable:
                self.register_parameter(name, nn.Parameter(tensor))
            else:
                self.register_buffer(name, tensor)

    def edge_weights(self) -> Tensor:
        """A: weights of the edges, (stations, stations), each row of sum 1."""
        return self.log_edges.softmax(dim=1)

    def station_weights(self) -> Tensor:
        """The diagonal of D, (stations,)."""
        return self.log_stations.exp()

    def forward(self, h: Tensor, present: Tensor | None = None) -> Tensor:
        """(batch, stations, features) to the same: ``A relu(A D H)``.

        Parameters
        ----------
        h : Tensor
            Of the stations that are there.
        present : Tensor of bool, shape (stations,), optional
            Which stations those are; all by default. One that is not there is no neighbour.
        """
        edges, weights = self.log_edges, self.station_weights()
        if present is not None:
            edges, weights = edges[present][:, present], weights[present]
        if h.ndim != 3 or h.shape[1] != weights.numel():
            raise InputError(f"h {tuple(h.shape)}: expected (batch, {weights.numel()}, features)")
        a = edges.softmax(dim=1)
        first = a @ (weights[:, None] * h)
        return a @ (first.relu() if self.settings.rectify else first)


def _distances(values: ArrayLike, name: str, dimensions: int) -> np.ndarray:
    """Distances in km as an array of finite numbers, 0 or more."""
    array = np.asarray(values, dtype=float)
    if array.ndim != dimensions or array.size == 0:
        raise InputError(f"{name}: expected {dimensions} dimensions, not shape {array.shape}")
    if not np.isfinite(array).all() or (array < 0).any():
        raise InputError(f"{name}: expected distances in km, 0 or more, without gaps")
    return array
