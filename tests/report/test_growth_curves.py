import numpy as np
import pandas as pd
import pytest

from precursor_lib.detect import compare_growth, fit_two_phase
from precursor_lib.errors import InputError
from precursor_lib.report.growth_curves import curves, figures, tables
from precursor_lib.simulate.activity import Phase

DAYS = curves.day_axis(120, after=30)


def test_days_end_with_the_event_or_after_it():
    assert curves.day_axis(3).tolist() == [-2.0, -1.0, 0.0]
    assert DAYS[[0, -1]].tolist() == [-89.0, 30.0]


def test_known_curves_follow_their_expectation():
    drawn = curves.true_curves(DAYS, [Phase(60, -40, 8)], 2000, 1, base=0.2)
    expected = 0.2 * (DAYS - DAYS[0] + 1) + 60 / (1 + np.exp(-(DAYS + 40) / 8))
    expected -= 60 / (1 + np.exp(-(DAYS[0] - 1 + 40) / 8))
    np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=5 * np.sqrt(90 / 2000))


@pytest.mark.parametrize("kind", curves.NOISES)
def test_noise_rises_evenly_on_the_mean(kind):
    drawn = curves.noise_curves(kind, 120, 1500, 2)
    rate = drawn[:, -1].mean() / 120
    assert rate == pytest.approx(100 if kind == "disturbed" else 0.4, rel=0.05)
    np.testing.assert_allclose(
        drawn.mean(axis=0)[[29, 59, 89]], rate * np.array([30, 60, 90]), rtol=0.05
    )
    assert np.all(np.diff(drawn, axis=1) >= 0)
    counts = np.diff(drawn, axis=1, prepend=0.0)
    if kind == "disturbed":
        assert counts.std() == pytest.approx(140, rel=0.1)
        level = np.log1p(counts)
        assert np.corrcoef(level[:, 1:].ravel(), level[:, :-1].ravel())[0, 1] == pytest.approx(
            0.6, abs=0.03
        )
    totals = drawn[:, -1]
    excess = totals.var() / totals.mean()
    assert excess == pytest.approx(1, abs=0.15) if kind == "steady" else excess > 4


def test_unknown_noise_is_named():
    with pytest.raises(InputError, match="kind of noise"):
        curves.noise_curves("pink", 120, 2, 1)


def test_coverage_shows_that_stated_errors_are_too_small():
    frame = tables.coverage_table(DAYS, [60], Phase(1, -40, 8), 200, 12, 3)
    row = frame.iloc[0]
    assert row["within 2 errors (%)"] < 50 < row["in the 95 % interval of draws (%)"]
    assert row["x0 off, spread (d)"] > 5 * row["stated error (d)"]
    assert abs(row["x0 off, mean (d)"]) < 0.6


def test_phases_are_counted_by_truth():
    phases = [Phase(300, -65, 4), Phase(600, -15, 4)]
    frame = tables.phase_table({"two": curves.true_curves(DAYS, phases, 2, 4)}, DAYS)
    assert frame.iloc[0][["two believed (%)", "two, with the lower BIC (%)"]].tolist() == [100, 100]
    straight = tables.phase_table({"line": np.tile(2 * DAYS, (1, 1))}, DAYS).iloc[0]
    assert straight["two believed (%)"] == 0 and straight["most frequent doubt in two"]


def test_noise_table_counts_what_is_high():
    frame = pd.DataFrame(
        {
            "r2_s": [0.9, 0.96, 0.98, 0.99],
            "r2_line": [0.9] * 4,
            "ratio": [1.0, 1.1, 1.1, 1.1],
            "believed": [True, False, False, True],
        }
    )
    row = tables.noise_table({"x": frame}, [0.97]).iloc[0]
    assert row["R² ≥ 0.97 (%)"] == 50 and row["sigmoid believed (%)"] == 50
    assert row["Ratio"].startswith("1.100 (1.0")


def test_unfinished_searches_rise_towards_one():
    steady = curves.noise_curves("steady", 120, 5, 5)
    found = curves.unfinished(steady, curves.day_axis(120), [2, 64], [0.3, 0.5])
    ends = found.groupby("steps")["ratio"].median()
    assert ends[2] < 0.9 < 0.999 < ends[64]
    table = tables.unfinished_table(found)
    assert table["step through a line, 3f(1-f)"].tolist() == pytest.approx([0.63, 0.75])
    assert table["64 evaluations"].str.startswith("1.0").all()
    assert len(figures.unfinished_ratio(found, (0.66, 0.73)).axes) == 1


def test_chance_of_regressions_is_that_of_the_t_test():
    frame = tables.chance_table(
        [23.5, 94.7, 199.2, 309.1, 353.0], 120, {"inflection": 0.163, "count": 0.719}, 150, 6
    )
    p = frame["its p for n = 5"].tolist()
    assert p == pytest.approx([0.500, 0.070], abs=1e-3)
    # Noise reaches an R2 as often as its p says, within four binomial errors.
    share = frame["noise with that R² or more (%)"][1] / 100
    assert share == pytest.approx(p[1], abs=4 * np.sqrt(p[1] * (1 - p[1]) / 150))


def test_lags_of_unrelated_records_follow_their_starts():
    trials = tables.lag_trials(354, 110, "steady", 6, 20, 7)
    table = tables.lag_table(trials[trials["estimate"].str.startswith("alignment")])
    assert table["estimate"].tolist() == ["alignment, own records", "alignment, common days"]
    assert table["lag, median (d)"][0] == pytest.approx(-122, abs=12)
    assert table["lag, median (d)"][1] == pytest.approx(0, abs=10)
    assert len(figures.lags(trials).axes) == 4


def test_figures_are_drawn():
    drawn = curves.true_curves(DAYS, [Phase(60, -40, 8)], 1, 8)[0]
    both = compare_growth(DAYS, drawn)
    fits = [both.sigmoid, both.line, fit_two_phase(DAYS, drawn)]
    figure = figures.fitted({"one": (drawn, fits)}, DAYS)
    np.testing.assert_allclose(figure.axes[0].lines[1].get_ydata(), both.sigmoid.predict(DAYS))
    noise = curves.noise_fits(60, 30, 9)
    assert len(figures.noise_distributions(noise, {"r2_s": [0.9], "ratio": [1.2]}).axes) == 2
