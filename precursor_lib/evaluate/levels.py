"""How strong a record is and how its spectrum falls, hour by hour: to set simulation beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from scipy import signal

from precursor_lib.context.space_weather import index_at
from precursor_lib.errors import InputError

_HOUR = 3600.0


def spectrum(record: xr.DataArray, segment: float = 1800.0) -> xr.DataArray:
    """Power spectral density by Welch's method: Hann windows that overlap by half, detrended.

    Parameters
    ----------
    record : xarray.DataArray
        Dimensions ``time`` (even step) and ``station``, without gaps.
    segment : float
        Length of a window in s.

    Returns
    -------
    xarray.DataArray
        ``(station, frequency)``, one-sided, in the record's units squared a Hz.

    Raises
    ------
    InputError
        If samples are missing or the record is shorter than a window.
    """
    values = record.transpose("station", "time").to_numpy()
    if np.isnan(values).any():
        raise InputError("record: expected no missing samples; choose a part without gaps")
    rate = _rate(record)
    if values.shape[1] < segment * rate:
        raise InputError(f"record: {values.shape[1] / rate:g} s are shorter than {segment:g} s")
    frequency, density = signal.welch(values, rate, nperseg=round(segment * rate), detrend="linear")
    return xr.DataArray(
        density,
        dims=("station", "frequency"),
        coords={"station": record["station"].to_numpy(), "frequency": frequency},
        attrs={"units": f"{record.attrs.get('units', '1')}2/Hz"},
    )


def hourly_levels(
    record: xr.DataArray,
    kp: pd.Series,
    *,
    band: tuple[float, float] = (0.01, 0.05),
    above: float = 0.1,
) -> pd.DataFrame:
    """Level and slope of every whole hour of a record, with its Kp.

    Parameters
    ----------
    record : xarray.DataArray
        Dimensions ``time`` (even step) and ``station``; hours with gaps are left out.
    kp : pandas.Series
        Kp by the start of its three hours (UTC).
    band : tuple of float
        Band in Hz of the level and of the slope.
    above : float
        Frequency in Hz from which the high frequencies count.

    Returns
    -------
    pandas.DataFrame
        ``station time kp``; ``rms`` in the band, ``slope`` of its power spectrum (least squares of
        the logarithms), ``high`` (rms above `above`) and ``std`` of the hour, in the record's
        units. ``attrs["left_out"]`` counts the hours with gaps.

    Raises
    ------
    InputError
        If the record holds no whole hour or Kp does not cover it.
    """
    rate = _rate(record)
    length = round(_HOUR * rate)
    whole = record.sizes["time"] // length
    if whole < 1:
        raise InputError("record: expected at least an hour")
    cut = record.isel(time=slice(0, whole * length)).transpose("station", "time")
    hours = cut.to_numpy().reshape(record.sizes["station"], whole, length)
    start = cut["time"].to_numpy()[::length]
    value = index_at(start, kp, "3h")
    if np.isnan(value).any():
        raise InputError(f"kp: no value at {start[np.isnan(value)][0]}")
    full = ~np.isnan(hours).any(axis=2)
    station, hour = np.nonzero(full)
    chosen = hours[station, hour]
    frequency, density = signal.welch(chosen, rate, nperseg=length // 3, detrend="linear")
    inside = (frequency >= band[0]) & (frequency <= band[1])
    step = frequency[1]
    # One straight line a row; the constant 0 Hz is not in the band.
    x = np.log(frequency[inside])
    y = np.log(density[:, inside])
    slope = ((x - x.mean()) * (y - y.mean(axis=1, keepdims=True))).sum(axis=1) / (
        (x - x.mean()) ** 2
    ).sum()
    table = pd.DataFrame(
        {
            "station": record["station"].to_numpy()[station],
            "time": start[hour],
            "kp": value[hour],
            "rms": np.sqrt(density[:, inside].sum(axis=1) * step),
            "slope": -slope,
            "high": np.sqrt(density[:, frequency > above].sum(axis=1) * step),
            "std": chosen.std(axis=1),
        }
    )
    table.attrs["left_out"] = int((~full).sum())
    return table


def level_table(levels: dict[str, pd.DataFrame], edges: Sequence[float]) -> pd.DataFrame:
    """Medians of :func:`hourly_levels` by Kp, of several records side by side.

    Parameters
    ----------
    levels : dict of pandas.DataFrame
        By the record's name.
    edges : sequence of float
        Ascending Kp; a class holds its lower edge.

    Returns
    -------
    pandas.DataFrame
        Index ``Kp`` (text); a row where every record has hours; columns ``<name> hours``,
        ``<name> rms``, ``<name> slope``, ``<name> high``.
    """
    columns = {}
    for name, table in levels.items():
        group = table.groupby(pd.cut(table["kp"], list(edges), right=False), observed=True)
        columns[f"{name} hours"] = group.size()
        for what in ("rms", "slope", "high"):
            columns[f"{name} {what}"] = group[what].median()
    joined = pd.DataFrame(columns).dropna()
    joined = joined.astype({c: int for c in joined if c.endswith(" hours")})
    joined.index = pd.Index([f"{i.left:g} to {i.right:g}" for i in joined.index], name="Kp")
    return joined


def _rate(record: xr.DataArray) -> float:
    steps = np.diff(record["time"].to_numpy()).astype("timedelta64[ns]").astype(float) * 1e-9
    if not steps.size or (np.abs(steps - steps.mean()) > 2e-9).any() or steps.mean() <= 0:
        raise InputError("time: expected an even step")
    return 1.0 / float(steps.mean())
