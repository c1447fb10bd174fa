"""Records of the three roles: made when first asked for, or cut from one record in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError
from precursor_lib.evaluate.trials.kinds import ROLES, Role
from precursor_lib.times import utc

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


@dataclass(frozen=True)
class PartsInTime:
    """One record cut in time: training, then calibration, then test.

    Attributes
    ----------
    record : xarray.Dataset
        The whole.
    calibration, test : str
        First moments (UTC) of these parts.

    Raises
    ------
    InputError
        If a part holds no value.
    """

    record: xr.Dataset
    calibration: str
    test: str

    def __post_init__(self) -> None:
        for role in ROLES:
            if not np.isfinite(self(role, 0)["value"]).any():
                raise InputError(
                    f"calibration {self.calibration}, test {self.test}: the record leaves no value "
                    f"for {role}"
                )

    def __call__(self, role: Role, number: int) -> xr.Dataset:
        """The part of a role; there is one, of number 0."""
        if number:
            raise InputError(f"number {number}: expected 0, the only part of a role")
        when = self.record["time"].to_numpy()
        edges = [
            int(when.searchsorted(utc(moment, name).to_datetime64()))
            for name, moment in (("calibration", self.calibration), ("test", self.test))
        ]
        bounds = [0, *edges, when.size]
        place = ROLES.index(role)
        return self.record.isel(time=slice(bounds[place], bounds[place + 1]))


def days_of(role: Role, days: tuple[int, int, int]) -> tuple[str, str]:
    """First day of a role's simulated record and the day after its last, UTC (see `STARTS`)."""
    first = pd.Timestamp(STARTS[role])
    end = first + pd.Timedelta(days=days[ROLES.index(role)])
    return f"{first:%Y-%m-%d}", f"{end:%Y-%m-%d}"


def even_step(times: ArrayLike) -> pd.Timedelta:
    """Step of a record's times.

    Raises
    ------
    InputError
        If they do not ascend by one step.
    """
    steps = np.unique(np.diff(np.asarray(times).astype("datetime64[ns]")))
    if steps.size != 1 or steps[0] <= np.timedelta64(0, "ns"):
        raise InputError("time: expected an ascending axis with one step; fill gaps with NaN first")
    return pd.Timedelta(steps[0])
