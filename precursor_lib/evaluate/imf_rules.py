"""What the decomposition and the choice of IMFs do where the answer is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from precursor_lib.decompose import dwt_detrend, mean_periods, memd, select_imfs
from precursor_lib.errors import InputError


def coloured_noise(
    exponent: float, channels: int, samples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Gaussian noise with power f^-exponent and unit variance, (channel, time)."""
    spectrum = np.fft.rfft(rng.normal(size=(channels, samples)))
    frequency = np.fft.rfftfreq(samples)
    spectrum[:, 0] = 0
    spectrum[:, 1:] *= frequency[1:] ** (-exponent / 2)
    noise = np.fft.irfft(spectrum, samples)
    return noise / noise.std(axis=1, keepdims=True)


def noise_pass_rates(
    exponents: Sequence[float],
    *,
    trials: int,
    channels: int = 7,
    samples: int = 3600,
    directions: int = 64,
    seed: int,
) -> pd.DataFrame:
    """How often IMFs of Gaussian noise pass the rules of `select_imfs`, at their default limits.

    Each trial is independent noise at all channels, detrended with `dwt_detrend` and decomposed
    together. Nothing in it is a signal.

    Parameters
    ----------
    exponents : sequence of float
        Colours: power goes with f^-exponent.
    trials, channels, samples, directions : int
    seed : int

    Returns
    -------
    pandas.DataFrame
        A row a colour and IMF: ``exponent imf period`` (mean period in samples), ``count`` (trials
        x channels that had the IMF), and the shares ``kurtosis`` (kurtosis above 3), ``share`` and
        ``time`` (the whole rule, with either energy entropy), and ``energy`` (mean share of the
        channel's energy). The residue is left out.
    """
    if trials < 1:
        raise InputError(f"trials is {trials}; expected at least 1")
    rows = []
    seeds = np.random.SeedSequence(seed).spawn(trials * len(exponents))
    for k, exponent in enumerate(exponents):
        for trial in range(trials):
            rng = np.random.default_rng(seeds[k * trials + trial])
            noise = dwt_detrend(coloured_noise(exponent, channels, samples, rng))
            imfs = memd(noise, directions)
            by_share = select_imfs(imfs)
            by_time = select_imfs(imfs, entropy="time")
            frame = pd.DataFrame(
                {
                    "period": mean_periods(imfs)[:-1].ravel(),
                    "kurtosis": (by_share.kurtosis[:-1] > 3).ravel(),
                    "share": by_share.keep[:-1].ravel(),
                    "time": by_time.keep[:-1].ravel(),
                    "energy": by_share.share[:-1].ravel(),
                }
            )
            frame["exponent"] = exponent
            frame["imf"] = np.repeat(np.arange(1, len(imfs)), channels)
            rows.append(frame)
    grouped = pd.concat(rows).groupby(["exponent", "imf"])
    means = grouped.mean()
    means.insert(0, "count", grouped.size())
    return means.reset_index()


def summarise_noise(rates: pd.DataFrame, names: Mapping[float, str]) -> pd.DataFrame:
    """Shares of all noise IMFs that pass, a row a colour.

    Parameters
    ----------
    rates : DataFrame
        As `noise_pass_rates` returns it.
    names : mapping
        Of the colours, by exponent.

    Returns
    -------
    pandas.DataFrame
        Index: the colour. ``IMFs`` (number of all), and the shares of them that pass: ``kurtosis``
        alone, and the whole rule with the entropy of the ``share`` and over ``time``.
    """
    rows = {}
    for exponent, part in rates.groupby("exponent"):
        rules = ["kurtosis", "share", "time"]
        passed = part[rules].mul(part["count"], axis=0).sum() / part["count"].sum()
        rows[names[exponent]] = {"IMFs": int(part["count"].sum()), **passed}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("noise")


