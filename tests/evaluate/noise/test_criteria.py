from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from precursor_lib.detect.growth import compare_growth
from precursor_lib.detect.residual_rule import PointRule
from precursor_lib.detect.rule_chance import day_chance
from precursor_lib.errors import InputError
from precursor_lib.evaluate.noise import cnn, lushan, stmn, swntf, tec
from precursor_lib.evaluate.noise.chance import counted, exact, line_r2, window_fits
from precursor_lib.evaluate.noise.processes import Clusters, Steady, daily_counts, network_counts
from precursor_lib.evaluate.nulls import share_of_sigmoids


def _curves(runs, null=None, days=120, mean=0.3, seed=0):
    counts = daily_counts(null or Clusters(5.0, 12.0), mean, days, runs, seed)
    return np.cumsum(counts, axis=1).astype(float)


def test_chances_count_and_take_exact_values():
    chance = counted(np.array([True, False, False, False]))
    assert (chance.share, chance.runs) == (0.25, 4)
    assert chance.low < 0.25 < chance.high
    assert exact(0.3).low == exact(0.3).high == 0.3
    with pytest.raises(InputError, match="share"):
        exact(1.2)
    with pytest.raises(InputError, match="passed"):
        counted(np.zeros(0, bool))


def test_fits_do_not_depend_on_the_number_of_threads():
    curves = _curves(1100)
    one = window_fits(swntf.NIGHTS, curves, (-40, -17))
    two = window_fits(swntf.NIGHTS, curves, (-40, -17), cores=2)
    pd.testing.assert_frame_equal(one, two)
    with pytest.raises(InputError, match="window"):
        window_fits(swntf.NIGHTS, curves, (-2, 0))


def test_fixed_windows_agree_with_one_fit_at_a_time():
    curves = _curves(60)
    limits = (0.9, 0.9)
    passed = swntf.phases_pass(swntf.NIGHTS, curves, r2=limits)
    slow, _ = share_of_sigmoids(curves, swntf.NIGHTS, swntf.PHASES, limits, together=True)
    # The slow search bounds A1 and A2, so that single curves may differ.
    assert abs(passed.mean() - slow) <= 2 / 60
    assert 0 < passed.mean() < 1


def test_free_windows_are_all_pairs_that_follow_one_another():
    curves = _curves(80)
    windows = swntf.candidate_windows(lengths=(20.0, 30.0), step=15.0)
    fits = {w: window_fits(swntf.NIGHTS, curves, w) for w in windows}
    brute = np.zeros(80, bool)
    for a, b in combinations(sorted(windows), 2):
        if a[1] < b[0]:
            one = fits[a]["believed"] & (fits[a]["r2_s"] >= 0.96)
            brute |= (one & fits[b]["believed"] & (fits[b]["r2_s"] >= 0.97)).to_numpy()
    passed = swntf.free_phases_pass(swntf.NIGHTS, curves, windows, (0.96, 0.97))
    assert (passed == brute).all()
    assert 0 < brute.mean() < 1
    assert all(last <= 0 and first >= -90 for first, last in windows)


@pytest.mark.parametrize("window", [(-85, -60), (-40, -17), (-90, 30)])
def test_curves_left_out_are_those_below_the_r2_asked_for(window):
    for null in (Steady(), Clusters(6.0, 4.0)):
        curves = _curves(400, null, seed=6)
        every = window_fits(swntf.NIGHTS, curves, window)
        some = window_fits(swntf.NIGHTS, curves, window, least_r2=0.97)
        left_out = some["r2_s"].isna()
        assert left_out.any()
        assert not (every["r2_s"][left_out] >= 0.97).any()
        pd.testing.assert_frame_equal(every[~left_out], some[~left_out])


