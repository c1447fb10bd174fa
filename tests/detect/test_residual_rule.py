import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from precursor_lib.detect import PointRule, residual_points, usable
from precursor_lib.errors import InputError

RULES = st.builds(PointRule, st.sampled_from(["mean_multiple", "confidence"]), st.floats(0.5, 4.0))
SERIES = arrays(float, st.tuples(st.integers(1, 3), st.integers(5, 60)), elements=st.floats(-9, 9))


def test_factors_are_the_papers_by_default():
    assert PointRule().factor == 2.5
    assert PointRule("confidence").factor == 1.5
    assert PointRule("confidence", 2.0).factor == 2.0


@pytest.mark.parametrize("kind", ["mean_multiple", "confidence"])
def test_points_are_what_the_printed_formulas_say(kind):
    rng = np.random.default_rng(1)
    y, f = rng.normal(size=(2, 200)), rng.normal(size=(2, 200))
    rule = PointRule(kind, 1.3)
    found = residual_points(y, f, rule)
    for series in range(2):
        e = [y[series, t] - f[series, t] for t in range(200)]
        if kind == "mean_multiple":
            limit = 1.3 * sum(abs(v) for v in e) / 200
        else:
            mean = sum(e) / 200
            limit = 1.3 * (sum((v - mean) ** 2 for v in e) / 200) ** 0.5
        assert found[series].tolist() == [abs(v) > limit for v in e]


def test_a_missing_sample_is_no_point_and_takes_no_part_in_the_scale():
    y = np.array([1.0, np.nan, 1.0, 1.0, 30.0, 1.0])
    f = np.array([0.0, 0.0, np.nan, 0.0, 0.0, 0.0])
    found = residual_points(y, f, PointRule("mean_multiple", 2.5))
    assert found.tolist() == [False, False, False, False, True, False]
    assert usable(y, f).tolist() == [True, False, False, True, True, True]
    whole = residual_points(y[[0, 3, 4, 5]], f[[0, 3, 4, 5]], PointRule("mean_multiple", 2.5))
    assert found[[0, 3, 4, 5]].tolist() == whole.tolist()


def test_a_reference_keeps_what_is_tested_out_of_the_scale():
    rng = np.random.default_rng(2)
    e = rng.normal(size=2000)
    e[1000:] *= 5
    rule = PointRule("mean_multiple", 3.0)
    own, before = (
        residual_points(e, np.zeros(2000), rule, reference=part)[1000:].mean()
        for part in (None, slice(0, 1000))
    )
    assert before > 3 * own
    mask = np.arange(2000) < 1000
    known = rule.scale(e[:1000])
    for other in (
        residual_points(e, np.zeros(2000), rule, reference=mask),
        residual_points(e, np.zeros(2000), rule, scale=known),
    ):
        np.testing.assert_array_equal(
            other, residual_points(e, np.zeros(2000), rule, reference=slice(0, 1000))
        )


@settings(max_examples=60, deadline=None)
@given(SERIES, RULES, st.floats(0.01, 100))
def test_unit_and_sign_do_not_matter(e, rule, unit):
    zero = np.zeros_like(e)
    unit = 2.0 ** round(np.log2(unit))  # exact, so that no value falls on the other side
    found = residual_points(e, zero, rule)
    np.testing.assert_array_equal(residual_points(-unit * e, zero, rule), found)
    np.testing.assert_array_equal(residual_points(zero, e, rule), found)


@settings(max_examples=60, deadline=None)
@given(SERIES, st.floats(1.0, 4.0))
def test_no_record_has_more_points_than_markov_allows(e, k):
    share = residual_points(e, np.zeros_like(e), PointRule("mean_multiple", k)).mean(axis=-1)
    assert np.all(share <= 1 / k)


@settings(max_examples=40, deadline=None)
@given(SERIES, RULES)
def test_a_larger_factor_gives_a_subset(e, rule):
    zero = np.zeros_like(e)
    wider = residual_points(e, zero, PointRule(rule.kind, rule.factor + 0.5))
    assert not np.any(wider & ~residual_points(e, zero, rule))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PointRule("mad"), "kind of rule"),
        (lambda: PointRule("confidence", 0.0), "factor"),
        (lambda: residual_points([1.0, 2.0], [1.0], PointRule()), "one shape"),
        (lambda: residual_points([np.inf, 2.0], [1.0, 1.0], PointRule()), "observed"),
        (lambda: residual_points([np.nan], [1.0], PointRule()), "holds no value"),
        (
            lambda: residual_points([1.0, 2], [1.0, 1], PointRule(), reference=[True]),
            "reference: expected a slice or 2",
        ),
        (
            lambda: residual_points(
                [1.0, 2], [1.0, 1], PointRule(), reference=slice(0, 1), scale=1.0
            ),
            "one of the two",
        ),
        (lambda: residual_points([1.0, 2], [1.0, 1], PointRule(), scale=-1.0), "scale"),
        (lambda: residual_points([1.0, 2], [1.0, 1], PointRule(), scale=[1.0, 1.0]), "scale"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
