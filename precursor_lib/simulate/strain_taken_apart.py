"""The parts of which a simulated record of strain is the sum."""

from __future__ import annotations

from typing import Any

import pandas as pd
import xarray as xr

from precursor_lib.context.borehole import areal_strain
from precursor_lib.errors import InputError
from precursor_lib.simulate.strain import GAUGES, strain_network

_ADDED = ("tides", "drift", "annual", "pressure", "rain", "steps", "spikes", "noise", "source")


def strain_parts(data: xr.Dataset) -> xr.Dataset:
    """Areal strain of the parts of a simulated record, each made again alone from the seed.

    Parameters
    ----------
    data : xarray.Dataset
        Of `precursor_lib.simulate.strain.strain_network`, whole in time.

    Returns
    -------
    xarray.Dataset
        ``tides drift annual pressure rain steps spikes noise source`` with dimensions ``(time,
        station)`` in nanostrain: half the sum of the four gauges. They add up to the record's
        before it is rounded and cut by gaps; a part that it has not is zero.

    Raises
    ------
    InputError
        If the record is not a simulated one.
    """
    if "truth" not in data.attrs or not set(GAUGES) <= set(data):
        raise InputError("data: expected a record of strain_network")
    settings = data.attrs["settings"]
    step = pd.Timedelta(data["time"].to_numpy()[1] - data["time"].to_numpy()[0])
    place = ("name", "latitude", "longitude", "distance", "azimuth", "k")
    frame: dict[str, Any] = {
        "seed": data.attrs["seed"],
        "stations": [
            {"id": str(s), **{c: data[c].to_numpy()[i].item() for c in place}}
            for i, s in enumerate(data["station"].to_numpy())
        ],
        "epicentre": settings["epicentre"],
        "start": str(data["time"].to_numpy()[0]),
        "end": str(pd.Timestamp(data["time"].to_numpy()[-1]) + step),
        "step": str(step),
    }
    out = {}
    for name in _ADDED:
        own_settings = settings[name]
        if name == "noise" and own_settings is not None:
            own_settings = {**own_settings, "resolution": 0.0}
        control = settings["control"] if name == "source" else None
        alone = strain_network(
            **frame, **{**dict.fromkeys(_ADDED), name: own_settings}, control=control, gaps=None
        )
        out[name] = areal_strain(alone)
    return xr.Dataset(out)