def test_line_r2_is_that_of_the_fit():
    curves = _curves(50)
    fits = window_fits(swntf.NIGHTS, curves, (-40, -17))
    assert np.allclose(line_r2(swntf.NIGHTS, curves, (-40, -17)), fits["r2_line"], equal_nan=True)
    assert np.isnan(line_r2(swntf.NIGHTS, np.ones((1, 120)))).all()


def test_lines_pass_where_the_line_is_straight():
    straight = np.arange(120.0)[None]
    bent = np.where(np.arange(120) < 60, 0.0, 30.0)[None]
    curves = np.vstack((straight, bent))
    assert swntf.line_passes(swntf.NIGHTS, curves).tolist() == [True, False]


def test_network_passes_agree_with_fits_of_each_station():
    days = np.arange(-89.0, 1.0)
    counts = network_counts(Clusters(6.0, 15.0), stmn.counts_at() / 90, 90, 25, 3, shared=True)
    curves = np.cumsum(counts, axis=-1).astype(float)
    one = [[compare_growth(days, c) for c in station] for station in curves]
    ratio = np.array([[f.ratio for f in row] for row in one])
    x0 = np.array([[f.sigmoid.parameters["x0"] for f in row] for row in one])
    for limit, span in ((1.0, np.inf), (1.05, 30.0)):
        brute = (ratio >= limit).all(axis=0) & (np.ptp(x0, axis=0) <= span)
        passed = stmn.network_passes(
            days, curves, (-89, 0), ratio=limit, inflections=None, span=span
        )
        # The slow search bounds A1 and A2, so that single networks may differ.
        assert (passed != brute).sum() <= 1
        assert passed.any()
        assert not passed.all()


def test_free_network_windows_are_the_union_of_the_fixed_ones():
    days = np.arange(-119.0, 1.0)
    counts = network_counts(Clusters(8.0, 20.0), [0.4, 0.4], 120, 60, 5, shared=True)
    curves = np.cumsum(counts, axis=-1).astype(float)
    starts = (-110.0, -80.0, -60.0)
    brute = np.zeros(60, bool)
    for start in starts:
        brute |= stmn.network_passes(days, curves, (start, 0), inflections=None, span=20.0)
    assert (stmn.free_network_passes(days, curves, starts, span=20.0) == brute).all()
    assert 0 < brute.mean() < 1


def test_counts_at_the_stations_follow_the_printed_law():
    assert stmn.counts_at((1.0,)) == pytest.approx(132.53)
    assert stmn.counts_at()[0] == pytest.approx(59.2, abs=0.1)


def test_growing_stages_match_their_closed_form():
    days = np.arange(-99.0, 1.0)
    flags = (np.random.default_rng(8).random((1, 40000, 100)) < 0.3).astype(int)
    chance = lushan.stages_chance(0.3, (30, 50, 20))
    assert lushan.stages_grow(days, flags).mean() == pytest.approx(chance, abs=0.01)
    assert lushan.stages_chance(0.3, (30, 50, 20), 3) == pytest.approx(chance**3)
    # Two stages, by all pairs of counts.
    p = stats.binom.pmf(np.arange(6), 5, 0.4)
    q = stats.binom.pmf(np.arange(4), 3, 0.4)
    brute = sum(p[a] * q[b] for a in range(6) for b in range(4) if a / 5 < b / 3)
    assert lushan.stages_chance(0.4, (5, 3)) == pytest.approx(brute)


def test_free_stages_hold_the_printed_ones():
    days = np.arange(-99.0, 1.0)
    counts = network_counts(Steady(), [0.35] * 3, 100, 2000, 9, shared=False)
    flags = lushan.anomalous(counts)
    assert set(np.unique(flags)) == {0, 1}
    fixed = lushan.stages_grow(days, flags)
    free = lushan.free_stages_grow(days, flags, (-80.0, -70.0), (-20.0, -10.0))
    assert (free >= fixed).all()
    assert free.sum() > fixed.sum()


