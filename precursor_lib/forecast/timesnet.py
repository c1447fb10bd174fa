"""TimesNet: a series is folded by its own periods and convolved as a picture.

Wu et al., "TimesNet: Temporal 2D-Variation Modeling for General Time Series Analysis", ICLR 2023,
equations 1 to 6; inception kernels joined by a projection as the STMN paper prints them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from precursor_lib.forecast.layers import Embedding
from precursor_lib.forecast.settings import TimesNetSettings


def strongest_periods(x: Tensor, number: int, shared: bool = False) -> tuple[Tensor, Tensor]:
    """Periods of the largest amplitudes of the Fourier transform (equation 1 of TimesNet).

    The amplitude is the mean over features; the mean of the series is left out; frequency f (cycles
    in the series) has the period ``ceil(length / f)``.

    Parameters
    ----------
    x : Tensor, shape (batch, length, width)
        Series.
    number : int
        Periods wanted.
    shared : bool
        Choose the frequencies from the mean over the batch.

    Returns
    -------
    period : Tensor of int, shape (batch, number)
        Periods in samples, from the strongest.
    amplitude : Tensor, shape (batch, number)
        Their amplitudes in each window.
    """
    length = x.shape[1]
    amplitude = torch.fft.rfft(x.float(), dim=1).abs().mean(-1)[:, 1:]
    chosen_from = amplitude.mean(0, keepdim=True).expand_as(amplitude) if shared else amplitude
    frequency = chosen_from.topk(number, dim=1).indices
    # ceil(length / f) in whole numbers
    return (length + frequency) // (frequency + 1), amplitude.gather(1, frequency)


class Inception(nn.Module):
    """Convolutions with several kernels side by side, joined, and projected.

    ``Z = concat(conv_k(X) for k in kernels) W``. All of it is linear, so that one convolution with
    the sum of the projected kernels gives the same; that is what is computed.

    Parameters
    ----------
    inputs, outputs : int
        Features before and after.
    kernels : sequence of int
        Odd side lengths.
    """

    def __init__(self, inputs: int, outputs: int, kernels: Sequence[int]) -> None:
        super().__init__()
        self.branches: Any = nn.ModuleList(
            nn.Conv2d(inputs, outputs, side, padding=side // 2) for side in kernels
        )
        self.project = nn.Linear(len(kernels) * outputs, outputs)

    def joined(self) -> tuple[Tensor, Tensor]:
        """Weight and bias of the one convolution."""
        side = max(branch.weight.shape[-1] for branch in self.branches)
        kernels, biases = [], []
        for branch in self.branches:
            margin = (side - branch.weight.shape[-1]) // 2
            kernels.append(functional.pad(branch.weight, (margin, margin, margin, margin)))
            biases.append(branch.bias)
        joined = torch.einsum("po,oirc->pirc", self.project.weight, torch.cat(kernels))
        return joined, self.project(torch.cat(biases))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, inputs, rows, columns) to (batch, outputs, rows, columns)."""
        weight, bias = self.joined()
        return functional.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)


class TimesBlock(nn.Module):
    """One block: fold by each period, convolve, unfold, add by amplitude, add the input.

    Parameters
    ----------
    width, inner : int
        Features outside and between the two inception layers.
    periods : int
        Periods used.
    kernels : sequence of int
        Sides of the inception kernels.
    shared : bool
        See :func:`strongest_periods`.
    """

    def __init__(
        self, width: int, inner: int, periods: int, kernels: Sequence[int], shared: bool = False
    ) -> None:
        super().__init__()
        self.periods = periods
        self.shared = shared
        self.convolve = nn.Sequential(
            Inception(width, inner, kernels), nn.GELU(), Inception(inner, width, kernels)
        )

    def folded(self, x: Tensor, period: int) -> Tensor:
        """Convolve (windows, length, width) as pictures of one row a period."""
        length = x.shape[1]
        padded = functional.pad(x, (0, 0, 0, -length % period))
        picture = padded.unflatten(1, (-1, period)).permute(0, 3, 1, 2)
        done = self.convolve(picture).permute(0, 2, 3, 1).flatten(1, 2)
        return done[:, :length]

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, width) to the same."""
        period, amplitude = strongest_periods(x, self.periods, self.shared)
        weight = amplitude.softmax(dim=1)
        total = x
        for one in period.unique().tolist():
            window, place = (period == one).nonzero(as_tuple=True)
            part = weight[window, place][:, None, None] * self.folded(x[window], one)
            total = total.index_add(0, window, part.to(total.dtype))
        return total


class TimesNetNetwork(nn.Module):
    """Embedding, a linear layer that lengthens the series by the horizon, blocks, projection.

    Parameters
    ----------
    settings : TimesNetSettings
        Sizes.
    """

    def __init__(self, settings: TimesNetSettings) -> None:
        super().__init__()
        s = settings
        self.settings = s
        self.embedding = Embedding(s.seen, s.width, s.length, s.dropout)
        self.lengthen = nn.Linear(s.length, s.length + s.steps)
        inner = s.inner or s.width
        self.blocks = nn.ModuleList(
            TimesBlock(s.width, inner, s.periods, s.kernels, s.shared_periods)
            for _ in range(s.layers)
        )
        self.norm = nn.LayerNorm(s.width)
        self.readout = nn.Linear(s.width, s.channels)

    def lengthened(self, x: Tensor) -> Tensor:
        """Embedded and lengthened: (batch, length, seen) to (batch, length + steps, width)."""
        return self.lengthen(self.embedding(x).transpose(1, 2)).transpose(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, seen) to (batch, steps, channels)."""
        series = self.lengthened(x)
        for block in self.blocks:
            series = self.norm(block(series))
        return self.readout(series[:, -self.settings.steps :])
