"""Records made when first asked for, and the days that simulated ones stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd
import xarray as xr

from precursor_lib.evaluate.trials.kinds import ROLES, Role

STARTS: Mapping[Role, str] = MappingProxyType(
    {"training": "2011-04-01", "calibration": "2012-04-01", "test": "2013-04-01"}
)
"""First days (UTC) of simulated records that real indices drive: one season of three years that
were alike in activity, so that no threshold is set in winter and tried in summer."""


@dataclass(frozen=True)
class Made:
    """Records that are made once each, so that several methods do not make them anew.

    Attributes
    ----------
    make : callable
        From a role and a number to a record.
    kept : dict
        Those made so far.
    """

    make: Callable[[Role, int], xr.Dataset]
    kept: dict[tuple[Role, int], xr.Dataset] = field(default_factory=dict, repr=False)

    def __call__(self, role: Role, number: int) -> xr.Dataset:
        """The record of a role and number."""
        key = role, number
        if key not in self.kept:
            self.kept[key] = self.make(*key)
        return self.kept[key]


def days_of(role: Role, days: tuple[int, int, int]) -> tuple[str, str]:
    """First day of a role's simulated record and the day after its last, UTC (see `STARTS`)."""
    first = pd.Timestamp(STARTS[role])
    end = first + pd.Timedelta(days=days[ROLES.index(role)])
    return f"{first:%Y-%m-%d}", f"{end:%Y-%m-%d}"