def end_errors(
    periods: Sequence[float], *, trials: int, samples: int, reach: float, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Error of the first IMF of two tones against the distance from the record's end.

    Two channels hold a fast and a slow tone of unit amplitude and random phases. The error is the
    difference of the first IMF and the fast tone.

    Parameters
    ----------
    periods : (fast, slow)
        In samples.
    trials, samples : int
    reach : float
        Up to how many periods of the slow tone from an end to look.
    seed : int

    Returns
    -------
    distance : ndarray
        From the end, in periods of the slow tone.
    error : ndarray
        Root mean square over trials, channels and both ends.
    """
    fast, slow = periods
    rng = np.random.default_rng(seed)
    time = np.arange(samples)
    size = int(reach * slow)
    if 2 * size > samples:
        raise InputError(f"reach is {reach}; expected less than half of the record")
    total = np.zeros(size)
    for _ in range(trials):
        phases = rng.uniform(0, 2 * np.pi, (2, 2, 1))
        tone = np.sin(2 * np.pi * time / fast + phases[0])
        error = memd(tone + np.sin(2 * np.pi * time / slow + phases[1]), max_imfs=1)[0] - tone
        total += (error[:, :size] ** 2 + error[:, ::-1][:, :size] ** 2).sum(axis=0)
    return np.arange(size) / slow, np.sqrt(total / (4 * trials))


def compare_rules(
    imfs: NDArray[np.float64],
    rules: Mapping[str, Mapping[str, object]],
    truth: NDArray[np.float64],
    names: Sequence[str],
) -> pd.DataFrame:
    """What each rule keeps of a decomposition whose signal is known.

    Parameters
    ----------
    imfs : (imf, channel, time) ndarray
        As `memd` returns them.
    rules : mapping
        Keyword arguments of `select_imfs` by the rule's name.
    truth : (channel, time) ndarray
        The signal.
    names : sequence of str
        Of the channels.

    Returns
    -------
    pandas.DataFrame
        A row a rule and channel: ``rule station kept`` (IMFs), ``energy`` (the kept signal's share
        of the record's variance), ``before`` and ``after`` (correlation of the record and of the
        kept signal with the truth; NaN where either does not vary).
    """
    record = imfs.sum(axis=0)
    rows = []
    for rule, arguments in rules.items():
        selection = select_imfs(imfs, **arguments)  # type: ignore[arg-type]
        for c, name in enumerate(names):
            rows.append(
                {
                    "rule": rule,
                    "station": name,
                    "kept": int(selection.keep[:, c].sum()),
                    "energy": selection.signal[c].var() / record[c].var(),
                    "before": _correlation(record[c], truth[c]),
                    "after": _correlation(selection.signal[c], truth[c]),
                }
            )
    return pd.DataFrame(rows)


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Pearson's, or NaN where one does not vary."""
    if a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def source_ratio(
    signal: ArrayLike, source: ArrayLike, rate: float, band: tuple[float, float] = (0.01, 0.05)
) -> float:
    """Energy of a known source in a signal over the energy of all else, within a band.

    The source enters with the factor that fits it best by least squares, so that a gain of the
    processing does not count.

    Parameters
    ----------
    signal, source : array_like, shape (..., time)
        Records, and what the source put into them.
    rate : float
        Samples a second.
    band : tuple of float
        Hz.

    Returns
    -------
    float
        Over all leading dimensions together; 0 where nothing of the source is left.

    Raises
    ------
    InputError
        If shapes differ or the source is zero in the band.
    """
    x, s = np.asarray(signal, dtype=float), np.asarray(source, dtype=float)
    if x.shape != s.shape:
        raise InputError(f"signal, source: expected one shape, got {x.shape} and {s.shape}")
    frequency = np.fft.rfftfreq(x.shape[-1], 1 / rate)
    inside = (frequency >= band[0]) & (frequency <= band[1])
    fx, fs = (np.fft.rfft(v)[..., inside] for v in (x, s))
    energy = float((np.abs(fs) ** 2).sum())
    if energy == 0:
        raise InputError("source: it has no energy in the band")
    gain = float((fx * fs.conj()).real.sum()) / energy
    rest = float((np.abs(fx - gain * fs) ** 2).sum())
    return max(gain, 0.0) ** 2 * energy / rest if rest > 0 else np.inf
