"""Level and power of the tests on noise with sources of growing size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from precursor_lib.evaluate.noise.chance import Array, counted
from precursor_lib.evaluate.noise.level_tests import block_permutation, kuiper_test, largest_step
from precursor_lib.evaluate.noise.processes import Counts, Null, daily_counts
from precursor_lib.evaluate.noise.rise import RiseTest, sigmoid_shapes, step_shapes
from precursor_lib.evaluate.noise.swntf import PHASE_R2, PHASES, phases_pass
from precursor_lib.simulate.activity import Phase, SigmoidRate

PValues = Callable[[Counts], Array]


def day_tests(
    days: Array, *, block: int, draws: int, size: float, spread: float, seed: int
) -> dict[str, PValues]:
    """The tests by name, each from counts (runs, n) to p-values (runs,).

    Parameters
    ----------
    days : numpy.ndarray, shape (n,)
        Days from the shock. The test of a window takes the paper's second phase.
    block : int
        Days of a block; a divisor of n.
    draws : int
        Of each null.
    size, spread : float
        Clusters of the null that is known, and days that they last, there and in the fitted null.
    seed : int
        Of the generators.
    """
    n = days.size
    # Every third change point, and a coarse grid of phases: neighbours hardly differ.
    shapes = np.vstack((step_shapes(n)[::3], sigmoid_shapes(n, every=5, widths=(1.0, 3.0, 8.0))))
    inside = (days > PHASES[1][0]) & (days <= PHASES[1][1])
    steady = RiseTest(shapes, draws=draws, seed=seed)
    known = RiseTest(shapes, draws=draws, seed=seed, spread=spread, size=size, block=block)
    fitted = RiseTest(shapes, draws=draws, seed=seed, spread=spread, block=block)

    def circle(counts: Counts) -> Array:
        # Within its day an event may lie anywhere; p of a run without events is 1.
        rng = np.random.default_rng(seed)
        found = np.ones(counts.shape[0])
        for run, row in enumerate(counts):
            if row.any():
                when = np.repeat(np.arange(n), row)
                found[run] = kuiper_test((when + rng.random(when.size)) / n)[1]
        return found

    def shuffled(statistic: Callable[[Counts], Array]) -> PValues:
        return lambda counts: block_permutation(
            counts, statistic, block=block, draws=draws, seed=seed
        )

    return {
        "likelihood ratio, Poisson null": steady.p_values,
        "likelihood ratio, known clusters": known.p_values,
        "likelihood ratio, fitted clusters": fitted.p_values,
        "Kuiper's test": circle,
        "free step, blocks": shuffled(largest_step),
        "stated window, blocks": shuffled(lambda c: c[:, inside].sum(axis=1).astype(float)),
    }


def power_table(
    nulls: Mapping[str, Null],
    sizes: Sequence[float],
    days: Array,
    tests: Mapping[str, PValues],
    *,
    base: float,
    phase: Phase,
    runs: int,
    seed: int,
    level: float = 0.05,
) -> pd.DataFrame:
    """Share of runs in which a test finds a rise, and in which the paper's window fit does.

    Parameters
    ----------
    nulls : mapping
        Processes by name.
    sizes : sequence of float
        Events of the source expected; 0 gives the level.
    days : numpy.ndarray, shape (n,)
        End of each day, from the shock.
    tests : mapping
        See `day_tests`.
    base : float
        Events of the noise expected in all days.
    phase : Phase
        Course of the source; its number is replaced by the size.
    runs, seed : int
        Simulations of each case, and the seed. The noise is the same at all sizes.
    level : float
        A p-value up to this finds a rise.

    Returns
    -------
    pandas.DataFrame
        Columns ``test``, ``noise``, ``size``, ``share``, ``low``, ``high`` (Wilson, 95 %).
    """
    rows = []
    edges = np.concatenate(([days[0] - 1], days))
    course = np.diff(SigmoidRate(0.0, (Phase(1.0, phase.centre, phase.width),)).expected(edges))
    for number, (name, null) in enumerate(nulls.items()):
        one, two = np.random.SeedSequence([seed, number]).generate_state(2)
        noise = daily_counts(null, base / days.size, days.size, runs, int(one))
        for size in sizes:
            source = np.random.default_rng(int(two)).poisson(size * course, noise.shape)
            counts = noise + source
            found = {test: p(counts) <= level for test, p in tests.items()}
            curves = np.cumsum(counts, axis=1).astype(float)
            key = f"sigmoid with R² of {PHASE_R2[1]:g}"
            found[key] = phases_pass(days, curves, PHASES[1:], PHASE_R2[1:])
            for test, hits in found.items():
                chance = counted(hits)
                rows.append((test, name, size, chance.share, chance.low, chance.high))
    return pd.DataFrame(rows, columns=["test", "noise", "size", "share", "low", "high"])
