"""TimesNet against a plain program of its formula, one window and one period at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from precursor_lib.errors import InputError
from precursor_lib.forecast import forecaster, strongest_periods
from precursor_lib.forecast.timesnet import Inception, TimesBlock


def plain_inception(part: Inception, picture: Tensor) -> Tensor:
    """Each kernel by itself; joined along the features; projected."""
    joined = torch.cat([branch(picture) for branch in part.branches], dim=1)
    return part.project(joined.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def plain_block(block: TimesBlock, window: np.ndarray) -> np.ndarray:
    """Equations 1 to 6 for one window (length, width)."""
    length, width = window.shape
    frequencies = np.arange(1, length // 2 + 1)
    turns = np.exp(-2j * np.pi * np.outer(frequencies, np.arange(length)) / length)
    amplitude = np.abs(turns @ window).mean(axis=1)
    strongest = np.argsort(-amplitude, kind="stable")[: block.periods]
    weights = np.exp(amplitude[strongest] - amplitude[strongest].max())
    weights /= weights.sum()
    out = window.copy()
    for weight, f in zip(weights, frequencies[strongest], strict=True):
        period = int(np.ceil(length / f))
        rows = int(np.ceil(length / period))
        picture = np.zeros((rows * period, width))
        picture[:length] = window
        picture = torch.tensor(picture.reshape(rows, period, width).transpose(2, 0, 1))[None]
        first, _, second = block.convolve
        done = plain_inception(second, functional.gelu(plain_inception(first, picture)))
        out += weight * done[0].detach().numpy().transpose(1, 2, 0).reshape(-1, width)[:length]
    return out


@settings(max_examples=20)
@given(
    length=st.integers(8, 40),
    periods=st.integers(1, 4),
    kernels=st.sampled_from([(1,), (1, 3), (1, 3, 5, 7)]),
    seed=st.integers(0, 1000),
)
def test_a_block_is_its_formula(length: int, periods: int, kernels: tuple, seed: int) -> None:
    torch.manual_seed(seed)
    block = TimesBlock(4, 3, periods, kernels).double()
    x = np.random.default_rng(seed).normal(size=(3, length, 4))
    got = block(torch.tensor(x)).detach().numpy()
    expected = np.stack([plain_block(block, window) for window in x])
    # float32 in the amplitudes, which weigh the parts
    np.testing.assert_allclose(got, expected, atol=2e-6)


def test_gradients_of_the_joined_convolution() -> None:
    torch.manual_seed(0)
    part = Inception(3, 2, (1, 3, 5, 7)).double()
    picture = torch.randn(2, 3, 4, 9, dtype=torch.float64)
    gradients = []
    for program in (part, lambda x: plain_inception(part, x)):
        part.zero_grad()
        program(picture).square().sum().backward()
        gradients.append([p.grad.clone() for p in part.parameters()])
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_periods_of_known_waves() -> None:
    t = torch.arange(120.0)
    waves = [3 * torch.sin(2 * np.pi * t / 24), torch.cos(2 * np.pi * t / 10)]
    period, amplitude = strongest_periods((waves[0] + waves[1] + 5)[None, :, None], 2)
    assert period.tolist() == [[24, 10]]
    np.testing.assert_allclose(amplitude, [[3 * 60, 60]], rtol=1e-5)


def test_a_period_is_rounded_up() -> None:
    t = torch.arange(50.0)
    period, _ = strongest_periods(torch.sin(2 * np.pi * 3 * t / 50)[None, :, None], 1)
    assert period.item() == 17


def small(**changes) -> nn.Module:
    common = {"length": 32, "horizon": 4, "width": 4, "periods": 2, "dropout": 0.0}
    return forecaster("timesnet", {**common, **changes}, seed=1)


def test_a_forecast_does_not_depend_on_the_rest_of_the_batch() -> None:
    x = torch.tensor(np.random.default_rng(0).normal(size=(6, 32, 1)), dtype=torch.float32)
    model = small()
    torch.testing.assert_close(model(x)[:1], model(x[:1]))
    shared = small(shared_periods=True)
    assert not torch.allclose(shared(x)[:1], shared(x[:1]))


def test_settings() -> None:
    for change, message in (
        ({"kernels": (1, 4)}, "odd kernels"),
        ({"periods": 19}, "at most half"),
        ({"width": 5}, "even width"),
    ):
        with pytest.raises(InputError, match=message):
            small(**change)
