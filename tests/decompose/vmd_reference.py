"""Variational mode decomposition written out plainly, to test the library against.

Everything is as the algorithm is usually described: the series is mirrored by half its length at
both ends, its complex spectrum is taken, and sweeps work on complex arrays with the whole state
kept. It shares no code and no shortcut with the library.
"""

from __future__ import annotations

import numpy as np


def sweeps(x, centres, alpha, count, tau=0.0, dc=False):
    """Return modes (K, n), centre frequencies, and the frequency history after `count` sweeps."""
    x = np.asarray(x, dtype=float)
    n = x.size
    # The even extension of period 2 n: exact for odd lengths too, where half a length is none.
    mirrored = np.concatenate([x, x[::-1]])
    f = np.arange(n) / (2 * n)
    spectrum = np.fft.fft(mirrored)[:n]
    w = np.array(centres, dtype=float)
    u = np.zeros((w.size, n), dtype=complex)
    dual = np.zeros(n, dtype=complex)
    history = [w.copy()]
    for _ in range(count):
        new_w = w.copy()
        for k in range(w.size):
            others = u.sum(axis=0) - u[k]
            u[k] = (spectrum - others - dual / 2) / (1 + alpha * (f - w[k]) ** 2)
            power = np.abs(u[k]) ** 2
            if power.sum() > 0 and not (dc and k == 0):
                new_w[k] = (f * power).sum() / power.sum()
        w = new_w
        dual = dual + tau * (u.sum(axis=0) - spectrum)
        history.append(w.copy())
    return to_time(u), w, np.array(history)


def to_time(u):
    """Turn half spectra of the mirrored series into series of the original length."""
    n = u.shape[-1]
    full = np.zeros((*u.shape[:-1], 2 * n), dtype=complex)
    full[..., :n] = u
    full[..., n + 1 :] = np.conj(u[..., :0:-1])  # an even extension has nothing at Nyquist
    return np.fft.ifft(full).real[..., :n]


def objective(x, u_gains, centres, alpha):
    """Return the decomposition's objective over the half spectrum, for real gains (K, n)."""
    n = len(x)
    f = np.arange(n) / (2 * n)
    power = np.abs(np.fft.fft(np.concatenate([x, x[::-1]]))[:n]) ** 2
    d = alpha * (f - np.asarray(centres)[:, None]) ** 2
    left = 1 - u_gains.sum(axis=0)
    return float((power * ((d * u_gains**2).sum(axis=0) + left**2)).sum())


def red_noise(n, seed, slope=1.0, white=0.05, tides=True):
    """Return red noise with, if asked for, daily and half-daily tides at one-minute sampling."""
    rng = np.random.default_rng(seed)
    f = np.fft.rfftfreq(n)
    spectrum = rng.normal(size=f.size) + 1j * rng.normal(size=f.size)
    spectrum[0] = 0.0
    spectrum[1:] *= f[1:] ** (-slope / 2)
    x = np.fft.irfft(spectrum, n)
    x = x / x.std() + white * rng.normal(size=n)
    t = np.arange(n)
    if tides:
        for period, height in ((745.2, 2.0), (720.0, 1.0), (1549.2, 1.2), (1436.1, 1.0)):
            x = x + height * np.cos(2 * np.pi * t / period + rng.uniform(0, 2 * np.pi))
    return x
