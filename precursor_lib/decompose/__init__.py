"""Decompositions and factorisations: detrending, MEMD, synchrosqueezing, VMD, NTF."""

from precursor_lib.decompose.factors import (
    Factorisation,
    normalise,
    order_by_band_energy,
    reconstruct,
    reorder,
)
from precursor_lib.decompose.ntf import ntf, sw_ntf
from precursor_lib.decompose.spatial_prior import spatial_prior

__all__ = [
    "Factorisation",
    "normalise",
    "ntf",
    "order_by_band_energy",
    "reconstruct",
    "reorder",
    "spatial_prior",
    "sw_ntf",
]
