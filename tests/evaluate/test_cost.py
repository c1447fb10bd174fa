"""Cost against size: the bookkeeping, not the machine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from precursor_lib.errors import InputError
from precursor_lib.evaluate.cost import growth_exponent, measure


def test_exponent_of_a_power_law_is_exact():
    sizes = np.array([10, 20, 40, 80])
    table = pd.DataFrame({"seconds": 3.0 * sizes**1.5}, index=sizes)
    slope, error = growth_exponent(table)
    assert slope == pytest.approx(1.5)
    assert error == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(growth_exponent(table.iloc[:2])[1])


def test_memory_of_an_array_is_seen_and_grows_with_it():
    table = measure(np.ones, lambda n: (n,), [100_000, 200_000], repeats=1)
    assert table["megabytes"].to_numpy() == pytest.approx([0.8, 1.6], rel=0.05)
    assert growth_exponent(table, "megabytes")[0] == pytest.approx(1.0, abs=0.05)


def test_every_size_is_prepared_and_called_as_often_as_asked():
    calls = []
    measure(calls.append, lambda n: (n,), [1, 2], repeats=3)
    # One call to warm up, then three timed ones and one for the memory at each size.
    assert calls == [1] + [1] * 4 + [2] * 4


@pytest.mark.parametrize("sizes", [[], [5], [5, 5], [9, 3]])
def test_sizes_must_ascend(sizes):
    with pytest.raises(InputError, match="sizes"):
        measure(abs, lambda n: (n,), sizes)
