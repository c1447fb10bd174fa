"""Borehole strain: the hourly record of Guza (Sichuan), and one station of the PBO at 1 Hz.

Strain is given in 1e-9, extension positive.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from precursor_lib.data.series import Record, on_one_axis, without_duplicates
from precursor_lib.errors import InputError
from precursor_lib.times import utc_moment

HOUR = np.timedelta64(1, "h")
BEIJING = 8 * HOUR
#: The files' marks for a missing value: 999999 in the long record, 99999 in the others.
GAPS = (99999.0, 999999.0)
#: Unit of the numbers in the gauges' files. They do not state it; 1e-10 is what the national
#: network uses. The tide M2 in the areal strain is then 0.4 times that of a solid-tide model.
FILE_UNIT = 1e-10
NANOSTRAIN = 1e-9

GUZA = ("Guza", 30.12, 102.17)
GAUGES = ("S1", "S2", "S3", "S4")
#: Variable by the stem of the file's name.
GUZA_FILES = {
    "h1": "S1",
    "h2": "S2",
    "h3": "S3",
    "h4": "S4",
    "hpr": "pressure",
    "hwl": "level",
    "理论面应变": "tide",
}
UNITS = {"pressure": "hPa", "level": "not stated", "tide": "1e-9"}

PBO = ("B084", 33.61, -116.46)
PBO_STRAIN = ("areal", "gamma1", "gamma2")
PBO_CORRECTIONS = (
    "areal.tide",
    "areal.baro",
    "gamma1.tide",
    "gamma1.baro",
    "gamma2.tide",
)


def read_guza_gauge(
    paths: Sequence[Path],
    start: str | None = None,
    end: str | None = None,
    unit: float = FILE_UNIT,
) -> xr.Dataset:
    """Read the hourly record of gauge 1 at Guza, 2007 to 2014.

    Times in the file are Beijing time (UTC+8): the Lushan shock of 20 April 2013, 08:02 there,
    falls between its values of 08:00 and 09:00. Of its hourly changes 95 % equal those of gauge 1
    in the files of `read_guza_gauges`. Among the others is the step of Wenchuan on 12 May 2008,
    which is not in this record: it was edited before it was published.

    Parameters
    ----------
    paths : sequence of path
        The one file.
    start, end : str, optional
        Part to take, UTC, the end left out.
    unit : float
        Strain of one unit of the file; inferred, see the module.

    Returns
    -------
    xarray.Dataset
        ``S1`` (time, station) in 1e-9, hourly without breaks, gaps NaN.

    Raises
    ------
    InputError
        If a row is not in form; the message names the file, the row and what was expected.
    """
    if len(paths) != 1:
        raise InputError(f"expected one file, got {len(paths)}")
    return _guza({"S1": Path(paths[0])}, start, end, unit)


def read_guza_gauges(
    paths: Sequence[Path],
    start: str | None = None,
    end: str | None = None,
    unit: float = FILE_UNIT,
) -> xr.Dataset:
    """Read four gauges, pressure, water level and the theoretical areal tide at Guza, hourly.

    Times in the files are Beijing time (UTC+8): the step of the Wenchuan shock of 12 May 2008,
    14:28 there, falls between the values of 14:00 and 15:00. The theoretical tide states neither
    clock, place nor unit. Against a solid-tide model its size fits 1e-9, and its phases and the
    ratios of its constituents fit a place near 39° N, 125° E rather than Guza. It is taken as
    labelled, in Beijing time as the gauges are, and should not serve as the tide at Guza.

    Parameters
    ----------
    paths : sequence of path
        ``h1.DAT`` to ``h4.DAT``, ``hpr.DAT``, ``hwl.DAT`` and the file of the tide, or some of
        them, known by their names. Other files (a licence) are passed over.
    start, end : str, optional
        Part to take, UTC, the end left out.
    unit : float
        Strain of one unit of the gauges' files; inferred, see the module.

    Returns
    -------
    xarray.Dataset
        ``S1 S2 S3 S4`` and ``tide`` (1e-9), ``pressure`` (hPa), ``level`` (the file's own unit,
        which changes when the level jumps from tens to thousands in the summer of 2008), each
        (time, station).

    Raises
    ------
    InputError
        If no file is known by its name or a row is not in form.
    """
    known = {GUZA_FILES[p.stem]: p for p in map(Path, paths) if p.stem in GUZA_FILES}
    if not known:
        raise InputError(
            f"expected files named {', '.join(GUZA_FILES)}, got "
            f"{', '.join(Path(p).name for p in paths) or 'none'}"
        )
    return _guza(known, start, end, unit)


def read_pbo(paths: Sequence[Path], start: str | None = None, end: str | None = None) -> xr.Dataset:
    """Read strain of the PBO's station B084 (Pinyon Flat, California) at 1 Hz from R data.

    The file's attributes name UTC, microstrain and mBar. Its authors filled missing values with
    the value before; which, the file does not say. Nor does it say where the station stands.

    Parameters
    ----------
    paths : sequence of path
        The one file, with a table ``Tohoku``.
    start, end : str, optional
        Part to take, UTC, the end left out.

    Returns
    -------
    xarray.Dataset
        Areal strain ``areal``, differential ``gamma1`` and shear strain ``gamma2``, and the
        corrections ``areal_tide``, ``areal_baro``, ``gamma1_tide``, ``gamma1_baro``,
        ``gamma2_tide``, in 1e-9; ``pore_pressure`` in hPa; each (time, station).

    Raises
    ------
    InputError
        If the file is not in form.
    """
    import rdata

    if len(paths) != 1:
        raise InputError(f"expected one file, got {len(paths)}")
    path = Path(paths[0])
    try:
        with warnings.catch_warnings():
            # A column of R's calendar times, not used here, has no counterpart in rdata.
            warnings.simplefilter("ignore", UserWarning)
            table = rdata.read_rda(path)["Tohoku"]
    except (ValueError, KeyError, NotImplementedError, EOFError, OSError) as error:
        raise InputError(f"{path.name}: expected R data with a table 'Tohoku': {error}") from error
    columns = [*PBO_STRAIN, *PBO_CORRECTIONS, "pressure.pore"]
    missing = [name for name in ("Dts", *columns) if name not in table]
    if missing:
        raise InputError(f"{path.name}: expected the columns {', '.join(missing)}")
    clock = pd.to_datetime(table["Dts"], format="%Y-%m-%dT%H:%M:%S", errors="coerce")
    if clock.isna().any():
        row = int(clock.isna().to_numpy().argmax())
        raise InputError(f"{path.name}: row {row + 1}: Dts: got '{table['Dts'].iloc[row]}'")
    times = clock.to_numpy().astype("datetime64[ns]")
    values = {}
    for column in columns:
        name = "pore_pressure" if column == "pressure.pore" else column.replace(".", "_")
        factor = 1.0 if name == "pore_pressure" else 1e3
        values[name] = factor * table[column].to_numpy(dtype=float)
    units = {name: "hPa" if name == "pore_pressure" else "1e-9" for name in values}
    record = without_duplicates(Record(*PBO, times, values, units, path.name), 1)
    data = on_one_axis([record], utc_moment(start), utc_moment(end))
    data.attrs["report"] = [
        f"{path.name}: times are UTC and strain is microstrain, as the file states; here 1e-9",
        f"{path.name}: missing values were filled with the value before by its authors",
        *data.attrs["report"],
    ]
    return data


def _guza(files: Mapping[str, Path], start: str | None, end: str | None, unit: float) -> xr.Dataset:
    """Read one file a variable and put them on one hourly axis."""
    if not (np.isfinite(unit) and unit > 0):
        raise InputError(f"unit {unit}: expected the strain of one unit of the file, above 0")
    records = {name: _hourly(path, name, unit) for name, path in files.items()}
    first = utc_moment(start) or min(record.times[0] for record in records.values())
    last = utc_moment(end) or max(record.times[-1] for record in records.values()) + HOUR
    parts = [on_one_axis([record], first, last, step=HOUR) for record in records.values()]
    data = xr.merge(parts, combine_attrs="override", join="exact", compat="equals")
    report = ["times in the files are Beijing time (UTC+8), made UTC here"]
    if set(records) & set(GAUGES):
        report.append(f"unit of the gauges' files taken as {unit:g} (not stated there); here 1e-9")
    if "tide" in records:
        report.append(
            "tide: phases and sizes of its constituents fit a place near 39 N 125 E, not Guza"
        )
    data.attrs["report"] = [*report, *(line for part in parts for line in part.attrs["report"])]
    return data


def _hourly(path: Path, name: str, unit: float) -> Record:
    """Read rows of ``YYYYMMDDHH value``, Beijing time, as a record of Guza in UTC."""
    try:
        lines = path.read_text(encoding="ascii").rstrip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: cannot be read as text: {error}") from error
    if not lines:
        raise InputError(f"{path.name}: holds no samples")
    rows = [line.split() for line in lines]
    try:
        clock, values = _columns(rows)
    except ValueError:
        row = next(index for index in range(len(rows)) if not _in_form(rows[index]))
        raise InputError(
            f"{path.name}: row {row + 1}: expected YYYYMMDDHH and a number, got "
            f"'{lines[row].strip()}'"
        ) from None
    flagged = np.isin(values, GAPS)
    values[flagged] = np.nan
    report = [f"{path.name}: {int(flagged.sum())} values marked as missing"] * bool(flagged.any())
    units = UNITS.get(name, "1e-9")
    if name in GAUGES:
        values *= unit / NANOSTRAIN
    record = Record(*GUZA, clock - BEIJING, {name: values}, {name: units}, path.name, report)
    return without_duplicates(record, 1)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Times and values of rows; ValueError if one is not in form."""
    if any(len(row) != 2 or len(row[0]) != 10 for row in rows):
        raise ValueError
    clock = pd.to_datetime([row[0] for row in rows], format="%Y%m%d%H")
    values = np.array([float(row[1]) for row in rows])
    if not np.isfinite(values).all():
        raise ValueError
    return clock.to_numpy().astype("datetime64[ns]"), values


def _in_form(row: Sequence[str]) -> bool:
    try:
        _columns([row])
    except ValueError:
        return False
    return True
