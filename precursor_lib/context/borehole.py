"""Quantities of a four-gauge borehole strain meter.

Gauge i measures the change of the hole's diameter along an azimuth that is 45 degrees beyond that
of gauge i - 1, so that gauges 1 and 3, and 2 and 4, stand at right angles. In a plane strain field
the sum of two diameters at right angles does not depend on their azimuth; both sums are then equal
but for the coupling of the gauges: ``S1 + S3 = k (S2 + S4)``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError

GAUGES = ("S1", "S2", "S3", "S4")


def areal_strain(data: xr.Dataset) -> xr.DataArray:
    """Areal strain ``Sa = (S1 + S2 + S3 + S4) / 2`` (Zhang et al. 2026, EQ4).

    Parameters
    ----------
    data : xarray.Dataset
        ``S1 S2 S3 S4`` in one unit, any dimensions.

    Returns
    -------
    xarray.DataArray
        ``Sa`` in the unit of the gauges; NaN where a gauge is.

    Raises
    ------
    InputError
        If a gauge is missing or the units differ.
    """
    units = _units(data)
    total = (data["S1"] + data["S2"] + data["S3"] + data["S4"]) / 2.0
    return total.rename("Sa").assign_attrs(units=units)


def shear_strains(data: xr.Dataset) -> xr.Dataset:
    """Shear strains ``S13 = S1 - S3`` and ``S24 = S2 - S4`` (Zhang et al. 2026, EQ4).

    Parameters
    ----------
    data : xarray.Dataset
        ``S1 S2 S3 S4`` in one unit, any dimensions.

    Returns
    -------
    xarray.Dataset
        ``S13`` and ``S24`` in the unit of the gauges; NaN where a gauge is.

    Raises
    ------
    InputError
        If a gauge is missing or the units differ.
    """
    units = _units(data)
    pairs = {"S13": data["S1"] - data["S3"], "S24": data["S2"] - data["S4"]}
    return xr.Dataset({name: value.assign_attrs(units=units) for name, value in pairs.items()})


def gauge_consistency(data: xr.Dataset, *, lag: int = 1) -> pd.DataFrame:
    """How well the two pairs of gauges at right angles tell the same areal strain.

    ``k`` is the slope of ``S1 + S3`` against ``S2 + S4`` by orthogonal regression about the means:
    both sums carry the noise of two gauges, so that a regression of one on the other would be too
    flat. With gauges of equal noise it is unbiased. It is fitted to changes over `lag` samples,
    which drift and offsets of the gauges hardly enter, or with ``lag=0`` to the values themselves.

    The paper prints the relation as ``S1 + S2 = k (S3 + S4)`` (Zhang et al. 2026, EQ3), which pairs
    gauges 45 degrees apart and does not hold in a general field; its slope is given beside.

    Parameters
    ----------
    data : xarray.Dataset
        ``S1 S2 S3 S4`` with dimensions ``(time, station)``, in one unit.
    lag : int
        Samples over which changes are taken; 0 for the values.

    Returns
    -------
    pandas.DataFrame
        Index ``station``; columns ``k``, ``correlation``, ``k_printed``, ``correlation_printed``
        and ``samples``, the number of changes with all four gauges. NaN where fewer than three.

    Raises
    ------
    InputError
        If a gauge is missing, the units differ, dimensions are others, or `lag` is negative.
    """
    _units(data)
    if lag < 0:
        raise InputError(f"lag {lag}: expected a number of samples, 0 or more")
    for name in GAUGES:
        if set(data[name].dims) != {"time", "station"}:
            raise InputError(f"{name}: expected the dimensions time and station")
    gauges = np.stack([data[name].transpose("station", "time").to_numpy() for name in GAUGES])
    if lag:
        gauges = gauges[..., lag:] - gauges[..., :-lag]
    rows = []
    for column in range(gauges.shape[1]):
        one, two, three, four = gauges[:, column][:, np.isfinite(gauges[:, column]).all(axis=0)]
        right = _orthogonal(two + four, one + three)
        printed = _orthogonal(three + four, one + two)
        rows.append((*right, *printed, one.size))
    columns = ["k", "correlation", "k_printed", "correlation_printed", "samples"]
    stations = pd.Index(data["station"].to_numpy(), name="station")
    return pd.DataFrame(rows, index=stations, columns=columns)


def _orthogonal(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope of the line of least perpendicular distances, and the correlation."""
    if x.size < 3:
        return np.nan, np.nan
    xx, xy, yy = np.cov(x, y)[[0, 0, 1], [0, 1, 1]]
    if not (xx > 0 and yy > 0):
        return np.nan, np.nan
    # The direction of the covariance matrix's larger eigenvector.
    slope = np.tan(np.arctan2(2.0 * xy, xx - yy) / 2.0)
    return float(slope), float(xy / np.sqrt(xx * yy))


def _units(data: xr.Dataset) -> str:
    """Unit that the four gauges share."""
    missing = [name for name in GAUGES if name not in data]
    if missing:
        raise InputError(f"{', '.join(missing)}: missing; expected the gauges {', '.join(GAUGES)}")
    units = {str(data[name].attrs.get("units", "not stated")) for name in GAUGES}
    if len(units) > 1:
        raise InputError(f"gauges: expected one unit, got {', '.join(sorted(units))}")
    return units.pop()
