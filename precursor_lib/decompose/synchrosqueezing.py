"""Synchrosqueezed wavelet transform: amplitude by frequency and time, calibrated and invertible."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.decompose.continuous import (
    Precision,
    check_records,
    frequency_bins,
    transform,
    wavelet_shape,
)
from precursor_lib.errors import InputError


@dataclass(frozen=True)
class Synchrosqueezed:
    """A synchrosqueezed transform.

    Attributes
    ----------
    amplitude : numpy.ndarray, shape (..., frequency, time)
        Modulus of the coefficients, in the unit of the input. A sine of amplitude 1 gives 1 in the
        bin of its frequency, shared with the next bin where it lies on the border of the two.
        With ``step > 1`` the mean modulus over blocks of `step` samples.
    frequency : numpy.ndarray, shape (frequency,)
        Centres of the bins in Hz, ascending.
    time : numpy.ndarray, shape (time,)
        Centres of the samples or blocks, in s from the first sample.
    cone : numpy.ndarray, shape (frequency,)
        Time from either end of the record, in s, within which the invented continuation counts:
        twice the standard deviation in time of the wavelet's power. For the Morlet wavelet that is
        Torrence and Compo's (1998) e-folding time.
    coefficients : numpy.ndarray or None, shape (..., frequency, time)
        Complex coefficients; their sum over frequency is the analytic signal. None where they
        were not kept.
    """

    amplitude: np.ndarray
    frequency: np.ndarray
    time: np.ndarray
    cone: np.ndarray
    coefficients: np.ndarray | None

    def edge_mask(self) -> np.ndarray:
        """True where the ends of the record count: ``(frequency, time)``, from `cone`."""
        half = (self.time[1] - self.time[0]) / 2 if self.time.size > 1 else 0.0
        to_end = np.minimum(self.time - self.time[0], self.time[-1] - self.time) + half
        return to_end < self.cone[:, None]

    def inverse(self, fmin: float | None = None, fmax: float | None = None) -> np.ndarray:
        """The record without its mean, or its part between two frequencies.

        The real part of the sum of the coefficients, (..., time). A tone within the frequencies
        comes back to better than 1e-5 away from the ends. Of a broad spectrum some coefficients
        turn at frequencies outside the bins and are lost: 0.6 % (rms) of a detrended random walk
        with bins from 0.001 Hz to half the rate.

        Raises
        ------
        InputError
            If the coefficients were not kept or no frequency lies between the limits.
        """
        chosen = self._band(fmin, fmax)
        return self._kept()[..., chosen, :].real.sum(axis=-2)

    def ridge(
        self, fmin: float | None = None, fmax: float | None = None, half_width: int = 2
    ) -> tuple[np.ndarray, np.ndarray]:
        """Frequency and amplitude of the strongest component at each time.

        The ridge amplitude is the modulus of the sum of the coefficients over the bin of largest
        modulus and `half_width` bins to either side. The sum is what a sine's amplitude is split
        into where it lies between bins; the peak alone falls short there.

        Parameters
        ----------
        fmin, fmax : float, optional
            Where to look, in Hz.
        half_width : int
            Neighbours on each side.

        Returns
        -------
        frequency, amplitude : numpy.ndarray, shape (..., time)
            Centre of the strongest bin in Hz, and the ridge amplitude.

        Raises
        ------
        InputError
            As `inverse`, or if `half_width` is negative.
        """
        if half_width < 0:
            raise InputError(f"half_width: expected bins >= 0, got {half_width}")
        chosen = self._band(fmin, fmax)
        coefficients = self._kept()[..., chosen, :]
        peak = np.argmax(np.abs(coefficients), axis=-2)
        bins = np.arange(coefficients.shape[-2])[:, None]
        near = np.abs(bins - peak[..., None, :]) <= half_width
        total = np.where(near, coefficients, 0).sum(axis=-2)
        return self.frequency[chosen][peak], np.abs(total)

    def _kept(self) -> np.ndarray:
        if self.coefficients is None:
            raise InputError("coefficients: they were not kept; use step=1, keep_coefficients=True")
        return self.coefficients

    def _band(self, fmin: float | None, fmax: float | None) -> np.ndarray:
        low = -np.inf if fmin is None else fmin
        high = np.inf if fmax is None else fmax
        chosen = np.flatnonzero((self.frequency >= low) & (self.frequency <= high))
        if chosen.size == 0:
            raise InputError(f"fmin, fmax: no frequency between {low} and {high} Hz")
        return chosen


def synchrosqueeze(
    x: ArrayLike,
    rate: float,
    *,
    wavelet: str = "morlet",
    parameters: Mapping[str, float] | None = None,
    frequencies: ArrayLike | None = None,
    fmin: float | None = None,
    fmax: float | None = None,
    n_frequencies: int = 128,
    voices: int = 16,
    step: int = 1,
    keep_coefficients: bool | None = None,
    dtype: Precision = "float64",
) -> Synchrosqueezed:
    """Synchrosqueeze the continuous wavelet transform of records.

    Each coefficient of the transform W(a, t) moves to the frequency ``|Im(dW/dt / W)| / 2 pi`` at
    which its phase turns, and coefficients that meet in one bin are added (Daubechies, Lu and Wu,
    2011; Thakur et al., 2013). The sum over scales is divided by half the integral of the wavelet's
    spectrum over log frequency, so that a sine keeps its amplitude. Coefficients whose frequency
    lies outside the bins are left out, not gathered in the outermost bin.

    Time is not sharpened: what is shorter than the wavelet looks as long as the wavelet, whose
    amplitude at 0.01 Hz stays above half its maximum for 225 s with ``mu=6``.

    Parameters
    ----------
    x : array_like, shape (..., time)
        Equally spaced samples. The mean of each record is removed first.
    rate : float
        Samples a second (Hz).
    wavelet : {"morlet", "gmw"}
        Analytic Morlet wavelet or generalised Morse wavelet.
    parameters : mapping, optional
        ``{"mu": 6}`` (radians; the number of oscillations grows with it) for the Morlet wavelet,
        ``{"gamma": 3, "beta": 20}`` for the Morse wavelet.
    frequencies : array_like, optional
        Centres of the bins in Hz, ascending, at least two. Borders lie at the geometric means.
    fmin, fmax : float, optional
        Without `frequencies`: outermost centres. By default the period of the record and
        ``rate / 2``.
    n_frequencies : int
        Without `frequencies`: number of centres, equally spaced in log frequency.
    voices : int
        Scales an octave.
    step : int
        Average the amplitude over blocks of this many samples. The last block is dropped if it is
        not full.
    keep_coefficients : bool, optional
        Keep the complex coefficients, needed for `inverse` and `ridge`. By default with ``step=1``
        alone; with a larger step they cannot be kept.
    dtype : {"float64", "float32"}
        Precision of computing and of the result.

    Returns
    -------
    Synchrosqueezed
        Amplitude, frequencies, times, cone of influence, coefficients. Records are worked on one
        at a time and scales in blocks, so little more than the result is held in memory.

    Raises
    ------
    InputError
        If a value is not finite, the record is shorter than the longest period asked for, or a
        parameter is out of range.
    """
    values = np.asarray(x, dtype=float)
    check_records(values, rate)
    bins = frequency_bins(frequencies, fmin, fmax, n_frequencies, values.shape[-1], rate)
    if voices < 4 or step < 1 or step > values.shape[-1]:
        raise InputError(
            f"voices, step: expected voices >= 4 and 1 <= step <= {values.shape[-1]}, "
            f"got {voices} and {step}"
        )
    keep = step == 1 if keep_coefficients is None else keep_coefficients
    if keep and step > 1:
        raise InputError("keep_coefficients: expected step=1, as blocks have an amplitude alone")
    shape = wavelet_shape(wavelet, parameters, dtype)

    # Beyond the outermost bins as far as a wavelet still sees a tone that lies in them.
    low, high = bins[0] * shape.centre / shape.high, bins[-1] * shape.centre / shape.low
    number = max(2, math.ceil(voices * math.log2(high / low)) + 1)
    scales = rate * shape.centre / (2 * np.pi * high) * 2 ** (np.arange(number) / voices)
    # A sum over log scale with spacing ln 2 / voices; the factor 2 as a sine is half of each sign.
    weight = 2 * math.log(2) / voices / shape.admissibility

    borders = np.empty(bins.size + 1)
    borders[1:-1] = np.sqrt(bins[:-1] * bins[1:])
    borders[0] = bins[0] ** 2 / borders[1]
    borders[-1] = bins[-1] ** 2 / borders[-2]
    rows = values.reshape(-1, values.shape[-1])
    blocks = values.shape[-1] // step
    complex_type = np.complex64 if dtype == "float32" else np.complex128
    amplitude = np.empty((rows.shape[0], bins.size, blocks), dtype=dtype)
    kept = np.empty((rows.shape[0], bins.size, blocks), dtype=complex_type) if keep else None
    for number, row in enumerate(rows):
        squeezed = np.zeros((bins.size, row.size), dtype=complex_type)
        floor = np.abs(row - row.mean()).max() * 1e2 * np.finfo(dtype).eps
        for w, dw in transform(row, rate, scales, shape, dtype):
            _squeeze(w, dw, borders, weight, floor, squeezed)
        size = np.abs(squeezed)
        if step > 1:
            size = size[:, : blocks * step].reshape(bins.size, blocks, step).mean(axis=-1)
        amplitude[number] = size
        if kept is not None:
            kept[number] = squeezed
    out = (*values.shape[:-1], bins.size, blocks)
    return Synchrosqueezed(
        amplitude.reshape(out),
        bins,
        (np.arange(blocks) * step + (step - 1) / 2) / rate,
        shape.spread * shape.centre / (np.pi * bins),
        None if kept is None else kept.reshape(out),
    )


@numba.njit(cache=True)
def _squeeze(
    w: np.ndarray,
    dw: np.ndarray,
    borders: np.ndarray,
    weight: float,
    floor: float,
    out: np.ndarray,
) -> None:
    """Add each coefficient to the bin of its own frequency."""
    last = borders.size - 1
    for i in range(w.shape[0]):
        k = 0
        for j in range(w.shape[1]):
            c = w[i, j]
            power = c.real * c.real + c.imag * c.imag
            if power <= floor * floor:
                continue
            d = dw[i, j]
            f = abs(d.imag * c.real - d.real * c.imag) / (2 * np.pi * power)
            if not borders[0] <= f < borders[last]:
                continue
            # Neighbours in time mostly share a bin.
            if not borders[k] <= f < borders[k + 1]:
                k = np.searchsorted(borders, f, side="right") - 1
            out[k, j] += weight * c
