"""Stand-ins for indices that are not at hand."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.simulate.space_weather import real_rc


def dst_from_rc(*, seed: int, start: str | None = None, end: str | None = None) -> xr.Dataset:
    """Take the ring-current index RC for Dst, where Dst itself is not at hand.

     Both measure the same ring current from different observatories and against different baselines
    ; RC is taken as it is, with no fit to Dst.

     Parameters
     ----------
     seed : int
         Without effect, for nothing is drawn; every simulator takes one.
     start, end : str, optional
         Part to take, UTC, the end left out.

     Returns
     -------
     xarray.Dataset
         ``Dst`` (nT) along ``time``, hourly, each hour labelled by its start.

     Raises
     ------
     InputError
         If RC does not reach into the time asked for.
    """
    rc = real_rc()
    part = rc.loc[slice(start and pd.Timestamp(start), end and pd.Timestamp(end))]
    if end is not None:
        part = part[part.index < pd.Timestamp(end)]
    if part.empty:
        raise InputError(
            f"start {start}, end {end}: RC reaches from {rc.index[0]} to {rc.index[-1]}"
        )
    time = part.index.to_numpy().astype("datetime64[ns]")
    data = xr.Dataset({"Dst": ("time", part.to_numpy(), {"units": "nT"})}, coords={"time": time})
    data.attrs.update(
        origin="simulated", seed=seed, report=["the index RC in place of Dst, without a fit"]
    )
    return data
