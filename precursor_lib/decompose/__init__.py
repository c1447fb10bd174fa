"""Decompositions and factorisations: detrending, MEMD, synchrosqueezing, VMD, NTF."""

from precursor_lib.decompose.continuous import wavelet_transform
from precursor_lib.decompose.factors import (
    Factorisation,
    normalise,
    order_by_band_energy,
    reconstruct,
    reorder,
)
from precursor_lib.decompose.imf_selection import ImfSelection, mean_periods, select_imfs
from precursor_lib.decompose.memd import MemdReport, memd, sphere_directions
from precursor_lib.decompose.ntf import ntf, sw_ntf
from precursor_lib.decompose.segmented_vmd import (
    SegmentedVMDResult,
    join_weights,
    segment_starts,
    segmented_vmd,
)
from precursor_lib.decompose.spatial_prior import spatial_prior
from precursor_lib.decompose.synchrosqueezing import Synchrosqueezed, synchrosqueeze
from precursor_lib.decompose.vmd import (
    ConvergenceWarning,
    VMDResult,
    half_power_width,
    modes_at,
    vmd,
)
from precursor_lib.decompose.wavelet import (
    DetrendingResponse,
    boundary_reach,
    detrending_response,
    dwt_detrend,
    fill_gaps,
)

__all__ = [
    "ConvergenceWarning",
    "DetrendingResponse",
    "Factorisation",
    "ImfSelection",
    "MemdReport",
    "SegmentedVMDResult",
    "Synchrosqueezed",
    "VMDResult",
    "boundary_reach",
    "detrending_response",
    "dwt_detrend",
    "fill_gaps",
    "half_power_width",
    "join_weights",
    "mean_periods",
    "memd",
    "modes_at",
    "normalise",
    "ntf",
    "order_by_band_energy",
    "reconstruct",
    "reorder",
    "segment_starts",
    "segmented_vmd",
    "select_imfs",
    "spatial_prior",
    "sphere_directions",
    "sw_ntf",
    "synchrosqueeze",
    "vmd",
    "wavelet_transform",
]
