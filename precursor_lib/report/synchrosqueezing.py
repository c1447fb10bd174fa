"""Figures and tables of the page on synchrosqueezing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from precursor_lib.decompose import Synchrosqueezed, synchrosqueeze, wavelet_transform
from precursor_lib.detect import exceedances
from precursor_lib.report import style

BAND = (0.01, 0.05)


def chirp_and_tones(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """A chirp from 0.01 to 0.1 Hz (amplitude 1) and steady tones at 0.15 and 0.2 Hz (0.5).

    Returns
    -------
    x, frequency : numpy.ndarray, shape (samples,)
        The record at 1 Hz and the chirp's frequency in Hz.
    """
    t = np.arange(samples)
    growth = np.log(10) / samples
    frequency = 0.01 * np.exp(growth * t)
    x = np.cos(2 * np.pi * (frequency - frequency[0]) / growth)
    return x + 0.5 * np.cos(2 * np.pi * 0.15 * t) + 0.5 * np.cos(2 * np.pi * 0.2 * t), frequency


@style.drawn
def sharpness(x: np.ndarray, rate: float, frequencies: np.ndarray, chirp: np.ndarray) -> Figure:
    """Wavelet amplitude and synchrosqueezed amplitude of one record, and a cut through both."""
    plain = np.abs(wavelet_transform(x, rate, frequencies))
    squeezed = synchrosqueeze(x, rate, frequencies=frequencies).amplitude
    figure, axes = plt.subplots(1, 3, width_ratios=[1, 1, 0.7], sharey=True)
    hours = np.arange(x.size) / (60 * rate)
    for axis, values, title in zip(
        axes, (plain, squeezed), ("wavelet transform", "synchrosqueezed"), strict=False
    ):
        image = _image(axis, hours, frequencies, values, 1.0)
        axis.plot(hours, chirp, "w--", linewidth=0.6)
        axis.set(title=title, xlabel="minutes")
    axes[0].set(ylabel="frequency (Hz)")
    figure.colorbar(image, ax=axes[:2], label="amplitude", location="bottom", shrink=0.6)
    middle = x.size // 2
    axes[2].plot(plain[:, middle], frequencies, label="wavelet")
    axes[2].plot(squeezed[:, middle], frequencies, label="squeezed")
    axes[2].set(xlabel="amplitude", title="at the middle")
    axes[2].legend()
    return figure


def calibration(
    frequencies: Sequence[float], wavelets: Mapping[str, Mapping[str, Any]], samples: int = 7200
) -> pd.DataFrame:
    """Unit sines: ridge amplitude, energy, error of the inversion, and width before and after.

    Parameters
    ----------
    frequencies : sequence of float
        Of the sines, in Hz at a rate of 1 Hz.
    wavelets : mapping
        Name and arguments of `synchrosqueeze`.

    Returns
    -------
    pandas.DataFrame
        One row a wavelet and frequency; values from the middle third of the record.
    """
    t, inside = np.arange(samples), slice(samples // 3, 2 * samples // 3)
    rows = []
    for name, arguments in wavelets.items():
        for f in frequencies:
            x = np.sin(2 * np.pi * f * t)
            squeezed = synchrosqueeze(x, 1.0, fmin=0.002, fmax=0.5, **arguments)
            _, ridge = squeezed.ridge()
            fine = f * np.linspace(0.5, min(1.5, 0.5 / f), 201)
            plain = np.abs(wavelet_transform(x, 1.0, fine, **arguments))[:, samples // 2]
            half = fine[plain > 0.5 * plain.max()]
            energy = (squeezed.amplitude[:, inside] ** 2).sum(axis=0).mean()
            rows.append(
                {
                    "wavelet": name,
                    "frequency (Hz)": f,
                    "ridge amplitude": ridge[inside].mean(),
                    "energy": energy,
                    "largest error of the inverse": np.abs(squeezed.inverse() - x)[inside].max(),
                    "width before (Hz)": half[-1] - half[0],
                    "one bin (Hz)": f * (squeezed.frequency[1] / squeezed.frequency[0] - 1),
                }
            )
    return pd.DataFrame(rows)


def burst_durations(
    durations: Sequence[float],
    frequencies: Sequence[float],
    wavelets: Mapping[str, Mapping[str, Any]],
    samples: int = 3600,
) -> pd.DataFrame:
    """Bursts of unit sine of known length: for how long they are seen, and how large.

    What is measured is the sum of the amplitudes of all bins from half to twice the burst's
    frequency, as a component of the tensor sums them, and the amplitude of the bin of the burst's
    own frequency.

    Returns
    -------
    pandas.DataFrame
        One row a wavelet, frequency and duration: seconds above half the maximum, of the sum and of
        the bin; and the maximum of the bin.
    """
    t = np.arange(samples) - samples / 2
    rows = []
    for name, arguments in wavelets.items():
        for f in frequencies:
            bins = f * np.geomspace(0.5, 2, 41)
            for duration in durations:
                x = np.where(np.abs(t) < duration / 2, np.cos(2 * np.pi * f * t), 0.0)
                amplitude = synchrosqueeze(x, 1.0, frequencies=bins, **arguments).amplitude
                total, own = amplitude.sum(axis=0), amplitude[20]
                rows.append(
                    {
                        "wavelet": name,
                        "frequency (Hz)": f,
                        "true (s)": duration,
                        "sum of bins (s)": int((total > 0.5 * total.max()).sum()),
                        "own bin (s)": int((own > 0.5 * own.max()).sum()),
                        "amplitude of own bin": own.max(),
                    }
                )
    return pd.DataFrame(rows)


@style.drawn
def duration_curves(bursts: pd.DataFrame) -> Figure:
    """Measured against true duration, a panel a frequency; 60 s and 300 s are marked."""
    frequencies = bursts["frequency (Hz)"].unique()
    figure, axes = plt.subplots(1, len(frequencies), sharey=True, squeeze=False)
    for f, axis in zip(frequencies, axes[0], strict=True):
        here = bursts[bursts["frequency (Hz)"] == f]
        for name, rows in here.groupby("wavelet", sort=False):
            axis.plot(rows["true (s)"], rows["sum of bins (s)"], marker="o", ms=3, label=name)
        longest = here["true (s)"].max()
        axis.plot([0, longest], [0, longest], color=style.COLOURS["grey"], linewidth=0.8)
        for limit in (60, 300):
            axis.axhline(limit, color=style.COLOURS["grey"], linestyle=":", linewidth=0.8)
        axis.set(title=f"{f:g} Hz", xlabel="true duration (s)")
    axes[0, 0].set(ylabel="seen above half (s)")
    axes[0, -1].legend()
    return figure


def spectra(transforms: Mapping[str, Synchrosqueezed]) -> pd.DataFrame:
    """Where the mean amplitude of each record is largest, outside the cone of influence."""
    rows = {}
    for name, transform in transforms.items():
        inside = np.where(transform.edge_mask(), np.nan, transform.amplitude)
        # A column far down may lie in the cone at all times.
        seen = ~np.isnan(inside).all(axis=1)
        mean = np.nanmean(inside[seen], axis=1)
        frequency = transform.frequency[seen]
        band = (frequency >= BAND[0]) & (frequency <= BAND[1])
        rows[name] = {
            "largest mean amplitude at (Hz)": frequency[mean.argmax()],
            "energy in 0.01-0.05 Hz (%)": 100 * (mean[band] ** 2).sum() / (mean**2).sum(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("record")


@style.drawn
def nights(transforms: Mapping[str, Synchrosqueezed], *, unit: str = "nT") -> Figure:
    """Amplitude by frequency and time, a panel a record, with the cone of influence."""
    figure, axes = plt.subplots(
        len(transforms),
        1,
        sharex=True,
        squeeze=False,
        figsize=(style.PAGE_WIDTH, 1.9 * len(transforms) + 0.5),
    )
    for (name, transform), axis in zip(transforms.items(), axes[:, 0], strict=True):
        hours = transform.time / 3600
        top = float(np.percentile(transform.amplitude, 99.5))
        image = _image(axis, hours, transform.frequency, transform.amplitude, top)
        cone = transform.cone / 3600
        axis.plot(hours[0] + cone, transform.frequency, "w", linewidth=1)
        axis.plot(hours[-1] - cone, transform.frequency, "w", linewidth=1)
        axis.axhline(BAND[0], color="w", linestyle=":", linewidth=0.8)
        axis.axhline(BAND[1], color="w", linestyle=":", linewidth=0.8)
        axis.set(title=name, ylabel="frequency (Hz)", xlim=(hours[0], hours[-1]))
        figure.colorbar(image, ax=axis, label=f"amplitude ({unit})")
    axes[-1, 0].set(xlabel="hours")
    return figure


def peakedness(
    records: Mapping[str, np.ndarray], rate: float, *, bins: int, step: int, sigmas: float = 5.0
) -> pd.DataFrame:
    """How peaked amplitudes in 0.01-0.05 Hz are, before and after squeezing.

    Parameters
    ----------
    records : mapping
        Name and samples of each record.
    rate : float
        Samples a second.
    bins : int
        Frequencies between 0.001 Hz and half the rate.
    step : int
        Samples averaged to one.
    sigmas : float
        Threshold of the rule of 60-300 s.

    Returns
    -------
    pandas.DataFrame
        One row a record and transform. ``kurtosis`` of one bin's course (median over the band's
        bins) and of the band's mean; ``above`` the share of time above mean + `sigmas` standard
        deviations, in percent, for a bin and for the band; ``runs`` found in the band's mean by
        the rule.
    """
    frequencies = np.geomspace(0.001, rate / 2, bins)
    band = (frequencies >= BAND[0]) & (frequencies <= BAND[1])
    rows = []
    for name, x in records.items():
        blocks = x.size // step
        plain = np.abs(wavelet_transform(x, rate, frequencies[band], dtype="float32"))
        plain = plain[:, : blocks * step].reshape(band.sum(), blocks, step).mean(axis=-1)
        squeezed = synchrosqueeze(
            x, rate, frequencies=frequencies, step=step, dtype="float32"
        ).amplitude[band]
        for kind, values in (("wavelet", plain), ("synchrosqueezed", squeezed)):
            mean = values.mean(axis=0)
            z = (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)
            rows.append(
                {
                    "record": name,
                    "amplitude": kind,
                    "kurtosis, one bin": np.median(stats.kurtosis(values, axis=1, fisher=False)),
                    "kurtosis, band": stats.kurtosis(mean, fisher=False),
                    "above, one bin (%)": 100 * np.mean(z > sigmas),
                    "above, band (%)": 100 * np.mean((mean - mean.mean()) / mean.std() > sigmas),
                    "runs": len(exceedances(mean, rate / step, sigmas=sigmas)),
                }
            )
    return pd.DataFrame(rows)


def _image(axis: Any, x: np.ndarray, frequency: np.ndarray, values: np.ndarray, top: float) -> Any:
    axis.set(yscale="log")
    axis.grid(visible=False)
    # Time is thinned by block maxima, as a pixel is wider than a sample and ridges are narrow.
    width = max(1, x.size // 900)
    blocks = x.size // width
    thin = values[:, : blocks * width].reshape(values.shape[0], blocks, width).max(axis=-1)
    return axis.pcolormesh(
        x[: blocks * width : width],
        frequency,
        thin,
        vmin=0,
        vmax=top,
        shading="nearest",
        rasterized=True,
        cmap=style.SEQUENTIAL,
    )
