"""Geography, space weather and seismicity around an anomaly; strain from borehole gauges."""

from precursor_lib.context.b_value import BValue, b_value, b_value_grid, b_value_in_time
from precursor_lib.context.borehole import areal_strain, gauge_consistency, shear_strains
from precursor_lib.context.geography import dobrovolsky_radius_km, geodesic_distance_km
from precursor_lib.context.seismicity import (
    benioff_strain,
    mainshock,
    maximum_curvature,
    select_events,
)
from precursor_lib.context.space_weather import (
    AP_EDGES,
    DST_EDGES,
    chance_of_counts,
    classify,
    index_at,
    level_counts,
    level_names,
    level_shares,
)

__all__ = [
    "AP_EDGES",
    "DST_EDGES",
    "BValue",
    "areal_strain",
    "b_value",
    "b_value_grid",
    "b_value_in_time",
    "benioff_strain",
    "chance_of_counts",
    "classify",
    "dobrovolsky_radius_km",
    "gauge_consistency",
    "geodesic_distance_km",
    "index_at",
    "level_counts",
    "level_names",
    "level_shares",
    "mainshock",
    "maximum_curvature",
    "select_events",
    "shear_strains",
]