def test_two_phases_agree_with_fits_of_each_window():
    days = np.arange(-199.0, 1.0)
    flags = lushan.anomalous(network_counts(Steady(), [0.35] * 2, 200, 120, 4, shared=False))
    curves = np.cumsum(flags, axis=-1).astype(float)
    starts, borders = (-180.0, -120.0), (-60.0, -40.0)
    brute = np.ones(120, bool)
    for station in curves:
        one = np.zeros(120, bool)
        for border in borders:
            late = window_fits(days, station, (border, 0.0))["r2_s"] >= 0.985
            for start in starts:
                early = window_fits(days, station, (start, border))["r2_s"] >= 0.985
                one |= (late & early).to_numpy()
        brute &= one
    assert (lushan.two_phases(days, curves, starts, borders, 0.985) == brute).all()
    assert 0 < brute.mean() < 1


def test_flags_of_white_noise_match_the_closed_form():
    quiet = np.zeros((19, 4), bool)
    quiet[7] = True
    flags = tec.flagged_days(4000, 3, memory_hours=0.0, shared=0.0, quiet=quiet, stations=2)
    sigma = flags[tec.SIGMA_RULE]
    assert sigma.shape == (4000, 2, 19)
    assert not sigma[:, :, np.arange(19) != 7].any()
    # One day of four values, against a standard deviation taken from sixty others.
    chance = day_chance(PointRule("confidence", 2 / np.sqrt(1 + 1 / 60)), 0, samples=4)
    assert sigma[:, :, 7].mean() == pytest.approx(chance, abs=0.03)
    assert tec.lead_passes(sigma, together=False).mean() == pytest.approx(
        1 - (1 - chance) ** 2, abs=0.04
    )
    assert tec.lead_passes(sigma, together=True).mean() == pytest.approx(chance**2, abs=0.03)
    assert not tec.lead_passes(sigma, (-6, -1), together=False).any()


def test_stations_with_one_noise_are_flagged_together():
    quiet = np.ones((19, 4), bool)
    flags = tec.flagged_days(260, 3, memory_hours=3.0, shared=1.0, quiet=quiet, stations=3)
    for found in flags.values():
        assert (found == found[:, :1]).all()
        assert 0 < found.mean() < 1


def test_quiet_hours_follow_kp():
    index = pd.date_range("2016-11-20", "2016-12-14", freq="3h", inclusive="left")
    kp = pd.Series(1.0, index=index)
    kp.loc["2016-12-07 06:00"] = 3.0
    quiet = tec.quiet_hours(kp, "2016-12-08", 24)
    assert quiet.shape == (19, 24)
    assert np.argwhere(~quiet).tolist() == [[14, 6], [14, 7], [14, 8]]
    with pytest.raises(InputError, match="kp"):
        tec.quiet_hours(kp, "2016-12-13", 24)


@pytest.mark.parametrize(("group", "tries"), [(1, 1), (1, 4), (5, 1), (5, 4), (116, 1)])
def test_guesses_match_their_closed_form(group, tries):
    chance = cnn.guess_chance(0.58, group=group, tries=tries)
    right = cnn.guesses(116, 40000, 2, group=group, tries=tries)
    passed = right >= cnn.right_needed(0.58, 116)
    assert passed.mean() == pytest.approx(chance, abs=0.012)


def test_guess_chance_of_single_windows_is_binomial():
    assert cnn.right_needed(0.6641, 116) == 78
    assert cnn.guess_chance() == pytest.approx(stats.binom.sf(77, 116, 0.5))
    assert cnn.guess_chance(0.0) == 1.0


def test_permuted_labels_match_a_shuffle():
    rng = np.random.default_rng(0)
    labels, calls = np.arange(30) < 15, np.arange(30) % 3 > 0
    both = int((labels & calls).sum()) + 1
    drawn = [(rng.permutation(labels) & calls).sum() >= both for _ in range(8000)]
    assert cnn.permuted_chance(15, 20, both, 30) == pytest.approx(np.mean(drawn), abs=0.02)
