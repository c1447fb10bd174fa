"""The station graph against its matrices."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from precursor_lib.errors import InputError
from precursor_lib.forecast import StationGraph

DISTANCE = np.array([23.5, 94.7, 199.2, 309.1, 353.0])  # Luding, in km


def apart(seed: int, stations: int = 5) -> np.ndarray:
    places = np.random.default_rng(seed).uniform(-300, 300, size=(stations, 2))
    return np.linalg.norm(places[:, None] - places, axis=-1)


@given(
    seed=st.integers(0, 1000),
    tau=st.floats(50, 500),
    edges=st.sampled_from(["interstation", "epicentral", "uniform"]),
    trainable=st.booleans(),
)
def test_two_layers_are_their_matrices(seed: int, tau: float, edges: str, trainable: bool) -> None:
    between = apart(seed)
    settings = {"tau": tau, "edges": edges, "trainable": trainable}
    graph = StationGraph(DISTANCE, between, settings).double()
    h = np.random.default_rng(seed).normal(size=(3, 5, 7))
    w = {
        "interstation": np.exp(-(between**2) / (2 * tau**2)),
        "epicentral": np.exp(-(DISTANCE**2) / (2 * tau**2)) * np.ones((5, 1)),
        "uniform": np.ones((5, 5)),
    }[edges]
    a = w / w.sum(axis=1, keepdims=True)
    d = np.diag(np.exp(-(DISTANCE**2) / (2 * tau**2)))
    expected = [a @ np.maximum(a @ d @ one, 0) for one in h]
    # the weights were made in single precision
    np.testing.assert_allclose(graph(torch.tensor(h)).detach(), expected, atol=3e-5)


def test_published_weights() -> None:
    """exp(-d^2 / (2 tau^2)) with tau = 200 km, at d = 0, tau and 2 tau."""
    graph = StationGraph([0.0, 200.0, 400.0], settings={"edges": "uniform"})
    np.testing.assert_allclose(
        graph.station_weights(), [1.0, np.exp(-0.5), np.exp(-2.0)], rtol=1e-6
    )


def test_fixed_weights_stay_and_trainable_ones_move() -> None:
    h = torch.randn(4, 5, 3, generator=torch.Generator().manual_seed(0))
    assert not list(StationGraph(DISTANCE, apart(1)).parameters())
    graph = StationGraph(DISTANCE, apart(1), {"trainable": True})
    fixed = StationGraph(DISTANCE, apart(1))
    torch.testing.assert_close(graph(h), fixed(h))
    optimizer = torch.optim.SGD(graph.parameters(), 0.5)
    (graph(h) - h).square().sum().backward()
    optimizer.step()
    assert not torch.allclose(graph.edge_weights(), fixed.edge_weights())
    assert not torch.allclose(graph.station_weights(), fixed.station_weights())
    torch.testing.assert_close(graph.edge_weights().sum(1), torch.ones(5))
    assert (graph.edge_weights() > 0).all()


def test_without_the_rectifier_signs_stay() -> None:
    h = -torch.ones(1, 5, 2)
    assert StationGraph(DISTANCE, apart(2))(h).abs().max() == 0
    assert StationGraph(DISTANCE, apart(2), {"rectify": False})(h).max() < 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((DISTANCE,), "between: expected distances"),
        ((DISTANCE, apart(0, 4)), r"between \(4, 4\): expected \(5, 5\)"),
        (([1.0, np.nan], None, {"edges": "uniform"}), "epicentral: .* without gaps"),
        (([[1.0]], None, {"edges": "uniform"}), "epicentral: expected 1 dimensions"),
        ((DISTANCE, apart(0), {"taus": 3}), "unknown setting 'taus'; the nearest is 'tau'"),
    ],
)
def test_bad_input(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        StationGraph(*arguments)
    with pytest.raises(InputError, match=r"expected \(batch, 5, features\)"):
        StationGraph(DISTANCE, apart(0))(torch.zeros(2, 4, 3))
