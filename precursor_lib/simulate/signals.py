"""Waveforms and noise with stated properties: packets, trains, boxes and red noise."""

from __future__ import annotations

import numpy as np
from scipy import fft
from scipy.signal import lfilter

from precursor_lib.errors import InputError

# A duration is the full width in which an envelope is above this part of its peak.
EDGE = 0.1

# cos^2(pi t / L) falls to EDGE at |t| = L arccos(sqrt(EDGE)) / pi.
_HANN_WIDTH = 2.0 * np.arccos(np.sqrt(EDGE)) / np.pi
# Whole extent of a packet in units of its duration.
PACKET_EXTENT = 1.0 / _HANN_WIDTH

# x exp(1 - x), which peaks with 1 at x = 1, passes EDGE at these two points.
_TRAIN_START, _TRAIN_END = 0.0382212417, 4.8897201699
_TRAIN_REACH = 16.0


def packet(
    samples: int,
    rate: float,
    centre: float,
    duration: float,
    frequency: float,
    phase: float,
) -> tuple[slice, np.ndarray]:
    """Wave packet of unit peak envelope: ``cos^2`` envelope times a cosine about its centre.

    The envelope is zero beyond ``0.629 * duration`` from the centre, so a packet touches no sample
    that it does not own.

    Parameters
    ----------
    samples, rate : int, float
        Length of the record and samples a second.
    centre, duration : float
        In s from the record's first sample; the duration is the width above 10 % of the peak.
    frequency, phase : float
        Carrier in Hz; its phase at the centre in rad.

    Returns
    -------
    where : slice
        The samples that the packet touches, cut at the record's ends.
    wave : array
        Its values there.
    """
    length = duration * PACKET_EXTENT
    first = max(0, int(np.ceil((centre - length / 2) * rate)))
    last = min(samples, int(np.floor((centre + length / 2) * rate)) + 1)
    t = np.arange(first, max(first, last)) / rate - centre
    wave = np.cos(np.pi * t / length) ** 2 * np.cos(2 * np.pi * frequency * t + phase)
    return slice(first, max(first, last)), wave


def train(
    samples: int,
    rate: float,
    centre: float,
    duration: float,
    frequency: float,
    phase: float,
) -> tuple[slice, np.ndarray]:
    """Damped train of unit peak envelope: ``x exp(1 - x)``, a quick rise and a slow decay.

    Parameters and result as for :func:`packet`; `centre` is the middle of the time in which the
    envelope is above 10 % of its peak, and the phase is that at the onset.
    """
    scale = duration / (_TRAIN_END - _TRAIN_START)
    onset = centre - scale * (_TRAIN_START + _TRAIN_END) / 2
    first = max(0, int(np.ceil(onset * rate)))
    last = min(samples, int(np.floor((onset + _TRAIN_REACH * scale) * rate)) + 1)
    t = np.arange(first, max(first, last)) / rate - onset
    envelope = t / scale * np.exp(1.0 - t / scale)
    return slice(first, max(first, last)), envelope * np.sin(2 * np.pi * frequency * t + phase)


def box(samples: int, rate: float, centre: float, duration: float) -> slice:
    """Samples of a box: those within half a duration of its centre, at least one if inside."""
    first = int(np.ceil((centre - duration / 2) * rate))
    last = max(first + 1, int(np.ceil((centre + duration / 2) * rate)))
    return slice(min(max(first, 0), samples), min(max(last, 0), samples))


def red_noise(
    samples: int,
    rate: float,
    slope: float,
    band: tuple[float, float],
    floor: float,
    rngs: list[np.random.Generator],
) -> np.ndarray:
    """Gaussian noise with power spectrum ``f ** -slope`` and rms 1 in a band.

    Each Fourier coefficient is drawn on a grid of at least twice the record's length, of which the
    first half is kept, so that the ends do not join.

    Parameters
    ----------
    samples : int
        Length of the series.
    rate : float
        Samples a second.
    slope : float
        beta, 0 or more; below `floor` (Hz) the spectrum is flat.
    band : tuple of float
        Band in Hz in which the expected rms is 1, below the Nyquist frequency.
    floor : float
        See `slope`.
    rngs : list of numpy.random.Generator
        One a series, so that a series does not depend on the others.

    Returns
    -------
    array, shape (len(rngs), samples)
    """
    nyquist = rate / 2
    if band[0] >= band[1] or band[1] > nyquist:
        raise InputError(f"band {list(band)} Hz: expected low < high <= {nyquist:g} Hz")
    size = fft.next_fast_len(2 * samples, real=True)
    f = fft.rfftfreq(size, 1.0 / rate)
    # One-sided density with unit power in the band, in closed form.
    density = (np.maximum(f, floor) / band[0]) ** -slope / _band_power(slope, band, floor)
    density[0] = 0.0
    # var = sum of density * df, and irfft gives x = (2 / size) Re sum c_k e^(i ...).
    scale = np.sqrt(density * (rate / size)) * size / 2
    noise = np.empty((len(rngs), samples))
    for k, rng in enumerate(rngs):
        parts = rng.standard_normal((2, f.size))
        spectrum = scale * (parts[0] + 1j * parts[1])
        noise[k] = fft.irfft(spectrum, size)[:samples]
    return noise


def _band_power(slope: float, band: tuple[float, float], floor: float) -> float:
    """Integral of ``(max(f, floor) / band[0]) ** -slope`` over the band."""
    low, high = band
    flat = max(0.0, min(high, floor) - low) * (floor / low) ** -slope
    start = max(low, floor)
    if start >= high:
        return flat
    if slope == 1.0:
        return flat + low * float(np.log(high / start))
    power = 1.0 - slope
    return flat + low * float((high / low) ** power - (start / low) ** power) / power


def red_network(
    correlation: np.ndarray, memory: float, samples: int, rng: np.random.Generator
) -> np.ndarray:
    """First-order autoregressive noise of unit size at places that are correlated.

    Parameters
    ----------
    correlation : array, shape (places, places)
        Between the places, at the same time.
    memory : float
        Samples in which the correlation in time falls to 1/e.
    samples : int
        Length.
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (samples, places)
        Stationary from the first sample on.

    Raises
    ------
    InputError
        If `correlation` is no correlation matrix or `memory` is not above 0.
    """
    if not memory > 0:
        raise InputError(f"memory {memory}: expected above 0")
    places = len(correlation)
    try:
        # The small number keeps the root real where places all but coincide.
        root = np.linalg.cholesky(correlation + 1e-9 * np.eye(places))
    except np.linalg.LinAlgError as error:
        raise InputError(f"correlation: expected a positive definite matrix: {error}") from error
    kept = np.exp(-1.0 / memory)
    drawn = rng.standard_normal((samples, places)) @ root.T
    drawn[1:] *= np.sqrt(1 - kept**2)
    return np.asarray(lfilter([1.0], [1.0, -kept], drawn, axis=0))
