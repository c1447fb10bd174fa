"""The tide in a record of strain: harmonic amplitudes beside those of theory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.simulate.tides import CONSTITUENTS, phasors, strain_coefficients

# Lines that a year's record parts from K1 and S2 but theory here leaves out: P1, S1 and K2 (degrees
# an hour). Real records have them.
BESIDE = (14.9589314, 15.0, 30.0821373)
_HOUR = np.timedelta64(3600, "s")
# A change this many standard deviations (from the median absolute deviation) from the fit is a step
# or a spike, and is left out.
_FAR, _ROUNDS = 5.0, 5
_NORMAL_MAD = 1.4826
_LEAST_DAYS = 200.0


def tidal_fit(
    record: xr.DataArray,
    pressure: xr.DataArray | None = None,
    names: Sequence[str] = tuple(CONSTITUENTS),
) -> pd.DataFrame:
    """Amplitudes of the areal tide in a record, by least squares on its hourly changes.

    The changes of a drifting record are nearly independent, so that plain least squares on them is
    close to the best estimate. Fitted together are the constituents with their nodal companions,
    P1, S1 and K2, and the change of air pressure. Changes far from the fit are left out and the fit
    is repeated.

    Parameters
    ----------
    record : xarray.DataArray
        Areal strain (time, station), evenly sampled at a whole part of an hour, 200 days or more,
        with ``latitude`` and ``longitude`` along station. Hours with gaps are left out.
    pressure : xarray.DataArray, optional
        Air pressure on the same axes.
    names : sequence of str
        Constituents.

    Returns
    -------
    pandas.DataFrame
        A row a station and constituent: ``amplitude`` and its standard ``error`` in the record's
        units, ``theory`` (nanostrain, see `precursor_lib.simulate.tides`), their ``ratio`` and the
        ``phase`` in degrees by which the record is ahead. ``attrs`` hold by station the
        ``admittance`` (units a unit of pressure), ``rms`` of what is left and ``left_out``, the
        number of changes that were.

    Raises
    ------
    InputError
        If the record is too short, its step is no part of an hour, or the axes differ.
    """
    every = _hourly(record)
    times = every["time"].to_numpy()
    around = None if pressure is None else _hourly(pressure)
    if around is not None and not (
        np.array_equal(around["time"], times)
        and np.array_equal(around["station"], every["station"])
    ):
        raise InputError("pressure: expected the times and stations of the record")
    course = phasors(times, names)
    hours = (times - times[0]) / _HOUR
    waves = np.exp(1j * np.radians(np.outer(BESIDE, hours)))
    columns = np.vstack([course.real, course.imag, waves.real, waves.imag])
    rows, attrs = [], {}
    for k, station in enumerate(every["station"].to_numpy()):
        design = columns
        if around is not None:
            design = np.vstack([columns, around.values[:, k]])
        latitude, longitude = (float(every[c][k]) for c in ("latitude", "longitude"))
        fit, error, rms, left_out = robust_fit(np.diff(design).T, np.diff(every.values[:, k]))
        n = len(names)
        found = fit[:n] - 1j * fit[n : 2 * n]
        theory = strain_coefficients(latitude, longitude, names)[0]
        for i, name in enumerate(names):
            rows.append(
                {
                    "station": station,
                    "constituent": name,
                    "amplitude": abs(found[i]),
                    "error": float(np.hypot(error[i], error[n + i])) / np.sqrt(2.0),
                    "theory": abs(theory[i]),
                    "ratio": abs(found[i]) / abs(theory[i]),
                    "phase": float(np.degrees(np.angle(found[i] / theory[i]))),
                }
            )
        attrs[str(station)] = {
            "admittance": None if around is None else float(fit[-1]),
            "rms": rms,
            "left_out": left_out,
        }
    table = pd.DataFrame(rows).set_index(["station", "constituent"])
    table.attrs = attrs
    return table


def _hourly(record: xr.DataArray) -> xr.DataArray:
    """One sample an hour, dimensions (time, station)."""
    record = record.transpose("time", "station")
    steps = np.diff(record["time"].to_numpy())
    if steps.size == 0 or (steps != steps[0]).any() or _HOUR % steps[0] != np.timedelta64(0):
        raise InputError("record: expected an even step that is a whole part of an hour")
    hourly = record.isel(time=slice(None, None, int(_HOUR / steps[0])))
    if hourly.sizes["time"] < 24 * _LEAST_DAYS:
        raise InputError(
            f"record: expected {_LEAST_DAYS:g} days or more to part K1 from P1, "
            f"got {hourly.sizes['time'] / 24:.0f}"
        )
    return hourly


def robust_fit(design: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Least squares with far rows left out: coefficients, errors, rms and number left out.

    Rows with a NaN in `design` (n, columns) or `target` (n,) are left out and not counted.
    """
    here = np.isfinite(target) & np.isfinite(design).all(axis=1)
    keep = here
    for _ in range(_ROUNDS):
        fit = np.linalg.lstsq(design[keep], target[keep], rcond=None)[0]
        rest = target - design @ fit
        scale = _NORMAL_MAD * np.median(np.abs(rest[keep]))
        near = here & (np.abs(rest) <= _FAR * scale) if scale > 0 else here
        if np.array_equal(near, keep):
            break
        keep = near
    rms = float(np.sqrt(np.mean(rest[keep] ** 2)))
    covariance = np.linalg.inv(design[keep].T @ design[keep]) * rms**2
    return fit, np.sqrt(np.diag(covariance)), rms, int(here.sum() - keep.sum())
