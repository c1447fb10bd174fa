"""Figures and tables of simulated borehole strain, beside a real record."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from scipy import signal

from precursor_lib.errors import InputError
from precursor_lib.report import style
from precursor_lib.report.simulation import stacked

NAMES = {
    "tides": "solid tide",
    "drift": "drift",
    "annual": "annual wave",
    "pressure": "air pressure",
    "rain": "rain",
    "steps": "steps",
    "spikes": "spikes",
    "noise": "noise",
    "source": "source",
}
# Days of a segment of a spectrum: long enough to part the days' tides from the half days'.
_SEGMENT = 20.0


@style.drawn
def record_of_parts(record: xr.DataArray, parts: xr.Dataset, station: str) -> Figure:
    """The areal strain of one station, and below it the parts that it is the sum of.

    Parameters
    ----------
    record : xarray.DataArray
        ``(time, station)`` in nanostrain.
    parts : xarray.Dataset
        As `precursor_lib.simulate.strain_taken_apart.strain_parts` gives them.
    station : str
    """
    rows = {"record": record, **{NAMES[str(k)]: parts[k] for k in parts.data_vars}}
    return stacked(rows, station, "nanostrain", np.timedelta64(1, "D"), "days")


def hourly(record: xr.DataArray) -> xr.DataArray:
    """The longest part without gaps of the first station, one sample an hour.

    Raises
    ------
    InputError
        If there is none of twenty days.
    """
    each = record.isel(station=0).resample(time="1h").first()
    here = np.isfinite(each.to_numpy())
    edges = np.flatnonzero(np.diff(np.concatenate([[False], here, [False]]).astype(int)))
    lengths = edges[1::2] - edges[::2]
    if lengths.size == 0 or lengths.max() < 24 * _SEGMENT:
        raise InputError(f"record: expected {_SEGMENT:g} days in a row without gaps")
    first = edges[::2][lengths.argmax()]
    return each.isel(time=slice(first, first + lengths.max()))


@style.drawn
def spectra(records: Mapping[str, xr.DataArray], names: Mapping[str, float]) -> Figure:
    """Power spectra of areal strain from a month to two hours, with tidal lines marked.

    Parameters
    ----------
    records : mapping of xarray.DataArray
        By label: hourly records of one station without gaps, in nanostrain.
    names : mapping of float
        Tidal lines to mark, in cycles a day.
    """
    figure, axis = plt.subplots(figsize=(style.PAGE_WIDTH, 3.6))
    for label, record in records.items():
        frequency, density = signal.welch(
            record.to_numpy(), 24.0, nperseg=round(24 * _SEGMENT), detrend="linear"
        )
        axis.loglog(frequency[1:], density[1:], linewidth=1, label=label)
    top = axis.get_ylim()[1]
    for name, place in names.items():
        axis.axvline(place, color=style.COLOURS["grey"], linewidth=0.6, zorder=0)
        axis.annotate(name, (place, top), ha="center", va="bottom", fontsize=8.5)
    axis.set(xlabel="cycles a day", ylabel="power (nanostrain$^2$ day)")
    axis.legend(loc="lower left")
    return figure


def tide_table(fits: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tidal amplitudes of records of one place, beside those of theory.

    Parameters
    ----------
    fits : mapping of pandas.DataFrame
        By label: the rows of one station of `precursor_lib.evaluate.tidal_fit.tidal_fit`.

    Returns
    -------
    pandas.DataFrame
        Index ``constituent``; ``theory``, and by label the amplitude with its standard error as
        text, the ratio and the phase in degrees.
    """
    first = next(iter(fits.values()))
    table = pd.DataFrame({"theory": first["theory"]})
    for label, fit in fits.items():
        table[f"{label}"] = [
            f"{a:.2f} ± {e:.2f}" for a, e in zip(fit["amplitude"], fit["error"], strict=True)
        ]
        table[f"ratio, {label}"] = fit["ratio"]
        table[f"phase, {label}"] = fit["phase"].round(0).astype(int)
    return table
