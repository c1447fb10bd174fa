"""Observed data: opening, verifying and reading; every opened dataset says its origin."""

from precursor_lib.data.nightly import NightlyNetwork
from precursor_lib.data.nights import as_nightly
from precursor_lib.data.opening import Opened, open_dataset
from precursor_lib.data.store import fetch, verify
from precursor_lib.data.user import open_folder

__all__ = [
    "NightlyNetwork",
    "Opened",
    "as_nightly",
    "fetch",
    "open_dataset",
    "open_folder",
    "verify",
]
