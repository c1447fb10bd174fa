"""Levels and slopes against noise and tones of known ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from precursor_lib.errors import InputError
from precursor_lib.evaluate.levels import hourly_levels, level_table, spectrum
from precursor_lib.simulate.signals import red_noise


def record(values: np.ndarray) -> xr.DataArray:
    return xr.DataArray(
        values,
        dims=("station", "time"),
        coords={
            "station": [f"s{k}" for k in range(values.shape[0])],
            "time": pd.date_range("2024-05-09T00:00", periods=values.shape[1], freq="s", unit="ns"),
        },
        attrs={"units": "nT"},
    )


KP = pd.Series([1.0, 5.0, 9.0], pd.date_range("2024-05-09", periods=3, freq="3h"))


def test_spectrum_of_a_sine_holds_its_power() -> None:
    t = np.arange(7200.0)
    density = spectrum(record(np.stack([0.5 * np.sin(2 * np.pi * 0.03 * t), 0 * t + 3.0])))
    step = float(density["frequency"][1])
    assert float(density[0].sum() * step) == pytest.approx(0.125, rel=0.01)
    assert float(density[0].idxmax()) == pytest.approx(0.03, abs=step)
    assert float(density[1].sum()) == pytest.approx(0.0, abs=1e-20)
    assert density.attrs["units"] == "nT2/Hz"


def test_hours_have_the_level_the_slope_and_the_kp_put_in() -> None:
    rngs = [np.random.default_rng([1, k]) for k in range(12)]
    noise = 0.04 * red_noise(4 * 3600, 1.0, 2.0, (0.01, 0.05), 1 / 3600, rngs)
    levels = hourly_levels(record(noise), KP)
    assert len(levels) == 12 * 4
    assert np.sqrt((levels["rms"] ** 2).mean()) == pytest.approx(0.04, rel=0.05)
    assert levels["slope"].mean() == pytest.approx(2.0, abs=0.1)
    # The power of f^-2 above 0.1 Hz is a tenth of that in the band.
    assert np.sqrt((levels["high"] ** 2).mean()) == pytest.approx(0.04 * np.sqrt(0.1), rel=0.1)
    assert set(levels.loc[levels["time"] < "2024-05-09T03:00", "kp"]) == {1.0}
    assert set(levels.loc[levels["time"] >= "2024-05-09T03:00", "kp"]) == {5.0}


def test_hours_with_gaps_are_left_out_and_counted() -> None:
    values = np.random.default_rng(0).standard_normal((2, 7300))
    values[0, 4000] = np.nan
    levels = hourly_levels(record(values), KP)
    assert list(levels["station"]) == ["s0", "s1", "s1"]
    assert levels.attrs["left_out"] == 1


def test_table_holds_the_medians_of_the_classes_that_all_records_have() -> None:
    a = pd.DataFrame({"kp": [0.0, 0.5, 2.0, 8.0], "rms": [1.0, 3, 5, 7], "slope": 2.0, "high": 0.1})
    table = level_table({"a": a, "b": a.iloc[:3]}, [0, 2, 4, 9])
    assert list(table.index) == ["0 to 2", "2 to 4"]
    assert list(table["a rms"]) == [2.0, 5.0]
    assert list(table["b hours"]) == [2, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: spectrum(record(np.zeros((1, 100)))), "shorter than 1800 s"),
        (lambda: spectrum(record(np.full((1, 4000), np.nan))), "no missing samples"),
        (lambda: hourly_levels(record(np.zeros((1, 100))), KP), "at least an hour"),
        (lambda: hourly_levels(record(np.zeros((1, 4000))), KP.iloc[1:]), "kp: no value"),
        (lambda: spectrum(record(np.zeros((1, 4000))).isel(time=[0, 1, 5])), "even step"),
    ],
)
def test_bad_arguments_are_named(make, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
