"""Block scores from residuals: how many of them are large, by what was learnt of their size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.detect import PointRule
from precursor_lib.detect.tec_rules import error_bounds, quiet_times
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.blocks import block_scores
from precursor_lib.evaluate.trials.kinds import Training
from precursor_lib.evaluate.trials.methods.signals import Array, EvenRecord, even_record, known

Residual = Callable[[EvenRecord], Array]
"""From a record to what is left of it, (station, n) and NaN where there is no forecast."""


@dataclass(frozen=True)
class LagResidual:
    """Value less that of so many samples earlier."""

    lag: int

    def __call__(self, even: EvenRecord) -> Array:
        x = even.values.to_numpy()
        if x.shape[1] <= self.lag:
            raise InputError(f"record: {x.shape[1]} samples; expected more than {self.lag}")
        left = np.full(x.shape, np.nan)
        left[:, self.lag :] = x[:, self.lag :] - x[:, : -self.lag]
        return left


Measure = Literal["mean_multiple", "confidence", "centred", "robust", "before"]


@dataclass(frozen=True)
class SizeRule:
    """What a residual is measured by, and when it makes an anomalous point.

    Attributes
    ----------
    measure : str
        ``mean_multiple``: mean size (Zhang et al. 2026, EQ7-8). ``confidence``: standard deviation,
        from zero on (the STMN paper). ``centred``: standard deviation, from the mean on.
        ``before``: the same of the 15 days before the sample's (Xiong et al. 2022, EQ1-2).
        ``robust``: 1.4826 times the median distance from the median, from that on. All but
        ``before`` are of the training record.
    factor : float or None
        Points are larger than so many of it. None: no points are counted.
    """

    measure: Measure
    factor: float | None = None

    def learn(self, left: Array) -> tuple[float, float]:
        """Centre and scale of residuals; NaN are left out."""
        held = left[np.isfinite(left)]
        if not held.size:
            raise InputError("training record: no residual to take a scale from")
        if self.measure in ("mean_multiple", "confidence"):
            centre, scale = 0.0, float(PointRule(self.measure).scale(held))
        elif self.measure == "robust":
            centre = float(np.median(held))
            scale = 1.4826 * float(np.median(np.abs(held - centre)))
        else:
            centre, scale = float(held.mean()), float(held.std())
        if scale <= 0:
            raise InputError("training record: its residuals do not vary, and give no scale")
        return centre, scale


@dataclass(frozen=True)
class ResidualScorer:
    """Scores of blocks by how many residuals are large, and how large the largest is.

    A block's score is its number of anomalous points plus r / (1 + r), with r its largest residual
    in units of the scale: blocks of one number are in order by r. Without a factor it is r alone.
    The peak is where the largest is.

    Attributes
    ----------
    residual : callable
    rule : SizeRule
    scales : mapping of str to (float, float)
        Centre and scale of the residuals, by station.
    block : str or pandas.Timedelta
    step : str or None
        As for `even_record`.
    quiet : bool
        Residuals count as 0 where Kp is 3 or more or Dst is -30 nT or less, in a record that has
        both (RC may stand for Dst); they are not judged where an index is missing.
    """

    residual: Residual
    rule: SizeRule
    scales: Mapping[str, tuple[float, float]]
    block: str | pd.Timedelta
    step: str | None = None
    quiet: bool = False

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        """Scores of a record's blocks.

        Raises
        ------
        InputError
            If the record's step is not even, it is too short, a station is not of the training
            record, or an input of that is missing.
        """
        even = even_record(record, step=self.step)
        size = self.sizes(even)
        scores = block_scores(even.times, size, self.block, even.stations)
        largest = scores["score"]
        if self.rule.factor is None:
            return scores
        points = np.where(np.isnan(size), np.nan, size > self.rule.factor)
        number = block_scores(even.times, points, self.block, even.stations, how="sum")["score"]
        return scores.assign(score=number + largest / (1 + largest))

    def sizes(self, even: EvenRecord) -> Array:
        """Residuals in units of their scale, (station, n); NaN where not judged."""
        left = np.where(even.present, self.residual(even), np.nan)
        if self.rule.measure == "before":
            # The rule counts whole days from a sample at midnight.
            bounds = error_bounds(left, even.times.floor(even.step), factor=1.0)
            centre, scale = (bounds.upper + bounds.lower) / 2, (bounds.upper - bounds.lower) / 2
        else:
            pairs = np.array([known(self.scales, name) for name in even.stations])
            centre, scale = pairs[:, :1], pairs[:, 1:]
        # Fifteen days that are all alike give no scale.
        size = np.abs(left - centre) / np.where(scale > 0, scale, np.nan)
        ring = even.indices.get("Dst", even.indices.get("RC"))
        if self.quiet and ring is not None and "Kp" in even.indices:
            kp = even.indices["Kp"]
            judged = np.isfinite(kp) & np.isfinite(ring)
            size = np.where(judged, size * quiet_times(kp, ring), np.nan)
        return size


def learnt_scorer(
    residual: Residual,
    rule: SizeRule,
    even: EvenRecord,
    training: Training,
    *,
    first: int = 0,
    step: str | None = None,
    quiet: bool = False,
) -> ResidualScorer:
    """A scorer whose scales are those of the training record's residuals.

    Parameters
    ----------
    residual, rule, step, quiet
        As for `ResidualScorer`.
    even : EvenRecord
        The training record.
    training : Training
        Of its block.
    first : int
        First sample whose residual counts: none that a network was fitted to.

    Raises
    ------
    InputError
        If a station has no residual from there on, or they do not vary.
    """
    left = np.where(even.present, residual(even), np.nan)[:, first:]
    scales = {}
    for name, row in zip(even.stations, left, strict=True):
        try:
            scales[name] = rule.learn(row)
        except InputError as error:
            raise InputError(f"station {name}: {error}") from error
    return ResidualScorer(residual, rule, scales, training.block, step, quiet)


def learn_lag(lag: str | None, step: str | None, training: Training) -> ResidualScorer:
    """Learn the size of a record's changes over a time; None is one sample.

    Raises
    ------
    InputError
        If it is not whole samples, or the record is not longer.
    """
    even = even_record(training.calm, step=step)
    samples = 1
    if lag is not None:
        whole = pd.Timedelta(lag) / even.step
        samples = round(whole)
        if samples < 1 or not np.isclose(samples, whole):
            raise InputError(f"lag {lag}: expected whole steps of {even.step}")
    return learnt_scorer(LagResidual(samples), SizeRule("robust"), even, training, step=step)
