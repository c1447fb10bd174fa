"""Formulas of the audit: places, sums, percentages, errors of forecasts, networks and time.

Each takes arrays whose last axis runs over points (see `ranges.value_range`) and says in words what
it is, to which family of checks it belongs and where its extremes lie.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from precursor_lib.context.geography import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.evaluate.audit.ranges import How
from precursor_lib.evaluate.audit.registry import register

Array = np.ndarray
EPOCH = 719163.0 - 2440587.5
"""Day number of 1 January 1970 less its Julian date, at 0:00."""


# Places


@register("the geodesic on the WGS 84 ellipsoid", "distance", How.SEARCH)
def geodesic(latitude_a: Array, longitude_a: Array, latitude_b: Array, longitude_b: Array) -> Array:
    """Distance in km."""
    return geodesic_distance_km(latitude_a, longitude_a, latitude_b, longitude_b)


@register("the radius 10^(0.43 M)", "distance", How.ENDS)
def radius(magnitude: Array) -> Array:
    """Radius of Dobrovolsky and others (1979), km."""
    return dobrovolsky_radius_km(magnitude)


@register("the latitude in a centred dipole", "distance", How.SEARCH)
def dipole_latitude(
    latitude: Array, longitude: Array, pole_latitude: Array, pole_longitude: Array
) -> Array:
    """Geomagnetic latitude, degrees, for the place of the dipole's north pole."""
    return np.degrees(np.arcsin(_in_dipole(latitude, longitude, pole_latitude, pole_longitude)[2]))


@register("the longitude in a centred dipole", "distance", How.SEARCH)
def dipole_longitude(
    latitude: Array, longitude: Array, pole_latitude: Array, pole_longitude: Array
) -> Array:
    """Geomagnetic longitude, degrees from -180 to 180."""
    x, y, _ = _in_dipole(latitude, longitude, pole_latitude, pole_longitude)
    return np.degrees(np.arctan2(y, x))


def _in_dipole(
    latitude: Array, longitude: Array, pole_latitude: Array, pole_longitude: Array
) -> tuple[Array, Array, Array]:
    """Unit vector with z to the dipole's north pole; the prime meridian holds the south pole."""
    lat, pole = np.radians(latitude), np.radians(pole_latitude)
    east = np.radians(longitude - pole_longitude)
    x = np.sin(pole) * np.cos(lat) * np.cos(east) - np.cos(pole) * np.sin(lat)
    z = np.cos(pole) * np.cos(lat) * np.cos(east) + np.sin(pole) * np.sin(lat)
    return x, np.cos(lat) * np.sin(east), z


@register("the epicentres' distance less the difference of the station's", "distance", How.SEARCH)
def triangle_most(
    latitude_a: Array,
    longitude_a: Array,
    latitude_b: Array,
    longitude_b: Array,
    from_a: Array,
    from_b: Array,
) -> Array:
    """Km by which two distances could differ more."""
    apart = geodesic_distance_km(latitude_a, longitude_a, latitude_b, longitude_b)
    return apart - np.abs(from_a - from_b)


@register("the sum of the station's distances less the epicentres'", "distance", How.SEARCH)
def triangle_least(
    latitude_a: Array,
    longitude_a: Array,
    latitude_b: Array,
    longitude_b: Array,
    from_a: Array,
    from_b: Array,
) -> Array:
    """Km by which two distances could be smaller."""
    apart = geodesic_distance_km(latitude_a, longitude_a, latitude_b, longitude_b)
    return from_a + from_b - apart


# Numbers printed twice, bounds and orders


@register("the number itself", "bound or order", How.ENDS)
def value(x: Array) -> Array:
    """The number itself."""
    return x


@register("the same quantity elsewhere", "printed twice", How.ENDS)
def same(x: Array) -> Array:
    """The number itself, where the paper prints it a second time."""
    return x


@register("the least of them", "bound or order", How.ENDS)
def least(x: Array) -> Array:
    """Minimum."""
    return x.min(axis=0)


@register("the largest of them", "bound or order", How.ENDS)
def largest(x: Array) -> Array:
    """Maximum."""
    return x.max(axis=0)


# Sums, means and spreads


@register("the sum", "sum or count", How.ENDS)
def total(x: Array) -> Array:
    """Sum."""
    return x.sum(axis=0)


@register("the mean", "mean or spread", How.ENDS)
def mean(x: Array) -> Array:
    """Arithmetic mean."""
    return x.mean(axis=0)


@register("the standard deviation with n - 1", "mean or spread", How.SEARCH)
def deviation(x: Array) -> Array:
    """Standard deviation of a sample."""
    return x.std(axis=0, ddof=1)


