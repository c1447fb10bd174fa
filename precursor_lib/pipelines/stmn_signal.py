"""Frequency domain of the STMN chain: modes of areal strain from a segmented VMD."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
import xarray as xr
from tqdm import tqdm

from precursor_lib.context.borehole import areal_strain
from precursor_lib.decompose import fill_gaps, segmented_vmd
from precursor_lib.errors import InputError
from precursor_lib.pipelines.stmn_settings import SignalSettings

HOUR = np.timedelta64(3600, "s")


def step_hours(record: xr.Dataset | xr.DataArray) -> float:
    """Sampling interval in hours.

    Raises
    ------
    InputError
        If there are fewer than two samples or the steps differ.
    """
    steps = np.diff(record["time"].values)
    if steps.size == 0 or (steps != steps[0]).any():
        raise InputError("time: expected two samples or more at equal steps; gaps are NaN")
    return float(steps[0] / HOUR)


def kept_signal(
    data: xr.Dataset | xr.DataArray,
    settings: SignalSettings | None = None,
    *,
    folder: Path | str | None = None,
    progress: bool = True,
) -> xr.DataArray:
    """The series of each station that is forecast: modes of its areal strain, or that itself.

    Parameters
    ----------
    data : xarray.Dataset or xarray.DataArray
        Four gauges ``S1 S2 S3 S4`` by time and station; or one series by time and station, with its
        unit, that stands for the areal strain.
    settings : SignalSettings, optional
        What is kept.
    folder : path, optional
        Where decompositions are kept; a run that was stopped goes on with the next station.
    progress : bool
        Show a bar over the stations.

    Returns
    -------
    xarray.DataArray
        Dimensions (station, time); NaN where no window covers a sample. The boolean coordinate
        ``present`` (station, time) is False where the record itself has a gap. ``attrs``:
        ``report``, sentences on gaps; ``period_days``, period at the mean centre frequency of each
        mode of the first station, in days.

    Raises
    ------
    InputError
        If gauges are missing, steps differ, a window is shorter than two samples or longer than
        the record, or every window holds a gap.
    """
    s = settings or SignalSettings()
    areal = areal_strain(data) if isinstance(data, xr.Dataset) else data
    areal = areal.transpose("station", "time")
    day = 24 / (hours := step_hours(areal))
    names = areal["station"].values.astype(str)
    filled, report = fill_gaps(
        areal.values, longest=round(s.longest_gap_hours / hours), names=list(names)
    )
    kept = filled
    periods: list[float] = []
    if s.frequency:
        kept = np.empty_like(filled)
        quiet = {} if progress else {"disable": True}
        for row, series in enumerate(tqdm(filled, desc="decomposed", unit="station", **quiet)):
            kept[row], found = _decomposed(series, s, day, folder)
            periods = periods or found
    coords = {**areal.coords, "present": (("station", "time"), np.isfinite(areal.values))}
    attrs = {"units": areal.attrs["units"], "report": report, "period_days": periods}
    return xr.DataArray(kept, coords, ("station", "time"), "signal", attrs)


def _decomposed(
    series: np.ndarray, s: SignalSettings, day: float, folder: Path | str | None
) -> tuple[np.ndarray, list[float]]:
    """The kept modes of one record, from its file where it is done, and the modes' periods."""
    file = None
    if folder is not None:
        key = hashlib.sha256(s.model_dump_json().encode() + str(day).encode() + series.tobytes())
        file = Path(folder) / f"modes-{key.hexdigest()[:24]}.npz"
        if file.exists():
            with np.load(file) as stored:
                return stored["kept"], stored["periods"].tolist()
    result = segmented_vmd(
        series,
        round(s.window_days * day),
        round(s.step_days * day),
        s.modes,
        s.alpha,
        join=s.join,
        init=s.init,
        dc=s.dc,
        gaps="skip",
        workers=1,
    )
    kept = result.modes[np.array(s.keep) - 1].sum(axis=0)
    frequency = result.centre_frequencies.mean(axis=0) * day
    periods = np.divide(1, frequency, out=np.full_like(frequency, np.inf), where=frequency > 0)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".npz")
        os.close(handle)
        np.savez(name, kept=kept, periods=periods)
        Path(name).replace(file)
    return kept, periods.tolist()
