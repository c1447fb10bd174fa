"""Detrending by the discrete wavelet transform: the approximation is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pywt
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError, unknown


def dwt_detrend(
    x: ArrayLike, wavelet: str = "db5", levels: int = 6, mode: str = "symmetric"
) -> np.ndarray:
    """Remove what varies slowly: transform, drop the approximation, transform back.

    Section 3.2 of the SW-NTF paper: db5, six levels. The paper names no boundary mode; the default
    here is the one that MATLAB and PyWavelets take. `boundary_reach` says how far it matters.

    Parameters
    ----------
    x : array_like, shape (..., time)
        Equally spaced samples. Computed in float64 whatever comes in: a field of 50 000 nT in
        float32 has steps of 0.004 nT.
    wavelet : str
        Any discrete wavelet of PyWavelets.
    levels : int
        Number of levels. The approximation of level J nominally holds what lies below
        ``rate / 2**(J + 1)``: 1/128 = 0.0078 Hz for six levels at 1 Hz.
    mode : str
        How the record goes on beyond its ends, in PyWavelets' names: ``symmetric`` mirrors it,
        ``antireflect`` mirrors it about its end value and so keeps a slope, ``periodization``
        makes the transform orthogonal.

    Returns
    -------
    numpy.ndarray
        The sum of the details, of the shape of `x`. What was dropped is ``x`` minus it.

    Raises
    ------
    InputError
        If a value is not finite, the record is shorter than the wavelet's reach allows, or a name
        is unknown.
    """
    values = np.asarray(x, dtype=float)
    filters = _wavelet(wavelet)
    _check(values, filters, levels, mode)
    coefficients = pywt.wavedec(values, filters, mode=mode, level=levels, axis=-1)
    coefficients[0] = np.zeros_like(coefficients[0])
    # An odd length comes back with one sample more.
    return pywt.waverec(coefficients, filters, mode=mode, axis=-1)[..., : values.shape[-1]]


def fill_gaps(
    x: ArrayLike, *, longest: int, names: Sequence[str] | None = None
) -> tuple[np.ndarray, list[str]]:
    """Fill short gaps with straight lines, so that a record can be transformed.

    A gap within the record is bridged from the value before to the value after it; one at an end
    takes the nearest value. Longer gaps stay NaN, so that the transform refuses the record. Filled
    samples are no observations: mask results with ``np.where(np.isnan(x), np.nan, result)``.

    Parameters
    ----------
    x : array_like, shape (..., time)
        Records with NaN for gaps.
    longest : int
        Longest gap that is filled, in samples; 0 fills none.
    names : sequence of str, optional
        Names of the records for the report, in the order of the flattened leading dimensions.

    Returns
    -------
    filled : numpy.ndarray
        A copy with short gaps filled.
    report : list of str
        One sentence for each record with gaps: how many samples were filled and how many left.

    Raises
    ------
    InputError
        If `longest` is negative, `names` does not fit, or a value is infinite.
    """
    values = np.array(x, dtype=float)
    if values.ndim == 0 or values.size == 0:
        raise InputError(f"x: expected shape (..., time) with samples, got {values.shape}")
    if longest < 0:
        raise InputError(f"longest: expected samples >= 0, got {longest}")
    if np.isinf(values).any():
        where = tuple(int(i) for i in np.argwhere(np.isinf(values))[0])
        raise InputError(f"x: sample {where} is infinite; expected finite values or NaN for gaps")
    rows = values.reshape(-1, values.shape[-1])
    if names is not None and len(names) != rows.shape[0]:
        raise InputError(f"names: expected {rows.shape[0]} names, got {len(names)}")
    report = []
    for number, row in enumerate(rows):
        gap = np.isnan(row)
        if not gap.any():
            continue
        edges = np.flatnonzero(np.diff(np.concatenate(([0], gap.astype(np.int8), [0]))))
        first, last = edges[::2], edges[1::2]
        short = np.zeros(row.size, dtype=bool)
        if not gap.all():
            for i, j in zip(first, last, strict=True):
                short[i:j] = j - i <= longest
            row[short] = np.interp(np.flatnonzero(short), np.flatnonzero(~gap), row[~gap])
        name = names[number] if names is not None else f"record {number}"
        report.append(
            f"{name}: {int(gap.sum())} samples missing in {first.size} gaps, "
            f"{int(short.sum())} filled by straight lines, {int((gap & ~short).sum())} left"
        )
    return values, report


@dataclass(frozen=True)
class DetrendingResponse:
    """What `dwt_detrend` does to a tone, measured.

    The transform keeps every second coefficient at each level, so it does not treat all moments
    alike: what comes out of a tone depends on where it lies on a grid of ``2**levels`` samples.

    Attributes
    ----------
    frequency : numpy.ndarray
        Hz.
    power : numpy.ndarray
        Mean square of the output over that of the tone, averaged over all positions on the grid.
    coherent : numpy.ndarray
        Part of the amplitude that comes out at the tone's own frequency.
    low, high : numpy.ndarray
        Smallest and largest amplitude over the positions.
    """

    frequency: np.ndarray
    power: np.ndarray
    coherent: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def edge(self, power: float = 0.5) -> float:
        """Highest frequency (Hz) at which the power response falls below `power`.

        Interpolated between the frequencies measured.

        Raises
        ------
        InputError
            If the response does not cross `power` within the frequencies measured.
        """
        below = np.flatnonzero(self.power < power)
        if below.size == 0 or below[-1] == self.power.size - 1:
            raise InputError(f"power: the response does not cross {power} in the range measured")
        i = below[-1]
        part = (power - self.power[i]) / (self.power[i + 1] - self.power[i])
        return float(self.frequency[i] + part * (self.frequency[i + 1] - self.frequency[i]))


def detrending_response(
    frequency: ArrayLike, rate: float = 1.0, *, wavelet: str = "db5", levels: int = 6
) -> DetrendingResponse:
    """Measure the response of `dwt_detrend` with complex tones, away from the record's ends.

    Parameters
    ----------
    frequency : array_like, shape (n,)
        Frequencies in Hz, ascending, 0 to ``rate / 2``.
    rate : float
        Samples a second.
    wavelet, levels
        As for `dwt_detrend`.

    Returns
    -------
    DetrendingResponse
        The response at each frequency.

    Raises
    ------
    InputError
        If a frequency is out of range or they do not ascend, or as `dwt_detrend`.
    """
    f = np.atleast_1d(np.asarray(frequency, dtype=float))
    if not (np.isfinite(rate) and rate > 0):
        raise InputError(f"rate: expected a positive number of samples a second, got {rate}")
    if f.ndim != 1 or f.size == 0 or np.any(~(np.diff(f) > 0)) or f[0] < 0 or f[-1] > rate / 2:
        raise InputError(f"frequency: expected ascending frequencies within 0 to {rate / 2} Hz")
    reach, period = boundary_reach(wavelet, levels), 2**levels
    start = (reach // period + 1) * period
    t = np.arange(2 * start + period)
    tone = np.exp(2j * np.pi * np.outer(f / rate, t))
    out = dwt_detrend(tone.real, wavelet, levels) + 1j * dwt_detrend(tone.imag, wavelet, levels)
    inside = slice(start, start + period)
    gain = out[:, inside] * tone[:, inside].conj()
    amplitude = np.abs(gain)
    return DetrendingResponse(
        f,
        np.mean(amplitude**2, axis=1),
        np.abs(np.mean(gain, axis=1)),
        amplitude.min(axis=1),
        amplitude.max(axis=1),
    )


def boundary_reach(wavelet: str = "db5", levels: int = 6) -> int:
    """Samples at each end of a record that its invented continuation reaches.

    A coefficient of the last level spans ``(L - 1) (2**levels - 1) + 1`` samples for filters of
    length L; one that looks beyond the end comes back into the record one sample less than that.
    567 samples, nine and a half minutes at 1 Hz, for db5 and six levels.
    """
    return (_wavelet(wavelet).dec_len - 1) * (2**levels - 1)


def _wavelet(name: str) -> pywt.Wavelet:
    known = pywt.wavelist(kind="discrete")
    if name not in known:
        raise InputError(unknown("wavelet", name, known))
    return pywt.Wavelet(name)


def _check(values: np.ndarray, filters: pywt.Wavelet, levels: int, mode: str) -> None:
    if mode not in pywt.Modes.modes:
        raise InputError(unknown("mode", mode, pywt.Modes.modes))
    if levels < 1:
        raise InputError(f"levels: expected at least 1, got {levels}")
    needed = (filters.dec_len - 1) * 2**levels
    length = values.shape[-1] if values.ndim else 0
    if length < needed:
        raise InputError(
            f"x: {length} samples are too few for {levels} levels of {filters.name}; "
            f"expected at least {needed}"
        )
    bad = np.argwhere(~np.isfinite(values))
    if bad.size:
        where = tuple(int(i) for i in bad[0])
        raise InputError(
            f"x: sample {where} is {values[where]} ({len(bad)} such); fill or cut gaps first"
        )
