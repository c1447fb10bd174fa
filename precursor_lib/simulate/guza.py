"""A stand-in for the hourly record of Guza: one strain meter, no source, and the tide's theory."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from precursor_lib.errors import InputError, unknown
from precursor_lib.simulate.strain import GAUGES, strain_network
from precursor_lib.simulate.tides import tidal_strain

_STATION = {
    "id": "Guza",
    "name": "Guza",
    "latitude": 30.12,
    "longitude": 102.17,
    "azimuth": 51.0,
}
# Lushan 2013; it sets the distance alone, for there is no source.
_EPICENTRE = {"latitude": 30.3, "longitude": 103.0, "time": "2013-04-20T00:02"}


def guza_record(
    *,
    seed: int,
    start: str,
    end: str,
    step: str = "1h",
    variables: Sequence[str] = (*GAUGES, "pressure", "tide"),
) -> xr.Dataset:
    """Simulate borehole strain at Guza without a source.

    Parameters
    ----------
    seed : int
        0 or more.
    start, end : str
        First sample, and end (left out), UTC.
    step : str
        Sampling interval.
    variables : sequence of str
        Of ``S1`` to ``S4``, ``pressure``, ``rain``, ``temperature`` and ``tide``.

    Returns
    -------
    xarray.Dataset
        The variables (time, station), as `strain_network` gives them with its default parts;
        ``tide`` is the theoretical areal strain of the solid tide in 1e-9, without gaps.

    Raises
    ------
    InputError
        If a variable is unknown, or a setting is out of range.
    """
    data = strain_network(
        seed=seed, stations=[_STATION], epicentre=_EPICENTRE, start=start, end=end, step=step
    )
    latitude, longitude = float(data["latitude"][0]), float(data["longitude"][0])
    tide = tidal_strain(data["time"].to_numpy(), latitude, longitude)[0]
    data["tide"] = (("time", "station"), tide[:, None], {"units": "1e-9"})
    for name in variables:
        if name not in data:
            raise InputError(f"variables: {unknown('variable', name, map(str, data.data_vars))}")
    return data[list(variables)]
