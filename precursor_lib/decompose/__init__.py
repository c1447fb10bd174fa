"""Decompositions and factorisations: detrending, MEMD, synchrosqueezing, VMD, NTF."""

from precursor_lib.decompose.continuous import wavelet_transform
from precursor_lib.decompose.factors import (
    Factorisation,
    normalise,
    order_by_band_energy,
    reconstruct,
    reorder,
)
from precursor_lib.decompose.imf_selection import ImfSelection, select_imfs
from precursor_lib.decompose.memd import MemdReport, memd, sphere_directions
from precursor_lib.decompose.ntf import ntf, sw_ntf
from precursor_lib.decompose.spatial_prior import spatial_prior
from precursor_lib.decompose.synchrosqueezing import Synchrosqueezed, synchrosqueeze
from precursor_lib.decompose.wavelet import (
    DetrendingResponse,
    boundary_reach,
    detrending_response,
    dwt_detrend,
    fill_gaps,
)

__all__ = [
    "DetrendingResponse",
    "Factorisation",
    "ImfSelection",
    "MemdReport",
    "Synchrosqueezed",
    "boundary_reach",
    "detrending_response",
    "dwt_detrend",
    "fill_gaps",
    "memd",
    "normalise",
    "ntf",
    "order_by_band_energy",
    "reconstruct",
    "reorder",
    "select_imfs",
    "spatial_prior",
    "sphere_directions",
    "sw_ntf",
    "synchrosqueeze",
    "wavelet_transform",
]
