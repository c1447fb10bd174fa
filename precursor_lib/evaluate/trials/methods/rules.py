"""Rules that need no training: bounds from the days before at the same time of day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.detect.day_grid import DAY, DayGrid
from precursor_lib.detect.tec_rules import TecBounds, error_bounds, median_bounds
from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.blocks import block_scores
from precursor_lib.evaluate.trials.kinds import Method, Training
from precursor_lib.evaluate.trials.records.series import even_step

Centre = Literal["median", "mean"]


def median_rule(*, days: int = 15, factor: float = 1.5, name: str = "Median rule") -> Method:
    """Values beyond the median by so many interquartile ranges, of the days before at that time.

    The rule that Xiong et al. (2022, EQ7, EQ8) set theirs against; 27 days are as usual. It takes
    any evenly sampled record whose step divides a day. A block's score is its largest excess over
    the bounds in units of the record (the paper's DTEC, by size), below 0 where all values lie
    inside. The first `days` days are not judged.

    Parameters
    ----------
    days : int
        Days in the window, all before the day that is judged.
    factor : float
        Interquartile ranges.
    name : str
        Of the method.
    """
    return Method(name, partial(_learn, "median", days, factor))


def mean_rule(*, days: int = 15, factor: float = 2.0, name: str = "Mean rule") -> Method:
    """Values beyond the mean by so many standard deviations, of the days before at that time.

    Scored as `median_rule`.

    Parameters
    ----------
    days : int
        Days in the window, all before the day that is judged.
    factor : float
        Standard deviations (divisor n - 1).
    name : str
        Of the method.
    """
    return Method(name, partial(_learn, "mean", days, factor))


@dataclass(frozen=True)
class DayRule:
    """Scores blocks by the days before them.

    Attributes
    ----------
    centre : {"median", "mean"}
    days : int
    factor : float
    block : str or pandas.Timedelta
    """

    centre: Centre
    days: int
    factor: float
    block: str | pd.Timedelta

    def __call__(self, record: xr.Dataset) -> xr.Dataset:
        """Scores of a record's blocks.

        Raises
        ------
        InputError
            If the record is not even, or not longer than the window.
        """
        times = record["time"].to_numpy()
        values = record["value"].transpose("station", "time").to_numpy()
        # Means stand at the middle of their step; the grid of days asks for ticks at midnight.
        ticks = times - (times[0] - times[0].astype("datetime64[D]")) % even_step(times)
        grid = DayGrid.of(ticks)
        if grid.days <= self.days:
            raise InputError(
                f"record: expected more than the {self.days} days of the rule's window, got "
                f"{grid.days}"
            )
        bounds = self._bounds(values, ticks, grid)
        excess = np.maximum(values - bounds.upper, bounds.lower - values)
        return block_scores(times, excess, self.block, list(record["station"].to_numpy()))

    def _bounds(self, values: np.ndarray, ticks: np.ndarray, grid: DayGrid) -> TecBounds:
        if self.centre == "median":
            return median_bounds(values, ticks, days=self.days, factor=self.factor)
        # Each time of day is a series of its own with a step of a day.
        daily = ticks[0].astype("datetime64[D]").astype("datetime64[ns]") + DAY * np.arange(
            grid.days
        )
        series = np.swapaxes(grid.fold(values), -1, -2)
        found = error_bounds(series, daily, days=self.days, factor=self.factor)
        lower, upper, used = (
            grid.unfold(np.swapaxes(part, -1, -2))
            for part in (found.lower, found.upper, found.used)
        )
        return TecBounds(lower, upper, used.astype(np.int64))


def _learn(centre: Centre, days: int, factor: float, training: Training) -> DayRule:
    return DayRule(centre, days, factor, training.block)
