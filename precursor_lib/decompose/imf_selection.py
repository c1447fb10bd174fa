"""Choice of intrinsic mode functions (IMFs) by kurtosis and energy entropy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from precursor_lib.errors import InputError, unknown


@dataclass(frozen=True)
class ImfSelection:
    """What a selection rule found and kept.

    Attributes
    ----------
    kurtosis, entropy : (imf, channel) ndarray
        Kurtosis (a normal distribution has 3) and energy entropy of each IMF. NaN where not
        defined: an IMF without variance, and the residue unless it was judged.
    share : (imf, channel) ndarray
        Share of each IMF in its channel's energy; NaN for a residue that was not judged.
    keep : (imf, channel) ndarray of bool
        What was kept.
    signal : (channel, time) ndarray
        Sum of what was kept, in the unit of the IMFs.
    report : tuple of str
        A sentence for each channel of which the rule kept nothing.
    """

    kurtosis: NDArray[np.float64]
    entropy: NDArray[np.float64]
    share: NDArray[np.float64]
    keep: NDArray[np.bool_]
    signal: NDArray[np.float64]
    report: tuple[str, ...]


def select_imfs(
    imfs: ArrayLike,
    kurtosis_above: float = 3.0,
    entropy_below: float = 0.3,
    *,
    entropy: Literal["share", "time"] = "share",
    segments: int = 20,
    residue: Literal["drop", "judge"] = "drop",
    nothing_kept: Literal["zero", "all", "raise"] = "zero",
) -> ImfSelection:
    r"""Keep the IMFs with high kurtosis and low energy entropy, channel by channel.

    Kurtosis is Pearson's, :math:`m_4 / m_2^2` of the centred IMF. For the energy entropy there are
    two readings, natural logarithms in both:

    - ``"share"``: :math:`-p \ln p`, where p is the IMF's share in the energy of its channel. It is
      the IMF's term in the energy entropy of a decomposition, :math:`H = -\sum_i p_i \ln p_i`,
      and at most 1/e = 0.368, so that a limit of 0.3 refuses the shares from about 0.17 to 0.60.
    - ``"time"``: :math:`-\sum_j q_j \ln q_j / \ln J`, where q_j is the share of segment j in the
      energy of the IMF and J the number of segments: 0 for one burst, 1 for an even IMF.

    Energy is the sum of squares; the IMFs' mean is not removed from it.

    Parameters
    ----------
    imfs : (imf, channel, time) array_like
        As `memd` returns them: the last row is the residue.
    kurtosis_above, entropy_below : float, optional
        An IMF is kept if it lies strictly above the one and strictly below the other.
    entropy : {"share", "time"}, optional
        Which energy entropy is used.
    segments : int, optional
        J, for ``"time"``; segments differ in length by one sample at most.
    residue : {"drop", "judge"}, optional
        "drop": the residue is a trend; it is not kept and does not count as energy. "judge": it is
        treated as an IMF.
    nothing_kept : {"zero", "all", "raise"}, optional
        What a channel becomes of which nothing is kept: zeros, the sum of its IMFs (without a
        dropped residue), or an error. The first two are said in `report`.

    Returns
    -------
    ImfSelection

    Raises
    ------
    InputError
        For a wrong shape, values that are not finite (the first is named) or a parameter out of
        range, or if nothing is kept and `nothing_kept` is "raise".
    """
    modes = _checked(imfs, kurtosis_above, entropy_below)
    for name, value, known in (
        ("entropy", entropy, ("share", "time")),
        ("residue", residue, ("drop", "judge")),
        ("nothing_kept", nothing_kept, ("zero", "all", "raise")),
    ):
        if value not in known:
            raise InputError(unknown(name, value, known))
    if entropy == "time" and not 2 <= segments <= modes.shape[2]:
        raise InputError(
            f"segments is {segments}; expected 2 to {modes.shape[2]}, the number of samples"
        )
    judged = len(modes) - (residue == "drop")
    kurtosis, entropies, share = (np.full(modes.shape[:2], np.nan) for _ in range(3))
    # One IMF at a time: the powers of a whole decomposition would take several times its memory.
    energy = np.einsum("ict,ict->ic", modes[:judged], modes[:judged])
    total = energy.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share[:judged] = energy / total
    for i in range(judged):
        kurtosis[i] = _kurtosis(modes[i])
        entropies[i] = _time_entropy(modes[i], segments) if entropy == "time" else _term(share[i])
    # Comparisons with NaN are False: what is not defined is not kept.
    keep = (kurtosis > kurtosis_above) & (entropies < entropy_below)
    report = []
    for channel in np.flatnonzero(~keep.any(axis=0)):
        said = (
            f"channel {channel}: none of {judged} IMFs has kurtosis above {kurtosis_above:g} "
            f"and energy entropy below {entropy_below:g}"
        )
        if nothing_kept == "raise":
            raise InputError(f"{said}; give nothing_kept='zero' or 'all', or other limits")
        if nothing_kept == "all":
            keep[:judged, channel] = True
        report.append(
            f"{said}; its signal is " + ("zero" if nothing_kept == "zero" else "the sum of all")
        )
    signal = np.zeros(modes.shape[1:])
    for i, channel in np.argwhere(keep):
        signal[channel] += modes[i, channel]
    return ImfSelection(kurtosis, entropies, share, keep, signal, tuple(report))


def _kurtosis(mode: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson kurtosis of each row; NaN for a row without variance."""
    centred = mode - mode.mean(axis=1, keepdims=True)
    largest = np.abs(centred).max(axis=1, keepdims=True)
    # Rounding of a constant's mean is no variance.
    still = largest <= 8 * np.finfo(np.float64).eps * np.abs(mode).max(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = (np.where(still, np.nan, centred) / largest) ** 2
        return np.mean(square**2, axis=1) / np.mean(square, axis=1) ** 2


def _term(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """-p ln p, with its limit 0 at p = 0."""
    return np.where(share > 0, -share * np.log(np.where(share > 0, share, 1.0)), share * 0.0)


def _time_entropy(mode: NDArray[np.float64], segments: int) -> NDArray[np.float64]:
    """Normalised Shannon entropy of the energy of the segments of each row."""
    bounds = np.linspace(0, mode.shape[1], segments + 1).astype(np.int64)
    energy = np.add.reduceat(mode**2, bounds[:-1], axis=1)
    with np.errstate(invalid="ignore"):
        shares = energy / energy.sum(axis=1, keepdims=True)
    return _term(shares).sum(axis=1) / np.log(segments)


def _checked(imfs: ArrayLike, kurtosis_above: float, entropy_below: float) -> NDArray[np.float64]:
    """The IMFs as float64, or an error that says what is wrong."""
    modes = np.asarray(imfs, dtype=np.float64)
    if modes.ndim != 3 or 0 in modes.shape:
        raise InputError(f"imfs has shape {modes.shape}; expected (imf, channel, time), none empty")
    if not np.isfinite(modes).all():
        imf, channel, sample = np.argwhere(~np.isfinite(modes))[0]
        raise InputError(
            f"imfs is {modes[imf, channel, sample]} at IMF {imf}, channel {channel}, "
            f"sample {sample}; expected finite values"
        )
    for name, value in (("kurtosis_above", kurtosis_above), ("entropy_below", entropy_below)):
        if np.isnan(value):
            raise InputError(f"{name} is {value}; expected a number")
    return modes


def mean_periods(imfs: ArrayLike, rate: float = 1.0) -> NDArray[np.float64]:
    """Mean period of each IMF: two times its length over the number of its sign changes.

    Parameters
    ----------
    imfs : (imf, channel, time) array_like
    rate : float, optional
        Samples a second.

    Returns
    -------
    (imf, channel) ndarray
        In s; infinite for an IMF that never changes its sign.
    """
    modes = np.asarray(imfs, dtype=np.float64)
    if modes.ndim != 3:
        raise InputError(f"imfs has shape {modes.shape}; expected (imf, channel, time)")
    crossings = np.count_nonzero(np.diff(np.signbit(modes), axis=2), axis=2)
    with np.errstate(divide="ignore"):
        return 2 * (modes.shape[2] - 1) / (rate * crossings)
