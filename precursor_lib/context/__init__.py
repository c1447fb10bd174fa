"""Geography, space weather and seismicity around an anomaly."""
