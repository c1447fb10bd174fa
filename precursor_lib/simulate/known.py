"""Series whose best possible forecast is known: cycles, and an autoregression about them.

``x[t] = sum_c A_c sin(2 pi t / P_c + phase_c) + z[t]``, ``z[t] = sum_k phi_k z[t - k] + e[t]`` with
independent normal e of variance s^2. From a long enough past, the forecast of least squared error h
samples ahead is the cycle plus the autoregression run on without noise, and its error has the
variance ``s^2 (psi_0^2 + ... + psi_{h-1}^2)``, psi the response of z to one impulse of e (Box and
Jenkins, Time Series Analysis, chapter 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import lfilter

from precursor_lib.errors import InputError

# The start is forgotten: the slowest part falls to this share before the series begins.
_FORGOTTEN = 1e-4


@dataclass(frozen=True)
class KnownSeries:
    """A series, and what there is to know about it.

    Attributes
    ----------
    values : numpy.ndarray, shape (time,)
        The series.
    cycles : numpy.ndarray, shape (time,)
        Its part that repeats.
    coefficients : numpy.ndarray
        phi_1 to the largest lag.
    spread : float
        Standard deviation s of the noise.
    """

    values: np.ndarray
    cycles: np.ndarray
    coefficients: np.ndarray
    spread: float

    def least_mse(self, horizon: int) -> np.ndarray:
        """Least possible mean squared error 1 to `horizon` samples ahead, shape (horizon,)."""
        impulse = np.zeros(horizon)
        impulse[0] = self.spread
        return np.cumsum(self._run(impulse) ** 2)

    def best_forecasts(self, ends: ArrayLike, horizon: int) -> np.ndarray:
        """Forecasts of least error, from all that lies before each sample of `ends`.

        Parameters
        ----------
        ends : array_like of int, shape (n,)
            First sample that is forecast; at least as many samples as the largest lag before it.
        horizon : int
            Samples ahead.

        Returns
        -------
        numpy.ndarray, shape (n, horizon)
        """
        first = np.asarray(ends)
        lags = self.coefficients.size
        if first.size and (first.min() < lags or first.max() + horizon > self.values.size):
            raise InputError(
                f"ends {first.min()} to {first.max()}: expected {lags} samples before and "
                f"{horizon} from each, of {self.values.size}"
            )
        z = self.values - self.cycles
        known = z[first[:, None] - lags + np.arange(lags)]
        for _ in range(horizon):
            following = known[:, ::-1][:, :lags] @ self.coefficients
            known = np.column_stack([known, following])
        return known[:, lags:] + self.cycles[first[:, None] + np.arange(horizon)]

    def _run(self, noise: np.ndarray) -> np.ndarray:
        return lfilter([1.0], np.concatenate([[1.0], -self.coefficients]), noise)


def known_series(
    samples: int,
    *,
    seed: int,
    autoregression: Mapping[int, float] | None = None,
    cycles: Mapping[float, float] | None = None,
    spread: float = 1.0,
) -> KnownSeries:
    """Draw a series.

    Parameters
    ----------
    samples : int
        Its length.
    seed : int
        Of the noise and of the phases.
    autoregression : mapping of int to float, optional
        Lag to coefficient; none gives white noise.
    cycles : mapping of float to float, optional
        Period in samples to amplitude.
    spread : float
        Standard deviation of the noise that nothing can forecast.

    Returns
    -------
    KnownSeries

    Raises
    ------
    InputError
        If a lag or period is not positive, or the autoregression is not stationary.
    """
    terms, waves = dict(autoregression or {}), dict(cycles or {})
    if samples < 1 or spread <= 0:
        raise InputError(f"samples {samples}, spread {spread}: expected more than 0")
    if any(lag < 1 for lag in terms) or any(period <= 0 for period in waves):
        raise InputError(f"lags {list(terms)}, periods {list(waves)}: expected more than 0")
    coefficients = np.zeros(max(terms, default=0))
    for lag, value in terms.items():
        coefficients[lag - 1] = value
    slowest = float(np.abs(np.roots(np.concatenate([[1.0], -coefficients]))).max(initial=0.0))
    if slowest >= 1:
        raise InputError(f"autoregression {terms}: not stationary (largest root {slowest:.4g})")
    before = int(np.log(_FORGOTTEN) / np.log(slowest)) + coefficients.size if slowest > 0 else 0
    rng = np.random.default_rng(seed)
    t = np.arange(samples)
    repeated = np.zeros(samples)
    for period, amplitude in waves.items():
        repeated += amplitude * np.sin(2 * np.pi * (t / period + rng.random()))
    series = KnownSeries(repeated, repeated, coefficients, spread)
    z = series._run(rng.normal(scale=spread, size=before + samples))[before:]
    return KnownSeries(repeated + z, repeated, coefficients, spread)
