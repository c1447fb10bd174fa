"""Equations 3-5 and 7 of the SW-NTF paper taken as printed, to see what they do."""

from __future__ import annotations

import numpy as np

from precursor_lib.errors import InputError

EQUATIONS = ("eq3", "eq4", "eq5", "eq7", "eq7-derived")


def printed_path(
    equation: str,
    *,
    size: int = 8,
    rank: int = 3,
    penalty: float = 0.1,
    rounds: int = 60,
    seed: int = 0,
) -> np.ndarray:
    """Objective along repeated use of one printed update, the other factors held fixed.

    The paper writes one symbol for the Khatri-Rao and the Hadamard product; here each is taken
    where shapes ask for it. Equations 4, 5 and 7 print A as the first factor of the denominator,
    where the gradient gives B, C and C. With A the shapes fit only a tensor of equal sides, so that
    is what is used. ``"eq7-derived"`` is equation 7 with C in that place.

    Parameters
    ----------
    equation : {"eq3", "eq4", "eq5", "eq7", "eq7-derived"}
        Which update.
    size, rank : int
        Side of the tensor and number of components.
    penalty : float
        lambda of equation 7.
    rounds : int
        Number of updates.
    seed : int
        Of the tensor (exact rank, with noise) and of the start.

    Returns
    -------
    numpy.ndarray, shape (rounds + 1,)
        Objective of equation 2, or of equation 6 for equation 7.

    Raises
    ------
    InputError
        If `equation` is none of these.
    """
    if equation not in EQUATIONS:
        raise InputError(f"equation: expected one of {EQUATIONS}, got '{equation}'")
    rng = np.random.default_rng(seed)
    true = [rng.random((size, rank)) for _ in range(3)]
    tensor = np.einsum("ir,jr,kr->ijk", *true) + 0.1 * rng.random((size,) * 3)
    a, b, c = (rng.random((size, rank)) + 0.1 for _ in range(3))
    prior = np.linspace(1.0, 0.2, size)[:, None]
    weight = penalty if equation.startswith("eq7") else 0.0
    path = [_objective(tensor, a, b, c, prior, weight)]
    for _ in range(rounds):
        if equation == "eq3":
            a = a * np.einsum("ijk,jr,kr->ir", tensor, b, c) / (a @ ((c.T @ c) * (b.T @ b)))
        elif equation == "eq4":
            b = b * np.einsum("ijk,ir,kr->jr", tensor, a, c) / (a @ ((c.T @ c) * (a.T @ a)))
        else:
            first = c if equation == "eq7-derived" else a
            above = np.einsum("ijk,ir,jr->kr", tensor, a, b) + weight * prior
            c = c * above / (first @ ((b.T @ b) * (a.T @ a)) + weight * c)
        path.append(_objective(tensor, a, b, c, prior, weight))
    return np.asarray(path)


def descends(path: np.ndarray) -> bool:
    """Whether an objective never rises by more than rounding."""
    return bool(np.all(np.diff(path) <= 1e-10 * np.abs(path[:-1])))


def _objective(
    tensor: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    c: np.ndarray,
    prior: np.ndarray,
    weight: float,
) -> float:
    rest = tensor - np.einsum("ir,jr,kr->ijk", a, b, c)
    return float((rest**2).sum() + weight * ((c - prior) ** 2).sum())
