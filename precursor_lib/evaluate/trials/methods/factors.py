"""The factorisations of the SW-NTF paper as methods of a trial, and band power as their rival."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numba
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, hilbert, sosfiltfilt

from precursor_lib.decompose import fill_gaps
from precursor_lib.detect.threshold import baseline_of, spread_of
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.blocks import block_scores
from precursor_lib.evaluate.trials.kinds import Method, Scorer, Training
from precursor_lib.evaluate.trials.stretches import rule_levels, step_seconds, stretches
from precursor_lib.pipelines.chain import Chain
from precursor_lib.pipelines.sw_ntf import factorise, prepare_night

Array = NDArray[np.float64]
Sigma = Literal["night", "training"]

COARSE = Chain(levels=4, directions=8, bins=40, step=2)
"""The chain for means over 4 s: four levels of detrending cut where six do at 1 Hz, at 1/128 Hz.
Projections, frequencies and time steps (8 s) are fewer than in the paper's chain, for speed."""


def sw_ntf(
    chain: Chain = COARSE, *, average: int = 4, sigma: Sigma = "night", name: str = "SW-NTF"
) -> Method:
    """SW-NTF of each night: the multiple of sigma at which the paper's rule still finds something.

    The chain of `precursor_lib.pipelines.sw_ntf` runs on each stretch of even steps. The course of
    the component that lies most in the band is measured from its mean in units of sigma, and a
    block scores the largest that `rule_levels` gives: an alarm above a threshold k is one of the
    paper's rule with k in place of 5.

    Nothing is learnt, but sigma with ``sigma="training"``. The prior goes by the record's
    coordinate ``distance`` (km). A station with a longer gap than the chain bridges is left out of
    that night, and a night in which no IMF is kept at any station scores 0.

    Parameters
    ----------
    chain : Chain
        Settings.
    average : int
        Samples that are averaged to one before the chain; 1 is the paper's.
    sigma : {"night", "training"}
        What the course is measured by: mean and spread (``chain.spread``) of the night itself, as
        the chain does, or of the calm nights of the training, in nT at the strongest station. A
        packet raises the night's own sigma: in a night of n samples whose course is above k sigma
        for m of them, k is at most ``sqrt(n / m - 1)``.
    name : str
        As a reader reads it.
    """
    return _factor_method("sw_ntf", chain, average, sigma, name)


def ntf(
    chain: Chain = COARSE, *, average: int = 4, sigma: Sigma = "night", name: str = "NTF"
) -> Method:
    """As `sw_ntf`, without the prior: the plain factorisation that the paper compares with."""
    return _factor_method("ntf", chain, average, sigma, name)


def band_power(
    band: tuple[float, float] = (0.01, 0.05),
    *,
    per: Literal["s", "day"] = "s",
    name: str = "band power",
) -> Method:
    """Largest power of a block in a band against the calm level: what a reader would try first.

    The record of a station is filtered (Butterworth of order 4, forwards and backwards), and the
    square of its envelope averaged over one period of the band's lower end. It is divided by its
    median in the training record. Each stretch of even steps is filtered by itself; gaps are
    bridged by lines for the filter and not judged.

    Parameters
    ----------
    band : tuple of float
        Lower and upper end.
    per : {"s", "day"}
        Whether the ends count cycles a second (Hz) or a day.
    name : str
        As a reader reads it.

    Raises
    ------
    InputError
        If the band's ends are not positive numbers that ascend, or `per` is unknown.
    """
    seconds = {"s": 1.0, "day": 86400.0}
    if per not in seconds:
        raise InputError(f"per: expected 's' or 'day', got {per!r}")
    low, high = (f / seconds[per] for f in band)
    if not 0 < low < high < np.inf:
        raise InputError(f"band {band}: expected 0 < low < high")
    return Method(name, partial(_learn_band, low, high))


def _factor_method(which: str, chain: Chain, average: int, sigma: Sigma, name: str) -> Method:
    if average < 1:
        raise InputError(f"average {average}: expected 1 or more")
    if sigma not in ("night", "training"):
        raise InputError(f"sigma: expected 'night' or 'training', got {sigma!r}")
    learn = partial(_learn_factors, which, chain, average, sigma)
    return Method(name, learn, paper="swntf", joint=True)


def _learn_factors(
    which: str, chain: Chain, average: int, sigma: Sigma, training: Training
) -> Scorer:
    scorer = FactorScorer(which, chain, average, training.block)
    if sigma == "night":
        return scorer
    calm = np.concatenate([course for _, course in scorer.courses(training.calm)])
    return replace(scorer, level=baseline_of(calm, "mean"), spread=spread_of(calm, chain.spread))


