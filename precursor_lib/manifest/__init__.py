"""The manifest: every dataset and every notebook of the companion, as typed objects."""

from precursor_lib.manifest.core import Manifest
from precursor_lib.manifest.models import (
    Box,
    Coverage,
    Dataset,
    File,
    Loader,
    Notebook,
    Simulator,
    Variable,
)
from precursor_lib.manifest.registry import LOADERS, SIMULATORS
from precursor_lib.manifest.rules import check, check_citations, check_claims

__all__ = [
    "LOADERS",
    "SIMULATORS",
    "Box",
    "Coverage",
    "Dataset",
    "File",
    "Loader",
    "Manifest",
    "Notebook",
    "Simulator",
    "Variable",
    "check",
    "check_citations",
    "check_claims",
]
