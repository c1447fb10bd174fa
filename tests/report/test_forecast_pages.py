"""Helpers of the pages on forecasts, against what they claim to show."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.evaluate.model_table import compare_models
from precursor_lib.forecast import attention_pattern, choose_model, forecaster, split_windows
from precursor_lib.report import forecasts, pyramid, pyramid_checks, station_graph, timesnet
from precursor_lib.simulate.known import known_series

SMALL = {"length": 31, "width": 8, "strides": (4, 2), "layers": 2}


def test_a_trace_gives_shapes_and_parameters() -> None:
    model = forecaster("pyraformer", {**SMALL, "horizon": 3}).train()
    found = forecasts.traced(model, ["embedding", "cscm", "layers.0", "layers.1", "readout"])
    assert [stage["shape"][1:] for stage in found[:2]] == [(32, 8), (44, 8)]
    fields = model.network.field.nodes
    assert [stage["shape"][1] for stage in found[2:4]] == [fields[1].size, fields[2].size]
    assert found[-1]["shape"] == (1, 3)
    assert sum(stage["parameters"] for stage in found) == model.parameter_count
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_a_longest_path_is_a_path_and_longest() -> None:
    """Breadth-first search from each node, by powers of the adjacency matrix."""
    pattern = attention_pattern(24, (3, 2))
    path = pyramid.longest_path(pattern)
    dense = pattern.dense()
    assert all(dense[a, b] for a, b in pairwise(path))
    reached, steps = np.eye(pattern.nodes, dtype=bool), 0
    while not reached.all():
        reached, steps = reached @ dense, steps + 1
    assert len(path) - 1 == steps


def test_the_gradient_shows_the_field() -> None:
    """Samples of the graph, one more by the convolution, and the first by its being circular."""
    for strides, layers in (((2, 2), 1), ((2, 2), 2), ((4, 2), 2)):
        model = forecaster(
            "pyraformer", {**SMALL, "strides": strides, "layers": layers, "dropout": 0.0}
        ).eval()
        tokens = model.network.field.samples
        wide = tokens | np.roll(tokens, 1) | np.roll(tokens, -1)
        size = pyramid_checks.gradient_size(model)
        np.testing.assert_array_equal(size > 0, wide[:31])
        for delay in (1, 9, 31):
            assert pyramid_checks.sees(model, delay) == tokens[31 - delay]


def test_agreement_is_found_and_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pyramid_checks.agreement_table([(16, (2, 2), 3)], 0)
    assert table.loc[16, ["outputs within 1e-12", "gradients within 1e-12"]].all()
    right = pyramid_checks._dense
    monkeypatch.setattr(pyramid_checks, "_dense", lambda p, q, k, v: right(p, 1.01 * q, k, v))
    table = pyramid_checks.agreement_table([(16, (2, 2), 3)], 0)
    assert not table.loc[16, ["outputs within 1e-12", "gradients within 1e-12"]].any()


def test_kept_memory_of_a_known_model() -> None:
    """A dense model keeps a weight for each pair of nodes, a sparse one for each edge."""
    lengths = (64, 128, 256)
    sizes = {"width": 4, "heads": 1, "layers": 2, "dropout": 0.1}
    table = pyramid_checks.memory_table(
        {
            "sparse": lambda n: forecaster(
                "pyraformer", {**sizes, "length": n, "strides": (4,), "whole": True}
            ),
            "dense": lambda n: forecaster("transformer", {**sizes, "length": n}),
        },
        lengths,
    )
    assert table.loc["sparse", "slope"] == pytest.approx(1, abs=0.05)
    assert table.loc["dense", "slope"] > 1.6
    assert table.loc["dense", "256"] > 4e-6 * 257**2  # at least one weight of single precision


def test_a_table_of_models() -> None:
    rng = np.random.default_rng(0)
    split = split_windows(rng.normal(size=300), 8)
    how = {"epochs": 1, "windows_per_epoch": 32, "threads": 1}
    table = compare_models({"gru": {"width": 2}}, split, how, (0, 1))
    shown = forecasts.models_table(
        table, known={"best possible": {"mse": 1.0}}, columns={"seen": {"gru": True}}
    )
    assert shown.index.tolist() == ["persistence", "best possible", "GRU"]
    assert shown.loc["best possible"].tolist() == ["1.00", *["–"] * 5]
    mean, spread = shown.loc["GRU", "mse"].split(" ± ")
    assert float(mean) == pytest.approx(table.loc["gru", "mse"], rel=5e-3)
    assert float(spread) == pytest.approx(table.loc["gru", "mse_std"], rel=0.5)
    assert shown.loc["GRU", "seen"]
    assert "±" not in shown.loc["persistence", "mse"]
    figure = forecasts.skills({"noise": table}, {"noise": 1.0})
    dots = figure.axes[0].lines[0].get_xdata()
    limit = table.loc["persistence", "mse"]
    np.testing.assert_allclose(dots, 1 - np.array(table.attrs["runs"]["gru"]["mse"]) / limit)


def test_figures_follow_the_model() -> None:
    for changes in ({}, {"whole": True}, {"predict_token": False, "length": 32}):
        model = forecaster("pyraformer", {**SMALL, **changes})
        texts = [text.get_text() for text in pyramid.architecture(model).axes[0].texts]
        nodes = 44 if changes.get("whole") else model.network.field.nodes[1].size
        assert any(text.startswith(f"{nodes} × 8\n") for text in texts)
        assert len(pyramid.construction(model).axes[0].patches) == 2 * 32 + 8 + 4 + 44
    pattern = attention_pattern(16, (4, 2))
    title = pyramid.attention_graph(pattern).axes[1].get_title("left")
    assert title == f"{pattern.dense().sum()} of {22**2} pairs"


def test_a_regression_finds_a_linear_rule() -> None:
    """It reaches the best possible forecast of an autoregression, and equals numpy's fit."""
    series = known_series(4000, seed=1, autoregression={1: 1.2, 2: -0.5})
    split = split_windows(series.values, 6, 2)
    scores = forecasts.linear_regression(split)
    assert scores["mse"] == pytest.approx(series.least_mse(2).mean(), rel=0.1)
    ends = split.test.starts + 6
    best = series.best_forecasts(ends, 2) - series.values[ends[:, None] + np.arange(2)]
    assert scores["mse"] == pytest.approx((best**2).mean(), rel=0.02)