@dataclass(frozen=True)
class FactorScorer:
    """Scores of a network by one factorisation; see `sw_ntf`.

    Attributes
    ----------
    which : {"sw_ntf", "ntf"}
    chain : Chain
    average : int
    block : str or pandas.Timedelta
    level, spread : float or None
        What a course is measured by, nT; None for the mean and spread of each night.
    """

    which: str
    chain: Chain
    average: int
    block: str | pd.Timedelta
    level: float | None = None
    spread: float | None = None

    def courses(self, record: xr.Dataset) -> list[tuple[slice, Array]]:
        """Samples of each night that can be judged, and its first component by time step (nT).

        A step has ``average * chain.step`` samples.

        Raises
        ------
        InputError
            If no night can be judged; the message holds the first reason.
        """
        held, refused = [], []
        before = numba.get_num_threads()
        # The cost is processor time: threads that wait for each other would add to it.
        numba.set_num_threads(1)
        try:
            for part in stretches(record["time"].to_numpy()):
                try:
                    held.append((part, self._course(record.isel(time=part))))
                except InputError as error:
                    refused.append(str(error))
        finally:
            numba.set_num_threads(before)
        if not held:
            raise InputError(f"{self.which}: no night can be judged; the first: {refused[0]}")
        return held

    def _course(self, night: xr.Dataset) -> Array:
        if self.which == "sw_ntf" and "distance" not in night.coords:
            raise InputError("record: expected the coordinate 'distance' (km) for the prior")
        steps = night.sizes["time"] // self.average
        times = night["time"].to_numpy()[: steps * self.average : self.average]
        step = step_seconds(times)
        slowest = 0.5 / self.chain.band[1]
        if step > slowest:
            raise InputError(
                f"time: expected steps of at most {slowest:g} s, half a period of the band's upper "
                f"end; got {step:g} s as means of {self.average} samples"
            )
        raw = night["value"].transpose("station", "time").to_numpy()[:, : steps * self.average]
        means = raw.reshape(len(raw), steps, self.average).mean(axis=2)
        bridged, _ = fill_gaps(means, longest=round(self.chain.longest_gap / step))
        kept = np.isfinite(bridged).all(axis=1)
        if not kept.any():
            raise InputError(f"every station has a gap of more than {self.chain.longest_gap:g} s")
        data = xr.Dataset(
            {"value": (("station", "time"), means[kept])},
            coords={"time": times, "station": night["station"].to_numpy()[kept]},
        )
        prepared = prepare_night(data, self.chain)
        if not prepared.tensor.any():
            return np.zeros(prepared.tensor.shape[1])
        distance = night["distance"].to_numpy() if "distance" in night.coords else np.ones(len(raw))
        factors = factorise(
            prepared.tensor, prepared.frequency, distance[kept], self.chain, self.which
        )
        return factors.amplitude(0)

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        times = record["time"].to_numpy()
        values = np.full(times.size, np.nan)
        together = self.average * self.chain.step
        for part, course in self.courses(record):
            spread = spread_of(course, self.chain.spread) if self.spread is None else self.spread
            level = baseline_of(course) if self.level is None else self.level
            rate = 1.0 / (together * step_seconds(times[part]))
            found = rule_levels(course, rate, self.chain.shortest, self.chain.longest)
            # No run, or none above the mean, is the calmest that a night can be.
            score = np.maximum((found - level) / spread, 0.0) if spread > 0 else 0.0 * course
            held = np.repeat(score, together)[: part.stop - part.start]
            values[part.start : part.start + held.size] = held
        return block_scores(times, values[None], self.block, ["network"])


def _learn_band(low: float, high: float, training: Training) -> Scorer:
    power = power_in_band(training.calm, low, high)
    calm = {}
    for name, row in zip(map(str, training.calm["station"].to_numpy()), power, strict=True):
        held = row[np.isfinite(row)]
        calm[name] = float(np.median(held)) if held.size else 0.0
        if not calm[name] > 0:
            raise InputError(f"training: station {name} has no power in the band to compare with")
    return BandScorer(low, high, training.block, calm)


@dataclass(frozen=True)
class BandScorer:
    """Scores of single stations by their power in a band; see `band_power`.

    Attributes
    ----------
    low, high : float
        Hz.
    block : str or pandas.Timedelta
    calm : dict of str to float
        Median power by station in the training record, units of the record squared.
    """

    low: float
    high: float
    block: str | pd.Timedelta
    calm: dict[str, float]

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        names = [str(s) for s in record["station"].to_numpy()]
        unknown = [name for name in names if name not in self.calm]
        if unknown:
            raise InputError(f"station {unknown[0]}: was not in the training record")
        level = np.array([self.calm[name] for name in names])
        ratio = power_in_band(record, self.low, self.high) / level[:, None]
        return block_scores(record["time"].to_numpy(), ratio, self.block, names)


def power_in_band(record: xr.Dataset, low: float, high: float) -> Array:
    """Running mean over ``1 / low`` of the squared envelope in a band (station, time).

    NaN in gaps, and in stretches of even steps shorter than two periods of the lower end.

    Parameters
    ----------
    record : xarray.Dataset
        ``value`` (time, station).
    low, high : float
        Hz.

    Raises
    ------
    InputError
        If `high` is not below half the sampling rate, or no stretch is long enough.
    """
    raw = record["value"].transpose("station", "time").to_numpy().astype(float)
    power = np.full(raw.shape, np.nan)
    times = record["time"].to_numpy()
    parts = stretches(times)
    step = step_seconds(times)
    if not high * step < 0.5:
        raise InputError(f"band: expected an upper end below {0.5 / step:g} Hz, got {high:g} Hz")
    sections = butter(4, (low, high), "bandpass", fs=1 / step, output="sos")
    judged, period = False, round(1 / (low * step))
    for part in parts:
        length = part.stop - part.start
        if length * step < 2 / low:
            continue
        judged = True
        filled, _ = fill_gaps(raw[:, part], longest=length)
        # A station without a sample in this stretch stays NaN.
        inside = sosfiltfilt(sections, filled, axis=1, padlen=period)
        square = np.abs(hilbert(inside, axis=1)) ** 2
        power[:, part] = uniform_filter1d(square, period, axis=1)
    if not judged:
        raise InputError(f"record: no stretch of even steps lasts {2 / low:g} s, two periods")
    power[~np.isfinite(raw)] = np.nan
    return power