@register("the standard deviation with n", "mean or spread", How.SEARCH)
def deviation_n(x: Array) -> Array:
    """Standard deviation of a population."""
    return x.std(axis=0)


@register("the root of the mean square", "mean or spread", How.ENDS)
def root_mean_square(x: Array) -> Array:
    """Root mean square of numbers that are not negative."""
    return np.sqrt((x**2).mean(axis=0))


@register("the root of the sum of squares", "mean or spread", How.ENDS)
def quadrature(x: Array) -> Array:
    """Root of the sum of squares of numbers that are not negative."""
    return np.sqrt((x**2).sum(axis=0))


@register("the mean weighted by the inverse squares of the errors", "mean or spread", How.SEARCH)
def weighted_mean(x: Array, errors: Array) -> Array:
    """Mean with weights ``1 / error**2``."""
    return (x / errors**2).sum(axis=0) / (1 / errors**2).sum(axis=0)


@register("the difference", "difference or ratio")
def difference(a: Array, b: Array) -> Array:
    """``a - b``."""
    return a - b


@register("the ratio", "difference or ratio")
def ratio(a: Array, b: Array) -> Array:
    """``a / b``."""
    return a / b


@register("the product", "sum or count")
def product(a: Array, b: Array) -> Array:
    """``a b``."""
    return a * b


@register("the change in per cent", "percentage")
def gain(new: Array, old: Array) -> Array:
    """``100 (new / old - 1)``."""
    return 100 * (new / old - 1)


@register("the reduction in per cent", "percentage")
def cut(new: Array, old: Array) -> Array:
    """``100 (1 - new / old)``."""
    return 100 * (1 - new / old)


# Errors of forecasts


@register("the root of the mean square error", "identity of errors", How.ENDS)
def root(mse: Array) -> Array:
    """RMSE of an MSE."""
    return np.sqrt(mse)


@register("the square of the correlation", "identity of errors")
def square(rho: Array) -> Array:
    """R2 of a correlation, and the largest R2 that a forecast with it can have."""
    return rho**2


@register("the ratio of the implied deviations RMSE / sqrt(1 - R²)", "identity of errors")
def deviations_ratio(rmse_a: Array, r2_a: Array, rmse_b: Array, r2_b: Array) -> Array:
    """Ratio of the observations' standard deviations, from ``R2 = 1 - RMSE**2 / variance``."""
    return rmse_a / np.sqrt(1 - r2_a) * np.sqrt(1 - r2_b) / rmse_b


@register("the interquartile range", "mean or spread")
def normal_iqr(deviation: Array) -> Array:
    """Of a normal distribution."""
    return deviation * (stats.norm.ppf(0.75) - stats.norm.ppf(0.25))


# Networks


@register("kernel x inputs x filters + filters", "size of a network", How.ENDS)
def convolution_parameters(height: Array, width: Array, inputs: Array, filters: Array) -> Array:
    """Weights and biases of a convolution."""
    return height * width * inputs * filters + filters


@register("inputs x units + units", "size of a network", How.ENDS)
def dense_parameters(inputs: Array, units: Array) -> Array:
    """Weights and biases of a dense layer."""
    return inputs * units + units


@register("the product of the shape", "size of a network", How.ENDS)
def flat(x: Array) -> Array:
    """Numbers in an array of a shape."""
    return x.prod(axis=0)


@register("the length over the pool's width", "size of a network", How.MIDDLE)
def pooled(length: Array, width: Array) -> Array:
    """Output length of a pooling without padding."""
    return np.floor(length / width)


# Time


@register("the number of days", "date or days")
def days_between(later: Array, earlier: Array) -> Array:
    """Days from one date to another."""
    return later - earlier


@register("the date so many days later", "date or days")
def date_after(day: Array, days: Array) -> Array:
    """A date as a day number."""
    return day + days


@register("the Julian date as a day", "date or days", How.ENDS)
def julian_day(julian: Array) -> Array:
    """A Julian date as a day number that counts from 0:00 on 1 January of year 1."""
    return julian + EPOCH


@register("the days from the first to the last, both counted", "date or days")
def days_counted(first: Array, last: Array) -> Array:
    """``last - first + 1``."""
    return last - first + 1


@register("the Nyquist frequency", "sampling")
def nyquist(interval: Array) -> Array:
    """Half the sampling rate, Hz, from the sampling interval in s."""
    return 1 / (2 * interval)


@register("samples of so many days at this interval", "sampling")
def samples(days: Array, minutes: Array) -> Array:
    """Number of samples."""
    return days * 1440 / minutes


@register("the upper edge of the approximation's band", "sampling")
def wavelet_edge(rate: Array, levels: Array) -> Array:
    """Frequency (Hz) below which a dyadic transform's approximation lies."""
    return rate / 2 ** (levels + 1)
