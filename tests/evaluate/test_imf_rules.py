"""Noise through the selection rule, errors at the ends, and rules beside a known signal."""

import numpy as np
import pandas as pd
import pytest

from precursor_lib.decompose import mean_periods, memd
from precursor_lib.errors import InputError
from precursor_lib.evaluate.imf_rules import (
    coloured_noise,
    compare_rules,
    end_errors,
    noise_pass_rates,
    source_ratio,
    summarise_noise,
)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_noise_has_its_colour(exponent):
    noise = coloured_noise(exponent, 40, 2048, np.random.default_rng(0))
    np.testing.assert_allclose(noise.std(axis=1), 1, rtol=1e-12)
    power = (np.abs(np.fft.rfft(noise)) ** 2).mean(axis=0)[1:-1]
    frequency = np.fft.rfftfreq(2048)[1:-1]
    slope = np.polyfit(np.log(frequency), np.log(power), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.05)


def test_pass_rates_are_shares_and_repeat():
    settings = {"trials": 2, "channels": 2, "samples": 1200, "directions": 8, "seed": 3}
    rates = noise_pass_rates([0.0, 1.0], **settings)
    pd.testing.assert_frame_equal(rates, noise_pass_rates([0.0, 1.0], **settings))
    assert rates["count"].max() == 4
    assert rates[["kurtosis", "share", "time"]].to_numpy().min() >= 0
    # A rule of two conditions keeps no more than one of them.
    assert (rates["share"] <= rates["kurtosis"]).all()
    assert (rates["time"] <= rates["kurtosis"]).all()
    # Shares of energy add up to one for each trial and channel.
    total = (rates["energy"] * rates["count"]).groupby(rates["exponent"]).sum()
    np.testing.assert_allclose(total, 4)
    summary = summarise_noise(rates, {0.0: "white", 1.0: "pink"})
    white = rates[rates["exponent"] == 0]
    assert summary.loc["white", "IMFs"] == white["count"].sum()
    assert summary.loc["white", "kurtosis"] == pytest.approx(
        (white["kurtosis"] * white["count"]).sum() / white["count"].sum()
    )


def test_no_trials():
    with pytest.raises(InputError, match="trials is 0"):
        noise_pass_rates([0.0], trials=0, seed=0)


def test_errors_are_larger_at_the_end():
    distance, error = end_errors((20, 100), trials=5, samples=1000, reach=2.0, seed=0)
    assert distance[0] == 0
    assert distance.size == error.size == 200
    assert error[0] > 2 * error[100:].mean()
    with pytest.raises(InputError, match="reach is 6"):
        end_errors((20, 100), trials=1, samples=1000, reach=6, seed=0)


def test_rules_beside_the_truth():
    rng = np.random.default_rng(1)
    truth = np.zeros((2, 1000))
    truth[:, 400:460] = np.sin(2 * np.pi * np.arange(60) / 20)
    imfs = memd(truth + 0.05 * rng.normal(size=truth.shape), 8)
    every = {"kurtosis_above": -np.inf, "entropy_below": np.inf, "residue": "judge"}
    none = {"kurtosis_above": np.inf}
    table = compare_rules(imfs, {"all": every, "none": none}, truth, ["a", "b"])
    everything = table[table["rule"] == "all"]
    np.testing.assert_allclose(everything["after"], everything["before"])
    np.testing.assert_allclose(everything["energy"], 1)
    assert (everything["kept"] == len(imfs)).all()
    nothing = table[table["rule"] == "none"]
    assert (nothing["kept"] == 0).all()
    assert nothing["after"].isna().all()
    assert everything["before"].iloc[0] == pytest.approx(
        np.corrcoef(imfs.sum(axis=0)[0], truth[0])[0, 1]
    )


def test_mean_period_of_a_tone():
    tone = np.cos(2 * np.pi * (np.arange(10_001) + 0.3) / 25)[None, None]
    assert mean_periods(tone)[0, 0] == pytest.approx(25, rel=1e-3)
    assert mean_periods(tone, rate=5.0)[0, 0] == pytest.approx(5, rel=1e-3)
    assert np.isinf(mean_periods(np.ones((1, 1, 5)))[0, 0])
    with pytest.raises(InputError, match=r"shape \(5,\)"):
        mean_periods(np.ones(5))


def test_source_ratio_counts_energy_in_the_band_only():
    rate, n = 1.0, 4000
    t = np.arange(n)
    source = np.sin(2 * np.pi * 0.02 * t)
    inside = 0.5 * np.sin(2 * np.pi * 0.03 * t)
    outside = 5.0 * np.sin(2 * np.pi * 0.2 * t)
    assert source_ratio(source + inside + outside, source, rate) == pytest.approx(4.0, rel=1e-6)
    assert source_ratio(3 * (source + inside), source, rate) == pytest.approx(4.0, rel=1e-6)
    assert source_ratio(inside, source, rate) == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(InputError, match="no energy"):
        source_ratio(source, np.zeros(n), rate)
