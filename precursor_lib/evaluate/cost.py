"""How the cost of a method grows: time and memory against size, with a fitted slope."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from precursor_lib.errors import InputError


def measure(
    function: Callable[..., object],
    inputs: Callable[[int], tuple[Any, ...]],
    sizes: Sequence[int],
    *,
    repeats: int = 3,
) -> pd.DataFrame:
    """Time a call at several sizes, and the memory that it takes on top of its input.

    Parameters
    ----------
    function : callable
        What is measured. A first call at the smallest size is thrown away, since it may compile.
    inputs : callable
        Gives the arguments for a size; making them is not counted.
    sizes : sequence of int
        Ascending.
    repeats : int
        Calls a size; the fastest counts, which is the least disturbed by other programs.

    Returns
    -------
    pandas.DataFrame
        Index ``size``; ``seconds`` and ``megabytes`` (largest sum of arrays and objects that lived
        at one time during one further call, as Python's allocator and numpy report them; scratch
        space inside compiled libraries is not seen).

    Raises
    ------
    InputError
        If there are fewer than two sizes, or they do not ascend.
    """
    if len(sizes) < 2 or any(b <= a for a, b in pairwise(sizes)):
        raise InputError(f"sizes: expected at least two, ascending, got {list(sizes)}")
    function(*inputs(sizes[0]))
    rows = []
    for size in sizes:
        arguments = inputs(size)
        best = min(_seconds(function, arguments) for _ in range(repeats))
        tracemalloc.start()
        function(*arguments)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        rows.append({"size": size, "seconds": best, "megabytes": peak / 1e6})
    return pd.DataFrame(rows).set_index("size")


def _seconds(function: Callable[..., object], arguments: tuple[Any, ...]) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def growth_exponent(table: pd.DataFrame, column: str = "seconds") -> tuple[float, float]:
    """Slope of a log-log line through a cost, with its standard error (NaN for two points).

    Parameters
    ----------
    table : pandas.DataFrame
        From `measure`.
    column : str
        ``"seconds"`` or ``"megabytes"``.
    """
    x, y = np.log(table.index.to_numpy(dtype=float)), np.log(table[column].to_numpy())
    x = x - x.mean()
    slope = float(x @ y / (x @ x))
    if x.size < 3:
        return slope, float("nan")
    rest = y - y.mean() - slope * x
    return slope, float(np.sqrt(rest @ rest / (x.size - 2) / (x @ x)))
