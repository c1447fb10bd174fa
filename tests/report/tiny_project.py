"""Entries of a project with one tiny notebook."""

from __future__ import annotations

from typing import Any

COVERAGE = {"start": "2021-02-20", "end": "2021-06-20", "cadence": "1 s"}
VARIABLES = {"Z": {"units": "nT", "description": "vertical intensity"}}


def dataset(**changes: Any) -> dict[str, Any]:
    """A simulated dataset's entry."""
    return {
        "title": "A tiny network",
        "access": "simulated",
        "licence": "CC0-1.0",
        "providers": ["nobody"],
        "simulator": {"name": "geomagnetic.geomagnetic_network", "seed": 7},
        "variables": VARIABLES,
        "coverage": COVERAGE,
        "obtain": "It is made when it is opened.",
        **changes,
    }


def notebook(**changes: Any) -> dict[str, Any]:
    """A notebook's entry."""
    return {
        "source": "notebooks/cases/tiny.py",
        "title": "Tiny",
        "section": "cases",
        "datasets": ["network", "kp"],
        "profiles": {"ci": {"nights": 2}, "paper": {"nights": 120}},
        "figures": ["tiny-fig1"],
        "tables": ["tiny-tab1"],
        "claims": ["tiny-tab1-distance", "tiny-fig1-ratio"],
        **changes,
    }


CLAIMS = [
    {
        "id": "tiny-tab1-distance",
        "label": "tiny-tab1",
        "statement": "Station 1 lies 175 km from the epicentre.",
        "published": 175,
        "unit": "km",
        "tolerance": 0.5,
        "kind": "arithmetic",
        "source": "Table 1",
    },
    {
        "id": "tiny-fig1-ratio",
        "label": "tiny-fig1",
        "statement": "The ratio lies between 0.4 and 0.7.",
        "published": {"from": 0.4, "to": 0.7},
        "tolerance": 0.05,
        "kind": "open_data",
        "source": "Figure 1",
    },
]
