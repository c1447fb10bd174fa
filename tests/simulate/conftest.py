"""A small network to simulate."""

from __future__ import annotations

from typing import Any

import pytest

STATIONS = [
    {"id": "near", "name": "Near", "latitude": 34.48, "longitude": 100.25, "distance": 175},
    {"id": "middle", "name": "Middle", "latitude": 36.43, "longitude": 94.87, "distance": 374},
    {"id": "far", "name": "Far", "latitude": 38.5, "longitude": 106.28, "distance": 830},
]


@pytest.fixture
def arguments() -> dict[str, Any]:
    """Three stations, four nights about the storm of 12 May 2021, a busy source, given indices."""
    return {
        "seed": 5,
        "stations": STATIONS,
        "epicentre": {"latitude": 34.59, "longitude": 98.34, "time": "2021-05-21T18:04:13"},
        "nights_start": "2021-05-10T16:00:00",
        "nights": 4,
        "duration": 3600.0,
        "source": {"base": 5.0, "phases": []},
        "kp": 2.0,
        "rc": -10.0,
    }
