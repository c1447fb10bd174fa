"""The criterion of the CNN paper on noise: an accuracy beyond the share of the larger class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from precursor_lib.errors import InputError

#: Validation accuracy, the windows that it comes from (a fifth of twice 291 events), their lengths.
ACCURACY = 0.6641
WINDOWS = 116
LENGTHS = 4


def right_needed(accuracy: float, windows: int) -> int:
    """Fewest right answers whose share, rounded as printed, is not below `accuracy`."""
    if not (0 <= accuracy <= 1 and windows >= 1):
        raise InputError(
            f"accuracy, windows: expected 0 to 1 and 1 or more, got {accuracy}, {windows}"
        )
    return int(np.ceil(accuracy * windows - 0.5e-4 * windows - 1e-9))


def guess_chance(
    accuracy: float = ACCURACY,
    windows: int = WINDOWS,
    *,
    base: float = 0.5,
    group: int = 1,
    tries: int = 1,
) -> float:
    """Chance that guesses are as accurate as published.

    Parameters
    ----------
    accuracy : float
        To reach.
    windows : int
        Tested windows.
    base : float
        Chance of one right guess.
    group : int
        Windows that are right or wrong together, as those of aftershocks whose records overlap; a
        last group may be smaller.
    tries : int
        Independent trials of which the best is told: window lengths, optimisers.

    Returns
    -------
    float
        From the binomial distribution of the groups.
    """
    need = right_needed(accuracy, windows)
    if group < 1 or tries < 1 or not 0 <= base <= 1:
        raise InputError(
            f"group, tries, base: expected 1 or more, and 0 to 1, got {group}, {tries}, {base}"
        )
    groups, rest = divmod(windows, group)
    alone = stats.binom.sf(np.ceil(need / group) - 1, groups, base)
    helped = stats.binom.sf(np.ceil((need - rest) / group) - 1, groups, base)
    once = (1 - base) * alone + base * helped if rest else alone
    return float(-np.expm1(tries * np.log1p(-once))) if once < 1 else 1.0


def permuted_chance(labels: int, calls: int, both: int, windows: int = WINDOWS) -> float:
    """Chance that permuted labels give at least as many right answers (hypergeometric).

    Parameters
    ----------
    labels : int
        Windows of the first class.
    calls : int
        Windows that the network puts into the first class.
    both : int
        Windows of the first class among these. Right answers are ``windows - labels - calls + 2
        both``, so more of them mean more of these.
    windows : int
        All of them.
    """
    return float(stats.hypergeom.sf(both - 1, windows, labels, calls))


def guesses(
    windows: int, runs: int, seed: int, *, base: float = 0.5, group: int = 1, tries: int = 1
) -> NDArray[np.int64]:
    """Right answers of the best of `tries` guessing networks, drawn, shape (runs,)."""
    rng = np.random.default_rng(seed)
    sizes = np.full(-(-windows // group), group)
    sizes[-1] = windows - group * (sizes.size - 1)
    best = np.zeros(runs, dtype=np.int64)
    for _ in range(tries):
        best = np.maximum(best, (rng.random((runs, sizes.size)) < base) @ sizes)
    return best
