import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from precursor_lib.detect import baseline_of, exceedances, spread_of
from precursor_lib.errors import InputError


def brute_force(b, rate, threshold, shortest, longest, merge):
    """The rule written down sample by sample."""
    runs, open_at = [], None
    for i, value in enumerate([*b, -np.inf]):
        if value > threshold and open_at is None:
            open_at = i
        elif not value > threshold and open_at is not None:
            runs.append([open_at, i])
            open_at = None
    merged = []
    for run in runs:
        if merged:
            pause = run[0] - merged[-1][1]
            if merge and pause <= merge * rate and not any(np.isnan(b[merged[-1][1] : run[0]])):
                merged[-1][1] = run[1]
                continue
        merged.append(run)
    return [(i, j) for i, j in merged if shortest * rate <= j - i <= longest * rate]


@given(
    hnp.arrays(float, st.integers(1, 60), elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan])),
    st.sampled_from([0.25, 1.0, 2.0]),
    st.sampled_from([0.0, 1.0, 4.0]),
    st.sampled_from([0.0, 2.0]),
    st.sampled_from([3.0, 8.0, np.inf]),
)
def test_equals_the_rule_sample_by_sample(b, rate, merge, shortest, longest):
    if np.isnan(b).all():
        return
    found = exceedances(
        b,
        rate,
        sigmas=1.0,
        spread=0.5,
        baseline=1.0,
        min_duration=shortest,
        max_duration=longest,
        merge_gap=merge,
    )
    expected = brute_force(b, rate, 1.5, shortest, longest, merge)
    starts_ends = list(zip(found["start"] * rate, found["end"] * rate, strict=True))
    assert starts_ends == expected
    for (i, j), peak in zip(expected, found["peak"], strict=True):
        assert peak == np.max(b[i:j])
    assert found.attrs["gaps"] == np.isnan(b).sum()


def test_a_packet_is_found_where_it_is():
    b = np.zeros(14_400)
    b[5000:5120] = 1.0
    b[5060] = 2.0
    found = exceedances(b, 1.0)
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["start"], row["end"], row["duration"]) == (5000.0, 5120.0, 120.0)
    assert (row["peak_time"], row["peak"]) == (5060.0, 2.0)
    assert row["excess"] == pytest.approx((2 - b.mean()) / b.std())
    assert found.attrs["threshold"] == pytest.approx(b.mean() + 5 * b.std())


@pytest.mark.parametrize(("length", "kept"), [(59, False), (60, True), (300, True), (301, False)])
def test_duration_limits_belong_to_the_range(length, kept):
    b = np.zeros(14_400)
    b[100 : 100 + length] = 1.0
    assert len(exceedances(b, 1.0)) == int(kept)


def test_a_reduced_series_counts_seconds_not_samples():
    b = np.zeros(1440)
    b[200:206] = 1.0
    found = exceedances(b, 0.1)
    assert found["duration"].tolist() == [60.0]
    assert found["start"].tolist() == [2000.0]


def test_scaling_and_shifting_the_series_change_nothing():
    b = np.random.default_rng(1).gamma(2, size=5000)
    b[1000:1100] += 30
    one = exceedances(b, 1.0, sigmas=3)
    other = exceedances(7 * b + 4, 1.0, sigmas=3)
    assert one["start"].tolist() == other["start"].tolist() == [1000.0]
    np.testing.assert_allclose(one["excess"], other["excess"])


@given(hnp.arrays(float, 200, elements=st.floats(0, 1e3)), st.floats(1, 6))
def test_time_above_the_own_mean_keeps_cantellis_limit(b, sigmas):
    found = exceedances(b, 1.0, sigmas=sigmas, min_duration=0, max_duration=np.inf)
    assert found["duration"].sum() <= 200 / (1 + sigmas**2) + 1e-9


def test_spreads_agree_on_a_normal_series_and_mad_withstands_bursts():
    x = np.random.default_rng(2).normal(3, 2, 200_000)
    for spread in ("std", "mad", "iqr"):
        assert spread_of(x, spread) == pytest.approx(2, rel=0.01)
    assert spread_of(x, "mad") == pytest.approx(stats.median_abs_deviation(x, scale="normal"))
    assert spread_of(x, "iqr") == pytest.approx(stats.iqr(x, scale="normal"))
    x[:20_000] += 1000
    assert spread_of(x, "mad") < 3
    assert spread_of(x, "std") > 100


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_nothing_stands_out_of_a_constant(value):
    found = exceedances(np.full(1000, value), 1.0, sigmas=0.0, min_duration=0)
    assert found.empty
    assert list(found) == ["start", "end", "duration", "peak_time", "peak", "excess"]
    assert np.isnan(found.attrs["threshold"])


def test_baselines():
    assert baseline_of([1, 2, 6, np.nan]) == 3
    assert baseline_of([1, 2, 6], "median") == 2
    assert baseline_of([1, 2, 6], "zero") == 0
    assert baseline_of([1, 2, 6], 1.5) == 1.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rate": 0}, "rate"),
        ({"sigmas": -1}, "sigmas"),
        ({"min_duration": 10, "max_duration": 5}, "min_duration"),
        ({"merge_gap": np.nan}, "merge_gap"),
        ({"spread": "sdt"}, "nearest is 'std'"),
        ({"spread": -1.0}, "spread"),
        ({"baseline": "mode"}, "baseline"),
        ({"baseline": np.inf}, "baseline"),
        ({"b": np.zeros((2, 2))}, "shape"),
        ({"b": []}, "shape"),
        ({"b": [np.nan, np.nan]}, "no finite value"),
        ({"b": [0.0, np.inf]}, "sample 1"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        exceedances(**({"b": [0.0, 1.0, 2.0], "rate": 1.0} | arguments))
