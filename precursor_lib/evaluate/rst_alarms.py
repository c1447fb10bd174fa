"""How often the RST index calls a field anomalous where there is nothing, and with an anomaly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.lib.stride_tricks import sliding_window_view

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.detect.rst import Reference, rst_chance, rst_index
from precursor_lib.errors import InputError


def reference_rates(
    field: xr.DataArray,
    thresholds: Sequence[float],
    variants: Mapping[str, Mapping[str, object]],
) -> pd.DataFrame:
    """Share of pixel-days above and below thresholds, by the choice of the reference.

    Parameters
    ----------
    field : xarray.DataArray
        Daily, without an anomaly.
    thresholds : sequence of float
        Of the index.
    variants : mapping
        Keyword arguments of `rst_index` by name.

    Returns
    -------
    DataFrame
        Columns ``reference``; ``largest`` index (29 February left out); for each threshold t
        ``> t`` and ``< -t`` in percent.
    """
    rows = []
    times = pd.DatetimeIndex(field["time"].to_numpy())
    usual = np.asarray((times.month != 2) | (times.day != 29))
    for name, arguments in variants.items():
        index = rst_index(field, **arguments)["index"]  # type: ignore[arg-type]
        values = index.transpose("time", ...).to_numpy()[usual]
        values = values[np.isfinite(values)]
        row: dict[str, object] = {"reference": name, "largest": values.max()}
        for threshold in thresholds:
            row[f"> {threshold:g}"] = 100.0 * (values > threshold).mean()
            row[f"< -{threshold:g}"] = 100.0 * (values < -threshold).mean()
        rows.append(row)
    return pd.DataFrame(rows)


def chance_rows(
    thresholds: Sequence[float], years: Mapping[str, tuple[int, Reference]]
) -> pd.DataFrame:
    """What `reference_rates` would give in independent Gaussian fields, by closed form.

    Parameters
    ----------
    thresholds : sequence of float
    years : mapping
        By name: years with the tested one, and the reference (window of one day).
    """
    rows = []
    for name, (count, reference) in years.items():
        most = (count - 1) / np.sqrt(count) if reference == "all" else np.inf
        row: dict[str, object] = {"reference": name, "largest": most}
        for threshold in thresholds:
            chance = 100.0 * rst_chance(threshold, count, reference)
            row[f"> {threshold:g}"] = row[f"< -{threshold:g}"] = chance
        rows.append(row)
    return pd.DataFrame(rows)


def within(index: xr.DataArray, latitude: float, longitude: float, radius_km: float) -> np.ndarray:
    """Pixels whose centre lies within a distance of a place, bool (latitude, longitude).

    Raises
    ------
    InputError
        If there is none.
    """
    away = geodesic_distance_km(
        index["latitude"].to_numpy()[:, None], index["longitude"].to_numpy(), latitude, longitude
    )
    inside = away <= radius_km
    if not inside.any():
        raise InputError(f"radius_km {radius_km}: no pixel of the field lies so near")
    return inside


def window_alarms(
    index: xr.DataArray,
    place: tuple[float, float],
    radii_km: Sequence[float],
    threshold: float,
    *,
    days: int = 12,
    event_day: int = 8,
) -> pd.DataFrame:
    """What windows of so many days hold around a place, one window from each day on.

    Parameters
    ----------
    index : xarray.DataArray
        ``(time, latitude, longitude)``, daily.
    place : (float, float)
        Latitude and longitude, degrees.
    radii_km : sequence of float
    threshold : float
        Of the index.
    days : int
        Days of a window.
    event_day : int
        Place of the day of the shock in it, from 0; by default eight days before and three after.

    Returns
    -------
    DataFrame
        Index ``radius (km)``; ``pixels``; ``windows`` (those without a missing day); in percent
        the windows with a pixel above the threshold on any day, on two days in a row or more,
        and before the shock; and those whose largest value falls on the day before it.
    """
    ordered = index.transpose("time", "latitude", "longitude")
    rows = {}
    for radius in radii_km:
        inside = within(ordered, *place, radius)
        largest = ordered.to_numpy()[:, inside].max(axis=1)
        held = sliding_window_view(largest, days)
        held = held[np.isfinite(held).all(axis=1)]
        above = held > threshold
        rows[radius] = {
            "pixels": int(inside.sum()),
            "windows": len(held),
            "any day": 100.0 * above.any(axis=1).mean(),
            "two in a row": 100.0 * (above[:, 1:] & above[:, :-1]).any(axis=1).mean(),
            "before the shock": 100.0 * above[:, :event_day].any(axis=1).mean(),
            "largest the day before": 100.0 * (held.argmax(axis=1) == event_day - 1).mean(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("radius (km)")


def anomaly_power(
    index: xr.Dataset,
    place: tuple[float, float],
    sizes: Sequence[float],
    *,
    threshold: float,
    days: int = 9,
    radius_km: float = 400.0,
    search_km: float = 500.0,
) -> pd.DataFrame:
    """Share of anomalies found, by size: one is put around a place from each day on.

    The anomaly is a raised cosine over its days and a Gaussian in distance. With a reference
    that leaves the own year out it does not change what it is tested against, so that each day is
    a trial of its own. It is found where the index of a pixel near the place exceeds the
    threshold on one of its days, and clearly found where it does on two days in a row.

    Parameters
    ----------
    index : xarray.Dataset
        Of `rst_index` with ``reference="others"`` or ``"past"`` and without removal of the scene's
        mean.
    place : (float, float)
        Latitude and longitude, degrees.
    sizes : sequence of float
        In the field's unit, at the centre on the middle day.
    threshold : float
        Of the index.
    days : int
        Days of the anomaly.
    radius_km : float
        Distance at which it has fallen to 1/e.
    search_km : float
        Distance within which pixels are looked at.

    Returns
    -------
    DataFrame
        Index ``size``; ``found`` and ``two in a row`` in percent.
    """
    ordered = index.transpose("time", "latitude", "longitude")
    inside = within(ordered["index"], *place, search_km)
    away = geodesic_distance_km(
        ordered["latitude"].to_numpy()[:, None], ordered["longitude"].to_numpy(), *place
    )[inside]
    course = np.sin(np.pi * (np.arange(days) + 0.5) / days) ** 2
    shape = (course / course.max())[:, None] * np.exp(-((away / radius_km) ** 2))
    values, spread = (
        np.moveaxis(sliding_window_view(ordered[n].to_numpy()[:, inside], days, axis=0), -1, 1)
        for n in ("index", "deviation")
    )
    good = np.isfinite(values).all(axis=(1, 2)) & (spread > 0).all(axis=(1, 2))
    values, spread = values[good], spread[good]
    rows = {}
    for size in sizes:
        above = (values + size * shape / spread > threshold).any(axis=2)
        rows[size] = {
            "found": 100.0 * above.any(axis=1).mean(),
            "two in a row": 100.0 * (above[:, 1:] & above[:, :-1]).any(axis=1).mean(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("size")


def own_year(
    field: xr.DataArray,
    place: tuple[float, float],
    day: str,
    sizes: Sequence[float],
    references: Sequence[Reference] = ("others", "all"),
) -> pd.DataFrame:
    """Index of the pixel nearest to a place on one day as its value is raised.

    Parameters
    ----------
    field : xarray.DataArray
        ``(time, latitude, longitude)``, daily.
    place : (float, float)
        Latitude and longitude, degrees.
    day : str
    sizes : sequence of float
        Added to the value, in the field's unit.
    references : sequence of str
        As for `rst_index`.

    Returns
    -------
    DataFrame
        Index ``size``, one column a reference.
    """
    pixel = field.sel(latitude=[place[0]], longitude=[place[1]], method="nearest")
    moment = np.datetime64(day, "ns")
    at = pixel["time"].to_numpy() == moment
    if not at.any():
        raise InputError(f"day {day}: is not in the field")
    table = {}
    for reference in references:
        column = []
        for size in sizes:
            raised = pixel + xr.DataArray(size * at, dims="time")
            index = rst_index(raised, reference=reference)["index"]
            column.append(index.sel(time=moment).item())
        table[reference] = column
    return pd.DataFrame(table, index=pd.Index(list(sizes), name="size"))
