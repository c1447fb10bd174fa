"""Pyraformer: pruning and recomputing change nothing, the receptive field is what is seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from precursor_lib.errors import InputError
from precursor_lib.forecast import forecaster
from precursor_lib.forecast.layers import Embedding
from precursor_lib.forecast.pyraformer import Cscm, PyraformerNetwork

SMALL = {
    "length": 53,
    "horizon": 5,
    "channels": 2,
    "width": 8,
    "heads": 2,
    "layers": 3,
    "strides": (3, 2, 2),
    "bottleneck": 4,
    "dropout": 0.0,
}


def make(**changes) -> tuple[PyraformerNetwork, Tensor]:
    model = forecaster("pyraformer", {**SMALL, **changes}, seed=3).double()
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.normal(size=(6, SMALL["length"], 2)))
    assert isinstance(model.network, PyraformerNetwork)
    return model.network, x


def outcome(network: nn.Module, x: Tensor) -> list[Tensor]:
    x = x.clone().requires_grad_()
    out = network(x)
    out.square().sum().backward()
    return [out, x.grad, *(p.grad for p in network.parameters())]


@pytest.mark.parametrize("change", [{"whole": True}, {"recompute": True}])
def test_output_and_gradients_stay(change: dict) -> None:
    plain, other = (outcome(*make(**settings)) for settings in ({}, change))
    for ours, theirs in zip(plain, other, strict=True):
        assert theirs is not None
        torch.testing.assert_close(ours, theirs)


def test_recomputing_draws_the_same_dropout() -> None:
    """The gradient is that of the forward pass that was seen, by finite differences."""
    network, x = make(recompute=True, dropout=0.5)
    weight = network.layers[0].attention.value.weight

    def run() -> Tensor:
        torch.manual_seed(1)
        return network(x).square().sum()

    run().backward()
    step = 1e-5
    values = []
    for sign in (1, -1):
        weight.data[2, 1] += sign * step
        values.append(run().item())
        weight.data[2, 1] -= sign * step
    slope = (values[0] - values[1]) / (2 * step)
    assert abs(slope) > 1e-3
    assert weight.grad[2, 1].item() == pytest.approx(slope, rel=1e-5)


def test_layers_against_dense_attention() -> None:
    """All layers with a mask of nodes by nodes, written out; the readout from the ancestry."""
    network, x = make()
    network.eval()
    mask = torch.from_numpy(network.pattern.dense())
    nodes = network.cscm(network.embedding(functional.pad(x, (0, 0, 0, 1))))
    for layer in network.layers:
        part = layer.attention
        q, k, v = (
            linear(nodes).unflatten(-1, (2, 4)).transpose(1, 2)
            for linear in (part.query, part.key, part.value)
        )
        weight = (q @ k.mT / 2.0).masked_fill(~mask, float("-inf")).softmax(-1)
        seen = part.out((weight @ v).transpose(1, 2).flatten(2))
        nodes = functional.layer_norm(seen + nodes, (8,), eps=1e-6)
        inner = layer.feed_forward
        wide = inner.second(functional.gelu(inner.first(nodes)))
        nodes = functional.layer_norm(wide + nodes, (8,), eps=1e-6)
    read = torch.cat([nodes[:, i] for i in network.pattern.ancestry(-1)], dim=-1)
    expected = network.readout(read).view(6, 5, 2)
    torch.testing.assert_close(network(x), expected)


def test_cscm_by_hand() -> None:
    """Two scales; each coarse node is a product over its whole stride."""
    torch.manual_seed(0)
    module = Cscm(6, 3, (4, 2)).double().eval()
    x = torch.randn(2, 19, 6, dtype=torch.float64)
    out = module(x)
    assert out.shape == (2, 19 + 4 + 2, 6)
    fine = module.narrow(x)
    rows = [x]
    for stride, (conv, norm, _) in zip((4, 2), module.scales, strict=True):
        whole = fine.shape[1] // stride
        blocks = fine[:, : whole * stride].reshape(2, whole, stride, 3)
        fine = torch.einsum("bnsc,ocs->bno", blocks, conv.weight) + conv.bias
        fine = functional.elu(norm(fine.transpose(1, 2)).transpose(1, 2))
        rows.append(module.widen(fine))
    expected = torch.cat(rows, dim=1)
    mean, variance = expected.mean(-1, keepdim=True), expected.var(-1, correction=0, keepdim=True)
    torch.testing.assert_close(out, (expected - mean) / (variance + 1e-5).sqrt())


def test_embedding_is_a_circular_convolution() -> None:
    torch.manual_seed(0)
    module = Embedding(2, 4, 9, 0.0)
    x = torch.randn(3, 9, 2)
    padded = functional.pad(x.transpose(1, 2), (1, 1), mode="circular")
    expected = functional.conv1d(padded, module.values.weight, module.values.bias).transpose(1, 2)
    torch.testing.assert_close(module(x) - module.position, expected)
    assert module.position[5, 0] == pytest.approx(np.sin(5))
    assert module.position[5, 3] == pytest.approx(np.cos(0.05))


@pytest.mark.parametrize(("layers", "neighbours"), [(1, 1), (1, 3), (2, 3)])
def test_the_forecast_depends_on_its_receptive_field_alone(layers: int, neighbours: int) -> None:
    network, _ = make(layers=layers, neighbours=neighbours, strides=(2, 2), predict_token=False)
    network.eval()  # batch norm would join the windows
    features = torch.randn(1, 53, 8, dtype=torch.float64, requires_grad=True)
    nodes = network.attend(network.cscm(features))
    nodes.square().sum().backward()
    seen = features.grad.abs().sum((0, 2)) > 0
    np.testing.assert_array_equal(seen.numpy(), network.field.samples)
    assert not seen.all()


def test_lengths() -> None:
    with pytest.raises(InputError, match="expected at least 12 samples"):
        forecaster("pyraformer", {**SMALL, "length": 9})
    with pytest.raises(InputError, match="no multiple of the stride 3"):
        forecaster("pyraformer", {**SMALL, "length": 12, "remainder": "refuse"})
    model = forecaster(
        "pyraformer", {**SMALL, "length": 12, "remainder": "refuse", "predict_token": False}
    )
    assert model(torch.zeros(4, 12, 2)).shape == (4, 5, 2)
