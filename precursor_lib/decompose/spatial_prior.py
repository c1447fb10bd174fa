"""Station weights that fall with distance from the epicentre: the omega of SW-NTF."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.errors import InputError, unknown

FORMS = ("inverse", "inverse_square", "power", "exponential", "gaussian", "uniform")


def spatial_prior(
    distance: ArrayLike,
    form: str = "inverse",
    *,
    exponent: float | None = None,
    length: float | None = None,
) -> np.ndarray:
    """Expected contribution of each station to a signal from the epicentre.

    Yang et al. (the paper of SW-NTF) say only that a weight follows "an inverse relationship" with
    epicentral distance. The default takes that word for word, ``1 / distance``.

    Parameters
    ----------
    distance : array_like (K,)
        Epicentral distance of each station in km, > 0.
    form : {"inverse", "inverse_square", "power", "exponential", "gaussian", "uniform"}
        ``d^-1``, ``d^-2``, ``d^-exponent``, ``exp(-d / length)``, ``exp(-d^2 / (2 length^2))``, or
        the same weight everywhere: a control that holds no knowledge of the epicentre.
    exponent : float, optional
        Of "power"; > 0.
    length : float, optional
        Of "exponential" and "gaussian", in km; > 0.

    Returns
    -------
    ndarray (K,)
        Weights of unit Euclidean norm. Only ``penalty * ||omega||^2`` matters (see `sw_ntf`), so
        the norm is fixed here and the penalty alone sets the prior's strength.

    Raises
    ------
    InputError
        If a distance is not a positive number, or the form or its parameter is missing or wrong.
    """
    d = np.asarray(distance, dtype=float)
    if d.ndim != 1 or d.size == 0:
        raise InputError(f"distance: shape {d.shape}; expected one value a station")
    bad = np.flatnonzero(~((d > 0) & np.isfinite(d)))
    if bad.size:
        raise InputError(f"distance: station {bad[0]} has {d[bad[0]]} km; expected a number > 0")
    if form not in FORMS:
        raise InputError(f"form: {unknown('form', form, FORMS)}")
    for name, value, forms in (
        ("exponent", exponent, ("power",)),
        ("length", length, ("exponential", "gaussian")),
    ):
        if form in forms and (value is None or not 0 < value < np.inf):
            raise InputError(f"{name}: {value}; form '{form}' expects a number > 0")
        if form not in forms and value is not None:
            raise InputError(f"{name}: {value}; form '{form}' takes none")
    # Logarithms relative to the nearest station, so that no form underflows at all stations.
    near = d.min()
    scale = length or 1.0
    logs = {
        "inverse": -np.log(d / near),
        "inverse_square": -2 * np.log(d / near),
        "power": -(exponent or 0.0) * np.log(d / near),
        "exponential": -(d - near) / scale,
        "gaussian": -(d**2 - near**2) / (2 * scale**2),
        "uniform": np.zeros_like(d),
    }
    weights = np.exp(logs[form])
    return weights / np.linalg.norm(weights)
