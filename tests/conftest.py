"""Fixtures and settings that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import matplotlib
import pytest

# A busy machine is no failure, and a failure can be seen again.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")
matplotlib.use("Agg")
# Kernels that nbval starts inherit it: bars with times in them are no results.
os.environ.setdefault("TQDM_DISABLE", "1")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parents[1]
