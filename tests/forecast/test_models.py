"""One interface to every model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from precursor_lib.errors import InputError
from precursor_lib.forecast import MODELS, forecaster

EXTRA = {"seasonal_naive": {"season": 6}, "pyraformer": {"strides": (2, 2)}}
LEARNT = ("pyraformer", "transformer", "lstm", "gru", "ed_lstme", "timesnet")


def make(name: str, **changes):
    common = {"length": 24, "horizon": 3, "channels": 2, **EXTRA.get(name, {})}
    if name in LEARNT:
        common["width"] = 8
    return forecaster(name, {**common, **changes})


def windows(batch: int = 5, length: int = 24) -> torch.Tensor:
    rng = np.random.default_rng(batch)
    return torch.tensor(rng.normal(size=(batch, length, 2)), dtype=torch.float32)


@pytest.mark.parametrize("head", ["direct", "single_step"])
@pytest.mark.parametrize("norm", ["none", "last", "moments"])
@pytest.mark.parametrize("name", MODELS)
def test_shapes_and_gradients(name: str, norm: str, head: str) -> None:
    model = make(name, window_norm=norm, head=head)
    x = windows().requires_grad_()
    out = model(x)
    assert out.shape == (5, 3, 2)
    out.square().sum().backward()
    assert torch.isfinite(x.grad).all()
    for parameter in model.parameters():
        assert parameter.grad is not None
    assert (model.parameter_count > 0) == (name in LEARNT)


@pytest.mark.parametrize("name", LEARNT)
def test_one_seed_one_model(name: str) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again = (make(name).eval()(windows()) for _ in range(2))
    assert torch.equal(torch.rand(3), expected)  # other random numbers are not disturbed
    assert torch.equal(first, again)
    other = forecaster(name, make(name).settings, seed=1).eval()
    assert not torch.equal(other(windows()), first)


@pytest.mark.parametrize("name", LEARNT)
def test_offset_and_scale_of_a_window_pass_through(name: str) -> None:
    x = windows()
    model = make(name, window_norm="last").eval()
    torch.testing.assert_close(model(x + 7), model(x) + 7, atol=1e-4, rtol=1e-4)
    model = make(name, window_norm="moments").eval()
    torch.testing.assert_close(model(3 * x + 7), 3 * model(x) + 7, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("name", LEARNT)
def test_single_steps_are_fed_back(name: str) -> None:
    model = make(name, head="single_step").eval()
    x = windows()
    steps = []
    for _ in range(3):
        steps.append(model.network(x))
        assert steps[-1].shape == (5, 1, 2)
        x = torch.cat([x, steps[-1]], dim=1)[:, 1:]
    torch.testing.assert_close(model(windows()), torch.cat(steps, dim=1))


def test_floors() -> None:
    x = torch.arange(12.0).view(1, 12, 1)
    model = forecaster("persistence", {"length": 12, "horizon": 3})
    assert model(x).flatten().tolist() == [11, 11, 11]
    for head in ("direct", "single_step"):
        settings = {"length": 12, "horizon": 5, "season": 4, "head": head}
        model = forecaster("seasonal_naive", settings)
        assert model(x).flatten().tolist() == [8, 9, 10, 11, 8]


def test_transformer_against_layers_written_out() -> None:
    """Full attention in every layer; the program computes only the last node of the last one."""
    model = make("transformer", dropout=0.0).eval().double()
    network, x = model.network, windows().double()
    nodes = network.embedding(functional.pad(x, (0, 0, 0, 1)))
    for layer in network.layers:
        part = layer.attention
        q, k, v = (
            linear(nodes).unflatten(-1, (4, 2)).transpose(1, 2)
            for linear in (part.query, part.key, part.value)
        )
        seen = ((q @ k.mT / 2**0.5).softmax(-1) @ v).transpose(1, 2).flatten(2)
        nodes = functional.layer_norm(part.out(seen) + nodes, (8,), eps=1e-6)
        inner = layer.feed_forward
        wide = inner.second(functional.gelu(inner.first(nodes)))
        nodes = functional.layer_norm(wide + nodes, (8,), eps=1e-6)
    expected = network.readout(nodes[:, -1]).view(5, 3, 2)
    torch.testing.assert_close(model(x), expected)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_recurrent_gates_written_out(name: str) -> None:
    """One layer, step by step, with torch's order of the gates."""
    model = make(name).double()
    cells = model.network.cells
    h = c = torch.zeros(5, 8, dtype=torch.float64)
    x = windows().double()
    for t in range(x.shape[1]):
        given = functional.linear(x[:, t], cells.weight_ih_l0, cells.bias_ih_l0)
        kept = functional.linear(h, cells.weight_hh_l0, cells.bias_hh_l0)
        if name == "lstm":
            i, f, g, o = (given + kept).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        else:
            (a, b, n), (d, e, m) = given.chunk(3, dim=1), kept.chunk(3, dim=1)
            reset, update = (a + d).sigmoid(), (b + e).sigmoid()
            h = (1 - update) * (n + reset * m).tanh() + update * h
    expected = model.network.readout(h).view(5, 3, 2)
    torch.testing.assert_close(model(x), expected)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("piraformer", {}, "unknown model 'piraformer'; the nearest is 'pyraformer'"),
        ("lstm", {"widht": 3}, "lstm: unknown setting 'widht'; the nearest is 'width'"),
        ("lstm", {"head": "recursive"}, "lstm.head: .* not 'recursive'"),
        ("lstm", {"dropout": 0.1}, "between layers"),
        ("gru", {"length": 0}, "gru.length"),
        ("transformer", {"width": 10, "heads": 4}, "multiple of heads 4"),
        ("seasonal_naive", {"season": 30}, "season of at most 24"),
    ],
)
def test_bad_settings(name: str, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        forecaster(name, {"length": 24, **settings})
    with pytest.raises(InputError, match="length: Field required"):
        forecaster("lstm", {})


def test_bad_windows() -> None:
    with pytest.raises(InputError, match=r"\(2, 23, 2\): expected \(batch, 24, 2\)"):
        make("gru")(windows(2, 23))