def test_grids_in_one_table() -> None:
    split = split_windows(np.random.default_rng(0).normal(size=300), 8)
    how = {"epochs": 1, "windows_per_epoch": 32, "threads": 1}
    grid = [{"width": 1}, {"width": 2}]
    table = forecasts.choices_table([choose_model(n, grid, split, how) for n in ("gru", "lstm")])
    assert table.index.tolist() == ["GRU", "GRU", "LSTM", "LSTM"]
    assert table["chosen"].sum() == 2
    assert "seconds" not in table


def test_periods_of_known_cycles() -> None:
    t = np.arange(480)
    wave = np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(2 * np.pi * t / 8)
    table = timesnet.periods_table(wave, (48, 96), (24, 8), 2)
    assert table["periods found"].tolist() == [[24, 8], [24, 8]]
    assert table["24 on the grid"].tolist() == [24, 24]
    figure = timesnet.periods_figure({"a": wave, "b": wave}, 48, 2)
    heights = {bar.get_x() + 0.4: bar.get_height() for bar in figure.axes[0].patches}
    assert heights == pytest.approx({8: 100, 24: 100})


def test_inside_a_timesnet() -> None:
    """Constants are all that zeros have; a company of windows moves shared periods alone."""
    settings = {"length": 24, "horizon": 2, "width": 4, "layers": 1, "periods": 2}
    t = torch.arange(24.0)
    x = torch.sin(2 * torch.pi * t / 6).repeat(5, 1)[..., None]
    model = forecaster("timesnet", settings)
    table = timesnet.inside_table({"m": model}, x)
    assert table.iloc[0].tolist()[:2] == [6, 100]
    assert table.iloc[0, 3] == 0
    with torch.no_grad():
        model.network.embedding.position.zero_()
        for part in (model.network.embedding.values, model.network.lengthen):
            part.bias.zero_()
    assert timesnet.inside_table({"m": model}, x).iloc[1, 3] == pytest.approx(0, abs=1e-4)
    loud = 50 * torch.sin(2 * torch.pi * t / 3).repeat(5, 1)[..., None]
    both = {
        shared: forecaster("timesnet", {**settings, "shared_periods": shared}) for shared in (0, 1)
    }
    table = timesnet.company_table(x[:1], {"loud": loud}, both, 1)
    assert table["with loud"].tolist() == [[6], [3]]
    assert table["forecast changes by"].iloc[0] == 0


def test_four_kernels_are_one() -> None:
    layer = forecaster("timesnet", {"length": 24, "width": 4}).network.blocks[0].convolve[0]
    assert timesnet.joined_difference(layer, 0) < 1e-12
    drawn = timesnet.kernels(layer).axes[0].images[0].get_array()
    expected = layer.branches[0].weight.detach().abs().mean()
    assert drawn.shape == (1, 1)
    assert float(drawn[0, 0]) == pytest.approx(float(expected))
    with torch.no_grad():
        figure = timesnet.architecture(
            forecaster("timesnet", {"length": 24}), torch.randn(1, 24, 1)
        )
    assert len(figure.axes) == 2 + 3 * 3


