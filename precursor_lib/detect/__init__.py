"""From features to anomalies, cumulative curves and their fits."""

from precursor_lib.detect.accumulate import cumulative_by_day
from precursor_lib.detect.growth import (
    GrowthComparison,
    GrowthFit,
    compare_growth,
    fit_line,
    fit_sigmoid,
    sigmoid,
)
from precursor_lib.detect.threshold import baseline_of, exceedances, spread_of

__all__ = [
    "GrowthComparison",
    "GrowthFit",
    "baseline_of",
    "compare_growth",
    "cumulative_by_day",
    "exceedances",
    "fit_line",
    "fit_sigmoid",
    "sigmoid",
    "spread_of",
]
