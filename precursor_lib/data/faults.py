"""Traces of active faults."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import shapefile

from precursor_lib.errors import InputError


def read_faults(paths: Sequence[Path], box: Sequence[float] | None = None) -> pd.DataFrame:
    """Read fault traces from a shapefile of polylines.

    Parameters
    ----------
    paths : sequence of path
        The ``.shp`` and the ``.shx`` file, in any order.
    box : sequence of float, optional
        ``(west, east, south, north)`` in degrees: only traces whose bounding box touches it.

    Returns
    -------
    pandas.DataFrame
        One row a vertex, in order along each trace: ``fault`` (number of the trace in the file),
        ``part`` (0 unless a trace has several), ``latitude``, ``longitude`` (degrees).

    Raises
    ------
    InputError
        If a file is missing or damaged, or the box is not in order.
    """
    by_suffix = {Path(path).suffix.lower(): str(path) for path in paths}
    for suffix in (".shp", ".shx"):
        if suffix not in by_suffix:
            raise InputError(f"expected a {suffix} file among {sorted(by_suffix)}")
    bounds = None
    if box is not None:
        if len(box) != 4 or box[0] > box[1] or box[2] > box[3]:
            raise InputError(f"box: expected west, east, south, north in order, got {list(box)}")
        bounds = (box[0], box[2], box[1], box[3])
    rows: list[np.ndarray] = []
    try:
        with (
            warnings.catch_warnings(action="error", category=shapefile.PossiblyCorruptFileHeader),
            shapefile.Reader(shp=by_suffix[".shp"], shx=by_suffix[".shx"]) as reader,
        ):
            if not reader.shapeTypeName.startswith("POLYLINE"):
                raise InputError(f"{by_suffix['.shp']}: expected polylines")
            for shape in reader.iterShapes(bbox=bounds):
                points = np.asarray(shape.points, dtype=float)[:, :2]
                part = np.searchsorted(list(shape.parts), np.arange(len(points)), side="right") - 1
                fault = np.full(len(points), shape.oid)
                rows.append(np.column_stack([fault, part, points]))
    except InputError:
        raise
    except (
        shapefile.ShapefileException,
        struct.error,
        shapefile.PossiblyCorruptFileHeader,
        OSError,
        ValueError,
        IndexError,
    ) as error:
        raise InputError(f"{by_suffix['.shp']}: is damaged: {error}") from error
    table = np.concatenate(rows) if rows else np.empty((0, 4))
    frame = pd.DataFrame(
        {
            "fault": table[:, 0].astype(int),
            "part": table[:, 1].astype(int),
            "latitude": table[:, 3],
            "longitude": table[:, 2],
        }
    )
    frame.attrs["report"] = [f"{frame['fault'].nunique()} traces, {len(frame)} vertices"]
    return frame