def stations() -> xr.Dataset:
    return xr.Dataset(
        coords={
            "station": ["a", "b", "c"],
            "latitude": ("station", [30.0, 29.0, 27.0]),
            "longitude": ("station", [102.0, 102.0, 102.0]),
            "distance": ("station", [20.0, 120.0, 340.0]),
        }
    )


def test_noise_through_the_graph() -> None:
    """Spreads follow from the matrices: independent noise adds in squares."""
    network = stations()
    graph = station_graph.graph_of(network)
    apart = geodesic_distance_km(30.0, 102.0, 29.0, 102.0)
    weights = np.exp(-(np.array([0, apart]) ** 2) / (2 * 200**2))
    a, d = graph.edge_weights().double().numpy(), graph.station_weights().double().numpy()
    assert a[0, 1] / a[0, 0] == pytest.approx(weights[1], rel=1e-5)
    table = station_graph.noise_table(network, 40_000, 0).set_index(["form", "station"])
    expected = np.sqrt(((a @ a * d) ** 2).sum(axis=1))
    np.testing.assert_allclose(table.loc["without ReLU", "spread"], expected, rtol=0.02)
    assert table.loc["what goes in", "own"].to_numpy() == pytest.approx(13.36, abs=0.6)
    assert (np.diff(table.loc["without ReLU", "common"]) < 0).all()
    assert (table.loc["edges between stations", "mean"] > 0.05).all()
    flat = table.loc["all edges equal"]
    assert flat["spread"].max() == pytest.approx(flat["spread"].min())
    rest = station_graph.perfect_forecast_table(network, 40_000, 0)
    left = np.eye(3) - a @ a * d
    np.testing.assert_allclose(rest["without ReLU"], (left**2).sum(axis=1), rtol=0.03)
    shown = station_graph.weights_table(network, (100.0,))
    assert shown.loc["b", "tau 100 km"] == pytest.approx(np.exp(-0.72))


def test_trained_weights_reach_the_regression() -> None:
    table = station_graph.learning_table(stations(), {"equal": [1.0, 1.0, 1.0]}, 3000, (0, 1))
    score = {name: float(text.split(" ± ")[0]) for name, text in table["equal"].items()}
    assert score["nothing (zero)"] == pytest.approx(1, abs=0.06)
    assert score["forecasts as they are"] == pytest.approx(1, abs=0.06)
    # The best linear mean of three signals with noise of their size: 1 / (1 + 3).
    assert score["linear regression between stations"] == pytest.approx(0.25, abs=0.03)
    assert score["trained graph, without ReLU"] == pytest.approx(0.25, abs=0.04)
    assert score["fixed graph, as printed"] > score["trained graph, without ReLU"]
    networks, places = {"one": stations()}, {"one": (30.1, 102.1)}
    texts = [t.get_text() for t in station_graph.graphs(networks, places).axes[1].texts]
    assert len(texts) == 9


def test_claims_on_the_pyramid() -> None:
    memory = pd.DataFrame({"slope": {"Pyraformer, every node": 1.0, "Transformer": 1.9}})
    found = pyramid_checks.claim_values(memory, 721, [((4, 4, 4), 2), ((12, 7, 4), 4)])
    assert found["lushan-fig4-cost"] is True
    assert found["lushan-fig4-range"] == {
        "strides 4, 4, 4, 2 layers": False,
        "strides 12, 7, 4, 4 layers": True,
    }
    assert found["lushan-fig3-one-step"] is True
    assert found["lushan-fig5-order"] is True
    memory["slope"] = [2.0, 1.9]
    assert pyramid_checks.claim_values(memory, 64, [((2,), 1)])["lushan-fig4-cost"] is False


def test_samples_behind_the_nodes_of_a_pyramid() -> None:
    sizes = {"length": 23, "horizon": 5, "width": 8, "strides": (4, 3), "bottleneck": 4}
    model = forecaster("pyraformer", sizes)
    behind = pyramid_checks.samples_behind_nodes(model)
    # 24 samples with the one of zeros, 6 nodes of four, 2 nodes of three of these.
    assert behind.tolist() == [1] * 24 + [4] * 6 + [12] * 2
    assert pyramid_checks.passes_of_a_forecast(model.float()) == 1


def test_a_forecast_in_two_passes_is_seen() -> None:
    model = forecaster("pyraformer", {"length": 24, "horizon": 4, "width": 8, "strides": (4, 3)})
    network = model.network
    whole = network.forward

    def twice(x: torch.Tensor) -> torch.Tensor:
        network.forward = whole
        network(x)
        return network(x)

    network.forward = twice
    assert pyramid_checks.passes_of_a_forecast(model) > 1
