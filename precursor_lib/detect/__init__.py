"""From features to anomalies, cumulative curves and their fits."""
