"""Names of loaders and simulators that a manifest may use, and how a name becomes a function.

A name is ``module.function``: of ``precursor_lib.data`` for a loader, of
``precursor_lib.simulate`` for a simulator. The modules are imported when they are first needed, so
that reading the manifest imports neither readers nor simulators.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from precursor_lib.errors import InputError, unknown

LOADERS = frozenset(
    {
        "catalogue.read_china_mw",
        "catalogue.read_guza_catalogue",
        "catalogue.read_horus",
        "catalogue.read_romania",
        "catalogue.read_turkey",
        "catalogue.read_usgs",
        "catalogue.read_xichang",
        "faults.read_faults",
        "geomagnetic.read_geomagnetic",
        "indices.read_dst",
        "indices.read_kp",
        "indices.read_rc",
        "nights.read_nights",
        "strain.read_guza_gauge",
        "strain.read_guza_gauges",
        "strain.read_pbo",
        "tec.read_ionex",
        "tec.read_vtec",
        "user.open_folder",
    }
)
SIMULATORS = frozenset(
    {
        "catalogue.seismic_catalogue",
        "geomagnetic.geomagnetic_network",
        "guza.guza_record",
        "indices.dst_from_rc",
        "minute_network.minute_network",
        "minutes.station_minutes",
        "olr.olr_fields",
        "strain.strain_network",
        "tec.tec_network",
        "three_component.observatory_minutes",
    }
)


def _resolve(kind: str, package: str, name: str, known: frozenset[str]) -> Callable[..., Any]:
    if name not in known:
        raise InputError(unknown(kind, name, known))
    module, function = name.rsplit(".", 1)
    return getattr(import_module(f"precursor_lib.{package}.{module}"), function)


def loader_function(name: str) -> Callable[..., Any]:
    """Give the reader called `name`; it takes a list of paths, then its arguments.

    Raises
    ------
    InputError
        If no loader has that name.
    """
    return _resolve("loader", "data", name, LOADERS)


def simulator_function(name: str) -> Callable[..., Any]:
    """Give the simulator called `name`; it takes ``seed`` and its arguments by keyword.

    Raises
    ------
    InputError
        If no simulator has that name.
    """
    return _resolve("simulator", "simulate", name, SIMULATORS)
