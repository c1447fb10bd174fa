"""Mean envelope and mean amplitude of a multivariate signal over all directions.

Directions are split into chunks whose number depends on the shapes alone. Each chunk adds its
envelopes in order into its own sum and the sums are added in order, so the result does not depend
on the number of threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from precursor_lib.decompose.memd_kernels import FAST, MIRRORED, extend, extrema, project
from precursor_lib.decompose.memd_splines import accumulate, evaluate, factorise, solve
from precursor_lib.decompose.vectors import WIDTH

TILE = 512
"""Samples evaluated together; the envelopes of a tile stay in the first-level cache."""
MOST_CHUNKS = 8
"""Chunks that the directions are split into, so the most threads that share the work."""


@njit(cache=True, fastmath=FAST, nogil=True)
def sum_envelopes(rows, blocks, directions, need_amplitude, sums, amplitudes, counts, work):
    """Add the upper and lower envelopes of some directions.

    Parameters
    ----------
    rows, blocks : (WIDTH b, time) and (b, time, WIDTH) float64
        The signal in both layouts.
    directions : (direction, WIDTH b) float64
    need_amplitude : bool
        Whether `amplitudes` is wanted.
    sums : (b, time, WIDTH)
        Receives the sum of upper and lower envelopes: two times their mean, summed.
    amplitudes : (time,)
        Receives the sum over directions of the norm of (upper - lower): two times the amplitude.
    counts : (2,) int64
        Receives how many directions had envelopes, and the most extrema that one direction had.
    work : tuple of arrays
        Scratch, see `workspace`.
    """
    n_blocks, n, _ = blocks.shape
    y, knots, sources, small, factors, s, tile, square = work
    step, pivot, upper, lower = factors[0], factors[1], factors[2], factors[3]
    sums[:] = 0.0
    amplitudes[:] = 0.0
    used = 0
    most = 0
    for k in range(directions.shape[0]):
        project(rows, directions[k], y)
        n_max, n_min = extrema(y, knots[0], knots[1])
        most = max(most, n_max + n_min)
        if n_max + n_min < 3:
            continue
        used += 1
        a, a_end, b, b_end = extend(y, knots, sources, n_max, n_min, small)
        for side in range(2):
            first, end = (a, a_end) if side == 0 else (b, b_end)
            factorise(
                knots[side, first:end],
                end - first,
                step[side],
                pivot[side],
                upper[side],
                lower[side],
            )
            for block in range(n_blocks):
                solve(
                    blocks[block],
                    sources[side, first:end],
                    end - first,
                    step[side],
                    pivot[side],
                    upper[side],
                    lower[side],
                    s[side, block],
                )
        kmax, smax = knots[0, a:a_end], sources[0, a:a_end]
        kmin, smin = knots[1, b:b_end], sources[1, b:b_end]
        i = 0
        while kmax[i + 1] <= 0:
            i += 1
        j = 0
        while kmin[j + 1] <= 0:
            j += 1
        for start in range(0, n, TILE):
            stop = min(start + TILE, n)
            size = stop - start
            i_next = i
            j_next = j
            square[:size] = 0.0
            for block in range(n_blocks):
                values = blocks[block]
                i_next = evaluate(values, kmax, smax, step[0], s[0, block], i, start, stop, tile)
                j_next = accumulate(
                    values,
                    kmin,
                    smin,
                    step[1],
                    s[1, block],
                    j,
                    start,
                    stop,
                    tile,
                    sums[block, start:stop],
                    square,
                )
            i = i_next
            j = j_next
            if need_amplitude:
                part_amplitude = amplitudes[start:stop]
                for t in range(size):
                    part_amplitude[t] += np.sqrt(square[t])
    counts[0] = used
    counts[1] = most


@njit(cache=True, fastmath=FAST)
def mean_envelope(sums, amplitudes, used, low, high, mean, exceed):
    """Add the chunks and compare the mean envelope with the amplitude at each sample.

    `mean` (b, time, 4) receives the mean envelope; `exceed` (tile, 2) how many samples of a tile
    have ``|mean| > low * amplitude`` and ``|mean| > high * amplitude``.
    """
    chunks, n_blocks, n, _ = sums.shape
    scale = 0.5 / used
    for tile in range(exceed.shape[0]):
        start = tile * TILE
        stop = min(start + TILE, n)
        square = np.zeros(stop - start)
        for block in range(n_blocks):
            out = mean[block, start:stop]
            first = sums[0, block, start:stop]
            for t in range(stop - start):
                for c in range(WIDTH):
                    out[t, c] = first[t, c]
            for q in range(1, chunks):
                part = sums[q, block, start:stop]
                for t in range(stop - start):
                    for c in range(WIDTH):
                        out[t, c] += part[t, c]
            for t in range(stop - start):
                for c in range(WIDTH):
                    out[t, c] *= scale
                    square[t] += out[t, c] * out[t, c]
        over_low = 0
        over_high = 0
        for t in range(stop - start):
            amplitude = 0.0
            for q in range(chunks):
                amplitude += amplitudes[q, start + t]
            amplitude *= scale
            size = np.sqrt(square[t])
            over_low += size > low * amplitude
            over_high += size > high * amplitude
        exceed[tile, 0] = over_low
        exceed[tile, 1] = over_high


@njit(cache=True)
def subtract(mean, rows, blocks):
    """Subtract the mean envelope from the signal, in both layouts."""
    n_blocks, n, _ = blocks.shape
    for tile in range((n + TILE - 1) // TILE):
        for block in range(n_blocks):
            for t in range(tile * TILE, min((tile + 1) * TILE, n)):
                for c in range(WIDTH):
                    blocks[block, t, c] -= mean[block, t, c]
                    rows[WIDTH * block + c, t] = blocks[block, t, c]


def split(directions: int, length: int, width: int) -> np.ndarray:
    """Bounds of the chunks of directions; long signals get fewer chunks, to keep memory low."""
    chunks = max(1, min(MOST_CHUNKS, directions, 2**24 // (length * width)))
    return np.linspace(0, directions, max(chunks, min(2, directions)) + 1).astype(np.int64)


def workspace(length: int, n_blocks: int) -> tuple[np.ndarray, ...]:
    """Scratch of one thread: projection, knots, sources, ends, factors, spline, tile, squares."""
    # At most every second sample is a maximum, and two are mirrored at each end.
    capacity = length // 2 + 2 * MIRRORED + 2
    return (
        np.empty(length),
        np.empty((2, capacity), dtype=np.int64),
        np.empty((2, capacity), dtype=np.int64),
        np.zeros((4, 3), dtype=np.int64),
        np.empty((4, 2, capacity)),
        np.empty((2, n_blocks, capacity, WIDTH)),
        np.empty((TILE, WIDTH)),
        np.empty(TILE),
    )
