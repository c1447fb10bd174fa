"""The robust satellite technique (RST): how unusual a field is for its place and day of the year.

For each pixel and day of the year the reference is the mean and the standard deviation over years;
the index is ``(x - mean) / sd`` (Tramutoli et al. 2005). Which years are in the reference decides
what the index can be. With all N years, the tested one among them, no index can exceed
``(N - 1) / sqrt(N)``: 2.7 for nine years. With the N - 1 others alone the index of Gaussian values
is Student's t with N - 2 degrees of freedom, times ``sqrt(1 + 1 / (N - 1))``: its tails are heavier
than those of a Gaussian.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from precursor_lib.errors import InputError, unknown

Array = NDArray[np.float64]
Reference = Literal["others", "all", "past"]
REFERENCES = ("others", "all", "past")
SLOTS = 365


def rst_index(
    field: xr.DataArray,
    *,
    reference: Reference = "others",
    half_window: int = 0,
    least: int = 4,
    remove_scene: bool = False,
) -> xr.Dataset:
    """Index of daily fields against the same days of other years.

    Parameters
    ----------
    field : xarray.DataArray
        Daily, with a dimension ``time`` (regular, UTC) and any others; NaN where missing.
    reference : {"others", "all", "past"}
        Years of the reference: all but the tested day's own, all, or those before it alone.
    half_window : int
        Days to either side of the day of the year that are in the reference too, 0 to 182. With 0,
        one value a year. The days around a date belong to the year of that date.
    least : int
        Values that the reference has to hold, 2 or more; otherwise the index is NaN.
    remove_scene : bool
        Take the mean over all pixels off each day first, so that what the whole scene shares goes.

    Returns
    -------
    xarray.Dataset
        ``index`` (1), ``mean`` and ``deviation`` (divisor n - 1, in the field's unit) and ``used``,
        the values in the reference, each with the dimensions of `field`. 29 February is tested
        against 28 February and is in no reference.

    Raises
    ------
    InputError
        If the field is not daily or a parameter is out of range.
    """
    values, slot, year = _checked(field, reference, half_window, least)
    if remove_scene:
        counted = np.isfinite(values).sum(axis=1, keepdims=True)
        total = np.nansum(values, axis=1, keepdims=True)
        values = values - np.where(counted > 0, total / np.maximum(counted, 1), np.nan)
    # Sums of squares lose digits far from zero: a level of each pixel is taken off and put back.
    known = np.isfinite(values)
    level = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    shifted = np.where(known, values - level, 0.0)
    leap = slot < 0
    place = np.where(leap, 58, slot)
    sums = []
    for part in (known.astype(float), shifted, shifted**2):
        part[leap] = 0.0
        around = _sum_around(part, half_window)
        sums.append(_over_years(around, place, year, leap, reference))
    count, total, square = sums
    enough = count >= max(least, 2)
    n = np.where(enough, count, np.nan)
    mean = total / n
    deviation = np.sqrt(np.maximum(square - total * mean, 0.0) / (n - 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(deviation > 0, (values - level - mean) / deviation, np.nan)
    units = field.attrs.get("units", "not stated")
    ordered = field.transpose("time", ...)
    made = {
        "index": (index, "1"),
        "mean": (mean + level, units),
        "deviation": (np.where(enough, deviation, np.nan), units),
        "used": (np.where(enough, count, 0.0).astype(np.int64), "1"),
    }
    data = xr.Dataset(
        {
            name: (ordered.dims, content.reshape(ordered.shape), {"units": unit})
            for name, (content, unit) in made.items()
        },
        coords=ordered.coords,
    )
    return data.transpose(*field.dims)


def rst_chance(threshold: float, years: int, reference: Reference = "others") -> float:
    """Chance that one index of independent Gaussian values exceeds a threshold.

    Parameters
    ----------
    threshold : float
        Above 0; one side.
    years : int
        N, years with a value on that day, the tested one among them; with ``past``, the tested one
        and those before it.
    reference : {"others", "all", "past"}
        As for `rst_index`, with a window of one day.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    if reference not in REFERENCES:
        raise InputError(unknown("reference", str(reference), REFERENCES))
    if years < 3 or int(years) != years:
        raise InputError(f"years: expected a whole number of 3 or more, got {years}")
    if not (np.isfinite(threshold) and threshold > 0):
        raise InputError(f"threshold: expected a finite number above 0, got {threshold}")
    if reference == "all":
        share = threshold**2 * years / (years - 1.0) ** 2
        return float(stats.beta.sf(share, 0.5, (years - 2) / 2) / 2)
    others = years - 1
    return float(stats.t.sf(threshold / np.sqrt(1.0 + 1.0 / others), others - 1))


def _checked(
    field: xr.DataArray, reference: str, half_window: int, least: int
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Values (time, pixel), day of the year (0 to 364; -1: 29 February) and year of each day."""
    if "time" not in field.dims:
        raise InputError(f"field: expected a dimension time, got {', '.join(map(str, field.dims))}")
    times = pd.DatetimeIndex(field["time"].to_numpy())
    if len(times) < 2 or (np.diff(times) != np.timedelta64(1, "D")).any():
        raise InputError("field: expected one field a day, in order and without breaks")
    if reference not in REFERENCES:
        raise InputError(unknown("reference", str(reference), REFERENCES))
    if not 0 <= half_window <= 182 or int(half_window) != half_window:
        raise InputError(f"half_window: expected 0 to 182 whole days, got {half_window}")
    if least < 2:
        raise InputError(f"least: expected 2 or more, got {least}")
    values = field.transpose("time", ...).to_numpy().astype(float).reshape(len(times), -1)
    if np.isinf(values).any():
        raise InputError("field: expected finite numbers or NaN, got an infinite one")
    day = np.asarray(times.day_of_year) - 1
    slot = day - (np.asarray(times.is_leap_year) & (day > 59))
    slot[np.asarray(times.is_leap_year) & (day == 59)] = -1
    return values, slot.astype(np.int64), np.asarray(times.year, dtype=np.int64)


def _sum_around(values: Array, half: int) -> Array:
    """Sum over the days from `half` before each to `half` after it."""
    if half == 0:
        return values
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    n = len(values)
    low, high = np.arange(n) - half, np.arange(n) + half + 1
    return np.asarray(total[np.minimum(high, n)] - total[np.maximum(low, 0)])


def _over_years(
    around: Array,
    slot: NDArray[np.int64],
    year: NDArray[np.int64],
    leap: NDArray[np.bool_],
    reference: str,
) -> Array:
    """Sum of the windows of one day of the year over the years of the reference."""
    years = year - year.min()
    table = np.zeros((years.max() + 1, SLOTS, around.shape[1]))
    # 29 February stands at the place of the 28th and is looked up there, but not entered.
    table[years[~leap], slot[~leap]] = around[~leap]
    if reference == "past":
        table = np.cumsum(table, axis=0) - table
    elif reference == "all":
        table = np.broadcast_to(table.sum(axis=0), table.shape)
    else:
        table = table.sum(axis=0) - table
    return np.asarray(table[years, slot])
