"""The sifting of multivariate empirical mode decomposition: buffers, threads and stopping rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from precursor_lib.decompose.memd_envelopes import (
    TILE,
    mean_envelope,
    split,
    subtract,
    sum_envelopes,
    workspace,
)
from precursor_lib.decompose.vectors import WIDTH


class Sifter:
    """Buffers and rules of one decomposition; nothing is allocated while sifting."""

    def __init__(
        self,
        channels: int,
        length: int,
        vectors: NDArray[np.float64],
        thresholds: Sequence[float] | None,
        limit: int,
        threads: int,
    ) -> None:
        n_blocks = -(-channels // WIDTH)
        width = n_blocks * WIDTH
        self.channels, self.length = channels, length
        # Without thresholds the number of siftings is fixed.
        self.standard = thresholds is not None
        self.limit = limit
        self.sd, self.sd2, self.tol = thresholds or (0.0, 0.0, 0.0)
        self.vectors = np.zeros((len(vectors), width))
        self.vectors[:, :channels] = vectors
        self.bounds = split(len(vectors), length, width)
        chunks = self.bounds.size - 1
        self.rows = np.zeros((width, length))
        self.blocks = np.zeros((n_blocks, length, WIDTH))
        self.sums = np.empty((chunks, n_blocks, length, WIDTH))
        self.amplitudes = np.zeros((chunks, length))
        self.counts = np.zeros((chunks, 2), dtype=np.int64)
        self.mean = np.empty_like(self.blocks)
        self.exceed = np.zeros((-(-length // TILE), 2), dtype=np.int64)
        self.pool = ThreadPoolExecutor(max_workers=max(1, min(threads, chunks) - 1))
        self.work = [workspace(length, n_blocks) for _ in range(min(threads, chunks))]

    def __enter__(self) -> Sifter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.pool.shutdown()

    def next_imf(self, signal: NDArray[np.float64]) -> tuple[NDArray[np.float64], int, bool] | None:
        """Sift `signal`; return the IMF, the number of siftings and whether the rule was met.

        Returns None if the signal has fewer than three extrema in every direction.
        """
        if self.length < 3:
            return None
        self.rows[: self.channels] = signal
        self.blocks[:] = self.rows.reshape(-1, WIDTH, self.length).transpose(0, 2, 1)
        if not self._average():
            return None
        done = 0
        settled = self._settled() if self.standard else False
        while not settled and done < self.limit:
            subtract(self.mean, self.rows, self.blocks)
            done += 1
            # A sifted signal without extrema left is as simple as can be.
            settled = not self._average() or (self.standard and self._settled())
        return self.rows[: self.channels].copy(), done, settled or not self.standard

    def _average(self) -> bool:
        """Form the mean envelope; False if no direction has three extrema."""
        # Threads take chunk after chunk; a chunk's result does not depend on who takes it.
        chunks = iter(range(self.bounds.size - 1))
        others = [self.pool.submit(self._sum, chunks, work) for work in self.work[1:]]
        self._sum(chunks, self.work[0])
        for other in others:
            other.result()
        used = int(self.counts[:, 0].sum())
        if used == 0:
            return False
        mean_envelope(self.sums, self.amplitudes, used, self.sd, self.sd2, self.mean, self.exceed)
        return True

    def _sum(self, chunks: Iterator[int], work: tuple[NDArray, ...]) -> None:
        """Sum the envelopes of chunks of directions until none is left."""
        for q in chunks:
            sum_envelopes(
                self.rows,
                self.blocks,
                self.vectors[self.bounds[q] : self.bounds[q + 1]],
                self.standard,
                self.sums[q],
                self.amplitudes[q],
                self.counts[q],
                work,
            )

    def _settled(self) -> bool:
        """Whether the standard stopping rule holds."""
        over_low, over_high = self.exceed.sum(axis=0)
        return bool(over_low <= self.tol * self.length and over_high == 0)
