"""What a simulated record was made of, as a table."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from precursor_lib.errors import InputError, unknown

_FIRST = ["kind", "station", "time", "end", "amplitude"]


def truth_table(dataset: xr.Dataset | xr.DataArray, kind: str | None = None) -> pd.DataFrame:
    """Every event of a simulated record, a row an event and station.

    Parameters
    ----------
    dataset : xarray.Dataset or xarray.DataArray
        Of `strain_network` or `minute_network`, or a variable with its attributes.
    kind : str, optional
        One of the kinds alone, such as ``"source"``.

    Returns
    -------
    pandas.DataFrame
        ``kind station time end amplitude`` (UTC; in the record's units, with sign) and what else
        the kinds have: ``event`` is the number that the rows of one event share, ``gauge`` the
        number of the only gauge that shows it (0: all). Sorted by time. The times of a source's
        event are those between which its envelope is above 10 % of its peak.

    Raises
    ------
    InputError
        If the dataset carries no truth, as observations do not, or the kind is unknown.
    """
    if "truth" not in dataset.attrs:
        raise InputError("dataset: expected a simulated one, with the truth of what it holds")
    kinds = ("source", "step", "spike", "gap", "rain")
    if kind is not None and kind not in kinds:
        raise InputError(unknown("kind", kind, kinds))
    rows = [r for r in dataset.attrs["truth"] if kind is None or r["kind"] == kind]
    table = pd.DataFrame(rows)
    table = table.reindex(columns=[*_FIRST, *(c for c in table.columns if c not in _FIRST)])
    for column in ("time", "end"):
        table[column] = pd.to_datetime(table[column]).astype("datetime64[ns]")
    table["amplitude"] = table["amplitude"].astype(float)
    for column in ("event", "gauge"):
        if column in table:
            table[column] = table[column].astype("Int64")
    return table
