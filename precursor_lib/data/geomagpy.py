"""geomagpy's readers of single formats, imported without what the import does to logging."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple


class Geomagpy(NamedTuple):
    """What is used of geomagpy: tests and readers of two formats, and the names of its columns."""

    is_iaga: Callable[[str], bool]
    read_iaga: Callable[[str], Any]
    is_imagcdf: Callable[[str], bool]
    read_imagcdf: Callable[[str], Any]
    keys: list[str]


@cache
def geomagpy() -> Geomagpy:
    """Import geomagpy and leave logging as it was.

    The import sends the root logger to a file of its own, and a package that it brings switches
    off every logger there is.
    """
    root = logging.getLogger()
    known = [x for x in root.manager.loggerDict.values() if isinstance(x, logging.Logger)]
    active = [logger for logger in known if not logger.disabled]
    handlers, level = root.handlers[:], root.level
    # A root logger that has a handler is left alone.
    root.addHandler(logging.NullHandler())
    try:
        from magpy.lib.format_iaga02 import isIAGA, readIAGA
        from magpy.lib.format_imagcdf import isIMAGCDF, readIMAGCDF
        from magpy.stream import KEYLIST
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for logger in active:
            logger.disabled = False
    # Its notes on each file that it reads say nothing that the reports here do not.
    logging.getLogger("magpy").setLevel(logging.ERROR)
    return Geomagpy(isIAGA, readIAGA, isIMAGCDF, readIMAGCDF, list(KEYLIST))
