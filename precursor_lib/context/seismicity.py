"""What a catalogue says about a region: selection, Benioff strain, completeness."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError

# Magnitudes printed to one or two decimals are no exact binary numbers; comparisons allow for it.
MAGNITUDE_ROUNDING = 1e-6

_FIELDS = ("time", "latitude", "longitude", "depth", "magnitude")


def select_events(
    catalogue: pd.DataFrame,
    *,
    centre: tuple[float, float] | None = None,
    half_width: float | None = None,
    below_depth: float | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    min_magnitude: float | None = None,
) -> pd.DataFrame:
    """Events in a box of degrees, above a depth, in a span of time, from a magnitude on.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        Columns ``time latitude longitude depth magnitude`` (UTC, degrees, km).
    centre : tuple of float, optional
        Latitude and longitude of the box's centre.
    half_width : float, optional
        Half the box's width in degrees of latitude and of longitude alike (the papers' "±2°");
        its edges belong to it. Boxes may cross the date line.
    below_depth : float, optional
        Only depths less than this (km). Events of unknown depth are then left out and counted.
    start, end : str or pandas.Timestamp, optional
        Span ``start <= time < end``, UTC.
    min_magnitude : float, optional
        Smallest magnitude kept.

    Returns
    -------
    pandas.DataFrame
        The events in their order, index from 0. ``attrs["report"]`` gains a sentence on what was
        kept and why events were left out.

    Raises
    ------
    InputError
        If a column is missing or only one of `centre` and `half_width` is given.
    """
    missing = [field for field in _FIELDS if field not in catalogue]
    if missing:
        raise InputError(f"catalogue: expected the columns {_FIELDS}, missing {missing}")
    if (centre is None) != (half_width is None):
        raise InputError("centre, half_width: expected both or neither")
    keep = pd.Series(True, index=catalogue.index)
    if centre is not None and half_width is not None:
        away = (catalogue["longitude"] - centre[1] + 180) % 360 - 180
        keep &= (catalogue["latitude"] - centre[0]).abs() <= half_width + 1e-9
        keep &= away.abs() <= half_width + 1e-9
    if start is not None:
        keep &= catalogue["time"] >= pd.Timestamp(start)
    if end is not None:
        keep &= catalogue["time"] < pd.Timestamp(end)
    if min_magnitude is not None:
        keep &= catalogue["magnitude"] >= min_magnitude - MAGNITUDE_ROUNDING
    unknown_depth = 0
    if below_depth is not None:
        unknown_depth = int((keep & catalogue["depth"].isna()).sum())
        keep &= catalogue["depth"] < below_depth
    chosen = catalogue[keep].reset_index(drop=True)
    chosen.attrs = dict(catalogue.attrs)
    line = f"{len(chosen)} of {len(catalogue)} events selected"
    if unknown_depth:
        line += f"; {unknown_depth} left out because their depth is unknown"
    chosen.attrs["report"] = [*catalogue.attrs.get("report", []), line]
    return chosen


def benioff_strain(magnitude: ArrayLike) -> np.ndarray:
    """Cumulative Benioff strain ``sum sqrt(10 ** (4.8 + 1.5 M))`` (SW-NTF, eq. 9).

    Parameters
    ----------
    magnitude : array_like, shape (n,)
        Magnitudes in order of time.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The sum up to and with each event, in J**0.5.

    Raises
    ------
    InputError
        If a magnitude is not finite.
    """
    m = finite_magnitudes(magnitude)
    return np.cumsum(np.sqrt(10 ** (4.8 + 1.5 * m)))


def maximum_curvature(
    magnitude: ArrayLike, *, bin_width: float = 0.1, correction: float = 0.0
) -> float:
    """Magnitude of completeness: the fullest bin (Wiemer and Wyss, 2000).

    Bins are centred on multiples of `bin_width`; of two equally full bins the smaller counts. The
    method is known to come out low; a correction of +0.2 is common practice (Woessner and Wiemer,
    2005), and the SW-NTF paper names none. Its 0.71 is no multiple of 0.1, so that its bins were
    other ones.

    Parameters
    ----------
    magnitude : array_like, shape (n,)
        Magnitudes.
    bin_width : float
        Width of a bin.
    correction : float
        Added to the result.

    Returns
    -------
    float
        The completeness magnitude.

    Raises
    ------
    InputError
        If there is no magnitude, one is not finite, or `bin_width` is not positive.
    """
    m = finite_magnitudes(magnitude)
    if m.size == 0:
        raise InputError("magnitude: expected at least one event")
    if not bin_width > 0:
        raise InputError(f"bin_width: expected a positive number, got {bin_width}")
    bins = np.floor(m / bin_width + 0.5 + MAGNITUDE_ROUNDING).astype(int)
    fullest = int(np.argmax(np.bincount(bins - bins.min()))) + int(bins.min())
    # Rounded because 7 * 0.1 is not 0.7.
    return round(fullest * bin_width + correction, 9)


def finite_magnitudes(magnitude: ArrayLike) -> np.ndarray:
    """Magnitudes as a flat array of floats.

    Raises
    ------
    InputError
        If one is not finite.
    """
    m = np.asarray(magnitude, dtype=float).ravel()
    bad = np.flatnonzero(~np.isfinite(m))
    if bad.size:
        raise InputError(f"magnitude[{bad[0]}] is {m[bad[0]]}: expected finite numbers")
    return m


def mainshock(
    catalogue: pd.DataFrame,
    latitude: float,
    longitude: float,
    moment: str | pd.Timestamp,
    *,
    days: float = 1.0,
) -> pd.Series:
    """The largest event less than a degree and `days` from a printed place and time.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        Columns ``time latitude longitude magnitude`` (UTC, degrees).
    latitude, longitude : float
        Degrees.
    moment : str or pandas.Timestamp
        UTC.
    days : float
        How far the time may be off.

    Returns
    -------
    pandas.Series
        The event's row.

    Raises
    ------
    InputError
        If there is none.
    """
    about = catalogue[
        ((catalogue["latitude"] - latitude).abs() < 1)
        & ((catalogue["longitude"] - longitude).abs() < 1)
        & ((catalogue["time"] - pd.Timestamp(moment)).abs() < pd.Timedelta(days=days))
    ]
    if about.empty:
        raise InputError(f"catalogue: no event near {latitude} N {longitude} E about {moment}")
    return about.loc[about["magnitude"].idxmax()]
