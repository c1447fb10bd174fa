"""The audit's intervals, formulas and loader."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from precursor_lib.context.geography import geodesic_distance_km
from precursor_lib.detect import p_of_r2
from precursor_lib.errors import InputError, ManifestError
from precursor_lib.evaluate.audit import Outcome, audit
from precursor_lib.evaluate.audit.ranges import (
    How,
    Range,
    Relation,
    gap,
    last_digit,
    printed_range,
    satisfied,
    value_range,
)
from precursor_lib.evaluate.audit.registry import FORMULAS, formula
from precursor_lib.evaluate.audit.rules import read_printed
from precursor_lib.evaluate.audit.run import FILES, PAPERS, paper_items
from precursor_lib.evaluate.recovery import wilson_interval


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


def numbers(low: float, high: float, size: int = 5) -> st.SearchStrategy[list[float]]:
    return st.lists(number(low, high), min_size=size, max_size=size)


def whole(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


LATITUDE, LONGITUDE = number(20, 50), number(70, 120)
PLACES = {
    "latitude_a": LATITUDE,
    "longitude_a": LONGITUDE,
    "latitude_b": LATITUDE,
    "longitude_b": LONGITUDE,
}
DIPOLE = {
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "pole_latitude": number(79, 81),
    "pole_longitude": number(-73, -71),
}
RMSES = {"rmse_a": number(1, 9), "r2_a": number(0.1, 0.9)}
RMSES |= {"rmse_b": number(1, 9), "r2_b": number(0.1, 0.9)}
LINE = {
    "x": st.just([23.5, 94.7, 199.2, 309.1, 353.0]),
    "y": numbers(20, 60).filter(lambda y: np.ptp(y) > 3),
}
WELCH = {"mean_a": number(0.5, 2), "sd_a": number(0.1, 1)}
WELCH |= {"mean_b": number(0.5, 2), "sd_b": number(0.1, 1), "n": st.just(30)}
# What each formula is given in the test of the key property; whole numbers are exact.
EXACT: dict[str, dict[str, st.SearchStrategy]] = {
    "geodesic": PLACES,
    "radius": {"magnitude": number(4, 8)},
    "dipole_latitude": DIPOLE,
    "dipole_longitude": DIPOLE,
    "triangle_most": PLACES | {"from_a": number(10, 900), "from_b": number(10, 900)},
    "triangle_least": PLACES | {"from_a": number(10, 900), "from_b": number(10, 900)},
    "value": {"x": number(-100, 100)},
    "same": {"x": number(-100, 100)},
    "least": {"x": numbers(-50, 50)},
    "largest": {"x": numbers(-50, 50)},
    "total": {"x": numbers(-50, 50)},
    "mean": {"x": numbers(-50, 50)},
    "deviation": {"x": numbers(30, 50)},
    "deviation_n": {"x": numbers(30, 50)},
    "root_mean_square": {"x": numbers(0.1, 9)},
    "quadrature": {"x": numbers(0.1, 9)},
    "weighted_mean": {"x": numbers(30, 50), "errors": numbers(1, 6)},
    "difference": {"a": number(-90, 90), "b": number(-90, 90)},
    "ratio": {"a": number(0.1, 90), "b": number(0.5, 90)},
    "product": {"a": number(-9, 9), "b": number(-9, 9)},
    "gain": {"new": number(0.5, 9), "old": number(0.5, 9)},
    "cut": {"new": number(0.5, 9), "old": number(0.5, 9)},
    "root": {"mse": number(0.1, 500)},
    "square": {"rho": number(0.1, 0.99)},
    "deviations_ratio": RMSES,
    "normal_iqr": {"deviation": number(0.5, 9)},
    "implied_line": {"r2": number(0.2, 1), "ratio": number(0.5, 2)},
    "adjusted_r2": {"r2": number(0.2, 1), "points": whole(10, 400), "parameters": st.just(4)},
    "line_slope": LINE,
    "line_intercept": LINE,
    "line_r2": LINE,
    "line_p": LINE,
    "p_from_r2": {"r2": number(0.05, 0.9), "n": whole(4, 20)},
    "p_from_error": {"estimate": number(0.5, 3), "error": number(0.5, 1), "freedom": whole(2, 9)},
    "upper_limit": {"estimate": number(-3, 3), "error": number(0.1, 1), "freedom": whole(2, 9)},
    "errors_apart": {
        "a": number(30, 50),
        "error_a": number(1, 6),
        "b": number(30, 50),
        "error_b": number(1, 6),
    },
    "welch_p": WELCH,
    "b_error": {"b": number(0.5, 2), "n": whole(20, 200)},
    "entropy": {"share": number(0.6, 0.95)},
    "share_low": {"share": st.just(0.5), "events": whole(20, 90), "part": st.just(20)},
    "nearest_share": {"share": st.just(0.5), "events": whole(20, 90), "part": st.just(20)},
    "fisher_p": {
        "share_a": st.just(0.5),
        "part_a": st.just(80),
        "share_b": st.just(0.25),
        "part_b": st.just(20),
        "events": whole(20, 90),
    },
    "per_window": {"parameters": whole(1000, 9000), "events": whole(20, 90), "part": st.just(80)},
    "convolution_parameters": {
        "height": whole(1, 5),
        "width": whole(1, 5),
        "inputs": whole(1, 64),
        "filters": whole(1, 64),
    },
    "dense_parameters": {"inputs": whole(1, 999), "units": whole(1, 99)},
    "flat": {"x": st.lists(whole(1, 99), min_size=3, max_size=3)},
    "pooled": {"length": whole(2, 9999), "width": whole(1, 4)},
    "days_between": {"later": whole(1, 999), "earlier": whole(-999, 0)},
    "date_after": {"day": whole(1, 999), "days": whole(-99, 99)},
    "julian_day": {"julian": number(2455000, 2456999)},
    "days_counted": {"first": whole(-99, 0), "last": whole(1, 99)},
    "nyquist": {"interval": number(1, 99)},
    "samples": {"days": whole(1, 99), "minutes": whole(1, 60)},
    "wavelet_edge": {"rate": number(1, 9), "levels": whole(1, 9)},
}


def rounded(value: float, digits: int) -> str:
    step = Decimal(1).scaleb(-digits)
    return format(Decimal(repr(float(value))).quantize(step, ROUND_HALF_EVEN), "f")


def test_each_formula_is_tried() -> None:
    assert set(EXACT) == set(FORMULAS)


@pytest.mark.parametrize("name", sorted(EXACT))
def test_what_was_computed_from_exact_numbers_is_never_inconsistent(name: str) -> None:
    """The key property: round inputs and result to any digits, and the rule must agree."""
    chosen = formula(name)

    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(st.fixed_dictionaries(EXACT[name]), st.data())
    def agrees(exact: dict, data: st.DataObject) -> None:
        inputs = {}
        digits = data.draw(st.integers(2, 4))
        for key, given_ in exact.items():
            texts = [
                f"={v}" if isinstance(v, int) else rounded(v, digits)
                for v in (given_ if isinstance(given_, list) else [given_])
            ]
            if chosen.how is How.MIDDLE:
                texts = [t if t.startswith("=") else f"={t}" for t in texts]
            found = [printed_range(t) for t in texts]
            inputs[key] = found if isinstance(given_, list) else found[0]
        arrays = {
            key: np.array(v, dtype=float)[:, None] if isinstance(v, list) else np.array([float(v)])
            for key, v in exact.items()
        }
        result = float(chosen.function(**arrays)[0])
        text = rounded(result, data.draw(st.integers(0, 5)))
        computed = value_range(chosen.function, inputs, chosen.how)
        assert satisfied(computed, Relation.EQUAL, printed_range(text)), (exact, text, computed)

    agrees()


def test_printed_numbers_as_intervals() -> None:
    assert printed_range("2.68") == Range(2.675, 2.685)
    assert printed_range("-0.255") == Range(-0.2555, -0.2545)
    assert printed_range("10,080") == Range(10079.5, 10080.5)
    assert printed_range("839.50", half=0.5) == Range(839.0, 840.0)
    assert printed_range("=30") == printed_range("30", exact=True) == Range(30.0, 30.0)
    assert printed_range("2016-12-08").low - printed_range("2016-11-10").low == 28
    assert last_digit("2.680") == 0.001
    assert last_digit("400") == last_digit("2016-12-08") == 1.0
    for text in ("", "3.99323.81295", "XJXY", "1 2", "2.5e", "2016-1-1"):
        with pytest.raises(InputError, match="printed"):
            printed_range(text)


def test_ranges_are_those_of_a_dense_grid() -> None:
    """A function that has its least value inside the box: corners alone would miss it."""
    box = {"a": Range(1.0, 2.0), "b": Range(1.4, 1.7)}

    def valley(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a - b) ** 2 + np.sin(3 * a)

    a, b = np.meshgrid(np.linspace(1, 2, 401), np.linspace(1.4, 1.7, 401))
    grid = valley(a, b)
    found = value_range(valley, box, How.SEARCH)
    assert found.low == pytest.approx(grid.min(), abs=1e-4)
    assert found.high == pytest.approx(grid.max(), abs=1e-4)
    corners = value_range(valley, box, How.CORNERS)
    assert corners.low > found.low
    with pytest.raises(InputError, match="no finite number"):
        value_range(lambda x: 1 / x, {"x": Range(0.0, 1.0)}, How.CORNERS)
    with pytest.raises(InputError, match="at most 12"):
        value_range(lambda x: x.sum(axis=0), {"x": [Range(0.0, 1.0)] * 13}, How.CORNERS)


@given(number(-9, 9), number(0, 3), number(-9, 9), number(0, 3))
def test_relations_ask_for_some_values_within_both(a: float, u: float, b: float, v: float) -> None:
    one, two = Range(a, a + u), Range(b, b + v)
    meets = max(a, b) <= min(a + u, b + v)
    slack = 1e-9
    if abs(max(a, b) - min(a + u, b + v)) > slack:
        assert satisfied(one, Relation.EQUAL, two) is meets
    if abs(a - (b + v)) > slack:
        assert satisfied(one, Relation.AT_MOST, two) is (a <= b + v)
        assert satisfied(one, Relation.BELOW, two) is (a < b + v)
    if abs(a + u - b) > slack:
        assert satisfied(one, Relation.AT_LEAST, two) is (a + u >= b)
        assert satisfied(one, Relation.ABOVE, two) is (a + u > b)


def test_strict_relations_and_equal_prints() -> None:
    one = Range(1.0, 1.0)
    assert satisfied(one, Relation.AT_MOST, one)
    assert not satisfied(one, Relation.BELOW, one)
    assert not satisfied(one, Relation.ABOVE, one)
    assert not satisfied(one, Relation.OTHER, one)
    assert satisfied(one, Relation.OTHER, Range(0.5, 1.5))
    assert gap(Range(2.0, 3.0), Relation.EQUAL, one) == pytest.approx(1.0)


def value(name: str, **inputs: object) -> float:
    arrays = {
        k: np.array(v, dtype=float)[:, None] if isinstance(v, list) else np.array([v], dtype=float)
        for k, v in inputs.items()
    }
    return float(formula(name).function(**arrays)[0])


def test_places_against_closed_forms() -> None:
    place = {"latitude_a": 34.59, "longitude_a": 98.34, "latitude_b": 36.23, "longitude_b": 98.1}
    assert value("geodesic", **place) == pytest.approx(float(geodesic_distance_km(*place.values())))
    assert value("radius", magnitude=6.8) == pytest.approx(10 ** (0.43 * 6.8))
    pole = {"pole_latitude": 80.0, "pole_longitude": -72.0}
    # The pole itself, and a place on the meridian through it: on the far side of the globe.
    assert value("dipole_latitude", latitude=80, longitude=-72, **pole) == pytest.approx(90)
    assert value("dipole_latitude", latitude=40, longitude=108, **pole) == pytest.approx(30)
    assert abs(value("dipole_longitude", latitude=40, longitude=108, **pole)) == pytest.approx(180)
    assert value("dipole_longitude", latitude=40, longitude=-72, **pole) == pytest.approx(0)
    sides = {"from_a": 100.0, "from_b": 250.0}
    apart = value("geodesic", **place)
    assert value("triangle_most", **place, **sides) == pytest.approx(apart - 150)
    assert value("triangle_least", **place, **sides) == pytest.approx(350 - apart)


def test_dipole_against_chaosmagpy() -> None:
    utils = pytest.importorskip("chaosmagpy.coordinate_utils")
    colatitude, longitude = utils.transform_points(90 - 44.2, 86.1, reference="mag")
    # IGRF-13, 2020: the pole of the dipole at 80.65 °N, 72.68 °W; the library takes 2015.
    pole = {"pole_latitude": 80.37, "pole_longitude": -72.62}
    place = {"latitude": 44.2, "longitude": 86.1, **pole}
    assert value("dipole_latitude", **place) == pytest.approx(90 - float(colatitude), abs=0.4)
    assert value("dipole_longitude", **place) == pytest.approx(float(longitude), abs=0.6)


def test_means_and_spreads_against_numpy() -> None:
    x, errors = [39.0, 37.0, 34.0, 41.0, 38.0], [2.2, 2.5, 3.1, 2.8, 3.2]
    assert value("mean", x=x) == pytest.approx(37.8)
    assert value("deviation", x=x) == pytest.approx(np.std(x, ddof=1))
    assert value("deviation_n", x=x) == pytest.approx(np.std(x))
    assert value("root_mean_square", x=errors) == pytest.approx(np.linalg.norm(errors) / 5**0.5)
    assert value("quadrature", x=errors) == pytest.approx(np.linalg.norm(errors))
    weights = 1 / np.square(errors)
    assert value("weighted_mean", x=x, errors=errors) == pytest.approx(
        np.average(x, weights=weights)
    )
    assert value("gain", new=0.9105, old=0.7586) == pytest.approx(100 * (0.9105 / 0.7586 - 1))
    assert value("cut", new=2.6759, old=4.3948) == pytest.approx(39.112, abs=5e-4)
    assert value("normal_iqr", deviation=2) == pytest.approx(2 * 2 * 0.67448975)


def test_regression_against_statsmodels() -> None:
    x, y = [23.5, 94.7, 199.2, 309.1, 353.0], [39.0, 37.0, 34.0, 41.0, 38.0]
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    assert value("line_intercept", x=x, y=y) == pytest.approx(fit.params[0])
    assert value("line_slope", x=x, y=y) == pytest.approx(fit.params[1])
    assert value("line_r2", x=x, y=y) == pytest.approx(fit.rsquared)
    assert value("line_p", x=x, y=y) == pytest.approx(fit.pvalues[1])
    assert value("p_from_r2", r2=fit.rsquared, n=5) == pytest.approx(fit.f_pvalue)
    assert value("p_from_r2", r2=0.719, n=5) == pytest.approx(p_of_r2(0.719, 5))
    error = fit.bse[1]
    assert value("p_from_error", estimate=fit.params[1], error=error, freedom=3) == pytest.approx(
        fit.pvalues[1]
    )
    assert value("upper_limit", estimate=fit.params[1], error=error, freedom=3) == pytest.approx(
        fit.conf_int()[1, 1]
    )
    assert value("adjusted_r2", r2=fit.rsquared, points=5, parameters=2) == pytest.approx(
        fit.rsquared_adj
    )


def test_shares_and_tests_against_scipy() -> None:
    test = stats.ttest_ind_from_stats(0.67, 0.05, 30, 0.52, 0.08, 30, equal_var=False)
    given_ = {"mean_a": 0.67, "sd_a": 0.05, "mean_b": 0.52, "sd_b": 0.08, "n": 30}
    assert value("welch_p", **given_) == pytest.approx(test.pvalue)
    events = [40.0, 119.0, 132.0]
    assert value("nearest_share", share=0.6641, events=events, part=20) == pytest.approx(77 / 116)
    assert value("share_low", share=0.6641, events=events, part=20) == pytest.approx(
        wilson_interval(77, 116)[0]
    )
    p = stats.fisher_exact([[274, 466 - 274], [77, 116 - 77]]).pvalue
    shares = {"share_a": 0.5874, "part_a": 80, "share_b": 0.6641, "part_b": 20}
    assert value("fisher_p", **shares, events=events) == pytest.approx(p)
    assert value("entropy", share=0.5) == pytest.approx(math.log(2))
    assert value("entropy", share=0.7) == pytest.approx(stats.entropy([0.7, 0.3]))


def test_sizes_of_layers_against_torch() -> None:
    torch = pytest.importorskip("torch")
    layer = torch.nn.Conv2d(32, 64, (1, 3))
    count = sum(p.numel() for p in layer.parameters())
    assert value("convolution_parameters", height=1, width=3, inputs=32, filters=64) == count
    dense = sum(p.numel() for p in torch.nn.Linear(64, 2).parameters())
    assert value("dense_parameters", inputs=64, units=2) == dense
    assert value("pooled", length=5041, width=2) == 2520
    assert value("julian_day", julian=2451545.0) == printed_range("2000-01-01").low + 0.5
    assert value("nyquist", interval=60) == pytest.approx(1 / 120)
    assert value("wavelet_edge", rate=1, levels=6) == pytest.approx(1 / 128)


PAPER = {
    "title": "A small paper",
    "cite": "small2020",
    "numbers": {"mean": {"printed": "2.0", "unit": "km", "source": "Section 1"}},
    "tables": {
        "tab1": {
            "source": "Table 1",
            "columns": {"x": {"unit": "km"}, "y": {}},
            "rows": {"One": ["1.2", "3"], "Two": ["2.9", None]},
        }
    },
    "groups": {"both": ["One", "Two"]},
    "rules": [
        {"id": "mean", "about": "Mean of x", "formula": "mean", "inputs": {"x": "tab1/@both/x"},
         "printed": "mean"},
        {"id": "twice", "about": "x of {row}, printed twice", "each": {"row": "tab1"},
         "formula": "same", "inputs": {"x": "tab1/{row}/x"}, "printed": "mean"},
        {"id": "read", "about": "Two readings of x", "formula": "value", "printed": "mean",
         "readings": {"least": {"formula": "least", "inputs": {"x": "tab1/@both/x"}},
                      "mean": {"formula": "mean", "inputs": {"x": "tab1/@both/x"}}}},
        {"id": "gone", "about": "What is not printed", "missing": "It is not.", "source": "Text"},
    ],
}  # fmt: skip


def written(folder: Path, **changes: object) -> Path:
    file = folder / "small.yml"
    file.write_text(yaml.safe_dump(PAPER | changes, allow_unicode=True))
    return file


def test_items_of_a_small_paper(tmp_path: Path) -> None:
    items = paper_items("small", read_printed(written(tmp_path)))
    assert [i.id for i in items] == [
        "small-mean", "small-twice-one", "small-twice-two", "small-read", "small-gone",
    ]  # fmt: skip
    assert [i.outcome for i in items] == [
        Outcome.HOLDS,
        Outcome.INCONSISTENT,
        Outcome.INCONSISTENT,
        Outcome.AMBIGUOUS,
        Outcome.NOT_CHECKABLE,
    ]
    mean = items[0]
    # 1.15 to 1.25 and 2.85 to 2.95 have a mean of 2.0 to 2.1, and 2.0 may be 1.95 to 2.05.
    computed = mean.findings[0].computed
    assert isinstance(computed, Range)
    assert (computed.low, computed.high) == pytest.approx((2.0, 2.1))
    assert mean.sentence == (
        "Mean of x: the mean (1.2, 2.9) gives 2.00 to 2.10; the paper prints 2.0 km. It holds."
    )
    assert items[1].missed == pytest.approx(7.0)
    assert items[4].sentence == "What is not printed: It is not."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"numbers": {"mean": {"printed": 2.0, "source": "Section 1"}}}, "numbers, mean, printed"),
        ({"tables": {"tab1": {"source": "Table 1", "columns": {"x": {}, "y": {}},
                              "rows": {"One": ["1.2"]}}}}, "row One: expected 2 cells, got 1"),
        ({"tables": {"tab1": {"source": "Table 1", "columns": {"x": {}, "y": {}},
                              "rows": {"One": ["1.2", "3.4.5"]}}}}, "row One, column y"),
        ({"tables": {"tab1": {"source": "Table 1", "columns": {"x": {}, "y": {}},
                              "rows": {"One": ["1.2", 3]}}}}, "rows, One, column y"),
        ({"rules": [{"id": "a", "about": "Unknown", "formula": "median", "inputs": {"x": "mean"},
                     "printed": "mean"}]}, "rule a: .*no formula 'median'"),
        ({"rules": [{"id": "a", "about": "Nothing", "inputs": {"x": "mean"}}]}, "needs 'printed'"),
        ({"rules": [PAPER["rules"][0]] * 2}, "rule mean stands twice"),
    ],
)  # fmt: skip
def test_errors_name_file_row_and_field(tmp_path: Path, changes: dict, message: str) -> None:
    with pytest.raises(ManifestError, match=f"(?s)small.yml.*{message}"):
        read_printed(written(tmp_path, **changes))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"inputs": {"x": "nowhere"}, "printed": "mean"}, "no number 'nowhere'"),
        ({"inputs": {"x": "tab1/Three/x"}, "printed": "mean"}, "no cell 'Three/x'"),
        ({"inputs": {"x": "tab1/Two/y"}, "printed": "mean"}, "nothing is printed at 'Two/y'"),
        ({"inputs": {"x": "tab1/@all/x"}, "printed": "mean"}, "no group or table 'all'"),
        ({"inputs": {"x": "mean"}, "printed": "tab1/@both/x"}, "names 2 numbers"),
        ({"inputs": {"x": "mean"}, "printed": "=2"}, "needs 'source'"),
    ],
)
def test_places_that_do_not_exist(tmp_path: Path, rule: dict, message: str) -> None:
    wrong = {"id": "wrong", "about": "A wrong place", **rule}
    with pytest.raises(ManifestError, match=f"small.yml: rule wrong: .*{message}"):
        paper_items("small", read_printed(written(tmp_path, rules=[wrong])))


def test_the_papers_files() -> None:
    assert {path.name for path in PAPERS.glob("*.yml")} == set(FILES)
    items = audit()
    assert len({item.id for item in items}) == len(items) > 600
    assert {item.paper for item in items} == {"cnn", "lushan", "stmn", "swntf", "tec"}
    for item in items:
        assert item.about[:1] == item.about[:1].strip() and item.sentence.endswith("."), item.id
        assert item.findings or item.outcome is Outcome.NOT_CHECKABLE
