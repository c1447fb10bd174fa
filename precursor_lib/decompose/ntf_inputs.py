"""Checks of what a tensor factorisation is given, and its starting factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from precursor_lib.decompose import ntf_kernels as kernels
from precursor_lib.errors import InputError, unknown

RULES = {"hals": kernels.HALS, "mu": kernels.MULTIPLICATIVE}
SCALES = ("norm", "rms", "max", "none")
Triple = tuple[np.ndarray, np.ndarray, np.ndarray]


def check_tensor(X: ArrayLike, ndim: int = 3) -> np.ndarray:
    """`X` as an array of float32 or float64 with dimensions (..., frequency, time, station)."""
    x = np.asarray(X)
    if x.ndim != ndim or 0 in x.shape:
        names = ("batch", "frequency", "time", "station")[4 - ndim :]
        raise InputError(f"X: shape {x.shape}; expected ({', '.join(names)}), none of them 0")
    if x.dtype.kind not in "fiu":
        raise InputError(f"X: dtype {x.dtype}; expected real numbers")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)


def describe_bad(x: np.ndarray, count: int) -> InputError:
    """The error for `count` values of `x` that are NaN or negative."""
    index = tuple(int(i) for i in np.argwhere(~(x >= 0))[0])
    names = ("batch", "frequency", "time", "station")[4 - x.ndim :]
    return InputError(
        f"X: {count} values are NaN or negative, the first {x[index]} at "
        f"({', '.join(names)}) = {index}; expected finite values >= 0 (fill or cut gaps first)"
    )


def check_energy(energy: float, where: str = "X") -> None:
    """Refuse a tensor whose sum of squares is zero, infinite or near the ends of the range."""
    if energy == 0:
        raise InputError(f"{where}: is zero everywhere; there is nothing to factorise")
    if not 1e-200 < energy < 1e200:
        raise InputError(
            f"{where}: the sum of squares {energy:.1e} is not between 1e-200 and 1e200; expected "
            "finite values in another unit"
        )


def check_options(rank: int, iterations: int, tol: float, starts: int = 1) -> None:
    """Refuse counts that are no whole numbers >= 1, and a negative tolerance."""
    for name, value in (("rank", rank), ("iterations", iterations), ("starts", starts)):
        if not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name}: {value!r}; expected a whole number >= 1")
    if not 0 <= tol < np.inf:
        raise InputError(f"tol: {tol}; expected a number >= 0")


def check_method(method: str) -> None:
    """Refuse an update rule that does not exist."""
    if method not in RULES:
        raise InputError(f"method: {unknown('method', method, RULES)}")


def check_prior(
    prior: ArrayLike, penalty: float | ArrayLike, n_station: int, rank: int
) -> tuple[np.ndarray, np.ndarray]:
    """The prior's weights (K,) and the penalty of each component (R,)."""
    omega = np.asarray(prior, dtype=float)
    if omega.shape != (n_station,):
        raise InputError(f"prior: shape {omega.shape}; expected ({n_station},), one a station")
    if not (np.isfinite(omega) & (omega >= 0)).all() or not omega.any():
        raise InputError("prior: expected finite weights >= 0, not all of them zero")
    strength = np.asarray(penalty, dtype=float)
    if strength.shape not in ((), (rank,)):
        raise InputError(f"penalty: shape {strength.shape}; expected one number or ({rank},)")
    if not (np.isfinite(strength) & (strength >= 0)).all():
        raise InputError("penalty: expected finite numbers >= 0")
    return omega, np.broadcast_to(strength, (rank,)).copy()


def scale_of(scale: str | float, energy: float, size: int, largest: Callable[[], float]) -> float:
    """What a tensor of this sum of squares, size and largest value is divided by."""
    if not isinstance(scale, str):
        if not 0 < scale < np.inf:
            raise InputError(f"scale: {scale}; expected a number > 0 or one of {', '.join(SCALES)}")
        return float(scale)
    if scale not in SCALES:
        raise InputError(f"scale: {unknown('scale', scale, SCALES)}")
    if scale == "max":
        return float(largest())
    return {"norm": energy**0.5, "rms": (energy / size) ** 0.5, "none": 1.0}[scale]


def starting_factors(
    shape: tuple[int, ...],
    rank: int,
    seed: int,
    starts: int = 1,
    init: Sequence[ArrayLike] | None = None,
) -> list[Triple]:
    """Frequency, time and station factors to start from: drawn, or checked where they are given."""
    if init is None:
        streams = np.random.SeedSequence(seed).spawn(starts)
        generators = [np.random.default_rng(stream) for stream in streams]
        drawn = [[g.random((n, rank)) for n in shape] for g in generators]
        return [(a, b, c) for a, b, c in drawn]
    if starts != 1:
        raise InputError(f"starts: {starts}; expected 1 where init is given")
    if len(init) != 3:
        raise InputError(f"init: {len(init)} arrays; expected frequency, time and station factors")
    given = [np.asarray(factor, dtype=float) for factor in init]
    for factor, n, name in zip(given, shape, ("frequency", "time", "station"), strict=True):
        if factor.shape != (n, rank):
            raise InputError(f"init: {name} factor of shape {factor.shape}; expected ({n}, {rank})")
        if not (np.isfinite(factor) & (factor >= 0)).all():
            raise InputError(f"init: {name} factor: expected finite values >= 0")
    return [(given[0], given[1], given[2])]
