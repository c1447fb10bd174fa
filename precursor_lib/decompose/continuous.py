"""Continuous wavelet transform: Morlet and Morse wavelets, calibration, padding, blocks of scales.

ssqueezepy computes the same (the tests compare the two). It is not used here because its transform
takes scales in a strict geometric or linear series alone, pads to a power of two, holds all scales
at once (0.9 GB for 14,400 samples in float64), writes to shared state, so that threads disturb each
other, and takes seconds to import.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import fft, ifft, next_fast_len

from precursor_lib.errors import InputError, unknown

Precision = Literal["float32", "float64"]

# Parameters of the wavelets; these are the usual ones, and MATLAB's, which the paper may have used.
_DEFAULTS: dict[str, dict[str, float]] = {
    "morlet": {"mu": 6.0},
    "gmw": {"gamma": 3.0, "beta": 20.0},
}
# Part of a wavelet's peak below which its spectrum counts as nothing. It bounds the error of the
# inversion of a tone.
_TAIL = 1e-5
# Scales transformed at once: two complex arrays of this many rows are all that is held.
_BLOCK = 24


def wavelet_transform(
    x: ArrayLike,
    rate: float,
    frequencies: ArrayLike,
    *,
    wavelet: str = "morlet",
    parameters: Mapping[str, float] | None = None,
    dtype: Precision = "float64",
) -> np.ndarray:
    """Continuous wavelet transform, before any squeezing, on the same footing.

    Parameters
    ----------
    x, rate, wavelet, parameters, dtype
        As for `synchrosqueeze`.
    frequencies : array_like, shape (frequency,)
        Frequencies (Hz, ascending) at which the wavelet's spectrum peaks.

    Returns
    -------
    numpy.ndarray, shape (..., frequency, time)
        Complex coefficients, scaled so that a unit sine gives 1 at its own frequency.

    Raises
    ------
    InputError
        As `synchrosqueeze`.
    """
    values = np.asarray(x, dtype=float)
    check_records(values, rate)
    bins = frequency_bins(frequencies, None, None, 0, values.shape[-1], rate)
    shape = wavelet_shape(wavelet, parameters, dtype)
    scales = (rate * shape.centre / (2 * np.pi * bins))[::-1]
    rows = values.reshape(-1, values.shape[-1])
    out = [
        np.concatenate([w for w, _ in transform(row, rate, scales, shape, dtype)])[::-1]
        for row in rows
    ]
    return np.stack(out).reshape(*values.shape[:-1], bins.size, -1) * 2


@dataclass(frozen=True)
class WaveletShape:
    """A wavelet's spectrum over angular frequency (radians a sample at scale 1)."""

    name: str
    parameters: tuple[tuple[str, float], ...]
    centre: float
    """Where it peaks, at 1."""
    low: float
    high: float
    """Between which it counts."""
    admissibility: float
    """Its integral over log frequency."""
    spread: float
    """Standard deviation in time of its power."""


def wavelet_shape(name: str, parameters: Mapping[str, float] | None, dtype: str) -> WaveletShape:
    """Look a wavelet up and measure its spectrum."""
    if name not in _DEFAULTS:
        raise InputError(unknown("wavelet", name, _DEFAULTS))
    if dtype not in ("float32", "float64"):
        raise InputError(unknown("dtype", dtype, ("float32", "float64")))
    given = dict(parameters or {})
    for key, value in given.items():
        if key not in _DEFAULTS[name]:
            raise InputError(unknown(f"parameter of {name}", key, _DEFAULTS[name]))
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"parameters: expected {key} to be a positive number, got {value}")
    return _measured_shape(name, tuple(sorted((_DEFAULTS[name] | given).items())))


@lru_cache(maxsize=16)
def _measured_shape(name: str, parameters: tuple[tuple[str, float], ...]) -> WaveletShape:
    omega = np.geomspace(1e-3, 1e3, 200_001)
    spectrum = _spectrum(name, dict(parameters), omega)
    top = int(np.argmax(spectrum))
    if top in (0, omega.size - 1):
        raise InputError(f"parameters: no {name} wavelet of use has {dict(parameters)}")
    counts = omega[spectrum > _TAIL * spectrum[top]]
    linear = np.linspace(0.5 * counts[0], 1.5 * counts[-1], 200_001)
    power = _spectrum(name, dict(parameters), linear)
    slope = np.gradient(power, linear)
    return WaveletShape(
        name,
        parameters,
        float(omega[top]),
        float(counts[0]),
        float(counts[-1]),
        float(np.trapezoid(spectrum, np.log(omega))),
        float(np.sqrt(np.sum(slope**2) / np.sum(power**2))),
    )


