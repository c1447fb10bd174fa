"""The growth curves themselves, and how they change with their parameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Array = NDArray[np.float64]


def sigmoid(x: ArrayLike, A1: float, A2: float, x0: float, dx: float) -> Array:
    """Boltzmann's sigmoid ``A2 + (A1 - A2) / (1 + exp((x - x0) / dx))`` (SW-NTF, eq. 8)."""
    return A2 + (A1 - A2) * expit(-(np.asarray(x, dtype=float) - x0) / dx)


def sigmoid_gradient(x: ArrayLike, A1: float, A2: float, x0: float, dx: float) -> Array:
    """Derivatives of `sigmoid` by its four parameters, shape (n, 4)."""
    z = (np.asarray(x, dtype=float) - x0) / dx
    up, down = expit(z), expit(-z)
    slope = (A2 - A1) * up * down / dx
    return np.column_stack((down, up, -slope, -slope * z))


def two_phases(
    x: ArrayLike, A0: float, N1: float, x1: float, dx1: float, N2: float, x2: float, dx2: float
) -> Array:
    """``A0 + sum_k N_k / (1 + exp(-(x - x_k) / dx_k))``, two Boltzmann sigmoids on one level."""
    x_ = np.asarray(x, dtype=float)
    return np.asarray(A0 + N1 * expit((x_ - x1) / dx1) + N2 * expit((x_ - x2) / dx2))


def two_phases_gradient(
    x: ArrayLike, A0: float, N1: float, x1: float, dx1: float, N2: float, x2: float, dx2: float
) -> Array:
    """Derivatives of `two_phases` by its seven parameters, shape (n, 7)."""
    first, second = sigmoid_gradient(x, 0.0, N1, x1, dx1), sigmoid_gradient(x, 0.0, N2, x2, dx2)
    return np.column_stack((np.ones(len(first)), first[:, 1:], second[:, 1:]))
