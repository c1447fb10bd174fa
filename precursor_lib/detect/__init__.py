"""From features and residuals to anomalies, cumulative curves, their fits and what these say."""

from precursor_lib.detect.accumulate import cumulative_by_day
from precursor_lib.detect.curves import sigmoid, two_phases
from precursor_lib.detect.days import anomalous_days, cumulative_points, days_to
from precursor_lib.detect.distance import (
    PowerLawFit,
    Trend,
    fit_power_law,
    fit_trend,
    p_of_r2,
)
from precursor_lib.detect.growth import (
    GrowthComparison,
    GrowthFit,
    compare_growth,
    fit_line,
    fit_sigmoid,
)
from precursor_lib.detect.growth_batch import fit_many
from precursor_lib.detect.lag import Lag, RiseTime, growth_lag, rise_time
from precursor_lib.detect.ratio import growth_ratio
from precursor_lib.detect.residual_rule import PointRule, residual_points, usable
from precursor_lib.detect.threshold import baseline_of, exceedances, spread_of
from precursor_lib.detect.two_phase import TwoPhaseFit, fit_two_phase

__all__ = [
    "GrowthComparison",
    "GrowthFit",
    "Lag",
    "PointRule",
    "PowerLawFit",
    "RiseTime",
    "Trend",
    "TwoPhaseFit",
    "anomalous_days",
    "baseline_of",
    "compare_growth",
    "cumulative_by_day",
    "cumulative_points",
    "days_to",
    "exceedances",
    "fit_line",
    "fit_many",
    "fit_power_law",
    "fit_sigmoid",
    "fit_trend",
    "fit_two_phase",
    "growth_lag",
    "growth_ratio",
    "p_of_r2",
    "residual_points",
    "rise_time",
    "sigmoid",
    "spread_of",
    "two_phases",
    "usable",
]