def transform(
    row: np.ndarray, rate: float, scales: np.ndarray, shape: WaveletShape, dtype: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Transform and its derivative (a second), by blocks of scales, without the padding."""
    centred = row - row.mean()
    # The longest wavelets see a tone of the lowest bin with the last of their spectrum. For the one
    # centred on that bin this reach is more than five standard deviations.
    reach = math.ceil(3 * math.sqrt(2) * shape.spread * scales.max())
    pad = min(reach, 4 * row.size)
    length = next_fast_len(row.size + 2 * pad)
    padded = np.pad(centred, (pad, length - row.size - pad), mode="reflect").astype(dtype)
    spectrum = fft(padded)
    half = length // 2 + 1
    if length % 2 == 0:
        # The highest frequency is its own mirror image.
        spectrum[half - 1] /= 2
    omega = 2 * np.pi * np.arange(half) / length
    turning = (1j * rate * omega).astype(spectrum.dtype)
    parameters = dict(shape.parameters)
    for part in np.array_split(scales, math.ceil(scales.size / _BLOCK)):
        w, dw = np.zeros((2, part.size, length), dtype=spectrum.dtype)
        for i, scale in enumerate(part):
            seen = slice(*np.searchsorted(omega, [shape.low / scale, shape.high / scale]))
            wave = _spectrum(shape.name, parameters, scale * omega[seen])
            w[i, seen] = spectrum[seen] * wave.astype(dtype)
            dw[i, seen] = w[i, seen] * turning[seen]
        w, dw = (ifft(v, axis=-1, overwrite_x=True) for v in (w, dw))
        yield w[:, pad : pad + row.size], dw[:, pad : pad + row.size]


def _spectrum(name: str, parameters: Mapping[str, float], omega: np.ndarray) -> np.ndarray:
    """A wavelet's spectrum at positive angular frequencies; its peak is 1."""
    if name == "morlet":
        mu = parameters["mu"]
        # The second term makes the mean vanish; the peak stays 1 within exp(-mu**2 / 2).
        return np.exp(-0.5 * (omega - mu) ** 2) - np.exp(-0.5 * (omega**2 + mu**2))
    gamma, beta = parameters["gamma"], parameters["beta"]
    peak = (beta / gamma) ** (1 / gamma)
    with np.errstate(divide="ignore"):
        return np.exp(beta * np.log(omega / peak) - omega**gamma + peak**gamma)


def check_records(values: np.ndarray, rate: float) -> None:
    """Refuse records that are too short or hold gaps, and rates that are none."""
    if values.ndim == 0 or values.shape[-1] < 8 or values.size == 0:
        raise InputError(
            f"x: expected shape (..., time) with 8 samples or more, got {values.shape}"
        )
    if not (np.isfinite(rate) and rate > 0):
        raise InputError(f"rate: expected a positive number of samples a second, got {rate}")
    bad = np.argwhere(~np.isfinite(values))
    if bad.size:
        where = tuple(int(i) for i in bad[0])
        raise InputError(f"x: sample {where} is {values[where]} ({len(bad)} such); fill gaps first")


def frequency_bins(
    frequencies: ArrayLike | None,
    fmin: float | None,
    fmax: float | None,
    number: int,
    samples: int,
    rate: float,
) -> np.ndarray:
    """Centres of frequency bins, given or equally spaced in log frequency, within what exists."""
    lowest, highest = rate / samples, rate / 2
    if frequencies is not None:
        if fmin is not None or fmax is not None:
            raise InputError("frequencies: expected either frequencies or fmin and fmax")
        bins = np.asarray(frequencies, dtype=float)
        if bins.ndim != 1 or bins.size < 2 or not np.all(np.diff(bins) > 0):
            raise InputError("frequencies: expected two or more, ascending")
    else:
        low, high = lowest if fmin is None else fmin, highest if fmax is None else fmax
        if not (number >= 2 and 0 < low < high):
            raise InputError(
                "fmin, fmax, n_frequencies: expected 0 < fmin < fmax and 2 or more, "
                f"got {low}, {high}, {number}"
            )
        bins = np.geomspace(low, high, number)
    if not (bins[0] >= lowest * (1 - 1e-9) and bins[-1] <= highest * (1 + 1e-9)):
        raise InputError(
            f"frequencies: expected within {lowest:.4g} to {highest:.4g} Hz (one period in the "
            f"record, half the rate), got {bins[0]:.4g} to {bins[-1]:.4g}"
        )
    return bins
